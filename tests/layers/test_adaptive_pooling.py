"""Adaptive and fractional pools at every small size and rank, with symbols for all of them, and each refusal by its rule."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch_side
from drawing.calls import Case
from every_point import check_calls, check_symbols, points
from torch_tables import check_cells

import cnncalc as cc
from cnncalc.axis import Everything
from cnncalc.layers import named

torch = pytest.importorskip("torch")

AXES = (1, 2, 3)
every_axes = pytest.mark.parametrize("axes", AXES)
SIZES = (0, 1, 2)
LENGTHS = ((1,) * 4, (2,) * 4, (1, 2, 2, 2), (None,) * 4, (1, None, 1, 1), (None, 2, 1, 1), (0, 1, 1, 1), (-1, 1, 1, 1))


def sizes(axes):
    """Numbers, and tuples as long as there are axes, shorter and longer."""
    tuples = {given[:length] for given in LENGTHS for length in range(axes + 2)}
    return [*range(-1, 4), *[np.int64(2)] * (axes == 1), (np.int64(2),) * axes, *sorted(tuples, key=str), [1] * axes]


def inputs(axes):
    """Inputs of every rank, and those of a right one with an axis of another length."""
    yield from ((2,) * rank for rank in range(axes + 5))
    yield from ((1,) * rank for rank in range(axes + 5))
    for lead in ((3,), (2, 3)):
        right = (*lead, 4, 5, 6)[: len(lead) + axes]
        yield right
        yield from ((*right[:place], n, *right[place + 1 :]) for place in range(len(right)) for n in (0, 1))


@every_axes
def test_every_adaptive_average_is_torchs(axes):
    given = [size for size in sizes(axes) if axes > 1 or None not in np.atleast_1d(size)]
    check_calls(f"AdaptiveAvgPool{axes}d", ({"output_size": size} for size in given), inputs(axes))


@every_axes
def test_every_adaptive_maximum_is_torchs(axes):
    for indices in (False, True):
        given = [{"output_size": size, "return_indices": indices} for size in (sizes(axes) if indices else [1, 2])]
        check_calls(f"AdaptiveMaxPool{axes}d", given, inputs(axes))


@every_axes
def test_sizes_of_other_types_are_torchs(axes):
    for kind in ("Avg", "Max"):
        for size in (True, 2.0, "3", b"2", {}, (True,) * axes, (2.0,) * axes, (None,) * axes, [None] * axes):
            case = Case(f"Adaptive{kind}Pool{axes}d", (size,), {}, (1, 2, 4, 4, 4)[: axes + 2])
            theirs = torch_side.run(case)
            try:
                shape = named(case.name)(size).output_shape(case.shape)
            except cc.CnncalcError:
                shape = None
            # A wrong type may be refused where torch is lenient.
            assert shape in {None, theirs.shape} if not isinstance(size, list) else shape == theirs.shape, case


@every_axes
@pytest.mark.parametrize("kind", ["Avg", "Max"])
def test_symbols_ask_for_what_torch_asks(axes, kind):
    m, k, n, c, h = cc.symbol("m", 0), cc.symbol("k"), *map(cc.symbol, "nch")
    name, grid = f"Adaptive{kind}Pool{axes}d", list(points(m=SIZES, k=(1, 2), n=(1, 2), c=(1, 3), h=(1, 2, 3)))
    for size in (m, (k, m, m)[:axes], (m, m, k)[-axes:]):
        for shape in ((n, c, *(h, 3, h)[:axes]), (c, *(3, h, h)[:axes])):
            check_symbols(Case(name, (size,), {}, shape), grid)
        deep = (n, c, n, *(h, 3, h)[:axes])
        if axes == 1 or kind == "Max":
            with pytest.raises(cc.ShapeError, match=f"^{name}: the input must be"):
                cc.analyze(named(name)(size), deep)
        else:
            check_symbols(Case(name, (size,), {}, deep), grid)
    check_symbols(Case(name, ((*(2, None)[: axes - 1], k),), {}, (n, c, *(h, 3, h)[:axes])), grid)


@pytest.mark.parametrize("name", ["AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_every_cell_reads_what_has_a_gradient(name, size):
    axes = int(name[-2])
    for shape in ((2, 1, 4, 3), (2, 1, 1, 3)):
        check_cells(Case(name, (size,), {}, shape[: axes + 2]))
    check_cells(Case(name, ((size, 1)[:axes],), {}, (2, 4, 3)[: axes + 1]))


def test_one_window_over_several_cells_is_everything():
    """It mixes all of them; over a single cell it mixes nothing."""
    for n, m in product((1, 4), repeat=2):
        for name, size in (("AdaptiveAvgPool2d", 1), ("AdaptiveMaxPool2d", 1), ("AdaptiveAvgPool2d", (1, 1))):
            (maps,) = named(name)(size).axes((2, 3, n, m))
            assert [isinstance(axis_map, Everything) for axis_map in maps.maps] == [False, False, n > 1, m > 1]
        (maps,) = cc.AdaptiveAvgPool2d(2).axes((2, 3, n, m))
        assert not any(isinstance(axis_map, Everything) for axis_map in maps.maps)


RULES = (
    ("output_size must not be negative", "AdaptiveAvgPool2d", (-1,), (1, 1, 3, 3)),
    ("output_size must not be negative", "AdaptiveMaxPool2d", (-1,), (1, 1, 3, 3)),
    ("the pooled axes must not be empty", "AdaptiveAvgPool2d", (2,), (1, 1, 3, 0)),
    ("the pooled axes must not be empty", "AdaptiveAvgPool3d", (2,), (1, 0, 3, 3, 3)),
    ("only the first axis may be empty", "AdaptiveMaxPool2d", (2,), (1, 0, 3, 3)),
    ("output_size must have 2 values", "AdaptiveAvgPool2d", ((1, 1, 1),), (1, 1, 3, 3)),
    ("in one dimension output_size must not be None", "AdaptiveMaxPool1d", ((None,),), (1, 1, 3)),
    ("for any output but a mean over space, the input must be", "AdaptiveAvgPool2d", ((cc.symbol("m"), 1),), None),
    (r"the input must be \(N, C, H, W\) or the same without N", "AdaptiveAvgPool2d", (2,), (1, 1, 1, 3, 3)),
    (r"the input must be \(N, C, H, W\) or the same without N", "AdaptiveMaxPool2d", (1,), (1, 1, 1, 3, 3)),
    (r"the input must be \(N, C, W\) or the same without N", "AdaptiveAvgPool1d", (1,), (1, 1, 1, 3)),
    ("kernel_size must have 2 values", "FractionalMaxPool2d", ((1, 1, 1), 1), (1, 1, 3, 3)),
    ("output_size must have 2 values", "FractionalMaxPool2d", (1, (1, 1, 1)), (1, 1, 3, 3)),
    ("output_ratio must have 2 values", "FractionalMaxPool2d", (1, None, (0.5,) * 3), (1, 1, 3, 3)),
    ("only the first axis may be empty", "FractionalMaxPool2d", (1, 1), (1, 0, 3, 3)),
    ("output_size must not be negative", "FractionalMaxPool2d", (1, -1), (1, 1, 3, 3)),
    ("the windows must fit into the input", "FractionalMaxPool2d", (2, 3), (1, 1, 3, 3)),
    (r"the input must be \(N, C, H, W\) or the same without N", "FractionalMaxPool2d", (1, 1), (3, 3)),
)


@pytest.mark.parametrize(("rule", "name", "args", "shape"), RULES)
def test_refusals_of_a_call_say_which_rule(rule, name, args, shape):
    if shape is None:
        report = cc.analyze(named(name)(*args), (1, 1, 1, 3, 3))
        assert str(report.conditions) == f"({name}: m must equal 1; {rule} (N, C, H, W) or the same without N,)"
        return
    assert torch_side.run(Case(name, args, {}, shape)).stage == torch_side.CALL
    with pytest.raises(cc.ShapeError, match=f"^{name}: {rule}"):
        named(name)(*args).output_shape(shape)


@pytest.mark.parametrize(
    ("rule", "name", "args"),
    [
        ("output_size must be a whole number or a tuple", "AdaptiveAvgPool2d", (None,)),
        ("output_size must be a whole number", "AdaptiveAvgPool1d", ((None,),)),
        ("output_size must be a whole number", "AdaptiveAvgPool2d", ((1, "2"),)),
        ("output_size must be a whole number", "AdaptiveMaxPool2d", ((1, 1.5),)),
        ("output_size must be a whole number", "AdaptiveMaxPool2d", (1.5,)),
        ("output_size must be an int", "AdaptiveAvgPool2d", (np.int64(2),)),
        ("output_size must be an int", "AdaptiveMaxPool3d", (np.int64(2),)),
        ("one of output_size and output_ratio must be given", "FractionalMaxPool2d", (1,)),
        ("one of output_size and output_ratio must be given", "FractionalMaxPool2d", (1, 1, 0.5)),
        ("kernel_size must be at least 1", "FractionalMaxPool3d", (0, 1)),
        ("output_ratio must lie between 0 and 1", "FractionalMaxPool2d", (1, None, 1.0)),
        ("output_ratio must lie between 0 and 1", "FractionalMaxPool2d", (1, None, (0.5, 0))),
        ("output_ratio must lie between 0 and 1", "FractionalMaxPool2d", (1, None, "r")),
        ("output_ratio must have 2 values", "FractionalMaxPool2d", (1, None, (0.5,))),
        ("random samples are values of a tensor", "FractionalMaxPool2d", (1, 1, None, False, 0)),
    ],
)
def test_refusals_of_a_layer_say_which_rule(rule, name, args):
    with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
        named(name)(*args)


# -- windows drawn at random ------------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [2, 3])
def test_every_fractional_pool_of_a_size_is_torchs(axes):
    given = points(
        kernel_size=(-1, 0, 1, 2, (1,) * (axes - 1), (1, 2, 1)[:axes], (1,) * (axes + 1)), output_size=(-1, 0, 1, 2, 3)
    )
    check_calls(f"FractionalMaxPool{axes}d", given, inputs(axes))
    given = points(kernel_size=(1,), output_size=[size for size in sizes(axes) if None not in np.atleast_1d(size)])
    check_calls(f"FractionalMaxPool{axes}d", given, [(1, 2, 4, 4, 4)[: axes + 2]])


@pytest.mark.parametrize("axes", [2, 3])
def test_every_fractional_pool_of_a_share_is_torchs(axes):
    ratios = (
        0,
        1,
        0.1,
        0.5,
        0.7,
        0.999,
        1.0,
        -0.5,
        1.5,
        (0.5,) * (axes - 1),
        (0.5, 0.3, 0.7)[:axes],
        (0.5,) * (axes + 1),
        (0.5, 1.5, 0.5),
    )
    given = points(kernel_size=(1, 2), output_ratio=ratios, return_indices=(False, True))
    check_calls(
        f"FractionalMaxPool{axes}d", given, [(2, 3, 5, 6, 7)[: axes + 2], (3, 10, 4, 3)[: axes + 1], (1, 1, 1, 1, 1)[: axes + 2]]
    )


def test_what_is_kept_of_a_fractional_pool_is_torchs():
    for args in ((2, 3), (2, (3, 4), None, True), ((2, 1), None, 0.5), (2, None, (0.5, 0.25))):
        ours, theirs = cc.FractionalMaxPool2d(*args), torch.nn.FractionalMaxPool2d(*args)
        for name in ("kernel_size", "output_size", "output_ratio", "return_indices", "_random_samples"):
            mine, other = getattr(ours, name), getattr(theirs, name)
            if name in {"kernel_size", "output_size"} and other is not None:
                other = torch.nn.modules.utils._pair(other)
            assert mine == other, name


@pytest.mark.parametrize("axes", [2, 3])
def test_symbols_of_a_fractional_pool_ask_for_what_torch_asks(axes):
    k, m, n, c, h = cc.symbol("k", 0), cc.symbol("m", 0), *map(cc.symbol, "nch")
    name, grid = f"FractionalMaxPool{axes}d", points(k=(1, 2, 3), m=SIZES, n=(1, 2), c=(1,), h=range(1, 6))
    check_symbols(Case(name, ((k, 1, 2)[:axes], (m, 1, 1)[:axes]), {}, (n, c, *(h, 4, 5)[:axes])), grid, fine=10)
    if axes == 3:
        check_symbols(Case(name, (k, 1), {}, (1, 1, 4, 4, 4)), [{"k": 0}, {"k": 1}, {"k": 4}])
    with pytest.raises(cc.UnsupportedError, match=f"^{name}: a share of a symbol is rounded"):
        named(name)(1, None, 0.5).output_shape((1, 1, *("h", 4, 5)[:axes]))


def test_a_fractional_pool_reads_a_window_for_each_cell():
    for indices, batch in product((True, False), ((2,), ())):
        layer = cc.FractionalMaxPool2d((2, 3), (4, 5), return_indices=indices)
        assert layer.arithmetic((*batch, 3, 9, 9)) == {"pooling": (2 if batch else 1) * 3 * 4 * 5 * 2 * 3}
        (maps,) = layer.axes((*batch, 3, 9, 9))
        assert [axis.length(9) for axis in maps.maps[-2:]] == [4, 5]
        assert len(maps.maps) == 3 + len(batch)
