"""The record of the last verification: which answers torch agreed with, when, and which torch that was.

The tests write it (`pytest --write-record`) and hold it to the truth; `cnncalc answer` reads it to say when an answer was
last verified, where torch is not run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.sheets.loader import homework_folder

if TYPE_CHECKING:
    from pathlib import Path


class Record(NamedTuple):
    """What was verified: values by id, with the version of torch and the date (ISO)."""

    torch: str
    date: str
    values: dict[str, Any]

    def covers(self, values: dict[str, Any]) -> bool:
        """Whether each of these values is recorded just so: an answer that has changed since was not verified."""
        return all(key in self.values and self.values[key] == value for key, value in values.items())


def record_path(folder: Path | None = None) -> Path:
    """Where a record lies: beside the sheets, those of the homework by default."""
    return (folder or homework_folder()) / "verified.json"


def load_record(folder: Path | None = None) -> Record | None:
    """The record beside the sheets of a folder; None where there is none."""
    try:
        data = json.loads(record_path(folder).read_text(encoding="utf-8"))
        return Record(str(data["torch"]), str(data["date"]), dict(data["values"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(record: Record, folder: Path | None = None) -> None:
    """Replace the record beside the sheets of a folder."""
    data = {"torch": record.torch, "date": record.date, "values": record.values}
    record_path(folder).write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
