"""Functions that take parts of a tensor: by indices and slices, cell by cell, in runs. Source: torch.Tensor.__getitem__."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, PerOutput, Route
from cnncalc.axis import EACH, AxisMap, Select
from cnncalc.errors import ArgumentError, ShapeError, UndecidedError, UnsupportedError
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, METHOD, sizes_of
from cnncalc.layers.shaping import AXIS, axis_index
from cnncalc.sizes import Shape, Size, at_least, ceil_div, floor_div, greater, lesser, require

#: A run of cells of an axis: the first one and how many.
Run = tuple[Size, Size]


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
        items = index if isinstance(index, tuple) else (index,)
        for item in items:
            if isinstance(item, (bool, list, tuple)):
                raise UnsupportedError(
                    "an index that is a list, a tensor or a truth value is not known to cnncalc", got=repr(item)[:60]
                )
        specified = sum(item is not None and item is not Ellipsis for item in items)
        if specified > len(input):
            raise ShapeError("there are more indices than axes", got=f"{specified} indices for {len(input)} axes, {input}")
        shape: list[Size] = []
        routes: list[Route] = []

        def keep(axis_map: AxisMap = EACH) -> None:
            n = input[len(routes)]
            routes.append((len(shape), axis_map))
            shape.append(axis_map.length(n))

        for item in items:
            if item is None:
                shape.append(1)
            elif item is Ellipsis:
                for _ in range(len(input) - specified):
                    keep()
            elif len(routes) == len(input):
                raise ShapeError("there are more indices than axes", got=f"{items} for {len(input)} axes, {input}")
            elif isinstance(item, slice):
                keep(sliced(item, input[len(routes)]))
            else:
                routes.append((None, Select(cell_of(item, input[len(routes)], "the index"), 1, 1)))
        while len(routes) < len(input):
            keep()
        return tuple(shape), routes


class SelectFunction(Function):
    """One cell of an axis, which is dropped. Source: torch.select."""

    work = "nothing"
    torch_name = "select"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: int, index: Size) -> Shape:
        """All axes but the one."""
        axis = _axis(dim, input)
        cell_of(index, input[axis], "index")
        return (*input[:axis], *input[axis + 1 :])

    def axes(self, input: Shape, dim: int, index: Size) -> tuple[AxisMaps, ...]:
        """The one cell; the other axes cell by cell."""
        axis = _axis(dim, input)
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
        return (_on_axis(input, axis, Select(first, 1, count)),)

    @staticmethod
    def _run(input: Shape, dim: Any, start: Any, length: Any) -> tuple[int, Size, Size]:
        """The axis, the first cell and the length."""
        axis = _axis(dim, input)
        n = input[axis]
        first, count = (_size(start, "start"), _size(length, "length"))
        require(at_least(count), "length must not be negative", "length={}", count)
        within = "start must lie on the axis, or just behind it"
        if type(first) is int and first < 0:
            first = n + first
        require(at_least(first), within, "start={} for a length of {}", start, n)
        require(at_least(n - first), within, "start={} for a length of {}", start, n)
        require(at_least(n - first - count), "start + length must not pass the end", "{} + {} for {}", first, count, n)
        return axis, first, count


class _Splitting(Function):
    """What all of them share: runs of cells of one axis, one tensor each."""

    work = "nothing"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def runs(self, n: Size, sections: Any, *others: Any) -> list[Run]:
        """The runs of an axis of length n."""
        raise NotImplementedError  # pragma: no cover - every function has its own

    def _shapes(self, input: Shape, dim: Any, *sections: Any) -> tuple[Shape, ...]:
        """The shapes of the parts."""
        axis = _axis(dim, input)
        return Parts((*input[:axis], count, *input[axis + 1 :]) for _, count in self.runs(input[axis], *sections))

    def _axes(self, input: Shape, dim: Any, *sections: Any) -> PerOutput:
        """The cells of each part."""
        axis = _axis(dim, input)
        return PerOutput((_on_axis(input, axis, Select(first, 1, count)),) for first, count in self.runs(input[axis], *sections))


class Parts(tuple[Shape, ...]):
    """The shapes of several tensors, also where there is none."""

    __slots__ = ()


class Chunk(_Splitting):
    """An axis in at most so many parts of equal length, the last one shorter. Source: torch.chunk."""

    torch_name = "chunk"

    def output_shape(self, input: Shape, chunks: int, dim: int = 0) -> tuple[Shape, ...]:
        """Parts of ⌈n/chunks⌉."""
        return self._shapes(input, dim, chunks)

    def axes(self, input: Shape, chunks: int, dim: int = 0) -> PerOutput:
        """The cells of each part."""
        return self._axes(input, dim, chunks)

    def runs(self, n: Size, chunks: Any) -> list[Run]:
        """All of ⌈n/chunks⌉ but the last."""
        chunks = _size(chunks, "chunks")
        if not isinstance(chunks, int):
            raise UndecidedError("the number of parts must be known", got=f"chunks={chunks}")
        require(chunks > 0, "chunks must be at least 1", "chunks={}", chunks)
        if type(n) is int and n == 0:
            return [(0, 0)] * chunks
        size = ceil_div(n, chunks)
        if isinstance(n, int) and isinstance(size, int):
            return _even(n, size)
        last = n - (chunks - 1) * size
        require(at_least(last - 1), f"the axis must be long enough for {chunks} parts")
        return [(index * size, size) for index in range(chunks - 1)] + [((chunks - 1) * size, last)]


class Split(_Splitting):
    """An axis in parts of a length, the last one shorter, or of the lengths given. Source: torch.split."""

    torch_name = "split"
    other_names: ClassVar[dict[str, str]] = {}

    def output_shape(self, tensor: Shape, split_size_or_sections: Any, dim: int = 0) -> tuple[Shape, ...]:
        """The parts."""
        return self._shapes(tensor, dim, split_size_or_sections)

    def axes(self, tensor: Shape, split_size_or_sections: Any, dim: int = 0) -> PerOutput:
        """The cells of each part."""
        return self._axes(tensor, dim, split_size_or_sections)

    def method(self, tensor: Any, *arguments: Any, **call: Any) -> Any:
        """The method's own name for the sizes."""
        if "split_size" in call:
            call = {"split_size_or_sections" if name == "split_size" else name: item for name, item in call.items()}
        return self(tensor, *arguments, **call)

    def runs(self, n: Size, sections: Any) -> list[Run]:
        """Of one length each, or as given."""
        if isinstance(sections, (tuple, list)):
            sizes = sizes_of(sections, "split_size_or_sections")
            total: Size = 0
            runs: list[Run] = []
            for size in sizes:
                require(at_least(size), "lengths must not be negative", "{}", sizes)
                runs.append((total, size))
                total = total + size
            require(total == n, "the lengths must add up to that of the axis", "{} for {}", sizes, n)
            return runs
        size = _size(sections, "split_size_or_sections")
        require(at_least(size), "the length of a part must not be negative", "{}", size)
        if isinstance(n, int) and isinstance(size, int):
            if size == 0:
                require(n == 0, "parts of no cells can't make up an axis", "{} for {}", size, n)
                return [(0, 0)]
            return _even(n, size)
        count = floor_div(n, size)
        if isinstance(count, int) and (count * size == n) is True:
            return [(index * size, size) for index in range(count)]
        raise UndecidedError(
            "the number of parts depends on the symbols", got=f"a length of {n} in parts of {size}", remedy="use chunk"
        )


class TensorSplit(_Splitting):
    """An axis in so many parts that differ by one cell at most, or cut at the indices given. Source: torch.tensor_split."""

    torch_name = "tensor_split"

    def output_shape(
        self, input: Shape, indices_or_sections: Any = None, dim: int = 0, *, sections: Any = None, indices: Any = None
    ) -> tuple[Shape, ...]:
        """The parts."""
        return self._shapes(input, dim, _given(indices_or_sections, sections, indices))

    def axes(
        self, input: Shape, indices_or_sections: Any = None, dim: int = 0, *, sections: Any = None, indices: Any = None
    ) -> PerOutput:
        """The cells of each part."""
        return self._axes(input, dim, _given(indices_or_sections, sections, indices))

    def runs(self, n: Size, sections: Any) -> list[Run]:
        """The longer parts first, or from cut to cut."""
        if isinstance(sections, (tuple, list)):
            cuts = [0, *sizes_of(sections, "indices"), None]
            found = [sliced(slice(start, stop), n) for start, stop in pairwise(cuts)]
            return [(m.start, m.count) if isinstance(m, Select) else (0, n) for m in found]
        count = _size(sections, "sections")
        if not isinstance(count, int):
            raise UndecidedError("the number of parts must be known", got=f"sections={count}")
        require(count > 0, "sections must be at least 1", "sections={}", count)
        size, more = floor_div(n, count), n % count
        if not isinstance(more, int):
            raise UndecidedError("the lengths of the parts depend on the symbols", got=f"a length of {n} in {count} parts")
        return [(index * size + min(index, more), size + (index < more)) for index in range(count)]


class Unbind(Function):
    """The cells of an axis as tensors of their own, without it. Source: torch.unbind."""

    work = "nothing"
    torch_name = "unbind"
    found_in = BOTH
    is_view = True
    other_names = AXIS

    def output_shape(self, input: Shape, dim: int = 0) -> tuple[Shape, ...]:
        """As many as the axis is long."""
        axis = _axis(dim, input)
        return Parts([(*input[:axis], *input[axis + 1 :])] * int(input[axis]))

    def axes(self, input: Shape, dim: int = 0) -> PerOutput:
        """The one cell of each."""
        axis = _axis(dim, input)
        one = SelectFunction.axes
        return PerOutput(one(select, input, axis, index) for index in range(int(input[axis])))


def _given(either: Any, sections: Any, indices: Any) -> Any:
    """The one argument that was given, under whichever of its names."""
    given = [choice for choice in (either, sections, indices) if choice is not None]
    if isinstance(sections, (tuple, list)) or (indices is not None and not isinstance(indices, (tuple, list))):
        raise ArgumentError(
            "sections is a number, indices are a tuple", got=f"sections={sections!r:.30}, indices={indices!r:.30}"
        )
    if len(given) != 1:
        raise ArgumentError("the number of parts, or the indices to cut at, must be given once", got=f"{given}"[:60])
    return given[0]


def _even(n: int, size: int) -> list[Run]:
    """Runs of one length, the last one shorter; one of none for an empty axis."""
    return [(start, min(size, n - start)) for start in range(0, n, size)] or [(0, 0)]


def _axis(dim: Any, input: Shape) -> int:
    """The axis that is worked on; a tensor without axes has none."""
    if not input:
        raise ShapeError("the input must have at least one axis", got="no axes")
    return axis_index(dim, input)


def _on_axis(input: Shape, axis: int, axis_map: AxisMap) -> AxisMaps:
    """Cell by cell on all axes but one."""
    return AxisMaps(*(axis_map if place == axis else EACH for place in range(len(input))))


def _size(value: Any, name: str) -> Size:
    """One whole number or symbolic size, as it is given to a function."""
    (size,) = sizes_of((value,), name)
    return size


def cell_of(index: Any, n: Size, name: str) -> Size:
    """The number of a cell of an axis, counted from 0; negative ones count from the end. Raises ShapeError outside."""
    cell = _size(index, name)
    rule = f"{name} must lie on the axis"
    if type(cell) is int and cell < 0:
        cell = n + cell
    require(at_least(cell), rule, "{} for a length of {}", index, n)
    require(at_least(n - 1 - cell), rule, "{} for a length of {}", index, n)
    return cell


def sliced(part: slice, n: Size) -> AxisMap:
    """The axis map of a slice by Python's rules; steps must be positive, as torch asks."""
    given = (part.start, part.stop, part.step)
    start, stop, step = (None if item is None else _size(item, "a slice") for item in given)
    step = 1 if step is None else step
    require(at_least(step - 1), "the step of a slice must be at least 1", "{}", step)
    first = _clamped(0 if start is None else start, n)
    end = n if stop is None else _clamped(stop, n)
    room = greater(end - first, 0)
    if room is None:
        # Symbols hide whether anything is left: the length where something is, on that condition.
        require(at_least(end - first), "the slice must not end before it starts")
        room = end - first
    if type(first) is int and first == 0 and (step == 1) is True and (room is n or (room == n) is True):
        return EACH
    return Select(first, step, ceil_div(room, step))


def _clamped(place: Size, n: Size) -> Size:
    """A place of a slice on the axis: 0 … n. Where symbols hide whether it lies there, it is held to that."""
    if isinstance(place, int) and place < 0:
        place = n + place
    low = greater(place, 0)
    if low is None:
        require(at_least(place), "a slice must start and end on the axis")
        low = place
    high = lesser(low, n)
    if high is None:
        require(at_least(n - low), "a slice must start and end on the axis")
        high = low
    return high


getitem = GetItem()
select = SelectFunction()
narrow = Narrow()
chunk = Chunk()
split = Split()
tensor_split = TensorSplit()
unbind = Unbind()
