"""Random networks of everything: windows, joins, transposed convolutions, resampling, pads, shuffles, pools that round up."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import cnncalc as cc
from drawing import resampled_networks, resized_networks
from drawing.networks import Block, Network, blocks, named

#: Axes are kept this short, so that every cell can be asked.
LONGEST = 9


@st.composite
def rounding_up(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A pool with ceil_mode, whose length is the one that torch's rule gives."""
    axes = len(space)
    k = tuple(draw(st.integers(1, min(4, n))) for n in space)
    s = tuple(draw(st.integers(1, 4)) for _ in space)
    p = tuple(draw(st.integers(0, k_ // 2)) for k_ in k)
    kind = draw(st.sampled_from(("MaxPool", "AvgPool")))
    layer = named(kind, axes)(k, s, p, ceil_mode=True)
    return Block(layer, channels, layer.output_shape((1, channels, *space))[2:])


@st.composite
def mixed_networks(draw: Any) -> Network:
    """Up to five parts of any kind, one after the other."""
    axes = draw(st.sampled_from((1, 2, 2, 3)))
    channels = start = draw(st.sampled_from((1, 2, 4)))
    space = first = tuple(draw(st.integers(2, 6 if axes < 3 else 3)) for _ in range(axes))
    modules: list[cc.Module] = []
    kinds = [
        rounding_up,
        lambda c, n: blocks(c, n, 1),
        resized_networks.convolved,
        resized_networks.branches,
        resized_networks.padded,
        resized_networks.pooled,
        resampled_networks.resampled,
        resampled_networks.skipped,
        *([resized_networks.shuffled] if axes == 2 else []),
    ]
    for _ in range(draw(st.integers(1, 5 if axes < 3 else 3))):
        if max(space) > LONGEST or min(space) < 2:
            break
        block = draw(draw(st.sampled_from(kinds))(channels, space))
        modules.append(block.module)
        channels, space = block.channels, block.space
    return Network(cc.Sequential(*modules), (1, start, *first))
