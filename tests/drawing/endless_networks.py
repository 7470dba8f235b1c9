"""Random networks on one long axis, with up-sampling of all kinds, strides, dilation, padding, crops and joins.

Lengths are kept by torch's own rules: branches are cut to the shorter one, so that anything may stand beside anything.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import cnncalc as cc

#: Axes are kept below this.
LONGEST = 700
SCALES = (0.5, 1.5, 2.0, 3.0, 0.75, 1.0)


class Beside(cc.Module):
    """Two branches on one value, cut to the shorter, added or laid beside each other."""

    def __init__(self, left: cc.Module, right: cc.Module, *, add: bool) -> None:
        """Take the branches."""
        super().__init__()
        self.left, self.right, self.add = left, right, add

    def forward(self, x: Any) -> Any:
        """Run both, cut, join."""
        a, b = self.left(x), self.right(x)
        n = min(a.size(2), b.size(2))
        a, b = a[:, :, :n], b[:, :, :n]
        return a + b if self.add else cc.cat([a, b], dim=1).sum(1, keepdim=True)


@st.composite
def layers(draw: Any) -> cc.Module:
    """One layer of one channel."""
    kind = draw(st.sampled_from(("conv", "conv", "transposed", "transposed", "pool", "upsample", "upsample", "pad", "adaptive")))
    k, s, d = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    if kind == "conv":
        mode = draw(st.sampled_from(("zeros", "reflect", "circular", "replicate")))
        return cc.Conv1d(1, 1, k, s, draw(st.integers(0, 3)), d, padding_mode=mode)
    if kind == "transposed":
        more = draw(st.integers(0, max(s, d) - 1))
        return cc.ConvTranspose1d(1, 1, k, s, draw(st.integers(0, 2)), more, dilation=d)
    if kind == "pool":
        return cc.MaxPool1d(k, s, k // 2, ceil_mode=draw(st.booleans()))
    if kind == "pad":
        return cc.ConstantPad1d((draw(st.integers(-2, 2)), draw(st.integers(-2, 2))), 0.0)
    if kind == "adaptive":
        return cc.AdaptiveAvgPool1d(draw(st.sampled_from((60, 72, 90, 100))))
    mode = draw(st.sampled_from(("nearest", "nearest-exact", "linear")))
    return cc.Upsample(scale_factor=draw(st.sampled_from(SCALES)), mode=mode)


@st.composite
def blocks(draw: Any, depth: int) -> cc.Module:
    """One to three layers, or branches beside each other."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.booleans()):
            parts.append(Beside(draw(blocks(depth - 1)), draw(blocks(depth - 1)), add=draw(st.booleans())))
        else:
            parts.append(draw(layers()))
    return cc.Sequential(*parts)


@st.composite
def endless_networks(draw: Any) -> tuple[cc.Module, tuple[int, int, int]]:
    """A network and the shape of its input."""
    return draw(blocks(2)), (1, 1, draw(st.sampled_from((180, 240, 256, 300))))
