"""The windows of adaptive pools."""

from __future__ import annotations

from math import gcd

from cnncalc.axis.base import AxisMap
from cnncalc.cells import cells_of, full
from cnncalc.phases import Phases, rational
from cnncalc.sizes import Size, ceil_div, floor_div
from cnncalc.stencil import IDENTITY, Stencil


class Adaptive(AxisMap):
    """Windows that share n input cells out over m outputs: output cell i reads ⌊i·n/m⌋ … ⌈(i + 1)·n/m⌉ − 1."""

    __slots__ = ("output_size",)
    parts = ("output_size",)

    def __init__(self, output_size: Size) -> None:
        """Keep m."""
        self.output_size = output_size

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """Length m."""
        return self.output_size

    def reads(self, cells: int, n: int) -> int:
        """The cells of the windows."""
        read = 0
        for i in cells_of(cells):
            start, window = self._window(i, n)
            read |= window << start
        return read

    def _window(self, i: int, n: int) -> tuple[int, int]:
        """The first cell of a window, and a bit set from it on."""
        m = int(self.output_size)
        start, stop = i * n // m, -(-(i + 1) * n // m)
        return start, full(stop - start)

    def taps(self, n: Size) -> Size:
        """The cells of the windows; those of neighbours share one where m does not divide n."""
        m = self.output_size
        if not isinstance(m, int):
            return super().taps(n)
        return sum((ceil_div(n * (i + 1), m) - floor_div(n * i, m) for i in range(m)), start=0)

    def working(self, n: Size) -> tuple[str, str]:  # noqa: ARG002 - the same for any length
        """The length is given."""
        return "m", f"{self.output_size}"

    def stencil(self, n: Size) -> Stencil | None:
        """Cell by cell where m = n; a window of n/m with stride n/m where m > 1 divides n; none where windows differ."""
        m = self.output_size
        if (n == m) is True:
            return IDENTITY
        if not isinstance(n, int) or not isinstance(m, int) or m <= 1 or n % m:
            return None
        return Stencil(0, n // m, n // m, full(n // m))

    def phases(self, n: Size) -> Phases | None:
        """Windows that repeat after m/g outputs and n/g inputs, for the common divisor g; none for a single window."""
        m = self.output_size
        if (n == m) is True:
            return Phases.of(IDENTITY)
        if not isinstance(n, int) or not isinstance(m, int) or m <= 1:
            return None
        g = gcd(n, m)
        return rational(n // g, m // g, lambda i: self._window(i, n))
