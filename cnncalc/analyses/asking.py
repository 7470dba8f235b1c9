"""What is asked of a graph: a row by name, a cell by its indices, and which axes are the channels and the space."""

from __future__ import annotations

from typing import Any

from cnncalc.cells import Term, full
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.graph import Graph
from cnncalc.sizes import Expr
from cnncalc.value import Value, iterate_values


def value_named(graph: Graph, of: str | None) -> Value:
    """The output of the row with a qualified name; the network's output for None."""
    if of is None:
        return graph.output
    found = graph.returned.get(of)
    if gives_several(graph, of):
        raise ArgumentError("this row gives several tensors", got=f"{of!r:.60}", remedy="name the row of one of them")
    if found is None:
        last = next((node for node in reversed(graph.nodes) if node.path == of and node.facts.outputs), None)
        found = None if last is None else Value(graph.inputs[0].tracer, last, last.facts.outputs[0])
    if isinstance(found, tuple) and found and isinstance(found[0], Value):
        found = found[0]
    if not isinstance(found, Value):
        from cnncalc.layers import did_you_mean

        names = [node.path for node in graph.nodes] + list(graph.returned)
        raise ArgumentError("there is no row of that name", got=f"{of!r:.60}", remedy=did_you_mean(str(of), names))
    return found


def gives_several(graph: Graph, of: str | None) -> bool:
    """Whether a container, or for None the network, gives several tensors. Of a layer's outputs the first is meant."""
    if any(node.path == of for node in graph.nodes):
        return False
    given = graph.outputs if of is None else graph.returned.get(of)
    return given is not None and len(list(iterate_values(given))) > 1


def channel_axis(graph: Graph) -> int:
    """1, or 0 where the network takes its input without a batch: some layer reads as many axes as it has, and one more."""
    # Equal calls need to be asked only once.
    for node in {node.facts: node for node in graph.nodes}.values():
        # Of the class: a layer looks for what it has not among its tensors.
        dimensions = getattr(type(node.operation), "dimensions", None)
        if dimensions is not None and node.values and len(node.values[0].shape) == dimensions + 1:
            return 0
    return 1


def spatial_axes(graph: Graph, wrt: int = 0) -> range:
    """The axes of the input numbered `wrt` that lie after its channels. Raises ArgumentError for one that does not exist."""
    if not isinstance(wrt, int) or not 0 <= wrt < len(graph.inputs):
        raise ArgumentError(f"wrt numbers an input from 0 to {len(graph.inputs) - 1}", got=f"wrt={wrt!r:.40}")
    return range(channel_axis(graph) + 1, len(graph.inputs[wrt].shape))


def check_channel(graph: Graph, value: Value, channel: Any) -> None:
    """Refuse a channel that a value does not have, and a flat value, whose features are asked by `at`."""
    axis = channel_axis(graph)
    valid = type(channel) is int and len(value.shape) > axis + 1 and channel >= 0
    if not valid or (value.shape[axis] > channel) is False:
        raise ArgumentError(
            "channel numbers one channel of a map",
            got=f"channel={channel!r:.40} for shape {value.shape}",
            remedy="a flat output has features, which `at` numbers",
        )


def asked_term(graph: Graph, value: Value, at: Any, channel: int | None = None) -> Term:
    """The product set of one cell of a value: sample 0, all channels or the one asked, the indices asked."""
    shape = value.shape
    if any(isinstance(n, Expr) for n in (*shape, *graph.inputs[0].shape)):
        raise UnsupportedError(
            "the cells of a field need numbers", got=str(shape), remedy="give numbers for the sizes of the input"
        )
    axis = channel_axis(graph)
    if len(shape) == axis + 1:
        lead: list[int] = [1] * axis
    elif len(shape) > axis:
        lead = [*([1] * axis), full(int(shape[axis])) if channel is None else 1 << channel]
    else:
        lead = []
    rest = shape[len(lead) :]
    valid = isinstance(at, (tuple, list)) and len(at) == len(rest) and all(type(i) is int for i in at)
    if not valid or not all(0 <= i < int(n) for i, n in zip(at, rest, strict=True)):
        raise ArgumentError(
            "the cell is given by its indices on the axes after the channels, or by the feature of a flat output",
            got=f"at={at!r:.60} for shape {shape}",
            remedy=f"give {len(rest)} whole numbers below {rest}",
        )
    return (*lead, *(1 << i for i in at))
