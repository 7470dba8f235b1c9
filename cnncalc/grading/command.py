"""The command `cnncalc grade`: a sheet and submissions in, reports out, and a status that says how it went."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import DisagreementError
from cnncalc.grading.grade import Grades, grade_files
from cnncalc.grading.reports import ReportError, Wanted, rendered, wanted, write
from cnncalc.sheets.issuing import read_secret
from cnncalc.sheets.loader import HOMEWORK, load, load_homework
from cnncalc.sheets.variants import Dealer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnncalc.sheets.model import Sheet

    Begin = Callable[[str, int], Callable[[], None]]

ALL_RIGHT, SOME_WRONG, UNREADABLE, INTERRUPTED = 0, 1, 2, 130


class Order(NamedTuple):
    """What the command was asked to do."""

    sheet: str
    submissions: Sequence[str]
    reports: Sequence[str] = ()
    language: str = "en"
    against: str = ""
    release: bool = False
    verify: bool = False
    secret_file: str = ""
    jobs: int = 0


def grade_all(order: Order, begin: Begin) -> int:
    """Grade, write the reports, and give the exit status. `begin` starts a progress bar.

    Raises SpecError for a sheet, a report or a path that can't be read, before anything is graded.
    """
    reports = [wanted(text) for text in order.reports] or [Wanted("text", "")]
    sheet = _sheet(order.sheet)
    secret = read_secret(order.secret_file) if order.secret_file else None
    if secret is not None:
        Dealer(sheet, secret)  # a secret that is too short is refused before anything is graded
    earlier = _earlier(order.against)
    if order.verify:
        verify(sheet, begin)
    grades = grade_files(sheet, list(order.submissions), release=order.release, secret=secret, jobs=order.jobs, progress=begin)
    begin("", 0)
    failures = [failure for report in reports for failure in _deliver(grades, report, order)]
    if earlier is not None:
        from cnncalc.grading.changes import as_lines, changes
        from cnncalc.grading.report_json import grades_data

        # Beside a report on standard output the changes go where they do not mix with it.
        stream = sys.stderr if any(not report.path and report.format != "text" for report in reports) else sys.stdout
        print("\n".join(as_lines(changes(earlier, grades_data(grades)))), file=stream)
    return _status(grades, failures)


def verify(sheet: Sheet, begin: Begin) -> None:
    """Have torch check every number of the sheet. Raises DisagreementError, and MissingExtraError without torch."""
    from cnncalc.sheets.answering import answer
    from cnncalc.sheets.verification import Verifier

    advance = begin("checking with torch", sum(question.checks(question.id) for question in sheet.questions))
    for question in sheet.questions:
        verification = answer(sheet, question.id, language=sheet.languages[0], verifier=Verifier(advance))["verification"]
        for line in verification.get("disagreements", ()):
            raise DisagreementError("torch gives other numbers than the sheet", where=question.id, got=line)


def _sheet(name: str) -> Sheet:
    return load_homework() if name == HOMEWORK else load(Path(name))


def _earlier(path: str) -> dict[str, Any] | None:
    if not path:
        return None
    from cnncalc.grading.changes import read_report

    return read_report(path)


def _deliver(grades: Grades, report: Wanted, order: Order) -> list[str]:
    """Print or write a report; a failure is told at the end, after the other reports."""
    if not report.path:
        sys.stdout.writelines(rendered(grades, report.format, order.language, release=order.release))
        sys.stdout.flush()
        return []
    try:
        write(grades, report, order.language, release=order.release)
    except ReportError as error:
        return [str(error)]
    return []


def _status(grades: Grades, failures: list[str]) -> int:
    """The exit status, with a line on standard error for what a teacher must know."""
    told = list(failures)
    refused = [graded for graded in grades.graded if graded.problem]
    if refused:
        told.append(
            f"{len(refused)} of {len(grades.graded)} submissions can't be graded; {refused[0].student}: {refused[0].problem}"
        )
    if not grades.graded:
        told.append("there is no submission")
    if grades.stopped:
        told.append(f"the work was {grades.stopped}; the reports hold what was graded")
    if told:
        print(f"cnncalc: error: {'; '.join(told)}", file=sys.stderr)  # noqa: T201 - this is a command
    if grades.stopped == "interrupted":
        return INTERRUPTED
    if told:
        return UNREADABLE
    return ALL_RIGHT if all(graded.is_right for graded in grades.graded) else SOME_WRONG
