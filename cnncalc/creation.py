"""Functions that make tensors: constants of a shape, with their numbers where torch's are known and few.

Random and empty tensors have a shape alone. `dtype` decides only whether numbers are whole, `device` and the like nothing.
"""

from __future__ import annotations

import math
from typing import Any

from cnncalc.constant import CONVERTING, PYTHON_TYPES, Constant, DType, applied
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.held import Traced
from cnncalc.layers import FUNCTION_NAMES
from cnncalc.numbers import LIMIT, NUMERIC, Flat, single
from cnncalc.sizes import Expr, Shape, Size, as_shape, ceil_div, product


def zeros(*size: Any, dtype: Any = None, **_: Any) -> Constant:
    """Zeros. Source: torch.zeros."""
    return _filled("zeros", _shape(size), 0.0, dtype)


def ones(*size: Any, dtype: Any = None, **_: Any) -> Constant:
    """Ones. Source: torch.ones."""
    return _filled("ones", _shape(size), 1.0, dtype)


def full(size: Any, fill_value: Any, *, dtype: Any = None, **_: Any) -> Constant:
    """One number everywhere. Source: torch.full."""
    shape = as_shape(size)
    return Constant(shape, ("full", (shape, fill_value), _types(dtype)), _repeated(shape, fill_value, dtype))


def empty(*size: Any, dtype: Any = None, **_: Any) -> Constant:
    """A tensor of unknown numbers. Source: torch.empty."""
    return _unknown("zeros", _shape(size), dtype)


def rand(*size: Any, dtype: Any = None, **_: Any) -> Constant:
    """Random numbers. Source: torch.rand."""
    return _unknown("rand", _shape(size), dtype)


def randn(*size: Any, dtype: Any = None, **_: Any) -> Constant:
    """Random numbers. Source: torch.randn."""
    return _unknown("randn", _shape(size), dtype)


def randint(*given: Any, dtype: Any = None, **_: Any) -> Constant:
    """Random whole numbers: (low=0, high, size). Source: torch.randint."""
    shape = as_shape(given[-1])
    return Constant(shape, ("randint", (*given[:-1], shape), _types(dtype)))


def randperm(n: Any, *, dtype: Any = None, **_: Any) -> Constant:
    """The numbers below n in a random order. Source: torch.randperm."""
    return Constant((n,), ("randperm", (n,), _types(dtype)))


def eye(n: Any, m: Any = None, *, dtype: Any = None, **_: Any) -> Constant:
    """Ones on the diagonal. Source: torch.eye."""
    shape = as_shape((n, n if m is None else m))
    return Constant(shape, ("eye", shape, _types(dtype)))


def zeros_like(input: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002 - torch's name
    """Zeros of another tensor's shape. Source: torch.zeros_like."""
    return _unknown("zeros", input.shape, dtype)


def ones_like(input: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002
    """Ones of another tensor's shape. Source: torch.ones_like."""
    return _unknown("ones", input.shape, dtype)


def full_like(input: Any, fill_value: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002
    """One number in another tensor's shape. Source: torch.full_like."""
    return Constant(input.shape, ("full", (input.shape, fill_value), _types(dtype)))


def empty_like(input: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002
    """A tensor of another's shape. Source: torch.empty_like."""
    return _unknown("zeros", input.shape, dtype)


def rand_like(input: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002
    """Random numbers in another tensor's shape. Source: torch.rand_like."""
    return _unknown("rand", input.shape, dtype)


def randn_like(input: Any, *, dtype: Any = None, **_: Any) -> Constant:  # noqa: A002
    """Random numbers in another tensor's shape. Source: torch.randn_like."""
    return _unknown("randn", input.shape, dtype)


def tensor(data: Any, *, dtype: Any = None, **_: Any) -> Constant:
    """The numbers given, nested as the axes are. Source: torch.tensor."""
    if isinstance(data, Constant):
        return data
    if isinstance(data, Traced):
        raise UnsupportedError("a tensor made of the values of another has no answer without data", where="torch.tensor")
    shape, leaves = _laid_out(data)
    known = len(leaves) <= LIMIT and all(type(leaf) in {int, float} for leaf in leaves)
    kind = float if any(type(leaf) is float for leaf in leaves) or not leaves else int
    flat = _numbers(tuple(leaves), kind, dtype) if known else None
    return Constant(shape, ("tensor", (data,), _types(dtype)), flat)


as_tensor = tensor


def arange(*given: Any, dtype: Any = None, **_: Any) -> Constant:
    """The numbers from start to before end in steps: (end), (start, end), (start, end, step). Source: torch.arange."""
    start, end, step = (0, *given, 1) if len(given) == 1 else (*given, 1)[:3]
    if any(isinstance(item, Expr) for item in (start, end, step)):
        if not all(isinstance(item, (int, Expr)) for item in (start, end, step)):
            raise UnsupportedError("arange of symbols takes whole numbers", got=f"({start}, {end}, {step})")
        return Constant((ceil_div(end - start, step),), ("arange", (start, end, step), _types(dtype)))
    if step == 0 or (end - start) / step < 0:
        raise ArgumentError("arange goes from start to end in the direction of step", got=f"({start}, {end}, {step})")
    whole = all(type(item) is int for item in (start, end, step))
    length = -((start - end) // step) if whole else math.ceil((end - start) / step)
    flat = None if length > LIMIT else tuple(start + index * step for index in range(length))
    return Constant(
        (length,), ("arange", (start, end, step), _types(dtype)), flat and _numbers(flat, int if whole else float, dtype)
    )


def linspace(start: Any, end: Any, steps: Any, *, dtype: Any = None, **_: Any) -> Constant:
    """Numbers at equal distances from start to end, both included. Source: torch.linspace, its CPU kernel."""
    flat: Flat | None = None
    if type(steps) is int and steps <= LIMIT and dtype is None:
        first, last = single(start), single(end)
        step = single(single(last - first) / (steps - 1)) if steps > 1 else 0.0
        rising = [single(first + single(step * index)) for index in range(steps // 2)]
        falling = [single(last - single(step * (steps - index - 1))) for index in range(steps // 2, steps)]
        flat = (first,) if steps == 1 else (*rising, *falling)
    return Constant((steps,), ("linspace", (start, end, steps), _types(dtype)), flat)


def triu(input: Any, diagonal: int = 0) -> Constant:  # noqa: A002
    """A constant with zeros below a diagonal. Source: torch.triu."""
    return _part_kept("triu", input, diagonal)


def tril(input: Any, diagonal: int = 0) -> Constant:  # noqa: A002
    """A constant with zeros above a diagonal. Source: torch.tril."""
    return _part_kept("tril", input, diagonal)


def _part_kept(name: str, given: Any, diagonal: int) -> Constant:
    """A constant of the same shape. Raises UnsupportedError for a tensor that depends on the network's input."""
    if not isinstance(given, Constant):
        raise UnsupportedError(f"torch.{name}() is known to cnncalc for constants alone", got=repr(given)[:60])
    return Constant(given.shape, (name, (given, diagonal), {}))


def remade(name: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """What a recipe makes: the maker, the conversion or the function of constants of that name, called.

    Raises UnsupportedError for a name that is none of these.
    """
    first = inputs[0] if inputs else None
    if name in MAKERS:
        return MAKERS[name](*inputs, **call)
    if name == "getitem" and isinstance(first, tuple):
        return first[inputs[1]]
    if isinstance(first, Constant) and (name in {"to", "type", "type_as"} or name in CONVERTING):
        return getattr(first, name)(*inputs[1:], **call)
    if name in FUNCTION_NAMES or name in NUMERIC:
        return applied(name, inputs, call)
    raise UnsupportedError("no tensor can be made by that name", got=repr(name)[:60])


#: The makers of this file, by torch's name.
MAKERS = {
    made.__name__: made
    for made in (zeros, ones, full, empty, rand, randn, randint, randperm, eye, tensor, arange, linspace, triu, tril)
}
#: Those that make a tensor of a tensor, and not of numbers.
KEEPING = frozenset(["triu", "tril"])


# -- helpers ----------------------------------------------------------------------------------------------------


def _shape(size: tuple[Any, ...]) -> Shape:
    """A shape as one tuple, or as several sizes."""
    return as_shape(size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size)


def _types(dtype: Any) -> dict[str, Any]:
    """The type as an argument for torch."""
    return {"dtype": dtype} if isinstance(dtype, DType) else {}


def _unknown(name: str, shape: Shape, dtype: Any) -> Constant:
    """A constant of a shape alone."""
    return Constant(shape, (name, (shape,), _types(dtype)))


def _filled(name: str, shape: Shape, value: float, dtype: Any) -> Constant:
    """A constant with one number everywhere."""
    return Constant(shape, (name, (shape,), _types(dtype)), _repeated(shape, value, dtype))


def _repeated(shape: Shape, value: Any, dtype: Any) -> Flat | None:
    """One number for every cell; None where there are too many."""
    size: Size = product(shape)
    if isinstance(size, Expr) or size > LIMIT or type(value) not in {int, float}:
        return None
    return _numbers((value,) * size, type(value), dtype)


def _numbers(flat: Flat, kind: type[int | float], dtype: Any) -> Flat | None:
    """Numbers as torch holds them in a type; None where that type's are not known."""
    wanted = kind if dtype is None else PYTHON_TYPES.get(dtype.name if isinstance(dtype, DType) else "")
    if wanted is None:
        return None
    return tuple([int(value) if wanted is int else single(value) for value in flat])


def _laid_out(data: Any) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of nested lists, and what they hold in row-major order. Raises ArgumentError where rows differ."""
    if not isinstance(data, (list, tuple)):
        return (), [data]
    parts = [_laid_out(item) for item in data]
    if len({shape for shape, _ in parts}) > 1:
        raise ArgumentError("the rows of a tensor have one length", where="torch.tensor", got=repr(data)[:60])
    inner = parts[0][0] if parts else ()
    return (len(data), *inner), [leaf for _, leaves in parts for leaf in leaves]
