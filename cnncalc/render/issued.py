"""A student's sheet as Markdown, HTML, LaTeX or PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.render.answer import Block
from cnncalc.render.answer_html import page
from cnncalc.render.answer_markdown import document
from cnncalc.render.bidi import isolated_formulas
from cnncalc.render.issued_latex import as_latex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "marks": "marks",
        "sheet": "Sheet",
        "student": "Student",
        "variant": "Variant",
        "joint": "; ",
        "hand_in": "Write your answers into the file {form} and hand it in.",
        "own": "The numbers on this sheet are yours; others have other numbers.",
    },
    "fa": {
        "marks": "نمره",
        "sheet": "برگه",
        "student": "دانشجو",
        "variant": "گونه",
        "joint": "؛ ",
        "hand_in": "پاسخ‌ها را در فایل {form} بنویسید و تحویل دهید.",
        "own": "عددهای این برگه از آنِ شماست؛ دیگران عددهای دیگری دارند.",
    },
}


def blocks(doc: dict[str, Any]) -> list[Block]:
    """The blocks of a sheet in the format `cnncalc.issued/1`."""
    found = list(_blocks(doc))
    if doc["language"] != "fa":
        return found
    isolated = {block: tuple(map(isolated_formulas, block.texts)) for block in found if block.kind != "formulas"}
    return [block._replace(texts=isolated.get(block, block.texts)) for block in found]


def _blocks(doc: dict[str, Any]) -> Iterator[Block]:
    words = WORDS[doc["language"]]
    sheet, student = f"{words['sheet']} {doc['sheet']}", f"{words['student']} {doc['student']}"
    yield Block("title", (doc["title"], f"{sheet} · {student}"))
    yield Block("prose", (words["hand_in"].format(form=doc["form"]),))
    if doc["variant"]:
        yield Block("prose", (words["own"],))
        yield Block("formulas", (f"variant = {doc['variant']}",))
    for question in doc["questions"]:
        yield Block("heading", (f"{question['id'].upper()}  {question['title']} ({question['marks']} {words['marks']})",))
        yield Block("prose", (question["text"],))
        for part in question["parts"]:
            yield Block("subheading", (f"{part['id']}  {part['title']}",))
            yield Block("prose", (part["text"],))
            for ask in part["asks"]:
                yield from _ask(ask, words)
        for ask in question["asks"]:
            yield from _ask(ask, words)


def _ask(ask: dict[str, Any], words: dict[str, str]) -> Iterator[Block]:
    yield Block("labelled", (f"{ask['text']} ({ask['marks']} {words['marks']}{words['joint']}{ask['how']})",), ask["id"])
    if ask["options"]:
        yield Block("bullets", tuple(f"{option['id']}: {option['text']}" for option in ask["options"]))


def _markdown(doc: dict[str, Any]) -> str:
    return document(blocks(doc), doc["language"])


def _html(doc: dict[str, Any]) -> str:
    return page(blocks(doc), doc["language"], doc["title"])


def _latex(doc: dict[str, Any]) -> str:
    return as_latex(blocks(doc), doc["language"])


def _pdf(doc: dict[str, Any]) -> bytes:
    from cnncalc.render.issued_typst import as_pdf

    return as_pdf(blocks(doc), doc["language"])


#: How a sheet is written in each format, and the ending of its file.
FORMATS: dict[str, tuple[str, Callable[[dict[str, Any]], str | bytes]]] = {
    "markdown": ("md", _markdown),
    "html": ("html", _html),
    "latex": ("tex", _latex),
    "pdf": ("pdf", _pdf),
}
