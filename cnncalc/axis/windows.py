"""Sliding windows: convolution and pooling.

The letters of this file: n, input length; k, kernel size; s, stride; d, dilation; p, padding before; q, padding after;
K = d(k − 1) + 1, the extent of the kernel.
"""

from __future__ import annotations

from cnncalc.axis.base import AxisMap
from cnncalc.cells import MOST_CELLS, full, gather, shift, spread, thicken
from cnncalc.sizes import Size, assume, at_least, ceil_div, floor_div, lesser
from cnncalc.stencil import IDENTITY, Stencil


class Window(AxisMap):
    """A sliding window: convolution and pooling.

    Length ⌊(n + p + q − K)/s⌋ + 1; with `ceil_mode` ⌈(n + min(p, p + q + s − K))/s⌉, which is torch's rule: the last
    window must start inside the input or the padding before it. Output cell i reads s·i − p + d·t for 0 ≤ t < k.
    """

    __slots__ = ("_stencil", "after", "before", "ceil_mode", "dilation", "extent", "kernel_size", "slack", "stride")
    parts = ("kernel_size", "stride", "before", "after", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Size,
        stride: Size = 1,
        before: Size = 0,
        after: Size = 0,
        dilation: Size = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        """Keep the parts of a window."""
        self.kernel_size = kernel_size
        self.stride = stride
        self.before = before
        self.after = after
        self.dilation = dilation
        self.ceil_mode = ceil_mode
        #: K = d(k − 1) + 1, the cells from the first to the last that the kernel touches.
        self.extent: Size = dilation * (kernel_size - 1) + 1
        #: p + q − K: with n added, the cells by which the padded axis is longer than the kernel.
        self.slack: Size = before + after - self.extent
        self._stencil: Stencil | None = None

    @property
    def is_each(self) -> bool:
        """Whether it is one cell wide and moves on by one, without padding."""
        wide_or_moved = (self.kernel_size, 1), (self.stride, 1), (self.before, 0), (self.after, 0)
        return all((part == least) is True for part, least in wide_or_moved)

    def length(self, n: Size) -> Size:
        """⌊(n + p + q − K)/s⌋ + 1, or torch's rule for ceil_mode. It may be 0 or less: the layer decides on that."""
        room = n + self.slack
        if not self.ceil_mode:
            return floor_div(room, self.stride) + 1
        overhang = lesser(self.before, self.before + self.after + self.stride - self.extent)
        if overhang is not None:
            return ceil_div(n + overhang, self.stride)
        # Symbols hide which of the two is smaller: the length that no window is dropped from, on that condition.
        assume(
            at_least(self.extent - self.after - self.stride),
            "with ceil_mode, the last window must not start in the padding behind the input",
        )
        return ceil_div(room, self.stride) + 1

    def reads(self, cells: int, n: int) -> int:
        """The cells under the windows, padding left out."""
        s, k, d, p = self._numbers()
        return shift(thicken(spread(cells, s), k, d), -p) & full(n)

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - the same for any length
        """Each i with s·i = x + p − d·t."""
        s, k, d, p = self._numbers()
        return gather(shift(thicken(shift(cells, p), k, d), -d * (k - 1)), s) & full(m)

    def counts(self, weights: list[int], n: int) -> list[int]:
        """Each weight at the cells under its window."""
        s, k, d, p = self._numbers()
        found = [0] * n
        for i, weight in enumerate(weights):
            if weight:
                for cell in range(s * i - p, s * i - p + d * k, d):
                    if 0 <= cell < n:
                        found[cell] += weight
        return found

    def taps(self, n: Size) -> Size:
        """The whole kernel for each output cell, padding not discounted."""
        return self.length(n) * self.kernel_size

    def stencil(self, n: Size) -> Stencil:  # noqa: ARG002 - the same for any length
        """The kernel's cells, starting p before s·i."""
        if self._stencil is None:
            self._stencil = self._make_stencil()
        return self._stencil

    def _make_stencil(self) -> Stencil:
        k, d = self.kernel_size, self.dilation
        numbers = isinstance(k, int) and isinstance(d, int) and isinstance(self.stride, int) and isinstance(self.before, int)
        if numbers and k == self.stride == 1 and self.before == 0:
            return IDENTITY
        small = numbers and self.extent <= MOST_CELLS
        return Stencil(-self.before, self.extent, self.stride, thicken(1, k, d) if small else None)  # type: ignore[arg-type]

    def working(self, n: Size) -> tuple[str, str]:
        """⌊(n + 2p − k)/s⌋ + 1 in the shortest form that fits the arguments, then with numbers put in."""
        p, q, s, k, d = self.before, self.after, self.stride, self.kernel_size, self.dilation
        kernel, kernel_numbers = ("k", f"{k}") if (d == 1) is True else ("d·(k − 1) − 1", f"{d}·({k} − 1) − 1")
        if self.ceil_mode:
            rule = "⌈(n + min(p, 2p + s − K))/s⌉, K = d·(k − 1) + 1"
            return rule, f"⌈({n} + min({p}, {p + q + s} − {self.extent}))/{s}⌉"
        padding, numbers = " + p + q", f" + {p} + {q}"
        if (p == q) is True:
            padding, numbers = ("", "") if (p == 0) is True else (" + 2p", f" + 2·{p}")
        if (s == 1) is True:
            one = (" + 1", " + 1") if (d == 1) is True else ("", "")
            kernel, kernel_numbers = (kernel, kernel_numbers) if (d == 1) is True else ("d·(k − 1)", f"{d}·({k} − 1)")
            return f"n{padding} − {kernel}{one[0]}", f"{n}{numbers} − {kernel_numbers}{one[1]}"
        rule = f"⌊(n{padding} − {kernel})/s⌋ + 1"
        put_in = f"⌊({n}{numbers} − {kernel_numbers})/{s}⌋ + 1"
        room = n + p + q - self.extent
        if isinstance(room, int) and isinstance(s, int):
            put_in += f" = ⌊{_quotient(room, s)}⌋ + 1"
        return rule, put_in

    def _numbers(self) -> tuple[int, int, int, int]:
        """Stride, kernel, dilation and padding before as plain numbers."""
        return int(self.stride), int(self.kernel_size), int(self.dilation), int(self.before)


def _quotient(numerator: int, denominator: int) -> str:
    """A quotient as people write it: 62.5, 63, or 125/3 where the decimal fraction does not end soon."""
    whole, rest = divmod(numerator, denominator)
    if not rest:
        return str(whole)
    decimal = f"{numerator / denominator:.3f}".rstrip("0")
    return decimal if 1000 % denominator == 0 else f"{numerator}/{denominator}"
