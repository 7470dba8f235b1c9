"""An axis whose cells no map describes."""

from __future__ import annotations

from cnncalc.axis.base import AxisMap
from cnncalc.errors import UnsupportedError
from cnncalc.sizes import Size


class Undescribed(AxisMap):
    """An axis of which only the length is known: which cells are read depends on data, or on other axes too."""

    __slots__ = ("output_size", "where", "why")
    parts = ("output_size", "where", "why")

    def __init__(self, output_size: Size, where: str, why: str) -> None:
        """Keep the length, the operation, and what it does, as in "has windows that are drawn at random"."""
        self.output_size = output_size
        self.where = where
        self.why = why

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The length given."""
        return self.output_size

    def reads(self, cells: int, n: int) -> int:  # noqa: ARG002 - whatever the length
        """No cells of none; otherwise refuse."""
        return self._refused(cells)

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - whatever the length
        """None reads no cells; otherwise refuse."""
        return self._refused(cells)

    def _refused(self, cells: int) -> int:
        if not cells:
            return 0
        raise UnsupportedError(f"{self.why}, so that its cells are not known", where=self.where)

    def why_varying(self, n: Size) -> str:  # noqa: ARG002 - whatever the length
        """What was given."""
        return self.why
