"""When two values are the same answer: shapes in either order, sides or one side, areas as products."""

from __future__ import annotations

from math import prod
from typing import Any

from cnncalc.slips.slip import same

#: Quantities of sizes multiplied together, with how many there are when written out, beside the axes themselves.
PRODUCTS = {"rf_area": 0, "pixels": 0, "rf_values": 1}


def matches(value: Any, right: Any, quantity: str, *, either_order: bool = True) -> bool:
    """Whether a value that was read is the value `right` of a quantity."""
    if isinstance(value, tuple) and not isinstance(right, tuple):
        if quantity in PRODUCTS:
            # 36x36x3 for a number of values: written out, and at least two factors, so that 1296x1296 is no area.
            return len(value) > 1 + PRODUCTS[quantity] and same(prod(value), right)
        return quantity != "shape" and _all_equal(value) and same(value[0], right)
    if isinstance(right, tuple) and not isinstance(value, tuple):
        return quantity != "shape" and _all_equal(right) and same(value, right[0])
    if same(value, right):
        return True
    # Right-to-left text may show sides the other way round.
    return quantity != "shape" and either_order and isinstance(value, tuple) and same(value[::-1], right)


def _all_equal(value: tuple[Any, ...]) -> bool:
    return bool(value) and all(same(item, value[0]) for item in value)


def orders(value: Any, right: Any, *, either_order: bool = True) -> list[Any]:
    """A shape in every order in which it may have been written, channels first, without a batch of one.

    Channels may stand first or last, and right-to-left text may show a shape from its end.
    """
    if not isinstance(value, tuple) or not isinstance(right, tuple):
        return [value]
    sizes = value[1:] if len(value) == len(right) + 1 and (same(value[0], 1) or same(value[0], -1)) else value
    if not either_order or len(sizes) != len(right) or len(sizes) < 2:  # noqa: PLR2004 - one size has one order
        return [sizes]
    found = [sizes]
    for order in ((sizes[-1], *sizes[:-1]), sizes[::-1]):
        if not any(same(order, known) for known in found):
            found.append(order)
    return found


def right_parts(shape: Any, right: Any) -> tuple[str, ...]:
    """Which parts of a shape are right: its channels, its space."""
    if not isinstance(shape, tuple) or not isinstance(right, tuple) or len(shape) != len(right) or len(right) < 2:  # noqa: PLR2004
        return ()
    parts = {"channels": same(shape[0], right[0]), "spatial": same(shape[1:], right[1:])}
    return tuple(name for name, is_right in parts.items() if is_right)


def shown(value: Any) -> str:
    """A value as it is printed."""
    if isinstance(value, tuple):
        return " × ".join(f"({item})" if " " in str(item) else str(item) for item in value)
    return str(value)
