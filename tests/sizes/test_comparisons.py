"""Comparisons: what is decided, what is left open, what an open condition says, and that it is what holds at every point."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.formulas import read

import cnncalc as cc
from cnncalc.sizes import Condition, Expr, at_least, equal, floor_div, greater, lesser, substitute, symbol
from cnncalc.sizes.comparisons import is_positive

H, W, P, LONG = symbol("H"), symbol("W"), symbol("p", 0), symbol("long", 9)
BOX = [{"H": h, "W": w, "p": p, "long": n} for h, w, p, n in product((1, 2, 3, 7, 12), (1, 2, 4, 9), (0, 1, 4), (9, 14))]


def half(size):
    """⌊size/2⌋."""
    return floor_div(size, 2)


ALWAYS = [
    0,
    5,
    H - 1,
    H,
    H * W - 1,
    2 * H + W - 3,
    half(H),
    half(H + 1) - 1,
    3 * half(H + 3) - 6,
    P,
    P * H,
    LONG - 9,
    LONG * H - 9,
    H + P - 1,
    H * H - 1,
    H - half(H),
    2 * H - 3 * half(H),
    H - 2 * half(H),
    2 * half(H + 1) - H,
    H + W - half(H + W),
    half(H) * half(W),
    2 * half(H) - H + 1,
    H - half(H + 1),
    H - half(H) - 1,
    floor_div(H * W + 2, 3) - 1,
    half(half(H) * W + 3) - 1,
    H + 3 * floor_div(H, 3) + 2 - H,
    half(H * H + W) - 1,
    4 * floor_div(H, 4) - H + 3,
]
NEVER = [
    -1,
    -H,
    0 - H * W,
    -H - W + 1,
    -half(H) - 1,
    -half(H + 1),
    8 - LONG,
    -P - 1,
    -2 * H + 1,
    -H * half(H) - 1,
    half(H) - half(H) - 1,
]
OPEN = [
    H - 2,
    H - W,
    1 - H,
    5 - half(H),
    half(H) - 1,
    2 * half(H + 3) - 5,
    -P,
    P - 1,
    LONG - 10,
    9 - LONG,
    H * W - 2,
    H * W - H - 1,
    H - half(H) - 2,
    2 * half(H) - H,
    H - 2 * half(H) - 1,
    floor_div(H, W),
    floor_div(H, W) - 1,
    floor_div(5, W) - 1,
    floor_div(H, W + 1),
    half(H) ** 2 - 1,
    half(H) * W - 1,
    H - half(W),
    half(H) - half(W),
    2 * half(H) - 2 * half(W) + 1,
    half(H * H - W) + 5,
    half(H) * half(W) - 1,
    4 * floor_div(H, 4) - H + 2,
]


@pytest.mark.parametrize(("sizes", "decided"), [(ALWAYS, True), (NEVER, False)], ids=["always", "never"])
def test_what_is_decided(sizes, decided):
    for size in sizes:
        assert all((substitute(size, point) >= 0) is decided for point in BOX)
        assert at_least(size) is decided, size
        assert is_positive(size + 1) is decided


def test_what_is_open_is_a_condition_that_says_what_holds():
    for size in OPEN:
        condition = at_least(size)
        assert isinstance(condition, Condition), size
        assert condition.relation == ">="
        assert is_positive(size + 1) is False
        for point in BOX:
            holds = substitute(size, point) >= 0
            assert condition.holds(point) is holds
            assert condition.negated().holds(point) is not holds
            assert read(str(condition), point) == holds, str(condition)


def test_equality():
    for size in (H - 1, H - W, half(H), floor_div(H, W) - 2, 2 * H - 3 * W, P, 3 - LONG + H):
        condition = equal(size, 0)
        assert isinstance(condition, Condition)
        assert condition.relation == "=="
        for point in BOX:
            holds = substitute(size, point) == 0
            assert condition.holds(point) is holds
            assert condition.negated().holds(point) is not holds
            assert condition.negated().relation == "!="
            assert condition.negated().negated() == condition
            assert read(str(condition), point) == holds
            assert read(str(condition.negated()), point) == (not holds)


@pytest.mark.parametrize(
    ("left", "right", "decided"),
    [
        (H, H, True),
        (H + W, W + H, True),
        (3, 3, True),
        (3, 4, False),
        (H + 1, H, False),
        (H, 0, False),
        (H + W, 1, False),
        (P, -1, False),
        (-H, 1, False),
        (-H, 0, False),
        (LONG, 8, False),
        (0, H * W, False),
        (half(H) + 1, 0, False),
        (2 - LONG, 0, False),
    ],
    ids=str,
)
def test_decided_equality(left, right, decided):
    assert equal(left, right) is decided
    if isinstance(left, Expr):
        assert (left == right) is decided
        assert (left != right) is (not decided)
        assert bool(left - right) is (not decided)


def test_open_equality_at_the_bounds():
    for left, right in ((H, 1), (P, 0), (LONG, 9), (-H, -1), (half(H), 0), (H, W)):
        for condition, relation in ((left == right, "=="), (left != right, "!="), (equal(left, right), "==")):
            assert isinstance(condition, Condition)
            assert condition.relation == relation


def test_equality_with_other_things():
    same = symbol("H")
    assert (same == same) is True  # noqa: PLR0124 - that is what is asked
    for other in ("H", None, 1.0, (1,)):
        assert (other == H) is False
        assert (other != H) is True


def test_orders_of_formulas():
    for a, b in product((H, W, half(H) + 1, 3, 7, LONG, 2 * H), repeat=2):
        if not isinstance(a, Expr) and not isinstance(b, Expr):
            continue
        for found, truth in (
            (a >= b, lambda x, y: x >= y),
            (a > b, lambda x, y: x > y),
            (a <= b, lambda x, y: x <= y),
            (a < b, lambda x, y: x < y),
        ):
            for point in BOX:
                expected = truth(substitute(a, point), substitute(b, point))
                assert (found.holds(point) if isinstance(found, Condition) else found) is expected


@pytest.mark.parametrize(
    ("a", "b", "less", "more"),
    [
        (3, 5, 3, 5),
        (5, 3, 3, 5),
        (4, 4, 4, 4),
        (H, 1, 1, H),
        (H, 0, 0, H),
        (0, H, 0, H),
        (H, H + W, H, H + W),
        (H + W, H, H, H + W),
        (2 * H, H, H, 2 * H),
        (H, 2 * H, H, 2 * H),
        (LONG, 9, 9, LONG),
        (9, LONG, 9, LONG),
        (half(H), H, half(H), H),
    ],
    ids=str,
)
def test_the_smaller_and_the_larger(a, b, less, more):
    for point in BOX:
        assert substitute(lesser(a, b), point) == min(substitute(a, point), substitute(b, point)) == substitute(less, point)
        assert substitute(greater(a, b), point) == max(substitute(a, point), substitute(b, point)) == substitute(more, point)


@pytest.mark.parametrize(("a", "b"), [(H, W), (H, 5), (5, H), (LONG, 10), (H, 2 * W)], ids=str)
def test_which_is_smaller_may_be_open(a, b):
    assert lesser(a, b) is None
    assert greater(a, b) is None


# -- conditions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: H >= 5, "H ≥ 5"),
        (lambda: H <= 5, "H ≤ 5"),
        (lambda: H > 5, "H ≥ 6"),
        (lambda: H < 5, "H ≤ 4"),
        (lambda: H - W >= 0, "H − W ≥ 0"),
        (lambda: H >= W + 3, "H − W ≥ 3"),
        (lambda: H <= W + 3, "−H + W ≥ −3"),
        (lambda: H == 5, "H = 5"),
        (lambda: 5 - H == 0, "H = 5"),
        (lambda: H != 5, "H ≠ 5"),
        (lambda: 2 * H == W, "2·H = W"),
        (lambda: W == 2 * H, "W = 2·H"),
        (lambda: H == W + 3, "H = W + 3"),
        (lambda: H - 3 == W, "H = W + 3"),
        (lambda: 3 - H == W, "H + W = 3"),
        (lambda: H != W, "H ≠ W"),
        (lambda: half(H - 3) >= 2, "H ≥ 7"),
        (lambda: 3 * half(H - 3) - 4 >= 0, "H ≥ 7"),
        (lambda: 2 * half(H) - 3 >= 0, "H ≥ 4"),
        (lambda: 2 * half(H) - 4 >= 0, "H ≥ 4"),
        (lambda: half(half(H) * W) - 3 >= 0, "W·⌊H/2⌋ ≥ 6"),
        (lambda: half(H + W) >= 3, "H + W ≥ 6"),
        (lambda: half(H) <= 4, "⌊H/2⌋ ≤ 4"),
        (lambda: half(H) ** 2 >= 4, "⌊H/2⌋² ≥ 4"),
        (lambda: H * half(W) >= 4, "H·⌊W/2⌋ ≥ 4"),
        (lambda: floor_div(H, W) >= 4, "⌊H/W⌋ ≥ 4"),
        (lambda: half(H) + half(W) >= 4, "⌊H/2⌋ + ⌊W/2⌋ ≥ 4"),
        (lambda: half(H) + W >= 4, "W + ⌊H/2⌋ ≥ 4"),
        (lambda: 2 * half(H) == H, "2·⌊H/2⌋ = H"),
    ],
)
def test_a_condition_in_print(make, text):
    condition = make()
    assert str(condition) == repr(condition) == text
    if ">" in condition.relation:
        for point in BOX:
            assert read(text, point) == condition.holds(point)


@pytest.mark.parametrize(
    ("expr", "sides"),
    [
        (H - W, ("H", "W")),
        (W - H, ("W", "H")),
        (2 * half(H) - H, ("2·⌊H/2⌋", "H")),
        (H - 5, ("H", "5")),
        (5 - H, ("H", "5")),
        (H + 5, ("H + 5", "0")),
        (-H - 5, ("H + 5", "0")),
        (H * W - 3 * H + 2, ("H·W + 2", "3·H")),
        (-H * W, ("H·W", "0")),
        (3 - H - W, ("H + W", "3")),
        (H * W, ("H·W", "0")),
    ],
    ids=str,
)
def test_two_sides_without_a_minus(expr, sides):
    assert Condition(expr, "==").sides() == sides


def test_when_a_condition_holds():
    for relation, truth in ((">=", lambda n: n >= 0), ("==", lambda n: n == 0), ("!=", lambda n: n != 0)):
        condition = Condition(H - 3, relation)
        for h in range(1, 7):
            assert condition.holds({"H": h}) is truth(h - 3)
    assert not Condition(floor_div(H, P) + 1, "!=").holds({"H": 3, "p": 0})
    with pytest.raises(cc.UndecidedError, match=r"^a value is missing for a symbol; got W, p$"):
        Condition(H * W * P, ">=").holds({"H": 3})


def test_conditions_are_equal_by_what_they_say():
    assert Condition(H - 3, ">=") == Condition(H - 3, ">=")
    assert hash(Condition(H - 3, ">=")) == hash(H >= 3)
    for other in (Condition(H - 3, "=="), Condition(H - 4, ">="), Condition(W - 3, ">="), "H ≥ 3", True):
        assert Condition(H - 3, ">=") != other
    assert len({Condition(H - 3, relation) for relation in (">=", "==", "!=")}) == 3


def test_no_branch_is_taken_on_an_open_condition():
    condition = H >= 5
    with pytest.raises(cc.UndecidedError, match=r"true for some values .* got H ≥ 5; give numbers for these sizes") as caught:
        bool(condition)
    assert caught.value.condition is condition


@pytest.mark.parametrize(
    "use", [int, range, lambda size: [0][size], lambda size: 1 << size], ids=["int", "range", "index", "shift"]
)
def test_a_symbol_has_no_single_value(use):
    with pytest.raises(
        cc.UndecidedError, match="a symbolic size has no single value; got H; give a number where the network needs one"
    ):
        use(H)


@pytest.mark.parametrize(
    ("divide", "got"), [(lambda: H / 2, "H / 2"), (lambda: 2 / H, "2 / H"), (lambda: H / (W + 1), r"H / W \+ 1")]
)
def test_a_fraction_is_refused(divide, got):
    with pytest.raises(
        cc.UndecidedError, match=rf"^a fraction of a symbolic size has no single value; got {got}; // rounds down, and is exact$"
    ):
        divide()
