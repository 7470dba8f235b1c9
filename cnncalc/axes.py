"""How a whole output tensor follows from one input tensor: axis maps, and which output axis each input axis goes with."""

from __future__ import annotations

from functools import cache
from itertools import accumulate, chain, product
from math import prod
from operator import and_, mul
from typing import TYPE_CHECKING

from cnncalc.axis import EACH, EVERYTHING, AxisMap, Pad, Picked, Select
from cnncalc.cells import Term, cells_of, full, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.sizes import Shape

#: Input axes start … stop − 1 and the output axes that hold the same cells: (start, stop, output start, output stop).
Group = tuple[int, int, int, int]
#: For one input axis: the output axis that it goes with, None where it goes with none, and the map between them.
Route = tuple[int | None, AxisMap]


class AxisMaps:
    """For each input axis, the output axis that it goes with and the axis map between them.

    `AxisMaps(a, b, c)` has output axis i follow from input axis i. `AxisMaps.routed` says otherwise: where axes are
    permuted, added or dropped. An input axis that goes with no output axis is read as its map reads one cell: all of it,
    mostly.
    """

    __slots__ = ("is_pointwise", "routes")
    #: Why a field has no size behind maps that have no route for every axis.
    why = "moves cells over several axes at once"

    def __init__(self, *maps: AxisMap) -> None:
        """Keep one map per axis, in order."""
        self.routes: tuple[Route, ...] = tuple(enumerate(maps))
        #: Whether output and input have the same cells: known of what `pointwise` gave.
        self.is_pointwise = False

    @classmethod
    def routed(cls, *routes: Route) -> AxisMaps:
        """One route for each input axis."""
        made = cls()
        made.routes = routes
        return made

    @staticmethod
    @cache
    def pointwise(rank: int) -> AxisMaps:
        """Cell by cell on every axis; one object for each number of axes."""
        made = AxisMaps(*(EACH,) * rank)
        made.is_pointwise = True
        return made

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

    @property
    def kept(self) -> frozenset[int]:
        """The axes that stay where they are, cell by cell."""
        return frozenset(axis for axis, (output, axis_map) in enumerate(self.routes) if output == axis and axis_map.is_each)

    @property
    def takes_part(self) -> bool:
        """Whether a part of an axis is taken, so that what lies on it has to be known part by part."""
        return any(isinstance(each, (Select, Picked)) or (isinstance(each, Pad) and each.crops) for _, each in self.routes)

    @property
    def laid_along(self) -> frozenset[int]:
        """The axes along which it is laid end to end with others: a cell of the output lies in one of them."""
        return frozenset(place for place, axis_map in enumerate(self.maps) if isinstance(axis_map, Pad))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """The terms that a term of the output reads in the input; nothing where it is empty on an axis."""
        if self.is_pointwise:
            read = term
        else:
            routed = zip(self.routes, shape, strict=True)
            read = tuple([axis_map.reads(1 if output is None else term[output], n) for (output, axis_map), n in routed])
        if all(read):
            yield read

    def read_by(self, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:
        """The output cells that read any cell of a term of the input: the converse of `reads`, as terms."""
        if type(self).reads is not AxisMaps.reads:
            yield from searched(self, term, shape, output)
            return
        reading = [full(m) for m in output]
        for (goes_to, axis_map), cells, n in zip(self.routes, term, shape, strict=True):
            if goes_to is not None:
                reading[goes_to] &= axis_map.read_by(cells, n, output[goes_to])
            elif not axis_map.reads(1, n) & cells:
                return
        if all(reading):
            yield tuple(reading)

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
        if not all(term):
            return
        before, merged, after = term[: self.start], term[self.start], term[self.start + 1 :]
        for part in split(merged, shape[self.start : self.stop]):
            yield (*before, *part, *after)

    def read_by(self, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:  # noqa: ARG002 - as read
        """The merged axes laid out."""
        merged = laid_out(term[self.start : self.stop], shape[self.start : self.stop])
        if all(term):
            yield (*term[: self.start], merged, *term[self.stop :])

    def __repr__(self) -> str:
        """Show which axes are merged."""
        return f"Merged(start={self.start}, stop={self.stop})"


class Regrouped(AxisMaps):
    """A tensor laid out in another shape, in row-major order: reshape.

    Input axes and output axes go in groups whose products agree; within a group the cells keep their order, and groups
    are independent of each other. So a group of one axis on each side is that axis, cell by cell.
    """

    __slots__ = ("groups", "output")

    def __init__(self, groups: tuple[Group, ...], output: Shape) -> None:
        """Keep the groups, which cover all axes in order, and the output's shape."""
        super().__init__()
        self.groups = groups
        self.output = output

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """Each group's cells as row-major positions, split over the input axes of the group."""
        choices: list[list[Term]] = []
        for start, stop, out_start, out_stop in self.groups:
            lengths = tuple(map(int, self.output[out_start:out_stop]))
            choices.append(list(split(laid_out(term[out_start:out_stop], lengths), shape[start:stop])))
        for parts in product(*choices):
            yield tuple(chain.from_iterable(parts))

    def read_by(self, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:
        """The same with the two shapes changed round."""
        back = tuple((c, d, a, b) for a, b, c, d in self.groups)
        yield from Regrouped(back, shape).reads(term, output)

    def group_of(self, axis: int) -> Group:
        """The group that an input axis belongs to."""
        return next(group for group in self.groups if group[0] <= axis < group[1])

    def __repr__(self) -> str:
        """Show the groups."""
        return f"Regrouped({', '.join(f'{a}:{b} to {c}:{d}' for a, b, c, d in self.groups)})"


def reshaped(shape: Shape, output: Shape) -> AxisMaps:
    """The axis maps of a reshape, whose two shapes hold equally many cells: the finest groups that provably agree."""
    if any(type(n) is int and n == 0 for n in output):
        return Nothing(len(shape))
    before, after = list(accumulate(shape, mul, initial=1)), list(accumulate(output, mul, initial=1))
    groups: list[Group] = []
    i = j = 0
    while i < len(shape) and j < len(output):
        ends = ((a, b) for a in range(i + 1, len(shape) + 1) for b in range(j + 1, len(output) + 1))
        end = next(((a, b) for a, b in ends if (before[a] == after[b]) is True), (len(shape), len(output)))
        groups.append((i, end[0], j, end[1]))
        i, j = end
    if i < len(shape) or j < len(output):
        # Axes of length 1 that are left over join the last group.
        start, _, out_start, _ = groups.pop() if groups else (0,) * 4
        groups.append((start, len(shape), out_start, len(output)))
    wide = [group for group in groups if not group[1] - group[0] == 1 == group[3] - group[2]]
    if not wide:
        return AxisMaps.pointwise(len(shape))
    if len(wide) == 1 and wide[0][3] - wide[0][2] == 1:
        return Merged(*wide[0][:2])
    return Regrouped(tuple(groups), output)


class Woven(AxisMaps):
    """Axes that are woven into each other: their cells have no description axis by axis.

    `routes` says what is known of each axis alone, for the closed form; the exact cells are `reads` of a subclass.
    """

    __slots__ = ()

    @property
    def maps(self) -> tuple[AxisMap, ...]:
        """None: an output axis does not follow from one input axis."""
        return ()


class Steps(Woven):
    """One layout after another: a reshape, a permutation, a reshape."""

    __slots__ = ("steps",)

    def __init__(self, routes: tuple[Route, ...], *steps: tuple[AxisMaps, Shape]) -> None:
        """Keep the axis maps in order, each with the shape that it reads; `routes` are for the closed form."""
        super().__init__()
        self.routes = routes
        self.steps = steps

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:  # noqa: ARG002 - the steps hold the shapes
        """Back through the last step, then through the one before it."""
        terms = [term]
        for maps, between in reversed(self.steps):
            terms = [part for whole in terms for part in maps.reads(whole, between)]  # type: ignore[arg-type]
        yield from terms

    def read_by(self, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:  # noqa: ARG002 - as read
        """On through each step."""
        terms = [term]
        behind = [*(between for _, between in self.steps[1:]), output]
        for (maps, between), after in zip(self.steps, behind, strict=True):
            terms = [part for whole in terms for part in maps.read_by(whole, between, after)]  # type: ignore[arg-type]
        yield from terms


class Nothing(AxisMaps):
    """An input of which nothing is read."""

    __slots__ = ()

    def __init__(self, rank: int) -> None:
        """Route each axis nowhere."""
        super().__init__()
        self.routes = ((None, EVERYTHING),) * rank

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:  # noqa: ARG002 - whatever is asked
        """No terms."""
        return iter(())

    def read_by(self, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:  # noqa: ARG002 - as read
        """No terms."""
        return iter(())


def searched(maps: AxisMaps, term: Term, shape: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Term]:
    """The output cells that read any cell of a term, found by halving: a part of the output that reads none is left out."""
    waiting = [tuple(full(m) for m in output)]
    while waiting:
        part = waiting.pop()
        if not all(part) or not any(all(map(and_, read, term)) for read in maps.reads(part, shape)):
            continue
        if all(cells.bit_count() == 1 for cells in part):
            yield part
            continue
        longest = max(range(len(part)), key=lambda axis: part[axis].bit_count())
        divided = cells_of(part[longest])
        low = part[longest] & full(divided[len(divided) // 2])
        waiting += [(*part[:longest], half, *part[longest + 1 :]) for half in (low, part[longest] & ~low)]


def laid_out(term: Term, shape: tuple[int, ...]) -> int:
    """A product set over axes as a set of row-major positions."""
    cells, inner = 1, 1
    for axis in range(len(shape) - 1, -1, -1):
        # Blocks of `inner` cells side by side: no carries.
        cells *= spread(term[axis], inner)
        inner *= shape[axis]
    return cells


def split(cells: int, shape: tuple[int, ...]) -> Iterator[Term]:
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
        for part in split(content, shape[1:]):
            yield (which, *part)


class PerOutput(tuple[tuple[AxisMaps, ...], ...]):
    """The axis maps of an operation whose output tensors read different cells: for each output, one for each input."""

    __slots__ = ()


def of_output(axes: tuple[AxisMaps, ...] | PerOutput, output: int = 0) -> tuple[AxisMaps, ...]:
    """The axis maps of one of an operation's output tensors: one for each input tensor."""
    return axes[output] if isinstance(axes, PerOutput) else axes
