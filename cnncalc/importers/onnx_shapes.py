"""ONNX's operators that lay cells out anew, and those that work on shapes, whose numbers are known while a file is read."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.importers.onnx_values import Numbers, apply, as_tensor, axes_of, flat, known, operand
from cnncalc.sizes import Size, as_shape, floor_div

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.importers.onnx_file import OnnxNode


def _shape(node: OnnxNode, x: Any) -> Numbers:
    """Shape."""
    return Numbers.row(x.shape[node.attributes.get("start", 0) : node.attributes.get("end")])


def _reshape(node: OnnxNode, x: Any, sizes: Any) -> Any:
    """Reshape: 0 keeps a length, −1 is worked out."""
    wanted = known(sizes)
    if not node.attributes.get("allowzero", 0):
        wanted = [x.shape[i] if type(n) is int and n == 0 else n for i, n in enumerate(wanted)]
    if isinstance(x, Numbers):
        rest = prod(n for n in wanted if n != -1)
        return Numbers(tuple(prod(x.shape) // rest if n == -1 else n for n in wanted), x.flat)
    return apply("reshape", x, tuple(wanted))


def _flatten(node: OnnxNode, x: Any) -> Any:
    """Flatten into a matrix."""
    axis = node.attributes.get("axis", 1) % (len(x.shape) + 1)
    return apply("flatten", x, 1) if axis == 1 else apply("reshape", x, (prod(x.shape[:axis]), -1))


def _transpose(node: OnnxNode, x: Any) -> Any:
    """Transpose."""
    return apply("permute", x, tuple(node.attributes.get("perm") or reversed(range(len(x.shape)))))


def _concat(node: OnnxNode, *parts: Any) -> Any:
    """Concat: of tensors, or of numbers."""
    if all(isinstance(part, Numbers) and len(part.shape) == 1 and part.flat is not None for part in parts):
        return Numbers.row([n for part in parts for n in known(part)])
    return apply("cat", [as_tensor(part) for part in parts], node.attributes["axis"])


def _split(node: OnnxNode, x: Any, sizes: Any = None) -> Any:
    """Split."""
    axis, parts = node.attributes.get("axis", 0), node.attributes.get("split") or (sizes is not None and known(sizes))
    if not parts:
        count = len(node.outputs)
        each = floor_div(x.shape[axis] + count - 1, count)
        return list(apply("split", x, each, axis))
    return list(apply("split", x, list(parts), axis))


def _slice(node: OnnxNode, x: Any, *given: Any) -> Any:
    """Slice."""
    if given:
        starts, ends, axes, steps = [*(None if part is None else known(part) for part in given), None, None][:4]
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
    if isinstance(x, Numbers) and len(x.shape) == 1 and x.flat is not None:
        return Numbers.row(known(x)[parts[0]])
    return as_tensor(x)[tuple(parts)]


def _gather(node: OnnxNode, x: Any, places: Any) -> Any:
    """Gather: one place of an axis, several, rows of a table, or numbers."""
    axis = node.attributes.get("axis", 0)
    if not isinstance(x, Numbers) and len(x.shape) == 2 and axis in {0, -2} and len(places.shape) != 1:  # noqa: PLR2004
        if isinstance(places, Numbers) and not places.shape:
            return apply("select", x, 0, known(places)[0])
        return apply("embedding", as_tensor(places), x)
    chosen = known(places)
    if isinstance(x, Numbers) and len(x.shape) == 1 and x.flat is not None and len(places.shape) <= 1:
        row = known(x)
        return Numbers((), (row[chosen[0]],)) if not places.shape else Numbers.row([row[i] for i in chosen])
    x = as_tensor(x)
    if not places.shape:
        return apply("select", x, axis, chosen[0])
    axis %= len(x.shape)
    picked = apply("getitem", x, (*(slice(None),) * axis, tuple(chosen)))
    return picked if len(places.shape) == 1 else _laid_out(picked, axis, places.shape)


def _laid_out(x: Any, axis: int, shape: tuple[Any, ...]) -> Any:
    """An axis laid out as several."""
    return apply("reshape", x, (*x.shape[:axis], *shape, *x.shape[axis + 1 :]))


def _tile(_: OnnxNode, x: Any, repeats: Any) -> Any:
    """Tile."""
    return apply("tile", x, tuple(known(repeats)))


def _where(_: OnnxNode, condition: Any, x: Any, y: Any) -> Any:
    """Where."""
    return apply("where", as_tensor(condition), operand(x), operand(y))


def _space_to_depth(node: OnnxNode, x: Any) -> Any:
    """SpaceToDepth: the cells of torch's pixel_unshuffle, its channels in another order."""
    n, channels, height, width = x.shape
    block = node.attributes["blocksize"]
    x = apply("reshape", x, (n, channels, floor_div(height, block), block, floor_div(width, block), block))
    x = apply("permute", x, (0, 3, 5, 1, 2, 4))
    return apply("reshape", x, (n, channels * block * block, floor_div(height, block), floor_div(width, block)))


def _range(_: OnnxNode, start: Any, limit: Any, delta: Any) -> Numbers:
    """Range."""
    first, last, step = known(start)[0], known(limit)[0], known(delta)[0]
    if not all(type(n) is int for n in (first, last, step)) or step == 0:
        raise UnsupportedError("Range is known for whole numbers", got=f"({first}, {last}, {step})")
    places = range(first, last, step)
    if len(places) > 4096:  # noqa: PLR2004 - as in a file
        return Numbers((len(places),), None)
    return Numbers.row(places)


def _unsqueeze(node: OnnxNode, x: Any, axes: Any = None) -> Any:
    """Unsqueeze."""
    wanted = axes_of(node, axes) or []
    for axis in sorted(axis % (len(x.shape) + len(wanted)) for axis in wanted):
        longer = (*x.shape[:axis], 1, *x.shape[axis:])
        x = Numbers(longer, x.flat) if isinstance(x, Numbers) else apply("unsqueeze", x, axis)
    return x


def _squeeze(node: OnnxNode, x: Any, axes: Any = None) -> Any:
    """Squeeze."""
    wanted = axes_of(node, axes)
    if isinstance(x, Numbers):
        dropped = [axis for axis, n in enumerate(x.shape) if n == 1] if wanted is None else [a % len(x.shape) for a in wanted]
        return Numbers(tuple(n for axis, n in enumerate(x.shape) if axis not in dropped), x.flat)
    return apply("squeeze", x) if wanted is None else apply("squeeze", x, tuple(wanted))


def _expand(_: OnnxNode, x: Any, sizes: Any) -> Any:
    """Expand: both shapes are stretched to each other."""
    wanted = known(sizes)
    rank = max(len(wanted), len(x.shape))
    own, wanted = [1] * (rank - len(x.shape)) + list(x.shape), [1] * (rank - len(wanted)) + wanted
    return apply("broadcast_to", x, tuple(a if type(b) is int and b == 1 else b for a, b in zip(own, wanted, strict=True)))


def _pad(node: OnnxNode, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    """Pad."""
    amounts = known(pads) if pads is not None else node.attributes["pads"]
    rank, wanted = len(x.shape), known(axes) if axes is not None else list(range(len(x.shape)))
    before, after = [0] * rank, [0] * rank
    for place, axis in enumerate(wanted):
        before[axis], after[axis] = amounts[place], amounts[place + len(wanted)]
    first = next((axis for axis in range(rank) if before[axis] or after[axis]), rank)
    around = tuple(pad for axis in reversed(range(min(first, rank - 1), rank)) for pad in (before[axis], after[axis]))
    mode = {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}.get(node.attributes.get("mode", "constant"))
    if mode is None:
        return apply("pad", x, around, "constant", known(value)[0] if isinstance(value, Numbers) else 0.0)
    return apply("pad", x, around, mode)


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
    shape, fill = as_shape(known(sizes)), node.attributes.get("value")
    count: Size = prod(shape)
    value = 0.0 if fill is None else flat(fill.numbers)[0]
    return Numbers(shape, (value,) * count if type(count) is int and count <= 4096 else None)  # noqa: PLR2004 - as in a file


def _depth_to_space(node: OnnxNode, x: Any) -> Any:
    """DepthToSpace in the order that torch's pixel_shuffle has."""
    if node.attributes.get("mode", "DCR") != "CRD":
        raise UnsupportedError("DepthToSpace is known in the order CRD", got="DCR")
    return apply("pixel_shuffle", x, node.attributes["blocksize"])


OPERATORS: dict[str, Callable[..., Any]] = {
    "Shape": _shape,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Tile": _tile,
    "Where": _where,
    "SpaceToDepth": _space_to_depth,
    "Range": _range,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Expand": _expand,
    "Pad": _pad,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "DepthToSpace": _depth_to_space,
}
