"""Which function of cnncalc a function, method or operator of torch is: that of the same name in the same place."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import Any

import torch

from cnncalc import creation
from cnncalc.constant import Constant, function_of_constants
from cnncalc.errors import UnsupportedError
from cnncalc.held import Traced
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.operation import Function
from cnncalc.layers.uncarried import Uncarried
from cnncalc.torch_twin.translated import OWN

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
    name = getattr(func, "__name__", "")
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
def is_known(func: Any) -> bool:
    """Whether a function has a meaning of its own here, even without a tensor among its arguments."""
    return func in OWN or function_of(func) is not None or getattr(torch.Tensor, getattr(func, "__name__", ""), None) is func


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
    return f"{getattr(func, '__module__', None) or 'torch'}.{getattr(func, '__name__', func)}()"


def told(func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """What torch gives for tensors on the meta device. Raises UnsupportedError where torch can't tell without data."""
    try:
        made = func(*args, **call)
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as error:
        raise UnsupportedError(f"torch can't tell the shape of {_shown(func)} without data", got=str(error)[:80]) from None
    return args[0] if func is torch.Tensor.__setitem__ else made


def shapes_in(made: Any, func: Any) -> Any:
    """Tensors as shapes. Raises UnsupportedError for anything else."""
    if isinstance(made, torch.Tensor):
        return tuple(made.shape)
    if isinstance(made, (tuple, list)) and made:
        parts = [shapes_in(part, func) for part in made]
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
    name = _plain_name(func)
    in_place = func is torch.Tensor.__setitem__ or (name.endswith("_") and not func.__name__.startswith("__"))
    operation = Uncarried(name, shapes, error.rule, in_place=in_place)
    inputs: list[Traced] = []
    _collect(given, inputs)
    return followed.record(operation, tuple(inputs), {})


def _plain_name(func: Any) -> str:
    """A function's name for a row: of an attribute and of a kernel its own, too."""
    if func.__name__ == "__get__":
        return str(func.__self__.__name__)
    return str(func._schema.name.partition("::")[2] if hasattr(func, "_schema") else func.__name__).strip("_")


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
TRUTHS = frozenset(
    [
        "invert",
        "bitwise_not",
        "and",
        "or",
        "any",
        "all",
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
        "logical_and",
        "logical_or",
        "logical_not",
        "isnan",
        "isinf",
        "isfinite",
    ]
)
PLACES = frozenset(["argmax", "argmin", "argsort", "randint", "randperm"])
