"""What every axis map shares: equality, how much is read, one map after another."""

from __future__ import annotations

from itertools import product

import pytest
from maps_by_hand import agrees, repeats

from cnncalc.axis import (
    EACH,
    Adaptive,
    Chain,
    Everything,
    Groups,
    Pad,
    Picked,
    Prefix,
    Select,
    Tiled,
    Transposed,
    Undescribed,
    Window,
)
from cnncalc.axis import equal_maps_shared as shared
from cnncalc.errors import UnsupportedError
from cnncalc.phases import Phases
from cnncalc.sizes import symbol
from cnncalc.stencil import IDENTITY

N, M = map(symbol, "nm")


def test_cell_by_cell():
    for n in range(5):
        agrees(EACH, n, [[i] for i in range(n)])
        repeats(EACH, n, range(n))
        assert EACH.taps(n) == n
    assert EACH.length(N) == N == EACH.taps(N)
    assert EACH.stencil(N) is IDENTITY
    assert EACH.phases(N) == Phases.of(IDENTITY)
    assert EACH.working(5) is None


def test_only_what_is_known_to_be_is_cell_by_cell():
    assert EACH.is_each
    for axis_map in (
        Pad(0, 1),
        Select(0, 1, 3),
        Tiled(2),
        Adaptive(3),
        Transposed(2),
        Everything(),
        Prefix(),
        Chain(EACH, Pad(1, 1)),
    ):
        assert not axis_map.is_each


#: Maps of a few cells, each with the cells that its output cells read of an axis of five.
MAPS = [
    (Pad(1, 2, "reflect"), [[1], [0], [1], [2], [3], [4], [3], [2]]),
    (Pad(-1, 0), [[1], [2], [3], [4]]),
    (Pad(2, 0, "circular"), [[3], [4], [0], [1], [2], [3], [4]]),
    (Window(3, 2), [[0, 1, 2], [2, 3, 4]]),
    (Window(2, 1, 1, 1), [[0], [0, 1], [1, 2], [2, 3], [3, 4], [4]]),
    (Transposed(2, 2), [[0], [0], [1], [1], [2], [2], [3], [3], [4], [4]]),
    (Adaptive(3), [[0, 1], [1, 2, 3], [3, 4]]),
    (Select(4, -1, 5), [[4], [3], [2], [1], [0]]),
    (EACH, [[0], [1], [2], [3], [4]]),
]


@pytest.mark.parametrize(("first", "before"), MAPS, ids=[str(axis_map) for axis_map, _ in MAPS])
def test_a_chain_reads_through_both(first, before):
    n = len(before)
    for second, rows in (
        (Window(2), [[i, i + 1] for i in range(n - 1)]),
        (Window(1, 2), [[i] for i in range(0, n, 2)]),
        (Window(3, 1, 1, 1), [[x for x in (i - 1, i, i + 1) if 0 <= x < n] for i in range(n)]),
        (Pad(1, 0, "replicate"), [[0], *([i] for i in range(n))]),
        (Everything(1), [range(n)]),
    ):
        agrees(Chain(first, second), 5, [[x for cell in row for x in before[cell]] for row in rows])
        assert Chain(first, second).working(5) == second.working(n)


def test_a_chain_on_an_endless_axis_is_one_after_the_other():
    """Padding before the window, which reads across the border of what is padded only near it."""
    for (before, after), k, s, d in product(((0, 0), (2, 1), (-1, 2)), (1, 2, 3), (1, 2), (1, 2)):
        for chain in (
            Chain(Pad(before, after, "circular"), Window(k, s, 0, 0, d)),
            Chain(Window(k, s, 0, 0, d), Pad(before, after)),
        ):
            repeats(chain, 60, range(8, 16))
            assert chain.stencil(60) is not None
    for up in (Transposed(3, 2, 1), Adaptive(45)):
        for chain in (Chain(up, Window(3)), Chain(Window(3, 1, 1, 1), up)):
            repeats(chain, 60, range(8, 16))
            assert chain.stencil(60) is None
            assert chain.phases(60) is not None
    for one in (Prefix(), Select(4, -1, 5)):
        for chain in (Chain(one, Window(3)), Chain(Window(3), one)):
            assert chain.stencil(60) is None is chain.phases(60)


def test_how_many_cells_are_read_is_their_number_or_refused():
    for axis_map, rows in MAPS[:-1]:
        if not isinstance(axis_map, Window):
            assert axis_map.taps(5) == sum(map(len, rows))
    for axis_map, n in ((Tiled(2), N), (Tiled(M), 5), (Prefix(), N), (Select(0, 1, M), 5), (Pad(1, M), 3), (Pad(1, 1), N)):
        with pytest.raises(
            UnsupportedError, match="how many cells are read depends on symbols in a way that has no formula here"
        ):
            axis_map.taps(n)


def all_different():
    """Maps that differ in their class or in one part."""
    return [
        *(
            Window(3),
            Window(4),
            Window(3, 2),
            Window(3, 1, 1),
            Window(3, 1, 0, 1),
            Window(3, 1, 0, 0, 2),
            Window(3, ceil_mode=True),
        ),
        *(Transposed(3), Transposed(4), Transposed(3, 2), Transposed(3, 1, 1), Transposed(3, 1, 0, 2), Transposed(3, 1, 0, 1, 1)),
        *(Pad(1, 1), Pad(2, 1), Pad(1, 2), Pad(1, 1, "reflect")),
        *(Adaptive(3), Adaptive(4), Adaptive(N), Adaptive(M)),
        *(Everything(), Everything(3), Groups(2, 4), Groups(4, 4), Groups(2, 8)),
        *(Chain(Pad(1, 1), Window(3)), Chain(Pad(1, 2), Window(3)), Chain(Pad(1, 1), Window(N))),
        *(Select(0, 1, 3), Select(1, 1, 3), Select(0, 2, 3), Select(0, 1, 4), Select(0, 1, N), Tiled(2), Tiled(3), Tiled(N)),
        *(Prefix(), Prefix(backwards=True), EACH, Undescribed(3, "a", "b"), Undescribed(4, "a", "b"), Undescribed(3, "c", "b")),
        *(Picked((0, 1)), Picked((1, 0)), Picked((0, 1, 2)), Picked(()), Picked((N, 1)), Picked((M, 1))),
    ]


def test_maps_are_equal_in_class_and_all_parts_alone():
    again = all_different()
    for i, left in enumerate(all_different()):
        assert [j for j, right in enumerate(again) if left == right] == [i]
        assert hash(left) == hash(again[i])
        assert left != "a map"


def test_equal_maps_are_made_one_object_and_others_are_left():
    made = [Window(3), Pad(1, 1), Window(3), Window(N), Window(4), Window(N), Pad(1, 1)]
    kept = shared(made)
    assert [next(j for j, one in enumerate(kept) if one is other) for other in kept] == [0, 1, 0, 3, 4, 3, 1]
    assert all(one == other for one, other in zip(kept, made, strict=True))
    assert shared([]) == ()
