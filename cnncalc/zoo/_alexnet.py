"""AlexNet in one column, as torchvision has it.

Source: One weird trick for parallelizing convolutional neural networks, 2014, arXiv:1404.5997.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module


class AlexNet(Module):
    """Five convolutions and three fully connected layers."""

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        """Build the network for a number of classes."""
        super().__init__()
        self.features = Sequential(
            Conv2d(3, 64, 11, stride=4, padding=2),
            ReLU(),
            MaxPool2d(3, stride=2),
            Conv2d(64, 192, 5, padding=2),
            ReLU(),
            MaxPool2d(3, stride=2),
            Conv2d(192, 384, 3, padding=1),
            ReLU(),
            Conv2d(384, 256, 3, padding=1),
            ReLU(),
            Conv2d(256, 256, 3, padding=1),
            ReLU(),
            MaxPool2d(3, stride=2),
        )
        self.avgpool = AdaptiveAvgPool2d((6, 6))
        self.flatten = Flatten()
        self.classifier = Sequential(
            Dropout(dropout),
            Linear(256 * 6 * 6, 4096),
            ReLU(),
            Dropout(dropout),
            Linear(4096, 4096),
            ReLU(),
            Linear(4096, num_classes),
        )

    def forward(self, x: Any) -> Any:
        """Features, a 6×6 map, then the classifier."""
        return self.classifier(self.flatten(self.avgpool(self.features(x))))


def alexnet(num_classes: int = 1000, dropout: float = 0.5) -> AlexNet:
    """AlexNet for images of 3×224×224."""
    return AlexNet(num_classes, dropout)
