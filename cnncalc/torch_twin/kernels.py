"""Torch's kernels by the functions of cnncalc that do the same.

Code that torch does not hand over function by function, such as TorchScript, comes down to these: they are what is left of it.
A kernel that stands here is exact; any other is carried by its shape alone, and named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.layers import FUNCTION_NAMES, named

if TYPE_CHECKING:
    from collections.abc import Callable

#: Functions of torch.nn.functional whose kernels take the same arguments in the same order.
SAME = frozenset(
    [
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "elu", "gelu", "glu",
        "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "linear", "log_softmax", "mish", "pixel_shuffle", "pixel_unshuffle",
        "prelu", "relu", "relu6", "sigmoid", "silu", "softmax", "softplus", "tanh", "threshold", "threshold_",
    ]
)  # fmt: skip


def of_kernel(func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """What a kernel gives for values in place of tensors. Raises UnsupportedError for one that is not known."""
    name = func._schema.name.partition("::")[2]
    own = OWN.get(name)
    if own is not None:
        return own(*args, **call)
    function = named(name) if name in FUNCTION_NAMES else None
    if function is not None and (name in SAME or "functional" not in function.found_in):
        if "torch" in function.found_in or "functional" in function.found_in:
            return function(*args, **call)
        return getattr(args[0], name)(*args[1:], **call)
    raise UnsupportedError(f"torch's kernel {name} is not known to cnncalc")


def _convolution(
    input: Any,  # noqa: A002 - torch's names, here and below
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,  # noqa: FBT001
    output_padding: Any,
    groups: int,
) -> Any:
    """A convolution of any kind."""
    kind = f"conv_transpose{len(stride)}d" if transposed else f"conv{len(stride)}d"
    sizes = [tuple(given) for given in (stride, padding)]
    if transposed:
        return named(kind)(input, weight, bias, *sizes, tuple(output_padding), groups, tuple(dilation))
    return named(kind)(input, weight, bias, *sizes, tuple(dilation), groups)


def _batch_norm(
    input: Any,  # noqa: A002
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,  # noqa: FBT001
    momentum: float,
    eps: float,
) -> Any:
    """A batch norm, and what training would keep of it: nothing in eval mode."""
    from cnncalc.creation import zeros

    normed = named("batch_norm")(input, running_mean, running_var, weight, bias, training, momentum, eps)
    return normed, zeros(0), zeros(0)


def _embedding(weight: Any, indices: Any, *_: Any, **__: Any) -> Any:
    """Rows of a table."""
    return named("embedding")(indices, weight)


def _max_pool(name: str) -> Callable[..., Any]:
    """A maximum pool that says where its maxima are."""

    def pooled(input: Any, kernel_size: Any, stride: Any = (), *more: Any) -> Any:  # noqa: A002
        return named(name)(input, tuple(kernel_size), tuple(stride) or None, *more, return_indices=True)

    return pooled


def _slice(input: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:  # noqa: A002
    """Cells of one axis."""
    axis = dim % len(input.shape)
    return input[(*(slice(None),) * axis, slice(start, None if end == LARGEST else end, step))]


def _same(input: Any, *_: Any, **__: Any) -> Any:  # noqa: A002
    """The same numbers."""
    return input.clone()


#: The end of a slice without an end.
LARGEST = (1 << 63) - 1
OWN: dict[str, Callable[..., Any]] = {
    "convolution": _convolution,
    "native_batch_norm": _batch_norm,
    "_native_batch_norm_legit": _batch_norm,
    "embedding": _embedding,
    "max_pool2d_with_indices": _max_pool("max_pool2d"),
    "max_pool3d_with_indices": _max_pool("max_pool3d"),
    "slice": _slice,
    "alias": _same,
    "clone": _same,
    "contiguous": _same,
    "detach": _same,
    "lift_fresh": _same,
    "_to_copy": _same,
    "_unsafe_view": lambda input, size: named("reshape")(input, tuple(size)),  # noqa: A006
    "_reshape_alias": lambda input, size, *_: named("reshape")(input, tuple(size)),  # noqa: A006
    "_softmax": lambda input, dim, _: named("softmax")(input, dim),  # noqa: A006
    "_log_softmax": lambda input, dim, _: named("log_softmax")(input, dim),  # noqa: A006
    "_adaptive_avg_pool2d": lambda input, size: named("adaptive_avg_pool2d")(input, tuple(size)),  # noqa: A006
    "_adaptive_avg_pool3d": lambda input, size: named("adaptive_avg_pool3d")(input, tuple(size)),  # noqa: A006
    "constant_pad_nd": lambda input, pad, value=0: named("pad")(input, tuple(pad), "constant", value),  # noqa: A006
}
