"""MobileNet v3: inverted residuals with squeeze-and-excitation and hard activations, found by search.

Source: Searching for MobileNetV3, ICCV 2019, arXiv:1905.02244, tables 1 and 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.containers import Sequential
from cnncalc.layers.activation import Hardsigmoid, Hardswish, ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import WIDEST, check_positive
from cnncalc.zoo.parts import SqueezeExcitation, conv_norm, divisible


class Block(NamedTuple):
    """A row of the paper's tables; `tail` marks those that a reduced tail halves and a dilated one dilates."""

    kernel: int
    expanded: int
    channels: int
    activation: type[Module]
    stride: int
    squeeze: bool = False
    tail: bool = False


LARGE = (
    Block(3, 16, 16, ReLU, 1),
    Block(3, 64, 24, ReLU, 2),
    Block(3, 72, 24, ReLU, 1),
    Block(5, 72, 40, ReLU, 2, squeeze=True),
    Block(5, 120, 40, ReLU, 1, squeeze=True),
    Block(5, 120, 40, ReLU, 1, squeeze=True),
    Block(3, 240, 80, Hardswish, 2),
    Block(3, 200, 80, Hardswish, 1),
    Block(3, 184, 80, Hardswish, 1),
    Block(3, 184, 80, Hardswish, 1),
    Block(3, 480, 112, Hardswish, 1, squeeze=True),
    Block(3, 672, 112, Hardswish, 1, squeeze=True),
    Block(5, 672, 160, Hardswish, 2, squeeze=True, tail=True),
    Block(5, 960, 160, Hardswish, 1, squeeze=True, tail=True),
    Block(5, 960, 160, Hardswish, 1, squeeze=True, tail=True),
)
SMALL = (
    Block(3, 16, 16, ReLU, 2, squeeze=True),
    Block(3, 72, 24, ReLU, 2),
    Block(3, 88, 24, ReLU, 1),
    Block(5, 96, 40, Hardswish, 2, squeeze=True),
    Block(5, 240, 40, Hardswish, 1, squeeze=True),
    Block(5, 240, 40, Hardswish, 1, squeeze=True),
    Block(5, 120, 48, Hardswish, 1, squeeze=True),
    Block(5, 144, 48, Hardswish, 1, squeeze=True),
    Block(5, 288, 96, Hardswish, 2, squeeze=True, tail=True),
    Block(5, 576, 96, Hardswish, 1, squeeze=True, tail=True),
    Block(5, 576, 96, Hardswish, 1, squeeze=True, tail=True),
)
EPS = 0.001


class InvertedResidual(Module):
    """Wider by a 1×1 convolution, a depthwise one, perhaps squeeze-and-excitation, narrower by a linear 1×1."""

    def __init__(self, inputs: int, expanded: int, outputs: int, row: Block, dilation: int) -> None:
        """Build a block of a row of the table, its widths rounded."""
        super().__init__()
        layers: list[Module] = []
        if expanded != inputs:
            layers.append(conv_norm(inputs, expanded, 1, activation=row.activation, eps=EPS))
        stride = 1 if dilation > 1 else row.stride
        layers.append(
            conv_norm(
                expanded,
                expanded,
                row.kernel,
                stride=stride,
                dilation=dilation,
                groups=expanded,
                activation=row.activation,
                eps=EPS,
            )
        )
        if row.squeeze:
            layers.append(SqueezeExcitation(expanded, divisible(expanded // 4), scale_activation=Hardsigmoid))
        layers.append(conv_norm(expanded, outputs, 1, activation=None, eps=EPS))
        self.block = Sequential(*layers)
        self.shortcut = row.stride == 1 and inputs == outputs

    def forward(self, x: Any) -> Any:
        """The block, with its shortcut."""
        return self.block(x) + x if self.shortcut else self.block(x)


class MobileNetV3(Module):
    """A 3×3 convolution, the rows of the table, a 1×1 convolution, global average pooling and two fully connected layers."""

    def __init__(
        self,
        rows: tuple[Block, ...],
        last_channel: int,
        num_classes: int,
        width_mult: float,
        dropout: float,
        *,
        reduced_tail: bool,
        dilated: bool,
    ) -> None:
        """Build the network; every width is multiplied by `width_mult` and rounded to a multiple of 8."""
        super().__init__()
        check_positive("mobilenet_v3", most=WIDEST, width_mult=width_mult)
        channels = divisible(16 * width_mult)
        layers: list[Module] = [conv_norm(3, channels, stride=2, activation=Hardswish, eps=EPS)]
        for row in rows:
            # A reduced tail halves what its rows give and take, not what the first of them is widened to.
            halved = 2 if reduced_tail and row.tail else 1
            expanded = row.expanded // (halved if row.stride == 1 else 1)
            wide, outputs = divisible(expanded * width_mult), divisible(row.channels // halved * width_mult)
            layers.append(InvertedResidual(channels, wide, outputs, row, 2 if dilated and row.tail else 1))
            channels = outputs
        layers.append(conv_norm(channels, 6 * channels, 1, activation=Hardswish, eps=EPS))
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        hidden = divisible(last_channel // (2 if reduced_tail else 1) * width_mult)
        self.classifier = Sequential(Linear(6 * channels, hidden), Hardswish(), Dropout(dropout), Linear(hidden, num_classes))

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.flatten(self.avgpool(self.features(x))))


def mobilenet_v3_large(
    num_classes: int = 1000,
    width_mult: float = 1.0,
    dropout: float = 0.2,
    *,
    reduced_tail: bool = False,
    dilated: bool = False,
) -> MobileNetV3:
    """MobileNetV3-Large; `reduced_tail` halves the last stage, `dilated` keeps its size and dilates instead."""
    return MobileNetV3(LARGE, 1280, num_classes, width_mult, dropout, reduced_tail=reduced_tail, dilated=dilated)


def mobilenet_v3_small(
    num_classes: int = 1000,
    width_mult: float = 1.0,
    dropout: float = 0.2,
    *,
    reduced_tail: bool = False,
    dilated: bool = False,
) -> MobileNetV3:
    """MobileNetV3-Small; `reduced_tail` halves the last stage, `dilated` keeps its size and dilates instead."""
    return MobileNetV3(SMALL, 1024, num_classes, width_mult, dropout, reduced_tail=reduced_tail, dilated=dilated)
