"""EfficientNet, scaled in depth, width and size together, and EfficientNetV2 with fused blocks.

Source: EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019, arXiv:1905.11946, table 1;
EfficientNetV2: smaller models and faster training, ICML 2021, arXiv:2104.00298, table 4.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.containers import Sequential
from cnncalc.layers.activation import SiLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.parts import SqueezeExcitation, StochasticDepth, conv_norm, divisible

if TYPE_CHECKING:
    from collections.abc import Callable


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
        stochastic_depth_prob: float,
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
                blocks.append(MBConv(channels, outputs, stage, stride, stochastic_depth_prob * made / total, eps))
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


def _named(
    name: str, text: str, dropout: float, stages: tuple[Stage, ...] = STAGES_V1, **scaled: Any
) -> Callable[..., EfficientNet]:
    """A network of the papers by its name: the first are one network, scaled; the others have tables of their own."""

    def made(num_classes: int = 1000, dropout: float = dropout, stochastic_depth_prob: float = 0.2) -> EfficientNet:
        return EfficientNet(stages, num_classes, dropout, stochastic_depth_prob, **scaled)

    made.__name__ = made.__qualname__ = name
    made.__doc__ = text
    return made


def _scaled(
    number: int, size: str, dropout: float, width_mult: float, depth_mult: float, eps: float = 1e-5
) -> Callable[..., EfficientNet]:
    """EfficientNet-B0 scaled in width and depth, for larger images."""
    text = f"EfficientNet-B{number} for images of 3×{size}."
    return _named(f"efficientnet_b{number}", text, dropout, width_mult=width_mult, depth_mult=depth_mult, eps=eps)


def _second(kind: str, size: int, dropout: float, stages: tuple[Stage, ...], stem: int) -> Callable[..., EfficientNet]:
    """EfficientNetV2."""
    text = f"EfficientNetV2-{kind.upper()} for images of 3×{size}×{size}."
    return _named(f"efficientnet_v2_{kind}", text, dropout, stages, stem=stem, last_channel=1280, eps=0.001)


efficientnet_b0 = _scaled(0, "224×224", 0.2, 1.0, 1.0)
efficientnet_b1 = _scaled(1, "240×240", 0.2, 1.0, 1.1)
efficientnet_b2 = _scaled(2, "288×288 (the paper's: 260)", 0.3, 1.1, 1.2)
efficientnet_b3 = _scaled(3, "300×300", 0.3, 1.2, 1.4)
efficientnet_b4 = _scaled(4, "380×380", 0.4, 1.4, 1.8)
efficientnet_b5 = _scaled(5, "456×456", 0.4, 1.6, 2.2, eps=0.001)
efficientnet_b6 = _scaled(6, "528×528", 0.5, 1.8, 2.6, eps=0.001)
efficientnet_b7 = _scaled(7, "600×600", 0.5, 2.0, 3.1, eps=0.001)
efficientnet_v2_s = _second("s", 384, 0.2, STAGES_V2_S, 24)
efficientnet_v2_m = _second("m", 480, 0.3, STAGES_V2_M, 24)
efficientnet_v2_l = _second("l", 480, 0.4, STAGES_V2_L, 32)
