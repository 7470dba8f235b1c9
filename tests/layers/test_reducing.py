"""Reductions against torch: every way to name axes, every norm, every cell, and symbols in place of lengths."""

from __future__ import annotations

from itertools import combinations, product
from math import inf, nan, prod

import numpy as np
import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls, check_symbols  # noqa: E402
from test_tensor_methods import ours, torchs  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import FUNCTIONS, named  # noqa: E402
from cnncalc.layers.reducing import Extremes  # noqa: E402

NAMES = FUNCTIONS["reducing"]
SPREADS, SO_FAR, TWO_WAYS, PLACES = {"var", "std"}, {"cumsum", "cumprod"}, {"max", "min"}, {"argmax", "argmin"}
SHAPES = ((), (1,), (3,), (0,), (2, 3), (2, 0), (0, 2), (2, 1, 3))
DIMS = (
    LEFT_OUT, None, (), [], (0,), (-1,), [1], (0, 1), (-1, 0), (0, 0), (0, -2), (1, 0, 2), (3,), (-4,),
    0, 1, 2, 3, -1, -2, -3, -4, True, "x", 1.5, (0, 1.5), np.int64(0),
)  # fmt: skip
FLAGS = (LEFT_OUT, False, True, 1, None)


@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_name_axes(name):
    flags = (LEFT_OUT,) if name in SO_FAR else FLAGS
    for shape in SHAPES:
        check_functions(calls(name, ((shape,),), dim=DIMS, **({} if name in SO_FAR else {"keepdim": flags})))
        if name not in {"norm", *SPREADS}:
            check_functions(calls(name, [(shape, dim) for dim in DIMS if dim is not LEFT_OUT]))


@pytest.mark.parametrize("name", ["var", "std"])
def test_arguments_of_a_spread(name):
    """Up to four arguments by position, the rest by name, and any of them twice."""
    values = (0, (1,), True, False, None)
    for count in range(5):
        for given in product(values, repeat=min(count, 3)):
            given = (*given, False) if count == 4 else given  # noqa: PLW2901 - one more
            check_functions(
                calls(name, [((2, 3), *given)], dim=(LEFT_OUT, 0), unbiased=(LEFT_OUT, True), keepdim=(LEFT_OUT, True))
            )
    every = {"dim": (*DIMS[:5], 1, True, None), "unbiased": (LEFT_OUT, True, False, None, 1), "keepdim": FLAGS}
    check_functions(calls(name, [((2, 3),)], **every, correction=(LEFT_OUT, None, 0, 1, 0.5, True, "x", (1,))))


def test_norms_of_every_order():
    orders = (LEFT_OUT, None, "fro", "nuc", "x", "", 0, 1, 2, -1, 0.5, -0.5, inf, -inf, nan, True, 1j, np.float32(-1), (1,))
    for shape in SHAPES:
        check_functions(calls("norm", [(shape,)], p=orders, dim=DIMS[:13], keepdim=FLAGS[:4]))


def test_a_sum_of_exponentials_of_a_tensor_in_some_axes():
    for shape in (*SHAPES, (2, 0, 3)):
        check_functions(calls("logsumexp", [(shape,)], dim=DIMS, keepdim=(LEFT_OUT, *FLAGS)))


@pytest.mark.parametrize("name", sorted(TWO_WAYS))
def test_the_larger_of_two_tensors(name):
    shapes = ((), (1,), (3,), (2,), (2, 3), (2, 1), (0, 3))
    check_functions(calls(name, product(shapes), other=shapes))
    check_functions(calls(name, [((3,),), ((3,), 0)], other=[(3,)], keepdim=(LEFT_OUT, False)))
    check_functions(calls(name, [((3,),)], other=[(3,)], dim=(LEFT_OUT, 0, None)))
    given = getattr(cc, name).output_shape((2, 3), 1)
    assert isinstance(given, Extremes)
    assert (given.values, given.indices) == ((2,), (2,))
    codes = [
        lambda x, y, _: x.max(y), lambda x, y, f: f(x, y), lambda x, y, f: f(x, other=y), lambda x, _, f: f(x, 0),
        lambda x, _, f: f(x), lambda x, _, f: f(x, 1, *(True,)), lambda x, y, f: f(x, y, y), lambda x, y, f: f(x, y, 1),
        lambda x, _, f: f(x, dim=1)[1], lambda x, _, f: f(x, 1).values,
        lambda x, _, f: f(x, keepdim=True), lambda *given: given[2](),
    ]  # fmt: skip
    for code in codes:
        for left, right in (((2, 3), (2, 3)), ((2, 3), (3,)), ((1, 3), (2, 1)), ((2, 3), (4,))):
            here = ours(lambda x, y, code=code: code(x, y, getattr(cc, name)), left, right)
            there = torchs(lambda x, y, code=code: code(x, y, getattr(torch, name)), left, right)
            assert here == there, (left, right)


def axes_of(shape):
    """Every set of axes, named from both ends."""
    for count in range(1, len(shape) + 1):
        for axes in combinations(range(len(shape)), count):
            yield axes
            yield tuple(axis - len(shape) for axis in axes)


@pytest.mark.parametrize("name", sorted(set(NAMES) - PLACES))
def test_every_cell_is_read_as_torch_reads_it(name):
    """And so many values are counted as are read; of what goes on cell by cell, as many as come out."""
    for shape in ((), (3,), (2, 3), (1, 3), (2, 1, 3), (2, 3, 2)):
        one = [{"dim": axis} for axis in range(-max(len(shape), 1), max(len(shape), 1))]
        several = [{"dim": axes} for axes in axes_of(shape)]
        if name == "norm":
            several = [{"dim": axes, "p": 2 if len(axes) > 2 else "fro"} for axes in axes_of(shape)]
        whole = [{}] if name not in {"logsumexp", *SO_FAR} else []
        flags = [{}] if name in SO_FAR else [{}, {"keepdim": True}, {"keepdim": False}]
        asked = one if name in SO_FAR | TWO_WAYS | {"prod"} else [*one, *several]
        found = [FunctionCase(name, (shape,), dims | flag) for dims in asked for flag in flags]
        for case in found + [FunctionCase(name, (shape,), call) for call in whole]:
            pairs = check_function_cells(case)
            kind, amount = ("elementwise", prod(shape)) if name in SO_FAR else ("pooling", pairs[0])
            assert named(name).arithmetic(shape, **case.call) == {kind: amount}, case


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_place_depends_on_all_cells_that_are_compared(name):
    """No gradient flows to a place, so that the cells are those of the extreme itself."""
    for shape, call in product([(3,), (2, 3), (2, 1, 3)], [{}, {"dim": 0}, {"dim": -1}, {"dim": 0, "keepdim": True}]):
        extreme = named({"argmax": "amax", "argmin": "amin"}[name])
        mine, other = named(name).axes(shape, **call)[0], extreme.axes(shape, **call)[0]
        assert mine.routes == other.routes
        assert named(name).arithmetic(shape, **call) == {"pooling": prod(shape)}


@pytest.mark.parametrize("name", sorted(TWO_WAYS))
def test_cells_of_two_tensors(name):
    for left, right in (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (3,)), ((), (3,))):
        case = FunctionCase(name, (left,), {"other": right})
        check_function_cells(case)
        assert named(name).arithmetic(left, other=right) == {"elementwise": torch.zeros(left).max(torch.zeros(right)).numel()}


@pytest.mark.parametrize("name", NAMES)
def test_symbols(name):
    """A length that is a symbol is reduced or left like any other, and is taken to hold cells."""
    for shape in ((3,), (2, 3), (1, 3, 2)):
        for dim in (LEFT_OUT, 0, -1, (0, 1), (1,)):
            for call in calls(name, [(shape,)], dim=(dim,)):
                assert check_symbols(call, (1, 2)) in {0, 2 ** len(shape)}, call
