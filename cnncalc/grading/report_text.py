"""Grades for a terminal: one submission with its feedback, a class as a table and what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.grading.statistics import ClassStatistics, statistics_of
from cnncalc.render.bidi import right_to_left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "total": "total",
        "pending": "for a human to mark",
        "refused": "refused",
        "unread": "not asked about",
        "class": "{graded} graded, {refused} refused; mean {mean}, median {median} of {max}",
        "right": "right",
        "mean": "mean share",
        "slips": "slips",
        "unexplained": "not explained yet",
        "submission": "submission",
        "stopped": "The work was {stopped}; the rest is not graded.",
        "accepted": "accepted",
        "carried": "carried forward",
        "slip": "slip",
        "malformed": "ask again",
        "missing": "missing",
        "human": "to be marked",
    },
    "fa": {
        "total": "جمع",
        "pending": "با مصحح",
        "refused": "رد شده",
        "unread": "در سؤال‌ها نیست",
        "class": "{graded} تصحیح‌شده، {refused} رد شده؛ میانگین {mean}، میانه {median} از {max}",
        "right": "درست",
        "mean": "میانگین سهم",
        "slips": "لغزش‌ها",
        "unexplained": "هنوز بی‌توضیح",
        "submission": "پاسخ‌برگ",
        "stopped": "کار نیمه‌تمام ماند ({stopped})؛ بقیه تصحیح نشده‌اند.",
        "accepted": "پذیرفته",
        "carried": "خطای پیشین",
        "slip": "لغزش",
        "malformed": "دوباره بپرسید",
        "missing": "بی‌پاسخ",
        "human": "با مصحح",
    },
}


def as_text(grades: Grades, language: str) -> str:
    """A single submission with its feedback; several as a list, and the class behind it."""
    lines = list(_one(grades.graded[0], language)) if len(grades.graded) == 1 else list(_class(grades, language))
    if grades.stopped:
        lines.append(_line(WORDS[language]["stopped"].replace("{stopped}", grades.stopped), language))
    return "\n".join(lines) + "\n"


def _one(graded: Graded, language: str) -> Iterator[str]:
    words = WORDS[language]
    if graded.problem:
        yield f"{graded.student}: {words['refused']}: {graded.problem}"
        return
    for ask in graded.asks:
        yield f"{ask.id}   {_number(ask.marks)} / {_number(ask.max)}"
        yield "   " + _line(ask.feedback[language], language)
    yield _line(f"{words['total']}: {_number(graded.total)} / {_number(graded.max)}", language)
    if graded.pending:
        yield _line(f"{words['pending']}: {_number(graded.pending)}", language)
    if graded.unread:
        yield _line(f"{words['unread']}: {', '.join(graded.unread)}", language)


def _class(grades: Grades, language: str) -> Iterator[str]:
    words = WORDS[language]
    width = max((len(graded.student) for graded in grades.graded), default=1)
    for graded in grades.graded:
        marks = f"{_number(graded.total):>8} / {_number(graded.max)}"
        pending = f"   {words['pending']}: {_number(graded.pending)}" if graded.pending and not graded.problem else ""
        told = f"   {words['refused']}: {graded.problem}" if graded.problem else pending
        yield f"{graded.student:<{width}}{marks}{told}"
    statistics = statistics_of(grades)
    yield ""
    yield _line(class_line(grades, statistics, language), language)
    for ask in statistics.asks:
        yield ""
        yield f"{ask.id}   {words['right']}: {ask.verdicts['right']}   {words['mean']}: {100 * ask.mean:.0f} %"
        for name, counted in ((words["slips"], ask.slips), (words["unexplained"], ask.unexplained)):
            if counted:
                yield f"   {name}: " + ", ".join(f"{what} ({count})" for what, count in counted)


def class_line(grades: Grades, statistics: ClassStatistics, language: str) -> str:
    """How many were graded and refused, and the mean and the median of their marks."""
    figures = (statistics.graded, statistics.refused, statistics.mean, statistics.median, grades.max)
    told = WORDS[language]["class"]
    for name, figure in zip(("graded", "refused", "mean", "median", "max"), figures, strict=True):
        told = told.replace("{" + name + "}", _number(figure))
    return told


def _line(text: str, language: str) -> str:
    return right_to_left(text) if language == "fa" else text


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
