"""Grades as JUnit XML: a suite a submission, a case an ask, its marks as properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded
    from cnncalc.grading.judging import Judgement

#: What XML 1.0 has no place for.
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(grades: Grades, language: str) -> Iterator[str]:
    """The document, in pieces: no full marks is a failure, what a human marks is skipped, what can't be read is an error."""
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name={_quoted(grades.name)}>\n'
    for graded in grades.graded:
        yield "\n".join(_suite(graded, grades.name, language)) + "\n"
    yield "</testsuites>\n"


def _suite(graded: Graded, sheet: str, language: str) -> Iterator[str]:
    refused = len(graded.asks) if graded.problem else 0
    skipped = sum(ask.verdict == "human" for ask in graded.asks)
    failed = sum(ask.credit < 1 and ask.verdict != "human" for ask in graded.asks) - refused
    yield (
        f"<testsuite name={_quoted(graded.student)} tests={_quoted(len(graded.asks))} failures={_quoted(failed)} "
        f"errors={_quoted(refused)} skipped={_quoted(skipped)}>"
    )
    yield (
        f"<properties><property name={_quoted('total')} value={_quoted(graded.total)}/>"
        f"<property name={_quoted('max')} value={_quoted(graded.max)}/></properties>"
    )
    for ask in graded.asks:
        yield from _case(ask, graded, sheet, language)
    yield "</testsuite>"


def _case(ask: Judgement, graded: Graded, sheet: str, language: str) -> Iterator[str]:
    yield f"<testcase classname={_quoted(f'{sheet}.{graded.student}')} name={_quoted(ask.id)}>"
    properties = {"credit": ask.credit, "marks": ask.marks, "max": ask.max, "verdict": ask.verdict, "slips": " ".join(ask.slips)}
    inside = "".join(f"<property name={_quoted(name)} value={_quoted(value)}/>" for name, value in properties.items())
    yield f"<properties>{inside}</properties>"
    if graded.problem:
        yield f"<error message={_quoted(graded.problem)}/>"
    elif ask.verdict == "human":
        yield f"<skipped message={_quoted(ask.feedback[language])}/>"
    elif ask.credit < 1:
        yield f"<failure type={_quoted(ask.verdict)} message={_quoted(ask.feedback[language])}/>"
    else:
        yield f"<system-out>{escape(_UNPRINTABLE.sub('', ask.feedback[language]))}</system-out>"
    yield "</testcase>"


def _quoted(value: object) -> str:
    return quoteattr(_UNPRINTABLE.sub("", str(value)))
