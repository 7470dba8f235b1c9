"""All analyses of a network in one report."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.arithmetic import arithmetic
from cnncalc.analyses.axis_fields import SEVERAL, State, on_axes
from cnncalc.analyses.closed_form import Fields, fields
from cnncalc.analyses.parameters import Owned, owned, tensors
from cnncalc.graph import Graph, trace
from cnncalc.layers.layer import Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.report import Asked, Gap, Report, Row
from cnncalc.value import Value, iterate_values, map_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.field import AxisField
    from cnncalc.memory import Memory
    from cnncalc.module import Module
    from cnncalc.report import Counted


def analyze(network: Module, *shapes: Any) -> Report:
    """Every number of a network for an input of the given shape (several inputs: several shapes).

    Shapes are tuples of whole numbers, or strings for symbols: `analyze(net, ("N", 3, "H", "W"))`. Nothing is run. Raises
    the error of the first layer that can't take its input.
    """
    with _no_collection():
        return report_of(trace(network, *shapes))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave the search for dead cycles until the report stands: it makes none, and each search goes through all its objects.

    That search is half of the time of a long network, and grows faster than its length.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def report_of(graph: Graph) -> Report:
    """The report of a traced network."""
    rows = _Rows(graph, fields(graph))
    rows.add_calls()
    owning = owned(graph)
    rows.add_owned(owning)
    summed = rows.summed()
    return Report(
        type(graph.network).__name__,
        tuple(value.shape for value in graph.inputs),
        graph.output_shape,
        summed,
        summed[0].receptive_field,
        tuple(graph.requirements),
        Asked(
            arithmetic=partial(arithmetic, graph),
            counted_by=partial(_counted_by, graph),
            tensors=lambda: {tensor.path: tensor.shape for tensor in tensors(graph)},
            memory=partial(_memory, graph, owning, summed[0]),
            at=partial(_at, graph),
        ),
        tuple(rows.gaps),
    )


# What is mostly not asked for is loaded when it is.
def _counted_by(graph: Graph, tool: str) -> Counted:
    """The total of a tool's convention."""
    from cnncalc.analyses.conventions import as_counted_by

    return as_counted_by(graph, tool)


def _memory(graph: Graph, owning: dict[str, Owned], total: Row) -> Memory:
    """The bytes."""
    from cnncalc.analyses.memory import memory

    return memory(graph, owning, total)


def _at(graph: Graph, values: dict[str, Any]) -> Report:
    """The report with sizes put in for symbols: the network is traced anew, so that all conditions are held against them."""
    from cnncalc.analyses.put_in import put_in_all

    network, shapes = put_in_all(graph.network, tuple(value.shape for value in graph.inputs), values)
    return analyze(network, *shapes)


class _Rows:
    """The rows of a graph as a tree: a row for every module and function, in the order of execution."""

    def __init__(self, graph: Graph, states: Fields) -> None:
        self._graph = graph
        self._states = states
        self._rows = {"": Row("", "Module", 0)}
        #: The rows inside a container, by its qualified name.
        self._inside: dict[str, list[Row]] = defaultdict(list)
        #: The figures of a state, by identity: rows of one state share them.
        self._spatial: dict[int, tuple[AxisField, ...]] = {}
        #: The operations that are not carried.
        self.gaps: list[Gap] = []

    def _row(self, path: str) -> Row:
        """The row of a path, and those around it: made when it is first asked for."""
        rows = self._rows
        row = rows.get(path)
        if row is None:
            around = path.rpartition(".")[0]
            outer = rows.get(around) or self._row(around)
            row = rows[path] = Row(path, "Module", outer.depth + 1)
            self._inside[around].append(row)
        return row

    def add_calls(self) -> None:
        """Count every call of a layer or a function, and give every module a row."""
        rows, spatial = self._rows, self._spatial
        for node, state in zip(self._graph.nodes, self._states.firsts(), strict=True):
            operation, facts, path = node.operation, node.facts, node.path
            if operation is None:
                continue
            row = rows.get(path) or self._row(path)
            row.kind = facts.kind
            row.own = True
            row.calls += 1
            row.output_shape = facts.output
            row.spatial = spatial.get(id(state)) or self._figures(state)
            row.output_elements += facts.elements
            if isinstance(operation, Uncarried):
                row.partial = True
                self.gaps.append(Gap(operation.torch_name, path.rpartition(".")[0], operation.reason))
            else:
                row.macs += facts.macs
        self._add_containers()
        self._add_silent()

    def add_owned(self, owning: dict[str, Owned]) -> None:
        """Count the parameters and buffers of each module."""
        for path, found in owning.items():
            row = self._rows.get(path) or self._row(path)
            row.params += found.params
            row.trainable += found.trainable
            row.buffers += found.buffers

    def _add_containers(self) -> None:
        """Give every container what its forward returned."""
        calls = Counter([path for path, _, _ in self._graph.calls])
        for path, returned in self._graph.returned.items():
            row = self._rows.get(path) or self._row(path)
            if row.own and path not in self._inside:
                continue
            row.own = False
            row.calls = calls[path]
            if type(returned) is Value:
                row.output_shape = returned.shape
                row.spatial = self._figures(self._states.of(returned))
                continue
            row.output_shape = map_values(returned, lambda value: value.shape)
            outputs = list(iterate_values(returned))
            if len(outputs) == 1:
                row.spatial = self._figures(self._states.of(outputs[0]))
            elif outputs:
                row.spatial = (SEVERAL,) * len(self._states.axes)

    def _add_silent(self) -> None:
        """Give every module that never ran a row, and every row of a module its kind."""
        around: str | None = None
        rows = self._rows
        for path, module in self._graph.modules():
            row = rows.get(path)
            if around is None and row is not None and row.own and not module._children:
                # A layer that ran has said all.
                continue
            is_layer = isinstance(module, Layer)
            if around is not None and path.startswith(f"{around}." if around else ""):
                # A part of a layer runs whenever the layer does, which counts what they do together.
                self._row(path).calls += self._row(around).calls
            elif is_layer and module._children:
                around = path
            row = rows.get(path)
            if row is None:
                if not is_layer and module._children:
                    continue
                row = self._row(path)
            row.kind = type(module).__name__
            # The network itself counts as a container.
            row.own = row.own or (is_layer and path != "")

    def _figures(self, state: State) -> tuple[AxisField, ...]:
        """The field on each axis."""
        spatial = self._spatial.get(id(state))
        if spatial is None:
            spatial = self._spatial[id(state)] = on_axes(self._states.axes, state)
        return spatial

    def summed(self) -> list[Row]:
        """The rows, each container before what is inside it, with all of that counted in."""
        stack = [self._rows[""]]
        ordered: list[Row] = []
        containers: list[tuple[Row, list[Row]]] = []
        inside_of = self._inside.get
        while stack:
            row = stack.pop()
            ordered.append(row)
            inside = inside_of(row.path)
            if inside is not None:
                containers.append((row, inside))
                stack += inside[::-1]
        # From the last one on, each container after those inside it.
        for outer, inside in reversed(containers):
            params, trainable, buffers, macs, elements = (
                outer.params, outer.trainable, outer.buffers, outer.macs, outer.output_elements
            )  # fmt: skip
            for row in inside:
                params += row.params
                trainable += row.trainable
                buffers += row.buffers
                macs += row.macs
                elements += row.output_elements
                if row.partial:
                    outer.partial = True
            outer.params, outer.trainable, outer.buffers = params, trainable, buffers
            outer.macs, outer.output_elements = macs, elements
        return ordered
