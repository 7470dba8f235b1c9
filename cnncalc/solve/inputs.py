"""Which input sizes give an output size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import value_named
from cnncalc.errors import ArgumentError
from cnncalc.sizes import Condition, Expr, equal
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

    why: list[str] = []

    def conditions(graph: Graph) -> list[bool | Condition]:
        shape = _input_of(graph, before) if before is not None else value_named(graph, of).shape
        what = before or of or "the network"
        if len(shape) < len(wanted):
            raise ArgumentError("there are not so many axes", got=f"output={wanted} for {shape}", remedy=_stage(graph, wanted))
        pairs = [(n, m) for n, m in zip(shape[len(shape) - len(wanted) :], wanted, strict=True) if m is not None]
        if not why:
            is_fixed = any(not isinstance(n, Expr) for n, _ in pairs)
            parts = (f"{what} {'takes' if before is not None else 'gives'} {shape}", _stage(graph, wanted) if is_fixed else "")
            why.append("; ".join(filter(None, parts)))
        return [equal(n, m) for n, m in pairs]

    found = sizes_where(network, shapes, conditions)
    if not found.boxes and not found.refusal:
        found.refusal = "".join(why)
    return found


def _stage(graph: Graph, wanted: Sequence[int | None]) -> str:
    """The last row whose last lengths follow from the input's, where some are wanted: what may be asked instead."""
    for node in reversed([node for node in graph.nodes if node.values]):
        shape = node.output[max(len(node.output) - len(wanted), 0) :]
        if len(shape) == len(wanted) and all(isinstance(n, Expr) for n, m in zip(shape, wanted, strict=True) if m is not None):
            parts = node.path.split(".")
            outer = (".".join(parts[:depth]) for depth in range(1, len(parts)))
            row = next((name for name in outer if getattr(graph.returned.get(name), "node", None) is node), node.path)
            return f"name a row with of (--of), such as {row}, which gives {node.output}"
    return ""


def _input_of(graph: Graph, row: str) -> Shape:
    """The shape that a row, or the first layer inside of it, receives."""
    for node in graph.nodes:
        if node.values and (node.path == row or node.path.startswith(f"{row}.")):
            return node.values[0].shape
    value_named(graph, row)  # says which rows there are
    raise ArgumentError("this row receives nothing", got=f"{row!r:.60}")
