"""The homework graded: the handwritten solution, and every wrong answer that homework.md and grading.md list.

Expected verdicts, marks and slips are theirs, not this library's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnncalc.grading.grade import grade_submission
from cnncalc.grading.submission import Submission

sys.path.insert(0, str(Path(__file__).parent))

import renderings
from handing_in import RIGHT, TEXTS, homework, judged

HANDWRITTEN = {
    "q1.fc.params": "505",
    "q1.conv.params": "505",
    "q2.1.shape": "16x128x128",
    "q2.1.params": "1216",
    "q2.2.shape": "16x16x16",
    "q2.2.params": "1216 + 6416 + 6416",
    "q2.3.total": "40970 + 14048",
    "q2.4.rf": "64",
    "q3.2.a": "256",
    "q3.2.b": "73856",
    "q3.4.a": "N + 192",
    "q3.4.b.block": "104",
}
STEPS = {"q2.4.rf": ["5", "10", "14", "28", "32", "64"]}


def test_the_handwritten_solution():
    """0.75/3 + 3/3 + 4/4 + 4/4 + 5/5 + 2.4/6 = 19.15/25 for question 2; everything else that it gives is right."""
    graded = grade_submission(homework(), Submission("s001", "hw3@1", answers=HANDWRITTEN, steps=STEPS))
    found = {ask.id: ask for ask in graded.asks}
    second = [(found[name].marks, found[name].max) for name in HANDWRITTEN if name.startswith("q2")]
    assert second == [(0.75, 3), (3, 3), (4, 4), (4, 4), (5, 5), (2.4, 6)]
    assert sum(marks for marks, _ in second) == pytest.approx(19.15)
    wrong = [name for name in HANDWRITTEN if found[name].verdict != "right"]
    assert wrong == ["q2.1.shape", "q2.4.rf"]
    assert set(found["q2.1.shape"].slips) == {"shape.swap_pad_stride", "shape.assume_same", "q2.part2_settings"}
    assert found["q2.4.rf"].slips == ("rf.topdown_run_forward",)
    assert graded.total == pytest.approx(12 + 19.15 + 3 + 3 + 2 + 1)


def test_a_perfect_submission():
    answers = RIGHT | dict.fromkeys(TEXTS, "a text")
    graded = grade_submission(homework(), Submission("s001", answers=answers))
    assert graded.is_right
    assert {ask.verdict for ask in graded.asks} == {"right", "human"}
    assert graded.total + graded.pending == graded.max == 95


def test_an_empty_submission():
    graded = grade_submission(homework(), Submission("s001"))
    assert {ask.verdict for ask in graded.asks} == {"missing"}
    assert (graded.total, graded.max) == (0, 95)
    assert not graded.is_right


# ask, answer, verdict, credit, slips that must be named
WRONG = [
    ("q2.1.shape", "16x128x128", 0.25, {"shape.swap_pad_stride", "shape.assume_same"}),
    ("q2.1.shape", "16x62x62", 0.25, {"shape.forgot_plus1", "shape.no_padding"}),
    ("q2.1.shape", "16x64x64", 0.5, {"shape.ceil", "shape.framework_same"}),
    ("q2.1.shape", "64x64x16", 0.5, {"shape.ceil"}),
    ("q2.1.shape", "16x63.5x63.5", 0.5, {"shape.no_floor"}),
    ("q2.1.shape", "16x126x126", 0.25, {"shape.stride_ignored"}),
    ("q2.1.shape", "16x251x251", 0.25, {"shape.stride_multiplied"}),
    ("q2.1.shape", "48x63x63", 0.75, {"shape.filters_times_channels"}),
    ("q2.1.params", "1200", 0.5, {"params.no_bias"}),
    ("q2.1.params", "1201", 0, {"params.one_bias"}),
    ("q2.1.params", "1203", 0, {"params.bias_per_input"}),
    ("q2.1.params", "416", 0, {"params.no_depth"}),
    ("q2.1.params", "256", 0, {"params.kernel_not_squared"}),
    ("q2.1.params", "4826304", 0, {"params.untied_weights"}),
    ("q2.1.params", "400", 0, {"params.no_bias", "params.no_depth"}),
    ("q2.2.params", "3648", 0, {"params.depth_not_updated"}),
    ("q2.2.params", "14288", 0, {"params.pool_has_params"}),
    ("q2.2.params", "14000", 0.5, {"params.no_bias"}),
    ("q2.2.shape", "16x128x128", 0.25, {"shape.pool_ignored"}),
    ("q2.2.shape", "16x32x32", 0.25, {"shape.one_pool_short"}),
    ("q2.2.shape", "8x16x16", 0.75, {"shape.pool_halves_channels"}),
    ("q2.2.shape", "2x16x16", 0.75, {"shape.pool_halves_channels"}),
    ("q2.3.total", "55008", 0.5, {"params.fc_no_bias"}),
    ("q2.3.total", "54960", 0.5, {"params.no_bias"}),
    ("q2.3.total", "16618", 0, {"params.fc_spatial_only"}),
    ("q2.3.total", "14218", 0, {"params.fc_channels_only"}),
    ("q2.3.total", "2635498", 0, {"params.fc_before_pooling"}),
    ("q2.3.total", "50921", 0, {"params.one_class_less"}),
    ("q2.3.total", "40970", 0, {"params.head_only"}),
    ("q2.3.total", "14048", 0, {"params.backbone_only"}),
    ("q2.4.rf", "64", 0.4, {"rf.topdown_run_forward", "rf.padding_added"}),
    ("q2.4.rf", "16", 0, {"rf.no_jump"}),
    ("q2.4.rf", "13", 0, {"rf.ignore_pool"}),
    ("q2.4.rf", "29", 0, {"rf.pool_adds_nothing"}),
    ("q2.4.rf", "19x19", 0, {"rf.own_stride_only"}),
    ("q2.4.rf", "43", 0, {"rf.jump_updated_first"}),
    ("q2.4.rf", "21", 0, {"rf.sum_of_kernels"}),
    ("q2.4.rf", "1000", 0, {"rf.product_of_kernels"}),
    ("q2.4.rf", "8", 0, {"rf.jump_instead"}),
    ("q2.4.rf", "5", 0, {"rf.last_kernel"}),
    ("q2.4.rf", "128", 0, {"rf.whole_input"}),
    ("q2.4.rf", "32", 0.5, {"rf.place_conv3"}),
    ("q3.2.a", "16", 0, {"unet.side_not_area"}),
    ("q3.2.a", "4096", 0, {"unet.area_halved"}),
    ("q3.2.a", "262144", 0, {"q3.with_bottom_channels"}),
    ("q3.2.a", "131072", 0, {"unet.with_channels"}),
    ("q3.2.a", "64", 0, {"unet.levels_off_by_one"}),
    ("q3.2.a", "144", 0, {"q3.unpadded_in"}),
    ("q3.2.b", "3584", 0, {"unet.input_is_image"}),
    ("q3.2.b", "1280", 0, {"unet.input_is_image"}),
    ("q3.2.b", "73792", 0, {"unet.swap_in_out"}),
    ("q3.2.b", "24704", 0, {"unet.kernel_not_squared"}),
    ("q3.4.a", "128", 0, {"dense.previous_only"}),
    ("q3.4.a", "448", 0, {"dense.own_output_included"}),
    ("q3.4.b.block", "80", 0, {"dense.input_for_output"}),
    ("q3.4.b.block", "72", 0, {"dense.no_k0"}),
    ("q3.4.b.block", "128", 0, {"dense.off_by_one"}),
    ("q3.4.b.block", "168", 0, {"dense.k0_each_layer"}),
]
ACCEPTED = [
    ("q1.fc.params", "1505", "", 1),
    ("q1.fc.params", "500", "no bias", 1),
    ("q2.1.params", "1200", "بدون بایاس", 1),
    ("q2.2.shape", "16x7x7", "", 0.5),
    ("q2.2.params", "19248", "", 0.5),
    ("q2.2.params", "20464", "", 0.5),
    ("q2.3.total", "14218", "with Global Average Pooling", 1),
    ("q2.4.rf", "32", "قبل از pooling", 1),
    ("q2.4.rf", "32", "conv3", 1),
    ("q2.4.rf", "1296", "", 1),
    ("q2.4.rf", "3888", "", 1),
    ("q2.4.rf", "36x36x3", "", 1),
    ("q3.2.a", "1024", "three halvings", 1),
    ("q3.2.a", "16", "side", 1),
    ("q3.2.b", "36928", "", 1),
    ("q3.2.b", "221440", "the second level", 1),
    ("q3.2.b", "73728", "without bias", 1),
    ("q3.4.a", "192", "", 1),
    ("q3.4.b.block", "24", "", 0.5),
    ("p1.head.alexnet", "4097", "", 0.5),
]
RIGHT_TOO = [
    ("q2.1.shape", "63x63x16"),
    ("q2.1.shape", "[1, 16, 63, 63]"),
    ("q2.1.shape", "[16, 63, 63]"),
    ("q2.1.shape", "۱۶×۶۳×۶۳"),
    ("q2.1.params", "16*5*5*3 + 16"),
    ("q2.3.total", "۵۵٬۰۱۸"),
    ("q2.4.rf", "36x36"),
    ("q3.2.a", "16x16"),
    ("q3.2.a", "16x16 = 256"),
    ("q3.4.a", "192+N"),
]


@pytest.mark.parametrize(("ask", "answer", "credit", "slips"), WRONG)
def test_wrong_answers(ask, answer, credit, slips):
    found = judged({ask: answer})
    assert found.verdict == "slip"
    assert slips <= set(found.slips)
    assert found.credit == credit


@pytest.mark.parametrize(("ask", "answer", "place", "credit"), ACCEPTED)
def test_other_readings(ask, answer, place, credit):
    found = judged({ask: answer}, place={ask: place})
    assert (found.verdict, found.credit) == ("accepted", credit)
    if place:
        # The same in brackets behind the number; without it, it is no full mark.
        assert judged({ask: f"{answer} ({place})"}).verdict == "accepted"
        assert judged({ask: answer}).credit < 1


@pytest.mark.parametrize(("ask", "answer"), RIGHT_TOO)
def test_right_answers_in_other_words(ask, answer):
    found = judged({ask: answer})
    assert (found.verdict, found.credit, found.slips) == ("right", 1, ())


def test_the_trace_tells_what_the_number_cannot():
    for steps, slip, credit in (
        ("5 10 14 28 32 64", "rf.topdown_run_forward", 0.4),
        ("9 10 26 28 60 64", "rf.padding_added", 0),
        ("2 10 12 28 32 64", "rf.reversed_order", 0),
    ):
        found = judged({"q2.4.rf": "64"}, steps={"q2.4.rf": steps.split()})
        assert (found.slips, found.credit) == ((slip,), credit)


def test_steps_and_number_that_disagree():
    """The right number with the steps of a wrong rule is right, and the steps are named; and the other ways round."""
    wrong_steps = {"q2.4.rf": ["5", "10", "14", "28", "32", "64"]}
    right = judged({"q2.4.rf": "36"}, steps=wrong_steps)
    assert right.verdict == "right"
    assert "The steps are not the right ones" in right.feedback["en"]
    right_steps = judged({"q2.4.rf": "63"}, steps={"q2.4.rf": ["5", "6", "14", "16", "32", "36"]})
    assert (right_steps.verdict, right_steps.credit) == ("unexplained", 0)
    assert right_steps.feedback["en"].startswith("The steps are right")
    other = judged({"q2.4.rf": "13"}, steps=wrong_steps)
    assert other.verdict == "slip"
    assert set(other.slips) == {"rf.topdown_run_forward", "rf.ignore_pool"}
    assert "not the last of them" in other.feedback["en"]
    nonsense = judged({"q2.4.rf": "64"}, steps={"q2.4.rf": ["a", "5"]})
    assert nonsense.credit == 0.4


@pytest.mark.parametrize("text", ["55.018", "16²", "1 2", "", "2**9**9"])
def test_malformed_is_asked_again(text):
    found = judged({"q2.3.total": text})
    assert found.verdict == ("malformed" if text else "missing")
    if text:
        assert "not marked as wrong" in found.feedback["en"]
        assert "نادرست به شمار نمی‌آید" in found.feedback["fa"]


def test_unexplained():
    found = judged({"q2.1.params": "999"})
    assert (found.verdict, found.credit, found.slips) == ("unexplained", 0, ())
    assert judged({"q2.1.shape": "16x99x99"}).credit == 0.25
    assert judged({"q2.1.shape": "99x63x63"}).credit == 0.75
    assert judged({"q2.1.shape": "16x63"}).credit == 0
    assert judged({"q2.4.rf": "6x6"}).verdict == "unexplained"
    assert judged({"q2.4.rf": "1296x1296"}).verdict == "unexplained"


def test_two_slips_at_once():
    """No bias and no depth: 400. The channels of one slip with the sides of another."""
    counts = judged({"q2.1.params": "400"})
    assert set(counts.slips) == {"params.no_bias", "params.no_depth"}
    assert "two slips at once" in counts.feedback["en"]
    shape = judged({"q2.1.shape": "48x126x126"})
    assert {"shape.filters_times_channels", "shape.stride_ignored"} <= set(shape.slips)


def test_no_right_answer_before_release():
    for ask, answer, _, _ in WRONG:
        right = RIGHT[ask]
        before, after = judged({ask: answer}), judged({ask: answer}, release=True)
        for language in ("en", "fa"):
            words = before.feedback[language].replace(answer, " ")
            assert right.replace("x", " × ") not in words
            assert right not in words.replace("(", " ").replace(")", " ").split()
        assert right.replace("x", " × ") in after.feedback["en"] or f"{right} × {right}" in after.feedback["en"]
    assert "The right answer" not in judged({"q2.1.params": "1216"}, release=True).feedback["en"]


def test_feedback_says_what_the_number_is_and_not_who_did_what():
    for ask, answer, _, _ in WRONG:
        feedback = judged({ask: answer}).feedback
        assert set(feedback) == {"en", "fa"}
        assert not {"you", "your", "mistake", "forgot"} & set(feedback["en"].lower().replace(",", " ").split())
        assert "{" not in feedback["en"] + feedback["fa"]
    right_first = judged({"q2.1.shape": "16x128x128"}).feedback
    assert right_first["en"].startswith("The number of channels is right.")
    assert right_first["fa"].startswith("تعداد کانال‌ها درست است.")


@given(st.data(), st.sampled_from(sorted(RIGHT)))
def test_any_rendering_of_a_right_value_is_right(data, ask):
    right = RIGHT[ask]
    if ask.endswith(".shape"):
        text = data.draw(renderings.shapes(tuple(map(int, right.split("x")))))
    elif ask == "q3.4.a":
        part = data.draw(st.integers(0, 192))
        text = data.draw(
            st.sampled_from([f"N + {part} + {192 - part}", f"{part}+n+{192 - part}", f"2N + 192 - N - {part} + {part}"])
        )
    elif ask == "q2.4.rf":
        text = data.draw(st.sampled_from(["36", "۳۶", "36x36", "36 × 36 pixels", "۳۶ در ۳۶", "30 + 6", "[36, 36]"]))
    else:
        text = data.draw(renderings.counts(int(right)))
    found = judged({ask: text})
    assert (found.verdict, found.credit) == ("right", 1)


@given(st.data(), st.sampled_from(sorted(name for name in RIGHT if name != "q3.4.a")), st.integers(-300, 300))
def test_mutations_of_a_right_value_are_not_right(data, ask, change):
    assume(change)
    if ask.endswith(".shape"):
        shape = [int(n) for n in RIGHT[ask].split("x")]
        index = data.draw(st.integers(0, 2))
        shape[index] = max(0, shape[index] + change)
        assume(sorted(shape) != sorted(int(n) for n in RIGHT[ask].split("x")))
        text = data.draw(renderings.shapes(tuple(shape)))
    else:
        number = int(RIGHT[ask]) + change
        assume(number >= 0)
        text = data.draw(renderings.digits(number))
    assert judged({ask: text}).verdict != "right"


@given(st.integers(-300, 300), st.integers(-3, 3))
def test_mutations_of_a_formula_are_not_right(change, factor):
    assume((change, factor) != (0, 1))
    found = judged({"q3.4.a": f"{factor}N + {192 + change}".replace("+ -", "- ")})
    assert found.verdict != "right"
