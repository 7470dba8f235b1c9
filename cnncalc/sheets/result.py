"""A quantity that was worked out, and how it is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cnncalc.sheets.files import SheetError
from cnncalc.sizes import Expr


class Result(NamedTuple):
    """A quantity that was worked out: a number, a list of numbers, a formula or a text, and its unit.

    `work` gives the lines of its working; it is called only where they are shown.
    """

    value: Any
    unit: str
    work: Callable[[], tuple[str, ...]] = tuple

    @property
    def working(self) -> tuple[str, ...]:
        """The working as lines of formulas."""
        return self.work()


def plain(value: Any) -> Any:
    """A value for JSON: formulas become text, tuples lists."""
    if isinstance(value, Expr):
        return str(value)
    return [plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def common(sizes: tuple[Any, ...], name: str) -> Any:
    """The one value that all axes share."""
    if not sizes or any(size != sizes[0] for size in sizes):
        raise SheetError(f"{name} asks for one number, but the axes differ", got=str(sizes))
    return sizes[0]


def columns(rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Rows of texts as aligned columns."""
    if not rows:
        return ()
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return tuple("   ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows)
