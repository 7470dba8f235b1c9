"""Sizes as LaTeX, for the mathematics of a paper."""

from __future__ import annotations

import re

from cnncalc.formulas.simplify import form
from cnncalc.sizes import Size
from cnncalc.sizes.readable import Name, Node, Number, Power, Product, Quotient, Sum

_WITH_INDEX = re.compile(r"([A-Za-z])_?([0-9]+)\Z")
_BRACKETS = {"floor": (r"\left\lfloor ", r" \right\rfloor"), "ceil": (r"\left\lceil ", r" \right\rceil"), "exact": ("", "")}


def as_latex(size: Size) -> str:
    """A size in LaTeX's mathematics, without dollar signs."""
    return _latex(form(size))


def _latex(node: Node) -> str:
    """A form in LaTeX."""
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Name):
        return _name(node.name)
    if isinstance(node, Power):
        return f"{_factor(node.base)}^{{{node.exponent}}}"
    if isinstance(node, Quotient):
        left, right = _BRACKETS[node.rounding]
        return rf"{left}\frac{{{_latex(node.top)}}}{{{_latex(node.bottom)}}}{right}"
    if isinstance(node, Product):
        parts = [_factor(factor) for factor in node.factors]
        if abs(node.coefficient) != 1:
            parts.insert(0, str(abs(node.coefficient)))
        return ("-" if node.coefficient < 0 else "") + r" \cdot ".join(parts)
    text = ""
    for term in node.terms:
        piece = _latex(term)
        text += piece if not text else f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
    return text


def _factor(node: Node) -> str:
    """A form as a factor or a base: sums in brackets."""
    return rf"\left({_latex(node)}\right)" if isinstance(node, (Sum, Product)) else _latex(node)


def _name(name: str) -> str:
    """A symbol: one letter as it is, `k0` with an index, a word upright."""
    if len(name) == 1 and name != "_":
        return name
    match = _WITH_INDEX.match(name)
    if match:
        return f"{match[1]}_{{{match[2]}}}"
    return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
