"""Functions that cut an axis into several tensors: in runs, or cell by cell. Source: torch.chunk, torch.split and their kin."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

from cnncalc.axes import PerOutput
from cnncalc.axis import Select
from cnncalc.errors import ArgumentError, UndecidedError
from cnncalc.layers.arguments import refuse_others
from cnncalc.layers.indexing import SelectFunction, axis_of, on_axis, one_size, select, sliced
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH, sizes_of
from cnncalc.layers.shaping import AXIS
from cnncalc.sizes import Shape, Size, assume, at_least, ceil_div, floor_div, require

#: A run of cells of an axis: the first one and how many.
Run = tuple[Size, Size]


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
        axis = axis_of(dim, input)
        return Parts((*input[:axis], count, *input[axis + 1 :]) for _, count in self.runs(input[axis], *sections))

    def _axes(self, input: Shape, dim: Any, *sections: Any) -> PerOutput:
        """The cells of each part."""
        axis = axis_of(dim, input)
        return PerOutput((on_axis(input, axis, Select(first, 1, count)),) for first, count in self.runs(input[axis], *sections))


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
        chunks = _known(one_size(chunks, "chunks"), "chunks={}")
        require(chunks > 0, "chunks must be at least 1", "chunks={}", chunks)
        if type(n) is int and n == 0:
            return [(0, 0)] * chunks
        size = ceil_div(n, chunks)
        if isinstance(n, int) and isinstance(size, int):
            return _even(n, size)
        last = n - (chunks - 1) * size
        assume(at_least(last - 1), f"a shorter axis gives fewer than {chunks} parts")
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
        refuse_others(sections, "split_size_or_sections")
        size = one_size(sections, "split_size_or_sections")
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
        count = _known(one_size(sections, "sections"), "sections={}")
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
        axis = axis_of(dim, input)
        return Parts([(*input[:axis], *input[axis + 1 :])] * _known(input[axis], "an axis of length {}"))

    def axes(self, input: Shape, dim: int = 0) -> PerOutput:
        """The one cell of each."""
        axis = axis_of(dim, input)
        one = SelectFunction.axes
        return PerOutput(one(select, input, axis, index) for index in range(_known(input[axis], "an axis of length {}")))


def _known(count: Size, got: str) -> int:
    """A number of parts, which no symbol can be: each is a value of its own."""
    if not isinstance(count, int):
        raise UndecidedError("the number of parts must be known", got=got.format(count))
    return count


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


chunk = Chunk()
split = Split()
tensor_split = TensorSplit()
unbind = Unbind()
