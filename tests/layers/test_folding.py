"""Unfold and Fold at every small argument, with symbols for all of them, and the cells that each value comes from."""

from __future__ import annotations

from itertools import product

import pytest
import torch_side
from drawing.calls import Case, FunctionCase
from every_point import check_calls, check_symbols, points
from function_side import ours, torchs
from test_neighbours import shapes_beside
from torch_tables import check_cells

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

WINDOWS = ("kernel_size", "dilation", "padding", "stride")
#: No two numbers of one axis are those of the other.
UNEQUAL = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 0), "stride": (1, 2)}


def test_every_small_patch_is_torchs():
    given = points(
        kernel_size=(0, 1, 2, (1, 3)), dilation=(0, 1, 2, (2, 1)), padding=(-1, 0, 1, (0, 1)), stride=(0, 1, 2, (1, 2))
    )
    check_calls("Unfold", given, [(1, 1, 3, 4), (1, 1, 1, 2)])


def test_every_small_image_of_patches_is_torchs():
    given = points(
        output_size=(0, 1, (2, 3), (3, 2)),
        kernel_size=(1, 2, (1, 2)),
        dilation=(1, 2),
        padding=(0, 1, (1, 0)),
        stride=(1, (1, 2)),
    )
    check_calls("Fold", given, [(1, patch, places) for patch, places in product((2, 4), (1, 2, 6, 12))])


@pytest.mark.parametrize("name", WINDOWS)
def test_tuples_of_every_length_are_torchs(name):
    for value in ((), (1,), (1, 1), [1, 1], (1, 1, 1), (1, 0), (0, 1), (1, -1), (-1, 1), -1):
        check_calls("Unfold", [{"kernel_size": 1, name: value}], [(1, 1, 2, 2)])
        check_calls(
            "Fold", [{"output_size": 2, "kernel_size": 1, name: value}, {"output_size": value, "kernel_size": 1}], [(1, 1, 4)]
        )


def test_inputs_beside_right_ones_are_torchs():
    for shape in ((2, 3, 6, 7), (3, 6, 7)):
        check_calls("Unfold", [UNEQUAL, {"kernel_size": 2}], [shape, *shapes_beside(shape)])
    # Two places of the window on seven rows, three on eight columns.
    for shape in ((2, 12, 21), (12, 21)):
        check_calls(
            "Fold",
            [{"output_size": (7, 8), **UNEQUAL}, {"output_size": (4, 8), "kernel_size": 2}],
            [shape, *shapes_beside(shape)],
        )


def test_what_is_kept_is_torchs():
    for name, args in (("Unfold", ((2, 3), 1, [0, 1], 2)), ("Fold", (4, (2, 3), 1, [0, 1], 2))):
        ours_, theirs = named(name)(*args), getattr(torch.nn, name)(*args)
        for key in WINDOWS + ("output_size",) * (name == "Fold"):
            assert getattr(ours_, key) == getattr(theirs, key)
        for place in range(len(args)):
            with pytest.raises(cc.ArgumentError, match=rf"^{name}: .* must be a whole number"):
                named(name)(*args[:place], 1.5, *args[place + 1 :])


def test_symbols_ask_for_what_torch_asks():
    k, d, p, s, h, w, c, n, m = (cc.symbol("k"), cc.symbol("d"), cc.symbol("p", 0), *map(cc.symbol, "shwcnm"))
    grid = list(points(k=(1, 2, 3), d=(1, 2), p=(0, 1), s=(1, 2), h=(1, 4), w=(2, 5), c=(2,)))
    words = {"kernel_size": (k, 2), "dilation": (d, 1), "padding": (p, 0), "stride": (s, 1)}
    check_symbols(Case("Unfold", (), words, (1, c, h, w)), grid, fine=20)
    words = {"kernel_size": (2, k), "dilation": (1, d), "padding": (0, p), "stride": (1, s)}
    check_symbols(Case("Unfold", (), words, (c, h, w)), grid[::3], fine=10)
    rows = points(k=(1, 2), p=(0, 1), h=(1, 2, 3), n=(2, 4), m=(2, 3, 4, 6, 8))
    check_symbols(Case("Fold", ((h, 2), (k, 1)), {"padding": (p, 0)}, (1, n, m)), rows, fine=6)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_symbol_that_may_be_0_asks_for_what_torch_asks(name):
    words = {"kernel_size": 2, name: cc.symbol("a", 0)}
    check_symbols(Case("Unfold", (), words, (1, 1, 4, 4)), [{"a": a} for a in range(4)])
    check_symbols(Case("Unfold", (), {**words, name: cc.symbol("a", 0) - 1}, (1, 1, 4, 4)), [{"a": a} for a in range(4)])


@pytest.mark.parametrize(
    ("name", "args", "words", "shape"),
    [
        ("Unfold", (2,), {}, (1, 2, 3, 4)),
        ("Unfold", ((2, 3),), {"dilation": (2, 1), "padding": (1, 0), "stride": (1, 2)}, (2, 4, 5)),
        ("Unfold", ((1, 2),), {"padding": (0, 1), "stride": (3, 2)}, (2, 1, 4, 3)),
        ("Fold", ((3, 4), 2), {}, (1, 8, 6)),
        ("Fold", ((4, 5), (2, 3)), {"dilation": (2, 1), "padding": (1, 0), "stride": (1, 2)}, (12, 8)),
        ("Fold", ((4, 3), (1, 2)), {"padding": (0, 1), "stride": (3, 2)}, (2, 2, 4)),
    ],
)
def test_every_cell_reads_what_has_a_gradient(name, args, words, shape):
    check_cells(Case(name, args, words, shape))


@pytest.mark.parametrize("batch", [(), (2,)])
def test_of_the_axes_of_patches_a_batch_alone_is_kept(batch):
    """The others lie across each other, so that none is answered for by itself."""
    for layer, shape, why in (
        (cc.Unfold(2), (3, 4, 5), "Unfold: lays the places of its window out on one axis, so that its cells are not known"),
        (cc.Fold((3, 4), 2), (8, 6), "Fold: lays columns out as patches, so that its cells are not known"),
    ):
        (maps,) = layer.axes((*batch, *shape))
        assert maps.kept == {0} if batch else maps.kept == set()
        assert len(maps.routes) == len((*batch, *shape))
        for _, axis_map in maps.routes[len(batch) :]:
            with pytest.raises(cc.UnsupportedError, match=f"^{why}"):
                axis_map.reads(1, 3)
    (maps,) = cc.Unfold(2).axes((*batch, 3, 4, 5))
    assert [goes_to for goes_to, _ in maps.routes[len(batch) :]] == [len(batch), None, None]
    places = torch.nn.Unfold(2)(torch.zeros(*batch, 3, 4, 5)).shape[-1]
    assert {axis_map.length(5) for _, axis_map in maps.routes[len(batch) :]} == {places}


def test_a_fold_adds_each_value_of_the_patches():
    layer = cc.Fold((3, 4), 2)
    assert layer.arithmetic((5, 8, 6)) == {"elementwise": 5 * 8 * 6}
    with pytest.raises(cc.ShapeError, match=r"^Fold: there must be one column for each place"):
        layer.arithmetic((5, 8, 7))


RULES = (
    (r"the input must be \(N, C, H, W\) or \(C, H, W\)", "Unfold", (1,), (3, 3)),
    ("only the batch may be empty", "Unfold", (1,), (1, 0, 3, 3)),
    ("only the batch may be empty", "Unfold", ((1, 1), 1, 1), (1, 1, 0, 3)),
    ("kernel_size must be at least 1", "Unfold", (0,), (1, 1, 3, 3)),
    ("dilation must be at least 1", "Unfold", (1, 0), (1, 1, 3, 3)),
    ("padding must be at least 0", "Unfold", (1, 1, -1), (1, 1, 3, 3)),
    ("stride must be at least 1", "Unfold", (1, 1, 0, 0), (1, 1, 3, 3)),
    ("stride must have one value or two", "Unfold", (1, 1, 0, (1, 1, 1)), (1, 1, 3, 3)),
    ("the window must not be larger than the padded input", "Unfold", ((1, 4),), (1, 1, 3, 3)),
    ("the window must not be larger than the padded input", "Unfold", ((4, 1),), (1, 1, 3, 3)),
    (r"the input must be \(N, C·∏ kernel_size, places\)", "Fold", (2, 1), (1,)),
    ("only the batch may be empty", "Fold", (2, 1), (1, 0, 4)),
    ("output_size must be at least 1", "Fold", ((0, 2), 1), (1, 1, 4)),
    ("output_size must have one value or two", "Fold", ((2, 2, 2), 1), (1, 1, 4)),
    ("the columns must be divisible by the size of a patch", "Fold", (3, 2), (1, 6, 4)),
    ("there must be one column for each place of the window", "Fold", (3, 2), (1, 4, 5)),
)


@pytest.mark.parametrize(("rule", "name", "args", "shape"), RULES)
def test_refusals_say_which_rule(rule, name, args, shape):
    assert torch_side.run(Case(name, args, {}, shape)).stage == torch_side.CALL
    with pytest.raises(cc.ShapeError, match=rf"^{name}: {rule}"):
        named(name)(*args).output_shape(shape)
    with pytest.raises(cc.ShapeError, match=rf"^{name.lower()}: {rule}"):
        named(name.lower()).output_shape(shape, *args)


def test_functions_are_their_layers():
    for name, args in (("unfold", (2,)), ("fold", ((3, 4), 2))):
        for value in (1, 0, 2, (1, 2), (1,), 1.5):
            for word in WINDOWS[1:]:
                case = FunctionCase(name, ((1, 1, 3, 4) if name == "unfold" else (1, 4, 6), *args), {word: value})
                assert ours(case) == torchs(case), case
