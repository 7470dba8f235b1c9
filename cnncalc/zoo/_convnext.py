"""ConvNeXt.

Source: A ConvNet for the 2020s, CVPR 2022, arXiv:2201.03545, table 9.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.held import Parameter
from cnncalc.layers.activation import GELU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.functional_normalization import layer_norm
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.parts import Permute, StochasticDepth


class LayerNorm2d(LayerNorm):
    """A norm over the channels of each position."""

    def forward(self, x: Any) -> Any:
        """Channels last, the norm, channels second again."""
        x = layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class CNBlock(Module):
    """A depthwise 7×7 convolution, a norm, and two fully connected layers at each position, beside a shortcut."""

    def __init__(self, dim: int, drop: float) -> None:
        """Build a block of `dim` channels, dropped so often in training."""
        super().__init__()
        self.block = Sequential(
            Conv2d(dim, dim, 7, padding=3, groups=dim),
            Permute((0, 2, 3, 1)),
            LayerNorm(dim, eps=1e-6),
            Linear(dim, 4 * dim),
            GELU(),
            Linear(4 * dim, dim),
            Permute((0, 3, 1, 2)),
        )
        self.layer_scale = Parameter(shape=(dim, 1, 1))
        self.stochastic_depth = StochasticDepth(drop)

    def forward(self, x: Any) -> Any:
        """The sum of the two paths, one of them scaled channel by channel."""
        return self.stochastic_depth(self.layer_scale * self.block(x)) + x


class ConvNeXt(Module):
    """A 4×4 convolution with stride 4, four stages with 2×2 convolutions between them, and a head."""

    def __init__(self, widths: tuple[int, ...], depths: tuple[int, ...], num_classes: int, stochastic_depth_prob: float) -> None:
        """Build the network from the width and the number of blocks of each stage."""
        super().__init__()
        layers: list[Module] = [Sequential(Conv2d(3, widths[0], 4, stride=4), LayerNorm2d(widths[0], eps=1e-6))]
        made, channels = 0, widths[0]
        for width, depth in zip(widths, depths, strict=True):
            if width != channels:
                layers.append(Sequential(LayerNorm2d(channels, eps=1e-6), Conv2d(channels, width, 2, stride=2)))
            drops = [stochastic_depth_prob * block / (sum(depths) - 1) for block in range(made, made + depth)]
            layers.append(Sequential(*[CNBlock(width, drop) for drop in drops]))
            made, channels = made + depth, width
        self.features = Sequential(*layers)
        self.avgpool = AdaptiveAvgPool2d(1)
        self.classifier = Sequential(LayerNorm2d(channels, eps=1e-6), Flatten(1), Linear(channels, num_classes))

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.classifier(self.avgpool(self.features(x)))


def convnext_tiny(num_classes: int = 1000, stochastic_depth_prob: float = 0.1) -> ConvNeXt:
    """ConvNeXt-T."""
    return ConvNeXt((96, 192, 384, 768), (3, 3, 9, 3), num_classes, stochastic_depth_prob)


def convnext_small(num_classes: int = 1000, stochastic_depth_prob: float = 0.4) -> ConvNeXt:
    """ConvNeXt-S."""
    return ConvNeXt((96, 192, 384, 768), (3, 3, 27, 3), num_classes, stochastic_depth_prob)


def convnext_base(num_classes: int = 1000, stochastic_depth_prob: float = 0.5) -> ConvNeXt:
    """ConvNeXt-B."""
    return ConvNeXt((128, 256, 512, 1024), (3, 3, 27, 3), num_classes, stochastic_depth_prob)


def convnext_large(num_classes: int = 1000, stochastic_depth_prob: float = 0.5) -> ConvNeXt:
    """ConvNeXt-L."""
    return ConvNeXt((192, 384, 768, 1536), (3, 3, 27, 3), num_classes, stochastic_depth_prob)
