"""Shapes as people write them."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.errors import SpecError
from cnncalc.sizes import Shape, Size, as_shape, expression, names_a_size
from cnncalc.spec.tokens import CONSTANTS, MAX_CHARACTERS, MAX_DIGITS

#: A shape may have this many axes.
MAX_AXES = 16
_SHAPE_REMEDY = "write for example 1x3x224x224, or Nx3xHxW for symbols"


def parse_shape(text: str) -> Shape:
    """A shape as people write it: `1x3x224x224`, `1×3×H×W`, `(N, 3, H, W)`, `N,2*C,H,W`.

    A name is a symbol, and a formula may stand for a size; where commas join the sizes, an x is a letter like any other.
    """
    inner = text.strip() if len(text) < MAX_CHARACTERS else ""
    if inner[:1] + inner[-1:] in {"()", "[]"} and len(inner) > 1:
        inner = inner[1:-1].strip().removesuffix(",")
    joint = r"\s*,\s*" if "," in inner else r"\s*[x×]\s*" if re.search("[x×]", inner) else r"\s+"
    parts = re.split(joint, inner)
    if not inner or not all(parts) or len(parts) > MAX_AXES:
        raise SpecError("a shape is sizes joined by x", got=repr(text[:40]), remedy=_SHAPE_REMEDY)
    sizes: list[Any] = []
    for part in parts:
        if part.isdecimal() and len(part) <= MAX_DIGITS:
            sizes.append(int(part))
        elif names_a_size(part) and part not in CONSTANTS:
            sizes.append(_formula(part, text))
        else:
            raise SpecError(
                "a size is a whole number from 0 on, or a name for a symbol",
                got=f"{part[:24]!r} in {text[:40]!r}",
                remedy=_SHAPE_REMEDY,
            )
    return as_shape(sizes)


def _formula(part: str, text: str) -> Size:
    """A symbol, or a formula."""
    try:
        return expression(part)
    except SpecError as error:
        raise SpecError(error.rule, where=error.where, got=f"{part[:24]!r} in {text[:40]!r}", remedy=_SHAPE_REMEDY) from None
