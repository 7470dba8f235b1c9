"""What lies among the submissions is read as text: nothing there is collected, imported or taken for settings."""

from __future__ import annotations

import json
import sys

import pytest
from pytest_runs import PYTEST, course, run

#: The command that docs/teaching.md gives for folders from strangers.
OPTION = "--cnncalc-submissions"
#: Settings that let a failing run pass and code be collected.
SETTINGS = "[pytest]\naddopts = --deselect quiz.toml::s002\npython_files = *.py\n"
OWN_SETTINGS = ("-c", "trusted/pytest.ini")
SAFE = (*OWN_SETTINGS, "--rootdir=trusted", "--noconftest", "-p", "no:python")


@pytest.fixture
def hostile(tmp_path):
    """A course whose submissions hold everything that pytest or Python might run; and the file that tells of it."""
    folder = course(tmp_path / "course")
    told = tmp_path / "told"
    code = f"open({str(told)!r}, 'a').write(__name__ + '\\n')\n"
    submissions = folder / "submissions"
    for name in ("conftest.py", "test_x.py", "x_test.py", "evil.py", "cnncalc.py", "rich.py", "setup.py", "sitecustomize.py"):
        (submissions / name).write_text(f"{code}def test_evil(): {code}")
    for name in ("tests", "test_more"):
        (submissions / name).mkdir()
        (submissions / name / "conftest.py").write_text(code)
        (submissions / name / "__init__.py").write_text(code)
    (submissions / "pytest.ini").write_text(f"{SETTINGS}pythonpath = .\n")
    (folder / "trusted").mkdir()
    (folder / "trusted" / "pytest.ini").write_text("[pytest]\n")
    return folder, told


def graded_all(path):
    """Whether a report has the three students and their marks."""
    report = json.loads(path.read_text(encoding="utf-8"))
    totals = {entry["student"]: entry["total"] for entry in report["submissions"]}
    return {student: totals.get(student) for student in ("s001", "s002", "s003")} == {"s001": 10, "s002": 3.75, "s003": 0.75}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("safe", [SAFE, ()], ids=["safe", "plain"])
def test_the_documented_command_is_clean(hostile, safe, workers):
    folder, told = hostile
    done = run(folder, *safe, *workers, "quiz.toml", "--cnncalc-submissions=submissions", "--cnncalc-report=json:out.json")
    assert not told.exists(), done.stdout
    assert done.returncode == 1, done.stdout + done.stderr
    assert graded_all(folder / "out.json")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_standing_among_the_submissions_is_clean(hostile, workers):
    folder, told = hostile
    report = "--cnncalc-report=json:../out.json"
    done = run(folder / "submissions", *workers, "../quiz.toml", "--cnncalc-submissions=.", report)
    assert not told.exists(), done.stdout
    assert done.returncode == 1, done.stdout + done.stderr
    assert graded_all(folder / "out.json")


def test_a_folder_above_the_submissions_is_clean(hostile):
    folder, told = hostile
    done = run(folder, ".", "--cnncalc-submissions=submissions", "--cnncalc-report=json:out.json")
    assert not told.exists(), done.stdout
    assert graded_all(folder / "out.json")


@pytest.mark.parametrize("argument", ["submissions", "submissions/test_x.py", "submissions/s001.toml", "trusted/../submissions"])
def test_the_submissions_themselves_are_refused(hostile, argument):
    folder, told = hostile
    done = run(folder, *OWN_SETTINGS, argument, "--cnncalc-submissions=submissions")
    assert not told.exists()
    assert done.returncode == 4
    assert "is among the submissions" in done.stderr


def test_no_argument_among_the_submissions_is_refused(hostile):
    folder, told = hostile
    done = run(folder / "submissions", "-c", "../trusted/pytest.ini", "--cnncalc-submissions=.")
    assert not told.exists()
    assert done.returncode == 4
    assert "is among the submissions" in done.stderr


def test_a_sheet_among_the_submissions_is_refused(hostile):
    folder, told = hostile
    (folder / "quiz.toml").rename(folder / "submissions" / "quiz.toml")
    done = run(folder, *OWN_SETTINGS, "submissions/quiz.toml", "--cnncalc-submissions=submissions")
    assert not told.exists()
    assert done.returncode == 4


def test_a_link_to_the_submissions_leads_nowhere(hostile):
    folder, told = hostile
    (folder / "elsewhere").symlink_to(folder / "submissions")
    done = run(folder, *OWN_SETTINGS, "elsewhere", "--cnncalc-submissions=submissions")
    assert not told.exists()
    assert done.returncode == 4


@pytest.mark.parametrize("words", [(OPTION, "submissions"), ("submissions", f"{OPTION}=submissions")])
def test_settings_from_the_submissions_are_refused(hostile, words):
    # With a space, pytest takes the folder for a path to look for its settings at. What it does with them before any
    # plugin is loaded (pythonpath, -p) no plugin can stop: hence -c in the documented command.
    folder, told = hostile
    (folder / "submissions" / "pytest.ini").write_text(SETTINGS)
    done = run(folder, "quiz.toml", *words)
    assert not told.exists()
    assert done.returncode == 4
    assert "write --cnncalc-submissions=PATH with the =" in done.stderr


def test_python_with_a_safe_path_is_clean(hostile):
    folder, told = hostile
    command = (sys.executable, "-P", "-m", "pytest")
    done = run(folder / "submissions", "../quiz.toml", "--cnncalc-submissions=.", command=command)
    assert not told.exists(), done.stdout
    assert done.returncode == 1


def test_the_check_sees_what_is_run(hostile):
    folder, told = hostile
    run(folder / "submissions", "test_x.py", command=(PYTEST, "-c", "../trusted/pytest.ini"))
    assert told.exists()
