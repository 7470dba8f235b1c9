"""Sums over a symbolic number of layers, in closed form."""

from __future__ import annotations

from math import lcm

from cnncalc.errors import UnsupportedError
from cnncalc.sizes import Expr, Size, Symbol, floor_div

#: Sums of higher powers are refused: no network asks for them.
HIGHEST = 16


def total(term: Size, index: str, count: Size) -> Size:
    """The sum of `term` for the symbol `index` = 0, 1, …, count − 1, as a polynomial in `count`.

    `term` is a polynomial in `index`, whose coefficients may hold other symbols and floors. With Stirling's numbers of the
    second kind S(p, j), the sum of iᵖ for i below n is Σⱼ S(p, j)·n(n − 1)…(n − j)/(j + 1), which is whole, so that the one
    division at the end is exact. Raises UnsupportedError where `index` stands in a floor.
    """
    coefficients = _coefficients(term, index)
    below = lcm(*range(1, len(coefficients) + 1))
    found: Size = 0
    for power, coefficient in enumerate(coefficients):
        for j in range(power + 1):
            falling: Size = 1
            for k in range(j + 1):
                falling = falling * (count - k)
            found = found + coefficient * falling * (_stirling(power, j) * (below // (j + 1)))
    return floor_div(found, below)


def _coefficients(term: Size, index: str) -> list[Size]:
    """The coefficients of a polynomial in one symbol, by power."""
    found: dict[int, Size] = {0: 0}
    for monomial, coefficient in term.terms.items() if isinstance(term, Expr) else [((), term)]:
        power, rest = 0, {}
        for atom, exponent in monomial:
            if isinstance(atom, Symbol) and atom.name == index:
                power = exponent
            elif not isinstance(atom, Symbol) and index in Expr({((atom, 1),): 1}).symbols:
                raise UnsupportedError("a sum over floors has no closed form here", got=str(term)[:60])
            else:
                rest[atom] = exponent
        part: Size = Expr({tuple(rest.items()): coefficient}) if rest else coefficient
        found[power] = found.get(power, 0) + part
    if max(found) > HIGHEST:
        raise UnsupportedError("the power is too high to be summed up", got=f"{index}^{max(found)}")
    return [found.get(power, 0) for power in range(max(found) + 1)]


def _stirling(n: int, k: int) -> int:
    """In how many ways n things fall into k parts, none empty."""
    row = [1]
    for size in range(1, n + 1):
        row = [0, *(part * (row[part] if part < size else 0) + row[part - 1] for part in range(1, size + 1))]
    return row[k]
