"""How commands print: text to the width of the terminal, JSON, colour only where it is wanted, a bar for long work."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The widest that tables and prose get.
WIDEST = 100


def print_result(result: Any, form: str) -> None:
    """A result as text, or as JSON."""
    if form == "json":
        print_json(result.to_dict())
    else:
        print(result)


def print_json(data: Any) -> None:
    """Data as JSON, for programs."""
    import json

    print(json.dumps(data, ensure_ascii=False, indent=2))


def write_file(name: str, text: str) -> None:
    """A text as a file: written beside it first, so that what was there stays whole until all is written.

    Raises SpecError where it can't be written.
    """
    from contextlib import suppress
    from pathlib import Path
    from tempfile import NamedTemporaryFile

    from cnncalc.errors import SpecError

    # What a link points to is written, not the link replaced.
    path = Path(name).resolve()
    made = ""
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe, such as /dev/stdout, can't be replaced.
            path.write_text(text, encoding="utf-8")
            return
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            made = file.name
            file.write(text)
        Path(made).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        Path(made).replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError):
            if made:
                Path(made).unlink()
        raise SpecError("the output can't be written", where=name[:60], got=str(error)[:80]) from None


def _umask() -> int:
    """What new files may not allow; there is no way to ask but to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def width() -> int:
    """The columns of the terminal, at most WIDEST; 80 where there is none."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and 0 < len(columns) < 6:  # noqa: PLR2004 - a sane number of columns
        found = int(columns)
    else:
        try:
            found = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            found = 80
    return max(40, min(found or 80, WIDEST))


def wants_color() -> bool:
    """Whether standard output is a terminal that may be coloured (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error for work of so many steps, where that is a terminal; the function given moves it on."""
    if not total or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)
