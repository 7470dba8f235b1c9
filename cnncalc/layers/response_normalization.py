"""Normalisation by what neighbouring channels say. Source: torch.nn.LocalResponseNorm, CrossMapLRN2d."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Window
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty, ranks, real, scalar, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, floor_div, require


class _ResponseNorm(Layer):
    """Each value divided by a power of the squares of `size` channels around it. The shape stays."""

    work = "norm"

    size: Size
    alpha: float
    beta: float
    k: float

    @constructor
    def __init__(self, size: Any, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        """Take torch's arguments."""
        self.size = whole(size, "size")
        self.alpha = scalar(alpha, "alpha")
        self.beta = scalar(beta, "beta")
        self.k = scalar(k, "k")


class LocalResponseNorm(_ResponseNorm):
    """Local response normalisation of (N, C, …). Source: torch.nn.LocalResponseNorm.

    Channel c reads the channels c − ⌊size/2⌋ … c + ⌊(size − 1)/2⌋.
    """

    work = "norm"

    def output_shape(self, input: Shape) -> Shape:
        """That of the input, of three axes or more."""
        if len(input) < 3:  # noqa: PLR2004 - batch, channels, one of space
            raise ShapeError("the input must be (N, C, L) or have more axes", got=f"{len(input)} axes, {input}")
        if not is_empty(input):
            require(self.size >= 1, "size must be at least 1", "size={}", self.size)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A window on the channels, cell by cell elsewhere."""
        before = floor_div(self.size, 2)
        window = Window(self.size, 1, before, self.size - 1 - before)
        return (AxisMaps(EACH, window, *(EACH,) * (len(input) - 2)),)


class _FirstToo(AxisMap):
    """A window that reads the first cell of the axis too."""

    __slots__ = ("window",)
    parts = ("window",)

    def __init__(self, window: Window) -> None:
        """Keep the window."""
        self.window = window

    def length(self, n: Size) -> Size:
        """That of the window."""
        return self.window.length(n)

    def reads(self, cells: int, n: int) -> int:
        """The cells under the windows, and the first."""
        return self.window.reads(cells, n) | (1 if cells else 0)


class CrossMapLRN2d(_ResponseNorm):
    """Local response normalisation of (N, C, H, W) as old torch had it. Source: torch.nn.CrossMapLRN2d.

    Channel c reads the channels c − h … c + h with h = ⌊(size − 1)/2⌋, and channel 0: torch's running sum over the
    channels never lets go of it.
    """

    work = "norm"

    @constructor
    def __init__(self, size: Any, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        """Take torch's arguments."""
        self.size = whole(size, "size")
        self.alpha = real(alpha, "alpha")
        self.beta = scalar(beta, "beta")
        self.k = scalar(k, "k")

    def output_shape(self, input: Shape) -> Shape:
        """That of the input, which must have channels."""
        ranks(input, 4, expects="(N, C, H, W)")
        require(self.size >= 1, "size must be at least 1", "size={}", self.size)
        require(input[1] >= 1, "there must be at least one channel", "{}", input)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A window on the channels that reads the first channel too, cell by cell elsewhere."""
        reach = floor_div(self.size - 1, 2)
        return (AxisMaps(EACH, _FirstToo(Window(2 * reach + 1, 1, reach, reach)), EACH, EACH),)
