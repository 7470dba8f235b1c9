"""How much, not only whether: the number of paths from each input cell to a cell of the output, exact.

A path is a chain of single reads: an output cell reads a cell of the value before, which reads one of the value before that,
down to the input; channels count as cells. Where every connection weighs the same and nothing bends (activations let the
signal pass, a maximum passes all of its window, a mean is a sum), the gradient of the output cell is this number: its shape is
the effective receptive field of Luo, Li, Urtasun and Zemel, Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks, NIPS 2016. With random weights of mean zero it is the variance of the gradient that has this
shape; a trained network may have another.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import asked_term, check_channel, spatial_axes, value_named
from cnncalc.analyses.count_tensor import Block, CountTensor
from cnncalc.analyses.parts import groups_of
from cnncalc.axes import AxisMaps, Group, Merged, Nothing, Regrouped, Steps, of_output
from cnncalc.axis import EACH, Everything
from cnncalc.cells import cells_of
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.layers.merging import Stacked
from cnncalc.value import Node, ParameterNode, Value

if TYPE_CHECKING:
    from cnncalc.cells import Term
    from cnncalc.module import Module


class PathCounts:
    """The number of paths from each input cell to one cell of an output: over all channels and samples of both together.

    `per_axis` holds one tuple of numbers per axis where the number at a cell is their product, times `factor`; otherwise it
    is None and `plane` holds the numbers of all cells, row by row. `total` is the number of all paths, `shape` the
    lengths of the input's axes.
    """

    __slots__ = ("at", "factor", "of", "per_axis", "plane", "shape")

    def __init__(self, of: str, at: tuple[int, ...], shape: tuple[int, ...], counted: CountTensor | None) -> None:
        """Keep the numbers; None counts no path."""
        self.of = of
        self.at = at
        self.shape = shape
        self.factor = 0 if counted is None else counted.factor
        self.per_axis: tuple[tuple[int, ...], ...] | None = None
        self.plane: tuple[int, ...] | None = None
        if counted is None or not self.factor:
            self.per_axis = tuple((0,) * n for n in shape)
        elif all(len(block.axes) == 1 for block in counted.blocks):
            by_axis = {block.axes[0]: tuple(block.values) for block in counted.blocks}
            self.per_axis = tuple(by_axis[axis] for axis in range(len(shape)))
        else:
            self.plane = tuple(counted.cells(len(shape)).values)

    @property
    def total(self) -> int:
        """The number of all paths."""
        if self.plane is not None:
            return sum(self.plane)
        total = self.factor
        for numbers in self.per_axis or ():
            total *= sum(numbers)
        return total

    def __getitem__(self, cell: int | tuple[int, ...]) -> int:
        """The number of paths from one input cell, given by its indices on the axes after the channels."""
        index = cell if isinstance(cell, tuple) else (cell,)
        if len(index) != len(self.shape) or not all(
            type(i) is int and 0 <= i < n for i, n in zip(index, self.shape, strict=True)
        ):
            raise ArgumentError("a cell is given by its indices on the input's axes", got=f"{cell!r:.60} for {self.shape}")
        if self.plane is not None:
            position = 0
            for i, n in zip(index, self.shape, strict=True):
                position = position * n + i
            return self.plane[position]
        count = self.factor
        for i, numbers in zip(index, self.per_axis or (), strict=True):
            count *= numbers[i]
        return count

    def table(self) -> Any:
        """The numbers of all cells as nested lists, one level per axis."""
        return _nested([self[cell] for cell in product(*map(range, self.shape))], self.shape)

    def normalised(self) -> Any:
        """The same as floats from 0 to 1, the largest number being 1: for a picture. All 0 where there is no path."""
        numbers = [self[cell] for cell in product(*map(range, self.shape))]
        largest = max(numbers, default=0) or 1
        return _nested([number / largest for number in numbers], self.shape)

    def along(self, axis: int) -> list[int]:
        """For each cell along one axis: the number of paths from all cells that lie there."""
        if type(axis) is not int or not 0 <= axis < len(self.shape):
            raise ArgumentError(f"axis numbers an axis from 0 to {len(self.shape) - 1}", got=f"axis={axis!r:.40}")
        sums = [0] * self.shape[axis]
        if self.plane is None:
            numbers = (self.per_axis or ())[axis]
            total = sum(numbers)
            return [self.total // total * number for number in numbers] if total else sums
        for cell, number in zip(product(*map(range, self.shape)), self.plane, strict=True):
            sums[cell[axis]] += number
        return sums

    def __repr__(self) -> str:
        """The cell and the number of all paths."""
        return f"<PathCounts to {self.at} of {self.of or 'the output'}: {self.total} paths>"


def path_counts(
    network: Module, *shapes: Any, at: Any, of: str | None = None, wrt: int = 0, channel: int | None = None
) -> PathCounts:
    """The number of paths from each input cell to the cell `at` of the output, or of the row named `of`, exact.

    What it assumes stands in this module's first lines: every connection weighs the same, and nothing bends the signal. A layer
    that reads a cell has one connection to it, a cell that is copied into the padding one for each copy; parameters are no
    cells. `channel` asks for one channel of the output, `wrt` numbers the input. Raises ArgumentError for what does not
    exist, UnsupportedError for symbolic sizes, and where so many numbers can't be laid out.
    """
    graph = trace(network, *shapes)
    axes = spatial_axes(graph, wrt)
    value = value_named(graph, of)
    if channel is not None:
        check_channel(graph, value, channel)
    cell = (at,) if isinstance(at, int) and not isinstance(at, bool) else at
    counted = counts(graph, value, asked_term(graph, value, cell, channel), wrt)
    shape = tuple(int(n) for n in graph.inputs[wrt].shape)
    if counted is not None:
        for axis in range(len(shape)):
            if axis not in axes:
                counted = _summed(counted, axis)
        counted = _renamed(counted, {axis: number for number, axis in enumerate(axes)})
    return PathCounts(of or "", tuple(cell), tuple(shape[axis] for axis in axes), counted)


def counts(graph: Graph, value: Value, term: Term, wrt: int) -> CountTensor | None:
    """The number of paths from each cell of an input to the cells of a product set; None where there is none."""
    start = CountTensor.of_term(term, tuple(map(int, value.shape)))
    held: dict[tuple[int, int], CountTensor] = {(value.node.index, value.index): start}
    source = graph.inputs[wrt].node
    for node in reversed(graph.nodes[: value.node.index + 1]):
        wanted = [(key, held.pop(key)) for key in [key for key in held if key[0] == node.index]]
        if node is source:
            return wanted[0][1] if wanted else None
        if node.operation is None:
            continue
        for (_, output), numbers in wanted:
            shape = _shape_of(node, output)
            for before, maps in zip(node.values, of_output(node.axes, output), strict=True):
                if isinstance(before.node, ParameterNode):
                    continue
                found = back(numbers, maps, tuple(map(int, before.shape)), shape)
                if found is not None and found.factor:
                    key = (before.node.index, before.index)
                    held[key] = held[key].plus(found) if key in held else found
    return None


# -- through one operation -------------------------------------------------------------------------------------------


def back(numbers: CountTensor, maps: AxisMaps, shape: tuple[int, ...], output: tuple[int, ...]) -> CountTensor | None:
    """Numbers of an output carried back to an input."""
    if isinstance(maps, Nothing):
        return None
    if isinstance(maps, (Merged, Regrouped)):
        return _regrouped(numbers, groups_of(maps, len(shape)), shape)
    if isinstance(maps, Steps):
        found: CountTensor | None = numbers
        behind = [tuple(map(int, between)) for _, between in maps.steps]
        for (step, _), before, after in zip(reversed(maps.steps), reversed(behind), reversed([*behind[1:], output]), strict=True):
            found = found and back(found, step, before, after)
        return found
    if isinstance(maps, Stacked):
        numbers = _picked(numbers, maps.axis, maps.number)
        return _renamed(numbers, {goes_to: axis for axis, (goes_to, _) in enumerate(maps.routes) if goes_to is not None})
    if type(maps).reads is AxisMaps.reads:
        return _by_routes(numbers, maps, shape)
    return _by_cells(numbers, maps, shape, output)


def _by_routes(numbers: CountTensor, maps: AxisMaps, shape: tuple[int, ...]) -> CountTensor:
    """Axis by axis: an output axis that no input axis goes with is summed."""
    comes_from = {goes_to: axis for axis, (goes_to, _) in enumerate(maps.routes) if goes_to is not None}
    if len(comes_from) < sum(goes_to is not None for goes_to, _ in maps.routes):
        raise UnsupportedError("paths along a diagonal, where two axes become one, are not counted")
    made: list[Block] = []
    for block in numbers.blocks:
        changed, names = block, list(block.axes)
        for axis in block.axes:
            place = names.index(axis)
            source = comes_from.get(axis)
            axis_map = EACH if source is None else maps.routes[source][1]
            if source is None or isinstance(axis_map, Everything):
                changed = changed.summed(place)
                names.pop(place)
                if source is not None:
                    made.append(Block((source,), (shape[source],), [1] * shape[source]))
            elif axis_map is not EACH:
                changed = changed.behind(place, axis_map, shape[source])
        made.append(changed._replace(axes=tuple(comes_from[axis] for axis in names)))
    for axis, (goes_to, axis_map) in enumerate(maps.routes):
        if goes_to is None:
            made.append(Block((axis,), (shape[axis],), axis_map.counts([1], shape[axis])))
    return CountTensor(made, numbers.factor)


def _regrouped(numbers: CountTensor, groups: tuple[Group, ...], shape: tuple[int, ...]) -> CountTensor:
    """Groups of axes laid out as other axes, in row-major order: the numbers stay where they are."""
    for _, _, start, stop in groups:
        if stop - start > 1:
            numbers = numbers.joined(range(start, stop))
    made: list[Block] = []
    covered = {axis for block in numbers.blocks for axis in block.axes}
    for block in numbers.blocks:
        axes: list[int] = []
        for axis in block.axes:
            a, b, c, _ = next(group for group in groups if group[2] <= axis < group[3])
            if axis == c:
                axes += range(a, b)
        made.append(Block(tuple(axes), tuple(shape[axis] for axis in axes), block.values))
    for a, b, c, d in groups:
        if c == d or c not in covered:
            # Axes of length 1 that the output does not have.
            made += [Block((axis,), (shape[axis],), [1] * shape[axis]) for axis in range(a, b)]
    return CountTensor(made, numbers.factor)


def _by_cells(numbers: CountTensor, maps: AxisMaps, shape: tuple[int, ...], output: tuple[int, ...]) -> CountTensor | None:
    """Cell by cell, for operations whose axes are woven."""
    weights = numbers.cells(len(output)).values
    found: dict[tuple[int, ...], int] = {}
    for cell, weight in zip(product(*map(range, output)), weights, strict=True):
        if weight:
            read = {at for term in maps.reads(tuple(1 << i for i in cell), shape) for at in product(*map(cells_of, term))}
            for at in read:
                found[at] = found.get(at, 0) + weight
    if not found:
        return None
    axes = tuple(range(len(shape)))
    return CountTensor([Block(axes, shape, [found.get(at, 0) for at in product(*map(range, shape))])])


def _summed(numbers: CountTensor, axis: int) -> CountTensor:
    """Without an axis: the sums along it."""
    return CountTensor([b.summed(b.axes.index(axis)) if axis in b.axes else b for b in numbers.blocks], numbers.factor)


def _picked(numbers: CountTensor, axis: int, number: int) -> CountTensor:
    """Without an axis: the cells at one number along it."""
    return CountTensor([b.picked(b.axes.index(axis), number) if axis in b.axes else b for b in numbers.blocks], numbers.factor)


def _renamed(numbers: CountTensor, names: dict[int, int]) -> CountTensor:
    """The same with axes of other numbers."""
    return CountTensor([b._replace(axes=tuple(names[axis] for axis in b.axes)) for b in numbers.blocks], numbers.factor)


def _shape_of(node: Node, index: int) -> tuple[int, ...]:
    """The shape of one of an operation's outputs."""
    return tuple(int(n) for n in node.facts.outputs[index])


def _nested(flat: list[Any], shape: tuple[int, ...]) -> Any:
    """A flat list as lists in lists."""
    for n in reversed(shape[1:]):
        flat = [flat[i : i + n] for i in range(0, len(flat), n)]
    return flat
