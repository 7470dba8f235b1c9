"""Handing in answers to a sheet, in memory and on disk, and running the command on them."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

from cnncalc.grading.grade import grade_submission
from cnncalc.grading.submission import Submission
from cnncalc.sheets.loader import load_homework

#: What homework.md says is right, in the sheet's ids.
RIGHT = {
    "q1.fc.params": "505",
    "q1.conv.params": "505",
    "q2.1.shape": "16x63x63",
    "q2.1.params": "1216",
    "q2.2.shape": "16x16x16",
    "q2.2.params": "14048",
    "q2.3.total": "55018",
    "q2.4.rf": "36",
    "q3.2.a": "256",
    "q3.2.b": "73856",
    "q3.4.a": "N + 192",
    "q3.4.b.block": "104",
    "q3.4.b.layer": "24",
    "q3.4.b.input": "80",
    "p1.head.alexnet": "8194",
    "p1.head.vgg16": "8194",
    "p1.head.resnet18": "1026",
    "p1.head.resnet50": "4098",
}
TEXTS = ("q1.choice", "q3.1.a", "q3.1.b", "q3.1.c", "q3.3.a", "q3.3.b")


@cache
def homework():
    """The homework as a sheet, loaded once."""
    return load_homework()


def judged(answers, ask=None, *, sheet=None, release=False, **further):
    """The judgement of one ask, of a submission of these answers."""
    ask = ask or next(reversed(answers))
    submission = Submission("s001", answers=answers, **further)
    graded = grade_submission(sheet or homework(), submission, release=release)
    assert not graded.problem
    return next(one for one in graded.asks if one.id == ask)


def as_toml(answers, student="", **tables):
    """A submission file."""
    lines = ['format = "cnncalc.submission/1"', 'sheet = "hw3@1"']
    if student:
        lines.append(f'student = "{student}"')
    lines.append("[answers]")
    lines += [
        f'"{name}" = {value!r}' if isinstance(value, (int, list)) else f"\"{name}\" = '''{value}'''"
        for name, value in answers.items()
    ]
    for table, entries in tables.items():
        lines.append(f"[{table}]")
        lines += [f'"{name}" = {value if isinstance(value, list) else repr(value)}' for name, value in entries.items()]
    return "\n".join(lines) + "\n"


def command(*arguments, cwd=None, **options):
    """Run `cnncalc grade`. -P keeps Python from importing what lies in the working directory, as the installed command does."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "cnncalc", "grade", *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment,
        timeout=120,
        text=True,
        encoding="utf-8",
        **options,
    )
