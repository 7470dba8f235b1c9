"""Axis maps: how an output axis follows from an input axis.

One object knows both how long the output axis is (`length`) and which input cells a set of output cells reads
(`reads`, bit sets of cnncalc.cells), so a shape and a receptive field can never disagree.

The letters of this file: n, input length; k, kernel size; s, stride; d, dilation; p, padding before; q, padding after;
K = d(k − 1) + 1, the extent of the kernel.

`stencil` describes a map on an endless axis (cnncalc.stencil); it is None for a map that has no such description.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, ClassVar, TypeVar

from cnncalc.cells import MOST_CELLS, cells_of, first_cell, full, gather, shift, spread, thicken
from cnncalc.errors import UnsupportedError
from cnncalc.phases import Phases, rational
from cnncalc.sizes import Size, assume, at_least, ceil_div, floor_div, lesser
from cnncalc.stencil import IDENTITY, Stencil

if TYPE_CHECKING:
    from collections.abc import Iterable


class AxisMap:
    """How an output axis follows from an input axis."""

    __slots__: tuple[str, ...] = ()
    #: The names of what tells two maps of a class apart.
    parts: ClassVar[tuple[str, ...]] = ()

    def length(self, n: Size) -> Size:
        """The length of the output axis for an input axis of length n."""
        raise NotImplementedError  # pragma: no cover - every map has its own

    def reads(self, cells: int, n: int) -> int:
        """The set of input cells, of an axis of length n, that a set of output cells reads."""
        raise NotImplementedError  # pragma: no cover - every map has its own

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The set of output cells, of an axis of length m, that read any of a set of input cells: the converse of `reads`."""
        return sum(1 << i for i in range(m) if self.reads(1 << i, n) & cells)

    def counts(self, weights: list[int], n: int) -> list[int]:
        """For each input cell, how often output cells read it, each of them counted as often as its weight says."""
        found = [0] * n
        for i, weight in enumerate(weights):
            if weight:
                for cell in cells_of(self.reads(1 << i, n)):
                    found[cell] += weight
        return found

    def stencil(self, n: Size) -> Stencil | None:  # noqa: ARG002 - some maps depend on the length
        """The map on an endless axis; None where it has no such description."""
        return None

    def phases(self, n: Size) -> Phases | None:
        """The map on an endless axis where what a cell reads repeats from phase to phase; None where it does not."""
        stencil = self.stencil(n)
        return None if stencil is None else Phases.of(stencil)

    def why_varying(self, n: Size) -> str:  # noqa: ARG002 - some maps depend on the length
        """What the layer does that leaves neither a stencil nor phases, as in "has windows that differ"."""
        return "has windows that differ from cell to cell"

    def taps(self, n: Size) -> Size:
        """How many cells all output cells read together, one that is read twice counted twice.

        A window counts its whole kernel, padding not discounted. Raises UnsupportedError where a symbol hides the number.
        """
        m = self.length(n)
        if not isinstance(n, int) or not isinstance(m, int):
            raise UnsupportedError("how many cells are read depends on symbols in a way that has no formula here", got=str(self))
        return sum(self.reads(1 << i, n).bit_count() for i in range(m))

    def working(self, n: Size) -> tuple[str, str] | None:  # noqa: ARG002 - some rules need no input length
        """The length's rule in letters, and the same with numbers put in; None where there is nothing to work out."""
        return None

    def _parts(self) -> tuple[object, ...]:
        """What tells two maps of a class apart."""
        return tuple(getattr(self, name) for name in self.parts)

    def __eq__(self, other: object) -> bool:
        """Equal class and parts."""
        if type(self) is not type(other):
            return False
        # Undecided comparisons of symbols are no equality.
        return all(a is b or (a == b) is True for a, b in zip(self._parts(), other._parts(), strict=True))

    def __hash__(self) -> int:
        """Equal maps hash equal."""
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        """Show the parts by name."""
        parts = ", ".join(f"{name}={getattr(self, name)}" for name in self.parts)
        return f"{type(self).__name__}({parts})"


Map = TypeVar("Map", bound=AxisMap)


class Each(AxisMap):
    """Cell by cell: output cell i reads input cell i."""

    __slots__ = ()

    def length(self, n: Size) -> Size:
        """Length n."""
        return n

    def reads(self, cells: int, n: int) -> int:  # noqa: ARG002 - the same for any length
        """The cells themselves."""
        return cells

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - the same for any length
        """The cells themselves."""
        return cells

    def counts(self, weights: list[int], n: int) -> list[int]:  # noqa: ARG002 - the same for any length
        """The weights themselves."""
        return weights

    def taps(self, n: Size) -> Size:
        """One each."""
        return n

    def stencil(self, n: Size) -> Stencil:  # noqa: ARG002 - the same for any length
        """The identity."""
        return IDENTITY


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
        small = numbers and self.extent <= MOST_CELLS
        return Stencil(-self.before, self.extent, self.stride, thicken(1, k, d) if small else None)  # type: ignore[arg-type]

    def working(self, n: Size) -> tuple[str, str]:
        """⌊(n + 2p − k)/s⌋ + 1 in the shortest form that fits the arguments, then with numbers put in."""
        p, q, s, k, d = self.before, self.after, self.stride, self.kernel_size, self.dilation
        kernel, kernel_numbers = ("k", f"{k}") if (d == 1) is True else ("d·(k − 1) − 1", f"{d}·({k} − 1) − 1")
        if self.ceil_mode:
            rule = "⌈(n + min(p, 2p + s − K))/s⌉, K = d·(k − 1) + 1"
            return rule, f"⌈({n} + min({p}, {p + q + s} − {self.extent}))/{s}⌉"
        padding, numbers = ("", "")
        if p is q or (p == q) is True:
            padding, numbers = ("", "") if (p == 0) is True else (" + 2p", f" + 2·{p}")
        else:
            padding, numbers = " + p + q", f" + {p} + {q}"
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
        m = int(self.output_size)
        read = 0
        for i in cells_of(cells):
            start, stop = i * n // m, -(-(i + 1) * n // m)
            read |= full(stop - start) << start
        return read

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
        """A window of n/m with stride n/m where m > 1 divides n; otherwise the windows differ from cell to cell."""
        m = self.output_size
        if not isinstance(n, int) or not isinstance(m, int):
            return IDENTITY if (n == m) is True else None
        if m <= 1 or n % m:
            return None
        return Stencil(0, n // m, n // m, full(n // m))

    def phases(self, n: Size) -> Phases | None:
        """Windows that repeat after m/g outputs and n/g inputs, for the common divisor g; none for a single window."""
        m = self.output_size
        if not isinstance(n, int) or not isinstance(m, int) or m <= 1 or n < 1:
            return None
        g = gcd(n, m)
        return rational(n // g, m // g, lambda i: (i * n // m, full(-(-(i + 1) * n // m) - i * n // m)))


class Undescribed(AxisMap):
    """An axis of which only the length is known: which cells are read depends on data, or on other axes too."""

    __slots__ = ("output_size", "where", "why")
    parts = ("output_size", "where", "why")

    def __init__(self, output_size: Size, where: str, why: str) -> None:
        """Keep the length, the operation, and what it does, as in "has windows that are drawn at random"."""
        self.output_size = output_size
        self.where = where
        self.why = why

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The length given."""
        return self.output_size

    def reads(self, cells: int, n: int) -> int:  # noqa: ARG002 - whatever the length
        """No cells of none; otherwise refuse."""
        return self._refused(cells)

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - whatever the length
        """None reads no cells; otherwise refuse."""
        return self._refused(cells)

    def _refused(self, cells: int) -> int:
        if not cells:
            return 0
        raise UnsupportedError(f"{self.why}, so that its cells are not known", where=self.where)

    def why_varying(self, n: Size) -> str:  # noqa: ARG002 - whatever the length
        """What was given."""
        return self.why


class Everything(AxisMap):
    """Every output cell reads every input cell: dense channels, global pools, Linear."""

    __slots__ = ("output_size",)
    parts = ("output_size",)

    def __init__(self, output_size: Size | None = None) -> None:
        """Keep the length of the output axis; None where it is that of the input."""
        self.output_size = output_size

    def length(self, n: Size) -> Size:
        """The length given, or n."""
        return n if self.output_size is None else self.output_size

    def reads(self, cells: int, n: int) -> int:
        """All cells, if any is asked."""
        return full(n) if cells else 0

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - whatever the length
        """All cells, if any is read."""
        return full(m) if cells else 0

    def counts(self, weights: list[int], n: int) -> list[int]:
        """All weights together, at every cell."""
        return [sum(weights)] * n

    def taps(self, n: Size) -> Size:
        """All of them, for each output cell."""
        return self.length(n) * n


class Groups(AxisMap):
    """Blocks that read blocks: grouped channels. Output block g reads input block g."""

    __slots__ = ("groups", "output_size")
    parts = ("groups", "output_size")

    def __init__(self, groups: Size, output_size: Size) -> None:
        """Keep the number of blocks and the length of the output axis, which it divides."""
        self.groups = groups
        self.output_size = output_size

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The length given."""
        return self.output_size

    def reads(self, cells: int, n: int) -> int:
        """The input blocks of the output blocks that are touched."""
        return self._touched(cells, int(self.output_size), n)

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The output blocks of the input blocks that are touched."""
        return self._touched(cells, n, m)

    def _touched(self, cells: int, own: int, others: int) -> int:
        """The blocks of an axis of length `others` that go with the blocks of some cells, of an axis of length `own`."""
        groups = int(self.groups)
        block, other = own // groups, others // groups
        if block == other == 1:
            return cells
        touched = 0
        for g in range(groups):
            if cells >> (g * block) & full(block):
                touched |= full(other) << (g * other)
        return touched


class Pad(AxisMap):
    """Cells put before and after, or, where negative, taken away: zeros, or by `mode` cells of the input itself.

    Output cell i reads cell i − before; outside the input, that is nothing ("zeros"), the mirrored ("reflect"), the
    nearest ("replicate") or the wrapped ("circular") cell. A part of a concatenation is a `Pad` with zeros too.
    """

    __slots__ = ("after", "before", "mode")
    parts = ("after", "before", "mode")

    def __init__(self, before: Size, after: Size, mode: str = "zeros") -> None:
        """Keep the two amounts and the mode."""
        self.before = before
        self.after = after
        self.mode = mode

    def length(self, n: Size) -> Size:
        """N + before + after."""
        return n + self.before + self.after

    def reads(self, cells: int, n: int) -> int:
        """The cells that the asked ones are copies of."""
        before = int(self.before)
        inside = shift(cells, -before) & full(n)
        if self.mode == "zeros":
            return inside
        read = inside
        for i in cells_of(cells & ~shift(full(n), before)):
            read |= 1 << self._source(i - before, n)
        return read

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The same cells, moved on, and the copies of them."""
        if self.mode == "zeros":
            return shift(cells, int(self.before)) & full(m)
        return super().read_by(cells, n, m)

    def _source(self, cell: int, n: int) -> int:
        """The input cell that a cell outside the input is a copy of."""
        if self.mode == "replicate":
            return min(max(cell, 0), n - 1)
        if self.mode == "circular":
            return cell % n
        return -cell if cell < 0 else 2 * (n - 1) - cell

    def stencil(self, n: Size) -> Stencil:  # noqa: ARG002 - the same for any length
        """A shift, far from the border."""
        return Stencil(-self.before, 1, 1, 1)


class Select(AxisMap):
    """Some cells of the axis in even steps: output cell i reads start + step·i. Slices, single indices, flips."""

    __slots__ = ("count", "start", "step")

    def __init__(self, start: Size, step: Size, count: Size) -> None:
        """Keep the first cell, the step (which may be negative) and the number of cells."""
        self.start = start
        self.step = step
        self.count = count

    def length(self, n: Size) -> Size:  # noqa: ARG002 - the same for any length
        """The number of cells."""
        return self.count

    def reads(self, cells: int, n: int) -> int:
        """The chosen cells."""
        start, step = int(self.start), int(self.step)
        if step > 0:
            return shift(spread(cells, step), start) & full(n)
        return sum(1 << start + step * i for i in cells_of(cells))

    def stencil(self, n: Size) -> Stencil | None:  # noqa: ARG002 - the same for any length
        """One cell each; none for a flip, which no shift carries over."""
        forward = at_least(self.step - 1) is True
        return Stencil(self.start, 1, self.step, 1) if forward else None


class Tiled(AxisMap):
    """The axis laid end to end with itself: output cell i reads cell i mod n."""

    __slots__ = ("repeats",)

    def __init__(self, repeats: Size) -> None:
        """Keep how many times."""
        self.repeats = repeats

    def length(self, n: Size) -> Size:
        """Length n · repeats."""
        return n * self.repeats

    def reads(self, cells: int, n: int) -> int:
        """The cells that the asked ones are copies of."""
        read = 0
        while cells:
            read |= cells & full(n)
            cells >>= n
        return read


class Prefix(AxisMap):
    """Everything up to a cell: a recurrence, a causal mask. Output cell i reads cells 0 … i, or, backwards, i … n − 1."""

    __slots__ = ("backwards",)

    def __init__(self, *, backwards: bool = False) -> None:
        """Keep the direction."""
        self.backwards = backwards

    def length(self, n: Size) -> Size:
        """Length n."""
        return n

    def reads(self, cells: int, n: int) -> int:
        """Up to the last asked cell, or from the first one on."""
        if not cells:
            return 0
        return full(n) & (~full(first_cell(cells)) if self.backwards else full(cells.bit_length()))


class Chain(AxisMap):
    """One map after the other, on the same axis."""

    __slots__ = ("first", "second")
    parts = ("first", "second")

    def __init__(self, first: AxisMap, second: AxisMap) -> None:
        """Keep the two maps."""
        self.first = first
        self.second = second

    def length(self, n: Size) -> Size:
        """The second length of the first."""
        return self.second.length(self.first.length(n))

    def reads(self, cells: int, n: int) -> int:
        """Back through the second, then through the first."""
        between = self.first.length(n)
        return self.first.reads(self.second.reads(cells, int(between)), n)

    def read_by(self, cells: int, n: int, m: int) -> int:
        """On through the first, then through the second."""
        between = int(self.first.length(n))
        return self.second.read_by(self.first.read_by(cells, n, between), between, m)

    def counts(self, weights: list[int], n: int) -> list[int]:
        """Back through the second, then through the first: a copied cell counts as often as it is copied."""
        return self.first.counts(self.second.counts(weights, int(self.first.length(n))), n)

    def working(self, n: Size) -> tuple[str, str] | None:
        """That of the second map, on the length behind the first."""
        return self.second.working(self.first.length(n))

    def stencil(self, n: Size) -> Stencil | None:
        """The two stencils composed."""
        first, second = self.first.stencil(n), self.second.stencil(self.first.length(n))
        return first.then(second) if first and second else None

    def phases(self, n: Size) -> Phases | None:
        """The phases of the two composed."""
        first, second = self.first.phases(n), self.second.phases(self.first.length(n))
        return first.then(second) if first and second else None


def equal_maps_shared(maps: Iterable[Map]) -> tuple[Map, ...]:
    """Axis maps with equal ones made one object, so that what is worked out for one axis serves the others."""
    kept: list[Map] = []
    for made in maps:
        kept.append(next((known for known in kept if known == made), made))
    return tuple(kept)


EACH = Each()
EVERYTHING = Everything()


def _quotient(numerator: int, denominator: int) -> str:
    """A quotient as people write it: 62.5, 63, or 125/3 where the decimal fraction does not end soon."""
    whole, rest = divmod(numerator, denominator)
    if not rest:
        return str(whole)
    decimal = f"{numerator / denominator:.3f}".rstrip("0")
    return decimal if 1000 % denominator == 0 else f"{numerator}/{denominator}"
