"""Reading sheets: TOML to the model, every part checked, every error with its place."""

from __future__ import annotations

import os
import re

from cnncalc.sheets.files import SheetError, beside, homework_folder, name_of, stem_of
from cnncalc.sheets.model import Ask, Claim, Fact, Misconception, Net, Option, Part, Question, Reading, RubricPoint, Sheet
from cnncalc.sheets.table import Table, read_table

FORMAT = "cnncalc.sheet/1"
KINDS = ("shape", "count", "side", "pixels", "channels", "poly", "choice", "text")
LANGUAGES = ("en", "fa")
#: Names of sheets, questions, asks and options: they stand in file names, node ids and reports.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")

#: The homework's sheet, installed inside the package.
HOMEWORK = "hw3"


def load_homework(only: str = "") -> Sheet:
    """The homework that cnncalc answers; see `load`."""
    return load(os.path.join(homework_folder(), f"{HOMEWORK}.toml"), only)


def load(file: str | os.PathLike[str], only: str = "") -> Sheet:
    """The sheet in a file, with the files it includes, each named after its question. Raises SheetError.

    With `only`, the name of a question or of a part of one, other questions' files are left unread.
    """
    path = os.fspath(file)
    table = Table(read_table(path), name_of(path))
    _check_format(table)
    head = table.table("sheet")
    languages = _languages(head)
    questions = [_question(q, languages) for q in table.tables("question")]
    for name in head.strings("include", default=()):
        if "/" in name or "\\" in name or name.startswith("."):
            raise SheetError("an included file stands beside the sheet", where=name_of(path), got=name[:60])
        if only and not f"{only}.".startswith(f"{stem_of(name)}."):
            continue
        questions += _included(beside(path, name), languages)
    sheet = Sheet(
        id=_name(head, "id"),
        version=head.integer("version"),
        title=head.localized("title", languages),
        languages=languages,
        policy=head.dictionary("policy", (str, int, float, bool), "a text, a number, or true or false"),
        questions=tuple(questions),
    )
    head.finish()
    table.finish()
    if not questions and not only:
        raise SheetError("a sheet has a [[question]]", where=name_of(path))
    _check_unique([question.id for question in questions], "question", name_of(path))
    _check_unique([ask.id for question in questions for ask in question.asks], "ask", name_of(path))
    return sheet


def _languages(head: Table) -> tuple[str, ...]:
    languages = head.strings("languages", default=LANGUAGES)
    if not languages or not set(languages) <= set(LANGUAGES):
        raise SheetError(f"languages are among {', '.join(LANGUAGES)}", where=head.place, got=", ".join(languages)[:40])
    return languages


def _included(path: str, languages: tuple[str, ...]) -> list[Question]:
    """The questions of a file beside the sheet."""
    table = Table(read_table(path), name_of(path))
    _check_format(table)
    found = [_question(q, languages) for q in table.tables("question")]
    table.finish()
    for question in found:
        if question.id != stem_of(path):
            raise SheetError("an included file is named after its question", where=name_of(path), got=question.id)
    return found


def _check_format(table: Table) -> None:
    if table.string("format") != FORMAT:
        raise SheetError(f'format must be "{FORMAT}"', where=table.place)


def _check_unique(ids: list[str], kind: str, place: str) -> None:
    for name in ids:
        if ids.count(name) > 1:
            raise SheetError(f"each {kind} needs an id of its own", where=place, got=name)


def _name(table: Table, key: str) -> str:
    """An id, in letters that are safe wherever it will stand."""
    name = table.string(key)
    if not _NAME.fullmatch(name) or ".." in name:
        raise SheetError(f"{key} is letters, digits, _, - and . only", where=table.place, got=repr(name[:40]))
    return name


def _question(table: Table, languages: tuple[str, ...]) -> Question:
    name = _name(table, "id")
    params: dict[str, int] = {}
    variants: dict[str, tuple[int, ...]] = {}
    for param, entry in table.named_tables("params").items():
        params[param] = entry.integer("default")
        variants[param] = entry.integers("variants")
        entry.finish()
    question = Question(
        id=name,
        marks=table.marks("marks"),
        title=table.localized("title", languages),
        text=table.localized("text", languages),
        params=params,
        variants=variants,
        variant_rules=_variant_rules(table),
        nets={net: _net(net, entry) for net, entry in table.named_tables("net").items()},
        parts=tuple(_part(part, languages) for part in table.tables("part")),
        asks=tuple(_ask(ask, languages) for ask in table.tables("ask")),
        facts=tuple(_fact(fact, languages) for fact in table.tables("fact")),
    )
    table.finish()
    _check_references(question, table.place)
    return question


def _variant_rules(table: Table) -> dict[str, tuple[str, ...]]:
    if not table.has("variant_rules"):
        return {}
    rules = table.table("variant_rules")
    found = {key: rules.strings(key) for key in ("distinct", "not_equal_to_right") if rules.has(key)}
    rules.finish()
    return found


def _check_references(question: Question, place: str) -> None:
    """Every network that is named must be declared, and an ask's id begin with its question's."""
    named = [net.extends for net in question.nets.values() if net.extends]
    for ask in question.asks:
        if ask.id != question.id and not ask.id.startswith(f"{question.id}."):
            raise SheetError(f"the id of an ask begins with {question.id}.", where=place, got=ask.id)
        quantities = [ask.answer, ask.trace, *(r.answer for r in ask.readings), *(m.answer for m in ask.misconceptions)]
        named += [asked.net for asked in quantities if asked and asked.net]
    named += [fact.answer.net for fact in question.facts if fact.answer and fact.answer.net]
    for name in named:
        if name not in question.nets:
            known = ", ".join(question.nets) or "none is declared"
            raise SheetError("there is no network of that name", where=place, got=name[:60], remedy=f"known: {known}")


def _net(name: str, table: Table) -> Net:
    symbols = table.table("symbols") if table.has("symbols") else None
    net = Net(
        name=name,
        layers=table.string("layers"),
        input=table.string("input", ""),
        extends=table.string("extends", ""),
        train=table.string("train", ""),
        symbols={} if symbols is None else {symbol: symbols.integers(symbol) for symbol in symbols.names()},
    )
    if not net.input and not net.extends:
        raise SheetError("input is missing", where=table.place)
    table.finish()
    return net


def _part(table: Table, languages: tuple[str, ...]) -> Part:
    part = Part(
        id=_name(table, "id"),
        title=table.localized("title", languages),
        text=table.localized("text", languages),
        reading=table.localized("reading", languages, optional=True),
    )
    table.finish()
    return part


def _ask(table: Table, languages: tuple[str, ...]) -> Ask:
    kind = table.string("kind")
    if kind not in KINDS:
        raise SheetError(f"kind must be one of {', '.join(KINDS)}", where=table.place, got=kind[:40])
    is_text, is_choice = kind == "text", kind == "choice"
    ask = Ask(
        id=_name(table, "id"),
        kind=kind,
        marks=table.marks("marks"),
        text=table.localized("text", languages),
        answer=None if is_text or is_choice else table.asked("answer"),
        trace=table.asked("trace"),
        golden=table.value("golden"),
        trace_golden=table.integers("trace_golden"),
        claim=_claim(table.table("claim"), languages) if table.has("claim") else None,
        readings=tuple(_reading(reading, languages) for reading in table.tables("accept")),
        misconceptions=tuple(_misconception(slip, languages) for slip in table.tables("misconception")),
        model=table.localized("model", languages) if is_text else {},
        rubric=tuple(_rubric(point, languages) for point in table.tables("rubric")),
        split=table.dictionary("split", (int, float), "a share of the marks"),
        follow=table.dictionary("follow", (str,), "the id of an earlier ask"),
        options=tuple(_option(option, languages) for option in table.tables("option")) if is_choice else (),
    )
    if is_choice:
        _check_options(ask, table.place)
    elif not is_text and ask.answer is None:
        raise SheetError("answer is missing", where=table.place)
    table.finish()
    return ask


def _option(table: Table, languages: tuple[str, ...]) -> Option:
    right = table.flag("right")
    option = Option(
        id=_name(table, "id"),
        text=table.localized("text", languages),
        right=right,
        credit=table.share("credit", 1.0 if right else 0.0),
        note=table.localized("note", languages, optional=True),
    )
    table.finish()
    return option


def _check_options(ask: Ask, place: str) -> None:
    """A choice has at least two options, each with its own id in either case of letters, one of them right."""
    _check_unique([option.id.lower() for option in ask.options], "option", place)
    if len(ask.options) < 2:  # noqa: PLR2004 - fewer is no choice
        raise SheetError('a choice has two or more [[question.ask.option]], each with "id" and "text"', where=place)
    right = [option for option in ask.options if option.right]
    if len(right) != 1 or right[0].credit != 1:
        raise SheetError("one option of a choice is right = true, with the full credit", where=place, got=f"{len(right)}")


def _claim(table: Table, languages: tuple[str, ...]) -> Claim:
    claim = Claim(
        value=table.value("value"),
        trace=table.integers("trace"),
        verdict=table.string("verdict", ""),
        note=table.localized("note", languages, optional=True),
    )
    table.finish()
    return claim


def _reading(table: Table, languages: tuple[str, ...]) -> Reading:
    answer = table.asked("answer")
    if answer is None:
        raise SheetError("answer is missing", where=table.place)
    reading = Reading(
        answer=answer,
        credit=table.share("credit", 1.0),
        note=table.localized("note", languages),
        golden=table.value("golden"),
        needs_label=table.strings("needs_label", ()),
    )
    table.finish()
    return reading


def _misconception(table: Table, languages: tuple[str, ...]) -> Misconception:
    answer = table.asked("answer")
    slip = Misconception(
        id=_name(table, "rule" if table.has("rule") else "id"),
        answer=answer,
        text=table.localized("text", languages, optional=answer is None),
        credit=table.share("credit", 0.0) if table.has("credit") else None,
        collides=table.flag("collides"),
    )
    table.finish()
    return slip


def _rubric(table: Table, languages: tuple[str, ...]) -> RubricPoint:
    point = RubricPoint(table.localized("point", languages), required=table.flag("required"), red_flag=table.flag("red_flag"))
    table.finish()
    return point


def _fact(table: Table, languages: tuple[str, ...]) -> Fact:
    fact = Fact(_name(table, "id"), table.localized("text", languages), table.asked("answer"), table.value("golden"))
    table.finish()
    return fact
