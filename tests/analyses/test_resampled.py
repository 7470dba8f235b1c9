"""Networks that are resampled, normalised and gated: all against torch, cells against its gradients."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from drawing.resampled_networks import resampled_networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.cells import cells_of, full

torch = pytest.importorskip("torch")


@given(resampled_networks(), st.data())
def test_exact_cells_are_those_of_torchs_gradients(network, data):
    from cnncalc.torch_twin.probe import field_cells

    shape = cc.trace(network.module, network.shape).output_shape
    at = tuple(data.draw(st.integers(0, n - 1), label="index") for n in shape[2:])
    field = cc.receptive_field(network.module, network.shape, at=at)
    found = {cell for term in field.terms for cell in product(*map(cells_of, term))}
    assert found == field_cells(network.module, network.shape, at)


@given(resampled_networks())
def test_torch_agrees_on_all_numbers(network):
    verified = cc.verify(network.module, network.shape)
    assert verified.agrees, verified


def test_halving_has_a_window_and_doubling_has_phases():
    half = cc.Sequential(cc.Upsample(scale_factor=0.5, mode="bilinear"), cc.Conv2d(1, 1, 3))
    field = cc.receptive_field(half, (1, 1, 32, 32))
    assert (field.size, field.stride) == ((6, 6), (2, 2))
    double = cc.Sequential(cc.Upsample(scale_factor=2), cc.Conv2d(1, 1, 3))
    field = cc.receptive_field(double, (1, 1, 32, 32))
    assert field.sizes == ((2, 2), (2, 2))
    assert field.stride == (Fraction(1, 2), Fraction(1, 2))
    assert field.padding == (None, None)
    assert field.reason == "where the field starts depends on the position, in 2 phases"


def test_an_instance_norm_reads_the_whole_image_and_one_with_statistics_does_not():
    plain, tracking = (
        cc.receptive_field(cc.Sequential(cc.InstanceNorm2d(3, track_running_stats=flag)), (1, 3, 8, 8)) for flag in (False, True)
    )
    assert plain.whole
    assert tracking.size == (1, 1)


def test_a_formula_for_whole_scales_and_fractions_over_a_power_of_2():
    net = cc.Sequential(cc.Conv2d(3, 8, 3, 2, 1), cc.Upsample(scale_factor=2), cc.Upsample(scale_factor=0.75))
    report = cc.analyze(net, ("N", 3, "H", "W"))
    assert str(report.output_shape[2]) == "⌈H/2⌉ + ⌊(H + 1)/4⌋"
    for n in (8, 9, 31):
        assert report.output_shape[2].subs({"H": n}) == cc.analyze(net, (1, 3, n, n)).output_shape[2]


def test_a_cross_map_norm_reads_the_first_channel_too():
    layer = cc.CrossMapLRN2d(3)
    (maps,) = layer.axes((1, 8, 4, 4))
    assert cells_of(maps.maps[1].reads(1 << 5, 8)) == [0, 4, 5, 6]
    assert maps.maps[1].reads(full(8), 8) == full(8)


@pytest.mark.parametrize(
    "layer", [cc.Upsample((1, 1), mode="nearest"), cc.AdaptiveAvgPool2d((2, 2))], ids=["nearest", "adaptive"]
)
def test_one_rule_on_axes_of_different_lengths_has_two_strides(layer):
    """One cell of two and one of three; two windows on 4 cells and on 8: n/m each, by hand."""
    n, m = ((2, 3), 1) if isinstance(layer, cc.Upsample) else ((4, 8), 2)
    assert cc.receptive_field(layer, (1, 1, *n)).stride == tuple(length // m for length in n)
