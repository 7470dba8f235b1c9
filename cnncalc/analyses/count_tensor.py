"""Whole numbers for all cells of a tensor, as a product of blocks: one vector per axis where they factorise.

A number per cell of a (1, 64, 56, 56) tensor is mostly a product of a vector per axis, or of a vector per channel and a
plane. A block holds the numbers over some axes, row by row; a tensor is a product of blocks over all its axes, times a
factor. A sum of two tensors keeps the blocks in which they agree, and multiplies out only those in which they do not.
"""

from __future__ import annotations

from functools import reduce
from math import gcd, prod
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.axis import AxisMap
    from cnncalc.cells import Term

#: A block of more cells than this is not laid out.
MOST_CELLS = 1 << 22


class Block(NamedTuple):
    """Numbers over some axes, the last one fastest."""

    axes: tuple[int, ...]
    lengths: tuple[int, ...]
    values: list[int]

    def _around(self, place: int) -> tuple[int, int, int]:
        """How many rows there are before an axis, how long it is, and how many cells lie within one of its steps."""
        return prod(self.lengths[:place]), self.lengths[place], prod(self.lengths[place + 1 :])

    def summed(self, place: int) -> Block:
        """Without one of its axes: the sums along it."""
        outer, m, inner = self._around(place)
        values = [sum(self.values[o * m * inner + i : (o + 1) * m * inner : inner]) for o in range(outer) for i in range(inner)]
        return Block(_without(self.axes, place), _without(self.lengths, place), values)

    def picked(self, place: int, number: int) -> Block:
        """Without one of its axes: the cells at one number along it."""
        outer, m, inner = self._around(place)
        values = [value for o in range(outer) for value in self.values[(o * m + number) * inner : (o * m + number + 1) * inner]]
        return Block(_without(self.axes, place), _without(self.lengths, place), values)

    def behind(self, place: int, axis_map: AxisMap, n: int) -> Block:
        """The numbers carried back through an axis map, along one of the axes, to an axis of length n."""
        outer, m, inner = self._around(place)
        values = [0] * (outer * n * inner)
        for o in range(outer):
            for i in range(inner):
                row = self.values[o * m * inner + i : (o + 1) * m * inner : inner]
                if any(row):
                    values[o * n * inner + i : (o + 1) * n * inner : inner] = axis_map.counts(row, n)
        return Block(self.axes, (*self.lengths[:place], n, *self.lengths[place + 1 :]), values)

    def ordered(self, axes: Sequence[int]) -> Block:
        """The same with its axes in another order."""
        if tuple(axes) == self.axes:
            return self
        places = [self.axes.index(axis) for axis in axes]
        positions = [0]
        for place in places:
            step = prod(self.lengths[place + 1 :])
            positions = [position + step * i for position in positions for i in range(self.lengths[place])]
        return Block(tuple(axes), tuple(self.lengths[place] for place in places), [self.values[p] for p in positions])


class CountTensor:
    """A product of blocks over all axes of a tensor, times a factor."""

    __slots__ = ("blocks", "factor")

    def __init__(self, blocks: Sequence[Block], factor: int = 1) -> None:
        """Keep the blocks without what their numbers have in common, which goes to the factor."""
        self.blocks: list[Block] = []
        self.factor = factor
        for block in blocks:
            common = gcd(*block.values)
            self.factor *= common
            if block.axes and common:
                self.blocks.append(block if common == 1 else block._replace(values=[value // common for value in block.values]))

    @classmethod
    def of_term(cls, term: Term, shape: Sequence[int]) -> CountTensor:
        """1 for the cells of a product set, 0 for all others."""
        sets = enumerate(zip(term, shape, strict=True))
        return cls([Block((axis,), (n,), [bits >> i & 1 for i in range(n)]) for axis, (bits, n) in sets])

    def joined(self, axes: Sequence[int]) -> CountTensor:
        """The same with the blocks of some axes multiplied out into one, in which these axes come first, in order."""
        touched = [block for block in self.blocks if set(block.axes) & set(axes)]
        lengths = dict(pair for block in touched for pair in zip(block.axes, block.lengths, strict=True))
        if prod(lengths.values()) > MOST_CELLS:
            raise UnsupportedError(
                "so many numbers are not laid out",
                got=f"{prod(lengths.values()):,} cells",
                remedy="ask a smaller image or an earlier row",
            )
        made = reduce(_times, touched)
        rest = [axis for axis in made.axes if axis not in axes]
        others = [block for block in self.blocks if not set(block.axes) & set(axes)]
        return CountTensor([made.ordered([*axes, *rest]), *others], self.factor)

    def plus(self, other: CountTensor) -> CountTensor:
        """The sum: blocks in which both agree are kept."""
        if not self.factor or not other.factor:
            return other if not self.factor else self
        parts = _together(self.blocks, other.blocks)
        left, right = self, other
        for axes in parts:
            left, right = left.joined(axes), right.joined(axes)
        ours, theirs = ({tuple(sorted(block.axes)): block for block in tensor.blocks} for tensor in (left, right))
        unlike = [axes for axes, block in ours.items() if block.values != theirs[axes].values]
        if not unlike:
            return CountTensor(list(ours.values()), left.factor + right.factor)
        if len(unlike) > 1:
            axes = sorted(axis for part in unlike for axis in part)
            left, right = left.joined(axes), right.joined(axes)
            ours, theirs = ({tuple(sorted(block.axes)): block for block in tensor.blocks} for tensor in (left, right))
            unlike = [tuple(axes)]
        (key,) = unlike
        mine, others = ours.pop(key), theirs[key]
        values = [left.factor * a + right.factor * b for a, b in zip(mine.values, others.values, strict=True)]
        return CountTensor([mine._replace(values=values), *ours.values()])

    def cells(self, rank: int) -> Block:
        """All numbers over all axes, in order, the factor included."""
        if not rank:
            return Block((), (), [self.factor])
        made = self.joined(range(rank)).blocks[0] if self.factor else None
        if made is None:
            raise UnsupportedError("there are no cells")
        common = gcd(*made.values)
        return made._replace(values=[value * self.factor // common for value in made.values]) if common else made


def _times(left: Block, right: Block) -> Block:
    """Two blocks multiplied out."""
    values = [a * b for a in left.values for b in right.values]
    return Block(left.axes + right.axes, left.lengths + right.lengths, values)


def _without(items: tuple[int, ...], place: int) -> tuple[int, ...]:
    """A tuple without one of its items."""
    return items[:place] + items[place + 1 :]


def _together(left: list[Block], right: list[Block]) -> list[list[int]]:
    """The axes in the finest parts such that no block of either side lies in two of them."""
    parts: list[set[int]] = []
    for block in [*left, *right]:
        axes = set(block.axes)
        for part in [part for part in parts if part & axes]:
            parts.remove(part)
            axes |= part
        parts.append(axes)
    return [sorted(part) for part in parts]
