"""Axis maps of the layers that move cells between axes: which channel a cell reads depends on where it stands."""

from __future__ import annotations

from cnncalc.axes import AxisMaps, Route, Steps
from cnncalc.axis import EACH, EVERYTHING, Select
from cnncalc.cells import cells_of
from cnncalc.sizes import Shape, Size


class Shuffled(Steps):
    """How PixelShuffle's image follows from its input: a cell reads one of r² channels, by its place in its block."""

    __slots__ = ()
    takes_part = True


class Dealt(Steps):
    """How ChannelShuffle's channels follow from its input: channel i·g + j reads channel j·C/g + i, cell by cell."""

    __slots__ = ("groups",)
    #: The axis of the channels.
    channel = 1

    def __init__(self, routes: tuple[Route, ...], *steps: tuple[AxisMaps, Shape], groups: Size) -> None:
        """Keep the steps and g."""
        super().__init__(routes, *steps)
        self.groups = groups

    def dealt(self, channels: int, n: int) -> int:
        """Where a set of the n channels goes."""
        g = int(self.groups)
        return sum(1 << c % (n // g) * g + c // (n // g) for c in cells_of(channels))


class Unshuffled(Steps):
    """How PixelUnshuffle's channels follow from its input: channel c·r² + i·r + j reads cell (i, j) of each block."""

    __slots__ = ("channel", "factor")

    def __init__(self, routes: tuple[Route, ...], *steps: tuple[AxisMaps, Shape], channel: int, factor: Size) -> None:
        """Keep the steps, the axis of the channels and r."""
        super().__init__(routes, *steps)
        self.channel = channel
        self.factor = factor

    def one_place(self, i: int, j: int) -> AxisMaps:
        """What the channels of one place in the blocks read."""
        lead = (EACH,) * self.channel
        height, width = (Select(start, self.factor, 0) for start in (i, j))
        return AxisMaps(*lead, EVERYTHING, height, width)
