"""Functions that take parts of a tensor: by indices and slices, cell by cell, in runs. Source: torch.Tensor.__getitem__."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, AxisMap, Select
from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, METHOD, sizes_of
from cnncalc.layers.shaping import AXIS, axis_index
from cnncalc.sizes import Shape, Size, assume, at_least, ceil_div, greater, lesser, require


class GetItem(Function):
    """A part of a tensor by numbers, slices, None and `...`. Source: torch.Tensor.__getitem__."""

    work = "nothing"
    torch_name = "getitem"
    found_in = METHOD
    is_view = True

    def output_shape(self, input: Shape, index: Any) -> Shape:
        """A number drops its axis, a slice shortens it, None adds an axis of length 1."""
        return self._followed(input, index)[0]

    def axes(self, input: Shape, index: Any) -> tuple[AxisMaps, ...]:
        """Each output cell is one cell of the input."""
        return (AxisMaps.routed(*self._followed(input, index)[1]),)

    @staticmethod
    def _followed(input: Shape, index: Any) -> tuple[Shape, list[Route]]:
        """The shape of the output, and the route of each input axis."""
        items, specified = _items_of(index, input)
        shape: list[Size] = []
        routes: list[Route] = []
        beyond = 0  # a second `...` leaves the axes behind it, and nothing may follow there

        def keep(axis_map: AxisMap = EACH) -> None:
            n = input[len(routes)]
            routes.append((len(shape), axis_map))
            shape.append(axis_map.length(n))

        for item in items:
            if item is Ellipsis:
                left = min(len(input) - len(routes), len(input) - specified)
                beyond += len(input) - specified - left
                for _ in range(left):
                    keep()
            elif item is None and not beyond:
                shape.append(1)
            elif beyond or len(routes) == len(input):
                if isinstance(item, slice) and not item.start and item.stop is None and item.step in {None, 1}:
                    beyond += 1  # torch does not look where a slice of everything stands
                    continue
                raise ShapeError("there are more indices than axes", got=f"{items} for {len(input)} axes, {input}")
            elif isinstance(item, slice):
                keep(sliced(item, input[len(routes)]))
            else:
                routes.append((None, Select(cell_of(item, input[len(routes)], "the index"), 1, 1)))
        while len(routes) < len(input):
            keep()
        return tuple(shape), routes


def _items_of(index: Any, input: Shape) -> tuple[tuple[Any, ...], int]:
    """The parts of an index, and how many of them each take an axis."""
    items = index if isinstance(index, tuple) else (index,)
    for item in items:
        if isinstance(item, (bool, list, tuple, range)) or getattr(item, "ndim", 0) != 0:
            raise UnsupportedError(
                "an index that is a list, a tensor or a truth value is not known to cnncalc", got=repr(item)[:60]
            )
    specified = sum(item is not None and item is not Ellipsis for item in items)
    if specified > len(input):
        raise ShapeError("there are more indices than axes", got=f"{specified} indices for {len(input)} axes, {input}")
    return items, specified


class SelectFunction(Function):
    """One cell of an axis, which is dropped. Source: torch.select."""

    work = "nothing"
    torch_name = "select"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: int, index: Size) -> Shape:
        """All axes but the one."""
        axis = axis_of(dim, input)
        cell_of(index, input[axis], "index")
        return (*input[:axis], *input[axis + 1 :])

    def axes(self, input: Shape, dim: int, index: Size) -> tuple[AxisMaps, ...]:
        """The one cell; the other axes cell by cell."""
        axis = axis_of(dim, input)
        cell = cell_of(index, input[axis], "index")
        routes: list[Route] = [(place - (place > axis), EACH) for place in range(len(input))]
        routes[axis] = (None, Select(cell, 1, 1))
        return (AxisMaps.routed(*routes),)


class Narrow(Function):
    """A run of cells of an axis. Source: torch.narrow."""

    work = "nothing"
    torch_name = "narrow"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: int, start: Size, length: Size) -> Shape:
        """The length given on its axis."""
        axis, _, count = self._run(input, dim, start, length)
        return (*input[:axis], count, *input[axis + 1 :])

    def axes(self, input: Shape, dim: int, start: Size, length: Size) -> tuple[AxisMaps, ...]:
        """Cell by cell, moved on."""
        axis, first, count = self._run(input, dim, start, length)
        return (on_axis(input, axis, Select(first, 1, count)),)

    @staticmethod
    def _run(input: Shape, dim: Any, start: Any, length: Any) -> tuple[int, Size, Size]:
        """The axis, the first cell and the length."""
        axis = axis_of(dim, input)
        n = input[axis]
        first, count = (one_size(start, "start"), one_size(length, "length"))
        require(at_least(count), "length must not be negative", "length={}", count)
        within = "start must lie on the axis, or just behind it"
        first = _from_the_start(first, n)
        require(at_least(first), within, "start={} for a length of {}", start, n)
        require(at_least(n - first), within, "start={} for a length of {}", start, n)
        require(at_least(n - first - count), "start + length must not pass the end", "{} + {} for {}", first, count, n)
        return axis, first, count


def axis_of(dim: Any, input: Shape) -> int:
    """The axis that is worked on; a tensor without axes has none."""
    if not input:
        raise ShapeError("the input must have at least one axis", got="no axes")
    return axis_index(dim, input)


def on_axis(input: Shape, axis: int, axis_map: AxisMap) -> AxisMaps:
    """Cell by cell on all axes but one."""
    return AxisMaps(*(axis_map if place == axis else EACH for place in range(len(input))))


def one_size(value: Any, name: str) -> Size:
    """One whole number or symbolic size, as it is given to a function."""
    (size,) = sizes_of((value,), name)
    return size


def cell_of(index: Any, n: Size, name: str) -> Size:
    """The number of a cell of an axis, counted from 0; negative ones count from the end. Raises ShapeError outside."""
    cell = _from_the_start(one_size(index, name), n)
    rule = f"{name} must lie on the axis"
    require(at_least(cell), rule, "{} for a length of {}", index, n)
    require(at_least(n - 1 - cell), rule, "{} for a length of {}", index, n)
    return cell


def _from_the_start(place: Size, n: Size) -> Size:
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


def sliced(part: slice, n: Size) -> AxisMap:
    """The axis map of a slice by Python's rules; steps must be positive, as torch asks."""
    given = (part.start, part.stop, part.step)
    start, stop, step = (
        None if item is None else one_size(+item if isinstance(item, bool) else item, "a slice") for item in given
    )
    step = 1 if step is None else step
    require(at_least(step - 1), "the step of a slice must be at least 1", "{}", step)
    first = _clamped(0 if start is None else start, n)
    end = n if stop is None else _clamped(stop, n)
    room = greater(end - first, 0)
    if room is None:
        # Symbols hide whether anything is left: the length where something is, on that condition.
        assume(at_least(end - first), "the slice must not end before it starts")
        room = end - first
    if type(first) is int and first == 0 and (step == 1) is True and (room is n or (room == n) is True):
        return EACH
    return Select(first, step, ceil_div(room, step))


def _clamped(place: Size, n: Size) -> Size:
    """A place of a slice on the axis: 0 … n. Where symbols hide whether it lies there, it is held to that."""
    place = _from_the_start(place, n)
    low = greater(place, 0)
    if low is None:
        assume(at_least(place), "a slice must start and end on the axis")
        low = place
    high = lesser(low, n)
    if high is None:
        assume(at_least(n - low), "a slice must start and end on the axis")
        high = low
    return high


getitem = GetItem()
select = SelectFunction()
narrow = Narrow()
