"""Which sizes meet a condition: signs of polynomials, first sizes and whole sets against looking at every number."""

from __future__ import annotations

import re
from itertools import pairwise, product

import pytest

import cnncalc as cc
from cnncalc.sizes import Condition, Expr, SizeSet, floor_div, periods, sizes_meeting, symbol
from cnncalc.sizes.periods import degree_of, direction, evaluator, first_from, period_of, signs_of
from cnncalc.sizes.sets import MOST_BITS

H, W, P = symbol("H"), symbol("W"), symbol("p", 0)


def half(size):
    """⌊size/2⌋."""
    return floor_div(size, 2)


def sign(value):
    """−1, 0 or 1."""
    return (value > 0) - (value < 0)


def polynomials():
    """Polynomials with their degree; many change their sign, some late, some twice at neighbours."""
    for a, b, c, d in product((-1, 0, 1), (-3, 0, 2), (-4, 0, 1, 5), (-6, -1, 0, 1, 7)):
        yield 3, lambda m, a=a, b=b, c=c, d=d: a * m**3 + b * m**2 + c * m + d
    for one, other, third in product((-2, 0, 1, 6), (1, 7, 8, 40), (3, 9, 97)):
        for factor, more in product((1, -1), (0, 1, -5)):
            yield 3, lambda m, r=(one, other, third), f=factor, e=more: f * (m - r[0]) * (m - r[1]) * (m - r[2]) + e
            yield 2, lambda m, r=(one, other), f=factor, e=more: f * (m - r[0]) * (m - r[1]) + e
            yield 1, lambda m, r=one, f=factor, e=more: f * (3 * m - r) + e
            yield 0, lambda _, f=factor, e=more: f * e


def test_signs_of_polynomials_are_those_at_every_number():
    for degree, value in polynomials():
        runs = signs_of([value(m) for m in range(degree + 1)])
        assert runs[0][0] == 0
        ends = [*(first for first, _ in runs[1:]), 110]
        assert all(one[1] != other[1] for one, other in pairwise(runs))
        found = [now for (first, now), end in zip(runs, ends, strict=True) for _ in range(first, end)]
        assert found == [sign(value(m)) for m in range(110)]


@pytest.mark.parametrize("low", [1, 2, 5, 8])
def test_the_first_number_where_something_holds(low):
    for first in range(-3, 70):
        assert first_from(lambda n: n >= first, low) == max(low, first)  # noqa: B023 - called at once


def test_a_first_number_too_far_is_refused():
    assert first_from(lambda n: n >= MOST_BITS) == MOST_BITS
    with pytest.raises(cc.UnsupportedError, match="go on too far to be listed; got more than 16,777,216"):
        first_from(lambda n: n > MOST_BITS)


# -- formulas as functions --------------------------------------------------------------------------------------

IN_ONE = [
    H - 3,
    -2 * H + 9,
    7 - half(H),
    H * H - 9 * H + 14,
    half(H) - 4,
    3 * floor_div(H + 1, 4) - 5,
    half(H) + floor_div(H, 3) - 7,
    H - 2 * half(H),
    H - 2 * half(H) - 1,
    H - 3 * floor_div(H, 3) + half(H) - 4,
    half(H) * half(H + 1) - 12,
    half(H * H) - 10 * H + 30,
    H**3 - 14 * H * H + 50 * H - 40,
    half(H) ** 2 - 5 * half(H) + 6,
    floor_div(half(H) ** 2 + H, 3) - 2 * H + 3,
    4 * floor_div(H, 4) - 2 * half(H),
    H % 6 - 3,
    floor_div(5 - 2 * H, 3) + 4,
    H * half(H) - 30,
    (H - 4) * (H % 3),
]


def test_a_formula_as_a_function():
    for formula in IN_ONE:
        value = evaluator(formula, "H")
        assert [value(n) for n in range(1, 40)] == [formula.subs({"H": n}) for n in range(1, 40)]


def test_other_symbols_and_divisors_are_refused():
    with pytest.raises(cc.UnsupportedError, match="the condition has another symbol; got W"):
        evaluator(H + W, "H")
    for use in (lambda size: evaluator(size, "H"), period_of):
        with pytest.raises(
            cc.UnsupportedError, match=r"divided by a symbol, so that sizes need not repeat; got division by H \+ 1"
        ):
            use(floor_div(5, H + 1) + H)


@pytest.mark.parametrize(
    ("formula", "period", "degree"),
    [
        (H + 1, 1, 1),
        (H**3 - H, 1, 3),
        (half(H) + 1, 2, 1),
        (half(H) + floor_div(H, 3), 6, 1),
        (floor_div(H, 4) * floor_div(H + 1, 6), 12, 2),
        (half(H * H) * H, 2, 3),
        (half(H) ** 3, 2, 3),
        (floor_div(half(H) * H, 3) ** 2, 6, 4),
        (floor_div(half(H) + floor_div(H, 3), 5) - 1, 30, 1),
        (H * W * W, 1, 3),
        (Expr({}), 1, 0),
        (Expr({(): 4}), 1, 0),
    ],
    ids=str,
)
def test_periods_and_degrees(formula, period, degree):
    assert period_of(formula) == period
    assert degree_of(formula) == degree


@pytest.mark.parametrize(
    ("formula", "way"),
    [
        (H - 5, 1),
        (2 - H, -1),
        (half(H) - 3, 1),
        (3 - 2 * half(H), -1),
        (H * half(H) + W, 1),
        (H - half(H), 0),
        (H - W, 0),
        (H * H - H, 0),
        (half(H * W) ** 2, 1),
        (floor_div(H, W), 0),
        (floor_div(5, W), 0),
        (floor_div(floor_div(5, W) + H, 2), 0),
        (Expr({(): 4}), 0),
        (-H * floor_div(H, W), 0),
        (floor_div(floor_div(H, 2) * H + 5, 3), 1),
    ],
    ids=str,
)
def test_directions(formula, way):
    assert direction(formula) == way


# -- whole conditions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", [">=", "==", "!="])
def test_the_sizes_that_meet_a_condition(relation):
    for formula in IN_ONE:
        for more in (-3, -1, 0, 1, 2):
            condition = Condition(formula + more, relation)
            sizes = sizes_meeting(condition, "H")
            assert {n for n in range(-2, 90) if n in sizes} == {n for n in range(1, 90) if condition.holds({"H": n})}, condition
            assert sizes.name == "H"


@pytest.mark.parametrize(
    ("condition", "sizes"),
    [
        (Condition(H - 7, ">="), SizeSet.progression(7, 1)),
        (Condition(7 - H, ">="), SizeSet.of(range(1, 8))),
        (Condition(H - 7, "=="), SizeSet.of([7])),
        (Condition(7 - H, "!="), ~SizeSet.of([7])),
        (Condition(H * H - 49, "=="), SizeSet.of([7])),
        (Condition(half(H) - 3, "=="), SizeSet.of([6, 7])),
        (Condition(2 * half(H) - H, "=="), SizeSet.progression(2, 2)),
        (Condition((H - 3) * (H - 8), ">="), SizeSet.of([1, 2, 3]) | SizeSet.progression(8, 1)),
        (Condition(H + 5, "=="), SizeSet()),
        (Condition(-H - 5, ">="), SizeSet()),
        (Condition(H * H - H, ">="), SizeSet.everything()),
    ],
    ids=str,
)
def test_sizes_by_hand(condition, sizes):
    assert sizes_meeting(condition, "H") == sizes


def test_a_period_too_long_is_refused(monkeypatch):
    with pytest.raises(cc.UnsupportedError, match=r"^the condition repeats too late to be worked out; got .*, period 65,537$"):
        sizes_meeting(Condition(H - 65537 * floor_div(H, 65537) - 3, ">="), "H")
    monkeypatch.setattr(periods, "MOST_REMAINDERS", 12)
    assert sizes_meeting(Condition(H % 12 - 3, "=="), "H") == SizeSet.progression(3, 12)
    with pytest.raises(cc.UnsupportedError, match="period 13"):
        sizes_meeting(Condition(H % 13 - 3, "=="), "H")


def test_what_only_rises_may_do_so_as_slowly_as_it_likes():
    assert sizes_meeting(floor_div(H, 70_000) + floor_div(H, 70_001) >= 4, "H") == SizeSet.progression(140_002, 1)
    assert sizes_meeting(floor_div(H, 70_000) <= 1, "H") == ~SizeSet.progression(140_000, 1)


def test_sizes_too_far_are_refused():
    last = MOST_BITS - 1
    assert sizes_meeting(Condition(H * H - last * H - 1, ">="), "H") == SizeSet.progression(last + 1, 1)
    message = re.escape("the sizes that meet a condition go on too far to be listed; got ")
    with pytest.raises(cc.UnsupportedError, match=message + ".*, up to 16,777,217"):
        sizes_meeting(Condition(H * H - MOST_BITS * H - 1, ">="), "H")
    with pytest.raises(cc.UnsupportedError, match=message):
        sizes_meeting(H >= MOST_BITS + 1, "H")
