"""Reading sheets: TOML to the model, every part checked, every error with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from cnncalc.errors import SpecError
from cnncalc.sheets.model import (
    Ask,
    Asked,
    Claim,
    Fact,
    Localized,
    Misconception,
    Net,
    Part,
    Question,
    Reading,
    RubricPoint,
    Sheet,
)

FORMAT = "cnncalc.sheet/1"
MAX_BYTES = 1 << 20
KINDS = ("shape", "count", "side", "pixels", "channels", "poly", "text")

#: The homework's sheet, installed inside the package.
HOMEWORK = "hw3"


class SheetError(SpecError):
    """A sheet can't be read."""


def homework_folder() -> Path:
    """Where the homework's sheets lie: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "answers"
    return installed if installed.is_dir() else package.parent / "answers"


def load_homework(only: str = "") -> Sheet:
    """The homework that cnncalc answers; see `load`."""
    return load(homework_folder() / f"{HOMEWORK}.toml", only)


def load(path: Path, only: str = "") -> Sheet:
    """The sheet in a file, with the files it includes, each named after its question. Raises SheetError.

    With `only`, the name of a question or of a part of one, other questions' files are left unread.
    """
    top = _read(path)
    table = _Table(top, path.name)
    _check_format(table)
    head = table.table("sheet")
    languages = tuple(head.strings("languages", default=("en", "fa")))
    questions = [_question(q, languages) for q in table.tables("question")]
    for name in head.strings("include", default=()):
        if "/" in name or "\\" in name or name.startswith("."):
            raise SheetError("an included file stands beside the sheet", where=path.name, got=name[:60])
        if only and not f"{only}.".startswith(f"{Path(name).stem}."):
            continue
        included = _Table(_read(path.parent / name), name)
        _check_format(included)
        found = [_question(q, languages) for q in included.tables("question")]
        included.finish()
        for question in found:
            if question.id != Path(name).stem:
                raise SheetError("an included file is named after its question", where=name, got=question.id)
        questions += found
    sheet = Sheet(
        id=head.string("id"),
        version=head.integer("version"),
        title=head.localized("title", languages),
        languages=languages,
        policy=head.plain("policy", default={}),
        questions=tuple(questions),
    )
    head.finish()
    table.finish()
    ids = [ask.id for question in questions for ask in question.asks]
    for ask_id in ids:
        if ids.count(ask_id) > 1:
            raise SheetError("each ask needs an id of its own", where=path.name, got=ask_id)
    return sheet


def _read(path: Path) -> dict[str, Any]:
    """A TOML file of a sane size."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SheetError(f"a sheet may have {MAX_BYTES:,} bytes", where=path.name)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SheetError("there is no such sheet", got=str(path)[-80:]) from None
    except OSError as error:
        raise SheetError("the sheet can't be read", where=path.name, got=error.strerror or "") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SheetError("the sheet is not TOML in UTF-8", where=path.name, got=str(error)[:120]) from None


def _check_format(table: _Table) -> None:
    if table.string("format") != FORMAT:
        raise SheetError(f'format must be "{FORMAT}"', where=table.place)


class _Table:
    """A TOML table that is read key by key; what is left over at the end is an error, so that typos are found."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, dict):
            raise SheetError("a table is expected here", where=place, got=repr(data)[:40])
        self._data = dict(data)
        self.place = place

    def _take(self, key: str, kinds: tuple[type, ...], expected: str, default: Any) -> Any:
        if key not in self._data:
            if default is _REQUIRED:
                raise SheetError(f"{key} is missing", where=self.place)
            return default
        value = self._data.pop(key)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise SheetError(f"{key} must be {expected}", where=self.place, got=repr(value)[:40])
        return value

    def string(self, key: str, default: Any = None) -> str:
        """Text; required where no default is given."""
        value: str = self._take(key, (str,), "text", _REQUIRED if default is None else default)
        return value

    def strings(self, key: str, default: Any = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._take(key, (list,), "a list of texts", _REQUIRED if default is None else list(default))
        if not all(isinstance(item, str) for item in value):
            raise SheetError(f"{key} must be a list of texts", where=self.place)
        return tuple(value)

    def integer(self, key: str, default: Any = None) -> int:
        """A whole number."""
        value: int = self._take(key, (int,), "a whole number", _REQUIRED if default is None else default)
        return value

    def number(self, key: str, default: Any = None) -> float:
        """A number."""
        return float(self._take(key, (int, float), "a number", _REQUIRED if default is None else default))

    def flag(self, key: str) -> bool:
        """True or false, false where it is missing."""
        return bool(self._take(key, (bool,), "true or false", default=False))

    def plain(self, key: str, default: Any = None) -> Any:
        """Any value."""
        return self._data.pop(key, default)

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self._data

    def table(self, key: str) -> _Table:
        """A table that must be there."""
        return _Table(self._take(key, (dict,), "a table", _REQUIRED), f"{self.place}: {key}")

    def tables(self, key: str) -> list[_Table]:
        """An array of tables, empty where it is missing."""
        found = self._take(key, (list,), "an array of tables", [])
        tables = []
        for index, item in enumerate(found):
            name = item.get("id", index + 1) if isinstance(item, dict) else index + 1
            tables.append(_Table(item, f"{self.place}: {key} {name}"))
        return tables

    def named_tables(self, key: str) -> dict[str, _Table]:
        """Tables by name, empty where they are missing."""
        found = self._take(key, (dict,), "a table of tables", {})
        return {name: _Table(item, f"{self.place}: {key}.{name}") for name, item in found.items()}

    def localized(self, key: str, languages: tuple[str, ...], *, optional: bool = False) -> Localized:
        """A text in every language of the sheet; a missing one is an error."""
        value = self._take(key, (dict,), "a text in each language, as in text.en", {} if optional else _REQUIRED)
        if not value and optional:
            return {}
        for language in languages:
            if not isinstance(value.get(language), str) or not value[language].strip():
                raise SheetError(f"{key}.{language} is missing", where=self.place, remedy="every text needs every language")
        return {str(language): str(text).strip() for language, text in value.items()}

    def asked(self, key: str) -> Asked | None:
        """A quantity, or None where it is missing."""
        if key not in self._data:
            return None
        inner = self.table(key)
        asked = Asked(inner.string("quantity"), inner.string("net", ""), inner.string("at", ""), inner.integer("of", 0))
        inner.finish()
        return asked

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        if self._data:
            raise SheetError("this key has no meaning here", where=self.place, got=", ".join(sorted(self._data))[:80])


_REQUIRED: Any = object()


def _question(table: _Table, languages: tuple[str, ...]) -> Question:
    params: dict[str, int] = {}
    variants: dict[str, tuple[int, ...]] = {}
    for name, entry in table.named_tables("params").items():
        params[name] = entry.integer("default")
        variants[name] = tuple(entry.plain("variants", ()))
        entry.finish()
    rules = table.plain("variant_rules", {})
    question = Question(
        id=table.string("id"),
        marks=table.number("marks"),
        title=table.localized("title", languages),
        text=table.localized("text", languages),
        params=params,
        variants=variants,
        variant_rules={str(key): tuple(value) for key, value in rules.items()},
        nets={name: _net(name, entry) for name, entry in table.named_tables("net").items()},
        parts=tuple(_part(part, languages) for part in table.tables("part")),
        asks=tuple(_ask(ask, languages) for ask in table.tables("ask")),
        facts=tuple(_fact(fact, languages) for fact in table.tables("fact")),
    )
    table.finish()
    _check_references(question, table.place)
    return question


def _check_references(question: Question, place: str) -> None:
    """Every network that is named must be declared."""
    named = [net.extends for net in question.nets.values() if net.extends]
    for ask in question.asks:
        quantities = [ask.answer, ask.trace, *(r.answer for r in ask.readings), *(m.answer for m in ask.misconceptions)]
        named += [asked.net for asked in quantities if asked and asked.net]
    named += [fact.answer.net for fact in question.facts if fact.answer and fact.answer.net]
    for name in named:
        if name not in question.nets:
            raise SheetError("there is no network of that name", where=place, got=name[:60])


def _net(name: str, table: _Table) -> Net:
    symbols = table.plain("symbols", {})
    net = Net(
        name=name,
        layers=table.string("layers"),
        input=table.string("input", ""),
        extends=table.string("extends", ""),
        train=table.string("train", ""),
        symbols={str(key): tuple(values) for key, values in symbols.items()},
    )
    if not net.input and not net.extends:
        raise SheetError("input is missing", where=table.place)
    table.finish()
    return net


def _part(table: _Table, languages: tuple[str, ...]) -> Part:
    part = Part(
        id=table.string("id"),
        title=table.localized("title", languages),
        text=table.localized("text", languages),
        reading=table.localized("reading", languages, optional=True),
    )
    table.finish()
    return part


def _ask(table: _Table, languages: tuple[str, ...]) -> Ask:
    kind = table.string("kind")
    if kind not in KINDS:
        raise SheetError(f"kind must be one of {', '.join(KINDS)}", where=table.place, got=kind[:40])
    is_text = kind == "text"
    ask = Ask(
        id=table.string("id"),
        kind=kind,
        marks=table.number("marks"),
        text=table.localized("text", languages),
        answer=None if is_text else table.asked("answer"),
        trace=table.asked("trace"),
        golden=table.plain("golden"),
        trace_golden=tuple(table.plain("trace_golden", ())),
        claim=_claim(table.table("claim"), languages) if table.has("claim") else None,
        readings=tuple(_reading(reading, languages) for reading in table.tables("accept")),
        misconceptions=tuple(_misconception(slip, languages) for slip in table.tables("misconception")),
        model=table.localized("model", languages) if is_text else {},
        rubric=tuple(_rubric(point, languages) for point in table.tables("rubric")),
        split=table.plain("split", {}),
        follow=table.plain("follow", {}),
    )
    if not is_text and ask.answer is None:
        raise SheetError("answer is missing", where=table.place)
    table.finish()
    return ask


def _claim(table: _Table, languages: tuple[str, ...]) -> Claim:
    claim = Claim(
        value=table.plain("value"),
        trace=tuple(table.plain("trace", ())),
        verdict=table.string("verdict", ""),
        note=table.localized("note", languages, optional=True),
    )
    table.finish()
    return claim


def _reading(table: _Table, languages: tuple[str, ...]) -> Reading:
    answer = table.asked("answer")
    if answer is None:
        raise SheetError("answer is missing", where=table.place)
    reading = Reading(
        answer=answer,
        credit=table.number("credit", 1.0),
        note=table.localized("note", languages),
        golden=table.plain("golden"),
        needs_label=table.strings("needs_label", ()),
    )
    table.finish()
    return reading


def _misconception(table: _Table, languages: tuple[str, ...]) -> Misconception:
    answer = table.asked("answer")
    slip = Misconception(
        id=table.string("rule") if table.has("rule") else table.string("id"),
        answer=answer,
        text=table.localized("text", languages, optional=answer is None),
        credit=table.number("credit") if table.has("credit") else None,
    )
    table.finish()
    return slip


def _rubric(table: _Table, languages: tuple[str, ...]) -> RubricPoint:
    point = RubricPoint(table.localized("point", languages), required=table.flag("required"), red_flag=table.flag("red_flag"))
    table.finish()
    return point


def _fact(table: _Table, languages: tuple[str, ...]) -> Fact:
    fact = Fact(table.string("id"), table.localized("text", languages), table.asked("answer"), table.plain("golden"))
    table.finish()
    return fact
