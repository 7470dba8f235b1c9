"""The layers and functions, one class each, one file per family.

`FAMILIES` is the catalogue: which names each file defines. A family is imported when one of its names is first asked
for, so that importing cnncalc stays light; a test holds the catalogue against the files.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from cnncalc.errors import SpecError

FAMILIES: dict[str, tuple[str, ...]] = {
    "convolution": ("Conv1d", "Conv2d", "Conv3d", "LazyConv1d", "LazyConv2d", "LazyConv3d"),
    "transposed_convolution": (
        "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
        "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d",
    ),
    "padding": (
        "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
        "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d",
        "CircularPad1d", "CircularPad2d", "CircularPad3d",
    ),
    "folding": ("Unfold", "Fold"),
    "shuffling": ("PixelShuffle", "PixelUnshuffle", "ChannelShuffle"),
    "pooling": ("MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d"),
    "adaptive_pooling": (
        "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d",
        "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
    ),
    "power_pooling": ("LPPool1d", "LPPool2d", "LPPool3d"),
    "fractional_pooling": ("FractionalMaxPool2d", "FractionalMaxPool3d"),
    "unpooling": ("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"),
    "resampling": ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"),
    "normalization": (
        "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "SyncBatchNorm",
    ),
    "instance_normalization": (
        "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
        "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d",
    ),
    "layer_normalization": ("GroupNorm", "LayerNorm", "RMSNorm"),
    "response_normalization": ("LocalResponseNorm", "CrossMapLRN2d"),
    "activation": (
        "ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh",
        "Hardswish", "Hardsigmoid", "Hardtanh", "Softplus", "Softsign", "Tanhshrink", "LogSigmoid",
        "Hardshrink", "Softshrink", "Threshold", "RReLU",
    ),
    "gating": ("Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU"),
    "linear": ("Linear", "LazyLinear", "Identity"),
    "bilinear": ("Bilinear",),
    "similarity": ("CosineSimilarity", "PairwiseDistance"),
    "embedding": ("Embedding", "EmbeddingBag"),
    "attention": ("MultiheadAttention",),
    "transformer": ("TransformerEncoderLayer", "TransformerDecoderLayer"),
    "recurrent": ("RNN", "LSTM", "GRU"),
    "recurrent_cells": ("RNNCell", "LSTMCell", "GRUCell"),
    "shaping": ("Flatten", "Unflatten"),
    "dropout": ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"),
}  # fmt: skip
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "merging": ("cat", "concat", "concatenate", "stack"),
    "reshaping": ("flatten", "ravel", "unflatten", "reshape", "view", "reshape_as", "view_as"),
    "reordering": ("permute", "transpose", "swapdims", "swapaxes", "t", "movedim", "moveaxis"),
    "stretching": ("squeeze", "unsqueeze", "expand", "broadcast_to", "expand_as", "repeat", "tile"),
    "turning": ("flip", "roll"),
    "indexing": ("getitem", "select", "narrow"),
    "splitting": ("chunk", "split", "tensor_split", "unbind"),
    "arithmetic": (
        "add", "add_", "sub", "sub_", "subtract", "rsub", "mul", "mul_", "multiply", "div", "div_", "divide",
        "true_divide", "floor_divide", "floor_divide_", "remainder", "fmod", "pow", "pow_", "float_power", "maximum",
        "minimum", "atan2", "eq", "ne", "gt", "ge", "lt", "le", "logical_and", "logical_or", "where",
    ),
    "elementwise": (
        *(f"{name}{end}" for name in (
            "abs", "absolute", "neg", "negative", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt",
            "rsqrt", "square", "reciprocal", "sign", "floor", "ceil", "trunc", "frac", "sin", "cos", "tan", "asin",
            "acos", "atan", "sinh", "cosh", "erf", "erfc", "round", "nan_to_num", "clamp", "clip", "clamp_min",
            "clamp_max",
        ) for end in ("", "_")),
        "positive", "isnan", "isinf", "isfinite", "logical_not",
    ),
    "reducing": (
        "mean", "sum", "nansum", "prod", "amax", "amin", "max", "min", "argmax", "argmin", "var", "std", "norm",
        "logsumexp", "cumsum", "cumprod",
    ),
    "bilinear": ("linear", "bilinear"),
    "similarity": ("cosine_similarity", "pairwise_distance"),
    "functional_embedding": ("embedding", "embedding_bag", "one_hot"),
    "dot_product_attention": ("scaled_dot_product_attention",),
    "products": ("matmul", "mm", "bmm", "mv", "dot", "outer", "addmm", "baddbmm"),
    "summation": ("einsum",),
    "functional_convolution": ("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    "functional_pooling": (
        "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "lp_pool1d", "lp_pool2d",
        "lp_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
        "adaptive_max_pool2d", "adaptive_max_pool3d", "fractional_max_pool2d", "fractional_max_pool3d",
        "max_unpool1d", "max_unpool2d", "max_unpool3d",
    ),
    "padding": ("pad",),
    "folding": ("unfold", "fold"),
    "shuffling": ("pixel_shuffle", "pixel_unshuffle", "channel_shuffle"),
    "functional_resampling": ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"),
    "functional_activation": (
        "relu", "relu_", "relu6", "selu", "selu_", "silu", "mish", "hardswish", "hardsigmoid", "sigmoid", "sigmoid_",
        "tanh", "tanh_", "softsign", "tanhshrink", "logsigmoid", "elu", "elu_", "celu", "celu_", "leaky_relu",
        "leaky_relu_", "gelu", "hardtanh", "hardtanh_", "softplus", "hardshrink", "softshrink", "threshold",
        "threshold_", "rrelu", "rrelu_", "prelu", "softmax", "log_softmax", "softmin", "gumbel_softmax", "glu",
    ),
    "functional_dropout": ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    "functional_normalization": (
        "batch_norm", "instance_norm", "layer_norm", "rms_norm", "group_norm", "local_response_norm", "normalize",
    ),
}  # fmt: skip

_FILE_OF = {name: file for catalogue in (FAMILIES, FUNCTIONS) for file, names in catalogue.items() for name in names}
LAYER_NAMES = frozenset(name for names in FAMILIES.values() for name in names)
FUNCTION_NAMES = frozenset(name for names in FUNCTIONS.values() for name in names)


@cache
def named(name: str) -> Any:
    """The layer class or function of that name; its family is loaded on first use."""
    file = _FILE_OF.get(name)
    if file is None:
        raise SpecError("there is no layer of that name", got=name[:60], remedy=did_you_mean(name, _FILE_OF))
    return getattr(import_module(f"cnncalc.layers.{file}"), name)


def did_you_mean(name: str, known: Any) -> str:
    """A suggestion for a name that is not known; nothing where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name[:60], list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""
