"""ShuffleNet v2: half of the channels pass by, then the halves are shuffled.

Source: ShuffleNet V2: practical guidelines for efficient CNN architecture design, ECCV 2018, arXiv:1807.11164, table 5.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shuffling import ChannelShuffle
from cnncalc.module import Module
from cnncalc.zoo.parts import conv_norm


class InvertedResidual(Module):
    """Figure 3 (c) and (d): one half changed, or both with stride 2, then shuffled."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        """Build a block; with stride 1 half of its input passes by."""
        super().__init__()
        self.stride = stride
        half = outputs // 2
        self.branch1 = Sequential()
        if stride > 1:
            self.branch1 = Sequential(*_depthwise(inputs, stride), *conv_norm(inputs, half, 1))
        taken = inputs if stride > 1 else half
        self.branch2 = Sequential(*conv_norm(taken, half, 1), *_depthwise(half, stride), *conv_norm(half, half, 1))
        self.shuffle = ChannelShuffle(2)

    def forward(self, x: Any) -> Any:
        """Both halves, shuffled."""
        if self.stride == 1:
            kept, changed = x.chunk(2, dim=1)
            return self.shuffle(cat([kept, self.branch2(changed)], 1))
        return self.shuffle(cat([self.branch1(x), self.branch2(x)], 1))


def _depthwise(channels: int, stride: int) -> tuple[Module, Module]:
    """A depthwise 3×3 convolution with batch normalisation, and no activation behind it."""
    convolution = Conv2d(channels, channels, 3, stride=stride, padding=1, groups=channels, bias=False)
    return convolution, BatchNorm2d(channels)


class ShuffleNetV2(Module):
    """A 3×3 convolution, a pooling, three stages, a 1×1 convolution, global average pooling and a fully connected layer."""

    def __init__(self, channels: tuple[int, ...], num_classes: int) -> None:
        """Build the network from the widths of its three stages and of the 1×1 convolution."""
        super().__init__()
        self.conv1 = Sequential(Conv2d(3, 24, 3, stride=2, padding=1, bias=False), BatchNorm2d(24), ReLU())
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        inputs = 24
        for number, outputs, repeats in zip((2, 3, 4), channels, (4, 8, 4), strict=False):
            blocks = [InvertedResidual(inputs, outputs, 2)]
            blocks += [InvertedResidual(outputs, outputs, 1) for _ in range(repeats - 1)]
            self.add_module(f"stage{number}", Sequential(*blocks))
            inputs = outputs
        self.conv5 = conv_norm(inputs, channels[-1], 1)
        self.fc = Linear(channels[-1], num_classes)

    def forward(self, x: Any) -> Any:
        """Stem, stages, head."""
        x = self.maxpool(self.conv1(x))
        for stage in ("stage2", "stage3", "stage4"):
            x = self._children[stage](x)
        return self.fc(self.conv5(x).mean([2, 3]))


def shufflenet_v2_x0_5(num_classes: int = 1000) -> ShuffleNetV2:
    """ShuffleNet v2, half as wide."""
    return ShuffleNetV2((48, 96, 192, 1024), num_classes)


def shufflenet_v2_x1_0(num_classes: int = 1000) -> ShuffleNetV2:
    """ShuffleNet v2."""
    return ShuffleNetV2((116, 232, 464, 1024), num_classes)


def shufflenet_v2_x1_5(num_classes: int = 1000) -> ShuffleNetV2:
    """ShuffleNet v2, one and a half times as wide."""
    return ShuffleNetV2((176, 352, 704, 1024), num_classes)


def shufflenet_v2_x2_0(num_classes: int = 1000) -> ShuffleNetV2:
    """ShuffleNet v2, twice as wide."""
    return ShuffleNetV2((244, 488, 976, 2048), num_classes)
