"""An answer's data as a list of blocks: what is said, in which order. How a block looks is each format's own."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.render.bidi import isolated_formulas
from cnncalc.render.labels import LABELS

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class Block(NamedTuple):
    """A piece of an answer.

    `kind` is title, heading, prose, labelled (`label` and one text), formulas (left-to-right lines), bullets, or status.
    `texts` are its lines.
    """

    kind: str
    texts: tuple[str, ...]
    label: str = ""


def blocks(doc: dict[str, Any]) -> list[Block]:
    """The blocks of an answer in the format `cnncalc.answer/1`."""
    return _Blocks(doc).all()


class _Blocks:
    def __init__(self, doc: dict[str, Any]) -> None:
        self._doc = doc
        self._words = LABELS[doc["language"]]
        self._persian = doc["digits"] == "persian"

    def all(self) -> list[Block]:
        """Title, parts with their asks, further figures, and what was verified."""
        found = self._found()
        return found if self._doc["language"] != "fa" else [_with_isolated_formulas(block) for block in found]

    def _found(self) -> list[Block]:
        doc, words = self._doc, self._words
        marks = f"{self._number(_whole(doc['marks']))} {words['marks']}"
        found = [Block("title", (f"{doc['question'].upper()}  {doc['title']}", f"{doc['sheet']}, {marks}"))]
        if doc["text"]:
            found.append(Block("prose", (doc["text"],)))
        placed: set[str] = set()
        for part in doc["parts"]:
            found += self._part(part)
            for ask in doc["asks"]:
                if ask["part"] == part["id"]:
                    placed.add(ask["id"])
                    found += self._ask(ask)
        for ask in doc["asks"]:
            if ask["id"] not in placed:
                found += self._ask(ask)
        if doc["facts"]:
            found.append(Block("heading", (words["facts"],)))
            for fact in doc["facts"]:
                found.append(Block("bullets", (fact["text"],)))
                if fact["working"]:
                    found.append(Block("formulas", tuple(fact["working"])))
        return [*found, *self._status()]

    def _part(self, part: dict[str, Any]) -> list[Block]:
        found = [Block("heading", (f"{part['id']}  {part['title']}",)), Block("prose", (part["text"],))]
        if part["reading"]:
            found.append(Block("labelled", (part["reading"],), self._words["reading"]))
        return found

    def _ask(self, ask: dict[str, Any]) -> list[Block]:
        words = self._words
        found = [Block("subheading", (f"{ask['id']}  {ask['text']}",))]
        if ask["kind"] == "text":
            found.append(Block("labelled", (ask["value"],), words["model"]))
            points = [self._rubric(point) for point in ask["rubric"]]
            found += [Block("labelled", ("",), words["rubric"]), Block("bullets", tuple(points))] if points else []
        else:
            if ask["working"]:
                found.append(Block("formulas", tuple(ask["working"])))
            if ask.get("options"):
                found.append(Block("bullets", tuple(f"{option['id']}: {option['text']}" for option in ask["options"])))
            found.append(Block("answer", (self._value(ask["value"], ask["unit"]),), words["answer"]))
            for reading in ask["readings"]:
                credit = self._number(f"{reading['credit']:.0%}")
                share = "" if reading["credit"] == 1 else f" ({words['share']}: {credit})"
                found.append(Block("labelled", (f"{self._value(reading['value'])}: {reading['note']}{share}",), words["also"]))
        return found + self._claimed(ask["claimed"])

    def _rubric(self, point: dict[str, Any]) -> str:
        words = self._words
        mark = words["required"] if point["required"] else words["red_flag"] if point["red_flag"] else ""
        return f"{point['point']} ({mark})" if mark else point["point"]

    def _claimed(self, claimed: dict[str, Any] | None) -> list[Block]:
        if claimed is None:
            return []
        words = self._words
        value = words["nothing"] if claimed["value"] is None else self._value(claimed["value"])
        if claimed.get("trace"):
            value += f" ({self._isolated(', '.join(map(str, claimed['trace'])))})"
        found = [Block("labelled", (f"{value}: {words[claimed['verdict']]}",), words["claimed"])]
        if claimed["verdict"] == "wrong":
            reasons = tuple(_explained(claimed["slips"], claimed["explanations"]))
            found.append(Block("labelled", ("" if reasons else words["no_slip"],), words["exactly"]))
            found += [Block("bullets", reasons)] if reasons else []
            last = tuple(
                _explained(claimed.get("slips_of_the_last_number", ()), claimed.get("explanations_of_the_last_number", ()))
            )
            found += [Block("labelled", ("",), words["last_number"]), Block("bullets", last)] if last else []
        if claimed["note"]:
            found.append(Block("prose", (claimed["note"],)))
        return found

    def _status(self) -> list[Block]:
        verification = self._doc["verification"]
        text = self._words[verification["status"]].format_map(
            {key: self._number(value) if isinstance(value, int) else value for key, value in verification.items()}
            | {"date": self._isolated(str(verification.get("date")))}
        )
        found = [Block("status", (text,))]
        if verification.get("disagreements"):
            found.append(Block("formulas", tuple(verification["disagreements"])))
        return found

    # -- values -------------------------------------------------------------------------------------------------

    def _number(self, value: object) -> str:
        text = str(value)
        return text.translate(_PERSIAN_DIGITS) if self._persian else text

    def _value(self, value: Any, unit: str | None = None) -> str:
        """A value with its unit: `16 × 63 × 63`, `1216 parameters`, `N + 192 channels`."""
        if isinstance(value, list):
            return self._isolated(" × ".join(map(str, value)))
        if isinstance(value, str) and value.isascii():
            value = self._isolated(value)
        shown = self._number(value) if isinstance(value, int) else str(value)
        unit_text = self._words.get(unit or "", unit or "")
        return f"{shown} {unit_text}".strip()

    def _isolated(self, text: str) -> str:
        """Left-to-right text that keeps its order inside right-to-left prose (U+2066 … U+2069)."""
        if self._doc["language"] != "fa":
            return text
        return f"\u2066{self._number(text)}\u2069"


def _with_isolated_formulas(block: Block) -> Block:
    """A block of right-to-left prose in which formulas keep their order."""
    if block.kind == "formulas":
        return block
    return block._replace(texts=tuple(isolated_formulas(text) for text in block.texts))


def _explained(ids: Any, texts: Any) -> list[str]:
    return [f"{name}: {text}" for name, text in zip(ids, texts, strict=True)]


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number
