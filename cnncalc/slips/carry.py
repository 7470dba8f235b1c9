"""Shapes carried through a graph under a changed rule: what every later layer makes of a wrong size.

A wrong size goes on as a wrong size: windows slide over it, a flatten lays it out, a layer keeps its own number of
outputs. What a layer would refuse (unequal parts of a concatenation) ends the way: there is no number then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.sizes import Shape
from cnncalc.slips.place import Place, Windowed, is_cellwise
from cnncalc.value import Node, Value, iterate_values, map_values

#: A changed rule: the output shape of a node for the shapes that arrive; None to leave the node its own rule.
Change = Callable[[Node, list[Any]], Shape | None]


def carried(place: Place, change: Change) -> Any:
    """The shape at a place under a changed rule, batch first; None where the way ends before it."""
    if place.value is None:
        return None
    shapes = carry(place.graph, place.windowed, change)
    return shape_of(place.value, shapes)


def carry(graph: Graph, windowed: dict[int, Windowed], change: Change) -> dict[int, Any]:
    """The output shape of each node under a changed rule, by index; nodes behind the end of the way are missing."""
    shapes: dict[int, Any] = {}
    for node in graph.nodes:
        if node.operation is None:
            shapes[node.index] = node.output
            continue
        given = [shape_of(value, shapes) for value in node.values]
        if any(shape is None for shape in given):
            continue
        made = change(node, given)
        made = _by_own_rule(node, given, shapes, windowed.get(node.index)) if made is None else _nested(node, made)
        if made is not None and _is_possible(made):
            shapes[node.index] = made
    return shapes


def shape_of(value: Value, shapes: dict[int, Any]) -> Any:
    """The shape of a value among the shapes of nodes; None where it is missing."""
    shape = shapes.get(value.node.index)
    return shape[value.index] if shape and isinstance(shape[0], tuple) else shape


def _by_own_rule(node: Node, given: list[Any], shapes: dict[int, Any], layer: Windowed | None) -> Any:
    """What a node's own rule makes of the shapes that arrive; None where it refuses them."""
    if given == [value.shape for value in node.values]:
        return node.output
    if layer is not None:
        if not all(isinstance(n, int) for n in _space(layer, given)):
            # An unrounded length from before: the layer's own rule is about whole numbers.
            return None
        return _nested(
            node, layer.shape(given[0], [w.length(n) for w, n in zip(layer.windows, _space(layer, given), strict=True)])
        )
    if hasattr(node.operation, "out_features") and len(given) == 1:
        # A fully connected layer gives its own number of outputs, whatever was believed to come in.
        return (*given[0][:-1], node.output[-1])
    if is_cellwise(node):
        return given[0]
    if len(node.values) != sum(1 for _ in iterate_values(node.inputs)):
        # Tensors given by keyword are kept as shapes only, so they can't be replaced.
        return None
    try:
        return node.operation.output_shape(  # type: ignore[union-attr]
            *map_values(node.inputs, lambda value: shape_of(value, shapes)), **node.call
        )
    except CnncalcError:
        return None


def _space(layer: Windowed, given: list[Any]) -> Any:
    """The spatial part of the shape that arrives at a windowed layer."""
    return given[0][-len(layer.windows) :]


def _nested(node: Node, shape: Shape) -> Any:
    """A shape, once for each output of the node (a max pool with indices has two)."""
    several = node.output and isinstance(node.output[0], tuple)
    return (shape,) * len(node.output) if several else shape


def _is_possible(shape: Any) -> bool:
    """Whether every length is at least 1: a network has no map of fewer cells."""
    if isinstance(shape, tuple):
        return all(_is_possible(item) for item in shape)
    return shape is None or bool(shape >= 1)
