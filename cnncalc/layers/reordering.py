"""Functions that put axes into another order. Source: torch.permute and its kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, packed
from cnncalc.layers.shaping import axis_index, axis_indices
from cnncalc.sizes import Shape


class _Permuting(Function):
    """What all of them share: each output axis is one input axis, and memory is shared."""

    work = "nothing"
    found_in = BOTH
    is_view = True


class Permute(_Permuting):
    """The axes in another order. Source: torch.permute."""

    torch_name = "permute"

    def output_shape(self, input: Shape, dims: tuple[int, ...]) -> Shape:
        """The lengths in the new order; each axis once."""
        return tuple(input[axis] for axis in self._order(input, dims))

    def axes(self, input: Shape, dims: tuple[int, ...]) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return reordered(self._order(input, dims))

    def method(self, input: Any, *dims: Any, **call: Any) -> Any:
        """Axes one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, dims, call), **call)

    @staticmethod
    def _order(input: Shape, dims: Any) -> tuple[int, ...]:
        """For each output axis, the input axis that it is."""
        if not isinstance(dims, (tuple, list)):
            raise ArgumentError("dims must be a tuple of whole numbers", got=f"dims={dims!r:.60}")
        if len(dims) != len(input):
            raise ShapeError("dims must name every axis once", got=f"dims={tuple(dims)} for {len(input)} axes, {input}")
        return axis_indices(dims, input, "dims")


class Transpose(_Permuting):
    """Two axes exchanged. Source: torch.transpose."""

    torch_name = "transpose"

    def output_shape(self, input: Shape, dim0: int, dim1: int) -> Shape:
        """The two lengths exchanged."""
        return tuple(input[axis] for axis in _exchanged(input, dim0, dim1, "dim"))

    def axes(self, input: Shape, dim0: int, dim1: int) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return reordered(_exchanged(input, dim0, dim1, "dim"))


class SwapDims(Transpose):
    """As `transpose`. Source: torch.swapdims."""

    torch_name = "swapdims"


class SwapAxes(_Permuting):
    """As `transpose`, by other names. Source: torch.swapaxes."""

    torch_name = "swapaxes"

    def output_shape(self, input: Shape, axis0: int, axis1: int) -> Shape:
        """The two lengths exchanged."""
        return tuple(input[axis] for axis in _exchanged(input, axis0, axis1, "axis"))

    def axes(self, input: Shape, axis0: int, axis1: int) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return reordered(_exchanged(input, axis0, axis1, "axis"))


class T(_Permuting):
    """The two axes of a matrix exchanged; fewer stay. Source: torch.t."""

    torch_name = "t"

    def output_shape(self, input: Shape) -> Shape:
        """The lengths reversed."""
        if len(input) > 2:  # noqa: PLR2004 - a matrix
            raise ShapeError("the input must have at most two axes", got=f"{len(input)} axes, {input}")
        return input[::-1]

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return reordered(tuple(reversed(range(len(input)))))


class MoveDim(_Permuting):
    """Some axes moved to other places, the rest in order. Source: torch.movedim."""

    torch_name = "movedim"

    def output_shape(self, input: Shape, source: Any, destination: Any) -> Shape:
        """The moved axes at their places, the others in order between them."""
        return tuple(input[axis] for axis in self._order(input, source, destination))

    def axes(self, input: Shape, source: Any, destination: Any) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return reordered(self._order(input, source, destination))

    @staticmethod
    def _order(input: Shape, source: Any, destination: Any) -> tuple[int, ...]:
        """For each output axis, the input axis that it is."""
        got = f"source={source!r:.30}, destination={destination!r:.30}"
        if isinstance(source, (tuple, list)) != isinstance(destination, (tuple, list)):
            raise ArgumentError("source and destination must both be numbers, or both tuples", got=got)
        moved, places = axis_indices(source, input, "source"), axis_indices(destination, input, "destination")
        if len(moved) != len(places):
            raise ShapeError("source and destination must name equally many axes", got=got)
        rest = iter([axis for axis in range(len(input)) if axis not in moved])
        at = dict(zip(places, moved, strict=True))
        return tuple(at[place] if place in at else next(rest) for place in range(len(input)))


class MoveAxis(MoveDim):
    """As `movedim`. Source: torch.moveaxis."""

    torch_name = "moveaxis"


def reordered(order: tuple[int, ...]) -> tuple[AxisMaps, ...]:
    """Cell by cell, each input axis with its place in the output."""
    return (AxisMaps.routed(*((order.index(axis), EACH) for axis in range(len(order)))),)


def _exchanged(input: Shape, first: Any, second: Any, name: str) -> tuple[int, ...]:
    """The order of axes in which two are exchanged."""
    a, b = axis_index(first, input, f"{name}0"), axis_index(second, input, f"{name}1")
    order = list(range(len(input)))
    if order:
        order[a], order[b] = b, a
    return tuple(order)


permute = Permute()
transpose = Transpose()
swapdims = SwapDims()
swapaxes = SwapAxes()
t = T()
movedim = MoveDim()
moveaxis = MoveAxis()
