"""Which arguments take a length to another: torch is asked about every combination of the ranges."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
import torch_side
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.solve import layers, same_padding, undo

RANGES = {"kernel_size": range(1, 5), "stride": range(1, 4), "padding": range(3), "dilation": (1, 2)}
KINDS = {"conv": "Conv1d", "pool": "MaxPool1d", "transposed": "ConvTranspose1d"}


@cache
def torch_length(kind, n, k, s, p, d, o=0, *, ceil_mode=False):
    """The length that torch gives, on the CPU; None where it refuses."""
    import torch

    given = {"kernel_size": k, "stride": s, "padding": p, "dilation": d}
    with torch_side.quiet(), torch.no_grad():
        try:
            if kind == "pool":
                layer = torch.nn.MaxPool1d(**given, ceil_mode=ceil_mode)
            elif kind == "conv":
                layer = torch.nn.Conv1d(1, 1, **given)
            else:
                layer = torch.nn.ConvTranspose1d(1, 1, **given, output_padding=o)
            return layer(torch.zeros(1, 1, n)).shape[-1]
        except RuntimeError:
            return None


def found(answers):
    return {(a.kernel_size, a.stride, a.padding, a.dilation, a.output_padding) for a in answers}


def every_choice(kind):
    more = range(3) if kind == "transposed" else (0,)
    return product(RANGES["kernel_size"], RANGES["stride"], RANGES["padding"], RANGES["dilation"], more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_layers_are_all_that_torch_has(kind, n):
    by_torch = {}
    for choice in every_choice(kind):
        by_torch.setdefault(torch_length(kind, n, *choice), set()).add(choice)
    for m in range(1, 16):
        assert found(layers(n, m, kind=kind, **RANGES)) == by_torch.get(m, set()), m


@pytest.mark.parametrize("n", [3, 7, 10])
def test_ceil_mode(n):
    for m in range(1, 12):
        by_torch = {choice for choice in every_choice("pool") if torch_length("pool", n, *choice, ceil_mode=True) == m}
        assert found(layers(n, m, kind="pool", ceil_mode=True, **RANGES)) == by_torch


def test_several_pairs_at_once():
    both = found(layers({8: 4, 9: 5}, **RANGES))
    assert both == found(layers(8, 4, **RANGES)) & found(layers(9, 5, **RANGES))


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ((224, 224, "conv"), "kernel_size=3, padding=1"),
        ((224, 112, "conv"), "kernel_size=3, stride=2, padding=1"),
        ((224, 112, "pool"), "kernel_size=2"),
        ((28, 56, "transposed"), "kernel_size=2, stride=2"),
        ((14, 7, "pool"), "kernel_size=2"),
        ((32, 28, "conv"), "kernel_size=5"),
    ],
)
def test_what_people_choose_comes_first(question, first):
    n, m, kind = question
    assert str(layers(n, m, kind=kind)[0]) == first


def test_none_is_said_with_what_was_searched():
    answers = layers(4, 90)
    assert not answers
    assert str(answers) == ("conv from 4 to 90: none\n  searched: kernel_size 1 … 11, stride 1 … 4, padding 0 … 5, dilation 1")
    assert answers.to_dict()["answers"] == []


@settings(max_examples=max(settings().max_examples // 4, 8))
@given(
    st.sampled_from(["Conv1d", "MaxPool1d"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 2),
    st.data(),
)
def test_undo_is_all_that_torch_has(name, k, s, p, d, data):
    if name == "MaxPool1d" and 2 * p > k:
        return
    given_ = {"kernel_size": k, "stride": s, "padding": p, "dilation": d}
    layer = cc.MaxPool1d(**given_) if name == "MaxPool1d" else cc.Conv1d(1, 1, **given_)
    kind = "pool" if name == "MaxPool1d" else "conv"
    lengths = {n: m for n in range(1, 14) if (m := torch_length(kind, n, k, s, p, d))}
    one = data.draw(st.sampled_from(sorted(lengths)))
    by_torch = {
        n: {choice for choice in every_choice("transposed") if torch_length("transposed", m, *choice) == n}
        for n, m in lengths.items()
    }
    assert found(undo(layer, one, **RANGES)) & set(every_choice("transposed")) == by_torch[one]
    # Every length up to 13 covers all remainders to strides below 4, several times.
    assert found(undo(layer, **RANGES)) & set(every_choice("transposed")) == set.intersection(*by_torch.values())


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2))
def test_a_transposed_layer_is_undone_by_a_convolution(k, s, p, o):
    if o >= s:
        return
    layer = cc.ConvTranspose1d(1, 1, k, s, p, o)
    lengths = {n: m for n in range(1, 12) if (m := torch_length("transposed", n, k, s, p, 1, o))}
    by_torch = set.intersection(
        *({c for c in every_choice("conv") if torch_length("conv", m, *c) == n} for n, m in lengths.items())
    )
    assert found(undo(layer, **RANGES)) == by_torch


def test_the_layer_itself_comes_first():
    assert str(undo(cc.Conv2d(3, 8, 3, stride=2, padding=1), 128)[0]) == "kernel_size=3, stride=2, padding=1, output_padding=1"
    assert str(undo(cc.Conv2d(3, 8, 3, stride=2, padding=1), 127)[0]) == "kernel_size=3, stride=2, padding=1"
    assert "give a length" in str(undo(cc.Conv2d(3, 8, 3, stride=2, padding=1)))


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("d", range(1, 4))
def test_same_padding_is_the_only_one(k, d):
    """Torch's lengths for strides 1 to 3 and many n: one padding keeps ⌈n/s⌉, or none does."""
    fitting = [
        p for p in range(12) if all(torch_length("conv", n, k, s, p, d) == -(-n // s) for s in (1, 2, 3) for n in range(1, 8))
    ]
    found = same_padding(k, d)
    assert fitting == ([] if found.padding is None else [found.padding])
    assert found.before + found.after == d * (k - 1)
    same = cc.Conv1d(1, 1, k, padding="same", dilation=d).windows()[0]
    assert (same.before, same.after) == (found.before, found.after)
    assert ("none" in str(found)) == (not fitting)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: layers(0, 4), "length is a whole number from 1 on"),
        (lambda: layers(4), "output is a whole number from 1 on"),
        (lambda: layers(4, 4, kind="linear"), "kind must be conv, pool or transposed"),
        (lambda: layers(4, 4, kernel_size=0), "kernel_size is a whole number from 1 on"),
        (lambda: layers(4, 4, stride="2"), "stride is a whole number from 1 on"),
        (lambda: layers(4, 4, padding=()), "padding has no number to try"),
        (lambda: layers(4, 4, kernel_size=range(1, 10000), padding=range(10000)), "too many combinations"),
        (lambda: undo(cc.ReLU()), "what is undone is a convolution"),
        (lambda: undo(cc.Conv2d(3, 3, "k")), "an argument of the layer is a symbol; got k; give a number"),
        (lambda: undo(cc.ConvTranspose2d(3, 3, 3, stride="n"), 7), "an argument of the layer is a symbol; got n"),
        (lambda: undo(cc.Conv2d(3, 3, 3), axis=2), "what is undone is a convolution"),
        (lambda: undo(cc.Conv2d(3, 3, 3), 2), "the layer does not take this length"),
        (lambda: same_padding(0), "kernel_size is a whole number from 1 on"),
    ],
)
def test_what_is_asked_wrongly(asked, message):
    with pytest.raises(cc.ArgumentError, match=message):
        asked()
