"""torchvision's `_ops`: half of what torch's FlopCounterMode counts, in units of 10⁹.

The counter knows convolutions and products of matrices; of Bilinear it sees nothing, and what it sees of attention,
recurrent layers and products with vectors depends on how torch runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analyses.conventions import Call
from cnncalc.analyses.tools.names import COMPOSITE, RECURRENT, each, nothing, own_macs, refused, table

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.sizes import Size


def _matmul(call: Call) -> Size:
    """Our own count, but not of a product with a vector."""
    if min(len(shape) for shape in call.shapes[:2]) < 2:  # noqa: PLR2004 - a matrix has two axes
        raise call.refuse("what torch's counter sees of a product with a vector hangs on how torch runs it")
    return call.macs


def _linear(call: Call) -> Size:
    """The same for a weight that is a vector."""
    if len(call.argument("weight")) < 2:  # noqa: PLR2004 - a matrix has two axes
        raise call.refuse("what torch's counter sees of a product with a vector hangs on how torch runs it")
    return call.macs


RULES = table(
    (each("Bilinear", "bilinear"), nothing),
    (COMPOSITE | RECURRENT | each("mv", "dot", "outer", "einsum"), refused),
    (each("matmul"), _matmul),
    (each("linear"), _linear),
)


def torchvision(graph: Graph) -> Size:
    """Our products without Bilinear. Lazy layers, and layers that a forward makes, run like any other."""
    total: Size = 0
    for node in graph.nodes:
        if node.operation is not None:
            call = Call(node, node.operation, 1)
            total = total + RULES.get(call.name, own_macs)(call)
    return total
