"""The command `cnncalc grade`: statuses, reports, languages, regrading, and what is left when it is interrupted."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cnncalc.errors import DisagreementError, SpecError
from cnncalc.grading import grade
from cnncalc.grading.changes import as_lines, changes, read_report
from cnncalc.grading.command import Order, grade_all
from cnncalc.grading.feedback import PHRASES
from cnncalc.grading.grade import grade_files, grade_submissions
from cnncalc.grading.report_json import grades_data
from cnncalc.grading.report_text import WORDS
from cnncalc.grading.reports import FORMATS, rendered
from cnncalc.grading.submission import Submission
from cnncalc.sheets.loader import load

sys.path.insert(0, str(Path(__file__).parent))

from handing_in import RIGHT, TEXTS, as_toml, command, homework

PERFECT = RIGHT | dict.fromkeys(TEXTS, "a text")


def hand_in(folder, **students):
    folder.mkdir(exist_ok=True)
    for student, answers in students.items():
        (folder / f"{student}.toml").write_text(as_toml(answers, student), encoding="utf-8")
    return folder


def test_statuses(tmp_path):
    """0 all right, 1 some wrong, 2 something can't be read."""
    folder = hand_in(tmp_path / "a", s1=PERFECT)
    assert command("hw3", folder).returncode == 0
    hand_in(folder, s2=RIGHT | {"q2.4.rf": "64"})
    assert command("hw3", folder).returncode == 1
    (folder / "s3.toml").write_text("x")
    done = command("hw3", folder)
    assert done.returncode == 2
    assert done.stderr.startswith("cnncalc: error: 1 of 3 submissions can't be graded; s3: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["hw4", "."],
        ["missing.toml", "."],
        ["hw3", "missing"],
        ["hw3"],
        [],
        ["hw3", ".", "--report", "pdf"],
        ["hw3", ".", "--report", ":x"],
        ["hw3", ".", "--against", "missing.json"],
        ["hw3", ".", "--jobs", "0"],
        ["hw3", ".", "--lang", "de"],
        ["hw3", "."],
        ["hw3", "s1.toml", "--report", "json:missing/folder/x.json"],
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments):
    if "s1.toml" in arguments:
        hand_in(tmp_path, s1=PERFECT)
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("cnncalc: error: ")
    assert done.stderr.count("\n") == 1


def test_one_submission_is_told_everything(tmp_path):
    folder = hand_in(tmp_path / "a", s1={"q2.1.shape": "16x128x128", "q2.4.rf": "36"})
    english = command("hw3", folder / "s1.toml")
    assert "q2.1.shape   0.75 / 3\n   The number of channels is right. 16x128x128: several rules" in english.stdout
    persian = command("hw3", folder / "s1.toml", "--lang", "fa")
    assert "تعداد کانال‌ها درست است." in persian.stdout
    assert "The right answer is 16 × 63 × 63." not in english.stdout
    assert "The right answer is 16 × 63 × 63." in command("hw3", folder / "s1.toml", "--release").stdout


def test_the_json_report(tmp_path):
    folder = hand_in(tmp_path / "a", s1=RIGHT | {"q2.4.rf": "64"}, s0=PERFECT)
    (folder / "broken.json").write_text("{")
    done = command("hw3", folder, "--report", "json")
    report = json.loads(done.stdout)
    assert report["format"] == "cnncalc.grades/1"
    assert report["sheet"] == "hw3@1"
    assert [entry["student"] for entry in report["submissions"]] == ["broken", "s0", "s1"]
    broken, perfect, other = report["submissions"]
    assert (broken["total"], broken["max"]) == (0, 95)
    assert {ask["verdict"] for ask in broken["asks"]} == {"missing"}
    assert perfect["total"] == 68
    ask = next(ask for ask in other["asks"] if ask["id"] == "q2.4.rf")
    assert {key: ask[key] for key in ("verdict", "credit", "max")} == {"verdict": "slip", "credit": 0.4, "max": 6}
    assert ask["slips"][0] == "rf.topdown_run_forward"
    assert set(ask["feedback"]) == {"en", "fa"}


def test_every_report(tmp_path):
    """All at once, to files and to standard output; the same however many processes worked on them."""
    folder = hand_in(
        tmp_path / "a", **{f"s{n:03}": RIGHT | {"q2.1.shape": "16x62x62", "q2.1.params": str(900 + n % 3)} for n in range(40)}
    )
    (folder / "s999.toml").write_text("x")
    outputs = []
    for jobs in ("1", "3"):
        reports = [part for form in FORMATS for part in ("--report", f"{form}:{tmp_path / form}")]
        done = command("hw3", folder, "--jobs", jobs, *reports)
        assert done.stdout == ""
        outputs.append({form: (tmp_path / form).read_bytes() for form in FORMATS})
    assert outputs[0] == outputs[1]
    rows = list(csv.DictReader(io.StringIO(outputs[0]["csv"].decode("utf-8-sig"), newline="")))
    assert len(rows) == 41
    assert rows[0] | {"student": "s000", "total": "62.75", "max": "95", "q2.1.shape": "0.75"} == rows[0]
    assert rows[-1]["flags"] == "refused"
    suites = list(ET.fromstring(outputs[0]["junit"]))  # noqa: S314 - our own document
    assert [suite.get("errors") for suite in suites] == ["0"] * 40 + ["24"]
    assert {case.get("name") for case in suites[0].iter("testcase")} >= set(RIGHT)
    scope = json.loads(outputs[0]["gradescope"])
    assert scope["s000"]["score"] == 62.75
    page = outputs[0]["html"].decode()
    assert "<code>900</code>&nbsp;(14)" in page
    assert "<code>shape.no_padding</code>&nbsp;(40)" in page
    assert "40 graded, 1 refused" in outputs[0]["text"].decode()


def test_gradescope(tmp_path):
    """results.json of one submission has the fields that Gradescope reads; a folder gets a file a student."""
    folder = hand_in(tmp_path / "a", s1={"q2.4.rf": "64", "q3.1.a": "text"}, s2=PERFECT)
    command("hw3", folder / "s1.toml", "--report", f"gradescope:{tmp_path / 'results.json'}")
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["visibility"] == "after_due_date"
    test = next(test for test in results["tests"] if test["name"] == "q2.4.rf")
    assert test["score"] == 2.4
    assert test["max_score"] == 6
    assert test["status"] == "failed"
    assert test["tags"][0] == "rf.topdown_run_forward"
    assert "status" not in next(test for test in results["tests"] if test["name"] == "q3.1.a")
    (tmp_path / "out").mkdir()
    command("hw3", folder, "--report", f"gradescope:{tmp_path / 'out'}", "--release")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["s1.json", "s2.json"]
    assert json.loads((tmp_path / "out" / "s2.json").read_text(encoding="utf-8"))["visibility"] == "visible"


def test_regrading_shows_what_changed(tmp_path):
    folder = hand_in(tmp_path / "a", s1=RIGHT, s2=RIGHT, s3=RIGHT)
    old = tmp_path / "old.json"
    command("hw3", folder, "--report", f"json:{old}")
    same = command("hw3", folder, "--against", old, "--report", f"json:{tmp_path / 'new.json'}")
    assert same.stdout == "nothing changed\n"
    hand_in(folder, s2=RIGHT | {"q2.4.rf": "64"}, s4=RIGHT)
    (folder / "s3.toml").unlink()
    changed = command("hw3", folder, "--against", old, "--report", f"json:{tmp_path / 'new.json'}")
    assert changed.stdout.splitlines() == [
        "s2 total: 68/95 → 64.4/95",
        "s2 q2.4.rf: right 6/6 → slip 2.4/6 (rf.topdown_run_forward, rf.padding_added, rf.reversed_order)",
        "s4 total: – → 68/95",
        "s3 total: 68/95 → –",
    ]
    beside = command("hw3", folder, "--against", old, "--report", "json")
    json.loads(beside.stdout)
    assert "s2 total" in beside.stderr


def test_a_broken_earlier_report(tmp_path):
    for text in ("", "[]", "{}", '{"format": "cnncalc.grades/1"}', "[" * 100_000):
        (tmp_path / "old.json").write_text(text)
        with pytest.raises(SpecError):
            read_report(str(tmp_path / "old.json"))
    head = {"format": "cnncalc.grades/1"}
    good = head | {"submissions": []}
    for entries in ([5], [{"student": "a"}], [{"asks": [5]}], [{"asks": [{}], "total": "x"}]):
        with contextlib.suppress(SpecError):
            assert as_lines(changes(head | {"submissions": entries}, good))


class Interrupting:
    """A progress that is interrupted after some steps."""

    def __init__(self, label, after, error=KeyboardInterrupt):
        self.label, self.after, self.error = label, after, error

    def __call__(self, label, _):
        """A step of one of the bars."""

        def advance():
            if label == self.label:
                self.after -= 1
                if self.after < 0:
                    raise self.error

        return advance


@pytest.mark.parametrize(("label", "after"), [("reading", 0), ("reading", 20), ("grading", 0), ("grading", 20)])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_whatever_happens_everyone_has_an_entry(tmp_path, label, after, error):
    folder = hand_in(tmp_path / "a", **{f"s{n:03}": RIGHT for n in range(50)})
    grades = grade_files(homework(), [str(folder)], jobs=2, progress=Interrupting(label, after, error))
    assert [graded.student for graded in grades.graded] == [f"s{n:03}" for n in range(50)]
    assert grades.stopped == ("interrupted" if error is KeyboardInterrupt else f"broken off ({error.__name__})")
    done = sum(not graded.problem for graded in grades.graded)
    assert done == (after + 1 if label == "grading" else 0)
    for form in FORMATS:
        for language in ("en", "fa"):
            assert "".join(rendered(grades, form, language, release=False))
    assert grades_data(grades)["stopped"] == grades.stopped
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_request_to_end_is_an_interruption(tmp_path):
    folder = hand_in(tmp_path / "a", **{f"s{n:03}": RIGHT for n in range(50)})

    def progress(label, _):
        return (lambda: os.kill(os.getpid(), signal.SIGTERM)) if label == "grading" else (lambda: None)

    before = signal.getsignal(signal.SIGTERM)
    grades = grade_files(homework(), [str(folder)], progress=progress)
    assert grades.stopped == "interrupted"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_submission_that_breaks_the_grading_breaks_its_own(monkeypatch):
    """Should judging ever fail or hang on somebody, the others are graded all the same."""

    def broken(marking, submission, *, release=False):
        if submission.student == "s03":
            raise RuntimeError
        if submission.student == "s05":
            while True:
                pass
        return whole(marking, submission, release=release)

    whole = grade.marking_of(homework()).__class__.grade
    monkeypatch.setattr(grade.marking_of(homework()).__class__, "grade", broken)
    monkeypatch.setattr(grade, "JUDGING", grade.JUDGING._replace(cpu=0.5))
    grades = grade_submissions(homework(), [Submission(f"s{n:02}", answers=RIGHT) for n in range(8)])
    assert [graded.student for graded in grades.graded if graded.problem] == ["s03", "s05"]
    assert {graded.total for graded in grades.graded if not graded.problem} == {68}


def test_other_sheets_variants_and_unknown_ids():
    def one(**given):
        return grade_submissions(homework(), [Submission("s1", **given)]).graded[0]

    assert "answers the sheet" in one(sheet="hw4@1").problem
    assert not one(sheet="hw3@0").problem
    assert one(answers={"q9.x": "1", "q2.4.rf": "36"}).unread == ("q9.x",)
    assert not one(variant={"image": 128, "k1": 5, "s1": 2, "p1": 1}).problem
    assert one(variant={"q2.image": 129}).problem.startswith("variant")
    assert one(variant={"nothing": 1}).problem.startswith("variant")
    assert one(variant={"k1": 50}).problem.startswith("variant")
    # image 96: (96 + 2 − 5)/2 + 1 = 47.5, rounded down 47
    other = one(variant={"q2.image": 96}, answers={"q2.1.shape": "16x47x47"})
    assert next(ask for ask in other.asks if ask.id == "q2.1.shape").verdict == "right"


@pytest.mark.parametrize("words", [PHRASES, WORDS])
def test_words_in_every_language(words):
    assert words["en"].keys() == words["fa"].keys()
    assert all(text for texts in words.values() for text in texts.values())


SMALL = """
format = "cnncalc.sheet/1"
[sheet]
id = "small"
version = 1
title = { en = "Small", fa = "کوچک" }
[[question]]
id = "q"
marks = 2
title = { en = "A layer", fa = "یک لایه" }
text = { en = "A layer.", fa = "یک لایه." }
net.a = { input = "3x8x8", layers = "Conv2d(3, 4, 3)" }
[[question.ask]]
id = "q.shape"
marks = 1
kind = "shape"
text = { en = "Its shape?", fa = "شکل آن؟" }
answer = { quantity = "shape", net = "a" }
[[question.ask]]
id = "q.choice"
marks = 1
kind = "choice"
text = { en = "Which?", fa = "کدام؟" }
option = [
  { id = "a", text = { en = "max pooling", fa = "بیشینه‌گیری" }, right = true },
  { id = "b", text = { en = "a norm", fa = "هنجارسازی" }, credit = 0.5, note = { en = "nearly", fa = "نزدیک" } },
  { id = "c", text = { en = "padding", fa = "لایی" }, note = { en = "That adds cells.", fa = "آن خانه می‌افزاید." } },
  { id = "d", text = { en = "none", fa = "هیچ" } },
]
"""


def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_a_sheet_of_ones_own_and_torch_before_it(tmp_path):
    folder = hand_in(tmp_path / "a")
    (folder / "s1.toml").write_text('answers = { "q.shape" = "4x6x6", "q.choice" = "a" }')
    assert command(small(tmp_path), folder, "--verify").returncode == 0


def test_a_sheet_that_torch_disagrees_with(tmp_path, monkeypatch):
    """Status 3, and nothing is graded."""
    from cnncalc.sheets.verification import Verifier

    monkeypatch.setattr(Verifier, "summary", lambda _: {"disagreements": ["shape of a: 4 × 6 × 6, torch 4 × 7 × 7"]})
    with pytest.raises(DisagreementError):
        grade_all(Order(str(small(tmp_path)), [str(tmp_path)], verify=True), lambda _label, _total: lambda: None)


@pytest.mark.parametrize(
    ("text", "verdict", "credit", "slips"),
    [
        ("a", "right", 1, ()),
        ("(A)", "right", 1, ()),
        ("Max pooling", "right", 1, ()),
        ("بیشینه‌گیری", "right", 1, ()),
        ("b.", "accepted", 0.5, ()),
        ("c", "slip", 0, ("q.choice.c",)),
        ("d", "unexplained", 0, ()),
        ("e", "malformed", 0, ()),
        ("", "missing", 0, ()),
    ],
)
def test_choices(tmp_path, text, verdict, credit, slips):
    graded = grade_submissions(load(small(tmp_path)), [Submission("s1", answers={"q.choice": text})]).graded[0]
    found = graded.asks[1]
    assert (found.verdict, found.credit, found.slips) == (verdict, credit, slips)
