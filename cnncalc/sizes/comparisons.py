"""Comparisons of sizes: decided where they hold, or fail, for all values of the symbols, else a `Condition`."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

from cnncalc.errors import UndecidedError
from cnncalc.sizes.atoms import Atom, Floor
from cnncalc.sizes.writing import number_text, terms_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.sizes.expression import Expr, Size


class Compared:  # noqa: PLW1641 - `Expr` has the hash
    """The comparisons of symbolic sizes, for `Expr`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool | Condition:  # type: ignore[override]
        """True or False where that holds for all values of the symbols, else an undecided `Condition`."""
        if self is other:
            return True
        return equal(self, other) if isinstance(other, (int, Compared)) else NotImplemented  # type: ignore[arg-type]

    def __ne__(self, other: object) -> bool | Condition:  # type: ignore[override]
        """The opposite of `==`, undecided where that is."""
        if not isinstance(other, (int, Compared)):
            return NotImplemented
        same = equal(self, other)  # type: ignore[arg-type]
        return (not same) if isinstance(same, bool) else Condition(same.expr, "!=")

    def __ge__(self, other: Size) -> bool | Condition:
        """At least."""
        return at_least(self - other)  # type: ignore[operator]

    def __gt__(self, other: Size) -> bool | Condition:
        """More than."""
        return at_least(self - other - 1)  # type: ignore[operator]

    def __le__(self, other: Size) -> bool | Condition:
        """At most."""
        return at_least(other - self)  # type: ignore[operator]

    def __lt__(self, other: Size) -> bool | Condition:
        """Less than."""
        return at_least(other - self - 1)  # type: ignore[operator]

    def __bool__(self) -> bool:
        """Not zero."""
        return bool(self != 0)

    def __index__(self) -> int:
        """Refuse: a symbol has no one value."""
        raise UndecidedError(
            "a symbolic size has no single value", got=str(self), remedy="give a number where the network needs one"
        )

    __int__ = __index__

    def __truediv__(self, other: object) -> float:
        """Refuse: a fraction is a floating-point number, and its rounding has no formula."""
        raise UndecidedError(
            "a fraction of a symbolic size has no single value",
            got=f"{self} / {other!s:.40}",
            remedy="// rounds down, and is exact",
        )

    def __rtruediv__(self, other: object) -> float:
        """Refuse, as the other way round."""
        raise UndecidedError(
            "a fraction of a symbolic size has no single value",
            got=f"{other!s:.40} / {self}",
            remedy="// rounds down, and is exact",
        )

    def __rlshift__(self, other: int) -> int:
        """Refuse: a set of cells has a known length."""
        return other << self.__index__()


class Condition:
    """What must hold of the symbols: `expr ≥ 0`, `expr = 0` or `expr ≠ 0`. It has no truth value of its own."""

    __slots__ = ("expr", "relation")

    def __init__(self, expr: Expr, relation: str) -> None:
        """Keep `expr` and its relation to 0: ">=", "==" or "!="."""
        self.expr = expr
        self.relation = relation

    def __bool__(self) -> bool:
        """Refuse: no branch may be taken on an undecided condition."""
        error = UndecidedError(
            "the comparison is true for some values of the symbols and false for others",
            got=str(self),
            remedy="give numbers for these sizes",
        )
        error.condition = self
        raise error

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for numbers put in for all its symbols; not where it divides by 0."""
        try:
            value = self.expr.subs(values)
        except ZeroDivisionError:
            return False
        if not isinstance(value, int):
            raise UndecidedError("a value is missing for a symbol", got=", ".join(sorted(value.symbols)))
        return {">=": value >= 0, "==": value == 0, "!=": value != 0}[self.relation]

    def negated(self) -> Condition:
        """What holds exactly where this does not: for whole numbers, not x ≥ 0 is −x − 1 ≥ 0."""
        if self.relation == ">=":
            return Condition(-self.expr - 1, ">=")  # type: ignore[arg-type]
        return Condition(self.expr, "!=" if self.relation == "==" else "==")

    def sides(self) -> tuple[str, str]:
        """What is compared with 0, as two sides without minus signs: `2·⌊h/2⌋` and `h`."""
        left = {monomial: coefficient for monomial, coefficient in self.expr.terms.items() if coefficient > 0}
        right = {monomial: -coefficient for monomial, coefficient in self.expr.terms.items() if coefficient < 0}
        if not any(left) and any(right):
            left, right = right, left
        return terms_text(left), terms_text(right)

    def __str__(self) -> str:
        """With the constant on the right: `H ≥ 5`; an equation of formulas without minus signs: `C = g·⌊C/g⌋`."""
        constant = self.expr.terms.get((), 0)
        rest = {monomial: coefficient for monomial, coefficient in self.expr.terms.items() if monomial}
        sign = {">=": "≥", "==": "=", "!=": "≠"}[self.relation]
        if sign != "≥" and min(rest.values()) < 0 < max(rest.values()):
            return f" {sign} ".join(self.sides())
        if all(coefficient < 0 for coefficient in rest.values()):
            rest = {monomial: -coefficient for monomial, coefficient in rest.items()}
            return f"{terms_text(rest)} {'≤' if sign == '≥' else sign} {constant}"
        return f"{terms_text(rest)} {sign} {number_text(-constant)}"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        """The same expression and relation."""
        return isinstance(other, Condition) and self.relation == other.relation and self.expr.terms == other.expr.terms

    def __hash__(self) -> int:
        """Equal conditions hash equal."""
        return hash((self.relation, self.expr))


def equal(left: Size, right: Size) -> bool | Condition:
    """Whether two sizes are equal: decided where possible, else a `Condition`."""
    difference = left - right
    if isinstance(difference, int):
        return difference == 0
    lower, upper = _bounds(difference)
    if (lower is not None and lower > 0) or (upper is not None and upper < 0):
        return False
    return Condition(difference, "==")


def at_least(size: Size) -> bool | Condition:
    """Whether a size is at least 0: decided where possible, else a `Condition`."""
    if isinstance(size, int):
        return size >= 0
    inner = _inside_floor(size)
    if inner is not None:
        return at_least(inner)
    lower, upper = _bounds(size)
    if lower is not None and lower >= 0:
        return True
    if upper is not None and upper < 0:
        return False
    loosened = _without_floors(size)
    if loosened is not None and at_least(loosened) is True:
        return True
    return Condition(size, ">=")


def is_positive(size: Size) -> bool:
    """Whether a size is known to be at least 1."""
    return at_least(size - 1) is True


def lesser(a: Size, b: Size) -> Size | None:
    """The smaller of two sizes; None where that depends on the symbols."""
    less = at_least(b - a)
    return a if less is True else b if at_least(a - b) is True else None


def greater(a: Size, b: Size) -> Size | None:
    """The larger of two sizes; None where that depends on the symbols."""
    return a if at_least(a - b) is True else b if at_least(b - a) is True else None


def _inside_floor(expr: Expr) -> Size | None:
    """a·⌊x/c⌋ + d ≥ 0 is the same as x ≥ c·⌈−d/a⌉ for whole a, c > 0: the difference of the two sides; else None."""
    rest = [(monomial, coefficient) for monomial, coefficient in expr.terms.items() if monomial]
    if len(rest) != 1:
        return None
    ((monomial, coefficient),) = rest
    if coefficient < 0 or len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], Floor):
        return None
    atom = monomial[0][0]
    if not isinstance(atom.denominator, int):
        return None
    return atom.numerator - atom.denominator * -(expr.terms.get((), 0) // coefficient)


def _without_floors(expr: Expr) -> Size | None:
    """What is at least 0 only where `expr` is, free of floors that stand alone; None where there are none to remove.

    y − c + 1 ≤ c·⌊y/c⌋ ≤ y. With L the least common multiple of all c, L·expr is at least the sum with the side that makes it
    smaller; and a whole number is at least 0 where it is more than −1, so that L − 1 may be added.
    """
    alone = {monomial: monomial[0][0] for monomial in expr.terms if len(monomial) == 1 and monomial[0][1] == 1}
    floors = {m: atom for m, atom in alone.items() if isinstance(atom, Floor) and isinstance(atom.denominator, int)}
    if not floors:
        return None
    common = lcm(*(int(atom.denominator) for atom in floors.values()))
    least: Size = type(expr)({m: c * common for m, c in expr.terms.items() if m not in floors}) + (common - 1)
    for monomial, atom in floors.items():
        coefficient, c = expr.terms[monomial], int(atom.denominator)
        inside = atom.numerator if coefficient < 0 else atom.numerator - (c - 1)
        least = least + inside * (coefficient * (common // c))
    return least


def _bounds(expr: Expr) -> tuple[int | None, int | None]:
    """A lower and an upper bound over all symbols from their minimum on; None where the simple argument finds none.

    The argument: a polynomial whose non-constant coefficients are all positive, in atoms that are non-decreasing and
    not negative there, is smallest where every symbol is.
    """
    signs = {coefficient > 0 for monomial, coefficient in expr.terms.items() if monomial}
    if len(signs) != 1 or not all(_is_rising(atom) for monomial in expr.terms for atom, _ in monomial):
        return None, None
    least = expr.subs(expr.minima)
    if not isinstance(least, int):
        return None, None
    return (least, None) if signs == {True} else (None, least)


def _is_rising(atom: Atom) -> bool:
    """Whether an atom is non-decreasing in every symbol and not negative at 1."""
    if not isinstance(atom, Floor):
        return True
    if not isinstance(atom.denominator, int):
        return False
    # In the normal form no coefficient inside is negative.
    return all(_is_rising(inner) for monomial in atom.numerator.terms for inner, _ in monomial)
