"""Functions that lay tensors side by side: concatenations and stacks. Source: torch.cat and torch.stack."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from cnncalc.axes import AxisMaps, Nothing
from cnncalc.axis import EACH, AxisMap, Pad
from cnncalc.errors import ShapeError
from cnncalc.layers.operation import Function
from cnncalc.layers.shaping import AXIS, axis_index, axis_number
from cnncalc.sizes import JOIN_REMEDY, Shape, Size, require


class Cat(Function):
    """Tensors laid end to end along one axis. Source: torch.cat."""

    saves = ()
    work = "nothing"
    torch_name = "cat"
    other_names = AXIS

    def output_shape(self, tensors: tuple[Shape, ...], dim: int = 0) -> Shape:
        """The lengths add up along `dim` and must agree on every other axis; as in torch, a part of shape (0,) is skipped."""
        axis_number(dim, "dim")
        parts = [part for part in _parts(tensors) if not _is_skipped(part)]
        if not parts:
            return (0,)
        axis = axis_index(dim, parts[0])
        first = parts[0]
        total: Size = 0
        for part in parts:
            if len(part) != len(first):
                raise ShapeError("tensors must have the same number of axes", got=f"{first} and {part}")
            for index, (a, b) in enumerate(zip(first, part, strict=True)):
                if index != axis and a is not b:
                    require(
                        a == b,
                        f"lengths must agree on every axis but {axis}",
                        "{} and {} on axis {}, from {} and {}",
                        a,
                        b,
                        index,
                        first,
                        part,
                        remedy=JOIN_REMEDY,
                    )
            total = total + part[axis]
        return (*first[:axis], total, *first[axis + 1 :])

    def axes(self, tensors: tuple[Shape, ...], dim: int = 0) -> tuple[AxisMaps, ...]:
        """Each tensor is read where its part of the axis lies."""
        parts = _parts(tensors)
        first = next((part for part in parts if not _is_skipped(part)), None)
        if first is None:
            return (Nothing(1),) * len(parts)
        axis = axis_index(dim, first)
        ends: list[Size] = list(accumulate((0 if _is_skipped(part) else part[axis] for part in parts), initial=0))
        maps: list[AxisMaps] = []
        for index, part in enumerate(parts):
            if _is_skipped(part):
                maps.append(Nothing(1))
                continue
            row: list[AxisMap] = [EACH] * len(part)
            row[axis] = Pad(ends[index], ends[-1] - ends[index + 1])
            maps.append(AxisMaps(*row))
        return tuple(maps)


class Concat(Cat):
    """As `cat`. Source: torch.concat."""

    torch_name = "concat"


class Concatenate(Cat):
    """As `cat`. Source: torch.concatenate."""

    torch_name = "concatenate"


class Stack(Function):
    """Tensors of one shape side by side along a new axis. Source: torch.stack."""

    saves = ()
    work = "nothing"
    torch_name = "stack"
    other_names = AXIS

    def output_shape(self, tensors: tuple[Shape, ...], dim: int = 0) -> Shape:
        """The shape of one, and the number of tensors on the new axis."""
        parts = self._parts(tensors)
        axis = axis_index(dim, (*parts[0], 1))
        for part in parts[1:]:
            if len(part) != len(parts[0]):
                raise ShapeError("tensors must have the same number of axes", got=f"{parts[0]} and {part}")
            for a, b in zip(parts[0], part, strict=True):
                if a is not b:
                    require(a == b, "tensors must have the same shape", "{} and {}", parts[0], part)
        return (*parts[0][:axis], len(parts), *parts[0][axis:])

    def axes(self, tensors: tuple[Shape, ...], dim: int = 0) -> tuple[AxisMaps, ...]:
        """Each tensor is read where its place on the new axis is asked."""
        parts = self._parts(tensors)
        axis = axis_index(dim, (*parts[0], 1))
        return tuple(Stacked(axis, number, len(parts[0])) for number in range(len(parts)))

    @staticmethod
    def _parts(tensors: Any) -> tuple[Shape, ...]:
        """The shapes to stack: at least one."""
        if not isinstance(tensors, tuple) or not tensors or not all(map(_is_tensor, tensors)):
            raise ShapeError("stack takes a list of at least one tensor", got=repr(tensors)[:60])
        return tensors


class Stacked(AxisMaps):
    """One of the tensors of a stack: read where its place on the new axis is asked, cell by cell."""

    __slots__ = ("axis", "number")

    def __init__(self, axis: int, number: int, rank: int) -> None:
        """Keep the new axis and the tensor's place on it."""
        super().__init__()
        self.routes = tuple((place + (place >= axis), EACH) for place in range(rank))
        self.axis = axis
        self.number = number

    @property
    def laid_along(self) -> frozenset[int]:
        """The new axis."""
        return frozenset({self.axis})

    def reads(self, term: tuple[int, ...], shape: tuple[int, ...]) -> Any:
        """The term without the new axis."""
        if term[self.axis] >> self.number & 1:
            yield from super().reads(term, shape)

    def read_by(self, term: tuple[int, ...], shape: tuple[int, ...], output: tuple[int, ...]) -> Any:
        """The term at its place on the new axis."""
        if all(term):
            yield (*term[: self.axis], 1 << self.number, *term[self.axis :])


def _is_tensor(shape: Any) -> bool:
    """Whether this is the shape of one tensor."""
    return isinstance(shape, tuple) and not any(n is None or isinstance(n, tuple) for n in shape)


def _parts(tensors: Any) -> tuple[Shape, ...]:
    """The shapes to concatenate: at least one, each with an axis."""
    if not isinstance(tensors, tuple) or not all(map(_is_tensor, tensors)) or not tensors:
        raise ShapeError("cat takes a list of at least one tensor", got=repr(tensors)[:60])
    if not all(tensors):
        raise ShapeError("a tensor without axes can't be concatenated", got=repr(tensors)[:60])
    return tensors


def _is_skipped(part: Shape) -> bool:
    """Whether torch leaves a part out, whatever the others' axes: one axis of no cells."""
    return len(part) == 1 and type(part[0]) is int and part[0] == 0


cat = Cat()
concat = Concat()
concatenate = Concatenate()
stack = Stack()
