"""Polynomials taken apart by sympy: factors, common factors, quotients with a remainder.

sympy is imported when something is asked, and nothing rests on it: what it gives is multiplied out by our own algebra, and
taken only if that is the polynomial asked about. Without sympy, and beyond the limits, the answer is None.
"""

from __future__ import annotations

from functools import reduce
from math import isqrt
from typing import TYPE_CHECKING, Any

from cnncalc.sizes import polynomials

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.sizes.atoms import Atom
    from cnncalc.sizes.polynomials import Terms

#: Beyond these, taking apart costs more than a shorter formula is worth.
MOST_ATOMS, HIGHEST = 8, 12


def factors(terms: Terms) -> list[Terms] | None:
    """The factors that can't be taken apart further, of a polynomial whose terms have nothing in common. None where it is one."""
    if not may_have_factors(terms):
        return None

    def asked(sympy: Any, polynomial: Any) -> list[Any]:
        sign, powers = sympy.factor_list(polynomial)
        first, *others = [base for base, power in powers for _ in range(power)]
        return [first * sign, *others]

    found = _asked([terms], asked)
    return found if found is not None and len(found) > 1 and reduce(polynomials.product, found) == terms else None


def may_have_factors(terms: Terms) -> bool:
    """Whether terms that have nothing in common may be a product, by a look at them.

    Where an atom x stands in one term alone, and to the first power, they are a·x + b with a monomial a. In a product x is in
    one factor, the other divides a and b; what divides a is a monomial, and no monomial divides all terms. So it is none. A
    polynomial of degree 2 in one atom has factors where b² − 4·a·c is a square.
    """
    if not 1 < len(terms) <= polynomials.MOST_TERMS:
        return False
    powers: dict[Atom, list[int]] = {}
    for monomial in terms:
        for atom, power in monomial:
            powers.setdefault(atom, []).append(power)
    if len(powers) == 1 and max(next(iter(powers.values()))) == 2:  # noqa: PLR2004 - a square, and its formula
        ((atom, _),) = powers.items()
        a, b, c = (terms.get(((atom, power),) if power else (), 0) for power in (2, 1, 0))
        return is_square(b * b - 4 * a * c)
    return [1] not in powers.values()


def is_square(number: int) -> bool:
    """Whether a whole number is a square."""
    return number >= 0 and isqrt(number) ** 2 == number


def without_common_factor(top: Terms, bottom: Terms) -> tuple[Terms, Terms, Terms] | None:
    """The greatest common factor of two polynomials, and both without it. None where they have none."""

    def asked(sympy: Any, left: Any, right: Any) -> list[Any]:
        return list(sympy.cofactors(left, right))

    found = _asked([top, bottom], asked)
    if found is None:
        return None
    common, left, right = found
    holds = polynomials.product(common, left) == top and polynomials.product(common, right) == bottom
    return (common, left, right) if holds and set(common) != {()} else None


def divided(top: Terms, bottom: Terms) -> tuple[Terms, Terms] | None:
    """A quotient with whole coefficients, not 0, and what is left: top = quotient·bottom + rest. None where there is none."""

    def asked(sympy: Any, left: Any, right: Any) -> list[Any]:
        return list(sympy.div(left, right))

    found = _asked([top, bottom], asked)
    if found is None or not found[0]:
        return None
    share, rest = found
    total = polynomials.product(share, bottom)
    for monomial, coefficient in rest.items():
        total[monomial] = total.get(monomial, 0) + coefficient
    return (share, rest) if {monomial: value for monomial, value in total.items() if value} == top else None


def _asked(given: list[Terms], ask: Callable[..., list[Any]]) -> list[Terms] | None:
    """What sympy answers for polynomials, each atom a name to it; None where it can't be asked, or answers in fractions."""
    atoms = sorted({atom for terms in given for monomial in terms for atom, _ in monomial}, key=lambda atom: atom.key)
    degree = max(sum(power for _, power in monomial) for terms in given for monomial in terms)
    longest = max(len(terms) for terms in given)
    if not 0 < len(atoms) <= MOST_ATOMS or degree > HIGHEST or longest > polynomials.MOST_TERMS:
        return None
    try:
        import sympy
    except ImportError:
        return None
    names = [sympy.Symbol(f"x{index}") for index in range(len(atoms))]
    places = {atom: index for index, atom in enumerate(atoms)}

    def handed(terms: Terms) -> Any:
        rows = {}
        for monomial, coefficient in terms.items():
            row = [0] * len(atoms)
            for atom, power in monomial:
                row[places[atom]] = power
            rows[tuple(row)] = coefficient
        return sympy.Poly.from_dict(rows, *names, domain="ZZ")

    taken: list[Terms] = []
    for polynomial in ask(sympy, *map(handed, given)):
        terms: Terms = {}
        for row, coefficient in polynomial.as_dict().items():
            if not coefficient.is_Integer:
                return None
            terms[tuple((atom, power) for atom, power in zip(atoms, row, strict=True) if power)] = int(coefficient)
        taken.append(terms)
    return taken
