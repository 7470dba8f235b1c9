"""Torch's names of layers, in the groups that tools treat alike, and what the rules of several tools share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cnncalc.analyses.conventions import Call
from cnncalc.sizes import product

#: What a tool counts for one call. Most work on any arithmetic, so that a rule gives a formula for symbols.
Rule = Callable[[Call], Any]


def each(*patterns: str) -> frozenset[str]:
    """Names of layers, with "Conv*d" for Conv1d, Conv2d and Conv3d."""
    return frozenset(p.replace("*", str(axes)) for p in patterns for axes in ((1, 2, 3) if "*" in p else (0,)))


CONVOLUTIONS = each("Conv*d")
TRANSPOSED = each("ConvTranspose*d")
BATCH_NORMS = each("BatchNorm*d")
INSTANCE_NORMS = each("InstanceNorm*d")
POOLS = each("MaxPool*d", "AvgPool*d", "AdaptiveMaxPool*d", "AdaptiveAvgPool*d")
UPSAMPLING = each("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d")
RESAMPLING = UPSAMPLING | each("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
CELLS = each("RNNCell", "LSTMCell", "GRUCell")
RECURRENT = CELLS | each("RNN", "LSTM", "GRU")
#: Layers that are made of layers and functions, which a tool may see one by one.
COMPOSITE = each(
    "MultiheadAttention",
    "Transformer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "scaled_dot_product_attention",
    "multi_head_attention_forward",
)


def table(*rows: tuple[Iterable[str], Rule]) -> dict[str, Rule]:
    """Rules by name."""
    return {name: rule for group, rule in rows for name in group}


def nothing(call: Call) -> int:
    """The tool counts nothing here."""
    del call
    return 0


def own_macs(call: Call) -> Any:
    """What we count."""
    return call.macs


def linear_function(call: Call) -> Any:
    """Values of the input × the first axis of the weight, as tools take it: of a vector too, which gives one value only."""
    return product(call.shapes[0]) * call.argument("weight")[0]


def refused(call: Call) -> Any:
    """The tool counts something here that is not reproduced."""
    raise call.refuse("what this tool counts here hangs on how torch runs it, and is not reproduced")


def mode_of(call: Call) -> str:
    """The mode of a resampling."""
    mode = "bilinear" if call.name == "upsample_bilinear" else call.argument("mode")
    return mode if isinstance(mode, str) else "nearest"
