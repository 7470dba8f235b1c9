"""MobileNet v2: inverted residuals with linear bottlenecks.

Source: MobileNetV2: inverted residuals and linear bottlenecks, CVPR 2018, arXiv:1801.04381, table 2.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU6
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_pooling import adaptive_avg_pool2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import WIDEST, check_positive, check_whole
from cnncalc.zoo.parts import conv_norm, divisible

#: Table 2: expansion t, output channels c, repetitions n, stride s.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class InvertedResidual(Module):
    """Wider by a 1×1 convolution, a depthwise 3×3, narrower by a linear 1×1; a shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int, expand_ratio: int) -> None:
        """Build a block that is `expand_ratio` times as wide inside."""
        super().__init__()
        width = inputs * expand_ratio
        layers: list[Module] = [] if expand_ratio == 1 else [conv_norm(inputs, width, 1, activation=ReLU6)]
        layers += [
            conv_norm(width, width, stride=stride, groups=width, activation=ReLU6),
            Conv2d(width, outputs, 1, bias=False),
            BatchNorm2d(outputs),
        ]
        self.conv = Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Any) -> Any:
        """The block, with its shortcut."""
        return x + self.conv(x) if self.shortcut else self.conv(x)


class MobileNetV2(Module):
    """A 3×3 convolution, seven stages, a 1×1 convolution, global average pooling and a fully connected layer."""

    def __init__(self, num_classes: int, width_mult: float, dropout: float, round_nearest: int) -> None:
        """Build the network; every width is multiplied by `width_mult` and rounded to a multiple of `round_nearest`."""
        super().__init__()
        channels = divisible(32 * width_mult, round_nearest)
        last = divisible(1280 * max(1.0, width_mult), round_nearest)
        layers: list[Module] = [conv_norm(3, channels, stride=2, activation=ReLU6)]
        for expansion, width, count, stride in STAGES:
            outputs = divisible(width * width_mult, round_nearest)
            for index in range(count):
                layers.append(InvertedResidual(channels, outputs, 1 if index else stride, expansion))
                channels = outputs
        layers.append(conv_norm(channels, last, 1, activation=ReLU6))
        self.features = Sequential(*layers)
        self.flatten = Flatten()
        self.classifier = Sequential(Dropout(dropout), Linear(last, num_classes))

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.flatten(adaptive_avg_pool2d(self.features(x), (1, 1))))


def mobilenet_v2(num_classes: int = 1000, width_mult: float = 1.0, dropout: float = 0.2, round_nearest: int = 8) -> MobileNetV2:
    """MobileNet v2."""
    check_positive("mobilenet_v2", most=WIDEST, width_mult=width_mult)
    check_whole("mobilenet_v2", round_nearest=round_nearest)
    return MobileNetV2(num_classes, width_mult, dropout, round_nearest)
