"""ONNX's operators that slide windows over space or resize it: convolutions, pools, Resize."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.importers.onnx_values import apply, aside, known
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.importers.onnx_file import OnnxNode


def _window(node: OnnxNode, value: Any, kernel: list[int]) -> tuple[Any, list[int], list[int], list[int]]:
    """The input, padded where both ends differ, and strides, paddings and dilations of a window."""
    strides = node.attributes.get("strides") or [1] * len(kernel)
    dilations = node.attributes.get("dilations") or [1] * len(kernel)
    pads = node.attributes.get("pads") or [0] * (2 * len(kernel))
    mode = node.attributes.get("auto_pad", "NOTSET")
    if mode.startswith("SAME"):
        pads = _same(value.shape[2:], kernel, strides, dilations, upper=mode == "SAME_UPPER")
    before, after = pads[: len(kernel)], pads[len(kernel) :]
    # Torch's pools pad by half a window at most.
    fits = "Pool" not in node.kind or all(2 * pad <= k for pad, k in zip(before, kernel, strict=True))
    if before == after and fits:
        return value, strides, before, dilations
    around = [pad for pair in zip(reversed(before), reversed(after), strict=True) for pad in pair]
    fill = float("-inf") if node.kind == "MaxPool" else 0.0
    return aside(value, "pad", tuple(around), "constant", fill), strides, [0] * len(kernel), dilations


def _same(sizes: Any, kernel: list[int], strides: list[int], dilations: list[int], *, upper: bool) -> list[int]:
    """The padding that lets a window give ⌈n/s⌉ cells; one cell more at the end, or at the start."""
    before, after = [], []
    for n, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
        if isinstance(n, Expr) and s != 1:
            raise UnsupportedError("auto_pad with strides needs numbers for the sizes", got=str(n))
        total = d * (k - 1) if s == 1 else max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        less, more = total // 2, total - total // 2
        before.append(less if upper else more)
        after.append(more if upper else less)
    return before + after


def _conv(node: OnnxNode, x: Any, weight: Any, bias: Any = None) -> Any:
    """Conv."""
    if not 3 <= len(weight.shape) <= 5:  # noqa: PLR2004 - one to three axes of space
        raise ValueError(f"a weight of {len(weight.shape)} axes")
    x, strides, padding, dilations = _window(node, x, list(weight.shape[2:]))
    rank = len(weight.shape) - 2
    return apply(
        f"conv{rank}d", x, weight, bias, tuple(strides), tuple(padding), tuple(dilations), node.attributes.get("group", 1)
    )


def _conv_transpose(node: OnnxNode, x: Any, weight: Any, bias: Any = None) -> Any:
    """ConvTranspose, with the same padding at both ends."""
    attributes, rank = node.attributes, len(weight.shape) - 2
    pads = attributes.get("pads") or [0] * (2 * rank)
    if pads[:rank] != pads[rank:] or "output_shape" in attributes or attributes.get("auto_pad", "NOTSET") != "NOTSET":
        raise UnsupportedError("a transposed convolution is known for the same padding at both ends", got=str(pads))
    numbers = {name: tuple(attributes.get(key) or [fill] * rank) for name, key, fill in _TRANSPOSED}
    return apply(
        f"conv_transpose{rank}d", x, weight, bias, groups=attributes.get("group", 1), padding=tuple(pads[:rank]), **numbers
    )


_TRANSPOSED = (("stride", "strides", 1), ("output_padding", "output_padding", 0), ("dilation", "dilations", 1))


def _pool(node: OnnxNode, x: Any) -> Any:
    """MaxPool and AveragePool."""
    kernel = node.attributes["kernel_shape"]
    x, strides, padding, dilations = _window(node, x, kernel)
    ceil = bool(node.attributes.get("ceil_mode", 0))
    common = (tuple(kernel), tuple(strides), tuple(padding))
    if node.kind == "MaxPool":
        if len(node.outputs) > 1:
            raise UnsupportedError("MaxPool with indices is not known to cnncalc")
        return apply(f"max_pool{len(kernel)}d", x, *common, tuple(dilations), ceil_mode=ceil)
    if set(dilations) != {1}:
        raise UnsupportedError("AveragePool with dilations is not known to cnncalc", got=str(dilations))
    return apply(f"avg_pool{len(kernel)}d", x, *common, ceil, bool(node.attributes.get("count_include_pad", 0)))


def _global(kind: str) -> Callable[..., Any]:
    """A pool over all of space."""
    return lambda _, x: apply(f"adaptive_{kind}_pool{len(x.shape) - 2}d", x, 1)


def _resize(node: OnnxNode, x: Any, *given: Any) -> Any:
    """Resize and Upsample, by the rules that torch has, too."""
    rest = given[1:] if node.kind == "Resize" else given
    scales, sizes = [*(None if part is None or not known(part) else known(part) for part in rest), None, None][:2]
    mode, how = node.attributes.get("mode", "nearest"), node.attributes.get("coordinate_transformation_mode", "half_pixel")
    rank = len(x.shape) - 2
    if sizes is not None:
        call: dict[str, Any] = {"size": tuple(sizes[2:])}
    elif scales is not None and scales[:2] == [1, 1]:
        call = {"scale_factor": tuple(float(scale) for scale in scales[2:])}
    else:
        raise UnsupportedError("resizing is known along space alone", got=str(scales)[:60])
    names = {"nearest": "nearest", "linear": ("linear", "bilinear", "trilinear")[rank - 1], "cubic": "bicubic"}
    if how not in {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"} or (how == "asymmetric") != (
        mode == "nearest"
    ):
        raise UnsupportedError("this way of resizing is not torch's", got=f"{mode}, {how}")
    if mode != "nearest":
        call["align_corners"] = how == "align_corners"
    return apply("interpolate", x, mode=names[mode], **call)


OPERATORS: dict[str, Callable[..., Any]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalAveragePool": _global("avg"),
    "GlobalMaxPool": _global("max"),
    "Resize": _resize,
    "Upsample": _resize,
}
