"""Wrong numbers that are printed of whole networks, one named test each: true values from torch, from papers, or by hand."""

from __future__ import annotations

import pytest
from torchvision_side import told

import cnncalc as cc
from cnncalc import zoo
from cnncalc.layers.operation import Layer

IMAGE = (1, 3, 224, 224)


@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("resnet50", {"torchvision": 4.089, "fvcore": 4.112, "ptflops": 4.132, "thop": 4.134, "torchinfo": 4.089}),
        ("densenet121", {"torchvision": 2.834, "fvcore": 2.866, "ptflops": 2.900, "thop": 2.897, "torchinfo": 2.834}),
        ("mobilenet_v2", {"torchvision": 0.301, "fvcore": 0.314, "ptflops": 0.320, "thop": 0.327, "torchinfo": 0.301}),
    ],
)
def test_totals_of_other_tools_differ_by_what_they_add(name, totals):
    """As measured with torchinfo 1.8.0, fvcore 0.1.5, ptflops 0.7.5 and thop 0.1.1 on torchvision's models."""
    report = cc.analyze(getattr(zoo, name)(), IMAGE)
    assert {tool: round(report.as_counted_by(tool).total / 1e9, 3) for tool in totals} == totals


def test_a_u_net_has_150_and_not_167_billion_multiply_accumulates():
    """Tools such as thop and torchinfo take a transposed convolution at its output positions."""
    report = cc.analyze(zoo.unet(), (1, 1, 572, 572))
    assert round(report.macs / 1e9, 2) == 150.43
    assert round(report.as_counted_by("thop").total / 1e9, 2) == 167.32
    assert round(report.as_counted_by("torchinfo").total / 1e9, 2) == 167.46


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
