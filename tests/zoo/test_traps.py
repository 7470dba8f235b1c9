"""Wrong numbers that are printed of whole networks, one named test each: true values from torch, from papers, or by hand."""

from __future__ import annotations

import pytest
from tools_side import ptflops
from torchvision_side import told, torchvision

import cnncalc as cc
from cnncalc import zoo
from cnncalc.layers.layer import Layer

IMAGE = (1, 3, 224, 224)


@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("resnet50", (4.089, 4.089, 4.112, 4.132, 4.134, 4.089)),
        ("densenet121", (2.834, 2.834, 2.866, 2.900, 2.897, 2.834)),
        ("mobilenet_v2", (0.301, 0.301, 0.314, 0.320, 0.327, 0.301)),
    ],
)
def test_totals_of_other_tools_differ_by_what_they_add(name, totals):
    """As measured on torchvision's models with calflops 0.3.2, fvcore 0.1.5, ptflops 0.7.5, thop 0.1.1 and torchinfo 1.8.0.

    timm publishes 4.11, 2.87 and 0.31: what fvcore prints.
    """
    report = cc.analyze(getattr(zoo, name)(), IMAGE)
    counted = {tool: report.as_counted_by(tool).total / 1e9 for tool in TOOLS}
    assert tuple(round(total, 3) for total in counted.values()) == totals
    assert counted["torchvision"] == report.macs / 1e9
    assert round(counted["fvcore"], 2) == {"resnet50": 4.11, "densenet121": 2.87, "mobilenet_v2": 0.31}[name]


TOOLS = ("torchvision", "calflops", "fvcore", "ptflops", "thop", "torchinfo")


@pytest.mark.parametrize(
    ("name", "into_the_last_pool", "pools"),
    [
        ("resnet50", 2048 * 7 * 7, 2048 * (7 * 7 + 1)),
        ("densenet121", 1024 * 7 * 7, 128 * 28 * 28 + 256 * 14 * 14 + 512 * 7 * 7),
        ("mobilenet_v2", 1280 * 7 * 7, 0),
    ],
)
def test_what_each_tool_adds_to_the_products(name, into_the_last_pool, pools):
    """What was seen to be added, counted from the rows.

    fvcore has 2 for each value of a norm, and what goes into an adaptive pool; thop 4 for each value of a norm, and average
    pools that are layers; torchinfo the bias of the last layer, and two weights of a norm for each channel.
    """
    report = cc.analyze(getattr(zoo, name)(), IMAGE)
    norms = [row.output_shape for row in report.rows if row.kind == "BatchNorm2d"]
    values = sum(_product(shape) for shape in norms)
    added = {tool: report.as_counted_by(tool).total - report.macs for tool in TOOLS if tool != "ptflops"}
    assert added == {
        "torchvision": 0,
        "calflops": 0,
        "fvcore": 2 * values + into_the_last_pool,
        "thop": 4 * values + pools,
        "torchinfo": 1000 + 2 * sum(shape[1] for shape in norms),
    }


def test_a_u_net_has_150_and_not_167_billion_multiply_accumulates():
    """Tools such as thop and torchinfo take a transposed convolution at its output positions."""
    report = cc.analyze(zoo.unet(), (1, 1, 572, 572))
    assert round(report.macs / 1e9, 2) == 150.43
    printed = {tool: round(report.as_counted_by(tool).total / 1e9, 2) for tool in TOOLS}
    assert printed == {
        "torchvision": 150.43, "calflops": 150.43, "fvcore": 150.43, "ptflops": 150.87, "thop": 167.32, "torchinfo": 167.46,
    }  # fmt: skip
    transposed = [row for row in report.rows if row.kind == "ConvTranspose2d"]
    assert report.as_counted_by("thop").total - report.macs == 3 * sum(row.macs for row in transposed)


def test_convnext_has_4_46_and_not_0_32_billion_multiply_accumulates():
    """A Linear is multiplied by torchinfo with the length of its first axis alone."""
    report = cc.analyze(zoo.convnext_tiny(), IMAGE)
    assert round(report.macs / 1e9, 2) == 4.46
    assert round(report.as_counted_by("torchinfo").total / 1e9, 2) == 0.32


def test_parameters_that_a_module_owns_itself_are_counted():
    """Not by thop, which misses ConvNeXt's layer scale: a value for each channel of each block, 18 blocks."""
    report = cc.analyze(zoo.convnext_tiny(), IMAGE)
    scales = {path: shape for path, shape in report.tensors.items() if path.endswith("layer_scale")}
    assert sum(shape[0] for shape in scales.values()) == 3 * 96 + 3 * 192 + 9 * 384 + 3 * 768
    assert report.params == told("convnext_tiny", IMAGE).params


def test_attention_is_counted():
    """Not by torchinfo, which prints 0: 12 blocks of 4·197·768² + 2·197²·768, the embedding aside."""
    report = cc.analyze(zoo.vit_b_16(), IMAGE)
    rows = [row.macs for row in report.rows if row.kind == "MultiheadAttention"]
    assert rows == [4 * 197 * 768**2 + 2 * 197**2 * 768] * 12


def test_resnet_50_as_its_paper_has_it_is_3_858_and_as_torchvision_has_it_4_089():
    """The paper prints 3.8: its stride stands on the first 1×1 convolution."""
    paper, usual = zoo.resnet50(stride_in_1x1=True), zoo.resnet50()
    assert round(cc.analyze(paper, IMAGE).macs / 1e9, 3) == 3.858
    assert round(cc.analyze(usual, IMAGE).macs / 1e9, 3) == 4.089
    assert paper.parameters() == usual.parameters()


def test_a_u_net_has_31030658_parameters_and_23_convolutions():
    report = cc.analyze(zoo.unet(), (1, 1, 572, 572))
    assert report.params == 31_030_658
    assert sum(row.kind in {"Conv2d", "ConvTranspose2d"} for row in report.rows) == 23


def test_googlenet_owns_13_million_parameters_and_runs_6_6_million():
    report = cc.analyze(zoo.googlenet(), IMAGE)
    assert (report.params, report.params - report["aux1"].params - report["aux2"].params) == (13_004_888, 6_624_904)


def test_vgg_16_keeps_15_million_values_and_not_24():
    """cs231n's own rows sum to 15.2 million values, 58 MiB; its total says 24 million, 93 MB.

    Its rows are the input, each convolution (activations in place), each pool, and the three fully connected layers.
    """
    report = cc.analyze(zoo.vgg16(), IMAGE)
    kept = [row for row in report.rows if row.kind in {"Conv2d", "MaxPool2d", "Linear"}]
    values = 3 * 224 * 224 + sum(_product(row.output_shape) for row in kept)
    by_hand = 2 * 64 * 224**2 + 64 * 112**2 + 2 * 128 * 112**2 + 128 * 56**2 + 3 * 256 * 56**2 + 256 * 28**2
    by_hand += 3 * 512 * 28**2 + 512 * 14**2 + 3 * 512 * 14**2 + 512 * 7**2 + 4096 + 4096 + 1000 + 3 * 224**2
    assert values == by_hand
    assert (round(values / 1e6, 2), round(values * 4 / 2**20)) == (15.24, 58)


def _product(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def test_the_first_layer_of_alexnet_2012_has_290400_neurons():
    """Its figure 2 says 253,440 for 11×11 windows with stride 4 on 224, whose 55×55×96 takes 227 (or a padding) instead."""
    layer = cc.Conv2d(3, 96, 11, stride=4)
    assert _product(layer.output_shape((1, 3, 227, 227))) == 290_400
    assert isinstance(layer, Layer)


@pytest.mark.parametrize(
    ("depth", "convolutions", "largest", "smallest"),
    [(3, 1, 54, 46), (3, 2, 100, 92), (4, 2, 204, 188), (5, 2, 412, 380)],
)
def test_u_nets_have_a_smallest_and_a_largest_field(depth, convolutions, largest, smallest):
    """A published study prints the largest alone, by depth and convolutions of a level."""
    net = zoo.unet(base=1, depth=depth, padding=1)
    if convolutions == 1:
        for name, part in list(net.named_children()):
            if isinstance(part, cc.Sequential):
                net.add_module(name, part[:2])
        for level in range(1, depth + 1):
            net.add_module(f"dec{level}", cc.Sequential(cc.Conv2d(2**level, 2 ** (level - 1), 3, padding=1)))
    side = 2**depth * 32
    assert cc.receptive_field(net, (1, 1, side, side)).sizes == ((smallest, largest),) * 2


def test_frozen_norms_turn_53120_parameters_into_buffers():
    """As in detection models that are built with weights: the 26,560 channels of ResNet-50's norms, a weight and a bias each."""
    models = torchvision().models
    frozen = torchvision().ops.misc.FrozenBatchNorm2d
    usual = models.resnet50(weights=None)
    detection = models.resnet50(weights=None, norm_layer=frozen)
    reports = [cc.analyze(model, (1, 3, 64, 64)) for model in (usual, detection)]
    for model, report in zip((usual, detection), reports, strict=True):
        assert report.params == sum(p.numel() for p in model.parameters())
        assert report.buffers == sum(b.numel() for b in model.buffers())
    assert reports[0].params - reports[1].params == 53_120
    assert reports[0].macs == reports[1].macs


class RepVGGBlock(cc.Module):
    """A 3×3 convolution; as it is trained, beside a 1×1 one and, where it fits, the input itself, each with a norm."""

    def __init__(self, channels, filters, stride, *, fused):
        super().__init__()
        self.conv = cc.Conv2d(channels, filters, 3, stride, 1, bias=fused)
        self.branches = cc.ModuleList()
        self.norm = cc.Identity() if fused else cc.BatchNorm2d(filters)
        if not fused:
            self.branches.append(cc.Sequential(cc.Conv2d(channels, filters, 1, stride, bias=False), cc.BatchNorm2d(filters)))
            if channels == filters and stride == 1:
                self.branches.append(cc.BatchNorm2d(filters))

    def forward(self, x):
        """Their sum."""
        found = self.norm(self.conv(x))
        for branch in self.branches:
            found = found + branch(x)
        return cc.relu(found)


def repvgg_a0(*, fused):
    """RepVGG-A0: 48, 48, 96, 192 and 1280 channels in 1, 2, 4, 14 and 1 blocks, the first of each with stride 2."""
    blocks, channels = [], 3
    for filters, count in ((48, 1), (48, 2), (96, 4), (192, 14), (1280, 1)):
        for number in range(count):
            blocks.append(RepVGGBlock(channels, filters, 1 if number else 2, fused=fused))
            channels = filters
    return cc.Sequential(*blocks, cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(1280, 1000))


def test_repvgg_is_published_in_its_fused_form():
    """Table 4 of arXiv:2101.03697 cuts 8.309 million parameters to 8.30, and has 1.4 billion multiply-accumulates.

    timm prints what is trained: 9.11 million, and 1.52 billion as fvcore counts.
    """
    fused, trained = cc.analyze(repvgg_a0(fused=True), IMAGE), cc.analyze(repvgg_a0(fused=False), IMAGE)
    assert (fused.params // 10**4, round(fused.macs / 1e9, 1)) == (830, 1.4)
    assert (round(trained.params / 1e6, 2), round(trained.as_counted_by("fvcore").total / 1e9, 2)) == (9.11, 1.52)
    assert fused.output_shape == trained.output_shape


class MobileOneBlock(cc.Module):
    """A convolution; as it is trained, beside equal ones, a 1×1 one and, where it fits, the input itself, each with a norm."""

    def __init__(self, channels, filters, kernel_size, stride, groups, *, equal, fused):
        super().__init__()
        self.branches = cc.ModuleList()
        for k in [kernel_size] if fused else [kernel_size] * equal + [1] * (kernel_size > 1):
            conv = cc.Conv2d(channels, filters, k, stride, k // 2, groups=groups, bias=fused)
            self.branches.append(conv if fused else cc.Sequential(conv, cc.BatchNorm2d(filters)))
        if not fused and channels == filters and stride == 1:
            self.branches.append(cc.BatchNorm2d(filters))

    def forward(self, x):
        """Their sum."""
        first, *others = self.branches
        found = first(x)
        for branch in others:
            found = found + branch(x)
        return cc.relu(found)


def mobileone_s0(*, fused):
    """MobileOne-S0: a first block, then pairs, channel by channel and 1×1: 48, 128, 256, 1024 channels in 2, 8, 10, 1 of them."""
    blocks, channels = [MobileOneBlock(3, 48, 3, 2, 1, equal=1, fused=fused)], 48
    for filters, count in ((48, 2), (128, 8), (256, 10), (1024, 1)):
        for number in range(count):
            blocks.append(MobileOneBlock(channels, channels, 3, 1 if number else 2, channels, equal=4, fused=fused))
            blocks.append(MobileOneBlock(channels, filters, 1, 1, 1, equal=4, fused=fused))
            channels = filters
    return cc.Sequential(*blocks, cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(1024, 1000))


def test_mobileone_is_published_in_its_fused_form():
    """arXiv:2206.04040 has 2.1 million parameters and 275 million multiply-accumulates of MobileOne-S0.

    timm prints what is trained: 5.29 million, and 1.09 billion as fvcore counts.
    """
    fused, trained = cc.analyze(mobileone_s0(fused=True), IMAGE), cc.analyze(mobileone_s0(fused=False), IMAGE)
    assert (round(fused.params / 1e6, 1), round(fused.macs / 1e6)) == (2.1, 275)
    assert (round(trained.params / 1e6, 2), round(trained.as_counted_by("fvcore").total / 1e9, 2)) == (5.29, 1.09)
    assert fused.output_shape == trained.output_shape


@pytest.mark.parametrize(
    ("name", "shape", "total"),
    [
        ("resnet50", IMAGE, 4.089),
        ("densenet121", IMAGE, 2.834),
        ("mobilenet_v2", IMAGE, 0.301),
        ("unet", (1, 1, 572, 572), 150.56),
    ],
)
def test_the_other_backend_of_ptflops_adds_the_biases_alone(name, shape, total):
    """Its "aten" backend, run here on tensors without numbers: no norm, activation, pool or addition, as its hooks have them."""
    torch = pytest.importorskip("torch")
    network = getattr(zoo, name)()
    report = cc.analyze(network, shape)
    printed = ptflops(cc.to_torch(network).to("meta").eval(), torch.zeros(shape, device="meta"), backend="aten")
    assert round(printed / 1e9, 2 if name == "unet" else 3) == total
    assert printed == report.macs + report.arithmetic["bias"]
