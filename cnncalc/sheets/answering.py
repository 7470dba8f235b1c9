"""Answers to a question, as plain data: values with their working, other readings, and what the handwritten solution claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError
from cnncalc.render.bidi import END, LEFT_TO_RIGHT
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.networks import Networks, filled
from cnncalc.sheets.quantities import Result, evaluate, plain
from cnncalc.sheets.record import Record

if TYPE_CHECKING:
    from cnncalc.sheets.model import Ask, Asked, Claim, Fact, Localized, Option, Part, Question, Sheet
    from cnncalc.sheets.verification import Verifier

FORMAT = "cnncalc.answer/1"
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
LATIN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


class Wording:
    """Texts of one language: parameters put in, digits as wanted."""

    def __init__(self, language: str, params: dict[str, int], *, persian_digits: bool) -> None:
        """Keep language, parameters and the choice of digits, which only Persian has."""
        self.language = language
        self._persian = persian_digits and language == "fa"
        self._params: dict[str, object] = {name: self.number(value) for name, value in params.items()}

    @property
    def digits(self) -> str:
        """Which digits stand in prose: persian or latin."""
        return "persian" if self._persian else "latin"

    def number(self, value: object) -> str:
        """A number as it stands in prose."""
        text = (
            " × ".join(map(str, value)) if isinstance(value, list) else f"{value:g}" if isinstance(value, float) else str(value)
        )
        if not self._persian:
            return text
        return text.replace(".", "٫").translate(PERSIAN_DIGITS) if isinstance(value, float) else text.translate(PERSIAN_DIGITS)

    def trace(self, steps: list[object]) -> str:
        """The steps of a trace as they stand in prose."""
        return ("، " if self.language == "fa" else ", ").join(map(self.number, steps))

    def quoted(self, text: str) -> str:
        """A left-to-right text, such as an error message, inside prose of this language."""
        return f"{LEFT_TO_RIGHT}{text}{END}" if self.language == "fa" else text

    def text(self, texts: Localized, **further: str) -> str:
        """A text with parameters put in; empty where there is none."""
        found = filled(texts.get(self.language, ""), {**self._params, **further})
        return found if self._persian else found.translate(LATIN_DIGITS) if self.language == "fa" else found


def answer(
    sheet: Sheet,
    name: str,
    *,
    language: str = "en",
    persian_digits: bool = True,
    verifier: Verifier | None = None,
    record: Record | None = None,
) -> dict[str, Any]:
    """The answers to a question (`q2`) or a part of it (`q2.4`, `q2.4.rf`), in the format `cnncalc.answer/1`.

    With a verifier every number is checked by torch; without one the record says when that was last done. Raises
    SheetError for a name or a language that the sheet does not have.
    """
    question = sheet.question(name)
    asks = [] if question is None else question.asks_of(name)
    if question is None or not asks:
        raise SheetError("there is no such question", got=name[:40], remedy=f"ask for {', '.join(q.id for q in sheet.questions)}")
    if language not in sheet.languages:
        raise SheetError("the sheet is not written in that language", got=language[:20], remedy=", ".join(sheet.languages))
    networks = Networks(question)
    wording = Wording(language, networks.params, persian_digits=persian_digits)
    return _Answering(sheet, question, wording, networks, verifier).document(name, asks, record)


class _Answering:
    """One question being answered."""

    def __init__(
        self,
        sheet: Sheet,
        question: Question,
        wording: Wording,
        networks: Networks,
        verifier: Verifier | None,
    ) -> None:
        self._sheet = sheet
        self._question = question
        self._networks = networks
        self._wording = wording
        self._verifier = verifier

    def document(self, name: str, asks: list[Ask], record: Record | None) -> dict[str, Any]:
        """The whole answer."""
        question, text = self._question, self._wording.text
        whole = name == question.id
        answered = [self._ask(ask) for ask in asks]
        facts = [self._fact(fact) for fact in question.facts] if whole else []
        parts = {part.id: part for ask in asks if (part := question.part_of(ask)) is not None}
        return {
            "format": FORMAT,
            "sheet": f"{self._sheet.id}@{self._sheet.version}",
            "question": question.id,
            "selected": name,
            "language": self._wording.language,
            "digits": self._wording.digits,
            "title": text(question.title),
            "text": text(question.text) if whole else "",
            "marks": question.marks,
            "parts": [self._part(part) for part in parts.values()],
            "asks": answered,
            "facts": facts,
            "verification": self._verification(answered, facts, record),
        }

    def _part(self, part: Part) -> dict[str, Any]:
        text = self._wording.text
        return {
            "id": part.id,
            "title": text(part.title),
            "text": text(part.text),
            "reading": text(part.reading) or None,
        }

    def _ask(self, ask: Ask) -> dict[str, Any]:
        try:
            return self._answered(ask)
        except CnncalcError as error:
            raise error.at(ask.id) from None

    def _answered(self, ask: Ask) -> dict[str, Any]:
        text = self._wording.text
        part = self._question.part_of(ask)
        head = {"id": ask.id, "part": part.id if part else None, "kind": ask.kind, "marks": ask.marks, "text": text(ask.text)}
        if ask.right_option is not None:
            return head | self._choice(ask, ask.right_option)
        if ask.answer is None:
            return head | {
                "value": text(ask.model),
                "unit": None,
                "working": [],
                "rubric": [
                    {"point": text(point.point), "required": point.required, "red_flag": point.red_flag} for point in ask.rubric
                ],
                "readings": [],
                "verified": None,
                "claimed": self._claimed(ask, None, None),
            }
        result = evaluate(ask.answer, self._networks)
        trace = evaluate(ask.trace, self._networks).value if ask.trace else None
        readings = [
            {"value": plain(evaluate(r.answer, self._networks).value), "credit": r.credit, "note": text(r.note)}
            for r in ask.readings
        ]
        asked = [ask.answer, *([ask.trace] if ask.trace else []), *(r.answer for r in ask.readings)]
        return head | {
            "value": plain(result.value),
            "unit": result.unit,
            "working": list(result.working),
            **({"trace": trace} if trace is not None else {}),
            "readings": readings,
            "verified": self._verified(asked),
            "claimed": self._claimed(ask, result, trace),
        }

    def _choice(self, ask: Ask, right: Option) -> dict[str, Any]:
        """The options of a choice; the value is the id of the right one."""
        text = self._wording.text
        options = [{"id": o.id, "text": text(o.text), "right": o.right, "note": text(o.note) or None} for o in ask.options]
        return {
            "value": right.id,
            "unit": None,
            "working": [],
            "options": options,
            "readings": [],
            "verified": None,
            "claimed": self._claimed(ask, Result(right.id, ""), None),
        }

    def _fact(self, fact: Fact) -> dict[str, Any]:
        try:
            return self._figure(fact)
        except CnncalcError as error:
            raise error.at(fact.id) from None

    def _figure(self, fact: Fact) -> dict[str, Any]:
        wording = self._wording
        if fact.answer is None:
            return {"id": fact.id, "text": wording.text(fact.text), "value": None, "working": [], "verified": None}
        result = evaluate(fact.answer, self._networks)
        value = result.value
        if isinstance(value, str):
            shown = wording.quoted(value)
        else:
            shown = wording.trace(value) if fact.answer.quantity == "rf_trace" else wording.number(value)
        return {
            "id": fact.id,
            "text": wording.text(fact.text, value=shown),
            "value": plain(value),
            "unit": result.unit,
            "working": list(result.working),
            "verified": self._verified([fact.answer]),
        }

    # -- the handwritten solution -------------------------------------------------------------------------------

    def _claimed(self, ask: Ask, result: Result | None, trace: Any) -> dict[str, Any] | None:
        """What the handwritten solution claims, whether that is right, and which slips give exactly that."""
        claim = ask.claim
        if claim is None:
            return None
        verdict = self._verdict(claim, result, trace)
        claimed: dict[str, Any] = {"value": claim.value, "verdict": verdict, "slips": [], "explanations": []}
        if claim.trace:
            claimed["trace"] = list(claim.trace)
        if verdict == "wrong" and ask.answer is not None:
            claimed |= self._slips(ask, ask.answer, claim)
        claimed["note"] = self._wording.text(claim.note) or None
        return claimed

    @staticmethod
    def _verdict(claim: Claim, result: Result | None, trace: Any) -> str:
        if claim.verdict:
            return claim.verdict
        if claim.value is None or result is None:
            return "unclear"
        same = claim.value == plain(result.value) and (not claim.trace or list(claim.trace) == trace)
        return "right" if same else "wrong"

    def _slips(self, ask: Ask, asked: Asked, claim: Claim) -> dict[str, Any]:
        """Every slip that gives the claim: its trace where it has one, and apart those that give the last number alone."""
        from cnncalc import slips

        graph = self._networks.built(asked.net).graph
        by_value = slips.explain_value(asked.quantity, graph, _hashable(claim.value), asked.at or None)
        by_trace = slips.explain_trace(graph, claim.trace, asked.at or None) if claim.trace else by_value
        exact = {slip.id: self._wording.text(slip.text) for slip in by_trace}
        last_only = {slip.id: self._wording.text(slip.text) for slip in by_value if slip.id not in exact}
        for own in ask.misconceptions:
            if own.answer is not None and plain(evaluate(own.answer, self._networks).value) == claim.value:
                (last_only if claim.trace else exact)[own.id] = self._wording.text(own.text)
        found: dict[str, Any] = {"slips": list(exact), "explanations": list(exact.values())}
        if last_only and claim.trace:
            found["slips_of_the_last_number"] = list(last_only)
            found["explanations_of_the_last_number"] = list(last_only.values())
        return found

    # -- verification -------------------------------------------------------------------------------------------

    def _verified(self, asked: list[Asked]) -> bool | None:
        """Whether torch agrees with all of these; None where it is not run."""
        return self._verifier.agrees(self._networks, asked) if self._verifier else None

    def _verification(self, asks: list[dict[str, Any]], facts: list[dict[str, Any]], record: Record | None) -> dict[str, Any]:
        """What stands at the end: torch ran here and agreed, or disagreed; or when it was last recorded to agree."""
        if self._verifier is not None:
            return self._verifier.summary()
        values = checkable(asks) | checkable(facts)
        if record is None or not record.covers(values):
            return {"status": "never", "torch": None, "date": None}
        return {"status": "recorded", "torch": record.torch, "date": record.date}


def checkable(answered: list[dict[str, Any]]) -> dict[str, Any]:
    """The values that torch can check, by id: all but the conceptual answers and choices, other readings among them."""
    values: dict[str, Any] = {}
    for item in answered:
        if item.get("kind") in {"text", "choice"} or item["value"] is None:
            continue
        values[item["id"]] = item["value"]
        if "trace" in item:
            values[f"{item['id']}.trace"] = item["trace"]
        for index, reading in enumerate(item.get("readings", ())):
            values[f"{item['id']}.reading{index + 1}"] = reading["value"]
    return values


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
