"""The receptive field of a cell, as plain data: what `cnncalc.receptive_field` and the rows of a report give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.cells import cells_of, first_cell
from cnncalc.sizes import Expr, Size

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.cells import Term
    from cnncalc.stencil import Stencil


class AxisField:
    """The field along one axis of the input, for a cell far from every border.

    `size` is the extent, holes included, on an endless image; `stride` the step of the input that one step of the output
    takes; `padding` the effective padding P: the field of cell 0 starts at −P; `center` the centre of cell 0's field.
    What has no single value is None, and `reason` says why. `whole` marks a field that is the whole input, by a global
    pool or a fully connected layer; `size` is then the extent of what the windows cover.
    """

    __slots__ = ("laid_out", "reason", "size", "stencil", "whole")

    def __init__(
        self,
        stencil: Stencil | None = None,
        *,
        size: Size | None = None,
        whole: bool = False,
        laid_out: int | None = None,
        reason: str = "",
    ) -> None:
        """Keep the description; `laid_out` is the length of an axis that was merged with others."""
        self.stencil = stencil
        self.size = stencil.size if stencil is not None else size
        self.whole = whole
        self.laid_out = laid_out
        self.reason = reason

    @property
    def stride(self) -> Size | None:
        """The effective stride."""
        return self.stencil.stride if self.stencil is not None and self.laid_out is None else None

    @property
    def padding(self) -> Size | None:
        """The effective padding."""
        return -self.stencil.start if self.stencil is not None and self.laid_out is None else None

    @property
    def center(self) -> Fraction | None:
        """The centre of cell 0's field: start + (size − 1)/2; None also where it is a formula."""
        stencil = self.stencil
        if stencil is None or self.laid_out is not None or isinstance(stencil.start, Expr) or isinstance(stencil.size, Expr):
            return None
        from fractions import Fraction

        return stencil.start + Fraction(stencil.size - 1, 2)


class ReceptiveField:
    """The receptive field of one output: figures per axis of the input after its channels.

    `size`, `stride`, `padding`, `center` are tuples with one entry per axis, None where there is no single value
    (`reason` says why). With a cell asked, `at` is that cell and `terms` its exact field: a union of product sets, one
    bit set per spatial axis; `box` is its exact hull, `cells` its cells on each axis and `count` their number.
    """

    __slots__ = ("at", "axes", "of", "terms")

    def __init__(self, of: str, axes: tuple[AxisField, ...], at: tuple[int, ...] | None, terms: list[Term] | None) -> None:
        """Keep the parts."""
        self.of = of
        self.axes = axes
        self.at = at
        self.terms = terms

    @property
    def size(self) -> tuple[Size | None, ...]:
        """The extent per axis, for a cell far from every border."""
        return tuple(axis.size for axis in self.axes)

    @property
    def stride(self) -> tuple[Size | None, ...]:
        """The effective stride per axis."""
        return tuple(axis.stride for axis in self.axes)

    @property
    def padding(self) -> tuple[Size | None, ...]:
        """The effective padding per axis."""
        return tuple(axis.padding for axis in self.axes)

    @property
    def center(self) -> tuple[Fraction | None, ...]:
        """The centre of the first cell's field, per axis."""
        return tuple(axis.center for axis in self.axes)

    @property
    def whole(self) -> bool:
        """Whether the field is the whole input on every axis."""
        return bool(self.axes) and all(axis.whole for axis in self.axes)

    @property
    def reason(self) -> str:
        """Why a figure is None; empty where all have a value."""
        return "; ".join(dict.fromkeys(axis.reason for axis in self.axes if axis.reason))

    def _projected(self) -> tuple[int, ...] | None:
        """The cells on each axis as bit sets."""
        if self.terms is None:
            return None
        union = [0] * len(self.axes)
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

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        data: dict[str, Any] = {
            "of": self.of,
            "size": _plain(self.size),
            "stride": _plain(self.stride),
            "padding": _plain(self.padding),
            "center": [None if c is None else str(c) if c.denominator > 1 else c.numerator for c in self.center],
            "whole": self.whole,
            "reason": self.reason or None,
        }
        if self.at is not None:
            data |= {"at": list(self.at), "box": self.box and [list(b) for b in self.box], "count": self.count}
            data["cells"] = self.cells and [list(c) for c in self.cells]
        return data

    def __str__(self) -> str:
        """In words: size, stride, padding, and the box of the asked cell."""
        parts = [f"receptive field of {self.of or 'the network'}: {size_text(self.size)}"]
        if self.whole:
            parts.append("the whole input")
        elif None not in self.stride:
            parts.append(f"stride {size_text(self.stride)}, padding {size_text(self.padding)}")
        if self.at is not None:
            box = self.box
            shown = "empty" if box is None else " × ".join(f"{first}…{last}" for first, last in box)
            parts.append(f"at {self.at}: {shown}, {self.count} cells")
        if self.reason:
            parts.append(self.reason)
        return "; ".join(parts)

    __repr__ = __str__


def size_text(sizes: tuple[Size | None, ...]) -> str:
    """Sizes joined as people write them: `36×36`; a dash for what has no single value."""
    texts = ["–" if n is None else str(n) for n in sizes]
    return "×".join(f"({text})" if " " in text else text for text in texts) or "–"


def _plain(sizes: tuple[Size | None, ...]) -> list[int | str | None]:
    """Sizes for JSON: numbers, formulas as text, null."""
    return [n if n is None or isinstance(n, int) else str(n) for n in sizes]


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
