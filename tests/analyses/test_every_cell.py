"""Every cell of small networks of everything: exact cells, tables and brute torch gradients are one set."""

from __future__ import annotations

import warnings
from itertools import product

import pytest
from drawing.mixed_networks import mixed_networks
from drawing.networks import Network, networks
from drawing.resampled_networks import resampled_networks
from drawing.shaped_networks import networks as shaped_networks
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.cells import cells_of

torch = pytest.importorskip("torch")

SOME = settings(max_examples=max(settings.default.max_examples // 2, 10))
ANY = st.one_of(mixed_networks(), networks(), resampled_networks(), shaped_networks().map(lambda drawn: Network(*drawn[:2])))
#: Up to this many cells of an output are asked, spread over it.
MOST = 50


@SOME
@given(ANY)
def test_without_a_cell_nothing_is_refused_and_what_is_none_has_a_reason(network):
    graph = cc.trace(network.module, network.shape)
    for of in dict.fromkeys(node.path for node in graph.nodes if node.operation is not None):
        field = cc.receptive_field(network.module, network.shape, of=of)
        for axis in field.axes:
            if None in (axis.size, axis.stride, axis.padding, axis.center):
                assert axis.whole or axis.reason
            assert axis.sizes is None or axis.sizes[0] <= axis.sizes[1] == axis.size
        assert field.aligned in {True, False, None}
        assert (field.without_mixing is None) == (not any(axis.whole for axis in field.axes))


@SOME
@given(mixed_networks())
def test_every_cell_is_read_as_gradients_say(network):
    from cnncalc.torch_twin.probe import Probe
    from cnncalc.torch_twin.twin import Twins

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probe = Probe(Twins(network.module), network.shape)
    shape = tuple(probe.result.shape)
    if 0 in shape:
        return
    every = cc.all_fields(network.module, network.shape)[""]
    assert every.shape == shape[2:]
    cells = list(product(*map(range, shape[2:])))
    for at in cells[:: max(len(cells) // MOST, 1)]:
        expected = {tuple(cell) for cell in probe.cells(probe.result, at).nonzero().tolist()}
        field = cc.receptive_field(network.module, network.shape, at=at)
        for terms in (field.terms, every[at]):
            assert {cell for term in terms for cell in product(*map(cells_of, term))} == expected, at
        assert field.count == len(expected)
