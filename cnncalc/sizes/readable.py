"""The shortest form of a size found: a tree of sums, products and quotients, for people and for code.

`terms` are expanded; a reader wants N·F·C·k²·(⌊(H − k)/s⌋ + 1) in one piece. Three forms are tried, and the one with the
shortest text is taken: the terms as they are, the same in lengths with a constant inside (⌊(H − 4)/4⌋ for ⌊H/4⌋ − 1), and
factors. Each is equal to the others as a polynomial, so nothing rests on the choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import product as all_of
from math import gcd
from typing import NamedTuple

from cnncalc.sizes import polynomials
from cnncalc.sizes.atoms import Atom, Floor, Monomial, Symbol
from cnncalc.sizes.polynomials import Terms


class Number(NamedTuple):
    """A whole number."""

    value: int


class Name(NamedTuple):
    """A symbol."""

    name: str


class Power(NamedTuple):
    """A base raised to a whole exponent from 2 on."""

    base: Node
    exponent: int


class Product(NamedTuple):
    """A whole number times factors; `coefficient` may be 1 or negative."""

    coefficient: int
    factors: tuple[Node, ...]


class Sum(NamedTuple):
    """Two or more terms."""

    terms: tuple[Node, ...]


class Quotient(NamedTuple):
    """A quotient rounded down ("floor"), rounded up ("ceil"), or one that leaves no remainder ("exact")."""

    top: Node
    bottom: Node
    rounding: str


Node = Number | Name | Power | Product | Sum | Quotient


class Ways(NamedTuple):
    """How the shortest form is looked for: what a form costs is the length of its text; and where factors come from."""

    text: Callable[[Node], str]
    factors: Callable[[Terms], list[Terms]]
    #: Whether n less a floor may be written as a ceiling: one that is read back is a floor of its own, equal in value alone.
    ceilings: bool = True


#: A quotient is tried for remainders at this many points at most.
MOST_POINTS = 4096
#: The characters that a product may cost more than the sum.
BRACKET = 3
#: Sums of so many terms are looked through for groups.
FEWEST_GROUPED, MOST_GROUPED = 4, 16
#: Among longer sums, no factors are looked for.
MOST_TERMS = 40


class Shifted(Atom):
    """A floor plus a whole number, as one thing: a length such as ⌊(H − k)/s⌋ + 1. It stands in polynomials for reading only."""

    __slots__ = ("floor", "more")

    def __init__(self, floor: Floor, more: int) -> None:
        """Keep both."""
        super().__init__((2, floor.key, more))
        self.floor = floor
        self.more = more


def readable(terms: Terms, ways: Ways) -> Node:
    """The form of a polynomial whose text is shortest."""
    if not terms:
        return Number(0)
    found = _one_floor(terms, ways)
    if found is not None:
        return found
    plain = _sum(terms, ways)
    if len(terms) == 1 or len(terms) > MOST_TERMS:
        return plain
    shifted = _in_lengths(terms)
    forms = [_in_factors(shifted, ways), plain, _sum(shifted, ways), _over_one_number(terms, ways), _grouped(shifted, ways)]
    # A product tells more than a sum: F·(C·k² + 1), though C·F·k² + F is shorter by a bracket.
    return min(
        (form for form in forms if form is not None),
        key=lambda form: len(ways.text(form)) + (BRACKET if isinstance(form, Sum) else 0),
    )


# -- sums and products ------------------------------------------------------------------------------------------


def _order(item: tuple[Monomial, int]) -> tuple[object, ...]:
    """The constant last, higher degrees first, then by atoms."""
    monomial, _ = item
    return not monomial, -sum(power for _, power in monomial), [(atom.key, -power) for atom, power in monomial]


def _sum(terms: Terms, ways: Ways) -> Node:
    """The terms as they are."""
    parts = tuple([_term(monomial, coefficient, ways) for monomial, coefficient in sorted(terms.items(), key=_order)])
    return parts[0] if len(parts) == 1 else Sum(parts)


def _term(monomial: Monomial, coefficient: int, ways: Ways) -> Node:
    """One term."""
    if not monomial:
        return Number(coefficient)
    parts = tuple([_power(_atom(atom, ways), power) for atom, power in monomial])
    return parts[0] if len(parts) == 1 and coefficient == 1 else Product(coefficient, parts)


def _power(base: Node, exponent: int) -> Node:
    return base if exponent == 1 else Power(base, exponent)


def _in_factors(terms: Terms, ways: Ways) -> Node:
    """The terms as a product."""
    number, monomial = polynomials.common(terms)
    rest = polynomials.divided(terms, number, monomial)
    counts: dict[Node, int] = {}
    for factor in ways.factors(rest) if rest != {(): 1} else ():
        node = _grouped(factor, ways)
        counts[node] = counts.get(node, 0) + 1
    parts = [_power(_atom(atom, ways), power) for atom, power in monomial]
    parts += [_power(node, count) for node, count in counts.items()]
    return parts[0] if len(parts) == 1 and number == 1 else Product(number, tuple(parts))


def _grouped(terms: Terms, ways: Ways) -> Node:
    """A sum with a product in it, where that is shorter than the terms as they are: C·(2·r + 1)² + 1, (H − 2)·(W − 2) + S·T.

    Terms that are linear in an atom x are A·x + B. With B = A·t + r they are A·(x + t) + r, and r may be grouped again.
    """
    plain = _sum(terms, ways)
    quotient = _over_one_number(terms, ways)
    if quotient is not None and len(ways.text(quotient)) < len(ways.text(plain)):
        return quotient
    if not FEWEST_GROUPED <= len(terms) <= MOST_GROUPED:
        return plain
    best, length = plain, len(ways.text(plain))
    for atom in sorted({atom for monomial in terms for atom, _ in monomial}, key=lambda atom: atom.key):
        slope: Terms = {}
        others: Terms = {}
        for monomial, coefficient in terms.items():
            powers = dict(monomial)
            power = powers.pop(atom, 0)
            (slope if power else others)[tuple(powers.items())] = coefficient
            if power > 1:
                break
        else:
            if len(slope) < 2 or not others:  # noqa: PLR2004 - a group has two terms
                continue
            shift, rest = polynomials.divided_with_rest(others, slope)
            multiplied = _multiplied(_in_factors(slope, ways), _sum({((atom, 1),): 1, **shift}, ways))
            found: Node = multiplied
            if rest:
                forms = [_grouped(rest, ways), *([_in_factors(rest, ways)] if len(rest) > 1 else [])]
                found = _added(multiplied, min(forms, key=lambda form: len(ways.text(form))))
            if len(ways.text(found)) < length:
                best, length = found, len(ways.text(found))
    return best


def _multiplied(left: Node, right: Node) -> Product:
    """The product of two forms, sums behind the rest."""
    coefficient, factors = (left.coefficient, left.factors) if isinstance(left, Product) else (1, (left,))
    return Product(coefficient, tuple(sorted((right, *factors), key=lambda form: isinstance(form, (Sum, Power)))))


def _added(left: Product, right: Node) -> Sum:
    """The sum of two forms, one that begins with a minus behind the other."""
    parts = [left, *(right.terms if isinstance(right, Sum) else (right,))]
    parts.sort(key=lambda part: (isinstance(part, Number), isinstance(part, Product) and part.coefficient < 0))
    return Sum(tuple(parts))


# -- floors -----------------------------------------------------------------------------------------------------


def _atom(atom: Atom, ways: Ways) -> Node:
    """A symbol, a floor, or a floor with a number beside it."""
    if isinstance(atom, Symbol):
        return Name(atom.name)
    if isinstance(atom, Shifted):
        if isinstance(atom.floor.denominator, int):
            return _floor(atom.floor, atom.more, ways)
        return Sum((_floor(atom.floor, 0, ways), Number(atom.more)))
    if not isinstance(atom, Floor):  # pragma: no cover - there are three kinds of atoms
        raise TypeError(atom)
    return _floor(atom, 0, ways)


def _floor(floor: Floor, more: int, ways: Ways) -> Node:
    """A floor with a whole number inside it; as a ceiling or as an exact quotient where it is one."""
    bottom = floor.denominator
    top = dict(floor.numerator.terms)
    if not isinstance(bottom, int):
        return Quotient(readable(top, ways), readable(bottom.terms, ways), "floor")
    constant = top.pop((), 0) + more * bottom
    if leaves_no_remainder(floor):
        return Quotient(readable({**top, (): constant} if constant else top, ways), Number(bottom), "exact")
    if constant == bottom - 1:
        return Quotient(readable(top, ways), Number(bottom), "ceil")
    return Quotient(readable({**top, (): constant} if constant else top, ways), Number(bottom), "floor")


def _one_floor(terms: Terms, ways: Ways) -> Node | None:
    """One floor with a constant beside it, which goes inside: ⌊(H − 1)/2⌋. None where the terms are not of that form."""
    rest = [monomial for monomial in terms if monomial]
    if len(rest) != 1 or terms[rest[0]] != 1 or len(rest[0]) != 1 or rest[0][0][1] != 1:
        return None
    floor = rest[0][0][0]
    if not isinstance(floor, Floor) or not isinstance(floor.denominator, int):
        return None
    return _floor(floor, terms.get((), 0), ways)


def _in_lengths(terms: Terms) -> Terms:
    """The terms in floors plus numbers, where that makes fewer of them: x + 1 for x in M·x·y + M·x + M·y + M."""
    floors = {atom: None for monomial in terms for atom, _ in monomial if isinstance(atom, Floor)}
    for floor in sorted(floors, key=lambda floor: floor.key):
        for more in _shifts(terms, floor):
            fewer = _substituted(terms, floor, more)
            if len(fewer) < len(terms):
                terms = fewer
                break
    return terms


def _shifts(terms: Terms, floor: Floor) -> list[int]:
    """The whole numbers t for which a pair of terms is one power of floor + t begun, the commonest and then the least first.

    In whichever order the terms came to be: equal polynomials are written alike.
    """
    votes: Counter[int] = Counter()
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        power = powers.get(floor, 0)
        if not power:
            continue
        powers[floor] -= 1
        rest = tuple((atom, left) for atom, left in powers.items() if left)
        below = terms.get(rest, 0) if rest else 0  # a lone floor + t is no product
        more, remainder = divmod(below, power * coefficient)
        if more and not remainder:
            votes[more] += 1
    return sorted(votes, key=lambda more: (-votes[more], abs(more), more))


def _substituted(terms: Terms, floor: Floor, more: int) -> Terms:
    """The terms with floor = length − more put in, expanded."""
    length: Terms = {((Shifted(floor, more), 1),): 1, (): -more}
    total: Terms = {}
    for monomial, coefficient in terms.items():
        expanded: Terms = {tuple(item for item in monomial if item[0] != floor): coefficient}
        for _ in range(dict(monomial).get(floor, 0)):
            expanded = polynomials.product(expanded, length)
        for place, value in expanded.items():
            total[place] = total.get(place, 0) + value
    return {place: value for place, value in total.items() if value}


def _over_one_number(terms: Terms, ways: Ways) -> Node | None:
    """Terms and one floor by a whole number as one quotient: −L + ⌊(L² + L)/2⌋ is L·(L − 1)/2, H − ⌊6·H/7⌋ is ⌈H/7⌉.

    None where there is no such.
    """
    floors = {atom for monomial in terms for atom, _ in monomial if isinstance(atom, Floor)}
    if len(floors) != 1:
        return None
    (floor,) = floors
    bottom = floor.denominator
    exact = leaves_no_remainder(floor)
    times = terms.get(((floor, 1),))
    if not isinstance(bottom, int) or (not exact and times not in ({1, -1} if ways.ceilings else {1})):
        return None
    top: Terms = {}
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        power = powers.pop(floor, 0)
        if power > 1 or (power and powers and not exact):
            return None
        rest: Terms = {tuple(powers.items()): coefficient}
        for place, value in (
            polynomials.product(rest, floor.numerator.terms) if power else {monomial: coefficient * bottom}
        ).items():
            top[place] = top.get(place, 0) + value
    top = {place: value for place, value in top.items() if value}
    number = gcd(bottom, *top.values())
    above = readable(polynomials.divided(top, number, ()), ways)
    rounding = "exact" if exact else "floor" if times == 1 else "ceil"
    return above if number == bottom else Quotient(above, Number(bottom // number), rounding)


@lru_cache(maxsize=4096)
def leaves_no_remainder(floor: Floor) -> bool:
    """Whether a floor by a whole number never rounds, as in L·(L − 1)/2, by trying all remainders of its symbols.

    A polynomial's remainder by c is the same for numbers that differ by multiples of c. False where there are too many.
    """
    bottom, top = floor.denominator, floor.numerator
    if not isinstance(bottom, int) or all(sum(power for _, power in monomial) < 2 for monomial in top.terms):  # noqa: PLR2004
        return False  # a linear numerator without common factors takes every remainder
    names = sorted(top.symbols)
    if any(not isinstance(atom, Symbol) for monomial in top.terms for atom, _ in monomial):
        return False
    if bottom ** len(names) > MOST_POINTS:
        return False
    return all(
        remainder == 0
        for values in all_of(range(bottom), repeat=len(names))
        for remainder in [_at(top.terms, dict(zip(names, values, strict=True))) % bottom]
    )


def _at(terms: Terms, values: dict[str, int]) -> int:
    """The value of a polynomial in symbols."""
    total = 0
    for monomial, coefficient in terms.items():
        value = coefficient
        for atom, power in monomial:
            value *= values[atom.name] ** power  # type: ignore[attr-defined]
        total += value
    return total
