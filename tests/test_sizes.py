"""Sizes: the laws of the algebra, conditions against brute force, what is printed, and hostile input."""

from __future__ import annotations

import pytest
from drawing.formulas import NAMES, numerically, points, read, trees, worked_out
from hypothesis import example, given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import sizes
from cnncalc.sizes import (
    Condition,
    Expr,
    Floor,
    Symbol,
    as_shape,
    at_least,
    ceil_div,
    equal,
    floor_div,
    recording,
    require,
    substitute,
    symbol,
    symbols_of,
)

H, W = symbol("H"), symbol("W")
SYMBOLS = {name: symbol(name) for name in NAMES}
at = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})
whole = st.integers(-50, 50)
divisor = st.integers(1, 12)


# -- values -----------------------------------------------------------------------------------------------------


@example(("floor", ("ceil", ("floor", "W", 2), "W"), 1), {"H": 1, "W": 2})
@given(trees(), at)
def test_putting_numbers_in_commutes_with_every_operation(tree, values):
    assert substitute(worked_out(tree, SYMBOLS), values) == numerically(tree, values)


@given(trees(), trees(), at)
def test_putting_a_formula_in_for_a_symbol_commutes_too(tree, inner, values):
    replaced = numerically(inner, values)
    if replaced < 1:
        return
    formula = substitute(worked_out(tree, SYMBOLS), {"H": worked_out(inner, SYMBOLS)})
    assert substitute(formula, values) == numerically(tree, values | {"H": replaced})


@given(trees())
def test_a_formula_names_its_symbols(tree):
    formula = worked_out(tree, SYMBOLS)
    assert symbols_of(formula) <= set(NAMES)
    assert isinstance(substitute(formula, {"H": 3, "W": 5}), int)
    assert isinstance(formula, Expr) == bool(symbols_of(formula))


def same(left, right):
    """Whether two sizes have one normal form."""
    return (left == right) is True and hash(left) == hash(right) and str(left) == str(right)


@given(trees(), trees(), trees())
def test_sums_and_products_are_those_of_a_ring(a, b, c):
    a, b, c = (worked_out(tree, SYMBOLS) for tree in (a, b, c))
    assert same(a + b, b + a)
    assert same(a * b, b * a)
    assert same((a + b) + c, a + (b + c))
    assert same((a * b) * c, a * (b * c))
    assert same(a * (b + c), a * b + a * c)
    assert same(a - b, a + -1 * b)
    assert same(a - a, 0)
    assert same(a * 1, a)
    assert same(a * 0, 0)
    assert same(+a, a)
    assert same(0 - (0 - a), a)


@given(trees(), st.integers(0, 3))
def test_powers_are_repeated_products(tree, power):
    formula = worked_out(tree, SYMBOLS)
    expected = 1
    for _ in range(power):
        expected = expected * formula
    assert same(formula**power, expected)


@pytest.mark.parametrize("power", [-1, 0.5, "2", None, H])
def test_other_powers_are_refused(power):
    with pytest.raises((cc.CnncalcError, TypeError)):
        H**power


# -- floors -----------------------------------------------------------------------------------------------------


@given(whole, divisor, whole, divisor)
def test_a_floor_in_a_floor_collapses(a, c, b, e):
    nested = floor_div(floor_div(H + a, c) + b, e)
    assert same(nested, floor_div(H + a + b * c, c * e))


@given(st.integers(1, 6), st.integers(1, 6), whole)
def test_a_common_factor_is_cancelled(g, c, b):
    assert same(floor_div(g * H + b, g * c), floor_div(H + floor_div(b, g), c))


@given(whole, divisor, whole)
def test_whole_multiples_leave_a_floor(q, c, r):
    assert same(floor_div(c * q * H + c * W + r + H, c), q * H + W + floor_div(H + r, c))


@given(whole, divisor)
def test_a_ceiling_is_a_floor_from_below(a, c):
    assert same(ceil_div(H + a, c), floor_div(H + a + c - 1, c))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(-4, 9)), min_size=1, max_size=12))
def test_a_chain_in_one_symbol_never_nests(chain):
    """⌊(n + p − k)/s⌋ + 1 again and again stays a·⌊(n + b)/c⌋ + d."""
    length = H
    for k, s, p in chain:
        length = floor_div(length + p - k, s) + 1
    rest = [monomial for monomial in length.terms if monomial]
    assert len(rest) == 1
    ((atom, power),) = rest[0]
    assert power == 1
    if isinstance(atom, Floor):
        assert all(isinstance(inner, Symbol) for monomial in atom.numerator.terms for inner, _ in monomial)
    assert str(length).count("⌊") + str(length).count("⌈") <= 1


def test_symbolic_steps_collapse_too():
    s, t = symbol("s"), symbol("t")
    nested = floor_div(floor_div(H + 3, s) + W, t)
    assert str(nested) == "⌊(W·s + H + 3)/(s·t)⌋"
    assert str(floor_div(H * s + W, s)) == "H + ⌊W/s⌋"
    assert str(floor_div(2 * H * s, 4 * s * t)) == "⌊H/(2·t)⌋"
    assert same(floor_div((H + 1) * (W + s), W + s), H + 1)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6))
def test_sums_of_whole_numbers_are_written_without_a_floor(n, k, c):
    """L·(L − 1)/2 and the like never round; what a reader works out is what Python sums up."""
    length, rate = symbol("L"), symbol("k")
    total = floor_div(rate * length * (length - 1), 2) * c + length
    assert "⌊" not in str(total)
    assert read(str(total), {"L": n, "k": k}) == sum(rate_sum for rate_sum in (c * k * i for i in range(n))) + n


@given(trees(), at)
def test_sympy_gives_the_same_number(tree, values):
    sympy = pytest.importorskip("sympy")
    formula = worked_out(tree, SYMBOLS)
    if isinstance(formula, Expr):
        names = {sympy.Symbol(name, integer=True, positive=True): n for name, n in values.items()}
        assert formula.sympy().subs(names) == numerically(tree, values)


def test_a_condition_does_not_hold_where_it_divides_by_0():
    stride = symbol("s", 0)
    condition = floor_div(H, stride) >= 2
    assert condition.holds({"H": 4, "s": 2})
    assert not condition.holds({"H": 4, "s": 0})
    assert not condition.negated().holds({"H": 4, "s": 0})


def test_a_fraction_is_refused_and_not_with_pythons_own_error():
    for fraction in (lambda: H / 2, lambda: 2 / H, lambda: H / W, lambda: 1.5 / H):
        with pytest.raises(cc.UndecidedError, match=r"a fraction of a symbolic size .* // rounds down"):
            fraction()


def test_products_of_none_and_some():
    assert sizes.product(()) == 1
    assert same(sizes.product((2, H, 3, W)), 6 * H * W)


# -- conditions -------------------------------------------------------------------------------------------------


def check(decided, tree, truth):
    """A decision must hold at every point; an undecided condition must say, at each point, what is true there."""
    for values in points(set(NAMES), 9):
        true_here = truth(numerically(tree, values))
        if isinstance(decided, Condition):
            assert decided.holds(values) == true_here
        else:
            assert decided is true_here, values


@given(trees())
def test_at_least_is_decided_only_where_it_holds_everywhere(tree):
    check(at_least(worked_out(tree, SYMBOLS)), tree, lambda value: value >= 0)


@given(trees())
def test_equality_is_decided_only_where_it_holds_everywhere(tree):
    formula = worked_out(tree, SYMBOLS)
    check(equal(formula, 0), tree, lambda value: value == 0)
    if isinstance(formula, Expr):
        check(formula == 0, tree, lambda value: value == 0)
        check(formula != 0, tree, lambda value: value != 0)


@given(trees(), st.integers(-9, 9))
def test_comparisons_mean_what_they_mean_for_numbers(tree, number):
    formula = worked_out(tree, SYMBOLS)
    check(formula >= number, tree, lambda value: value >= number)
    check(formula > number, tree, lambda value: value > number)
    check(formula <= number, tree, lambda value: value <= number)
    check(formula < number, tree, lambda value: value < number)


@given(trees(("H",)), st.integers(-9, 9))
def test_a_printed_condition_says_what_holds(tree, number):
    condition = worked_out(tree, SYMBOLS) >= number
    if isinstance(condition, Condition):
        for values in points({"H"}):
            assert read(str(condition), values) == (numerically(tree, values) >= number), str(condition)


@given(trees(), at)
def test_a_printed_formula_reads_as_its_value(tree, values):
    assert read(str(worked_out(tree, SYMBOLS)), values) == numerically(tree, values)


@pytest.mark.parametrize("minimum", [0, 1, 7])
def test_a_symbol_is_at_least_its_minimum(minimum):
    n = symbol("n", minimum)
    assert (n >= minimum) is True
    assert isinstance(n >= minimum + 1, Condition)
    assert (2 * n + 1 >= 2 * minimum + 1) is True
    assert (n + H == minimum) is False
    assert n.subs({"n": 5}) == 5


def test_a_length_is_no_symbol_that_may_be_0():
    p = symbol("p", 0)
    for refused in (
        lambda: as_shape((1, p)),
        lambda: cc.Conv2d(p, 3, 3),
        lambda: cc.Linear(3, 2 * p),
        lambda: as_shape((p * H,)),
    ):
        with pytest.raises(cc.ArgumentError, match="must be at least 1"):
            refused()
    assert as_shape((p + 1,)) == (p + 1,)


@pytest.mark.parametrize("minimum", [-1, 1.0, "1", None, True])
def test_another_minimum_is_refused(minimum):
    with pytest.raises(cc.ArgumentError, match="minimum"):
        symbol("n", minimum)


@pytest.mark.parametrize("name", ["H", "W"])
def test_a_symbol_is_at_least_1(name):
    n = symbol(name)
    assert (n >= 1) is True
    assert (n > 0) is True
    assert (n < 1) is False
    assert (n == 0) is False
    assert bool(n)
    assert (n * H + W >= 2) is True


def test_an_undecided_condition_is_no_branch():
    with pytest.raises(cc.UndecidedError, match="H ≥ 5"):
        bool(H >= 5)
    with pytest.raises(cc.UndecidedError):
        bool(H - 1)
    with pytest.raises(cc.UndecidedError, match="no single value"):
        int(H)
    with pytest.raises(cc.UndecidedError, match="no single value"):
        range(H)
    with pytest.raises(cc.UndecidedError, match="missing for a symbol; got W"):
        (H - W >= 0).holds({"H": 3})


def test_require_raises_on_numbers_and_records_on_symbols():
    with pytest.raises(cc.ShapeError, match=r"^too short; got 3 of 5; add 2$"):
        require(at_least(-2), "too short", "{} of {}", 3, 5, remedy="add 2")
    require(at_least(0), "fine")
    with recording() as recorder:
        recorder.where = "0"
        require(H >= 5, "long enough")
        require(H >= 5, "said twice")
        require(H >= 1, "always true")
        with recording() as inner:
            require(W >= 5, "another room")
        require(H == W, "equal")
    assert [str(r) for r in recorder.requirements] == ["0: H ≥ 5, since long enough", "0: H must equal W; equal"]
    assert [str(r.condition) for r in inner.requirements] == ["W ≥ 5"]
    require(H >= 5, "nobody records")


def test_equal_conditions_are_one():
    assert (H >= 5) == (H + 1 >= 6)
    assert hash(H >= 5) == hash(H + 1 >= 6)
    assert (H >= 5) != (H == 5)
    assert (H >= 5) != 5


# -- what is printed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (ceil_div(H, 32), "⌈H/32⌉"),
        (floor_div(H - 3, 2) + 1, "⌊(H − 1)/2⌋"),
        (floor_div(H, 2), "⌊H/2⌋"),
        (3 * ceil_div(H, 2), "3·⌈H/2⌉"),
        (-(-H // 7), "⌈H/7⌉"),
        (H + (7 - H % 7) % 7, "7·⌈H/7⌉"),
        (W * (H - floor_div(3 * H, 4)), "W·⌈H/4⌉"),
        (H - 2, "H − 2"),
        (-H, "−H"),
        (2 - H, "−H + 2"),
        (H * H * W, "H²·W"),
        (3 * H * W + 1, "3·H·W + 1"),
        (floor_div(H, W), "⌊H/W⌋"),
        (floor_div(H + 1, 2 * W), "⌊(H + 1)/(2·W)⌋"),
        (H**12, "H¹²"),
        (H * W * W + H, "H·(W² + 1)"),
        ((floor_div(H, 2) + 1) * (floor_div(W, 3) - 1) * 5, "5·⌊(H + 2)/2⌋·⌊(W − 3)/3⌋"),
        ((H - 2) * (W - 2) * 9, "9·(H − 2)·(W − 2)"),
        ((H + W) ** 2, "(H + W)²"),
        (floor_div(H * H - H, 2), "H·(H − 1)/2"),
        (H >= 5, "H ≥ 5"),
        (H <= 5, "H ≤ 5"),
        (floor_div(H - 3, 2) + 1 >= 1, "H ≥ 3"),
        (H == W, "H = W"),
        (H != 4, "H ≠ 4"),
        (H + W >= 5, "H + W ≥ 5"),
    ],
)
def test_text(formula, text):
    assert str(formula) == repr(formula) == text


def test_formats_as_text():
    assert f"{H:,}" == "H"
    assert f"{H:>3}" == "  H"
    assert f"{H:d}" == "H"
    assert sizes.dot((16, 5, H - 1)) == "16·5·(H − 1)"


# -- what users write -------------------------------------------------------------------------------------------

HOSTILE_NAMES = ["", "1H", "H W", "H-1", "é", "H" * 33, "H\n", "H;", "__import__('os')", "٣", "a.b", None, 3, b"H", H]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
def test_a_symbol_has_a_plain_name(name):
    with pytest.raises(cc.ArgumentError, match="identifier"):
        symbol(name)


@given(st.text(max_size=40))
def test_any_text_is_a_symbol_or_refused(name):
    try:
        made = symbol(name)
    except cc.CnncalcError:
        return
    assert name.isascii()
    assert name.isidentifier()
    assert str(made) == name


@pytest.mark.parametrize(
    "shape",
    [
        None,
        3,
        "NCHW",
        b"NCHW",
        {},
        {1: 2},
        {1, 2},
        3.5,
        object,
        (1, 2.5),
        (1, None),
        (1, True),
        (1, -1),
        ((1, 2), 3),
        (b"H",),
        ("H W",),
    ],
    ids=repr,
)
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(cc.ArgumentError):
        as_shape(shape)


def test_shapes_as_users_write_them():
    numpy = pytest.importorskip("numpy")
    assert as_shape([1, 3, 8]) == (1, 3, 8)
    assert as_shape(numpy.array([1, 3])) == (1, 3)
    assert all(type(n) is int for n in as_shape(numpy.array([1, 3])))
    assert as_shape(()) == ()
    assert as_shape(n for n in (1, 2)) == (1, 2)
    assert str(as_shape(("N", 3, "H"))) == "(N, 3, H)"
    assert as_shape((H, 0)) == (H, 0)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3), st.lists, max_leaves=6))
def test_any_shape_is_read_or_refused(shape):
    try:
        read_shape = as_shape(shape)
    except cc.CnncalcError:
        return
    assert all(isinstance(n, Expr) or (type(n) is int and n >= 0) for n in read_shape)


@pytest.mark.parametrize("other", ["H", 1.5, None, (1,)], ids=repr)
def test_a_size_does_not_mix_with_other_things(other):
    for operation in (
        lambda: H + other,
        lambda: other + H,
        lambda: H - other,
        lambda: H * other,
        lambda: H // other,
        lambda: H % other,
        lambda: other <= H,
    ):
        with pytest.raises((TypeError, cc.CnncalcError)):
            operation()
    assert (other == H) is False
    assert (other != H) is True
