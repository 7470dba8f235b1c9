"""All analyses of a network in one report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.arithmetic import arithmetic
from cnncalc.analyses.asking import spatial_axes
from cnncalc.analyses.axis_fields import State
from cnncalc.analyses.closed_form import Fields, fields
from cnncalc.analyses.conventions import as_counted_by
from cnncalc.analyses.macs import macs
from cnncalc.analyses.parameters import tensors
from cnncalc.analyses.receptive import as_field
from cnncalc.graph import Graph, trace
from cnncalc.layers.operation import Layer
from cnncalc.report import Asked, Report, Row
from cnncalc.value import Node, Value, iterate_values, map_values

if TYPE_CHECKING:
    from cnncalc.field import ReceptiveField
    from cnncalc.module import Module


def analyze(network: Module, *shapes: Any) -> Report:
    """Every number of a network for an input of the given shape (several inputs: several shapes).

    Shapes are tuples of whole numbers, or strings for symbols: `analyze(net, ("N", 3, "H", "W"))`. Nothing is run. Raises
    the error of the first layer that can't take its input.
    """
    return report_of(trace(network, *shapes))


def report_of(graph: Graph) -> Report:
    """The report of a traced network."""
    rows = _Rows(graph)
    states = fields(graph)
    for node, cost in zip(graph.nodes, macs(graph), strict=True):
        if node.operation is not None:
            rows.add_call(node, cost, states[node.index])
    rows.add_containers(states)
    owned = tensors(graph)
    for tensor in owned:
        for row in rows.chain(tensor.owner):
            if tensor.is_buffer:
                row.buffers += tensor.size
            else:
                row.params += tensor.size
                if tensor.trainable:
                    row.trainable += tensor.size
    root = rows.root
    return Report(
        type(graph.network).__name__,
        tuple(value.shape for value in graph.inputs),
        graph.output_shape,
        rows.in_order(),
        root.receptive_field,
        tuple(graph.requirements),
        {tensor.path: tensor.shape for tensor in owned},
        Asked(partial(arithmetic, graph), partial(as_counted_by, graph)),
    )


class _Rows:
    """The rows of a graph as a tree: a row for every module and function, in the order of execution."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kinds = {path: type(module).__name__ for path, module in graph.modules()}
        self._axes = spatial_axes(graph)
        self._rows: dict[str, Row] = {}
        self._inside: dict[str, list[str]] = {}
        self._chains: dict[str, list[Row]] = {}
        self.root = self._row("")

    def _row(self, path: str, kind: str = "") -> Row:
        row = self._rows.get(path)
        if row is None:
            if path:
                outer, _, _ = path.rpartition(".")
                self._row(outer)
                self._inside.setdefault(outer, []).append(path)
            row = self._rows[path] = Row(path, kind or self._kinds.get(path, "Module"), path.count(".") + 1 if path else 0)
        return row

    def chain(self, path: str) -> list[Row]:
        """A row and all containers around it."""
        chain = self._chains.get(path)
        if chain is None:
            row = self._row(path)
            chain = [row] if not path else [row, *self.chain(path.rpartition(".")[0])]
            self._chains[path] = chain
        return chain

    def add_call(self, node: Node, cost: Any, state: State) -> None:
        """Count one call of a layer or a function."""
        row = self._row(node.path, node.kind)
        row.kind = node.kind
        row.own = True
        row.calls += 1
        row.output_shape = node.output
        row.receptive_field = as_field(node.path, self._axes, state)
        if type(cost) is not int or cost:
            for above in self.chain(node.path):
                above.macs += cost

    def add_containers(self, states: Fields) -> None:
        """Give every container what its forward returned, and every module that never ran a row."""
        for path, returned in self._graph.returned.items():
            row = self._row(path)
            if row.own and path not in self._inside:
                continue
            row.own = False
            row.calls += 1
            row.output_shape = map_values(returned, lambda value: value.shape)
            row.receptive_field = self._field(path, returned, states)
        around: str | None = None
        for path, module in self._graph.modules():
            if around is not None and path.startswith(f"{around}." if around else ""):
                # A part of a layer runs whenever the layer does, which counts what they do together.
                self._row(path).calls = self._row(around).calls
            elif isinstance(module, Layer) and module._children:
                around = path
            if path and (isinstance(module, Layer) or not module._children):
                row = self._row(path)
                row.own = row.own or isinstance(module, Layer)

    def _field(self, path: str, returned: Any, states: Fields) -> ReceptiveField | None:
        first = next(iterate_values(returned), None)
        if not isinstance(first, Value):
            return None
        return as_field(path, self._axes, states.of(first))

    def in_order(self) -> list[Row]:
        """The rows, each container before what is inside it."""
        ordered: list[Row] = []
        stack = [""]
        while stack:
            path = stack.pop()
            ordered.append(self._rows[path])
            stack.extend(reversed(self._inside.get(path, ())))
        return ordered
