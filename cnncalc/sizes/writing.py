"""Symbolic sizes as readable mathematics: ⌊(H − k + 2·p)/s⌋ + 1, F·(C·k² + 1), ⌈H/32⌉."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cnncalc.sizes import polynomials
from cnncalc.sizes.readable import Name, Node, Number, Power, Product, Quotient, Sum, Ways, readable

if TYPE_CHECKING:
    from cnncalc.sizes.polynomials import Terms

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BRACKETS = {"floor": "⌊⌋", "ceil": "⌈⌉", "exact": ("", "")}


def number_text(value: int) -> str:
    """An int with a true minus sign."""
    return f"−{-value}" if value < 0 else str(value)


def terms_text(terms: Terms) -> str:
    """A polynomial as readable mathematics, in the shortest form found."""
    return node_text(readable(terms, Ways(node_text, polynomials.factors)))


@lru_cache(maxsize=8192)
def node_text(node: Node) -> str:
    """A form as text."""
    if isinstance(node, Number):
        return number_text(node.value)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Power):
        return _factor_text(node.base) + str(node.exponent).translate(_RAISED)
    if isinstance(node, Quotient):
        left, right = _BRACKETS[node.rounding]
        top = node_text(node.top)
        bottom = node_text(node.bottom)
        top = f"({top})" if isinstance(node.top, Sum) else top
        bottom = f"({bottom})" if isinstance(node.bottom, (Sum, Product)) else bottom
        return f"{left}{top}/{bottom}{right}"
    if isinstance(node, Product):
        parts = [_factor_text(factor) for factor in node.factors]
        if abs(node.coefficient) != 1:
            parts.insert(0, str(abs(node.coefficient)))
        return ("−" if node.coefficient < 0 else "") + "·".join(parts)
    text = ""
    for term in node.terms:
        piece = node_text(term)
        if not text:
            text = piece
        else:
            text += f" − {piece[1:]}" if piece.startswith("−") else f" + {piece}"
    return text


def _factor_text(node: Node) -> str:
    """A form as a factor or a base: in brackets where it is a sum, or a quotient without brackets of its own."""
    text = node_text(node)
    bare = isinstance(node, Quotient) and node.rounding == "exact"
    return f"({text})" if isinstance(node, (Sum, Product)) or bare else text
