"""Symbolic sizes in plain characters, as code has them: `(H - 3)//2 + 1`. `reading.expression` reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.sizes import polynomials
from cnncalc.sizes.readable import Name, Node, Number, Power, Product, Quotient, Sum, Ways, readable
from cnncalc.sizes.writing import node_text

if TYPE_CHECKING:
    from cnncalc.sizes.expression import Expr


def plain_text(expr: Expr) -> str:
    """A size in the characters of Python, where `//` rounds down. It gives back the size itself when it is read."""
    node = readable(expr.terms, Ways(node_text, polynomials.factors, ceilings=False))
    return code(node, {name: name for name in expr.symbols}, "{top}//{bottom}", "**")


def code(node: Node, names: dict[str, str], division: str, power: str) -> str:
    """A form as an expression that languages read alike but for division and powers.

    `division` has places for top and bottom; where it is no sign between them but a call, no brackets are put around. Without
    a sign for powers they are written out.
    """
    is_sign = not division.endswith(")")

    def factor(part: Node) -> str:
        is_loose = isinstance(part, (Sum, Product, Quotient)) or (isinstance(part, Number) and part.value < 0)
        return f"({in_code(part)})" if is_loose else in_code(part)

    def in_code(part: Node) -> str:
        if isinstance(part, Number):
            return str(part.value)
        if isinstance(part, Name):
            return names[part.name]
        if isinstance(part, Power):
            return f"{factor(part.base)}**{part.exponent}" if power else f"({'*'.join([factor(part.base)] * part.exponent)})"
        if isinstance(part, Product):
            sign = "-" if part.coefficient == -1 else ""
            return sign + "*".join([*([str(part.coefficient)] if abs(part.coefficient) != 1 else []), *map(factor, part.factors)])
        if isinstance(part, Quotient):
            bottom = part.bottom
            if part.rounding == "ceil" and isinstance(bottom, Number):
                top = f"{in_code(part.top)} + {bottom.value - 1}"
                top = f"({top})" if is_sign else top
            else:
                top = factor(part.top) if is_sign else in_code(part.top)
            return division.format(top=top, bottom=factor(bottom) if is_sign else in_code(bottom))
        text = ""
        for term in part.terms:
            # A sum in a sum stays one step, as its bounds were worked out.
            piece = f"({in_code(term)})" if isinstance(term, Sum) else in_code(term)
            text += piece if not text else f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
        return text

    return in_code(node)
