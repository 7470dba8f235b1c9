"""U-Nets, written for these tests: the paper's with crops of fixed widths, and one that pads."""

from __future__ import annotations

from typing import Any

import cnncalc as cc


def double(channels: int, out: int, padding: int) -> cc.Module:
    """Two 3×3 convolutions."""
    return cc.Sequential(
        cc.Conv2d(channels, out, 3, padding=padding), cc.ReLU(), cc.Conv2d(out, out, 3, padding=padding), cc.ReLU()
    )


class UNet(cc.Module):
    """Ronneberger, Fischer and Brox 2015: `padding` 0 crops by fixed widths, as for 572 pixels; 1 joins without crops."""

    def __init__(self, base: int = 1, depth: int = 4, padding: int = 0) -> None:
        """Take the channels of the first level, the number of poolings, and the padding of every 3×3 convolution."""
        super().__init__()
        widths = [base * 2**level for level in range(depth + 1)]
        self.down = cc.ModuleList([double(c, out, padding) for c, out in zip([3, *widths], widths, strict=False)])
        self.pool = cc.MaxPool2d(2)
        self.up = cc.ModuleList([cc.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[-2::-1]])
        self.join = cc.ModuleList([double(2 * w, w, padding) for w in widths[-2::-1]])
        self.head = cc.Conv2d(base, 2, 1)
        self.padding = padding

    def forward(self, x: Any) -> Any:
        """Down, and up again with the maps of the way down beside."""
        kept = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            kept.append(x)
        crop = -2
        for skip, up, join in zip(kept[-2::-1], self.up, self.join, strict=True):
            # 4 cells on either side at first: two convolutions, doubled. Each level up, four convolutions more, doubled.
            crop = 2 * (crop + 4)
            side = skip if self.padding else skip[:, :, crop:-crop, crop:-crop]
            x = join(cc.cat([side, up(x)], dim=1))
        return self.head(x)
