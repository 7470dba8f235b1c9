"""What stands in for a layer in the gradient probe: something linear with positive weights that reads the same cells.

`LAYERS` maps a class of torch.nn to its stand-in, `(layer, *inputs, **call) -> outputs`; subclasses are found through
their bases. `FUNCTIONS` does the same for torch's functions by name, `(name, *inputs, **call) -> outputs`. To add a kind
of layer, add a line here; a layer without a line is refused, never guessed. `as_it_is` is right for a layer that is
linear in its input with weights that are all positive: the probe sets every weight to 1 and every bias to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from cnncalc.errors import UnsupportedError
from cnncalc.torch_twin.probe_attention import ATTENTION_FUNCTIONS, ATTENTION_LAYERS
from cnncalc.torch_twin.probe_functional import FUNCTIONAL, mixed
from cnncalc.torch_twin.probe_recurrent import RECURRENT
from cnncalc.torch_twin.probe_reductions import COMPARING, REDUCTIONS
from cnncalc.torch_twin.probe_resampling import interpolate_function, upsample_layer
from cnncalc.torch_twin.probe_tables import TABLE_FUNCTIONS, TABLE_LAYERS
from cnncalc.torch_twin.running import torch_function

if TYPE_CHECKING:
    from collections.abc import Callable

nn = torch.nn
F = torch.nn.functional


def as_it_is(layer: Any, *inputs: Any, **call: Any) -> Any:
    """The layer itself."""
    return layer(*inputs, **call)


def cell_by_cell(layer: Any, tensor: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
    """The identity, for activations, dropout and normalisation by known statistics."""
    del layer
    return tensor.clone()


def softmax(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Everything along the normalised axis, which torch chooses where dim is None."""
    if layer.dim is None:
        return mixed(tensor, (0 if tensor.dim() in {0, 1, 3} else 1,))
    return mixed(tensor, (layer.dim,))


def softmax_over_channels(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Everything along the channels of an image."""
    del layer
    return mixed(tensor, (-3,))


def batch_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Cell by cell with running statistics; without, every value of the channel over batch and space."""
    if layer.running_mean is not None:
        return tensor.clone()
    return mixed(tensor, (0, *range(2, tensor.dim())))


def instance_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Cell by cell with running statistics; without, every value of the channel over space."""
    if layer.running_mean is not None:
        return tensor.clone()
    return mixed(tensor, tuple(range(-_dimensions(layer), 0)))


def layer_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Everything along the last axes, as many as normalized_shape has."""
    return mixed(tensor, tuple(range(-len(layer.normalized_shape), 0)))


def group_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """Everything in the group of channels, over space."""
    samples, channels = tensor.shape[:2]
    groups = tensor.reshape(samples, layer.num_groups, channels // layer.num_groups, -1)
    return mixed(groups, (2, 3)).reshape(tensor.shape)


def local_response_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """The sum over the neighbouring channels."""
    channels_last = F.pad(tensor.movedim(1, -1), (layer.size // 2, (layer.size - 1) // 2))
    return channels_last.unfold(-1, layer.size, 1).sum(-1).movedim(-1, 1)


def cross_map_norm(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """The channels whose squares torch's own running sum holds: tried with one channel after the other."""
    channels = tensor.shape[1]
    summing = type(layer)(layer.size, alpha=layer.size, beta=-1, k=0)
    ones = torch.ones(channels, channels, 1, 1, dtype=tensor.dtype)
    larger = ones + torch.eye(channels, dtype=tensor.dtype)[:, :, None, None]
    held = (summing(larger) / larger).isclose(summing(ones)).logical_not()[:, :, 0, 0]
    summed: torch.Tensor = torch.tensordot(tensor, held.to(tensor.dtype), dims=([1], [0])).movedim(-1, 1)
    return summed


def max_pool(layer: Any, tensor: torch.Tensor) -> Any:
    """The sum over the windows of a max pool; padding adds nothing. The output's size is what torch's own pool gives."""
    axes = _dimensions(layer)
    own = layer(tensor.detach())
    lengths = (own[0] if isinstance(own, tuple) else own).shape[-axes:]
    kernel, stride, padding, dilation = (
        (value,) * axes if isinstance(value, int) else tuple(value) * (axes // len(value))
        for value in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    )
    edges: list[int] = []
    for n, m, k, s, p, d in zip(tensor.shape[-axes:], lengths, kernel, stride, padding, dilation, strict=True):
        # As many cells behind as the last window needs: fewer than there are where cells are left over.
        edges = [p, s * (m - 1) + d * (k - 1) + 1 - n - p, *edges]
    padded = F.pad(tensor, edges)
    convolution = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    ones = torch.ones(1, 1, *kernel, dtype=tensor.dtype)
    sums = convolution(padded.reshape(-1, 1, *padded.shape[-axes:]), ones, stride=stride, dilation=dilation)
    pooled = sums.reshape(*tensor.shape[:-axes], *lengths)
    return (pooled, own[1]) if isinstance(own, tuple) else pooled


def adaptive_max_pool(layer: Any, tensor: torch.Tensor) -> Any:
    """The mean over the windows of an adaptive max pool: torch's two adaptive pools share them."""
    axes = _dimensions(layer)
    own = layer(tensor.detach())
    pooled = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[axes - 1](tensor, layer.output_size)
    return (pooled, own[1]) if isinstance(own, tuple) else pooled


def power_pool(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """The mean over the windows of a power-average pool."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[_dimensions(layer) - 1]
    return pool(tensor, layer.kernel_size, layer.stride, ceil_mode=layer.ceil_mode)


def gated(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """The two halves of a gated linear unit, added."""
    left, right = tensor.chunk(2, layer.dim)
    return left + right


def _dimensions(layer: Any) -> int:
    """The number in the name of torch's class: 2 for MaxPool2d, also of a subclass."""
    for kind in type(layer).__mro__:
        if kind.__module__.startswith("torch.nn.") and kind.__name__[-2:] in {"1d", "2d", "3d"}:
            return int(kind.__name__[-2])
    raise UnsupportedError("the gradient probe can't tell how many axes it works on", where=type(layer).__name__)


_ACTIVATIONS = [
    "CELU",
    "ELU",
    "GELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]
_LINEAR = [
    "ChannelShuffle",
    "Flatten",
    "Fold",
    "Identity",
    "Linear",
    "PixelShuffle",
    "PixelUnshuffle",
    "Unflatten",
    "Unfold",
    "Bilinear",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
]

LAYERS: dict[type[torch.nn.Module], Callable[..., Any]] = {
    **TABLE_LAYERS,
    **RECURRENT,
    **ATTENTION_LAYERS,
    **COMPARING,
    **dict.fromkeys((getattr(nn, name) for name in _ACTIVATIONS if hasattr(nn, name)), cell_by_cell),
    **dict.fromkeys((getattr(nn, name) for name in _LINEAR if hasattr(nn, name)), as_it_is),
    nn.modules.conv._ConvNd: as_it_is,
    nn.modules.pooling._AvgPoolNd: as_it_is,
    nn.modules.pooling._AdaptiveAvgPoolNd: as_it_is,
    nn.modules.pooling._MaxPoolNd: max_pool,
    nn.modules.pooling._AdaptiveMaxPoolNd: adaptive_max_pool,
    nn.modules.pooling._LPPoolNd: power_pool,
    nn.modules.dropout._DropoutNd: cell_by_cell,
    nn.modules.batchnorm._BatchNorm: batch_norm,
    nn.modules.instancenorm._InstanceNorm: instance_norm,
    nn.LayerNorm: layer_norm,
    nn.GroupNorm: group_norm,
    nn.RMSNorm: layer_norm,
    nn.LocalResponseNorm: local_response_norm,
    nn.CrossMapLRN2d: cross_map_norm,
    nn.Softmax: softmax,
    nn.LogSoftmax: softmax,
    nn.Softmin: softmax,
    nn.Softmax2d: softmax_over_channels,
    nn.Upsample: upsample_layer,
    nn.GLU: gated,
}


def function_as_it_is(name: str, *inputs: Any, **call: Any) -> Any:
    """The function itself."""
    return torch_function(name)(*inputs, **call)


def added(name: str, *operands: Any, **call: Any) -> Any:
    """The sum of all tensors of a call: each of them counts, and none cancels another."""
    tensors = [item for item in (*operands, *call.values()) if isinstance(item, torch.Tensor)]
    if name.endswith("_"):
        for other in tensors[1:]:
            tensors[0] = tensors[0] + other.expand(tensors[0].shape)
        return tensors[0].clone()
    return sum(tensors[1:], start=tensors[0].clone())


def first_operand(name: str, tensor: Any, *_: Any, **__: Any) -> Any:
    """The identity, for functions that work cell by cell."""
    del name
    return tensor.clone()


def as_its_layer(name: str, tensor: torch.Tensor, *inputs: Any, **call: Any) -> Any:
    """The stand-in of the layer that does the same; its constructor takes the function's arguments by the same names."""
    kind, names = _LAYER_OF[name]
    layer = kind(**dict(zip(names, inputs, strict=False)), **call)
    return stand_in(layer)(layer, tensor)


_MAX_POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_LAYER_OF: dict[str, tuple[type[torch.nn.Module], tuple[str, ...]]] = {
    **{f"max_pool{n}d": (getattr(nn, f"MaxPool{n}d"), _MAX_POOL) for n in (1, 2, 3)},
    **{f"lp_pool{n}d": (getattr(nn, f"LPPool{n}d"), ("norm_type", "kernel_size", "stride", "ceil_mode")) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": (getattr(nn, f"AdaptiveMaxPool{n}d"), ("output_size", "return_indices")) for n in (1, 2, 3)},
}
#: Functions of layers that are linear: with weights that are all 1 they stand for themselves.
_LINEAR_LAYERS = "pad fold unfold pixel_shuffle pixel_unshuffle channel_shuffle"
_LINEAR_LAYERS += " conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d avg_pool1d avg_pool2d avg_pool3d"
_LINEAR_LAYERS += " adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d"

#: Functions that move cells, and those that multiply and add: linear, with weights that are all positive.
_SAME_CELLS = "cat concat concatenate stack flatten ravel unflatten reshape view reshape_as view_as permute transpose swapdims"
_SAME_CELLS += " swapaxes t movedim moveaxis squeeze unsqueeze expand broadcast_to expand_as repeat tile flip roll"
_PARTS = "getitem select narrow chunk split tensor_split unbind"
_PRODUCTS = "matmul mm bmm mv dot outer addmm baddbmm einsum"
#: Functions of several tensors that work cell by cell, and of one; each may have a variant in place.
_BINARY = "add sub subtract rsub mul multiply div divide true_divide floor_divide remainder fmod pow float_power maximum minimum"
_BINARY += " atan2 eq ne gt ge lt le logical_and logical_or where clamp clip clamp_min clamp_max"
_UNARY = "abs absolute neg negative exp exp2 expm1 log log2 log10 log1p sqrt rsqrt square reciprocal sign floor ceil trunc frac"
_UNARY += " sin cos tan asin acos atan sinh cosh erf erfc round nan_to_num positive isnan isinf isfinite logical_not"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(_LINEAR_LAYERS.split(), function_as_it_is),
    **dict.fromkeys(_LAYER_OF, as_its_layer),
    **dict.fromkeys([*_SAME_CELLS.split(), *_PARTS.split(), *_PRODUCTS.split(), "linear", "bilinear"], function_as_it_is),
    **REDUCTIONS,
    **FUNCTIONAL,
    **TABLE_FUNCTIONS,
    **ATTENTION_FUNCTIONS,
    **dict.fromkeys([*_BINARY.split(), *(f"{name}_" for name in _BINARY.split())], added),
    **dict.fromkeys([*_UNARY.split(), *(f"{name}_" for name in _UNARY.split())], first_operand),
    **dict.fromkeys(["interpolate", "upsample", "upsample_nearest", "upsample_bilinear"], interpolate_function),
}


def stand_in(layer: torch.nn.Module) -> Callable[..., Any]:
    """The stand-in of a layer. Raises UnsupportedError for a class without one."""
    for kind in type(layer).__mro__:
        if kind in LAYERS:
            return LAYERS[kind]
    raise UnsupportedError("the gradient probe has no stand-in for this layer", where=type(layer).__name__)


def function_stand_in(name: str) -> Callable[..., Any]:
    """The stand-in of a function. Raises UnsupportedError for a name without one."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    raise UnsupportedError("the gradient probe has no stand-in for this function", where=name)
