"""Layers of transformers against torch: masks of every shape beside every layout, products, arithmetic and each cell."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch_side
from drawing.calls import Case

torch = pytest.importorskip("torch")

from test_every_layer import check_answer  # noqa: E402 - they need torch
from test_neighbours import accepted_by_accident  # noqa: E402
from torch_tables import check_cells  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402

ENCODER, DECODER = "TransformerEncoderLayer", "TransformerDecoderLayer"
NAMES = (ENCODER, DECODER)
#: Samples, places, places of the memory, features, heads.
N, L, S, E, H = 3, 2, 4, 2, 2


def laid(places, layout):
    """A sequence with its samples first, with them second, or without."""
    return {"first": (N, places, E), "second": (places, N, E), "none": (places, E)}[layout]


def options(layout):
    """Arguments of the layer for a layout."""
    return {"batch_first": True} if layout == "first" else {}


def masks(keys):
    """Masks that fit and masks that do not."""
    return (
        None,
        (L, keys),
        (N * H, L, keys),
        (H, L, keys),
        (keys, L + 3),
        (1, L, keys),
        (L,),
        (N * H, L, keys + 1),
        (1, N * H, L, keys),
    )


def paddings(keys):
    """The same of keys."""
    return (None, (N, keys), (keys,), (N + 1, keys), (N, keys + 1), (N, 1, keys))


def check(name, layout, *given, **kwargs):
    """Torch's answer, where it is no accident."""
    case = Case(name, (E, H, 5), options(layout) | kwargs, given)
    if not accepted_by_accident(case):
        check_answer(case, torch_side.run(case))


@pytest.mark.parametrize("layout", ["first", "second", "none"])
def test_every_mask_of_an_encoder(layout):
    for mask, padding, causal in product(masks(L), paddings(L), (None, False, True)):
        if causal and layout == "first" and mask not in {(L, L), (N * H, L, L)}:
            continue  # torch's fast path does not look at the flag, but at masks that go unread without it
        if padding == (N, 1, L) and layout == "first":
            continue  # the same path stretches it
        given = (laid(L, layout), mask, padding) if causal is None else (laid(L, layout), mask, padding, causal)
        check(ENCODER, layout, *given, norm_first=True)
        check(ENCODER, layout, *given)


@pytest.mark.parametrize("layout", ["first", "second", "none"])
def test_every_mask_of_a_decoder(layout):
    target, memory = laid(L, layout), laid(S, layout)
    for mask, padding in product(masks(L), paddings(L)):
        check(DECODER, layout, target, memory, mask, None, padding)
    for mask, padding in product(masks(S), paddings(S)):
        check(DECODER, layout, target, memory, None, mask, None, padding)
    for flags in product((False, True), repeat=2):
        for own, other in product((None, (L, L), (N * H, L, L)), (None, (L, S), (N * H, L, S))):
            if layout == "first" and ((flags[0] and own is None) or (flags[1] and other is None)):
                continue  # the same
            check(DECODER, layout, target, memory, own, other, None, None, *flags)
    for shape in ((N, S, E + 1), (N + 1, S, E), (S, E), (S, N, E), (1, N, S, E)):
        check(DECODER, layout, target, shape)


SIZES = (0, 1, 2, 3, 4, -1, None, 1.5, "3")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_refused_at_construction(name):
    given = ((2, 1, 4), (3, 1, 4))[: 1 + (name == DECODER)]
    for arguments in [*product(SIZES, (1, 2)), *((4, heads) for heads in SIZES), *((4, 2, width) for width in SIZES)]:
        case = Case(name, arguments, {}, given, wrong_type=any(type(part) is not int for part in arguments))
        if not accepted_by_accident(case):
            check_answer(case, torch_side.run(case))
    for key, values in {
        "dropout": (-0.1, 0.0, 1.0, 1.1),
        "activation": ("relu", "gelu", "tanh", ""),
        "bias": (True, False, 0),
    }.items():
        for value in values:
            case = Case(name, (4, 2), {key: value}, given)
            check_answer(case, torch_side.run(case))
    for activation in (None, 1, max, cc.ReLU):
        with pytest.raises(cc.ArgumentError, match="activation must be a function or a layer of cnncalc"):
            named(name)(4, 2, activation=activation)
    for arguments, kwargs, part in (
        ((3, 2), {}, "self_attn"), ((4, 2, -1), {}, "linear1"), ((4, 2), {"dropout": 2}, "dropout"),
        ((4, 2), {"layer_norm_eps": "x"}, "norm1"),
    ):  # fmt: skip
        with pytest.raises(cc.ArgumentError, match=rf"^{name}\.{part}: "):
            named(name)(*arguments, **kwargs)
    with pytest.raises(cc.ShapeError, match=rf"^{name}\.self_attn: "):
        named(name)(4, 2).output_shape(*[(2, 1, 5)] * len(given))
    if name == DECODER:
        with pytest.raises(cc.ShapeError, match=rf"^{name}\.multihead_attn: "):
            named(name)(4, 2).output_shape((2, 1, 4), (2, 1, 5))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kwargs", [{}, {"bias": False}, {"norm_first": True}, {"dropout": 0.5}])
def test_parts_are_torchs(name, kwargs):
    ours, theirs = named(name)(E, H, 5, **kwargs), getattr(torch.nn, name)(E, H, 5, **kwargs)
    assert list(ours.parameters().items()) == [(key, tuple(part.shape)) for key, part in theirs.named_parameters()]
    assert [path for path, _ in ours.named_modules()] == [path for path, _ in theirs.named_modules()]
    for path, part in ours.named_modules():
        for key in ("p", "eps", "in_features", "batch_first", "num_heads"):
            if path and hasattr(part, key):
                assert getattr(part, key) == getattr(theirs.get_submodule(path), key), (path, key)
    assert ours.norm_first == theirs.norm_first


def test_defaults_are_torchs():
    for name in NAMES:
        ours, theirs = named(name)(E, H), getattr(torch.nn, name)(E, H)
        assert ours.parameters() == {key: tuple(part.shape) for key, part in theirs.named_parameters()}
        assert ours.dropout.p == theirs.dropout.p
        assert ours.norm1.eps == theirs.norm1.eps
        assert ours.self_attn.batch_first == theirs.self_attn.batch_first


@pytest.mark.parametrize("layout", ["first", "second", "none"])
@pytest.mark.parametrize("name", NAMES)
def test_products_are_those_that_torch_counts(name, layout):
    for kwargs in ({}, {"bias": False}):
        given = (laid(L, layout), laid(S, layout))[: 1 + (name == DECODER)]
        case = Case(name, (E, H, 5), options(layout) | kwargs, given)
        assert named(name)(*case.args, **case.kwargs).macs(*given) == torch_side.counted_macs(case)


@pytest.mark.parametrize("layout", ["first", "second", "none"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_arithmetic_is_that_of_the_parts(name, bias, layout):
    """Each attention: a softmax of scores, queries scaled, masks added; each block a norm and a sum; biases of all products."""
    n = 1 if layout == "none" else N
    decoder = name == DECODER
    for own, own_padding, other, other_padding in product((False, True), repeat=4):
        if not decoder and (other or other_padding):
            continue
        given = [laid(L, layout), laid(S, layout)] if decoder else [laid(L, layout)]
        given += [(L, L) if own else None, *([(L, S) if other else None] if decoder else [])]
        keys = (lambda count: (n, count)) if layout != "none" else (lambda count: (count,))
        given += [keys(L) if own_padding else None, *([keys(S) if other_padding else None] if decoder else [])]
        blocks = 3 if decoder else 2
        scores, scores_other = n * H * L * L, n * H * L * S * decoder
        values = n * L * E
        expected = {
            "norm": blocks * values,
            "activation": n * L * 5 + scores + scores_other,
            "elementwise": blocks * values
            + (blocks - 1) * values
            + scores * (own + own_padding)
            + scores_other * (other + other_padding),
        }
        if bias:
            expected["bias"] = n * L * (5 + E) + 4 * values + (2 * n * (L + S) * E if decoder else 0)
        layer = named(name)(E, H, 5, bias=bias, **options(layout))
        found = layer.arithmetic(*given)
        assert found == expected, given
        assert prod(laid(L, layout)) == values


@pytest.mark.parametrize("layout", ["first", "second", "none"])
def test_every_cell_that_an_encoder_reads(layout):
    for mask, padding, causal in product((None, (L, L), (N * H, L, L)), (None, (N, L)), (False, True)):
        keys = padding if layout != "none" or padding is None else (L,)
        heads = (H, L, L) if layout == "none" and mask is not None and len(mask) == 3 else mask
        if causal and mask is None:
            continue
        flags = (causal,) if causal or mask is None else ()
        check_cells(Case(ENCODER, (E, H, 3), options(layout), (laid(L, layout), heads, keys, *flags)))


@pytest.mark.parametrize("layout", ["first", "second", "none"])
def test_every_cell_that_a_decoder_reads(layout):
    """With a causal mask of the memory, that has as many places as the target."""
    keys = (lambda count: (N, count)) if layout != "none" else (lambda count: (count,))
    for own, other, own_padding, other_padding in product((False, True), repeat=4):
        for flags in {(own, False), (False, other), ()}:
            stored = L if True in flags else S
            masks_given = ((L, L) if own else None, (L, stored) if other else None)
            paddings_given = (keys(L) if own_padding else None, keys(stored) if other_padding else None)
            given = (laid(L, layout), laid(stored, layout), *masks_given, *paddings_given)
            check_cells(Case(DECODER, (E, H, 3), options(layout), (*given, *flags)))


def test_symbols_give_the_same_numbers():
    for name in NAMES:
        given = (("l", "n", E), ("s", "n", E))[: 1 + (name == DECODER)]
        layer = named(name)(E, H, 5)
        numbers = tuple(tuple({"l": 3, "n": 2, "s": 5}.get(n, n) for n in shape) for shape in given)
        assert cc.sizes.substitute(layer.macs(*given), {"l": 3, "n": 2, "s": 5}) == layer.macs(*numbers)
