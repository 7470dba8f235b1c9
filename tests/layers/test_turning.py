"""Cells turned round and moved on around the ends, against torch."""

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

SHAPES = ((), (1,), (3,), (0,), (2, 3), (0, 2), (2, 1, 3))
LISTS = tuple(part for count in range(4) for part in product((-3, -2, -1, 0, 1, 2), repeat=count))
ODD = (None, True, "x", 1.5, (True,), (1.5,), ("x",), [0], (np.int64(0),), 0, 1, -1)


def test_flips():
    for shape in SHAPES:
        check_functions(calls("flip", [(shape, dims) for dims in (*LISTS, *ODD)]))
    for shape, dims in product([(3,), (2, 3), (2, 1, 3), (1, 4)], [(), (0,), (-1,), (0, 1), (1,), (0, -1)]):
        if max((*dims, 0)) < len(shape) and len({axis % len(shape) for axis in dims}) == len(dims):
            check_function_cells(FunctionCase("flip", (shape, dims), {}))
    for given in ((0,), ((0,),), ([0, 1],), (0, 1), (), (0, 0), (2,)):
        assert ours(lambda x: x.flip(*given), (2, 3)) == torchs(lambda x: x.flip(*given), (2, 3))  # noqa: B023


def test_rolls():
    dims = (LEFT_OUT, None, *ODD, *(part for part in LISTS if len(part) < 3))
    shifts = (0, 1, -2, 7, (), (1,), (0,), (1, 2), (1, -1), (1, 2, 3), [2], *ODD)
    for shape in SHAPES:
        check_functions(calls("roll", [(shape, by) for by in shifts], dims=dims))


def test_every_cell_that_is_moved():
    shapes = ((), (1,), (1, 1), (3,), (1, 4), (4, 1), (2, 3), (2, 1, 3), (2, 3, 2))
    for shape, shift in product(shapes, (0, 1, -1, 2, 5, -8)):
        for case in calls("roll", [(shape, shift), (shape, (shift,))], dims=(LEFT_OUT, (), None)):
            check_function_cells(case)
        for axis in range(-len(shape), len(shape)):
            check_function_cells(FunctionCase("roll", (shape, shift, axis), {}))
            for other in range(len(shape)):
                check_function_cells(FunctionCase("roll", (shape, (shift, 1), (axis, other)), {}))


def test_a_tensor_without_cells_is_not_moved():
    for shape in ((0,), (2, 0), (0, 3)):
        for call in ({}, {"dims": 0}, {"dims": (0, 1)}):
            by = (1, 2) if call.get("dims") == (0, 1) else 1
            if by == 1 or len(shape) == 2:
                (maps,) = cc.roll.axes(shape, by, **call)
                assert not list(maps.reads((0,) * len(shape), shape))


def test_symbols():
    for shape, shift, call in (((3,), 1, {}), ((2, 3), 1, {"dims": 0}), ((2, 3), (1, 2), {"dims": (0, 1)}), ((1, 3), -1, {})):
        assert check_symbols(FunctionCase("roll", (shape, shift), call)) == 3 ** len(shape)
    assert check_symbols(FunctionCase("flip", ((2, 3), (1,)), {})) == 9
    (maps,) = cc.roll.axes(("H", 1), 2)
    assert list(maps.reads((0b1, 0b1), (5, 1))) == [(0b1000, 0b1)]
