"""Telling a sheet from other files by its first bytes, with nothing imported and nothing parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: What a sheet says in its first bytes, and what a file of questions that a sheet includes does not.
MARKS = ("cnncalc.sheet/1", "[sheet]")
_HEAD = 1 << 14


def is_sheet(path: Path) -> bool:
    """Whether a TOML file begins as a sheet does."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    return all(mark in head for mark in MARKS)
