"""ResNet, the stride on the 3×3 convolution of a bottleneck, as torchvision has it.

Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition, arXiv:1512.03385, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module


class BasicBlock(Module):
    """Two 3×3 convolutions beside a shortcut."""

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int, downsample: Module | None) -> None:
        """Build a block of `planes` channels; `downsample` fits the shortcut where shapes change."""
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.relu = ReLU()
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Any) -> Any:
        """The sum of the two paths."""
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + shortcut)


class Bottleneck(Module):
    """A 1×1, a 3×3 and a 1×1 convolution beside a shortcut."""

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int, downsample: Module | None) -> None:
        """Build a block that is `planes` wide inside and four times that outside."""
        super().__init__()
        self.conv1 = Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = BatchNorm2d(planes)
        self.conv3 = Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn3 = BatchNorm2d(planes * self.expansion)
        self.relu = ReLU()
        self.downsample = downsample

    def forward(self, x: Any) -> Any:
        """The sum of the two paths."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + shortcut)


class ResNet(Module):
    """A stem, four stages of blocks, global average pooling and a fully connected layer."""

    def __init__(self, block: type[BasicBlock | Bottleneck], layers: tuple[int, ...], num_classes: int = 1000) -> None:
        """Build the network from the number of blocks in each stage."""
        super().__init__()
        self.conv1 = Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.relu = ReLU()
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        inplanes = 64
        stages = []
        for planes, count, stride in zip((64, 128, 256, 512), layers, (1, 2, 2, 2), strict=True):
            stages.append(_stage(block, inplanes, planes, count, stride))
            inplanes = planes * block.expansion
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.flatten = Flatten()
        self.fc = Linear(512 * block.expansion, num_classes)

    def forward(self, x: Any) -> Any:
        """Stem, stages, head."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.flatten(self.avgpool(x)))


def _stage(block: type[BasicBlock | Bottleneck], inplanes: int, planes: int, count: int, stride: int) -> Sequential:
    """Blocks of one width; the first takes the stride, and a projection where shapes change."""
    outplanes = planes * block.expansion
    downsample = None
    if stride != 1 or inplanes != outplanes:
        downsample = Sequential(Conv2d(inplanes, outplanes, 1, stride=stride, bias=False), BatchNorm2d(outplanes))
    first = block(inplanes, planes, stride, downsample)
    return Sequential(first, *(block(outplanes, planes, 1, None) for _ in range(count - 1)))


def resnet18(num_classes: int = 1000) -> ResNet:
    """ResNet with 18 weight layers."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes)


def resnet34(num_classes: int = 1000) -> ResNet:
    """ResNet with 34 weight layers."""
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes)


def resnet50(num_classes: int = 1000) -> ResNet:
    """ResNet with 50 weight layers."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes)


def resnet101(num_classes: int = 1000) -> ResNet:
    """ResNet with 101 weight layers."""
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes)


def resnet152(num_classes: int = 1000) -> ResNet:
    """ResNet with 152 weight layers."""
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes)
