"""Quantities: numbers that leave the library with their unit and their convention.

A `Quantity` is a whole number (or a symbolic size) that also knows what it counts: `int` arithmetic, comparison,
formatting and JSON work on it as on any int, and the result of arithmetic is a plain number again.
"""

from __future__ import annotations

from cnncalc.sizes import Expr, Size


class Quantity:
    """What a number counts: `unit`, the `convention` it follows, and the analysis it comes from (`source`)."""

    unit: str
    convention: str
    source: str

    @property
    def value(self) -> Size:
        """The plain number or symbolic size."""
        if isinstance(self, Expr):
            return Expr(self.terms)
        return int(self)  # type: ignore[call-overload, no-any-return]

    def describe(self) -> str:
        """The number in words: `1,216 parameters (all that the module owns …)`."""
        number = f"{self.value:,}" if isinstance(self.value, int) else str(self.value)
        return f"{number} {self.unit} ({self.convention})" if self.convention else f"{number} {self.unit}"


class NumericQuantity(Quantity, int):
    """A quantity that is a number."""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by value, so that unit and convention stay."""
        return quantity, (int(self), self.unit, self.convention, self.source)


class SymbolicQuantity(Quantity, Expr):
    """A quantity that is a formula in symbols."""


def quantity(value: Size, unit: str, convention: str = "", source: str = "") -> NumericQuantity | SymbolicQuantity:
    """Attach unit, convention and source to a number or a symbolic size."""
    made: NumericQuantity | SymbolicQuantity
    made = SymbolicQuantity(value.terms) if isinstance(value, Expr) else NumericQuantity(value)
    made.unit = unit
    made.convention = convention
    made.source = source
    return made
