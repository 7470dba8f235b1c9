"""What a regrading changed: one JSON report against another, student by student and ask by ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.errors import SpecError
from cnncalc.grading.report_json import FORMAT

#: A report of ten thousand students has some hundred mebibytes.
MAX_BYTES = 1 << 30


class Change(NamedTuple):
    """What changed for one student: in the total (ask "") or in one ask; None where there was or is no entry."""

    student: str
    ask: str
    before: str | None
    after: str | None


def read_report(path: str) -> dict[str, Any]:
    """An earlier JSON report. Raises SpecError."""
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise SpecError("the report is too large", where=Path(path).name)
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SpecError("the earlier report can't be read", where=path[-60:], got=error.strerror or "") from None
    except (ValueError, RecursionError) as error:
        raise SpecError("the earlier report is not JSON", where=path[-60:], got=str(error)[:80]) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("submissions"), list):
        raise SpecError(f"the earlier report is one of the format {FORMAT}", where=path[-60:])
    return data


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """What differs between two reports, in the order of the later one; who is in the earlier one only stands last."""
    old, new = _by_student(before), _by_student(after)
    found: list[Change] = []
    for student in [*new, *(student for student in old if student not in new)]:
        was, now = old.get(student), new.get(student)
        totals = (None if was is None else _total(was), None if now is None else _total(now))
        if totals[0] != totals[1]:
            found.append(Change(student, "", *totals))
        if was is None or now is None:
            continue
        old_asks, new_asks = _by_ask(was), _by_ask(now)
        for ask in dict.fromkeys([*new_asks, *old_asks]):
            pair = (old_asks.get(ask), new_asks.get(ask))
            if pair[0] != pair[1]:
                found.append(Change(student, ask, *pair))
    return found


def as_lines(found: list[Change]) -> list[str]:
    """The changes for a terminal; one line saying so where there are none."""
    if not found:
        return ["nothing changed"]
    return [f"{change.student} {change.ask or 'total'}: {change.before or '–'} → {change.after or '–'}" for change in found]


def _by_student(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for entry in report["submissions"]:
        if not isinstance(entry, dict) or not isinstance(entry.get("asks"), list):
            raise SpecError(f"the earlier report is one of the format {FORMAT}", got="an entry without asks")
        name = str(entry.get("student"))
        # Refused files may share a name: the second of a name is told apart by its number.
        number = 2
        while name in entries:
            name = f"{entry.get('student')}#{number}"
            number += 1
        entries[name] = entry
    return entries


def _total(entry: dict[str, Any]) -> str:
    return f"{_number(entry.get('total'))}/{_number(entry.get('max'))}"


def _by_ask(entry: dict[str, Any]) -> dict[str, str]:
    """Verdict, marks and slips of each ask, as text."""
    found = {}
    for ask in entry["asks"]:
        if not isinstance(ask, dict):
            raise SpecError(f"the earlier report is one of the format {FORMAT}", got="an ask that is no table")
        slips = ", ".join(map(str, ask.get("slips", ())))
        marks = f"{_number(_product(ask.get('credit'), ask.get('max')))}/{_number(ask.get('max'))}"
        found[str(ask.get("id"))] = f"{ask.get('verdict')} {marks}" + (f" ({slips})" if slips else "")
    return found


def _product(credit: Any, most: Any) -> Any:
    is_number = isinstance(credit, (int, float)) and isinstance(most, (int, float))
    return credit * most if is_number else None


def _number(value: Any) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, (int, float)) else "?"
