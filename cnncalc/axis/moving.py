"""Cells that are copies of single cells: padding and cropping, slices, flips and lists, repetition."""

from __future__ import annotations

from cnncalc.axis.base import AxisMap
from cnncalc.cells import cells_of, full, shift, spread
from cnncalc.sizes import Size, at_least
from cnncalc.stencil import Stencil


class Pad(AxisMap):
    """Cells put before and after, or, where negative, taken away: zeros, or by `mode` cells of the input itself.

    Output cell i reads cell i − before; outside the input, that is nothing ("zeros"), the mirrored ("reflect"), the
    nearest ("replicate") or the wrapped ("circular") cell. A part of a concatenation is a `Pad` with zeros too.
    """

    __slots__ = ("after", "before", "mode")
    parts = ("after", "before", "mode")

    def __init__(self, before: Size, after: Size, mode: str = "zeros") -> None:
        """Keep the two amounts and the mode."""
        self.before = before
        self.after = after
        self.mode = mode

    @property
    def crops(self) -> bool:
        """Whether cells are taken away, as far as symbols tell."""
        return (self.before >= 0) is not True or (self.after >= 0) is not True

    def length(self, n: Size) -> Size:
        """N + before + after."""
        return n + self.before + self.after

    def reads(self, cells: int, n: int) -> int:
        """The cells that the asked ones are copies of."""
        before = int(self.before)
        inside = shift(cells, -before) & full(n)
        if self.mode == "zeros":
            return inside
        read = inside
        for i in cells_of(cells & ~shift(full(n), before)):
            read |= 1 << self._source(i - before, n)
        return read

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The same cells, moved on, and the copies of them."""
        if self.mode == "zeros":
            return shift(cells, int(self.before)) & full(m)
        return super().read_by(cells, n, m)

    def _source(self, cell: int, n: int) -> int:
        """The input cell that a cell outside the input is a copy of."""
        if self.mode == "replicate":
            return min(max(cell, 0), n - 1)
        if self.mode == "circular":
            return cell % n
        return n - 1 - abs(n - 1 - abs(cell))

    def stencil(self, n: Size) -> Stencil:  # noqa: ARG002 - the same for any length
        """A shift, far from the border."""
        return Stencil(-self.before, 1, 1, 1)


class Select(AxisMap):
    """Some cells of the axis in even steps: output cell i reads start + step·i. Slices, single indices, flips."""

    __slots__ = ("count", "start", "step")
    parts = ("start", "step", "count")

    def __init__(self, start: Size, step: Size, count: Size) -> None:
        """Keep the first cell, the step (which may be negative) and the number of cells."""
        self.start = start
        self.step = step
        self.count = count

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The number of cells."""
        return self.count

    def reads(self, cells: int, n: int) -> int:
        """The chosen cells."""
        start, step = int(self.start), int(self.step)
        if step > 0:
            return shift(spread(cells, step), start) & full(n)
        return sum(1 << start + step * i for i in cells_of(cells))

    def stencil(self, n: Size) -> Stencil | None:  # noqa: ARG002 - the same for any length
        """One cell each; none for a flip, which no shift carries over."""
        forward = at_least(self.step - 1) is True
        return Stencil(self.start, 1, self.step, 1) if forward else None


class Picked(AxisMap):
    """Some cells of the axis in an order of their own: output cell i reads the i-th of them. Lists of numbers as indices."""

    __slots__ = ("cells",)
    parts = ("cells",)

    def __init__(self, cells: tuple[Size, ...]) -> None:
        """Keep the cells, counted from 0."""
        self.cells = cells

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The number of cells."""
        return len(self.cells)

    def reads(self, cells: int, n: int) -> int:  # noqa: ARG002 - the same for any length
        """The chosen cells."""
        read = 0
        for i in cells_of(cells):
            read |= 1 << int(self.cells[i])
        return read

    def why_varying(self, n: Size) -> str:  # noqa: ARG002 - whatever the length
        """They stand in a list."""
        return "picks cells by a list"

    def _parts(self) -> tuple[object, ...]:
        """How many, and each: symbols among them are compared one by one."""
        return len(self.cells), *self.cells


class Tiled(AxisMap):
    """The axis laid end to end with itself: output cell i reads cell i mod n."""

    __slots__ = ("repeats",)
    parts = ("repeats",)

    def __init__(self, repeats: Size) -> None:
        """Keep how many times."""
        self.repeats = repeats

    def length(self, n: Size) -> Size:
        """Length n · repeats."""
        return n * self.repeats

    def reads(self, cells: int, n: int) -> int:
        """The cells that the asked ones are copies of."""
        read = 0
        while cells:
            read |= cells & full(n)
            cells >>= n
        return read
