"""Functions that take parts of a tensor: by indices, slices and lists, cell by cell, in runs. Source: torch.Tensor."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, AxisMap, Select
from cnncalc.errors import ShapeError
from cnncalc.layers.index_lists import Listed, list_at, picked
from cnncalc.layers.index_parts import from_the_start, parts_of, recorded
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, METHOD, sizes_of
from cnncalc.layers.shaping import AXIS, axis_index
from cnncalc.sizes import Shape, Size, assume, at_least, ceil_div, greater, lesser, require


class GetItem(Function):
    """A part of a tensor by numbers, slices, None, `...`, truth values, and lists. Source: torch.Tensor.__getitem__."""

    work = "nothing"
    torch_name = "getitem"
    found_in = METHOD
    is_view = True

    def __call__(self, *inputs: Any, **call: Any) -> Any:
        """Apply it, with lists in the one form in which they are kept."""
        first, rest = inputs[:1], inputs[1:]
        return super().__call__(*first, *map(recorded, rest), **{name: recorded(item) for name, item in call.items()})

    def output_shape(self, input: Shape, index: Any) -> Shape:
        """A number drops its axis, a slice shortens it, a list picks from it; None adds an axis of length 1."""
        return self._followed(input, index)[0]

    def axes(self, input: Shape, index: Any) -> tuple[AxisMaps, ...]:
        """Each output cell is one cell of the input."""
        return (self._followed(input, index)[1],)

    def shares_memory(self, input: Shape, index: Any) -> bool:
        """What lists pick is a copy."""
        return not any(type(part) in {tuple, bool} for part in parts_of(index))

    @staticmethod
    def _followed(input: Shape, index: Any) -> tuple[Shape, AxisMaps]:
        """The shape of the output, and the axis maps."""
        parts = parts_of(index)
        specified = _specified(parts, input)
        shape: list[Size] = []
        routes: list[Route] = []
        lists: list[Listed] = []
        beyond = 0  # a second `...` leaves the axes behind it, and nothing may follow there

        def keep(axis_map: AxisMap = EACH) -> None:
            n = input[len(routes)]
            routes.append((len(shape), axis_map))
            shape.append(axis_map.length(n))

        for part in parts:
            if part is Ellipsis:
                left = min(len(input) - len(routes), len(input) - specified)
                beyond += len(input) - specified - left
                for _ in range(left):
                    keep()
            elif (part is None or type(part) is bool) and not beyond:
                shape.append(1)
            elif beyond or len(routes) == len(input):
                if isinstance(part, slice) and not part.start and part.stop is None and part.step in {None, 1}:
                    beyond += 1  # torch does not look where a slice of everything stands
                    continue
                raise _too_many(f"{parts} for {len(input)} axes, {input}")
            elif isinstance(part, slice):
                keep(sliced(part, input[len(routes)]))
            elif type(part) is tuple:
                keep()
            else:
                routes.append((None, Select(cell_of(part, input[len(routes)], "the index"), 1, 1)))
            if type(part) in {tuple, bool}:
                lists.append(list_at(len(shape) - 1, shape[-1], part))
        while len(routes) < len(input):
            keep()
        return picked(input, tuple(shape), routes, lists)


def _specified(parts: tuple[Any, ...], input: Shape) -> int:
    """How many axes the parts of an index take in all."""
    specified = sum(part is not None and part is not Ellipsis and type(part) is not bool for part in parts)
    if specified > len(input):
        raise _too_many(f"{specified} indices for {len(input)} axes, {input}")
    return specified


def _too_many(got: str) -> ShapeError:
    """The error for an index that takes more axes than there are."""
    return ShapeError("there are more indices than axes", got=got)


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
        first = from_the_start(first, n)
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
    cell = from_the_start(one_size(index, name), n)
    rule = f"{name} must lie on the axis"
    require(at_least(cell), rule, "{} for a length of {}", index, n)
    require(at_least(n - 1 - cell), rule, "{} for a length of {}", index, n)
    return cell


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
    place = from_the_start(place, n)
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
