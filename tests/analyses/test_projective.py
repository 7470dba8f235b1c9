"""The projective field: the converse of the receptive field, cell by cell, and torch's gradients of every output cell."""

from __future__ import annotations

import warnings
from itertools import product

import pytest
from drawing.networks import networks
from drawing.resampled_networks import resampled_networks
from drawing.resized_networks import resized_networks
from drawing.shaped_networks import networks as shaped_networks
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.cells import cells_of

SOME = settings(max_examples=max(settings.default.max_examples // 4, 8))
#: Up to this many output cells are asked.
MOST = 60


def cells(terms):
    """A union of product sets as a set of index tuples."""
    return {cell for term in terms for cell in product(*map(cells_of, term))}


def check_converse(module, shape, data):
    """Every output cell is in the projective field of x exactly where x is in its receptive field."""
    output = cc.trace(module, shape).output_shape
    rest = output[2:] if len(output) > 2 else output[1:]
    if 0 in output:
        return
    at = tuple(data.draw(st.integers(0, n - 1)) for n in shape[2:])
    field = cc.projective_field(module, shape, at=at)
    found = cells(field.terms)
    assert (field.count, field.image) == (len(found), rest)
    for number, cell in enumerate(product(*map(range, rest))):
        if number >= MOST:
            break
        reads = at in cells(cc.receptive_field(module, shape, at=cell).terms)
        assert (cell in found) == reads, cell


@SOME
@given(networks(high=6), st.data())
def test_the_converse_in_networks_with_windows(network, data):
    check_converse(network.module, network.shape, data)


@SOME
@given(resized_networks(), st.data())
def test_the_converse_in_networks_that_grow_and_shrink(network, data):
    check_converse(network.module, network.shape, data)


@SOME
@given(resampled_networks(), st.data())
def test_the_converse_in_networks_that_are_resampled_and_normed(network, data):
    check_converse(network.module, network.shape, data)


@SOME
@given(shaped_networks(), st.data())
def test_the_converse_in_networks_that_cut_and_turn(drawn, data):
    network, shape, _ = drawn
    check_converse(network, shape, data)


@SOME
@given(networks(high=5), st.data())
def test_the_field_is_that_of_torchs_gradients(network, data):
    pytest.importorskip("torch")
    from cnncalc.torch_twin.probe import Probe
    from cnncalc.torch_twin.twin import Twins

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probe = Probe(Twins(network.module), network.shape)
    shape = tuple(probe.result.shape)
    rest = shape[2:] if len(shape) > 2 else shape[1:]
    at = tuple(data.draw(st.integers(0, n - 1)) for n in network.shape[2:])
    expected = {cell for cell in list(product(*map(range, rest)))[:MOST] if bool(probe.cells(probe.result, cell)[at])}
    found = cells(cc.projective_field(network.module, network.shape, at=at).terms)
    assert {cell for cell in list(product(*map(range, rest)))[:MOST] if cell in found} == expected


def test_by_hand():
    """Cell 4 of a stride of 2 with kernel 3 and padding 1 is read by outputs 2 alone; cell 5 by 2 and 3."""
    conv = cc.Conv1d(1, 1, 3, 2, 1)
    assert cc.projective_field(conv, (1, 1, 16), at=4).cells == ((2,),)
    assert cc.projective_field(conv, (1, 1, 16), at=(5,)).cells == ((2, 3),)
    unread = cc.projective_field(cc.Conv1d(1, 1, 1, 2), (1, 1, 16), at=3)
    assert (unread.box, unread.count, unread.cells, str(unread)) == (
        None,
        0,
        ((),),
        "projective field of (3,) in the output: no cell, 0 cells",
    )


def test_one_channel_of_a_grouped_network():
    net = cc.Sequential(cc.Conv2d(4, 4, 3, padding=1, groups=4), cc.Flatten())
    alone = cc.projective_field(net, (1, 4, 5, 5), at=(2, 2), channel=1)
    assert alone.cells == (tuple(25 + 5 * row + column for row in (1, 2, 3) for column in (1, 2, 3)),)
    assert cc.projective_field(net, (1, 4, 5, 5), at=(2, 2)).count == 36
    assert cc.projective_field(net, (1, 4, 5, 5), at=(2, 2), of="0").to_dict() == {
        "of": "0", "at": [2, 2], "box": [[1, 3], [1, 3]], "count": 9, "share": 9 / 25, "cells": [[1, 2, 3], [1, 2, 3]],
    }  # fmt: skip


def test_everything_behind_a_global_pool():
    net = cc.Sequential(cc.Conv2d(1, 2, 3, 2), cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(2, 5))
    assert cc.projective_field(net, (1, 1, 9, 9), at=(0, 0)).cells == ((0, 1, 2, 3, 4),)
    assert cc.projective_field(net, (1, 1, 10, 10), at=(9, 9)).count == 0


@pytest.mark.parametrize("at", [(9, 0), (0,), "00", (-1, 0), None], ids=repr)
def test_a_cell_that_does_not_exist(at):
    with pytest.raises(cc.ArgumentError, match="cell is given by its indices"):
        cc.projective_field(cc.Conv2d(1, 1, 3), (1, 1, 9, 9), at=at)


def test_symbols_and_channels_are_refused():
    with pytest.raises(cc.UnsupportedError, match="need numbers"):
        cc.projective_field(cc.Conv2d(1, 1, 3), (1, 1, "H", "W"), at=(0, 0))
    with pytest.raises(cc.ArgumentError, match="channel numbers one channel"):
        cc.projective_field(cc.Conv2d(1, 1, 3), (1, 1, 9, 9), at=(0, 0), channel=1)


def test_unfold_and_fold():
    """Patches, whose places and channels are searched: a cell lies in 3 × 3 patches."""
    net = cc.Unfold(3)
    changed = cc.projective_field(net, (1, 1, 6, 6), at=(3, 3))
    assert changed.cells == (tuple(4 * row + column for row in (1, 2, 3) for column in (1, 2, 3)),)
