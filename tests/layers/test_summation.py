"""Sums by Einstein's convention, against torch: shapes, refusals, products as torch counts them, and every cell."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_side import counted, expected_of, ours  # noqa: E402 - they need torch
from function_tables import check_symbols  # noqa: E402
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402

ONE = ("a->a", "ab->ba", "ab->", "ab->a", "ab->b", "ab", "ba", "->", "", "abc->ca", "a b -> b a", "Ba")
TWO = (
    "a,a->a", "a,a->", "a,a", "a,b->ab", "a,b", "ab,bc->ac", "ab,bc", "ab,bc->abc", "ab,ab->", "ab,cb->ac", "ba,bc->ca",
    "ab,b->a", "ab,b->",
    "a,->a", ",->", ",a->a", "ab,c->a", "ab,cd->ad", "abc,bd->ad", "ab,bc->cba", "ab,a->b",
)  # fmt: skip


def shapes_for(equation, lengths):
    """Every choice of lengths for each letter of each tensor."""
    parts = equation.replace(" ", "").partition("->")[0].split(",")
    places = sum(map(len, parts))
    for numbers in product(lengths, repeat=places):
        taken = iter(numbers)
        yield tuple(tuple(next(taken) for _ in part) for part in parts)


@pytest.mark.parametrize("equation", [*ONE, *TWO])
def test_every_choice_of_lengths(equation):
    cases = [
        FunctionCase("einsum", (equation, *shapes), {})
        for shapes in shapes_for(equation, (1, 2, 3) if len(equation) < 11 else (1, 2))
    ]
    check_functions(cases)
    for case in cases:
        if expected_of(case) is not None and "3" not in str(case.inputs[1:]):
            check_function_cells(case) if sum(map(len, case.inputs[1:])) < 5 else None
            assert cc.einsum.macs(*case.inputs) == counted(case), case


@pytest.mark.parametrize("equation", ["ab,bc->ac", "ab,ab->", "ab->b", "a,b"])
def test_axes_without_cells(equation):
    check_functions([FunctionCase("einsum", (equation, *shapes), {}) for shapes in shapes_for(equation, (0, 1, 2))])


def test_equations_that_are_none():
    equations = (
        "ab->c", "ab->aa", "ab,bc->d", "ab->ab->", "a1->a", "a-b", "ab>ba", "ab,->b,a", "é->é", "ab,bc", "a", "abc", "a,b,",
        "ab->a,b", "_->_",
    )  # fmt: skip
    for equation, shapes in product(equations, (((2, 2),), ((2, 2), (2, 2)), ((2,),), ((),), ())):
        case = FunctionCase("einsum", (equation, *shapes), {})
        assert ours(case) == expected_of(case), case


def test_what_is_not_known_is_refused_so():
    for equation, shapes, words in (
        ("a,b,c->abc", ((2,), (2,), (2,)), "einsum of more than two tensors is not known"),
        ("...a->a...", ((2, 3),), "einsum with ... is not known"),
        ("aa->a", ((2, 2),), "einsum over a diagonal is not known"),
        ("ab,bb->a", ((2, 2), (2, 2)), "einsum over a diagonal is not known"),
        ((0, 1), ((2, 2),), "einsum is known by an equation alone"),
    ):
        with pytest.raises(cc.UnsupportedError, match=words):
            cc.einsum.output_shape(equation, *shapes)
    for equation, words in (
        ("ab,bc->ac", "the equation must speak of every tensor"),
        ("abc->a", "a tensor must have an axis for each"),
    ):
        with pytest.raises(cc.ShapeError, match=words):
            cc.einsum.output_shape(equation, (2, 3))
    with pytest.raises(cc.ArgumentError, match="einsum takes at least one tensor; got none"):
        cc.einsum.output_shape("a->a")


def test_tensors_may_come_as_a_list():
    assert cc.einsum.output_shape("ab,bc->ac", ((2, 3), (3, 4))) == (2, 4)
    assert cc.einsum.macs("ab,bc->ac", ((2, 3), (3, 4))) == 24
    assert cc.einsum.output_shape("ab->ba", ((2, 3),)) == (3, 2)
    assert len(cc.einsum.axes("ab,bc->ac", ((2, 3), (3, 4)))) == 2
    assert cc.einsum.output_shape("->", ()) == ()


def test_symbols():
    for equation, shapes in (
        ("ab,bc->ac", ((2, 3), (3, 2))),
        ("ab->ba", ((2, 3),)),
        ("ab,b->a", ((2, 3), (3,))),
        ("a,a->a", ((2,), (2,))),
    ):
        assert check_symbols(FunctionCase("einsum", (equation, *shapes), {}), (2, 3))
    assert str(cc.einsum.macs("ab,bc->ac", ("n", "k"), ("k", "m"))) in {"k·m·n", "n·k·m", "n·m·k", "m·n·k", "m·k·n", "k·n·m"}
    assert cc.einsum.macs("ab,bc->abc", ("n", "k"), ("k", "m")) == 0
    assert cc.einsum.macs("ab,bc->ac", ("n", "k"), (1, "m")) == 0
    assert cc.einsum.macs("ab,bc->ac", ("n", 1), ("k", "m")) == 0
