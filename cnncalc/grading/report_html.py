"""Grades as one page without scripts: the class per ask, then every student. Everything is escaped.

Marks that change the order of text never come from an answer; our own isolates become <bdi> elements.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnncalc.grading.report_text import WORDS, class_line
from cnncalc.grading.statistics import AskStatistics, statistics_of
from cnncalc.render.bidi import END, LEFT_TO_RIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnncalc.grading.grade import Grades
    from cnncalc.grading.graded import Graded

STYLE = """\
body{font-family:system-ui,Vazirmatn,Tahoma,sans-serif;line-height:1.5;color:#1a1a1a}
body{max-width:72rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:start;vertical-align:top}
th{background:#f3f3f3}code{direction:ltr;unicode-bidi:isolate}.full{background:#e4f5e4}.part{background:#fdf5d7}.none{background:#fbe3e1}
.wait{background:#e8eefb}summary{cursor:pointer}"""


def as_html(grades: Grades, language: str) -> Iterator[str]:
    """The page, in pieces."""
    title = grades.sheet.title.get(language) or grades.sheet.id
    direction = "rtl" if language == "fa" else "ltr"
    yield f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">\n'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{_text(title)} ({_text(grades.name)})</title><style>{STYLE}</style></head><body>\n"
    yield f"<h1>{_text(title)} <code>{_text(grades.name)}</code></h1>\n"
    yield "\n".join(_class(grades, language))
    for graded in grades.graded:
        yield f"\n{_student(graded, language)}"
    yield "\n</body></html>\n"


def _class(grades: Grades, language: str) -> Iterator[str]:
    """What the class shows, ask by ask."""
    words = WORDS[language]
    statistics = statistics_of(grades)
    yield f"<p>{_text(class_line(grades, statistics, language))}</p>"
    if grades.stopped:
        yield f"<p>{_text(words['stopped'].replace('{stopped}', grades.stopped))}</p>"
    verdicts = ("right", "accepted", "carried", "slip", "unexplained", "malformed", "missing", "human")
    headings = ["", *(words[verdict] for verdict in verdicts), words["mean"], words["slips"], words["unexplained"]]
    yield "<table><thead>" + _row("th", headings) + "</thead><tbody>"
    for ask in statistics.asks:
        yield _ask(ask, verdicts)
    yield "</tbody></table>"


def _ask(ask: AskStatistics, verdicts: tuple[str, ...]) -> str:
    counts = [str(ask.verdicts[verdict] or "") for verdict in verdicts]
    cells = [
        _cell(f"<code>{_text(ask.id)}</code>"),
        *(_cell(_text(count)) for count in counts),
        _cell(f"{100 * ask.mean:.0f}&nbsp;%"),
    ]
    for counted in (ask.slips, ask.unexplained):
        listed = [f"<code>{_text(what)}</code>&nbsp;({count})" for what, count in counted]
        cells.append(_cell("<br>".join(listed)))
    return f"<tr>{''.join(cells)}</tr>"


def _student(graded: Graded, language: str) -> str:
    """One student's marks and feedback, folded."""
    words = WORDS[language]
    head = f"<code>{_text(graded.student)}</code> {graded.total:.4g} / {graded.max:.4g}"
    if graded.problem:
        return f"<details><summary>{head}: {_text(words['refused'])}</summary><p><bdi>{_text(graded.problem)}</bdi></p></details>"
    if graded.pending:
        head += f" ({_text(words['pending'])}: {graded.pending:.4g})"
    rows = []
    for ask in graded.asks:
        state = "wait" if ask.verdict == "human" else "full" if ask.credit >= 1 else "part" if ask.credit > 0 else "none"
        cells = [
            _cell(f"<code>{_text(ask.id)}</code>"),
            _cell(f"{ask.marks:.4g} / {ask.max:.4g}", state),
            _cell(f"<bdi>{_text(ask.answer)}</bdi>"),
            _cell(_text(ask.feedback[language])),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    unread = f"<p>{_text(words['unread'])}: <code>{_text(', '.join(graded.unread))}</code></p>" if graded.unread else ""
    return f"<details><summary>{head}</summary><table><tbody>{''.join(rows)}</tbody></table>{unread}</details>"


def _row(element: str, texts: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{element}>{_text(text)}</{element}>" for text in texts) + "</tr>"


def _cell(content: str, state: str = "") -> str:
    return f'<td class="{state}">{content}</td>' if state else f"<td>{content}</td>"


def _text(text: str) -> str:
    """A text escaped, with isolated left-to-right pieces as elements."""
    return escape(text, quote=True).replace(LEFT_TO_RIGHT, '<bdi dir="ltr">').replace(END, "</bdi>")
