"""Max unpooling: values put back where a max pool found them. Source: torch.nn.MaxUnpool1d, MaxUnpool2d, MaxUnpool3d."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Undescribed
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import check_bits, is_collection, per_axis, ranks, refuse_others, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, require


class _MaxUnpool(Layer):
    """Zeros, with each input value at the position that its index names: a partial inverse of MaxPool.

    Output length (n − 1)s + k − 2p per axis, or the output_size of the call, which may differ from that by less than a
    stride. Where a value goes is data, so that the cells behind an output cell are refused.
    """

    work = "nothing"
    dimensions: ClassVar[int]
    kernel_size: tuple[Size, ...]
    stride: tuple[Size, ...]
    padding: tuple[Size, ...]

    @constructor
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        """Take torch's arguments; torch checks them when the layer is called."""
        self.kernel_size = self._numbers(kernel_size, "kernel_size")
        self.stride = self.kernel_size if stride is None else self._numbers(stride, "stride")
        self.padding = self._numbers(padding, "padding")

    def _numbers(self, given: Any, name: str) -> tuple[Size, ...]:
        """A value per axis. In one dimension and in two torch computes with them itself, and so takes truth values."""
        items = given if is_collection(given) else (given,)
        for item in items:
            refuse_others(item, name)
        if self.dimensions == 3:  # noqa: PLR2004 - torch hands them on
            return per_axis(given, name, self.dimensions)
        numbers = tuple([+item if isinstance(item, bool) else item for item in items])
        return per_axis(numbers if is_collection(given) else numbers[0], name, self.dimensions)

    def output_shape(self, input: Shape, indices: Shape, output_size: Any = None) -> Shape:
        """(N, C, *sizes). Raises ShapeError where torch refuses the input, the indices or the output_size."""
        axes = self.dimensions
        sizes = self._sizes(input, output_size)
        ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        if len(indices) != len(input):
            raise ShapeError("input and indices must have the same shape", got=f"{input} and {indices}")
        for a, b in zip(input, indices, strict=True):
            require(a == b, "input and indices must have the same shape", "{} and {}", input, indices)
        for n in input[1:]:
            require(n >= 1, "only the first axis may be empty", "{}", input)
        check_bits(sizes, "the output's length")
        for m in sizes:
            require(m >= 0, "the output's lengths must not be negative", "{}", sizes)
        if axes == 3:  # noqa: PLR2004 - torch hands these on, and so checks them, in three dimensions alone
            for name in ("stride", "padding"):
                check_bits(getattr(self, name), name)
                if len(getattr(self, name)) != axes:
                    raise ShapeError(f"{name} must have {axes} values", got=f"{name}={getattr(self, name)}")
            for s in self.stride:
                require(s >= 1, "stride must be at least 1", "stride={}", self.stride)
        return (*input[:-axes], *sizes)

    def axes(self, input: Shape, indices: Shape, output_size: Any = None) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell; of the spatial axes, the lengths are known."""
        lead = len(input) - self.dimensions
        placed: list[AxisMap] = [
            Undescribed(m, self.torch_name, "puts values where its indices say") for m in self._sizes(input, output_size)
        ]
        maps = AxisMaps(*(EACH,) * lead, *placed)
        return maps, maps

    def _sizes(self, input: Shape, output_size: Any) -> tuple[Size, ...]:
        """The output's length on each axis, checked as torch checks when the layer is called."""
        axes = len(self.kernel_size)
        for name in ("kernel_size", "stride", "padding"):
            if len(getattr(self, name)) < axes or axes != self.dimensions or len(input) < axes:
                raise ShapeError(f"{name} must have {self.dimensions} values", got=f"{name}={getattr(self, name)}")
        default = tuple(
            (n - 1) * s + k - 2 * p
            for n, s, k, p in zip(input[-axes:], self.stride, self.kernel_size, self.padding, strict=False)
        )
        if output_size is None:
            return default
        if not isinstance(output_size, (tuple, list)) or len(output_size) not in {axes, axes + 2}:
            raise ShapeError(f"output_size must have {axes} or {axes + 2} values", got=f"output_size={output_size!r:.60}")
        sizes = tuple(whole(size, "output_size") for size in output_size[-axes:])
        for size, usual, s in zip(sizes, default, self.stride, strict=False):
            for nearer in (size - (usual - s), usual + s - size):
                require(
                    nearer >= 1,
                    "output_size may differ from the usual one by less than a stride",
                    "{} where {} is usual, stride {}",
                    size,
                    usual,
                    s,
                )
        return sizes


class MaxUnpool1d(_MaxUnpool):
    """Max unpooling over (N, C, L). Source: torch.nn.MaxUnpool1d."""

    dimensions = 1


class MaxUnpool2d(_MaxUnpool):
    """Max unpooling over (N, C, H, W). Source: torch.nn.MaxUnpool2d."""

    dimensions = 2


class MaxUnpool3d(_MaxUnpool):
    """Max unpooling over (N, C, D, H, W). Source: torch.nn.MaxUnpool3d."""

    dimensions = 3
