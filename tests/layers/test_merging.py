"""Tensors laid end to end and side by side: every axis, parts that fit, that do not and that are skipped."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import FunctionCase

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

from torch_tables import check_function_cells, check_function_symbols, check_functions  # noqa: E402 - without torch, not there

SHAPES = ((), (0,), (1,), (2,), (0, 0), (0, 2), (2, 0), (1, 2), (2, 2), (2, 3), (1, 2, 3), (2, 2, 3), (1, 2, 0))
CATS = ["cat", "concat", "concatenate"]


@pytest.mark.parametrize("name", [*CATS, "stack"])
def test_tensors_are_joined_as_torch_joins_them(name):
    dims = (0, 1, -1, 2, -3, 3, -4)
    cases = [FunctionCase(name, (parts, dim), {}) for parts, dim in product(product(SHAPES, repeat=2), dims)]
    cases += [
        FunctionCase(name, (parts,), {"dim": dim}) for parts in ((), ((2,),), ((0,),), ((),), ((2, 3),) * 3) for dim in dims
    ]
    cases += [FunctionCase(name, (((2, 3), (0,), (1, 3), (0,)), dim), {}) for dim in dims]
    cases += [FunctionCase(name, (((0,), (0,)), dim), {}) for dim in dims]
    cases += [FunctionCase(name, (((2, 3), (2, 3)), odd), {}) for odd in (True, 1.0, "0", None, (0,))]
    check_functions(cases)


@pytest.mark.parametrize("name", [*CATS, "stack"])
def test_lengths_that_are_symbols_are_held_to_the_same(name):
    shapes = ((2, 3), (2, 2), (1, 3), (2,), (1, 2, 3))
    check_function_symbols(FunctionCase(name, (parts, dim), {}) for parts, dim in product(product(shapes, repeat=2), (0, 1, -1)))
    with recording() as recorder:
        named(name).output_shape((("N", "C", "H"), ("N", "C", "W")), 0)
    assert [str(requirement.condition) for requirement in recorder.requirements] == ["H = W"]


@pytest.mark.parametrize("name", [*CATS, "stack"])
def test_cells_are_those_of_torchs_gradients(name):
    for dim in (0, 1, -1):
        check_function_cells(FunctionCase(name, (((2, 2, 2), (2, 2, 2), (2, 2, 2)), dim), {}))
    if name != "stack":
        check_function_cells(FunctionCase(name, (((2, 1), (0,), (2, 3), (0,), (2, 0)), 1), {}))
        check_function_cells(FunctionCase(name, (((0,), (2,), (1,)), 0), {}))


def test_a_cell_lies_in_one_of_the_tensors_along_the_axis():
    for dim in (0, 1, 2):
        assert [maps.laid_along for maps in named("cat").axes(((2, 2, 2), (2, 2, 2)), dim)] == [{dim}, {dim}]
        assert [maps.laid_along for maps in named("stack").axes(((2, 2), (2, 2)), dim)] == [{dim}, {dim}]


def test_nothing_is_read_of_what_is_skipped():
    for parts in (((0,), (0,)), ((0,),)):
        maps = named("cat").axes(parts, 0)
        assert len(maps) == len(parts)
        assert not any(list(part.reads((1,), (0,))) for part in maps)


@pytest.mark.parametrize(
    ("name", "inputs", "rule"),
    [
        ("cat", ((),), r"cat takes a list of at least one tensor; got \(\)"),
        ("cat", (((2,), None),), "cat takes a list of at least one tensor"),
        ("cat", ((((2,), (2,)), (2,)),), "cat takes a list of at least one tensor"),
        ("cat", (((2,), ()),), "a tensor without axes can't be concatenated"),
        ("cat", (((2, 3), (2,)),), r"tensors must have the same number of axes; got \(2, 3\) and \(2,\)"),
        ("cat", (((2, 3), (2, 4)),), "lengths must agree on every axis but 0; got 3 and 4 on axis 1"),
        ("stack", ((),), r"stack takes a list of at least one tensor; got \(\)"),
        ("stack", (((2,), None),), "stack takes a list of at least one tensor"),
        ("stack", (((2, 3), (2,)),), r"tensors must have the same number of axes; got \(2, 3\) and \(2,\)"),
        ("stack", (((2, 3), (2, 4)),), r"tensors must have the same shape; got \(2, 3\) and \(2, 4\)"),
    ],
)
def test_a_refusal_says_what_is_wrong(name, inputs, rule):
    with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
        named(name).output_shape(*inputs)


def test_an_axis_that_is_not_there_is_refused_by_every_fact():
    for fact in (named("stack").output_shape, named("stack").axes):
        with pytest.raises(cc.ShapeError, match=r"^stack: dim must lie in -2 … 1; got dim=2 for 2 axes, \(2, 1\)"):
            fact(((2,), (2,)), 2)
