"""Sizes in their shortest form: texts as one writes them by hand, each with the value of what it was made from, and no longer."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.formulas import read

from cnncalc.sizes import Expr, Floor, floor_div, plain_text, substitute, symbol
from cnncalc.sizes.plain import code
from cnncalc.sizes.readable import (
    BRACKET,
    FEWEST_GROUPED,
    MOST_GROUPED,
    MOST_POINTS,
    MOST_TERMS,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    _in_lengths,
    leaves_no_remainder,
)
from cnncalc.sizes.writing import node_text, number_text

H, W, C, F, K, S = (symbol(name) for name in "HWCFks")
LONG, BROAD = symbol("height"), symbol("breadth")
POINTS = [
    dict(zip("HWCFks", point, strict=True))
    for point in ((1, 1, 1, 1, 1, 1), (2, 3, 5, 7, 3, 2), (9, 4, 1, 2, 6, 5), (6, 5, 4, 3, 2, 1))
]


def half(size, more=0):
    """A length behind a step of 2."""
    return floor_div(size, 2) + more


# -- forms as text ----------------------------------------------------------------------------------------------

N, M = Name("n"), Name("m")
TREES = [
    (Number(7), "7", "7"),
    (Number(-7), "−7", "-7"),
    (Number(0), "0", "0"),
    (N, "n", "n"),
    (Power(N, 12), "n¹²", "n**12"),
    (Power(Sum((N, Number(1))), 2), "(n + 1)²", "(n + 1)**2"),
    (Power(Product(2, (N,)), 3), "(2·n)³", "(2*n)**3"),
    (Power(Quotient(N, Number(2), "floor"), 2), "⌊n/2⌋²", "(n//2)**2"),
    (Power(Quotient(N, Number(2), "exact"), 2), "(n/2)²", "(n//2)**2"),
    (Power(Number(-2), 2), "−2²", "(-2)**2"),
    (Product(1, (N, M)), "n·m", "n*m"),
    (Product(-1, (N, M)), "−n·m", "-n*m"),
    (Product(2, (N,)), "2·n", "2*n"),
    (Product(-2, (N, M)), "−2·n·m", "-2*n*m"),
    (Product(3, (Sum((N, M)), M)), "3·(n + m)·m", "3*(n + m)*m"),
    (Product(3, (Product(2, (N,)), M)), "3·(2·n)·m", "3*(2*n)*m"),
    (Product(1, (Quotient(N, M, "exact"), M)), "(n/m)·m", "(n//m)*m"),
    (Product(1, (Quotient(N, M, "floor"), M)), "⌊n/m⌋·m", "(n//m)*m"),
    (Product(1, (Power(N, 2), M)), "n²·m", "n**2*m"),
    (Sum((N, M, Number(1))), "n + m + 1", "n + m + 1"),
    (Sum((N, Number(-1))), "n − 1", "n - 1"),
    (Sum((Product(-1, (N,)), Product(-2, (M,)))), "−n − 2·m", "-n - 2*m"),
    (Sum((N, Product(3, (M,)))), "n + 3·m", "n + 3*m"),
    (Quotient(N, Number(2), "floor"), "⌊n/2⌋", "n//2"),
    (Quotient(N, Number(2), "ceil"), "⌈n/2⌉", "(n + 1)//2"),
    (Quotient(N, Number(32), "ceil"), "⌈n/32⌉", "(n + 31)//32"),
    (Quotient(Sum((N, Number(1))), Number(3), "ceil"), "⌈(n + 1)/3⌉", "(n + 1 + 2)//3"),
    (Quotient(N, Number(2), "exact"), "n/2", "n//2"),
    (Quotient(Sum((N, M)), Sum((M, Number(1))), "floor"), "⌊(n + m)/(m + 1)⌋", "(n + m)//(m + 1)"),
    (Quotient(Product(2, (N,)), Product(3, (M,)), "floor"), "⌊2·n/(3·m)⌋", "(2*n)//(3*m)"),
    (Quotient(Product(2, (N,)), Number(3), "exact"), "2·n/3", "(2*n)//3"),
    (Quotient(Number(0), N, "floor"), "⌊0/n⌋", "0//n"),
    (Quotient(Number(-1), N, "floor"), "⌊−1/n⌋", "(-1)//n"),
    (Quotient(Power(N, 2), Power(M, 2), "floor"), "⌊n²/m²⌋", "n**2//m**2"),
    (Quotient(Quotient(N, M, "floor"), Number(2), "floor"), "⌊⌊n/m⌋/2⌋", "(n//m)//2"),
    (Sum((N, Sum((M, Number(1))))), "n + m + 1", "n + (m + 1)"),
    (Sum((Product(1, (N, M)), Quotient(N, M, "floor"))), "n·m + ⌊n/m⌋", "n*m + n//m"),
]
NAMED = {"n": "n", "m": "m"}


@pytest.mark.parametrize(("node", "text", "plain"), TREES, ids=[text for _, text, _ in TREES])
def test_a_form_as_text(node, text, plain):
    assert node_text(node) == text
    assert code(node, NAMED, "{top}//{bottom}", "**") == plain


@pytest.mark.parametrize(("node", "text", "plain"), TREES, ids=[text for _, text, _ in TREES])
def test_all_writings_have_one_value(node, text, plain):
    calls = code(node, {"n": "a", "m": "b"}, "div({top}, {bottom})", "")
    assert "**" not in calls
    for n, m in ((7, 3), (12, 2), (5, 9)):
        value = eval(plain, {}, {"n": n, "m": m})  # noqa: S307 - a text of this file
        assert eval(calls, {"div": lambda a, b: a // b}, {"a": n, "b": m}) == value  # noqa: S307 - our own output
        if "exact" not in repr(node) and "−2²" not in text:
            assert read(text, {"n": n, "m": m}) == value


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Power(N, 3), "(n*n*n)"),
        (Power(Sum((N, M)), 2), "((n + m)*(n + m))"),
        (Quotient(Sum((N, Number(1))), Sum((M, Number(2))), "floor"), "div(n + 1, m + 2)"),
        (Quotient(N, Number(4), "ceil"), "div(n + 3, 4)"),
        (Product(2, (Quotient(N, M, "floor"),)), "2*(div(n, m))"),
    ],
)
def test_division_as_a_call_has_no_brackets_inside(node, text):
    assert code(node, NAMED, "div({top}, {bottom})", "") == text


def test_numbers_have_a_true_minus():
    assert [number_text(n) for n in (-12, -1, 0, 1, 30)] == ["−12", "−1", "0", "1", "30"]


# -- the shortest form ------------------------------------------------------------------------------------------

BY_HAND = [
    # Terms in order: higher degrees first, then by name, the number last.
    (1 + H + W * H + H * H, "H² + H·W + H + 1"),
    (3 - H, "−H + 3"),
    (W - H * H, "−H² + W"),
    (5 * C - 3 * H + 2, "5·C − 3·H + 2"),
    (-2 * H, "−2·H"),
    (H * H * W**3, "H²·W³"),
    # Products.
    (2 * H + 2 * W, "2·(H + W)"),
    (-H - W, "−(H + W)"),
    (H * W + H, "H·(W + 1)"),
    (2 * H * W + 4 * H * H, "2·H·(2·H + W)"),
    (F * C * K * K + F, "F·(C·k² + 1)"),
    (C * K * K + 1, "C·k² + 1"),
    ((H + W) ** 2, "(H + W)²"),
    ((H - 2) * (W - 2) * 9, "9·(H − 2)·(W − 2)"),
    ((H + 1) * (H + 2), "(H + 1)·(H + 2)"),
    (H * (H + W) ** 2, "H·(H + W)²"),
    ((H * H + W) * 3, "3·(H² + W)"),
    # Sums with a product in them.
    ((H - 2) * (W - 2) + C * K, "(H − 2)·(W − 2) + C·k"),
    ((H + 2) * (W + 2) + C * K, "(H + 2)·(W + 2) + C·k"),
    (C * K - (H + 2) * (W + 2) * S, "C·k − s·(H + 2)·(W + 2)"),
    ((LONG + 1) * (BROAD + 1) + 1, "(breadth + 1)·(height + 1) + 1"),
    (LONG * BROAD + LONG * C + H + 1, "height·(C + breadth) + H + 1"),
    (LONG * H + LONG * W + BROAD * H + BROAD * W + 5, "(H + W)·(breadth + height) + 5"),
    (H * W + H + W, "H·W + H + W"),
    ((H - 2) * (W - 2) + LONG * C + LONG * K, "(H − 2)·(W − 2) + height·(C + k)"),
    (half(H) * W + W + half(H) * C + half(H) * K, "⌊H/2⌋·(C + W + k) + W"),
    (half(H) * W + W + half(H) * C + K, "⌊H/2⌋·(C + W) + W + k"),
    (W + floor_div(H + 1, 3) + 2, "⌊(H + 3·W + 7)/3⌋"),
    # Floors: as a ceiling, with a number inside, beside others.
    (floor_div(H, 2), "⌊H/2⌋"),
    (floor_div(H + 1, 2), "⌈H/2⌉"),
    (floor_div(H + 2, 3), "⌈H/3⌉"),
    (floor_div(H + 1, 3), "⌊(H + 1)/3⌋"),
    (floor_div(H - 1, 2) + 1, "⌈H/2⌉"),
    (half(H, 3), "⌊(H + 6)/2⌋"),
    (half(H, -1), "⌊(H − 2)/2⌋"),
    (half(H + 1, -1), "⌊(H − 1)/2⌋"),
    (2 * half(H) + 1, "2·⌊H/2⌋ + 1"),
    (-half(H), "−⌊H/2⌋"),
    (half(H) - half(W), "⌊H/2⌋ − ⌊W/2⌋"),
    (floor_div(H, 3) + floor_div(H + 1, 3), "⌊H/3⌋ + ⌊(H + 1)/3⌋"),
    (floor_div(H, W) + half(H), "⌊H/W⌋ + ⌊H/2⌋"),
    (half(H) ** 2, "⌊H/2⌋²"),
    (half(H) * W, "W·⌊H/2⌋"),
    (half(H) + W, "W + ⌊H/2⌋"),
    (floor_div(2 * H, 3), "⌊2·H/3⌋"),
    (floor_div(H + W, 3), "⌊(H + W)/3⌋"),
    (floor_div(H, W), "⌊H/W⌋"),
    (floor_div(H, W) + 1, "⌊H/W⌋ + 1"),
    (floor_div(H, 2 * W), "⌊H/(2·W)⌋"),
    (floor_div(2 * H, W + 1), "⌊2·H/(W + 1)⌋"),
    (C * (floor_div(H, S) + 1), "C·(⌊H/s⌋ + 1)"),
    (C * (floor_div(H, S) + 1) * (floor_div(W, S) + 1), "C·(⌊H/s⌋ + 1)·(⌊W/s⌋ + 1)"),
    # Lengths that are multiplied keep their number inside.
    (half(H, 1) * half(W, 1), "⌊(H + 2)/2⌋·⌊(W + 2)/2⌋"),
    (half(H, 1) * W, "W·⌊(H + 2)/2⌋"),
    (half(H, -2) ** 2, "⌊(H − 4)/2⌋²"),
    (half(H, 1) ** 3 * C, "C·⌊(H + 2)/2⌋³"),
    (half(H, 1) * floor_div(W - 3, 3) * 5, "5·⌊(H + 2)/2⌋·⌊(W − 3)/3⌋"),
    (half(H, 1) * half(W, 1) * C + half(H, 1) * F, "⌊(H + 2)/2⌋·(C·⌊(W + 2)/2⌋ + F)"),
    # Quotients without a remainder.
    (half(H * (H - 1)), "H·(H − 1)/2"),
    (half(H * (H + 1)) - H, "H·(H − 1)/2"),
    (half(H * H + H) + 3, "(H² + H + 6)/2"),
    (C * half(H * (H - 1)), "C·H·(H − 1)/2"),
    (floor_div(H**3 - H, 6), "(H³ − H)/6"),
    (half(H * H), "⌊H²/2⌋"),
    (half(H * H) - H, "⌊H·(H − 2)/2⌋"),
    (half(H * H) + 1, "⌊(H² + 2)/2⌋"),
    (half(H * W) + half(H), "⌊H/2⌋ + ⌊H·W/2⌋"),
    (half(H * H + H), "H·(H + 1)/2"),
    (floor_div(H, 1000) + 9, "⌊(H + 9000)/1000⌋"),
    (H - floor_div(6 * H, 7), "⌈H/7⌉"),
    (H * H + H, "H·(H + 1)"),
    (H**3 + H, "H³ + H"),
    (2 * half(H * H + H) - H, "H²"),
    (2 * half(H * H + H) - H * H - H, "0"),
    (4 * floor_div(H**3 - H, 6) - H, "H·(2·H² − 5)/3"),
    (half(H * H + H) + 1, "(H² + H + 2)/2"),
    (floor_div(H**3 + 5 * H, 6), "H·(H² + 5)/6"),
    (half(H * H + H) ** 2 + W, "(H·(H + 1)/2)² + W"),
    (floor_div(H * H - 2 * H, 3), "⌊H·(H − 2)/3⌋"),
    (2 * floor_div(H * H - 2 * H, 3), "2·⌊H·(H − 2)/3⌋"),
]


@pytest.mark.parametrize(("size", "text"), BY_HAND, ids=[text for _, text in BY_HAND])
def test_the_shortest_form_by_hand(size, text):
    assert str(size) == text


def test_no_sum_stands_in_a_sum():
    assert plain_text((H - 2) * (W - 2) + C * K + S) == "(H - 2)*(W - 2) + C*k + s"


@pytest.mark.parametrize("apart", [half(H) * S, half(H), 2 * half(H) * S + 3 * S], ids=str)
def test_of_lengths_the_commonest_is_taken(apart):
    """⌊H/2⌋ + 2 stands in four products, ⌊H/2⌋ + 1 in three: four terms go, and at most one comes."""
    size = sum(half(H, 1) * symbol(f"a{n}") for n in range(3)) + sum(half(H, 2) * symbol(f"b{n}") for n in range(4)) + apart
    comes = 1 if len(apart.terms) == 1 else 0
    assert len(_in_lengths(size.terms)) == len(size.terms) - 4 + comes


def in_terms(size):
    """The terms one after another, as a writer without any ideas has them."""
    pieces = []
    for monomial, coefficient in size.terms.items():
        factors = [f"({Expr({((atom, 1),): 1})})" + "²"[: power > 1] for atom, power in monomial]
        pieces.append("·".join([*([str(abs(coefficient))] if abs(coefficient) != 1 or not factors else []), *factors]))
    return " + ".join(pieces)


def many():
    """Sums and products of all kinds."""
    parts = [
        H + 1,
        W - 2,
        half(H, 1),
        floor_div(W + 2, 3) - 1,
        C * K,
        floor_div(H, W) + 2,
        half(H * H + H),
        -S,
        half(H * H),
        half(C) ** 2,
    ]
    for place, (one, other) in enumerate(product(parts, parts)):
        third = parts[place % 7]
        yield (one * other, one + other, one * other + third, one * other * third - 3, one * third + other * S)[place % 5]


def test_every_form_has_the_value_and_is_no_longer():
    for size in many():
        if not isinstance(size, Expr):
            continue
        text, plain = str(size), plain_text(size)
        for point in POINTS:
            expected = substitute(size, point)
            assert read(text, point) == expected, text
            assert eval(plain, {}, point) == expected, plain  # noqa: S307 - our own output
        assert len(text) <= len(in_terms(size)) + 2 + BRACKET


# -- limits -----------------------------------------------------------------------------------------------------


def test_in_long_sums_no_factors_are_looked_for():
    symbols = [symbol(f"a{index:02d}") for index in range(MOST_TERMS + 1)]
    assert str(2 * sum(symbols[1:], 0)).startswith("2·(a01 + a02")
    assert str(2 * sum(symbols, 0)).startswith("2·a00 + 2·a01 + ")


def test_groups_are_looked_for_in_sums_of_some_terms():
    group = (LONG + 1) * (BROAD + 1)
    others = [symbol(f"z{index}") for index in range(MOST_GROUPED)]
    for count in (0, 1, MOST_GROUPED - 4, MOST_GROUPED - 3):
        size = group + sum(others[:count], 0)
        assert ("(breadth + 1)·(height + 1)" in str(size)) == (len(size.terms) <= MOST_GROUPED)
    three = LONG * H + LONG * W + 1
    assert len(three.terms) < FEWEST_GROUPED
    assert str(three) == "H·height + W·height + 1"


def exactly(size, bottom):
    """Whether the floor that no rule was tried on never rounds."""
    return leaves_no_remainder(Floor(size, bottom))


def test_what_leaves_no_remainder_is_seen_by_all_remainders():
    for a, b, c in product(range(3), range(4), range(3)):
        for d in range(4):
            size = a * H * H + b * H + c * H * W + d
            if not isinstance(size, Expr) or a == c == 0:
                continue
            for bottom in (2, 3, 4, 6):
                expected = all((a * h * h + b * h + c * h * w + d) % bottom == 0 for h, w in product(range(bottom), repeat=2))
                assert exactly(size, bottom) == expected, (size, bottom)


def test_remainders_are_tried_at_few_points():
    eight = 1
    for more in range(8):
        eight = eight * (H + more)  # 8 numbers in a row: divisible by 8! = 2⁷·315
    assert MOST_POINTS == 64**2
    assert exactly(eight, 128)
    assert exactly(eight * W, 64)
    assert not exactly(eight * W, 128)
    assert not exactly(eight, 256)


def test_a_line_and_a_nested_floor_are_said_to_leave_remainders():
    assert not exactly(2 * H + 4, 2)
    assert not exactly(2 * half(H) ** 2, 2)
    assert not exactly(H * (H + 1), W)


def test_equal_polynomials_are_written_alike_in_whichever_order_their_terms_came():
    square = floor_div(W * W + 3, 4)
    for size in (
        (W + 3 + square) * (H - 1 + square),
        (half(H, 1) + C) * (half(H, 2) + F),
        half(H) * half(W, 3) + half(H) + 2 * half(W),
    ):
        items = list(size.terms.items())
        texts = {str(Expr(dict(items[at:] + items[:at]))) for at in range(len(items))}
        texts |= {str(Expr(dict(reversed(items[at:] + items[:at])))) for at in range(len(items))}
        assert len(texts) == 1, texts
