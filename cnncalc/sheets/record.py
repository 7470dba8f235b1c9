"""The record of the last verification: which answers torch agreed with, when, and which torch that was.

The tests write it (`pytest --write-record`) and hold it to the truth; `cnncalc answer` reads it to say when an answer was
last verified, where torch is not run.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from cnncalc.sheets.files import homework_folder


class Record(NamedTuple):
    """What was verified: values by id, with the version of torch and the date (ISO)."""

    torch: str
    date: str
    values: dict[str, Any]

    def covers(self, values: dict[str, Any]) -> bool:
        """Whether each of these values is recorded just so: an answer that has changed since was not verified."""
        return all(key in self.values and self.values[key] == value for key, value in values.items())


def record_path(folder: str | os.PathLike[str] | None = None) -> str:
    """Where a record lies: beside the sheets, those of the homework by default."""
    return os.path.join(folder or homework_folder(), "verified.json")


def load_record(folder: str | os.PathLike[str] | None = None) -> Record | None:
    """The record beside the sheets of a folder; None where there is none."""
    try:
        with open(record_path(folder), encoding="utf-8") as file:
            data = json.load(file)
        return Record(str(data["torch"]), str(data["date"]), dict(data["values"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(record: Record, folder: str | os.PathLike[str] | None = None) -> None:
    """Replace the record beside the sheets of a folder."""
    data = {"torch": record.torch, "date": record.date, "values": record.values}
    with open(record_path(folder), "w", encoding="utf-8") as file:
        file.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
