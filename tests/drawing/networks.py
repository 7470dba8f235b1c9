"""Random networks that fit: nested Sequentials and modules with branches, joins and shared layers, in 1 to 3 dimensions.

Everything is drawn constructively. A block is drawn together with the channels and lengths that come out of it, worked out
here by the textbook's formula, so that the next block can be made to fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import cnncalc as cc


class Join(cc.Module):
    """Branches on one value, brought together by a sum, or by concatenation along an axis."""

    def __init__(self, branches: list[cc.Module], dim: int | None) -> None:
        """Take the branches; `dim` is None for a sum."""
        super().__init__()
        self.dim = dim
        for index, branch in enumerate(branches):
            self.add_module(f"branch{index}", branch)

    def forward(self, x: Any) -> Any:
        """Run the branches and join them."""
        outputs = [branch(x) for branch in self.children()]
        if self.dim is not None:
            return cc.cat(outputs, dim=self.dim)
        total = outputs[0]
        for output in outputs[1:]:
            total = total + output
        return total


class Twice(cc.Module):
    """One block used twice, one after the other."""

    def __init__(self, inner: cc.Module) -> None:
        """Take the block."""
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        """Run it twice."""
        return self.inner(self.inner(x))


@dataclass(frozen=True)
class Block:
    """A part of a network, and what comes out of it: channels and lengths."""

    module: cc.Module
    channels: int
    space: tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """A whole network with the shape of its input."""

    module: cc.Module
    shape: tuple[int, ...]

    def __repr__(self) -> str:
        """The tree and the shape."""
        return f"{self.module!r} on {self.shape}"


def named(name: str, axes: int) -> Any:
    """The class of a family for a number of axes."""
    return getattr(cc, f"{name}{axes}d")


def slid(n: int, k: int, s: int, before: int, after: int, d: int) -> int:
    """The textbook's formula."""
    return (n + before + after - d * (k - 1) - 1) // s + 1


@st.composite
def keeping(draw: Any, channels: int, space: tuple[int, ...], out: int, stride: int = 1) -> Block:
    """A block whose lengths depend on the stride alone: ⌊(n − 1)/s⌋ + 1. Its channels become `out`."""
    axes = len(space)
    kinds = ["odd", "odd"]
    if stride == 1:
        kinds += ["same", "copied"]
    if out == channels:
        kinds += ["pool"] if stride > 1 else ["pool", "identity", "norm"]
    kind = draw(st.sampled_from(kinds))
    length = tuple((n - 1) // stride + 1 for n in space)
    if kind == "identity":
        return Block(draw(st.sampled_from((cc.Identity(), cc.ReLU(), cc.Dropout()))), out, space)
    if kind == "norm":
        return Block(named("BatchNorm", axes)(channels), out, space)
    if kind == "pool":
        k = draw(st.sampled_from((1, 3)))
        pools = ["MaxPool"] if axes == 3 else ["MaxPool", "AvgPool"]
        return Block(named(draw(st.sampled_from(pools)), axes)(k, stride, k // 2), out, length)
    dilation = [draw(st.integers(1, 2)) for _ in space]
    groups = draw(st.sampled_from([g for g in (1, 1, 2, channels) if channels % g == 0 and out % g == 0]))
    conv = named("Conv", axes)
    if kind == "same":
        kernel = tuple(draw(st.integers(1, 4)) for _ in space)
        return Block(conv(channels, out, kernel, padding="same", dilation=tuple(dilation), groups=groups), out, space)
    kernel = tuple(draw(st.sampled_from((1, 3, 3, 5) if n > 4 else (1, 3))) for n in space)
    padding = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
    mode = "zeros"
    if kind == "copied" and all(p < n for p, n in zip(padding, space, strict=True)):
        mode = draw(st.sampled_from(("reflect", "replicate", "circular")))
    layer = conv(
        channels, out, kernel, stride, padding, tuple(dilation), groups, draw(st.booleans()), padding_mode=mode
    )  # fmt: skip
    return Block(layer, out, length)


@st.composite
def changing(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A window of any kind that fits."""
    axes = len(space)
    k = tuple(draw(st.integers(1, min(4, n))) for n in space)
    s = tuple(draw(st.integers(1, 3)) for _ in space)
    p = tuple(draw(st.integers(0, k_ // 2)) for k_ in k)
    kind = draw(st.sampled_from(("Conv", "MaxPool", "AvgPool", "AdaptiveAvgPool", "Conv")))
    length = tuple(slid(n, k_, s_, p_, p_, 1) for n, k_, s_, p_ in zip(space, k, s, p, strict=True))
    if kind == "Conv":
        out = draw(st.integers(1, 3))
        return Block(named("Conv", axes)(channels, out, k, s, p), out, length)
    if kind == "AdaptiveAvgPool":
        size = tuple(draw(st.integers(1, n)) for n in space)
        return Block(named(kind, axes)(size), channels, size)
    return Block(named(kind, axes)(k, s, p), channels, length)


@st.composite
def joins(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """Two or three branches that fit each other."""
    stride = draw(st.sampled_from((1, 1, 2)))
    how = draw(st.sampled_from(("add", "channels", "space")))
    count = draw(st.integers(2, 3))
    outs = [draw(st.integers(1, 3))] * count if how != "channels" else [draw(st.integers(1, 3)) for _ in range(count)]
    branches = []
    for out in outs:
        block = draw(keeping(channels, space, out, stride))
        if draw(st.booleans()):
            second = draw(keeping(out, block.space, out))
            block = Block(cc.Sequential(block.module, second.module), out, second.space)
        branches.append(block)
    modules, after = [branch.module for branch in branches], branches[0].space
    if how == "add":
        return Block(Join(modules, None), outs[0], after)
    if how == "channels":
        return Block(Join(modules, 1), sum(outs), after)
    axis = draw(st.integers(0, len(space) - 1))
    joined = (*after[:axis], after[axis] * count, *after[axis + 1 :])
    return Block(Join(modules, 2 + axis), outs[0], joined)


@st.composite
def shared(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """One block, or two in a row, used twice."""
    inner = [draw(keeping(channels, space, channels)).module for _ in range(draw(st.integers(1, 2)))]
    return Block(Twice(inner[0] if len(inner) == 1 else cc.Sequential(*inner)), channels, space)


@st.composite
def blocks(draw: Any, channels: int, space: tuple[int, ...], depth: int) -> Block:
    """Any part of a network."""
    kind = draw(st.sampled_from(("window", "keeping", "join", "shared", "sequence", "sequence")[: 6 if depth else 4]))
    if kind == "window":
        return draw(changing(channels, space))
    if kind == "keeping":
        return draw(keeping(channels, space, draw(st.integers(1, 3)), draw(st.integers(1, 2))))
    if kind == "join":
        return draw(joins(channels, space))
    if kind == "shared":
        return draw(shared(channels, space))
    return draw(sequences(channels, space, depth - 1))


@st.composite
def sequences(draw: Any, channels: int, space: tuple[int, ...], depth: int) -> Block:
    """Up to three blocks, one after the other."""
    modules = []
    for _ in range(draw(st.integers(1, 3))):
        block = draw(blocks(channels, space, depth))
        modules.append(block.module)
        channels, space = block.channels, block.space
    return Block(cc.Sequential(*modules), channels, space)


@st.composite
def networks(draw: Any, axes: int | None = None, *, low: int = 3, high: int = 9, head: bool = True) -> Network:
    """A network on an input of the given range of lengths, sometimes with a flat head."""
    if axes is None:
        axes = draw(st.sampled_from((1, 1, 2, 2, 3)))
    if axes == 3:
        high = min(high, 5)
    channels = draw(st.integers(1, 3))
    space = tuple(draw(st.integers(low, high)) for _ in range(axes))
    block = draw(sequences(channels, space, 2))
    module = block.module
    if head and draw(st.integers(0, 4)) == 0:
        features = block.channels
        for n in block.space:
            features *= n
        tail = draw(st.sampled_from(((cc.Flatten(),), (cc.Flatten(), cc.Linear(features, 2)))))
        module = cc.Sequential(module, *tail)
    return Network(module, (1, channels, *space))
