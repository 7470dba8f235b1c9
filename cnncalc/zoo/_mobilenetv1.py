"""MobileNet v1: depthwise and pointwise convolutions in turn.

Source: MobileNets: efficient convolutional neural networks for mobile vision applications, 2017, arXiv:1704.04861, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import WIDEST, check_positive
from cnncalc.zoo.parts import conv_norm

#: Output channels and stride of each pair of convolutions. The paper gives the last pair but one a stride of 2 and the last
#: one too, on a map that is 7×7 before and after: the last has stride 1.
PAIRS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))


class MobileNetV1(Module):
    """A 3×3 convolution, thirteen pairs, global average pooling and a fully connected layer."""

    def __init__(self, num_classes: int, width_mult: float) -> None:
        """Build the network; every width is multiplied by `width_mult`."""
        super().__init__()
        channels = max(1, int(32 * width_mult))
        layers = [conv_norm(3, channels, stride=2)]
        for width, stride in PAIRS:
            outputs = max(1, int(width * width_mult))
            depthwise = conv_norm(channels, channels, stride=stride, groups=channels)
            layers.append(Sequential(depthwise, conv_norm(channels, outputs, 1)))
            channels = outputs
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        self.classifier = Linear(channels, num_classes)

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.flatten(self.avgpool(self.features(x))))


def mobilenet_v1(num_classes: int = 1000, width_mult: float = 1.0) -> MobileNetV1:
    """MobileNet v1; `width_mult` is the paper's α, 1, 0.75, 0.5 or 0.25."""
    check_positive("mobilenet_v1", most=WIDEST, width_mult=width_mult)
    return MobileNetV1(num_classes, width_mult)
