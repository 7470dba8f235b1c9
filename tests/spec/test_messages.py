"""What the reader of a spec says about mistakes, word for word: where, which rule, which values, what to do."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.spec import parse

MESSAGES = {
    "": 'spec, line 1, column 1: the spec is empty; got the end; write for example "Conv2d(3, 16, 5) -> ReLU()"',
    "Conv2D(3, 16, 5)": (
        "spec, line 1, column 1: there is no layer of that name; got 'Conv2D'; did you mean Conv2d or Conv3d or Conv1d?"
    ),
    "Conv2d(3, 16, 5) -> ReLU": "spec, line 1, column 25: ReLU needs parentheses, as in ReLU(); got the end",
    "Conv2d(3, 16, 5 -> ReLU()": 'spec, line 1, column 17: ")" is expected here; got \'->\'',
    "Conv2d(3, 16, 5) ReLU()": (
        'spec, line 1, column 18: after the first chain, "->" or the end is expected; got \'ReLU\'; '
        "to write several statements, begin with x = input"
    ),
    "Conv2d(3, 16, 5)\nReLU()": (
        'spec, line 2, column 1: after the first chain, "->" or the end is expected; got \'ReLU\'; '
        "to write several statements, begin with x = input"
    ),
    "Conv2d(3, 16, k)": (
        "spec, line 1, column 15: a name is no argument; got 'k'; for a symbol write \"k\" in quotes, for text too"
    ),
    "Conv2d(3, 16, kernel_size=5, 2)": (
        "spec, line 1, column 30: an argument without a name can't follow one with a name; got '2'"
    ),
    "Conv2d(3, 16, 5, stride=1, stride=2)": "spec, line 1, column 28: an argument is given twice; got 'stride'",
    "Conv2d(3, 16, 5, padding='same)": (
        "spec, line 1, column 26: this character has no meaning in a spec; got \"'\"; a text in quotes ends on its own line"
    ),
    "Conv2d(3, 16, 5) -> \n -> ReLU()": "spec, line 2, column 2: the name of a layer is expected here; got '->'",
    "a = ReLU() -> a = ReLU()": "spec, line 1, column 15: each link needs a name of its own; got 'a'",
    "ReLU = Conv2d(3, 16, 5)": (
        "spec, line 1, column 1: this name can't be given to a row; got 'ReLU'; choose a plain name of your own"
    ),
    "x = input\ny = Conv2d(3, 8, 3)(z)": "spec, line 2, column 21: there is no value of that name; got 'z'",
    "x = input\nfeatures = ReLU()(x)\nfeatrues + x": (
        "spec, line 3, column 1: there is no value of that name; got 'featrues'; did you mean features?"
    ),
    "x = input\nx = ReLU()(x)\nx": "spec, line 2, column 1: this name is already taken; got 'x'",
    "x = input\ny = ReLU()": "spec, line 2, column 11: the last line must be the output; got the end",
    "x = input\nReLU()": (
        "spec, line 2, column 1: a layer that is not applied needs a name; got 'ReLU'; write name = Layer(…)"
    ),
    "x = input\nReLU() + x": "spec, line 2, column 1: a layer must be applied to a value here; got 'ReLU'; write Layer(…)(x)",
    "x = input\nx[x]": "spec, line 2, column 3: an index picks one output of a layer that has several; got 'x'",
    "x = input, y": "spec, line 1, column 10: the end of the line is expected here; got ','",
    "a, a = inputs\na": "spec, line 1, column 1: each input needs a name of its own; got 'a'",
    "ReLU() -> $": "spec, line 1, column 11: this character has no meaning in a spec; got '$'",
    "Conv2d(3, 16, 1234567890123456789)": (
        "spec, line 1, column 15: a number may have 18 digits; got 1234567890123456789…"
    ),
    "Dropout(1e400)": 'spec, line 1, column 9: a number must be finite; got 1e400; write float("inf")',
    "ReLU()\n-> Conv2d(6, 8, 3, groups=4)": (
        "spec, line 2, column 4 (Conv2d): in_channels must be divisible by groups; got in_channels=6, groups=4; "
        "choose groups among 1, 2, 3, 6"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MESSAGES.items(), ids=[repr(text) for text in MESSAGES])
def test_a_mistake_is_explained(text, message):
    with pytest.raises(cc.CnncalcError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_a_layers_own_error_names_the_place_and_the_arguments_it_takes():
    with pytest.raises(cc.ArgumentError) as caught:
        parse("ReLU() -> Conv2d(3, 16, 5, strid=2)")
    assert str(caught.value).startswith(
        "spec, line 1, column 11 (Conv2d): got an unexpected keyword argument 'strid'; it takes ("
    )


@pytest.mark.parametrize("given", [None, 3, b"ReLU()", ["ReLU()"]])
def test_a_spec_is_text(given):
    with pytest.raises(cc.SpecError, match="a written spec is text"):
        parse(given)


def test_a_spec_has_a_limit():
    with pytest.raises(cc.SpecError) as caught:
        parse("ReLU() -> " * 100_000)
    assert str(caught.value) == "a written spec may have 200,000 characters; got 1,000,000; use a JSON document"
