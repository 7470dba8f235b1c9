"""Simplified sizes: equal to what they were made from, never longer, and what is found is found."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from drawing.formulas import numerically, read, trees, worked_out
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.formulas import as_text, simplify, to_function
from cnncalc.sizes import Expr, by_sympy, floor_div, polynomials, symbol

NAMES = ("H", "W", "k")
SYMBOLS = {name: symbol(name) for name in NAMES}
H, W, K = SYMBOLS.values()
IS_DEEP = settings.default.max_examples > 1000
#: Each formula is tried at so many points, and of random ones a part is drawn where time matters.
POINTS = 200 if IS_DEEP else 40
SOME = settings(max_examples=settings.default.max_examples if IS_DEEP else 40)
MATCHED = (trees(NAMES), trees(NAMES), trees(NAMES))


def divides_by_symbols(tree):
    """Whether a floor of a tree divides by a symbol: such a formula holds from 1 on only."""
    if not isinstance(tree, tuple):
        return False
    operation, left, right = tree
    symbolic = operation not in {"+", "-", "*"} and not isinstance(right, int)
    return symbolic or divides_by_symbols(left) or divides_by_symbols(right)


def positive(tree):
    """A tree whose value is at least 1 from 1 on."""
    return ("+", ("*", tree, tree), 1)


def agrees(formula, tree, seed):
    """Simplified, printed and compiled, a formula has the value of its tree at many points; and it is never longer."""
    shorter = simplify(formula)
    text = as_text(formula)
    assert len(str(shorter)) <= len(str(formula))
    assert len(text) <= len(str(formula)) + 3  # a product tells more than a sum, and may cost a bracket
    compiled = to_function(formula)
    random = Random(seed)  # noqa: S311 - points, not secrets
    least = 1 if divides_by_symbols(tree) else -40
    for index in range(POINTS):
        high = (3, 12, 90, 5000)[index % 4]
        values = {name: random.randint(max(least, -high), high) for name in NAMES}
        expected = numerically(tree, values)
        assert (shorter.subs(values) if isinstance(shorter, Expr) else shorter) == expected, values
        assert read(text, values) == expected, values
        if all(value >= 1 for value in values.values()):
            assert compiled(**{name: values[name] for name in compiled.names}) == expected


@SOME
@given(trees(NAMES), st.integers(0, 1 << 30))
def test_any_formula(tree, seed):
    agrees(worked_out(tree, SYMBOLS), tree, seed)


@SOME
@given(*MATCHED, st.booleans(), st.integers(0, 1 << 30))
def test_quotients_with_something_in_common(common, top, bottom, is_split, seed):
    """⌊c·t/(c·b)⌋ and ⌊(t·b + c)/b⌋, which our own rules leave alone where c has several terms."""
    common, bottom = positive(common), positive(bottom)
    tree = (
        ("floor", ("+", ("*", top, bottom), common), bottom) if is_split else ("floor", ("*", common, top), ("*", common, bottom))
    )
    agrees(worked_out(tree, SYMBOLS), tree, seed)


@SOME
@given(*MATCHED, st.integers(0, 1 << 30))
def test_products(one, other, third, seed):
    tree = ("+", ("*", one, other), ("*", one, third))
    agrees(worked_out(tree, SYMBOLS), tree, seed)


@SOME
@given(st.integers(2, 9), st.integers(-9, 9), st.integers(-9, 9), st.integers(2, 7), st.integers(-9, 9), st.integers(0, 1 << 30))
def test_floors_without_a_common_factor(c, a, b, e, q, seed):
    inner = ("floor", ("+", "H", a), c)
    tree = ("floor", ("+", ("+", ("*", inner, e + 1), ("floor", ("+", "W", b), 3)), q), e)
    agrees(worked_out(tree, SYMBOLS), tree, seed)


@SOME
@given(st.integers(2, 12), st.integers(-20, 20), st.integers(-4, 4), st.integers(1, 4), st.integers(0, 1 << 30))
def test_shares_of_one_length_add_up_to_it(parts, shift, factor, spread, seed):
    """Hermite's identity: ⌊n/c⌋ + ⌊(n + 1)/c⌋ + … + ⌊(n + c − 1)/c⌋ = n; also of every spread-th size."""
    tree = 0
    for index in range(parts):
        tree = ("+", tree, ("floor", ("+", "H", shift + spread * index), parts * spread))
    tree = ("*", ("+", ("*", tree, factor), 1), "W")
    formula = worked_out(tree, SYMBOLS)
    agrees(formula, tree, seed)
    expected = (floor_div(H + shift, spread) * factor + 1) * W
    assert str(simplify(formula)) == str(expected)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (floor_div(H * W + H + 1, W + 1), "H"),
        (floor_div(K * H + K * W, 3 * H + 3 * W), "⌊k/3⌋"),
        (floor_div(K * H + K * W, K * K * H + K * K * W + H + W), "⌊k/(k² + 1)⌋"),
        (floor_div(floor_div(H, 2) + floor_div(H + 1, 2), 3), "⌊H/3⌋"),
        ((H * H + W * K) * (K * K + H + 1) ** 2, "(k² + H + 1)²·(H² + W·k)"),
        ((H * H + H + 1) * (H * H + 3), "(H² + 3)·(H² + H + 1)"),
        (-(H * H + H + 1) * (W * W + 3), "−(W² + 3)·(H² + H + 1)"),
    ],
)
def test_what_our_own_rules_leave_is_shortened(formula, text):
    assert as_text(formula) == text


def test_a_divisor_that_may_be_0_is_not_cancelled():
    formula = floor_div(K * (H - W), H - W)
    assert formula is not K
    assert str(simplify(formula)) == str(formula)


def test_a_common_factor_that_is_not_known_to_be_positive_stays():
    """H³ + W³ is; H² − H·W + W², a factor of it, is so too, but not by the simple argument."""
    formula = floor_div(K * (H * H - H * W + W * W), H**3 + W**3)
    assert str(simplify(formula)) == str(formula)


def test_sums_that_vanish():
    nothing = floor_div(H, 2) + floor_div(H + 1, 2) - H
    assert simplify(W * nothing) == 0
    assert simplify(nothing + floor_div(W, 2) + floor_div(W + 1, 2) - W) == 0


def test_a_point_where_the_formula_divides_by_0_is_left_out():
    formula = floor_div(H, 2) + floor_div(H + 1, 2) + floor_div(W, symbol("z", 0))
    assert str(simplify(formula)) == "H + ⌊W/z⌋"


def test_beyond_the_limits_nothing_is_asked():
    large = sum((symbol(f"a{index}") ** 2 for index in range(polynomials.MOST_TERMS + 1)), 0)
    many = sum((symbol(f"a{index}") ** 2 for index in range(by_sympy.MOST_ATOMS + 1)), 0)
    high = (H**8 + W**8) * (H**8 + K**8)
    assert not by_sympy.may_have_factors(large.terms)
    for formula in (many, high):
        assert by_sympy.may_have_factors(formula.terms)
        assert by_sympy.factors(formula.terms) is None
        assert by_sympy.without_common_factor(formula.terms, formula.terms) is None
        assert by_sympy.divided(formula.terms, formula.terms) is None
    assert by_sympy.divided((H * H).terms, (2 * H + 1).terms) is None  # H/2 − 1/4 has no whole coefficients


@pytest.mark.parametrize("lie", [{(): 5}, {}])
def test_what_sympy_says_is_multiplied_out(monkeypatch, lie):
    terms = ((H * H + W * K) * (K * K + H + 1)).terms
    assert len(by_sympy.factors(terms)) == 2
    monkeypatch.setattr(by_sympy, "_asked", lambda given, _: [lie, *given])
    assert by_sympy.factors(terms) is None
    monkeypatch.setattr(by_sympy, "_asked", lambda given, _: [lie or {(): 1}, lie, given[0]])
    assert by_sympy.without_common_factor(terms, terms) is None
    monkeypatch.setattr(by_sympy, "_asked", lambda given, _: [given[0], lie or {(): 1}])
    assert by_sympy.divided(terms, terms) is None


def test_a_wrong_shortening_is_caught_by_its_values(monkeypatch):
    formula = floor_div(H, 2) + floor_div(H + 1, 2)
    module = sys.modules[simplify.__module__]
    monkeypatch.setattr(module, "_steps_found", lambda _: H + 1)
    assert simplify(formula) is formula


@SOME
@given(*MATCHED)
def test_what_is_said_to_have_no_factors_has_none(one, other, third):
    """The look at the terms that spares sympy's work is right: a product of two is never ruled out."""
    left, right = worked_out(positive(one), SYMBOLS), worked_out(("+", ("*", other, other), third), SYMBOLS)
    if isinstance(left, Expr) and isinstance(right, Expr):
        number, common = polynomials.common((left * right).terms)
        rest = polynomials.divided((left * right).terms, number, common)
        is_product = all(len(polynomials.divided(part.terms, *polynomials.common(part.terms))) > 1 for part in (left, right))
        if is_product and len(rest) <= polynomials.MOST_TERMS:
            assert by_sympy.may_have_factors(rest)


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


BLOCK = "import sys; sys.modules['sympy'] = None\n"
MIXED = """import cnncalc as cc; from cnncalc.formulas import as_text
H, W, k = map(cc.symbol, ("H", "W", "k"))
print(as_text((k*H + k*W)//(3*H + 3*W)).replace(" ", ""), as_text(H//2 + (H + 1)//2))
"""


def test_without_sympy_the_exact_form_stands():
    assert run(MIXED) == ["⌊k/3⌋", "H"]
    assert run(BLOCK + MIXED) == ["⌊k·(H+W)/(3·(H+W))⌋", "H"]


def test_without_sympy_nothing_is_said_of_polynomials(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    product = ((H * H + W * K) * (K * K + H + 1)).terms
    assert by_sympy.factors(product) is None
    assert by_sympy.without_common_factor(product, product) is None
    assert by_sympy.divided(product, product) is None


def test_networks_do_not_load_sympy():
    code = """import sys, cnncalc as cc
from cnncalc import zoo
for net in (zoo.resnet50(), zoo.densenet121(), zoo.googlenet()):
    str(cc.formula(net, ("N", 3, "H", "W")))
layer = cc.Conv2d("C", "F", "k", stride="s", padding=cc.symbol("p"))
for item in cc.formula(layer, ("N", "C", "H", "W")):
    item.c() + item.latex()
print("sympy" in sys.modules)"""
    assert run(code) == ["False"]


@pytest.mark.parametrize("size", ["H", None, 1.5, True, (1, 2)])
def test_only_sizes_are_simplified(size):
    with pytest.raises(cc.ArgumentError, match="a size is a whole number or a formula"):
        cc.simplify(size)
    assert cc.simplify(7) == 7
