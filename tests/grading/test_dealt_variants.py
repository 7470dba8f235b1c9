"""Variants held against the secret they were dealt by: one's own numbers are graded, another's are not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cnncalc.grading.grade import grade_files, grade_submission
from cnncalc.grading.submission import Submission
from cnncalc.sheets.answering import answer
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.loader import load
from cnncalc.sheets.variants import Dealer

sys.path.insert(0, str(Path(__file__).parent))

from handing_in import command

QUIZ = Path(__file__).parents[2] / "docs" / "examples" / "quiz.toml"
SECRET = b"a secret of more than sixteen"


@pytest.fixture(scope="module")
def quiz():
    return load(QUIZ)


@pytest.fixture(scope="module")
def dealt(quiz):
    """The numbers of two students who got different ones."""
    dealer = Dealer(quiz, SECRET)
    students = {f"s{number:03}": dealer.deal(f"s{number:03}") for number in range(1, 9)}
    first = students["s001"]
    other = next(student for student, variant in students.items() if variant != first)
    return {"s001": first, other: students[other]}


def size_for(variant):
    """The size of q1's convolution by torch's own rule, written out here."""
    image, filters, k, p = (variant[f"q1.{name}"] for name in ("image", "filters", "k", "p"))
    side = (image + 2 * p - k) // 2 + 1
    return f"{filters}x{side}x{side}"


def test_ones_own_numbers_are_graded(quiz, dealt):
    for student, variant in dealt.items():
        handed_in = Submission(student, "quiz@1", variant, {"q1.size": size_for(variant)})
        graded = grade_submission(quiz, handed_in, secret=SECRET)
        assert (graded.problem, graded.asks[0].verdict) == ("", "right")


def test_anothers_numbers_are_not(quiz, dealt):
    (first, mine), (_, other) = dealt.items()
    graded = grade_submission(quiz, Submission(first, "quiz@1", other, {"q1.size": size_for(other)}), secret=SECRET)
    assert "not the numbers that were dealt to this student" in graded.problem
    assert graded.total == 0
    assert graded.student == first
    # Without the secret nobody can tell.
    assert grade_submission(quiz, Submission(first, "quiz@1", other, {"q1.size": size_for(other)})).asks[0].verdict == "right"
    # The printed numbers are nobody's here, and a part of one's own is not one's own.
    printed = {"q1.image": 128, "q1.filters": 16, "q1.k": 5, "q1.p": 1}
    assert grade_submission(quiz, Submission(first, "quiz@1", printed), secret=SECRET).problem
    assert mine != printed
    part = {name: value for name, value in mine.items() if value != printed[name]}
    assert not grade_submission(quiz, Submission(first, "quiz@1", part), secret=SECRET).problem
    name = next(iter(part))
    less = {key: value for key, value in part.items() if key != name} or {name: printed[name]}
    assert grade_submission(quiz, Submission(first, "quiz@1", less), secret=SECRET).problem


def test_who_states_no_numbers_gets_those_that_were_dealt(quiz, dealt):
    for student, variant in dealt.items():
        graded = grade_submission(quiz, Submission(student, "quiz@1", {}, {"q1.size": size_for(variant)}), secret=SECRET)
        assert graded.asks[0].verdict == "right"


def test_another_version_can_not_be_checked(quiz, dealt):
    for student, variant in dealt.items():
        old = Submission(student, "quiz@0", variant, {"q1.size": size_for(variant)})
        assert "version" in grade_submission(quiz, old, secret=SECRET).problem
        assert not grade_submission(quiz, old).problem


def test_a_sheet_without_variants_takes_a_secret_too(tmp_path, quiz):
    plain = quiz._replace(questions=tuple(q._replace(variants=dict.fromkeys(q.params, ())) for q in quiz.questions))
    right = answer(plain, "q1.size", language="en")["asks"][0]["value"]
    graded = grade_submission(plain, Submission("s1", "", {}, {"q1.size": str(right)}), secret=SECRET)
    assert graded.asks[0].verdict == "right"
    (tmp_path / "s1.toml").write_text('student = "s1"\n[answers]\n"q1.size" = "1x2x3"\n')
    assert not grade_files(plain, [str(tmp_path)], secret=SECRET).graded[0].problem


def test_a_secret_that_is_too_short(quiz):
    with pytest.raises(SheetError, match="at least 16 characters"):
        grade_submission(quiz, Submission("s1"), secret=b"short")


def test_the_command(tmp_path, dealt):
    (first, _), (other, variant) = dealt.items()
    folder = tmp_path / "in"
    folder.mkdir()
    text = ", ".join(f"{name}={value}" for name, value in variant.items())
    for student in (first, other):
        (folder / f"{student}.toml").write_text(
            f'sheet = "quiz@1"\nvariant = "{text}"\n[answers]\n"q1.size" = "{size_for(variant)}"\n'
        )
    secret, out = tmp_path / "secret.txt", tmp_path / "out.json"
    secret.write_bytes(SECRET + b"\n")
    done = command(QUIZ, folder, "--secret-file", secret, "--report", f"json:{out}")
    assert done.returncode == 2
    assert f"{first}: variant: these are not the numbers that were dealt to this student" in done.stderr
    verdicts = {entry["student"]: entry["asks"][0]["verdict"] for entry in json.loads(out.read_text())["submissions"]}
    assert verdicts == {first: "missing", other: "right"}
    done = command(QUIZ, folder, "--secret-file", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    secret.write_text("short")
    done = command(QUIZ, folder, "--secret-file", secret)
    assert (done.returncode, done.stdout) == (2, "")
    assert "at least 16 characters" in done.stderr
