"""Grades as JSON: the stable form, for machines and for comparing two gradings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded

FORMAT = "cnncalc.grades/1"


def grades_data(grades: Grades) -> dict[str, Any]:
    """The grades as plain data."""
    return _head(grades) | {"submissions": [_entry(graded) for graded in grades.graded]}


def as_json(grades: Grades) -> Iterator[str]:
    """The grades as a JSON document, in pieces: a line for each submission."""
    head = json.dumps(_head(grades), ensure_ascii=False)
    yield f'{head[:-1]}, "submissions": ['
    for index, graded in enumerate(grades.graded):
        yield (",\n" if index else "\n") + json.dumps(_entry(graded), ensure_ascii=False)
    yield "\n]}\n"


def _head(grades: Grades) -> dict[str, Any]:
    """What stands in front of the submissions."""
    head: dict[str, Any] = {"format": FORMAT, "sheet": grades.name, "max": grades.max}
    return head | {"stopped": grades.stopped} if grades.stopped else head


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
