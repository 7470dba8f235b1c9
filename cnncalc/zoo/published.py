"""What others published of the named architectures: citations, to be shown beside what is calculated, never in its place."""

from __future__ import annotations

from typing import NamedTuple


class Published(NamedTuple):
    """The side of the square images it was published for, parameters, and multiply-accumulates in 10⁹, as they were printed.

    `by` says who published; None stands for what they did not.
    """

    side: int
    params: int | str | None = None
    macs: float | str | None = None
    by: str = "torchvision"


#: `num_params` and `_ops` of the first weights in torchvision's metadata (of vit_h_14 those for images of 224×224).
TORCHVISION: dict[str, Published] = {
    "alexnet": Published(224, 61100840, 0.714),
    "convnext_tiny": Published(224, 28589128, 4.456),
    "convnext_small": Published(224, 50223688, 8.684),
    "convnext_base": Published(224, 88591464, 15.355),
    "convnext_large": Published(224, 197767336, 34.361),
    "densenet121": Published(224, 7978856, 2.834),
    "densenet161": Published(224, 28681000, 7.728),
    "densenet169": Published(224, 14149480, 3.36),
    "densenet201": Published(224, 20013928, 4.291),
    "efficientnet_b0": Published(224, 5288548, 0.386),
    "efficientnet_b1": Published(240, 7794184, 0.687),
    "efficientnet_b2": Published(288, 9109994, 1.088),
    "efficientnet_b3": Published(300, 12233232, 1.827),
    "efficientnet_b4": Published(380, 19341616, 4.394),
    "efficientnet_b5": Published(456, 30389784, 10.266),
    "efficientnet_b6": Published(528, 43040704, 19.068),
    "efficientnet_b7": Published(600, 66347960, 37.746),
    "efficientnet_v2_s": Published(384, 21458488, 8.366),
    "efficientnet_v2_m": Published(480, 54139356, 24.582),
    "efficientnet_v2_l": Published(480, 118515272, 56.08),
    "googlenet": Published(224, 6624904, 1.498),
    "inception_v3": Published(299, 27161264, 5.713),
    "maxvit_t": Published(224, 30919624, 5.558),
    "mnasnet0_5": Published(224, 2218512, 0.104),
    "mnasnet0_75": Published(224, 3170208, 0.215),
    "mnasnet1_0": Published(224, 4383312, 0.314),
    "mnasnet1_3": Published(224, 6282256, 0.526),
    "mobilenet_v2": Published(224, 3504872, 0.301),
    "mobilenet_v3_large": Published(224, 5483032, 0.217),
    "mobilenet_v3_small": Published(224, 2542856, 0.057),
    "regnet_y_400mf": Published(224, 4344144, 0.402),
    "regnet_y_800mf": Published(224, 6432512, 0.834),
    "regnet_y_1_6gf": Published(224, 11202430, 1.612),
    "regnet_y_3_2gf": Published(224, 19436338, 3.176),
    "regnet_y_8gf": Published(224, 39381472, 8.473),
    "regnet_y_16gf": Published(224, 83590140, 15.912),
    "regnet_y_32gf": Published(224, 145046770, 32.28),
    "regnet_y_128gf": Published(384, 644812894, 374.57),
    "regnet_x_400mf": Published(224, 5495976, 0.414),
    "regnet_x_800mf": Published(224, 7259656, 0.8),
    "regnet_x_1_6gf": Published(224, 9190136, 1.603),
    "regnet_x_3_2gf": Published(224, 15296552, 3.177),
    "regnet_x_8gf": Published(224, 39572648, 7.995),
    "regnet_x_16gf": Published(224, 54278536, 15.941),
    "regnet_x_32gf": Published(224, 107811560, 31.736),
    "resnet18": Published(224, 11689512, 1.814),
    "resnet34": Published(224, 21797672, 3.664),
    "resnet50": Published(224, 25557032, 4.089),
    "resnet101": Published(224, 44549160, 7.801),
    "resnet152": Published(224, 60192808, 11.514),
    "resnext50_32x4d": Published(224, 25028904, 4.23),
    "resnext101_32x8d": Published(224, 88791336, 16.414),
    "resnext101_64x4d": Published(224, 83455272, 15.46),
    "wide_resnet50_2": Published(224, 68883240, 11.398),
    "wide_resnet101_2": Published(224, 126886696, 22.753),
    "fcn_resnet50": Published(520, 35322218, 152.717),
    "fcn_resnet101": Published(520, 54314346, 232.738),
    "deeplabv3_resnet50": Published(520, 42004074, 178.722),
    "deeplabv3_resnet101": Published(520, 60996202, 258.743),
    "deeplabv3_mobilenet_v3_large": Published(520, 11029328, 10.452),
    "lraspp_mobilenet_v3_large": Published(520, 3221538, 2.086),
    "shufflenet_v2_x0_5": Published(224, 1366792, 0.04),
    "shufflenet_v2_x1_0": Published(224, 2278604, 0.145),
    "shufflenet_v2_x1_5": Published(224, 3503624, 0.296),
    "shufflenet_v2_x2_0": Published(224, 7393996, 0.583),
    "squeezenet1_0": Published(224, 1248424, 0.819),
    "squeezenet1_1": Published(224, 1235496, 0.349),
    "swin_t": Published(224, 28288354, 4.491),
    "swin_s": Published(224, 49606258, 8.741),
    "swin_b": Published(224, 87768224, 15.431),
    "swin_v2_t": Published(256, 28351570, 5.94),
    "swin_v2_s": Published(256, 49737442, 11.546),
    "swin_v2_b": Published(256, 87930848, 20.325),
    "vgg11": Published(224, 132863336, 7.609),
    "vgg13": Published(224, 133047848, 11.308),
    "vgg16": Published(224, 138357544, 15.47),
    "vgg19": Published(224, 143667240, 19.632),
    "vgg11_bn": Published(224, 132868840, 7.609),
    "vgg13_bn": Published(224, 133053736, 11.308),
    "vgg16_bn": Published(224, 138365992, 15.47),
    "vgg19_bn": Published(224, 143678248, 19.632),
    "vit_b_16": Published(224, 86567656, 17.564),
    "vit_b_32": Published(224, 88224232, 4.409),
    "vit_l_16": Published(224, 304326632, 61.555),
    "vit_l_32": Published(224, 306535400, 15.378),
    "vit_h_14": Published(224, 632045800, 167.295),
}
#: Published in papers, or sizes alone.
PAPERS: dict[str, Published] = {
    "attention_unet": Published(512, by=""),
    "aspp": Published(65, by=""),
    "densenet": Published(224, by=""),
    "densenet264": Published(224, by=""),
    "lenet": Published(32, "60 thousand", None, "the paper, section II.B"),
    "fcn8s": Published(500, "134 million", None, "the paper, table 1, for FCN-VGG16"),
    "mobilenet_v1": Published(224, "4.2 million", "0.569", "the paper, table 6"),
    "unet": Published(572, by=""),
    "unet_plus_plus": Published(96, "9.04 million", None, "the paper, table 2"),
}
#: Channels of the input, where they are not 3.
CHANNELS = {"attention_unet": 1, "aspp": 2048, "lenet": 1, "unet": 1}
#: Families that work with channels last.
CHANNELS_LAST = frozenset({"swin"})
#: Why figures differ, by family.
NOTES: dict[str, str] = {
    "alexnet": "The single column of 2014. The paper of 2012 has two, and prints 60 million parameters.",
    "densenet": (
        "The paper's name DenseNet-264 is one less than the number of layers in its column: 2·(6 + 12 + 64 + 48) + 5 = 265."
    ),
    "efficientnet": (
        "The papers' figures are rounded: 0.39 for B0. Squeeze-and-excitation reads the whole map; the field here is that of "
        "the windows."
    ),
    "fcn": (
        "The paper prints the parameters of the network without skips, and for its last map, the row `score_fr`, a receptive "
        "field of 404 and a stride of 32."
    ),
    "googlenet": (
        "13,004,888 parameters are owned, 6,624,904 of them run: two auxiliary heads are for training alone, and torchvision "
        "publishes without them (`aux_logits=False`). Its third branches have 3×3 convolutions where the paper has 5×5."
    ),
    "inception": "The auxiliary head is owned and published, and does not run.",
    "lenet": "C3 reads every map of S2 here (2,416 parameters, 1,516 in the paper); pools have no parameters of their own.",
    "resnet": (
        "The paper's table 1 has 3.8 for ResNet-50, whose stride stands on the first 1×1 convolution: "
        "`resnet50(stride_in_1x1=True)` has 3.858. torchvision's stands on the 3×3, 4.089. Distill's field of 483 belongs to the "
        "former, 427 to the latter."
    ),
    "segmentation": (
        "torchvision publishes with the second head (`aux_loss=True`), for images of 520×520, which owns and runs more; with it "
        "the numbers are equal. LR-ASPP brings a map of 33 cells to 65, so no field has one size."
    ),
    "swin": "V2 is published for images of 256×256. Shifted windows join what the border parted: no single size is told.",
    "unet": (
        "The paper prints neither parameters nor multiply-accumulates. torchinfo and thop count 167·10⁹ of them "
        "for it: they take a transposed convolution at its output positions."
    ),
    "vit": "One size of image is built in: `image_size=`. Attention reads every patch.",
}


def published(name: str) -> Published:
    """What was published of an architecture."""
    return TORCHVISION.get(name) or PAPERS[name]


def published_input(name: str) -> tuple[int, int, int, int]:
    """The shape of one image of the size that an architecture was published for."""
    side = published(name).side
    return (1, CHANNELS.get(name, 3), side, side)
