"""Sets of sizes against Python's own sets, and conditions in one symbol against trying every size."""

from __future__ import annotations

from itertools import takewhile

import pytest
from drawing.formulas import trees, worked_out
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sizes import Condition, Expr, SizeSet, sizes_meeting, symbol

#: Sets drawn here repeat from 40 on with a period of at most 12; two of them together with one of at most 132.
END = 40 + 2 * 132


@st.composite
def drawn_sets(draw):
    start, period = draw(st.integers(1, 40)), draw(st.integers(1, 12))
    head = draw(st.integers(0, (1 << start) - 1))
    tail = draw(st.sampled_from([0, (1 << period) - 1, None]))
    tail = draw(st.integers(0, (1 << period) - 1)) if tail is None else tail
    members = {n for n in range(1, END) if (head >> n if n < start else tail >> n % period) & 1}
    return SizeSet(head, start, tail, period), members


@given(drawn_sets())
def test_a_set_has_its_members(drawn):
    sizes, members = drawn
    assert {n for n in range(-5, END) if n in sizes} == members
    assert list(takewhile(lambda n: n < END, sizes)) == sorted(members)
    listed = {n for first, step in sizes.progressions for n in range(first, END, step)}
    assert listed | set(sizes.exceptions) == members
    assert not listed & set(sizes.exceptions)
    assert bool(sizes) == bool(members)
    assert sizes.smallest == min(members, default=None)
    assert sizes.is_finite == (not sizes.progressions)
    if sizes.is_finite:
        assert len(sizes) == len(members)
        assert sizes.largest == max(members, default=None)


@given(drawn_sets(), st.integers(-3, 200))
def test_the_nearest_member(drawn, size):
    sizes, members = drawn
    assert sizes.below(size) == max((n for n in members if n <= size), default=None)
    assert sizes.above(size) == min((n for n in members if n >= size), default=None)
    if members:
        distance = min(abs(n - size) for n in members)
        assert sizes.nearest(size) == max(n for n in members if abs(n - size) == distance)
    else:
        with pytest.raises(cc.ShapeError, match="no size works"):
            sizes.nearest(size)


@given(drawn_sets(), drawn_sets())
def test_sets_from_sets(left, right):
    (a, in_a), (b, in_b) = left, right
    for made, members in ((a & b, in_a & in_b), (a | b, in_a | in_b), (a - b, in_a - in_b), (~a, set(range(1, END)) - in_a)):
        assert {n for n in range(1, END) if n in made} == members
    assert (a <= b) == (in_a <= in_b)
    assert (a == b) == (in_a == in_b)
    assert a == ~~a
    assert hash(a) == hash(~~a)


@given(drawn_sets(), st.integers(1, 9), st.integers(1, 7))
def test_members_moved_to_a_progression(drawn, first, step):
    sizes, members = drawn
    moved = sizes.taken_from(first, step)
    assert {n for n in range(1, END) if n in moved} == {n for m in members if (n := first + step * (m - 1)) < END}


@pytest.mark.parametrize(
    ("sizes", "text", "demand"),
    [
        (SizeSet.progression(188, 16), "n ≡ 12 (mod 16), n ≥ 188", "n ≡ 12 (mod 16), n ≥ 188"),
        (SizeSet.progression(2, 2), "n ≡ 0 (mod 2), n ≥ 2", "n must be even"),
        (SizeSet.progression(1, 2), "n ≡ 1 (mod 2), n ≥ 1", "n must be odd"),
        (SizeSet.progression(32, 32), "n ≡ 0 (mod 32), n ≥ 32", "n must be a multiple of 32"),
        (SizeSet.progression(5, 1), "n ≥ 5", "n ≥ 5"),
        (SizeSet.progression(5, 3) | SizeSet.progression(6, 3), "n ≡ 0 or 2 (mod 3), n ≥ 5", "n ≡ 0 or 2 (mod 3), n ≥ 5"),
        (SizeSet.of([7]), "n = 7", "n = 7"),
        (SizeSet.of(range(224, 256)), "n ∈ {224, 225, …, 255}", "n ∈ {224, 225, …, 255}"),
        (SizeSet.of([1, 4]) | SizeSet.progression(8, 1), "n ∈ {1, 4} or n ≥ 8", "n ∈ {1, 4} or n ≥ 8"),
        (SizeSet(), "n ∈ ∅", "no n will do"),
    ],
)
def test_a_set_is_one_line(sizes, text, demand):
    assert (str(sizes), sizes.demand) == (text, demand)


def test_what_has_no_end_has_no_length():
    endless = SizeSet.progression(3, 4)
    with pytest.raises(cc.UnsupportedError, match="no end"):
        len(endless)
    with pytest.raises(cc.UnsupportedError, match="no largest"):
        _ = endless.largest
    with pytest.raises(cc.ArgumentError, match="whole number"):
        endless.nearest(2.5)
    with pytest.raises(cc.UnsupportedError, match="too late"):
        SizeSet.progression(10**9, 1)
    assert "3" not in endless


@given(trees(("H",)), st.integers(-40, 40), st.sampled_from([">=", "==", "!="]))
def test_a_condition_is_met_by_its_sizes_and_no_others(tree, constant, relation):
    formula = worked_out(tree, {"H": symbol("H")})
    formula = formula + constant
    if not isinstance(formula, Expr):
        return
    condition = Condition(formula, relation)
    try:
        sizes = sizes_meeting(condition, "H")
    except cc.UnsupportedError as error:
        reasons = ("divided by a symbol", "too late", "too far")
        assert any(reason in error.rule for reason in reasons)  # noqa: PT017 - only some formulas are refused
        return
    for n in (*range(1, 60), 997, 1000, 1234):
        assert (n in sizes) == condition.holds({"H": n}), n
    assert sizes_meeting(condition.negated(), "H") == ~sizes
