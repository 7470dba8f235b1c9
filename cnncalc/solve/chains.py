"""Chains of layers: the fewest from one length to another, and those that reach a receptive field."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import groupby, product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.axis import Window
from cnncalc.errors import ArgumentError
from cnncalc.solve.answers import Answers, check_count, numbers, range_text
from cnncalc.solve.shortest import MOST_STEPS, Ways, shortest_ways
from cnncalc.solve.windows import DILATIONS, KERNEL_SIZES, PADDINGS, STRIDES, Range, WindowArguments, arguments_in
from cnncalc.stencil import IDENTITY, Stencil

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A field with holes is looked for among at most so many cells.
MOST_FIELD = 1 << 12


class Chain(NamedTuple):
    """Layers one after the other, and the lengths they pass through."""

    layers: tuple[WindowArguments, ...]
    lengths: tuple[int, ...]

    def __str__(self) -> str:
        """`224 → 112 → 56: 2 × (kernel_size=3, stride=2, padding=1)`."""
        return f"{' → '.join(map(str, self.lengths))}: {_listed(self.layers)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"layers": [layer.to_dict() for layer in self.layers], "lengths": list(self.lengths)}


class Reaching(NamedTuple):
    """Layers one after the other that read a field of `size` cells; `is_dense` says that no cell in it is left out."""

    layers: tuple[WindowArguments, ...]
    size: int
    stride: int
    is_dense: bool

    def __str__(self) -> str:
        """`5 × (kernel_size=3): field 11`, holes and a stride named."""
        notes = [
            f"field {self.size}",
            *([f"stride {self.stride}"] if self.stride > 1 else []),
            *([] if self.is_dense else ["holes"]),
        ]
        return f"{_listed(self.layers)}: {', '.join(notes)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "layers": [layer.to_dict() for layer in self.layers],
            "size": self.size,
            "stride": self.stride,
            "is_dense": self.is_dense,
        }


class ShortestChains(Answers[Any]):
    """The shortest chains that do it: how many layers they have, how many such chains there are, and the first of them."""

    def __init__(self, question: str, ranges: dict[str, str], answers: list[Any], ways: Ways, why: str) -> None:
        """Keep the parts."""
        super().__init__(question, ranges, answers, why)
        self.layers = ways.steps
        self.total = ways.total

    def text(self, shown: int = 5) -> str:
        """The number of layers, the first chains, and what was searched."""
        if self.layers is None:
            return super().text(shown)
        many = f"{self.total:,} chains" if self.total > 1 else "one chain"
        lines = [f"{self.question}: {self.layers} layers, {many}", *(f"  {answer}" for answer in self[:shown])]
        if self.total > shown:
            lines.append(f"  … and {self.total - shown:,} more")
        return "\n".join([*lines, f"  searched: {self.searched}"])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return super().to_dict() | {"layers": self.layers, "total": self.total}


def fewest_layers(
    length: int,
    output: int,
    *,
    kind: str = "conv",
    kernel_size: Range = KERNEL_SIZES,
    stride: Range = STRIDES,
    padding: Range = PADDINGS,
    dilation: Range = DILATIONS,
    most: int = 12,
    longest: int | None = None,
) -> ShortestChains:
    """The fewest layers of a kind that take `length` cells to `output` cells.

    Every chain of at most `most` layers from the ranges is covered, no axis between longer than `longest` (default: twice the
    longer of both ends). All shortest chains are counted (`total`), up to 100 of them listed, the
    arguments in common use in front.
    """
    (length,), (output,), (most,) = numbers(length, "length", 1), numbers(output, "output", 1), numbers(most, "most", 1)
    limit = 2 * max(length, output) if longest is None else longest
    options, ranges = arguments_in(kind, kernel_size, stride, padding, dilation, None)
    options.sort(key=lambda made: made.rank)

    def steps(n: int) -> Iterator[tuple[int, int]]:
        for place, made in enumerate(options):
            m = made.length(n)
            if m is not None and m <= limit:
                yield place, m

    if limit * len(options) <= MOST_STEPS:
        ways = shortest_ways(length, steps, lambda n: n == output, most)
    else:
        near = _lengths_near(output, options, most, max(length, limit))
        ways = shortest_ways(length, steps, lambda n: n == output, most, lambda n, left: near[left][0] <= n <= near[left][1])
    chains = []
    for way in ways.best:
        layers = tuple(options[place] for place in way)
        lengths = [length]
        for layer in layers:
            lengths.append(layer.length(lengths[-1]) or 0)
        chains.append(Chain(layers, tuple(lengths)))
    question = f"fewest {kind} layers from {length} to {output}"
    why = "no number of layers does: no further length can be reached" if ways.exhausted else f"with at most {most} layers"
    return ShortestChains(question, ranges | {"lengths": f"1 … {limit}"}, chains, ways, why)


def _lengths_near(output: int, options: list[WindowArguments], most: int, limit: int) -> list[tuple[int, int]]:
    """For each number of layers the least and the greatest length that may come to `output` with so many or fewer.

    No layer's output falls as its input grows. So no length does from which the longest output stays below what may still come
    to it, or the shortest above; that some layers refuse short inputs is left aside.
    """
    maps = [made.axis_map for made in options]

    def extreme(pick: Any, n: int) -> int:
        length: int = pick([_number(axis_map.length(n)) for axis_map in maps], default=1)
        return max(length, 1)

    found = [(output, output)]
    for _ in range(most):
        least, greatest = found[-1]
        low = bisect_left(range(1, limit + 1), least, key=lambda n: extreme(max, n)) + 1
        high = bisect_right(range(1, limit + 1), greatest, key=lambda n: extreme(min, n))
        found.append((min(low, least), max(high, greatest)))
    return found


def for_field(
    size: int,
    *,
    depth: Range = range(1, 33),
    kernel_size: Range = (3,),
    stride: Range = (1,),
    dilation: Range = (1,),
    alike: bool = True,
    holes: bool = True,
    at_least: bool = False,
) -> Answers[Reaching]:
    """The chains of layers whose last cell reads a field of exactly `size` cells along an axis, or at least so many.

    The field is that on an image without end: 1 + Σ dᵢ(kᵢ − 1)·s₁⋯sᵢ₋₁. With `alike`, all layers of a chain are equal and
    every combination of the ranges is tried, each with the fewest layers that do. Without, layers may differ and the shortest
    chains are given. `holes=False` keeps those that read every cell between the first and the last.
    """
    (size,) = numbers(size, "size", 1)
    if not holes and size > MOST_FIELD:
        raise ArgumentError("holes are looked for in smaller fields", got=f"size={size:,}", remedy=f"at most {MOST_FIELD:,}")
    ranges = {
        "depth": numbers(depth, "depth", 1),
        "kernel_size": numbers(kernel_size, "kernel_size", 1),
        "stride": numbers(stride, "stride", 1),
        "dilation": numbers(dilation, "dilation", 1),
    }
    texts = {name: range_text(values) for name, values in ranges.items()}
    question = f"layers that read {'at least ' if at_least else ''}{size} cells{'' if holes else ' without holes'}"
    options = [WindowArguments("conv", k, s, 0, d) for k, s, d in product(*list(ranges.values())[1:])]
    options.sort(key=lambda made: made.rank)
    if alike:
        check_count(options, ranges["depth"])
        return Answers(question, texts, _alike(size, options, ranges["depth"], holes=holes, at_least=at_least))
    return _shortest(size, options, ranges["depth"], question, texts, holes=holes, at_least=at_least)


def _alike(size: int, options: list[WindowArguments], depths: tuple[int, ...], *, holes: bool, at_least: bool) -> list[Reaching]:
    """Each kind of layer repeated: the fewest layers whose field is wanted; those without holes first, then by depth."""
    found = []
    for made in options:
        field = IDENTITY
        for depth in range(1, depths[-1] + 1):
            field = _then(field, made)
            reached = field.size >= size if at_least else field.size == size
            if depth in depths and reached and (holes or _is_dense(field)):
                found.append(_reaching((made,) * depth, field))
                break
            if not at_least and _number(field.size) > size:
                break  # deeper ones read more
    return sorted(found, key=lambda chain: (not chain.is_dense, len(chain.layers), chain.layers[0].rank))


def _shortest(
    size: int,
    options: list[WindowArguments],
    depths: tuple[int, ...],
    question: str,
    texts: dict[str, str],
    *,
    holes: bool,
    at_least: bool,
) -> ShortestChains:
    """The shortest chains of layers that may differ.

    A state is what a chain reads and its stride; where holes don't matter the size alone, since the rest follows from it.
    """
    if depths != tuple(range(1, depths[-1] + 1)):
        raise ArgumentError("the shortest chain is looked for from one layer on", got=f"depth={range_text(depths)}")

    def is_goal(state: tuple[int, int]) -> bool:
        read, _ = state
        extent = read if holes else read.bit_length()
        reached = extent >= size if at_least else extent == size
        return reached and (holes or read == (1 << extent) - 1)

    def steps(state: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int]]]:
        read, jump = state
        for place, made in enumerate(options):
            after = read + made.dilation * (made.kernel_size - 1) * jump
            if not holes:
                after = 0
                for tap in range(made.kernel_size):
                    after |= read << (tap * made.dilation * jump)
            extent = after if holes else after.bit_length()
            if extent <= size or at_least:
                yield place, (after, jump * made.stride)

    ways = shortest_ways((1, 1), steps, is_goal, depths[-1])
    chains = []
    for way in ways.best:
        layers = tuple(options[place] for place in way)
        field = IDENTITY
        for layer in layers:
            field = _then(field, layer)
        chains.append(_reaching(layers, field))
    why = "no number of layers does" if ways.exhausted else f"with at most {depths[-1]} layers"
    return ShortestChains(question, texts, chains, ways, why)


def _listed(layers: tuple[WindowArguments, ...]) -> str:
    """Layers as text, runs of equal ones counted: `2 × (kernel_size=3); kernel_size=1`."""
    texts = []
    for layer, run in groupby(layers):
        count = len(list(run))
        texts.append(f"{count} × ({layer})" if count > 1 else str(layer))
    return "; ".join(texts)


def _then(field: Stencil, made: WindowArguments) -> Stencil:
    """The field of a chain with one layer more."""
    return field.then(Window(made.kernel_size, made.stride, 0, 0, made.dilation).stencil(1))


def _is_dense(field: Stencil) -> bool:
    """Whether a field has no holes."""
    return field.cells is not None and field.cells == (1 << _number(field.size)) - 1


def _reaching(layers: tuple[WindowArguments, ...], field: Stencil) -> Reaching:
    """A chain with its field."""
    return Reaching(layers, _number(field.size), _number(field.stride), _is_dense(field))


def _number(size: Any) -> int:
    return int(size)
