"""torchinfo 1.8.0: parameters × output positions, by the names of classes and parameters.

Each call of a layer without children counts its parameters: `weight` and `bias` over batch and positions where the class
has "Conv" in its name, else over the first axis alone; other names with one of the two words over the first two axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analyses.conventions import Call, calls
from cnncalc.analyses.tools.names import COMPOSITE
from cnncalc.errors import UnsupportedError
from cnncalc.layers.operation import Layer
from cnncalc.sizes import Size, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph


def torchinfo(graph: Graph) -> Size:
    """The sum over calls of layers. Functions, and parameters that a container owns, count nothing."""
    for path, module in graph.modules():
        leaf = not isinstance(module, Layer) and not any(module._children.values())
        if leaf and any("weight" in name or "bias" in name for name in module.own_parameters()):
            raise UnsupportedError(
                "torchinfo counts a module's own weight each time that it is called, and how often is not kept", where=path
            )
    total: Size = 0
    for call in calls(graph):
        if not call.is_function:
            total = total + _layer(call)
    return total


def _layer(call: Call) -> Size:
    """What one call of a layer counts."""
    if call.name == "MultiheadAttention":
        return 0  # a container to torchinfo, and the layer inside it is never called
    if call.name in COMPOSITE:
        raise call.refuse("what torchinfo sees inside this layer is not reproduced")
    found: Size = 0
    for name, shape in call.layer.own_parameters().items():
        if name in {"weight", "bias"}:
            if not call.output:
                raise call.refuse("torchinfo fails on an output without axes")
            positions = (call.output[0], *call.output[2:]) if "Conv" in call.name else call.output[:1]
        elif "weight" in name or "bias" in name:
            positions = call.output[:2]
        else:
            continue
        found = found + product(shape) * product(positions)
    return found
