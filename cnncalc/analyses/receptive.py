"""The receptive field: closed form for every value of a graph, and the exact cells behind any one cell.

Two folds. The forward one composes stencils (cnncalc.axis) and gives each value's field for a cell far from every
border. The backward one carries a set of cells from an output to the inputs, in all axes at once, and is exact on any
graph: a field is a union of product sets, and a term that is empty on one axis is dropped.

Source of the closed form: Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill
2019, doi 10.23915/distill.00021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.parts import EVERYWHERE, Place, branches, carried, drops_cells, placed, refined, terms_at
from cnncalc.axes import AxisMaps, Merged, Nothing, PerOutput, Regrouped, of_output
from cnncalc.axis import EACH, AxisMap, Everything, Groups, Undescribed
from cnncalc.cells import Term, extent, full
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.field import AxisField, ReceptiveField
from cnncalc.graph import Graph, is_shape, trace
from cnncalc.sizes import Expr, Shape, Size
from cnncalc.stencil import IDENTITY
from cnncalc.value import Node, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.module import Module

#: The state of one value: for each axis of the network's input, which axis of the value carries it, and its field.
State = dict[int, tuple[int | None, AxisField]]
#: The parts of a value whose fields differ, where they lie and their states.
Parts = list[tuple[Place, State]]

START = AxisField(IDENTITY)
#: Behind a layer that reads everything. Its extent is worked out where the sizes are numbers.
WHOLE = AxisField(whole=True, reason="the whole input; its extent depends on the symbols")
INDEPENDENT = AxisField(reason="it does not depend on this input")


def receptive_field(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> ReceptiveField:
    """The receptive field of a network's output, or of the row named `of`.

    Figures are for a cell far from every border on an endless image. With `at`, a cell's indices on the axes after the
    channels (or the feature of a flat output), its exact cells are given too. `wrt` numbers the input that is looked at,
    where there are several. Raises ArgumentError for a cell or a row that does not exist.
    """
    graph = trace(network, *shapes)
    value = value_named(graph, of)
    if not isinstance(wrt, int) or not 0 <= wrt < len(graph.inputs):
        raise ArgumentError(f"wrt numbers an input from 0 to {len(graph.inputs) - 1}", got=f"wrt={wrt!r:.40}")
    axes = spatial_axes(graph, wrt)
    field = as_field(of or "", axes, fields(graph, wrt).of(value))
    if at is None:
        return field
    cell = (at,) if isinstance(at, int) and not isinstance(at, bool) else at
    cells = exact_cells(graph, value, asked_term(graph, value, cell), wrt)
    terms: list[Term] = []
    for term in cells:
        add_term(terms, tuple(term[axis] for axis in axes))
    return ReceptiveField(field.of, field.axes, tuple(cell), terms)


def as_field(of: str, axes: range, state: State) -> ReceptiveField:
    """The state of a value as plain data, for the row called `of`."""
    return ReceptiveField(of, tuple(state[axis][1] if axis in state else INDEPENDENT for axis in axes), None, None)


def value_named(graph: Graph, of: str | None) -> Value:
    """The output of the row with a qualified name; the network's output for None."""
    if of is None:
        return graph.output
    found = graph.returned.get(of)
    if found is None:
        found = next((Value(None, node, node.output) for node in graph.nodes if node.path == of), None)  # type: ignore[arg-type]
    if isinstance(found, tuple) and found and isinstance(found[0], Value):
        found = found[0]
    if not isinstance(found, Value):
        from cnncalc.layers import did_you_mean

        names = [node.path for node in graph.nodes] + list(graph.returned)
        raise ArgumentError("there is no row of that name", got=f"{of!r:.60}", remedy=did_you_mean(str(of), names))
    return found


def channel_axis(graph: Graph) -> int:
    """1, or 0 where the network takes its input without a batch: some layer reads as many axes as it has, and one more."""
    for node in graph.nodes:
        dimensions = getattr(node.operation, "dimensions", None)
        if dimensions is not None and node.values and len(node.values[0].shape) == dimensions + 1:
            return 0
    return 1


def spatial_axes(graph: Graph, wrt: int = 0) -> range:
    """The axes of an input that lie after its channels."""
    return range(channel_axis(graph) + 1, len(graph.inputs[wrt].shape))


# -- forward: the closed form -----------------------------------------------------------------------------------


class Fields:
    """The state of every value of a graph. Index it by a node's number for its first output; `of` finds any value's.

    `parts` lists the parts of a value whose fields differ, with their states: an empty list where all are alike, None
    where parts that differ are no longer told apart.
    """

    def __init__(self) -> None:
        """Start empty; nodes are added in order."""
        self._states: list[tuple[tuple[State, Parts | None], ...]] = []

    def add(self, *states: tuple[State, Parts | None]) -> None:
        """Add the next node: one state for all its outputs, or one for each."""
        self._states.append(states)

    def __getitem__(self, node: int) -> State:
        """The state of a node's first output."""
        return self._states[node][0][0]

    def of(self, value: Value) -> State:
        """The state of a value."""
        return self._entry(value)[0]

    def parts(self, value: Value) -> Parts | None:
        """The parts of a value."""
        return self._entry(value)[1]

    def _entry(self, value: Value) -> tuple[State, Parts | None]:
        states = self._states[value.node.index]
        return states[value.index if len(states) > 1 else 0]


def fields(graph: Graph, wrt: int = 0) -> Fields:
    """The field of every value on each spatial axis of an input, for a cell far from every border."""
    found = Fields()
    axes = spatial_axes(graph, wrt)
    source = graph.inputs[wrt].node
    every = [node.operation.axes(*node.shapes, **node.call) if node.operation else () for node in graph.nodes]
    # Parts that differ matter only where some operation takes a part.
    apart = any(drops_cells(maps) if isinstance(maps, PerOutput) else any(map(drops_cells, maps)) for maps in every)
    for node, maps in zip(graph.nodes, every, strict=True):
        if node.operation is None:
            found.add(({axis: (axis, START) for axis in axes} if node is source else {}, []))
        elif isinstance(maps, PerOutput):
            shapes = list(output_shapes(node.output))
            outputs = zip(maps, shapes, strict=True)
            found.add(*(_state(graph, node, part, shape, found, wrt, apart=apart) for part, shape in outputs))
        else:
            found.add(_state(graph, node, maps, next(output_shapes(node.output)), found, wrt, apart=apart))
    return found


def output_shapes(output: Any) -> Iterator[Shape]:
    """The shapes of an operation's outputs, in order, however they are nested."""
    if output is None:
        return
    if is_shape(output):
        yield output
        return
    for item in output:
        yield from output_shapes(item)


def _state(
    graph: Graph, node: Node, axes: tuple[AxisMaps, ...], output: Shape, found: Fields, wrt: int, *, apart: bool
) -> tuple[State, Parts | None]:
    """The state behind one node: each input's state passed through its axis maps, then joined; and the parts that differ."""
    states: list[State] = []
    places: list[Place | None] = []
    for value, maps in zip(node.values, axes, strict=True):
        before = found.of(value)
        if not before or isinstance(maps, Nothing):
            continue
        parts = found.parts(value) if apart else []
        for place, state in parts or [(EVERYWHERE, before)]:
            if not state:
                continue
            for target, own in branches(maps, value.shape, output, joining=len(axes) > 1) if apart else [(EVERYWHERE, maps)]:
                lies = placed(carried(place, own, value.shape, output), target)
                if lies is not None and not lies.cells:
                    continue
                after = _behind(graph, node, value, place, state, own, wrt)
                if parts is None and drops_cells(maps):
                    after = {axis: (at, _varying(node, "takes a part of what was joined")) for axis, (at, _) in after.items()}
                states.append(after)
                places.append(None if parts is None else lies)
    joined: State = {}
    for state in states:
        joined = {axis: _join(joined.get(axis), part, node) for axis, part in state.items()} if joined else state
    if None in places:
        return joined, None
    if all(place is EVERYWHERE for place in places):
        return joined, []
    return joined, _parts(node, [place for place in places if place is not None], states, output)


def _parts(node: Node, places: list[Place], states: list[State], output: Shape) -> Parts | None:
    """The parts of an output, each with its state; none where all are alike, None where they can't be told apart."""
    atoms = refined(places, output)
    if atoms is None:
        return None
    parts: Parts = []
    for place, numbers in atoms:
        joined: State = {}
        for state in (states[number] for number in numbers):
            joined = {axis: _join(joined.get(axis), part, node) for axis, part in state.items()} if joined else state
        parts.append((place, joined))
    return [] if all(_alike(parts[0][1], state) for _, state in parts[1:]) else parts


def _alike(left: State, right: State) -> bool:
    """Whether two states say the same."""
    if left.keys() != right.keys():
        return False
    for axis, (place, a) in left.items():
        other, b = right[axis]
        if place != other or (a is not b and (a.stencil != b.stencil or a.whole != b.whole or a.laid_out != b.laid_out)):
            return False
        if a is not b and a.stencil is None and (a.size is not b.size and (a.size == b.size) is not True):
            return False
    return True


def _behind(graph: Graph, node: Node, value: Value, place: Place, state: State, maps: AxisMaps, wrt: int) -> State:
    """The state of a value, or of a part of it, behind one operation."""
    after = _through(state, maps, value.shape, node)
    mixed = [axis for axis, (_, field) in after.items() if field is WHOLE and state[axis][1] is not WHOLE]
    if mixed and not any(isinstance(n, Expr) for n in (*value.shape, *graph.inputs[wrt].shape)):
        try:
            after |= _covered(graph, value, place, after, mixed, wrt)
        except UnsupportedError as error:
            unknown = AxisField(whole=True, reason=f"all that can reach it; the extent is not known: {error.rule}")
            after |= {axis: (after[axis][0], unknown) for axis in mixed}
    return after


def _through(before: State, maps: AxisMaps, shape: Shape, node: Node) -> State:
    """A state behind one operation."""
    if isinstance(maps, Merged):
        return {axis: _merged(entry, maps, shape) for axis, entry in before.items()}
    if isinstance(maps, Regrouped):
        return {axis: _regrouped(entry, maps, shape) for axis, entry in before.items()}
    if len(maps.routes) < len(shape):
        return {axis: (None, _varying(node, "moves cells over several axes at once")) for axis in before}
    after: State = {}
    done: dict[tuple[int, int], AxisField] = {}
    for axis, (place, field) in before.items():
        if place is None:
            mixed = field.stencil is not None and any(axis_map is not EACH for _, axis_map in maps.routes)
            after[axis] = (None, _varying(node, "works on axes that branches mix or a reshape has cut") if mixed else field)
            continue
        output, axis_map = maps.routes[place]
        if axis_map is EACH or field.whole:
            after[axis] = (output, field)
            continue
        key = (id(axis_map), id(field))
        made = done.get(key)
        if made is None:
            made = done[key] = _mapped(field, axis_map, shape[place], node)
        after[axis] = (output, made)
    return after


def _mapped(field: AxisField, axis_map: AxisMap, n: Size, node: Node) -> AxisField:
    """A field behind one axis map; n is the length of the value's axis."""
    if isinstance(axis_map, Everything):
        return WHOLE
    if field.stencil is None:
        return field
    if field.laid_out is not None:
        return _varying(node, "reads features of a flattened map in groups")
    stencil = None if isinstance(axis_map, Groups) else axis_map.stencil(n)
    if stencil is None:
        return _varying(node, axis_map.why if isinstance(axis_map, Undescribed) else "has windows that differ from cell to cell")
    return AxisField(field.stencil.then(stencil))


def _varying(node: Node, what: str) -> AxisField:
    """No single figure, and which layer is the reason."""
    return AxisField(reason=f"no single size: {node.path or node.kind} ({node.kind}) {what}")


def _merged(entry: tuple[int | None, AxisField], maps: Merged, shape: Shape) -> tuple[int | None, AxisField]:
    """A field behind a Flatten: each feature still is one cell, but its axis is laid out among others."""
    place, field = entry
    if place is None or place < maps.start:
        return entry
    if place >= maps.stop:
        return place - (maps.stop - maps.start) + 1, field
    n = shape[place]
    if field.stencil is None or field.laid_out is not None or not isinstance(n, int):
        laid = field if field.stencil is None else AxisField(field.stencil, laid_out=field.laid_out or -1)
        return maps.start, laid
    return maps.start, AxisField(field.stencil, laid_out=n)


def _regrouped(entry: tuple[int | None, AxisField], maps: Regrouped, shape: Shape) -> tuple[int | None, AxisField]:
    """A field behind a reshape: an axis that stays goes on, a merged one is laid out among others, a cut one has no place."""
    place, field = entry
    if place is None:
        return entry
    start, stop, out_start, out_stop = maps.group_of(place)
    wide = [axis for axis in range(out_start, out_stop) if (maps.output[axis] == 1) is not True]
    if len(wide) > 1 or out_start == out_stop:
        return None, field
    target = wide[0] if wide else out_start
    others = [axis for axis in range(start, stop) if axis != place and (shape[axis] == 1) is not True]
    if not others:
        return target, field
    return target, _merged((0, field), Merged(0, 1), (shape[place],))[1]


def _covered(graph: Graph, value: Value, place: Place, after: State, mixed: list[int], wrt: int) -> State:
    """The exact extent of what all cells of a value, or of a part, read; stencils alone take padding between layers for cells."""
    terms: list[Term] = []
    for asked in terms_at(place, tuple(map(int, value.shape))):
        terms += exact_cells(graph, value, asked, wrt)
    sizes = {}
    for axis in mixed:
        read = 0
        for term in terms:
            read |= term[axis]
        sizes[axis] = extent(read)
    return {axis: (after[axis][0], AxisField(size=size, whole=True)) for axis, size in sizes.items()}


def _join(
    left: tuple[int | None, AxisField] | None, right: tuple[int | None, AxisField], node: Node
) -> tuple[int | None, AxisField]:
    """The union of two branches' fields on one axis."""
    if left is None:
        return right
    place = left[0] if left[0] == right[0] else None
    a, b = left[1], right[1]
    if a is b:
        return place, a
    if a.whole or b.whole:
        larger = a if a.whole and (not b.whole or (a.size or 0) >= (b.size or 0)) else b
        return place, larger
    if a.stencil is None or b.stencil is None:
        return place, a if a.stencil is None else b
    if a.laid_out is not None or b.laid_out is not None:
        if a.stencil == b.stencil:
            return place, a
        return place, _varying(node, "joins branches after a flatten")
    union = a.stencil.beside(b.stencil)
    if union is None:
        return place, _varying(
            node, f"joins branches of strides {a.stencil.stride} and {b.stencil.stride}, or of symbolic extents"
        )
    return place, AxisField(union)


# -- backward: the exact cells ----------------------------------------------------------------------------------


def asked_term(graph: Graph, value: Value, at: Any) -> Term:
    """The product set of one cell of a value: sample 0, all channels, the indices asked."""
    shape = value.shape
    if any(isinstance(n, Expr) for n in (*shape, *graph.inputs[0].shape)):
        raise UnsupportedError(
            "the cells of a field need numbers", got=str(shape), remedy="give numbers for the sizes of the input"
        )
    channel = channel_axis(graph)
    if len(shape) == channel + 1:
        lead: list[int] = [1] * channel
    else:
        lead = [*([1] * channel), full(int(shape[channel]))] if len(shape) > channel else []
    rest = shape[len(lead) :]
    valid = isinstance(at, (tuple, list)) and len(at) == len(rest) and all(type(i) is int for i in at)
    if not valid or not all(0 <= i < int(n) for i, n in zip(at, rest, strict=True)):
        raise ArgumentError(
            "the cell is given by its indices on the axes after the channels, or by the feature of a flat output",
            got=f"at={at!r:.60} for shape {shape}",
            remedy=f"give {len(rest)} whole numbers below {rest}",
        )
    return (*lead, *(1 << i for i in at))


def exact_cells(graph: Graph, value: Value, term: Term, wrt: int = 0) -> list[Term]:
    """The exact set of input cells that a product set of output cells depends on, as a union of product sets."""
    asked: dict[tuple[int, int], list[Term]] = {(value.node.index, value.index): [term]}
    for node in reversed(graph.nodes[: value.node.index + 1]):
        wanted = {key: asked.pop(key) for key in [key for key in asked if key[0] == node.index]}
        if node.operation is None or not wanted:
            asked |= wanted
            continue
        axes = node.operation.axes(*node.shapes, **node.call)
        for (_, output), terms in wanted.items():
            for source, maps in zip(node.values, of_output(axes, output), strict=True):
                held = asked.setdefault((source.node.index, source.index), [])
                for part in terms:
                    for read in maps.reads(part, source.shape):  # type: ignore[arg-type]
                        add_term(held, read)
    return asked.get((graph.inputs[wrt].node.index, 0), [])


def add_term(terms: list[Term], new: Term) -> None:
    """Add a product set to a union: drop what is covered, and merge sets that differ on one axis alone."""
    index = 0
    while index < len(terms):
        known = terms[index]
        different = [axis for axis, (a, b) in enumerate(zip(known, new, strict=True)) if a != b]
        if all(known[axis] | new[axis] == known[axis] for axis in different):
            return
        if len(different) == 1 or all(known[axis] | new[axis] == new[axis] for axis in different):
            axis = different[0]
            if len(different) == 1:
                new = (*new[:axis], new[axis] | known[axis], *new[axis + 1 :])
            terms.pop(index)
            index = 0
            continue
        index += 1
    terms.append(new)
