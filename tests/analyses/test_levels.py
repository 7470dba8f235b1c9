"""U-Net and DenseNet level by level, against the figures in their papers and the sizes that the networks were built with."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import zoo


def test_the_papers_unet_is_its_figure_1():
    found = cc.levels(zoo.unet(), (1, 1, 572, 572))
    # Ronneberger, Fischer and Brox, MICCAI 2015, figure 1.
    down = [(64, 568, 284), (128, 280, 140), (256, 136, 68), (512, 64, 32)]
    assert [(*step["after"][:2], step["pooled"][1]) for step in found.steps if step["way"] == "down"] == down
    assert next(step["after"] for step in found.steps if step["way"] == "bottom") == (1024, 28, 28)
    up = [(1024, 56, 52), (512, 104, 100), (256, 200, 196), (128, 392, 388)]
    ups = [step for step in found.steps if step["way"] == "up"]
    assert [(step["joined"][0], step["raised"][1], step["after"][1]) for step in ups] == up
    assert [step["more"] for step in ups] == [[8, 8], [32, 32], [80, 80], [176, 176]]
    assert found.steps[-1]["after"] == (2, 388, 388)
    totals = found.totals
    assert totals["encoder"] + totals["bottom"] + totals["decoder"] == totals["params"] == 31_030_658


@given(st.integers(1, 3), st.integers(1, 4), st.sampled_from(["crop", "center_crop", "pad"]), st.integers(0, 7))
def test_a_padded_unet_joins_what_fits_at_every_level(depth, base, skip, more):
    side = 2**depth * 4 + (more if skip != "crop" else 0)
    found = cc.levels(zoo.unet(base=base, depth=depth, padding=1, skip=skip), (2, 1, side, side))
    for step in found.steps:
        if step["way"] == "up":
            half = step["before"][1] * 2
            assert step["raised"][1:] == (half, half)
            assert step["skip"][1] == half + step["more"][0]
            assert step["joined"] == (2 * step["skip"][0], *(step["skip"][1:] if skip == "pad" else (half, half)))
            assert (step["more"] == [0, 0]) == ("fits as it is" in str(found).split(f"up {step['level']}:")[1].split("\n")[0])


def test_densenet_is_the_papers_table_1():
    found = cc.levels(zoo.densenet121(), (1, 3, 224, 224))
    blocks = [step for step in found.steps if step["way"] == "block"]
    # Huang, Liu, van der Maaten and Weinberger, CVPR 2017, table 1: layers, sizes; L(L + 1)/2 connections, section 1.
    assert [len(step["layers"]) for step in blocks] == [6, 12, 24, 16]
    assert [step["after"][1] for step in blocks] == [56, 28, 14, 7]
    assert [step["connections"] for step in blocks] == [21, 78, 300, 136]


@given(st.integers(1, 5), st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(2, 9), st.sampled_from([0.5, 1]))
def test_channels_grow_by_the_growth_rate_and_are_compressed(growth, config, start, compression):
    network = zoo.densenet(growth, tuple(config), start, num_classes=2, compression=compression, small_images=True)
    found = cc.levels(network, (1, 3, 8, 8))
    channels, side, held = start, 8, 0
    for step in found.steps:
        if step["way"] == "block":
            for layer in step["layers"]:
                assert (layer["before"], layer["after"]) == (channels, channels + growth)
                held += channels * side * side
                channels += growth
            assert step["after"] == (channels, side, side)
        elif step["way"] == "transition":
            channels, side = int(channels * compression), side // 2
            assert step["after"] == (channels, side, side)
    assert found.totals["concatenated"] == held
    graph = cc.trace(network, (1, 3, 8, 8))
    joins = [node.output for node in graph.nodes if node.kind == "cat" and "denselayer" in node.path]
    assert held == sum(c * h * w for _, c, h, w in joins)


@pytest.mark.parametrize(("name", "shape"), [("unet", (1, 1, 188, 188)), ("densenet121", (1, 3, 64, 64))])
def test_the_drawing_is_xml_with_the_numbers_in_it(name, shape):
    found = cc.levels(zoo.ARCHITECTURES[name](), shape)
    words = {element.text for element in ET.fromstring(found.to_svg()).iter() if element.tag.endswith("text")}  # noqa: S314 - ours
    assert ("1024×4×4" if name == "unet" else "+32") in words
    assert any(f"{found.totals['params']:,}" in text for text in words)


def test_symbols_and_other_networks():
    found = cc.levels(zoo.unet(padding=1), ("N", 1, "H", "W"))
    assert "64×H×W" in str(found)
    assert "H" in found.to_svg()
    with pytest.raises(cc.UnsupportedError, match="U-Nets and DenseNets"):
        cc.levels(zoo.alexnet(), (1, 3, 224, 224))
