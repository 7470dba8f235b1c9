"""The numbers of small constants, computed as torch does: whole numbers, and floats rounded to float32 at each step.

Sums, differences, products, quotients and square roots are torch's to the last bit; logarithms, exponentials, powers and
`linspace` may differ from torch's in the last place, since torch's own depend on the machine.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cnncalc.sizes import Shape

Number = int | float
Flat = tuple[Number, ...]

#: More numbers than these are not kept.
LIMIT = 4096
#: Of the whole numbers that torch holds: a power with a larger exponent does not fit, and would take for ever.
BITS = 64
#: Functions that leave the numbers in their row-major order.
SAME_ORDER = frozenset(["flatten", "ravel", "reshape", "squeeze", "unflatten", "unsqueeze", "view"])


class Known(NamedTuple):
    """A constant for a computation: its shape, and its numbers in row-major order."""

    shape: Shape
    flat: Flat


def single(value: float) -> float:
    """The nearest float32. Raises TypeError for what is no number."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)
    except struct.error:
        raise TypeError(f"a number is expected; got {value!r:.40}") from None


def converted(flat: Flat | None, kind: type) -> Flat | None:
    """Numbers as whole numbers (cut off towards 0) or as float32; None stays."""
    if flat is None or not all(map(math.isfinite, flat)):
        return None
    return tuple([int(value) if kind is int else single(value) for value in flat])


def nested(flat: Flat, shape: tuple[int, ...]) -> Any:
    """Numbers as lists of lists, as the axes are."""
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [nested(flat[index * step : (index + 1) * step], shape[1:]) for index in range(shape[0])]


def computed(name: str, inputs: tuple[Any, ...]) -> tuple[Shape, Flat] | None:
    """Shape and numbers of a function by torch's name; None where they are not known."""
    if name in _UNARY and len(inputs) == 1:
        flat = _each(_UNARY[name], name in _FLOATING, [inputs[0].flat])
        return None if flat is None else (inputs[0].shape, flat)
    if name in _BINARY and len(inputs) == 2:  # noqa: PLR2004 - two operands
        return _binary(name, *inputs)
    if name == "diff" and len(inputs) == 1 and len(inputs[0].shape) == 1:
        flat_in = inputs[0].flat
        flat = _each(operator.sub, False, [flat_in[1:], flat_in[:-1]])  # noqa: FBT003 - whole numbers stay whole
        return None if flat is None else ((len(flat),), flat)
    if name == "getitem":
        return _part(inputs[0], inputs[1])
    return None


def _binary(name: str, left: Any, right: Any) -> tuple[Shape, Flat] | None:
    """A function of two: tensors of one shape, or a tensor and a number."""
    shapes = [item.shape for item in (left, right) if isinstance(item, Known)]
    size = max(len(item.flat) for item in (left, right) if isinstance(item, Known))
    if len(set(shapes)) > 1:
        return None
    sides = [item.flat if isinstance(item, Known) else (item,) * size for item in (left, right)]
    if not all(type(value) in {int, float} for side in sides for value in side):
        return None
    if name == "pow" and any(not 0 <= value < BITS for value in sides[1]) and all(type(v) is int for side in sides for v in side):
        return None
    flat = _each(_BINARY[name], name in _FLOATING, sides)
    return None if flat is None else (shapes[0], flat)


def _each(function: Callable[..., Any], floating: bool, sides: list[Flat]) -> Flat | None:  # noqa: FBT001
    """A function number by number: whole numbers where all are and the function keeps them so, else float32."""
    floating = floating or any(type(value) is float for side in sides for value in side)
    if floating:
        sides = [tuple(map(single, side)) for side in sides]
    try:
        values = [function(*row) for row in zip(*sides, strict=True)]
        return tuple(map(single, values)) if floating else _whole(values)
    except (ArithmeticError, ValueError, TypeError):
        return None


def _whole(values: list[Any]) -> Flat | None:
    """Whole numbers as torch holds them; None where one does not fit."""
    return tuple(values) if all(type(value) is int and abs(value) < 1 << 63 for value in values) else None


def _part(whole: Known, index: Any) -> tuple[Shape, Flat] | None:
    """One entry, a slice, or a list of entries, along the first axis."""
    if not whole.shape:
        return None
    length = int(whole.shape[0])
    if type(index) is int:
        if not -length <= index < length:
            raise IndexError(f"index {index} is out of bounds for dimension 0 with size {length}")
        return whole.shape[1:], _rows(whole, [index % length])
    places = _places(index, length)
    return None if places is None else ((len(places), *whole.shape[1:]), _rows(whole, places))


def _places(index: Any, length: int) -> Sequence[int] | None:
    """The entries that a slice or a list takes; None for another index."""
    if type(index) is slice and (index.step is None or index.step >= 1):
        return range(*index.indices(length))
    if type(index) is not tuple or len(index) != 1 or type(index[0]) is not tuple:
        return None
    known = all(type(place) is int and -length <= place < length for place in index[0])
    return [place % length for place in index[0]] if known else None


def _rows(whole: Known, places: Sequence[int]) -> Flat:
    """The numbers of some entries of the first axis, in order."""
    step = len(whole.flat) // int(whole.shape[0]) if whole.flat else 0
    return tuple([number for place in places for number in whole.flat[place * step : (place + 1) * step]])


def _rounded(value: float) -> float:
    """The nearest whole number, a half to the even one, and a float stays a float."""
    return value if type(value) is int else float(round(value))


def _floored(value: float) -> float:
    """The whole number below."""
    return value if type(value) is int else float(math.floor(value))


def _ceiled(value: float) -> float:
    """The whole number above."""
    return value if type(value) is int else float(math.ceil(value))


_UNARY: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": _ceiled,
    "exp": math.exp,
    "floor": _floored,
    "log": math.log,
    "log2": math.log2,
    "neg": operator.neg,
    "round": _rounded,
    "sqrt": math.sqrt,
}
_BINARY: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "div": operator.truediv,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "mul": operator.mul,
    "pow": operator.pow,
    "sub": operator.sub,
    "true_divide": operator.truediv,
}
_FLOATING = frozenset(["div", "divide", "exp", "log", "log2", "sqrt", "true_divide"])
#: Functions of constants that need nothing else to be known.
NUMERIC = frozenset([*_UNARY, *_BINARY, "diff"])
