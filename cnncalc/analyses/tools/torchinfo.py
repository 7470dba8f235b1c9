"""torchinfo 1.8.0: parameters × output positions, by the names of classes and parameters.

Each call of a layer without children counts its parameters: `weight` and `bias` over batch and positions where the class
has "Conv" in its name, else over the first axis alone; other names with one of the two words over the first two axes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.conventions import calls, first_shape
from cnncalc.analyses.tools.names import COMPOSITE
from cnncalc.errors import UnsupportedError
from cnncalc.layers.layer import Layer
from cnncalc.sizes import Shape, Size, product
from cnncalc.value import map_values

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.module import Module


def torchinfo(graph: Graph) -> Size:
    """The sum over calls of layers, and of modules without children that own parameters; functions count nothing."""
    total: Size = 0
    for call in calls(graph):
        if not call.is_function and _has_layers_forward(call.operation):
            if call.name in COMPOSITE - {"MultiheadAttention"}:
                raise call.refuse("what torchinfo sees inside this layer is not reproduced")
            if call.name != "MultiheadAttention":  # a container to torchinfo, and the layer inside it is never called
                total = total + _parameters(call.layer, type(call.layer).__name__, call.output, call.path)
    modules = dict(graph.modules())
    for path, times in Counter(path for path, _, _ in graph.calls).items():
        module = modules.get(path)
        if module is None or _has_layers_forward(module) or any(module._children.values()):
            continue
        output = first_shape(map_values(graph.returned[path], lambda value: value.shape))
        count = _parameters(module, type(module).__name__, output, path)
        if times > 1 and count != 0:
            raise UnsupportedError(
                "torchinfo counts each call of this module by its output, and only the last is kept", where=path
            )
        total = total + count
    return total


def _has_layers_forward(module: Any) -> bool:
    """Whether this is a layer, and runs as it is; a user's subclass may have a forward of its own."""
    return isinstance(module, Layer) and type(module).forward is Layer.forward


def _parameters(module: Module, name_of_class: str, output: Shape, path: str) -> Size:
    """What one call of a module without children counts."""
    found: Size = 0
    for name, shape in module.own_parameters().items():
        if name in {"weight", "bias"}:
            if not output:
                raise UnsupportedError("torchinfo fails on an output without axes", where=path)
            positions = (output[0], *output[2:]) if "Conv" in name_of_class else output[:1]
        elif "weight" in name or "bias" in name:
            positions = output[:2]
        else:
            continue
        found = found + product(shape) * product(positions)
    return found
