"""Sliding windows: every small one cell by cell, its description on an endless axis, its working as a reader does it."""

from __future__ import annotations

from itertools import product

import pytest
from equations import worked_out
from maps_by_hand import agrees, bits, repeats

from cnncalc.axis import Window
from cnncalc.cells import MOST_CELLS
from cnncalc.errors import UndecidedError
from cnncalc.sizes import recording, substitute, symbol
from cnncalc.stencil import IDENTITY

K, S, P, Q, D = map(symbol, "kspqd")
N = symbol("n")


def starts(n, k, s, p, q, d, *, ceil_mode=False):
    """The first cell of each window: they fit into the padded axis, or hang over by less than s and start before its end."""
    last = n + q - d * (k - 1) - 1
    return list(range(-p, min(last + s, n) if ceil_mode else last + 1, s))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_every_small_window_reads_the_cells_under_it(k):
    for s, p, q, d, n in product((1, 2, 3), (0, 1, 3), (0, 2, 3), (1, 2, 3), range(1, 7)):
        first = starts(n, k, s, p, q, d)
        if first:
            table = [[x for t in range(k) if 0 <= (x := start + d * t) < n] for start in first]
            agrees(Window(k, s, p, q, d), n, table)


def test_a_window_without_padding_moves_on_by_one_unless_it_is_said():
    agrees(Window(3), 5, [[0, 1, 2], [1, 2, 3], [2, 3, 4]])
    assert Window(3) == Window(3, 1, 0, 0, 1, ceil_mode=False)


def test_with_ceil_mode_windows_hang_over():
    """Padding as pools have it, before and behind, so that no two windows start behind the input."""
    for k, s, d, n in product(range(1, 5), range(1, 5), (1, 2), range(1, 9)):
        for p, q in product(range(k // 2 + 1), repeat=2):
            if n + p + q > d * (k - 1):
                assert Window(k, s, p, q, d, ceil_mode=True).length(n) == len(starts(n, k, s, p, q, d, ceil_mode=True))


def test_with_ceil_mode_and_symbols_the_length_holds_where_its_condition_does():
    with recording() as recorder:
        length = Window(K, S, P, Q, D, ceil_mode=True).length(N)
    (asked,) = recorder.requirements
    assert asked.reason == "with ceil_mode, the last window must not start in the padding behind the input"
    for k, s, d in product(range(1, 5), range(1, 5), (1, 2)):
        for p, q in product(range(k // 2 + 1), repeat=2):
            values = {"k": k, "s": s, "p": p, "q": q, "d": d}
            agree = [
                substitute(length, values | {"n": n}) == len(starts(n, k, s, p, q, d, ceil_mode=True))
                for n in range(max(d * (k - 1) + 1 - p - q, 1), 20)
            ]
            assert all(agree) == asked.condition.holds(values)
            assert asked.holds(values)


def test_what_is_one_cell_wide_and_never_moves_is_cell_by_cell():
    for k, s, p, q, d in product((1, 2), (1, 2), (0, 1), (0, 1), (1, 2)):
        assert Window(k, s, p, q, d).is_each == ((k, s, p, q) == (1, 1, 0, 0))
    assert not any(Window(*(symbol("x") if i == j else 1 - j // 2 for j in range(4))).is_each for i in range(4))
    assert Window(1).stencil(9) is IDENTITY


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_on_an_endless_axis_each_window_is_as_far_from_borders(ceil_mode):
    for k, s, p, q, d in product(range(1, 5), (1, 2, 3), (0, 1, 3), (0, 2), (1, 2, 3)):
        window = Window(k, s, p, q, d, ceil_mode=ceil_mode)
        repeats(window, 60, range(5, 12))
        stencil = window.stencil(60)
        assert (stencil.start, stencil.stride, stencil.cells) == (-p, s, bits(d * t for t in range(k)))
        assert stencil is window.stencil(N)


def test_of_too_many_cells_or_behind_symbols_only_the_extent_is_known():
    for window, extent in (
        (Window(MOST_CELLS), MOST_CELLS),
        (Window(MOST_CELLS + 1), MOST_CELLS + 1),
        (Window(2, dilation=MOST_CELLS - 1), MOST_CELLS),
        (Window(2, dilation=MOST_CELLS), MOST_CELLS + 1),
    ):
        stencil = window.stencil(N)
        assert (stencil.start, stencil.size, stencil.stride) == (0, extent, 1)
        assert (stencil.cells is None) == (extent > MOST_CELLS) == (window.phases(N) is None)
    for window, expected in (
        (Window(K), (0, K, 1)),
        (Window(3, S), (0, 3, S)),
        (Window(1, 1, P), (-P, 1, 1)),
        (Window(3, 1, 0, 0, D), (0, 2 * D + 1, 1)),
    ):
        stencil = window.stencil(N)
        assert (stencil.start, stencil.size, stencil.stride, stencil.cells) == (*expected, None)
        assert window.phases(N) is None
    assert Window(3, 1, 0, Q).stencil(N).cells == 0b111


def test_each_window_counts_its_whole_kernel():
    for k, s, p, d, n in product((1, 2, 3), (1, 2), (0, 2), (1, 2), (5, 6, 9)):
        assert Window(k, s, p, p, d).taps(n) == k * len(starts(n, k, s, p, p, d))
    assert Window(K, 2).taps(N) == (2 + (N - K) // 2 - 1) * K


def test_cells_behind_symbols_are_not_read():
    with pytest.raises(UndecidedError, match="no single value"):
        Window(K).reads(1, 9)


# -- the working ------------------------------------------------------------------------------------------------

#: A window, the rule in the shortest form that textbooks have for it, and the numbers put in for 31 cells.
WORKINGS = [
    (Window(3), "n − k + 1", "31 − 3 + 1"),
    (Window(3, 1, 1, 1), "n + 2p − k + 1", "31 + 2·1 − 3 + 1"),
    (Window(3, 1, 1, 2), "n + p + q − k + 1", "31 + 1 + 2 − 3 + 1"),
    (Window(3, 1, 0, 1), "n + p + q − k + 1", "31 + 0 + 1 − 3 + 1"),
    (Window(3, 1, 0, 0, 2), "n − d·(k − 1)", "31 − 2·(3 − 1)"),
    (Window(3, 1, 2, 2, 2), "n + 2p − d·(k − 1)", "31 + 2·2 − 2·(3 − 1)"),
    (Window(3, 2), "⌊(n − k)/s⌋ + 1", "⌊(31 − 3)/2⌋ + 1 = ⌊14⌋ + 1"),
    (Window(4, 2), "⌊(n − k)/s⌋ + 1", "⌊(31 − 4)/2⌋ + 1 = ⌊13.5⌋ + 1"),
    (Window(3, 3, 1, 1), "⌊(n + 2p − k)/s⌋ + 1", "⌊(31 + 2·1 − 3)/3⌋ + 1 = ⌊10⌋ + 1"),
    (Window(2, 3, 1, 1), "⌊(n + 2p − k)/s⌋ + 1", "⌊(31 + 2·1 − 2)/3⌋ + 1 = ⌊31/3⌋ + 1"),
    (Window(3, 2, 0, 1), "⌊(n + p + q − k)/s⌋ + 1", "⌊(31 + 0 + 1 − 3)/2⌋ + 1 = ⌊14.5⌋ + 1"),
    (Window(3, 2, 0, 0, 2), "⌊(n − d·(k − 1) − 1)/s⌋ + 1", "⌊(31 − 2·(3 − 1) − 1)/2⌋ + 1 = ⌊13⌋ + 1"),
    (
        Window(3, 2, 1, 1, ceil_mode=True),
        "⌈(n + min(p, 2p + s − K))/s⌉, K = d·(k − 1) + 1",
        "⌈(31 + min(1, 4 − 3))/2⌉",
    ),
    (Window(K), "n − k + 1", "31 − k + 1"),
    (Window(K, 2), "⌊(n − k)/s⌋ + 1", "⌊(31 − k)/2⌋ + 1"),
    (Window(3, S), "⌊(n − k)/s⌋ + 1", "⌊(31 − 3)/s⌋ + 1"),
    (Window(3, 2, P, P), "⌊(n + 2p − k)/s⌋ + 1", "⌊(31 + 2·p − 3)/2⌋ + 1"),
    (Window(3, 1, P, Q), "n + p + q − k + 1", "31 + p + q − 3 + 1"),
    (Window(3, 1, 0, 0, D), "n − d·(k − 1)", "31 − d·(3 − 1)"),
    (Window(3, 2, 0, 0, D), "⌊(n − d·(k − 1) − 1)/s⌋ + 1", "⌊(31 − d·(3 − 1) − 1)/2⌋ + 1"),
]


@pytest.mark.parametrize(("window", "rule", "numbers"), WORKINGS, ids=[f"{rule} = {numbers}" for _, rule, numbers in WORKINGS])
def test_the_working_is_the_textbooks(window, rule, numbers):
    assert window.working(31) == (rule, numbers)


def test_the_working_comes_to_the_number_of_windows():
    for k, s, p, q, d, ceil_mode in product((1, 2, 3), (1, 2, 3, 8), (0, 1), (0, 1), (1, 2), (False, True)):
        expected = len(starts(31, k, s, p, q, d, ceil_mode=ceil_mode))
        rule, numbers = Window(k, s, p, q, d, ceil_mode=ceil_mode).working(31)
        assert {worked_out(side) for side in numbers.split(" = ")} == {expected}
        if not ceil_mode:
            assert worked_out(rule, n=31, k=k, s=s, p=p, q=q, d=d) == expected


@pytest.mark.parametrize(
    ("room", "s", "quotient"),
    [
        (124, 2, "62"),
        (125, 2, "62.5"),
        (125, 3, "125/3"),
        (125, 4, "31.25"),
        (125, 7, "125/7"),
        (125, 8, "15.625"),
        (125, 10, "12.5"),
        (125, 16, "125/16"),
        (125, 999, "125/999"),
        (125, 1000, "0.125"),
        (125, 1001, "125/1001"),
        (125, 2000, "125/2000"),
    ],
)
def test_a_quotient_is_written_as_people_do(room, s, quotient):
    """As a decimal fraction where it ends after three places."""
    assert Window(1, s).working(room + 1)[1] == f"⌊({room + 1} − 1)/{s}⌋ + 1 = ⌊{quotient}⌋ + 1"
