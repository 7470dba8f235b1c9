"""Variants: who gets which numbers, and that a wrong number of theirs names one cause."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from itertools import product

import pytest

import cnncalc as cc
from cnncalc.grading.grade import grade_submission
from cnncalc.grading.submission import Submission
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.loader import load_homework
from cnncalc.sheets.variants import Combinations, Dealer, parameters_of, parse_variant, variant_text

SECRET = b"a secret of more than sixteen"


@pytest.fixture(scope="module")
def sheet():
    return load_homework()


@pytest.fixture(scope="module")
def dealer(sheet):
    return Dealer(sheet, SECRET)


def with_question(sheet, number, **changes):
    questions = list(sheet.questions)
    questions[number] = questions[number]._replace(**changes)
    return sheet._replace(questions=tuple(questions))


# -- which combinations are dealt ---------------------------------------------------------------------------------


def by_hand(image, k, s, p):
    """The side of the first convolution of question 2, and what the five slips give for it (reference: the 55 slips)."""
    right = (image + 2 * p - k) // s + 1
    wrong = {
        "assume_same": image,
        "swap_pad_stride": (image + 2 * s - k) // p + 1 if p else None,
        "no_padding": (image - k) // s + 1,
        "forgot_plus1": (image + 2 * p - k) // s,
        "stride_ignored": image + 2 * p - k + 1,
    }
    return right, wrong


def test_question_2_deals_what_the_formulas_keep_apart(sheet):
    question = sheet.questions[1]
    fitting = Combinations(question).fitting()
    dealt = {(found["image"], found["k1"], found["s1"], found["p1"]) for found in fitting}
    # grading.md: of the 120 combinations of the sheet's lists only 10 keep the five rules apart, all with s = 2, p = 3.
    assert len(dealt) == 10
    assert {(s, p) for _, _, s, p in dealt} == {(2, 3)}
    apart = set()
    for image, k, s, p in product(*(question.variants[name] for name in ("image", "k1", "s1", "p1"))):
        right, wrong = by_hand(image, k, s, p)
        values = [right, *wrong.values()]
        if None not in values and len(set(values)) == len(values):
            apart.add((image, k, s, p))
    assert dealt <= apart
    # Each goes with every number of filters and of classes, on which the sides do not depend.
    assert len(fitting) == 10 * 4 * 3


def test_a_printed_question_may_be_worse_than_its_variants(sheet):
    question = sheet.questions[1]
    objection = Combinations(question).objection_to(question.params)
    # 63 without padding on one side too: see the sheet.
    assert objection == "q2.1.shape: shape.pad_once gives the right answer"


def test_where_nothing_is_left_the_error_names_what_meets(sheet):
    broken = with_question(sheet, 1, variants={**sheet.questions[1].variants, "p1": (1,)})
    with pytest.raises(SheetError) as caught:
        Dealer(broken, SECRET).deal("s001")
    assert str(caught.value).startswith("q2: no combination of the parameters keeps the slips apart; got 360 combinations; ")
    assert "variant_rules.distinct" in str(caught.value)


def test_without_rules_all_listed_slips_must_differ(sheet):
    question = sheet.questions[1]
    rooms = Combinations(question._replace(variant_rules={}))
    # Half the padding and a missing 1 meet: a variant that `distinct` lets through.
    assert rooms.objection_to({"s1": 2, "p1": 3, "k1": 3, "image": 96}) == (
        "q2.1.shape: shape.forgot_plus1 and shape.pad_once give the same"
    )


def test_a_network_that_refuses_its_input_is_not_dealt(sheet):
    question = sheet.questions[1]
    small = question._replace(variants={**question.variants, "image": (2, 128), "p1": (0, 3)})
    assert {found["image"] for found in Combinations(small).fitting()} == {128}


# -- who gets which -----------------------------------------------------------------------------------------------


def test_the_deal_follows_from_secret_sheet_question_and_student(dealer):
    # Question 1 has four combinations, all of which fit: the hash alone decides.
    for student in ("s001", "s002", "a-b_c"):
        digest = hmac.new(SECRET, f"hw3|1|q1|{student}".encode(), hashlib.sha256).digest()
        expected = (4, 5, 6, 8)[int.from_bytes(digest[:16], "big") % 4]
        assert dealer.deal(student)["q1.classes"] == expected


def test_the_same_deal_again_and_another_for_another(sheet):
    small = sheet._replace(questions=(sheet.questions[0], sheet.questions[2]))
    students = [f"s{number:03}" for number in range(60)]

    def deals(a_sheet=small, secret=SECRET, order=1):
        dealer = Dealer(a_sheet, secret)
        return [dealer.deal(student) for student in students[::order]][::order]

    assert deals() == deals()
    # The order of the class plays no part.
    assert deals() == deals(order=-1)
    assert deals() != deals(secret=SECRET + b"!")
    assert deals() != deals(small._replace(version=2))
    assert deals() != deals(small._replace(id="other"))


def test_every_fitting_combination_is_dealt_about_as_often(dealer):
    counts = Counter(dealer.deal(f"s{number}")["q3.image"] for number in range(600))
    assert set(counts) == {256, 384, 512}
    assert min(counts.values()) > 150


def test_only_what_varies_is_printed(dealer):
    names = set(dealer.deal("s001"))
    assert names == {
        *("q1.classes", "q2.image", "q2.filters", "q2.k1", "q2.s1", "q2.p1", "q2.classes", "q3.image", "q3.k0", "q3.k"),
    }


@pytest.mark.parametrize("student", ["", "a b", "ا", "../x", "a" * 33, "a|b"])
def test_ids_are_opaque(dealer, student):
    with pytest.raises(SheetError, match="1 to 32 letters"):
        dealer.deal(student)


def test_a_short_secret_is_refused(sheet):
    with pytest.raises(SheetError, match="at least 16 characters"):
        Dealer(sheet, b"short")


# -- as text, and graded ------------------------------------------------------------------------------------------


def test_text_and_back(dealer):
    variant = dealer.deal("s001")
    assert parse_variant(variant_text(variant)) == variant
    assert parse_variant("") == {}


@pytest.mark.parametrize("text", ["a", "a=b", "a=1,a=2", "a=1;b=2", "a=1,", "a=" + "9" * 30])
def test_other_text_is_refused(text):
    with pytest.raises(SheetError, match="written as name=number"):
        parse_variant(text)


def test_nobody_chooses_numbers_of_their_own(sheet):
    assert parameters_of(sheet, {"q2.image": 96})["q2"]["image"] == 96
    assert parameters_of(sheet, {"filters": 8})["q2"]["filters"] == 8
    assert parameters_of(sheet, {})["q3"]["image"] == 256
    for variant, message in (
        ({"q2.image": 97}, "the sheet does not deal this value"),
        ({"q2.size": 96}, "the sheet has no such parameter"),
        ({"image": 256}, "several questions have this parameter"),
    ):
        with pytest.raises(SheetError, match=message):
            parameters_of(sheet, variant)


def test_a_variant_is_graded_by_its_own_numbers(sheet, dealer):
    alone = sheet._replace(questions=sheet.questions[1:2])
    for student in ("s001", "s002"):
        variant = {name: value for name, value in dealer.deal(student).items() if name.startswith("q2.")}
        image, k, s, p = (variant[f"q2.{name}"] for name in ("image", "k1", "s1", "p1"))
        filters = variant["q2.filters"]
        right, wrong = by_hand(image, k, s, p)
        answers = {"q2.1.shape": f"{filters}x{right}x{right}", "q2.1.params": str(filters * k * k * 3 + filters)}
        graded = {a.id: a for a in grade_submission(alone, Submission(student, variant=variant, answers=answers)).asks}
        assert graded["q2.1.shape"].verdict == graded["q2.1.params"].verdict == "right"
        for name, side in wrong.items():
            answers = {"q2.1.shape": f"{filters}x{side}x{side}"}
            graded = {a.id: a for a in grade_submission(alone, Submission(student, variant=variant, answers=answers)).asks}
            assert f"shape.{name}" in graded["q2.1.shape"].slips
            assert {"shape.assume_same", "shape.swap_pad_stride", "shape.no_padding", "shape.forgot_plus1"} & set(
                graded["q2.1.shape"].slips
            ) <= {f"shape.{name}"}


def test_what_was_handed_out_stays_gradable(sheet, dealer):
    variant = dealer.deal("s001")
    later = sheet._replace(version=2)
    assert Dealer(later, SECRET).deal("s001") != variant
    filters, classes = variant["q2.filters"], variant["q1.classes"]
    answers = {"q1.fc.params": str(101 * classes), "q2.2.params": str(75 * filters + filters + 2 * (25 * filters**2 + filters))}
    graded = grade_submission(later, Submission("s001", sheet="hw3@1", variant=variant, answers=answers))
    assert [ask.verdict for ask in graded.asks if ask.id in answers] == ["right", "right"]


def test_a_slip_of_unknown_name_is_told(sheet):
    question = sheet.questions[1]
    rules = {**question.variant_rules, "not_equal_to_right": ("shape.nothing",)}
    assert "there is no slip of that name" in str(Combinations(question._replace(variant_rules=rules)).objection(0))
    assert isinstance(SheetError("x"), cc.CnncalcError)
