"""Handing a sheet out: what stands on a student's sheet, the form for the answers, and files that are whole or not there.

An issued sheet holds questions and parameters only. No answer, reading, slip or rubric leaves the teacher's file.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.sheets.answering import Wording
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.variants import STUDENT, parameters_of, variant_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cnncalc.sheets.model import Ask, Question, Sheet

FORMAT = "cnncalc.issued/1"
MOST_SECRET_BYTES = 1 << 16
MOST_STUDENTS = 100_000

#: How an answer of each kind is written, in the form. The numbers are nobody's answer.
HOW: dict[str, dict[str, str]] = {
    "shape": {"en": "a shape, as 3x32x32", "fa": "یک شکل، مانند 3x32x32"},
    "count": {"en": "a number", "fa": "یک عدد"},
    "side": {"en": "a side, as 7 or 7x7", "fa": "یک ضلع، مانند 7 یا 7x7"},
    "pixels": {"en": "a number", "fa": "یک عدد"},
    "channels": {"en": "a number", "fa": "یک عدد"},
    "poly": {"en": "a formula, as 2*N + 1", "fa": "یک فرمول، مانند 2*N + 1"},
    "choice": {"en": "the letter of an option", "fa": "حرف یک گزینه"},
    "text": {"en": "in your own words", "fa": "به بیان خودتان"},
}
FORM: dict[str, tuple[str, ...]] = {
    "en": (
        "Write your answers between the quotation marks and hand this file in.",
        "The lines above [answers] stay as they are. What you leave empty counts as not answered.",
        "Place and steps are optional: where a value holds, and the values on the way to it.",
    ),
    "fa": (
        "پاسخ‌ها را میان دو علامت نقل قول بنویسید و همین فایل را تحویل دهید.",
        "خط‌های بالای [answers] را تغییر ندهید. جای خالی به معنای بی‌پاسخ است.",
        "place و steps اختیاری‌اند: محلی که مقدار برای آن است، و مقدارهای میانی.",
    ),
}


def issued(sheet: Sheet, student: str, variant: Mapping[str, int], language: str) -> dict[str, Any]:
    """A student's sheet in one language, as plain data in the format `cnncalc.issued/1`."""
    if language not in sheet.languages:
        raise SheetError("the sheet is not written in that language", got=language, remedy=", ".join(sheet.languages))
    params = parameters_of(sheet, variant)
    title = Wording(language, {}, persian_digits=True).text(sheet.title)
    return {
        "format": FORMAT,
        "sheet": f"{sheet.id}@{sheet.version}",
        "student": student,
        "variant": variant_text(variant),
        "language": language,
        "title": title,
        "form": form_name(student),
        "questions": [
            _question(question, Wording(language, params[question.id], persian_digits=True)) for question in sheet.questions
        ],
    }


def form_name(student: str) -> str:
    """The name of the file that a student fills in."""
    return f"{student}.toml"


def _question(question: Question, wording: Wording) -> dict[str, Any]:
    parts = [
        {
            "id": part.id,
            "title": wording.text(part.title),
            "text": wording.text(part.text),
            "asks": [_ask(ask, wording) for ask in question.asks if question.part_of(ask) is part],
        }
        for part in question.parts
    ]
    return {
        "id": question.id,
        "title": wording.text(question.title),
        "text": wording.text(question.text),
        "marks": wording.number(question.marks),
        "parts": parts,
        "asks": [_ask(ask, wording) for ask in question.asks if question.part_of(ask) is None],
    }


def _ask(ask: Ask, wording: Wording) -> dict[str, Any]:
    return {
        "id": ask.id,
        "kind": ask.kind,
        "marks": wording.number(ask.marks),
        "text": wording.text(ask.text),
        "how": HOW[ask.kind][wording.language],
        "options": [{"id": option.id, "text": wording.text(option.text)} for option in ask.options],
    }


# -- the form for the answers -------------------------------------------------------------------------------------


def form(sheet: Sheet, student: str, variant: Mapping[str, int], languages: Iterable[str]) -> str:
    """The file that a student fills in: TOML, every ask with an empty answer, its text as a comment."""
    params = parameters_of(sheet, variant)
    languages = tuple(languages)
    lines = [
        'format = "cnncalc.submission/1"',
        f'sheet = "{sheet.id}@{sheet.version}"',
        f'student = "{student}"',
        f'variant = "{variant_text(variant)}"',
        "",
        *(f"# {line}" for language in languages for line in FORM[language]),
    ]
    asks = [(question, ask) for question in sheet.questions for ask in question.asks]
    for heading, of_text in (("answers", False), ("text", True)):
        chosen = [(question, ask) for question, ask in asks if (ask.kind == "text") is of_text]
        if not chosen:
            continue
        lines += ["", f"[{heading}]"]
        for question, ask in chosen:
            for language in languages:
                wording = Wording(language, params[question.id], persian_digits=True)
                words = " ".join(wording.text(ask.text).split())
                lines.append(f"# {words} ({HOW[ask.kind][language]})")
            lines += [f'"{ask.id}" = """', '"""'] if of_text else [f'"{ask.id}" = ""']
    traced = [ask.id for _, ask in asks if ask.trace is not None]
    if traced:
        lines += ["", "[steps]", *(f'"{name}" = []' for name in traced)]
    placed = [ask.id for _, ask in asks if any(reading.needs_label for reading in ask.readings)]
    if placed:
        lines += ["", "[place]", *(f'"{name}" = ""' for name in placed)]
    return "\n".join(lines) + "\n"


# -- students, secret, files --------------------------------------------------------------------------------------


def students(given: str) -> list[str]:
    """The ids of a class: a number of students (s001 …), or a file with an id on each line. Raises SheetError."""
    if given.isascii() and given.isdigit():
        count = int(given) if len(given) < 8 else MOST_STUDENTS + 1  # noqa: PLR2004 - digits of a sane class
        if not 0 < count <= MOST_STUDENTS:
            raise SheetError(f"a class has 1 to {MOST_STUDENTS:,} students", where="--students", got=given[:20])
        return [f"s{number:0{max(3, len(given))}}" for number in range(1, count + 1)]
    try:
        lines = Path(given).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a text in UTF-8"
        raise SheetError("the file of students can't be read", where=given[-60:], got=reason) from None
    ids = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    seen: set[str] = set()
    for name in ids:
        if not STUDENT.fullmatch(name):
            raise SheetError("a student's id has 1 to 32 letters, digits, _ or -", where=given[-60:], got=repr(name[:40]))
        if name.lower() in seen:
            raise SheetError("an id stands there twice", where=given[-60:], got=name)
        seen.add(name.lower())
    if not 0 < len(ids) <= MOST_STUDENTS:
        raise SheetError(f"a class has 1 to {MOST_STUDENTS:,} students", where=given[-60:], got=f"{len(ids)}")
    return ids


def read_secret(given: str | None) -> bytes:
    """The course's secret from a file, without the spaces and line ends around it."""
    if given is None:
        raise SheetError(
            "a sheet with variants needs --secret-file",
            remedy='make a file with: python -c "import secrets; print(secrets.token_hex(32))" > secret.txt',
        )
    path = Path(given)
    try:
        if path.stat().st_size > MOST_SECRET_BYTES:
            raise SheetError("the file of the secret is too large", where=path.name)
        return path.read_bytes().strip()
    except OSError as error:
        raise SheetError("the secret can't be read", where=path.name, got=error.strerror or "") from None


def write_all(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder, each whole or not at all; a new folder appears with all of them at once.

    A file that is there already with another content is not replaced: it may be somebody's answers. Raises SheetError.
    """
    contents = {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    for name, content in contents.items():
        path = folder / name
        if path.exists() and (not path.is_file() or path.read_bytes() != content):
            raise SheetError(
                "a file with another content is there already", where=str(folder), got=name, remedy="choose a new folder"
            )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            stage.chmod(0o755)
            for name, content in contents.items():
                (stage / name).write_bytes(content)
            if folder.exists():
                for name in files:
                    (stage / name).replace(folder / name)
            else:
                stage.rename(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise SheetError("the sheets can't be written", where=str(folder), got=error.strerror or "") from None
