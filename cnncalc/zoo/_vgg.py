"""VGG: 3×3 convolutions alone, deeper and deeper.

Source: Very deep convolutional networks for large-scale image recognition, ICLR 2015, arXiv:1409.1556, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module

#: Table 1 of the paper, columns A, B, D, E: how many 3×3 convolutions each stage has, a pooling behind each stage.
CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)


class VGG(Module):
    """Stages of 3×3 convolutions and 2×2 poolings, then three fully connected layers."""

    def __init__(self, depth: int, *, batch_norm: bool = False, num_classes: int = 1000, dropout: float = 0.5) -> None:
        """Build the network with `depth` weight layers."""
        super().__init__()
        self.features = _features(CONVOLUTIONS[depth], batch_norm=batch_norm)
        self.avgpool = AdaptiveAvgPool2d((7, 7))
        self.flatten = Flatten()
        self.classifier = Sequential(
            Linear(512 * 7 * 7, 4096),
            ReLU(),
            Dropout(dropout),
            Linear(4096, 4096),
            ReLU(),
            Dropout(dropout),
            Linear(4096, num_classes),
        )

    def forward(self, x: Any) -> Any:
        """Features, a 7×7 map, then the classifier."""
        return self.classifier(self.flatten(self.avgpool(self.features(x))))


def _features(convolutions: tuple[int, ...], *, batch_norm: bool) -> Sequential:
    """The stages, laid out in one Sequential as torchvision numbers them."""
    layers: list[Module] = []
    channels = 3
    for count, width in zip(convolutions, WIDTHS, strict=True):
        for _ in range(count):
            layers.append(Conv2d(channels, width, 3, padding=1))
            if batch_norm:
                layers.append(BatchNorm2d(width))
            layers.append(ReLU())
            channels = width
        layers.append(MaxPool2d(2, stride=2))
    return Sequential(*layers)


def vgg11(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG with 11 weight layers (column A)."""
    return VGG(11, num_classes=num_classes, dropout=dropout)


def vgg13(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG with 13 weight layers (column B)."""
    return VGG(13, num_classes=num_classes, dropout=dropout)


def vgg16(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG with 16 weight layers (column D)."""
    return VGG(16, num_classes=num_classes, dropout=dropout)


def vgg19(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG with 19 weight layers (column E)."""
    return VGG(19, num_classes=num_classes, dropout=dropout)


def vgg11_bn(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG-11 with batch normalisation."""
    return VGG(11, batch_norm=True, num_classes=num_classes, dropout=dropout)


def vgg13_bn(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG-13 with batch normalisation."""
    return VGG(13, batch_norm=True, num_classes=num_classes, dropout=dropout)


def vgg16_bn(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG-16 with batch normalisation."""
    return VGG(16, batch_norm=True, num_classes=num_classes, dropout=dropout)


def vgg19_bn(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG-19 with batch normalisation."""
    return VGG(19, batch_norm=True, num_classes=num_classes, dropout=dropout)
