"""Conditions in one symbol, solved exactly: which sizes meet them.

A size in one symbol n is a polynomial in n and in floors. On each remainder of n to a common period every floor is itself a
polynomial, so that the whole is one, and a polynomial changes its sign finitely often. So what meets a condition is, from
some size on, periodic; docs/valid-sizes.md has the proof.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING

from cnncalc.errors import UnsupportedError
from cnncalc.sizes.atoms import Floor
from cnncalc.sizes.sets import MOST_BITS, SizeSet

if TYPE_CHECKING:
    from cnncalc.sizes.atoms import Atom
    from cnncalc.sizes.comparisons import Condition
    from cnncalc.sizes.expression import Expr

#: Periods beyond this one are refused: each remainder is worked out.
MOST_REMAINDERS = 1 << 16

#: The signs that a relation to 0 allows.
_RELATIONS: dict[str, frozenset[int]] = {">=": frozenset((0, 1)), "==": frozenset((0,)), "!=": frozenset((-1, 1))}
_Value = Callable[[int], int]


def sizes_meeting(condition: Condition, name: str) -> SizeSet:
    """The sizes from 1 on that meet a condition in the one symbol `name`.

    Raises UnsupportedError where a floor divides by a symbol, or where the period is beyond MOST_REMAINDERS.
    """
    value = evaluator(condition.expr, name)
    way = direction(condition.expr)
    if way:
        return _monotone(value, condition.relation, way).named(name)
    period, degree = period_of(condition.expr), degree_of(condition.expr)
    if period > MOST_REMAINDERS:
        raise UnsupportedError("the condition repeats too late to be worked out", got=f"{condition}, period {period:,}")
    wanted = _RELATIONS[condition.relation]
    runs = [signs_of([value(r + period * m) for m in range(degree + 1)]) for r in range(1, period + 1)]
    start = 1 + period * max(first for run in runs for first, _ in run)
    if start > MOST_BITS:
        raise UnsupportedError("the sizes that meet a condition go on too far to be listed", got=f"{condition}, up to {start:,}")
    members = bytearray(b"0") * start
    tail = 0
    for r, run in enumerate(runs, 1):
        for (first, sign), after in zip(run, [*(first for first, _ in run[1:]), None], strict=True):
            if sign not in wanted:
                continue
            low = r + period * first
            if after is None:
                tail |= 1 << (r % period)
            high = start if after is None else min(r + period * after, start)
            members[low:high:period] = b"1" * len(range(low, high, period))
    members.reverse()
    return SizeSet(int(members, 2), start, tail, period, name)


def _monotone(value: _Value, relation: str, way: int) -> SizeSet:
    """The sizes where an expression that never falls (way 1), or never rises (−1), meets a relation."""

    def at_least(least: int) -> SizeSet:
        """The sizes from the first one on where the rising one of value and −value is at least so much."""
        return SizeSet.progression(first_from(lambda n: way * value(n) >= least), 1)

    if relation == ">=":
        return at_least(0) if way > 0 else ~at_least(1)
    zero = at_least(0) - at_least(1)
    return zero if relation == "==" else ~zero


def first_from(holds: Callable[[int], bool], low: int = 1) -> int:
    """The first number from `low` on where something holds that holds from some number on. Refused beyond MOST_BITS."""
    if holds(low):
        return low
    step = 1
    while not holds(low + step):
        low, step = low + step, step * 2
        if low >= MOST_BITS:
            raise UnsupportedError("the sizes that meet a condition go on too far to be listed", got=f"more than {MOST_BITS:,}")
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def direction(expr: Expr) -> int:
    """1 for an expression that never falls and grows without end, −1 for one that never rises, 0 where that is not plain.

    In the normal form of sizes a floor by a number holds no negative coefficient, so that it never falls and is not negative.
    """
    signs = {coefficient > 0 for monomial, coefficient in expr.terms.items() if monomial}
    if len(signs) != 1 or not all(_rises(atom) for monomial in expr.terms for atom, _ in monomial):
        return 0
    return 1 if signs == {True} else -1


def _rises(atom: Atom) -> bool:
    """Whether an atom never falls, is not negative, and grows without end."""
    return not isinstance(atom, Floor) or (isinstance(atom.denominator, int) and direction(atom.numerator) == 1)


# -- expressions as functions -----------------------------------------------------------------------------------


def evaluator(expr: Expr, name: str) -> _Value:
    """A function that gives the value of an expression in the one symbol `name`."""
    terms = [
        (coefficient, [(_atom_evaluator(atom, name), power) for atom, power in monomial])
        for monomial, coefficient in expr.terms.items()
    ]

    def value(n: int) -> int:
        total = 0
        for coefficient, factors in terms:
            for factor, power in factors:
                coefficient *= factor(n) ** power  # noqa: PLW2901 - the product is built up from its coefficient
            total += coefficient
        return total

    return value


def _atom_evaluator(atom: Atom, name: str) -> _Value:
    if not isinstance(atom, Floor):
        if atom.key[1] != name:
            raise UnsupportedError("the condition has another symbol", got=str(atom.key[1]))
        return lambda n: n
    top = evaluator(atom.numerator, name)
    bottom = _whole(atom)
    return lambda n: top(n) // bottom


def _whole(atom: Floor) -> int:
    """The denominator of a floor, which must be a number."""
    if not isinstance(atom.denominator, int):
        raise UnsupportedError(
            "a size is divided by a symbol, so that sizes need not repeat", got=f"division by {atom.denominator}"
        )
    return atom.denominator


def period_of(expr: Expr) -> int:
    """A number of sizes after which every floor of an expression is a polynomial again, in each remainder to it."""
    period = 1
    for monomial in expr.terms:
        for atom, _ in monomial:
            if isinstance(atom, Floor):
                period = lcm(period, _whole(atom) * period_of(atom.numerator))
    return period


def degree_of(expr: Expr) -> int:
    """The degree in the symbols, a floor counted as what it divides."""
    return max(
        (
            sum(power * (degree_of(atom.numerator) if isinstance(atom, Floor) else 1) for atom, power in monomial)
            for monomial in expr.terms
        ),
        default=0,
    )


# -- polynomials at whole numbers -------------------------------------------------------------------------------


def signs_of(values: list[int]) -> list[tuple[int, int]]:
    """The signs of a polynomial at 0, 1, 2 …, as runs (first place, sign), the last of them without end.

    The polynomial of degree d is given by its values at 0 … d. Where its differences p(m + 1) − p(m), a polynomial of one
    degree less, keep one sign, it is monotone, and its changes of sign are found by bisection.
    """
    steps = [b - a for a, b in pairwise(values)]
    if not any(steps):
        return [(0, _sign(values[0]))]
    coefficients = _newton(values)

    def sign(m: int) -> int:
        return _sign(_newton_value(coefficients, m))

    runs: list[tuple[int, int]] = []
    slopes = signs_of(steps)
    for (first, slope), after in zip(slopes, [*(first for first, _ in slopes[1:]), None], strict=True):
        place = first
        while True:
            now = sign(place)
            if not runs or runs[-1][1] != now:
                runs.append((place, now))
            if slope == 0 or (after is None and now == slope):
                break
            # The sign can only go up with the slope: the next place where it is another one, before the slope changes.
            change = _next_change(sign, place, after)
            if change is None:
                break
            place = change
    return runs


def _next_change(sign: _Value, place: int, after: int | None) -> int | None:
    """The first place beyond, at most `after`, where a sign that changes in one direction is another one."""
    now = sign(place)
    if after is None:
        step = 1
        while sign(place + step) == now:
            place, step = place + step, step * 2
        high = place + step
    elif sign(after) == now:
        return None
    else:
        high = after
    low = place
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sign(middle) == now else (low, middle)
    return high


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _newton(values: list[int]) -> list[int]:
    """The coefficients of the binomials m over 0, m over 1 and so on, of a polynomial given by its values at 0, 1 and so on."""
    coefficients = []
    while values:
        coefficients.append(values[0])
        values = [b - a for a, b in pairwise(values)]
    return coefficients


def _newton_value(coefficients: list[int], m: int) -> int:
    """The polynomial's value at m."""
    total, binomial = 0, 1
    for index, coefficient in enumerate(coefficients):
        total += coefficient * binomial
        binomial = binomial * (m - index) // (index + 1)
    return total
