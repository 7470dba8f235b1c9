"""Answers as lines of text, in Markdown or in the cells of a notebook: `ANSWER q2.4.rf = 36`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cnncalc.grading.answers import split_steps
from cnncalc.grading.files import SubmissionError, is_id
from cnncalc.grading.submission import Submission, parse_variant

if TYPE_CHECKING:
    from cnncalc.grading.files import Source

#: A line may be a quotation, a list item, a comment, or bold.
_ANSWER = re.compile(
    r"^[\s>#*_`-]{0,12}(?P<word>ANSWER|STEPS|PLACE|TEXT)[*_`]{0,4}[ \t]+[*_`]{0,4}"
    r"(?P<id>[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,8})[*_`]{0,4}[ \t]*[=:][ \t]*(?P<value>.*)$"
)
_HEAD = re.compile(r"^[\s>#*_`-]{0,12}(?P<word>STUDENT|SHEET|VARIANT)[*_`]{0,4}[ \t]*[=: \t][ \t]*(?P<value>.*)$")
_MAX_LINES = 200


def notebook_text(notebook: Any) -> str:
    """The text of a notebook's cells. What they have printed is left out, and nothing is run. Raises SubmissionError."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise SubmissionError("this is no notebook: it has no cells")
    texts = []
    for cell in cells:
        source = cell.get("source") if isinstance(cell, dict) else None
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if isinstance(source, str):
            texts.append(source)
    return "\n".join(texts)


def from_lines(text: str, source: Source) -> Submission:
    """The submission that the lines of a text hold. Raises SubmissionError where there are none."""
    head: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {"ANSWER": {}, "STEPS": {}, "PLACE": {}, "TEXT": {}}
    for line in text.splitlines():
        match = _ANSWER.match(line)
        if match:
            given = found[match["word"]]
            value = _undressed(match["value"])
            if match["id"] in given and given[match["id"]] != value:
                # Two answers to one ask: both are shown, and asked about.
                value = f"{given[match['id']]} | {value}"
            given[match["id"]] = value
            continue
        match = _HEAD.match(line)
        if match:
            head.setdefault(match["word"], _undressed(match["value"]))
    count = sum(map(len, found.values()))
    if not count:
        raise SubmissionError("no answer was found", remedy="write lines such as ANSWER q2.4.rf = 36")
    if count > _MAX_LINES:
        raise SubmissionError(f"a submission may have {_MAX_LINES} answers", got=str(count))
    student = head.get("STUDENT", source.id)
    if not is_id(student):
        raise SubmissionError("STUDENT is an id of 1 to 32 letters, digits, _ and -", got=repr(student)[:40])
    return Submission(
        student=student,
        sheet=head.get("SHEET", "")[:80],
        variant=parse_variant(head.get("VARIANT", "")),
        answers=found["ANSWER"],
        steps={name: split_steps(value) for name, value in found["STEPS"].items()},
        place=found["PLACE"],
        text=found["TEXT"],
    )


def _undressed(value: str) -> str:
    """A value without the marks of Markdown around it."""
    value = value.strip()
    for mark in ("**", "__", "`", "$", '"'):
        if len(value) > 2 * len(mark) and value.startswith(mark) and value.endswith(mark):
            value = value[len(mark) : -len(mark)].strip()
    return value.rstrip("\\").rstrip()
