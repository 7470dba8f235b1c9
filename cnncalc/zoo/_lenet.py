"""LeNet-5 as it is built today.

Source: Gradient-based learning applied to document recognition, Proceedings of the IEEE 1998, doi:10.1109/5.726791, figure 2.

Its C3 reads only some of the maps of S2, its pools have a weight and a bias for each map, and its last layer is of radial
basis functions.
"""

from __future__ import annotations

from typing import Any

from cnncalc.layers.activation import Tanh
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.pooling import AvgPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module


class LeNet(Module):
    """Three convolutions, two poolings and two fully connected layers, under the paper's names."""

    def __init__(self, num_classes: int = 10) -> None:
        """Build the network for a number of classes."""
        super().__init__()
        self.c1 = Conv2d(1, 6, 5)
        self.s2 = AvgPool2d(2)
        self.c3 = Conv2d(6, 16, 5)
        self.s4 = AvgPool2d(2)
        self.c5 = Conv2d(16, 120, 5)
        self.flatten = Flatten()
        self.f6 = Linear(120, 84)
        self.output = Linear(84, num_classes)
        self.tanh = Tanh()

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        x = self.s2(self.tanh(self.c1(x)))
        x = self.s4(self.tanh(self.c3(x)))
        x = self.flatten(self.tanh(self.c5(x)))
        return self.output(self.tanh(self.f6(x)))


def lenet(num_classes: int = 10) -> LeNet:
    """LeNet-5 for images of 1×32×32."""
    return LeNet(num_classes)
