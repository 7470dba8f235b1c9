"""Transposed convolutions. Source: torch.nn.ConvTranspose1d, ConvTranspose2d, ConvTranspose3d and their lazy kin."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Everything, Groups, Transposed, equal_maps_shared
from cnncalc.errors import ArgumentError, CnncalcError, ShapeError, UnsupportedError
from cnncalc.layers.arguments import expanded, is_empty, natural, per_axis, ranks, whole
from cnncalc.layers.convolution import (
    _accepted,
    _Convolution,
    _LazyConvolution,
    kernel_per_axis,
    require_channels,
    require_groups,
)
from cnncalc.layers.layer import constructor
from cnncalc.sizes import Shape, Size, as_shape, floor_div, greater, product, require


class _TransposedConvolution(_Convolution):
    """A transposed convolution over `dimensions` spatial axes: every input cell adds a kernel's worth to the output.

    Output (N, out_channels, (n − 1)s − 2p + d(k − 1) + output_padding + 1 per axis) for an input (N, in_channels, n per
    axis), or both without N. An `output_size` in the call takes the place of output_padding. MACs: *input* positions ×
    in_channels × out_channels/groups × ∏ kernel_size, bias excluded.
    """

    work = "nothing"
    letters: ClassVar[dict[str, str]] = {**_Convolution.letters, "output_padding": "o"}

    padding: tuple[Size, ...]
    output_padding: tuple[Size, ...]

    @constructor
    def __init__(
        self,
        in_channels: Any,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: Any = 1,
        bias: Any = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        axes = self.dimensions
        if padding_mode != "zeros":
            raise ArgumentError("a transposed convolution pads with zeros alone", got=f"padding_mode={padding_mode!r:.60}")
        if isinstance(padding, str):
            raise ArgumentError(
                "the padding of a transposed convolution is given as numbers",
                got=f"padding={padding!r:.60}",
                remedy='for a symbol write padding=symbol("p")',
            )
        self.__dict__.update(
            in_channels=natural(in_channels, "in_channels"),
            out_channels=natural(out_channels, "out_channels"),
            kernel_size=kernel_per_axis(kernel_size, axes),
            stride=per_axis(stride, "stride", axes),
            padding=per_axis(padding, "padding", axes),
            output_padding=per_axis(output_padding, "output_padding", axes),
            dilation=per_axis(dilation, "dilation", axes),
            groups=whole(groups, "groups"),
            padding_mode=padding_mode,
            _has_bias=bool(bias),
        )
        if self.__dict__["_has_bias"] is False:
            self.__dict__["bias"] = None
        self._check()

    def tensors(self) -> dict[str, Shape]:
        """`weight` (in_channels, out_channels/groups, *kernel_size) and, with bias, `bias` (out_channels,)."""
        weight = (self.in_channels, floor_div(self.out_channels, self.groups), *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)} if self._has_bias else {"weight": weight}

    def output_shape(self, input: Shape, output_size: Any = None) -> Shape:
        """(N, out_channels, *lengths); see the class for the rule. Raises ShapeError where torch refuses the input."""
        maps = self.maps_of(input, output_size)
        axes = self.dimensions
        lengths = [axis_map.length(n) for axis_map, n in zip(maps, input[-axes:], strict=True)]
        least = 0 if is_empty(input[:-axes]) else 1
        for length in lengths:
            if type(length) is not int or length < least:
                require(
                    length >= least,
                    f"the output must be at least {least} long on every axis",
                    "{} from {}",
                    tuple(lengths),
                    input,
                    remedy="use less padding or a larger input",
                )
        return (*input[: -axes - 1], self.out_channels, *lengths)

    def macs(self, input: Shape, output_size: Any = None) -> Size:
        """Input positions × weights, per sample: every input value meets every weight of its channel once."""
        return product(input) * floor_div(self.out_channels, self.groups) * product(self.kernel_size)

    def axes(self, input: Shape, output_size: Any = None) -> tuple[AxisMaps, ...]:
        """Channels dense or in groups, a transposed window on each spatial axis."""
        maps = self.maps_of(input, output_size)
        if (self.groups == 1) is True:
            channels: AxisMap = Everything(self.out_channels)
        else:
            channels = Groups(self.groups, self.out_channels)
        unbatched = len(input) == self.dimensions + 1
        return (AxisMaps(*(() if unbatched else (EACH,)), channels, *maps),)

    def maps_of(self, input: Shape, output_size: Any = None) -> tuple[Transposed, ...]:
        """The axis map of each spatial axis of an input, checked as torch checks when the layer is called."""
        axes = self.dimensions
        ranks(input, axes + 1, axes + 2, expects=_accepted(axes))
        require_groups(self)
        nothing = is_empty(input[:-axes])
        if len(self.kernel_size) != axes:
            raise ShapeError(f"kernel_size must have {axes} values", got=f"kernel_size={self.kernel_size}")
        stride, padding = expanded(self.stride, "stride", axes), expanded(self.padding, "padding", axes)
        dilation = expanded(self.dilation, "dilation", axes)
        more = self._output_padding(input, output_size, stride, padding, dilation)
        leasts = {"kernel_size": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 0 if nothing else 1}
        given = {
            "kernel_size": self.kernel_size,
            "stride": stride,
            "padding": padding,
            "output_padding": more,
            "dilation": dilation,
        }
        for name, least in leasts.items():
            for value in given[name]:
                require(value >= least, f"{name} must be at least {least}", "{}={}", name, given[name])
        self._check_channels(input[-axes - 1])
        if not nothing:
            for n in input[-axes:]:
                require(n >= 1, "an axis may be empty only where the batch is", "{}", input)
            for o, s, d in zip(more, stride, dilation, strict=True):
                _check_output_padding(o, s, d)
        return equal_maps_shared(
            Transposed(k, s, p, d, o) for k, s, p, d, o in zip(self.kernel_size, stride, padding, dilation, more, strict=True)
        )

    def _check_channels(self, channels: Size) -> None:
        """The input's channels must be those of the layer, and there must be some on both sides."""
        require_channels(self, channels)
        for name in ("in_channels", "out_channels"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1", "{}=0", name)

    def _output_padding(self, input: Shape, output_size: Any, stride: Shape, padding: Shape, dilation: Shape) -> tuple[Size, ...]:
        """What stands behind the last window: the argument, or what the output size of the call leaves over."""
        axes = self.dimensions
        if output_size is None:
            return expanded(self.output_padding, "output_padding", axes)
        for name in ("stride", "padding", "dilation"):
            if len(getattr(self, name)) < axes:
                raise ShapeError(f"with output_size, {name} must have {axes} values", got=f"{name}={getattr(self, name)}")
        sizes = wanted_sizes(output_size, len(input) - axes, axes)
        more = []
        for wanted, n, s, p, d, k in zip(sizes, input[-axes:], stride, padding, dilation, self.kernel_size, strict=True):
            least = Transposed(k, s, p, d).length(n)
            require(
                wanted >= least, "output_size is too small", "{} on an axis that takes {} to {}", wanted, least, least + s - 1
            )
            require(
                wanted <= least + s - 1,
                "output_size is too large",
                "{} on an axis that takes {} to {}",
                wanted,
                least,
                least + s - 1,
            )
            more.append(wanted - least)
        return tuple(more)


def wanted_sizes(output_size: Any, lead: int, axes: int) -> tuple[Size, ...]:
    """The `output_size` of a call on the spatial axes; it may begin with the `lead` axes before them."""
    if not isinstance(output_size, (tuple, list)) or len(output_size) not in {axes, axes + lead}:
        raise ShapeError(
            f"output_size must have {axes} or {axes + lead} values",
            got=f"output_size={output_size!r:.60}",
            remedy="give the lengths of the spatial axes",
        )
    return as_shape(output_size)[-axes:]


def _check_output_padding(o: Size, s: Size, d: Size) -> None:
    """Torch asks that output_padding is smaller than stride or smaller than dilation."""
    if (o < s) is True or (o < d) is True:
        return
    largest = greater(s, d)
    if largest is None:
        raise UnsupportedError(
            "whether output_padding is smaller than stride or dilation depends on the symbols",
            got=f"output_padding={o}, stride={s}, dilation={d}",
            remedy="give numbers for two of them",
        )
    require(
        o < largest,
        "output_padding must be smaller than stride or dilation",
        "output_padding={}, stride={}, dilation={}",
        o,
        s,
        d,
    )


class ConvTranspose1d(_TransposedConvolution):
    """Transposed convolution over (N, C, L). Source: torch.nn.ConvTranspose1d."""

    dimensions = 1


class ConvTranspose2d(_TransposedConvolution):
    """Transposed convolution over (N, C, H, W). Source: torch.nn.ConvTranspose2d."""

    dimensions = 2


class ConvTranspose3d(_TransposedConvolution):
    """Transposed convolution over (N, C, D, H, W). Source: torch.nn.ConvTranspose3d."""

    dimensions = 3


class _LazyTransposedConvolution(_LazyConvolution):
    """A transposed convolution that takes in_channels from the first input it sees."""

    concrete: ClassVar[type[_TransposedConvolution]]

    @constructor
    def __init__(
        self,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: Any = 1,
        bias: Any = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments, checked as far as torch checks them without in_channels."""
        whole(out_channels, "out_channels")
        try:
            self.concrete(0, 0, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode)
        except CnncalcError as error:
            raise self._named(error) from None

    def further_arguments(self) -> dict[str, Any]:
        """Without a bias, what groups leave over of out_channels is dropped in silence, as torch drops it."""
        given = super().further_arguments()
        groups = whole(given.get("groups", 1), "groups")
        if given.get("bias", True) or (groups == 1) is True:
            return given
        return {**given, "out_channels": floor_div(natural(given["out_channels"], "out_channels"), groups) * groups}


class LazyConvTranspose1d(_LazyTransposedConvolution):
    """ConvTranspose1d with in_channels inferred. Source: torch.nn.LazyConvTranspose1d."""

    concrete = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposedConvolution):
    """ConvTranspose2d with in_channels inferred. Source: torch.nn.LazyConvTranspose2d."""

    concrete = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposedConvolution):
    """ConvTranspose3d with in_channels inferred. Source: torch.nn.LazyConvTranspose3d."""

    concrete = ConvTranspose3d
