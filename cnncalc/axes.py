"""How a whole output tensor follows from one input tensor: axis maps, and which output axis each input axis goes with."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnncalc.axis import EACH, EVERYTHING, AxisMap
from cnncalc.cells import Term, full

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For one input axis: the output axis that it goes with, None where it goes with none, and the map between them.
Route = tuple[int | None, AxisMap]


class AxisMaps:
    """For each input axis, the output axis that it goes with and the axis map between them.

    `AxisMaps(a, b, c)` has output axis i follow from input axis i. `AxisMaps.routed` says otherwise: where axes are
    permuted, added or dropped. An input axis that goes with no output axis is read as its map reads one cell: all of it,
    mostly.
    """

    __slots__ = ("routes",)

    def __init__(self, *maps: AxisMap) -> None:
        """Keep one map per axis, in order."""
        self.routes: tuple[Route, ...] = tuple(enumerate(maps))

    @classmethod
    def routed(cls, *routes: Route) -> AxisMaps:
        """One route for each input axis."""
        made = cls()
        made.routes = routes
        return made

    @classmethod
    def pointwise(cls, rank: int) -> AxisMaps:
        """Cell by cell on every axis."""
        return cls(*(EACH,) * rank)

    @classmethod
    def everything(cls, rank: int) -> AxisMaps:
        """Every output cell reads every cell of a tensor with that many axes."""
        return cls.routed(*((None, EVERYTHING),) * rank)

    @property
    def maps(self) -> tuple[AxisMap, ...]:
        """The maps in the order of the input axes."""
        return tuple(axis_map for _, axis_map in self.routes)

    @property
    def is_aligned(self) -> bool:
        """Whether output axis i follows from input axis i throughout."""
        return all(output == index for index, (output, _) in enumerate(self.routes))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """The terms that a term of the output reads in the input; nothing where it is empty on an axis."""
        read = tuple(
            axis_map.reads(1 if output is None else term[output], n)
            for (output, axis_map), n in zip(self.routes, shape, strict=True)
        )
        if all(read):
            yield read

    def __repr__(self) -> str:
        """Show the routes."""
        return f"AxisMaps({', '.join(f'{output}: {axis_map}' for output, axis_map in self.routes)})"


class Merged(AxisMaps):
    """Neighbouring input axes laid out as one output axis, in row-major order; every other axis cell by cell."""

    __slots__ = ("start", "stop")

    def __init__(self, start: int, stop: int) -> None:
        """Merge the input axes start … stop − 1."""
        super().__init__()
        self.start = start
        self.stop = stop

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """Split the merged axis back: runs of whole inner blocks stay one term, other cells become terms of their own."""
        before, merged, after = term[: self.start], term[self.start], term[self.start + 1 :]
        for part in _split(merged, shape[self.start : self.stop]):
            yield (*before, *part, *after)

    def __repr__(self) -> str:
        """Show which axes are merged."""
        return f"Merged(start={self.start}, stop={self.stop})"


def _split(cells: int, shape: tuple[int, ...]) -> Iterator[Term]:
    """A set of row-major positions as terms over the axes of `shape`; equal rows share a term."""
    if len(shape) <= 1:
        if cells:
            yield (cells,) if shape else ()
        return
    inner = prod(shape[1:])
    if cells == full(shape[0] * inner):
        if cells:
            yield tuple(map(full, shape))
        return
    rows: dict[int, int] = {}
    for row in range(shape[0]):
        content = cells >> (row * inner) & full(inner)
        if content:
            rows[content] = rows.get(content, 0) | 1 << row
    for content, which in rows.items():
        for part in _split(content, shape[1:]):
            yield (which, *part)


class PerOutput(tuple[tuple[AxisMaps, ...], ...]):
    """The axis maps of an operation whose output tensors read different cells: for each output, one for each input."""

    __slots__ = ()
