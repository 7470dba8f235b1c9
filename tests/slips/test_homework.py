"""Every slip against the number it gives on the homework's networks.

The numbers are those of the course's grading table and of the list of wrong answers to each question, worked out there by
hand and with torch, not with this library.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

import cnncalc as cc
from cnncalc import slips

sys.path.insert(0, str(Path(__file__).parent))

import slip_networks as networks

# id, network, what is asked and where, the number of the table
SHAPES = [
    ("shape.swap_pad_stride", networks.first_convolution, (16, 128, 128)),
    ("shape.assume_same", networks.first_convolution, (16, 128, 128)),
    ("shape.ceil", networks.first_convolution, (16, 64, 64)),
    ("shape.framework_same", networks.first_convolution, (16, 64, 64)),
    ("shape.no_floor", networks.first_convolution, (16, 63.5, 63.5)),
    ("shape.forgot_plus1", networks.first_convolution, (16, 62, 62)),
    ("shape.no_padding", networks.first_convolution, (16, 62, 62)),
    ("shape.stride_ignored", networks.first_convolution, (16, 126, 126)),
    ("shape.stride_multiplied", networks.first_convolution, (16, 251, 251)),
    ("shape.pad_once", networks.first_convolution, (16, 63, 63)),
    ("shape.filters_times_channels", networks.first_convolution, (48, 63, 63)),
    ("shape.pool_ignored", networks.backbone, (16, 128, 128)),
    ("shape.one_pool_short", networks.backbone, (16, 32, 32)),
    ("shape.pool_halves_channels", networks.backbone, (8, 16, 16)),
]
PARAMS = [
    ("params.no_bias", networks.first_convolution, None, [1200]),
    ("params.no_bias", networks.backbone, None, [14000]),
    ("params.no_bias", networks.full, None, [54960]),
    ("params.one_bias", networks.first_convolution, None, [1201]),
    ("params.bias_per_input", networks.first_convolution, None, [1203]),
    ("params.no_depth", networks.first_convolution, None, [416]),
    ("params.kernel_not_squared", networks.first_convolution, None, [256]),
    ("params.untied_weights", networks.first_convolution, None, [4826304]),
    ("params.depth_not_updated", networks.backbone, None, [3648]),
    ("params.first_layer_as_later", networks.backbone, None, [19248]),
    ("params.pool_has_params", networks.backbone, None, [14288]),
    ("params.fc_no_bias", networks.full, None, [55008]),
    ("params.fc_spatial_only", networks.full, None, [16618]),
    ("params.fc_channels_only", networks.full, None, [14218]),
    ("params.fc_before_pooling", networks.full, None, [2635498]),
    ("params.one_class_less", networks.full, None, [50921]),
    ("params.head_only", networks.full, None, [40970]),
    ("params.backbone_only", networks.full, None, [14048]),
    ("unet.input_is_image", networks.single_convolutions, "conv2", [1280, 3584]),
    ("unet.swap_in_out", networks.single_convolutions, "conv2", [73792]),
    ("unet.kernel_not_squared", networks.single_convolutions, "conv2", [24704]),
    ("unet.third_conv", networks.single_convolutions, "conv2", [295168]),
    ("unet.same_width", networks.single_convolutions, "conv2", [147584]),
    ("unet.whole_level", networks.single_convolutions, "conv2", [221440]),
]
FIELDS = [
    ("rf.topdown_run_forward", 64, [5, 10, 14, 28, 32, 64]),
    ("rf.padding_added", 64, [9, 10, 26, 28, 60, 64]),
    ("rf.no_jump", 16, [5, 6, 10, 11, 15, 16]),
    ("rf.ignore_pool", 13, [5, 5, 9, 9, 13, 13]),
    ("rf.pool_adds_nothing", 29, [5, 5, 13, 13, 29, 29]),
    ("rf.own_stride_only", 19, [5, 7, 11, 13, 17, 19]),
    ("rf.jump_updated_first", 43, [5, 7, 15, 19, 35, 43]),
    ("rf.sum_of_kernels", 21, [5, 7, 12, 14, 19, 21]),
    ("rf.product_of_kernels", 1000, [5, 10, 50, 100, 500, 1000]),
    ("rf.jump_instead", 8, [1, 2, 2, 4, 4, 8]),
    ("rf.place_conv3", 32, [5, 6, 14, 16, 32]),
    ("rf.reversed_order", 64, [2, 10, 12, 28, 32, 64]),
    ("rf.last_kernel", 5, [5, 5, 5, 5, 5, 5]),
]
PIXELS = [
    ("unet.levels_off_by_one", "down4", {1024, 64}),
    ("unet.side_not_area", "down4", {16}),
    ("unet.area_halved", "down4", {4096}),
    ("unet.with_channels", "down4", {131072, 262144}),
]
BLOCK = [
    ("dense.input_for_output", {80}),
    ("dense.no_k0", {72}),
    ("dense.off_by_one", {128}),
    ("dense.k0_each_layer", {168}),
    ("dense.added", {32, 24}),
]


@pytest.mark.parametrize(("name", "network", "shape"), SHAPES)
def test_shapes(name, network, shape):
    graph = network()
    slip = slips.named(name)
    assert shape in slip.values(graph)
    if shape != (16, 63, 63):
        assert slip in slips.explain_value("shape", graph, shape)


@pytest.mark.parametrize(("name", "network", "at", "expected"), PARAMS)
def test_parameters(name, network, at, expected):
    graph = network()
    slip = slips.named(name)
    assert set(expected) <= set(slip.values(graph, at))
    assert all(slip in slips.explain_value("params", graph, value, at) for value in expected)


@pytest.mark.parametrize(("name", "side", "trace"), FIELDS)
def test_fields(name, side, trace):
    graph = networks.backbone()
    slip = slips.named(name)
    assert slip.apply(graph) == side
    assert slip.trace(graph) == trace
    assert slip in slips.explain_value("rf", graph, (side, side))
    assert slip in slips.explain_value("rf_area", graph, side * side)
    assert slip in slips.explain_value("rf_values", graph, side * side * 3)


@pytest.mark.parametrize(("name", "at", "expected"), PIXELS)
def test_pixels(name, at, expected):
    assert set(slips.named(name).values(networks.encoder(), at)) == expected


def test_unpadded_bottom():
    """144 pixels enter the bottom of the unpadded network and 64 leave it; 100 stand between its two convolutions."""
    valid = slips.named("unet.valid_conv")
    assert valid.apply(networks.encoder(), "down4") == 144
    assert valid.apply(networks.encoder()) == 64
    assert set(valid.values(networks.encoder())) == {144, 100, 64}


@pytest.mark.parametrize(("name", "expected"), BLOCK)
def test_dense_block(name, expected):
    """Block input 32, growth 24, behind layer 3: 104."""
    for at in (None, "layer3"):
        assert set(slips.named(name).values(networks.dense(32, 24, 24, 24), at)) == expected


def test_what_a_dense_layer_receives():
    """Layers of 64, 128 and 256 maps: layer 3 receives N + 192, also where N stays a symbol."""
    for entering in (1, 3, 32, "N"):
        graph = networks.dense(entering, 64, 128, 256)
        assert slips.named("dense.previous_only").values(graph, "layer3") == (128,)
        assert 448 in slips.named("dense.own_output_included").values(graph, "layer3")
        assert slips.named("dense.output_for_input").values(graph, "layer3") == (256,)
        assert slips.named("dense.no_k0").values(graph, "layer3", "input_channels") == (192,)
        assert [slip.id for slip in slips.explain_value("input_channels", graph, 448, "layer3")] == ["dense.own_output_included"]


def test_skips_that_add():
    """16 channels meet 8 filters: 16·9·8 + 8 = 1160 parameters; with maps added, 8·9·8 + 8 = 584."""
    graph = cc.trace(networks.UNet(), (1, 3, 32, 32))
    added = slips.named("unet.skip_added")
    assert added.values(graph, "cat", "channels") == (8,)
    assert added.values(graph, "up", "input_channels") == (8,)
    assert added.values(graph, "up", "params") == (584,)
    assert added in slips.explain_value("params", graph, 584, "up")
    assert all(not slips.named(name).values(graph, "cat", "channels") for name, _ in BLOCK)


def names(found):
    return {slip.id for slip in found}


def test_collisions_of_part_1():
    graph = networks.first_convolution()
    assert names(slips.explain_value("shape", graph, (16, 128, 128))) == {"shape.swap_pad_stride", "shape.assume_same"}
    assert names(slips.explain_value("shape", graph, [1, 16, 62, 62])) == {"shape.no_padding", "shape.forgot_plus1"}
    assert names(slips.explain_value("shape", graph, (16, Fraction(127, 2), 63.5))) == {"shape.no_floor"}


def test_a_rule_that_happens_to_be_right_explains_nothing():
    graph = networks.first_convolution()
    assert slips.named("shape.pad_once").apply(graph) == (16, 63, 63)
    assert slips.explain_value("shape", graph, (16, 63, 63)) == []


def test_64_has_three_causes_and_its_trace_one():
    graph = networks.backbone()
    assert names(slips.explain_value("rf", graph, 64)) == {"rf.topdown_run_forward", "rf.padding_added", "rf.reversed_order"}
    assert names(slips.explain_trace(graph, [5, 10, 14, 28, 32, 64])) == {"rf.topdown_run_forward"}
    assert names(slips.explain_trace(graph, [(9, 9), 10, 26, 28, 60, 64])) == {"rf.padding_added"}


def test_traces():
    graph = networks.backbone()
    assert slips.explain_trace(graph, [5, 6, 14, 16, 32, 36]) == []
    assert slips.explain_trace(graph, [5, 6, 7]) == []
    assert slips.explain_trace(graph, 64) == []
    # The convolutions alone, without the steps at which nothing changes.
    assert names(slips.explain_trace(graph, [5, 9, 13])) == {"rf.ignore_pool"}


def test_a_chain_that_is_no_palindrome():
    """k3s1, pool3s2, k5s1, pool3s2: the right trace is 3, 5, 13, 17 and the formula from the output gives 3, 7, 11, 23."""
    net = cc.Sequential(cc.Conv2d(3, 8, 3), cc.MaxPool2d(3, stride=2), cc.Conv2d(8, 8, 5), cc.MaxPool2d(3, stride=2))
    graph = cc.trace(net, (1, 3, 128, 128))
    assert slips.named("rf.topdown_run_forward").trace(graph) == [3, 7, 11, 23]
    assert names(slips.explain_trace(graph, [3, 7, 11, 23])) == {"rf.topdown_run_forward"}
    assert slips.explain_trace(graph, [3, 5, 13, 17]) == []
