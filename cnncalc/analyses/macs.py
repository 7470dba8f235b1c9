"""Multiply-accumulates: what each node's products cost, bias excluded, padding not discounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.layers.uncarried import Uncarried

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.sizes import Size


def macs(graph: Graph, *, known: bool = False) -> list[Size]:
    """For each node, the multiply-accumulates of that call; a layer called twice counts twice.

    Raises UnsupportedError where an operation's are not known; with `known`, those are left out, and who asks has to say so.
    """
    return [
        0
        if node.operation is None or (known and isinstance(node.operation, Uncarried))
        else node.operation.macs(*node.shapes, **node.call)
        for node in graph.nodes
    ]
