"""Polynomials that sympy takes apart: factors, common factors and quotients multiplied out again, and what is not asked."""

from __future__ import annotations

from functools import reduce
from itertools import product

import pytest

from cnncalc.sizes import Expr, floor_div, polynomials, symbol
from cnncalc.sizes.by_sympy import HIGHEST, MOST_ATOMS, divided, factors, is_square, may_have_factors, without_common_factor

pytest.importorskip("sympy")

H, W, K = symbol("H"), symbol("W"), symbol("k")
MANY = [symbol(f"a{index}") for index in range(polynomials.MOST_TERMS + 1)]


def terms(size):
    """The terms of a size."""
    return size.terms if isinstance(size, Expr) else {(): size}


def multiplied(*parts):
    """The product of polynomials."""
    return reduce(polynomials.product, parts)


#: None of them is a product.
PRIME = [H + 1, H * H + W, H * H + H + 1, 2 * H + 3, H * W + K, H * H + W * W, K * K + K * W + W * W + 1]


def test_factors_are_those_that_were_multiplied():
    for one, other in product(PRIME[1:4], PRIME):
        found = factors(terms(one * other))
        assert sorted(str(Expr(factor)) for factor in found) == sorted((str(one), str(other)))
        assert multiplied(*found) == terms(one * other)
    three = factors(terms((H * H + W) ** 2 * (W * W + 3)))
    assert len(three) == 3
    negative = factors(terms((H * H + W) * (1 - W * W - K)))
    assert multiplied(*negative) == terms((H * H + W) * (1 - W * W - K))
    assert len(negative) == 2


def test_what_is_one_piece_has_no_factors():
    for one in PRIME:
        assert factors(terms(one)) is None


@pytest.mark.parametrize(
    ("size", "may"),
    [
        (H * H + 2 * H + 1, True),
        (H * H + H + 1, False),
        (H * H - 4, True),
        (H * H + 4, False),
        (6 * H * H + 5 * H + 1, True),
        (4 * H * H - 9, True),
        (H * H + H - 1, False),
        (H**3 + 1, True),
        (H**3 + 5, True),
        (H + 1, False),
        (H * W + 1, False),
        (H * W + W + H + 1, True),
        (H * H * W + 1, False),
        (H * H + W * W, True),
        (H * H * W + K * W + H, False),
        (H * H * W * W + 1, True),
        (H * H, False),
        (floor_div(H, 2) ** 2 - 1, True),
        (H * H + H * W + K, False),
        (H * W + H * K + W + K, True),
        (H**2 + 3 * H, True),
    ],
    ids=str,
)
def test_a_look_at_the_terms(size, may):
    assert may_have_factors(terms(size)) is may


def test_squares():
    assert [n for n in range(-9, 50) if is_square(n)] == [0, 1, 4, 9, 16, 25, 36, 49]


def test_the_greatest_common_factor():
    for one, other, third in product(PRIME[1:3], PRIME[3:6], PRIME[2:5]):
        top, bottom = terms(one * other), terms(one * third)
        if str(other) == str(third):
            continue
        common, above, below = without_common_factor(top, bottom)
        assert multiplied(common, above) == top
        assert multiplied(common, below) == bottom
        assert set(map(str, (Expr(common),))) <= {str(one), str(one * other), str(one * third)}
    assert without_common_factor(terms(H + 1), terms(W + 1)) is None
    assert without_common_factor(terms(2 * H + 2), terms(4 * W + 2)) is None
    assert without_common_factor(terms(2 * H * H + 2 * H), terms(3 * H)) == (terms(H), terms(2 * H + 2), terms(3))


def test_quotients_and_rests():
    for one, other, rest in product(PRIME[2:5], PRIME[:3], (0, -5)):
        found = divided(terms(one * other + rest), terms(other))
        assert found is not None
        share, left = found
        total = multiplied(share, terms(other))
        for monomial, coefficient in left.items():
            total[monomial] = total.get(monomial, 0) + coefficient
        assert {monomial: c for monomial, c in total.items() if c} == terms(one * other + rest)
    assert divided(terms(H + 1), terms(H * H + 1)) is None
    assert divided(terms(H * H), terms(2 * H + 1)) is None
    assert divided(terms(H * H + 1), terms(H)) == (terms(H), {(): 1})


def test_limits_at_the_last_that_is_asked():
    squares = [size * size for size in MANY]
    for count, is_asked in ((MOST_ATOMS, True), (MOST_ATOMS + 1, False)):
        many = terms(sum(squares[1:count], squares[0]))
        assert (without_common_factor(many, many) is not None) is is_asked
    for degree, is_asked in ((HIGHEST, True), (HIGHEST + 1, False)):
        high = terms(H ** (degree - 1) * W + 1)
        assert (divided(high, high) is not None) is is_asked
        assert (divided(high, terms(H + W)) is not None) is is_asked
        assert divided(terms(W**2), high) is None
    for count, is_asked in ((polynomials.MOST_TERMS, True), (polynomials.MOST_TERMS + 1, False)):
        powers = [H**i * W**j for i in range(7) for j in range(7) if i + j < HIGHEST] + [
            H**i * K**j for i in range(7) for j in range(1, 6)
        ]
        long = terms(sum(powers[1:count], powers[0]))
        assert len(long) == count
        assert may_have_factors(long) is is_asked
        assert (divided(long, terms(H + 1)) is not None) is is_asked
        assert (without_common_factor(terms(H), multiplied(terms(H), long)) is not None) is is_asked
    assert divided(terms(6), terms(3)) is None
