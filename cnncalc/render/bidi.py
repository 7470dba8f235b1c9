"""Right-to-left text for terminals.

A Persian line is wrapped in U+2067 … U+2069, so that any terminal with bidirectional support sets it right to left
whatever it takes the paragraph to be; formulas are lines of their own, in U+2066 … U+2069. For a terminal without such
support, `visual` lays lines out in the order in which they are to be shown, letters joined.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHT_TO_LEFT = "\u2067"
LEFT_TO_RIGHT = "\u2066"
END = "\u2069"
NO_BREAK = "\u00a0"
#: Patterns are text here: `re` compiles them when they are first used, and English text needs none.
_MARKS = "[\u2066-\u2069\u200e\u200f]"
#: A formula inside prose: letters, digits and brackets joined by operators.
_FORMULA = (
    r"[A-Za-z0-9۰-۹(⌊⌈][A-Za-z0-9۰-۹_.٫()⌊⌋⌈⌉\[\]²]*"
    r"(?:,? ?[·×+−*/=<>≤≥←→] ?[A-Za-z0-9۰-۹_.٫()⌊⌋⌈⌉\[\]²]+(?:, (?=[a-zA-Z]+_))?)+"
)


def right_to_left(line: str) -> str:
    """A line of right-to-left prose."""
    return f"{RIGHT_TO_LEFT}{line}{END}" if line else line


def left_to_right(line: str) -> str:
    """A line of formulas."""
    return f"{LEFT_TO_RIGHT}{line}{END}" if line else line


def isolated_formulas(text: str) -> str:
    """Right-to-left prose whose formulas keep their order: each is isolated, and not broken over lines."""

    def isolate(match: re.Match[str]) -> str:
        # A full stop behind a formula, and a bracket without its partner, belong to the sentence around it.
        formula = match.group()
        before = ""
        if formula.startswith("(") and formula.count("(") > formula.count(")"):
            before, formula = "(", formula[1:]
        whole = formula
        while formula.endswith(".") or (formula.endswith(")") and formula.count(")") > formula.count("(")):
            formula = formula[:-1]
        after = whole[len(formula) :]
        return f"{before}{LEFT_TO_RIGHT}{formula.replace(' ', NO_BREAK)}{END}{after}"

    return re.sub(_FORMULA, isolate, text)


def balanced(lines: list[str]) -> Iterator[str]:
    """The lines of a paragraph, with what one leaves isolated closed at its end and opened again in the next."""
    depth = 0
    for line in lines:
        text = line.lstrip()
        opened = line[: len(line) - len(text)] + LEFT_TO_RIGHT * depth + text
        depth += text.count(LEFT_TO_RIGHT) - text.count(END)
        yield opened + END * depth


def visual(text: str, width: int) -> str:
    """The text in visual order, right-to-left lines flush right. Raises MissingExtraError without the `bidi` extra."""
    try:
        import arabic_reshaper
        from bidi import get_display
    except ImportError:
        raise MissingExtraError(
            "laying out right-to-left text needs two libraries", remedy='install them with pip install "cnncalc[bidi]"'
        ) from None
    lines = []
    for line in text.splitlines():
        is_right = line.startswith(RIGHT_TO_LEFT)
        base = "R" if is_right else "L"
        shaped = get_display(arabic_reshaper.reshape(line), base_dir=base)
        shown = re.sub(_MARKS, "", str(shaped))
        lines.append(shown.rjust(width) if is_right else shown)
    return "\n".join(lines)
