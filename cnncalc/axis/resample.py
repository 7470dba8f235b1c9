"""Resampling as axis maps: nearest, linear and cubic interpolation, and their antialiased kin.

The letters of this file: n, input length; m, output length; s, the scale that was asked for; r, the step of the input that
one step of the output takes. Torch has r = 1/s where a scale was given, n/m where a size was, and (n − 1)/(m − 1) with
align_corners. Source: torch's ATen/native/UpSample.h and its CPU kernels, tried cell by cell.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor, isfinite
from struct import pack, unpack
from typing import TYPE_CHECKING

from cnncalc.axis.base import AxisMap
from cnncalc.cells import cells_of, full, shift
from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.phases import Phases, rational
from cnncalc.sizes import Expr, Size, floor_div
from cnncalc.stencil import IDENTITY, Stencil

if TYPE_CHECKING:
    from collections.abc import Callable

#: A floating-point scale stands for the fraction of at most this denominator that rounds to it, if there is one.
LARGEST_DENOMINATOR = 10**6
#: Torch's lengths are 64-bit numbers.
LARGEST_LENGTH = 2**63 - 1

Scale = float | Expr


def scaled_length(n: Size, scale: Scale) -> Size:
    """⌊n·s⌋ as torch works it out, in double precision and cut towards 0: 100 cells at 0.29 give 28.

    Symbolic where that is exact: for whole scales, and for fractions over a power of 2. Raises UnsupportedError for any
    other scale of a symbol, and ShapeError for a length that is no 64-bit number.
    """
    if isinstance(scale, Expr):
        return n * scale
    if isinstance(n, Expr):
        if not isfinite(scale) or scale < 0 or Fraction(scale).denominator * max(scale, 1) > LARGEST_DENOMINATOR:
            raise UnsupportedError(
                "the length of a symbol times this scale rests on how a floating-point product is rounded",
                got=f"{n} · {scale}",
                remedy="give numbers for the sizes of the input, or a scale that is whole or a fraction over a power of 2",
            )
        fraction = Fraction(scale)
        return floor_div(n * fraction.numerator, fraction.denominator)
    length = n * scale
    if not abs(length) <= LARGEST_LENGTH:
        raise ShapeError("the output's length must be a 64-bit number", got=f"{n} · {scale}")
    return int(length)


def meant_by(scale: float) -> Fraction:
    """The fraction that a floating-point number stands for: 0.6 is 3/5, and 1/3 is 1/3."""
    simple = Fraction(scale).limit_denominator(LARGEST_DENOMINATOR)
    return simple if float(simple) == scale else Fraction(scale)


def single(value: float) -> float:
    """A number rounded to single precision."""
    rounded: float = unpack("f", pack("f", value))[0]
    return rounded


class Resample(AxisMap):
    """What the maps of resampling share: the length, and one rule for the cells that an output cell reads.

    `output_size` is m, or None where `scale` s says it; s alone fixes the step r where both are known to the layer.
    """

    __slots__ = ()

    output_size: Size | None
    scale: Scale | None
    align_corners = False

    def length(self, n: Size) -> Size:
        """The length asked for, or ⌊n·s⌋ by torch's floating-point rule."""
        if self.output_size is not None:
            return self.output_size
        return scaled_length(n, 1.0 if self.scale is None else self.scale)

    def reads(self, cells: int, n: int) -> int:
        """The cells that the asked ones are made of."""
        rule = self._rule(n, int(self.length(n)))
        read = 0
        for i in cells_of(cells):
            read |= rule(i)
        return read

    def _rule(self, n: int, m: int) -> Callable[[int], int]:
        """The bit set of the cells that output cell i reads."""
        raise NotImplementedError  # pragma: no cover - every map has its own

    def working(self, n: Size) -> tuple[str, str]:
        """The length is given, or ⌊n·s⌋."""
        return ("m", f"{self.output_size}") if self.output_size is not None else ("⌊n·s⌋", f"⌊{n}·{self.scale}⌋")

    def _step(self, n: Size) -> Fraction | None:
        """The step r, 0 where align_corners has one cell to place; None where symbols hide it."""
        if isinstance(self.scale, float | int) and not self.align_corners:
            return 1 / meant_by(self.scale)
        m = self.length(n)
        if not isinstance(n, int) or not isinstance(m, int):
            return Fraction(1) if (n == m) is True else None
        if not self.align_corners:
            return Fraction(n, m)
        return Fraction(n - 1, m - 1) if m > 1 else Fraction(0)


class Nearest(Resample):
    """The nearest cell, as torch's single-precision arithmetic picks it.

    Output cell i reads ⌊r·i⌋, or ⌊r·(i + ½)⌋ where `exact` (torch's "nearest-exact"). `small` marks an image whose
    output's height and width are at most 128 together: for it torch has another kernel, which copies where m = n, reads
    ⌊i/2⌋ where m = 2n, and rounds once less.
    """

    __slots__ = ("exact", "output_size", "scale", "small")
    parts = ("output_size", "scale", "exact", "small")

    def __init__(self, output_size: Size | None, scale: Scale | None, *, exact: bool = False, small: bool = False) -> None:
        """Keep the parts."""
        self.output_size = output_size
        self.scale = scale
        self.exact = exact
        self.small = small

    def _rule(self, n: int, m: int) -> Callable[[int], int]:
        """One cell."""
        if self.small and not self.exact and m in {n, 2 * n}:
            return (lambda i: 1 << i) if m == n else (lambda i: 1 << (i >> 1))
        r = single(1.0 / self.scale if isinstance(self.scale, float | int) else single(n) / single(m))
        if not self.exact:
            return lambda i: 1 << min(floor(single(r * i)), n - 1)
        if self.small:
            return lambda i: 1 << floor(single(r * (i + 0.5)))
        # One fused multiply-add, then ½ again: torch takes the place as the others have it, and rounds it.
        return lambda i: 1 << min(floor(single(max(single(r * (i + 0.5) - 0.5), 0.0) + 0.5)), n - 1)

    def stencil(self, n: Size) -> Stencil | None:
        """One cell of every r where r is whole; otherwise it differs from cell to cell."""
        r = self._step(n)
        if self.small and not self.exact and (self.length(n) == n) is True:
            return IDENTITY
        if r is None or r.denominator != 1:
            return None
        return Stencil(int(r) // 2 if self.exact else 0, 1, int(r), 1)

    def phases(self, n: Size) -> Phases | None:
        """⌊r·i⌋, or ⌊r·(i + ½)⌋, in exact fractions; none where torch's single precision picks another cell on this axis."""
        m, r = self.length(n), self._step(n)
        if self.small and not self.exact and (m == n) is True:
            return Phases.of(IDENTITY)
        if not r:
            return None
        p, q = r.numerator, r.denominator
        if isinstance(n, int):
            rule = self._rule(n, int(m))
            if any(rule(i) != 1 << self._exactly(i, p, q) for i in range(int(m))):
                return None
        # Whatever the length: exact where r is whole, and where 1/q is rounded so little that its multiples are whole again.
        elif q > 1 and (p != 1 or self.exact or Fraction(single(1 / q)) * q < 1 - Fraction(1, 2**25)):
            return None
        return rational(p, q, lambda i: (self._exactly(i, p, q), 1))

    def _exactly(self, i: int, p: int, q: int) -> int:
        """The cell that exact arithmetic picks."""
        return p * (2 * i + 1) // (2 * q) if self.exact else p * i // q

    def why_varying(self, n: Size) -> str:
        """What rounding does, where the step is known."""
        return "picks cells that rounding in single precision moves" if self._step(n) else super().why_varying(n)


class Weighted(Resample):
    """Interpolation by weights: the cells whose weight, in exact fractions, is not 0.

    Output cell i lies at r·(i + ½) − ½, or at r·i with `align_corners`. Between two cells, "linear" reads those two and
    "cubic" the four around; on a cell both read that one alone. A place outside is the nearest cell inside.
    """

    __slots__ = ("align_corners", "cubic", "output_size", "scale")
    parts = ("output_size", "scale", "align_corners", "cubic")

    def __init__(self, output_size: Size | None, scale: Scale | None, *, align_corners: bool, cubic: bool = False) -> None:
        """Keep the parts."""
        self.output_size = output_size
        self.scale = scale
        self.align_corners = align_corners
        self.cubic = cubic

    def _around(self, i: int, r: Fraction) -> tuple[int, int]:
        """The first cell that is read, and how many, on an endless axis."""
        p, q = r.numerator, r.denominator
        cell, rest = divmod(p * i, q) if self.align_corners else divmod(p * (2 * i + 1) - q, 2 * q)
        if not rest:
            return cell, 1
        return (cell - 1, 4) if self.cubic else (cell, 2)

    def _rule(self, n: int, m: int) -> Callable[[int], int]:
        """The cells around a place; linear interpolation copies where m = n, whatever the scale."""
        if m == n and not self.cubic:
            return lambda i: 1 << i
        r = self._step(n)
        step = Fraction(n, m) if r is None else r

        def rule(i: int) -> int:
            first, count = self._around(i, step)
            start, stop = max(first, 0), min(first + count, n)
            return full(stop - start) << start

        return rule

    def stencil(self, n: Size) -> Stencil | None:
        """The same cells at every place where r is whole and not 0; otherwise they differ from cell to cell."""
        if not self.cubic and (self.length(n) == n) is True:
            return IDENTITY
        r = self._step(n)
        if not r or r.denominator != 1:
            return None
        start, count = self._around(0, r)
        return Stencil(start, count, int(r), full(count))

    def phases(self, n: Size) -> Phases | None:
        """The cells around each place, in exact fractions; none with align_corners, where windows drift over the image."""
        if not self.cubic and (self.length(n) == n) is True:
            return Phases.of(IDENTITY)
        r = self._step(n)
        if not r or (self.align_corners and r.denominator != 1):
            return None

        def window(i: int) -> tuple[int, int]:
            start, count = self._around(i, r)
            return start, full(count)

        return rational(r.numerator, r.denominator, window)

    def why_varying(self, n: Size) -> str:
        """What aligned corners do."""
        return "aligns the corners, so that its windows drift over the image" if self.align_corners else super().why_varying(n)


class Antialiased(Resample):
    """Resampling by a filter that widens with the step, as Pillow has it; cells outside are left out.

    The filter's places are x = (j + ½ − r·(i + ½))/max(r, 1); it reads |x| < `support` (1 linear, 2 cubic, 3 Lanczos), but
    not where x is a whole number other than 0: there the cubic and the Lanczos filter are 0.
    """

    __slots__ = ("align_corners", "output_size", "scale", "support")
    parts = ("output_size", "scale", "align_corners", "support")

    def __init__(self, output_size: Size | None, scale: Scale | None, *, align_corners: bool, support: int) -> None:
        """Keep the parts."""
        self.output_size = output_size
        self.scale = scale
        self.align_corners = align_corners
        self.support = support

    def _around(self, i: int, r: Fraction) -> tuple[int, int]:
        """The cells that are read, as a first cell and a bit set from it on, on an endless axis."""
        wide = max(r, Fraction(1))
        center = r * (2 * i + 1) / 2 - Fraction(1, 2)
        reach = self.support * wide
        first = floor(center - reach) + 1
        bits = 0
        for j in range(first, -floor(-center - reach)):
            x = (j - center) / wide
            if not x or x.denominator != 1:
                bits |= 1 << (j - first)
        return first, bits

    def _rule(self, n: int, m: int) -> Callable[[int], int]:
        """The cells under the filter; where m = n, torch copies, whatever the scale."""
        if m == n:
            return lambda i: 1 << i
        r = self._step(n)
        step = Fraction(n, m) if r is None else r

        def rule(i: int) -> int:
            first, bits = self._around(i, step)
            return shift(bits, first) & full(n)

        return rule

    def stencil(self, n: Size) -> Stencil | None:
        """The same cells at every place where r is whole and not 0; otherwise they differ from cell to cell."""
        if (self.length(n) == n) is True:
            return IDENTITY
        r = self._step(n)
        if not r or r.denominator != 1:
            return None
        first, bits = self._around(0, r)
        return Stencil(first, bits.bit_length(), int(r), bits)

    def phases(self, n: Size) -> Phases | None:
        """The cells under the filter at each place; none with align_corners, where they drift over the image."""
        if (self.length(n) == n) is True:
            return Phases.of(IDENTITY)
        r = self._step(n)
        if not r or (self.align_corners and r.denominator != 1):
            return None
        return rational(r.numerator, r.denominator, lambda i: self._around(i, r))

    def why_varying(self, n: Size) -> str:
        """What aligned corners do."""
        return "aligns the corners, so that its windows drift over the image" if self.align_corners else super().why_varying(n)
