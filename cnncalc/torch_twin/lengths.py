"""Symbolic lengths inside torch's code: a `Length` passes for one of torch's own symbolic ints, and counts with `cnncalc.sizes`.

torch's functions take a `torch.SymInt` wherever they take a whole number; this one is never handed on to a kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from cnncalc.errors import UnsupportedError
from cnncalc.sizes import Expr, Size, ceil_div, floor_div

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Length(torch.SymInt):
    """A symbolic length, as torch's code sees it."""

    def __init__(self, size: Expr) -> None:
        """Keep the size; torch's own node is never asked."""
        self.node = None
        self.size = size

    def __truediv__(self, other: Any) -> Any:
        """The quotient, to be rounded up or down."""
        return _Quotient(self.size, plain(other))

    def __rtruediv__(self, other: Any) -> Any:
        """The quotient, the other first."""
        return _Quotient(plain(other), self.size)

    def __eq__(self, other: object) -> Any:
        """Whether two lengths are equal: known, or a condition."""
        return self.size == plain(other)

    def __ne__(self, other: object) -> Any:
        """Whether two lengths differ: known, or a condition."""
        return self.size != plain(other)

    def __lt__(self, other: Any) -> Any:
        """Whether it is smaller: known, or a condition."""
        return self.size < plain(other)

    def __le__(self, other: Any) -> Any:
        """Whether it is at most as large: known, or a condition."""
        return self.size <= plain(other)

    def __gt__(self, other: Any) -> Any:
        """Whether it is larger: known, or a condition."""
        return self.size > plain(other)

    def __ge__(self, other: Any) -> Any:
        """Whether it is at least as large: known, or a condition."""
        return self.size >= plain(other)

    def __hash__(self) -> int:
        """That of the size."""
        return hash(self.size)

    def __pow__(self, power: Any) -> Any:
        """A power of it."""
        return length(self.size**power)

    def __neg__(self) -> Any:
        """The negative."""
        return length(-self.size)

    def __pos__(self) -> Any:
        """The same."""
        return self

    def __bool__(self) -> bool:
        """Whether it is not 0; refused where that is not known."""
        return bool(self.size)

    def __int__(self) -> int:
        """Refuse: it has no number."""
        return self.size.__index__()

    def __index__(self) -> int:
        """Refuse: it has no number."""
        return self.size.__index__()

    def __float__(self) -> float:
        """Refuse: it has no number."""
        return float(self.size.__index__())

    def __repr__(self) -> str:
        """The formula."""
        return str(self.size)

    __str__ = __repr__


def _both_ways(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator of sizes as it stands, and the other operand first."""

    def forwards(self: Length, other: Any) -> Any:
        return length(getattr(self.size, f"__{name}__")(plain(other)))

    def backwards(self: Length, other: Any) -> Any:
        return length(getattr(self.size, f"__r{name}__")(plain(other)))

    return forwards, backwards


for _name in ("add", "sub", "mul", "floordiv", "mod"):
    _there, _back = _both_ways(_name)
    setattr(Length, f"__{_name}__", _there)
    setattr(Length, f"__r{_name}__", _back)


class _Quotient:
    """A quotient of lengths that is not rounded yet: nothing but rounding is known of it."""

    def __init__(self, numerator: Size, denominator: Any) -> None:
        """Keep both parts; a denominator with a fraction is refused."""
        if not isinstance(denominator, (int, Expr)):
            raise UnsupportedError("a length is divided by whole numbers", got=f"{numerator} / {denominator!r:.40}")
        self.numerator = numerator
        self.denominator = denominator

    def __ceil__(self) -> Any:
        """Rounded up."""
        return length(ceil_div(self.numerator, self.denominator))

    def __floor__(self) -> Any:
        """Rounded down."""
        return length(floor_div(self.numerator, self.denominator))

    def __int__(self) -> int:
        """Refuse: it has no number."""
        return floor_div(self.numerator, self.denominator).__index__()


def length(size: Any) -> Any:
    """A size for torch's code: a number as it is, a formula as a `Length`."""
    return Length(size) if isinstance(size, Expr) else size


def lengths(sizes: Iterable[Any]) -> Any:
    """A shape for torch's code."""
    found = [length(size) for size in sizes]
    return torch.Size(found)


def plain(value: Any) -> Any:
    """A size of torch's code for cnncalc: a `Length` as its formula, anything else as it is."""
    return value.size if isinstance(value, Length) else value
