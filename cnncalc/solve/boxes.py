"""Conditions in several symbols: the sizes that meet them, as a union of boxes.

A box gives each symbol a set of its own; every choice from these sets meets the conditions. A condition in one symbol cuts
its set. One in several is taken apart exactly where that can be done: where all its symbols but one have few sizes, where
it is a product of one size each that must equal a number, where it says that two products are equal of which one is never
the larger, or where it never falls. Otherwise it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations
from math import gcd, prod
from typing import TYPE_CHECKING

from cnncalc.errors import UnsupportedError
from cnncalc.sizes import (
    Atom,
    Condition,
    Expr,
    Floor,
    Monomial,
    SizeSet,
    Symbol,
    at_least,
    sizes_meeting,
    substitute,
    symbols_of,
)
from cnncalc.sizes.comparisons import is_positive
from cnncalc.sizes.periods import direction, first_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.sizes import Size

Box = Mapping[str, SizeSet]

#: A size that small numbers divide.
_DIVISIBLE = 720_720
#: A symbol of at most so many sizes is tried size by size.
FEW = 1024


def cut(box: Box, conditions: Sequence[Condition]) -> list[Box]:
    """The part of a box that meets all conditions, as boxes that share no member."""
    sets = dict(box)
    coupled: list[Condition] = []
    for condition in conditions:
        names = condition.expr.symbols
        if len(names) == 1:
            (name,) = names
            sets[name] = sets[name] & sizes_meeting(condition, name)
        else:
            coupled.append(condition)
    if not all(sets.values()):
        return []
    if not coupled:
        return [sets]
    pieces, rest = _first_met(sets, coupled)
    return merged([part for piece in pieces for part in cut(piece, rest)])


def _first_met(box: Box, conditions: list[Condition]) -> tuple[list[Box], list[Condition]]:
    """The part of a box that meets one of several conditions in several symbols, and the conditions that are left.

    An equation goes first: it often leaves few sizes, which the others are then tried at. What can't be taken apart alone waits.
    """
    refusals: list[UnsupportedError] = []
    ordered = sorted(conditions, key=lambda condition: condition.relation != "==")
    for condition in ordered:
        try:
            return _meeting(box, condition), [other for other in ordered if other is not condition]
        except UnsupportedError as error:
            refusals.append(error)
    raise refusals[0]


def without(box: Box, hole: Box) -> list[Box]:
    """The part of a box outside of another one."""
    parts: list[Box] = []
    inside = dict(box)
    for name, members in hole.items():
        parts.append({**inside, name: inside[name] - members})
        inside[name] = inside[name] & members
    return [part for part in parts if all(part.values())]


def merged(boxes: Sequence[Box]) -> list[Box]:
    """The same sizes in fewer boxes: those that differ in one symbol alone are one."""
    boxes = list(boxes)
    names = list(boxes[0]) if boxes else []
    for name in names:
        groups: dict[tuple[SizeSet, ...], SizeSet] = {}
        for box in boxes:
            key = tuple(box[other] for other in names if other != name)
            groups[key] = groups[key] | box[name] if key in groups else box[name]
        boxes = [
            {other: members if other == name else rest[[o for o in names if o != name].index(other)] for other in names}
            for rest, members in groups.items()
        ]
    return boxes


def _meeting(box: Box, condition: Condition) -> list[Box]:
    """The part of a box that meets one condition in several symbols."""
    names = sorted(condition.expr.symbols)
    few = [name for name in names if box[name].is_finite and len(box[name]) <= FEW]
    if few:
        return _one_by_one(box, condition, min(few, key=lambda name: len(box[name])))
    if condition.relation == "!=":
        return _outside(box, _meeting(box, condition.negated()))
    if condition.relation == "==":
        factors = _factors(condition.expr, names[0])
        if factors:
            return _product(box, *factors)
        tight = _tight(condition.expr, names)
        if tight:
            return cut(box, tight)
    else:
        way = direction(condition.expr)
        if way < 0:
            return _outside(box, _meeting(box, condition.negated()))
        if way > 0:
            found = _rising(box, condition, names)
            if found is not None:
                return found
    raise UnsupportedError(
        "a condition ties sizes to each other, so that they have no sets of their own",
        got=str(condition),
        remedy="give one of them as a number, or both the same symbol",
    )


def _put_in(box: Box, condition: Condition, name: str, size: int) -> list[Box]:
    """The part of a box at one size of a symbol that meets a condition."""
    at_size = {**box, name: SizeSet.of([size], name)}
    left: Size = condition.expr.subs({name: size})
    if isinstance(left, Expr):
        return cut(at_size, [Condition(left, condition.relation)])
    return [at_size] if {">=": left >= 0, "==": left == 0, "!=": left != 0}[condition.relation] else []


def _one_by_one(box: Box, condition: Condition, name: str) -> list[Box]:
    """A symbol of few sizes, tried size by size."""
    return merged([part for size in box[name] for part in _put_in(box, condition, name, size)])


def _outside(box: Box, holes: list[Box]) -> list[Box]:
    """The part of a box outside of several."""
    parts = [box]
    for hole in holes:
        parts = [piece for part in parts for piece in without(part, hole)]
    return merged(parts)


# -- products ---------------------------------------------------------------------------------------------------


def _factors(expr: Expr, name: str) -> tuple[Expr, Expr, int] | None:
    """F, G, c such that expr = 0 exactly where F·G = c, F in the one symbol and G in the others; None where there are none.

    The coefficients are laid out as a table: a row for each product of atoms in the symbol, a column for each in the others.
    Up to the constant the table must be a row times a column.
    """
    table: dict[tuple[Monomial, Monomial], int] = {}
    for monomial, coefficient in expr.terms.items():
        own = tuple((atom, power) for atom, power in monomial if _symbols(atom) == {name})
        other = tuple((atom, power) for atom, power in monomial if name not in _symbols(atom))
        if len(own) + len(other) != len(monomial):
            return None
        table[own, other] = coefficient
    pivot = next(((own, other) for own, other in table if own and other), None)
    if pivot is None:
        return None
    rows = {own: table.get((own, pivot[1]), 0) for own, _ in table}
    columns = {other: table.get((pivot[0], other), 0) for _, other in table}
    rows.setdefault((), 0)
    columns.setdefault((), 0)
    scale = table[pivot]
    for own, row in rows.items():
        for other, column in columns.items():
            if (own or other) and scale * table.get((own, other), 0) != row * column:
                return None
    total = rows[()] * columns[()] - scale * table.get(((), ()), 0)
    return Expr({k: v for k, v in rows.items() if v}), Expr({k: v for k, v in columns.items() if v}), total


def _tight(expr: Expr, names: Sequence[str]) -> list[Condition]:
    """The conditions, one for each symbol, that together are expr = 0: of 16·⌊H/4⌋·⌊W/4⌋ = H·W, 4·⌊H/4⌋ = H and 4·⌊W/4⌋ = W.

    Two products, in each symbol a·A ≤ b·C, and C at least 1: then both are equal only where they are in each symbol. No condition
    where that is not seen.
    """
    if len(expr.terms) != 2:  # noqa: PLR2004 - the two products
        return []
    for (low, small), (high, large) in permutations(expr.terms.items()):
        pairs = [(_part(low, name), _part(high, name)) for name in names]
        if len(low) + len(high) != sum(len(_monomial(part)) for pair in pairs for part in pair):
            return []  # a factor has several symbols
        rests = [_room_above(*pair) for pair in pairs]
        ratios = [_ratio(*pair) for pair in pairs]
        if None not in rests and small + large * prod(ratios) == 0:
            return [Condition(rest, "==") for rest in rests if isinstance(rest, Expr)]
    return []


def _part(product: Monomial, name: str) -> Size:
    """The factors of a product that are in one symbol."""
    own = tuple((atom, power) for atom, power in product if _symbols(atom) == {name})
    return Expr({own: 1}) if own else 1


def _monomial(size: Size) -> Monomial:
    """The factors of a product."""
    return next(iter(size.terms)) if isinstance(size, Expr) else ()


def _ratio(low: Size, high: Size) -> Fraction:
    """By how much one size is larger than another where whole divisions leave no remainder."""
    values = dict.fromkeys(symbols_of(low) | symbols_of(high), _DIVISIBLE)
    return Fraction(int(substitute(high, values)), int(substitute(low, values)) or 1)


def _room_above(low: Size, high: Size) -> Size | None:
    """How much there is from one size to another, in that ratio, where it is seen never to be negative; else None."""
    ratio = _ratio(low, high)
    rest = ratio.denominator * high - ratio.numerator * low
    return rest if at_least(rest) is True and is_positive(high) else None


def _symbols(atom: Atom) -> frozenset[str]:
    """The symbols in an atom."""
    if isinstance(atom, Floor):
        return atom.numerator.symbols | symbols_of(atom.denominator)
    return frozenset((atom.name,)) if isinstance(atom, Symbol) else frozenset()


def _product(box: Box, own: Expr, others: Expr, total: int) -> list[Box]:
    """The part of a box where own · others = total: own is a divisor of it, others the rest."""
    if total == 0:
        zero = cut(box, [Condition(own, "==")])
        return zero + [part for rest in _outside(box, zero) for part in cut(rest, [Condition(others, "==")])]
    own_factor, other_factor = gcd(*own.terms.values()), gcd(*others.terms.values())
    if total % (own_factor * other_factor):
        return []
    total //= own_factor * other_factor
    found: list[Box] = []
    for divisor in _divisors(total):
        wanted = (own - divisor * own_factor, others - total // divisor * other_factor)
        found += cut(box, [Condition(expr, "==") for expr in wanted if isinstance(expr, Expr)])
    return merged(found)


def _divisors(number: int) -> list[int]:
    """All whole divisors, negative ones too."""
    small = [d for d in range(1, int(abs(number) ** 0.5) + 2) if number % d == 0 and d * d <= abs(number)]
    found = sorted({*small, *(abs(number) // d for d in small)})
    return [*found, *(-d for d in found)]


# -- what never falls -------------------------------------------------------------------------------------------


def _rising(box: Box, condition: Condition, names: list[str]) -> list[Box] | None:
    """The part of a box where an expression that never falls is at least 0; None for three symbols that need each other.

    Of two symbols, the second must be at least where some size of the first will do. From the first size on that does for
    this one, it does for all; the sizes of the first before that are tried one by one.
    """
    first, *others = names

    def at(sizes: dict[str, int]) -> Size:
        return condition.expr.subs(sizes)

    least = dict.fromkeys(others, 1)
    if len(others) == 1:
        (second,) = others
        least[second] = first_from(lambda n: isinstance(left := at({second: n}), Expr) or left >= 0)
    elif not isinstance(at(least), Expr):
        return None
    enough = first_from(lambda n: (at({**least, first: n}) >= 0) is True)
    if enough > FEW:
        raise UnsupportedError("a condition ties sizes to each other over too long a range", got=str(condition))
    large = {**box, first: box[first] & SizeSet.progression(enough, 1)}
    for name, size in least.items():
        large[name] = box[name] & SizeSet.progression(size, 1)
    found: list[Box] = [large] if all(large.values()) else []
    for size in range(1, enough):
        if size in box[first]:
            found += _put_in(box, condition, first, size)
    return merged(found)
