"""U-Net: down by pooling, up by transposed convolution, the map of the same level put beside on the way up.

Source: U-Net: convolutional networks for biomedical image segmentation, MICCAI 2015, arXiv:1505.04597, figure 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.merging import cat
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.padding import ZeroPad2d, pad
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.resampling import Upsample
from cnncalc.layers.transposed_convolution import ConvTranspose2d
from cnncalc.module import Module
from cnncalc.zoo.checking import DEEPEST, check_known, check_whole

SKIPS = ("crop", "center_crop", "pad")
UPS = ("transposed", "nearest", "bilinear")


class UNet(Module):
    """Levels 1 … depth and a bottom: `enc1`, `pool1`, …, `bottom`, …, `up1`, `crop1`, `dec1`, and a 1×1 `head`."""

    def __init__(
        self, in_channels: int, out_channels: int, base: int, depth: int, *, padding: int, up: str, skip: str, batch_norm: bool
    ) -> None:
        """Build the network; see `unet` for the arguments."""
        super().__init__()
        self.depth = depth
        self.skip = skip
        widths = [base * 2**level for level in range(depth + 1)]
        channels = in_channels
        for level in range(1, depth + 1):
            self.add_module(f"enc{level}", double_convolution(channels, widths[level - 1], padding, batch_norm=batch_norm))
            self.add_module(f"pool{level}", MaxPool2d(2))
            channels = widths[level - 1]
        self.bottom = double_convolution(channels, widths[depth], padding, batch_norm=batch_norm)
        crops = fixed_crops(depth, padding)
        for level in range(depth, 0, -1):
            width = widths[level - 1]
            self.add_module(f"up{level}", up_convolution(2 * width, width, up))
            if skip == "crop" and crops[level - 1]:
                self.add_module(f"crop{level}", ZeroPad2d(-crops[level - 1]))
            self.add_module(f"dec{level}", double_convolution(2 * width, width, padding, batch_norm=batch_norm))
        self.head = Conv2d(base, out_channels, 1)

    def forward(self, x: Any) -> Any:
        """Down, keeping the map of every level; up, taking each back."""
        parts = self._children
        skips = {}
        for level in range(1, self.depth + 1):
            skips[level] = parts[f"enc{level}"](x)
            x = parts[f"pool{level}"](skips[level])
        x = self.bottom(x)
        for level in range(self.depth, 0, -1):
            x = parts[f"up{level}"](x)
            kept = skips[level]
            if f"crop{level}" in parts:
                kept = parts[f"crop{level}"](kept)
            elif self.skip == "center_crop":
                kept = fitted(kept, x)
            elif self.skip == "pad":
                x = fitted(x, kept)
            x = parts[f"dec{level}"](cat([kept, x], 1))
        return self.head(x)


def double_convolution(in_channels: int, out_channels: int, padding: int, *, batch_norm: bool) -> Sequential:
    """Two 3×3 convolutions, each with ReLU."""
    layers: list[Module] = []
    for channels in (in_channels, out_channels):
        layers.append(Conv2d(channels, out_channels, 3, padding=padding, bias=not batch_norm))
        if batch_norm:
            layers.append(BatchNorm2d(out_channels))
        layers.append(ReLU())
    return Sequential(*layers)


def up_convolution(in_channels: int, out_channels: int, up: str) -> Module:
    """Twice the height and width: a transposed 2×2 convolution, or interpolation and a 1×1 convolution."""
    if up == "transposed":
        return ConvTranspose2d(in_channels, out_channels, 2, stride=2)
    return Sequential(Upsample(scale_factor=2, mode=up), Conv2d(in_channels, out_channels, 1))


def fixed_crops(depth: int, padding: int) -> list[int]:
    """By how much the map of each level, from the first on, is cropped per side, so that even sizes fit.

    What lies below a level loses some cells at each level's own scale, and twice as many one level up.
    """
    convolutions = 2 * (2 - 2 * padding)
    crops = []
    lost = convolutions
    for _ in range(depth):
        crops.append(lost)
        lost = 2 * lost + 2 * convolutions
    return crops[::-1]


def fitted(x: Any, model: Any) -> Any:
    """A map cropped, or padded with zeros, around its middle to the height and width of another."""
    rows, columns = model.shape[-2] - x.shape[-2], model.shape[-1] - x.shape[-1]
    return pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


def unet(
    in_channels: int = 1,
    out_channels: int = 2,
    base: int = 64,
    depth: int = 4,
    *,
    padding: int = 0,
    up: str = "transposed",
    skip: str = "crop",
    batch_norm: bool = False,
) -> UNet:
    """U-Net; without arguments the paper's, 572 → 388, whose concatenations refuse sizes that do not fit.

    `base` is the width of the first level, doubled at each of `depth` poolings. `padding=1` keeps sizes. `up` is
    "transposed", or "nearest" or "bilinear" for interpolation with a 1×1 convolution behind it. `skip` says how the map of
    the same level is brought to fit: "crop" by the paper's fixed amounts, none with padding; "center_crop" to whatever the
    other is; "pad" pads the other one.
    """
    check_known("unet", UPS, up=up)
    check_known("unet", SKIPS, skip=skip)
    check_known("unet", (0, 1), padding=padding)
    check_whole("unet", base=base)
    check_whole("unet", most=DEEPEST, depth=depth)
    return UNet(in_channels, out_channels, base, depth, padding=padding, up=up, skip=skip, batch_norm=batch_norm)
