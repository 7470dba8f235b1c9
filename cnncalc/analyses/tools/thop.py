"""thop 0.1.1: hooks by class. Functions, subclasses and classes that it does not know count nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.conventions import Call, calls
from cnncalc.analyses.tools.names import (
    BATCH_NORMS,
    COMPOSITE,
    CONVOLUTIONS,
    INSTANCE_NORMS,
    RECURRENT,
    TRANSPOSED,
    UPSAMPLING,
    each,
    nothing,
    refused,
    table,
)
from cnncalc.layers.work import values
from cnncalc.sizes import Size, floor_div, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph

#: Operations for each value that upsampling gives; none for other modes.
PER_UPSAMPLED = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 224 + 35}


def thop(graph: Graph) -> Size:
    """The sum over calls of layers. A layer at p places in the tree gets p hooks, and what they count is added up p times."""
    total: Size = 0
    for call in calls(graph):
        if not call.is_function and not call.is_subclass:
            total = total + RULES.get(call.name, nothing)(call) * call.places**2
    return total


def _convolution(call: Call) -> Any:
    """Values of the output × the second axis of the input per group × kernel, transposed or not."""
    return values(call.output) * floor_div(call.input[1], call.layer.groups) * product(call.layer.kernel_size)


def _norm(call: Call) -> Any:
    """2 per value, twice that with affine."""
    affine = getattr(call.layer, "affine", False) or getattr(call.layer, "elementwise_affine", False)
    return product(call.input) * (4 if affine else 2)


def _softmax(call: Call) -> Any:
    """Along an axis of f values: f exponentials, f − 1 additions, f divisions."""
    if call.layer.dim is None:
        raise call.refuse("thop fails on a Softmax without dim")
    features = call.input[call.layer.dim]
    if (features == 0) is True:
        raise call.refuse("thop divides by the length of the axis, 0")
    return floor_div(product(call.input), features) * (3 * features - 1)


def _adaptive(call: Call) -> Any:
    """Output × (input over output, + 1), in floating point and cut off, as thop does."""
    kernel: Any = 1
    for n, m in zip(call.input[2:], call.output[2:], strict=True):
        if n is m or (n == m) is True:
            continue
        if (m == 1) is True:
            kernel = kernel * n
        elif isinstance(n, int) and isinstance(m, int) and m:
            kernel = kernel * (n / m)
        else:
            raise call.refuse("thop divides lengths in floating point, which has no formula in symbols")
    counted = (kernel + 1) * values(call.output)
    return int(counted) if isinstance(counted, float) else counted


RULES = table(
    (CONVOLUTIONS | TRANSPOSED, _convolution),
    (BATCH_NORMS | INSTANCE_NORMS | each("LayerNorm", "SyncBatchNorm"), _norm),
    (each("Linear"), lambda call: values(call.output) * call.layer.in_features),
    (each("PReLU"), lambda call: product(call.input)),
    (each("Softmax"), _softmax),
    (each("AvgPool*d"), lambda call: values(call.output)),
    (each("AdaptiveAvgPool*d"), _adaptive),
    (UPSAMPLING, lambda call: values(call.output) * PER_UPSAMPLED.get(call.layer.mode, 0)),
    (COMPOSITE | RECURRENT, refused),
)
