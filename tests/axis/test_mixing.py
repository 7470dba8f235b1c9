"""Axes of which whole stretches are read: all of it, blocks, everything up to a cell."""

from __future__ import annotations

from itertools import product

import pytest
from maps_by_hand import agrees

from cnncalc.axis import EVERYTHING, Everything, Groups, Prefix, Undescribed
from cnncalc.errors import UnsupportedError
from cnncalc.sizes import symbol

N, M = map(symbol, "nm")


def test_everything_is_read_by_every_cell():
    for n in range(1, 5):
        agrees(EVERYTHING, n, [range(n)] * n)
        for m in range(4):
            agrees(Everything(m), n, [range(n)] * m)
            assert Everything(m).taps(n) == m * n
        assert EVERYTHING.taps(n) == n * n
    assert Everything(3).taps(N) == 3 * N
    assert Everything(M).length(4) == M
    assert EVERYTHING.length(N) == N
    assert Everything(3).stencil(9) is None
    assert Everything(3).phases(9) is None


def test_blocks_read_blocks():
    for groups, block, other in product(range(1, 5), range(1, 4), range(1, 4)):
        rows = [range(g * block, (g + 1) * block) for g in range(groups) for _ in range(other)]
        agrees(Groups(groups, groups * other), groups * block, rows)
        assert Groups(groups, groups * other).taps(groups * block) == sum(map(len, rows))
    assert Groups(2, M).length(N) == M


def test_everything_up_to_a_cell_or_from_it_on():
    for n in range(1, 6):
        agrees(Prefix(), n, [range(i + 1) for i in range(n)])
        agrees(Prefix(backwards=True), n, [range(i, n) for i in range(n)])
        for m in range(1, 8):
            agrees(Prefix(m), n, [range(min(i + 1, n)) for i in range(m)])
    assert (Prefix().length(N), Prefix(M).length(N)) == (N, M)


def test_what_has_no_description_has_a_length_and_a_reason_alone():
    for m in (4, M):
        axis_map = Undescribed(m, "FractionalMaxPool2d", "has windows that are drawn at random")
        assert axis_map.length(9) == m
        assert axis_map.reads(0, 9) == 0 == axis_map.read_by(0, 9, 4)
        assert axis_map.stencil(9) is None
        assert axis_map.phases(9) is None
        assert axis_map.why_varying(9) == "has windows that are drawn at random"
        for ask in (lambda known=axis_map: known.reads(1, 9), lambda known=axis_map: known.read_by(2, 9, 4)):
            with pytest.raises(UnsupportedError, match="FractionalMaxPool2d: has windows that are drawn at random, so that its"):
                ask()
