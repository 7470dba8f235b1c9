"""Phases: what an output cell reads on an endless axis where that depends on the cell, as behind an up-sampling.

A periodic map: output cell i + q reads what cell i reads, moved on by t input cells. It is one window for each of q phases;
a stencil (cnncalc.stencil) is the case q = 1. Such maps are closed under composition, so that a network with up-sampling
on any of its ways still has an exact field for every cell of an endless image, and a smallest and a largest size.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING

from cnncalc.cells import MOST_CELLS, cells_of, first_cell
from cnncalc.stencil import Stencil

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

#: A map of more phases than this is not worked out.
MOST_PHASES = 1 << 10

#: The first cell and a bit set from it on; (0, 0) where nothing is read.
Window = tuple[int, int]


class Phases:
    """Output cell i = q·a + b reads t·a + start_b + c for each bit c of bits_b; `windows[b]` is (start_b, bits_b).

    `period` is q and `step` t, in lowest terms that describe the map.
    """

    __slots__ = ("period", "step", "windows")

    def __init__(self, period: int, step: int, windows: tuple[Window, ...]) -> None:
        """Keep the three, with the shortest period that says the same."""
        for factor in _primes(gcd(period, step) if step else period):
            while period % factor == 0 and step % factor == 0 and _repeats(windows, period // factor, step // factor):
                period, step = period // factor, step // factor
                windows = windows[:period]
        self.period = period
        self.step = step
        self.windows = windows

    @classmethod
    def of(cls, stencil: Stencil) -> Phases | None:
        """A stencil as the map of one phase; None where symbols or too many cells hide its cells."""
        if stencil.cells is None or not isinstance(stencil.start, int) or not isinstance(stencil.stride, int):
            return None
        return cls(1, stencil.stride, (_window(stencil.start, stencil.cells),))

    @property
    def stencil(self) -> Stencil | None:
        """The same as a stencil, where there is one phase and it reads something."""
        if self.period > 1 or not self.windows[0][1]:
            return None
        start, bits = self.windows[0]
        return Stencil(start, bits.bit_length(), self.step, bits)

    def at(self, cell: int) -> Window:
        """What one output cell reads, as the first cell and a bit set from it on."""
        a, b = divmod(cell, self.period)
        start, bits = self.windows[b]
        return (start + a * self.step, bits) if bits else (0, 0)

    @property
    def sizes(self) -> tuple[int, int]:
        """The smallest and the largest extent over all phases; 0 where a phase reads nothing."""
        sizes = [bits.bit_length() for _, bits in self.windows]
        return min(sizes), max(sizes)

    @property
    def stride(self) -> Fraction:
        """The step of the input that one step of the output takes: t/q."""
        return _fraction(self.step, self.period)

    @property
    def start(self) -> Fraction | None:
        """Where cell 0's window starts, if every cell's starts an even `stride` further on; otherwise None."""
        return self._even([_fraction(start) for start, _ in self.windows])

    @property
    def center(self) -> Fraction | None:
        """The centre of cell 0's window, if every cell's lies an even `stride` further on; otherwise None."""
        return self._even([start + _fraction(bits.bit_length() - 1, 2) for start, bits in self.windows])

    def _even(self, places: list[Fraction]) -> Fraction | None:
        if not all(bits for _, bits in self.windows):
            return None
        return places[0] if all(place == places[0] + self.stride * b for b, place in enumerate(places)) else None

    def then(self, after: Phases) -> Phases | None:
        """The map of this one followed by `after`; None where that takes too many phases or cells."""
        repeats = self.period // gcd(self.period, after.step) if after.step else 1
        period = after.period * repeats
        if period > MOST_PHASES:
            return None
        windows = []
        for i in range(period):
            start, bits = after.at(i)
            read = _union([self.at(start + t) for t in cells_of(bits)])
            if read is None:
                return None
            windows.append(read)
        return Phases(period, after.step * repeats // self.period * self.step, tuple(windows))

    def beside(self, other: Phases) -> Phases | None:
        """The union with a map of the same stride; None where strides differ or it takes too many phases."""
        period = lcm(self.period, other.period)
        if self.stride != other.stride or period > MOST_PHASES:
            return None
        windows = []
        for i in range(period):
            read = _union([self.at(i), other.at(i)])
            if read is None:
                return None
            windows.append(read)
        return Phases(period, self.step * (period // self.period), tuple(windows))

    def centers(self, period: int) -> list[Fraction | None]:
        """The centre of each of that many cells' windows; None for one that reads nothing."""
        read = [self.at(i) for i in range(period)]
        return [start + _fraction(bits.bit_length() - 1, 2) if bits else None for start, bits in read]

    def __eq__(self, other: object) -> bool:
        """Equal in all three."""
        return isinstance(other, Phases) and (self.period, self.step, self.windows) == (other.period, other.step, other.windows)

    def __hash__(self) -> int:
        """Equal maps hash equal."""
        return hash((self.period, self.step, self.windows))

    def __repr__(self) -> str:
        """Show the parts."""
        return f"Phases(period={self.period}, step={self.step}, windows={self.windows})"


def rational(numerator: int, denominator: int, window: Callable[[int], Window]) -> Phases | None:
    """The map that repeats after `denominator` cells, moved on by `numerator`; `window` gives what each cell reads."""
    if denominator > MOST_PHASES:
        return None
    return Phases(denominator, numerator, tuple(_window(*window(i)) for i in range(denominator)))


def _window(start: int, bits: int) -> Window:
    """A window whose first cell is read."""
    if not bits:
        return (0, 0)
    empty = first_cell(bits)
    return start + empty, bits >> empty


def _union(windows: list[Window]) -> Window | None:
    """All cells of some windows; None for too many to lay out."""
    real = [window for window in windows if window[1]]
    if not real:
        return (0, 0)
    first = min(start for start, _ in real)
    if max(start + bits.bit_length() for start, bits in real) - first > MOST_CELLS:
        return None
    union = 0
    for start, bits in real:
        union |= bits << (start - first)
    return first, union


def _repeats(windows: tuple[Window, ...], period: int, step: int) -> bool:
    """Whether each window is the one `period` cells before, moved on by `step`."""
    return all(
        later == (earlier[0] + step if earlier[1] else 0, earlier[1])
        for earlier, later in zip(windows, windows[period:], strict=False)
    )


def _primes(n: int) -> list[int]:
    """The prime factors of a number."""
    found, factor = [], 2
    while factor * factor <= n:
        if n % factor == 0:
            found.append(factor)
            while n % factor == 0:
                n //= factor
        factor += 1
    return [*found, n] if n > 1 else found


def _fraction(numerator: int, denominator: int = 1) -> Fraction:
    """An exact fraction; the library is loaded when one is asked for."""
    from fractions import Fraction

    return Fraction(numerator, denominator)
