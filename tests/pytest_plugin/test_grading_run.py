"""Grading by pytest: which items there are, what comes of each, and what is written down."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from pytest_runs import CLEAN, PYTEST, course, run

SUBMISSIONS = "--cnncalc-submissions=submissions"
#: From docs/examples, worked out by hand: verdict, marks; s001 is right everywhere, s002 and s003 make known slips.
VERDICTS = {
    "s001": {"q1.size": "right", "q1.params": "right", "q2.field": "right", "q2.padding": "right", "q2.why": "human"},
    "s002": {"q1.size": "slip", "q1.params": "slip", "q2.field": "slip", "q2.padding": "slip", "q2.why": "missing"},
    "s003": {"q1.size": "slip", "q1.params": "malformed", "q2.field": "slip", "q2.padding": "missing", "q2.why": "missing"},
}
IDS = [f"quiz.toml::{student}::{ask}" for student, asks in VERDICTS.items() for ask in asks]


@pytest.fixture
def folder(tmp_path):
    return course(tmp_path)


def report_of(path):
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["format"] == "cnncalc.grades/1"
    assert report["sheet"] == "quiz@1"
    return {entry["student"]: entry for entry in report["submissions"]}


def verdicts(path):
    return {student: {a["id"]: a["verdict"] for a in entry["asks"]} for student, entry in report_of(path).items()}


def test_an_item_for_each_ask_and_submission_sorted(folder):
    done = run(folder, "quiz.toml", SUBMISSIONS, "--collect-only", "-q")
    assert [line for line in done.stdout.splitlines() if "::" in line] == IDS


def test_pass_fail_and_skip(folder):
    done = run(folder, "quiz.toml", SUBMISSIONS, "-v", "--cnncalc-report=json:out.json")
    assert done.returncode == 1
    words = {"right": "FULL", "human": "HUMAN"}
    for student, asks in VERDICTS.items():
        for ask, verdict in asks.items():
            assert f"quiz.toml::{student}::{ask} {words.get(verdict, 'NOT FULL')}" in done.stdout
    assert "4 full" in done.stdout
    assert "10 not full" in done.stdout
    assert "1 to be marked" in done.stdout
    assert verdicts(folder / "out.json") == VERDICTS


def test_feedback_in_place_of_tracebacks(folder):
    done = run(folder, "quiz.toml", SUBMISSIONS)
    assert "s002 q1.size: The number of channels is right." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "NotFullError" not in done.stdout
    # What is right is nowhere to be read before the release.
    assert "63" not in done.stdout.partition("s002 q1.size")[2].partition("s002 q1.params")[0]


def test_a_full_class_passes(folder):
    for name in ("s002.toml", "s003.md"):
        (folder / "submissions" / name).unlink()
    done = run(folder, "quiz.toml", SUBMISSIONS)
    assert done.returncode == 0, done.stdout


def test_marks_stand_in_junit_xml(folder):
    run(folder, "quiz.toml", SUBMISSIONS, "--junit-xml=out.xml")
    cases = ET.parse(folder / "out.xml").getroot().iter("testcase")  # noqa: S314 - our own report
    found = {(case.get("classname"), case.get("name")): case for case in cases}
    assert len(found) == len(IDS)
    case = found["quiz.toml.s002", "q1.params"]
    properties = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
    assert properties["verdict"] == "slip"
    assert float(properties["marks"]) == 1.5
    assert float(properties["max"]) == 3
    assert "params.no_bias" in properties["slips"].split()
    assert "without the biases" in case.find("failure").get("message")
    assert found["quiz.toml.s001", "q2.why"].find("skipped") is not None


def test_workers_give_the_same(folder):
    alone = run(folder, "quiz.toml", SUBMISSIONS, "--cnncalc-report=json:alone.json", "--cnncalc-report=csv:alone.csv")
    spread = run(folder, "quiz.toml", SUBMISSIONS, "-n", "2", "--cnncalc-report=json:x.json", "--cnncalc-report=csv:x.csv")
    assert alone.returncode == spread.returncode == 1
    assert report_of(folder / "alone.json") == report_of(folder / "x.json")
    assert (folder / "alone.csv").read_bytes() == (folder / "x.csv").read_bytes()


def test_the_report_is_that_of_the_command(folder):
    run(folder, "quiz.toml", SUBMISSIONS, "--cnncalc-report=json:pytest.json")
    command = [sys.executable, "-m", "cnncalc", "grade", "quiz.toml", "submissions", "--report", "json:command.json"]
    subprocess.run(command, cwd=folder, env=CLEAN, check=False, timeout=120)
    assert report_of(folder / "pytest.json") == report_of(folder / "command.json")


@pytest.mark.parametrize(
    ("selected", "count"), [(("quiz.toml::s002",), 5), (("quiz.toml::s001::q2.field",), 1), (("quiz.toml", "-k", "q1.params"), 3)]
)
def test_items_can_be_selected(folder, selected, count):
    done = run(folder, *selected, SUBMISSIONS, "--collect-only", "-q")
    assert len([line for line in done.stdout.splitlines() if "::" in line]) == count


def test_what_is_not_run_is_missing_and_says_so(folder):
    run(folder, "quiz.toml", "-k", "q1.params", SUBMISSIONS, "--cnncalc-report=json:out.json")
    asks = {ask["id"]: ask for ask in report_of(folder / "out.json")["s001"]["asks"]}
    assert asks["q1.params"]["verdict"] == "right"
    assert asks["q1.size"]["verdict"] == "missing"
    assert asks["q1.size"]["feedback"]["en"] == "not graded in this run"


def test_a_refused_file_has_its_items_and_its_entry(folder):
    (folder / "submissions" / "s004.toml").write_text("not [ TOML")
    done = run(folder, "quiz.toml", SUBMISSIONS, "--cnncalc-report=json:out.json")
    assert "s004 q1.size: the file is not TOML" in done.stdout
    entry = report_of(folder / "out.json")["s004"]
    assert entry["total"] == 0
    assert [ask["verdict"] for ask in entry["asks"]] == ["missing"] * 5


def test_two_files_under_one_id_are_two_nodes(folder):
    (folder / "submissions" / "s001.json").write_text("{")
    done = run(folder, "quiz.toml", SUBMISSIONS, "--collect-only", "-q")
    assert len({line for line in done.stdout.splitlines() if "::" in line}) == 20


#: Interrupts the run itself, as Ctrl-C does, once some outcomes are there: however busy the machine is.
INTERRUPTER = """
import os, signal

# A shell that runs things behind one's back has them ignore Ctrl-C; here it counts.
signal.signal(signal.SIGINT, signal.default_int_handler)
outcomes = []

def pytest_runtest_logreport(report):
    outcomes.append(report.nodeid)
    if len(outcomes) == 200 and "PYTEST_XDIST_WORKER" not in os.environ:
        os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_an_interrupted_run_writes_its_report(folder, workers):
    right = (folder / "submissions" / "s001.toml").read_text()
    students = [f"t{number:04}" for number in range(300)]
    for student in students:
        (folder / "submissions" / f"{student}.toml").write_text(right.replace("s001", student))
    (folder / "trusted").mkdir()
    (folder / "trusted" / "interrupter.py").write_text(INTERRUPTER)
    words = [PYTEST, "-p", "no:cacheprovider", "-p", "interrupter", "quiz.toml", SUBMISSIONS, *workers]
    done = subprocess.run(
        [*words, "--cnncalc-report=json:out.json"],
        cwd=folder,
        env=CLEAN | {"PYTHONPATH": str(folder / "trusted")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "KeyboardInterrupt" in done.stdout
    assert done.returncode == 2
    found = report_of(folder / "out.json")
    assert set(found) == {*VERDICTS, *students}
    states = {ask["feedback"].get("en") == "not graded in this run" for entry in found.values() for ask in entry["asks"]}
    assert states == {True, False}


def test_the_sheet_can_be_checked(folder):
    done = run(folder, "quiz.toml", "--cnncalc-check", "-v")
    assert done.returncode == 0
    assert "quiz.toml::check.q1 PASSED" in done.stdout
    sheet = folder / "quiz.toml"
    sheet.write_text(sheet.read_text().replace("golden = 1216", "golden = 1217"))
    done = run(folder, "quiz.toml", "--cnncalc-check")
    assert done.returncode == 1
    assert "q1.params: golden is 1217, the algebra gives 1216" in done.stdout


def test_nothing_is_collected_where_nothing_is_asked(folder):
    assert "no tests ran" in run(folder, ".").stdout
    assert "no tests ran" in run(folder, "quiz.toml").stdout


def test_many_wrong_answers_are_counted_not_told(folder):
    wrong = (folder / "submissions" / "s002.toml").read_text()
    for number in range(20):
        (folder / "submissions" / f"t{number}.toml").write_text(wrong.replace("s002", f"t{number}"))
    done = run(folder, "quiz.toml", SUBMISSIONS)
    assert "110 answers without full credit: -v tells them" in done.stdout
    assert "t7 q1.size:" not in done.stdout
    assert "t7 q1.size:" in run(folder, "quiz.toml", SUBMISSIONS, "-v").stdout


def test_loading_the_plugin_loads_nothing_else():
    code = "import cnncalc.pytest_plugin, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=CLEAN, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    rooms = {name.split(".")[1] for name in loaded if name.startswith("cnncalc.")}
    assert rooms.isdisjoint({"grading", "sheets", "slips", "analyses", "graph", "torch_twin"})
    assert not {"torch", "sympy", "rich", "tomllib"} & set(loaded)


def test_variants_are_held_against_the_secret(folder):
    (folder / "secret.txt").write_text("a secret of more than sixteen")
    done = run(folder, "quiz.toml", SUBMISSIONS, "--cnncalc-secret-file=secret.txt", "--cnncalc-report=json:out.json", "-v")
    # The examples' submissions are of the printed sheet, and state no numbers: they are judged by those that were dealt.
    assert done.returncode == 1
    found = verdicts(folder / "out.json")
    assert found["s001"]["q1.size"] != "right"
    assert found["s001"]["q2.field"] == "right"
    (folder / "secret.txt").write_text("short")
    done = run(folder, "quiz.toml", SUBMISSIONS, "--cnncalc-secret-file=secret.txt")
    assert "at least 16 characters" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
