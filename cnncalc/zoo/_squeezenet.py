"""SqueezeNet.

Source: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, 2016, arXiv:1602.07360, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.merging import cat
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module


class Fire(Module):
    """A 1×1 convolution that squeezes, then 1×1 and 3×3 ones that expand side by side."""

    def __init__(self, inplanes: int, squeeze_planes: int, expand_planes: int) -> None:
        """Build the module; it gives twice `expand_planes` channels."""
        super().__init__()
        self.squeeze = Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = ReLU()
        self.expand1x1 = Conv2d(squeeze_planes, expand_planes, 1)
        self.expand1x1_activation = ReLU()
        self.expand3x3 = Conv2d(squeeze_planes, expand_planes, 3, padding=1)
        self.expand3x3_activation = ReLU()

    def forward(self, x: Any) -> Any:
        """Squeeze, expand."""
        x = self.squeeze_activation(self.squeeze(x))
        return cat([self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1)


class SqueezeNet(Module):
    """A stem, fire modules with poolings among them, and a 1×1 convolution for the classes, pooled globally."""

    def __init__(self, stem: Conv2d, modules: tuple[tuple[int, int] | None, ...], num_classes: int, dropout: float) -> None:
        """Build the network from its fire modules (squeeze, expand) and poolings (None)."""
        super().__init__()
        layers: list[Module] = [stem, ReLU()]
        channels: Any = stem.out_channels
        for module in modules:
            if module is None:
                layers.append(MaxPool2d(3, stride=2, ceil_mode=True))
            else:
                layers.append(Fire(channels, *module))
                channels = 2 * module[1]
        self.features = Sequential(*layers)
        self.classifier = Sequential(Dropout(dropout), Conv2d(channels, num_classes, 1), ReLU(), AdaptiveAvgPool2d((1, 1)))
        self.flatten = Flatten()

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.flatten(self.classifier(self.features(x)))


def squeezenet1_0(num_classes: int = 1000, dropout: float = 0.5) -> SqueezeNet:
    """SqueezeNet of the paper."""
    early = (None, (16, 64), (16, 64), (32, 128), None)
    late = ((32, 128), (48, 192), (48, 192), (64, 256), None, (64, 256))
    return SqueezeNet(Conv2d(3, 96, 7, stride=2), early + late, num_classes, dropout)


def squeezenet1_1(num_classes: int = 1000, dropout: float = 0.5) -> SqueezeNet:
    """Its second version: a smaller stem and earlier poolings, 2.4 times less arithmetic."""
    early = (None, (16, 64), (16, 64), None, (32, 128), (32, 128))
    late = (None, (48, 192), (48, 192), (64, 256), (64, 256))
    return SqueezeNet(Conv2d(3, 64, 3, stride=2), early + late, num_classes, dropout)
