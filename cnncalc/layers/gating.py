"""Activations that read along an axis: the softmax family and the gated linear unit. Source: torch.nn."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING, AxisMap
from cnncalc.errors import ShapeError
from cnncalc.layers.activation import no_arguments
from cnncalc.layers.arguments import ranks
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.shaping import axis_index, axis_number
from cnncalc.sizes import Shape, Size, floor_div, require


class _Softmax(Layer):
    """Exponentials normalised along one axis: each output cell reads the whole axis. The shape stays."""

    saves = ("output",)
    work = "activation"
    dim: int | None

    @constructor
    def __init__(self, dim: int | None = None) -> None:
        """Take the axis; None lets torch choose: 0 for 0, 1 or 3 axes, else 1."""
        self.dim = None if dim is None else axis_number(dim, "dim")

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where the axis does not exist."""
        self._axis(input)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Everything along the axis, cell by cell elsewhere."""
        axis = self._axis(input)
        return (AxisMaps(*(EVERYTHING if index == axis else EACH for index in range(len(input)))),)

    def _axis(self, input: Shape) -> int:
        """The axis that is normalised."""
        if self.dim is None:
            return 0 if len(input) in (0, 1, 3) else 1
        return axis_index(self.dim, input)


class Softmax(_Softmax):
    """exp(x)/Σ exp(x) along an axis. Source: torch.nn.Softmax."""


class LogSoftmax(_Softmax):
    """log(exp(x)/Σ exp(x)) along an axis. Source: torch.nn.LogSoftmax."""


class Softmin(_Softmax):
    """exp(−x)/Σ exp(−x) along an axis. Source: torch.nn.Softmin."""


class Softmax2d(Layer):
    """Softmax over the channels of (N, C, H, W) or (C, H, W). Source: torch.nn.Softmax2d."""

    work = "activation"
    dimensions: ClassVar[int] = 2

    @constructor
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse arguments, as torch's Module does."""
        no_arguments(args, kwargs)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input."""
        ranks(input, 3, 4, expects="(N, C, H, W) or (C, H, W)")
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Everything along the channels."""
        channel = len(input) - 3
        return (AxisMaps(*(EVERYTHING if index == channel else EACH for index in range(len(input)))),)


class Halves(AxisMap):
    """An axis of 2m cells folded into m: output cell i reads i and m + i."""

    __slots__ = ()

    def length(self, n: Size) -> Size:
        """Half of n, which is even."""
        return floor_div(n, 2)

    def reads(self, cells: int, n: int) -> int:
        """The cells in both halves."""
        return cells | cells << n // 2


class GLU(Layer):
    """One half of an axis, times the sigmoid of the other: the axis is halved. Source: torch.nn.GLU."""

    work = "activation"

    dim: int

    @constructor
    def __init__(self, dim: int = -1) -> None:
        """Take the axis."""
        self.dim = axis_number(dim, "dim")

    def output_shape(self, input: Shape) -> Shape:
        """Half as long on one axis. Raises ShapeError for an odd length and for an input without axes."""
        if not input:
            raise ShapeError("an input without axes can't be halved", got=f"{input}")
        axis = axis_index(self.dim, input)
        require(input[axis] % 2 == 0, "the halved axis must have an even length", "{} on axis {} of {}", input[axis], axis, input)
        return (*input[:axis], floor_div(input[axis], 2), *input[axis + 1 :])

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Both halves on one axis, cell by cell elsewhere."""
        axis = axis_index(self.dim, input)
        return (AxisMaps(*(HALVES if index == axis else EACH for index in range(len(input)))),)


HALVES = Halves()
