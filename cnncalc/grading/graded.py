"""What came of a submission, as plain data."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.grading.judging import Judgement


class Graded(NamedTuple):
    """A submission's marks: the total, what can be had, and each ask in the sheet's order.

    `problem` says why a submission was refused; then every ask is missing. `unread` are the ids in it that the sheet does
    not ask about.
    """

    student: str
    total: float
    max: float
    asks: tuple[Judgement, ...]
    problem: str = ""
    unread: tuple[str, ...] = ()

    @property
    def pending(self) -> float:
        """The marks that a human has yet to give."""
        return sum(ask.max for ask in self.asks if ask.verdict == "human")

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong or missing; what a human marks is neither."""
        return not self.problem and all(ask.credit >= 1 or ask.verdict == "human" or not ask.max for ask in self.asks)

    @classmethod
    def of(cls, data: Any, known: dict[Any, Judgement]) -> Graded:
        """The grade that these lists hold, as JSON carried them from another process.

        `known` holds the judgements met so far: in a class most answers are met many times, and are kept once.
        """
        student, total, best, asks, problem, unread = data
        judged = tuple(
            _kept(Judgement(name, verdict, credit, marks, tuple(slips), feedback, answer), known)
            for name, verdict, credit, marks, slips, feedback, answer in asks
        )
        return cls(student, total, best, judged, problem, tuple(unread))


def _kept(judgement: Judgement, known: dict[Any, Judgement]) -> Judgement:
    """A judgement, or the equal one that is there already."""
    key = (judgement.id, judgement.verdict, judgement.answer, judgement.credit, *judgement.feedback.values())
    return known.setdefault(key, judgement)
