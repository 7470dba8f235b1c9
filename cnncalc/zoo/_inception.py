"""Inception v3.

Source: Rethinking the Inception architecture for computer vision, CVPR 2016, arXiv:1512.00567, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_pooling import avg_pool2d, max_pool2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.layers.pooling import AvgPool2d, MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.parts import BasicConv2d, shifted


class InceptionA(Module):
    """Figure 5: a 5×5 convolution beside two 3×3 ones, a 1×1 and a pooling."""

    def __init__(self, in_channels: int, pool_features: int) -> None:
        """Build the module; it gives 224 + pool_features channels."""
        super().__init__()
        self.branch1x1 = BasicConv2d(in_channels, 64, 1)
        self.branch5x5_1 = BasicConv2d(in_channels, 48, 1)
        self.branch5x5_2 = BasicConv2d(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = BasicConv2d(in_channels, 64, 1)
        self.branch3x3dbl_2 = BasicConv2d(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = BasicConv2d(96, 96, 3, padding=1)
        self.branch_pool = BasicConv2d(in_channels, pool_features, 1)

    def forward(self, x: Any) -> Any:
        """The branches side by side."""
        branch5x5 = self.branch5x5_2(self.branch5x5_1(x))
        branch3x3 = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        pooled = self.branch_pool(avg_pool2d(x, 3, stride=1, padding=1))
        return cat([self.branch1x1(x), branch5x5, branch3x3, pooled], 1)


class InceptionB(Module):
    """From 35×35 to 17×17: strided convolutions beside a pooling."""

    def __init__(self, in_channels: int) -> None:
        """Build the module; it gives 480 channels more."""
        super().__init__()
        self.branch3x3 = BasicConv2d(in_channels, 384, 3, stride=2)
        self.branch3x3dbl_1 = BasicConv2d(in_channels, 64, 1)
        self.branch3x3dbl_2 = BasicConv2d(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = BasicConv2d(96, 96, 3, stride=2)

    def forward(self, x: Any) -> Any:
        """The branches side by side."""
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return cat([self.branch3x3(x), double, max_pool2d(x, 3, stride=2)], 1)


class InceptionC(Module):
    """Figure 6: 7×7 convolutions as 1×7 and 7×1 ones."""

    def __init__(self, in_channels: int, channels_7x7: int) -> None:
        """Build the module; it gives 768 channels."""
        super().__init__()
        width = channels_7x7
        self.branch1x1 = BasicConv2d(in_channels, 192, 1)
        self.branch7x7_1 = BasicConv2d(in_channels, width, 1)
        self.branch7x7_2 = BasicConv2d(width, width, (1, 7), padding=(0, 3))
        self.branch7x7_3 = BasicConv2d(width, 192, (7, 1), padding=(3, 0))
        self.branch7x7dbl_1 = BasicConv2d(in_channels, width, 1)
        self.branch7x7dbl_2 = BasicConv2d(width, width, (7, 1), padding=(3, 0))
        self.branch7x7dbl_3 = BasicConv2d(width, width, (1, 7), padding=(0, 3))
        self.branch7x7dbl_4 = BasicConv2d(width, width, (7, 1), padding=(3, 0))
        self.branch7x7dbl_5 = BasicConv2d(width, 192, (1, 7), padding=(0, 3))
        self.branch_pool = BasicConv2d(in_channels, 192, 1)

    def forward(self, x: Any) -> Any:
        """The branches side by side."""
        branch7x7 = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        double = self.branch7x7dbl_5(self.branch7x7dbl_4(double))
        pooled = self.branch_pool(avg_pool2d(x, 3, stride=1, padding=1))
        return cat([self.branch1x1(x), branch7x7, double, pooled], 1)


class InceptionD(Module):
    """From 17×17 to 8×8: strided convolutions beside a pooling."""

    def __init__(self, in_channels: int) -> None:
        """Build the module; it gives 512 channels more."""
        super().__init__()
        self.branch3x3_1 = BasicConv2d(in_channels, 192, 1)
        self.branch3x3_2 = BasicConv2d(192, 320, 3, stride=2)
        self.branch7x7x3_1 = BasicConv2d(in_channels, 192, 1)
        self.branch7x7x3_2 = BasicConv2d(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7x3_3 = BasicConv2d(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7x3_4 = BasicConv2d(192, 192, 3, stride=2)

    def forward(self, x: Any) -> Any:
        """The branches side by side."""
        branch3x3 = self.branch3x3_2(self.branch3x3_1(x))
        branch7x7 = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return cat([branch3x3, branch7x7, max_pool2d(x, 3, stride=2)], 1)


class InceptionE(Module):
    """Figure 7: 1×3 and 3×1 convolutions side by side."""

    def __init__(self, in_channels: int) -> None:
        """Build the module; it gives 2048 channels."""
        super().__init__()
        self.branch1x1 = BasicConv2d(in_channels, 320, 1)
        self.branch3x3_1 = BasicConv2d(in_channels, 384, 1)
        self.branch3x3_2a = BasicConv2d(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = BasicConv2d(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = BasicConv2d(in_channels, 448, 1)
        self.branch3x3dbl_2 = BasicConv2d(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = BasicConv2d(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = BasicConv2d(384, 384, (3, 1), padding=(1, 0))
        self.branch_pool = BasicConv2d(in_channels, 192, 1)

    def forward(self, x: Any) -> Any:
        """The branches side by side."""
        branch3x3 = self.branch3x3_1(x)
        branch3x3 = cat([self.branch3x3_2a(branch3x3), self.branch3x3_2b(branch3x3)], 1)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        double = cat([self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double)], 1)
        pooled = self.branch_pool(avg_pool2d(x, 3, stride=1, padding=1))
        return cat([self.branch1x1(x), branch3x3, double, pooled], 1)


class InceptionAux(Module):
    """A head that only training runs."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        """Build the head for a map of `in_channels`."""
        super().__init__()
        self.pool = AvgPool2d(5, stride=3)
        self.conv0 = BasicConv2d(in_channels, 128, 1)
        self.conv1 = BasicConv2d(128, 768, 5)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.flatten = Flatten()
        self.fc = Linear(768, num_classes)

    def forward(self, x: Any) -> Any:
        """Two convolutions, then the classifier."""
        return self.fc(self.flatten(self.avgpool(self.conv1(self.conv0(self.pool(x))))))


class Inception3(Module):
    """A stem, eleven Inception modules of five kinds, global average pooling and a fully connected layer."""

    def __init__(self, num_classes: int, dropout: float, *, aux_logits: bool, transform_input: bool) -> None:
        """Build the network; with `aux_logits` it owns one more head, which does not run in eval mode."""
        super().__init__()
        self.transform_input = transform_input
        self.Conv2d_1a_3x3 = BasicConv2d(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = BasicConv2d(32, 32, 3)
        self.Conv2d_2b_3x3 = BasicConv2d(32, 64, 3, padding=1)
        self.maxpool1 = MaxPool2d(3, stride=2)
        self.Conv2d_3b_1x1 = BasicConv2d(64, 80, 1)
        self.Conv2d_4a_3x3 = BasicConv2d(80, 192, 3)
        self.maxpool2 = MaxPool2d(3, stride=2)
        self.Mixed_5b = InceptionA(192, pool_features=32)
        self.Mixed_5c = InceptionA(256, pool_features=64)
        self.Mixed_5d = InceptionA(288, pool_features=64)
        self.Mixed_6a = InceptionB(288)
        self.Mixed_6b = InceptionC(768, channels_7x7=128)
        self.Mixed_6c = InceptionC(768, channels_7x7=160)
        self.Mixed_6d = InceptionC(768, channels_7x7=160)
        self.Mixed_6e = InceptionC(768, channels_7x7=192)
        if aux_logits:
            self.AuxLogits = InceptionAux(768, num_classes)
        self.Mixed_7a = InceptionD(768)
        self.Mixed_7b = InceptionE(1280)
        self.Mixed_7c = InceptionE(2048)
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.dropout = Dropout(dropout)
        self.flatten = Flatten()
        self.fc = Linear(2048, num_classes)

    def forward(self, x: Any) -> Any:
        """Stem, modules, head."""
        x = shifted(x) if self.transform_input else x
        x = self.maxpool1(self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))))
        x = self.maxpool2(self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x)))
        x = self.Mixed_6a(self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x))))
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(x))))
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return self.fc(self.flatten(self.dropout(self.avgpool(x))))


def inception_v3(
    num_classes: int = 1000, dropout: float = 0.5, *, aux_logits: bool = True, transform_input: bool = False
) -> Inception3:
    """Inception v3 for images of 3×299×299; its auxiliary head is owned, and does not run in eval mode."""
    return Inception3(num_classes, dropout, aux_logits=aux_logits, transform_input=transform_input)
