"""What stands in the brackets behind a tensor, in one form: numbers, slices, None, `...`, truth values and lists of numbers.

Torch takes a list by what is in it: `x[[0, 2]]` picks cells of one axis, `x[[[0, 1], [1, 2]]]` is `x[[0, 1], [1, 2]]`. Here
a list is always a tuple inside of a tuple, `((0, 2),)`, which torch reads in one way alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.held import Held, Traced
from cnncalc.sizes import Expr, Size, assume, at_least

#: So many items, and torch takes a list of anything for a list of numbers.
MANY = 32
#: More axes than these no list of numbers has.
DEPTH = 64
#: The whole numbers that torch holds lie within ± this.
END = 1 << 63
#: The types of the parts that have one form alone.
AS_WRITTEN = (int, slice, type(None), type(Ellipsis), Expr)
#: The types of numbers that a tensor of cells may have, and those of a mask.
CELLS, MASKS = frozenset(["int64", "int32"]), frozenset(["bool", "uint8"])


def parts_of(index: Any) -> tuple[Any, ...]:
    """The parts of an index, lists of numbers or truth values as tuples. Raises ArgumentError for what torch takes for none."""
    if isinstance(index, tuple) or _is_several(index):
        return tuple([_part(item) for item in index])
    return (_part(index),)


def recorded(index: Any) -> Any:
    """An index as a network keeps it: as it was written, or in one form where more than numbers and slices are in it."""
    items = index if isinstance(index, tuple) else (index,)
    return index if all(isinstance(item, AS_WRITTEN) and type(item) is not bool for item in items) else parts_of(index)


def list_shape(numbers: Any) -> tuple[int, ...]:
    """The lengths of nested tuples. Raises ArgumentError where they are no block."""
    shape = []
    rows = [numbers]
    while rows and isinstance(rows[0], tuple):
        if not all(isinstance(row, tuple) and len(row) == len(rows[0]) for row in rows):
            raise ArgumentError("the lists of an index must have equal lengths", got=f"{numbers!r:.60}")
        shape.append(len(rows[0]))
        rows = [item for row in rows for item in row]
    if any(isinstance(item, tuple) for item in rows):
        raise ArgumentError("a list of an index holds numbers, or lists of numbers", got=f"{numbers!r:.60}")
    return tuple(shape)


def flattened(numbers: Any) -> list[Any]:
    """What nested tuples hold, in order."""
    return [leaf for item in numbers for leaf in flattened(item)] if isinstance(numbers, tuple) else [numbers]


def is_mask(part: Any) -> bool:
    """Whether a part of an index is a list of truth values."""
    return type(part) is tuple and bool(part) and type(part[0]) is bool


def _is_several(index: Any) -> bool:
    """Whether torch takes a list for several parts: a short one that holds another list, a slice, None or `...`."""
    if not isinstance(index, Sequence) or len(index) >= MANY:
        return False
    return any(
        item is None or item is Ellipsis or isinstance(item, (slice, Sequence, Traced)) or hasattr(item, "tolist")
        for item in index
        if not _is_number(item)
    )


def _is_number(item: Any) -> bool:
    """Whether it is one number of another library; one in a tensor or array without axes is a list to torch."""
    return hasattr(item, "dtype") and not hasattr(item, "__len__")


def _part(item: Any) -> Any:
    """One part of an index."""
    if item is None or item is Ellipsis or type(item) is bool or type(item) is int or isinstance(item, (slice, Expr)):
        return item
    if isinstance(item, Traced) and not hasattr(type(item), "tolist"):
        return item  # of unknown numbers, which the recording refuses
    if isinstance(item, (str, bytes)):
        raise ArgumentError("an index is no text", got=f"{item!r:.60}")
    if hasattr(item, "tolist") and not _is_number(item):
        return _of_array(item)
    if isinstance(item, Sequence):
        return _of_list(_nested(item))
    try:
        return int(item.__index__())
    except (AttributeError, TypeError):
        raise ArgumentError(
            "an index must be a number, a slice, None, `...`, or a list of numbers", got=f"{item!r:.60}"
        ) from None


def _of_array(item: Any) -> Any:
    """The numbers of a constant, or of an array; one without axes is a number, or in a tensor a truth value."""
    kind = item.type_name if isinstance(item, Held) else str(item.dtype).rpartition(".")[2]
    is_tensor = isinstance(item, Held) or hasattr(item, "requires_grad")
    nested = item.tolist()
    shape = tuple(item.shape)
    if is_tensor and kind not in CELLS | MASKS and not (shape == () and kind.startswith("int")):
        raise ArgumentError("a tensor as an index must hold whole numbers or truth values", got=f"{item!r:.60}")
    if kind in MASKS:
        nested = _as_flags(nested)
    numbers = _of_list(_nested(nested)) if isinstance(nested, list) else nested
    if isinstance(numbers, float) or (type(numbers) is bool and not is_tensor):
        raise ArgumentError("an array without axes as an index must be a whole number", got=f"{item!r:.60}")
    if isinstance(numbers, tuple) and (list_shape(numbers) != shape or (kind in MASKS and not flattened(numbers))):
        raise UnsupportedError("an empty tensor as an index is known where it has one axis, and is no mask", got=f"shape {shape}")
    return numbers


def _as_flags(nested: Any) -> Any:
    """Nested numbers as truth values: so torch takes bytes."""
    return [_as_flags(item) for item in nested] if isinstance(nested, list) else bool(nested)


def _nested(item: Any, depth: int = 0) -> Any:
    """Nested sequences and arrays as tuples."""
    if depth > DEPTH or isinstance(item, (str, bytes)):
        raise ArgumentError("a list of an index holds numbers, or lists of numbers", got=f"{item!r:.60}")
    if hasattr(item, "tolist"):
        item = item.tolist()
    return tuple([_nested(part, depth + 1) for part in item]) if isinstance(item, Sequence) else item


def _of_list(nested: Any) -> Any:
    """Nested tuples of whole numbers, or truth values for one axis. Other numbers are cut off towards 0, as torch does."""
    axes = len(list_shape(nested))
    held = flattened(nested)
    if not held or not all(type(leaf) is bool for leaf in held):
        return _as_whole(nested)
    if axes > 1:
        raise UnsupportedError("a mask of several axes as an index is not known to cnncalc", got=f"{nested!r:.60}")
    return nested


def _as_whole(item: Any) -> Any:
    """Whole numbers, nested as they were."""
    if isinstance(item, tuple):
        return tuple([_as_whole(part) for part in item])
    if isinstance(item, Expr):
        return item
    is_whole = isinstance(item, int) or (isinstance(item, float) and isfinite(item))
    number = int(item) if is_whole else None
    if number is None or not -END <= number < END:
        raise ArgumentError("a list of an index must hold whole numbers of at most 64 bits", got=f"{item!r:.60}")
    return number


def from_the_start(place: Size, n: Size) -> Size:
    """A place of an axis counted from its start; negative ones count from the end.

    Where symbols hide the sign, it is the one that a formula is mostly written for: of one that is never above 0, as in
    `x[-(h // 4):]`, the negative one.
    """
    behind = at_least(-1 - place)
    if behind is False:
        return place
    if behind is not True and at_least(-place) is not True:
        assume(at_least(place), "a negative place counts from the end")
        return place
    assume(behind, "a place of 0 counts from the start")
    return n + place
