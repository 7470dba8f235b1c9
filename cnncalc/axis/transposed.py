"""The windows of transposed convolutions.

The letters of this file: n, input length; k, kernel size; s, stride; d, dilation; p, padding; o, output padding;
K = d(k − 1) + 1, the extent of the kernel.
"""

from __future__ import annotations

from cnncalc.axis.base import AxisMap
from cnncalc.cells import MOST_CELLS, full, gather, shift, spread, thicken
from cnncalc.phases import Phases, rational
from cnncalc.sizes import Size
from cnncalc.stencil import Stencil


class Transposed(AxisMap):
    """The window of a transposed convolution: input cell m is added to the output cells s·m − p + d·t, 0 ≤ t < k.

    Length (n − 1)s − 2p + K + o for an output padding o. Output cell i reads each m with i = s·m − p + d·t: how many
    those are depends on i, so that there is a stencil for s = 1 alone.
    """

    __slots__ = ("dilation", "kernel_size", "output_padding", "padding", "stride")
    parts = ("kernel_size", "stride", "padding", "dilation", "output_padding")

    def __init__(
        self, kernel_size: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1, output_padding: Size = 0
    ) -> None:
        """Keep the parts of a window."""
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.output_padding = output_padding

    @property
    def extent(self) -> Size:
        """K = d(k − 1) + 1, the cells from the first to the last that the kernel touches."""
        return self.dilation * (self.kernel_size - 1) + 1

    def length(self, n: Size) -> Size:
        """(n − 1)s − 2p + K + o."""
        return (n - 1) * self.stride - 2 * self.padding + self.extent + self.output_padding

    def reads(self, cells: int, n: int) -> int:
        """The cells m with s·m = i + p − d·t."""
        k, d = int(self.kernel_size), int(self.dilation)
        touched = shift(thicken(shift(cells, int(self.padding)), k, d), -d * (k - 1))
        return gather(touched, int(self.stride)) & full(n)

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - the same for any length
        """The cells s·x − p + d·t."""
        touched = thicken(spread(cells, int(self.stride)), int(self.kernel_size), int(self.dilation))
        return shift(touched, -int(self.padding)) & full(m)

    def stencil(self, n: Size) -> Stencil | None:  # noqa: ARG002 - the same for any length
        """With s = 1 a convolution that pads by K − 1 − p; otherwise the windows differ from cell to cell."""
        if (self.stride == 1) is not True:
            return None
        k, d = self.kernel_size, self.dilation
        small = isinstance(k, int) and isinstance(d, int) and self.extent <= MOST_CELLS
        return Stencil(self.padding - self.extent + 1, self.extent, 1, thicken(1, k, d) if small else None)  # type: ignore[arg-type]

    def phases(self, n: Size) -> Phases | None:  # noqa: ARG002 - the same for any length
        """One window for each of s phases: cell i reads each m with s·m = i + p − d·t, a cell further on every s cells."""
        if not all(isinstance(part, int) for part in self._parts()) or self.extent > MOST_CELLS:
            return None
        k, s, p, d = int(self.kernel_size), int(self.stride), int(self.padding), int(self.dilation)
        touched = thicken(1, k, d)
        # Moved on by `ahead` whole steps, so that no cell is negative.
        ahead = -(-d * (k - 1) // s)

        def window(i: int) -> tuple[int, int]:
            return -ahead, gather(shift(touched, i + p - d * (k - 1) + ahead * s), s)

        return rational(1, s, window)

    def working(self, n: Size) -> tuple[str, str]:
        """(n − 1)·s − 2p + k in the shortest form that fits the arguments, then with numbers put in."""
        p, s, k, d, o = self.padding, self.stride, self.kernel_size, self.dilation, self.output_padding
        padding, padding_numbers = ("", "") if (p == 0) is True else (" − 2p", f" − 2·{p}")
        kernel, kernel_numbers = ("k", f"{k}") if (d == 1) is True else ("d·(k − 1) + 1", f"{d}·({k} − 1) + 1")
        more, more_numbers = ("", "") if (o == 0) is True else (" + o", f" + {o}")
        return f"(n − 1)·s{padding} + {kernel}{more}", f"({n} − 1)·{s}{padding_numbers} + {kernel_numbers}{more_numbers}"
