"""Is a sheet fit to be handed out? What a sheet says about itself, held against the algebra, torch and the judge.

Nothing that is wrong with a sheet should be found by a student. Each finding is one sentence with its place.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import isclose
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import CnncalcError
from cnncalc.grading.answers import read
from cnncalc.grading.marking import Marking
from cnncalc.grading.submission import Submission
from cnncalc.sheets.networks import PLACEHOLDER, Networks
from cnncalc.sheets.quantities import evaluate
from cnncalc.sheets.result import plain
from cnncalc.sheets.variants import Combinations
from cnncalc.sheets.wrong_values import comparable, right_number, wrong_numbers
from cnncalc.sizes import symbols_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.grading.judging import Judgement
    from cnncalc.sheets.model import Ask, Asked, Fact, Localized, Misconception, Question, Reading, Sheet
    from cnncalc.sheets.verification import Verifier


class Finding(NamedTuple):
    """Something that is wrong with a sheet: where, and what."""

    place: str
    text: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.place}: {self.text}"


def check(sheet: Sheet, verifier: Verifier | None = None) -> list[Finding]:
    """Everything that is wrong with a sheet; with a verifier, torch measures every number too."""
    return [finding for question in sheet.questions for finding in _Checking(sheet, question, verifier).findings()]


class _Checking:
    """One question being checked, with its printed numbers and with its variants."""

    def __init__(self, sheet: Sheet, question: Question, verifier: Verifier | None) -> None:
        self._sheet = sheet
        self._question = question
        self._networks = Networks(question)
        self._verifier = verifier
        # The judge sees this question alone, so that each answer is tried quickly.
        self._marking = Marking(sheet._replace(questions=(question,)))

    def findings(self) -> Iterator[Finding]:
        """All findings, in the order of the sheet."""
        yield from self._marks()
        yield from self._texts()
        broken = False
        for ask in self._question.asks:
            try:
                yield from self._ask(ask)
            except CnncalcError as error:
                broken = True
                yield Finding(ask.id, str(error))
        for fact in self._question.facts:
            try:
                yield from self._fact(fact)
            except CnncalcError as error:
                yield Finding(fact.id, str(error))
        yield from self._rules()
        if not broken:
            yield from self._variants()

    # -- marks and texts ----------------------------------------------------------------------------------------

    def _marks(self) -> Iterator[Finding]:
        question = self._question
        total = sum(ask.marks for ask in question.asks)
        if not question.asks:
            yield Finding(question.id, "nothing is asked")
        elif not isclose(total, question.marks):
            yield Finding(question.id, f"the marks of its asks add up to {total:g}, the question has {question.marks:g}")
        for ask in question.asks:
            if ask.split and not isclose(sum(ask.split.values()), 1):
                yield Finding(ask.id, f"the shares in split add up to {sum(ask.split.values()):g}, not 1")

    def _texts(self) -> Iterator[Finding]:
        question = self._question
        known = set(question.params)
        for place, texts, more in _texts(question):
            used = {language: set(PLACEHOLDER.findall(text)) for language, text in texts.items() if language in self._languages}
            for language, names in used.items():
                for name in sorted(names - known - more):
                    yield Finding(place, f"{{{name}}} in {language} is no parameter of the question")
            if len({frozenset(names) for names in used.values()}) > 1:
                yield Finding(place, "its languages do not put in the same parameters")

    @property
    def _languages(self) -> tuple[str, ...]:
        return self._sheet.languages

    # -- asks ---------------------------------------------------------------------------------------------------

    def _ask(self, ask: Ask) -> Iterator[Finding]:
        if ask.kind == "text" and not ask.rubric:
            yield Finding(ask.id, "a text needs a [[question.ask.rubric]] for whoever marks it")
        if ask.right_option is not None and ask.golden not in {None, ask.right_option.id}:
            yield Finding(ask.id, f"golden is {ask.golden}, the right option is {ask.right_option.id}")
        yield from self._follow(ask)
        if ask.answer is None:
            return
        yield from self._golden(ask, ask.id, ask.answer, ask.golden)
        if ask.trace is not None:
            trace = plain(evaluate(ask.trace, self._networks).value)
            if ask.trace_golden and list(ask.trace_golden) != trace:
                yield Finding(ask.id, f"trace_golden is {list(ask.trace_golden)}, the algebra gives {trace}")
            yield from self._torch(ask.id, ask.trace)
        right = right_number(ask, ask.answer, self._networks)
        if self._judged(ask, right).verdict != "right":
            yield Finding(ask.id, f"the right answer, handed in as {_typed(right)}, is not judged right")
        taken: list[tuple[Any, str]] = [(right, "the right answer")]
        for index, reading in enumerate(ask.readings):
            place = f"{ask.id}, accept {index + 1}"
            yield from self._reading(ask, place, reading, taken)
        for slip in ask.misconceptions:
            yield from self._slip(ask, slip, taken)

    def _golden(self, ask: Ask | None, place: str, asked: Asked, golden: Any) -> Iterator[Finding]:
        """The typed value against the algebra, and the algebra against torch."""
        value = evaluate(asked, self._networks).value
        if golden is None:
            if ask is not None and place == ask.id:
                yield Finding(place, f"golden is missing: type in the answer that you expect (the algebra gives {plain(value)})")
        elif not _equal(golden, value):
            yield Finding(place, f"golden is {golden}, the algebra gives {plain(value)}")
        yield from self._torch(place, asked)

    def _torch(self, place: str, asked: Asked) -> Iterator[Finding]:
        if self._verifier is not None and not self._verifier.agrees(self._networks, [asked]):
            yield Finding(place, f"torch gives another {asked.quantity}: {self._verifier.disagreements[-1]}")

    def _follow(self, ask: Ask) -> Iterator[Finding]:
        earlier = [other.id for other in self._question.asks[: self._question.asks.index(ask)]]
        for name, source in ask.follow.items():
            net = name.partition(".")[0]
            if net not in self._question.nets:
                yield Finding(ask.id, f"follow names the network {net}, which is not declared")
            if source not in earlier:
                yield Finding(ask.id, f"follow takes the answer to {source}, which is not asked before")

    def _reading(self, ask: Ask, place: str, reading: Reading, taken: list[tuple[Any, str]]) -> Iterator[Finding]:
        yield from self._golden(ask, place, reading.answer, reading.golden)
        value = right_number(ask, reading.answer, self._networks)
        for known, name in taken:
            if value == known:
                yield Finding(place, f"never reached: {name} has the same value, {plain(value)}")
        if not reading.needs_label:
            # A reading that needs its label leaves the bare number to the slips.
            taken.append((value, place))

    def _slip(self, ask: Ask, slip: Misconception, taken: list[tuple[Any, str]]) -> Iterator[Finding]:
        """A slip gives some number, and one that nothing before it takes."""
        place = f"{ask.id}, {slip.id}"
        numbers = [value for value, _ in wrong_numbers(slip, ask, self._networks)]
        meeting = [name for value in numbers for known, name in taken if value == known]
        if slip.collides:
            if numbers and not meeting:
                yield Finding(place, "collides = true, but its number stands alone here: leave collides out")
        elif not numbers:
            yield Finding(place, "the slip gives no number for this network; if it is meant for variants, write collides = true")
        elif meeting and len(meeting) == len(numbers):
            shown = ", ".join(str(comparable(ask, value)) for value in numbers)
            yield Finding(
                place, f"the slip can't be told from {meeting[0]}, {shown}; if it is meant for variants, write collides = true"
            )
        else:
            told = [slip.id in self._judged(ask, value).slips for value in numbers if value not in [known for known, _ in taken]]
            if not any(told):
                yield Finding(place, f"its number, handed in as {_typed(numbers[0])}, is not diagnosed as this slip")
        if slip.answer is not None:
            yield from self._torch(place, slip.answer)

    def _judged(self, ask: Ask, value: Any) -> Judgement:
        """What a student is told who hands in a value for an ask, and nothing else."""
        graded = self._marking.grade(Submission("check", answers={ask.id: _typed(value)}))
        return next(judgement for judgement in graded.asks if judgement.id == ask.id)

    def _fact(self, fact: Fact) -> Iterator[Finding]:
        if fact.answer is not None:
            yield from self._golden(None, fact.id, fact.answer, fact.golden)

    # -- variants -----------------------------------------------------------------------------------------------

    def _variants(self) -> Iterator[Finding]:
        question = self._question
        for name, values in question.variants.items():
            for value, count in Counter(values).items():
                if count > 1:
                    yield Finding(f"{question.id}.{name}", f"{value} is listed {count} times in variants")
        room = Combinations(question)
        if room.count > 1:
            fitting = room.fitting()
            if not fitting:
                refusal = room.refusal()
                refusal.where = ""
                yield Finding(question.id, str(refusal))
            elif len(fitting) == 1:
                yield Finding(question.id, f"only one of {room.count} combinations keeps the slips apart: every student gets it")

    def _rules(self) -> Iterator[Finding]:
        from cnncalc import slips

        question = self._question
        listed = {slip.id for ask in question.asks for slip in ask.misconceptions}
        for name in question.variant_rules.get("distinct", ()):
            if name not in listed:
                yield Finding(question.id, f"variant_rules.distinct names {name}, which no ask lists")
        for name in question.variant_rules.get("not_equal_to_right", ()):
            try:
                slips.named(name)
            except CnncalcError as error:
                yield Finding(question.id, str(error))


def _texts(question: Question) -> Iterator[tuple[str, Localized, set[str]]]:
    """Every text of a question, with its place and what else than parameters may be put in."""
    yield f"{question.id}, title", question.title, set()
    yield f"{question.id}, text", question.text, set()
    for part in question.parts:
        for kind, text in (("title", part.title), ("text", part.text), ("reading", part.reading)):
            yield f"{part.id}, {kind}", text, set()
    for ask in question.asks:
        yield f"{ask.id}, text", ask.text, set()
        yield f"{ask.id}, model", ask.model, set()
        for index, reading in enumerate(ask.readings):
            yield f"{ask.id}, accept {index + 1}", reading.note, set()
        for slip in ask.misconceptions:
            yield f"{ask.id}, {slip.id}", slip.text, set()
        for option in ask.options:
            yield f"{ask.id}, option {option.id}", option.text, set()
            yield f"{ask.id}, option {option.id}, note", option.note, set()
    for fact in question.facts:
        yield fact.id, fact.text, {"value"}


def _typed(value: Any) -> str:
    """A value as a student types it."""
    if isinstance(value, tuple):
        return "x".join(map(_typed, value))
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)


def _equal(golden: Any, value: Any) -> bool:
    """Whether a typed value is the one that was worked out; a formula or a shape may be typed as students do."""
    if plain(value) == golden:
        return True
    if isinstance(value, list):
        typed = read(golden, "shape").value if isinstance(golden, str) else golden
        return list(typed) == value if isinstance(typed, (list, tuple)) else len(set(value)) == 1 and typed == value[0]
    if isinstance(golden, str) and not isinstance(value, str):
        return (read(golden, "poly", tuple(symbols_of(value))).value == value) is True
    return False
