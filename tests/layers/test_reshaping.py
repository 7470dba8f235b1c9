"""The same cells in another shape, against torch: sizes from −2 on, each place for −1, symbols on both sides."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls, check_symbols  # noqa: E402
from test_every_layer import check_answer  # noqa: E402 - they need torch
from test_tensor_methods import ours, torchs  # noqa: E402
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402
from cnncalc.sizes import recording, substitute  # noqa: E402

SHAPES = ((), (1,), (6,), (0,), (2, 3), (2, 0), (1, 6), (2, 1, 3))
SIZES = tuple(part for count in range(4) for part in product((-2, -1, 0, 1, 2, 3, 6), repeat=count))
ODD = (6, -1, None, "x", (True, 6), (1.5,), ("x",), [2, 3], [-1], (np.int64(6),), True, 1.5)
DIMS = (0, 1, 2, 3, -1, -2, -3, -4, True, None, "x", 1.5)


@pytest.mark.parametrize("name", ["reshape", "view"])
def test_sizes_of_a_new_shape(name):
    for shape in SHAPES:
        check_functions(calls(name, [(shape, size) for size in (*SIZES, *ODD)]))
    for given in ((6,), (2, 3), ((2, 3),), ([3, 2],), (-1,), (), ((),), (2, -1), (True, 6), ((2,), 3), (torch.float32,), (1.5,)):
        if given != (torch.float32,):
            assert ours(lambda x: getattr(x, name)(*given), (2, 3)) == torchs(lambda x: getattr(x, name)(*given), (2, 3))  # noqa: B023
    with pytest.raises(cc.CnncalcError, match="it takes sizes, or a tuple of them; got none" if name == "reshape" else "."):
        cc.trace(_Applied(lambda x: getattr(x, name)()), (2, 3))


class _Applied(cc.Module):
    """A network that is one piece of code."""

    def __init__(self, code):
        super().__init__()
        self.code = code

    def forward(self, x):
        """Do it."""
        return self.code(x)


def test_a_view_as_other_numbers_is_not_known():
    with pytest.raises(cc.UnsupportedError, match="as another type of numbers is not known"):
        cc.trace(_Applied(lambda x: x.view(torch.int32)), (2, 3))


def test_the_shape_of_another_tensor():
    others = [size for size in SIZES if all(n >= 0 for n in size)]
    for name in ("reshape_as", "view_as"):
        check_functions(calls(name, product(SHAPES, others)))
        for shape, other in (((6,), (2, 3)), ((2, 3), (3, 2)), ((), (1, 1)), ((2, 1, 3), (2, 3))):
            check_function_cells(FunctionCase(name, (shape, other), {}))


def test_every_way_to_flatten():
    check_functions(calls("ravel", product(SHAPES)))
    for shape in (*SHAPES, (2, 1, 0, 3)):
        check_functions(calls("flatten", [(shape,)], start_dim=(LEFT_OUT, *DIMS), end_dim=(LEFT_OUT, *DIMS)))
        for start, end in product((LEFT_OUT, *DIMS), repeat=2):
            kwargs = {"start_dim": start, "end_dim": end}
            kwargs = {name: value for name, value in kwargs.items() if value is not LEFT_OUT}
            wrong = not all(type(value) is int for value in kwargs.values())
            case = Case("Flatten", (), kwargs, shape, wrong_type=wrong)
            check_answer(case, torch_side.run(case))
            if 0 not in shape and not wrong and torch_side.run(case).shape is not None:
                check_function_cells(FunctionCase("flatten", (shape,), kwargs))
                _check_layer(Case("Flatten", (), {"start_dim": 1} | kwargs, shape), "flatten")
    check_function_cells(FunctionCase("ravel", ((2, 3),), {}))


def _check_layer(case, function):
    """A layer reads the cells that the function reads."""
    layer = named(case.name)(*case.args, **case.kwargs)
    output = layer.output_shape(case.shape)
    (mine,), (other,) = layer.axes(case.shape), named(function).axes(case.shape, *case.args, **case.kwargs)
    for cell in product(*map(range, output)):
        term = tuple(1 << i for i in cell)
        assert set(mine.reads(term, case.shape)) == set(other.reads(term, case.shape)), case


def test_every_way_to_unflatten():
    some = (*SIZES[:8], *product((-1, 0, 2, 3), repeat=2), (1, 2, 3), (2, -1, 3), (-1, -1, 6))
    for shape, dim in product(((), (6,), (2, 3)), (0, 1, -1, -2, -3)):
        check_functions(calls("unflatten", [(shape, dim, size) for size in some]))
    check_functions(calls("unflatten", [((2, 6), dim, size) for dim in DIMS for size in ((2, 3), (-1,))]))
    check_functions(calls("unflatten", [((6, 2), 0, size) for size in ODD] + [((2, 0), 1, size) for size in some]))
    layers = product(
        ((), (6,), (2, 3)), (0, 1, -2, -3, None, 1.5), (*SIZES[1:8], (2, 3), (-1, 2), 6, None, "x", (1.5,), ("x", 2), [2, 3])
    )
    for shape, dim, size in layers:
        case = Case(
            "Unflatten", (dim, size), {}, shape, wrong_type=type(dim) is not int or any(type(n) is not int for n in _items(size))
        )
        check_answer(case, torch_side.run(case))
    for shape, dim, size in (((6,), 0, (2, 3)), ((2, 6), 1, (3, 2)), ((6, 2), -2, (1, 6)), ((2, 6, 1), 1, (2, -1))):
        check_function_cells(FunctionCase("unflatten", (shape, dim, size), {}))
        _check_layer(Case("Unflatten", (dim, size), {}, shape), "unflatten")


def _items(size):
    return size if isinstance(size, (tuple, list)) else (size,)


@pytest.mark.parametrize("name", ["reshape", "view"])
def test_cells_keep_their_order(name):
    for shape in ((6,), (2, 3), (1, 6), (2, 1, 3), (4, 3), (2, 2, 3)):
        for size in ((-1,), (prod(shape),), (3, -1), (-1, 3), (2, -1, 3), (1, *shape), (*shape, 1)):
            if prod(shape) % prod(abs(n) for n in size) == 0:
                check_function_cells(FunctionCase(name, (shape, size), {}))


def test_symbols():
    """The number of cells must agree, and −1 must come out whole."""
    for size in ((6,), (2, 3), (-1,), (2, -1), (-1, 3), (4, -1), (1, 1, 1)):
        for shape in ((6,), (2, 3), (1, 2, 3)):
            check_symbols(FunctionCase("reshape", (shape, size), {}), (1, 2, 3, 4, 6))
    for dim, sizes in product((0, 1, -1), ((2, 3), (2, -1), (-1,), (1, 4))):
        check_symbols(FunctionCase("unflatten", ((6, 4), dim, sizes), {}), (1, 2, 4, 6))
    for start, end in ((0, -1), (1, -1), (0, 1), (1, 1)):
        assert check_symbols(FunctionCase("flatten", ((2, 3, 2), start, end), {})) == 27
    check_symbols(FunctionCase("view_as", ((2, 3), (3, 2)), {}))


def test_sizes_may_be_symbols():
    a, b = cc.symbol("a"), cc.symbol("b")
    for size in ((b, -1), (-1, b), (b, b), (b,), (2, b), (b, a)):
        with recording() as recorder:
            shape = cc.reshape.output_shape((2, a, 3), size)
        for n, m in product(range(1, 5), range(1, 7)):
            values = {"a": n, "b": m}
            there = torchs(lambda x, values=values, size=size: x.reshape([_put(part, values) for part in size]), (2, n, 3))
            held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
            assert held == (there is not None), (size, values)
            if held:
                assert tuple(_put(part, values) for part in shape) == there


def _put(part, values):
    return part if isinstance(part, int) else substitute(part, values)


def test_an_axis_is_no_symbol():
    for layer, stage in ((cc.Flatten, "start_dim"), (cc.Unflatten, "dim")):
        with pytest.raises(cc.ShapeError, match=f"{stage} counts axes and can't be a symbol; got {stage}=k"):
            layer(cc.symbol("k"), (2, 3)) if layer is cc.Unflatten else layer(cc.symbol("k"))
    with pytest.raises(cc.ShapeError, match="start_dim must not come after end_dim; got start_dim=1, end_dim=0"):
        cc.Flatten(1, 0).output_shape((2, 3))
