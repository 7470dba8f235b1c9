"""Answers as a page of HTML: right-to-left where the language is, formulas left-to-right, everything escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from cnncalc.render.answer import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; color: #1a1a1a; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; border-top: 1px solid #ccc; padding-top: 1rem; }
h3 { font-size: 1rem; } .aside { color: #555; } .answer { font-weight: 600; }
pre { direction: ltr; text-align: left; background: #f4f4f4; padding: .6rem .8rem; overflow-x: auto; }
"""


def as_html(docs: list[dict[str, Any]]) -> str:
    """Answers as one page."""
    return page([block for doc in docs for block in blocks(doc)], docs[0]["language"], docs[0]["title"])


def page(found: list[Block], language: str, title: str) -> str:
    """Blocks as one page, right-to-left where the language is."""
    direction = "rtl" if language == "fa" else "ltr"
    body = "\n".join(line for block in found for line in _block(block))
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _block(block: Block) -> Iterator[str]:
    text = escape(block.texts[0])
    if block.kind == "title":
        yield f'<h1>{text}</h1>\n<p class="aside">{escape(block.texts[1])}</p>'
    elif block.kind == "heading":
        yield f"<h2>{text}</h2>"
    elif block.kind == "subheading":
        yield f"<h3>{text}</h3>"
    elif block.kind == "formulas":
        yield f'<pre dir="ltr">{escape(chr(10).join(block.texts))}</pre>'
    elif block.kind == "bullets":
        yield "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.texts) + "</ul>"
    elif block.kind in {"labelled", "answer"}:
        yield f'<p class="{block.kind}"><b>{escape(block.label)}:</b> {text}</p>'
    else:
        yield f'<p class="{block.kind}">{text}</p>'
