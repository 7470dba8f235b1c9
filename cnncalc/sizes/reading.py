"""Reading sizes from text: `2*C + 1`, `(H - 3)//2 + 1`. A small parser of its own; nothing is evaluated."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.errors import CnncalcError, SpecError
from cnncalc.sizes.atoms import Floor
from cnncalc.sizes.expression import Expr, Size, floor_div
from cnncalc.sizes.plain import plain_text
from cnncalc.sizes.symbols import symbol

#: Limits: beyond them a text is refused before anything is worked out.
MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT = 10_000, 40, 18, 16
#: Of what is worked out: bits of a coefficient, terms, and factors of a term.
MAX_BITS, MAX_TERMS, MAX_FACTORS = 256, 2_000, 32

_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>\*\*|//|[-+*%()]))")
_REMEDY = 'write for example "2*C + 1" or "(H - 3)//2"'


class _Token(NamedTuple):
    """A number, a name, a sign, or the end."""

    kind: str
    text: str
    column: int


def expression(text: str, **minima: int) -> Size:
    """The size that a text describes: whole numbers, symbols, `+ - *`, `//` rounded down, `%`, `**` and brackets.

    `expression("2*p + 1", p=0)` has a symbol from 0 on; symbols not named are at least 1. Raises SpecError for anything else,
    and for numbers, powers and products beyond the limits.
    """
    if not isinstance(text, str):
        raise SpecError("an expression is text", got=type(text).__name__, remedy=_REMEDY)
    if len(text) > MAX_CHARACTERS:
        raise SpecError(f"an expression may have {MAX_CHARACTERS:,} characters", got=f"{len(text):,}")
    return _Reader(text, minima).whole()


def is_readable(size: Expr) -> bool:
    """Whether what `plain_text` writes of a size gives back the size: not where it is too large, or a name has two minima."""
    try:
        same = expression(plain_text(size), **size.minima)
    except CnncalcError:
        return False
    return isinstance(same, Expr) and same.terms == size.terms


def names_a_size(text: str) -> bool:
    """Whether a text is meant as a size with a symbol: it has a letter, and is no plain word where a sign is missing."""
    return bool(re.search(r"[A-Za-z_]", text)) and (text.isidentifier() or bool(re.search(r"[-+*/%()]", text)))


class _Reader:
    """A recursive descent; each size is worked out, within the limits, while it is read."""

    def __init__(self, text: str, minima: dict[str, int]) -> None:
        self._minima = minima
        self._used: set[str] = set()
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Size:
        """The whole text."""
        size = self._sum()
        if self._tokens[self._at].kind != "end":
            raise self._error("a sign or the end is expected here")
        unknown = sorted(set(self._minima) - self._used)
        if unknown:
            raise SpecError("a minimum is given for a symbol that does not occur", got=", ".join(unknown)[:60])
        return size

    def _error(self, rule: str) -> SpecError:
        token = self._tokens[self._at]
        return SpecError(rule, where=f"expression, column {token.column}", got=repr(token.text[:24]), remedy=_REMEDY)

    def _accept(self, *signs: str) -> str:
        token = self._tokens[self._at]
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._at += 1
        return token.text

    def _sum(self) -> Size:
        total = self._product()
        while sign := self._accept("+", "-"):
            part = self._product()
            total = self._checked(total + part if sign == "+" else total - part)
        return total

    def _product(self) -> Size:
        total = self._signed()
        while sign := self._accept("*", "//", "%"):
            part = self._signed()
            total = self._times(total, part) if sign == "*" else self._divided(total, part, sign)
        return total

    def _signed(self) -> Size:
        """A minus binds less than a power, as in Python: -k**2 is −(k²)."""
        is_negative = False
        while sign := self._accept("-", "+"):
            is_negative ^= sign == "-"
        size = self._power()
        return -size if is_negative else size

    def _power(self) -> Size:
        base = self._atom()
        if not self._accept("**"):
            return base
        token = self._tokens[self._at]
        if token.kind != "number" or not 0 <= int(token.text) <= MAX_EXPONENT:
            raise self._error(f"an exponent is a whole number from 0 to {MAX_EXPONENT}")
        self._at += 1
        if self._tokens[self._at].text == "**":
            raise self._error("a power can't be raised again")
        size: Size = 1
        for _ in range(int(token.text)):
            size = self._times(size, base)
        return size

    def _atom(self) -> Size:
        token = self._tokens[self._at]
        if self._accept("("):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise self._error(f"brackets may be nested {MAX_DEPTH} deep")
            size = self._sum()
            if not self._accept(")"):
                raise self._error('")" is expected here')
            self._depth -= 1
            return size
        self._at += 1
        if token.kind == "number":
            return int(token.text)
        if token.kind == "name":
            self._used.add(token.text)
            return symbol(token.text, self._minima.get(token.text, 1))
        self._at -= 1
        raise self._error("a number or a symbol is expected here")

    # -- arithmetic within limits -------------------------------------------------------------------------------

    def _times(self, left: Size, right: Size) -> Size:
        if _terms(left) * _terms(right) > MAX_TERMS:
            raise self._error(f"a product may have {MAX_TERMS:,} terms")
        return self._checked(left * right)

    def _divided(self, top: Size, bottom: Size, sign: str) -> Size:
        if isinstance(bottom, int) and bottom == 0:
            raise self._error("0 divides nothing")
        if max(_depth_of(top), _depth_of(bottom)) >= MAX_DEPTH:
            raise self._error(f"quotients may be nested {MAX_DEPTH} deep")
        quotient = floor_div(top, bottom)
        if sign == "//":
            return self._checked(quotient)
        return self._checked(top - self._times(bottom, quotient))

    def _checked(self, size: Size) -> Size:
        terms = size.terms if isinstance(size, Expr) else {(): size}
        if len(terms) > MAX_TERMS or any(
            number.bit_length() > MAX_BITS or len(monomial) > MAX_FACTORS for monomial, number in terms.items()
        ):
            raise self._error("the expression gets too large")
        return size


def _terms(size: Size) -> int:
    return len(size.terms) if isinstance(size, Expr) else 1


def _depth_of(size: Size) -> int:
    """How deep floors are nested in a size."""
    if not isinstance(size, Expr):
        return 0
    floors = {atom for monomial in size.terms for atom, _ in monomial if isinstance(atom, Floor)}
    return max((1 + max(_depth_of(floor.numerator), _depth_of(floor.denominator)) for floor in floors), default=0)


def _tokens(text: str) -> list[_Token]:
    """The pieces of a text."""
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            is_fraction = rest.startswith("/")
            raise SpecError(
                "this character has no meaning in an expression",
                where=f"expression, column {len(text) - len(rest) + 1}",
                got=ascii(rest[:1]),
                remedy="// is the quotient, rounded down" if is_fraction else _REMEDY,
            )
        kind = match.lastgroup or ""
        piece = match.group(kind)
        column = match.start(kind) + 1
        if kind == "number" and len(piece) > MAX_DIGITS:
            raise SpecError(f"a number may have {MAX_DIGITS} digits", where=f"expression, column {column}", got=piece[:24] + "…")
        found.append(_Token(kind, piece, column))
        at = match.end()
    found.append(_Token("end", "", len(text) + 1))
    return found
