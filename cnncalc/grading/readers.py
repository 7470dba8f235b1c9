"""Reading submissions: TOML, JSON, a class in one CSV, and lines in Markdown and notebooks. All is read as text, nothing is run.

What is wrong with a file refuses that file, with the reason; it is never an error of the program.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from cnncalc.grading.answer_lines import from_lines, notebook_text
from cnncalc.grading.answers import split_steps
from cnncalc.grading.class_csv import rows
from cnncalc.grading.files import MAX_CSV_BYTES, SUFFIXES, Source, SubmissionError, is_id, read_text
from cnncalc.grading.submission import FORMAT, Submission, parse_variant

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How deep keys and tables may be nested, and how many answers there may be.
MAX_DOTS = 8
MAX_NESTING = 20
MAX_KEYS = 200

_TABLES = ("answers", "steps", "place", "text")
_KNOWN = ("format", "sheet", "student", "variant", *_TABLES)
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


def load(source: Source) -> Iterator[Submission]:
    """The submissions in a file: one, or one a row of a CSV. A file that is refused gives one with its problem."""
    try:
        yield from _load(source)
    except SubmissionError as error:
        yield Submission(source.id, problem=str(error))
    except RecursionError:
        yield Submission(source.id, problem="the file is nested too deeply")


def _load(source: Source) -> Iterator[Submission]:
    if source.suffix == ".csv":
        yield from rows(read_text(source, MAX_CSV_BYTES))
    elif source.suffix == ".toml":
        yield _from_table(_toml(read_text(source)), source)
    elif source.suffix == ".json":
        yield _from_table(_json(read_text(source)), source)
    elif source.suffix in {".md", ".ipynb"}:
        text = read_text(source)
        yield from_lines(notebook_text(_json(text)) if source.suffix == ".ipynb" else text, source)
    elif source.suffix == ".zip":
        raise SubmissionError("archives are not opened", remedy=f"hand in the file inside it: {', '.join(SUFFIXES)}")
    else:
        raise SubmissionError("a submission's name ends in " + ", ".join(SUFFIXES), got=repr(source.suffix[:12]))


# -- TOML and JSON ----------------------------------------------------------------------------------------------

#: Strings and comments of TOML, in which dots and brackets mean nothing; one that is never closed goes to the end.
_QUOTED = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'{3,5}|\Z)'
    r'|"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\Z)|\'[^\'\n]*+(?:\'|(?=\n)|\Z)|#[^\n]*+',
    re.DOTALL,
)
_MANY_DOTS = re.compile(rf"(?:[A-Za-z0-9_+-]++[ \t]*+\.[ \t]*+){{{MAX_DOTS + 1}}}")


def _toml(text: str) -> dict[str, Any]:
    """The tables of a TOML file; keys of thousands of parts would take the parser minutes, so they are looked for before."""
    bare = _QUOTED.sub(lambda match: " " if match.group().startswith("#") else "s", text)
    if _MANY_DOTS.search(bare):
        raise SubmissionError(f"a key may have {MAX_DOTS} dots")
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise SubmissionError("the file is nested too deeply")
    try:
        # Floats stay text: 55.018 is to be asked about, not to be rounded.
        return tomllib.loads(text, parse_float=str)
    except ValueError as error:
        raise SubmissionError("the file is not TOML", got=str(error)[:100]) from None


def _json(text: str) -> Any:
    """A JSON document, its numbers as they are written."""

    def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise SubmissionError("a key stands twice in the same object")
        return dict(pairs)

    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=without_twins)
    except ValueError as error:
        raise SubmissionError("the file is not JSON", got=str(error)[:100]) from None


def _from_table(data: Any, source: Source) -> Submission:
    """The submission that a TOML or JSON document holds."""
    if not isinstance(data, dict):
        raise SubmissionError("the document is a table with [answers]")
    unknown = [key for key in data if key not in _KNOWN]
    if unknown:
        raise SubmissionError(f"the tables of a submission are {', '.join(_KNOWN)}", got=", ".join(unknown)[:60])
    if data.get("format", FORMAT) != FORMAT:
        raise SubmissionError(f'format must be "{FORMAT}"', got=repr(data["format"])[:40])
    student = data.get("student", source.id)
    if not isinstance(student, str) or not is_id(student):
        raise SubmissionError("student is an id of 1 to 32 letters, digits, _ and -", got=repr(student)[:40])
    sheet = data.get("sheet", "")
    if not isinstance(sheet, str):
        raise SubmissionError('sheet is a text such as "hw3@1"')
    tables = {name: dict(_leaves(data.get(name, {}), name)) for name in _TABLES}
    if sum(map(len, tables.values())) > MAX_KEYS:
        raise SubmissionError(f"a submission may have {MAX_KEYS} answers", got=str(sum(map(len, tables.values()))))
    return Submission(
        student=student,
        sheet=sheet[:80],
        variant=parse_variant(data.get("variant", "")),
        answers={key: _written(value) for key, value in tables["answers"].items()},
        steps={key: _steps(value) for key, value in tables["steps"].items()},
        place={key: _written(value) for key, value in tables["place"].items()},
        text={key: _written(value) for key, value in tables["text"].items()},
    )


def _leaves(table: Any, prefix: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The values of a table by dotted key: `q2.1.shape = …` in TOML is a table in a table unless its key is quoted."""
    if not isinstance(table, dict):
        raise SubmissionError(f"{prefix} is a table of answers by id")
    for key, value in table.items():
        full = (*path, key)
        name = ".".join(full)
        if name.count(".") > MAX_DOTS:
            raise SubmissionError(f"a key may have {MAX_DOTS} dots")
        if len(name) > 64 or not _KEY.fullmatch(name):  # noqa: PLR2004 - as long as an id may be
            raise SubmissionError("the id of an ask is letters, digits, _, - and .", where=prefix, got=repr(name[:40]))
        if isinstance(value, dict):
            yield from _leaves(value, prefix, full)
        else:
            yield name, value


def _written(value: Any) -> str:
    """A value as the text that a student might have typed."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(_written(item) for item in value)}]"
    return str(value)


def _steps(value: Any) -> list[str]:
    """Steps as texts, from a list or from one text."""
    if isinstance(value, list):
        return [_written(item) for item in value]
    return split_steps(_written(value))
