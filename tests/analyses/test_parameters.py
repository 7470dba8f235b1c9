"""The tensors a network owns against torch's `state_dict`."""

from __future__ import annotations

import pytest
from drawing.networks import networks
from hypothesis import given

import cnncalc as cc
from cnncalc.analyses.macs import macs
from cnncalc.analyses.parameters import tensors


@given(networks())
def test_paths_and_shapes_are_those_of_the_state_dict(network):
    """A tensor shared by two places is listed once, by the first; torch's `state_dict` lists it at both."""
    pytest.importorskip("torch")
    twin = cc.to_torch(network.module)
    owned = tensors(cc.trace(network.module, network.shape))
    parameters = {name: tuple(p.shape) for name, p in twin.named_parameters()}
    buffers = {name: tuple(b.shape) for name, b in twin.named_buffers()}
    assert {tensor.path: tensor.shape for tensor in owned if not tensor.is_buffer} == parameters
    assert {tensor.path: tensor.shape for tensor in owned if tensor.is_buffer} == buffers
    assert [tensor.path for tensor in owned] == [key for key in twin.state_dict() if key in parameters | buffers]


@given(networks())
def test_sizes_are_the_products_of_shapes(network):
    for tensor in tensors(cc.trace(network.module, network.shape)):
        elements = 1
        for n in tensor.shape:
            elements *= n
        assert tensor.size == elements


def test_a_layer_alone_owns_its_tensors_without_a_path():
    owned = tensors(cc.trace(cc.BatchNorm1d(3), (2, 3)))
    assert [tensor.path for tensor in owned] == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert [tensor.size for tensor in owned] == [3, 3, 3, 3, 1]
    assert [tensor.trainable for tensor in owned] == [True, True, False, False, False]


def test_macs_are_listed_by_node():
    layer = cc.Conv1d(1, 1, 3, padding=1)
    graph = cc.trace(cc.Sequential(layer, cc.ReLU(), layer), (1, 1, 8))
    assert macs(graph) == [0, 24, 0, 24]
