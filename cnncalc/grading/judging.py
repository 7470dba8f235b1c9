"""One ask judged: right, another reading, carried forward, a known slip, or unexplained."""

from __future__ import annotations

from typing import Literal, NamedTuple

Verdict = Literal["right", "accepted", "carried", "slip", "unexplained", "malformed", "missing", "human"]


class Judgement(NamedTuple):
    """What came of one ask.

    `credit` is the share of the marks, from 0 to 1; `max` the marks. `slips` names every slip that gives the number, the
    one that set the credit first. `feedback` says so, by language. `answer` echoes what was handed in.
    """

    id: str
    verdict: Verdict
    credit: float
    max: float
    slips: tuple[str, ...] = ()
    feedback: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default; nobody writes into it
    answer: str = ""

    @property
    def marks(self) -> float:
        """The marks that were earned."""
        return self.credit * self.max
