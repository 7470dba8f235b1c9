"""ResNet, ResNeXt and Wide ResNet; the stride on the 3×3 convolution of a bottleneck, as torchvision has it.

Source: Deep residual learning for image recognition, CVPR 2016, arXiv:1512.03385, table 1; ResNeXt: Aggregated residual
transformations for deep neural networks, CVPR 2017, arXiv:1611.05431; Wide residual networks, BMVC 2016, arXiv:1605.07146.

The paper has the stride on the first 1×1 convolution of a bottleneck: `stride_in_1x1=True`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.containers import Sequential
from cnncalc.errors import ArgumentError
from cnncalc.layers.activation import ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import check_known, check_whole

if TYPE_CHECKING:
    from collections.abc import Callable

#: Stages that may make maps smaller.
STRIDED = 3
KEEPS = (False, False, False)


class Variant(NamedTuple):
    """How a bottleneck is built: groups and width of its 3×3 convolution, and where the stride stands."""

    groups: int = 1
    width_per_group: int = 64
    stride_in_1x1: bool = False


class BasicBlock(Module):
    """Two 3×3 convolutions beside a shortcut."""

    expansion = 1

    def __init__(
        self, inplanes: int, planes: int, stride: int, dilation: int, variant: Variant, downsample: Module | None
    ) -> None:
        """Build a block of `planes` channels; `downsample` fits the shortcut where shapes change."""
        super().__init__()
        if variant != Variant() or dilation != 1:
            raise ArgumentError(
                "a block of two 3×3 convolutions has no groups, no width of its own and no dilation",
                where="BasicBlock",
                got=f"{variant}, dilation={dilation}",
                remedy="take 50 layers or more",
            )
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

    def __init__(
        self, inplanes: int, planes: int, stride: int, dilation: int, variant: Variant, downsample: Module | None
    ) -> None:
        """Build a block that gives four times `planes` channels; inside it is as wide as the variant says."""
        super().__init__()
        width = planes * variant.width_per_group // 64 * variant.groups
        first, second = (stride, 1) if variant.stride_in_1x1 else (1, stride)
        self.conv1 = Conv2d(inplanes, width, 1, stride=first, bias=False)
        self.bn1 = BatchNorm2d(width)
        self.conv2 = Conv2d(
            width, width, 3, stride=second, padding=dilation, dilation=dilation, groups=variant.groups, bias=False
        )
        self.bn2 = BatchNorm2d(width)
        self.conv3 = Conv2d(width, planes * self.expansion, 1, bias=False)
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

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: tuple[int, ...],
        num_classes: int = 1000,
        *,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: tuple[bool, ...] = KEEPS,
        stride_in_1x1: bool = False,
    ) -> None:
        """Build the network from the number of blocks in each stage.

        `replace_stride_with_dilation` says of each of the last three stages whether it keeps the size and dilates instead.
        """
        super().__init__()
        check_whole("ResNet", groups=groups, width_per_group=width_per_group)
        check_known("ResNet", (False, True), stride_in_1x1=stride_in_1x1)
        dilates = replace_stride_with_dilation
        if not (isinstance(dilates, (tuple, list)) and len(dilates) == STRIDED and {*map(type, dilates)} == {bool}):
            raise ArgumentError(
                "replace_stride_with_dilation must be three truth values, one for each stage with a stride",
                where="ResNet",
                got=f"replace_stride_with_dilation={dilates!r:.60}",
            )
        variant = Variant(groups, width_per_group, stride_in_1x1)
        self.conv1 = Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.relu = ReLU()
        self.maxpool = MaxPool2d(3, stride=2, padding=1)
        inplanes, dilation = 64, 1
        stages = []
        for planes, count, stride, dilated in zip((64, 128, 256, 512), layers, (1, 2, 2, 2), (False, *dilates), strict=True):
            before = dilation
            if dilated:
                dilation, stride = dilation * stride, 1  # noqa: PLW2901 - the stage's own stride
            outplanes = planes * block.expansion
            first = block(inplanes, planes, stride, before, variant, _projection(inplanes, outplanes, stride))
            others = [block(outplanes, planes, 1, dilation, variant, None) for _ in range(count - 1)]
            stages.append(Sequential(first, *others))
            inplanes = outplanes
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.flatten = Flatten()
        self.fc = Linear(512 * block.expansion, num_classes)

    def forward(self, x: Any) -> Any:
        """Stem, stages, head."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.flatten(self.avgpool(x)))


def _projection(inplanes: int, outplanes: int, stride: int) -> Sequential | None:
    """What fits the shortcut of a stage's first block, where shapes change."""
    if stride == 1 and inplanes == outplanes:
        return None
    return Sequential(Conv2d(inplanes, outplanes, 1, stride=stride, bias=False), BatchNorm2d(outplanes))


def _named(
    name: str, text: str, block: type[BasicBlock | Bottleneck], layers: tuple[int, ...], groups: int = 1, width: int = 64
) -> Callable[..., ResNet]:
    """A network of the papers by its name: they differ in block, numbers of layers, groups and width."""

    def made(
        num_classes: int = 1000,
        *,
        groups: int = groups,
        width_per_group: int = width,
        replace_stride_with_dilation: tuple[bool, ...] = KEEPS,
        stride_in_1x1: bool = False,
    ) -> ResNet:
        return ResNet(
            block,
            layers,
            num_classes,
            groups=groups,
            width_per_group=width_per_group,
            replace_stride_with_dilation=replace_stride_with_dilation,
            stride_in_1x1=stride_in_1x1,
        )

    made.__name__ = made.__qualname__ = name
    made.__doc__ = text
    return made


_PLACED = "; `stride_in_1x1` places the strides as the paper does."
resnet18 = _named("resnet18", "ResNet with 18 weight layers.", BasicBlock, (2, 2, 2, 2))
resnet34 = _named("resnet34", "ResNet with 34 weight layers.", BasicBlock, (3, 4, 6, 3))
resnet50 = _named("resnet50", f"ResNet with 50 weight layers{_PLACED}", Bottleneck, (3, 4, 6, 3))
resnet101 = _named("resnet101", f"ResNet with 101 weight layers{_PLACED}", Bottleneck, (3, 4, 23, 3))
resnet152 = _named("resnet152", f"ResNet with 152 weight layers{_PLACED}", Bottleneck, (3, 8, 36, 3))
_NEXT = "ResNeXt-{}: {} groups, each {} wide in the first stage."
resnext50_32x4d = _named("resnext50_32x4d", _NEXT.format(50, 32, 4), Bottleneck, (3, 4, 6, 3), 32, 4)
resnext101_32x8d = _named("resnext101_32x8d", _NEXT.format(101, 32, 8), Bottleneck, (3, 4, 23, 3), 32, 8)
resnext101_64x4d = _named("resnext101_64x4d", _NEXT.format(101, 64, 4), Bottleneck, (3, 4, 23, 3), 64, 4)
_WIDE = "ResNet-{} with 3×3 convolutions twice as wide."
wide_resnet50_2 = _named("wide_resnet50_2", _WIDE.format(50), Bottleneck, (3, 4, 6, 3), width=128)
wide_resnet101_2 = _named("wide_resnet101_2", _WIDE.format(101), Bottleneck, (3, 4, 23, 3), width=128)
