"""Shapes as users write them, and sums over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import ArgumentError, SpecError
from cnncalc.sizes.atoms import Symbol
from cnncalc.sizes.comparisons import at_least, equal
from cnncalc.sizes.expression import Expr, Shape, Size
from cnncalc.sizes.reading import expression
from cnncalc.sizes.requirements import require

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_shape(shape: Iterable[int | str | Expr]) -> Shape:
    """A shape as users write it, checked: whole numbers from 0 on, and strings for symbols."""
    if isinstance(shape, (str, bytes, int, dict, set)) or not hasattr(shape, "__iter__"):
        raise ArgumentError("a shape is a tuple of sizes", got=repr(shape)[:60], remedy="write for example (1, 3, 224, 224)")
    sizes: list[Size] = []
    for given in shape:
        size = given
        if type(size) is not int and not isinstance(size, Expr):
            if isinstance(size, str):
                size = _from_text(size)
            elif hasattr(size, "__index__") and not isinstance(size, bool):
                size = size.__index__()
            else:
                raise ArgumentError(
                    "a size is a whole number, or a string with a symbol",
                    got=repr(given)[:60],
                    remedy='write for example (1, 3, 224, 224) or ("N", 3, "H", "W")',
                )
        if type(size) is int and size < 0:
            raise ArgumentError("a size can't be negative", got=f"{size} in {tuple(shape)!r}"[:80])
        if isinstance(size, Expr):
            refuse_empty(size, "a size in a shape")
            # Only what takes something away can be known to be negative: of most lengths nothing more is asked.
            if min(size.terms.values()) < 0 and at_least(size) is False:
                raise ArgumentError("a size can't be negative", got=f"{size} in {tuple(shape)!r}"[:80])
        sizes.append(size)
    return tuple(sizes)


def _from_text(text: str) -> Size:
    """A size from a string: a symbol, or a formula with one, never a number alone, which torch does not take as text."""
    try:
        size = expression(text)
    except SpecError as error:
        raise ArgumentError(error.rule, got=repr(text)[:60], remedy=error.remedy, where=error.where) from None
    if isinstance(size, int):
        raise ArgumentError("a size in quotes has a symbol in it", got=repr(text)[:60], remedy="write the number without quotes")
    return size


def refuse_empty(size: Expr, what: str) -> None:
    """Refuse a symbol, or a product, that may be 0: of lengths, each is known to be at least 1.

    A formula of several terms, such as a length behind a padding, is held to that by its layer.
    """
    if len(size.terms) > 1:
        return
    symbols = [atom for monomial in size.terms for atom, _ in monomial if isinstance(atom, Symbol)]
    if any(atom.minimum == 0 for atom in symbols):
        raise ArgumentError(f"{what} must be at least 1", got=str(size), remedy="make the symbol without a minimum of 0")


def require_lengths(shape: Shape) -> None:
    """Demand of each formula in a shape that it gives a length of at least 1; one of 0 is a case apart, as torch has it."""
    for size in shape:
        if type(size) is not int:
            require(at_least(size - 1), "a length must be at least 1", "{}", shape, otherwise=(equal(size, 0),))


def same_shape(left: Shape, right: Shape) -> bool:
    """Whether two shapes are equal for certain: not where symbols leave it open."""
    return left is right or (
        len(left) == len(right) and all(n is m or (n == m) is True for n, m in zip(left, right, strict=True))
    )


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def dot(sizes: Iterable[Size]) -> str:
    """Sizes written as a product: `16·5·5·3`."""
    return "·".join(f"({text})" if " " in (text := str(size)) else text for size in sizes)
