"""Text that nobody should write: whatever comes in, only an error of ours comes out, soon, and nothing is evaluated."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES

SECONDS = 3  # of the processor; a few tenths on a quiet machine, where a reader in quadratic time takes ten and more
SHAPES = ([(1, 3, 16, 16)], [("N", 3, "H", "W")], [(1, 3, 16, 16), (1, 3, 16, 16)])
SPECS = (
    "Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)",
    "c = Conv2d(3, 16, (5, 3), padding='same') -> Sequential(a=ReLU(), b=Sequential(BatchNorm2d(16), Dropout(0.5)))",
    "x = input\na = Conv2d(3, 8, 3, padding=1)(x)\nb = Conv2d(3, 8, 1)(x) -> ReLU()\ncat([a, b], dim=1)",
    "a, b = inputs\ns = Conv2d(3, 3, 1)\ny = s(a) + s(b)\ny",
    "x = input\np = MaxPool2d(2, return_indices=True)(x)\np[0] + p[1] -> ReLU()",
    "Flatten() -> LazyLinear(10, bias=False)",
    "AdaptiveAvgPool2d((None, 3)) -> PReLU(3)",
)
TOKENS = (
    *sorted(LAYER_NAMES), *sorted(FUNCTION_NAMES), "Sequential", "symbol", "nn.ReLU", "torch.nn.Conv2d", "x", "a", "input",
    "inputs", "=", "->", "→", "(", ")", "[", "]", ",", "+", "-", "\n", ";", "# c", "0", "1", "3", "16", "5.", "1e5", "1e400",
    "-1", "999999999999999999", "50000000", "'same'", '"k"', "''", "True", "None", "stride", "dim", "dim=1", "x = input\n",
    "ReLU()", "Conv2d(3, 8, 3)", "(x)", "[0]", "[5]", "[a, b]", "(1, 2)", "()", " ", "\\\n", "symbol('q')", "bias='x'",
)  # fmt: skip


def survives(text):
    """Read a text and, where it is a network, work out its numbers; any error must be ours."""
    started = time.process_time()
    try:
        net = parse(text, ARCHITECTURES)
    except cc.CnncalcError:
        net = None
    assert time.process_time() - started < SECONDS
    for shapes in SHAPES if net is not None else ():
        try:
            str(cc.analyze(net, *shapes))
            str(cc.explain(net, *shapes))
        except cc.CnncalcError:
            continue


@given(st.text())
def test_any_text(text):
    survives(text)


@given(st.text(alphabet=st.characters(codec=None, categories=["Nd", "Nl", "No", "Lo", "Cs", "Cc", "Zs", "Sm", "Pc"])))
def test_text_of_odd_characters(text):
    survives(f"Conv2d({text})")
    survives(f"x = input\n{text}")


@given(st.lists(st.sampled_from(TOKENS), max_size=25), st.sampled_from(("", "x = input\n", "a, x = inputs\n")), st.booleans())
def test_any_tokens(tokens, start, spaced):
    survives(start + (" " if spaced else "").join(tokens))


@given(st.sampled_from(SPECS), st.data())
def test_a_spec_with_a_few_tokens_changed(spec, data):
    words = spec.replace("(", " ( ").replace(")", " ) ").replace(",", " , ").replace("\n", " \n ").split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(words) - 1))
        words[place : place + data.draw(st.integers(0, 1))] = [data.draw(st.sampled_from(TOKENS))]
    survives(" ".join(words))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__[0]",
        "Conv2d(3, 8, 3).__init__()",
        "Conv2d.__init__(3)",
        "ReLU().forward",
        "Conv2d(__import__('os').getpid(), 8, 3)",
        "Conv2d(3, 8, (lambda: 3)())",
        "Conv2d(3, 8, [k for k in (3,)][0])",
        "Conv2d(3, 8, 2 + 1)",
        "Conv2d(3, 8, 2 ** 64)",
        "Conv2d(3, 8, f'{3}')",
        "Conv2d(3, 8, b'3')",
        "Conv2d(3, 8, '3' '3')",
        "Conv2d(3, 8, *[3])",
        "Conv2d(**{'in_channels': 3})",
        "Conv2d(3, 8, {3})",
        "Conv2d(3, 8, k := 3)",
        "Conv2d(3, 8, 3 if True else 1)",
        "eval('ReLU()')",
        "exec('1')",
        "open('x')",
        "import os",
        "x = input\nx.shape",
        "x = input\nx.__class__",
        "x = input\nprint(x)",
        "x = input()\nx",
        "x = input\nx if x else x",
        "x = input\nx * x",
        "x = input\nx[0:1]",
        "x = input\nx[-1]",
        "torch.load('x')",
        "torch.nn.functional.relu()",
        "cnncalc.parse('ReLU()')",
        "symbol('__import__(1)')",
        "Dropout(float('0.5'))",
        "Dropout(float(3))",
        "Dropout(float)",
        "float('inf')",
        "Sequential(__class__=ReLU())",
        "Sequential(forward=ReLU())",
        "Conv2d(٣, 8, 3)",
        "Conv2d(３, 8, 3)",
        "Conv2d(3, 8, ²)",
        "Ｃonv2d(3, 8, 3)",
        "Conv2d(3, 8, 0x10)",
        "Conv2d(3, 8, 1j)",
        "ReLU\u0000()",
        "ReLU()\udcff",
    ],
)
def test_nothing_is_evaluated(text):
    with pytest.raises(cc.CnncalcError):
        parse(text, ARCHITECTURES)


LONG = 190_000


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10**6,
        "(" * 10**6,
        "Conv2d(" * 20_000,
        "Sequential(" * 18_000 + "ReLU()" + ")" * 18_000,
        "x = input\n" + "(" * 60_000 + "x" + ")" * 60_000,
        "Conv2d(3, 8, " + "9" * LONG + ")",
        "Conv2d(3, 8, 1" + "0" * LONG + ".5)",
        "Conv2d(3, 8, 1e" + "9" * LONG + ")",
        "Conv2d('" + "a" * LONG,
        "Conv2d('" + "a" * LONG + "')",
        "a" * LONG + "()",
        "a." * (LONG // 2) + "a()",
        "Conv2d(" + "-" * LONG + "3)",
        "Conv2d(" + "3," * (LONG // 2) + ")",
        "Conv2d(" + ",".join(f"k{i}=1" for i in range(18_000)) + ")",
        "\n" * LONG,
        "#" * LONG,
        "->" * (LONG // 2),
        "a," * (LONG // 2) + "a = inputs",
        "x = input\nx" + "[0]" * (LONG // 3),
        "x = input\n" + "".join(f"y{i} = ReLU()(x)\n" for i in range(9_000)) + "yy",
    ],
    ids=lambda text: text[:16].replace("\n", " "),
)
def test_long_and_deep_text_is_refused_quickly(text):
    started = time.process_time()
    with pytest.raises(cc.CnncalcError):
        parse(text)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "->".join(["ReLU()"] * 20_000),
        "x = input\ncat([" + "x, " * 50_000 + "x], dim=1)",
        "x = input\n" + "ReLU()(x)\n" * 15_000,
        "x = input\n" + "x + " * 40_000 + "x",
        ",".join(f"a{i}" for i in range(25_000)) + " = inputs\na1",
        "x = input\n" + "".join(f"y{i} = ReLU()(x)\n" for i in range(9_000)) + "y1",
    ],
    ids=["chain", "list", "lines", "sum", "inputs", "names"],
)
def test_long_specs_are_read_in_linear_time(text):
    started = time.process_time()
    parse(text)
    assert time.process_time() - started < 2 * SECONDS
