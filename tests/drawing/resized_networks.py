"""Random networks whose axes grow, shrink, are padded, folded and shuffled, by layers and by functions with own weights."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import cnncalc as cc
from drawing.networks import Block, Join, Network, named

#: Axes are kept this short, so that every cell can be asked.
LONGEST = 9


class Folded(cc.Module):
    """Patches as columns, mixed along the columns, and laid out as patches again."""

    def __init__(self, size: tuple[int, int], channels: int, kernel: tuple[int, int], stride: tuple[int, int]) -> None:
        """Take the image's size and channels and the patches' size and distance."""
        super().__init__()
        self.unfold = cc.Unfold(kernel, stride=stride)
        self.mix = cc.Conv1d(channels * kernel[0] * kernel[1], channels * kernel[0] * kernel[1], 3, padding=1, groups=channels)
        self.fold = cc.Fold(size, kernel, stride=stride)

    def forward(self, x: Any) -> Any:
        """Unfold, mix, fold."""
        return self.fold(self.mix(self.unfold(x)))


class Functional(cc.Module):
    """A convolution with weights of its own, a pool and a padding, all written as functions."""

    def __init__(self, axes: int, channels: int, out: int, kernel: int, *, transposed: bool) -> None:
        """Take the number of axes, the channels in and out, and the kernel."""
        super().__init__()
        shape = (channels, out) if transposed else (out, channels)
        self.weight = cc.Parameter(shape=(*shape, *(kernel,) * axes))
        self.bias = cc.Parameter(shape=(out,))
        self.axes, self.name = axes, f"conv_transpose{axes}d" if transposed else f"conv{axes}d"

    def forward(self, x: Any) -> Any:
        """Convolve, pad and pool."""
        x = getattr(cc, self.name)(x, self.weight, self.bias, stride=1)
        x = cc.pad(x, (1, 0) * self.axes, mode="replicate")
        return getattr(cc, f"max_pool{self.axes}d")(x, 2, 1)


@st.composite
def padded(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A Pad layer of any mode; some amounts are negative."""
    mode = draw(st.sampled_from(("Constant", "Zero", "Reflection", "Replication", "Circular")))
    amounts, after = [], []
    for n in reversed(space):
        most = min({"Reflection": n - 1, "Circular": n}.get(mode, 2), 2)
        low = -1 if n > 2 else 0
        before, behind = draw(st.integers(low, most)), draw(st.integers(low, most))
        if mode == "Circular" and min(before, behind) < 0:
            before, behind = min(before, 0), min(behind, 0)
        amounts += [before, behind]
        after.append(n + before + behind)
    value = (0.5,) if mode == "Constant" else ()
    return Block(named(f"{mode}Pad", len(space))(tuple(amounts), *value), channels, tuple(reversed(after)))


@st.composite
def pooled(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """An adaptive max pool, which may make axes longer, or a power-mean pool."""
    if draw(st.booleans()):
        size = tuple(draw(st.integers(1, n + 1)) for n in space)
        return Block(named("AdaptiveMaxPool", len(space))(size), channels, size)
    k = tuple(draw(st.integers(1, min(3, n))) for n in space)
    s = tuple(draw(st.integers(1, 2)) for _ in space)
    lengths = tuple((n - a) // b + 1 for n, a, b in zip(space, k, s, strict=True))
    return Block(named("LPPool", len(space))(2, k[0] if len(space) == 1 else k, s), channels, lengths)


@st.composite
def functional(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """Functions with weights of one's own."""
    transposed = draw(st.booleans())
    k = draw(st.integers(1, 3 if transposed else min(space)))
    out = draw(st.integers(1, 2))
    change = k - 1 if transposed else 1 - k
    return Block(Functional(len(space), channels, out, k, transposed=transposed), out, tuple(n + change for n in space))


@st.composite
def shuffled(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """Cells moved between channels and space, as far as the image allows it."""
    fitting = [Block(cc.ChannelShuffle(g), channels, space) for g in (1, 2, 3, 4) if channels % g == 0]
    if channels % 4 == 0:
        fitting += [Block(cc.PixelShuffle(2), channels // 4, tuple(2 * n for n in space))] * 2
    if all(n % 2 == 0 for n in space) and channels <= 2:
        fitting += [Block(cc.PixelUnshuffle(2), channels * 4, tuple(n // 2 for n in space))] * 2
    if channels <= 2:
        height, width = space
        kernel = (draw(st.integers(1, min(2, height))), draw(st.integers(1, min(2, width))))
        stride = (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
        fitting += [Block(Folded((height, width), channels, kernel, stride), channels, space)] * 2
    return draw(st.sampled_from(fitting))


@st.composite
def branches(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """Two transposed convolutions that double every axis, brought together."""
    k, dim = draw(st.integers(1, 3)), draw(st.sampled_from((None, 1)))
    transposed = named("ConvTranspose", len(space))
    pair: list[cc.Module] = [transposed(channels, 2, 2 * k, 2, k - 1), transposed(channels, 2, 2, 2)]
    return Block(Join(pair, dim), 2 if dim is None else 4, tuple(2 * n for n in space))


@st.composite
def convolved(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A transposed convolution, or a plain one that keeps the lengths but for its stride."""
    groups = draw(st.sampled_from([g for g in (1, 1, 2) if channels % g == 0]))
    out = groups * draw(st.integers(1, 2))
    k, s, d = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    if max(space) * s > LONGEST or draw(st.integers(0, 3)) == 0:
        padding = d * (k - 1)
        lengths = tuple((n + padding - 1) // s + 1 for n in space)
        return Block(named("Conv", len(space))(channels, out, k, s, padding, d, groups), out, lengths)
    p = draw(st.integers(0, min(2, (d * (k - 1)) // 2)))
    more = draw(st.integers(0, max(s, d) - 1))
    layer = named("ConvTranspose", len(space))(channels, out, k, s, p, more, groups, dilation=d)
    return Block(layer, out, tuple((n - 1) * s - 2 * p + d * (k - 1) + more + 1 for n in space))


@st.composite
def resized_networks(draw: Any) -> Network:
    """Up to four such blocks, one after the other."""
    axes = draw(st.sampled_from((1, 1, 2, 2, 2, 3)))
    channels = start = draw(st.sampled_from((1, 2, 4)))
    space = first = tuple(draw(st.integers(2, 5 if axes < 3 else 3)) for _ in range(axes))
    modules = []
    for _ in range(draw(st.integers(1, 4 if axes < 3 else 2))):
        if max(space) > LONGEST:
            break
        kinds = [convolved, convolved, padded, pooled, functional, branches, *([shuffled, shuffled] if axes == 2 else [])]
        block = draw(draw(st.sampled_from(kinds))(channels, space))
        modules.append(block.module)
        channels, space = block.channels, block.space
    return Network(cc.Sequential(*modules), (1, start, *first))
