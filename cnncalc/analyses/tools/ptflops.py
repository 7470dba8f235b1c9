"""ptflops 0.7.5 with its default backend: hooks on layers, and patched functions of torch.

Hooks go by class, a subclass has none, and what they count is divided by the batch. Patched functions count whenever they
are called, also by a layer that is hooked: so a ReLU or a pool of torch.nn counts twice. Operators such as `a + b` are not
patched.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.conventions import Call, calls
from cnncalc.analyses.tools.names import (
    BATCH_NORMS,
    COMPOSITE,
    CONVOLUTIONS,
    INSTANCE_NORMS,
    POOLS,
    RECURRENT,
    RESAMPLING,
    TRANSPOSED,
    each,
    nothing,
    refused,
    table,
)
from cnncalc.errors import UnsupportedError
from cnncalc.layers.work import values
from cnncalc.sizes import Expr, Size, floor_div, greater, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph


def ptflops(graph: Graph) -> Size:
    """Hooks over the batch, and patched functions on top."""
    hooked: Any = 0
    patched: Any = 0
    for call in calls(graph):
        if not call.is_function and not call.is_subclass:
            hooked = hooked + HOOKS.get(call.name, nothing)(call) * call.places
        if not call.is_function or call.operation.torch_name in FUNCTIONS:
            patched = patched + PATCHED.get(call.name, nothing)(call)
    return _over_batch(graph, hooked, patched)


def _over_batch(graph: Graph, hooked: Any, patched: Any) -> Size:
    """What hooks count is divided by the first axis of the one input; where several are given by name, by 1."""
    batch: Size = 1
    if len(graph.inputs) == 1:
        shape = graph.inputs[0].shape
        if not shape or (shape[0] == 0) is True:
            raise UnsupportedError("ptflops fails on an input without axes, or with an empty batch", got=str(shape))
        batch = shape[0]
    if isinstance(batch, Expr) or isinstance(hooked, Expr) or isinstance(patched, Expr):
        total: Size = floor_div(hooked, batch) + patched
        return total
    return int(hooked / batch + patched)


# -- hooks ------------------------------------------------------------------------------------------------------


def _convolution(call: Call) -> Any:
    """Positions × kernel × channels, and a bias for each value; transposed ones at input positions."""
    layer, input, output = call.layer, call.input, call.output  # noqa: A001 - torch's name
    positions = product(input[2:] if call.name in TRANSPOSED else output[2:])
    products = product(layer.kernel_size) * layer.in_channels * floor_div(layer.out_channels, layer.groups)
    bias = product(output[1:]) if "bias" in layer.tensors() else 0
    return input[0] * (products * positions + bias)


def _linear(call: Call) -> Any:
    """Products and biases for each position of the leading axes."""
    layer = call.layer
    bias = layer.out_features if "bias" in layer.tensors() else 0
    return (layer.in_features * layer.out_features + bias) * product(call.input[:-1])


def _norm(call: Call) -> Any:
    """1 per value, 2 with `affine`, an attribute that LayerNorm does not have."""
    return product(call.input) * (2 if getattr(call.layer, "affine", False) else 1)


HOOKS = table(
    (CONVOLUTIONS | TRANSPOSED, _convolution),
    (each("Linear"), _linear),
    (each("ReLU", "PReLU", "ELU", "LeakyReLU", "ReLU6", "GELU"), lambda call: values(call.output)),
    (POOLS, lambda call: product(call.input)),
    (BATCH_NORMS | INSTANCE_NORMS | each("GroupNorm", "LayerNorm"), _norm),
    (each("Upsample"), lambda call: product(call.output[1:])),  # of the first sample alone
    (COMPOSITE | RECURRENT, refused),
)

# -- patched functions ------------------------------------------------------------------------------------------


def _input(call: Call) -> Any:
    """The values that go in."""
    return product(call.input)


def _relu6(call: Call) -> Any:
    """The layer is a Hardtanh and calls another function."""
    return product(call.input) if call.is_function else 0


def _power_mean(call: Call) -> Any:
    """The layer pools the powers, takes a relu of the output and multiplies it: three patched functions."""
    largest = call.layer.norm_type in {float("inf"), -float("inf")}
    return product(call.input) + (0 if largest else 2 * values(call.output))


def _response_norm(call: Call) -> Any:
    """The layer squares, pools over padded channels, multiplies and adds: four patched functions; none for an empty input."""
    input, count = call.input, product(call.input)  # noqa: A001 - torch's name
    if (count == 0) is True:
        return 0
    return 3 * count + product((input[0], input[1] + call.layer.size - 1, *input[2:]))


def _elementwise(call: Call) -> Any:
    """The longer of two axes each, counted from the first axis where torch counts from the last; no operators."""
    if call.is_operator:
        return 0
    shapes = [shape for shape in (call.argument("input"), call.argument("other")) if isinstance(shape, tuple)]
    found: Any = 1
    for lengths in zip_longest(*shapes, fillvalue=1):
        longest = lengths[0] if len(lengths) == 1 else greater(*lengths)
        if longest is None:
            raise call.refuse("ptflops takes the longer of two axes, and symbols hide which that is")
        found = found * longest
    return found


def _product(call: Call) -> Any:
    """Values of the first × the last axis of the second; an operator is not patched."""
    return 0 if call.is_operator else product(call.shapes[0]) * call.shapes[1][-1]


def _added_product(call: Call) -> Any:
    """The same for the second and the third, and the values of the first."""
    added, left, right = call.shapes[:3]
    return product(left) * right[-1] + product(added)


def _interpolated(call: Call) -> Any:
    """What interpolate counts: twice where `upsample`, patched too, calls it; "area" calls a pool on top."""
    times = 2 if call.name == "upsample" else 1
    return times * _by_size_or_scale(call) + (product(call.input) if call.argument("mode") == "area" else 0)


def _by_size_or_scale(call: Call) -> Any:
    """The output's values by the size, or the input's × the scale in floating point."""
    size, scale = call.argument("size"), call.argument("scale_factor")
    space = len(call.input) - 2
    if size is not None:
        sizes = tuple(size) if isinstance(size, (tuple, list)) else (size,) * space
        return product(sizes) * product(call.input[:2])
    if isinstance(scale, (tuple, list)):
        if isinstance(scale, list) or len(scale) != space:
            raise call.refuse("ptflops fails on a list of scale factors")
        return product(call.input) * product(tuple(int(factor) for factor in scale))
    count = product(call.input)
    if isinstance(count, Expr) and isinstance(scale, float):
        if not scale.is_integer():
            raise call.refuse("ptflops multiplies by a fraction, which has no formula in symbols")
        scale = int(scale)
    return count * scale**space


PATCHED = table(
    (POOLS | each("ReLU", "PReLU", "ELU", "GELU", "SiLU", "Softmax", "Softmax2d"), _input),
    (each("ReLU6"), _relu6),
    (each("LPPool*d"), _power_mean),
    (each("LocalResponseNorm"), _response_norm),
    (RESAMPLING, _interpolated),
    (each("add", "mul"), _elementwise),
    (each("matmul", "mm", "bmm"), _product),
    (each("addmm", "baddbmm"), _added_product),
    (COMPOSITE, refused),
)

#: Functions that are patched, or call one that is. In-place twins such as relu_ are not, and neither is torch.relu.
FUNCTIONS = (
    each("relu", "prelu", "elu", "relu6", "gelu", "silu", "softmax")
    | each("max_pool*d", "avg_pool*d", "adaptive_max_pool*d", "adaptive_avg_pool*d", "lp_pool*d", "local_response_norm")
    | RESAMPLING
    | each("add", "mul", "matmul", "mm", "bmm", "addmm", "baddbmm")
    | COMPOSITE
)
