"""Axes in another order, against torch: every axis, every order, and what is no order."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_tables import calls, check_symbols  # noqa: E402
from test_tensor_methods import ours, torchs  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

SHAPES = ((), (2,), (2, 3), (2, 3, 4), (1, 2, 3, 2))
NUMBERS = (0, 1, 2, 3, -1, -2, -3, -4, 4, -5)
ODD = (True, 1.5, None, "x")
LISTS = (*((axis,) for axis in NUMBERS[:6]), (), (0, 1), [1, 0], (0, -1), (-1, 0), (0, 0), (1, 2, 0), (2, 0), (0, 1, 2), (3, 1))


def test_permutations():
    given = [order for count in range(4) for order in product((-3, -2, -1, 0, 1, 2), repeat=count)]
    for shape in SHAPES[:4]:
        check_functions(calls("permute", [(shape, dims) for dims in (*given, *ODD, 0, [1, 0], (0, 1.5), (True, 0))]))
    for shape in SHAPES:
        for order in permutations(range(len(shape))):
            check_function_cells(FunctionCase("permute", (shape, order), {}))
    for given in ((1, 0), ((1, 0),), ([1, 0],), (0,), (), (1, 1)):
        assert ours(lambda x: x.permute(*given), (2, 3)) == torchs(lambda x: x.permute(*given), (2, 3))  # noqa: B023


@pytest.mark.parametrize("name", ["transpose", "swapdims", "swapaxes"])
def test_two_axes_exchanged(name):
    check_functions(calls(name, product(SHAPES, (*NUMBERS, *ODD), (*NUMBERS, *ODD))))
    for shape in SHAPES[1:]:
        for axes in product(range(len(shape)), range(-len(shape), 0)):
            check_function_cells(FunctionCase(name, (shape, *axes), {}))
    check_function_cells(FunctionCase(name, ((), 0, -1), {}))


def test_a_matrix_turned():
    check_functions(calls("t", product((*SHAPES, (0, 2), (1, 1, 1)))))
    for shape in SHAPES[:3]:
        check_function_cells(FunctionCase("t", (shape,), {}))


@pytest.mark.parametrize("name", ["movedim", "moveaxis"])
def test_axes_moved(name):
    check_functions(calls(name, product(SHAPES, (*NUMBERS, *ODD, *LISTS), (*NUMBERS, *ODD, *LISTS))))
    for shape in SHAPES[1:]:
        for axes in product(range(len(shape)), repeat=2):
            check_function_cells(FunctionCase(name, (shape, *axes), {}))
    for source, destination in ((((0, 1), (1, 2))), ((0, 2), (2, 1)), ((2, 0, 1), (0, 1, 2)), ((-1, 0), (1, -1)), ((), ())):
        check_function_cells(FunctionCase(name, ((2, 3, 2), source, destination), {}))


def test_symbols():
    for name, *given in (
        ("permute", (2, 0, 1)),
        ("transpose", 0, -1),
        ("swapaxes", 0, 1),
        ("movedim", 0, 2),
        ("movedim", (0, 1), (2, 0)),
    ):
        assert check_symbols(FunctionCase(name, ((1, 2, 3), *given), {})) == 27
