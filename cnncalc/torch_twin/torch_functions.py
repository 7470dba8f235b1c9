"""Which function of cnncalc a function, method or operator of torch is: that of the same name in the same place."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from cnncalc import creation
from cnncalc.constant import Constant, function_of_constants
from cnncalc.errors import UnsupportedError
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.operation import Function
from cnncalc.layers.uncarried import Uncarried
from cnncalc.module import Held, Traced
from cnncalc.sizes import require

if TYPE_CHECKING:
    from collections.abc import Callable

#: Questions about a tensor that have nothing to do with its numbers or shape.
PASSED = frozenset(
    [
        "dtype", "device", "layout", "requires_grad", "is_cuda", "is_cpu", "is_mps", "is_xpu", "is_meta", "is_sparse",
        "is_quantized", "is_mkldnn", "is_nested", "is_leaf", "grad_fn", "names", "is_floating_point", "is_complex",
        "get_device", "is_tensor", "_is_view",
    ]
)  # fmt: skip
#: Makers of tensors, by torch's name.
MAKERS = frozenset(name for name, function in vars(creation).items() if callable(function) and hasattr(torch, name))


def called(func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """What a function of torch gives for values in place of tensors. Raises UnsupportedError for one that is not known."""
    own = OWN.get(func)
    if own is not None:
        return own(*args, **call)
    name = func.__name__
    if getattr(torch.Tensor, name, None) is func:
        return _method(name, args, call)
    function = function_of(func)
    if function is None:
        raise UnsupportedError(f"torch's function {_shown(func)} is not known to cnncalc")
    return function(*args, **call)


@cache
def function_of(func: Any) -> Any:
    """The function of cnncalc, or the maker of constants, that stands for a function of torch; None where there is none."""
    name = func.__name__
    for place, owner in (("functional", torch.nn.functional), ("torch", torch)):
        if getattr(owner, name, None) is func:
            if name in FUNCTION_NAMES:
                function: Function = named(name)
                if place in function.found_in:
                    return function
            if place == "torch" and name in MAKERS:
                return getattr(creation, name)
            if place == "torch":
                known = function_of_constants(name)
                if known is not None:
                    return known
    return None


@cache
def is_open(func: Any) -> bool:
    """Whether a function is written in Python, and not known to cnncalc as a whole."""
    if not hasattr(func, "__code__") or func in OWN:
        return False
    name = func.__name__
    if getattr(torch.Tensor, name, None) is func:
        return not (name.startswith("__") or (name in FUNCTION_NAMES and "Tensor" in named(name).found_in))
    return function_of(func) is None


def _method(name: str, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """A method of tensors, by the value's own method of that name."""
    value = args[0]
    if name in COMPARING:
        return getattr(value, name.strip("_"))(*args[1:])
    if name.startswith("__") and name not in SPECIAL:
        raise UnsupportedError(f"the operator {name} of tensors is not known to cnncalc", got=repr(value)[:60])
    return getattr(value, name)(*args[1:], **call)


#: Python's operators that values have by themselves, and those that they have as functions.
COMPARING = frozenset(["__eq__", "__ne__", "__gt__", "__ge__", "__lt__", "__le__"])
SPECIAL = frozenset(
    [
        "__getitem__", "__setitem__", "__len__", "__iter__", "__bool__", "__int__", "__float__", "__index__", "__neg__",
        *(f"__{end}{name}__" for name in ("add", "sub", "mul", "truediv", "floordiv", "pow", "matmul") for end in ("", "r", "i")),
    ]
)  # fmt: skip


def _shown(func: Any) -> str:
    """A function for a message."""
    return f"{getattr(func, '__module__', None) or 'torch'}.{func.__name__}()"


def shapes_of(func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """The shape, or nested shapes, that torch gives for tensors on the meta device.

    Raises UnsupportedError where torch can't tell without data.
    """
    try:
        made = func(*args, **call)
        if func is torch.Tensor.__setitem__:
            made = args[0]
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as error:
        raise UnsupportedError(f"torch can't tell the shape of {_shown(func)} without data", got=str(error)[:80]) from None
    return _shapes(made, func)


def _shapes(made: Any, func: Any) -> Any:
    """Tensors as shapes; anything else is no shape."""
    if isinstance(made, torch.Tensor):
        return tuple(made.shape)
    if isinstance(made, (tuple, list)) and made:
        parts = [_shapes(part, func) for part in made]
        # One of torch's named tuples, such as that of sort, keeps its names.
        names = getattr(type(made), "__match_args__", ())
        return namedtuple(type(made).__name__, names)(*parts) if names else tuple(parts)  # noqa: PYI024 - named by torch
    raise UnsupportedError(f"torch's function {_shown(func)} gives no tensor", got=repr(made)[:60])


def constants(shapes: Any, recipe: tuple[str, Any, Any]) -> Any:
    """What a function gives for tensors that no input changes: constants of its shapes."""
    if all(isinstance(n, int) for n in shapes):
        return Constant(shapes, recipe)
    return tuple(constants(part, ("getitem", (Constant((), recipe), index), {})) for index, part in enumerate(shapes))


def uncarried(func: Any, shapes: Any, followed: Traced, given: Any, error: UnsupportedError) -> Any:
    """What a function gives that is not known to cnncalc: values of its shapes, from which no figure follows."""
    name = func.__name__.strip("_")
    in_place = func is torch.Tensor.__setitem__ or (name.endswith("_") and not func.__name__.startswith("__"))
    operation = Uncarried(name, shapes, error.rule, in_place=in_place)
    inputs: list[Traced] = []
    _collect(given, inputs)
    return followed.record(operation, tuple(inputs), {})


def _collect(nested: Any, found: list[Traced]) -> None:
    """Every value in nested arguments, in order."""
    if isinstance(nested, Traced):
        found.append(nested)
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            _collect(item, found)
    elif isinstance(nested, dict):
        for item in nested.values():
            _collect(item, found)
    elif isinstance(nested, slice):
        _collect((nested.start, nested.stop, nested.step), found)


def dtype_of(func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> torch.dtype | None:
    """The type of numbers that a function gives, as far as code may ask for it; None for that of the first tensor."""
    name = func.__name__.strip("_")
    given = call.get("dtype") or next((item for item in args if isinstance(item, torch.dtype)), None)
    if isinstance(given, torch.dtype):
        return given
    if name in CONVERTING:
        found: torch.dtype = getattr(torch, name)
        return found
    if name in TRUTHS:
        return torch.bool
    if name in PLACES or (name in {"arange", "tensor"} and _whole(args)):
        return torch.int64
    return None


def _whole(nested: Any) -> bool:
    """Whether all numbers are whole."""
    return all(map(_whole, nested)) if isinstance(nested, (tuple, list)) else not isinstance(nested, float)


#: Methods that convert, functions whose answers are truth values, and functions whose answers are places.
CONVERTING = frozenset(["float", "double", "half", "bfloat16", "int", "long", "bool"])
TRUTHS = frozenset(["eq", "ne", "gt", "ge", "lt", "le", "logical_and", "logical_or", "logical_not", "isnan", "isinf", "isfinite"])
PLACES = frozenset(["argmax", "argmin", "argsort", "randint", "randperm"])


# -- functions that have a name of their own --------------------------------------------------------------------


def _assert(condition: Any, message: Any = "") -> None:
    """Demand a condition on sizes."""
    require(condition if not isinstance(condition, Traced) else bool(condition), str(message))


def _getitem(value: Any, index: Any) -> Any:
    """A part of a tensor; rows of a table that a tensor of numbers names are an embedding."""
    if isinstance(index, Traced) and len(value.shape) == 2:  # noqa: PLR2004 - a table
        return named("embedding")(index, value)
    items = index if isinstance(index, tuple) else (index,)
    lists = [place for place, item in enumerate(items) if isinstance(item, list) and all(type(n) is int for n in item)]
    if len(lists) == 1 and all(isinstance(item, slice) for place, item in enumerate(items) if place != lists[0]):
        # Some places of one axis, in an order of their own.
        axis = lists[0]
        whole = value[tuple(slice(None) if place == axis else item for place, item in enumerate(items))]
        n = whole.shape[axis]
        places = [place % n for place in items[axis] if -n <= place < n]
        if places and len(places) == len(items[axis]):
            return named("cat")([named("narrow")(whole, axis, place, 1) for place in places], axis)
    return value[index]


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


OWN: dict[Any, Callable[..., Any]] = {
    torch._assert: _assert,
    torch.Tensor.__getitem__: _getitem,
    torch.addcmul: _addcmul,
    torch.Tensor.addcmul: _addcmul,
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
