"""A sheet made ready for marking: the keys of its asks, worked out once for each set of parameters, and submissions judged."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError
from cnncalc.grading.feedback import said
from cnncalc.grading.graded import Graded
from cnncalc.grading.judging import Judgement, judge
from cnncalc.grading.keys import AskKey
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.networks import Networks
from cnncalc.sheets.variants import Dealer, parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.grading.submission import Submission
    from cnncalc.sheets.model import Question, Sheet

#: How many sets of parameters of questions are kept.
KEPT = 256


class Marking:
    """Marks submissions to one sheet."""

    def __init__(self, sheet: Sheet, secret: bytes | None = None) -> None:
        """Take the sheet, and the course's secret where variants are to be checked; nothing is worked out yet."""
        self.sheet = sheet
        self.secret = secret
        self._dealer = None if secret is None else Dealer(sheet, secret)
        self._keys: OrderedDict[tuple[Any, ...], list[AskKey]] = OrderedDict()
        self._ids = {ask.id for question in sheet.questions for ask in question.asks}

    @property
    def max(self) -> float:
        """The marks that can be had."""
        return sum(ask.marks for question in self.sheet.questions for ask in question.asks)

    def prepare(self) -> None:
        """Work out all numbers of the printed sheet, so that processes forked later share them."""
        for question in self.sheet.questions:
            for key in self._keys_of(question, question.params):
                for number in ("right", "trace", "readings", "slips"):
                    getattr(key, number)

    def grade(self, submission: Submission, *, release: bool = False) -> Graded:
        """The marks of a submission, with feedback."""
        problem = submission.problem or self._misfit(submission)
        if not problem:
            try:
                params = self._params(submission)
            except CnncalcError as error:
                problem = str(error.at("variant"))
        if problem:
            return self.refused(submission.student, problem)
        asks: list[Judgement] = []
        earlier: dict[str, Any] = {}
        for question in self.sheet.questions:
            for key in self._keys_of(question, params[question.id]):
                judged = judge(key, submission, earlier, release=release)
                asks.append(judged.judgement)
                if judged.value is not None:
                    earlier[key.ask.id] = judged.value
        given = (submission.answers, submission.steps, submission.place, submission.text)
        unread = tuple(sorted({name for table in given for name in table} - self._ids))
        total = round(sum(ask.marks for ask in asks), 6)
        return Graded(submission.student, total, self.max, tuple(asks), "", unread)

    def refused(self, student: str, problem: str) -> Graded:
        """The entry of a submission that can't be graded: no marks, every ask missing, and the reason."""
        feedback = said("refused")
        asks = tuple(
            Judgement(ask.id, "missing", 0.0, ask.marks, (), feedback)
            for question in self.sheet.questions
            for ask in question.asks
        )
        return Graded(student, 0.0, self.max, asks, problem[:300])

    def _misfit(self, submission: Submission) -> str:
        """Why a submission does not belong to this sheet; empty where it does. Older versions stay gradable."""
        named = submission.sheet.partition("@")[0].strip()
        return f"it answers the sheet {named[:40]!r}, not {self.sheet.id!r}" if named and named != self.sheet.id else ""

    def _params(self, submission: Submission) -> dict[str, dict[str, int]]:
        """The parameters of each question on a student's sheet.

        They are those that the submission states. With the secret they must be those that were dealt, and where it states
        none, those that were dealt are taken. Raises SheetError for what the sheet does not deal.
        """
        stated = parameters_of(self.sheet, self._qualified(submission.variant))
        if self._dealer is None:
            return stated
        version = submission.sheet.partition("@")[2].strip()
        if version and version != str(self.sheet.version):
            raise SheetError(
                "only numbers of the sheet's own version can be held against the secret",
                got=f"version {version[:20]}, not {self.sheet.version}",
                remedy="grade it with the sheet of that version, or without the secret",
            )
        dealt = parameters_of(self.sheet, self._dealer.deal(submission.student))
        if submission.variant and stated != dealt:
            raise SheetError(
                "these are not the numbers that were dealt to this student",
                got=", ".join(f"{name}={value}" for name, value in submission.variant.items())[:80],
                remedy="see whose sheet it is",
            )
        return dealt

    def _qualified(self, variant: Mapping[str, int]) -> dict[str, int]:
        """A variant whose names say which question they belong to, where the value leaves only one that deals it.

        Raises SpecError, from `parameters_of`, for names and values that fit none.
        """
        found: dict[str, int] = {}
        for name, value in variant.items():
            owners = [
                question
                for question in self.sheet.questions
                if name in question.params and value in (question.params[name], *question.variants.get(name, ()))
            ]
            if owners:
                found |= {f"{question.id}.{name}": value for question in owners}
            else:
                found[name] = value
        return found

    def _keys_of(self, question: Question, params: Mapping[str, int]) -> list[AskKey]:
        """The asks of a question for a set of parameters, with their answers."""
        wanted = (question.id, *sorted(params.items()))
        if wanted not in self._keys:
            networks = Networks(question, params)
            self._keys[wanted] = [AskKey(question, ask, networks, self.sheet.policy) for ask in question.asks]
            while len(self._keys) > KEPT:
                self._keys.popitem(last=False)
        self._keys.move_to_end(wanted)
        return self._keys[wanted]


_MARKINGS: list[Marking] = []


def marking_of(sheet: Sheet, secret: bytes | None = None) -> Marking:
    """The marking of a sheet, made once as long as it is among the last few."""
    for marking in _MARKINGS:
        if marking.sheet is sheet and marking.secret == secret:
            return marking
    _MARKINGS.insert(0, Marking(sheet, secret))
    del _MARKINGS[4:]
    return _MARKINGS[0]
