"""calflops 0.3.2, its MACs: the functions of torch that it patches, by their arguments.

It prints FLOPs too, twice the MACs and more; they are not told here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.conventions import Call, calls
from cnncalc.analyses.tools.names import (
    CELLS,
    COMPOSITE,
    CONVOLUTIONS,
    RECURRENT,
    RESAMPLING,
    TRANSPOSED,
    each,
    linear_function,
    nothing,
    own_macs,
    refused,
    table,
)
from cnncalc.errors import UnsupportedError
from cnncalc.sizes import Size, floor_div, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph


def calflops(graph: Graph) -> Size:
    """The sum over all calls, times the places of a layer in the tree."""
    if not any(module.own_parameters() for _, module in graph.modules()):
        raise UnsupportedError("calflops fails on a network without parameters")
    total: Size = 0
    for call in calls(graph):
        total = total + RULES.get(call.name, _unknown)(call) * call.places
    return total


def _unknown(call: Call) -> Any:
    """Nothing, for a call without products."""
    return refused(call) if call.macs != 0 else 0


def _convolution(call: Call) -> Any:
    """Positions that it works out itself: with padding="same", the half that is rounded down on both sides."""
    layer, input = call.layer, call.input  # noqa: A001 - torch's name
    if len(input) != layer.dimensions + 2:
        raise call.refuse("calflops takes the channels of an input without a batch for the batch")
    if len(layer.stride) < layer.dimensions or len(layer.dilation) < layer.dimensions:
        raise call.refuse("calflops fails on a stride or a dilation of one value")
    positions: Any = 1
    for index, n in enumerate(input[2:]):
        if layer.padding_mode != "zeros":  # torch pads first, and calflops sees the padded input
            positions = positions * call.output[2 + index]
            continue
        k, s, d = layer.kernel_size[index], layer.stride[index], layer.dilation[index]
        if isinstance(layer.padding, str):
            p = floor_div(d * (k - 1), 2) if layer.padding == "same" else 0
        elif len(layer.padding) < layer.dimensions:
            raise call.refuse("calflops fails on a padding of one value")
        else:
            p = layer.padding[index]
        positions = positions * (floor_div(n + 2 * p - (d * (k - 1) + 1), s) + 1)
    return product(layer.kernel_size) * input[1] * floor_div(layer.out_channels, layer.groups) * input[0] * positions


def _adaptive(call: Call) -> Any:
    """No MACs; but the rule for pools does not know output_size by its name."""
    if call.is_function and "output_size" in call.node.call:
        raise call.refuse("calflops fails on output_size by name")
    return 0


def _transposed(call: Call) -> Any:
    """Input positions, with the output channels divided by the groups twice."""
    layer = call.layer
    channels = floor_div(floor_div(layer.out_channels, layer.groups), layer.groups)
    return product(layer.kernel_size) * call.input[1] * channels * call.input[0] * product(call.input[2:])


def _matmul(call: Call) -> Any:
    """Values of the first × the last axis of the second; the operator `@` is not patched."""
    return 0 if call.is_operator else product(call.shapes[0]) * call.shapes[1][-1]


def _resampling(call: Call) -> Any:
    """No MACs; but it takes the length of the batch for that of a tuple of scales, and fails where they differ."""
    scale = call.argument("scale_factor") if call.argument("size") is None else 1
    if isinstance(scale, (tuple, list)) and not (isinstance(scale, tuple) and (call.input[0] == len(scale)) is True):
        raise call.refuse("calflops fails on a scale for each axis")
    return 0


def _cell(call: Call) -> Any:
    """No MACs; but its hook, of the class itself alone, looks for the features on the second axis."""
    if len(call.input) < 2 and not call.is_subclass:  # noqa: PLR2004 - (N, features)
        raise call.refuse("calflops fails on a step of a recurrence without a batch")
    return 0


RULES = table(
    (CELLS, _cell),
    (CONVOLUTIONS, _convolution),
    (TRANSPOSED, _transposed),
    (each("Linear", "addmm"), own_macs),
    (each("linear"), linear_function),
    (each("matmul"), _matmul),
    (RESAMPLING, _resampling),
    (each("baddbmm"), lambda call: product(call.shapes[1]) * call.shapes[2][-1]),
    (each("Bilinear", "bilinear", "mm", "bmm", "mv", "dot", "outer") | (RECURRENT - CELLS), nothing),
    (each("AdaptiveAvgPool*d", "AdaptiveMaxPool*d"), _adaptive),
    (COMPOSITE | each("einsum"), refused),
)
