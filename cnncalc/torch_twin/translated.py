"""Functions of torch that cnncalc knows as several, or under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from cnncalc import creation
from cnncalc.constant import Constant
from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.held import Held, Traced
from cnncalc.layers import named
from cnncalc.layers.shaping import axis_index
from cnncalc.sizes import require
from cnncalc.torch_twin.known_numbers import numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable


def _assert(condition: Any, message: Any = "") -> None:
    """Demand a condition on sizes."""
    require(condition if not isinstance(condition, Traced) else bool(condition), str(message))


def _getitem(value: Any, index: Any) -> Any:
    """A part of a tensor; rows of a table that a tensor of numbers names are an embedding."""
    if isinstance(index, Traced) and len(value.shape) == 2:  # noqa: PLR2004 - a table
        return named("embedding")(index, value)
    return value[tuple(map(_told, index)) if isinstance(index, tuple) else _told(index)]


def _told(item: Any) -> Any:
    """A part of an index: a constant with its numbers worked out."""
    if isinstance(item, Constant) and item.flat is None:
        item.tell(numbers_of(item))
    return item


def _index_select(input: Any, dim: int, index: Any) -> Any:  # noqa: A002 - torch's name
    """Places of one axis, in an order of their own."""
    if not isinstance(_told(index), Constant) or len(index.shape) > 1:
        raise UnsupportedError("places that are picked are known where their numbers are", got=repr(index)[:60])
    if not input.shape:
        raise UnsupportedError("the one cell of a tensor without axes is not picked", got=repr(input)[:60])
    axis = axis_index(dim, input.shape)
    return input[(*(slice(None),) * axis, index if index.shape else index.unsqueeze(0))]


def _masked_fill(input: Any, mask: Any, value: Any) -> Any:  # noqa: A002
    """A number where a mask holds."""
    return named("where")(mask, value, input)


def _masked_fill_in_place(input: Any, mask: Any, value: Any) -> Any:  # noqa: A002
    """The same, written over the tensor. Raises UnsupportedError for a constant: it depends on the network from here on."""
    if isinstance(input, Held):
        raise UnsupportedError("a constant that is masked in place is not followed", got=repr(input)[:60])
    input[...] = _masked_fill(input, mask, value)
    return input.latest()


def _joined(axis: int, least: int) -> Callable[[Any], Any]:
    """Tensors joined along an axis, with at least so many axes each: hstack, vstack, dstack."""

    def join(tensors: Any) -> Any:
        if any(len(each.shape) < least for each in tensors):
            raise UnsupportedError("tensors are joined so where they have enough axes", got=f"{len(tensors)} tensors")
        return named("cat")(list(tensors), axis)

    return join


def _converted(name: str) -> Callable[..., Any]:
    """The same cells in another type of numbers."""

    def convert(value: Any, **_: Any) -> Any:
        return getattr(value, name)() if isinstance(value, Constant) else value

    return convert


def _var_mean(both: str) -> Callable[..., Any]:
    """Variance or deviation, and mean."""

    def found(input: Any, dim: Any = None, unbiased: bool = True, keepdim: bool = False, **call: Any) -> Any:  # noqa: A002, FBT001, FBT002
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        spread = call if "correction" in call else {"correction": int(unbiased)}
        return named(both)(input, dim, keepdim=keepdim, **spread), named("mean")(input, dim, keepdim)

    return found


def _lerp(input: Any, end: Any, weight: Any) -> Any:  # noqa: A002
    """Between two tensors."""
    return input + (end - input) * weight


def _addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:  # noqa: A002
    """A quotient added."""
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else quotient * value)


def _vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:  # noqa: A002, FBT001, FBT002
    """A norm of vectors."""
    if dim is None:
        if keepdim:
            raise UnsupportedError("a norm of all cells is known without keepdim")
        return named("norm")(x, ord)
    return named("norm")(x, ord, dim, keepdim)


def _rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:  # noqa: A002
    """Turned by quarters in a plane."""
    first, second = dims
    turned: list[Callable[[], Any]] = [
        lambda: input,
        lambda: named("transpose")(named("flip")(input, [second]), first, second),
        lambda: named("flip")(input, [first, second]),
        lambda: named("flip")(named("transpose")(input, first, second), [second]),
    ]
    return turned[k % 4]()


def _unfold(value: Any, dimension: int, size: int, step: int) -> Any:
    """Windows of one axis, each along an axis of its own at the end: one slice for each place of a window, joined."""
    axis = dimension % max(len(value.shape), 1)
    n = value.shape[axis]
    if not isinstance(n, int):
        raise UnsupportedError("windows of an axis are known for numbers", got=f"length {n}", remedy="give numbers")
    if size > n or step < 1:
        raise ShapeError("a window must fit its axis, and move on", got=f"size {size}, step {step}, length {n}")
    whole = (slice(None),) * axis
    last = (n - size) // step * step
    parts = [named("getitem")(value, (*whole, slice(place, place + last + 1, step))) for place in range(size)]
    return named("stack")(parts, -1)


def _addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:  # noqa: A002 - torch's names
    """A product added."""
    product = tensor1 * tensor2
    return input + (product if value == 1 else product * value)


def _clone(input: Any, **_: Any) -> Any:  # noqa: A002 - torch's name
    """The same value, apart from what happens to this one in place."""
    return input.clone()


def _zero(value: Any) -> Any:
    """Every cell set to 0 in place; of a constant, nothing that is known here changes."""
    return value.zero_() if isinstance(value, Held) else named("mul_")(value, 0)


def _repeat_interleave(value: Any, repeats: Any, dim: Any = None, **_: Any) -> Any:
    """Every cell of an axis several times in a row: an axis of its own, stretched and laid out with the other."""
    if not isinstance(repeats, int) or not isinstance(dim, int):
        raise UnsupportedError(
            "repeat_interleave() is known for one number and an axis", got=f"({repeats!r:.40}, dim={dim!r:.20})"
        )
    axis = dim % len(value.shape)
    sizes = [-1] * (axis + 1) + [repeats] + [-1] * (len(value.shape) - axis - 1)
    return value.unsqueeze(axis + 1).expand(*sizes).flatten(axis, axis + 1)


def _new(name: str) -> Callable[..., Constant]:
    """A maker that is called on a tensor, such as new_zeros."""

    def made(_: Any, *size: Any, **named_arguments: Any) -> Constant:
        constant: Constant = getattr(creation, name)(*size, **named_arguments)
        return constant

    return made


def _item(value: Any) -> Any:
    """The one number of a constant."""
    if isinstance(value, Constant):
        return value.item()
    raise UnsupportedError(
        "a branch or a number that rests on the values of a tensor has no answer without data", got=repr(value)[:60]
    )


#: Attributes of tensors that are functions of them; of complex ones only the first.
ATTRIBUTES: dict[str, Callable[[Any], Any]] = {
    "T": lambda value: named("permute")(value, tuple(reversed(range(len(value.shape))))),
    "mT": lambda value: named("transpose")(value, -2, -1),
    "data": lambda value: value,
    "H": lambda value: named("transpose")(value, 0, 1),
    "mH": lambda value: named("transpose")(value, -2, -1),
    "real": lambda value: value,
}
OWN: dict[Any, Callable[..., Any]] = {
    torch._assert: _assert,
    torch.Tensor.__getitem__: _getitem,
    torch.addcmul: _addcmul,
    torch.Tensor.addcmul: _addcmul,
    torch.addcdiv: _addcdiv,
    torch.Tensor.addcdiv: _addcdiv,
    torch.lerp: _lerp,
    torch.Tensor.lerp: _lerp,
    torch.masked_fill: _masked_fill,
    torch.Tensor.masked_fill: _masked_fill,
    torch.Tensor.masked_fill_: _masked_fill_in_place,
    torch.index_select: _index_select,
    torch.Tensor.index_select: _index_select,
    torch.hstack: _joined(1, 2),
    torch.vstack: _joined(0, 2),
    torch.dstack: _joined(2, 3),
    torch.var_mean: _var_mean("var"),
    torch.std_mean: _var_mean("std"),
    torch.linalg.vector_norm: _vector_norm,
    torch.rot90: _rot90,
    torch.Tensor.rot90: _rot90,
    torch.Tensor.unfold: _unfold,
    torch.Tensor.__invert__: named("logical_not"),
    torch.bitwise_not: named("logical_not"),
    torch.Tensor.__and__: named("logical_and"),
    torch.Tensor.__or__: named("logical_or"),
    torch.Tensor.long: _converted("long"),
    torch.Tensor.int: _converted("int"),
    torch.Tensor.bool: _converted("bool"),
    torch.clone: _clone,
    torch.repeat_interleave: _repeat_interleave,
    torch.Tensor.repeat_interleave: _repeat_interleave,
    torch.Tensor.zero_: _zero,
    torch.Tensor.new_zeros: _new("zeros"),
    torch.Tensor.new_ones: _new("ones"),
    torch.Tensor.new_empty: _new("empty"),
    torch.Tensor.new_full: _new("full"),
    torch.Tensor.new_tensor: _new("tensor"),
}
