"""EfficientNet, scaled in depth, width and size together, and EfficientNetV2 with fused blocks.

Source: EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019, arXiv:1905.11946, table 1;
EfficientNetV2: smaller models and faster training, ICML 2021, arXiv:2104.00298, table 4.
"""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

from cnncalc.containers import Sequential
from cnncalc.layers.activation import SiLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.parts import SqueezeExcitation, StochasticDepth, conv_norm, divisible


class Stage(NamedTuple):
    """A row of the papers' tables; a fused block has one full convolution in place of a 1×1 and a depthwise one."""

    expand_ratio: int
    kernel: int
    stride: int
    channels: int
    layers: int
    fused: bool = False


STAGES_V1 = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)
STAGES_V2_S = (
    Stage(1, 3, 1, 24, 2, fused=True),
    Stage(4, 3, 2, 48, 4, fused=True),
    Stage(4, 3, 2, 64, 4, fused=True),
    Stage(4, 3, 2, 128, 6),
    Stage(6, 3, 1, 160, 9),
    Stage(6, 3, 2, 256, 15),
)
STAGES_V2_M = (
    Stage(1, 3, 1, 24, 3, fused=True),
    Stage(4, 3, 2, 48, 5, fused=True),
    Stage(4, 3, 2, 80, 5, fused=True),
    Stage(4, 3, 2, 160, 7),
    Stage(6, 3, 1, 176, 14),
    Stage(6, 3, 2, 304, 18),
    Stage(6, 3, 1, 512, 5),
)
STAGES_V2_L = (
    Stage(1, 3, 1, 32, 4, fused=True),
    Stage(4, 3, 2, 64, 7, fused=True),
    Stage(4, 3, 2, 96, 7, fused=True),
    Stage(4, 3, 2, 192, 10),
    Stage(6, 3, 1, 224, 19),
    Stage(6, 3, 2, 384, 25),
    Stage(6, 3, 1, 640, 7),
)


class MBConv(Module):
    """Wider by a 1×1 convolution, a depthwise one, squeeze-and-excitation, narrower by a linear 1×1; or its fused kin."""

    def __init__(self, inputs: int, outputs: int, stage: Stage, stride: int, drop: float, eps: float) -> None:
        """Build a block; a shortcut goes past it where shapes allow, and the block is dropped so often in training."""
        super().__init__()
        width = divisible(inputs * stage.expand_ratio)
        kernel = stage.kernel
        layers: list[Module] = []
        if stage.fused and width == inputs:
            layers.append(conv_norm(inputs, outputs, kernel, stride=stride, activation=SiLU, eps=eps))
        elif stage.fused:
            layers.append(conv_norm(inputs, width, kernel, stride=stride, activation=SiLU, eps=eps))
            layers.append(conv_norm(width, outputs, 1, activation=None, eps=eps))
        else:
            if width != inputs:
                layers.append(conv_norm(inputs, width, 1, activation=SiLU, eps=eps))
            layers.append(conv_norm(width, width, kernel, stride=stride, groups=width, activation=SiLU, eps=eps))
            layers.append(SqueezeExcitation(width, max(1, inputs // 4), SiLU))
            layers.append(conv_norm(width, outputs, 1, activation=None, eps=eps))
        self.block = Sequential(*layers)
        self.stochastic_depth = StochasticDepth(drop)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Any) -> Any:
        """The block, with its shortcut."""
        return self.stochastic_depth(self.block(x)) + x if self.shortcut else self.block(x)


class EfficientNet(Module):
    """A 3×3 convolution, the stages, a 1×1 convolution, global average pooling and a fully connected layer."""

    def __init__(
        self,
        stages: tuple[Stage, ...],
        num_classes: int,
        dropout: float,
        *,
        width_mult: float = 1.0,
        depth_mult: float = 1.0,
        stem: int = 32,
        last_channel: int | None = None,
        eps: float = 1e-5,
    ) -> None:
        """Build the network; `last_channel` is four times the width of the last stage where it is not given."""
        super().__init__()
        channels = divisible(stem * width_mult)
        layers: list[Module] = [conv_norm(3, channels, stride=2, activation=SiLU, eps=eps)]
        repeats = [ceil(stage.layers * depth_mult) for stage in stages]
        total, made = sum(repeats), 0
        for stage, count in zip(stages, repeats, strict=True):
            outputs = divisible(stage.channels * width_mult)
            blocks = []
            for index in range(count):
                stride = 1 if index else stage.stride
                blocks.append(MBConv(channels, outputs, stage, stride, 0.2 * made / total, eps))
                channels, made = outputs, made + 1
            layers.append(Sequential(*blocks))
        last = last_channel or 4 * channels
        layers.append(conv_norm(channels, last, 1, activation=SiLU, eps=eps))
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        self.classifier = Sequential(Dropout(dropout), Linear(last, num_classes))

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.flatten(self.avgpool(self.features(x))))


def efficientnet_b0(num_classes: int = 1000, dropout: float = 0.2) -> EfficientNet:
    """EfficientNet-B0 for images of 3×224×224."""
    return EfficientNet(STAGES_V1, num_classes, dropout)


def efficientnet_b1(num_classes: int = 1000, dropout: float = 0.2) -> EfficientNet:
    """EfficientNet-B1 for images of 3×240×240."""
    return EfficientNet(STAGES_V1, num_classes, dropout, depth_mult=1.1)


def efficientnet_b2(num_classes: int = 1000, dropout: float = 0.3) -> EfficientNet:
    """EfficientNet-B2 for images of 3×288×288 (the paper's: 260)."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=1.1, depth_mult=1.2)


def efficientnet_b3(num_classes: int = 1000, dropout: float = 0.3) -> EfficientNet:
    """EfficientNet-B3 for images of 3×300×300."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=1.2, depth_mult=1.4)


def efficientnet_b4(num_classes: int = 1000, dropout: float = 0.4) -> EfficientNet:
    """EfficientNet-B4 for images of 3×380×380."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=1.4, depth_mult=1.8)


def efficientnet_b5(num_classes: int = 1000, dropout: float = 0.4) -> EfficientNet:
    """EfficientNet-B5 for images of 3×456×456."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=1.6, depth_mult=2.2, eps=0.001)


def efficientnet_b6(num_classes: int = 1000, dropout: float = 0.5) -> EfficientNet:
    """EfficientNet-B6 for images of 3×528×528."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=1.8, depth_mult=2.6, eps=0.001)


def efficientnet_b7(num_classes: int = 1000, dropout: float = 0.5) -> EfficientNet:
    """EfficientNet-B7 for images of 3×600×600."""
    return EfficientNet(STAGES_V1, num_classes, dropout, width_mult=2.0, depth_mult=3.1, eps=0.001)


def efficientnet_v2_s(num_classes: int = 1000, dropout: float = 0.2) -> EfficientNet:
    """EfficientNetV2-S for images of 3×384×384."""
    return EfficientNet(STAGES_V2_S, num_classes, dropout, stem=24, last_channel=1280, eps=0.001)


def efficientnet_v2_m(num_classes: int = 1000, dropout: float = 0.3) -> EfficientNet:
    """EfficientNetV2-M for images of 3×480×480."""
    return EfficientNet(STAGES_V2_M, num_classes, dropout, stem=24, last_channel=1280, eps=0.001)


def efficientnet_v2_l(num_classes: int = 1000, dropout: float = 0.4) -> EfficientNet:
    """EfficientNetV2-L for images of 3×480×480."""
    return EfficientNet(STAGES_V2_L, num_classes, dropout, stem=32, last_channel=1280, eps=0.001)
