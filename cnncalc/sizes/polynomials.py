"""Polynomials with whole coefficients as dicts from monomials to coefficients: products, exact quotients, factors."""

from __future__ import annotations

from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.sizes.atoms import Atom, Monomial

Terms = dict["Monomial", int]

#: Polynomials of more terms are not taken apart: that would cost more than a shorter formula is worth.
MOST_TERMS = 64
#: Of polynomials in few terms, these whole numbers are tried as roots.
ROOTS, FEW_TERMS = (1, -1, 2, -2), 12


def monomial_product(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials, atoms in order."""
    if not left:
        return right
    if not right:
        return left
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))


def monomial_quotient(left: Monomial, right: Monomial) -> Monomial | None:
    """The quotient of two monomials; None where it is none."""
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple((atom, power) for atom, power in powers.items() if power)


def product(left: Terms, right: Terms) -> Terms:
    """The product of two polynomials."""
    total: Terms = {}
    for one, a in left.items():
        for other, b in right.items():
            monomial = monomial_product(one, other)
            total[monomial] = total.get(monomial, 0) + a * b
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def monomial_gcd(left: Monomial, right: Monomial) -> Monomial:
    """What two monomials have in common."""
    powers = dict(right)
    return tuple((atom, min(power, powers[atom])) for atom, power in left if atom in powers)


def _first(terms: Terms) -> Monomial:
    """The largest monomial: by atoms in order, a higher power first."""
    return min(terms, key=lambda monomial: [(atom.key, -power) for atom, power in monomial] + [((3,), 0)])


def quotient(numerator: Terms, denominator: Terms) -> Terms | None:
    """The exact quotient of two polynomials; None where there is a remainder. The denominator is not 0.

    Long division by the first monomial of an order that products keep: what is left gets smaller at each step.
    """
    lead = _first(denominator)
    scale = denominator[lead]
    rest = dict(numerator)
    found: Terms = {}
    while rest:
        top = _first(rest)
        monomial = monomial_quotient(top, lead)
        if monomial is None or rest[top] % scale or len(found) == MOST_TERMS:
            return None
        share = rest[top] // scale
        found[monomial] = share
        _take_away(rest, monomial, share, denominator)
    return found


def divided_with_rest(numerator: Terms, denominator: Terms) -> tuple[Terms, Terms]:
    """A quotient and what is left: numerator = quotient·denominator + rest. Terms that can't be divided go to the rest."""
    lead = _first(denominator)
    scale = denominator[lead]
    left, found, rest = dict(numerator), Terms(), Terms()
    while left:
        top = _first(left)
        monomial = monomial_quotient(top, lead)
        if monomial is None or left[top] % scale or len(found) == MOST_TERMS:
            rest[top] = left.pop(top)
            continue
        share = left[top] // scale
        found[monomial] = share
        _take_away(left, monomial, share, denominator)
    return found, rest


def _take_away(terms: Terms, monomial: Monomial, share: int, denominator: Terms) -> None:
    """Take share·monomial·denominator away from a polynomial, in place."""
    for other, coefficient in denominator.items():
        place = monomial_product(monomial, other)
        left = terms.get(place, 0) - share * coefficient
        if left:
            terms[place] = left
        else:
            terms.pop(place, None)


def common(terms: Terms) -> tuple[int, Monomial]:
    """What all terms have in common: a whole number, negative where the terms are, and a monomial."""
    sign = -1 if all(coefficient < 0 for coefficient in terms.values()) else 1
    return sign * gcd(*terms.values()), reduce(monomial_gcd, terms)


def divided(terms: Terms, number: int, monomial: Monomial) -> Terms:
    """The terms without what they have in common."""
    shorter: Terms = {}
    for whole, coefficient in terms.items():
        left = monomial_quotient(whole, monomial)
        if left is None:  # pragma: no cover - the monomial is common to all
            raise ValueError(monomial)
        shorter[left] = coefficient // number
    return shorter


def factors(terms: Terms) -> list[Terms]:
    """Factors of a polynomial whose terms have nothing in common: those that are linear in an atom, and what is left."""
    if 1 < len(terms) <= MOST_TERMS:
        atoms = {atom: None for monomial in terms for atom, _ in monomial}
        for atom in sorted(atoms, key=lambda atom: atom.key):
            split = _linear_factor(terms, atom)
            if split is not None:
                factor, rest = split
                return [factor, *factors(rest)]
    return [terms]


def _linear_factor(terms: Terms, atom: Atom) -> tuple[Terms, Terms] | None:
    """A factor atom + q of a polynomial, and the quotient; None where none is found."""
    by_power: dict[int, Terms] = {}
    for monomial, coefficient in terms.items():
        power = dict(monomial).get(atom, 0)
        by_power.setdefault(power, {})[tuple(item for item in monomial if item[0] != atom)] = coefficient
    degree = max(by_power)
    lead, next_lead = by_power[degree], by_power.get(degree - 1, {})
    line: Monomial = ((atom, 1),)
    if degree == 1:
        offset = quotient(next_lead, lead) if set(lead) != {()} else None
        return None if offset is None else ({line: 1, **offset}, lead)
    offset = quotient(next_lead, {monomial: degree * coefficient for monomial, coefficient in lead.items()})
    tried: list[Terms] = [] if offset is None else [offset]
    if len(terms) <= FEW_TERMS:
        tried += [{(): number} for number in ROOTS]
    for root in tried:
        factor = {line: 1, **root}
        rest = quotient(terms, factor)
        if rest is not None:
            return factor, rest
    return None
