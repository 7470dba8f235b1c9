"""The exact fields of all cells of all rows at once: a forward fold of tables, shared along the graph.

A field is a union of terms, each a product of one set per axis of the input. A term's sets for all cells of a value are one
table per axis (cnncalc.analyses.field_table). A layer whose axes follow from axes carries each table by itself; a join
takes the terms of all branches, drops one that another covers at every cell, and merges two that differ on one axis alone. So
tables are nothing but terms written down for all cells, and are exact. Where axes are woven into each other, or a part
of channels is taken whose fields differ, there are none, and a cell is asked backwards as `receptive_field` does it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analyses.asking import asked_term, channel_axis, spatial_axes, value_named
from cnncalc.analyses.exact_cells import add_term, exact_cells
from cnncalc.analyses.field_table import Table
from cnncalc.axes import AxisMaps, Nothing, of_output
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Everything, Groups, Pad, Select, Undescribed
from cnncalc.cells import Term, cells_of, full
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.layers.shuffling_axes import Dealt, Shuffled, Unshuffled
from cnncalc.sizes import Expr, Shape
from cnncalc.value import Node, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.module import Module

#: A value whose fields take more terms than this has no tables.
MOST_TERMS = 32

#: Maps whose routes say all, where channels are alike: those of axes alone, and the shuffles.
EVEN = (AxisMaps, Shuffled, Unshuffled, Dealt)

#: For each spatial axis of the input: the axis of the value that carries it, and the sets of its cells; or None, and one set.
TermTables = tuple[tuple[int | None, Table], ...]


class Known(NamedTuple):
    """The tables of a value.

    At any cell, the field is the union of all terms at that cell's places; but for the axes in `unlike`, along which fields
    differ in a way that tables do not tell, it is so only for all cells along them together.
    """

    terms: list[TermTables]
    unlike: frozenset[int] = frozenset()


def all_fields(network: Module, *shapes: Any, wrt: int = 0) -> AllFields:
    """The exact receptive fields of all cells of all rows, worked out together: index the result by a row's name.

    One pass forward through the network; the cost of a layer is (cells × kernel) on each axis. `wrt` numbers the input
    that is looked at, where there are several. Raises UnsupportedError for symbolic sizes.
    """
    return AllFields(trace(network, *shapes), wrt)


class AllFields:
    """The fields of all cells: `fields[row][cell]` is one cell's exact set; "" is the network's output."""

    __slots__ = ("_axes", "_graph", "_known", "_wrt")

    def __init__(self, graph: Graph, wrt: int = 0) -> None:
        """Work out the tables of every value of a traced network."""
        self._graph = graph
        self._wrt = wrt
        self._axes = spatial_axes(graph, wrt)
        self._known = tables(graph, wrt)

    @property
    def rows(self) -> tuple[str, ...]:
        """The names of the rows: layers, functions and containers."""
        return tuple(dict.fromkeys([node.path for node in self._graph.nodes if node.operation] + list(self._graph.returned)))

    def __getitem__(self, of: str) -> CellFields:
        """The fields of the cells of a row. Raises ArgumentError for a row that does not exist."""
        value = self._graph.output if of == "" else value_named(self._graph, of)
        return CellFields(self._graph, value, self._known.get((value.node.index, value.index)), self._axes, self._wrt)

    def __iter__(self) -> Iterator[str]:
        """The names of the rows."""
        return iter(self.rows)


class CellFields:
    """The fields of all cells of one value. Index it by a cell, as `receptive_field` takes it by `at`.

    `terms` holds the tables, or is None where the value has none and its cells are asked one by one; `shape` are the
    lengths of the axes after the channels. Most values have one term: then `sets(axis)` and `boxes(axis)` tell all.
    """

    __slots__ = ("_axes", "_graph", "_lead", "_together", "_value", "_wrt", "shape", "terms")

    def __init__(self, graph: Graph, value: Value, known: Known | None, axes: range, wrt: int) -> None:
        """Keep what answers."""
        self._graph = graph
        self._value = value
        self._axes = axes
        self._wrt = wrt
        channel = channel_axis(graph)
        rank = len(value.shape)
        self._lead = channel if rank == channel + 1 else min(channel + 1, rank)
        self.shape: tuple[int, ...] = tuple(int(n) for n in value.shape[self._lead :])
        # All channels are asked together.
        channels = {channel} if rank > channel + 1 else set()
        self._together = channels
        self.terms = known.terms if known is not None and known.unlike <= channels else None

    def __getitem__(self, at: int | tuple[int, ...]) -> list[Term]:
        """The exact field of one cell: a union of product sets, one bit set for each spatial axis of the input."""
        cell = at if isinstance(at, tuple) else (at,)
        asked = asked_term(self._graph, self._value, cell)
        found: list[Term] = []
        if self.terms is None:
            for term in exact_cells(self._graph, self._value, asked, self._wrt):
                add_term(found, tuple(term[axis] for axis in self._axes))
            return found
        for tables in self.terms:
            sets = tuple(self._set(place, table, cell) for place, table in tables)
            if all(sets):
                add_term(found, sets)
        return found

    def _set(self, place: int | None, table: Table, cell: tuple[int, ...]) -> int:
        """The cells on one axis: of sample 0, of all channels together, or at the cell's index."""
        if place in self._together:
            return table.all_cells()
        return table[cell[place - self._lead] if place is not None and place >= self._lead else 0]

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], list[Term]]]:
        """Every cell with its field."""
        for cell in product(*map(range, self.shape)):
            yield cell, self[cell]

    def sets(self, axis: int) -> list[int]:
        """For each cell along the spatial axis of that number: the bit set of the input cells on it.

        Raises UnsupportedError where fields are no products of one set per axis, or the axis is carried by none.
        """
        return self._table(axis).sets()

    def boxes(self, axis: int) -> list[tuple[int, int] | None]:
        """For each cell along the spatial axis of that number: first and last input cell on it; None where it is empty.

        Raises UnsupportedError where fields are no products of one set per axis, or the axis is carried by none.
        """
        table = self._table(axis)
        return [table.hull(i) for i in range(len(table))]

    def _table(self, axis: int) -> Table:
        if type(axis) is not int or not 0 <= axis < len(self._axes):
            raise ArgumentError(f"axis numbers a spatial axis from 0 to {len(self._axes) - 1}", got=f"axis={axis!r:.40}")
        if self.terms is None or len(self.terms) != 1:
            raise UnsupportedError(
                "the fields of this row are no products of one set per axis", remedy="ask its cells one by one"
            )
        return self.terms[0][axis][1]


# -- the fold -----------------------------------------------------------------------------------------------------


def tables(graph: Graph, wrt: int = 0) -> dict[tuple[int, int], Known]:
    """The tables of every value that has them, by the numbers of its node and output."""
    for value in graph.inputs:
        if any(isinstance(n, Expr) for n in value.shape):
            raise UnsupportedError(
                "the cells of a field need numbers", got=str(value.shape), remedy="give numbers for the sizes of the input"
            )
    fold = _Fold(graph, wrt)
    for node in graph.nodes:
        fold.add(node)
    return fold.known


class _Fold:
    """The tables of all values so far, and what was worked out on the way: equal work is done once."""

    def __init__(self, graph: Graph, wrt: int) -> None:
        """Start before the first node."""
        self.known: dict[tuple[int, int], Known] = {}
        self._axes = spatial_axes(graph, wrt)
        self._source = graph.inputs[wrt].node
        # By identity: tables and maps are kept, so that no other gets the address of one that is gone.
        self._behind: dict[tuple[int, int, int], tuple[Table, Any, Table]] = {}
        self._pairs: dict[tuple[int, int], tuple[Table, Table, bool, bool]] = {}
        self._unions: dict[tuple[int, int], tuple[Table, Table, Table]] = {}
        self._identities: dict[int, Table] = {}

    def add(self, node: Node) -> None:
        """Work out one node's outputs."""
        if node.operation is None:
            self.known[node.index, 0] = self._input(node)
            return
        maps = node.axes
        for index, output in enumerate(node.facts.outputs):
            found = self._output(node, of_output(maps, index), output)
            if found is not None:
                self.known[node.index, index] = found

    def _input(self, node: Node) -> Known:
        """Every cell of the input depends on itself; nothing in another input depends on this one."""
        if node is not self._source:
            return Known([])
        own = []
        for axis in self._axes:
            n = int(node.output[axis])
            if n not in self._identities:
                self._identities[n] = Table.identity(n)
            own.append((axis, self._identities[n]))
        return Known([tuple(own)])

    def _output(self, node: Node, axes: tuple[AxisMaps, ...], output: Shape) -> Known | None:
        """The tables of one output: those of each input behind its maps, joined."""
        terms: list[TermTables] = []
        unlike: frozenset[int] = frozenset()
        for value, maps in zip(node.values, axes, strict=True):
            if isinstance(maps, Nothing):
                continue
            before = self.known.get((value.node.index, value.index))
            if before is None:
                return None
            if not before.terms:
                continue
            behind = self._by_axes(before, maps, value.shape, output) or self._together(before, maps, value.shape, output)
            if behind is None:
                return None
            unlike |= behind.unlike
            for term in behind.terms:
                self._join(terms, term)
        return Known(terms, unlike) if len(terms) <= MOST_TERMS else None

    def _by_axes(self, before: Known, maps: AxisMaps, shape: Shape, output: Shape) -> Known | None:
        """The tables behind maps of axes; None where axes are woven, or a part of what is unlike is taken."""
        if len(maps.routes) != len(shape) or type(maps) not in EVEN:
            return None
        if isinstance(maps, Shuffled) and before.unlike:
            return None
        unlike = {maps.channel} if isinstance(maps, Unshuffled) else set()
        for axis, (goes_to, axis_map) in enumerate(maps.routes):
            if axis_map is EACH and goes_to is not None:
                if axis in before.unlike:
                    unlike.add(goes_to)
                continue
            m = 1 if goes_to is None else int(output[goes_to])
            tells = _tells_apart(before, axis, axis_map, int(shape[axis]), m)
            if tells is None:
                return None
            if tells and goes_to is not None:
                unlike.add(goes_to)
        terms = []
        for term in before.terms:
            behind = self._term(term, maps, shape, output)
            if behind is None:
                return None
            terms.append(behind)
        return Known(terms, frozenset(unlike))

    def _together(self, before: Known, maps: AxisMaps, shape: Shape, output: Shape) -> Known | None:
        """One set per axis and term for all cells together, where axes are woven and everything is read by some cell."""
        asked, every = tuple(full(int(n)) for n in output), tuple(full(int(n)) for n in shape)
        if not all(asked):
            return None
        try:
            read: list[Term] = []
            for term in maps.reads(asked, tuple(map(int, shape))):
                add_term(read, term)
        except UnsupportedError:
            return None
        if read != [every]:
            return None
        terms: list[TermTables] = [tuple((None, self._constant(table)) for _, table in term) for term in before.terms]
        return Known(terms, frozenset(range(len(output))))

    def _constant(self, table: Table) -> Table:
        """The union of a table's sets, as a table of one cell."""
        return table if len(table) == 1 else self._mapped(table, EVERYTHING, 1, len(table))

    def _term(self, term: TermTables, maps: AxisMaps, shape: Shape, output: Shape) -> TermTables | None:
        """One term behind maps of axes."""
        if all(place is None or (maps.routes[place][0] == place and maps.routes[place][1] is EACH) for place, _ in term):
            return term
        after: list[tuple[int | None, Table]] = []
        for place, table in term:
            if place is None:
                after.append((None, table))
                continue
            goes_to, axis_map = maps.routes[place]
            m = None if goes_to is None else int(output[goes_to])
            after.append((goes_to, self._mapped(table, axis_map, m, int(shape[place]))))
        places = [place for place, _ in after if place is not None]
        return tuple(after) if len(set(places)) == len(places) else None

    def _mapped(self, table: Table, axis_map: Any, m: int | None, n: int) -> Table:
        """A table behind one axis map; for an axis that goes with no output axis, the one set that is read."""
        if axis_map is EACH and m is not None:
            return table
        key = (id(table), id(axis_map), -1 if m is None else m)
        known = self._behind.get(key)
        if known is None:
            if m is None:
                read = axis_map.reads(1, n)
                union = table.all_cells() if read == full(n) else 0
                if read != full(n):
                    for i in cells_of(read):
                        union |= table[i]
                made = Table([union])
            else:
                made = table.behind(axis_map, m)
            known = self._behind[key] = (table, axis_map, made)
        return known[2]

    def _join(self, terms: list[TermTables], new: TermTables) -> None:
        """Add a term to a union: drop what is covered at every cell, merge what differs on one axis alone."""
        if any(known is new for known in terms):
            return
        index = 0
        while index < len(terms):
            known = terms[index]
            covered = [self._compared(a, b) for a, b in zip(known, new, strict=True)]
            if all(over for over, _ in covered):
                return
            differs = [axis for axis, (over, under) in enumerate(covered) if not (over and under)]
            if all(under for _, under in covered):
                terms.pop(index)
                index = 0
                continue
            if len(differs) == 1 and known[differs[0]][0] == new[differs[0]][0]:
                axis = differs[0]
                merged = (new[axis][0], self._union(known[axis][1], new[axis][1]))
                new = (*new[:axis], merged, *new[axis + 1 :])
                terms.pop(index)
                index = 0
                continue
            index += 1
        terms.append(new)

    def _compared(self, one: tuple[int | None, Table], other: tuple[int | None, Table]) -> tuple[bool, bool]:
        """Whether the first covers the second at every cell, and the second the first."""
        (place, a), (other_place, b) = one, other
        if a is b and place == other_place:
            return True, True
        if place == other_place:
            key = (id(a), id(b))
            known = self._pairs.get(key)
            if known is None:
                known = self._pairs[key] = (a, b, a.covers(b), b.covers(a))
            return known[2], known[3]
        if place is not None and other_place is not None:
            return False, False
        if place is None:
            return _within(b, a[0]), all(a[0] | bits == bits for bits in b.sets())
        return all(b[0] | bits == bits for bits in a.sets()), _within(a, b[0])

    def _union(self, a: Table, b: Table) -> Table:
        """The union of two tables, worked out once."""
        key = (id(a), id(b))
        known = self._unions.get(key)
        if known is None:
            known = self._unions[key] = (a, b, a.beside(b))
        return known[2]


def _within(table: Table, cells: int) -> bool:
    """Whether every set of a table lies in a set of cells."""
    return table.all_cells() | cells == cells


def _tells_apart(before: Known, axis: int, axis_map: AxisMap, n: int, m: int) -> bool | None:
    """Whether output cells along an axis come to differ in a way that tables do not tell; None where that can't be followed."""
    carried = all(any(place == axis for place, _ in term) for term in before.terms)
    if isinstance(axis_map, Undescribed):
        return None if carried else axis in before.unlike
    if axis in before.unlike:
        return None if axis_map.reads(full(m), n) != full(n) else not isinstance(axis_map, Everything)
    return not carried and not _reads_always(axis_map, n, m)


def _reads_always(axis_map: AxisMap, n: int, m: int) -> bool:
    """Whether every output cell reads something."""
    if isinstance(axis_map, (Everything, Groups, Select)):
        return True
    if isinstance(axis_map, Pad) and axis_map.mode == "zeros":
        return int(axis_map.before) <= 0 and int(axis_map.after) <= 0
    return all(axis_map.reads(1 << i, n) for i in range(m))
