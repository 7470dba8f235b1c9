"""Which input sizes give an output size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import value_named
from cnncalc.errors import ArgumentError
from cnncalc.sizes import Condition, equal
from cnncalc.solve.valid import ValidSizes, sizes_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.graph import Graph
    from cnncalc.module import Module
    from cnncalc.sizes import Shape


def input_sizes(
    network: Module, *shapes: Any, output: Sequence[int | None], of: str | None = None, before: str | None = None
) -> ValidSizes:
    """All sizes that a network accepts and from which it gives `output`: the last lengths of a shape, None for any.

    `of` names the row whose output is meant (default: the network's); `before` a row whose input is meant. So
    `input_sizes(net, (1, 3, "n", "n"), output=(1, 1), before="avgpool")` are those that leave one cell before the pool.
    """
    if of is not None and before is not None:
        raise ArgumentError("of and before do not go together", got=f"of={of!r:.40}, before={before!r:.40}")
    wanted = tuple(output) if isinstance(output, (tuple, list)) else ()
    if not wanted or any(m is not None and (type(m) is not int or m < 1) for m in wanted):
        raise ArgumentError("output is a tuple of lengths from 1 on, None for any", got=f"output={output!r:.60}")

    def conditions(graph: Graph) -> list[bool | Condition]:
        shape = _input_of(graph, before) if before is not None else value_named(graph, of).shape
        if len(shape) < len(wanted):
            raise ArgumentError("there are not so many axes", got=f"output={wanted} for {shape}")
        return [equal(n, m) for n, m in zip(shape[len(shape) - len(wanted) :], wanted, strict=True) if m is not None]

    return sizes_where(network, shapes, conditions)


def _input_of(graph: Graph, row: str) -> Shape:
    """The shape that a row, or the first layer inside of it, receives."""
    for node in graph.nodes:
        if node.values and (node.path == row or node.path.startswith(f"{row}.")):
            return node.values[0].shape
    value_named(graph, row)  # says which rows there are
    raise ArgumentError("this row receives nothing", got=f"{row!r:.60}")
