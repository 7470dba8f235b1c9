"""One ask judged, in this order: unreadable, right, another reading, carried forward, a known slip, unexplained.

A number can have several causes: every slip that gives it is named. Where steps were handed in they are looked at before
the number, since two rules that end alike seldom walk alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cnncalc.grading.answers import INVISIBLE, MAX_CHARACTERS, SHAPE, cleaned, read, read_steps
from cnncalc.grading.carrying import carried
from cnncalc.grading.feedback import Words, echoed, said
from cnncalc.grading.unreadable import UnreadableAnswer
from cnncalc.grading.values import matches, orders, right_parts, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnncalc.grading.answers import Answer
    from cnncalc.grading.keys import AskKey, KnownSlip
    from cnncalc.grading.submission import Submission
    from cnncalc.sheets.model import Reading

Verdict = Literal["right", "accepted", "carried", "slip", "unexplained", "malformed", "missing", "human"]


#: How many judgements of one ask are remembered.
MAX_REMEMBERED = 2000


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
        return round(self.credit * self.max, 6)


class Judged(NamedTuple):
    """A judgement, and the value that a later ask may rest on; None where there is none."""

    judgement: Judgement
    value: Any = None


def judge(key: AskKey, submission: Submission, earlier: Mapping[str, Any], *, release: bool = False) -> Judged:
    """Judge one ask of a submission. `earlier` holds the values of earlier answers that were not right.

    A class gives few different answers to an ask, so what was judged once is remembered with all that it rests on.
    """
    ask = key.ask
    given = (
        *(table.get(ask.id, "") for table in (submission.answers, submission.text, submission.place)),
        *submission.steps.get(ask.id, ()),
    )
    if sum(map(len, given)) > MAX_CHARACTERS:
        # No essays are kept.
        return _judge(key, submission, earlier, release=release)
    rests_on = (given, tuple(earlier.get(name) for name in ask.follow.values()), release)
    found: Judged | None = key.judged.get(rests_on)
    if found is None:
        found = _judge(key, submission, earlier, release=release)
        if len(key.judged) >= MAX_REMEMBERED:
            key.judged.clear()
        key.judged[rests_on] = found
    return found


def _judge(key: AskKey, submission: Submission, earlier: Mapping[str, Any], *, release: bool) -> Judged:
    """Judge one ask."""
    ask = key.ask
    raw = submission.answers.get(ask.id, "") or (submission.text.get(ask.id, "") if ask.kind in {"text", "choice"} else "")
    if not raw.translate(INVISIBLE).strip():
        words = Words(key.networks.params, "").say("missing")
        return Judged(_judgement(key, "missing", 0.0, words, raw, release=release))
    if ask.kind == "text":
        return Judged(Judgement(ask.id, "human", 0.0, ask.marks, (), said("human"), echoed(raw)))
    judging = _Judging(key, submission, raw, release=release)
    return judging.choice() if ask.kind == "choice" else judging.quantity(earlier)


def _judgement(
    key: AskKey, verdict: Verdict, credit: float, words: Words, raw: str, slips: Sequence[str] = (), *, release: bool = False
) -> Judgement:
    """A judgement; once answers are released, with the right one behind whatever is not right."""
    if release and verdict in {"slip", "unexplained", "malformed", "missing"}:
        option = key.ask.right_option
        right = option.id if option else "" if key.right is None else shown(key.right)
        if right:
            words.say("released", answer=right)
    return Judgement(key.ask.id, verdict, round(credit, 9), key.ask.marks, tuple(slips), words.done(), echoed(raw))


class _Judging:
    """One ask of one submission being judged."""

    def __init__(self, key: AskKey, submission: Submission, raw: str, *, release: bool) -> None:
        self._key = key
        self._raw = raw
        self._steps = submission.steps.get(key.ask.id, [])
        self._said_place = " ".join((submission.place.get(key.ask.id, ""), submission.text.get(key.ask.id, "")))
        self._release = release
        self._words = Words(key.networks.params, raw)

    def _done(self, verdict: Verdict, credit: float, value: Any = None, slips: Sequence[str] = ()) -> Judged:
        made = _judgement(self._key, verdict, credit, self._words, self._raw, slips, release=self._release)
        return Judged(made, value)

    # -- choices ------------------------------------------------------------------------------------------------

    def choice(self) -> Judged:
        """A choice: the id of an option, or its text."""
        ask = self._key.ask
        given = cleaned(self._raw).strip("()[].۔ ").casefold()
        for option in ask.options:
            if given not in {option.id.casefold(), *(cleaned(text).casefold() for text in option.text.values())}:
                continue
            if option.right:
                self._words.say("right")
                return self._done("right", 1.0)
            if option.credit:
                self._words.say("accepted", share=option.credit, note=option.note)
                return self._done("accepted", option.credit)
            self._words.say("wrong_option")
            if not option.note:
                return self._done("unexplained", 0.0)
            self._words.say("slip", texts=[option.note])
            return self._done("slip", 0.0, slips=[f"{ask.id}.{option.id}"])
        return self._unreadable(UnreadableAnswer("option", given))

    # -- quantities ---------------------------------------------------------------------------------------------

    def quantity(self, earlier: Mapping[str, Any]) -> Judged:
        """A number, a formula or a shape."""
        key = self._key
        try:
            answer = read(self._raw, key.ask.kind, key.symbols, fractions=key.fractions)
        except UnreadableAnswer as problem:
            return self._unreadable(problem)
        values = self._values(answer)
        if any(self._is(value, key.right, key.quantity) for value in values):
            self._words.say("right")
            self._mention_unit(answer)
            self._mention_steps()
            return self._done("right", 1.0)
        return self._accepted(values, answer) or self._carried(values, earlier) or self._slip(values)

    def _unreadable(self, problem: UnreadableAnswer) -> Judged:
        """Asked for again, not marked as wrong."""
        self._words.say("malformed", reason=problem)
        return self._done("malformed", 0.0)

    def _values(self, answer: Answer) -> list[Any]:
        """What the answer may mean: every candidate, a shape in every order."""
        if self._key.ask.kind != SHAPE:
            return list(answer.candidates)
        either = self._key.either_order
        return [order for value in answer.candidates for order in orders(value, self._key.right, either_order=either)]

    def _is(self, value: Any, right: Any, quantity: str) -> bool:
        return matches(value, right, quantity, either_order=self._key.either_order)

    def _accepted(self, values: list[Any], answer: Answer) -> Judged | None:
        """Another fair reading, where it is one and, if it must be, named as such: the kindest that fits."""
        said_place = _plain(f"{self._said_place} {answer.label}")
        fitting = [
            (reading, value)
            for reading, right in self._key.readings
            for value in values
            if self._is(value, right, reading.answer.quantity)
            and (not reading.needs_label or any(_plain(label) in said_place for label in reading.needs_label))
        ]
        if not fitting:
            return None
        reading, value = max(fitting, key=lambda pair: pair[0].credit)
        credit = max(reading.credit, self._split([value])[0])
        self._words.say("accepted", share=reading.credit, note=reading.note)
        return self._done("accepted", credit, value)

    def _carried(self, values: list[Any], earlier: Mapping[str, Any]) -> Judged | None:
        """Right for an earlier answer that was not."""
        if not self._key.ask.follow:
            return None
        for asks, expected in carried(self._key, earlier):
            for value in values:
                if self._is(value, expected, self._key.quantity):
                    self._words.say("carried", asks=asks)
                    return self._done("carried", float(self._key.policy.get("follow_through", 1.0)), value)
        return None

    def _slip(self, values: list[Any]) -> Judged:
        """A known slip, from the steps or from the number; else two at once; else unexplained."""
        share, parts, shape = self._split(values)
        for part in parts:
            self._words.say(f"{part}_right")
        steps = self._read_steps()
        if self._key.has_right_steps(steps):
            share = max(share, float(self._key.policy.get("method_credit", 0.0)))
            self._words.say("right_steps")
        by_steps = self._key.explained_steps(steps)
        by_value, value = self._explained(values)
        both = [slip for slip in by_steps if slip in by_value]
        if by_steps and not both:
            # The steps walk one way and the number stands on another: both are told, and the kinder one counts.
            self._words.say("other_steps", texts=[slip.text for slip in by_steps])
            self._words.say("steps_end_elsewhere")
        if by_value:
            self._name(both or by_value, by_steps=bool(both))
        found = both or sorted([*by_value, *by_steps], key=lambda slip: -slip.credit)
        if not found:
            return self._reading_slip(values, share) or self._two_slips(values, share) or self._unexplained(share, shape)
        if found[0].credit:
            self._words.say("share", share=max(share, found[0].credit))
        slips = [slip.id for slip in found]
        return self._done("slip", max(share, found[0].credit), shape if value is None else value, slips)

    def _explained(self, values: list[Any]) -> tuple[list[KnownSlip], Any]:
        """The slips that give the number, and the form of it that they give."""
        for value in values:
            found = self._key.explained(value)
            if found:
                return found, value
        return [], None

    def _name(self, found: list[KnownSlip], *, by_steps: bool) -> None:
        """Say what the number is, by every slip that gives it."""
        self._words.say("slip" if len(found) == 1 else "several", texts=[slip.text for slip in found])
        if by_steps:
            self._words.say("steps_tell")
        elif len(found) > 1 and self._key.trace:
            self._words.say("ask_steps")

    def _reading_slip(self, values: list[Any], share: float) -> Judged | None:
        """A slip in one of the other readings."""
        for value in values:
            found = self._key.explained_in_a_reading(value)
            if found:
                reading: Reading = max(found, key=lambda pair: pair[1].credit)[0]
                slips = sorted((slip for other, slip in found if other is reading), key=lambda slip: -slip.credit)
                self._words.say("in_reading", note=reading.note, texts=[slip.text for slip in slips])
                return self._done("slip", max(share, slips[0].credit), value, [slip.id for slip in slips])
        return None

    def _two_slips(self, values: list[Any], share: float) -> Judged | None:
        """Two slips at once: named, and worth nothing of their own."""
        for value in values:
            pairs = self._key.explained_by_two(value)
            if pairs:
                slips = list({slip.id: slip for pair in pairs for slip in pair}.values())
                for pair in pairs:
                    self._words.say("two", texts=[slip.text for slip in pair])
                return self._done("slip", share, value, [slip.id for slip in slips])
        return None

    def _unexplained(self, share: float, value: Any) -> Judged:
        self._words.say("unexplained")
        return self._done("unexplained", share, value)

    def _split(self, values: list[Any]) -> tuple[float, tuple[str, ...], Any]:
        """The share of the marks for the parts of a shape that are right, these parts, and the order they show in."""
        best: tuple[float, tuple[str, ...], Any] = (0.0, (), values[0])
        if self._key.ask.kind != SHAPE:
            return best
        for value in values:
            parts = right_parts(value, self._key.right)
            share = min(1.0, sum(self._key.ask.split.get(part, 0.0) for part in parts))
            if (share, len(parts)) > (best[0], len(best[1])):
                best = (share, parts, value)
        return best

    # -- steps and units ----------------------------------------------------------------------------------------

    def _read_steps(self) -> tuple[Any, ...]:
        """The steps that were handed in; empty where there are none, or they can't be read."""
        if not self._steps or not self._key.trace:
            return ()
        try:
            return read_steps(self._steps)
        except UnreadableAnswer:
            return ()

    def _mention_steps(self) -> None:
        """Steps that do not lead to the right answer are named even where that stands at their end."""
        found = self._key.explained_steps(self._read_steps())
        if found:
            self._words.say("other_steps", texts=[slip.text for slip in found])

    def _mention_unit(self, answer: Answer) -> None:
        """A wrong unit is a note, not a zero."""
        fitting = {"side": "pixels", "shape": "pixels"}.get(self._key.ask.kind, self._key.ask.kind)
        if answer.unit and fitting in {"count", "pixels", "channels"} and answer.unit != fitting:
            self._words.say("unit")


def _plain(text: str) -> str:
    """A text for comparing labels: in small letters, with the Arabic forms of two letters as the Persian ones."""
    return " ".join(cleaned(text).casefold().replace("ي", "ی").replace("ك", "ک").split())
