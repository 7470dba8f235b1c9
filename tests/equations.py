"""Printed formulas, worked out as a reader does."""

from __future__ import annotations

import math
import re
from fractions import Fraction


def worked_out(text, **letters):
    """What a reader gets from a printed formula: `⌊(128 + 2·1 − 5)/2⌋ + 1` is 63."""
    for sign, python in {"−": "-", "·": "*", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}.items():
        text = text.replace(sign, python)
    text = re.sub(r"(\d)(?=[A-Za-z])", r"\1*", text)
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r'F("\1")', text)
    assert re.fullmatch(r'(?:[-+*/(), .]|\d|"|[A-Za-z])*', text), text
    known = {"F": Fraction, "floor": math.floor, "ceil": math.ceil, "min": min}
    names = {f"{name}_": Fraction(value) for name, value in letters.items()}
    text = re.sub(r"\b(?!F\(|floor|ceil|min)([A-Za-z]\w*)\b", r"\1_", text)
    return eval(text, {"__builtins__": {}, **known, **names})  # noqa: S307 - our own text, checked just above
