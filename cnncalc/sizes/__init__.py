"""Sizes: whole numbers, or symbolic lengths kept in a normal form.

A size is a Python int or an `Expr`. An `Expr` is a polynomial with integer coefficients whose variables are *atoms*:
a named `Symbol`, or a `Floor`, the floor of a quotient of two sizes. Three rules keep it short:

* whole multiples leave a floor:        ⌊(c·q + r)/c⌋ = q + ⌊r/c⌋
* a common factor is cancelled:         ⌊(g·x + b)/(g·c)⌋ = ⌊(x + ⌊b/g⌋)/c⌋
* a floor in a floor collapses:         ⌊(⌊m/c⌋ + b)/e⌋ = ⌊(m + b·c)/(c·e)⌋   for c, e > 0

So a length in one symbol behind any chain of windows stays in the form a·⌊(n + b)/c⌋ + d and never nests.
A symbol stands for any whole number from its minimum on, which is 1 unless another is given. Comparisons that do not hold
for all such values are neither true nor false: they are `Condition`s, and `require` records them.
"""

from cnncalc.sizes.atoms import Atom, Floor, Monomial, Symbol
from cnncalc.sizes.comparisons import Condition, at_least, equal, greater, lesser
from cnncalc.sizes.expression import Expr, Shape, Size, ceil_div, floor_div, substitute, symbols_of
from cnncalc.sizes.periods import sizes_meeting
from cnncalc.sizes.plain import plain_text
from cnncalc.sizes.reading import expression, is_readable, names_a_size
from cnncalc.sizes.requirements import JOIN_REMEDY, Recorder, Requirement, assume, conditions_as_data, recording, require
from cnncalc.sizes.sets import SizeSet
from cnncalc.sizes.shapes import as_shape, dot, product, refuse_empty, require_lengths, same_shape
from cnncalc.sizes.symbols import symbol

__all__ = [
    "JOIN_REMEDY",
    "Atom",
    "Condition",
    "Expr",
    "Floor",
    "Monomial",
    "Recorder",
    "Requirement",
    "Shape",
    "Size",
    "SizeSet",
    "Symbol",
    "as_shape",
    "assume",
    "at_least",
    "ceil_div",
    "conditions_as_data",
    "dot",
    "equal",
    "expression",
    "floor_div",
    "greater",
    "is_readable",
    "lesser",
    "names_a_size",
    "plain_text",
    "product",
    "recording",
    "refuse_empty",
    "require",
    "require_lengths",
    "same_shape",
    "sizes_meeting",
    "substitute",
    "symbol",
    "symbols_of",
]
