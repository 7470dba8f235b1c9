"""Checks of constructor arguments that many layers share: whole numbers, one or one per axis."""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ArgumentError, ShapeError, SpecError
from cnncalc.sizes import Expr, Shape, Size, at_least, expression, names_a_size, refuse_empty

#: Whole numbers of 64 bits lie within ± this.
END = 1 << 63
#: What convolutions take as text for their padding: no symbols, though pools take none of them.
PADDINGS = ("same", "valid")


def whole(value: Any, name: str) -> Size:
    """One whole number, symbol, or formula such as "2*C + 1". True and False are none, as torch has it."""
    if type(value) is int or isinstance(value, Expr):
        return value
    if isinstance(value, str) and names_a_size(value) and value not in PADDINGS:
        try:
            return expression(value)
        except SpecError as error:
            raise ArgumentError(
                f"{name} must be a whole number or a formula",
                got=f"{name}={value!r:.60}",
                remedy=f"{error.rule} ({error.where})" if error.where else error.rule,
            ) from None
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return int(value.__index__())
    raise ArgumentError(
        f"{name} must be a whole number",
        got=f"{name}={value!r:.60}",
        remedy=_remedy(value) if isinstance(value, str) else "",
    )


def refuse_others(value: Any, name: str) -> None:
    """Refuse whole numbers of other libraries where torch asks for an int; symbols and formulas are such, too."""
    if not isinstance(value, (int, str, Expr)):
        raise ArgumentError(f"{name} must be an int", got=f"{name}={value!r:.60}")


def _remedy(text: str) -> str:
    """What text may stand where a whole number is asked for."""
    if text in PADDINGS:
        return "only convolutions take a padding as text; give it in numbers"
    return 'a string is a symbol such as "k", or a formula such as "2*k + 1"'


def natural(value: Any, name: str, *, flags: bool = False) -> Size:
    """One whole number from 0 on, or a symbol: the length of an axis of a weight. With `flags`, True and False are 1 and 0."""
    if type(value) is int and value >= 0:
        return value
    number = whole(+value if flags and isinstance(value, bool) else value, name)
    if at_least(number) is False:
        raise ArgumentError(f"{name} must not be negative", got=f"{name}={number}")
    if isinstance(number, Expr):
        refuse_empty(number, name)
    return number


def real(value: Any, name: str) -> Any:
    """A number, whole or not, as torch takes it for eps and the like."""
    if type(value) is float or is_real(value):
        return value
    raise ArgumentError(f"{name} must be a number", got=f"{name}={value!r:.60}")


def scalar(value: Any, name: str) -> Any:
    """A number that torch hands on to arithmetic with tensors: a whole one in at most 64 bits."""
    number = real(value, name)
    if isinstance(number, int) and not -END <= number < 2 * END:
        raise ArgumentError(f"{name} must fit in 64 bits", got=f"{name}={number}")
    return number


def is_real(value: Any) -> bool:
    """Whether it is a number for torch, whole or not: also a truth value, or one number of another library."""
    return isinstance(value, (int, float)) or (hasattr(value, "__float__") and hasattr(value, "dtype") and not value.ndim)


def check_number(value: Any, name: str) -> None:
    """Refuse what is no number where a function takes one, or a size of the network."""
    if not (isinstance(value, Expr) or is_real(value)):
        raise ArgumentError(f"{name} must be a number", got=f"{name}={value!r:.60}")


def check_dtype(value: Any) -> None:
    """Refuse a value where a function takes the type of its results."""
    if isinstance(value, (int, float, complex, str, bytes, tuple, list, dict, slice)) or hasattr(value, "ndim"):
        raise ArgumentError("dtype must be a type of numbers", got=f"dtype={value!r:.60}")


def is_empty(sizes: Shape) -> bool:
    """Whether one of the sizes is the number 0. A symbol is at least 1, and a formula is held to that by its layer."""
    for size in sizes:  # noqa: SIM110 - a loop is twice as fast as any(), and every layer asks
        if type(size) is int and size == 0:
            return True
    return False


def flag(value: Any, name: str) -> bool:
    """True or False, where torch takes nothing else."""
    if value is True or value is False:
        return value
    raise ArgumentError(f"{name} must be True or False", got=f"{name}={value!r:.60}")


def per_axis(value: Any, name: str, axes: int) -> tuple[Size, ...]:
    """One whole number for every axis, or a tuple as it is given, as torch stores it."""
    if type(value) is int:
        return (value,) * axes
    if is_collection(value):
        return tuple([whole(item, name) for item in value])
    return (whole(value, name),) * axes


def is_collection(value: Any) -> bool:
    """Whether torch reads several values from it: it is no text, and can be read more than once."""
    return hasattr(value, "__iter__") and hasattr(value, "__len__") and not isinstance(value, str)


def as_tuple(value: Any) -> Any:
    """Any collection as a tuple, where torch reads it item by item; one value as it is."""
    return value if isinstance(value, (tuple, list)) or not is_collection(value) else tuple(value)


def refuse_other_collections(value: Any, name: str) -> None:
    """Refuse any collection but a tuple or a list, where torch hands it on as it is."""
    if is_collection(value) and not isinstance(value, (tuple, list)):
        raise ArgumentError(f"{name} must be a number, a tuple or a list", got=f"{name}={value!r:.60}")


def check_bits(values: tuple[Size, ...], name: str, bits: int = 64) -> None:
    """Refuse a number that is too large for torch to hand on, when a layer is called."""
    for value in values:
        if type(value) is int and not -END <= value << 64 - bits < END:
            raise ShapeError(f"{name} must fit in {bits} bits", got=f"{name}={value}")


def expanded(values: tuple[Size, ...], name: str, axes: int, bits: int = 64) -> tuple[Size, ...]:
    """A value per axis when a layer is called: torch lets a tuple of one stand for every axis."""
    check_bits(values, name, bits)
    if len(values) == axes:
        return values
    if len(values) == 1:
        return values * axes
    raise ShapeError(
        f"{name} must have one value, or one for each of {axes} axes",
        got=f"{name}={values}",
        remedy=f"give {axes} values or a single number",
    )


def ranks(input: Shape, *allowed: int, expects: str) -> None:
    """Refuse an input whose number of axes is not among those allowed."""
    if len(input) not in allowed:
        raise ShapeError(
            f"the input must be {expects}",
            got=f"{len(input)} axes, {input}",
            remedy="write shapes batch first, for example (1, 3, 224, 224) for images",
        )
