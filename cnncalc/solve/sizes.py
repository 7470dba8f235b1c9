"""Which input sizes a network accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.graph import trace
from cnncalc.sizes import Condition, Expr, Floor

if TYPE_CHECKING:
    from cnncalc.module import Module
    from cnncalc.sizes import Shape

#: Beyond this length the search gives up.
LIMIT = 1 << 20


def smallest_size(network: Module, shape: Shape, name: str = "n") -> int:
    """The length from which on the network accepts every length of the axes that hold the symbol `name`.

    `shape` holds the symbol, as in `(1, 3, "n", "n")`. What the network asks is recorded as conditions; each must be
    rising in the symbol, so that it holds for all lengths from the first one on, and the largest of these firsts is the
    answer. Raises UnsupportedError where a condition is of another kind, or where no length is accepted.
    """
    graph = trace(network, *[shape])
    return max([1, *(_first(requirement.condition, name) for requirement in graph.requirements)])


def _first(condition: Condition, name: str) -> int:
    """The first value from which on a rising condition holds, by bisection."""
    if condition.relation != ">=" or condition.expr.symbols != {name} or not _rises(condition.expr):
        raise UnsupportedError("the condition does not hold from some size on", got=str(condition))
    if not condition.holds({name: LIMIT}):
        raise ShapeError("no size is accepted", got=str(condition))
    low, high = 0, LIMIT
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if condition.holds({name: middle}) else (middle, high)
    return high


def _rises(expr: Expr) -> bool:
    """Whether an expression is non-decreasing in its symbols: no negative coefficient, here or inside a floor."""
    return all(
        (coefficient > 0 or not monomial) and all(not isinstance(atom, Floor) or _rises(atom.numerator) for atom, _ in monomial)
        for monomial, coefficient in expr.terms.items()
    )
