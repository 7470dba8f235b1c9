"""Arithmetic as students write it: tokens and a small parser of its own. Nothing here evaluates code.

An expression is whole numbers, the symbols that a question declares, + - * and brackets; `x`, `×`, `·` also multiply or
join the sizes of a shape. It is worked out while it is read, and every intermediate value is bounded.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.grading.unreadable import UnreadableAnswer
from cnncalc.sizes import Expr, symbol

MAX_DEPTH = 20
MAX_VALUE = 1 << 63
MAX_EXPONENT = 4
MAX_DEGREE = 16
MAX_TERMS = 64

#: What multiplies, or joins the sizes of a shape, apart from the letter x.
TIMES = frozenset("*×·⋅∙∗✕✖")
MINUS = frozenset("-−–‐‑﹣－")
#: What may stand between groups of three digits. All kinds of fixed and narrow spaces have become a space before.
MARKS = " _,٬،'’"
#: Words for ×: "36 by 36".
WORDS = frozenset({"by", "times", "در", "ضربدر"})

_GROUPED = re.compile(rf"[1-9][0-9]{{0,2}}(?P<mark>[{MARKS}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*(?![0-9])")
_PLAIN = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[0-9]+[.٫][0-9]+")
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:_[^\W_]+)*")
_DIGIT_AFTER_MARK = re.compile(rf"[{MARKS}][0-9]")


class Token(NamedTuple):
    """A piece of an answer: a number, a symbol, or a sign; `text` is as written."""

    kind: str
    value: Any
    text: str


class Rules(NamedTuple):
    """How an answer's pieces are to be read.

    `symbols` are the declared ones. `commas` and `spaces` say whether these mark thousands here; `fractions` whether a
    decimal fraction may stand.
    """

    symbols: tuple[str, ...] = ()
    commas: bool = True
    spaces: bool = True
    fractions: bool = False


def tokens(text: str, rules: Rules) -> list[Token]:
    """The pieces of an answer whose digits are Latin already. Raises UnreadableAnswer."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == " ":
            at += 1
            continue
        token = _number(text, at, rules) if char in "0123456789" else _symbol(text, at, rules) or _sign(text, at)
        found.append(token)
        at += len(token.text)
    return found


def _number(text: str, at: int, rules: Rules) -> Token:
    """A whole number, with its thousands marked or not, or a decimal fraction."""
    decimal = _DECIMAL.match(text, at)
    if decimal:
        written = decimal.group()
        # Three digits behind the point may be thousands in some countries: not for us to guess.
        if not rules.fractions or len(re.split("[.٫]", written)[1]) == 3:  # noqa: PLR2004
            raise UnreadableAnswer("decimal", written)
        value = Fraction(written.replace("٫", "."))
        return Token("number", int(value) if value.denominator == 1 else value, written)
    grouped = _GROUPED.match(text, at)
    if grouped and _marks_thousands(grouped["mark"], rules):
        written = grouped.group()
        value_text = written.replace(grouped["mark"], "")
    else:
        written = value_text = _PLAIN.match(text, at).group()  # type: ignore[union-attr]
    after = at + len(written)
    if _DIGIT_AFTER_MARK.match(text, after) and _marks_thousands(text[after], rules):
        raise UnreadableAnswer("neighbours" if text[after] == " " else "groups", text[at : after + 8])
    number = int(value_text)
    if number > MAX_VALUE:
        raise UnreadableAnswer("large")
    return Token("number", number, written)


def _marks_thousands(mark: str, rules: Rules) -> bool:
    """Whether a mark may stand between groups of digits here."""
    return rules.spaces if mark == " " else rules.commas if mark in ",،" else True


def _symbol(text: str, at: int, rules: Rules) -> Token | None:
    """A declared symbol, an x between sizes, or a word that is neither; None where no letter stands."""
    for name in sorted(rules.symbols, key=len, reverse=True):
        if text.startswith(name, at) and not _continues(text, at + len(name)):
            return Token("symbol", name, name)
    if text[at] in "xX" and not _goes_on(text, at + 1, rules):
        return Token("times", None, text[at])
    match = _WORD.match(text, at)
    if match is None:
        return None
    word = match.group()
    if word.lower() in WORDS:
        return Token("times", None, word)
    same = [name for name in rules.symbols if name.lower() == word.lower()]
    if len(same) == 1:
        return Token("symbol", same[0], word)
    raise UnreadableAnswer("word", word)


def _continues(text: str, at: int) -> bool:
    """Whether a word goes on at this place."""
    return at < len(text) and (text[at].isalnum() or text[at] == "_")


def _goes_on(text: str, at: int, rules: Rules) -> bool:
    """Whether letters that are no declared symbol follow an x, so that it begins a word."""
    return at < len(text) and text[at].isalpha() and not any(text.startswith(name, at) for name in rules.symbols)


def _sign(text: str, at: int) -> Token:
    """A sign."""
    char = text[at]
    if text.startswith("**", at):
        return Token("power", None, "**")
    if char == "^":
        return Token("power", None, char)
    if char in TIMES:
        return Token("times", None, char)
    if char in MINUS:
        return Token("minus", None, char)
    if char in "+＋":
        return Token("plus", None, char)
    if char in "()[]=":
        return Token(char, None, char)
    if char in ",،;؛":
        return Token(",", None, char)
    if char in "/÷⁄∕":
        raise UnreadableAnswer("division")
    if char.isdigit() or char.isnumeric():
        raise UnreadableAnswer("superscript")
    raise UnreadableAnswer("character", char if char.isprintable() else f"U+{ord(char):04X}")


class Parser:
    """Tokens read from left to right, worked out on the way."""

    def __init__(self, found: list[Token]) -> None:
        """Start in front of the first token."""
        self._tokens = found
        self._at = 0
        self._depth = 0

    @property
    def kind(self) -> str:
        """The kind of the next token; empty at the end."""
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    def take(self, kind: str) -> bool:
        """Go past the next token if it is of that kind."""
        if self.kind != kind:
            return False
        self._at += 1
        return True

    def error(self) -> UnreadableAnswer:
        """What is wrong where the expression can't go on."""
        rest = self._tokens[self._at : self._at + 4]
        if self._at and rest and {self._tokens[self._at - 1].kind, rest[0].kind} <= {"number", "symbol"}:
            return UnreadableAnswer("neighbours", " ".join(token.text for token in self._tokens[self._at - 1 : self._at + 1]))
        return UnreadableAnswer("form", " ".join(token.text for token in rest) or "…")

    def finish(self) -> None:
        """Refuse what is left over."""
        if self.kind:
            raise self.error()

    def sum(self) -> Any:
        """Terms with + and − between them."""
        total = self.product()
        while self.kind in {"plus", "minus"}:
            negative = self.kind == "minus"
            self._at += 1
            term = self.product()
            total = _bounded(total - term if negative else total + term)
        return total

    def product(self) -> Any:
        """Factors with × between them; before a symbol or a bracket it may be left out, as in 3k."""
        result = self.power()
        while True:
            if not self.take("times") and self.kind not in {"symbol", "("}:
                return result
            result = _times(result, self.power())

    def factor(self) -> Any:
        """One size of a shape: a number, a symbol with its coefficient, or an expression in brackets."""
        result = self.power()
        while self.kind == "symbol":
            result = _times(result, self.power())
        return result

    def power(self) -> Any:
        """A value, raised or not."""
        negative = False
        while self.kind in {"plus", "minus"}:
            negative ^= self.kind == "minus"
            self._at += 1
        value: Any = self._value()
        if self.take("power"):
            exponent = self._tokens[self._at].value if self.kind == "number" else None
            if not isinstance(exponent, int) or exponent > MAX_EXPONENT:
                raise UnreadableAnswer("exponent")
            self._at += 1
            base, value = value, 1
            for _ in range(exponent):
                value = _times(value, base)
        return -value if negative else value

    def _value(self) -> Any:
        if self.kind == "number":
            self._at += 1
            return self._tokens[self._at - 1].value
        if self.kind == "symbol":
            self._at += 1
            return symbol(self._tokens[self._at - 1].value)
        if not self.take("("):
            raise self.error()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableAnswer("deep")
        inside = self.sum()
        if not self.take(")"):
            raise self.error()
        self._depth -= 1
        return inside


def _times(left: Any, right: Any) -> Any:
    """A product, refused before it grows out of bounds."""
    if isinstance(left, Expr) and isinstance(right, Expr):
        too_many = len(left.terms) * len(right.terms) > MAX_TERMS * MAX_TERMS
        if too_many or _degree(left) + _degree(right) > MAX_DEGREE:
            raise UnreadableAnswer("large")
    return _bounded(left * right)


def _degree(value: Expr) -> int:
    return max(sum(power for _, power in monomial) for monomial in value.terms)


def _bounded(value: Any) -> Any:
    """A value whose numbers are within bounds."""
    if isinstance(value, Expr):
        fits = len(value.terms) <= MAX_TERMS and all(abs(number) <= MAX_VALUE for number in value.terms.values())
    else:
        fits = abs(value) <= MAX_VALUE
    if not fits:
        raise UnreadableAnswer("large")
    return value
