"""Symbolic arithmetic: all small formulas against Python's own numbers at small points, and the normal form held to its rules."""

from __future__ import annotations

from itertools import product
from math import gcd

import pytest

import cnncalc as cc
from cnncalc.sizes import Expr, Floor, Symbol, ceil_div, floor_div, recording, substitute, symbol

H, W, P = symbol("H"), symbol("W"), symbol("p", 0)
BOX = [{"H": h, "W": w} for h, w in product((1, 2, 3, 5, 8), (1, 2, 4, 7))]

#: Small formulas, each beside the same in numbers.
SMALL = [
    (H, lambda h, _: h),
    (W, lambda _, w: w),
    (-H, lambda h, _: -h),
    (2 * H + 1, lambda h, _: 2 * h + 1),
    (3 - 4 * W, lambda _, w: 3 - 4 * w),
    (H * W, lambda h, w: h * w),
    (H - W, lambda h, w: h - w),
    (6 * H * W + 4 * H, lambda h, w: 6 * h * w + 4 * h),
    (H * H + W + 1, lambda h, w: h * h + w + 1),
    (H + W, lambda h, w: h + w),
    (floor_div(H, 2), lambda h, _: h // 2),
    (floor_div(H + 2, 3) + 1, lambda h, _: (h + 2) // 3 + 1),
    (2 * floor_div(W, 4) - H, lambda h, w: 2 * (w // 4) - h),
    (floor_div(H, W), lambda h, w: h // w),
    (floor_div(W, H + 1) + H, lambda h, w: w // (h + 1) + h),
    (floor_div(H, 2) * floor_div(W, 2), lambda h, w: (h // 2) * (w // 2)),
    (floor_div(H, 2) ** 2 + W, lambda h, w: (h // 2) ** 2 + w),
]
OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "ceil": lambda a, b: ceil_div(a, b) if isinstance(a, Expr) or isinstance(b, Expr) else -(-a // b),
}


def check(formula, number):
    """A formula has the value of its function at every point; where that divides by 0, it may have any."""
    for point in BOX:
        try:
            expected = number(point["H"], point["W"])
        except ZeroDivisionError:
            continue
        assert substitute(formula, point) == expected, (formula, point)


@pytest.mark.parametrize("sign", OPERATIONS)
def test_operations_of_formulas(sign):
    operation = OPERATIONS[sign]
    for (a, one), (b, other) in product(SMALL, SMALL):
        found = operation(a, b)
        check(found, lambda h, w: operation(one(h, w), other(h, w)))  # noqa: B023 - called at once
        is_normal(found)


@pytest.mark.parametrize("sign", OPERATIONS)
def test_operations_with_numbers(sign):
    operation = OPERATIONS[sign]
    for (a, one), number in product(SMALL, (-6, -4, -2, -1, 0, 1, 2, 3, 4, 6, 12)):
        found = operation(number, a)
        check(found, lambda h, w: operation(number, one(h, w)))  # noqa: B023 - called at once
        is_normal(found)
        if number or sign in "+-*":
            found = operation(a, number)
            check(found, lambda h, w: operation(one(h, w), number))  # noqa: B023 - called at once
            is_normal(found)
        else:
            with pytest.raises(ZeroDivisionError):
                operation(a, number)


def test_what_is_no_formula_any_more_is_an_int():
    for found, expected in (
        (H - H, 0),
        (H - (H - 5), 5),
        (0 * H, 0),
        (H**0, 1),
        (floor_div(H, 1) - H, 0),
        (H % 1, 0),
        (2 * H % 2, 0),
        (0 // H, 0),
        (0 // (H - W), 0),
        (0 % H, 0),
        ((H + 1) // (H + 1), 1),
        ((H - W) // (H - W), 1),
        (H // (H + 1), 0),
        (3 * H // H, 3),
        ((6 * H + 5) % 3, 2),
        (Expr({}) + 4, 4),
    ):
        assert type(found) is int
        assert found == expected


# -- the normal form --------------------------------------------------------------------------------------------


def is_normal(size):
    """Hold a size to what `sizes` says of the normal form."""
    if not isinstance(size, Expr):
        assert type(size) is int
        return
    assert 0 not in size.terms.values()
    assert any(size.terms)
    for monomial in size.terms:
        assert [atom.key for atom, _ in monomial] == sorted(atom.key for atom, _ in monomial)
        for atom, power in monomial:
            assert power >= 1
            if isinstance(atom, Floor):
                is_normal_floor(atom)


def is_normal_floor(floor):
    """What no rule can shorten."""
    top, bottom = floor.numerator.terms, floor.denominator
    if any(top):
        is_normal(floor.numerator)
    numbers = [coefficient for monomial, coefficient in top.items() if monomial]
    alone = [monomial[0][0] for monomial, c in top.items() if len(monomial) == 1 and monomial[0][1] == 1 and c == 1]
    nested = [atom for monomial in top for atom, _ in monomial if isinstance(atom, Floor)]
    if isinstance(bottom, int):
        assert bottom >= 2
        assert all(0 < coefficient < bottom for coefficient in top.values())
        assert gcd(bottom, *numbers) == 1
        assert not (len(nested) == 1 and nested[0] in alone and isinstance(nested[0].denominator, int))
    else:
        is_normal(bottom)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        # Whole multiples leave, also where the rest has a constant.
        (lambda: floor_div(7 * H + 5, 3), "⌊(7·H + 5)/3⌋"),
        (lambda: floor_div(H - 7, 3), "⌊(H − 7)/3⌋"),
        (lambda: floor_div(4 * H + 6, 6), "⌊(2·H + 3)/3⌋"),
        (lambda: floor_div(4 * H + 5, 6), "⌈2·H/3⌉"),
        (lambda: floor_div(4 * H + 6, 2), "2·H + 3"),
        (lambda: floor_div(H, -2), "⌊−H/2⌋"),
        (lambda: floor_div(6 * H + 2, 4), "H + ⌈H/2⌉"),
        # A floor in a floor.
        (lambda: floor_div(floor_div(H, 2), 3), "⌊H/6⌋"),
        (lambda: floor_div(floor_div(H, 2) + W, 3), "⌊(H + 2·W)/6⌋"),
        (lambda: floor_div(floor_div(H, W), 3), "⌊H/(3·W)⌋"),
        (lambda: floor_div(floor_div(H, W) + 2, W), "⌊(H + 2·W)/W²⌋"),
        (lambda: floor_div(floor_div(H, W + 1), 2), "⌊H/(2·(W + 1))⌋"),
        # Common symbols and numbers.
        (lambda: floor_div(H * W, 2 * W), "⌊H/2⌋"),
        (lambda: floor_div(6 * H * W, 4 * H * H), "⌊3·W/(2·H)⌋"),
        (lambda: floor_div(H * H * W + H, H * W), "H + ⌊1/W⌋"),
        (lambda: floor_div(5 * H * W + 3 * W, 2 * W), "⌊(5·H + 3)/2⌋"),
        (lambda: floor_div(2 * H * H * W, H * W), "2·H"),
        (lambda: (H * H - W * W) // (H + W), "H − W"),
        (lambda: (H * W + W) // (H + 1), "W"),
        (lambda: H // (H - W), "⌊H/(H − W)⌋"),
        (lambda: W // (H + 1), "⌊W/(H + 1)⌋"),
        # In order.
        (lambda: floor_div(H, W) + floor_div(H, 2), "⌊H/W⌋ + ⌊H/2⌋"),
        (lambda: floor_div(H + 1, 3) + floor_div(H, 3), "⌊H/3⌋ + ⌊(H + 1)/3⌋"),
        (lambda: (floor_div(H, 2) + 1) * floor_div(W, 2), "⌊W/2⌋·⌊(H + 2)/2⌋"),
        (lambda: ceil_div(H, W), "⌊(H − 1)/W⌋ + 1"),
    ],
)
def test_by_hand(make, text):
    size = make()
    is_normal(size)
    assert str(size) == text


def terms_of(*sizes):
    """What tells sizes apart, whatever is printed."""
    return [size.terms for size in sizes]


def alone(numerator, denominator):
    """A floor that no rule was tried on."""
    return Expr({((Floor(numerator, denominator), 1),): 1})


def test_what_stays_in_one_floor():
    half, third = floor_div(H, 2), floor_div(W, 3)
    for numerator, denominator in (
        (half + third, 5),
        (2 * half + 1, 3),
        (half**2, 3),
        (half * W, 3),
        (half + half * W, 3),
        (H - W, H + W),
        (H, W),
        (half, H - W),
        (W, H - 1),
    ):
        assert terms_of(floor_div(numerator, denominator)) == terms_of(alone(numerator, denominator))


def test_what_may_be_0_is_not_cancelled():
    half = floor_div(H, 2)
    for factor in (P, half):
        quotient = floor_div(H * factor, W * factor)
        assert terms_of(quotient) == terms_of(alone(H * factor, W * factor))
        with pytest.raises(ZeroDivisionError):
            quotient.subs({"H": 1, "W": 1, "p": 0})
    long = symbol("long", 2)
    assert terms_of(floor_div(H * long, W * long)) == terms_of(alone(H, W))
    assert terms_of(floor_div(floor_div(H, P), 3)) == terms_of(alone(alone(H, P), 3))
    assert terms_of(floor_div(half, P)) == terms_of(alone(half, P))
    assert terms_of(floor_div((W + P) * H, H - W)) == terms_of(alone((W + P) * H, H - W))


def test_what_is_divided_by_must_not_come_to_0():
    for divide in (lambda a, b: a // b, lambda a, b: a % b):
        for top in (H, 5):
            with recording() as recorder:
                for bottom in (W, H + W, H - W, P):
                    divide(top, bottom)
            assert [found.condition for found in recorder.requirements] == [H - W != 0, P != 0]
            with pytest.raises(cc.ShapeError, match="a size is divided by it"):
                divide(top, Expr({}))


def test_what_is_known_to_be_less_gives_0():
    for numerator, denominator in ((H, H + 1), (H + W - 1, H + W), (P, P + 1), (2 * H + 1, 2 * H + 2), (5, H + 5)):
        assert floor_div(numerator, denominator) == 0
    for numerator, denominator in ((H, H + W - 1), (H, W), (5, H + 4), (-1, H + 1), (H - 2, H + 3)):
        assert isinstance(floor_div(numerator, denominator), Expr)
    assert substitute(floor_div(-1, H + 1), {"H": 3}) == -1
    assert substitute(floor_div(H - 2, H + 3), {"H": 1}) == -1


def test_a_whole_multiple_of_one_floor_leaves_and_another_collapses():
    half, third = floor_div(H, 2), floor_div(W, 3)
    assert terms_of(floor_div(2 * third + half, 2)) == terms_of(third + floor_div(H, 4))


class Answering:
    """What knows how to reckon with sizes itself."""

    def _answer(self, _):
        return "an answer"

    __radd__ = __rsub__ = __rmul__ = __rfloordiv__ = __rmod__ = _answer


def test_others_are_asked_how_they_reckon_with_sizes():
    for sign in ["+", "-", "*", "//", "%"]:
        assert OPERATIONS[sign](H, Answering()) == "an answer"
        with pytest.raises(TypeError, match="unsupported operand"):
            OPERATIONS[sign](H, 1.5)


# -- powers, hashes, formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [-1, 2.0, "2", None])
def test_other_powers_are_refused(power):
    with pytest.raises(cc.ArgumentError, match=r"the exponent of a size is a whole number from 0 on; got 2·H \*\* "):
        (2 * H) ** power


def test_powers():
    for power in range(5):
        check((H - W) ** power, lambda h, w: (h - w) ** power)  # noqa: B023 - called at once


def test_equal_sizes_hash_equal_however_they_were_made():
    for one, other in (((H + 1) * (H - 1), H * H - 1), (floor_div(2 * H, 4), floor_div(H, 2)), (W + H, H + W)):
        assert one.terms == other.terms
        assert hash(one) == hash(other) == hash(one)
    assert len({hash(size) for size, _ in SMALL}) == len(SMALL)


@pytest.mark.parametrize(
    ("spec", "text"),
    [("", "H + 1"), (",", "H + 1"), ("d", "H + 1"), (",d", "H + 1"), (">7", "  H + 1"), ("<7", "H + 1  "), ("7,d", "H + 1")],
)
def test_formats(spec, text):
    assert format(H + 1, spec) == text


# -- what is in a size ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "minima"),
    [
        (H + 1, {"H": 1}),
        (P * H, {"p": 0, "H": 1}),
        (floor_div(symbol("a", 3) + 1, 2) + 1, {"a": 3}),
        (floor_div(H, symbol("s", 2) + P) + 1, {"H": 1, "s": 2, "p": 0}),
        (symbol("a", 3) + symbol("a", 2) ** 2, {"a": 2}),
        (symbol("a", 2) + 1 + symbol("a", 3) ** 2, {"a": 2}),
        (floor_div(symbol("a", 3), 2) + symbol("a", 5), {"a": 3}),
        (floor_div(symbol("a", 5), symbol("b", 4)) + floor_div(symbol("a", 7), symbol("b", 2)), {"a": 5, "b": 2}),
        (floor_div(symbol("a", 7), symbol("b", 2)) + floor_div(symbol("a", 5), symbol("b", 4)), {"a": 5, "b": 2}),
    ],
)
def test_symbols_and_their_minima(size, minima):
    assert size.minima == minima
    assert size.symbols == frozenset(minima)


def test_two_symbols_of_one_name_and_other_minima_are_two():
    assert (symbol("a") + symbol("a", 2)).terms != (2 * symbol("a")).terms
    assert symbol("a").terms == symbol("a", 1).terms
    assert Symbol("a", 2) == Symbol("a", 2)
    assert Symbol("a", 2) != Symbol("a", 3)
    assert Symbol("a", 1) == Symbol("a")
    assert Symbol("a") != Symbol("b")
    assert Symbol("a") != "a"
    assert Floor(H, 2) == Floor(H, 2)
    assert Floor(H, 2) != Floor(H, 3)
    assert Floor(H, 2) != Floor(W, 2)
    assert Floor(H, W) != Floor(H, 2 * W)


def test_other_atoms_with_the_same_hash_are_others():
    """Python hashes −1 and −2 alike."""
    assert hash(-1) == hash(-2)
    one, other = Floor(H - 1, W), Floor(H - 2, W)
    assert one != other
    assert Floor(H - 1, W) == one


def test_atoms_stand_in_order_by_names_symbols_first():
    order = [Symbol("H"), Symbol("W"), Symbol("a"), Symbol("a", 2), Floor(H, 2), Floor(H, 3), Floor(W, 2)]
    keys = [atom.key for atom in order]
    assert keys == sorted(keys)
    assert len(set(order)) == len(order)


def test_formulas_put_in_for_symbols():
    formula = floor_div(H * H + W, 3) + floor_div(W, H) + 2
    assert formula.subs({}).terms == formula.terms
    assert formula.subs({"H": W + 1}).terms == (floor_div((W + 1) ** 2 + W, 3) + floor_div(W, W + 1) + 2).terms
    assert formula.subs({"H": 4}).terms == (floor_div(W + 16, 3) + floor_div(W, 4) + 2).terms
    assert formula.subs({"H": 4, "W": 9, "k": 3}) == (16 + 9) // 3 + 9 // 4 + 2
    assert substitute(7, {"H": 1}) == 7


def test_sympy_gets_the_same_formula():
    sympy = pytest.importorskip("sympy")
    h, w = (sympy.Symbol(name, integer=True, positive=True) for name in "HW")
    p = sympy.Symbol("p", integer=True, nonnegative=True)
    for size, expected in (
        (H, h),
        (P, p),
        (symbol("W", 5), w),
        (3 * H * H * W - 2, 3 * h**2 * w - 2),
        (floor_div(H + 1, 2), sympy.floor((h + 1) / 2)),
        (4 * floor_div(H, W + 1) * P**2 + 1, 4 * sympy.floor(h / (w + 1)) * p**2 + 1),
        (floor_div(H, 2) ** 3, sympy.floor(h / 2) ** 3),
    ):
        assert size.sympy() - expected == 0
        assert size.sympy().free_symbols == expected.free_symbols
