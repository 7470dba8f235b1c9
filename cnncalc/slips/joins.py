"""Concatenations along the channels, and which of the two great plans they belong to: U-Net's skips or dense blocks."""

from __future__ import annotations

from itertools import pairwise

from cnncalc.graph import Graph
from cnncalc.sizes import Expr, Shape, product
from cnncalc.slips.place import Place, is_cellwise, upstream
from cnncalc.value import Node, Value


def joins_channels(node: Node, channel: int) -> bool:
    """Whether a node lays tensors end to end along the channels."""
    if getattr(node.operation, "torch_name", "") != "cat" or len(node.values) < 2:  # noqa: PLR2004 - a join has two parts
        return False
    dim = node.call.get("dim", node.inputs[1] if len(node.inputs) > 1 else 0)
    return bool(node.output) and isinstance(dim, int) and dim % len(node.output) == channel


def is_skip(graph: Graph, node: Node, channel: int) -> bool:
    """Whether a join brings a map and one that has come back from a smaller size: an encoder and a decoder meet."""
    for near in node.values:
        known = {ancestor.index for ancestor in upstream(graph, near)}
        for far in node.values:
            path = upstream(graph, far)
            between = [n for n in path if n.index not in known and n.operation is not None]
            if any(n is near.node for n in path) and any(_is_smaller(n.output, near.shape, channel) for n in between):
                return True
    return False


def _is_smaller(shape: Shape, than: Shape, channel: int) -> bool:
    """Whether a map has fewer positions."""
    if len(shape) != len(than) or any(isinstance(n, (Expr, tuple)) for n in (*shape, *than)):
        return False
    return bool(product(shape[channel + 1 :]) < product(than[channel + 1 :]))


def parts(value: Value, channel: int) -> list[Value]:
    """What a value is put together from along the channels, joins inside joins opened; the value alone for no join."""
    node = value.node
    while is_cellwise(node) and not joins_channels(node, channel):
        value = node.values[0]
        node = value.node
    if not joins_channels(node, channel):
        return [value]
    return [part for source in node.values for part in parts(source, channel)]


def dense_state(place: Place) -> list[Value]:
    """The maps of a dense block that are there at a place: the block's input, then what each layer has added.

    For "input_channels", those that the row receives; else those that there are behind the row. Empty where the place is
    not in a dense block: in one, each layer reads what the layers before it gave, at the same size.
    """
    channel = place.lead
    if place.value is None:
        return []
    if place.quantity == "input_channels":
        found = parts(place.received, channel) if place.received is not None else []
    else:
        found = parts(place.value, channel)
        if len(found) == 1 and place.received is not None:
            found = [*parts(place.received, channel), place.value]
            if len(found) == 2:  # noqa: PLR2004 - the row reads one tensor that is no join: no block yet
                return []
    if len(found) < 2:  # noqa: PLR2004 - a block's input and a layer
        return []
    for earlier, later in pairwise(found):
        if all(node is not earlier.node for node in upstream(place.graph, later)):
            return []
    joins = [node for node in place.before if joins_channels(node, channel)]
    return [] if any(is_skip(place.graph, node, channel) for node in joins) else found
