"""Tables for a terminal, in a given number of columns: formulas are folded, numbers and names stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Between two columns.
GAP = 2
#: A column of names gets no less than this.
NARROWEST = 12
#: Round brackets of at most so many characters stay whole.
SHORT = 24
#: Columns that can be folded get room in turn, up to each of these widths.
ROOM = (16, 24, 1000)


class Column(NamedTuple):
    """A column's heading, its side (`<` or `>`), and whether it holds names, which may stand above their row."""

    heading: str
    side: str
    is_name: bool = False


def layout(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column, together at most `width`; None where even folded the texts do not fit beside each other."""
    texts = [[column.heading, *(row[index] for row in rows)] for index, column in enumerate(columns)]
    wanted = [max(map(len, cells)) for cells in texts]
    widths = [
        min(most, NARROWEST) if column.is_name else max(len(piece.rstrip()) for cell in cells for piece in pieces(cell))
        for column, cells, most in zip(columns, texts, wanted, strict=True)
    ]
    room = width - GAP * (len(columns) - 1) - sum(widths)
    if room < 0:
        return None
    for limit in ROOM:
        for index in sorted(range(len(columns)), key=lambda index: columns[index].is_name):
            more = max(0, min(room, min(wanted[index], limit) - widths[index]))
            widths[index] += more
            room -= more
    return widths


def lines(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> list[str]:
    """One row as lines of text; a name that is wider than its column stands on a line of its own."""
    above: list[str] = []
    folded: list[list[str]] = []
    for column, cell, width in zip(columns, cells, widths, strict=True):
        is_wide = column.is_name and len(cell) > width
        if is_wide:
            above += fold(cell, sum(widths) + GAP * (len(widths) - 1), hang=2)
        folded.append([""] if is_wide else fold(cell, width))
    return above + [
        (" " * GAP)
        .join(
            f"{part[level] if level < len(part) else '':{column.side}{width}}"
            for column, width, part in zip(columns, widths, folded, strict=True)
        )
        .rstrip()
        for level in range(max(map(len, folded)))
    ]


def pieces(text: str) -> Iterator[str]:
    """The text in pieces that stay whole: folded behind a space, a × or a ·, not inside short brackets or behind a sign."""
    start = whole_to = 0
    for index, character in enumerate(text):
        if character in "(⌊⌈" and index >= whole_to:
            end = _closing(text, index)
            whole_to = end if character != "(" or end - index <= SHORT else whole_to
        if character in " ×·" and index >= whole_to and text[start:index].strip(" (") not in {"", "+", "−", "×", "·"}:
            yield text[start : index + 1]
            start = index + 1
    yield text[start:]


def _closing(text: str, at: int) -> int:
    """Where the bracket that opens here is closed."""
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] in "(⌊⌈") - (text[index] in ")⌋⌉")
        if depth == 0:
            return index
    return len(text)


def fold(text: str, width: int, *, hang: int = 0) -> list[str]:
    """The text in lines of at most `width`; those after the first are indented by `hang` more than it."""
    if len(text) <= width:
        return [text]
    indent = min(len(text) - len(text.lstrip()), width // 2)
    further = " " * min(indent + hang, width // 2)
    found = [" " * indent]
    for piece in pieces(text.lstrip()):
        rest = piece
        if found[-1].strip() and len(found[-1]) + len(rest.rstrip()) > width:
            found.append(further)
        while len(found[-1]) + len(rest.rstrip()) > width:
            room = width - len(found[-1])
            found[-1] += rest[:room]
            rest = rest[room:]
            found.append(further)
        found[-1] += rest
    return [line.rstrip() for line in found if line.strip()]
