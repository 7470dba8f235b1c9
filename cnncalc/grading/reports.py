"""Which report goes where: `FORMAT` to standard output, `FORMAT:PATH` to a file that is whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.errors import CnncalcError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.grading.grade import Grades

FORMATS = ("text", "json", "csv", "gradescope", "junit", "html")


class ReportError(CnncalcError):
    """A report can't be written."""


class Wanted(NamedTuple):
    """A report that is asked for: its format, and where to ("" is standard output)."""

    format: str
    path: str


def wanted(text: str) -> Wanted:
    """The report that `--report FORMAT[:PATH]` asks for. Raises SpecError."""
    form, _, path = text.partition(":")
    if form not in FORMATS:
        from cnncalc.layers import did_you_mean

        raise SpecError(
            f"--report takes one of {', '.join(FORMATS)}, and a path behind a colon",
            got=repr(form[:40]),
            remedy=did_you_mean(form, FORMATS),
        )
    return Wanted(form, path)


def rendered(grades: Grades, form: str, language: str, *, release: bool) -> Iterable[str]:
    """A report as text, in pieces: a class of a hundred thousand need not stand in memory twice."""
    if form == "json":
        from cnncalc.grading.report_json import as_json

        return as_json(grades)
    if form == "junit":
        from cnncalc.grading.report_junit import as_junit

        return as_junit(grades, language)
    if form == "html":
        from cnncalc.grading.report_html import as_html

        return as_html(grades, language)
    if form == "csv":
        from cnncalc.grading.report_csv import as_csv

        return [as_csv(grades)]
    if form == "gradescope":
        from cnncalc.grading.report_gradescope import as_gradescope

        return [as_gradescope(grades, language, release=release)]
    from cnncalc.grading.report_text import as_text

    return [as_text(grades, language)]


def write(grades: Grades, report: Wanted, language: str, *, release: bool) -> None:
    """Write a report to its path. Gradescope's to a folder that exists: a file a student. Raises ReportError."""
    path = Path(report.path)
    if report.format == "gradescope" and path.is_dir():
        from cnncalc.grading.report_gradescope import files

        for name, content in files(grades, language, release=release).items():
            _write_whole(path / name, [content])
        return
    _write_whole(path, rendered(grades, report.format, language, release=release))


def _write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a file beside its place and put it there at once: what was there before stays until the new one is whole."""
    try:
        if path.exists() and not path.is_file():
            # A pipe or a terminal, such as /dev/stdout, is written into.
            with path.open("w", encoding="utf-8", newline="") as stream:
                stream.writelines(pieces)
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReportError("the report can't be written", where=str(path)[-60:], got=reason[:80]) from None
