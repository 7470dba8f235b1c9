"""Published fields of U-Nets, the largest over all positions, and the smallest of the same networks.

The published figures are given by depth; the convolutions per level are those with which they come out. Padding is "same",
and up-sampling a transposed convolution of 2×2 at stride 2.
"""

from __future__ import annotations

import pytest

import cnncalc as cc


class UNet(cc.Module):
    """A U-Net of one axis and one channel: `depth` halvings, `count` 3-wide convolutions at each level on either side."""

    def __init__(self, depth, count):
        super().__init__()
        self.depth = depth
        self.down = cc.ModuleList(self.convolutions(1, count) for _ in range(depth + 1))
        self.pool = cc.MaxPool1d(2)
        self.up = cc.ModuleList(cc.ConvTranspose1d(1, 1, 2, 2) for _ in range(depth))
        self.after = cc.ModuleList(self.convolutions(2, count) for _ in range(depth))

    @staticmethod
    def convolutions(channels, count):
        """The convolutions of one level."""
        first = cc.Conv1d(channels, 1, 3, padding=1)
        return cc.Sequential(first, *(cc.Conv1d(1, 1, 3, padding=1) for _ in range(count - 1)))

    def forward(self, x):
        """Down, and up again with the maps of each level beside."""
        kept = []
        for level in range(self.depth):
            x = self.down[level](x)
            kept.append(x)
            x = self.pool(x)
        x = self.down[self.depth](x)
        for level in range(self.depth):
            x = self.after[level](cc.cat([self.up[level](x), kept.pop()], dim=1))
        return x


@pytest.mark.parametrize(
    ("depth", "count", "smallest", "largest"),
    [(3, 1, 46, 54), (3, 2, 92, 100), (3, 3, 138, 146), (3, 5, 222, 230), (4, 2, 188, 204), (5, 2, 380, 412)],
)
def test_smallest_and_largest_field(depth, count, smallest, largest):
    assert cc.receptive_field(UNet(depth, count), (1, 1, 32 << depth)).sizes == ((smallest, largest),)
