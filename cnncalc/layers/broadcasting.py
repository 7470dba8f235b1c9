"""What functions of several tensors share that work cell by cell: torch's broadcasting.

Axes are aligned at the end, an axis of length 1 is stretched, and a number goes with every cell.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, Everything
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.operation import Function, Number
from cnncalc.sizes import JOIN_REMEDY, Shape, Size, require, same_shape


class Binary(Function):
    """Two operands, cell by cell; a number may stand for one of them. A subclass in place keeps the first one's shape."""

    work = "elementwise"
    #: Which operands may be numbers: "input", "other", both or none.
    numbers: ClassVar[frozenset[str]] = frozenset({"input", "other"})

    def output_shape(self, input: Shape | Number, other: Shape | Number) -> Shape:
        """The common shape. Raises ShapeError where lengths differ."""
        return self.joined(input, other)

    def axes(self, input: Shape | Number, other: Shape | Number) -> tuple[AxisMaps, ...]:
        """Cell by cell; a stretched axis reads its one cell."""
        return joined_axes(input, other)

    def joined(self, input: Shape | Number, other: Shape | Number) -> Shape:
        """The common shape of operands that this function takes."""
        for name, given in (("input", input), ("other", other)):
            if given is None or (not isinstance(given, tuple) and name not in self.numbers):
                raise ArgumentError(f"{name} must be a tensor", got=f"{name}={given!r:.60}")
        shape = common_shape(input, other)
        if self.in_place and isinstance(input, tuple):
            keep_shape(input, shape)
        return shape


def common_shape(*operands: Shape | Number | None) -> Shape:
    """The common shape of tensors; numbers, and what is None, do not matter."""
    shape: Shape = ()
    for operand in operands:
        if isinstance(operand, tuple):
            shape = broadcast(shape, operand)
    return shape


def joined_axes(*operands: Shape | Number | None) -> tuple[AxisMaps, ...]:
    """The axis maps of each tensor among the operands."""
    output = common_shape(*operands)
    return tuple([broadcast_axes(operand, output) for operand in operands if isinstance(operand, tuple)])


def keep_shape(input: Shape, shape: Shape) -> None:
    """Refuse an operand that would enlarge a tensor which is changed in place."""
    rule = "a tensor changed in place keeps its shape"
    if len(shape) != len(input):
        raise ShapeError(rule, got=f"{input}, and {shape} together")
    for n, m in zip(input, shape, strict=True):
        require(n == m, rule, "{}, and {} together", input, shape)


def broadcast(left: Shape, right: Shape) -> Shape:
    """The common shape of two: axes aligned at the end, an axis of length 1 stretched."""
    if same_shape(left, right):
        return left
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    lead = len(longer) - len(shorter)
    common: list[Size] = list(longer[:lead])
    for index, (a, b) in enumerate(zip(longer[lead:], shorter, strict=True)):
        same = a == b
        if same is not True and ((a == 1) is True or (b == 1) is True):
            common.append(b if (a == 1) is True else a)
            continue
        require(
            same,
            "lengths must be equal or 1",
            "{} and {} on axis {}, from {} and {}",
            a,
            b,
            lead + index,
            left,
            right,
            remedy=JOIN_REMEDY,
            otherwise=(a == 1, b == 1),
        )
        common.append(b if isinstance(b, int) else a)
    return tuple(common)


def broadcast_axes(shape: Shape, output: Shape) -> AxisMaps:
    """How a broadcast output follows from one of its inputs; its axes go with the last ones of the output."""
    if same_shape(shape, output):
        return AxisMaps.pointwise(len(shape))
    lead = len(output) - len(shape)
    routes: list[Route] = []
    for index, n in enumerate(shape):
        m = output[lead + index]
        routes.append((lead + index, Everything(m) if (n == 1) is True and n is not m else EACH))
    return AxisMaps.routed(*routes)


def made(kind: type[Any], name: str, found_in: frozenset[str], meaning: str, **parts: Any) -> Any:
    """One more function of a kind, under torch's name of it."""
    body = {"torch_name": name, "found_in": found_in, "__doc__": f"{meaning} Source: torch.{name}.", **parts}
    return type(name, (kind,), body)()
