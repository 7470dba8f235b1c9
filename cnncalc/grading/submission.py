"""What a student hands in, as plain data."""

from __future__ import annotations

from typing import NamedTuple

FORMAT = "cnncalc.submission/1"


class Submission(NamedTuple):
    """A submission as it was read: text only, nothing judged yet.

    `student` is an opaque id; `sheet` is what it says it answers ("hw3@1", or ""); `variant` the parameters it says were
    printed on its sheet, by name (empty for the printed default). `answers` holds the raw texts by ask; `steps` the
    steps towards an answer, raw too; `place` where a value holds; `text` what a human marks. `problem` says why the file
    was refused; then the rest is empty.
    """

    student: str
    sheet: str = ""
    variant: dict[str, int] = {}  # noqa: RUF012 - a NamedTuple's default; nobody writes into it
    answers: dict[str, str] = {}  # noqa: RUF012
    steps: dict[str, list[str]] = {}  # noqa: RUF012
    place: dict[str, str] = {}  # noqa: RUF012
    text: dict[str, str] = {}  # noqa: RUF012
    problem: str = ""
