"""Where sheets lie, and what stands in them. Paths are plain text: pathlib takes as long to load as a question to be read."""

from __future__ import annotations

import os

from cnncalc.errors import SpecError

#: The most that a sheet may hold.
MAX_BYTES = 1 << 20


class SheetError(SpecError):
    """A sheet can't be read."""


def homework_folder() -> str:
    """Where the homework's sheets lie: inside the installed package, or at the top of a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "answers")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "answers")


def beside(path: str, name: str) -> str:
    """The path of a file in the same folder."""
    return os.path.join(os.path.dirname(path), name)


def name_of(path: str) -> str:
    """The last part of a path."""
    return os.path.basename(path)


def stem_of(path: str) -> str:
    """The last part of a path, without its ending."""
    return os.path.splitext(os.path.basename(path))[0]


def read_text(path: str) -> str:
    """The text of a sheet of a sane size. Raises SheetError."""
    try:
        if os.stat(path).st_size > MAX_BYTES:
            raise SheetError(f"a sheet may have {MAX_BYTES:,} bytes", where=name_of(path))
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        raise SheetError("there is no such sheet", got=path[-80:]) from None
    except OSError as error:
        raise SheetError("the sheet can't be read", where=name_of(path), got=error.strerror or "") from None
    except UnicodeDecodeError as error:
        raise SheetError("the sheet is not TOML in UTF-8", where=name_of(path), got=str(error)[:120]) from None
