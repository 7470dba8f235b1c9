"""Functions that add, drop, stretch and repeat axes. Source: torch.squeeze, torch.Tensor.expand and their kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Nothing, Route
from cnncalc.axis import EACH, EVERYTHING, Everything, Tiled
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import flag
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, METHOD, packed, sizes_of
from cnncalc.layers.shaping import AXIS, axis_index, axis_indices
from cnncalc.sizes import Shape, Size, assume, at_least, require

#: In place of an axis that was not given: all of them.
EVERY: Any = object()


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
            else:
                assume(input[axis] != 1, "an axis of length 1 would be dropped")
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
        flag(implicit, "implicit")
        return expanded_shape(input, sizes_of(size, "size", one=True))

    def axes(self, input: Shape, size: tuple[Size, ...], *, implicit: bool = False) -> tuple[AxisMaps, ...]:
        """A stretched axis reads its one cell."""
        return (stretched(input, expanded_shape(input, sizes_of(size, "size", one=True))),)

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
        return expanded_shape(input, sizes_of(size, "size"))

    def axes(self, input: Shape, size: tuple[Size, ...]) -> tuple[AxisMaps, ...]:
        """A stretched axis reads its one cell."""
        return (stretched(input, expanded_shape(input, sizes_of(size, "size"))),)


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
                m == n,
                "only an axis of length 1 can be expanded",
                "{} to {} on axis {}, from {} to {}",
                n,
                m,
                place,
                input,
                size,
                otherwise=(n == 1,),
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
    lead = len(times) - len(input)
    repeated = tuple(n * number for n, number in zip((*(1,) * lead, *input), times, strict=True))
    for length in repeated:
        # Nothing, repeated a negative number of times, is nothing.
        require(at_least(length), "a tensor can't be repeated a negative number of times", "{}", times)
    return repeated


def tiles(input: Shape, times: Shape) -> AxisMaps:
    """How the repeats follow from the tensor."""
    lead = len(times) - len(input)
    maps = [EACH if (number == 1) is True else Tiled(number) for number in times[lead:]]
    return AxisMaps.routed(*((lead + index, axis_map) for index, axis_map in enumerate(maps)))


squeeze = Squeeze()
unsqueeze = Unsqueeze()
expand = Expand()
broadcast_to = BroadcastTo()
expand_as = ExpandAs()
repeat = Repeat()
tile = Tile()
