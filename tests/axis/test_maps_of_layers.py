"""Axis maps that a layer makes for itself: forwards, backwards and counted, against what changes when torch runs it."""

from __future__ import annotations

import pytest
from maps_by_hand import agrees

import cnncalc as cc

torch = pytest.importorskip("torch")


def changed(layer, n):
    """For each channel that comes out of a layer, the channels on which it depends: one is made larger at a time."""
    x = torch.ones(1, n, 2, 2, dtype=torch.float64)
    plain = layer(x)[0, :, 0, 0]
    rows = [[] for _ in plain]
    for channel in range(n):
        larger = x.clone()
        larger[:, channel] = 4.0
        for i in (layer(larger)[0, :, 0, 0] != plain).nonzero().flatten().tolist():
            rows[i].append(channel)
    return rows


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", ["LocalResponseNorm", "CrossMapLRN2d"])
def test_a_response_norm_reads_the_channels_that_change_it(name, size):
    for n in range(1, 8):
        (maps,) = getattr(cc, name)(size).axes((1, n, 2, 2))
        # Multiples of powers of 2, whose running sum is never rounded.
        agrees(maps.maps[1], n, changed(getattr(torch.nn, name)(size, alpha=0.5), n))


def test_a_gate_reads_both_halves():
    for m in (1, 2, 3):
        (maps,) = cc.GLU(1).axes((1, 2 * m, 2, 2))
        agrees(maps.maps[1], 2 * m, changed(torch.nn.GLU(1), 2 * m))


class Branches(cc.Module):
    """A wide branch of two channels and a narrow one of six, normed across channels; the last two are taken."""

    def __init__(self):
        super().__init__()
        self.wide, self.narrow = cc.Conv2d(1, 2, 5, padding=2), cc.Conv2d(1, 6, 3, padding=1)
        self.norm = cc.CrossMapLRN2d(3)

    def forward(self, x):
        """Joined, normed, cut."""
        return self.norm(cc.cat([self.wide(x), self.narrow(x)], 1))[:, 6:]


def test_a_channel_that_every_norm_reads_brings_its_field_with_it():
    """The first channel is of the wide branch: 5 cells, as the exact cells have it."""
    field = cc.receptive_field(Branches(), (1, 1, 21, 21), at=(10, 10))
    assert field.box == ((8, 12), (8, 12)) == field.unclipped_box
    assert field.size == (5, 5)
