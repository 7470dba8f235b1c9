"""Sets of sizes: endless, yet exact. From some size on a set repeats with a period; before that it is a list.

The set is kept as two Python integers used as bit sets: `head`, the members below `start`, and `tail`, one bit for each
remainder that is a member from `start` on. Every set has one such form with the smallest period and the smallest start,
so that equal sets are equal.
"""

from __future__ import annotations

from itertools import count
from math import lcm
from typing import TYPE_CHECKING

from cnncalc.errors import ArgumentError, ShapeError, UnsupportedError
from cnncalc.sizes.sets_writing import demand_text, set_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: No set keeps more bits than this: 2 MB.
MOST_BITS = 1 << 24


class SizeSet:
    """A set of whole numbers from 1 on: arithmetic progressions, and single sizes beside them. Immutable.

    `name` is the symbol that it is printed with. Sets are equal where their members are.
    """

    __slots__ = ("_head", "_period", "_start", "_tail", "name")

    def __init__(self, head: int = 0, start: int = 1, tail: int = 0, period: int = 1, name: str = "n") -> None:
        """Keep the members below `start` (bit n of `head`), and from there on those with n mod `period` in `tail`."""
        tail, period = _shortest_period(tail, period)
        apart = head ^ _repeated(tail, period, start)
        start = max(apart.bit_length(), 1)
        self._head, self._start, self._tail, self._period = head & ((1 << start) - 2), start, tail, period
        self.name = name

    # -- making -------------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, sizes: Iterable[int], name: str = "n") -> SizeSet:
        """The set of the sizes given, each from 1 on."""
        head = 0
        for size in sizes:
            _check_bits(size)
            head |= 1 << size
        return cls(head, head.bit_length() + 1, name=name)

    @classmethod
    def progression(cls, first: int, step: int, name: str = "n") -> SizeSet:
        """first, first + step, first + 2·step and so on, as far as they are from 1 on."""
        _check_bits(max(first, step))
        return cls(0, max(first, 1), 1 << (first % step), step, name)

    @classmethod
    def everything(cls, name: str = "n") -> SizeSet:
        """All sizes from 1 on."""
        return cls.progression(1, 1, name)

    def named(self, name: str) -> SizeSet:
        """The same set, printed with another symbol."""
        return SizeSet(self._head, self._start, self._tail, self._period, name)

    # -- members ------------------------------------------------------------------------------------------------

    def __contains__(self, size: object) -> bool:
        """Whether a size is a member."""
        if not isinstance(size, int) or size < 1:
            return False
        return bool(self._head >> size & 1 if size < self._start else self._tail >> (size % self._period) & 1)

    def __iter__(self) -> Iterator[int]:
        """The members in order; without end where the set has none."""
        yield from _bits(self._head)
        remainders = _bits(self._tail)
        if remainders:
            for block in count(self._start - self._start % self._period, self._period):
                yield from (size for r in remainders if (size := block + r) >= self._start)

    def __bool__(self) -> bool:
        """Whether there is a member."""
        return bool(self._head or self._tail)

    @property
    def is_finite(self) -> bool:
        """Whether the members come to an end."""
        return not self._tail

    def __len__(self) -> int:
        """How many members there are. Raises UnsupportedError where they have no end."""
        if self._tail:
            raise UnsupportedError("the set has no end", got=str(self), remedy="ask is_finite first")
        return self._head.bit_count()

    @property
    def smallest(self) -> int | None:
        """The smallest member; None of an empty set."""
        return next(iter(self), None)

    @property
    def largest(self) -> int | None:
        """The largest member; None of an empty set. Raises UnsupportedError where members have no end."""
        if self._tail:
            raise UnsupportedError("there is no largest size", got=str(self))
        return self._head.bit_length() - 1 if self._head else None

    @property
    def progressions(self) -> tuple[tuple[int, int], ...]:
        """The endless part as (start, step): one arithmetic progression for each remainder, by start."""
        found = []
        for r in _bits(self._tail):
            first = self._start + (r - self._start) % self._period
            while first - self._period >= 1 and self._head >> (first - self._period) & 1:
                first -= self._period
            found.append((first, self._period))
        return tuple(sorted(found))

    @property
    def exceptions(self) -> tuple[int, ...]:
        """The members that belong to no progression, in order: all of them where the set is finite."""
        progressions = self.progressions
        return tuple(
            n for n in _bits(self._head) if not any(n >= first and (n - first) % step == 0 for first, step in progressions)
        )

    def below(self, size: int) -> int | None:
        """The largest member that is at most `size`; None where there is none."""
        if self._tail:
            found = next((n for n in range(size, self._start - 1, -1) if n in self), None)
            if found is not None:
                return found
        kept = self._head & ((1 << (max(min(size, self._start), 0) + 1)) - 1)
        return kept.bit_length() - 1 if kept else None

    def above(self, size: int) -> int | None:
        """The smallest member that is at least `size`; None where there is none."""
        size = max(size, 1)
        kept = self._head >> size << size
        if kept:
            return (kept & -kept).bit_length() - 1
        first = max(size, self._start)
        return next((n for n in range(first, first + self._period) if n in self), None)

    def nearest(self, size: int) -> int:
        """The member nearest to `size`; of two that are equally near the larger. Raises ShapeError for an empty set."""
        if not isinstance(size, int) or isinstance(size, bool):
            raise ArgumentError("a size is a whole number", got=f"{size!r:.40}")
        neighbours = [n for n in (self.above(size), self.below(size)) if n is not None]
        if not neighbours:
            raise ShapeError("no size works")
        return min(neighbours, key=lambda n: abs(n - size))

    # -- sets from sets -----------------------------------------------------------------------------------------

    def _stretched(self, start: int, period: int) -> tuple[int, int]:
        """The members below `start`, and the remainders to a period that is a multiple of this set's."""
        tail = _repeated(self._tail, self._period, period)
        more = _repeated(self._tail, self._period, start) >> self._start << self._start
        return self._head | more, tail

    def _with(self, other: SizeSet) -> tuple[int, int, tuple[int, int], tuple[int, int]]:
        """Start and period that fit both sets, and both sets written with them."""
        start, period = max(self._start, other._start), lcm(self._period, other._period)
        _check_bits(max(start, period))
        return start, period, self._stretched(start, period), other._stretched(start, period)

    def __and__(self, other: SizeSet) -> SizeSet:
        """The members of both."""
        start, period, (head, tail), (other_head, other_tail) = self._with(other)
        return SizeSet(head & other_head, start, tail & other_tail, period, self.name)

    def __or__(self, other: SizeSet) -> SizeSet:
        """The members of either."""
        start, period, (head, tail), (other_head, other_tail) = self._with(other)
        return SizeSet(head | other_head, start, tail | other_tail, period, self.name)

    def __sub__(self, other: SizeSet) -> SizeSet:
        """The members of this set that are not members of the other."""
        start, period, (head, tail), (other_head, other_tail) = self._with(other)
        return SizeSet(head & ~other_head, start, tail & ~other_tail, period, self.name)

    def __invert__(self) -> SizeSet:
        """All other sizes from 1 on."""
        return SizeSet.everything(self.name) - self

    def __le__(self, other: SizeSet) -> bool:
        """Whether every member is one of the other set."""
        return not self - other

    def taken_from(self, first: int, step: int) -> SizeSet:
        """The numbers first + step·(m − 1) for the members m."""
        if not self:
            return SizeSet(name=self.name)
        start, period = first + step * (self._start - 1), step * self._period
        _check_bits(max(start, period))
        tail = 0
        for r in _bits(self._tail):
            tail |= 1 << ((first + step * (r - 1)) % period)
        head = 0
        for m in _bits(self._head):
            head |= 1 << (first + step * (m - 1))
        return SizeSet(head, start, tail, period, self.name)

    def __eq__(self, other: object) -> bool:
        """Equal members."""
        return isinstance(other, SizeSet) and self._key() == other._key()

    def __hash__(self) -> int:
        """Equal sets hash equal."""
        return hash(self._key())

    def _key(self) -> tuple[int, int, int, int]:
        return self._head, self._start, self._tail, self._period

    # -- writing ------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        """One line of mathematics: `n ≡ 12 (mod 16), n ≥ 188`."""
        return set_text(self.name, self.exceptions, self.progressions)

    __repr__ = __str__

    @property
    def demand(self) -> str:
        """What the set asks of its symbol: `n must be even`, or its formula."""
        return demand_text(self.name, self.exceptions, self.progressions)


def _check_bits(bits: int) -> None:
    """Refuse a set that would not fit into memory."""
    if bits > MOST_BITS:
        raise UnsupportedError("the sizes repeat too late to be listed", got=f"{bits:,}", remedy=f"at most {MOST_BITS:,}")


def _bits(bits: int) -> list[int]:
    """The numbers of the bits that are set, in order."""
    text = bin(bits)[:1:-1]
    found, place = [], text.find("1")
    while place >= 0:
        found.append(place)
        place = text.find("1", place + 1)
    return found


def _repeated(pattern: int, period: int, length: int) -> int:
    """A pattern of `period` bits again and again, cut after `length` bits."""
    while period < length:
        pattern |= pattern << period
        period *= 2
    return pattern & ((1 << length) - 1)


def _shortest_period(tail: int, period: int) -> tuple[int, int]:
    """The same remainders with the smallest period."""
    rest, factor = period, 2
    while rest > 1:
        if factor * factor > rest:
            factor = rest
        if rest % factor:
            factor += 1
            continue
        rest //= factor
        shorter = period // factor
        short = tail & ((1 << shorter) - 1)
        if _repeated(short, shorter, period) == tail:
            tail, period = short, shorter
    return tail, period
