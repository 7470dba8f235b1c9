"""The windows of adaptive pools: every small pair of lengths, against torch's gradients."""

from __future__ import annotations

from itertools import product

import pytest
from maps_by_hand import agrees, repeats

import cnncalc as cc
from cnncalc.axis import Adaptive
from cnncalc.errors import UnsupportedError
from cnncalc.sizes import substitute, symbol
from cnncalc.stencil import IDENTITY

N, M = map(symbol, "nm")
PAIRS = list(product(range(1, 13), range(1, 9)))


def table(n, m):
    """The cells that torch's adaptive mean reads, by gradients."""
    torch = pytest.importorskip("torch")
    x = torch.ones(1, 1, n, dtype=torch.float64, requires_grad=True)
    output = torch.nn.functional.adaptive_avg_pool1d(x, m)[0, 0]
    rows = [torch.autograd.grad(cell, x, retain_graph=True)[0].flatten() for cell in output]
    return [row.nonzero().flatten().tolist() for row in rows]


def test_windows_are_those_of_torch():
    for n, m in PAIRS:
        rows = table(n, m)
        agrees(Adaptive(m), n, rows)
        assert Adaptive(m).taps(n) == substitute(Adaptive(m).taps(N), {"n": n}) == sum(map(len, rows))
    agrees(Adaptive(0), 5, [])


def test_on_an_endless_axis_windows_repeat():
    """Of more than one window, the image goes on as it began; one window is as wide as the image."""
    for n, m in PAIRS:
        stencil, phases = Adaptive(m).stencil(n), Adaptive(m).phases(n)
        repeats(Adaptive(m), n, range(m))
        same = n == m
        assert (stencil is not None) == (same or (m > 1 and n % m == 0))
        assert (phases is not None) == (same or m > 1)
        if phases is not None:
            assert phases.stride.numerator * m == phases.stride.denominator * n
    for axis_map, n in ((Adaptive(0), 5), (Adaptive(3), N), (Adaptive(M), 3)):
        assert axis_map.stencil(n) is None is axis_map.phases(n)


def test_one_cell_for_each_is_cell_by_cell():
    for axis_map, n in ((Adaptive(N), N), (Adaptive(4), 4), (Adaptive(1), 1)):
        assert axis_map.stencil(n) == IDENTITY
        assert axis_map.phases(n).stencil == IDENTITY


def test_how_many_cells_an_unknown_number_of_windows_reads_is_refused():
    with pytest.raises(UnsupportedError, match="how many cells are read depends on symbols"):
        Adaptive(M).taps(7)
    with pytest.raises(UnsupportedError, match="how many cells are read depends on symbols"):
        Adaptive(M).taps(N)


@pytest.mark.parametrize("shape", [(1, 1, 3, 3), (1, 1, 5, 3)])
def test_behind_a_map_of_one_cell_a_global_pool_changes_no_field(shape):
    """The axis of length 1 reads the three cells of the kernel, on the other the pool covers the whole input."""
    field = cc.receptive_field(cc.Sequential(cc.Conv2d(1, 1, 3), cc.AdaptiveAvgPool2d(1)), shape)
    assert field.size == (shape[2], 3)
    assert not field.reason


def test_up_sampled_and_kept_as_it_is_has_the_field_of_the_up_sampling():
    layers = cc.Upsample(scale_factor=2), cc.Conv2d(1, 1, 3), cc.AdaptiveAvgPool2d((None, None))
    plain, pooled = (cc.receptive_field(cc.Sequential(*layers[:count]), (1, 1, "H", "W")) for count in (2, 3))
    assert plain.sizes == pooled.sizes == ((2, 2), (2, 2))
    assert plain.stride == pooled.stride


def test_the_working_is_the_size_that_is_asked_for():
    assert Adaptive(7).working(30) == ("m", "7")
    assert Adaptive(M).working(N) == ("m", "m")
