"""Random formulas in whole numbers, as trees that can be worked out with numbers or with symbolic sizes."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.sizes import ceil_div, floor_div

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A tree: a symbol's name, a number, or an operation with its operands.
Tree = Any
NAMES = ("H", "W")

OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "floor": floor_div,
    "ceil": ceil_div,
    "%": lambda a, b: a % b,
}


def leaves(names: tuple[str, ...] = NAMES) -> st.SearchStrategy[Tree]:
    """A symbol or a small number."""
    return st.one_of(st.sampled_from(names), st.integers(-6, 6))


def trees(names: tuple[str, ...] = NAMES) -> st.SearchStrategy[Tree]:
    """Formulas with sums, products, and floors over whole numbers and over symbols."""
    divisors = st.one_of(st.integers(1, 6), st.integers(-4, -1), st.sampled_from(names))

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.tuples(st.sampled_from(("+", "-", "*")), inner, inner),
            st.tuples(st.sampled_from(("floor", "ceil", "%")), inner, divisors),
        )

    return st.recursive(leaves(names), grow, max_leaves=7)


def worked_out(tree: Tree, values: dict[str, Any]) -> Any:
    """The value of a tree with numbers or sizes in place of its names."""
    if isinstance(tree, str):
        return values[tree]
    if isinstance(tree, int):
        return tree
    operation, left, right = tree
    return OPERATIONS[operation](worked_out(left, values), worked_out(right, values))


def numerically(tree: Tree, values: dict[str, int]) -> int:
    """The same with Python's own whole numbers alone: an independent road."""
    if isinstance(tree, str):
        return values[tree]
    if isinstance(tree, int):
        return tree
    operation, left, right = tree
    a, b = numerically(left, values), numerically(right, values)
    return {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "floor": lambda: floor(Fraction(a, b)),
        "ceil": lambda: ceil(Fraction(a, b)),
        "%": lambda: a - b * floor(Fraction(a, b)),
    }[operation]()


def points(names: frozenset[str] | set[str], upto: int = 12) -> Iterator[dict[str, int]]:
    """Every way to put numbers from 1 to `upto` in for the names (more for a single one)."""
    ordered = sorted(names)
    last = 40 if len(ordered) == 1 else upto
    for values in product(range(1, last + 1), repeat=len(ordered)):
        yield dict(zip(ordered, values, strict=True))


def read(text: str, values: dict[str, int]) -> Any:
    """The value of a printed formula or condition: what a reader of it would work out."""
    for sign, python in {
        "−": "-", "·": "*", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "≥": ">=", "≤": "<=", "≠": "!=", " = ": " == ",
    }.items():  # fmt: skip
        text = text.replace(sign, python)
    superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"
    text = re.sub(f"[{superscripts}]+", lambda m: "**" + "".join(str(superscripts.index(c)) for c in m[0]), text)
    return eval(text, {"floor": floor, "ceil": ceil, **{name: Fraction(n) for name, n in values.items()}})  # noqa: S307
