"""Functions that exchange, add, drop and repeat axes, and turn the cells along them round. Source: torch.permute and its kin."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, Merged, Nothing, Route, laid_out
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Everything, Pad, Select, Tiled
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, METHOD, packed, sizes_of
from cnncalc.layers.shaping import AXIS, axis_index, axis_indices, axis_number
from cnncalc.sizes import Expr, Shape, Size, at_least, require

#: In place of an axis that was not given: all of them.
EVERY: Any = object()


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


class Squeeze(Function):
    """Axes of length 1 dropped: all, or those given. Source: torch.squeeze."""

    work = "nothing"
    torch_name = "squeeze"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: Any = EVERY) -> Shape:
        """The axes that are left. An axis that is given and longer than 1 stays."""
        dropped = self._dropped(input, dim)
        return tuple(n for axis, n in enumerate(input) if axis not in dropped)

    def axes(self, input: Shape, dim: Any = EVERY) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        dropped = self._dropped(input, dim)
        places = iter(range(len(input)))
        return (
            AxisMaps.routed(*((None, EVERYTHING) if axis in dropped else (next(places), EACH) for axis in range(len(input)))),
        )

    def method(self, input: Any, *dim: Any, **call: Any) -> Any:
        """Axes one by one, or as one tuple."""
        return self(input, *((dim,) if len(dim) > 1 else dim), **call)

    @staticmethod
    def _dropped(input: Shape, dim: Any) -> set[int]:
        """The axes that are dropped."""
        asked = range(len(input)) if dim is EVERY else axis_indices(dim, input)
        dropped = set()
        for axis in asked[: len(input)]:
            if (input[axis] == 1) is True:
                dropped.add(axis)
            elif isinstance(input[axis], Expr):
                require(input[axis] != 1, "an axis of length 1 would be dropped")
        return dropped


class Unsqueeze(Function):
    """An axis of length 1 put in. Source: torch.unsqueeze."""

    work = "nothing"
    torch_name = "unsqueeze"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: int) -> Shape:
        """The axis at the place that it has in the output."""
        axis = axis_index(dim, (*input, 1))
        return (*input[:axis], 1, *input[axis:])

    def axes(self, input: Shape, dim: int) -> tuple[AxisMaps, ...]:
        """Cell by cell; the axes behind move by one."""
        axis = axis_index(dim, (*input, 1))
        return (AxisMaps.routed(*((place + (place >= axis), EACH) for place in range(len(input)))),)


class Expand(Function):
    """Axes of length 1 stretched, and new ones put in front. Source: torch.Tensor.expand."""

    work = "nothing"
    torch_name = "expand"
    found_in = METHOD
    is_view = True

    def output_shape(self, input: Shape, size: tuple[Size, ...], *, implicit: bool = False) -> Shape:
        """The sizes given; −1 keeps a length."""
        return expanded_shape(input, sizes_of(size, "size", one=self.found_in is METHOD))

    def axes(self, input: Shape, size: tuple[Size, ...], *, implicit: bool = False) -> tuple[AxisMaps, ...]:
        """A stretched axis reads its one cell."""
        return (stretched(input, expanded_shape(input, sizes_of(size, "size", one=self.found_in is METHOD))),)

    def method(self, input: Any, *size: Any, **call: Any) -> Any:
        """Sizes one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, size, call), **call)


class BroadcastTo(Function):
    """As `expand`. Source: torch.broadcast_to."""

    work = "nothing"
    torch_name = "broadcast_to"
    found_in = BOTH
    is_view = True

    def output_shape(self, input: Shape, size: tuple[Size, ...]) -> Shape:
        """The sizes given; −1 keeps a length."""
        return expanded_shape(input, sizes_of(size, "size", one=self.found_in is METHOD))

    def axes(self, input: Shape, size: tuple[Size, ...]) -> tuple[AxisMaps, ...]:
        """A stretched axis reads its one cell."""
        return (stretched(input, expanded_shape(input, sizes_of(size, "size", one=self.found_in is METHOD))),)


class ExpandAs(Function):
    """As `expand`, to the shape of another tensor, whose values do not matter. Source: torch.Tensor.expand_as."""

    work = "nothing"
    torch_name = "expand_as"
    found_in = METHOD
    is_view = True

    def output_shape(self, input: Shape, other: Shape) -> Shape:
        """That of the other tensor."""
        return expanded_shape(input, other)

    def axes(self, input: Shape, other: Shape) -> tuple[AxisMaps, ...]:
        """A stretched axis reads its one cell; of the other tensor, nothing is read."""
        return stretched(input, expanded_shape(input, other)), Nothing(len(other))


class Repeat(Function):
    """The tensor laid beside itself, several times along each axis. Source: torch.Tensor.repeat."""

    work = "nothing"
    torch_name = "repeat"
    found_in = METHOD

    def output_shape(self, input: Shape, repeats: tuple[Size, ...]) -> Shape:
        """Each length times its number; more numbers than axes add axes in front."""
        times = sizes_of(repeats, "repeats", one=True)
        if len(times) < len(input):
            raise ShapeError("repeats must have a number for each axis", got=f"repeats={times} for {len(input)} axes, {input}")
        return repeated(input, times)

    def axes(self, input: Shape, repeats: tuple[Size, ...]) -> tuple[AxisMaps, ...]:
        """Each cell of the output is a copy of one of the input."""
        return (tiles(input, sizes_of(repeats, "repeats", one=True)),)

    def method(self, input: Any, *repeats: Any, **call: Any) -> Any:
        """Numbers one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, repeats, call), **call)


class Tile(Function):
    """As `repeat`; fewer numbers than axes count from the last axis. Source: torch.tile."""

    work = "nothing"
    torch_name = "tile"
    found_in = BOTH

    def output_shape(self, input: Shape, dims: tuple[Size, ...]) -> Shape:
        """Each length times its number."""
        return repeated(input, self._times(input, dims))

    def axes(self, input: Shape, dims: tuple[Size, ...]) -> tuple[AxisMaps, ...]:
        """Each cell of the output is a copy of one of the input."""
        return (tiles(input, self._times(input, dims)),)

    def method(self, input: Any, *dims: Any, **call: Any) -> Any:
        """Numbers one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, dims, call), **call)

    @staticmethod
    def _times(input: Shape, dims: Any) -> Shape:
        """A number for every axis."""
        times = sizes_of(dims, "dims")
        return (*(1,) * (len(input) - len(times)), *times)


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
                return (Rolled(Merged(0, len(input)), axis_number(_one(shifts), "shifts"), input),)
            moves = {alone[0]: axis_number(_one(shifts), "shifts")}
        return (AxisMaps(*(_around(moves[axis]) if moves.get(axis) else EACH for axis in range(len(input)))),)

    @staticmethod
    def _moves(input: Shape, shifts: Any, dims: Any) -> dict[int, int] | None:
        """By how much each axis is rolled; None where all axes count as one."""
        by, along = _numbers(shifts, "shifts"), _numbers(() if dims is None else dims, "dims")
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
        moves: dict[int, int] = {}
        for shift, dim in zip(by, along, strict=True):
            axis = axis_index(dim, input, "dims")
            moves[axis] = moves.get(axis, 0) + shift
        return moves


class Rolled(AxisMaps):
    """All cells in row-major order moved on, the last ones to the front."""

    __slots__ = ("merged", "output", "shift")

    def __init__(self, merged: AxisMaps, shift: int, output: Shape) -> None:
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


def _around(shift: int) -> AxisMap:
    """A shift around the ends: cells are put before, and as many taken away behind."""
    return Pad(shift, -shift, "circular")


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, (tuple, list)) else value


def _numbers(value: Any, name: str) -> tuple[int, ...]:
    """One number or several."""
    given = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(axis_number(item, name) for item in given)


def expanded_shape(input: Shape, size: Shape) -> Shape:
    """The sizes given, −1 for a length that stays. Raises ShapeError where an axis longer than 1 would be stretched."""
    lead = len(size) - len(input)
    if lead < 0:
        raise ShapeError("there must be a size for every axis", got=f"sizes {size} for {len(input)} axes, {input}")
    lengths: list[Size] = []
    for place, m in enumerate(size):
        keep = type(m) is int and m == -1
        if place < lead:
            if keep:
                raise ShapeError("a new axis needs a length, not −1", got=str(size))
            n: Size = 1
        else:
            n = input[place - lead]
        if keep or m is n:
            lengths.append(n)
            continue
        if (n == 1) is not True:
            require(
                m == n, "only an axis of length 1 can be expanded", "{} to {} on axis {}, from {} to {}", n, m, place, input, size
            )
        else:
            require(at_least(m), "sizes must be whole numbers from 0 on, or −1", "{}", size)
        lengths.append(m)
    return tuple(lengths)


def stretched(shape: Shape, output: Shape) -> AxisMaps:
    """How a broadcast output follows from one of its inputs; its axes go with the last ones of the output."""
    lead = len(output) - len(shape)
    routes: list[Route] = []
    for index, n in enumerate(shape):
        m = output[lead + index]
        routes.append((lead + index, Everything(m) if (n == 1) is True and n is not m else EACH))
    return AxisMaps.routed(*routes)


def repeated(input: Shape, times: Shape) -> Shape:
    """Each length times its number, with axes of length 1 in front for further numbers."""
    for number in times:
        require(at_least(number), "a tensor can't be repeated a negative number of times", "{}", times)
    lead = len(times) - len(input)
    return tuple(n * number for n, number in zip((*(1,) * lead, *input), times, strict=True))


def tiles(input: Shape, times: Shape) -> AxisMaps:
    """How the repeats follow from the tensor."""
    lead = len(times) - len(input)
    maps = [EACH if (number == 1) is True else Tiled(number) for number in times[lead:]]
    return AxisMaps.routed(*((lead + index, axis_map) for index, axis_map in enumerate(maps)))


permute = Permute()
transpose = Transpose()
swapdims = SwapDims()
swapaxes = SwapAxes()
t = T()
movedim = MoveDim()
moveaxis = MoveAxis()
squeeze = Squeeze()
unsqueeze = Unsqueeze()
expand = Expand()
broadcast_to = BroadcastTo()
expand_as = ExpandAs()
repeat = Repeat()
tile = Tile()
flip = Flip()
roll = Roll()
