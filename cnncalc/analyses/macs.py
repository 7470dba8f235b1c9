"""Multiply-accumulates: what each node's products cost, bias excluded, padding not discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.sizes import Size


def macs(graph: Graph) -> list[Size]:
    """For each node, the multiply-accumulates of that call; a layer called twice counts twice."""
    return [node.operation.macs(*node.shapes, **node.call) if node.operation else 0 for node in graph.nodes]
