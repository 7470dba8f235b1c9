"""A student's sheet as a PDF, typeset by Typst, which comes as a package: nothing else need be installed.

Every text goes in as a string, never as markup, so nothing that a sheet says is read by Typst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.render.answer import Block

#: The last font is part of Typst and has Arabic letters, so that a machine without the others shows Persian too.
SETTINGS = """#set page(paper: "a4", margin: 25mm, numbering: "1")
#set text(font: ("Vazirmatn", "DejaVu Sans", "DejaVu Sans Mono"), size: 10.5pt, lang: {language})
#set par(justify: false, leading: 0.8em, spacing: 1.1em)
#show heading: set block(below: 0.9em)
#let formulas(..lines) = block(inset: (x: 1em), text(
  dir: ltr, lang: "en", font: "DejaVu Sans Mono", size: 9pt, align(left, stack(spacing: 0.7em, ..lines))))
"""
#: A line may be broken here.
BREAK = "\u200b"


def as_pdf(blocks: list[Block], language: str) -> bytes:
    """The pages. Raises MissingExtraError where Typst is not installed."""
    try:
        import typst
    except ImportError:
        raise MissingExtraError("a PDF needs typst", remedy="pip install 'cnncalc[pdf]', or take --format html") from None
    pages: bytes = typst.compile(as_typst(blocks, language).encode(), timestamp=0)
    return pages


def as_typst(blocks: list[Block], language: str) -> str:
    """The document as Typst reads it."""
    body = "\n".join(line for block in blocks for line in (*_block(block), ""))
    return f"{SETTINGS.format(language=_string(language))}\n{body}"


def _block(block: Block) -> Iterator[str]:
    text = _string(block.texts[0])
    if block.kind == "title":
        yield f"#block(text(size: 17pt, weight: 700, {text}))"
        yield f"#block({_string(block.texts[1])})"
    elif block.kind == "heading":
        yield f"#heading(level: 2, {text})"
    elif block.kind == "subheading":
        yield f"#heading(level: 3, {text})"
    elif block.kind == "bullets":
        yield f"#list({', '.join(map(_string, block.texts))})"
    elif block.kind == "formulas":
        yield f"#formulas({', '.join(_string(line.replace(',', ',' + BREAK)) for line in block.texts)})"
    elif block.kind == "labelled":
        yield f"#block[#strong({_string(block.label)}) #{text}]"
    else:
        yield f"#par({text})"


def _string(text: str) -> str:
    """A text as a string of Typst's."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{escaped}"'
