"""Symbolic sizes as readable mathematics: ⌊(H − 3)/2⌋ + 1, ⌈H/32⌉."""

from __future__ import annotations

from cnncalc.sizes.atoms import Atom, Floor, Monomial, Symbol


def number_text(value: int) -> str:
    """An int with a true minus sign."""
    return f"−{-value}" if value < 0 else str(value)


def terms_text(terms: dict[Monomial, int]) -> str:
    """A polynomial as readable mathematics."""
    one_floor = _as_one_floor(terms)
    if one_floor:
        return one_floor
    ordered = sorted(
        terms.items(), key=lambda item: (not item[0], -sum(p for _, p in item[0]), [(a.key, -p) for a, p in item[0]])
    )
    text = ""
    for monomial, coefficient in ordered:
        factors = [_atom_text(atom) + _superscript(power) for atom, power in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        piece = "·".join(factors)
        if not text:
            text = f"−{piece}" if coefficient < 0 else piece
        else:
            text += f" − {piece}" if coefficient < 0 else f" + {piece}"
    return text or "0"


def _as_one_floor(terms: dict[Monomial, int]) -> str:
    """One floor with a constant beside it, written with the constant inside: `⌊(H − 1)/2⌋`, or as a ceiling: `⌈H/32⌉`.

    Nothing where the terms are not of that form.
    """
    rest = {monomial: coefficient for monomial, coefficient in terms.items() if monomial}
    if len(rest) != 1:
        return ""
    ((monomial, coefficient),) = rest.items()
    if coefficient != 1 or len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], Floor):
        return ""
    inner = monomial[0][0]
    divisor = inner.denominator
    if not isinstance(divisor, int):
        return ""
    numerator = dict(inner.numerator.terms)
    constant = numerator.pop((), 0) + terms.get((), 0) * divisor
    left, right = "⌊⌋"
    if constant == divisor - 1:
        left, right, constant = "⌈", "⌉", 0
    if constant:
        numerator[()] = constant
    top = terms_text(numerator)
    return f"{left}{f'({top})' if len(numerator) > 1 else top}/{divisor}{right}"


def _atom_text(atom: Atom) -> str:
    """A symbol's name, or a floor."""
    if isinstance(atom, Symbol):
        return atom.name
    if not isinstance(atom, Floor):  # pragma: no cover - there are two kinds of atoms
        raise TypeError(atom)
    top = str(atom.numerator)
    bottom = str(atom.denominator)
    if len(atom.numerator.terms) > 1:
        top = f"({top})"
    if not isinstance(atom.denominator, int) and (len(atom.denominator.terms) > 1 or "·" in bottom):
        bottom = f"({bottom})"
    return f"⌊{top}/{bottom}⌋"


def _superscript(power: int) -> str:
    """A power above 1 as superscript digits."""
    return "" if power == 1 else str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
