"""Which arguments of one layer take a length to another, or undo a layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.axis import Transposed, Window
from cnncalc.errors import ArgumentError
from cnncalc.layers.transposed_convolution import _TransposedConvolution
from cnncalc.sizes import Condition, SizeSet, at_least, equal, sizes_meeting, symbol, symbols_of
from cnncalc.solve.answers import Answers, check_count, numbers, range_text

if TYPE_CHECKING:
    from cnncalc.module import Module
    from cnncalc.sizes import Size

#: What is searched where the caller states no ranges.
KERNEL_SIZES, STRIDES, PADDINGS, DILATIONS = range(1, 12), range(1, 5), range(6), (1,)
KINDS = ("conv", "pool", "transposed")
#: The kernel sizes that people reach for first, by kind of layer.
_FIRST_KERNELS = {"conv": (3, 1, 5, 7, 4, 2), "pool": (2, 3), "transposed": (2, 4, 3)}

Range = int | Iterable[int]


class WindowArguments(NamedTuple):
    """The arguments of a convolution, a pool or a transposed convolution along one axis, by torch's names."""

    kind: str
    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    output_padding: int = 0
    ceil_mode: bool = False

    @property
    def axis_map(self) -> Window | Transposed:
        """The rule of its length."""
        k, s, p, d = self.kernel_size, self.stride, self.padding, self.dilation
        if self.kind == "transposed":
            return Transposed(k, s, p, d, self.output_padding)
        return Window(k, s, p, p, d, ceil_mode=self.ceil_mode)

    def length(self, n: int) -> int | None:
        """The output length for an input of n cells; None where torch refuses it."""
        if self.kind != "transposed" and n + 2 * self.padding < self.dilation * (self.kernel_size - 1) + 1 and not self.ceil_mode:
            return None
        found: Any = self.axis_map.length(n)
        return found if found >= 1 else None

    @property
    def is_made(self) -> bool:
        """Whether torch takes these arguments at all."""
        if self.kind == "pool":
            return 2 * self.padding <= self.kernel_size
        return self.kind != "transposed" or self.output_padding < max(self.stride, self.dilation)

    @property
    def rank(self) -> tuple[int, ...]:
        """What is chosen first comes first.

        No dilation, no cells skipped between windows, no windows that lie in the padding alone or nearly, no output padding;
        then the kernel sizes in common use, small strides, and the padding nearest to half of what the kernel takes away.
        """
        k, s, p, d = self.kernel_size, self.stride, self.padding, self.dilation
        first = _FIRST_KERNELS[self.kind]
        return (
            d,
            int(d * (k - 1) + 1 < s),
            int(2 * p > d * (k - 1)),
            self.output_padding,
            int(self.kind == "pool" and k != s),
            first.index(k) if k in first else len(first),
            k,
            s,
            abs(2 * p - d * (k - 1)),
            p,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments for torch's constructor, defaults left out."""
        default_stride = self.kernel_size if self.kind == "pool" else 1
        found: dict[str, Any] = {"kernel_size": self.kernel_size}
        defaults = {"stride": default_stride, "padding": 0, "output_padding": 0, "dilation": 1, "ceil_mode": False}
        return found | {name: value for name, default in defaults.items() if (value := getattr(self, name)) != default}

    def __str__(self) -> str:
        """`kernel_size=3, stride=2, padding=1`."""
        return ", ".join(f"{name}={value}" for name, value in self.arguments.items())

    def to_dict(self) -> dict[str, Any]:
        """All arguments as plain data."""
        return self._asdict()


def layers(
    length: int | Mapping[int, int],
    output: int | None = None,
    *,
    kind: str = "conv",
    kernel_size: Range = KERNEL_SIZES,
    stride: Range = STRIDES,
    padding: Range = PADDINGS,
    dilation: Range = DILATIONS,
    output_padding: Range | None = None,
    ceil_mode: bool = False,
) -> Answers[WindowArguments]:
    """All layers of a kind that take an axis of `length` cells to `output` cells; several pairs at once as a mapping.

    `kind` is "conv", "pool" or "transposed". Every combination of the ranges is tried (for a transposed convolution every
    output padding that torch takes), so that no answer is a proof that there is none.
    """
    pairs = dict(length) if isinstance(length, Mapping) else {length: output}
    for name, n in [*(("length", n) for n in pairs), *(("output", m) for m in pairs.values())]:
        if type(n) is not int or n < 1:
            raise ArgumentError(f"{name} is a whole number from 1 on", got=f"{name}={n!r:.40}")
    found, ranges = arguments_in(kind, kernel_size, stride, padding, dilation, output_padding, ceil_mode=ceil_mode)
    fitting = [made for made in found if all(made.length(n) == m for n, m in pairs.items())]
    question = f"{kind} from {', '.join(f'{n} to {m}' for n, m in pairs.items())}"
    return Answers(question, ranges, sorted(fitting, key=lambda made: made.rank))


def undo(
    layer: Module,
    length: int | None = None,
    *,
    axis: int = 0,
    kernel_size: Range = KERNEL_SIZES,
    stride: Range = STRIDES,
    padding: Range = PADDINGS,
    dilation: Range = DILATIONS,
) -> Answers[WindowArguments]:
    """The layers that give back the length that `layer` took: transposed convolutions for a window, else convolutions.

    With `length`, those that do for this length of a spatial axis (numbered from 0); without, those that do for every length
    that `layer` accepts. A stride above 1 loses the remainder of the division, so that there one layer can't undo every length.
    """
    before = _axis_map(layer, axis)
    kind = "transposed" if isinstance(before, Window) else "conv"
    found, ranges = arguments_in(kind, kernel_size, stride, padding, dilation, None)
    names = symbols_of(before.length(0))
    if names:
        raise ArgumentError("an argument of the layer is a symbol", got=", ".join(sorted(names)), remedy="give a number")
    n: Size = symbol("n") if length is None else length
    middle = before.length(n)
    accepted = sizes_met(at_least(middle - 1))
    if length is not None and (type(length) is not int or length < 1 or not accepted):
        raise ArgumentError("the layer does not take this length", got=f"length={length!r:.40}")
    fitting = [
        made
        for made in found
        if accepted <= sizes_met(equal(made.axis_map.length(middle), n)) & sizes_met(at_least(_room(made, middle)))
    ]
    question = f"{kind} that gives back {'every length' if length is None else length}"
    why = "" if length is not None else "a stride loses the remainder of a division: give a length to undo that one"
    own = (before.kernel_size, before.stride, before.dilation)
    return Answers(
        question,
        ranges,
        sorted(fitting, key=lambda made: ((made.kernel_size, made.stride, made.dilation) != own, made.rank)),
        why,
    )


def _room(made: WindowArguments, n: Size) -> Size:
    """What must be at least 0 for a layer to take n cells."""
    if made.kind == "transposed":
        return made.axis_map.length(n) - 1
    return n + 2 * made.padding - made.dilation * (made.kernel_size - 1) - 1


def sizes_met(condition: bool | Condition) -> SizeSet:  # noqa: FBT001
    """The sizes that meet a condition in one symbol, which may be decided for all of them."""
    if isinstance(condition, Condition):
        (name,) = condition.expr.symbols
        return sizes_meeting(condition, name)
    return SizeSet.everything() if condition else SizeSet()


def arguments_in(
    kind: str,
    kernel_size: Range,
    stride: Range,
    padding: Range,
    dilation: Range,
    output_padding: Range | None,
    *,
    ceil_mode: bool = False,
) -> tuple[list[WindowArguments], dict[str, str]]:
    """Every layer in the ranges that torch takes, and the ranges in words."""
    if kind not in KINDS:
        raise ArgumentError("kind must be conv, pool or transposed", got=f"{kind!r:.40}")
    given = {
        "kernel_size": numbers(kernel_size, "kernel_size", 1),
        "stride": numbers(stride, "stride", 1),
        "padding": numbers(padding, "padding", 0),
        "dilation": numbers(dilation, "dilation", 1),
    }
    extra: tuple[int, ...] = (0,)
    if kind == "transposed":
        most = max(given["stride"][-1], given["dilation"][-1])
        extra = numbers(range(most) if output_padding is None else output_padding, "output_padding", 0)
    check_count(*given.values(), extra)
    found = [
        made
        for k, s, p, d, o in product(*given.values(), extra)
        if (made := WindowArguments(kind, k, s, p, d, o, ceil_mode and kind == "pool")).is_made
    ]
    ranges = {name: range_text(values) for name, values in given.items()}
    return found, ranges | ({"output_padding": range_text(extra)} if kind == "transposed" else {})


def _axis_map(layer: Module, axis: int) -> Window | Transposed:
    """The window of a layer along one of its spatial axes."""
    windows: Any = getattr(layer, "windows", tuple)
    if isinstance(layer, _TransposedConvolution):
        maps: tuple[Any, ...] = layer.maps_of((1, layer.in_channels, *(symbol("n") for _ in range(layer.dimensions))))
    else:
        maps = windows()
    if not 0 <= axis < len(maps) or not isinstance(maps[axis], (Window, Transposed)):
        raise ArgumentError(
            "what is undone is a convolution, a transposed one or a pool, along one of its axes",
            got=f"{type(layer).__name__}, axis {axis!r:.20}",
        )
    found: Window | Transposed = maps[axis]
    return found


class SamePadding(NamedTuple):
    """The padding that keeps ⌈n/stride⌉ cells of n for every n: before, after, and whether one number says it.

    `padding` is that number, or None where the two ends differ; `why` says so.
    """

    before: int
    after: int
    padding: int | None
    why: str

    def __str__(self) -> str:
        """`padding=1`, or why there is none."""
        return f"padding={self.padding}" if self.padding is not None else self.why

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return self._asdict()


def same_padding(kernel_size: int, dilation: int = 1) -> SamePadding:
    """The padding with which a convolution of any stride s gives ⌈n/s⌉ cells of n, for every n.

    ⌊(n + t − K)/s⌋ + 1 = ⌊(n + s − 1)/s⌋ for all n exactly where the total t is K − 1 = d(k − 1). A number pads both ends alike,
    so there is one where d(k − 1) is even; otherwise torch's padding="same", for stride 1, puts the odd cell after.
    """
    (kernel,), (d,) = numbers(kernel_size, "kernel_size", 1), numbers(dilation, "dilation", 1)
    total = d * (kernel - 1)
    before = total // 2
    if total % 2 == 0:
        return SamePadding(before, before, before, "")
    why = (
        f"none: both ends together need d·(k − 1) = {total} cells, which is odd, and one number pads both alike; "
        f'padding="same" pads {before} before and {before + 1} after, for stride 1'
    )
    return SamePadding(before, total - before, None, why)
