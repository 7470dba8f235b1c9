"""Pooling with a sliding window, in one, two and three dimensions. Source: torch.nn.MaxPool1d … AvgPool3d."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, Window, equal_maps_shared
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import check_bits, expanded, flag, per_axis, ranks, refuse_other_collections, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, require


class _Pool(Layer):
    """A pool over `dimensions` spatial axes; channels stay.

    Output length ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1 per axis, rounded up with ceil_mode by torch's rule. No parameters and
    no products. The stride is kernel_size where it is not given.
    """

    work = "pooling"
    dimensions: ClassVar[int]

    kernel_size: Any
    stride: Any
    padding: Any
    ceil_mode: bool

    def output_shape(self, input: Shape) -> Any:
        """(N, C, *lengths). Raises ShapeError where torch refuses the input."""
        return self._pooled(input)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell, a window on each spatial axis."""
        return (AxisMaps(*(EACH,) * (len(input) - self.dimensions), *self.windows()),)

    def windows(self) -> tuple[Window, ...]:
        """The window of each spatial axis, checked as torch checks when a pool is called."""
        if self._windows is None:
            self.__dict__["_windows"] = self._make_windows()
        windows: tuple[Window, ...] = self._windows
        return windows

    def _make_windows(self) -> tuple[Window, ...]:
        axes = self.dimensions
        bits = self._bits
        kernel = expanded(per_axis(self.kernel_size, "kernel_size", axes), "kernel_size", axes, bits)
        given = () if self.stride is None else per_axis(self.stride, "stride", axes)
        stride = expanded(given, "stride", axes, bits) if given else kernel
        padding = expanded(per_axis(self.padding, "padding", axes), "padding", axes, bits)
        dilation = expanded(per_axis(self._dilation, "dilation", axes), "dilation", axes, bits)
        for name, values in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
            for value in values:
                require(value >= 1, f"{name} must be at least 1", "{}={}", name, values)
        for p, k in zip(padding, kernel, strict=True):
            require(p >= 0, "padding must not be negative", "padding={}", padding)
            require(k >= 2 * p, "padding must be at most half of kernel_size", "padding={}, kernel_size={}", padding, kernel)
        return equal_maps_shared(
            Window(k, s, p, p, d, ceil_mode=self.ceil_mode) for k, s, p, d in zip(kernel, stride, padding, dilation, strict=True)
        )

    @property
    def _dilation(self) -> Any:
        return 1

    @property
    def _bits(self) -> int:
        """How large a number torch's kernel takes."""
        return 32

    def _pooled(self, input: Shape) -> Shape:
        axes = self.dimensions
        if len(input) not in (axes + 1, axes + 2):
            ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        space = input[-axes:]
        for n in input[-axes - 1 :]:
            if type(n) is not int or n < 1:
                require(n >= 1, "only the batch may be empty", "{}", input)
        lengths = [window.length(n) for window, n in zip(self.windows(), space, strict=True)]
        for length, n in zip(lengths, space, strict=True):
            if type(length) is not int or length < 1:
                require(
                    length >= 1,
                    "the window must not be larger than the padded input",
                    "an output length of {} from length {} with kernel_size={}, stride={}, padding={}",
                    length,
                    n,
                    self.kernel_size,
                    self.stride,
                    self.padding,
                    remedy="use a larger input or a smaller kernel",
                )
        return (*input[:-axes], *lengths)


class _MaxPool(_Pool):
    """The largest value under each window; with return_indices, its position as a second output."""

    saves = ("input", "indices")
    dilation: Any
    return_indices: bool

    @constructor
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        """Take torch's arguments; torch checks them when the pool is called."""
        self.__dict__.update(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            return_indices=return_indices,
            ceil_mode=flag(ceil_mode, "ceil_mode"),
            _windows=None,
        )
        _check_whole(self, "kernel_size", "stride", "padding", "dilation")

    @property
    def _dilation(self) -> Any:
        return self.dilation

    def output_shape(self, input: Shape) -> Any:
        """(N, C, *lengths), twice with return_indices."""
        pooled = self._pooled(input)
        return (pooled, pooled) if self.return_indices else pooled


class MaxPool1d(_MaxPool):
    """Max pooling over (N, C, L). Source: torch.nn.MaxPool1d."""

    dimensions = 1

    @property
    def _bits(self) -> int:
        """Without indices, torch has a kernel for one dimension."""
        return 32 if self.return_indices else 64


class MaxPool2d(_MaxPool):
    """Max pooling over (N, C, H, W). Source: torch.nn.MaxPool2d."""

    dimensions = 2


class MaxPool3d(_MaxPool):
    """Max pooling over (N, C, D, H, W). Source: torch.nn.MaxPool3d."""

    dimensions = 3


class AvgPool1d(_Pool):
    """Average pooling over (N, C, L). Source: torch.nn.AvgPool1d."""

    dimensions = 1
    count_include_pad: bool

    @constructor
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        """Take torch's arguments; torch checks them when the pool is called."""
        self.__dict__.update(
            kernel_size=per_axis(kernel_size, "kernel_size", 1),
            stride=per_axis(kernel_size if stride is None else stride, "stride", 1),
            padding=per_axis(padding, "padding", 1),
            ceil_mode=flag(ceil_mode, "ceil_mode"),
            count_include_pad=flag(count_include_pad, "count_include_pad"),
            _windows=None,
        )


class _AvgPool(_Pool):
    """The mean under each window."""

    saves = ("input",)
    count_include_pad: bool
    divisor_override: int | None

    @constructor
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        """Take torch's arguments; torch checks them when the pool is called."""
        self.__dict__.update(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=flag(ceil_mode, "ceil_mode"),
            count_include_pad=flag(count_include_pad, "count_include_pad"),
            divisor_override=None if divisor_override is None else whole(divisor_override, "divisor_override"),
            _windows=None,
        )
        _check_whole(self, "kernel_size", "stride", "padding")

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *lengths). A divisor_override that is 0 or no whole number is refused when the pool is called."""
        if self.divisor_override is not None:
            check_bits((self.divisor_override,), "divisor_override")
            if whole(self.divisor_override, "divisor_override") == 0:
                raise ShapeError("divisor_override must not be 0", got="divisor_override=0")
        return self._pooled(input)


class AvgPool2d(_AvgPool):
    """Average pooling over (N, C, H, W). Source: torch.nn.AvgPool2d."""

    dimensions = 2


class AvgPool3d(_AvgPool):
    """Average pooling over (N, C, D, H, W). Source: torch.nn.AvgPool3d.

    Unlike in one and two dimensions, torch asks that the window fits into the input without its padding.
    """

    dimensions = 3

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *lengths)."""
        output = super().output_shape(input)
        for window, n in zip(self.windows(), input[-3:], strict=True):
            require(
                n >= window.kernel_size,
                "the window of a 3-D average must not be larger than the input, padding left out",
                "length {}, kernel_size={}",
                n,
                self.kernel_size,
                remedy="use a larger input or a smaller kernel",
            )
        return output


def _check_whole(layer: _Pool, *names: str) -> None:
    """The arguments must be whole numbers, or tuples of them: the type is checked at construction."""
    for name in names:
        value: Size | tuple[Size, ...] = getattr(layer, name)
        if type(value) is not int:
            refuse_other_collections(value, name)
            per_axis(value, name, layer.dimensions)
