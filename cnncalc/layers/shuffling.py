"""Layers that move cells between axes: PixelShuffle, PixelUnshuffle, ChannelShuffle. Source: torch.nn."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, Route, reshaped
from cnncalc.axis import EACH, AxisMap, Transposed, Undescribed, Window
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty, whole
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.shuffling_axes import Dealt, Shuffled, Unshuffled
from cnncalc.sizes import Shape, Size, floor_div, require

WEAVES = "weaves its channels into other axes"


class PixelShuffle(Layer):
    """Groups of r² channels laid out as blocks of r × r cells.

    (…, C·r², H, W) → (…, C, H·r, W·r): output cell (c, y, x) reads the one input cell
    (c·r² + (y mod r)·r + x mod r, ⌊y/r⌋, ⌊x/r⌋). Source: torch.nn.PixelShuffle.
    """

    saves = ()
    work = "nothing"
    letters: ClassVar[dict[str, str]] = {"upscale_factor": "r"}
    upscale_factor: Size

    @constructor
    def __init__(self, upscale_factor: Any) -> None:
        """Take torch's argument."""
        self.upscale_factor = whole(upscale_factor, "upscale_factor")

    def output_shape(self, input: Shape) -> Shape:
        """(…, C, H·r, W·r). Raises ShapeError where torch refuses the input."""
        r = self.upscale_factor
        _check_factor(input, r, "upscale_factor")
        channels, height, width = input[-3:]
        _check_divisible(channels, r * r, "the channels must be divisible by the square of upscale_factor", input)
        return (*input[:-3], floor_div(channels, r * r), height * r, width * r)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A reshape, a permutation and a reshape; alone, each spatial axis has every cell r times."""
        r = self.upscale_factor
        output = self.output_shape(input)
        lead, (channels, height, width) = input[:-3], input[-3:]
        n = len(lead)
        cut = (*lead, floor_div(channels, r * r), r, r, height, width)
        woven = (*lead, cut[n], height, r, width, r)
        alone: tuple[AxisMap, ...] = (
            *(EACH,) * n,
            Undescribed(output[n], self.torch_name, WEAVES),
            *(Transposed(r, r),) * 2,
        )
        moves: tuple[Route, ...] = (
            *((i, EACH) for i in range(n + 1)),
            (n + 2, EACH),
            (n + 4, EACH),
            (n + 1, EACH),
            (n + 3, EACH),
        )
        return (
            Shuffled(
                tuple(enumerate(alone)),
                (reshaped(input, cut), input),
                (AxisMaps.routed(*moves), cut),
                (reshaped(woven, output), woven),
            ),
        )


class PixelUnshuffle(Layer):
    """Blocks of r × r cells laid out as groups of r² channels: the way back from PixelShuffle.

    (…, C, H·r, W·r) → (…, C·r², H, W): output cell (c·r² + i·r + j, y, x) reads the one input cell (c, y·r + i, x·r + j).
    Source: torch.nn.PixelUnshuffle.
    """

    saves = ()
    work = "nothing"
    letters: ClassVar[dict[str, str]] = {"downscale_factor": "r"}
    downscale_factor: Size

    @constructor
    def __init__(self, downscale_factor: Any) -> None:
        """Take torch's argument."""
        self.downscale_factor = whole(downscale_factor, "downscale_factor")

    def output_shape(self, input: Shape) -> Shape:
        """(…, C·r², H, W). Raises ShapeError where torch refuses the input."""
        r = self.downscale_factor
        _check_factor(input, r, "downscale_factor")
        channels, height, width = input[-3:]
        for n in (height, width):
            _check_divisible(n, r, "height and width must be divisible by downscale_factor", input)
        if is_empty(input):
            # As torch has it: an empty input comes back as it is.
            return input
        return (*input[:-3], channels * r * r, floor_div(height, r), floor_div(width, r))

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A reshape, a permutation and a reshape; alone, each spatial axis has a window of r with stride r."""
        r = self.downscale_factor
        output = self.output_shape(input)
        if is_empty(input):
            return (AxisMaps.pointwise(len(input)),)
        lead, (channels, height, width) = input[:-3], output[-3:]
        n = len(lead)
        cut = (*lead, input[n], height, r, width, r)
        woven = (*lead, input[n], r, r, height, width)
        alone: tuple[AxisMap, ...] = (*(EACH,) * n, Undescribed(channels, self.torch_name, WEAVES), *(Window(r, r),) * 2)
        moves: tuple[Route, ...] = (
            *((i, EACH) for i in range(n + 1)),
            (n + 3, EACH),
            (n + 1, EACH),
            (n + 4, EACH),
            (n + 2, EACH),
        )
        return (
            Unshuffled(
                tuple(enumerate(alone)),
                (reshaped(input, cut), input),
                (AxisMaps.routed(*moves), cut),
                (reshaped(woven, output), woven),
                channel=n,
                factor=r,
            ),
        )


class ChannelShuffle(Layer):
    """The channels dealt out to groups: output channel i·g + j reads input channel j·C/g + i. Source: torch.nn.ChannelShuffle."""

    work = "nothing"
    letters: ClassVar[dict[str, str]] = {"groups": "g"}
    groups: Size

    @constructor
    def __init__(self, groups: Any) -> None:
        """Take torch's argument."""
        self.groups = whole(groups, "groups")

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where torch refuses it."""
        if len(input) < 3:  # noqa: PLR2004 - batch, channels and a spatial axis
            raise ShapeError(
                "the input must have at least 3 axes", got=f"{len(input)} axes, {input}", remedy="write shapes batch first"
            )
        require(self.groups >= 1, "groups must be at least 1", "groups={}", self.groups)
        _check_divisible(input[1], self.groups, "the channels must be divisible by groups", input)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A reshape of the channels, a transposition and a reshape; every other axis cell by cell."""
        g, rest = self.groups, input[2:]
        self.output_shape(input)
        inner = floor_div(input[1], g)
        cut, woven = (input[0], g, inner, *rest), (input[0], inner, g, *rest)
        moves: tuple[Route, ...] = ((0, EACH), (2, EACH), (1, EACH), *((i + 3, EACH) for i in range(len(rest))))
        alone: tuple[AxisMap, ...] = (
            EACH,
            Undescribed(input[1], self.torch_name, "deals its channels out anew"),
            *(EACH,) * len(rest),
        )
        return (
            Dealt(
                tuple(enumerate(alone)),
                (reshaped(input, cut), input),
                (AxisMaps.routed(*moves), cut),
                (reshaped(woven, input), woven),
                groups=g,
            ),
        )


def _check_factor(input: Shape, r: Size, name: str) -> None:
    """Channels, height and width must be there, and the factor positive."""
    if len(input) < 3:  # noqa: PLR2004 - channels, height, width
        raise ShapeError("the input must be (…, C, H, W)", got=f"{len(input)} axes, {input}")
    require(r >= 1, f"{name} must be at least 1", "{}={}", name, r)


def _check_divisible(n: Size, by: Size, rule: str, input: Shape) -> None:
    """A length must be a multiple of a number."""
    require(floor_div(n, by) * by == n, rule, "{} and {}, from {}", n, by, input)


class PixelShuffleFunction(LayerFunction):
    """What PixelShuffle does. Source: torch.nn.functional.pixel_shuffle."""

    torch_name = "pixel_shuffle"
    found_in: ClassVar[frozenset[str]] = frozenset({"torch", "functional"})

    def applied(self, input: Shape, upscale_factor: Any) -> Applied:
        """PixelShuffle with that factor."""
        return Applied(PixelShuffle(upscale_factor), (input,))


class PixelUnshuffleFunction(LayerFunction):
    """What PixelUnshuffle does. Source: torch.nn.functional.pixel_unshuffle."""

    torch_name = "pixel_unshuffle"
    found_in: ClassVar[frozenset[str]] = frozenset({"torch", "functional"})

    def applied(self, input: Shape, downscale_factor: Any) -> Applied:
        """PixelUnshuffle with that factor."""
        return Applied(PixelUnshuffle(downscale_factor), (input,))


class ChannelShuffleFunction(LayerFunction):
    """What ChannelShuffle does. Source: torch.nn.functional.channel_shuffle."""

    torch_name = "channel_shuffle"
    found_in: ClassVar[frozenset[str]] = frozenset({"torch", "functional"})

    def applied(self, input: Shape, groups: Any) -> Applied:
        """ChannelShuffle with those groups."""
        return Applied(ChannelShuffle(groups), (input,))


pixel_shuffle = PixelShuffleFunction()
pixel_unshuffle = PixelUnshuffleFunction()
channel_shuffle = ChannelShuffleFunction()
