"""Where a slip is looked at: a row of a traced network, the layers before it, and the chain of windows that leads there.

A *windowed* layer is a convolution or a pool: one `Window` (cnncalc.axis) on each spatial axis. Layers are told apart by
what they have, not by their class, so that a new layer needs no line here.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analyses.asking import channel_axis, value_named
from cnncalc.axes import AxisMaps, of_output
from cnncalc.axis import EACH, Chain, Pad, Window
from cnncalc.errors import CnncalcError, UnsupportedError
from cnncalc.graph import Graph
from cnncalc.sizes import Expr, Shape, product
from cnncalc.value import Node, Value

if TYPE_CHECKING:
    from cnncalc.layers.operation import Operation


class Windowed(NamedTuple):
    """A convolution or a pool in the graph, with its window on each spatial axis."""

    node: Node
    windows: tuple[Window, ...]

    @property
    def is_pool(self) -> bool:
        """Whether channels stay as they are."""
        return not hasattr(self.node.operation, "out_channels")

    def shape(self, before: Shape, lengths: list[Any], channels: Any = None) -> Shape:
        """The output for an input of shape `before`, with the given lengths and the layer's own channels or others."""
        lead = before[: -len(self.windows) - 1]
        own = before[-len(self.windows) - 1] if self.is_pool else self.node.operation.out_channels  # type: ignore[union-attr]
        return (*lead, own if channels is None else channels, *lengths)


class Place:
    """A row of a network (`at`, a qualified name), or its output (None), and the quantity that is asked there."""

    def __init__(self, graph: Graph, at: str | None, quantity: str) -> None:
        """Keep the parts; the rest is worked out when it is asked for. Raises ArgumentError where there is no such row."""
        self.graph = graph
        self.at = at
        self.quantity = quantity
        self.value = self._find()

    def _find(self) -> Value | None:
        """The value that the row gives; None for a row that never runs, or where there are several outputs."""
        try:
            return value_named(self.graph, self.at)
        except UnsupportedError:
            return None
        except CnncalcError:
            if any(path == self.at for path, _ in self.graph.modules()):
                return None
            raise

    def holds(self, path: str) -> bool:
        """Whether a qualified name is this row or inside it."""
        return not self.at or path == self.at or path.startswith(f"{self.at}.")

    @cached_property
    def lead(self) -> int:
        """The axis of the channels: 1 behind a batch, else 0."""
        return channel_axis(self.graph)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether every size of the network is a plain number."""
        shapes = [module.own_parameters().values() for _, module in self.graph.modules()]
        return not (
            any(has_symbols(node.output) for node in self.graph.nodes)
            or any(has_symbols(tuple(tensors)) for tensors in shapes)
            or any(
                isinstance(number, Expr)
                for node in self.graph.nodes
                for window in windows_of(node.operation) or ()
                for number in (window.kernel_size, window.stride, window.before, window.after, window.dilation)
            )
        )

    @cached_property
    def before(self) -> list[Node]:
        """The nodes that the value depends on, its own included, in order."""
        return [] if self.value is None else upstream(self.graph, self.value)

    @cached_property
    def windowed(self) -> dict[int, Windowed]:
        """The windowed layers among all nodes of the network, by the node's index."""
        found = {}
        for node in self.graph.nodes:
            windows = windows_of(node.operation)
            if windows is not None:
                found[node.index] = Windowed(node, windows)
        return found

    @cached_property
    def layers(self) -> list[Windowed]:
        """The windowed layers that the value depends on, in order."""
        return [self.windowed[node.index] for node in self.before if node.index in self.windowed]

    @cached_property
    def received(self) -> Value | None:
        """The tensor that the row at this place receives first; None for the network as a whole."""
        if not self.at:
            return None
        return next((node.values[0] for node in self.graph.nodes if node.values and self.holds(node.path)), None)

    def chain(self) -> list[Windowed] | None:
        """The windowed layers from the first input to this place, along the branch that has most of them.

        None where something else mixes cells on the way (a fully connected layer, a global pool, up-sampling): there is
        no chain of windows then.
        """
        if self.value is None or not self.graph.inputs:
            return None
        rank = len(self.graph.inputs[0].shape)
        paths: dict[int, list[Windowed] | None] = {self.graph.inputs[0].node.index: []}
        for node in self.before:
            reached = [value for value in node.values if value.node.index in paths]
            if node.operation is None or not reached:
                continue
            layer = self.windowed.get(node.index)
            branches = [paths[value.node.index] for value in reached]
            if None in branches or not (layer or self._keeps_cells(node, rank)):
                paths[node.index] = None
                continue
            longest = max((branch for branch in branches if branch is not None), key=len)
            paths[node.index] = [*longest, layer] if layer else longest
        return paths.get(self.value.node.index)

    def _keeps_cells(self, node: Node, rank: int) -> bool:
        """Whether each output cell of a node reads one cell of each input, on every spatial axis."""
        found = maps_of(node)
        if not found:
            return False
        for value, maps in zip(node.values, found, strict=True):
            if type(maps) is not AxisMaps or len(maps.maps) != rank or len(value.shape) != rank:
                return False
            for axis in range(self.lead + 1, rank):
                stencil = maps.maps[axis].stencil(value.shape[axis])
                if stencil is None or stencil.size != 1 or stencil.stride != 1:
                    return False
        return True

    def measured(self, shape: Any) -> tuple[Any, ...]:
        """A shape, batch first, as the quantity that is asked: the numbers that a rule gives, one or none.

        `shape` without its batch, `channels`, `side` (of a map with equal sides) or `pixels`.
        """
        if shape is None or (shape and isinstance(shape[0], tuple)):
            return ()
        body = tuple(shape[self.lead :])
        space = body[1:]
        if self.quantity == "shape":
            return (body,)
        if self.quantity == "channels":
            return body[:1]
        if not space:
            return ()
        if self.quantity == "pixels":
            return (product(space),)
        return space[:1] if all(n == space[0] for n in space) else ()


def windows_of(operation: Operation | None) -> tuple[Window, ...] | None:
    """The window of each spatial axis of a convolution or a pool, padding of any mode included; None for others."""
    make = getattr(operation, "windows", None)
    if make is None or not hasattr(operation, "kernel_size"):
        return None
    found = []
    for given in make():
        axis_map = given
        if isinstance(given, Chain) and isinstance(given.first, Pad) and isinstance(given.second, Window):
            inner = given.second
            axis_map = Window(inner.kernel_size, inner.stride, given.first.before, given.first.after, inner.dilation)
        if not isinstance(axis_map, Window):
            return None
        found.append(axis_map)
    return tuple(found)


def maps_of(node: Node) -> tuple[AxisMaps, ...]:
    """How a node's output follows from each tensor that it takes; empty for an input, and where that can't be said."""
    if node.operation is None:
        return ()
    try:
        return of_output(node.axes)
    except CnncalcError:
        return ()


def is_cellwise(node: Node) -> bool:
    """Whether a node takes one tensor and works cell by cell: activations, norms, dropout."""
    if len(node.values) != 1:
        return False
    maps = next(iter(maps_of(node)), None)
    return maps is not None and type(maps) is AxisMaps and all(axis_map is EACH for axis_map in maps.maps)


def upstream(graph: Graph, value: Value) -> list[Node]:
    """The nodes that a value depends on, its own included, in order."""
    wanted = {value.node.index}
    for node in reversed(graph.nodes[: value.node.index + 1]):
        if node.index in wanted:
            wanted.update(source.node.index for source in node.values)
    return [node for node in graph.nodes if node.index in wanted]


def has_symbols(nested: Any) -> bool:
    """Whether a symbolic size stands in nested shapes."""
    if isinstance(nested, (tuple, list)):
        return any(has_symbols(item) for item in nested)
    return isinstance(nested, Expr)
