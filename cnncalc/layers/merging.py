"""Functions that bring branches together: sums and concatenations. Source: torch.add and torch.cat."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, AxisMap, Everything, Pad
from cnncalc.errors import ShapeError
from cnncalc.layers.operation import Function
from cnncalc.layers.shaping import axis_index, axis_number
from cnncalc.sizes import Condition, Shape, Size, require


class Add(Function):
    """The sum of two tensors, broadcast as torch does it. Source: torch.add."""

    torch_name = "add"
    found_in = frozenset({"torch", "Tensor"})

    def output_shape(self, input: Shape, other: Shape, *, alpha: float = 1) -> Shape:
        """The common shape; an axis of length 1 is stretched. Raises ShapeError where lengths differ."""
        return broadcast(input, other)

    def axes(self, input: Shape, other: Shape, *, alpha: float = 1) -> tuple[AxisMaps, ...]:
        """Cell by cell; a stretched axis reads its one cell."""
        output = broadcast(input, other)
        return broadcast_axes(input, output), broadcast_axes(other, output)


class Cat(Function):
    """Tensors laid end to end along one axis. Source: torch.cat."""

    torch_name = "cat"

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
                        remedy="pad or crop one of them",
                    )
            total = total + part[axis]
        return (*first[:axis], total, *first[axis + 1 :])

    def axes(self, tensors: tuple[Shape, ...], dim: int = 0) -> tuple[AxisMaps, ...]:
        """Each tensor is read where its part of the axis lies."""
        parts = _parts(tensors)
        first = next((part for part in parts if not _is_skipped(part)), None)
        if first is None:
            return (NOTHING,) * len(parts)
        axis = axis_index(dim, first)
        ends: list[Size] = list(accumulate((0 if _is_skipped(part) else part[axis] for part in parts), initial=0))
        maps: list[AxisMaps] = []
        for index, part in enumerate(parts):
            if _is_skipped(part):
                maps.append(NOTHING)
                continue
            row: list[AxisMap] = [EACH] * len(part)
            row[axis] = Pad(ends[index], ends[-1] - ends[index + 1])
            maps.append(AxisMaps(*row))
        return tuple(maps)


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


class _Nothing(AxisMaps):
    """An input of which nothing is read."""

    def reads(self, term: tuple[int, ...], shape: tuple[int, ...]) -> Any:
        """No terms."""
        return iter(())


NOTHING = _Nothing(EACH)


def broadcast(left: Shape, right: Shape) -> Shape:
    """The common shape of two: axes aligned at the end, an axis of length 1 stretched."""
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    lead = len(longer) - len(shorter)
    common: list[Size] = list(longer[:lead])
    for index, (a, b) in enumerate(zip(longer[lead:], shorter, strict=True)):
        if a is b:
            common.append(a)
            continue
        same = a == b
        if same is not True and ((a == 1) is True or (b == 1) is True):
            common.append(b if (a == 1) is True else a)
            continue
        if isinstance(same, Condition):
            require(same, "lengths must be equal to be added")
        elif not same:
            raise ShapeError(
                "lengths must be equal or 1",
                got=f"{a} and {b} on axis {lead + index}, from {left} and {right}",
                remedy="pad or crop one of them",
            )
        common.append(a)
    return tuple(common)


def broadcast_axes(shape: Shape, output: Shape) -> AxisMaps:
    """How a broadcast output follows from one of its inputs; its axes go with the last ones of the output."""
    lead = len(output) - len(shape)
    routes: list[Route] = []
    for index, n in enumerate(shape):
        m = output[lead + index]
        routes.append((lead + index, Everything(m) if (n == 1) is True and n is not m else EACH))
    return AxisMaps.routed(*routes)


cat = Cat()
add = Add()
