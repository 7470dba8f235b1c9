"""What a class's grades show: per ask how many were right, which slips were met, and which wrong numbers nobody explains yet."""

from __future__ import annotations

from collections import Counter
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple, get_args

from cnncalc.grading.judging import Verdict

if TYPE_CHECKING:
    from cnncalc.grading.grade import Grades

VERDICTS: tuple[str, ...] = get_args(Verdict)
#: How many slips and unexplained answers of an ask are listed.
MAX_LISTED = 12


class AskStatistics(NamedTuple):
    """One ask over a class: verdicts, the mean share of the marks, slips and unexplained answers, the most frequent first."""

    id: str
    max: float
    verdicts: dict[str, int]
    mean: float
    slips: list[tuple[str, int]]
    unexplained: list[tuple[str, int]]


class ClassStatistics(NamedTuple):
    """A class: how many were graded and how many refused, the mean and the median total, and every ask."""

    graded: int
    refused: int
    mean: float
    median: float
    asks: list[AskStatistics]


def statistics_of(grades: Grades) -> ClassStatistics:
    """The statistics of a class; refused submissions are counted apart and enter no mean."""
    graded = [one for one in grades.graded if not one.problem]
    totals = [one.total for one in graded]
    ids = [(ask.id, ask.marks) for question in grades.sheet.questions for ask in question.asks]
    asks = []
    for index, (name, marks) in enumerate(ids):
        judged = [one.asks[index] for one in graded]
        verdicts: Counter[str] = Counter(ask.verdict for ask in judged)
        slips = Counter(slip for ask in judged for slip in ask.slips)
        unexplained = Counter(ask.answer for ask in judged if ask.verdict == "unexplained")
        asks.append(
            AskStatistics(
                name,
                marks,
                {verdict: verdicts[verdict] for verdict in VERDICTS},
                fmean(ask.credit for ask in judged) if judged else 0.0,
                _first(slips),
                _first(unexplained),
            )
        )
    return ClassStatistics(
        len(graded),
        len(grades.graded) - len(graded),
        fmean(totals) if totals else 0.0,
        median(totals) if totals else 0.0,
        asks,
    )


def _first(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent, in an order that depends on nothing but the counts and the names."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_LISTED]
