"""Adaptive average pooling: the output's size is given. Source: torch.nn.AdaptiveAvgPool1d, 2d, 3d."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, Adaptive, AxisMap, Everything, equal_maps_shared
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import as_tuple, ranks, refuse_others, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, require


class _AdaptiveAvgPool(Layer):
    """The mean over windows that share the input out over output_size cells per axis; None keeps an axis.

    Output cell i reads ⌊i·n/m⌋ … ⌈(i + 1)·n/m⌉ − 1. With m = 1 it is global average pooling.
    """

    saves: ClassVar[tuple[str, ...] | None] = ("windows",)
    work = "pooling"
    dimensions: ClassVar[int]
    #: Whether torch takes an input of no channels.
    may_lack_channels: ClassVar[bool] = True
    output_size: Any

    @constructor
    def __init__(self, output_size: Any) -> None:
        """Take one size, or one per axis; None keeps the length of an axis, in 2-D and 3-D."""
        if output_size is None:
            raise ArgumentError(
                "output_size must be a whole number or a tuple",
                got="output_size=None",
                remedy="to keep every axis write a tuple of None",
            )
        output_size = as_tuple(output_size) if self.dimensions > 1 else output_size
        if isinstance(output_size, (tuple, list)):
            for item in output_size:
                if item is not None or self.dimensions == 1:
                    whole(item, "output_size")
        else:
            self._check_one(output_size)
        self.output_size = output_size

    def _check_one(self, output_size: Any) -> None:
        """One size for all axes. In 2-D and 3-D torch asks whether it is an int, and takes NumPy's numbers in tuples alone."""
        whole(output_size, "output_size")
        if self.dimensions > 1:
            refuse_others(output_size, "output_size")

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *output_size). Raises ShapeError where torch refuses the input."""
        axes = self.dimensions
        expects = f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N"
        if axes == 1 or not self._may_be_global(input):
            ranks(input, axes + 1, axes + 2, expects=expects)
        sizes = self._sizes(input[-axes:])
        if len(input) - axes not in {1, 2}:
            for size in sizes:
                require(size == 1, f"for any output but a mean over space, the input must be {expects}", "{}", input)
        if not all((size == 1) is True for size in sizes):
            for size in sizes:
                require(size >= 0, "output_size must not be negative", "output_size={}", self.output_size)
            for n in input[-axes:] if self.may_lack_channels else input[1:]:
                require(n >= 1, "the pooled axes must not be empty", "{}", input)
        return (*input[:-axes], *sizes)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell, adaptive windows on each spatial axis; one window is everything."""
        axes = self.dimensions
        space = input[-axes:]
        sizes = self._sizes(space)
        maps: list[AxisMap] = [
            Everything(1) if (m == 1) is True and (n == 1) is not True else Adaptive(m) for m, n in zip(sizes, space, strict=True)
        ]
        return (AxisMaps(*(EACH,) * (len(input) - axes), *equal_maps_shared(maps)),)

    def _may_be_global(self, input: Shape) -> bool:
        """Whether the output may be one cell: torch then takes the plain mean, and asks nothing of the rank."""
        one_number = not isinstance(self.output_size, (tuple, list))
        if len(input) < self.dimensions + (not one_number):
            return False
        return all((size == 1) is not False for size in self._sizes(input[-self.dimensions :]))

    def _sizes(self, space: Shape) -> tuple[Size, ...]:
        """The output's length on each axis."""
        wanted = self.output_size
        if not isinstance(wanted, (tuple, list)):
            return (whole(wanted, "output_size"),) * len(space)
        if len(wanted) != len(space):
            raise ShapeError(f"output_size must have {len(space)} values", got=f"output_size={wanted}")
        return tuple(n if m is None else whole(m, "output_size") for m, n in zip(wanted, space, strict=True))


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Adaptive average pooling over (N, C, L). Source: torch.nn.AdaptiveAvgPool1d."""

    dimensions = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Adaptive average pooling over (N, C, H, W). Source: torch.nn.AdaptiveAvgPool2d."""

    dimensions = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Adaptive average pooling over (N, C, D, H, W). Source: torch.nn.AdaptiveAvgPool3d."""

    dimensions = 3
    may_lack_channels = False


class _AdaptiveMaxPool(_AdaptiveAvgPool):
    """The largest value in windows as AdaptiveAvgPool has them; with return_indices, its position as a second output."""

    saves: ClassVar[tuple[str, ...] | None] = ("input", "indices")
    return_indices: bool

    @constructor
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        """Take one size, or one per axis; torch checks them when the pool is called."""
        output_size = as_tuple(output_size) if self.dimensions > 1 else output_size
        if output_size is not None and not isinstance(output_size, (tuple, list)):
            self._check_one(output_size)
        for item in output_size if isinstance(output_size, (tuple, list)) else ():
            if item is not None:
                whole(item, "output_size")
        self.output_size = output_size
        self.return_indices = return_indices

    def output_shape(self, input: Shape) -> Any:
        """(N, C, *output_size), twice with return_indices. Raises ShapeError where torch refuses the input."""
        axes = self.dimensions
        ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        if axes == 1 and isinstance(self.output_size, (tuple, list)) and None in self.output_size:
            raise ShapeError("in one dimension output_size must not be None", got=f"output_size={self.output_size}")
        sizes = self._sizes(input[-axes:])
        for size in sizes:
            require(size >= 0, "output_size must not be negative", "output_size={}", self.output_size)
        for n in input[1:]:
            require(n >= 1, "only the first axis may be empty", "{}", input)
        output = (*input[:-axes], *sizes)
        return (output, output) if self.return_indices else output


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Adaptive max pooling over (N, C, L). Source: torch.nn.AdaptiveMaxPool1d."""

    dimensions = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Adaptive max pooling over (N, C, H, W). Source: torch.nn.AdaptiveMaxPool2d."""

    dimensions = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Adaptive max pooling over (N, C, D, H, W). Source: torch.nn.AdaptiveMaxPool3d."""

    dimensions = 3
