"""Splitting written specs into tokens, with a place for every error. Text is read, never evaluated."""

from __future__ import annotations

import re
from math import isfinite
from typing import NamedTuple

from cnncalc.errors import SpecError

#: Limits of a written spec: beyond them it is refused at once.
MAX_CHARACTERS = 200_000
MAX_DEPTH = 40
MAX_DIGITS = 18
#: Python writes a float in at most this many characters.
MAX_FLOAT = 24
#: Python's constants, which are no names.
CONSTANTS = {"True": True, "False": False, "None": None}
#: What Python's float reads beside numbers.
NOT_FINITE = ("inf", "-inf", "nan")

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r]+|\\\n)
  | (?P<comment>\#[^\n]*)
  | (?P<newline>[\n;])
  | (?P<number>[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<name>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*)
  | (?P<string>"[^"\n\\]*"|'[^'\n\\]*')
  | (?P<symbol>->|→|[()\[\],=+\-])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of a spec: its kind (name, number, string, symbol, newline, end), its text, its line and column."""

    kind: str
    text: str
    line: int
    column: int

    @property
    def place(self) -> str:
        """Where it stands, for errors."""
        return f"line {self.line}, column {self.column}"


def _remedy(character: str) -> str:
    """What to write in place of a character that has no meaning."""
    if character in "\"'":
        return "a text in quotes ends on its own line"
    return 'a formula stands in quotes: "2*C"' if character in "*/+·" else ""


def tokenize(text: str) -> list[Token]:
    """The tokens of a spec. Newlines inside parentheses, and around an arrow, do not end a statement."""
    if len(text) > MAX_CHARACTERS:
        raise SpecError(
            f"a written spec may have {MAX_CHARACTERS:,} characters", got=f"{len(text):,}", remedy="use a JSON document"
        )
    tokens: list[Token] = []
    line, line_start, position, depth = 1, 0, 0, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        column = position - line_start + 1
        if match is None:
            raise SpecError(
                "this character has no meaning in a spec",
                where=f"spec, line {line}, column {column}",
                got=ascii(text[position]),
                remedy=_remedy(text[position]),
            )
        kind, found = match.lastgroup or "", match.group()
        position = match.end()
        if kind == "newline":
            if depth == 0 and tokens and tokens[-1].kind != "newline":
                tokens.append(Token("newline", found, line, column))
        elif kind not in {"space", "comment"}:
            if found == "→":
                found = "->"
            depth += (found in "([") - (found in ")]") if kind == "symbol" and len(found) == 1 else 0
            if depth > MAX_DEPTH:
                raise SpecError(f"parentheses may be nested {MAX_DEPTH} deep", where=f"spec, line {line}, column {column}")
            tokens.append(Token(kind, found, line, column))
        if "\n" in found:
            line += 1
            line_start = position
    tokens.append(Token("newline", "", line, len(text) - line_start + 1))
    tokens.append(Token("end", "", line, len(text) - line_start + 1))
    return _joined(tokens)


def _joined(tokens: list[Token]) -> list[Token]:
    """Tokens without the newlines before and after an arrow."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.kind == "newline" and (following == "->" or not kept or kept[-1].text == "->"):
            continue
        kept.append(token)
    return kept


def number(token: Token) -> int | float:
    """The value of a number token."""
    digits = token.text.replace("_", "")
    limit = MAX_DIGITS if digits.isdigit() else MAX_FLOAT
    if len(digits) > limit:
        raise SpecError(f"a number may have {limit} digits", where=f"spec, {token.place}", got=digits[:24] + "…")
    value = int(digits) if digits.isdigit() else float(digits)
    if not isfinite(value):
        raise SpecError("a number must be finite", where=f"spec, {token.place}", got=digits, remedy='write float("inf")')
    return value
