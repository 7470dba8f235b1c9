"""U-Net++: the skips of a U-Net filled with convolutions, so that every level is decoded from every depth.

Source: UNet++: a nested U-Net architecture for medical image segmentation, DLMIA 2018, arXiv:1807.10165, figure 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.merging import cat
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.module import Module
from cnncalc.zoo._unet import UPS, double_convolution, up_convolution
from cnncalc.zoo.checking import DEEPEST, check_known, check_whole


class UNetPlusPlus(Module):
    """Nodes `x{level}_{step}`: the first of a level reads the pooled level above, a later one all before it and from below."""

    def __init__(
        self, in_channels: int, out_channels: int, base: int, depth: int, *, up: str, batch_norm: bool, deep_supervision: bool
    ) -> None:
        """Build the network; see `unet_plus_plus` for the arguments."""
        super().__init__()
        self.depth = depth
        self.pool = MaxPool2d(2)
        widths = [base * 2**level for level in range(depth + 1)]
        for level, width in enumerate(widths):
            inputs = widths[level - 1] if level else in_channels
            self.add_module(f"x{level}_0", double_convolution(inputs, width, 1, batch_norm=batch_norm))
        for step in range(1, depth + 1):
            for level in range(depth + 1 - step):
                width = widths[level]
                self.add_module(f"up{level}_{step}", up_convolution(2 * width, width, up))
                node = double_convolution((step + 1) * width, width, 1, batch_norm=batch_norm)
                self.add_module(f"x{level}_{step}", node)
        self.heads = [f"head{step}" for step in (range(1, depth + 1) if deep_supervision else [depth])]
        for head in self.heads:
            self.add_module(head, Conv2d(base, out_channels, 1))

    def forward(self, x: Any) -> Any:
        """Down once, then up in every step; the map of the last step, or of all steps."""
        parts = self._children
        columns = []
        for level in range(self.depth + 1):
            x = parts[f"x{level}_0"](x)
            columns.append([x])
            if level < self.depth:
                x = self.pool(x)
        for step in range(1, self.depth + 1):
            for level in range(self.depth + 1 - step):
                below = parts[f"up{level}_{step}"](columns[level + 1][step - 1])
                columns[level].append(parts[f"x{level}_{step}"](cat([*columns[level], below], 1)))
        outputs = tuple([parts[head](columns[0][int(head.removeprefix("head"))]) for head in self.heads])
        return outputs if len(outputs) > 1 else outputs[0]


def unet_plus_plus(
    in_channels: int = 3,
    out_channels: int = 1,
    base: int = 32,
    depth: int = 4,
    *,
    up: str = "transposed",
    batch_norm: bool = False,
    deep_supervision: bool = False,
) -> UNetPlusPlus:
    """U-Net++; `base` is the width of the first level, doubled at each of `depth` poolings.

    `up` is as for `unet`. With `deep_supervision` the maps of all steps come out, as a tuple; without it the last.
    """
    check_known("unet_plus_plus", UPS, up=up)
    check_whole("unet_plus_plus", base=base)
    check_whole("unet_plus_plus", most=DEEPEST, depth=depth)
    return UNetPlusPlus(in_channels, out_channels, base, depth, up=up, batch_norm=batch_norm, deep_supervision=deep_supervision)
