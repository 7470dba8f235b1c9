"""scaled_dot_product_attention with every stretched axis, mask and flag, at sizes of which no two are equal."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from drawing.attentions import is_checked
from drawing.calls import FunctionCase
from every_point import points, put
from function_side import counted, harms_torch, ours, reading, torchs
from test_neighbours import shapes_beside

import cnncalc as cc
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

NAME, ATTEND = "scaled_dot_product_attention", cc.scaled_dot_product_attention
E, WIDTH, QUERIES, KEYS = 4, 6, 5, 7
QUERY = (2, 3, QUERIES, E)
LEADS = ((), (2,), (1,), (3, 2), (3, 1), (1, 2), (0,))
MASKS = (None, (), (7,), (1,), (5,), (5, 7), (1, 7), (5, 1), (1, 1), (2, 5, 7), (1, 1, 7), (3, 1, 5, 7), (4, 1, 1, 5, 7), (5, 2))
SHARED = (
    ((6,), (3,), (2,)),
    ((6,), (3,), (3,)),
    ((2, 6), (2, 2), (2, 6)),
    ((6,), (4,), (2,)),
    ((6,), (2,), (4,)),
    ((2, 6), (2,), (6,)),
)


def three(leads, e=E, width=WIDTH, queries=QUERIES, keys=KEYS):
    """Query, key and value."""
    query, key, value = leads
    return ((*query, queries, e), (*key, keys, e), (*value, keys, width))


def check(inputs, **call):
    """Hold a call against torch, where it does not read what is not there."""
    case = FunctionCase(NAME, inputs, call)
    if is_checked(case) and not harms_torch(case):
        assert ours(case) == torchs(case), case


def test_every_stretched_axis_is_torchs():
    for leads in product(LEADS, repeat=3):
        check(three(leads))


def test_every_mask_and_flag_is_torchs():
    for mask, causal in product(MASKS, (False, True)):
        for leads in (
            ((), (), ()),
            ((2,), (1,), (2,)),
            ((3, 1), (1, 2), ()),
            ((0,), (1,), (0,)),
            ((2, 3),) * 3,
            ((2, 3), (1, 3), (2, 3)),
        ):
            check(three(leads), attn_mask=mask, is_causal=causal)
        for leads in SHARED:
            check(three(leads), attn_mask=mask, is_causal=causal, enable_gqa=True)
            check(three(leads), attn_mask=mask, is_causal=causal)


@pytest.mark.parametrize("shared", [False, True])
def test_empty_sizes_are_torchs(shared):
    for sizes in product((0, 2), repeat=4):
        for leads in (((2,),) * 3, ((0,),) * 3, ((2,), (1,), (0,)), ((0,), (1,), (2,)), ((1,), (0,), (1,))):
            for words in ({}, {"is_causal": True}, {"attn_mask": (1, 1)}, {"dropout_p": 2.0}):
                check(three(leads, *sizes), **words, enable_gqa=shared)


@pytest.mark.parametrize("shared", [False, True])
def test_shapes_beside_right_ones_are_torchs(shared):
    right = three(((2, 6), (2, 3), (2, 2)) if shared else ((2, 1), (2, 3), (2, 3)))
    for place, mask in product(range(3), (None, (5, 7))):
        for other in shapes_beside(right[place]):
            check((*right[:place], other, *right[place + 1 :]), attn_mask=mask, enable_gqa=shared)


def test_numbers_at_and_beyond_their_ends_are_torchs():
    for p in (0, 1, 0.5, 0.0, 1.0, 1.1, 2):
        check(three(((), (), ())), dropout_p=p)
        check(three(((), (), ()), queries=0), dropout_p=p)
    # Less than 0 is taken by one of torch's kernels, and refused by another.
    with pytest.raises(cc.ArgumentError, match="dropout_p must lie in 0 … 1"):
        ATTEND.output_shape(QUERY, QUERY, QUERY, dropout_p=-0.1)
    assert torchs(FunctionCase(NAME, (QUERY,) * 3, {"dropout_p": -0.1})) is None


@pytest.mark.parametrize(
    "leads", [((), (), ()), ((2,), (1,), (2,)), ((1,), (2,), ()), ((3, 1), (1, 2), (2,)), ((2,), (2,), (3, 1))]
)
def test_macs_are_those_of_two_matrix_products(leads):
    for inputs in (three(leads), three(leads, keys=0), three(leads, queries=0), three(leads, width=0), three(leads, e=0)):
        case = FunctionCase(NAME, inputs, {})
        assert ATTEND.macs(*inputs) == counted(case)
    for words in ({"is_causal": True}, {"attn_mask": (5, 7)}):
        assert ATTEND.macs(*three(leads), **words) == counted(FunctionCase(NAME, three(leads), words))


def test_other_arithmetic_is_that_of_its_parts():
    """A softmax of the scores, the scaled queries, and a mask added to the scores."""
    inputs = three(((2,), (2,), (2,)))
    scores, scaled = 2 * QUERIES * KEYS, prod(inputs[0])
    assert ATTEND.arithmetic(*inputs) == {"activation": scores, "elementwise": scaled}
    for words in ({"is_causal": True}, {"attn_mask": (5, 7)}):
        assert ATTEND.arithmetic(*inputs, **words) == {"activation": scores, "elementwise": scaled + scores}
    assert ATTEND.arithmetic(*three(((2,), (2,), (2,)), queries=0)) == {}
    heads = three(((2, 6), (2, 3), (2, 3)))
    assert ATTEND.arithmetic(*heads, enable_gqa=True) == {"activation": 12 * QUERIES * KEYS, "elementwise": prod(heads[0])}


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        (((), (), ()), {}),
        (((2,), (1,), (2,)), {"attn_mask": (2, 3)}),
        (((1,), (2,), ()), {"attn_mask": (2, 1, 3)}),
        (((2, 1), (1, 2), (2,)), {"attn_mask": (1, 3)}),
        (((2,), (2,), (2,)), {"is_causal": True}),
        (((), (2,), (1,)), {"is_causal": True}),
        (((4,), (2,), (2,)), {"enable_gqa": True}),
        (((4,), (2,), (1,)), {"enable_gqa": True, "attn_mask": (4, 1, 3)}),
        (((2, 4), (2, 1), (2, 2)), {"enable_gqa": True, "is_causal": True}),
        (((1, 4), (2, 2), (1, 2)), {"enable_gqa": True}),
    ],
)
def test_every_cell_reads_what_has_a_gradient(leads, words):
    reading(FunctionCase(NAME, three(leads, 2, 2, 2, 3), words)).check_all()


@pytest.mark.parametrize("sizes", [(2, 2, 0, 3), (2, 0, 2, 3), (2, 2, 2, 0), (0, 2, 2, 3)])
def test_nothing_is_read_where_nothing_is(sizes):
    inputs = three(((), (), ()), *sizes)
    for words in ({}, {"attn_mask": (sizes[2], sizes[3])}):
        maps = ATTEND.axes(*inputs, **words)
        shapes = (*inputs, *words.values())
        assert len(maps) == len(shapes)
        if sizes[0]:
            assert [list(part.reads((1, 1), shape)) for part, shape in zip(maps, shapes, strict=True)] == [[]] * len(shapes)


def test_symbols_ask_for_what_torch_asks():
    """Conditions hold at those numbers that torch takes."""
    b, h, g, k, q, s, t, e, f, w = map(cc.symbol, "bhgkqstefw")
    grid = [
        *points(h=(4,), g=(1, 2, 3), k=(2, 4), s=(1, 2), t=(1, 2), e=(2,), f=(1, 2)),
        *points(h=(1, 3), g=(1, 2, 3), k=(1, 3)),
    ]
    for shared in (True, False):
        shapes = ((b, h, q, e), (b, g, s, f), (b, k, t, w))
        with recording() as recorder:
            output = ATTEND.output_shape(*shapes, enable_gqa=shared)
        fine = 0
        for point in grid:
            values = {"b": 2, "q": 5, "s": 2, "t": 2, "e": 3, "f": 3, "w": 4, **point}
            case = FunctionCase(NAME, put(shapes, values), {"enable_gqa": shared})
            taken = torchs(case)
            if not shared and 1 in (values["h"], values["g"], values["k"]):
                continue  # a symbol stands for a longer axis
            held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
            assert held == (taken is not None), (values, recorder.requirements)
            fine += held
            assert not held or put(output, values) == taken
        assert fine


@pytest.mark.parametrize(
    ("rule", "inputs", "words"),
    [
        ("query, key and value must have at least two axes", ((5, 4), (4,), (7, 6)), {}),
        ("a mask and is_causal exclude each other", three(((), (), ())), {"attn_mask": (5, 7), "is_causal": True}),
        ("query and key must have equally many features", ((5, 3), (7, 4), (7, 6)), {}),
        ("keys and values must be equally many", ((5, 4), (7, 4), (8, 6)), {}),
        ("heads that share keys need an axis of heads", three(((), (), ())), {"enable_gqa": True}),
        ("the heads of key must divide those of the query", three(((4,), (3,), (2,))), {"enable_gqa": True}),
        ("the heads of value must divide those of the query", three(((4,), (2,), (3,))), {"enable_gqa": True}),
        ("the heads of key must divide those of the query", three(((4,), (0,), (2,))), {"enable_gqa": True}),
        ("the mask must have at least two axes", (QUERY,) * 3, {"attn_mask": (7,)}),
        ("the mask must broadcast to the scores", three(((), (), ())), {"attn_mask": (2, 5, 7)}),
        ("the mask must broadcast to the scores", ((1, 4), (7, 4), (7, 6)), {"attn_mask": (3, 7)}),
        ("dropout_p must lie in 0 … 1", three(((), (), ())), {"dropout_p": 2}),
        ("dropout_p must be a number", three(((), (), ())), {"dropout_p": "p"}),
        ("scale must be a number", three(((), (), ())), {"scale": "s"}),
        ("is_causal must be True or False", three(((), (), ())), {"is_causal": 1}),
        ("enable_gqa must be True or False", three(((), (), ())), {"enable_gqa": 1}),
    ],
)
def test_refusals_say_which_rule(rule, inputs, words):
    case = FunctionCase(NAME, inputs, words)
    assert harms_torch(case) or torchs(case) is None
    with pytest.raises(cc.CnncalcError, match=f"^{NAME}: {rule}"):
        ATTEND.output_shape(*inputs, **words)
