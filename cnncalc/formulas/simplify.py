"""Sizes beyond the normal form, shortened: floors of several symbols, and sums of floors that are one floor.

Inside, sizes are kept by rules that are cheap enough for every addition. Here the dearer ones are tried, when a formula is
asked for: sympy takes polynomials apart (`sizes.by_sympy`), and a size in one symbol whose values rise in equal steps is
recognised as a·⌊(n + b)/c⌋ + d. docs/algebra.md has the proofs.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, pairwise
from itertools import product as all_of
from typing import TYPE_CHECKING

from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.sizes import Expr, Floor, Size, by_sympy, floor_div, polynomials, substitute, symbol
from cnncalc.sizes.comparisons import is_positive
from cnncalc.sizes.periods import degree_of, evaluator, period_of
from cnncalc.sizes.readable import Node, Number, Ways, readable
from cnncalc.sizes.writing import node_text

if TYPE_CHECKING:
    from cnncalc.sizes import Atom, Monomial
    from cnncalc.sizes.polynomials import Terms

#: Sizes with a longer period are not looked through for equal steps.
LONGEST_PERIOD = 512
#: A shortened size is held against the given one at so many points.
POINTS = 256


def simplify(size: Size) -> Size:
    """A size in a shorter form, equal wherever its symbols are at least their minima; the size itself where none is found.

    A size in the normal form is left as it is. sympy is imported only for what lies beyond; without it, its part is left out.
    """
    if not isinstance(size, (int, Expr)) or isinstance(size, bool):
        raise ArgumentError("a size is a whole number or a formula", got=repr(size)[:60], remedy="give for example report.params")
    if not isinstance(size, Expr) or not any(isinstance(atom, Floor) for monomial in size.terms for atom, _ in monomial):
        return size
    shorter = _steps_found(_rebuilt(size))
    return shorter if len(str(shorter)) < len(str(size)) and _agree(size, shorter) else size


def form(size: Size) -> Node:
    """The shortest form of a size, as a tree: simplified, and factored as far as it goes."""
    return _form(tuple(size.terms.items())) if isinstance(size, Expr) else Number(int(size))


def as_text(size: Size) -> str:
    """The shortest form of a size as readable mathematics."""
    return node_text(form(size))


@lru_cache(maxsize=1024)
def _form(items: tuple[tuple[Monomial, int], ...]) -> Node:
    """The form of a polynomial; asked more than once, as code, its bounds and its text come from the same."""
    shorter = simplify(Expr(dict(items)))
    return readable(shorter.terms, Ways(node_text, _factors)) if isinstance(shorter, Expr) else Number(int(shorter))


def _factors(terms: Terms) -> list[Terms]:
    """Our own factors, and where they are more than linear those that sympy finds in them."""
    return [part for factor in polynomials.factors(terms) for part in by_sympy.factors(factor) or [factor]]


# -- floors, from the inside out ----------------------------------------------------------------------------------


def _rebuilt(expr: Expr) -> Size:
    """The same with each floor in it shortened."""
    total: Size = 0
    for monomial, coefficient in expr.terms.items():
        product: Size = coefficient
        for atom, power in monomial:
            product = product * _shortened(atom) ** power
        total = total + product
    return total


def _shortened(atom: Atom) -> Size:
    """A symbol as it is; a floor of shorter sizes."""
    if not isinstance(atom, Floor):
        return Expr({((atom, 1),): 1})
    bottom = atom.denominator
    top = _steps_found(_rebuilt(atom.numerator))
    return _quotient(top, _rebuilt(bottom) if isinstance(bottom, Expr) else bottom)


def _quotient(top: Size, bottom: Size) -> Size:
    """⌊top/bottom⌋, without what both have in common, and with whole multiples taken out."""
    plain = floor_div(top, bottom)
    if not isinstance(top, Expr) or not isinstance(bottom, Expr) or len(bottom.terms) == 1 or not is_positive(bottom):
        return plain
    cancelled = by_sympy.without_common_factor(top.terms, bottom.terms)
    if cancelled is not None:
        common, above, below = (_size(part) for part in cancelled)
        if is_positive(common):
            return _quotient(above, below)
    split = by_sympy.divided(top.terms, bottom.terms)
    if split is None:
        return plain
    outside = _size(split[0]) + floor_div(_size(split[1]), bottom)
    return outside if len(str(outside)) < len(str(plain)) else plain


def _size(terms: Terms) -> Size:
    """The size of terms."""
    return Expr(terms) + 0


# -- sums of floors that are one ----------------------------------------------------------------------------------


def _steps_found(size: Size) -> Size:
    """The size with sums of floors in one symbol put together where they are one: ⌊n/2⌋ + ⌈n/2⌉ is n."""
    for name in sorted(size.symbols) if isinstance(size, Expr) else ():
        if isinstance(size, Expr):
            size = _in_steps_of(size, name)
    return size


def _in_steps_of(expr: Expr, name: str) -> Size:
    """The same, with the sums over what holds the one symbol `name` put together, each beside what it is multiplied by."""
    total: Size = 0
    groups: dict[Monomial, Terms] = {}
    for monomial, coefficient in expr.terms.items():
        inside = [(atom, power) for atom, power in monomial if name in _symbols(atom)]
        if len(inside) == 1 and inside[0][1] == 1 and len(_symbols(inside[0][0])) == 1:
            beside = tuple(item for item in monomial if item != inside[0])
            groups.setdefault(beside, {})[(inside[0],)] = coefficient
        else:
            total = total + Expr({monomial: coefficient})
    for beside, terms in groups.items():
        total = total + _one_floor(Expr(terms), name) * _size({beside: 1})
    return total


def _symbols(atom: Atom) -> frozenset[str]:
    """The names of the symbols in an atom."""
    return Expr({((atom, 1),): 1}).symbols


def _one_floor(expr: Expr, name: str) -> Size:
    """An expression in one symbol as a·⌊(n + b)/c⌋ + d, by its values over one period; itself where it is no such size.

    It must rise by one number a wherever it changes, and change after every c sizes.
    """
    try:
        period = period_of(expr)
    except UnsupportedError:
        return expr
    if period > LONGEST_PERIOD or degree_of(expr) != 1:
        return expr
    value = evaluator(expr, name)
    values = [value(n) for n in range(period + 1)]
    steps = [(n, after - before) for n, (before, after) in enumerate(pairwise(values), 1) if after != before]
    if not steps:
        return values[0]
    first, rise = steps[0]
    pace = period // len(steps)
    if steps != [(first + pace * index, rise) for index in range(len(steps))] or pace * len(steps) != period:
        return expr
    return rise * floor_div(symbol(name, expr.minima[name]) - first, pace) + values[first]


# -- the check ----------------------------------------------------------------------------------------------------


def _agree(size: Expr, shorter: Size) -> bool:
    """Whether two sizes have the same values from the minima of their symbols on, at `POINTS` points at most.

    The rules are proved; this holds what they gave against the size itself, once more. In few symbols with short periods the
    points are all remainders.
    """
    minima = size.minima
    span = max(2, int(POINTS ** (1 / len(minima))))
    grid = all_of(*(range(least, least + span) for least in minima.values()))
    for point in islice(grid, POINTS):
        values = dict(zip(minima, point, strict=True))
        try:
            expected = size.subs(values)
        except ZeroDivisionError:
            continue
        if substitute(shorter, values) != expected:
            return False
    return True
