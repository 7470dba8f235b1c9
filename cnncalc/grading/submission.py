"""What a student hands in, as plain data."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cnncalc.grading.files import SubmissionError

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


_SETTING = re.compile(r"\s*([A-Za-z0-9_.-]{1,128})\s*=\s*(-?[0-9]{1,18})\s*")
_MAX_SETTINGS = 60


def parse_variant(given: Any) -> dict[str, int]:
    """The parameters of a printed sheet, from `image=128,k1=5` or a table of such. Raises SubmissionError."""
    if isinstance(given, dict):
        given = ",".join(f"{name}={value}" for name, value in given.items())
    if not isinstance(given, str) or len(given) > 2000:  # noqa: PLR2004 - far more than a sheet prints
        raise SubmissionError('variant is a text such as "image=128,k1=5", as printed on the sheet')
    if given.strip() in {"", "default"}:
        return {}
    settings = re.split("[,;]", given)
    found: dict[str, int] = {}
    for setting in settings[:_MAX_SETTINGS]:
        match = _SETTING.fullmatch(setting)
        if match is None or match[1] in found or len(settings) > _MAX_SETTINGS:
            raise SubmissionError('variant is a text such as "image=128,k1=5", as printed on the sheet', got=repr(setting[:40]))
        found[match[1]] = int(match[2])
    return found
