"""What a symbolic size is made of: named symbols, and floors of quotients that no rule can shorten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.sizes.expression import Expr


class Atom:
    """What a polynomial is made of: ordered by `key`, compared by it too."""

    __slots__ = ("_hash", "key")
    key: tuple[Any, ...]

    def __init__(self, key: tuple[Any, ...]) -> None:
        """Keep the key that orders and identifies the atom."""
        self.key = key
        self._hash = hash(key)

    def __eq__(self, other: object) -> bool:
        """Two atoms are equal when their keys are."""
        return self is other or (isinstance(other, Atom) and self._hash == other._hash and self.key == other.key)

    def __hash__(self) -> int:
        """Hash by the key."""
        return self._hash


class Symbol(Atom):
    """A named unknown: a whole number from `minimum` on, which is 1 if nothing else is said."""

    __slots__ = ("minimum", "name")

    def __init__(self, name: str, minimum: int = 1) -> None:
        """Make the symbol called `name`."""
        super().__init__((0, name, minimum))
        self.name = name
        self.minimum = minimum


class Floor(Atom):
    """The floor of `numerator / denominator`, both sizes, already reduced by the rules above."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Expr, denominator: int | Expr) -> None:
        """Keep a quotient that no rule can shorten."""
        below = ((True, (), denominator),) if isinstance(denominator, int) else _key(denominator)
        super().__init__((1, _key(numerator), below))
        self.numerator = numerator
        self.denominator = denominator


def _key(expr: Expr) -> tuple[Any, ...]:
    """What tells polynomials apart and orders them, constants last."""
    return tuple(
        sorted(
            (not monomial, tuple([(atom.key, power) for atom, power in monomial]), coefficient)
            for monomial, coefficient in expr.terms.items()
        )
    )


#: A product of powers of atoms, in order.
Monomial = tuple[tuple[Atom, int], ...]
