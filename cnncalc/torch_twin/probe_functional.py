"""Stand-ins for activations, dropouts and norms as functions in the gradient probe.

Each reads the cells that torch's function reads, with weights that are all positive: a sum of what takes part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

F = torch.nn.functional


def mixed(tensor: torch.Tensor, dims: tuple[int, ...]) -> torch.Tensor:
    """Every cell reads itself and all along some axes: the value plus their sum."""
    return tensor + tensor.sum(dims, keepdim=True) if dims else tensor.clone()


def itself(name: str, input: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:  # noqa: A002 - torch's name
    """Cell by cell."""
    del name
    return input.clone()


def per_channel(output: torch.Tensor, *parts: torch.Tensor | None) -> torch.Tensor:
    """A value for each channel added to all cells of the channel."""
    for part in parts:
        if part is not None:
            axes = (1, -1, *(1,) * (output.dim() - 2)) if output.dim() > 1 else (-1,)
            output = output + part.reshape(axes)
    return output


def prelu(name: str, input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's name
    """The value and the weight of its channel."""
    del name
    return per_channel(input, weight) if weight.numel() > 1 or input.dim() > 1 else input + weight.reshape(())


def softmax(name: str, input: torch.Tensor, dim: int | None = None, *_: Any, **__: Any) -> torch.Tensor:  # noqa: A002
    """Everything along the axis, which torch chooses where it is None."""
    del name
    return mixed(input, ((0 if input.dim() in {0, 1, 3} else 1) if dim is None else dim,))


def gumbel_softmax(name: str, logits: torch.Tensor, *args: Any, **call: Any) -> torch.Tensor:
    """Everything along the axis."""
    del name
    return mixed(logits, (args[3] if len(args) > 3 else call.get("dim", -1),))  # noqa: PLR2004 - the fifth argument


def glu(name: str, input: torch.Tensor, dim: int = -1) -> torch.Tensor:  # noqa: A002 - torch's name
    """The two halves, added."""
    del name
    left, right = input.chunk(2, dim)
    return left + right


def batch_norm(
    name: str,
    input: torch.Tensor,  # noqa: A002 - torch's name
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,  # noqa: FBT001, FBT002 - torch's signature
    *_: Any,
    **__: Any,
) -> torch.Tensor:
    """Every value of the channel in training, else the value and the statistics; then weight and bias."""
    del name
    if training:
        return per_channel(mixed(input, (0, *range(2, input.dim()))), weight, bias)
    return per_channel(input.clone(), running_mean, running_var, weight, bias)


def instance_norm(
    name: str,
    input: torch.Tensor,  # noqa: A002 - torch's name
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,  # noqa: FBT001, FBT002 - torch's signature
    *_: Any,
    **__: Any,
) -> torch.Tensor:
    """Every value of the sample's channel, or the value and the statistics; then weight and bias."""
    del name
    if use_input_stats:
        return per_channel(mixed(input, tuple(range(2, input.dim()))), weight, bias)
    return per_channel(input.clone(), running_mean, running_var, weight, bias)


def over_last_axes(
    name: str,
    input: torch.Tensor,  # noqa: A002 - torch's name
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    *_: Any,
    **__: Any,
) -> torch.Tensor:
    """Everything along the last axes, then weight and bias."""
    output = mixed(input, tuple(range(-len(normalized_shape), 0)))
    for part in (weight, bias) if name == "layer_norm" else (weight,):
        output = output if part is None else output + part
    return output


def group_norm(
    name: str,
    input: torch.Tensor,  # noqa: A002 - torch's name
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    *_: Any,
    **__: Any,
) -> torch.Tensor:
    """Everything in the group of channels, over space; then weight and bias."""
    del name
    samples, channels = input.shape[:2]
    groups = input.reshape(samples, num_groups, channels // num_groups, -1) if input.numel() else input
    summed = mixed(groups, (2, 3)).reshape(input.shape) if input.numel() else input.clone()
    return per_channel(summed, weight, bias)


def local_response_norm(name: str, input: torch.Tensor, size: int, *_: Any, **__: Any) -> torch.Tensor:  # noqa: A002
    """The sum over the neighbouring channels."""
    del name
    channels_last = F.pad(input.movedim(1, -1), (size // 2, (size - 1) // 2))
    return channels_last.unfold(-1, size, 1).sum(-1).movedim(-1, 1)


def normalize(name: str, input: torch.Tensor, p: Any = 2.0, dim: Any = 1, *_: Any, **__: Any) -> torch.Tensor:  # noqa: A002
    """Everything along the axes."""
    del name, p
    axes = dim if isinstance(dim, (tuple, list)) else tuple(range(input.dim())) if dim is None else (dim,)
    return mixed(input, tuple(axes) or tuple(range(input.dim())))


_POINTWISE = (
    "relu relu_ relu6 selu selu_ silu mish hardswish hardsigmoid sigmoid sigmoid_ tanh tanh_ softsign tanhshrink logsigmoid elu"
    " elu_ celu celu_ leaky_relu leaky_relu_ gelu hardtanh hardtanh_ softplus hardshrink softshrink threshold threshold_ rrelu"
    " rrelu_ dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout"
)

FUNCTIONAL: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(_POINTWISE.split(), itself),
    "prelu": prelu,
    "softmax": softmax,
    "log_softmax": softmax,
    "softmin": softmax,
    "gumbel_softmax": gumbel_softmax,
    "glu": glu,
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "layer_norm": over_last_axes,
    "rms_norm": over_last_axes,
    "group_norm": group_norm,
    "local_response_norm": local_response_norm,
    "normalize": normalize,
}
