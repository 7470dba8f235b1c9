"""FCN, DeepLab v3 and LR-ASPP on dilated backbones, as torchvision has them: a dict with a map of classes as "out".

Source: Fully convolutional networks for semantic segmentation, CVPR 2015, arXiv:1411.4038; Rethinking atrous convolution for
semantic image segmentation, 2017, arXiv:1706.05587, figure 5; LR-ASPP: Searching for MobileNetV3, ICCV 2019,
arXiv:1905.02244, section 6.4.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import ModuleDict, ModuleList, Sequential
from cnncalc.layers.activation import ReLU, Sigmoid
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_resampling import interpolate
from cnncalc.layers.merging import cat
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.module import Module
from cnncalc.zoo._mobilenetv3 import mobilenet_v3_large
from cnncalc.zoo._resnet import resnet50, resnet101
from cnncalc.zoo.checking import check_each_whole
from cnncalc.zoo.parts import conv_norm

#: The last two stages of a ResNet keep their size and dilate.
DILATED = (False, True, True)
RATES = (12, 24, 36)


class Backbone(ModuleDict):
    """The first parts of a classifier, in order; it gives the maps that were asked for, by name."""

    def __init__(self, parts: dict[str, Module], taken: dict[str, str]) -> None:
        """Keep the parts, and of which part the map is taken under which name."""
        super().__init__(parts)
        self.taken = taken

    def forward(self, x: Any) -> Any:
        """A dict of maps."""
        maps = {}
        for name, part in self.items():
            x = part(x)
            if name in self.taken:
                maps[self.taken[name]] = x
        return maps


class Segmentation(Module):
    """A backbone and a head whose map is brought to the size of the image; perhaps a second head on an earlier map."""

    def __init__(self, backbone: Backbone, classifier: Module, aux_classifier: Module | None) -> None:
        """Keep the parts."""
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        if aux_classifier is not None:
            self.aux_classifier = aux_classifier
        self.heads = {"out": "classifier"} | ({"aux": "aux_classifier"} if aux_classifier is not None else {})

    def forward(self, x: Any) -> Any:
        """A dict of maps of classes."""
        maps = self.backbone(x)
        size = x.shape[-2:]
        return {
            name: interpolate(self._children[head](maps[name]), size=size, mode="bilinear", align_corners=False)
            for name, head in self.heads.items()
        }


class FCNHead(Sequential):
    """A 3×3 convolution a quarter as wide, and a 1×1 one for the classes."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        """Build the head for a map of `in_channels`."""
        super().__init__(*conv_norm(in_channels, in_channels // 4), Dropout(0.1), Conv2d(in_channels // 4, num_classes, 1))


class ImagePooling(Sequential):
    """What the whole map says, at every position."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        """Build the branch."""
        super().__init__(AdaptiveAvgPool2d(1), *conv_norm(in_channels, out_channels, 1))

    def forward(self, x: Any) -> Any:
        """Pooled, and spread again."""
        return interpolate(super().forward(x), size=x.shape[-2:], mode="bilinear", align_corners=False)


class ASPP(Module):
    """Atrous spatial pyramid pooling: a 1×1 convolution, 3×3 ones of several dilations and image pooling, side by side."""

    def __init__(self, in_channels: int, atrous_rates: tuple[int, ...], out_channels: int, *, image_pooling: bool) -> None:
        """Build the pyramid; see `aspp` for the arguments."""
        super().__init__()
        branches: list[Module] = [conv_norm(in_channels, out_channels, 1)]
        branches += [conv_norm(in_channels, out_channels, 3, dilation=rate) for rate in atrous_rates]
        if image_pooling:
            branches.append(ImagePooling(in_channels, out_channels))
        self.convs = ModuleList(branches)
        self.project = Sequential(*conv_norm(len(branches) * out_channels, out_channels, 1), Dropout(0.5))

    def forward(self, x: Any) -> Any:
        """The branches side by side, then brought together."""
        return self.project(cat([branch(x) for branch in self.convs], 1))


class LRASPPHead(Module):
    """One 1×1 convolution weighted by what the whole map says, joined with an earlier map."""

    def __init__(self, low_channels: int, high_channels: int, num_classes: int, inter_channels: int = 128) -> None:
        """Build the head for the two maps."""
        super().__init__()
        self.cbr = conv_norm(high_channels, inter_channels, 1)
        self.scale = Sequential(AdaptiveAvgPool2d(1), Conv2d(high_channels, inter_channels, 1, bias=False), Sigmoid())
        self.low_classifier = Conv2d(low_channels, num_classes, 1)
        self.high_classifier = Conv2d(inter_channels, num_classes, 1)

    def forward(self, maps: Any) -> Any:
        """The sum of two maps of classes, at the size of the earlier one."""
        low, high = maps["low"], maps["high"]
        x = self.cbr(high) * self.scale(high)
        x = interpolate(x, size=low.shape[-2:], mode="bilinear", align_corners=False)
        return self.low_classifier(low) + self.high_classifier(x)


class LRASPP(Module):
    """A backbone with two maps and the head that joins them, brought to the size of the image."""

    def __init__(self, backbone: Backbone, classifier: LRASPPHead) -> None:
        """Keep the parts."""
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier

    def forward(self, x: Any) -> Any:
        """A dict with the map of classes."""
        out = self.classifier(self.backbone(x))
        return {"out": interpolate(out, size=x.shape[-2:], mode="bilinear", align_corners=False)}


def _resnet(network: Module, *, aux: bool) -> Backbone:
    """A ResNet without its head; the map of the last stage is "out", of the one before it "aux"."""
    names = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")
    taken = {"layer4": "out"} | ({"layer3": "aux"} if aux else {})
    return Backbone({name: network.get_submodule(name) for name in names}, taken)


def _mobilenet(taken: dict[str, str]) -> Backbone:
    """MobileNetV3-Large without its head, its last stage dilated."""
    features = mobilenet_v3_large(dilated=True).get_submodule("features")
    return Backbone(dict(features.named_children()), taken)


def _deeplab_head(in_channels: int, num_classes: int) -> Sequential:
    """The pyramid, a 3×3 convolution, and a 1×1 one for the classes."""
    pyramid = ASPP(in_channels, RATES, 256, image_pooling=True)
    return Sequential(pyramid, Conv2d(256, 256, 3, padding=1, bias=False), BatchNorm2d(256), ReLU(), Conv2d(256, num_classes, 1))


def aspp(
    in_channels: int = 2048,
    atrous_rates: tuple[int, ...] = RATES,
    out_channels: int = 256,
    *,
    image_pooling: bool = True,
) -> ASPP:
    """DeepLab's pyramid alone; without `image_pooling` its field is that of its dilated convolutions."""
    check_each_whole("aspp", atrous_rates=atrous_rates)
    return ASPP(in_channels, tuple(atrous_rates), out_channels, image_pooling=image_pooling)


def fcn_resnet50(num_classes: int = 21, *, aux_loss: bool = False) -> Segmentation:
    """FCN on ResNet-50, one position for 8×8 cells; with `aux_loss` a second head."""
    backbone = _resnet(resnet50(replace_stride_with_dilation=DILATED), aux=aux_loss)
    return Segmentation(backbone, FCNHead(2048, num_classes), FCNHead(1024, num_classes) if aux_loss else None)


def fcn_resnet101(num_classes: int = 21, *, aux_loss: bool = False) -> Segmentation:
    """FCN on ResNet-101, one position for 8×8 cells; with `aux_loss` a second head."""
    backbone = _resnet(resnet101(replace_stride_with_dilation=DILATED), aux=aux_loss)
    return Segmentation(backbone, FCNHead(2048, num_classes), FCNHead(1024, num_classes) if aux_loss else None)


def deeplabv3_resnet50(num_classes: int = 21, *, aux_loss: bool = False) -> Segmentation:
    """DeepLab v3 on ResNet-50; with `aux_loss` a second head, FCN's."""
    backbone = _resnet(resnet50(replace_stride_with_dilation=DILATED), aux=aux_loss)
    return Segmentation(backbone, _deeplab_head(2048, num_classes), FCNHead(1024, num_classes) if aux_loss else None)


def deeplabv3_resnet101(num_classes: int = 21, *, aux_loss: bool = False) -> Segmentation:
    """DeepLab v3 on ResNet-101; with `aux_loss` a second head, FCN's."""
    backbone = _resnet(resnet101(replace_stride_with_dilation=DILATED), aux=aux_loss)
    return Segmentation(backbone, _deeplab_head(2048, num_classes), FCNHead(1024, num_classes) if aux_loss else None)


def deeplabv3_mobilenet_v3_large(num_classes: int = 21, *, aux_loss: bool = False) -> Segmentation:
    """DeepLab v3 on MobileNetV3-Large; with `aux_loss` a second head, FCN's."""
    backbone = _mobilenet({"16": "out"} | ({"4": "aux"} if aux_loss else {}))
    return Segmentation(backbone, _deeplab_head(960, num_classes), FCNHead(40, num_classes) if aux_loss else None)


def lraspp_mobilenet_v3_large(num_classes: int = 21) -> LRASPP:
    """LR-ASPP on MobileNetV3-Large."""
    return LRASPP(_mobilenet({"4": "low", "16": "high"}), LRASPPHead(40, 960, num_classes))
