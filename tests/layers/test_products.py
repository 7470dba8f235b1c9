"""Products of tensors: every pair of small shapes, products as torch counts them, cells, and lengths that are symbols."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import FunctionCase

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

from torch_tables import (  # noqa: E402 - where torch is missing, this can't be imported
    check_function_cells,
    check_function_symbols,
    check_functions,
    check_macs,
)

#: Vectors, matrices and batches of lengths that fit, that are stretched, and that do neither.
VECTORS = ((), (0,), (1,), (2,), (3,))
MATRICES = tuple(product((0, 1, 2), repeat=2))
BATCHES = tuple(product((0, 1, 2), (1, 2), (2, 3)))
DEEPER = ((1, 2, 2, 3), (2, 1, 3, 2), (2, 2, 2, 2), (3, 1, 2, 3))


def pairs(name, *shapes):
    """A call for each pair."""
    return [FunctionCase(name, pair, {}) for pair in product(shapes, repeat=2)]


def test_matmul_is_torchs():
    cases = pairs("matmul", *VECTORS[:4], *MATRICES[::2], (2, 3), *BATCHES[::5], *DEEPER)
    check_functions(cases)
    check_macs(cases[::7])
    check_function_symbols(pairs("matmul", (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 3, 2), (1, 2, 3), (2, 1, 2, 3)))


@pytest.mark.parametrize("name", ["mm", "bmm", "mv", "dot", "outer"])
def test_products_of_a_certain_number_of_axes_are_torchs(name):
    cases = pairs(name, *VECTORS, *MATRICES[::2], (2, 3), (3, 2), *BATCHES[::2], (2, 3, 2), (1, 3, 2), (1, 1, 2, 2))
    check_functions(cases)
    check_macs(cases)
    check_function_symbols(pairs(name, (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 3, 2), (1, 2, 3), (2, 2, 3)))


@pytest.mark.parametrize(("name", "lead"), [("addmm", ()), ("baddbmm", (2,))])
def test_sums_and_products_are_torchs(name, lead):
    sums = (
        (),
        (1,),
        (3,),
        (2,),
        (2, 3),
        (1, 3),
        (2, 1),
        (1, 1),
        (3, 2),
        (2, 2, 3),
        (1, 2, 3),
        (1, 1, 1),
        (2, 1, 3),
        (1, 2, 2, 3),
        (0,),
    )
    factors = [((*lead, 2, k), (*lead, k, 3)) for k in (0, 1, 4)]
    factors += [
        ((*lead, 2, 4), (*lead, 3, 3)),
        ((2, 4), (4, 3)),
        ((1, 2, 4), (2, 4, 3)),
        ((4,), (4, 3)),
        ((1, *lead, 2, 4), (1, *lead, 4, 3)),
    ]
    cases = [FunctionCase(name, (added, *both), {}) for added, both in product(sums, factors)]
    check_functions(cases)
    check_macs(cases)
    check_function_symbols(cases[::4])
    for argument, value in product(("alpha", "beta"), (0, 2, 0.5, "2", None, (1,), True)):
        check_functions([FunctionCase(name, (sums[0], *factors[2]), {argument: value})])


def test_cells_are_those_of_torchs_gradients():
    cases = [("matmul", pair) for pair in product(((2,), (3, 2), (2, 2, 2)), ((2,), (2, 3), (2, 2, 3)))]
    cases += [("matmul", ((1, 2, 2), (2, 2, 2))), ("matmul", ((2, 1, 2, 2), (3, 2, 1))), ("matmul", ((2, 2), (2, 1, 2, 1)))]
    cases += [("mm", ((2, 3), (3, 2))), ("bmm", ((2, 2, 3), (2, 3, 2))), ("mv", ((2, 3), (3,))), ("dot", ((3,), (3,)))]
    cases += [("outer", ((2,), (3,)))]
    cases += [("addmm", (added, (2, 2), (2, 3))) for added in ((), (3,), (1, 3), (2, 1), (2, 3))]
    cases += [("baddbmm", (added, (2, 2, 2), (2, 2, 3))) for added in ((), (3,), (2, 1, 1), (1, 2, 3), (2, 2, 3))]
    for name, inputs in cases:
        check_function_cells(FunctionCase(name, inputs, {}))


@pytest.mark.parametrize(
    ("name", "inputs", "rule"),
    [
        ("matmul", ((), (2,)), r"both tensors must have an axis; got \(\) and \(2,\)"),
        ("matmul", ((2,), ()), r"both tensors must have an axis; got \(2,\) and \(\)"),
        ("matmul", ((2, 3), (2, 3)), "the last axis of the first must be as long as the one before the last of the second"),
        ("mm", ((2,), (2, 3)), r"input must have 2 axes; got 1 axes, \(2,\)"),
        ("mv", ((2, 3), (3, 1)), r"vec must have 1 axis; got 2 axes"),
        ("bmm", ((1, 2, 3), (2, 3, 2)), "batches must be equally long; got 1 and 2"),
        ("bmm", ((2, 3), (2, 3, 2)), "input must have 3 axes"),
        ("addmm", ((2, 2), (2, 3), (3, 3)), "the sum must have the shape of the product, or broadcast to it"),
        ("addmm", ((1, 2, 3), (2, 3), (3, 3)), "the sum must have the shape of the product, or broadcast to it"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(name, inputs, rule):
    with pytest.raises(cc.ShapeError, match=f"^{name}: {rule}"):
        named(name).output_shape(*inputs)
