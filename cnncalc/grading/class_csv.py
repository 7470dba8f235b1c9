"""A whole class in one CSV: a row a student, a column an ask.

The header is `student,variant,q2.1.shape,…`; a column may also be `sheet`, or an id with `.steps` or `.place` behind it.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from cnncalc.grading.answers import split_steps
from cnncalc.grading.files import SubmissionError, is_id, safe_id
from cnncalc.grading.submission import Submission, parse_variant

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_COLUMNS = 400
_COLUMN = re.compile(r"[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,8}")


def rows(text: str) -> Iterator[Submission]:
    """One submission a row; a row that can't be read is refused alone. Raises SubmissionError where the table is none."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(table, [])]
        _check_header(header)
        for number, cells in enumerate(table, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(header, cells, number)
    except csv.Error as error:
        raise SubmissionError("the file is not CSV", where=f"line {table.line_num}", got=str(error)[:60]) from None


def _check_header(header: list[str]) -> None:
    if "student" not in header:
        raise SubmissionError("the first line names the columns: student, variant, and the asks")
    if len(header) > MAX_COLUMNS:
        raise SubmissionError(f"a table may have {MAX_COLUMNS} columns", got=str(len(header)))
    for name in header:
        if name and not _COLUMN.fullmatch(name):
            raise SubmissionError("a column is named after an ask", got=repr(name[:40]))
        if name and header.count(name) > 1:
            raise SubmissionError("each column has a name of its own", got=name[:40])


def _row(header: list[str], cells: list[str], number: int) -> Submission:
    """One student's row."""
    named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    student = named.pop("student", "")
    if not is_id(student):
        problem = f"line {number}: student is an id of 1 to 32 letters, digits, _ and -; got {student[:40]!r}"
        return Submission(safe_id(student) if student else f"line{number}", problem=problem)
    if len(cells) > len(header):
        return Submission(student, problem=f"line {number}: there are more cells than columns")
    sheet, variant = named.pop("sheet", ""), named.pop("variant", "")
    try:
        params = parse_variant(variant)
    except SubmissionError as error:
        return Submission(student, problem=str(error.at(f"line {number}")))
    given = {name: cell for name, cell in named.items() if cell}
    return Submission(
        student=student,
        sheet=sheet[:80],
        variant=params,
        answers={name: cell for name, cell in given.items() if not name.endswith((".steps", ".place"))},
        steps={name.removesuffix(".steps"): split_steps(cell) for name, cell in given.items() if name.endswith(".steps")},
        place={name.removesuffix(".place"): cell for name, cell in given.items() if name.endswith(".place")},
    )
