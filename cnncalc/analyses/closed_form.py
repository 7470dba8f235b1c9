"""The receptive field in closed form, for every value of a graph: a forward fold that composes stencils (cnncalc.stencil).

The figures are for a cell far from every border. Source: Araujo, Norris and Sim, Computing Receptive Fields of
Convolutional Neural Networks, Distill 2019, doi 10.23915/distill.00021.
"""

from __future__ import annotations

from cnncalc.analyses.asking import spatial_axes
from cnncalc.analyses.axis_fields import START, State, joined_field, through, varying
from cnncalc.analyses.exact_cells import along_one_path, exact_cells
from cnncalc.analyses.parts import EVERYWHERE, Place, branches, carried, placed, refined, terms_at
from cnncalc.axes import AxisMaps, Nothing, PerOutput
from cnncalc.cells import extent
from cnncalc.errors import UndecidedError, UnsupportedError
from cnncalc.field import AxisField
from cnncalc.graph import Graph
from cnncalc.layers.shuffling_axes import Shuffled
from cnncalc.sizes import Expr, Shape
from cnncalc.value import Node, Value

#: Why an extent is not told.
BESIDE = "a branch that mixes the axis is joined with one that may read beyond it"
#: The parts of a value whose fields differ, where they lie and their states.
Parts = list[tuple[Place, State]]


class Fields:
    """The state of every value of a graph. Index it by a node's number for its first output; `of` finds any value's.

    `parts` lists the parts of a value whose fields differ, with their states: an empty list where all are alike, None
    where parts that differ are no longer told apart.
    """

    def __init__(self, graph: Graph, wrt: int) -> None:
        """Start empty, for the spatial axes of an input; nodes are added in order."""
        self.graph, self.wrt = graph, wrt
        self.axes = spatial_axes(graph, wrt)
        #: How far the cells of the input that are read at all reach on each spatial axis; not asked yet.
        self._reach: dict[int, int] | None = None
        #: For each node its states, with their parts and with the axes of a value that the axes of the input went to.
        self._states: list[tuple[tuple[State, Parts | None, frozenset[int | None]], ...]] = []
        #: What was joined already, by identity: a dense layer joins anew what the one before it joined, and one state more.
        self._unions: dict[tuple[int, ...], tuple[list[State], State]] = {}

    def add(self, *states: tuple[State, Parts | None]) -> None:
        """Add the next node: one state for all its outputs, or one for each."""
        if len(states) == 1:
            state, parts = states[0]
            self._states.append(((state, parts, _places(state)),))
        else:
            self._states.append(tuple([(state, parts, _places(state)) for state, parts in states]))

    def goes_on(self, node: Node) -> bool:
        """Add the next node if it leaves the state of its one input as it is: mostly it works on channels or cell by cell."""
        values = node.values
        if len(values) != 1:
            return False
        known = self._states[values[0].node.index]
        if len(known) != 1 or not known[0][2] <= node.facts.kept:
            return False
        self._states.append(known)
        return True

    def __getitem__(self, node: int) -> State:
        """The state of a node's first output."""
        return self._states[node][0][0]

    def of(self, value: Value) -> State:
        """The state of a value."""
        return self._known(value)[0]

    def _known(self, value: Value) -> tuple[State, Parts | None, frozenset[int | None]]:
        """All that is known of a value."""
        states = self._states[value.node.index]
        return states[value.index if len(states) > 1 else 0]

    def unchanged(self, node: Node) -> list[State] | None:
        """The states of what a node takes, as far as they depend on the input, if it leaves them all as they are."""
        kept = node.facts.kept
        found: list[State] = []
        for value in node.values:
            states = self._states[value.node.index]
            state, _, places = states[value.index if len(states) > 1 else 0]
            if not places <= kept:
                return None
            if state:
                found.append(state)
        return found

    def of_channel(self, value: Value, axis: int, channel: int) -> State:
        """The state of one channel of a value, where parts were told apart; what can't be told has no figures."""
        parts = self.parts(value)
        if parts is not None and (not parts or axis not in parts[0][0].axes):
            return self.of(value)
        if parts is not None and parts[0][0].axes == (axis,):
            return next((state for place, state in parts if place.cells >> channel & 1), {})
        unknown = AxisField(reason="no single size: the channels' parts can't be told apart any more")
        return {spatial: (place, unknown) for spatial, (place, _) in self.of(value).items()}

    def parts(self, value: Value) -> Parts | None:
        """The parts of a value."""
        return self._known(value)[1]

    def joined(self, states: list[State], node: Node) -> State:
        """The union of what the branches that meet in a node read."""
        if len(states) == 1:
            return states[0]
        joined = self._settled(states, self._united(states, node))
        along = node.facts.laid_along
        if along:
            apart = any(place != self.axes.start - 1 for place in along)
            for axis, (place, field) in joined.items():
                if place in along and not field.whole:
                    joined = joined | {axis: (place, varying(node, "lays parts end to end along this axis"))}
                elif apart and not field.whole and not all(_same(state[axis][1], field) for state in states if axis in state):
                    # A cell lies in one of the parts and reads that alone, not what they read together.
                    joined = joined | {axis: (place, varying(node, "lays parts side by side that read otherwise on this axis"))}
        return joined

    def _united(self, states: list[State], node: Node) -> State:
        """The union of some states."""
        key = tuple(map(id, states))
        before = self._unions.get(key[:-1])
        united: State
        united, rest = ({}, states) if before is None else (before[1], states[-1:])
        for state in rest:
            if not united:
                united = state
            elif state is not united:
                united = _union(united, state, node)
        self._unions[key] = states, united
        return united

    def _settled(self, states: list[State], joined: State) -> State:
        """The union of some states, without an extent where that of one branch need not be that of all.

        What mixes an axis may have read a part of it alone: `x * x[:, :, :1].mean((2, 3), keepdim=True)` reads up to its own
        cell. Nothing is beyond a branch that reads to both ends, or as far as anything does.
        """
        for axis, (place, field) in joined.items():
            size = field.size
            if not field.whole or size is None or (size == self.graph.inputs[self.wrt].shape[axis]) is True:
                continue
            if not all(state[axis][1] is field for state in states if axis in state) and size != self._reached(axis):
                reason = f"all that can reach it; the extent is not known: {BESIDE}"
                unknown = AxisField(whole=True, reason=reason, local=field.local, collapsed=field.collapsed)
                joined = joined | {axis: (place, unknown)}
        return joined

    def _reached(self, axis: int) -> int | None:
        """How far the cells that are read at all reach on an axis of the input; None where symbols hide it."""
        if self._reach is None:
            source = self.graph.inputs[self.wrt]
            readers = [node for node in self.graph.nodes if any(value.node is source.node for value in node.values)]
            outputs = [(node, index, shape) for node in readers for index, shape in enumerate(node.facts.outputs)]
            read = dict.fromkeys(self.axes, 0)
            try:
                if any(isinstance(n, Expr) for _, _, shape in outputs for n in shape):
                    read = {}
                for node, index, shape in outputs if read else ():
                    everything = next(terms_at(EVERYWHERE, tuple(map(int, shape))))
                    for term in exact_cells(self.graph, Value(source.tracer, node, shape, index), everything, self.wrt):
                        read = {axis: cells | term[axis] for axis, cells in read.items()}
            except (UndecidedError, UnsupportedError):
                read = {}
            self._reach = {axis: extent(cells) for axis, cells in read.items()}
        return self._reach.get(axis)

    def firsts(self) -> list[State]:
        """The state of the first output of each node in order."""
        return [states[0][0] for states in self._states]


def _places(state: State) -> frozenset[int | None]:
    """The axes of a value that the axes of the input went to."""
    return frozenset([place for place, _ in state.values()])


def fields(graph: Graph, wrt: int = 0, *, apart: bool = False) -> Fields:
    """The field of every value on each spatial axis of an input, for a cell far from every border.

    `apart` keeps parts apart even where no operation takes one.
    """
    found = Fields(graph, wrt)
    source = graph.inputs[wrt].node
    # Parts that differ matter only where some operation takes a part.
    apart = apart or any(facts.takes_part for facts in {node.facts for node in graph.nodes})
    for node in graph.nodes:
        if not apart and found.goes_on(node):
            continue
        maps = node.axes
        if node.operation is None:
            found.add(({axis: (axis, START) for axis in found.axes} if node is source else {}, []))
        elif isinstance(maps, PerOutput):
            outputs = zip(maps, node.facts.outputs, strict=True)
            found.add(*(_state(graph, node, part, shape, found, wrt, apart=apart) for part, shape in outputs))
        elif apart or not node.values:
            found.add(_state(graph, node, maps, node.facts.outputs[0], found, wrt, apart=apart))
        else:
            found.add((_alike_throughout(graph, node, maps, found, wrt), []))
    return found


def _state(
    graph: Graph, node: Node, axes: tuple[AxisMaps, ...], output: Shape, found: Fields, wrt: int, *, apart: bool
) -> tuple[State, Parts | None]:
    """The state behind one node: each input's state passed through its axis maps, then joined; and the parts that differ."""
    if not apart:
        return _alike_throughout(graph, node, axes, found, wrt), []
    states: list[State] = []
    places: list[Place | None] = []
    for value, maps in zip(node.values, axes, strict=True):
        before = found.of(value)
        if not before or isinstance(maps, Nothing):
            continue
        parts = found.parts(value)
        for place, state in parts or [(EVERYWHERE, before)]:
            if not state:
                continue
            for target, own in branches(maps, value.shape, output, joining=len(axes) > 1):
                lies = placed(carried(place, own, value.shape, output), target)
                if lies is not None and not lies.cells:
                    continue
                after = _behind(graph, node, value, place, state, own, wrt)
                if (parts is None or (parts and isinstance(maps, Shuffled))) and maps.takes_part:
                    after = {axis: (at, varying(node, "takes a part of what was joined")) for axis, (at, _) in after.items()}
                states.append(after)
                places.append(None if parts is None else lies)
    joined = found.joined(states, node)
    if None in places:
        return joined, None
    if all(place is EVERYWHERE for place in places):
        return joined, []
    return joined, _parts(node, [place for place in places if place is not None], states, output, found)


def _union(left: State, right: State, node: Node) -> State:
    """The union of two states."""
    fields: dict[tuple[int, int], tuple[int | None, AxisField]] = {}
    union: State = {}
    for axis, part in right.items():
        own = left.get(axis, part)
        # Both axes of a square network have the same fields.
        same = fields.get((id(own[1]), id(part[1])))
        if same is None or own[0] != part[0]:
            same = fields[id(own[1]), id(part[1])] = joined_field(own, part, node)
        union[axis] = (part[0], same[1]) if own[0] == part[0] else same
    # What reads all that the other one does stays one object.
    return left if union == left else right if union == right else union


def _alike_throughout(graph: Graph, node: Node, axes: tuple[AxisMaps, ...], found: Fields, wrt: int) -> State:
    """The state behind one node where no part differs: that of each input that depends on the one looked at, joined."""
    if len(node.values) == 1:
        value, maps = node.values[0], axes[0]
        before = found.of(value)
        return _behind(graph, node, value, EVERYWHERE, before, maps, wrt) if before and not isinstance(maps, Nothing) else {}
    states = found.unchanged(node)
    if states is not None:
        return found.joined(states, node)
    ways = zip(node.values, axes, strict=True)
    return found.joined(
        [
            _behind(graph, node, value, EVERYWHERE, before, maps, wrt)
            for value, maps in ways
            if (before := found.of(value)) and not isinstance(maps, Nothing)
        ],
        node,
    )


def _parts(node: Node, places: list[Place], states: list[State], output: Shape, found: Fields) -> Parts | None:
    """The parts of an output, each with its state; none where all are alike, None where they can't be told apart."""
    atoms = refined(places, output)
    if atoms is None:
        return None
    parts: Parts = [(place, found.joined([states[number] for number in numbers], node)) for place, numbers in atoms]
    return [] if all(_alike(parts[0][1], state) for _, state in parts[1:]) else parts


def _alike(left: State, right: State) -> bool:
    """Whether two states say the same."""
    if left.keys() != right.keys():
        return False
    return all(place == right[axis][0] and _same(field, right[axis][1]) for axis, (place, field) in left.items())


def _same(a: AxisField, b: AxisField) -> bool:
    """Whether two fields of an axis say the same."""
    if a is b:
        return True
    if a.stencil != b.stencil or a.phases != b.phases or (a.whole, a.laid_out, a.collapsed) != (b.whole, b.laid_out, b.collapsed):
        return False
    if a.stencil is None and a.size is not b.size and (a.size == b.size) is not True:
        return False
    return a.local is b.local or (a.local is not None and b.local is not None and _same(a.local, b.local))


def _behind(graph: Graph, node: Node, value: Value, place: Place, state: State, maps: AxisMaps, wrt: int) -> State:
    """The state of a value, or of a part of it, behind one operation."""
    if maps.is_pointwise:
        return state
    after = through(state, maps, value.shape, node)
    if after is state:
        return state
    mixed = [axis for axis, (_, field) in after.items() if field.whole and not state[axis][1].whole]
    if mixed and not any(isinstance(n, Expr) for n in (*value.shape, *graph.inputs[wrt].shape)):
        try:
            after |= _covered(graph, value, place, after, mixed, wrt)
        except UndecidedError:
            pass  # a length on the way is a symbol, such as channels, though the ends are numbers
        except UnsupportedError as error:
            reason = f"all that can reach it; the extent is not known: {error.rule}"
            after |= {axis: (after[axis][0], _whole(after[axis][1], None, reason)) for axis in mixed}
    return after


def _covered(graph: Graph, value: Value, place: Place, after: State, mixed: list[int], wrt: int) -> State:
    """The exact extent of what all cells of a value, or of a part, read; stencils alone take padding between layers for cells."""
    sizes = dict.fromkeys(mixed, 0)
    asked = list(terms_at(place, tuple(map(int, value.shape))))
    lengths = graph.inputs[wrt].shape
    # Mostly one path alone reaches both ends of the input, and nothing can be added to that.
    paths = (along_one_path(graph, value, term, wrt, latest=latest) for latest in (False, True) for term in asked[:1])
    if any(path is not None and all(extent(path[axis]) == lengths[axis] for axis in mixed) for path in paths):
        sizes = {axis: int(lengths[axis]) for axis in mixed}
    else:
        terms = [read for term in asked for read in exact_cells(graph, value, term, wrt)]
        for axis in mixed:
            cells = 0
            for term in terms:
                cells |= term[axis]
            sizes[axis] = extent(cells)
    # Axes that have one field go on with one.
    made: dict[tuple[int, int], AxisField] = {}
    for axis, size in sizes.items():
        field = after[axis][1]
        key = (id(field), size)
        made[key] = made.get(key) or _whole(field, size)
    return {axis: (after[axis][0], made[id(after[axis][1]), size]) for axis, size in sizes.items()}


def _whole(field: AxisField, size: int | None, reason: str = "") -> AxisField:
    """A field that is the whole input, with the extent that was worked out."""
    return AxisField(size=size, whole=True, reason=reason, local=field.local, collapsed=field.collapsed)
