"""Cells that read whole stretches of an axis: all of it, the block of a group, everything up to a cell."""

from __future__ import annotations

from cnncalc.axis.base import AxisMap
from cnncalc.cells import first_cell, full
from cnncalc.sizes import Size


class Everything(AxisMap):
    """Every output cell reads every input cell: dense channels, global pools, Linear."""

    __slots__ = ("output_size",)
    parts = ("output_size",)

    def __init__(self, output_size: Size | None = None) -> None:
        """Keep the length of the output axis; None where it is that of the input."""
        self.output_size = output_size

    def length(self, n: Size) -> Size:
        """The length given, or n."""
        return n if self.output_size is None else self.output_size

    def reads(self, cells: int, n: int) -> int:
        """All cells, if any is asked."""
        return full(n) if cells else 0

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - whatever the length
        """All cells, if any is read."""
        return full(m) if cells else 0

    def counts(self, weights: list[int], n: int) -> list[int]:
        """All weights together, at every cell."""
        return [sum(weights)] * n

    def taps(self, n: Size) -> Size:
        """All of them, for each output cell."""
        return self.length(n) * n


EVERYTHING = Everything()


class Groups(AxisMap):
    """Blocks that read blocks: grouped channels. Output block g reads input block g."""

    __slots__ = ("groups", "output_size")
    parts = ("groups", "output_size")

    def __init__(self, groups: Size, output_size: Size) -> None:
        """Keep the number of blocks and the length of the output axis, which it divides."""
        self.groups = groups
        self.output_size = output_size

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The length given."""
        return self.output_size

    def reads(self, cells: int, n: int) -> int:
        """The input blocks of the output blocks that are touched."""
        return self._touched(cells, int(self.output_size), n)

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The output blocks of the input blocks that are touched."""
        return self._touched(cells, n, m)

    def _touched(self, cells: int, own: int, others: int) -> int:
        """The blocks of an axis of length `others` that go with the blocks of some cells, of an axis of length `own`."""
        groups = int(self.groups)
        block, other = own // groups, others // groups
        if block == other == 1:
            return cells
        touched = 0
        for g in range(groups):
            if cells >> (g * block) & full(block):
                touched |= full(other) << (g * other)
        return touched


class Prefix(AxisMap):
    """Everything up to a cell: a recurrence, a causal mask. Output cell i reads cells 0 … i, or, backwards, i … n − 1."""

    __slots__ = ("backwards", "output_size")
    parts = ("output_size", "backwards")

    def __init__(self, output_size: Size | None = None, *, backwards: bool = False) -> None:
        """Keep the length of the output axis, None where it is that of the input, and the direction."""
        self.output_size = output_size
        self.backwards = backwards

    def length(self, n: Size) -> Size:
        """The length given, or n."""
        return n if self.output_size is None else self.output_size

    def reads(self, cells: int, n: int) -> int:
        """Up to the last asked cell, or from the first one on."""
        if not cells:
            return 0
        return full(n) & (~full(first_cell(cells)) if self.backwards else full(cells.bit_length()))
