"""Functions that turn the cells along axes round, or move them on around the ends. Source: torch.flip and torch.roll."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, Merged, laid_out
from cnncalc.axis import EACH, AxisMap, Pad, Select
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.indexing import one_size
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, packed
from cnncalc.layers.shaping import axis_index, axis_indices, axis_number
from cnncalc.sizes import Shape, Size


class Flip(Function):
    """The cells along some axes in reverse order. Source: torch.flip."""

    work = "nothing"
    torch_name = "flip"
    found_in = BOTH

    def output_shape(self, input: Shape, dims: tuple[int, ...]) -> Shape:
        """That of the input."""
        self._axes(input, dims)
        return input

    def axes(self, input: Shape, dims: tuple[int, ...]) -> tuple[AxisMaps, ...]:
        """Output cell i reads cell n − 1 − i."""
        turned = self._axes(input, dims)
        return (AxisMaps(*(Select(n - 1, -1, n) if axis in turned else EACH for axis, n in enumerate(input))),)

    def method(self, input: Any, *dims: Any, **call: Any) -> Any:
        """Axes one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, dims, call), **call)

    @staticmethod
    def _axes(input: Shape, dims: Any) -> tuple[int, ...]:
        if not isinstance(dims, (tuple, list)):
            raise ArgumentError("dims must be a tuple of whole numbers", got=f"dims={dims!r:.60}")
        return axis_indices(dims, input, "dims")


class Roll(Function):
    """The cells along some axes moved on, the last ones to the front. Source: torch.roll."""

    work = "nothing"
    torch_name = "roll"
    found_in = BOTH
    other_names: ClassVar[dict[str, str]] = {"axis": "dims"}

    def output_shape(self, input: Shape, shifts: Any, dims: Any = ()) -> Shape:
        """That of the input."""
        self._moves(input, shifts, dims)
        return input

    def axes(self, input: Shape, shifts: Any, dims: Any = ()) -> tuple[AxisMaps, ...]:
        """Output cell i reads cell i − shift, around the ends. Without `dims`, all axes count as one, in row-major order."""
        moves = self._moves(input, shifts, dims)
        if moves is None:
            alone = [axis for axis, n in enumerate(input) if (n == 1) is not True]
            if not alone:
                return (AxisMaps.pointwise(len(input)),)
            if len(alone) > 1:
                return (Rolled(Merged(0, len(input)), one_size(_one(shifts), "shifts"), input),)
            moves = {alone[0]: one_size(_one(shifts), "shifts")}
        still = {axis for axis in range(len(input)) if (moves.get(axis, 0) == 0) is True}
        return (AxisMaps(*(EACH if axis in still else _around(moves[axis]) for axis in range(len(input)))),)

    @staticmethod
    def _moves(input: Shape, shifts: Any, dims: Any) -> dict[int, Size] | None:
        """By how much each axis is rolled; None where all axes count as one."""
        by = [one_size(shift, "shifts") for shift in _several(shifts)]
        along = [axis_number(dim, "dims") for dim in _several(() if dims is None else dims)]
        if not by:
            raise ShapeError("shifts must hold at least one number", got="none")
        if not along and len(by) == 1:
            return None
        if len(by) != len(along):
            raise ShapeError("shifts and dims must be equally many", got=f"shifts={shifts}, dims={dims}")
        if any(type(n) is int and n == 0 for n in input):
            return {}
        if not input:
            raise ShapeError("the input has no axis to roll", got=f"dims={dims}")
        moves: dict[int, Size] = {}
        for shift, dim in zip(by, along, strict=True):
            axis = axis_index(dim, input, "dims")
            moves[axis] = moves.get(axis, 0) + shift
        return moves


class Rolled(AxisMaps):
    """All cells in row-major order moved on, the last ones to the front."""

    __slots__ = ("merged", "output", "shift")

    def __init__(self, merged: AxisMaps, shift: Size, output: Shape) -> None:
        """Keep the move."""
        super().__init__()
        self.merged = merged
        self.shift = shift
        self.output = output

    def reads(self, term: tuple[int, ...], shape: tuple[int, ...]) -> Any:
        """The positions moved back, split over the axes again."""
        positions = laid_out(term, shape)
        total = 1
        for n in shape:
            total *= n
        moved = _around(self.shift).reads(positions, total)
        return self.merged.reads((moved,), shape) if moved else iter(())

    def read_by(self, term: tuple[int, ...], shape: tuple[int, ...], output: tuple[int, ...]) -> Any:
        """The positions moved on, split over the axes again."""
        total = 1
        for n in shape:
            total *= n
        moved = _around(self.shift).read_by(laid_out(term, shape), total, total)
        return self.merged.reads((moved,), shape) if moved else iter(())


def _around(shift: Size) -> AxisMap:
    """A shift around the ends: cells are put before, and as many taken away behind."""
    return Pad(shift, -shift, "circular")


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, (tuple, list)) else value


def _several(value: Any) -> tuple[Any, ...] | list[Any]:
    """One number or several, as several."""
    return value if isinstance(value, (tuple, list)) else (value,)


flip = Flip()
roll = Roll()
