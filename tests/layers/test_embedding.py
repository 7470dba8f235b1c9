"""Tables that are looked up: every small table, row for padding, bag and offset, as layers and as functions."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from drawing.calls import Case, FunctionCase
from every_point import check_calls, check_symbols, points
from function_side import harms_torch, ours, reading, torchs

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

NUMBERS = ((), (0,), (2,), (2, 3), (2, 0), (2, 1), (1, 1, 1))
#: Numbers, offsets and weights of each number.
BAGS = [
    (numbers, offsets, weights)
    for numbers in NUMBERS
    for offsets in (None, (0,), (1,), (2,), (), (1, 1))
    for weights in (None, numbers, (3,), (2,), (2, 1), ())
]


def test_every_small_table_is_torchs():
    given = points(num_embeddings=range(-1, 4), embedding_dim=range(-1, 3), padding_idx=(None, *range(-4, 4)))
    check_calls("Embedding", given, [(), (0,), (2, 3)])
    check_calls(
        "EmbeddingBag",
        points(num_embeddings=range(-1, 4), embedding_dim=range(3), padding_idx=(None, *range(-4, 4))),
        [(2, 3), (0, 3)],
    )


def test_every_bag_is_torchs():
    for mode, last in product(("sum", "mean", "max", "other"), (False, True)):
        given = {"num_embeddings": 3, "embedding_dim": 2, "mode": mode, "include_last_offset": last}
        check_calls("EmbeddingBag", [given], BAGS if mode == "sum" else [bag for bag in BAGS if bag[2] in {None, bag[0]}])
    given = points(
        num_embeddings=(3,),
        embedding_dim=(2,),
        mode=("sum", "mean", "max"),
        scale_grad_by_freq=(False, True),
        sparse=(False, True),
    )
    check_calls("EmbeddingBag", given, [(2, 3)])
    check_calls("EmbeddingBag", [{"num_embeddings": 0, "embedding_dim": 2}], [(0, 3), (2, 3)])


@pytest.mark.parametrize("row", [None, 0, 1, 3, -1, -2, -4])
def test_symbolic_tables_ask_for_the_row_for_padding(row):
    rows = cc.symbol("r")
    check_symbols(Case("Embedding", (rows, 2), {"padding_idx": row}, (1, 5)), [{"r": r} for r in range(1, 7)])
    check_symbols(Case("EmbeddingBag", (rows, 2), {"padding_idx": row}, (1, 5)), [{"r": r} for r in range(1, 7)])
    ours_, theirs = cc.Embedding(5, 2, row), torch.nn.Embedding(5, 2, row)
    assert ours_.padding_idx == theirs.padding_idx


@pytest.mark.parametrize("name", ["embedding", "embedding_bag"])
@pytest.mark.parametrize("row", [0, 3, -1, -4])
def test_symbolic_tables_of_functions_ask_for_the_row_for_padding(name, row):
    with recording() as recorder:
        named(name).output_shape((2, 5), ("r", "w"), padding_idx=row)
    for rows, width in product((1, 2, 3, 4, 5), (1, 6)):
        held = all(r.condition.holds({"r": rows, "w": width}) for r in recorder.requirements)
        assert held == (torchs(FunctionCase(name, ((2, 5), (rows, width)), {"padding_idx": row})) is not None)


def test_symbolic_bags_ask_for_what_torch_asks():
    n, o, w = map(cc.symbol, "now")
    sizes = list(points(n=(1, 2), o=(1, 2), w=(1, 2)))
    check_symbols(Case("EmbeddingBag", (3, 2), {"mode": "sum"}, ((n,), (o,), (w,))), sizes, fine=4)
    check_symbols(Case("EmbeddingBag", (3, 2), {"include_last_offset": True}, ((n,), (o,))), sizes, fine=4)
    with recording() as recorder:
        assert cc.EmbeddingBag(3, 2, mode="sum").output_shape(("b", "n"), per_sample_weights=("o", "w")) == (cc.symbol("b"), 2)
    taken = [
        all(r.condition.holds(point) for r in recorder.requirements) for point in points(b=(1, 2), n=(3, 4), o=(1, 2), w=(3, 4))
    ]
    assert taken == [b == o and n == w for b, n, o, w in product((1, 2), (3, 4), (1, 2), (3, 4))]


@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_what_is_kept_is_torchs(name):
    words = {"max_norm": 1.5, "norm_type": 3.0, "scale_grad_by_freq": True, "sparse": True, "padding_idx": 1}
    if name == "EmbeddingBag":
        words |= {"mode": "sum", "include_last_offset": True}
    for given in (words, {}):
        ours_, theirs = named(name)(4, 2, **given), getattr(torch.nn, name)(4, 2, **given)
        assert {key: getattr(ours_, key) for key in words} == {key: getattr(theirs, key) for key in words}


def test_a_table_may_be_given_and_frozen():
    table = cc.Parameter(shape=(3, 2))
    for name in ("Embedding", "EmbeddingBag"):
        assert named(name)(3, 2, _weight=table).parameters() == {"weight": (3, 2)}
        for rows, width in ((2, 2), (3, 3), (2, 3)):
            with pytest.raises(AssertionError):
                getattr(torch.nn, name)(rows, width, _weight=torch.zeros(3, 2))
            with pytest.raises(cc.ArgumentError, match=f"^{name}: _weight must have the shape"):
                named(name)(rows, width, _weight=table)
    for frozen in (True, False):
        theirs = torch.nn.Embedding(3, 2, _freeze=frozen).weight.requires_grad
        assert cc.Embedding(3, 2, _freeze=frozen).weight.requires_grad == theirs
    # Torch fills the row for padding of a table that it makes, and of no other.
    with pytest.raises(IndexError):
        torch.nn.Embedding(0, 2, padding_idx=0)
    with pytest.raises(cc.ArgumentError, match="padding_idx must number a row; got padding_idx=0 of none"):
        cc.Embedding(0, 2, padding_idx=0)
    assert torch.nn.Embedding(0, 2, padding_idx=0, _weight=torch.zeros(0, 2)).padding_idx == 0
    assert cc.Embedding(0, 2, padding_idx=0, _weight=cc.Parameter(shape=(0, 2))).padding_idx == 0


REFUSED = (
    ("padding_idx must be a whole number", {"padding_idx": "0"}),
    ("padding_idx must be a whole number", {"padding_idx": True}),
    ("padding_idx must be a whole number", {"padding_idx": 1.0}),
    ("padding_idx numbers a row and can't be a symbol", {"padding_idx": cc.symbol("r")}),
    ("padding_idx must number a row", {"padding_idx": 3}),
    ("max_norm must be a number", {"max_norm": "1"}),
    ("norm_type must be a number", {"max_norm": 1.0, "norm_type": "2"}),
    ("scale_grad_by_freq must be True or False", {"scale_grad_by_freq": 1}),
    ("sparse must be True or False", {"sparse": None}),
)


@pytest.mark.parametrize(("rule", "words"), REFUSED)
def test_what_no_table_takes_is_refused_by_its_rule(rule, words):
    for name in ("Embedding", "EmbeddingBag"):
        with pytest.raises(cc.ArgumentError, match=f"^{name}: {rule}"):
            named(name)(3, 2, **words)
    for name in ("embedding", "embedding_bag"):
        with pytest.raises(cc.ArgumentError, match=f"^{name}: {rule}"):
            named(name).output_shape((2, 3), (3, 2), **words)
    # Without a largest norm, torch does not look at the kind of norm; NumPy's numbers count rows.
    assert cc.Embedding(3, 2, norm_type="2", padding_idx=np.int64(1)).output_shape((2,)) == (2, 2)


CALLED = (
    ("a table without rows answers no number", {"num_embeddings": 0}, ((2, 3),)),
    ("per_sample_weights must have the shape of the input", {}, ((2, 3), None, (2,))),
    ("per_sample_weights must have the shape of the input", {}, ((2, 3), None, (2, 2))),
    ("bags of one length each take no offsets", {}, ((2, 3), (2,))),
    ("bags must not be empty", {}, ((2, 0),)),
    ("the input must have one axis or two", {}, ((),)),
    ("the input must have one axis or two", {}, ((1, 1, 1),)),
    ('mode must be "sum", "mean" or "max"', {"mode": "min"}, ((2, 3),)),
    ("mode max takes neither scale_grad_by_freq nor sparse", {"mode": "max", "sparse": True}, ((2, 3),)),
    ("mode max takes neither scale_grad_by_freq nor sparse", {"mode": "max", "scale_grad_by_freq": True}, ((2, 3),)),
    ("per_sample_weights are for mode sum alone", {}, ((2, 3), None, (2, 3))),
    ("numbers in a row take offsets of one axis", {}, ((2,),)),
    ("numbers in a row take offsets of one axis", {}, ((2,), (1, 1))),
    ("numbers must belong to a bag", {}, ((2,), (0,))),
    ("numbers must belong to a bag", {"mode": "max", "include_last_offset": True}, ((2,), (1,))),
    ("with include_last_offset there must be an offset", {"include_last_offset": True}, ((0,), (0,))),
)


@pytest.mark.parametrize(("rule", "words", "inputs"), CALLED)
def test_what_no_bag_takes_is_refused_by_its_rule(rule, words, inputs):
    layer = cc.EmbeddingBag(**{"num_embeddings": 3, "embedding_dim": 2, **words})
    for fact in (layer.output_shape, layer.arithmetic):
        with pytest.raises(cc.CnncalcError, match=f"^EmbeddingBag: {rule}"):
            fact(*inputs)
    call = {name: value for name, value in words.items() if name != "num_embeddings"}
    names = ("offsets", "per_sample_weights")
    call |= {name: shape for name, shape in zip(names, inputs[1:], strict=False) if shape is not None}
    for fact in (cc.embedding_bag.output_shape, cc.embedding_bag.arithmetic):
        with pytest.raises(cc.CnncalcError, match=f"^embedding_bag: {rule}"):
            fact(inputs[0], (words.get("num_embeddings", 3), 2), **call)


def test_a_bag_reads_a_row_for_each_number():
    assert cc.EmbeddingBag(9, 5).arithmetic((2, 7)) == {"pooling": 2 * 7 * 5}
    assert cc.EmbeddingBag(9, 5).arithmetic((7,), (3,)) == {"pooling": 7 * 5}
    assert cc.embedding_bag.arithmetic((2, 7), (9, 5)) == {"pooling": 2 * 7 * 5}


def test_every_table_given_is_torchs():
    for table in ((), (3,), (3, 2), (0, 2), (3, 0), (1, 3, 2)):
        for numbers, row in product(NUMBERS, (None, *range(-4, 4))):
            case = FunctionCase("embedding", (numbers, table), {"padding_idx": row})
            assert ours(case) == torchs(case), case
        for (numbers, offsets, weights), last in product(BAGS, (False, True)):
            words = {"offsets": offsets, "per_sample_weights": weights, "mode": "sum", "include_last_offset": last}
            case = FunctionCase("embedding_bag", (numbers, table), words)
            # Of offsets that are zeros, the last one leaves all numbers out, and none is looked up.
            if not harms_torch(case) and not (last and table[:1] == (0,)):
                assert ours(case) == torchs(case), case
    for row in range(-4, 5):
        for table in ((3, 2), (0, 2)):
            case = FunctionCase("embedding_bag", ((0, 3), table), {"padding_idx": row})
            assert ours(case) == torchs(case), case
    for mode, scale, sparse in product(("sum", "mean", "max", "other"), (False, True), (False, True)):
        case = FunctionCase("embedding_bag", ((2, 3), (3, 2)), {"mode": mode, "scale_grad_by_freq": scale, "sparse": sparse})
        assert ours(case) == torchs(case), case


@pytest.mark.parametrize("last", [True, False, 1, None])
def test_only_numbers_in_a_row_look_at_the_last_offset(last):
    for numbers, offsets in (((2,), (2,)), ((2, 3), None)):
        case = FunctionCase("embedding_bag", (numbers, (3, 2)), {"offsets": offsets, "include_last_offset": last})
        assert ours(case) == torchs(case), case


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("embedding", ((2,), (3, 2)), {}),
        ("embedding", ((2, 2), (3, 2)), {}),
        ("embedding", ((), (3, 2)), {}),
        ("embedding_bag", ((2, 3), (4, 2)), {}),
        ("embedding_bag", ((3,), (4, 2)), {"offsets": (2,)}),
        ("embedding_bag", ((3,), (4, 2)), {"offsets": (2,), "per_sample_weights": (3,), "mode": "sum"}),
        ("embedding_bag", ((2, 3), (4, 2)), {"per_sample_weights": (2, 3), "mode": "sum"}),
        ("one_hot", ((2, 2),), {"num_classes": 3}),
    ],
)
def test_every_cell_reads_what_has_a_gradient(name, inputs, words):
    reading(FunctionCase(name, inputs, words)).check_all()


def test_every_number_of_classes_is_torchs():
    for numbers, classes in product(NUMBERS, (*range(-3, 4), True, 1.0, "c", None)):
        case = FunctionCase("one_hot", (numbers,), {"num_classes": classes})
        if classes == -1:
            with pytest.raises(cc.UnsupportedError, match="the number of classes depends on the values"):
                cc.one_hot.output_shape(numbers, classes)
        elif not isinstance(classes, str):
            assert ours(case) == torchs(case), case
    with pytest.raises(cc.UnsupportedError, match="the number of classes depends on the values"):
        cc.one_hot.output_shape((2,))
    assert prod(cc.one_hot.output_shape((2,), 5)) == 10
