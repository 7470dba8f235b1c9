"""Polynomials as dicts: products, quotients and factors against sympy and against each other, the limits at equality."""

from __future__ import annotations

from functools import reduce
from itertools import product

import pytest

from cnncalc.sizes import Expr, floor_div, symbol
from cnncalc.sizes.polynomials import (
    FEW_TERMS,
    MOST_TERMS,
    common,
    divided,
    divided_with_rest,
    factors,
    monomial_gcd,
    monomial_product,
    monomial_quotient,
    quotient,
)
from cnncalc.sizes.polynomials import product as multiplied

sympy = pytest.importorskip("sympy")

H, W, P = symbol("H"), symbol("W"), symbol("P")
X, Y, Z = sympy.symbols("H W P")


def terms(size):
    """The terms of a size."""
    return size.terms if isinstance(size, Expr) else {(): size}


def in_sympy(polynomial):
    """A polynomial in H, W and P in sympy."""
    return sum(c * sympy.prod(sympy.Symbol(atom.name) ** power for atom, power in monomial) for monomial, c in polynomial.items())


def coefficients(polynomial):
    """A polynomial by the powers of H, W and P: what tells two apart without our own order."""
    return {
        tuple({atom.name: power for atom, power in monomial}.get(name, 0) for name in "HWP"): c
        for monomial, c in polynomial.items()
    }


def small():
    """Polynomials of few terms, of degree up to 2 in each of two symbols."""
    heads = (H, 2 * H, H * H, H * W, -W, 3 * W * W, H * H * W)
    tails = (0, 1, -2, W, H + 1, H - W, W * W + 2)
    return [terms(head + tail) for head, tail in product(heads, tails) if isinstance(head + tail, Expr)]


def test_products_are_sympys():
    for left, right in product(small()[::3], small()[::4]):
        found = multiplied(left, right)
        assert 0 not in found.values()
        assert coefficients(found) == coefficients(multiplied(right, left))
        expected = sympy.Poly(in_sympy(left) * in_sympy(right), X, Y, Z).as_dict()
        assert coefficients(found) == {powers: int(c) for powers, c in expected.items() if c}
        for monomial in found:
            assert [atom.name for atom, _ in monomial] == sorted(atom.name for atom, _ in monomial)


def test_exact_quotients_and_no_others():
    for left, right in product(small(), small()):
        assert quotient(multiplied(left, right), right) == left
    for numerator, denominator in product(small()[::2], small()[::5]):
        found = quotient(numerator, denominator)
        if found is not None:
            assert multiplied(found, denominator) == numerator
            continue
        share, rest = sympy.div(in_sympy(numerator), in_sympy(denominator), X, Y, domain="QQ")
        assert rest != 0 or any(not c.is_integer for c in sympy.Poly(share, X, Y).coeffs())


def test_quotients_with_a_rest_add_up():
    for numerator, denominator in product(small(), small()):
        share, rest = divided_with_rest(numerator, denominator)
        total = multiplied(share, denominator)
        for monomial, coefficient in rest.items():
            total[monomial] = total.get(monomial, 0) + coefficient
        assert {monomial: c for monomial, c in total.items() if c} == numerator
        assert divided_with_rest(multiplied(numerator, denominator), denominator) == (numerator, {})


@pytest.mark.parametrize(
    ("numerator", "denominator", "share", "rest"),
    [
        (H * W + W, H, W, W),
        (H * W + H + 3, W + 1, H, 3),
        (5 * H + 1, 2 * H, 0, 5 * H + 1),
        (4 * H + 1, 2 * H, 2, 1),
        (H + W * W, W, W, H),
        (H * P + W * P + W, H + W, P, W),
    ],
)
def test_a_rest_by_hand(numerator, denominator, share, rest):
    found = divided_with_rest(terms(numerator), terms(denominator))
    assert found == ({monomial: c for monomial, c in terms(share).items() if c}, terms(rest))


def test_monomials():
    def one(size):
        ((monomial, _),) = terms(size).items()
        return monomial

    assert monomial_product(one(H * P), one(W * P)) == one(H * P * P * W)
    assert monomial_product((), one(H)) == monomial_product(one(H), ()) == one(H)
    assert monomial_quotient(one(H * H * W), one(H * W)) == one(H)
    assert monomial_quotient(one(H * W), one(H * W)) == ()
    assert monomial_quotient(one(H), one(H * H)) is None
    assert monomial_quotient(one(H), one(W)) is None
    assert monomial_gcd(one(H**3 * W * P), one(H**2 * P**4)) == one(H**2 * P)
    assert monomial_gcd(one(H), one(W)) == ()


def test_what_all_terms_have_in_common():
    mixed, positive = (H * H - W, 3 * W * W - 2 * H * P + 5), (H + 2 * W, H + 1)
    for number, monomial, rest in product((1, 2, 3, -1, -3), (1, H, H * W**2), mixed + positive):
        if number < 0 and any(rest is one for one in mixed):
            continue
        whole = terms(number * monomial * rest)
        found_number, found_monomial = common(whole)
        assert (found_number, {found_monomial: 1}) == (number, terms(monomial))
        assert divided(whole, found_number, found_monomial) == terms(rest)
    assert common(terms(-2 * H - 4)) == (-2, ())
    assert common(terms(4 - 2 * H)) == (2, ())


# -- factors ----------------------------------------------------------------------------------------------------


def texts(polynomial):
    """The factors that are found, in print."""
    return sorted(str(Expr(factor)) for factor in factors(terms(polynomial)))


def test_factors_multiply_to_what_they_are_of():
    linear = (H + 1, H - 2, W + 2, H + W, H * W + 1, H * H + W + 1)
    for left, middle, right in product(linear, linear, linear):
        whole = terms(left * middle * right)
        found = factors(whole)
        assert reduce(multiplied, found) == whole
        assert all(factor != {(): 1} for factor in found)


@pytest.mark.parametrize(
    "found",
    [
        [H + 1, H - 1],
        [H + 2, H - 2],
        [H + 1, H + 1, H + 1],
        [H + 3, H + 3],
        [H - 1, H + 2, W + 3],
        [H + W, H + W],
        [H + W, H - 1],
        [H + 1, W + 1],
        [H + W * P, 2 * W + 1],
        [H + 7, W - 5],
        [H - 2, H * H + 1],
        [H * W + 1, P + 1],
        [H + 1, W + 1, P + 1],
        [H * H + W, P + 3],
    ],
    ids=str,
)
def test_linear_factors_are_found(found):
    assert texts(reduce(lambda a, b: a * b, found)) == sorted(map(str, found))


@pytest.mark.parametrize(
    "whole", [H + 3, H * W + 2, H * H + 1, (H + 3) * (H - 4), 2 * H + 1, H * H + W * W, 5 * H * W + 3 * P, 1 - H]
)
def test_what_is_left_in_one_piece(whole):
    assert factors(terms(whole)) == [terms(whole)]


def test_a_floor_is_a_factor_like_a_symbol():
    half = floor_div(H, 2)
    assert texts((half + 1) * (half + W)) == sorted(map(str, (half + 1, half + W)))


def test_roots_are_tried_in_few_terms_only():
    """With the root 2 tried, all but the last power of H has a term; the mean of all roots is no root of these."""
    for degree in (FEW_TERMS - 1, FEW_TERMS):
        rest = sum((H**power * (power + 1) for power in range(degree)), 0)
        whole = terms(rest * (H + 2))
        assert len(whole) == degree + 1
        assert len(factors(whole)) == (2 if degree + 1 <= FEW_TERMS else 1)


def test_long_polynomials_are_not_taken_apart():
    symbols = [symbol(f"a{index}") for index in range(MOST_TERMS // 2)]
    total = sum(symbols, 0)
    assert len(factors(terms(total * (H + 1)))) == 2
    longer = terms((total + W) * (H + 1))
    assert factors(longer) == [longer]


def test_long_quotients_are_not_looked_for():
    share = quotient(terms(H**MOST_TERMS - 1), terms(H - 1))
    assert share == dict.fromkeys(share, 1)
    assert len(share) == MOST_TERMS
    assert quotient(terms(H ** (MOST_TERMS + 1) - 1), terms(H - 1)) is None
    assert divided_with_rest(terms(H**MOST_TERMS - 1), terms(H - 1)) == (share, {})
    share, rest = divided_with_rest(terms(H ** (MOST_TERMS + 3) - 1), terms(H - 1))
    assert len(share) == MOST_TERMS
    assert rest == terms(H**3 - 1)
