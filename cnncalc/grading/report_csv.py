"""Grades as a table for a gradebook: UTF-8 with a byte order mark, a row a student, a column an ask."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded

#: A text that begins so is taken for a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FLAGGED = ("carried", "malformed", "missing", "human")


def as_csv(grades: Grades) -> str:
    """The table: student, total, max, what a human has yet to mark, the asks' marks, flags and problem."""
    ids = [ask.id for question in grades.sheet.questions for ask in question.asks]
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(map(safe_cell, ["student", "total", "max", "pending", *ids, "flags", "problem"]))
    for graded in grades.graded:
        marks = [_number(ask.marks) for ask in graded.asks]
        numbers = [_number(graded.total), _number(graded.max), _number(graded.pending), *marks]
        table.writerow([safe_cell(graded.student), *numbers, safe_cell(_flags(graded)), safe_cell(graded.problem)])
    return "\ufeff" + text.getvalue()


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _flags(graded: Graded) -> str:
    """What a marker may want to look at."""
    if graded.problem:
        return "refused"
    flags = [f"{ask.verdict}:{ask.id}" for ask in graded.asks if ask.verdict in _FLAGGED]
    return " ".join([*flags, *(f"unread:{name}" for name in graded.unread)])
