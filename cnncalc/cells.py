"""Sets of cells of an axis, as Python ints used as bit sets: bit i stands for cell i."""

from __future__ import annotations

#: A set of more cells than this is not laid out: a field keeps its exact extent, and its holes are not known.
MOST_CELLS = 1 << 16


def full(n: int) -> int:
    """The set of all cells of an axis of length n."""
    return (1 << n) - 1


def cells_of(bits: int) -> list[int]:
    """The cells of a set, in order."""
    return [cell for cell, digit in enumerate(reversed(f"{bits:b}")) if digit == "1"]


def first_cell(bits: int) -> int:
    """The lowest cell of a set that is not empty."""
    return (bits & -bits).bit_length() - 1


def extent(bits: int) -> int:
    """Last cell − first cell + 1, holes included; 0 for the empty set."""
    return bits.bit_length() - first_cell(bits) if bits else 0


def spread(bits: int, s: int) -> int:
    """Move cell i to cell s·i."""
    return bits if s == 1 or not bits else int(("0" * (s - 1)).join(f"{bits:b}"), 2)


def gather(bits: int, s: int) -> int:
    """Move cell s·i to cell i; cells that are no multiple of s are dropped. The way back from `spread`."""
    return bits if s == 1 or not bits else int(f"{bits:b}"[::-1][::s][::-1], 2)


def shift(bits: int, by: int) -> int:
    """Move cell i to cell i + by; cells that would be negative are dropped."""
    return bits << by if by >= 0 else bits >> -by


def thicken(bits: int, k: int, d: int) -> int:
    """The union of the set moved by 0, d, 2d, … (k − 1)·d, in about log₂ k steps."""
    done = 1
    while done < k:
        step = min(done, k - done)
        bits |= bits << (step * d)
        done += step
    return bits


#: A product set: one bit set per axis. A union of such terms is the exact set of cells a field consists of.
Term = tuple[int, ...]
