"""The windows of transposed convolutions: every small one cell by cell, and its phases on an endless axis."""

from __future__ import annotations

from itertools import product

import pytest
from equations import worked_out
from maps_by_hand import agrees, cells, repeats

from cnncalc.axis import Transposed
from cnncalc.cells import MOST_CELLS
from cnncalc.phases import MOST_PHASES
from cnncalc.sizes import substitute, symbol

K, S, P, D, MORE = map(symbol, "kspdo")
N = symbol("n")


def table(n, k, s, p, d, o):
    """What each output cell is a sum of: input cell m is added to s·m − p + d·t, and o more cells stay behind."""
    last = s * (n - 1) - p + d * (k - 1)
    return [[m for m in range(n) for t in range(k) if s * m - p + d * t == i] for i in range(last - p + o + 1)]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_every_small_window_reads_the_cells_that_are_added_to_it(k):
    for s, p, d, o, n in product((1, 2, 3), (0, 1, 2), (1, 2, 3), (0, 1), range(1, 6)):
        rows = table(n, k, s, p, d, o)
        if rows:
            agrees(Transposed(k, s, p, d, o), n, rows)


def test_defaults_are_those_of_a_layer():
    agrees(Transposed(3), 2, [[0], [0, 1], [0, 1], [1]])
    assert Transposed(3) == Transposed(3, 1, 0, 1, 0)


def test_on_an_endless_axis_each_window_is_as_far_from_borders():
    for k, s, p, d in product(range(1, 6), range(1, 5), (0, 1, 3), (1, 2, 3)):
        window = Transposed(k, s, p, d, s - 1)
        repeats(window, 30, range(d * (k - 1), 29 * s - p))
        assert (window.stencil(30) is None) == (s > 1)
        phases = window.phases(30)
        assert (phases.stride.numerator, phases.stride.denominator) == (1, s)


def test_a_symbolic_length_and_stencil_are_the_numbers():
    length, stencil = Transposed(K, S, P, D, MORE).length(N), Transposed(K, 1, P, D).stencil(N)
    assert stencil.cells is None
    for k, s, p, d, o, n in product((1, 2, 3), (1, 2), (1, 2), (1, 3), (1, 2), (1, 4)):
        values = {"k": k, "s": s, "p": p, "d": d, "o": o}
        assert substitute(length, values | {"n": n}) == s * (n - 1) - 2 * p + d * (k - 1) + o + 1
        reached = [m for m in range(-20, 20) for t in range(k) if m - p + d * t == 0]
        assert substitute(stencil.start, values) == min(reached)
        assert substitute(stencil.size, values) == max(reached) - min(reached) + 1


def test_behind_symbols_cells_are_not_known():
    for parts in ((K, 2, 0, 1, 0), (3, S, 0, 1, 0), (3, 2, P, 1, 0), (3, 2, 0, D, 0), (3, 2, 0, 1, MORE)):
        assert Transposed(*parts).phases(N) is None
    assert Transposed(3, S).stencil(N) is None
    for parts in ((K,), (3, 1, 0, D)):
        assert Transposed(*parts).stencil(N).cells is None
    for stencil in (Transposed(3, 1, P).stencil(N), Transposed(3, 1, 0, 1, MORE).stencil(N)):
        assert cells(stencil.cells) == [0, 1, 2]


def test_of_too_many_cells_only_the_extent_is_known():
    for window, extent in (
        (Transposed(MOST_CELLS), MOST_CELLS),
        (Transposed(MOST_CELLS + 1), MOST_CELLS + 1),
        (Transposed(2, dilation=MOST_CELLS - 1), MOST_CELLS),
        (Transposed(2, dilation=MOST_CELLS), MOST_CELLS + 1),
    ):
        stencil = window.stencil(N)
        assert (stencil.start, stencil.size, stencil.stride) == (1 - extent, extent, 1)
        assert (stencil.cells is None) == (extent > MOST_CELLS) == (window.phases(N) is None)


def test_of_too_many_phases_none_is_known():
    assert Transposed(1, MOST_PHASES).phases(N).period == MOST_PHASES
    assert Transposed(1, MOST_PHASES + 1).phases(N) is None


#: A window, the rule in the shortest form that textbooks have for it, and the numbers put in for 7 cells.
WORKINGS = [
    (Transposed(4, 2), "(n − 1)·s + k", "(7 − 1)·2 + 4"),
    (Transposed(4, 2, 1), "(n − 1)·s − 2p + k", "(7 − 1)·2 − 2·1 + 4"),
    (Transposed(3, 2, 1, 1, 1), "(n − 1)·s − 2p + k + o", "(7 − 1)·2 − 2·1 + 3 + 1"),
    (Transposed(3, 1, 0, 2), "(n − 1)·s + d·(k − 1) + 1", "(7 − 1)·1 + 2·(3 − 1) + 1"),
    (Transposed(K, S, P, D, MORE), "(n − 1)·s − 2p + d·(k − 1) + 1 + o", "(7 − 1)·s − 2·p + d·(k − 1) + 1 + o"),
]


@pytest.mark.parametrize(("window", "rule", "numbers"), WORKINGS, ids=[rule for _, rule, _ in WORKINGS])
def test_the_working_is_the_textbooks(window, rule, numbers):
    assert window.working(7) == (rule, numbers)


def test_the_working_comes_to_the_length():
    for k, s, p, d, o in product((1, 2, 3), (1, 2, 3), (0, 1), (1, 2), (0, 1, 2)):
        expected = len(table(7, k, s, p, d, o))
        rule, numbers = Transposed(k, s, p, d, o).working(7)
        assert worked_out(numbers) == expected == worked_out(rule, n=7, k=k, s=s, p=p, d=d, o=o)
