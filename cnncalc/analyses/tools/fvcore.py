"""fvcore 0.1.5: the operations of a traced run that it knows, one flop for a multiply-add.

A function counts as the layer that does the same, since torch comes to the same operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.conventions import Call, calls
from cnncalc.analyses.tools.names import (
    BATCH_NORMS,
    CELLS,
    COMPOSITE,
    CONVOLUTIONS,
    INSTANCE_NORMS,
    RECURRENT,
    RESAMPLING,
    TRANSPOSED,
    each,
    linear_function,
    mode_of,
    nothing,
    own_macs,
    refused,
    table,
)
from cnncalc.layers.work import values
from cnncalc.sizes import Size, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph

IMAGE = 4  # axes of (N, C, H, W)


def fvcore(graph: Graph) -> Size:
    """The sum over all calls; refused where products or a norm have no rule."""
    total: Size = 0
    for call in calls(graph):
        total = total + RULES.get(call.name, _unknown)(call)
    return total


def _unknown(call: Call) -> Any:
    """Nothing, for an operation that only moves values or works on each."""
    return refused(call) if call.operation.work == "norm" or call.macs != 0 else 0


def _convolution(call: Call) -> Any:
    """Our own count; with padding as text, torch comes to an operation that fvcore does not know."""
    return 0 if isinstance(call.layer.padding, str) and call.layer.padding_mode == "zeros" else call.macs


def _matmul(call: Call) -> Any:
    """Values of the first × the columns of the second, as if neither were broadcast."""
    if len(call.shapes[1]) < 2:  # noqa: PLR2004 - a matrix has two axes
        raise call.refuse("fvcore fails on a product with a vector")
    return product(call.shapes[0]) * call.shapes[1][-1]


def _batch_norm(call: Call) -> Any:
    """2 per value with affine, else 1; without running statistics as any other norm."""
    if call.argument("training") if call.layer is None else not call.layer.track_running_stats:
        return _norm(call)
    return product(call.input) * (2 if _is_affine(call) else 1)


def _is_affine(call: Call) -> bool:
    """Whether the norm has a weight: its own, or one that a function is given."""
    if call.is_function:
        return call.argument("weight") is not None
    return bool(call.layer.elementwise_affine if call.name == "LayerNorm" else call.layer.affine)


def _norm(call: Call) -> Any:
    """5 per value with affine, else 4."""
    if not 2 <= len(call.input) <= 5:  # noqa: PLR2004 - what fvcore asserts
        raise call.refuse("fvcore fails on a norm of fewer than 2 or more than 5 axes")
    return product(call.input) * (5 if _is_affine(call) else 4)


def _resampled(call: Call) -> Any:
    """1 per value for the nearest cell, 4 for bilinear; "area" is AdaptiveAvgPool2d. Nothing but in two dimensions."""
    mode = mode_of(call)
    if len(call.input) != IMAGE or (mode == "bilinear" and call.argument("antialias")):
        return 0
    return product(call.input) if mode == "area" else values(call.output) * {"nearest": 1, "bilinear": 4}.get(mode, 0)


RULES = table(
    (CONVOLUTIONS, _convolution),
    (TRANSPOSED | CELLS | each("Linear", "mm", "bmm", "addmm"), own_macs),
    (each("linear"), linear_function),
    (each("matmul"), _matmul),
    (BATCH_NORMS | each("SyncBatchNorm", "batch_norm"), _batch_norm),
    (INSTANCE_NORMS | each("GroupNorm", "LayerNorm", "instance_norm"), _norm),
    (RESAMPLING, _resampled),
    (each("AdaptiveAvgPool2d"), lambda call: product(call.input)),
    (each("Bilinear", "bilinear", "RMSNorm", "LocalResponseNorm", "CrossMapLRN2d") | (RECURRENT - CELLS), nothing),
    (each("mv", "dot", "outer", "baddbmm", "normalize"), nothing),
    (COMPOSITE | each("einsum"), refused),
)
