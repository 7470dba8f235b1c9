"""Attention U-Net: a padded U-Net whose skips are weighted, position by position, by what lies below.

Source: Attention U-Net: learning where to look for the pancreas, MIDL 2018, arXiv:1804.03999, figure 2; here in two
dimensions.
"""

from __future__ import annotations

from typing import Any

from cnncalc.layers.activation import ReLU, Sigmoid
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.merging import cat
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.resampling import Upsample
from cnncalc.module import Module
from cnncalc.zoo._unet import UPS, double_convolution, up_convolution
from cnncalc.zoo.checking import DEEPEST, check_known, check_whole


class AttentionGate(Module):
    """One weight for each position, from the skip and from the map one level below, at that level's grid."""

    def __init__(self, width: int) -> None:
        """Build the gate for a skip of `width` channels and a map below of twice as many."""
        super().__init__()
        self.theta = Conv2d(width, width, 2, stride=2, bias=False)
        self.phi = Conv2d(2 * width, width, 1)
        self.relu = ReLU()
        self.psi = Conv2d(width, 1, 1)
        self.sigmoid = Sigmoid()
        self.resample = Upsample(scale_factor=2, mode="bilinear")

    def forward(self, skip: Any, below: Any) -> Any:
        """The skip, weighted."""
        weights = self.sigmoid(self.psi(self.relu(self.theta(skip) + self.phi(below))))
        return skip * self.resample(weights)


class AttentionUNet(Module):
    """Levels as in U-Net, `gate1` … `gate{depth}` on its skips."""

    def __init__(self, in_channels: int, out_channels: int, base: int, depth: int, *, up: str, batch_norm: bool) -> None:
        """Build the network; see `attention_unet` for the arguments."""
        super().__init__()
        self.depth = depth
        self.pool = MaxPool2d(2)
        channels = in_channels
        for level in range(1, depth + 1):
            width = base * 2 ** (level - 1)
            self.add_module(f"enc{level}", double_convolution(channels, width, 1, batch_norm=batch_norm))
            channels = width
        self.bottom = double_convolution(channels, 2 * channels, 1, batch_norm=batch_norm)
        for level in range(depth, 0, -1):
            width = base * 2 ** (level - 1)
            self.add_module(f"gate{level}", AttentionGate(width))
            self.add_module(f"up{level}", up_convolution(2 * width, width, up))
            self.add_module(f"dec{level}", double_convolution(2 * width, width, 1, batch_norm=batch_norm))
        self.head = Conv2d(base, out_channels, 1)

    def forward(self, x: Any) -> Any:
        """Down, keeping the map of every level; up, taking each back weighted."""
        parts = self._children
        skips = {}
        for level in range(1, self.depth + 1):
            skips[level] = parts[f"enc{level}"](x)
            x = self.pool(skips[level])
        x = self.bottom(x)
        for level in range(self.depth, 0, -1):
            kept = parts[f"gate{level}"](skips[level], x)
            x = parts[f"dec{level}"](cat([kept, parts[f"up{level}"](x)], 1))
        return self.head(x)


def attention_unet(
    in_channels: int = 1,
    out_channels: int = 2,
    base: int = 64,
    depth: int = 4,
    *,
    up: str = "transposed",
    batch_norm: bool = False,
) -> AttentionUNet:
    """Attention U-Net; `base` is the width of the first level, doubled at each of `depth` poolings, `up` as for `unet`."""
    check_known("attention_unet", UPS, up=up)
    check_whole("attention_unet", base=base)
    check_whole("attention_unet", most=DEEPEST, depth=depth)
    return AttentionUNet(in_channels, out_channels, base, depth, up=up, batch_norm=batch_norm)
