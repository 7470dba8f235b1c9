"""ONNX's operators as functions of cnncalc, by ONNX's names. Source: the operator schemas of ONNX, opsets 7 to 23.

An operator takes its node and what goes in: traced values, tensors that the file holds, `Numbers` (small tensors whose
numbers are known, such as the sizes of a Reshape), or None for what is left out. It gives one result, or a list of several.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.layers import named
from cnncalc.sizes import Expr, Size, as_shape, floor_div

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.importers.onnx_file import OnnxNode, Tensor


@dataclass(frozen=True)
class Numbers:
    """A tensor of known numbers, or of a shape alone: `flat` is None where they are too many or not known."""

    shape: tuple[Any, ...]
    flat: tuple[Any, ...] | None

    @classmethod
    def of(cls, tensor: Tensor) -> Numbers:
        """A tensor of the file."""
        return cls(tensor.shape, None if tensor.numbers is None else tuple(_flat(tensor.numbers)))

    @classmethod
    def row(cls, values: Any) -> Numbers:
        """Numbers in a row."""
        values = tuple(values)
        return cls((len(values),), values)


def _flat(nested: Any) -> list[Any]:
    """Nested lists as one."""
    return [leaf for item in nested for leaf in _flat(item)] if isinstance(nested, list) else [nested]


def _list(given: Any) -> list[Any]:
    """The numbers of an input. Raises UnsupportedError where they are not known."""
    if isinstance(given, Numbers) and given.flat is not None:
        return list(given.flat)
    raise UnsupportedError("the numbers of a tensor are not known", got=repr(given)[:60])


def _one(given: Any) -> Any:
    """An operand: a number where it is one, a tensor of numbers as a constant, a value as it is."""
    if isinstance(given, Numbers):
        if given.flat is not None and len(given.flat) == 1:
            return given.flat[0]
        from cnncalc.constant import Constant

        return Constant(given.shape, ("zeros", (given.shape,), {}))
    return given


def _call(name: str, *inputs: Any, **call: Any) -> Any:
    """A function of cnncalc by torch's name."""
    return named(name)(*inputs, **call)


def _aside(value: Any, name: str, *inputs: Any, **call: Any) -> Any:
    """A function that prepares an input: it does not take the name of the node."""
    kept, value.tracer.next_name = value.tracer.next_name, ""
    try:
        return _call(name, value, *inputs, **call)
    finally:
        value.tracer.next_name = kept


# -- windows ----------------------------------------------------------------------------------------------------


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
    return _aside(value, "pad", tuple(around), "constant", fill), strides, [0] * len(kernel), dilations


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
    return _call(
        f"conv{rank}d", x, weight, bias, tuple(strides), tuple(padding), tuple(dilations), node.attributes.get("group", 1)
    )


def _conv_transpose(node: OnnxNode, x: Any, weight: Any, bias: Any = None) -> Any:
    """ConvTranspose, with the same padding at both ends."""
    attributes, rank = node.attributes, len(weight.shape) - 2
    pads = attributes.get("pads") or [0] * (2 * rank)
    if pads[:rank] != pads[rank:] or "output_shape" in attributes or attributes.get("auto_pad", "NOTSET") != "NOTSET":
        raise UnsupportedError("a transposed convolution is known for the same padding at both ends", got=str(pads))
    numbers = {name: tuple(attributes.get(key) or [fill] * rank) for name, key, fill in _TRANSPOSED}
    return _call(
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
        return _call(f"max_pool{len(kernel)}d", x, *common, tuple(dilations), ceil_mode=ceil)
    if set(dilations) != {1}:
        raise UnsupportedError("AveragePool with dilations is not known to cnncalc", got=str(dilations))
    return _call(f"avg_pool{len(kernel)}d", x, *common, ceil, bool(node.attributes.get("count_include_pad", 0)))


def _global(kind: str) -> Callable[..., Any]:
    """A pool over all of space."""
    return lambda _, x: _call(f"adaptive_{kind}_pool{len(x.shape) - 2}d", x, 1)


# -- norms and products -----------------------------------------------------------------------------------------


def _batch_norm(_: OnnxNode, x: Any, scale: Any, shift: Any, mean: Any, variance: Any) -> Any:
    """BatchNormalization."""
    return _call("batch_norm", x, mean, variance, scale, shift)


def _layer_norm(node: OnnxNode, x: Any, scale: Any, shift: Any = None) -> Any:
    """LayerNormalization."""
    axis = node.attributes.get("axis", -1) % len(x.shape)
    return _call("layer_norm", x, tuple(x.shape[axis:]), scale, shift)


def _gemm(node: OnnxNode, a: Any, b: Any, c: Any = None) -> Any:
    """Gemm: a product of matrices and a sum, as a linear layer where it is one."""
    if node.attributes.get("transA", 0):
        a = _aside(a, "transpose", 0, 1)
    if node.attributes.get("transB", 0) and (c is None or len(c.shape) == 1):
        return _call("linear", a, b, c)
    b = b if not node.attributes.get("transB", 0) else _call("transpose", b, 0, 1)
    return _call("addmm", c, a, b) if c is not None else _call("matmul", a, b)


# -- shapes -----------------------------------------------------------------------------------------------------


def _shape(node: OnnxNode, x: Any) -> Numbers:
    """Shape."""
    return Numbers.row(x.shape[node.attributes.get("start", 0) : node.attributes.get("end")])


def _reshape(node: OnnxNode, x: Any, sizes: Any) -> Any:
    """Reshape: 0 keeps a length, −1 is worked out."""
    wanted = _list(sizes)
    if not node.attributes.get("allowzero", 0):
        wanted = [x.shape[i] if type(n) is int and n == 0 else n for i, n in enumerate(wanted)]
    if isinstance(x, Numbers):
        return Numbers(tuple(wanted) if -1 not in wanted else (len(_list(x)),), x.flat)
    return _call("reshape", x, tuple(wanted))


def _flatten(node: OnnxNode, x: Any) -> Any:
    """Flatten into a matrix."""
    axis = node.attributes.get("axis", 1) % (len(x.shape) + 1)
    return _call("flatten", x, 1) if axis == 1 else _call("reshape", x, (prod(x.shape[:axis]), -1))


def _transpose(node: OnnxNode, x: Any) -> Any:
    """Transpose."""
    return _call("permute", x, tuple(node.attributes.get("perm") or reversed(range(len(x.shape)))))


def _concat(node: OnnxNode, *parts: Any) -> Any:
    """Concat: of tensors, or of numbers."""
    if all(isinstance(part, Numbers) for part in parts):
        return Numbers.row([n for part in parts for n in _list(part)])
    return _call("cat", [_one(part) for part in parts], node.attributes["axis"])


def _split(node: OnnxNode, x: Any, sizes: Any = None) -> Any:
    """Split."""
    axis, parts = node.attributes.get("axis", 0), node.attributes.get("split") or (sizes is not None and _list(sizes))
    if not parts:
        count = len(node.outputs)
        each = floor_div(x.shape[axis] + count - 1, count)
        return list(_call("split", x, each, axis))
    return list(_call("split", x, list(parts), axis))


def _slice(node: OnnxNode, x: Any, *given: Any) -> Any:
    """Slice."""
    if given:
        starts, ends, axes, steps = [*(None if part is None else _list(part) for part in given), None, None][:4]
    else:
        starts, ends, axes, steps = (*(node.attributes[name] for name in ("starts", "ends")), node.attributes.get("axes"), None)
    if starts is None or ends is None:
        raise UnsupportedError("a slice without start and end is not known")
    parts: list[Any] = [slice(None)] * len(x.shape)
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = axes[place] if axes else place
        step = steps[place] if steps else 1
        whole = type(end) is int and end >= (1 << 31) - 1
        parts[axis] = slice(start, None if whole else end, None if step == 1 else step)
    return Numbers.row(_list(x)[parts[0]]) if isinstance(x, Numbers) else x[tuple(parts)]


def _gather(node: OnnxNode, x: Any, places: Any) -> Any:
    """Gather: one place of an axis, or numbers."""
    axis, chosen = node.attributes.get("axis", 0), _list(places)
    if isinstance(x, Numbers):
        row = _list(x)
        return Numbers((), (row[chosen[0]],)) if not places.shape else Numbers.row([row[i] for i in chosen])
    if places.shape:
        raise UnsupportedError("Gather of several places is not known to cnncalc", got=str(chosen)[:60])
    return _call("select", x, axis, chosen[0])


def _axes(node: OnnxNode, given: Any) -> list[int] | None:
    """The axes of an operator: an attribute in old opsets, an input in new ones."""
    return _list(given) if given is not None else node.attributes.get("axes")


def _unsqueeze(node: OnnxNode, x: Any, axes: Any = None) -> Any:
    """Unsqueeze."""
    if isinstance(x, Numbers):
        return Numbers.row(_list(x))
    wanted = _axes(node, axes) or []
    for axis in sorted(axis % (len(x.shape) + len(wanted)) for axis in wanted):
        x = _call("unsqueeze", x, axis)
    return x


def _squeeze(node: OnnxNode, x: Any, axes: Any = None) -> Any:
    """Squeeze."""
    wanted = _axes(node, axes)
    if isinstance(x, Numbers):
        return Numbers((), x.flat) if len(_list(x)) == 1 else x
    return _call("squeeze", x) if wanted is None else _call("squeeze", x, tuple(wanted))


def _expand(_: OnnxNode, x: Any, sizes: Any) -> Any:
    """Expand: both shapes are stretched to each other."""
    wanted = _list(sizes)
    rank = max(len(wanted), len(x.shape))
    own, wanted = [1] * (rank - len(x.shape)) + list(x.shape), [1] * (rank - len(wanted)) + wanted
    return _call("broadcast_to", x, tuple(a if type(b) is int and b == 1 else b for a, b in zip(own, wanted, strict=True)))


def _pad(node: OnnxNode, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    """Pad."""
    amounts = _list(pads) if pads is not None else node.attributes["pads"]
    rank, wanted = len(x.shape), _list(axes) if axes is not None else list(range(len(x.shape)))
    before, after = [0] * rank, [0] * rank
    for place, axis in enumerate(wanted):
        before[axis], after[axis] = amounts[place], amounts[place + len(wanted)]
    first = next((axis for axis in range(rank) if before[axis] or after[axis]), rank)
    around = tuple(pad for axis in reversed(range(min(first, rank - 1), rank)) for pad in (before[axis], after[axis]))
    mode = {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}.get(node.attributes.get("mode", "constant"))
    if mode is None:
        return _call("pad", x, around, "constant", _list(value)[0] if isinstance(value, Numbers) else 0.0)
    return _call("pad", x, around, mode)


def _resize(node: OnnxNode, x: Any, *given: Any) -> Any:
    """Resize and Upsample, by the rules that torch has, too."""
    rest = given[1:] if node.kind == "Resize" else given
    scales, sizes = [*(None if part is None or not _list(part) else _list(part) for part in rest), None, None][:2]
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
    return _call("interpolate", x, mode=names[mode], **call)


def _constant(node: OnnxNode) -> Numbers:
    """Constant."""
    attributes = node.attributes
    if "value" in attributes:
        return Numbers.of(attributes["value"])
    if "value_ints" in attributes or "value_floats" in attributes:
        return Numbers.row(attributes.get("value_ints", attributes.get("value_floats")))
    return Numbers((), (attributes.get("value_int", attributes.get("value_float")),))


def _constant_of_shape(node: OnnxNode, sizes: Any) -> Numbers:
    """ConstantOfShape."""
    shape, fill = as_shape(_list(sizes)), node.attributes.get("value")
    count: Size = prod(shape)
    value = 0.0 if fill is None else _flat(fill.numbers)[0]
    return Numbers(shape, (value,) * count if type(count) is int and count <= 4096 else None)  # noqa: PLR2004 - as in a file


# -- cell by cell -----------------------------------------------------------------------------------------------


def _each(name: str) -> Callable[..., Any]:
    """A function of one tensor."""
    return lambda _, x: _call(name, x)


def _both(name: str, compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two tensors, or of numbers."""

    def operator(_: OnnxNode, a: Any, b: Any) -> Any:
        if isinstance(a, Numbers) and isinstance(b, Numbers):
            left, right = _list(a), _list(b)
            size = max(len(left), len(right))
            left, right = left * (size // len(left)), right * (size // len(right))
            return Numbers(a.shape if len(a.shape) >= len(b.shape) else b.shape, tuple(map(compute, left, right)))
        return _call(name, _one(a), _one(b))

    return operator


def _divided(a: Any, b: Any) -> Any:
    """A quotient of numbers: of whole ones, the whole quotient."""
    return floor_div(a, b) if isinstance(a, (int, Expr)) and isinstance(b, (int, Expr)) else a / b


def _like(name: str, **attributes: tuple[str, Any]) -> Callable[..., Any]:
    """A function of one tensor with arguments: torch's name of each, ONNX's name and default."""
    return lambda node, x: _call(name, x, **{key: node.attributes.get(of, fill) for key, (of, fill) in attributes.items()})


def _clip(_: OnnxNode, x: Any, low: Any = None, high: Any = None) -> Any:
    """Clip."""
    return _call("clamp", x, _one(low), _one(high)) if low is not None or high is not None else _call("clamp", x, 0, 6)


def _reduced(name: str) -> Callable[..., Any]:
    """A function of some axes."""

    def operator(node: OnnxNode, x: Any, axes: Any = None) -> Any:
        wanted = _axes(node, axes)
        dims = tuple(range(len(x.shape))) if wanted is None else tuple(wanted)
        return _call(name, x, dims, keepdim=bool(node.attributes.get("keepdims", 1)))

    return operator


def _same_value(_: OnnxNode, x: Any, *__: Any) -> Any:
    """What changes neither shape nor cells: Identity, Cast, Dropout."""
    return x


def _depth_to_space(node: OnnxNode, x: Any) -> Any:
    """DepthToSpace in the order that torch's pixel_shuffle has."""
    if node.attributes.get("mode", "DCR") != "CRD":
        raise UnsupportedError("DepthToSpace is known in the order CRD", got="DCR")
    return _call("pixel_shuffle", x, node.attributes["blocksize"])


OPERATORS: dict[str, Callable[..., Any]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalAveragePool": _global("avg"),
    "GlobalMaxPool": _global("max"),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "InstanceNormalization": lambda _, x, scale, shift: _call("instance_norm", x, None, None, scale, shift),
    "GroupNormalization": lambda node, x, scale, shift: _call("group_norm", x, node.attributes["num_groups"], scale, shift),
    "LRN": _like("local_response_norm", size=("size", 1)),
    "Gemm": _gemm,
    "MatMul": lambda _, a, b: _call("matmul", _one(a), _one(b)),
    "Shape": _shape,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Expand": _expand,
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "DepthToSpace": _depth_to_space,
    "Add": _both("add", lambda a, b: a + b),
    "Sub": _both("sub", lambda a, b: a - b),
    "Mul": _both("mul", lambda a, b: a * b),
    "Div": _both("div", _divided),
    "Pow": _both("pow", lambda a, b: a**b),
    "Max": _both("maximum", max),
    "Min": _both("minimum", min),
    "Clip": _clip,
    "PRelu": lambda _, x, slope: _call("prelu", x, slope.reshape(-1)),
    "Softmax": _like("softmax", dim=("axis", -1)),
    "LogSoftmax": _like("log_softmax", dim=("axis", -1)),
    "LeakyRelu": _like("leaky_relu", negative_slope=("alpha", 0.01)),
    "Elu": _like("elu", alpha=("alpha", 1.0)),
    "ReduceMean": _reduced("mean"),
    "ReduceSum": _reduced("sum"),
    "ReduceMax": _reduced("amax"),
    "ReduceMin": _reduced("amin"),
    **dict.fromkeys(("Identity", "Cast", "Dropout"), _same_value),
    **{
        kind: _each(name)
        for kind, name in {
            "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSigmoid": "hardsigmoid", "HardSwish": "hardswish",
            "Selu": "selu", "Celu": "celu", "Softplus": "softplus", "Softsign": "softsign", "Mish": "mish", "Gelu": "gelu",
            "Swish": "silu", "Erf": "erf", "Sqrt": "sqrt", "Exp": "exp", "Log": "log", "Neg": "neg", "Abs": "abs",
            "Reciprocal": "reciprocal", "Floor": "floor", "Ceil": "ceil", "Sin": "sin", "Cos": "cos",
        }.items()
    },
}  # fmt: skip
