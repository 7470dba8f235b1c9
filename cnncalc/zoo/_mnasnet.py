"""MNASNet B1: inverted residuals found by search, without squeeze-and-excitation, as torchvision has it.

Source: MnasNet: platform-aware neural architecture search for mobile, CVPR 2019, arXiv:1807.11626, figure 7.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.module import Module
from cnncalc.zoo.parts import conv_norm, divisible

#: Output channels, kernel, stride, expansion and repetitions of each stage.
STAGES = ((24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3), (96, 3, 1, 6, 2), (192, 5, 2, 6, 4), (320, 3, 1, 6, 1))


class InvertedResidual(Module):
    """Wider by a 1×1 convolution, a depthwise one, narrower by a linear 1×1; a shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        """Build a block that is `expansion` times as wide inside."""
        super().__init__()
        width = inputs * expansion
        self.layers = Sequential(
            *conv_norm(inputs, width, 1),
            *conv_norm(width, width, kernel, stride=stride, groups=width),
            Conv2d(width, outputs, 1, bias=False),
            BatchNorm2d(outputs),
        )
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Any) -> Any:
        """The block, with its shortcut."""
        return self.layers(x) + x if self.shortcut else self.layers(x)


class MNASNet(Module):
    """A stem, six stages, a 1×1 convolution, global average pooling and a fully connected layer."""

    def __init__(self, alpha: float, num_classes: int, dropout: float) -> None:
        """Build the network; every width is multiplied by `alpha` and rounded to a multiple of 8."""
        super().__init__()
        stem, channels = divisible(32 * alpha), divisible(16 * alpha)
        layers: list[Module] = [
            *conv_norm(3, stem, stride=2),
            *conv_norm(stem, stem, groups=stem),
            *conv_norm(stem, channels, 1, activation=None),
        ]
        for width, kernel, stride, expansion, repeats in STAGES:
            outputs = divisible(width * alpha)
            blocks = [InvertedResidual(channels, outputs, kernel, stride, expansion)]
            blocks += [InvertedResidual(outputs, outputs, kernel, 1, expansion) for _ in range(repeats - 1)]
            layers.append(Sequential(*blocks))
            channels = outputs
        self.layers = Sequential(*layers, *conv_norm(channels, 1280, 1))
        self.classifier = Sequential(Dropout(dropout), Linear(1280, num_classes))

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.layers(x).mean([2, 3]))


def mnasnet0_5(num_classes: int = 1000, dropout: float = 0.2) -> MNASNet:
    """MNASNet, half as wide."""
    return MNASNet(0.5, num_classes, dropout)


def mnasnet0_75(num_classes: int = 1000, dropout: float = 0.2) -> MNASNet:
    """MNASNet, three quarters as wide."""
    return MNASNet(0.75, num_classes, dropout)


def mnasnet1_0(num_classes: int = 1000, dropout: float = 0.2) -> MNASNet:
    """MNASNet."""
    return MNASNet(1.0, num_classes, dropout)


def mnasnet1_3(num_classes: int = 1000, dropout: float = 0.2) -> MNASNet:
    """MNASNet, 1.3 times as wide."""
    return MNASNet(1.3, num_classes, dropout)
