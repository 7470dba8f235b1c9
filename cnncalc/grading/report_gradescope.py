"""Grades as Gradescope's `results.json`: one object for a submission. No name or address from its metadata enters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded
    from cnncalc.grading.judging import Judgement


def results(graded: Graded, sheet: str, language: str, *, release: bool) -> dict[str, Any]:
    """What Gradescope reads for one submission."""
    output = f"cnncalc · {sheet}"
    if graded.problem:
        output += f"\n{graded.problem}"
    if graded.unread:
        output += "\nNot asked about: " + ", ".join(graded.unread)
    return {
        "score": graded.total,
        "output": output,
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible" if release else "after_due_date",
        "tests": [_test(ask, language) for ask in graded.asks],
    }


def _test(ask: Judgement, language: str) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": ask.id,
        "number": ask.id,
        "score": ask.marks,
        "max_score": ask.max,
        "output": ask.feedback[language],
        "output_format": "text",
        "tags": list(ask.slips),
        "extra_data": {
            "answer": ask.answer,
            "verdict": ask.verdict,
            "candidates": list(ask.slips),
            "ft": ask.verdict == "carried",
        },
    }
    if ask.verdict != "human":
        test["status"] = "passed" if ask.credit >= 1 else "failed"
    return test


def as_gradescope(grades: Grades, language: str, *, release: bool) -> str:
    """The results of a single submission; of several, by student."""
    made = {graded.student: results(graded, grades.name, language, release=release) for graded in grades.graded}
    data: Any = next(iter(made.values())) if len(grades.graded) == 1 else made
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def files(grades: Grades, language: str, *, release: bool) -> dict[str, str]:
    """A results file for each student, by file name."""
    return {
        f"{graded.student}.json": json.dumps(
            results(graded, grades.name, language, release=release), ensure_ascii=False, indent=1
        )
        + "\n"
        for graded in grades.graded
    }
