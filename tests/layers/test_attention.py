"""MultiheadAttention with every mask and flag, at sizes of which no two are equal, and beside each right call."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch_side
from drawing.calls import Case
from every_point import check_calls, check_symbols, points
from test_neighbours import inputs_beside, shapes_beside
from torch_tables import check_cells

import cnncalc as cc

torch = pytest.importorskip("torch")

E, HEADS, SAMPLES, QUERIES, KEYS = 4, 2, 3, 5, 7
LAYERS = [
    {"embed_dim": E, "num_heads": HEADS, "add_bias_kv": adds, "add_zero_attn": zero, "batch_first": first}
    for adds, zero, first in ((False, False, True), (False, False, False), (True, True, False), (True, False, True))
]


def laid(samples, places, features, *, batch_first):
    """The shape of a sequence; without a batch, samples is None."""
    if samples is None:
        return (places, features)
    return (samples, places, features) if batch_first else (places, samples, features)


def three(samples, queries, keys, given):
    """Query, key and value of a layer."""
    first = given.get("batch_first", False)
    widths = ((queries, E), (keys, given.get("kdim") or E), (keys, given.get("vdim") or E))
    return tuple(laid(samples, places, width, batch_first=first) for places, width in widths)


def masks(samples, queries, keys):
    """Each way to mask keys, and queries with keys."""
    paddings = (None, (keys,) if samples is None else (samples, keys))
    lead = HEADS * (1 if samples is None else samples)
    return product(paddings, (None, (queries, keys), (lead, queries, keys)))


def flags():
    """need_weights, average_attn_weights, is_causal."""
    return (True, True, False), (True, False, False), (False, True, False), (False, True, True), (True, False, True)


def calls(samples, queries, keys, given):
    """Every call of a layer with right masks."""
    qkv = three(samples, queries, keys, given)
    for (padding, mask), (need, average, causal) in product(masks(samples, queries, keys), flags()):
        yield (*qkv, padding, need, mask, average, causal)


def products(samples, queries, keys, given):
    """Multiply-accumulates by hand: four projections; a score and a sum of E products for each pair of query and key."""
    kdim, vdim = given.get("kdim") or E, given.get("vdim") or E
    projected = queries * E * E + keys * kdim * E + keys * vdim * E + queries * E * E
    looked_at = keys + given["add_bias_kv"] + given["add_zero_attn"]
    return (1 if samples is None else samples) * (projected + 2 * queries * looked_at * E)


def test_the_tensors_of_every_small_layer_are_torchs():
    given = points(embed_dim=range(-1, 5), num_heads=(*range(-1, 5), True, False), bias=(True, False), add_bias_kv=(False, True))
    check_calls("MultiheadAttention", given, [((2, 4),) * 3])
    given = points(embed_dim=(2,), num_heads=(1,), kdim=(None, *range(-1, 4)), vdim=(None, *range(-1, 4)), bias=(True, False))
    check_calls("MultiheadAttention", given, [((2, 2),) * 3, ((2, 2), (2, 3), (2, 1))])


@pytest.mark.parametrize(
    "words", [{}, {"kdim": 2, "vdim": 3}, {"vdim": 4, "kdim": 3}, {"kdim": 4}, {"bias": False, "add_bias_kv": True}]
)
def test_attributes_are_torchs(words):
    for given in ({**words, "dropout": 0.25}, {**words, "batch_first": True, "add_zero_attn": True}):
        ours, theirs = cc.MultiheadAttention(4, 2, **given), torch.nn.MultiheadAttention(4, 2, **given)
        for name in ("embed_dim", "kdim", "vdim", "num_heads", "head_dim", "dropout", "batch_first", "add_zero_attn"):
            assert getattr(ours, name) == getattr(theirs, name)
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "bias_k", "bias_v"):
            shape = getattr(getattr(theirs, name), "shape", None)
            assert getattr(getattr(ours, name), "shape", None) == (shape and tuple(shape)), name


@pytest.mark.parametrize("samples", [SAMPLES, None])
def test_every_mask_and_flag_is_torchs(samples):
    for given in LAYERS:
        check_calls(
            "MultiheadAttention",
            [given],
            calls(samples, QUERIES, KEYS, given),
            lambda *_, given=given: products(samples, QUERIES, KEYS, given),
        )


@pytest.mark.parametrize("sizes", [(0, 2, 3), (2, 0, 3), (2, 3, 0), (1, 3, 0), (None, 0, 3), (None, 3, 0)])
def test_empty_sizes_with_every_mask_are_torchs(sizes):
    for given in LAYERS[1:]:
        check_calls("MultiheadAttention", [given], calls(*sizes, given))
    one = ((1, 2, 2) if sizes[0] is None else (1, 0, 2),) * 3
    lone = [(*one, padding, False, mask) for padding in (None, (1, one[0][1])) for mask in (None, (1, one[0][1], one[0][1]))]
    check_calls("MultiheadAttention", [{"embed_dim": 2, "num_heads": 1, "batch_first": True}], lone)


@pytest.mark.parametrize(
    ("samples", "words"), [(2, {}), (2, {"batch_first": True, "add_bias_kv": True}), (None, {"kdim": 6, "vdim": 1})]
)
def test_shapes_beside_right_ones_are_torchs(samples, words):
    given = {"embed_dim": E, "num_heads": HEADS, **words}
    qkv = three(samples, 3, 5, given)
    no_mask, square, by_heads = ((*qkv, padding, True, mask) for padding, mask in (*masks(samples, 3, 5),)[3:])
    wrong_masks = [(*qkv, None, True, mask) for call in (square, by_heads) for mask in shapes_beside(call[5])]
    check_calls("MultiheadAttention", [given], [no_mask, *inputs_beside(no_mask), *wrong_masks])
    check_calls("MultiheadAttention", [given], [(*call[:4], False, call[5], True, True) for call in wrong_masks])


def test_no_samples_of_another_number_of_keys():
    """Without a single key torch does not compare samples, unless one is put behind them."""
    for given in LAYERS:
        for samples, others, keys in product((1, 2), (0, 1, 2), (0, 1)):
            query = laid(samples, 3, E, batch_first=given["batch_first"])
            key = laid(others, keys, E, batch_first=given["batch_first"])
            check_calls("MultiheadAttention", [given], [(query, key, key)])


@pytest.mark.parametrize("samples", [2, None])
@pytest.mark.parametrize("batch_first", [True, False])
def test_every_cell_reads_what_has_a_gradient(samples, batch_first):
    words = {"batch_first": batch_first}
    for padding, mask in masks(samples, 2, 3):
        for need, average, causal in flags():
            if causal and (mask is None or len(mask) > 2):
                continue
            call = (*three(samples, 2, 3, words), padding, need, mask, average, causal)
            check_cells(Case("MultiheadAttention", (E, HEADS), words, call))


def test_a_causal_mask_of_as_many_keys_as_queries_reads_no_later_key():
    for samples, batch_first in ((2, True), (2, False), (None, True)):
        words = {"batch_first": batch_first}
        call = (*three(samples, 3, 3, words), None, False, (3, 3), True, True)
        check_cells(Case("MultiheadAttention", (E, HEADS), words, call))


def test_other_arithmetic_is_that_of_its_parts():
    """The values of the projections with a bias, the scores of all heads, the scaled queries, and masks added to the scores."""
    for given in LAYERS:
        for bias, samples in product((True, False), (SAMPLES, None)):
            layer = cc.MultiheadAttention(**given, bias=bias)
            query, key, value = three(samples, QUERIES, KEYS, given)
            for padding, mask in masks(samples, QUERIES, KEYS):
                looked_at = KEYS + given["add_bias_kv"] + given["add_zero_attn"]
                scores = (1 if samples is None else samples) * HEADS * QUERIES * looked_at
                expected = {"activation": scores, "elementwise": prod(query) + scores * ((padding, mask).count(None) * -1 + 2)}
                if bias:
                    expected["bias"] = prod(query) + prod(key) + prod(value) + prod(query)
                assert layer.arithmetic(query, key, value, padding, attn_mask=mask) == expected


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("words", [{}, {"add_bias_kv": True}])
def test_symbols_ask_for_what_torch_asks(batch_first, words):
    e, h, n, m, q, k, v, w, x = map(cc.symbol, "ehnmqkvwx")
    shapes = [laid(*sizes, batch_first=batch_first) for sizes in ((n, q, e), (m, k, e), (m, v, w))]
    case = Case("MultiheadAttention", (e, h), {"vdim": x, "batch_first": batch_first, **words}, tuple(shapes))
    sizes = points(n=(1, 2), m=(1, 2), q=(1, 2), k=(1, 2), v=(1, 2), w=(1, 2), x=(1, 2))
    check_symbols(case, [{**point, "e": 4, "h": 2} for point in sizes], fine=8)
    same = {"n": 1, "m": 1, "q": 1, "k": 2, "v": 2, "w": 3, "x": 3}
    check_symbols(case, [{**same, **point} for point in points(e=range(1, 7), h=range(1, 5))], fine=8)


RULES = (
    ("query, key and value must have equally many axes", ((2, 3, 4), (2, 3, 4), (3, 4)), {}),
    ("query, key and value must have equally many axes", ((2, 3, 4), (3, 4), (2, 3, 4)), {}),
    ("the query must have three axes, or two without a batch", ((4,), (4,), (4,)), {}),
    ("the last axis of query must equal its dimension", ((2, 3, 5), (2, 3, 4), (2, 3, 4)), {}),
    ("the last axis of key must equal its dimension", ((2, 3, 4), (2, 3, 5), (2, 3, 4)), {}),
    ("the last axis of value must equal its dimension", ((2, 3, 4), (2, 3, 4), (2, 3, 5)), {}),
    ("key and value must agree in samples and length", ((2, 3, 4), (2, 3, 4), (5, 3, 4)), {}),
    ("key and value must agree in samples and length", ((2, 3, 4), (2, 3, 4), (2, 5, 4)), {}),
    ("query and key must have equally many samples", ((2, 3, 4), (2, 5, 4), (2, 5, 4)), {}),
    ("is_causal asks for attn_mask", ((2, 4),) * 3, {"is_causal": True}),
    ("attn_mask must have two axes or three", ((2, 4),) * 3, {"attn_mask": (2,)}),
    (r"attn_mask must have the shape \(2, 2\)", ((2, 4),) * 3, {"attn_mask": (2, 3)}),
    (r"key_padding_mask must have the shape \(2,\)", ((2, 4),) * 3, {"key_padding_mask": (2, 2)}),
    (r"key_padding_mask must have the shape \(2,\)", ((2, 4),) * 3, {"key_padding_mask": (3,)}),
    (
        "masks without a sample or a key can't be laid out by heads",
        ((2, 0, 4),) * 3,
        {"key_padding_mask": (0, 2), "need_weights": False},
    ),
)


@pytest.mark.parametrize(("rule", "shapes", "words"), RULES)
def test_refusals_say_which_rule(rule, shapes, words):
    call = [words.get(name) for name in ("key_padding_mask", "need_weights", "attn_mask")]
    call[1] = words.get("need_weights", True)
    case = Case("MultiheadAttention", (4, 2), {}, (*shapes, *call, True, words.get("is_causal", False)))
    assert torch_side.run(case).stage == torch_side.CALL
    with pytest.raises(cc.CnncalcError, match=f"^MultiheadAttention: {rule}"):
        cc.MultiheadAttention(4, 2).output_shape(*shapes, **words)


@pytest.mark.parametrize(
    ("rule", "args"),
    [
        ("embed_dim must be at least 1; got embed_dim=0", (0, 1)),
        ("num_heads must be at least 1; got num_heads=0", (2, 0)),
        ("embed_dim must be divisible by num_heads", (3, 2)),
        ("embed_dim must be divisible by num_heads", (cc.expression("2*e + 1"), 2)),
    ],
)
def test_layers_that_torch_does_not_make_are_refused_by_their_rule(rule, args):
    with pytest.raises(cc.ArgumentError, match=f"^MultiheadAttention: {rule}"):
        cc.MultiheadAttention(*args)
