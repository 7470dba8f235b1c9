"""Axes added, dropped, stretched and repeated, against torch: dense tables of shapes and arguments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls, check_symbols  # noqa: E402
from test_tensor_methods import ours, torchs  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402
from cnncalc.sizes import recording  # noqa: E402

SHAPES = ((), (1,), (2,), (0,), (1, 1), (1, 2), (2, 1), (1, 3, 1), (2, 1, 0))
DIMS = (0, 1, 2, 3, -1, -2, -3, -4, (), [], (0,), (-1, 0), [1, 2], (0, 0), (0, -1), None, True, "x", 1.5, (0, "x"), np.int64(0))
SIZES = tuple(part for count in range(4) for part in product((-2, -1, 0, 1, 2, 3), repeat=count))
ODD = (2, (True, 2), (2, 1.5), ("x",), None, "x", [2, 3], (np.int64(2),))


def test_axes_dropped():
    check_functions(calls("squeeze", product(SHAPES), dim=(LEFT_OUT, *DIMS)))
    for shape, dim in product(SHAPES, (LEFT_OUT, 0, -1, (0, 1), (1,), (-1, -2))):
        for case in calls("squeeze", [(shape,)], dim=(dim,)):
            if 0 not in shape and torchs(lambda x, call=case.call: x.squeeze(**call), shape) is not None:
                check_function_cells(case)


def test_an_axis_put_in():
    check_functions(calls("unsqueeze", product(SHAPES), dim=DIMS))
    for shape in ((), (2,), (2, 3), (1, 2)):
        for dim in range(-len(shape) - 1, len(shape) + 1):
            check_function_cells(FunctionCase("unsqueeze", (shape, dim), {}))


@pytest.mark.parametrize("name", ["expand", "broadcast_to"])
def test_axes_stretched(name):
    for shape in SHAPES:
        check_functions(calls(name, [(shape, size) for size in (*SIZES, *ODD)]))
    for shape, size in (((), (2,)), ((1, 3), (2, 3)), ((1, 3), (2, -1, 3)), ((1,), (1,)), ((2, 1), (3, 2, 1)), ((1, 1), (-1, 2))):
        check_function_cells(FunctionCase(name, (shape, size), {}))
    check_functions(calls("expand", [((1, 2), (3, 2))], implicit=(True, False, 0, None)))


def test_stretched_to_the_shape_of_another_tensor():
    others = [size for size in SIZES if all(n >= 0 for n in size)]
    check_functions(calls("expand_as", product(SHAPES, others)))
    for shape, other in (((), (2,)), ((1, 3), (2, 3)), ((2, 1), (3, 2, 2)), ((2, 3), (2, 3))):
        check_function_cells(FunctionCase("expand_as", (shape, other), {}))


@pytest.mark.parametrize("name", ["repeat", "tile"])
def test_repeats(name):
    for shape in SHAPES:
        check_functions(calls(name, [(shape, times) for times in (*SIZES, *ODD)]))
    for shape, times in product(((), (2,), (2, 3), (1, 2)), ((), (1,), (2,), (1, 2), (2, 1), (2, 3), (2, 1, 2), (1, 1, 1))):
        if name == "tile" or len(times) >= len(shape):
            check_function_cells(FunctionCase(name, (shape, times), {}))


def test_methods_take_numbers_one_by_one():
    for name, given in product(
        ("expand", "repeat", "tile", "squeeze"), ((2, 1), ((2, 1),), ([2, 1],), (3, 2, 1), (1,), (), (0, 1), ((0, 1),))
    ):
        for shape in ((2, 1), (1, 1), (1,)):
            assert ours(lambda x: getattr(x, name)(*given), shape) == torchs(lambda x: getattr(x, name)(*given), shape)  # noqa: B023


def test_a_symbol_is_taken_to_be_longer_than_one_where_an_axis_would_be_dropped():
    for shape, dim in (((3,), LEFT_OUT), ((2, 3), 0), ((1, 2), LEFT_OUT), ((2, 1, 3), (0, 1))):
        for case in calls("squeeze", [(shape,)], dim=(dim,)):
            check_symbols(case)
    with recording() as recorder:
        assert [str(n) for n in cc.squeeze.output_shape(("a", 1, "b"))] == ["a", "b"]
        assert [str(n) for n in cc.squeeze.output_shape(("c", 1, "d"), 1)] == ["c", "d"]
    for n, m in product(range(1, 4), repeat=2):
        held = all(requirement.condition.holds({"a": n, "b": m}) for requirement in recorder.requirements)
        assert held == (torch.zeros(n, 1, m).squeeze().shape == (n, m))


@pytest.mark.parametrize("name", ["expand", "broadcast_to", "expand_as"])
def test_symbols_are_stretched_or_equal(name):
    for shape, size in (((2,), (2,)), ((2,), (3,)), ((2, 3), (2, 3)), ((2,), (4, 2)), ((1, 2), (3, 2))):
        check_symbols(FunctionCase(name, (shape, size), {}))


@pytest.mark.parametrize("name", ["expand", "broadcast_to"])
def test_sizes_may_be_symbols(name):
    a, b = cc.symbol("a"), cc.symbol("b")
    with recording() as recorder:
        assert named(name).output_shape((1, a), (b, a)) == (b, a)
        assert named(name).output_shape((1, a), (b, -1)) == (b, a)
        assert not recorder.requirements
        assert named(name).output_shape((2, a), (2, b)) == (2, b)
        assert named(name).output_shape((), (b,)) == (b,)
        (asked,) = recorder.requirements
    for n, m in product(range(1, 4), repeat=2):
        there = torchs(lambda x, m=m: x.expand(2, m), (2, n))
        assert asked.holds({"a": n, "b": m}) == (there is not None)
        if there is not None and asked.condition.holds({"a": n, "b": m}):
            assert there == (2, m)


@pytest.mark.parametrize("name", ["repeat", "tile"])
def test_symbols_are_repeated(name):
    for shape, times in product(((2,), (2, 3)), ((2, 1), (1, 2), (3, 2, 1))):
        check_symbols(FunctionCase(name, (shape, times), {}))


def test_an_axis_that_is_not_repeated_keeps_its_field():
    class Repeated(cc.Module):
        def __init__(self):
            super().__init__()
            self.conv = cc.Conv2d(2, 2, 3)

        def forward(self, x):
            """Channels twice between two convolutions."""
            return self.conv(self.conv(x).repeat(1, 2, 1, 1)[:, :2])

    assert cc.analyze(Repeated(), (1, 2, 9, 9)).receptive_field.size == (5, 5)


def test_a_number_is_asked_for_each_axis():
    with pytest.raises(
        cc.ShapeError, match=r"^repeat: repeats must have a number for each axis; got repeats=\(2,\) for 2 axes, \(2, 3\)"
    ):
        named("repeat").output_shape((2, 3), (2,))


@pytest.mark.parametrize("name", ["expand", "broadcast_to"])
def test_an_axis_that_is_not_stretched_stays_as_it_is(name):
    """Equal lengths may be two objects: a long axis, or two symbols of one name."""
    for n, m in ((int("300"), int("300")), (cc.symbol("a"), cc.symbol("a")), (1, 1)):
        (maps,) = named(name).axes((n, 1), (m, 4))
        assert maps.kept == {0}
        (maps,) = named(name).axes((n,), (4, m))
        assert maps.routes[0][0] == 1
        assert maps.maps[0].is_each
