"""Answers as Markdown: formulas in code blocks, right-to-left prose in a block that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.render.answer import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_markdown(doc: dict[str, Any]) -> str:
    """An answer as Markdown."""
    return document(blocks(doc), doc["language"])


def document(found: list[Block], language: str) -> str:
    """Blocks as Markdown, right-to-left where the language is."""
    lines = [line for block in found for line in (*_block(block), "")]
    if language == "fa":
        lines = ['<div dir="rtl" lang="fa">', "", *lines, "</div>", ""]
    return "\n".join(lines)


def _block(block: Block) -> Iterator[str]:
    text = _escaped(block.texts[0])
    if block.kind == "title":
        yield f"# {text}"
        yield ""
        yield f"*{_escaped(block.texts[1])}*"
    elif block.kind == "heading":
        yield f"## {text}"
    elif block.kind == "subheading":
        yield f"**{text}**"
    elif block.kind == "formulas":
        yield '<div dir="ltr">'
        yield ""
        yield "```text"
        yield from block.texts
        yield "```"
        yield ""
        yield "</div>"
    elif block.kind == "bullets":
        for item in block.texts:
            yield f"- {_escaped(item)}"
    elif block.kind == "answer":
        yield f"**{_escaped(block.label)}: {text}**"
    elif block.kind == "labelled":
        yield f"*{_escaped(block.label)}:* {text}".rstrip()
    else:
        yield text


def _escaped(text: str) -> str:
    """Prose with the characters that Markdown would read as marks made plain."""
    for character in "\\`*_<>[]":
        text = text.replace(character, f"\\{character}")
    return text
