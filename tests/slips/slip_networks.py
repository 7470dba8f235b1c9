"""The homework's networks, and a small U-Net and residual network, written with layers."""

from __future__ import annotations

import cnncalc as cc


def first_convolution():
    """Question 2, part 1."""
    return cc.trace(cc.Conv2d(3, 16, 5, stride=2, padding=1), (1, 3, 128, 128))


def three_layers(channels=3):
    """The layers of question 2, part 2."""
    layers = {}
    for number in (1, 2, 3):
        layers[f"conv{number}"] = cc.Conv2d(channels, 16, 5, padding=2)
        layers[f"pool{number}"] = cc.MaxPool2d(2)
        layers[f"relu{number}"] = cc.ReLU()
        channels = 16
    return layers


def backbone():
    """Question 2, parts 2 and 4."""
    return cc.trace(cc.Sequential(three_layers()), (1, 3, 128, 128))


def full():
    """Question 2, part 3."""
    return cc.trace(cc.Sequential(three_layers() | {"flatten": cc.Flatten(), "fc": cc.Linear(4096, 10)}), (1, 3, 128, 128))


def encoder(*, bottom=True):
    """Question 3, part 2: four halvings of 256, two convolutions a level, and the bottom of the U-Net paper, all padded."""
    layers, before = {}, 1
    for level, width in enumerate((64, 128, 256, 512), start=1):
        layers[f"conv{level}a"] = cc.Conv2d(before, width, 3, padding=1)
        layers[f"conv{level}b"] = cc.Conv2d(width, width, 3, padding=1)
        layers[f"down{level}"] = cc.MaxPool2d(2)
        before = width
    if bottom:
        layers["conv5a"] = cc.Conv2d(512, 1024, 3, padding=1)
        layers["conv5b"] = cc.Conv2d(1024, 1024, 3, padding=1)
    return cc.trace(cc.Sequential(layers), (1, 1, 256, 256))


def single_convolutions():
    """Question 3, part 2 b: one convolution for each entry of 64, 128, 256."""
    layers, before = {}, 1
    for level, width in enumerate((64, 128, 256), start=1):
        layers[f"conv{level}"] = cc.Conv2d(before, width, 3, padding=1)
        before = width
    return cc.trace(cc.Sequential(layers), (1, 1, 32, 32))


class DenseBlock(cc.Module):
    """A dense block of three layers, each a norm, a ReLU and a convolution."""

    def __init__(self, k0, *widths):
        """Make the layers."""
        super().__init__()
        for number, width in enumerate(widths, start=1):
            layers = (cc.ReLU(), cc.LazyConv2d(width, 3, padding=1))
            setattr(self, f"layer{number}", cc.Sequential(*layers))
        self.count = len(widths)
        self.k0 = k0

    def forward(self, x):
        """Concatenate everything so far before each layer."""
        maps = [x]
        for number in range(1, self.count + 1):
            maps.append(getattr(self, f"layer{number}")(maps[0] if number == 1 else cc.cat(maps, dim=1)))
        return cc.cat(maps, dim=1)


def dense(k0, *widths):
    """A dense block on 32×32 maps."""
    return cc.trace(DenseBlock(k0, *widths), (1, k0, 32, 32))


class UNet(cc.Module):
    """One level down, one level up; the map is made larger by an adaptive pool."""

    def __init__(self):
        """Make the layers."""
        super().__init__()
        self.down = cc.Conv2d(3, 8, 3, padding=1)
        self.pool = cc.MaxPool2d(2)
        self.bottom = cc.Conv2d(8, 8, 3, padding=1)
        self.enlarge = cc.AdaptiveAvgPool2d(32)
        self.up = cc.Conv2d(16, 8, 3, padding=1)

    def forward(self, x):
        """Join the encoder's map and the decoder's."""
        skip = self.down(x)
        return self.up(cc.cat([skip, self.enlarge(self.bottom(self.pool(skip)))], dim=1))


class Residual(cc.Module):
    """A stem, and a block with a shortcut."""

    def __init__(self):
        """Make the layers."""
        super().__init__()
        self.stem = cc.Conv2d(3, 8, 7, stride=2, padding=3)
        self.pool = cc.MaxPool2d(3, stride=2, padding=1)
        self.conv1 = cc.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm = cc.BatchNorm2d(8)
        self.relu = cc.ReLU()
        self.conv2 = cc.Conv2d(8, 8, 3, padding=1)
        self.average = cc.AdaptiveAvgPool2d(1)
        self.flatten = cc.Flatten()
        self.fc = cc.Linear(8, 5)

    def forward(self, x):
        """Add the shortcut, pool globally, classify."""
        x = self.pool(self.stem(x))
        x = self.relu(self.conv2(self.relu(self.norm(self.conv1(x)))) + x)
        return self.fc(self.flatten(self.average(x)))
