"""RegNet: widths that grow linearly from block to block, then are rounded so that stages come out.

Source: Designing network design spaces, CVPR 2020, arXiv:2003.13678, section 3.3.
"""

from __future__ import annotations

from itertools import groupby
from math import log
from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import check_whole
from cnncalc.zoo.parts import SqueezeExcitation, conv_norm, divisible


class ResBottleneckBlock(Module):
    """A 1×1, a grouped 3×3 and a 1×1 convolution, all equally wide, beside a shortcut; Y has squeeze-and-excitation."""

    def __init__(self, inputs: int, outputs: int, stride: int, group_width: int, se_ratio: float) -> None:
        """Build a block; `se_ratio` 0 is X."""
        super().__init__()
        if stride != 1 or inputs != outputs:
            self.proj = conv_norm(inputs, outputs, 1, stride=stride, activation=None)
        self.projects = stride != 1 or inputs != outputs
        parts: dict[str, Module] = {
            "a": conv_norm(inputs, outputs, 1),
            "b": conv_norm(outputs, outputs, stride=stride, groups=outputs // group_width),
        }
        if se_ratio:
            parts["se"] = SqueezeExcitation(outputs, round(se_ratio * inputs))
        parts["c"] = conv_norm(outputs, outputs, 1, activation=None)
        self.f = Sequential(parts)
        self.activation = ReLU()

    def forward(self, x: Any) -> Any:
        """The sum of the two paths."""
        shortcut = self.proj(x) if self.projects else x
        return self.activation(shortcut + self.f(x))


class RegNet(Module):
    """A 3×3 convolution, four stages of blocks, global average pooling and a fully connected layer."""

    def __init__(
        self, depth: int, w_0: int, w_a: float, w_m: float, group_width: int, se_ratio: float, num_classes: int, stem_width: int
    ) -> None:
        """Build the network: `depth` blocks, whose widths start at w_0, grow by w_a and are powers of w_m times w_0."""
        super().__init__()
        check_whole("regnet", stem_width=stem_width)
        self.stem = conv_norm(3, stem_width, stride=2)
        inputs = stem_width
        stages = {}
        for number, (width, blocks) in enumerate(groupby(_widths(depth, w_0, w_a, w_m)), 1):
            in_groups = min(group_width, width)
            outputs = divisible(width, in_groups)
            stage = {}
            for index, _ in enumerate(blocks):
                name = f"block{number}-{index}"
                stage[name] = ResBottleneckBlock(inputs, outputs, 1 if index else 2, in_groups, se_ratio)
                inputs = outputs
            stages[f"block{number}"] = Sequential(stage)
        self.trunk_output = Sequential(stages)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.flatten = Flatten()
        self.fc = Linear(inputs, num_classes)

    def forward(self, x: Any) -> Any:
        """Stem, stages, head."""
        return self.fc(self.flatten(self.avgpool(self.trunk_output(self.stem(x)))))


def _widths(depth: int, w_0: int, w_a: float, w_m: float) -> list[int]:
    """The width of each block: equations 2 to 4 of the paper, then the nearest multiple of 8."""
    powers = [round(log((w_0 + w_a * block) / w_0) / log(w_m)) for block in range(depth)]
    return [round(w_0 * w_m**power / 8) * 8 for power in powers]


def regnet_y_400mf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 400 million multiply-accumulates."""
    return RegNet(16, 48, 27.89, 2.09, 8, 0.25, num_classes, stem_width)


def regnet_y_800mf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 800 million multiply-accumulates."""
    return RegNet(14, 56, 38.84, 2.4, 16, 0.25, num_classes, stem_width)


def regnet_y_1_6gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 1.6 billion multiply-accumulates."""
    return RegNet(27, 48, 20.71, 2.65, 24, 0.25, num_classes, stem_width)


def regnet_y_3_2gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 3.2 billion multiply-accumulates."""
    return RegNet(21, 80, 42.63, 2.66, 24, 0.25, num_classes, stem_width)


def regnet_y_8gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 8 billion multiply-accumulates."""
    return RegNet(17, 192, 76.82, 2.19, 56, 0.25, num_classes, stem_width)


def regnet_y_16gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 16 billion multiply-accumulates."""
    return RegNet(18, 200, 106.23, 2.48, 112, 0.25, num_classes, stem_width)


def regnet_y_32gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 32 billion multiply-accumulates."""
    return RegNet(20, 232, 115.89, 2.53, 232, 0.25, num_classes, stem_width)


def regnet_y_128gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetY of about 128 billion multiply-accumulates."""
    return RegNet(27, 456, 160.83, 2.52, 264, 0.25, num_classes, stem_width)


def regnet_x_400mf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 400 million multiply-accumulates."""
    return RegNet(22, 24, 24.48, 2.54, 16, 0, num_classes, stem_width)


def regnet_x_800mf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 800 million multiply-accumulates."""
    return RegNet(16, 56, 35.73, 2.28, 16, 0, num_classes, stem_width)


def regnet_x_1_6gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 1.6 billion multiply-accumulates."""
    return RegNet(18, 80, 34.01, 2.25, 24, 0, num_classes, stem_width)


def regnet_x_3_2gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 3.2 billion multiply-accumulates."""
    return RegNet(25, 88, 26.31, 2.25, 48, 0, num_classes, stem_width)


def regnet_x_8gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 8 billion multiply-accumulates."""
    return RegNet(23, 80, 49.56, 2.88, 120, 0, num_classes, stem_width)


def regnet_x_16gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 16 billion multiply-accumulates."""
    return RegNet(22, 216, 55.59, 2.1, 128, 0, num_classes, stem_width)


def regnet_x_32gf(num_classes: int = 1000, stem_width: int = 32) -> RegNet:
    """RegNetX of about 32 billion multiply-accumulates."""
    return RegNet(23, 320, 69.86, 2.0, 168, 0, num_classes, stem_width)
