"""Finding submissions in folders, and opening what may be hostile: regular files of a sane size, never through a link."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from cnncalc.errors import CnncalcError

#: The most that one submission may have, in bytes.
MAX_BYTES = 64 << 10
#: A class in one table may have more.
MAX_CSV_BYTES = 16 << 20
#: How deep folders of submissions may be nested.
MAX_FOLDERS = 8

SUFFIXES = (".toml", ".json", ".csv", ".md", ".ipynb")
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class SubmissionError(CnncalcError):
    """A submission is refused: it can't be read, or may not be."""


class Source(NamedTuple):
    """A file that was handed in, and the id it goes under unless it names a better one."""

    path: str
    id: str

    @property
    def suffix(self) -> str:
        """What its name ends in, in small letters."""
        return Path(self.path).suffix.lower()


def is_id(text: str) -> bool:
    """Whether a text can be a student's opaque id."""
    return _ID.fullmatch(text) is not None


def safe_id(text: str) -> str:
    """A text as an id: other characters become _, and 32 are kept."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:32] or "_"


def find(paths: list[str]) -> list[Source]:
    """The files that paths name: files as they are, folders with all they hold, sorted. Hidden names are left out.

    Raises SubmissionError for a path that does not exist.
    """
    found: list[Source] = []
    for path in paths:
        try:
            mode = os.lstat(path).st_mode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such name"
            raise SubmissionError("there is no such submission", got=repr(path[-60:]), remedy=reason) from None
        if stat.S_ISDIR(mode) or (stat.S_ISLNK(mode) and Path(path).is_dir()):
            found += _inside(path, 0)
        else:
            found.append(_source(path))
    return list({source.path: source for source in found}.values())


def _inside(folder: str, depth: int) -> list[Source]:
    """The files in a folder and the folders in it; links to folders are files here, and refused as such."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise SubmissionError("the folder can't be read", where=folder[-60:], got=error.strerror or "") from None
    found: list[Source] = []
    for entry in entries:
        if (entry.name.startswith(".") and not entry.name.startswith("..")) or entry.name == "__pycache__":
            # What systems and editors leave behind; a name that begins with two dots was made by somebody.
            continue
        if not entry.is_dir(follow_symlinks=False):
            found.append(_source(entry.path))
        elif depth < MAX_FOLDERS:
            found += _inside(entry.path, depth + 1)
    return found


def _source(path: str) -> Source:
    """A file under the id of its stem."""
    name = os.path.basename(path).encode("utf-8", "replace").decode("utf-8")  # noqa: PTH119 - a name may be no path
    stem = name.rsplit(".", 1)[0] if "." in name.strip(".") else name
    return Source(path, safe_id(stem))


def read_bytes(source: Source, limit: int) -> bytes:
    """What is in a file. Raises SubmissionError for a link, a device, a file that is too large, or one that can't be read."""
    try:
        # Neither through a link nor waiting for the other end of a pipe.
        descriptor = os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if os.path.islink(source.path):  # noqa: PTH114
            raise SubmissionError("the file is a link", remedy="hand in the file itself") from None
        raise SubmissionError("the file can't be read", got=getattr(error, "strerror", None) or "") from None
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise SubmissionError("this is no regular file")
        if about.st_size > limit:
            raise SubmissionError(f"the file may have {limit:,} bytes", got=f"{about.st_size:,}")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise SubmissionError(f"the file may have {limit:,} bytes")
    return content


def read_text(source: Source, limit: int = MAX_BYTES) -> str:
    """The text in a file. Raises SubmissionError."""
    try:
        text = read_bytes(source, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubmissionError("the file is not text in UTF-8", got=f"byte {error.start}") from None
    if "\0" in text:
        raise SubmissionError("the file is not text", got="a zero byte")
    return text
