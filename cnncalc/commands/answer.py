"""`cnncalc answer`: the worked answers of the homework, or of a teacher's own sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.commands.outputs import print_json, progress, width
from cnncalc.errors import DisagreementError, SpecError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from cnncalc.sheets.model import Sheet
    from cnncalc.sheets.verification import Verifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="[SHEET.toml] [QUESTION]",
        help="q1, q2, q3, p1, all, or a part such as q2.4 (default: all); after a sheet's file: of that sheet",
    )
    parser.add_argument("--lang", choices=["en", "fa"], default="en", help="the language of the texts (default: en)")
    parser.add_argument("--format", choices=["text", "markdown", "html", "json"], default="text", help="default: text")
    parser.add_argument("--verify", action="store_true", help="run torch on the twin of every network and check every number")
    parser.add_argument("--digits", choices=["persian", "latin"], default="persian", help="digits in Persian prose")
    parser.add_argument(
        "--bidi",
        choices=["terminal", "visual"],
        default="terminal",
        help="leave right-to-left order to the terminal, or lay it out for one that has none",
    )


def run(given: argparse.Namespace) -> None:
    """The worked answers of the homework, or of a teacher's own sheet."""
    from cnncalc.sheets.answering import answer
    from cnncalc.sheets.record import load_record

    path, question = _sheet_and_question(given.what)
    sheet, question = _loaded(path, question)
    everything = question == "all"
    record = None if path else load_record()
    persian_digits = given.digits == "persian"
    names = [q.id for q in sheet.questions] if everything else [question]
    steps = sum(q.checks(name) for q in sheet.questions for name in names) if given.verify else 0
    with progress("checking with torch", steps) as advance:
        docs = [
            answer(
                sheet,
                name,
                language=given.lang,
                persian_digits=persian_digits,
                verifier=_verifier(advance) if given.verify else None,
                record=record,
            )
            for name in names
        ]
    _print_answers(docs, given.format, given.bidi, several=everything)
    disagreements = [line for doc in docs for line in doc["verification"].get("disagreements", ())]
    if disagreements:
        raise DisagreementError(
            "torch gives other numbers", got=disagreements[0], remedy="please report this with the command you ran"
        )


def _sheet_and_question(words: list[str]) -> tuple[str, str]:
    """What `answer` was given: the file of a sheet, empty for the homework, and the name of a question, or all."""
    path = words[0] if words and words[0].lower().endswith(".toml") else ""
    names = words[1:] if path else words
    if len(names) > 1:
        raise SpecError("one question is answered at a time, or all", where="answer", got=" ".join(names)[:60])
    question = names[0] if names else "all"
    return path, "all" if question.lower() == "all" else question


def _loaded(path: str, question: str) -> tuple[Sheet, str]:
    """The sheet that is asked, and the question's name as the sheet writes it."""
    from cnncalc.sheets.loader import load, load_homework

    if path:
        sheet = load(path)
    else:
        sheet = load_homework("" if question == "all" else question.lower())
        sheet = sheet if sheet.questions else load_homework()
    names = [name for q in sheet.questions for name in (q.id, *(ask.id for ask in q.asks), *(part.id for part in q.parts))]
    return sheet, {name.lower(): name for name in names}.get(question.lower(), question)


def _verifier(advance: Callable[[], None]) -> Verifier:
    """Torch made ready to check one question."""
    from cnncalc.sheets.verification import Verifier

    return Verifier(advance)


def _print_answers(docs: list[dict[str, Any]], form: str, bidi: str, *, several: bool) -> None:
    if form == "json":
        print_json({"format": docs[0]["format"], "questions": docs} if several else docs[0])
    elif form == "html":
        from cnncalc.render.answer_html import as_html

        print(as_html(docs), end="")
    elif form == "markdown":
        from cnncalc.render.answer_markdown import as_markdown

        print("\n".join(as_markdown(doc) for doc in docs), end="")
    else:
        from cnncalc.render.answer_text import as_text

        columns = width()
        text = "\n\n".join(as_text(doc, columns) for doc in docs)
        if bidi == "visual":
            from cnncalc.render.bidi import visual

            text = visual(text, columns) + "\n"
        print(text, end="")
