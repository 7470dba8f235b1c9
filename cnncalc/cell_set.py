"""A set of cells of an image, or of any map: a union of product sets, with its hull, its cells on each axis and their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.cells import cells_of, first_cell
from cnncalc.sizes import Size

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.cells import Term


class CellSet:
    """A union of product sets `terms`, one bit set per axis, of a map whose axes have the lengths `image`; None if not asked."""

    __slots__ = ("image", "terms")

    def __init__(self, terms: list[Term] | None, image: tuple[Size, ...]) -> None:
        """Keep the terms and the lengths."""
        self.terms = terms
        self.image = image

    def _projected(self) -> tuple[int, ...] | None:
        """The cells on each axis as bit sets."""
        if self.terms is None:
            return None
        union = [0] * len(self.image)
        for term in self.terms:
            union = [a | b for a, b in zip(union, term, strict=True)]
        return tuple(union)

    @property
    def box(self) -> tuple[tuple[int, int], ...] | None:
        """First and last cell that matter, per axis, both included; None where the field is empty or no cell was asked."""
        projected = self._projected()
        if not projected or not all(projected):
            return None
        return tuple((first_cell(bits), bits.bit_length() - 1) for bits in projected)

    @property
    def cells(self) -> tuple[tuple[int, ...], ...] | None:
        """The cells that matter, projected on each axis, holes visible; None where no cell was asked."""
        projected = self._projected()
        return None if projected is None else tuple(tuple(cells_of(bits)) for bits in projected)

    @property
    def count(self) -> int | None:
        """How many cells the exact field has; None where no cell was asked."""
        return None if self.terms is None else _count(self.terms)

    @property
    def share(self) -> Fraction | None:
        """The part of the image's cells that the exact field has; None where no cell was asked."""
        from fractions import Fraction

        total = 1
        for n in self.image:
            if not isinstance(n, int):
                return None
            total *= n
        return Fraction(self.count, total) if self.count is not None and total else None


def _count(terms: list[Term]) -> int:
    """The number of cells in a union of product sets, by going through the cells of the first axis."""
    if not terms:
        return 0
    if len(terms) == 1 or len(terms[0]) == 1:
        if len(terms) == 1:
            total = 1
            for bits in terms[0]:
                total *= bits.bit_count()
            return total
        union = 0
        for (bits,) in terms:
            union |= bits
        return union.bit_count()
    every = 0
    for term in terms:
        every |= term[0]
    return sum(_count([term[1:] for term in terms if term[0] >> cell & 1]) for cell in cells_of(every))
