"""Convolutions with weights of one's own: conv1d … conv_transpose3d. Source: torch.nn.functional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.axes import AxisMaps, Route, Woven
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Transposed, Window
from cnncalc.cells import Term, cells_of, full, gather, shift, spread
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import ranks, whole
from cnncalc.layers.convolution import Conv1d, Conv2d, Conv3d, _Convolution
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.transposed_convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, _TransposedConvolution
from cnncalc.sizes import Shape, Size, require

if TYPE_CHECKING:
    from collections.abc import Iterator


class _ConvolutionFunction(LayerFunction):
    """What a convolution does, with a weight (out_channels, in_channels/groups, *kernel_size) and a bias (out_channels,).

    An output cell reads the weights of its filter, except those that fall on padding alone.
    """

    found_in: ClassVar[frozenset[str]] = frozenset({"torch", "functional"})
    layer_class: type[_Convolution]

    def applied(
        self,
        input: Shape,
        weight: Shape,
        bias: Shape | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
    ) -> Applied:
        """The layer that has those arguments."""
        axes = self.layer_class.dimensions
        _check_weight(weight, axes)
        channels = weight[1] * whole(groups, "groups")
        layer = self.layer_class(channels, weight[0], weight[2:], stride, padding, dilation, groups, bias is not None)
        _check_bias(bias, weight[0])
        layer.output_shape(input)
        place = len(input) - axes - 1
        routes: list[Route] = [(place, EACH), (None, EVERYTHING)]
        for axis, (window, n) in enumerate(zip(layer.windows(), input[-axes:], strict=True)):
            routes.append((place + 1 + axis, _Taps(window, n)))
        others = AxisMaps.routed(*routes)
        return Applied(layer, (input,), (others,) if bias is None else (others, AxisMaps.routed((place, EACH))))


class _TransposedConvolutionFunction(LayerFunction):
    """What a transposed convolution does, with a weight (in_channels, out_channels/groups, *kernel_size)."""

    found_in: ClassVar[frozenset[str]] = frozenset({"torch", "functional"})
    layer_class: type[_TransposedConvolution]

    def applied(
        self,
        input: Shape,
        weight: Shape,
        bias: Shape | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: Any = 1,
        dilation: Any = 1,
    ) -> Applied:
        """The layer that has those arguments."""
        axes = self.layer_class.dimensions
        _check_weight(weight, axes)
        channels = weight[1] * whole(groups, "groups")
        layer = self.layer_class(
            weight[0], channels, weight[2:], stride, padding, output_padding, groups, bias is not None, dilation
        )
        _check_bias(bias, channels)
        layer.output_shape(input)
        place = len(input) - axes - 1
        taps = [_Taps(axis_map, n) for axis_map, n in zip(layer.maps_of(input), input[-axes:], strict=True)]
        others: AxisMaps = _Filters(place, groups, taps)
        return Applied(layer, (input,), (others,) if bias is None else (others, AxisMaps.routed((place, EACH))))


class _Taps(AxisMap):
    """Which cells of a kernel an output cell reads: those that fall on input cells, of an axis of length n."""

    __slots__ = ("n", "window")
    parts = ("window", "n")

    def __init__(self, window: AxisMap, n: Size) -> None:
        """Keep the map of the axis and the input's length."""
        self.window = window
        self.n = n

    def length(self, n: Size) -> Size:
        """The length of the output axis."""
        return self.window.length(self.n)

    def reads(self, cells: int, n: int) -> int:
        """Each t for which an asked cell has s·i − p + d·t, or (i + p − d·t)/s, inside the input."""
        window, inside, read = self.window, full(int(self.n)), 0
        for t in range(n):
            if isinstance(window, Window):
                moved = shift(spread(cells, int(window.stride)), int(window.dilation) * t - int(window.before))
            elif isinstance(window, Transposed):
                moved = gather(shift(cells, int(window.padding) - int(window.dilation) * t), int(window.stride))
            else:  # pragma: no cover - functions pad with zeros alone
                raise TypeError(window)
            if moved & inside:
                read |= 1 << t
        return read


class _Filters(Woven):
    """How a transposed convolution's output follows from its weight: the channels of a group share their filters' places."""

    __slots__ = ("groups", "place", "taps")

    def __init__(self, place: int, groups: int, taps: list[_Taps]) -> None:
        """Keep which output axis has the channels, the groups, and the taps of each spatial axis."""
        super().__init__()
        self.place = place
        self.groups = groups
        self.taps = taps
        self.routes = ((None, EVERYTHING), (place, EACH), *((place + 1 + i, tap) for i, tap in enumerate(taps)))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """Group by group: all of its input channels, and the filters of the asked output channels."""
        sides = tuple(tap.reads(term[self.place + 1 + i], shape[2 + i]) for i, tap in enumerate(self.taps))
        block = shape[0] // int(self.groups)
        if not all(term) or not all(sides):
            return
        for group in cells_of(full(int(self.groups))):
            filters = term[self.place] >> group * shape[1] & full(shape[1])
            if filters:
                yield (full(block) << group * block, filters, *sides)


def _check_weight(weight: Shape, axes: int) -> None:
    """The weight must have two axes more than space has."""
    ranks(weight, axes + 2, expects=f"a weight of {axes + 2} axes")


def _check_bias(bias: Shape | None, channels: Size) -> None:
    """The bias must have one value for each output channel."""
    if bias is None:
        return
    if len(bias) != 1:
        raise ShapeError("the bias must have one axis", got=f"{bias}")
    require(bias[0] == channels, "the bias must have one value for each output channel", "{} for {} channels", bias[0], channels)


conv1d = _ConvolutionFunction("conv1d", layer_class=Conv1d)
conv2d = _ConvolutionFunction("conv2d", layer_class=Conv2d)
conv3d = _ConvolutionFunction("conv3d", layer_class=Conv3d)
conv_transpose1d = _TransposedConvolutionFunction("conv_transpose1d", layer_class=ConvTranspose1d)
conv_transpose2d = _TransposedConvolutionFunction("conv_transpose2d", layer_class=ConvTranspose2d)
conv_transpose3d = _TransposedConvolutionFunction("conv_transpose3d", layer_class=ConvTranspose3d)
