"""Reading one typed answer: equivalence, not spelling.

Digits of any script count, in any of the usual dress: `55018`, `55,018`, `۵۵٬۰۱۸`, `14048 + 40970`; shapes as `16x63x63`,
`۱۶×۶۳×۶۳`, `[16, 63, 63]`; formulas in the symbols that the question declares. What can't be read is asked for again.
No compatibility normalisation (NFKC) is used: it would read 16² as 162.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.grading.expressions import Parser, Rules, Token, tokens
from cnncalc.grading.unreadable import UnreadableAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_CHARACTERS = 200
MAX_STEPS = 100

#: Kinds of asks whose answer is several sizes, or may be; all others are one number.
SHAPE, SIDE = "shape", "side"

#: Marks that change the order in which text is shown, zero-width joiners, and the byte order mark.
INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0xFEFF])
_SPACES = dict.fromkeys([9, 10, 13, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")

#: Units that may stand behind a number, by what they measure. The number counts, the unit earns a note at most.
UNITS: dict[str, tuple[str, ...]] = {
    "count": ("parameters", "parameter", "params", "param", "weights", "پارامترها", "پارامتر", "وزن"),
    "pixels": ("pixels", "pixel", "px", "پیکسل"),
    "channels": ("feature maps", "feature map", "channels", "channel", "maps", "نقشهٔ ویژگی", "نقشه ویژگی", "کانال", "نقشه"),
    "macs": ("macs", "mac"),
}
_UNIT = re.compile(
    r"(?<=[\s0-9)\]])\s*(?P<unit>"
    + "|".join(sorted((re.escape(unit) for units in UNITS.values() for unit in units), key=len, reverse=True))
    + r")\s*$",
    re.IGNORECASE,
)
#: Words in brackets behind an answer: "32 (before pooling)".
_LABEL = re.compile(r"^(?P<answer>.*\S)\s*[(（](?P<label>[^()（）]*[^\W\d_]{2}[^()（）]*)[)）]$")
#: What torch prints around a shape.
_PRINTED = re.compile(r"^(?:torch\.)?Size\((?P<inside>.*)\)$")
#: What may stand for the batch in front of a shape.
_BATCH = re.compile(r"^(?P<open>[\[(]?) *(?:None|batch|N|B|\?) *(?:[,،×*·⋅∙∗✕✖]|[xX](?![A-Za-z])|(?:by|در|ضربدر) ) *")


class Answer(NamedTuple):
    """An answer that was read.

    `candidates` are the values it may mean, the likeliest first: a number, a formula, or a tuple of sizes. `label` is what
    stands in brackets behind it, `unit` what the unit behind it measures.
    """

    candidates: tuple[Any, ...]
    label: str = ""
    unit: str = ""

    @property
    def value(self) -> Any:
        """The likeliest value."""
        return self.candidates[0]


def cleaned(text: str) -> str:
    """A text without invisible marks, its spaces plain and its decimal digits Latin."""
    plain = text.translate(INVISIBLE).translate(_SPACES)
    return "".join(_latin(char) for char in plain).strip()


def _latin(char: str) -> str:
    """A decimal digit of any script as the Latin one; any other character as it is."""
    return str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char


def read(text: str, kind: str, symbols: Sequence[str] = (), *, fractions: bool = False) -> Answer:
    """What an answer to an ask of that kind means. Raises UnreadableAnswer.

    `symbols` are those that may stand in it; `fractions` lets a decimal fraction stand, where sizes are asked.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAnswer("long")
    plain = cleaned(text)
    for char in plain:
        if unicodedata.category(char) in {"No", "Nl"}:
            raise UnreadableAnswer("superscript")
    plain = plain.strip("`$ ").rstrip(".۔,،؛; ").lstrip("= ")
    if not plain:
        raise UnreadableAnswer("empty")
    plain, label = _without_label(plain, symbols)
    plain, unit = _without_unit(plain)
    read_as: Callable[[str, Rules], tuple[Any, ...]] = {SHAPE: _shape, SIDE: _side}.get(kind, _number)
    candidates = read_as(plain, Rules(tuple(symbols), fractions=fractions and not symbols))
    return Answer(candidates, label, unit)


def read_steps(steps: Sequence[str], *, fractions: bool = False) -> tuple[Any, ...]:
    """Steps towards an answer, each a number or equal sides. Raises UnreadableAnswer."""
    if len(steps) > MAX_STEPS:
        raise UnreadableAnswer("long")
    values = [read(step, SIDE, fractions=fractions).value for step in steps]
    return tuple(value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value for value in values)


def split_steps(text: str) -> list[str]:
    """Steps that were typed in one line, joined by commas, semicolons or arrows."""
    plain = text.translate(INVISIBLE).strip().strip("[]()")
    parts = re.split(r"\s*(?:[,،;؛→]|->|⇒|=>)\s*", plain) if re.search(r"[,،;؛→⇒>]", plain) else plain.split()
    return [part for part in parts if part]


def _without_label(text: str, symbols: Sequence[str]) -> tuple[str, str]:
    """An answer, and the words in brackets behind it."""
    match = _LABEL.match(text)
    if match is None or _PRINTED.match(text):
        return text, ""
    words = re.findall(r"[^\W\d_]+", match["label"])
    if all(word in symbols for word in words):
        return text, ""
    return match["answer"], match["label"].strip()


def _without_unit(text: str) -> tuple[str, str]:
    """An answer, and what the unit behind it measures."""
    match = _UNIT.search(text)
    if match is None or not match.start():
        return text, ""
    unit = match["unit"].lower()
    return text[: match.start()].rstrip(), next(name for name, units in UNITS.items() if unit in units)


# -- numbers ----------------------------------------------------------------------------------------------------


def _number(text: str, rules: Rules) -> tuple[Any, ...]:
    """One number or formula; several sides of "=" must agree."""
    found = tokens(text, rules)
    if any(token.kind in {",", "["} for token in found):
        raise UnreadableAnswer("shape_for_number")
    values = [_worked_out(side) for side in _sides(found)]
    if any(not _equal(value, values[0]) for value in values[1:]):
        raise UnreadableAnswer("unequal")
    return (values[0],)


def _worked_out(found: list[Token]) -> Any:
    parser = Parser(found)
    value = parser.sum()
    parser.finish()
    return value


def _sides(found: list[Token]) -> list[list[Token]]:
    """Tokens, cut at each "="."""
    return _cut(found, "=")


def _cut(found: list[Token], kind: str) -> list[list[Token]]:
    """Tokens, cut at each one of a kind that stands in no brackets."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.kind in {"(", "["}) - (token.kind in {")", "]"})
        if token.kind == kind and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _equal(left: Any, right: Any) -> bool:
    return (left == right) is True


# -- shapes -----------------------------------------------------------------------------------------------------


def _shape(text: str, rules: Rules) -> tuple[Any, ...]:
    """The sizes of a shape, joined by × or listed."""
    printed = _PRINTED.match(text)
    if printed:
        text = printed["inside"]
    batch = _BATCH.match(text)
    if batch and "N" not in rules.symbols:
        text = batch["open"] + text[batch.end() :]
    joined = _is_joined(text)
    # Where × joins, commas and spaces mark thousands; in a list a comma parts the sizes.
    sides = [_sizes(side) for side in _sides(tokens(text, rules._replace(commas=joined, spaces=joined)))]
    if any(side != sides[0] and side != (prod(sides[0]),) for side in sides[1:]):
        raise UnreadableAnswer("unequal")
    return (sides[0],)


def _is_joined(text: str) -> bool:
    """Whether sizes are joined by signs, not listed."""
    return not text.startswith("[") and re.search(r"[0-9) ]\s*(?:[xX×*·⋅∙∗✕✖]|by|در|ضربدر)", text) is not None


def _sizes(found: list[Token]) -> tuple[Any, ...]:
    """The sizes in a list or a product."""
    found = _without_brackets(found)
    items = _cut(found, ",")
    if len(items) > 1:
        if not items[-1]:
            # A trailing comma, as in (16,).
            items.pop()
        return tuple(_worked_out(item) for item in items)
    factors = _cut(found, "times")
    if len(factors) == 1:
        return (_worked_out(found),)
    if any(token.kind in {"plus", "minus"} for factor in _outside(factors) for token in factor):
        raise UnreadableAnswer("sum_in_shape")
    sizes = []
    for factor in factors:
        parser = Parser(factor)
        sizes.append(parser.factor())
        parser.finish()
    return tuple(sizes)


def _outside(factors: list[list[Token]]) -> list[list[Token]]:
    """The tokens of each factor that stand in no brackets."""
    kept: list[list[Token]] = []
    for factor in factors:
        depth = 0
        kept.append([])
        for token in factor:
            depth += (token.kind == "(") - (token.kind == ")")
            if depth == 0:
                kept[-1].append(token)
    return kept


def _without_brackets(found: list[Token]) -> list[Token]:
    """Tokens without one pair of brackets around all of them, where that makes a list."""
    pairs = {"[": "]", "(": ")"}
    if len(found) > 1 and pairs.get(found[0].kind) == found[-1].kind:
        inside = found[1:-1]
        depth = 0
        for token in inside:
            depth += (token.kind in pairs) - (token.kind in pairs.values())
            if depth < 0:
                return found
        return inside
    return found


def _side(text: str, rules: Rules) -> tuple[Any, ...]:
    """A side, or the sides of a map: 36 and 36x36. A comma may mark thousands or part two sides, and both are tried."""
    readings: list[Any] = []
    problem: UnreadableAnswer | None = None
    for read_as in (_one_side, _listed_sides, _joined_sides):
        try:
            values = read_as(text, rules)
        except UnreadableAnswer as error:
            if problem is None or error.reason not in {"shape_for_number", "form"}:
                problem = error
        else:
            readings += [value for value in values if value not in readings]
    if not readings:
        raise problem or UnreadableAnswer("shape_for_number")
    # Equal sides are surely meant as such: 128,128 is no number of six digits.
    return tuple(sorted(readings, key=lambda value: not (isinstance(value, tuple) and len(set(value)) == 1)))


def _one_side(text: str, rules: Rules) -> tuple[Any, ...]:
    """One number. A product of equal numbers is not worked out: 6x6 says that the side is 6, never 36."""
    factors = _cut(_sides(tokens(text, rules))[0], "times")
    if len(factors) > 1:
        sizes = {tuple(token.value for token in factor) for factor in factors}
        signs = {char for char in text if char in "xX×" or char.isalpha()}
        is_sum = any(token.kind in {"plus", "minus"} for factor in _outside(factors) for token in factor)
        if not is_sum and (len(sizes) == 1 or signs):
            return ()
    return _number(text, rules)


def _listed_sides(text: str, rules: Rules) -> tuple[Any, ...]:
    """Two or more sides parted by commas."""
    sizes = _sizes(tokens(text, rules._replace(commas=False)))
    return (sizes,) if len(sizes) > 1 else ()


def _joined_sides(text: str, rules: Rules) -> tuple[Any, ...]:
    """Two or more sides joined by ×. "36x36 = 1296" gives the area too, which must fit."""
    sides = _sides(tokens(text, rules))
    sizes = _sizes(sides[0])
    if len(sizes) == 1:
        return ()
    if any(_sizes(side) not in {sizes, (prod(sizes),)} for side in sides[1:]):
        raise UnreadableAnswer("unequal")
    return (sizes,)


def is_fraction(value: Any) -> bool:
    """Whether a decimal fraction stands in a value."""
    return any(isinstance(part, Fraction) for part in (value if isinstance(value, tuple) else (value,)))
