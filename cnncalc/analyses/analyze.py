"""All analyses of a network in one report."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.arithmetic import arithmetic
from cnncalc.analyses.asking import spatial_axes
from cnncalc.analyses.axis_fields import SEVERAL, State, on_axes
from cnncalc.analyses.closed_form import Fields, fields
from cnncalc.analyses.conventions import as_counted_by
from cnncalc.analyses.macs import macs
from cnncalc.analyses.memory import memory, output_elements
from cnncalc.analyses.parameters import Tensor, tensors
from cnncalc.analyses.put_in import put_in_all
from cnncalc.field import AxisField, ReceptiveField
from cnncalc.graph import Graph, trace
from cnncalc.layers.operation import Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.report import Asked, Gap, Report, Row
from cnncalc.value import Node, iterate_values, map_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.module import Module


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
    rows = _Rows(graph)
    states = fields(graph)
    for node, cost in zip(graph.nodes, macs(graph, known=True), strict=True):
        if node.operation is not None:
            rows.add_call(node, cost, states[node.index])
    rows.add_containers(states)
    owned = tensors(graph)
    for tensor in owned:
        rows.add_tensor(tensor)
    root = rows.root
    return Report(
        type(graph.network).__name__,
        tuple(value.shape for value in graph.inputs),
        graph.output_shape,
        rows.summed(),
        root.receptive_field,
        tuple(graph.requirements),
        Asked(
            arithmetic=partial(arithmetic, graph),
            counted_by=partial(as_counted_by, graph),
            tensors=lambda: {tensor.path: tensor.shape for tensor in owned},
            memory=partial(memory, graph, owned),
            at=partial(_at, graph),
        ),
        tuple(
            Gap(node.operation.torch_name, node.path.rpartition(".")[0], node.operation.reason)
            for node in graph.nodes
            if isinstance(node.operation, Uncarried)
        ),
    )


def _at(graph: Graph, values: dict[str, Any]) -> Report:
    """The report with sizes put in for symbols: the network is traced anew, so that all conditions are held against them."""
    network, shapes = put_in_all(graph.network, tuple(value.shape for value in graph.inputs), values)
    return analyze(network, *shapes)


class _Rows:
    """The rows of a graph as a tree: a row for every module and function, in the order of execution."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kinds = {path: type(module).__name__ for path, module in graph.modules()}
        self._axes = spatial_axes(graph)
        self._rows: dict[str, Row] = {}
        self._inside: dict[str, list[str]] = {}
        self._fields: dict[int, tuple[AxisField, ...]] = {}
        self.root = self._row("")

    def _row(self, path: str) -> Row:
        row = self._rows.get(path)
        if row is None:
            if path:
                outer, _, _ = path.rpartition(".")
                self._row(outer)
                self._inside.setdefault(outer, []).append(path)
            row = self._rows[path] = Row(path, self._kinds.get(path, "Module"), path.count(".") + 1 if path else 0)
        return row

    def add_call(self, node: Node, cost: Any, state: State) -> None:
        """Count one call of a layer or a function."""
        row = self._rows.get(node.path) or self._row(node.path)
        row.kind = node.kind
        row.own = True
        row.calls += 1
        row.output_shape = node.output
        row.receptive_field = self._field(node.path, state)
        row.macs += cost
        row.partial = row.partial or isinstance(node.operation, Uncarried)
        row.output_elements += output_elements(node)

    def add_tensor(self, tensor: Tensor) -> None:
        """Count a parameter or a buffer where it is owned."""
        row = self._rows.get(tensor.owner) or self._row(tensor.owner)
        if tensor.is_buffer:
            row.buffers += tensor.size
        else:
            row.params += tensor.size
            if tensor.trainable:
                row.trainable += tensor.size

    def add_containers(self, states: Fields) -> None:
        """Give every container what its forward returned, and every module that never ran a row."""
        for path, returned in self._graph.returned.items():
            row = self._row(path)
            if row.own and path not in self._inside:
                continue
            row.own = False
            row.calls += 1
            row.output_shape = map_values(returned, lambda value: value.shape)
            outputs = list(iterate_values(returned))
            if len(outputs) == 1:
                row.receptive_field = self._field(path, states.of(outputs[0]))
            elif outputs:
                row.receptive_field = ReceptiveField(path, (SEVERAL,) * len(self._axes))
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

    def _field(self, path: str, state: State) -> ReceptiveField:
        """The field of a row; rows of one state share its figures."""
        axes = self._fields.get(id(state))
        if axes is None:
            axes = self._fields[id(state)] = on_axes(self._axes, state)
        return ReceptiveField(path, axes)

    def summed(self) -> list[Row]:
        """The rows, each container before what is inside it, with all of that counted in."""
        ordered: list[Row] = []
        stack = [""]
        while stack:
            path = stack.pop()
            ordered.append(self._rows[path])
            stack.extend(reversed(self._inside.get(path, ())))
        for row in reversed(ordered[1:]):
            outer = self._rows[row.path.rpartition(".")[0]]
            outer.params += row.params
            outer.trainable += row.trainable
            outer.buffers += row.buffers
            outer.macs += row.macs
            outer.partial = outer.partial or row.partial
            outer.output_elements += row.output_elements
        return ordered
