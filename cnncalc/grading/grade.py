"""The engine: a submission graded against a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnncalc.grading.judging import Judgement
    from cnncalc.grading.submission import Submission
    from cnncalc.sheets.model import Sheet


class Graded(NamedTuple):
    """A submission's marks: the total, what can be had, and each ask in the sheet's order.

    `problem` says why a submission was refused; then `asks` says missing for each.
    """

    student: str
    total: float
    max: float
    asks: tuple[Judgement, ...]
    problem: str = ""


def grade_submission(sheet: Sheet, submission: Submission, *, release: bool = False) -> Graded:
    """The marks of a submission, with feedback; right answers are named only where `release` says so."""
    raise NotImplementedError
