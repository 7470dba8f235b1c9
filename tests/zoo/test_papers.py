"""Architectures against the tables of their papers."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc import zoo

IMAGE = (1, 3, 224, 224)


def test_lenet_has_the_paper_s_maps_and_counts():
    """Section II.B: C1 has 156 parameters, C5 48,120, F6 10,164; C3 here reads all maps."""
    report = cc.analyze(zoo.lenet(), (1, 1, 32, 32))
    shapes = {"c1": (6, 28, 28), "s2": (6, 14, 14), "c3": (16, 10, 10), "s4": (16, 5, 5), "c5": (120, 1, 1), "f6": (84,)}
    assert {path: report[path].output_shape[1:] for path in shapes} == shapes
    assert {path: report[path].params for path in ("c1", "c5", "f6")} == {"c1": 156, "c5": 48120, "f6": 10164}


@pytest.mark.parametrize(
    ("depth", "blocks", "billions"),
    [
        (18, (2, 2, 2, 2), 1.8),
        (34, (3, 4, 6, 3), 3.6),
        (50, (3, 4, 6, 3), 3.8),
        (101, (3, 4, 23, 3), 7.6),
        (152, (3, 8, 36, 3), 11.3),
    ],
)
def test_resnet_table_1(depth, blocks, billions):
    """Sizes, widths and number of layers; 10⁹ multiply-accumulates of the networks as the paper has them, to a tenth.

    Some of its figures are rounded and some cut off. The projections of shortcuts are not among the layers that a ResNet is
    named by.
    """
    variant = {"stride_in_1x1": True} if depth >= 50 else {}
    report = cc.analyze(getattr(zoo, f"resnet{depth}")(**variant), IMAGE)
    expansion = 4 if depth >= 50 else 1
    assert report["conv1"].output_shape[1:] == (64, 112, 112)
    for number, (count, width, size) in enumerate(zip(blocks, (64, 128, 256, 512), (56, 28, 14, 7), strict=True), 1):
        assert report[f"layer{number}"].output_shape[1:] == (width * expansion, size, size)
        assert {row.path for row in report.rows if row.path.startswith(f"layer{number}.") and row.depth == 2} == {
            f"layer{number}.{index}" for index in range(count)
        }
    layers = [row for row in report.rows if row.kind in {"Conv2d", "Linear"} and "downsample" not in row.path]
    assert len(layers) == depth
    assert abs(report.macs / 1e9 - billions) < 0.1


@pytest.mark.parametrize(
    ("width", "millions", "parameters"), [(1.0, 569, 4.2), (0.75, 325, 2.6), (0.5, 149, 1.3), (0.25, 41, 0.5)]
)
def test_mobilenet_v1_table_6(width, millions, parameters):
    report = cc.analyze(zoo.mobilenet_v1(width_mult=width), IMAGE)
    assert (round(report.macs / 1e6), round(report.params / 1e6, 1)) == (millions, parameters)
    assert report["features.13"].output_shape == (1, 1024 * width, 7, 7)


def test_unet_plus_plus_has_9_04_million_parameters_and_unet_7_76():
    """Table 2 of arXiv:1807.10165; its U-Net has widths of 32 to 512 and padding."""
    assert round(cc.analyze(zoo.unet_plus_plus(), (1, 3, 96, 96)).params / 1e6, 2) == 9.04
    assert round(cc.analyze(zoo.unet(3, 1, base=32, padding=1), (1, 3, 96, 96)).params / 1e6, 2) == 7.76


def test_attention_unet_weights_every_skip_by_one_channel():
    report = cc.analyze(zoo.attention_unet(base=4), (1, 1, 64, 64))
    for level in (1, 2, 3, 4):
        side = 64 // 2 ** (level - 1)
        assert report[f"gate{level}.psi"].output_shape == (1, 1, side // 2, side // 2)
        assert report[f"gate{level}"].output_shape == report[f"enc{level}"].output_shape == (1, 2 ** (level + 1), side, side)
    assert report.output_shape == (1, 2, 64, 64)


def test_deep_supervision_gives_a_map_for_each_depth():
    report = cc.analyze(zoo.unet_plus_plus(1, 3, base=2, depth=3, deep_supervision=True), (2, 1, 32, 32))
    assert report.output_shape == ((2, 3, 32, 32),) * 3


@pytest.mark.parametrize(("size", "side"), [(299, 35), (224, 25)])
def test_inception_v3_table_1(size, side):
    """299×299: 35×35×288 in front of the first reduction, then 17×17×768, 8×8×1280 and 8×8×2048."""
    report = cc.analyze(zoo.inception_v3(), (1, 3, size, size))
    assert report["Mixed_5d"].output_shape[1:] == (288, side, side)
    if size == 299:
        assert report["Mixed_6e"].output_shape[1:] == (768, 17, 17)
        assert report["Mixed_7a"].output_shape[1:] == (1280, 8, 8)
        assert report["Mixed_7c"].output_shape[1:] == (2048, 8, 8)


def test_googlenet_table_1():
    report = cc.analyze(zoo.googlenet(), IMAGE)
    table = {
        "inception3a": (256, 28), "inception3b": (480, 28), "inception4a": (512, 14), "inception4d": (528, 14),
        "inception4e": (832, 14), "inception5a": (832, 7), "inception5b": (1024, 7),
    }  # fmt: skip
    assert {path: report[path].output_shape[1:3] for path in table} == table
