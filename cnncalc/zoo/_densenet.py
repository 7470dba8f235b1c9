"""DenseNet: every layer of a block reads the concatenation of all maps before it.

Source: Densely connected convolutional networks, CVPR 2017, arXiv:1608.06993, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import ModuleDict, Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_activation import relu
from cnncalc.layers.functional_pooling import adaptive_avg_pool2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import AvgPool2d, MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import check_each_whole, check_positive, check_whole


class DenseLayer(Module):
    """BN-ReLU-Conv 1×1, then BN-ReLU-Conv 3×3, on all maps so far; without a bottleneck the 3×3 alone."""

    def __init__(self, num_input_features: int, growth_rate: int, bn_size: int | None, drop_rate: float) -> None:
        """Build a layer that gives `growth_rate` channels; the bottleneck is `bn_size` times as wide."""
        super().__init__()
        self.norm1 = BatchNorm2d(num_input_features)
        self.relu1 = ReLU()
        self.bottleneck = bn_size is not None
        if bn_size is None:
            self.conv1 = Conv2d(num_input_features, growth_rate, 3, padding=1, bias=False)
        else:
            self.conv1 = Conv2d(num_input_features, bn_size * growth_rate, 1, bias=False)
            self.norm2 = BatchNorm2d(bn_size * growth_rate)
            self.relu2 = ReLU()
            self.conv2 = Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.dropout = Dropout(drop_rate) if drop_rate != 0 else None

    def forward(self, maps: Any) -> Any:
        """The new channels alone."""
        new = self.conv1(self.relu1(self.norm1(cat(maps, 1))))
        if self.bottleneck:
            new = self.conv2(self.relu2(self.norm2(new)))
        return new if self.dropout is None else self.dropout(new)


class DenseBlock(ModuleDict):
    """Layers that each read everything before them: l layers make num_input_features + l·growth_rate channels."""

    def forward(self, x: Any) -> Any:
        """The input and what every layer gave, side by side."""
        maps = [x]
        for layer in self.values():
            maps.append(layer(maps))
        return cat(maps, 1)


class DenseNet(Module):
    """A stem, dense blocks with transitions between them, global average pooling and a fully connected layer."""

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: tuple[int, ...] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int | None = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        *,
        compression: float = 0.5,
        small_images: bool = False,
    ) -> None:
        """Build the network from the number of layers in each block; see `densenet` for the arguments."""
        super().__init__()
        stem: dict[str, Module] = {
            "conv0": Conv2d(3, num_init_features, 7, stride=2, padding=3, bias=False),
            "norm0": BatchNorm2d(num_init_features),
            "relu0": ReLU(),
            "pool0": MaxPool2d(3, stride=2, padding=1),
        }
        if small_images:
            stem = {"conv0": Conv2d(3, num_init_features, 3, padding=1, bias=False)}
        self.features = Sequential(stem)
        channels = num_init_features
        for number, layers in enumerate(block_config, 1):
            inputs = [channels + layer * growth_rate for layer in range(layers)]
            block = {f"denselayer{i}": DenseLayer(n, growth_rate, bn_size, drop_rate) for i, n in enumerate(inputs, 1)}
            self.features.add_module(f"denseblock{number}", DenseBlock(block))
            channels += layers * growth_rate
            if number < len(block_config):
                kept = int(channels * compression)
                self.features.add_module(f"transition{number}", _transition(channels, kept))
                channels = kept
        self.features.add_module(f"norm{len(block_config) + 1}", BatchNorm2d(channels))
        self.flatten = Flatten()
        self.classifier = Linear(channels, num_classes)

    def forward(self, x: Any) -> Any:
        """Blocks, a last activation, head."""
        return self.classifier(self.flatten(adaptive_avg_pool2d(relu(self.features(x)), (1, 1))))


def _transition(channels: int, kept: int) -> Sequential:
    """From one block to the next: fewer channels, half the height and width."""
    return Sequential(
        {
            "norm": BatchNorm2d(channels),
            "relu": ReLU(),
            "conv": Conv2d(channels, kept, 1, bias=False),
            "pool": AvgPool2d(2, stride=2),
        }
    )


def densenet(
    growth_rate: int = 32,
    block_config: tuple[int, ...] = (6, 12, 24, 16),
    num_init_features: int = 64,
    bn_size: int | None = 4,
    drop_rate: float = 0,
    num_classes: int = 1000,
    *,
    compression: float = 0.5,
    small_images: bool = False,
) -> DenseNet:
    """Any DenseNet: channels that a layer adds, layers of each block, channels of the stem, and width of the bottleneck.

    `bn_size` is the width in units of `growth_rate`, or None for layers without bottleneck; a transition keeps the part
    `compression` of the channels, rounded down. `small_images` takes the stem of the paper's networks for images of 32×32,
    one 3×3 convolution: `densenet(12, (12, 12, 12), 16, None, num_classes=10, compression=1, small_images=True)` is its
    first, 40 layers deep.
    """
    check_whole("densenet", growth_rate=growth_rate, num_init_features=num_init_features)
    check_each_whole("densenet", block_config=block_config)
    if bn_size is not None:
        check_whole("densenet", bn_size=bn_size)
    check_positive("densenet", most=1, compression=compression)
    return DenseNet(
        growth_rate,
        tuple(block_config),
        num_init_features,
        bn_size,
        drop_rate,
        num_classes,
        compression=compression,
        small_images=small_images,
    )


def densenet121(num_classes: int = 1000, drop_rate: float = 0, bn_size: int = 4) -> DenseNet:
    """DenseNet-121 of table 1, growth rate 32."""
    return densenet(32, (6, 12, 24, 16), 64, bn_size, drop_rate, num_classes)


def densenet161(num_classes: int = 1000, drop_rate: float = 0, bn_size: int = 4) -> DenseNet:
    """DenseNet-161, growth rate 48: in the paper's first version, and torchvision's."""
    return densenet(48, (6, 12, 36, 24), 96, bn_size, drop_rate, num_classes)


def densenet169(num_classes: int = 1000, drop_rate: float = 0, bn_size: int = 4) -> DenseNet:
    """DenseNet-169 of table 1, growth rate 32."""
    return densenet(32, (6, 12, 32, 32), 64, bn_size, drop_rate, num_classes)


def densenet201(num_classes: int = 1000, drop_rate: float = 0, bn_size: int = 4) -> DenseNet:
    """DenseNet-201 of table 1, growth rate 32."""
    return densenet(32, (6, 12, 48, 32), 64, bn_size, drop_rate, num_classes)


def densenet264(num_classes: int = 1000, drop_rate: float = 0, bn_size: int = 4) -> DenseNet:
    """DenseNet-264 of table 1, growth rate 32."""
    return densenet(32, (6, 12, 64, 48), 64, bn_size, drop_rate, num_classes)
