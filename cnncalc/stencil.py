"""Stencils: what an output cell reads on an axis without end. They form a monoid, so a chain of layers is one stencil."""

from __future__ import annotations

from cnncalc.cells import MOST_CELLS, cells_of, full
from cnncalc.sizes import Size, greater, lesser


class Stencil:
    """A map on an endless axis: output cell i reads s·i + start + t for each bit t of `cells`.

    `size` is its extent. With symbols in the layer's arguments, `start`, `size` and `stride` are symbolic and `cells` is
    None. Stencils form a monoid under `then`.
    """

    __slots__ = ("cells", "size", "start", "stride")

    def __init__(self, start: Size, size: Size, stride: Size, cells: int | None) -> None:
        """Keep the four."""
        self.start = start
        self.size = size
        self.stride = stride
        self.cells = cells

    def then(self, after: Stencil) -> Stencil:
        """The stencil of this map followed by `after`."""
        stride = self.stride
        start = self.start + after.start * stride
        size = self.size + (after.size - 1) * stride
        if self.cells is None or after.cells is None or not isinstance(stride, int) or (size <= MOST_CELLS) is not True:
            cells = None
        elif after.cells == 1:
            cells = self.cells
        elif self.cells.bit_length() >= stride and not self.cells & self.cells + 1 and not after.cells & after.cells + 1:
            # Windows without holes that touch each other leave none.
            cells = full(int(size))
        else:
            cells = 0
            for t in cells_of(after.cells):
                cells |= self.cells << (t * stride)
        return Stencil(start, size, stride * after.stride, cells)

    def beside(self, other: Stencil) -> Stencil | None:
        """The union with a stencil of the same stride; None where strides differ or symbols hide which is larger."""
        if isinstance(self.cells, int) and isinstance(other.cells, int):
            if self.stride != other.stride or not isinstance(self.start, int) or not isinstance(other.start, int):
                return None
            start = min(self.start, other.start)
            cells = self.cells << (self.start - start) | other.cells << (other.start - start)
            # Mostly one covers the other.
            for each in (self, other):
                if cells == each.cells and start == each.start:
                    return each
            return Stencil(start, cells.bit_length(), self.stride, cells)
        if (self.stride == other.stride) is not True:
            return None
        first = lesser(self.start, other.start)
        end = greater(self.start + self.size, other.start + other.size)
        return None if first is None or end is None else Stencil(first, end - first, self.stride, None)

    def __eq__(self, other: object) -> bool:
        """Equal in all four parts."""
        return (
            isinstance(other, Stencil)
            and self.cells == other.cells
            and (self.start == other.start) is True
            and (self.size == other.size) is True
            and (self.stride == other.stride) is True
        )

    def __hash__(self) -> int:
        """Equal stencils hash equal."""
        return hash((self.start, self.size, self.stride, self.cells))

    def __repr__(self) -> str:
        """Show the four parts."""
        return f"Stencil(start={self.start}, size={self.size}, stride={self.stride}, cells={self.cells})"


IDENTITY = Stencil(0, 1, 1, 1)
