"""An operation that cnncalc does not know, in a network that came from elsewhere: its output's shape is known, no figure is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.cells import Term
from cnncalc.errors import UnsupportedError
from cnncalc.layers.operation import Function
from cnncalc.sizes import Size


class Uncarried(Function):
    """An operation by the name that it has where it comes from, and the shape (or shapes) that it gives there.

    Whatever rests on how it works is refused; a report marks its totals as partial. `reason` says why it is not carried.
    """

    #: What it gives is its own, and nothing that equal calls share.
    _pattern = None

    def __init__(self, name: str, output: Any, reason: str, *, in_place: bool = False) -> None:
        """Keep the parts; `in_place` where it writes into its first input."""
        self.__dict__.update(torch_name=name, in_place=in_place, work=None)
        self.output = output
        self.reason = reason

    def output_shape(self, *inputs: Any, **call: Any) -> Any:
        """As it was told."""
        return self.output

    def macs(self, *inputs: Any, **call: Any) -> Size:
        """Refused: they are not known."""
        raise self._refused("multiply-accumulates")

    def arithmetic(self, *inputs: Any, **call: Any) -> dict[str, Size]:
        """Refused: it is not known."""
        raise self._refused("arithmetic")

    def axes(self, *inputs: Any, **call: Any) -> tuple[AxisMaps, ...]:
        """Not known: a field behind it has no size, and asking for cells is refused."""
        return tuple(_Unknown(self) for _ in inputs)

    def _refused(self, what: str) -> UnsupportedError:
        """The error for a figure that is asked for."""
        return UnsupportedError(f"the {what} of {self.torch_name} are not known", got=self.reason)


class _Unknown(AxisMaps):
    """How an output follows from an input that nobody knows: no routes, and no cells."""

    __slots__ = ("operation",)
    why = "is not known to cnncalc"

    def __init__(self, operation: Uncarried) -> None:
        """Keep the operation, for the message."""
        super().__init__()
        self.operation = operation

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """Refused."""
        raise UnsupportedError(f"the cells that {self.operation.torch_name} reads are not known", got=self.operation.reason)
