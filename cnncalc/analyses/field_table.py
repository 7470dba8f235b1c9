"""The fields of all cells of an axis at once: one set of input cells for each cell, carried forward through axis maps.

Cell i of a table reads the set `bits[i]` moved on by base + ⌊num·i/den⌋. So a set is as long as the field, not as the image, and
one layer costs (cells × kernel) short operations on an axis, whatever the length of the image.
"""

from __future__ import annotations

from itertools import accumulate
from operator import or_
from typing import TYPE_CHECKING

from cnncalc.axis import EACH, AxisMap, Chain, Everything, Pad, Prefix, Transposed, Window
from cnncalc.cells import first_cell, shift

if TYPE_CHECKING:
    from collections.abc import Sequence


class Table:
    """For each cell of an axis of a value, the set of cells of an axis of the input that it depends on."""

    __slots__ = ("base", "bits", "den", "num")

    def __init__(self, bits: list[int], base: int = 0, num: int = 0, den: int = 1) -> None:
        """Keep the sets and where each of them begins to count."""
        self.bits = bits
        self.base = base
        self.num = num
        self.den = den

    @classmethod
    def identity(cls, n: int) -> Table:
        """Each cell of an input's axis depends on itself."""
        return cls([1] * n, 0, 1)

    def __len__(self) -> int:
        """The number of cells."""
        return len(self.bits)

    def __getitem__(self, i: int) -> int:
        """The set of one cell, counted from the start of the image."""
        return shift(self.bits[i], self.base + self.num * i // self.den)

    def sets(self) -> list[int]:
        """All sets, counted from the start of the image."""
        base, num, den = self.base, self.num, self.den
        return [shift(bits, base + num * i // den) for i, bits in enumerate(self.bits)]

    def hull(self, i: int) -> tuple[int, int] | None:
        """First and last cell of one cell's set; None where it is empty."""
        bits = self.bits[i]
        moved = self.base + self.num * i // self.den
        return (moved + first_cell(bits), moved + bits.bit_length() - 1) if bits else None

    def _like(self, other: Table) -> list[int] | None:
        """The sets, counted as another table counts; None where that would take more than moving all of them alike."""
        if (self.num, self.den) != (other.num, other.den) or self.base < other.base or len(self) != len(other):
            return None
        by = self.base - other.base
        return [bits << by for bits in self.bits] if by else self.bits

    def covers(self, other: Table) -> bool:
        """Whether every set of the other table lies in the one of the same cell here."""
        left, right = _alike(self, other)
        return all(a | b == a for a, b in zip(left, right, strict=True))

    def equals(self, other: Table) -> bool:
        """Whether all sets are equal."""
        left, right = _alike(self, other)
        return left == right

    def beside(self, other: Table) -> Table:
        """The union, cell by cell."""
        low = self if self.base <= other.base else other
        moved = (other if low is self else self)._like(low)
        if moved is None:
            return Table(list(map(or_, self.sets(), other.sets())))
        return Table(list(map(or_, low.bits, moved)), low.base, low.num, low.den)

    def all_cells(self) -> int:
        """The union of all sets, counted from the start of the image."""
        union = 0
        for bits in self.sets():
            union |= bits
        return union

    def behind(self, axis_map: AxisMap, m: int) -> Table:
        """The table of the output axis, of length m, of an axis map; this one itself where each cell reads its own."""
        if axis_map is EACH:
            return self
        if isinstance(axis_map, Window):
            return self._windowed(axis_map, m)
        if isinstance(axis_map, Everything):
            return Table([self.all_cells()] * m)
        if isinstance(axis_map, Chain):
            between = axis_map.first.length(len(self))
            return self.behind(axis_map.first, int(between)).behind(axis_map.second, m)
        if isinstance(axis_map, Prefix):
            sets = self.sets()
            return Table(list(accumulate(sets[::-1], or_))[::-1] if axis_map.backwards else list(accumulate(sets, or_)))
        if isinstance(axis_map, Pad) and axis_map.mode == "zeros":
            return self._padded(int(axis_map.before), m)
        if isinstance(axis_map, Transposed):
            return self._gathered(_transposed(axis_map, len(self), m), self.num, self.den * int(axis_map.stride))
        # Around one m-th of the axis for each cell: exact wherever the sets lie, shortest where the map is even.
        return self._gathered(_read(axis_map, len(self), m), self.num * len(self), self.den * max(m, 1))

    def _windowed(self, window: Window, m: int) -> Table:
        """Cell i reads s·i − p + d·t: the sets of those cells, each moved by what it is further on."""
        k, s, d, p = int(window.kernel_size), int(window.stride), int(window.dilation), int(window.before)
        if k == 1 and s == 1 and p == 0 and m == len(self):
            return self
        if self.den > 1:
            n = len(self)
            sources = [[j for j in range(s * i - p, s * i - p + d * (k - 1) + 1, d) if 0 <= j < n] for i in range(m)]
            return self._gathered(sources, self.num * s, self.den)
        needed = s * (m - 1) + d * (k - 1) + 1
        cells = [0] * p + self.bits
        cells += [0] * (needed - len(cells))
        step = self.num
        if (k - 1) * m <= k.bit_length() * needed:
            union = cells[: s * (m - 1) + 1 : s]
            for t in range(d, d * k, d):
                moved = step * t
                union = [a | b << moved for a, b in zip(union, cells[t::s], strict=False)]
        else:
            union, done = cells, 1
            while done < k:
                more = min(done, k - done)
                moved = step * more * d
                union = [a | b << moved for a, b in zip(union, union[more * d :], strict=False)]
                done += more
            union = union[: s * (m - 1) + 1 : s]
        return Table(union, self.base - step * p, step * s)

    def _padded(self, before: int, m: int) -> Table:
        """Cells put before and after that read nothing, or cells taken away."""
        bits = [0] * before + self.bits if before >= 0 else self.bits[-before:]
        bits = bits[:m] + [0] * (m - len(bits))
        if self.den == 1:
            return Table(bits, self.base - self.num * before, self.num)
        return self._gathered([[i - before] if 0 <= i - before < len(self) else [] for i in range(m)], self.num, self.den)

    def _gathered(self, sources: Sequence[Sequence[int]], num: int, den: int) -> Table:
        """The union of some cells' sets for each cell; num/den is about the step of the input from cell to cell."""
        own, starts = self.bits, [self.base + self.num * j // self.den for j in range(len(self))]
        places = [num * i // den for i in range(len(sources))]
        base = min((starts[j] - at for at, read in zip(places, sources, strict=True) for j in read if own[j]), default=0)
        bits = []
        for at, read in zip(places, sources, strict=True):
            union = 0
            for j in read:
                if own[j]:
                    union |= own[j] << (starts[j] - at - base)
            bits.append(union)
        return Table(bits, base, num, den)


def _alike(one: Table, other: Table) -> tuple[list[int], list[int]]:
    """The sets of two tables, counted alike."""
    low, high = (one, other) if one.base <= other.base else (other, one)
    moved = high._like(low)
    if moved is None:
        return one.sets(), other.sets()
    return (low.bits, moved) if low is one else (moved, low.bits)


def _transposed(axis_map: Transposed, n: int, m: int) -> list[list[int]]:
    """The cells that each cell of a transposed window reads."""
    k, s, d, p = int(axis_map.kernel_size), int(axis_map.stride), int(axis_map.dilation), int(axis_map.padding)
    sources: list[list[int]] = [[] for _ in range(m)]
    for j in range(n):
        for i in range(s * j - p, s * j - p + d * (k - 1) + 1, d):
            if 0 <= i < m:
                sources[i].append(j)
    return sources


def _read(axis_map: AxisMap, n: int, m: int) -> list[list[int]]:
    """The cells that each cell of any map reads."""
    sources = []
    for i in range(m):
        read, left = [], axis_map.reads(1 << i, n)
        while left:
            low = left & -left
            read.append(low.bit_length() - 1)
            left ^= low
        sources.append(read)
    return sources
