"""Quantities: numbers with unit and convention that work as numbers."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.quantity import NumericQuantity, Quantity, SymbolicQuantity, quantity
from cnncalc.sizes import Expr, symbol

H = symbol("H")


@given(st.integers(), st.integers())
def test_a_number_with_a_unit_is_a_number(value, other):
    made = quantity(value, "MAC", "bias excluded", "macs")
    assert isinstance(made, int)
    assert made == value
    assert hash(made) == hash(value)
    assert type(made + other) is int
    assert made + other == value + other
    assert f"{made:,}" == f"{value:,}"
    assert json.dumps(made) == json.dumps(value)
    assert type(made.value) is int


@given(st.integers())
def test_pickling_keeps_unit_and_convention(value):
    made = pickle.loads(pickle.dumps(quantity(value, "MAC", "bias excluded", "macs")))  # noqa: S301
    assert type(made) is NumericQuantity
    assert (made, made.unit, made.convention, made.source) == (value, "MAC", "bias excluded", "macs")


def test_a_formula_with_a_unit_is_a_formula():
    made = quantity(3 * H + 1, "MAC", "bias excluded")
    assert isinstance(made, SymbolicQuantity)
    assert isinstance(made, Quantity)
    assert (made == 3 * H + 1) is True
    assert made.subs({"H": 2}) == 7
    assert type(made.value) is Expr
    assert str(made + 1) == "3·H + 2"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (quantity(1216, "parameters", "a shared tensor once"), "1,216 parameters (a shared tensor once)"),
        (quantity(1216, "parameters"), "1,216 parameters"),
        (quantity(3 * H, "MAC"), "3·H MAC"),
    ],
)
def test_described_in_words(made, text):
    assert made.describe() == text
