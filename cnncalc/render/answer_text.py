"""Answers as plain text for a terminal: prose wrapped, formulas as they are; no colour."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from cnncalc.render import bidi
from cnncalc.render.answer import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_text(doc: dict[str, Any], width: int = 88) -> str:
    """An answer as text, prose no wider than `width` columns."""
    return "\n".join(line.rstrip() for line in _Lines(doc, width).all()) + "\n"


class _Lines:
    def __init__(self, doc: dict[str, Any], width: int) -> None:
        self._doc = doc
        self._width = width
        self._is_right_to_left = doc["language"] == "fa"

    def all(self) -> Iterator[str]:
        """The lines of every block."""
        for block in blocks(self._doc):
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[str]:
        text = block.texts[0]
        if block.kind == "title":
            title, aside = block.texts
            yield from self._prose(f"{title}   ({aside})")
            yield self._directed("=" * min(self._width, len(title) + len(aside) + 5))
        elif block.kind == "heading":
            yield ""
            yield from self._prose(text)
            yield self._directed("-" * min(self._width, len(text)))
        elif block.kind == "subheading":
            yield ""
            yield from self._prose(text)
        elif block.kind == "formulas":
            for line in block.texts:
                yield "      " + (bidi.left_to_right(line) if self._is_right_to_left else line)
        elif block.kind == "bullets":
            for item in block.texts:
                yield from self._prose(f"- {item}", indent="  ", further="    ")
        elif block.kind in {"labelled", "answer"}:
            yield from self._prose(f"{block.label}: {text}".rstrip(), indent="  ", further="    ")
        else:
            if block.kind == "status":
                yield ""
            yield from self._prose(text, indent="" if block.kind == "status" else "  ")

    def _prose(self, text: str, indent: str = "", further: str | None = None) -> Iterator[str]:
        """Wrapped lines; each of a right-to-left language is marked as such."""
        lines = textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent if further is None else further,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in bidi.balanced(lines):
            yield self._directed(line)

    def _directed(self, line: str) -> str:
        return bidi.right_to_left(line) if self._is_right_to_left else line
