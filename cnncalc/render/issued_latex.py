"""A student's sheet as LaTeX, for XeLaTeX: right-to-left with xepersian where the language is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.render.bidi import END, LEFT_TO_RIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.render.answer import Block

PREAMBLE = {
    "en": r"""% Typeset with xelatex, lualatex or pdflatex.
\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt}
\begin{document}
""",
    "fa": r"""% Typeset with xelatex; name a Persian font that you have in \settextfont.
\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath}
\usepackage{xepersian}
\settextfont{Vazirmatn}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt}
\begin{document}
""",
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    "×": r"\ensuremath{\times}",
    "−": r"\ensuremath{-}",
    "·": r"\ensuremath{\cdot}",
    "≤": r"\ensuremath{\le}",
    "≥": r"\ensuremath{\ge}",
    "→": r"\ensuremath{\to}",
    "⌊": r"\ensuremath{\lfloor}",
    "⌋": r"\ensuremath{\rfloor}",
    "⌈": r"\ensuremath{\lceil}",
    "⌉": r"\ensuremath{\rceil}",
    "²": r"\ensuremath{^2}",
    "…": r"\dots{}",
    "\u00a0": "~",
}
#: Left-to-right runs inside right-to-left prose: an isolated formula, or words and numbers in Latin letters.
_RUN = re.compile(rf"{LEFT_TO_RIGHT}(?P<isolated>[^{END}]*){END}|(?P<latin>[A-Za-z0-9](?:(?:[!-~]| (?=[!-~]))*[A-Za-z0-9])?)")


def as_latex(blocks: list[Block], language: str) -> str:
    """A document of its own."""
    body = "\n".join(line for block in blocks for line in (*_block(block, language), ""))
    return f"{PREAMBLE[language]}\n{body}\\end{{document}}\n"


def _block(block: Block, language: str) -> Iterator[str]:
    text = _prose(block.texts[0], language)
    if block.kind == "title":
        yield rf"{{\Large\bfseries {text}\par}}"
        yield _prose(block.texts[1], language)
    elif block.kind == "heading":
        yield rf"\section*{{{text}}}"
    elif block.kind == "subheading":
        yield rf"\subsection*{{{text}}}"
    elif block.kind == "bullets":
        yield r"\begin{itemize}"
        yield from (rf"\item {_prose(item, language)}" for item in block.texts)
        yield r"\end{itemize}"
    elif block.kind == "formulas":
        lines = [rf"\texttt{{{_breakable(_escaped(line))}}}\par" for line in block.texts]
        yield from [r"\begin{latin}", *lines, r"\end{latin}"] if language == "fa" else lines
    elif block.kind == "labelled":
        yield rf"\textbf{{{_prose(block.label, language)}}} {text}"
    else:
        yield text


def _prose(text: str, language: str) -> str:
    """Prose with what LaTeX would read made plain; left-to-right runs marked where the language runs the other way."""
    if language != "fa":
        return _escaped(text)
    parts, end = [], 0
    for match in _RUN.finditer(text):
        run = match["isolated"] if match["isolated"] is not None else match["latin"]
        inner = run.rstrip(".")
        # A full stop behind a formula ends the sentence around it.
        parts += [_escaped(text[end : match.start()]), rf"\lr{{{_escaped(inner)}}}", run[len(inner) :]]
        end = match.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)


def _breakable(text: str) -> str:
    """A long line that may be broken after its commas."""
    return text.replace(",", r",\allowbreak{}")
