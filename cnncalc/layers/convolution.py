"""Convolutions in one, two and three dimensions. Source: torch.nn.Conv1d, Conv2d, Conv3d and their lazy kin."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Chain, Everything, Groups, Pad, Window, equal_maps_shared
from cnncalc.errors import ArgumentError, CnncalcError, ShapeError
from cnncalc.layers.arguments import expanded, is_empty, natural, per_axis, ranks, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.lazy import Lazy
from cnncalc.sizes import Shape, Size, at_least, floor_div, product, require

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Layer):
    """A convolution over `dimensions` spatial axes.

    Output (N, out_channels, ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1 per axis) for an input (N, in_channels, n per axis), or both
    without N. MACs: output positions × out_channels × in_channels/groups × ∏ kernel_size, bias excluded.
    """

    saves = ("input",)
    work = "nothing"
    dimensions: ClassVar[int]
    letters: ClassVar[dict[str, str]] = {"in_channels": "C", "out_channels": "F", "kernel_size": "k", "groups": "g"}

    in_channels: Size
    out_channels: Size
    kernel_size: tuple[Size, ...]
    stride: tuple[Size, ...]
    padding: tuple[Size, ...] | str
    dilation: tuple[Size, ...]
    groups: Size
    padding_mode: str

    @constructor
    def __init__(
        self,
        in_channels: Any,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
        bias: Any = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        axes = self.dimensions
        self.__dict__.update(
            in_channels=natural(in_channels, "in_channels"),
            out_channels=natural(out_channels, "out_channels"),
            kernel_size=kernel_per_axis(kernel_size, axes),
            stride=per_axis(stride, "stride", axes),
            padding=padding if isinstance(padding, str) else per_axis(padding, "padding", axes),
            dilation=per_axis(dilation, "dilation", axes),
            groups=whole(groups, "groups"),
            padding_mode=padding_mode,
            _has_bias=bool(bias),
            _windows=None,
        )
        if self.__dict__["_has_bias"] is False:
            self.__dict__["bias"] = None
        self._check()

    def _check(self) -> None:
        """What torch checks when a convolution is made."""
        groups = self.groups
        if isinstance(groups, int) and groups <= 0:
            raise ArgumentError("groups must be a positive whole number", got=f"groups={groups}")
        for name in ("in_channels", "out_channels"):
            channels = getattr(self, name)
            if isinstance(channels, int) and isinstance(groups, int) and channels % groups:
                divisors = [str(g) for g in range(1, channels + 1) if channels % g == 0][:12]
                raise ArgumentError(
                    f"{name} must be divisible by groups",
                    got=f"{name}={channels}, groups={groups}",
                    remedy=f"choose groups among {', '.join(divisors)}",
                )
        if isinstance(self.padding, str):
            if self.padding not in {"same", "valid"}:
                raise ArgumentError(
                    'padding as text must be "same" or "valid"',
                    got=f'padding="{self.padding[:60]}"',
                    remedy='for a symbol write padding=symbol("p")',
                )
            if self.padding == "same" and any((s == 1) is not True for s in self.stride):
                raise ArgumentError(
                    'padding="same" needs stride 1', got=f"stride={self.stride}", remedy="give the padding as numbers"
                )
        if self.padding_mode not in PADDING_MODES:
            raise ArgumentError(
                "padding_mode must be zeros, reflect, replicate or circular", got=f"padding_mode={self.padding_mode!r:.60}"
            )
        for size in self.kernel_size:
            if isinstance(size, int) and size < 0:
                raise ArgumentError("kernel_size must not be negative", got=f"kernel_size={self.kernel_size}")

    def tensors(self) -> dict[str, Shape]:
        """`weight` (out_channels, in_channels/groups, *kernel_size) and, with bias, `bias` (out_channels,)."""
        weight = (self.out_channels, floor_div(self.in_channels, self.groups), *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)} if self._has_bias else {"weight": weight}

    def output_shape(self, input: Shape) -> Shape:
        """(N, out_channels, *lengths); see the class for the rule. Raises ShapeError where torch refuses the input."""
        space = self._space(input)
        lengths = [axis.length(n) for axis, n in zip(self.windows(), space, strict=True)]
        return (*input[: -len(space) - 1], self._out_channels(input), *lengths)

    def _out_channels(self, input: Shape) -> Size:
        """out_channels; but torch gives no channels where none came in."""
        return 0 if is_empty((input[-self.dimensions - 1],)) else self.out_channels

    def macs(self, input: Shape) -> Size:
        """Output positions × weights, per sample: padding is not discounted, bias not counted."""
        return product(self.output_shape(input)) * floor_div(self.in_channels, self.groups) * product(self.kernel_size)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Channels dense or in groups, a window on each spatial axis."""
        if (self.groups == 1) is True:
            channels: AxisMap = Everything(self._out_channels(input))
        else:
            channels = Groups(self.groups, self.out_channels)
        unbatched = len(input) == self.dimensions + 1
        return (AxisMaps(*(() if unbatched else (EACH,)), channels, *self.windows()),)

    def windows(self) -> tuple[AxisMap, ...]:
        """The axis map of each spatial axis, checked as torch checks when a convolution is called."""
        if self._windows is None:
            arguments = (self.dimensions, self.kernel_size, self.stride, self.padding, self.dilation, self.padding_mode)
            sizes = (*self.kernel_size, *self.stride, *self.dilation, *(() if isinstance(self.padding, str) else self.padding))
            # With symbols they are made anew: what they ask of the symbols belongs to this layer.
            known = all(type(size) is int for size in sizes)
            if not known:
                return _windows(*arguments)
            self.__dict__["_windows"] = _shared_windows(*arguments)
        windows: tuple[AxisMap, ...] = self._windows
        return windows

    def _space(self, input: Shape) -> Shape:
        """The spatial axes of an input that torch accepts."""
        axes = self.dimensions
        ranks(input, axes + 1, axes + 2, expects=_accepted(axes))
        channels, space = input[-axes - 1], input[-axes:]
        require_channels(self, channels)
        require_groups(self)
        require(self.out_channels >= 1, "out_channels must be at least 1", "out_channels={}", self.out_channels)
        nothing = is_empty(input[:-axes])
        if self.padding_mode in {"reflect", "replicate"}:
            require(channels >= 1, "padding by copies needs at least one channel", "{}", input)
        for window, n in zip(self.windows(), space, strict=True):
            if not nothing:
                require(n >= 1, "an axis may be empty only where the batch or the channels are", "{}", input)
            self._check_axis(window, n)
        if not nothing:
            # An empty batch is multiplied without a window: torch looks at the dilation only where there is something.
            for d in self.dilation:
                require(d >= 1, "dilation must be at least 1", "dilation={}", self.dilation)
        return space

    def _check_axis(self, window: AxisMap, n: Size) -> None:
        """The kernel must fit into the padded axis, and other padding modes must find enough cells to copy."""
        if isinstance(window, Chain):
            pad = window.first
            if not isinstance(pad, Pad) or not isinstance(window.second, Window):  # pragma: no cover - made so above
                raise TypeError(window)
            _check_copied_padding(pad, n)
            n, window = pad.length(n), window.second
        if not isinstance(window, Window):  # pragma: no cover - made so above
            raise TypeError(window)
        require(
            at_least(n + window.slack),
            "the kernel must not be larger than the padded input",
            "kernel extent {}, padded input {} (length {})",
            window.extent,
            n + window.before + window.after,
            n,
            remedy="use a larger input, more padding, or a smaller kernel or dilation",
        )


def _windows(
    axes: int,
    kernel_size: tuple[Size, ...],
    stride: tuple[Size, ...],
    padding: tuple[Size, ...] | str,
    dilation: tuple[Size, ...],
    padding_mode: str,
) -> tuple[AxisMap, ...]:
    """The axis map of each spatial axis. Another padding mode pads first and then slides without padding, as torch does."""
    if len(kernel_size) != axes:
        raise ShapeError(f"kernel_size must have {axes} values", got=f"kernel_size={kernel_size}")
    stride = expanded(stride, "stride", axes)
    given, dilation = dilation, expanded(dilation, "dilation", axes)
    for name, values, least in (("kernel_size", kernel_size, 1), ("stride", stride, 1), ("dilation", dilation, 0)):
        for value in values:
            require(value >= least, f"{name} must be at least {least}", "{}={}", name, values)
    if padding == "same":
        # With another padding mode, torch pads by the dilation as it was given: a tuple of one pads one axis.
        paddings = _same_paddings(axes, kernel_size, dilation if padding_mode == "zeros" else given)
    else:
        paddings = _given_paddings(axes, padding, padding_mode)
    slides = zip(kernel_size, stride, paddings, dilation, strict=True)
    if padding_mode == "zeros":
        return equal_maps_shared(Window(k, s, before, after, d) for k, s, (before, after), d in slides)
    return equal_maps_shared(
        Chain(Pad(before, after, padding_mode), Window(k, s, 0, 0, d)) for k, s, (before, after), d in slides
    )


#: Layers with the same numbers share their windows, and all that is worked out about them.
_shared_windows = lru_cache(maxsize=1024)(_windows)


def _same_paddings(axes: int, kernel_size: tuple[Size, ...], dilation: tuple[Size, ...]) -> list[tuple[Size, Size]]:
    """Padding before and after, per axis, that keeps the length; the odd cell goes after, as torch has it."""
    totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=False)]
    totals += [0] * (axes - len(totals))
    return [(floor_div(total, 2), total - floor_div(total, 2)) for total in totals]


def _given_paddings(axes: int, padding: tuple[Size, ...] | str, padding_mode: str) -> list[tuple[Size, Size]]:
    """Padding before and after, per axis, as it was given; "valid" is none."""
    if isinstance(padding, str):
        return [(0, 0)] * axes
    paddings = expanded(padding, "padding", axes)
    if padding_mode == "zeros":
        for p in paddings:
            require(p >= 0, "padding must not be negative", "padding={}", paddings)
    elif len(padding) != axes:
        raise ShapeError(f"padding must have {axes} values", got=f"padding={padding}")
    return [(p, p) for p in paddings]


def kernel_per_axis(kernel_size: Any, axes: int) -> tuple[Size, ...]:
    """One size for every axis. Torch hands them on as the shape of the weight alone, where True is 1 and False is 0."""
    if type(kernel_size) is not int:
        if isinstance(kernel_size, bool):
            kernel_size = int(kernel_size)
        elif isinstance(kernel_size, (tuple, list)):
            kernel_size = tuple([int(size) if isinstance(size, bool) else size for size in kernel_size])
    return per_axis(kernel_size, "kernel_size", axes)


def require_channels(layer: Any, channels: Size) -> None:
    """The input's channels must be those of the layer."""
    require(
        channels == layer.in_channels,
        "the input's channels must equal in_channels",
        "{} channels, in_channels={}",
        channels,
        layer.in_channels,
        remedy=f"set in_channels={channels}",
    )


def require_groups(layer: Any) -> None:
    """Of symbols: groups must divide the channels, which numbers are asked when the layer is made."""
    require(layer.groups >= 1, "groups must be at least 1", "groups={}", layer.groups)
    for name in ("in_channels", "out_channels"):
        channels = getattr(layer, name)
        require(channels % layer.groups == 0, f"{name} must be divisible by groups", "{}={}", name, channels)


def _accepted(axes: int) -> str:
    """The shapes that a convolution takes, in words."""
    return f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N"


def _check_copied_padding(pad: Pad, n: Size) -> None:
    """Reflection needs more cells than it copies, wrapping at least as many; a copy needs a cell."""
    if pad.mode != "circular":
        require(n >= 1, "padding by copies needs an axis that is not empty", "length {}", n)
    for amount in (pad.before, pad.after):
        if pad.mode == "reflect":
            require(n >= amount + 1, "reflect padding must be less than the input", "padding {}, length {}", amount, n)
        elif pad.mode == "circular":
            require(n >= amount, "circular padding must not be more than the input", "padding {}, length {}", amount, n)
    require(pad.length(n) >= 1, "the padded input must not be empty", "length {}, padding {}", n, (pad.before, pad.after))


class Conv1d(_Convolution):
    """Convolution over (N, C, L). Source: torch.nn.Conv1d."""

    dimensions = 1


class Conv2d(_Convolution):
    """Convolution over (N, C, H, W). Source: torch.nn.Conv2d."""

    dimensions = 2


class Conv3d(_Convolution):
    """Convolution over (N, C, D, H, W). Source: torch.nn.Conv3d."""

    dimensions = 3


class _LazyConvolution(Lazy):
    """A convolution that takes in_channels from the first input it sees."""

    concrete: ClassVar[type[_Convolution]]

    @constructor
    def __init__(
        self,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
        bias: Any = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments, checked as far as torch checks them without in_channels."""
        whole(out_channels, "out_channels")
        try:
            self.concrete(0, 0, kernel_size, stride, padding, dilation, groups, bias, padding_mode)
        except CnncalcError as error:
            raise self._named(error) from None

    def inferred(self, input: Shape) -> Size:
        """The channels of the input."""
        axes = self.concrete.dimensions
        ranks(input, axes + 1, axes + 2, expects=_accepted(axes))
        return input[-axes - 1]


class LazyConv1d(_LazyConvolution):
    """Conv1d with in_channels inferred. Source: torch.nn.LazyConv1d."""

    concrete = Conv1d


class LazyConv2d(_LazyConvolution):
    """Conv2d with in_channels inferred. Source: torch.nn.LazyConv2d."""

    concrete = Conv2d


class LazyConv3d(_LazyConvolution):
    """Conv3d with in_channels inferred. Source: torch.nn.LazyConv3d."""

    concrete = Conv3d
