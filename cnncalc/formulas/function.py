"""A formula as a function on whole numbers, or on whole arrays of them, of any library that follows the array API."""

from __future__ import annotations

from operator import add, floordiv, mul, sub
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError
from cnncalc.formulas.steps import MOST, Bounds, Slot, Steps, apply
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from collections.abc import Callable

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "//": floordiv}
_WHOLE = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_REMEDY = "give whole numbers, or arrays of them"


def to_function(formula: Any) -> Function:
    """A formula as a function of its symbols: `cc.to_function(report.params)(C=3, F=64, k=7)`.

    `formula` is a size, such as `report.params` or `report.output_shape[2]`, or a shape. Numbers give Python's exact whole
    numbers. Arrays of whole numbers, of NumPy, Dask or another library that follows the array API, give arrays of 64-bit
    whole numbers, shapes broadcast as usual; a sweep is refused where the bounds of a step do not fit into 64 bits, or where
    a divisor may be 0. The formula's steps are carried out one after the other: no text is evaluated.
    """
    return Function(formula)


class Function:
    """A compiled formula. `names` are the symbols it takes, by keyword."""

    def __init__(self, formula: Any) -> None:
        """Compile a size, or shapes however they are nested."""
        self._parts: list[Steps] = []
        self._form = self._compiled(formula)
        self._minima: dict[str, int] = {}
        for part in self._parts:
            for name, minimum in part.minima.items():
                self._minima[name] = min(minimum, self._minima.get(name, minimum))
        self.names: tuple[str, ...] = tuple(sorted(self._minima))
        self._text = str(formula)

    def _compiled(self, formula: Any) -> Any:
        """Places among the parts, nested as the sizes are."""
        if isinstance(formula, (tuple, list)):
            return tuple(self._compiled(item) for item in formula)
        if not isinstance(formula, (int, Expr)) or isinstance(formula, bool):
            raise ArgumentError("a formula is a size or a shape", got=repr(formula)[:60], remedy="give for example report.params")
        self._parts.append(Steps(formula))
        return len(self._parts) - 1

    def __call__(self, **values: Any) -> Any:
        """The value, or a tuple for a shape. Raises ArgumentError for names and values that do not fit."""
        missing = [name for name in self.names if name not in values]
        unknown = [name for name in values if name not in self.names]
        if missing or unknown:
            what, names = (
                ("a value is missing for a symbol", missing) if missing else ("there is no symbol of that name", unknown)
            )
            raise ArgumentError(what, got=", ".join(names)[:80], remedy=f"the formula takes {', '.join(self.names) or 'none'}")
        ranges: dict[str, Bounds] = {}
        taken: dict[str, Any] = {}
        for name, value in values.items():
            taken[name], ranges[name] = _taken(name, value)
            if ranges[name][0] < self._minima[name]:
                raise ArgumentError(
                    f"{name} stands for whole numbers from {self._minima[name]} on",
                    got=f"{name} = {ranges[name][0]}",
                    remedy=f'make it symbol("{name}", {max(0, ranges[name][0])})' if ranges[name][0] >= 0 else "",
                )
        has_arrays = any(not isinstance(value, int) for value in taken.values())
        results = [_run(part, taken, ranges, has_arrays) for part in self._parts]
        return _filled(self._form, results)

    def __repr__(self) -> str:
        """The formula and what it takes."""
        return f"<function of {', '.join(self.names) or 'nothing'}: {self._text}>"


def _filled(form: Any, results: list[Any]) -> Any:
    """The results, nested as the sizes were."""
    return results[form] if isinstance(form, int) else tuple(_filled(item, results) for item in form)


def _run(part: Steps, values: dict[str, Any], ranges: dict[str, Bounds], has_arrays: bool) -> Any:  # noqa: FBT001
    """Carry the steps out; with arrays, only where every step is known to fit into 64 bits."""
    if has_arrays and not part.fits(ranges):
        worst = max(abs(corner) for pair in part.bounds(ranges) for corner in pair)
        raise ArgumentError(
            "a step of the formula may exceed whole numbers of 64 bits",
            got=f"up to {worst:,}, more than {MOST:,}",
            remedy="sweep smaller values, or put numbers in one by one, which is exact",
        )
    slots: list[Any] = [values[name] for name in part.names]
    for step, done in zip(part.steps, part.done, strict=True):
        left = slots[step.left.place] if isinstance(step.left, Slot) else step.left
        right = slots[step.right.place] if isinstance(step.right, Slot) else step.right
        if isinstance(left, int) and isinstance(right, int):
            slots.append(apply(step.operation, left, right))
        else:
            slots.append(_OPERATORS[step.operation](left, right))
        for slot in done:
            slots[slot] = None
    result = slots[part.result.place] if isinstance(part.result, Slot) else part.result
    for name in part.unused:
        # A formula that is the same for all values of a symbol still has a value for each that was given.
        if not isinstance(values[name], int):
            result = result + values[name] * 0
    return result


def _taken(name: str, value: Any) -> tuple[Any, Bounds]:
    """A number, or an array of 64-bit whole numbers, with its least and its largest value."""
    if hasattr(value, "shape") and value.shape != ():
        return _array(name, value)
    if hasattr(value, "__index__") and not isinstance(value, (bool, Expr)):
        try:
            number = int(value.__index__())
        except TypeError:
            pass
        else:
            return number, (number, number)
    raise ArgumentError(f"{name} must be a whole number or an array of them", got=f"{name}={value!r:.60}", remedy=_REMEDY)


def _array(name: str, value: Any) -> tuple[Any, Bounds]:
    """An array and its bounds, by the array API where it says it follows that, else by methods of the same names."""
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    if kind not in _WHOLE:
        raise ArgumentError(f"{name} must be an array of whole numbers", got=f"dtype {kind or 'none'}", remedy=_REMEDY)
    api = value.__array_namespace__() if hasattr(value, "__array_namespace__") else None
    if 0 in value.shape:
        least = largest = 1
    elif api is None:
        least, largest = int(value.min()), int(value.max())
    else:
        least, largest = int(api.min(value)), int(api.max(value))
    if kind != "int64":
        value = value.astype("int64") if api is None else api.astype(value, api.int64)
    return value, (least, largest)
