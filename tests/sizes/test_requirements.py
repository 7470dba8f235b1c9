"""What a network demands: raised, recorded or passed over, met by which sizes, and which demands others imply."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.sizes import Condition, SizeSet, assume, at_least, conditions_as_data, equal, floor_div, recording, require, symbol
from cnncalc.sizes.requirements import Requirement

H, W = symbol("H"), symbol("W")


def recorded(*conditions, **more):
    """What is recorded of some demands, one after another."""
    with recording() as recorder:
        for condition in conditions:
            require(condition, "a reason", **more)
    return [(found.condition, found.otherwise) for found in recorder.requirements]


def test_what_holds_is_not_recorded():
    assert recorded(at_least(0), H >= 1, equal(H, H)) == []


def test_what_is_open_is_recorded_once():
    assert recorded(H >= 3, W >= 3, H + 1 >= 4, H == 3) == [(H >= 3, ()), (W >= 3, ()), (equal(H, 3), ())]


def test_the_same_with_another_way_out_is_another():
    with recording() as recorder:
        require(H >= 3, "one")
        require(H >= 3, "two", otherwise=(equal(H, 1),))
        require(H >= 3, "three", otherwise=(equal(H, 1), True, False))
        require(W >= 3, "four", otherwise=(equal(H, 1),))
    assert [(found.reason, found.otherwise) for found in recorder.requirements] == [
        ("one", ()),
        ("two", (equal(H, 1),)),
        ("four", (equal(H, 1),)),
    ]


def test_what_fails_is_raised_with_its_values():
    for otherwise in ((), (False,), (True,)):
        with pytest.raises(cc.ShapeError, match=r"^a reason; got 3 of 5; add 2$"):
            require(at_least(-1), "a reason", "{} of {}", 3, 5, remedy="add 2", otherwise=otherwise)
    with pytest.raises(cc.ShapeError, match=r"^a reason$"):
        require(H < 1, "a reason")


def test_what_fails_but_for_a_way_out_demands_that():
    with recording() as recorder:
        recorder.where = "2.conv"
        require(at_least(-1), "a reason", otherwise=(equal(H, 1), H >= 9))
    (found,) = recorder.requirements
    assert (found.where, found.condition, found.otherwise) == ("2.conv", equal(H, 1), (equal(H, 1), H >= 9))


def test_records_are_kept_apart_and_closed():
    with recording() as outer:
        with recording() as inner:
            require(H >= 3, "inside")
        require(H >= 4, "outside")
    require(H >= 5, "nowhere")
    assert [found.reason for found in inner.requirements] == ["inside"]
    assert [found.reason for found in outer.requirements] == ["outside"]


def test_going_on_as_if_a_condition_held():
    with recording() as recorder:
        assume(H >= 3, "long enough")
        assume(at_least(0), "always")
        assume(at_least(-1), "never")
    (found,) = recorder.requirements
    assert (found.condition, found.otherwise, found.reason) == (H >= 3, ((H >= 3).negated(),), "long enough")
    assert all(found.holds({"H": n}) for n in range(1, 9))


def test_when_a_requirement_is_met():
    plain = Requirement(H >= 3, "0", "a reason")
    wide = Requirement(H >= 3, "0", "a reason", (equal(H, 1), equal(W, 7)))
    for h in range(1, 6):
        assert plain.holds({"H": h}) is (h >= 3)
        for w in (6, 7):
            assert wide.holds({"H": h, "W": w}) is (h >= 3 or h == 1 or w == 7)


def test_the_sizes_that_meet_a_requirement():
    assert Requirement(H >= 3, "", "").sizes == SizeSet.progression(3, 1)
    assert str(Requirement(equal(2 * floor_div(H, 2), H), "", "").sizes) == "H ≡ 0 (mod 2), H ≥ 2"
    assert Requirement(H >= W, "", "").sizes is None
    assert Requirement(at_least(floor_div(5, H + 1) - 1), "", "").sizes is None
    assert Requirement(H >= 1 << 30, "", "").sizes is None


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        (Requirement(H >= 3, "0", "it must fit"), "0: H ≥ 3, since it must fit"),
        (Requirement(equal(H, W), "up.cat", "lengths must agree"), "up.cat: H must equal W; lengths must agree"),
        (Requirement(H != W, "up", "lengths must differ"), "up: H must not equal W; lengths must differ"),
        (Requirement(equal(2 * floor_div(H, 2), H), "x", "no rest"), "x: 2·⌊H/2⌋ must equal H, so H must be even; no rest"),
        (Requirement(equal(H, 4), "x", "one length"), "x: H must equal 4; one length"),
    ],
)
def test_a_requirement_in_print(requirement, text):
    assert str(requirement) == repr(requirement) == text


def test_which_conditions_others_imply():
    asked = [
        (Requirement(H >= 3, "a", "r"), True),
        (Requirement(H >= 5, "b", "s"), True),
        (Requirement(H >= 185, "c", "t"), False),
        (Requirement(H >= 185, "d", "said again"), True),
        (Requirement(H >= 4, "e", "after it"), True),
        (Requirement(H + W >= 5, "f", ""), False),
        (Requirement(W >= 7, "g", ""), False),
        (Requirement(equal(H, 7), "h", ""), False),
        (Requirement(equal(H, 7), "i", ""), False),
        (Requirement(H >= 2, "j", "", (equal(H, 1),)), False),
        (Requirement(W >= 900, "k", "", (equal(W, 1),)), False),
        (Requirement(Condition(H - 2, "!="), "l", ""), False),
        (Requirement(Condition(H - W + 1, ">="), "m", ""), True),
        (Requirement(Condition(H - W, ">="), "n", ""), False),
    ]
    data = conditions_as_data(requirement for requirement, _ in asked)
    assert [item["where"] for item in data] == list("abcdefghijklmn")
    assert [item["condition"] for item in data[:3]] == ["H ≥ 3", "H ≥ 5", "H ≥ 185"]
    assert [item["reason"] for item in data[:3]] == ["r", "s", "t"]
    assert [item["implied"] for item in data] == [implied for _, implied in asked]
    assert conditions_as_data([]) == []
