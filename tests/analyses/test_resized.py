"""Networks whose axes grow, shrink, are padded, folded and shuffled: all against torch, cells against its gradients."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from drawing.resized_networks import resized_networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.cells import cells_of

torch = pytest.importorskip("torch")


@given(resized_networks(), st.data())
def test_exact_cells_are_those_of_torchs_gradients(network, data):
    from cnncalc.torch_twin.probe import field_cells

    shape = cc.trace(network.module, network.shape).output_shape
    if 0 in shape:
        return
    at = tuple(data.draw(st.integers(0, n - 1), label="index") for n in shape[2:])
    field = cc.receptive_field(network.module, network.shape, at=at)
    found = {cell for term in field.terms for cell in product(*map(cells_of, term))}
    assert found == field_cells(network.module, network.shape, at)


@given(resized_networks())
def test_torch_agrees_on_all_numbers(network):
    verified = cc.verify(network.module, network.shape)
    assert verified.agrees, verified


@given(resized_networks())
def test_the_working_ends_in_the_reports_numbers(network):
    explanation, report = cc.explain(network.module, network.shape), cc.analyze(network.module, network.shape)
    assert sum(line.value for line in explanation.of("parameters")) == report.params - own_weights(network.module)
    assert sum(line.value for line in explanation.of("MACs")) == report.macs


def own_weights(module):
    """The parameters that modules own themselves: a layer's working speaks of its own alone."""
    total = 0
    for part in module.modules():
        if type(part).__name__ == "Functional":
            for shape in part.own_parameters().values():
                count = 1
                for n in shape:
                    count *= n
                total += count
    return total


def test_a_transposed_convolution_has_a_window_for_each_phase():
    field = cc.receptive_field(cc.Sequential(cc.ConvTranspose1d(1, 1, 4, 2, 1), cc.Conv1d(1, 1, 3)), (1, 1, 16))
    assert field.sizes == ((3, 3),)
    assert field.stride == (Fraction(1, 2),)


def test_with_stride_1_it_is_a_convolution_and_has_one():
    assert cc.receptive_field(cc.Sequential(cc.ConvTranspose1d(1, 1, 4), cc.Conv1d(1, 1, 3)), (1, 1, 16)).size == (6,)


def test_a_pixel_unshuffle_has_a_window():
    field = cc.receptive_field(cc.Sequential(cc.PixelUnshuffle(2), cc.Conv2d(12, 4, 3)), (1, 3, 16, 16))
    assert (field.size, field.stride) == ((6, 6), (2, 2))


class Unpooled(cc.Module):
    """A pool whose indices put values back, as SegNet has it."""

    def __init__(self):
        super().__init__()
        self.pool = cc.MaxPool2d(2, return_indices=True)
        self.unpool = cc.MaxUnpool2d(2)
        self.mean = cc.AdaptiveAvgPool2d(1)

    def forward(self, x):
        """Pool, unpool to the size that was, and take the mean."""
        pooled, indices = self.pool(x)
        return self.mean(self.unpool(pooled, indices, output_size=x.size()))


def test_unpooling_is_reported_and_its_cells_are_refused():
    report = cc.analyze(Unpooled(), (1, 2, 5, 5))
    assert report["unpool"].output_shape == (1, 2, 5, 5)
    reason = report["unpool"].receptive_field.axes[0].reason
    assert reason == "no single size: unpool (MaxUnpool2d) puts values where its indices say"
    with pytest.raises(cc.UnsupportedError, match="puts values where its indices say, so that its cells are not known"):
        cc.receptive_field(Unpooled(), (1, 2, 5, 5), at=(1, 1), of="unpool")
    assert cc.verify(Unpooled(), (1, 2, 5, 5)).agrees


def test_fractional_pooling_is_reported_and_its_cells_are_refused():
    net = cc.Sequential(cc.FractionalMaxPool2d(2, output_ratio=0.5), cc.Flatten(), cc.Linear(16, 2))
    report = cc.analyze(net, (1, 1, 8, 8))
    assert report["0"].output_shape == (1, 1, 4, 4)
    assert "drawn at random" in report["0"].receptive_field.axes[0].reason
    assert report.receptive_field.axes[0].whole
    with pytest.raises(cc.UnsupportedError, match="drawn at random"):
        cc.receptive_field(net, (1, 1, 8, 8), at=(0,))
