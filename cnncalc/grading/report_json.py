"""Grades as JSON: the stable form, for machines and for comparing two gradings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded

FORMAT = "cnncalc.grades/1"


def grades_data(grades: Grades) -> dict[str, Any]:
    """The grades as plain data."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "sheet": grades.name,
        "max": grades.max,
        "submissions": [_entry(graded) for graded in grades.graded],
    }
    if grades.stopped:
        data["stopped"] = grades.stopped
    return data


def as_json(grades: Grades) -> str:
    """The grades as a JSON document."""
    return json.dumps(grades_data(grades), ensure_ascii=False, indent=1) + "\n"


def _entry(graded: Graded) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "student": graded.student,
        "total": graded.total,
        "max": graded.max,
        "pending": graded.pending,
        "asks": [
            {
                "id": ask.id,
                "verdict": ask.verdict,
                "credit": ask.credit,
                "max": ask.max,
                "slips": list(ask.slips),
                "feedback": ask.feedback,
                "answer": ask.answer,
            }
            for ask in graded.asks
        ],
    }
    if graded.problem:
        entry["problem"] = graded.problem
    if graded.unread:
        entry["unread"] = list(graded.unread)
    return entry
