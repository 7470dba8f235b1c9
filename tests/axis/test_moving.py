"""Padding, selection and repetition: against torch's own, and lists cut and laid out by Python."""

from __future__ import annotations

from itertools import product

import pytest
from maps_by_hand import agrees, repeats

from cnncalc.axis import Pad, Picked, Select, Tiled
from cnncalc.sizes import substitute, symbol

N, P, Q = map(symbol, "npq")
#: Torch's words for the modes.
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


@pytest.mark.parametrize("mode", MODES)
def test_padding_copies_the_cells_that_torch_copies(mode):
    """Torch pads the numbers 1 … n: what stands in a cell is the one it was copied from, and 0 a new one."""
    torch = pytest.importorskip("torch")
    compared = 0
    for n, before, after in product(range(1, 5), range(-2, 5), range(-2, 5)):
        if mode == "circular" and before * after < 0:
            continue  # torch leaves memory unwritten where one side grows and the other is cropped
        try:
            padded = torch.nn.functional.pad(torch.arange(1.0, n + 1)[None, None], (before, after), MODES[mode])
        except RuntimeError:
            continue
        agrees(Pad(before, after, mode), n, [[int(x) - 1] if x else [] for x in padded.flatten().tolist()])
        compared += 1
    assert compared > 50


def test_padding_is_of_zeros_unless_it_is_said():
    agrees(Pad(2, 1), 3, [[], [], [0], [1], [2], []])


def test_a_shift_around_the_ends_is_that_of_a_list():
    for n, by in product(range(1, 5), range(-9, 10)):
        agrees(Pad(by, -by, "circular"), n, [[(i - by) % n] for i in range(n)])


def test_padding_far_from_borders_is_a_shift():
    for before, after, mode in product((-2, 0, 3), (-2, 0, 3), MODES):
        repeats(Pad(before, after, mode), 30, range(8, 20))
        assert Pad(before, after, mode).stencil(30) is not None


def test_padding_crops_where_it_takes_cells_away_or_may():
    amounts = {-1: True, 0: False, 1: False, P: False, P - 1: False, P - 2: True, -P: True}
    for (before, cropped), (after, cut) in product(amounts.items(), repeat=2):
        assert Pad(before, after).crops == (cropped or cut)


def test_padding_by_symbols_has_a_length_and_a_shift():
    length = Pad(P, Q).length(N)
    for n, p, q in product((1, 4), (0, 1, 3), (0, 2)):
        assert substitute(length, {"n": n, "p": p, "q": q}) == n + p + q
    stencil = Pad(P, 0).stencil(N)
    assert (substitute(stencil.start, {"p": 3}), stencil.size, stencil.stride) == (-3, 1, 1)


def test_a_selection_is_a_slice_of_a_list():
    for n, step in product(range(1, 7), (-3, -2, -1, 1, 2, 3)):
        for start, stop in product(range(-1, n + 1), repeat=2):
            taken = list(range(n))[start:stop:step] if step > 0 else list(range(n))[n - 1 - start :: step][: stop + 1]
            if taken:
                agrees(Select(taken[0], step, len(taken)), n, [[x] for x in taken])


def test_a_selection_has_a_stencil_unless_it_goes_backwards():
    for start, step in product((0, 2), (1, 2, 3)):
        repeats(Select(start, step, 9), 40, range(9))
        assert Select(start, step, 9).stencil(40).stride == step
    for step in (0, -1, -2, P - 1, -P):
        assert Select(8, step, 4).stencil(40) is None
    stencil = Select(Q, P, 4).stencil(N)
    assert (stencil.start, stencil.size, stencil.stride, stencil.cells) == (Q, 1, P, 1)


def test_a_list_of_cells_is_read_in_its_order():
    for n, picked in ((4, (2, 0, 2, 3)), (3, (1,)), (5, ()), (2, (1, 1, 1, 0))):
        agrees(Picked(picked), n, [[x] for x in picked])
    assert Picked((1, 0)).stencil(3) is None is Picked((1, 0)).phases(3)
    assert Picked((1, 0)).why_varying(3) == "picks cells by a list"


def test_an_axis_laid_end_to_end_is_a_repeated_list():
    for n, repeats_ in product(range(1, 5), range(4)):
        agrees(Tiled(repeats_), n, [[x] for x in list(range(n)) * repeats_])
    assert Tiled(P).length(N) == N * P
    assert Tiled(3).stencil(5) is None
