"""ONNX's operators as functions of cnncalc, by ONNX's names. Source: the operator schemas of ONNX, opsets 7 to 23.

An operator takes its node and what goes in: traced values, tensors that the file holds, `Numbers` (small tensors whose
numbers are known, such as the sizes of a Reshape), or None for what is left out. It gives one result, or a list of several.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from cnncalc.importers import onnx_shapes, onnx_windows
from cnncalc.importers.onnx_values import Numbers, apply, as_tensor, aside, axes_of, known, operand
from cnncalc.sizes import Expr, floor_div

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.importers.onnx_file import OnnxNode


# -- norms and products -----------------------------------------------------------------------------------------


def _batch_norm(_: OnnxNode, x: Any, scale: Any, shift: Any, mean: Any, variance: Any) -> Any:
    """BatchNormalization."""
    return apply("batch_norm", x, mean, variance, scale, shift)


def _layer_norm(node: OnnxNode, x: Any, scale: Any, shift: Any = None) -> Any:
    """LayerNormalization."""
    axis = node.attributes.get("axis", -1) % len(x.shape)
    return apply("layer_norm", x, tuple(x.shape[axis:]), scale, shift)


def _gemm(node: OnnxNode, a: Any, b: Any, c: Any = None) -> Any:
    """Gemm: a product of matrices and a sum, as a linear layer where it is one."""
    if node.attributes.get("transA", 0):
        a = aside(a, "transpose", 0, 1)
    if node.attributes.get("transB", 0) and (c is None or len(c.shape) == 1):
        return apply("linear", a, b, c)
    b = b if not node.attributes.get("transB", 0) else apply("transpose", b, 0, 1)
    return apply("addmm", c, a, b) if c is not None else apply("matmul", a, b)


# -- cell by cell -----------------------------------------------------------------------------------------------


def _each(name: str) -> Callable[..., Any]:
    """A function of one tensor."""
    return lambda _, x: apply(name, x)


def _both(name: str, compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two tensors, or of numbers."""

    def operator(_: OnnxNode, a: Any, b: Any) -> Any:
        both = isinstance(a, Numbers) and isinstance(b, Numbers) and a.flat is not None and b.flat is not None
        if both and (a.shape == b.shape or min(len(a.flat), len(b.flat)) == 1):
            left, right = known(a), known(b)
            size = max(len(left), len(right))
            left, right = left * (size // len(left)), right * (size // len(right))
            return Numbers(a.shape if len(a.shape) >= len(b.shape) else b.shape, tuple(map(compute, left, right)))
        if isinstance(a, Numbers) and isinstance(b, Numbers):
            return apply(name, as_tensor(a), as_tensor(b))
        return apply(name, operand(a), operand(b))

    return operator


def _divided(a: Any, b: Any) -> Any:
    """A quotient of numbers: of whole ones, the whole quotient."""
    return floor_div(a, b) if isinstance(a, (int, Expr)) and isinstance(b, (int, Expr)) else a / b


def _like(name: str, **attributes: tuple[str, Any]) -> Callable[..., Any]:
    """A function of one tensor with arguments: torch's name of each, ONNX's name and default."""
    return lambda node, x: apply(name, x, **{key: node.attributes.get(of, fill) for key, (of, fill) in attributes.items()})


def _clip(_: OnnxNode, x: Any, low: Any = None, high: Any = None) -> Any:
    """Clip."""
    return apply("clamp", x, operand(low), operand(high)) if low is not None or high is not None else apply("clamp", x, 0, 6)


def _reduced(name: str) -> Callable[..., Any]:
    """A function of some axes."""

    def operator(node: OnnxNode, x: Any, axes: Any = None) -> Any:
        wanted = axes_of(node, axes)
        dims = tuple(range(len(x.shape))) if wanted is None else tuple(wanted)
        return apply(name, x, dims, keepdim=bool(node.attributes.get("keepdims", 1)))

    return operator


def _compared(name: str, compute: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """A comparison of two tensors, or of numbers; of a number first it is turned round."""
    turned = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}.get(name, name)
    plain = _both(name, compute)

    def operator(node: OnnxNode, a: Any, b: Any) -> Any:
        if isinstance(operand(a), (int, float)) and not isinstance(b, Numbers):
            return apply(turned, b, operand(a))
        return plain(node, a, b)

    return operator


def _truth(name: str) -> Callable[..., Any]:
    """A function of truth values."""
    return lambda _, *given: apply(name, *map(as_tensor, given))


def _several(name: str) -> Callable[..., Any]:
    """A function of two tensors, applied to any number of them."""
    return lambda _, first, *others: reduce(lambda a, b: apply(name, operand(a), operand(b)), others, first)


def _mean(node: OnnxNode, *given: Any) -> Any:
    """Mean of several tensors, cell by cell."""
    return apply("div", _several("add")(node, *given), len(given))


def _place(name: str) -> Callable[..., Any]:
    """Where the largest or the smallest cell of an axis is."""

    def operator(node: OnnxNode, x: Any) -> Any:
        return apply(name, x, node.attributes.get("axis", 0), bool(node.attributes.get("keepdims", 1)))

    return operator


def _norm(p: int) -> Callable[..., Any]:
    """A norm along some axes."""

    def operator(node: OnnxNode, x: Any, axes: Any = None) -> Any:
        wanted = axes_of(node, axes)
        dims = list(range(len(x.shape))) if wanted is None else list(wanted)
        return apply("norm", x, p, dims, bool(node.attributes.get("keepdims", 1)))

    return operator


def _einsum(node: OnnxNode, *given: Any) -> Any:
    """Einsum."""
    equation = node.attributes["equation"]
    return apply("einsum", equation.decode() if isinstance(equation, bytes) else equation, *map(as_tensor, given))


def _product(node: OnnxNode, x: Any, axes: Any = None) -> Any:
    """ReduceProd: axis by axis."""
    wanted = axes_of(node, axes)
    keeps = bool(node.attributes.get("keepdims", 1))
    for axis in sorted((axis % len(x.shape) for axis in (range(len(x.shape)) if wanted is None else wanted)), reverse=True):
        x = apply("prod", x, axis, keeps)
    return x


def _same_value(_: OnnxNode, x: Any, *__: Any) -> Any:
    """What changes neither shape nor cells: Identity, Cast, Dropout."""
    return x


OPERATORS: dict[str, Callable[..., Any]] = {
    **onnx_windows.OPERATORS,
    **onnx_shapes.OPERATORS,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "InstanceNormalization": lambda _, x, scale, shift: apply("instance_norm", x, None, None, scale, shift),
    "GroupNormalization": lambda node, x, scale, shift: apply("group_norm", x, node.attributes["num_groups"], scale, shift),
    "LRN": _like("local_response_norm", size=("size", 1)),
    "Gemm": _gemm,
    "MatMul": lambda _, a, b: apply("matmul", operand(a), operand(b)),
    "Add": _both("add", lambda a, b: a + b),
    "Sub": _both("sub", lambda a, b: a - b),
    "Mul": _both("mul", lambda a, b: a * b),
    "Div": _both("div", _divided),
    "Pow": _both("pow", lambda a, b: a**b),
    "Max": _both("maximum", max),
    "Min": _both("minimum", min),
    "Clip": _clip,
    "PRelu": lambda _, x, slope: apply("prelu", x, slope.reshape(-1)),
    "Softmax": _like("softmax", dim=("axis", -1)),
    "LogSoftmax": _like("log_softmax", dim=("axis", -1)),
    "LeakyRelu": _like("leaky_relu", negative_slope=("alpha", 0.01)),
    "Elu": _like("elu", alpha=("alpha", 1.0)),
    "ReduceMean": _reduced("mean"),
    "ReduceSum": _reduced("sum"),
    "ReduceMax": _reduced("amax"),
    "ReduceMin": _reduced("amin"),
    "ReduceProd": _product,
    "ReduceLogSumExp": _reduced("logsumexp"),
    "ReduceL1": _norm(1),
    "ReduceL2": _norm(2),
    "ArgMax": _place("argmax"),
    "ArgMin": _place("argmin"),
    "Einsum": _einsum,
    "Sum": _several("add"),
    "Mean": _mean,
    "Equal": _compared("eq", lambda a, b: a == b),
    "Less": _compared("lt", lambda a, b: a < b),
    "LessOrEqual": _compared("le", lambda a, b: a <= b),
    "Greater": _compared("gt", lambda a, b: a > b),
    "GreaterOrEqual": _compared("ge", lambda a, b: a >= b),
    "And": _truth("logical_and"),
    "Or": _truth("logical_or"),
    "Not": _truth("logical_not"),
    **dict.fromkeys(("Identity", "Cast", "Dropout"), _same_value),
    **{
        kind: _each(name)
        for kind, name in {
            "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSigmoid": "hardsigmoid", "HardSwish": "hardswish",
            "Selu": "selu", "Celu": "celu", "Softplus": "softplus", "Softsign": "softsign", "Mish": "mish", "Gelu": "gelu",
            "Swish": "silu", "Erf": "erf", "Sqrt": "sqrt", "Exp": "exp", "Log": "log", "Neg": "neg", "Abs": "abs",
            "Reciprocal": "reciprocal", "Floor": "floor", "Ceil": "ceil", "Sin": "sin", "Cos": "cos", "Tan": "tan",
            "Asin": "asin", "Acos": "acos", "Atan": "atan", "Sinh": "sinh", "Cosh": "cosh", "Round": "round", "Sign": "sign",
            "IsNaN": "isnan", "IsInf": "isinf",
        }.items()
    },
}  # fmt: skip
