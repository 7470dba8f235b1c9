"""How wide or how deep a network may be: the integers for which it stays within a budget, or reaches a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.analyze import report_of
from cnncalc.analyses.receptive import receptive_field
from cnncalc.errors import ArgumentError, CnncalcError, UnsupportedError
from cnncalc.graph import trace
from cnncalc.module import Module
from cnncalc.sizes import Expr, SizeSet, at_least, symbols_of
from cnncalc.solve.answers import numbers, range_text
from cnncalc.solve.windows import sizes_met

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.report import Report
    from cnncalc.sizes import Size

#: What a network may be given as: itself with one free symbol, or a function from a whole number to a network.
Family = Module | Callable[[int], Module]

#: What is counted, by name.
FIGURES: dict[str, Callable[[Any], Any]] = {
    "params": lambda report: report.rows[0].params,
    "trainable": lambda report: report.rows[0].trainable,
    "macs": lambda report: report.rows[0].macs,
    "memory": lambda report: report.memory.inference,
    "training": lambda report: report.memory.training(),
}
#: No question makes more networks than this.
MOST_NETWORKS = 10_000


class Widest:
    """The largest integer that a budget allows, and the figure there.

    `size` is None where none is allowed. `allowed` is the whole set of integers that are, which need not be an interval. `proof`
    says how it is known that no larger one is: by the formula for all integers, or by trying every one of a range.
    """

    def __init__(self, size: int | None, figure: int | None, allowed: SizeSet, proof: str, what: str) -> None:
        """Keep the parts."""
        self.size = size
        self.figure = figure
        self.allowed = allowed
        self.proof = proof
        self.what = what

    def __str__(self) -> str:
        """`w = 47: 99,123 params; allowed: w ∈ {1, 2, …, 47}`, and the proof on a line of its own."""
        name = self.allowed.name
        if self.size is None:
            return f"none: no {name} is within the budget\n  {self.proof}"
        return f"{name} = {self.size}: {self.figure:,} {self.what}\n  allowed: {self.allowed}\n  {self.proof}"

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "format": "cnncalc.widest/1",
            "symbol": self.allowed.name,
            "size": self.size,
            "figure": self.figure,
            "of": self.what,
            "allowed": str(self.allowed),
            "proof": self.proof,
        }


def widest(
    family: Family, *shapes: Any, budget: int, of: str | Callable[[Any], Size] = "params", over: Iterable[int] | None = None
) -> Widest:
    """The largest integer with which a network's figure is at most `budget`.

    `family` is a network with one free symbol (in its layers or in the shapes), or a function from an integer to a network: a
    width, a growth rate, a depth. `of` is "params", "trainable", "macs", "memory" (bytes of inference at
    float32), "training" (bytes with Adam), or a function of the report that gives a count. With
    a symbol, the formula is solved for all integers from 1 on, monotone or not; with a function, and where there is no formula
    (which moment takes the most memory may depend on the symbol), every integer of `over` (default 1 … 256) is tried, and a
    network that refuses to be made or traced is not allowed. Raises UnsupportedError where `over` must be given.
    """
    if type(budget) is not int or budget < 0:
        raise ArgumentError("a budget is a whole number from 0 on", got=f"budget={budget!r:.40}")
    figure = of if callable(of) else FIGURES.get(of)
    if figure is None:
        raise ArgumentError(f"of is {', '.join(FIGURES)} or a function of the report", got=f"of={of!r:.40}")
    what = of if isinstance(of, str) else getattr(of, "__name__", "in all")
    tried = numbers(range(1, 257) if over is None else over, "over", 1)
    if not isinstance(family, Module):
        return _by_trying(lambda n: figure(report_of(trace(family(n), *shapes))), "n", budget, what, tried)
    graph = trace(family, *shapes)
    report = report_of(graph)
    try:
        count: Size = figure(report)
    except UnsupportedError:
        names = _symbols(report)
        if len(names) != 1:
            raise
        (name,) = names
        found = _by_trying(lambda n: figure(report.at(**{name: n})), name, budget, what, tried)
        if over is None and found.size == tried[-1]:
            raise UnsupportedError(
                "there is no formula, and the largest integer tried is within the budget too",
                got=f"{name} = {found.size}",
                remedy="give over=range(…)",
            ) from None
        return found
    return _by_formula(graph, count, budget, what, None if over is None else tried)


def _symbols(report: Report) -> frozenset[str]:
    """The symbols of a network and its input."""
    return frozenset().union(*map(symbols_of, (report.params.value, report.macs.value, *chain(*report.input_shapes))))


def _by_formula(graph: Graph, count: Size, budget: int, what: str, over: tuple[int, ...] | None) -> Widest:
    """A formula in one symbol, solved for all integers."""
    names = symbols_of(count)
    if not isinstance(count, Expr) or len(names) != 1:
        raise ArgumentError(
            "the figure must have exactly one free symbol",
            got=str(count)[:80],
            remedy='write one, as in Conv2d(3, "w", 3), and numbers for all else; or give a function from an int to a network',
        )
    (name,) = names
    allowed = sizes_met(at_least(budget - count)).named(name)
    for requirement in graph.requirements:
        if requirement.condition.expr.symbols == {name} and not requirement.otherwise:
            allowed = allowed & (requirement.sizes or SizeSet())
        else:
            raise UnsupportedError("the network asks something of another symbol", got=str(requirement))
    proof = "for all integers: the formula changes its side of the budget finitely often, and every change was found"
    if over is not None:
        allowed = allowed & SizeSet.of(over, name)
        proof = f"for {name} in {range_text(over)}, by the formula"
    if not allowed.is_finite:
        raise UnsupportedError(
            "every larger one is within the budget too", got=f"{count} ≤ {budget:,}", remedy="give over=range(…)"
        )
    size = allowed.largest
    return Widest(size, None if size is None else int(count.subs({name: size})), allowed, f"{proof}: {count} ≤ {budget:,}", what)


def _by_trying(figure_at: Callable[[int], Any], name: str, budget: int, what: str, tried: tuple[int, ...]) -> Widest:
    """Every integer of a range, tried."""
    counts = {n: count for n in _checked(tried) if (count := _number_at(figure_at, n)) is not None}
    if not counts:
        raise ArgumentError("no integer of the range gives a network that takes this input", got=range_text(tried))
    allowed = SizeSet.of((n for n, count in counts.items() if count <= budget), name)
    size = allowed.largest
    refused = len(tried) - len(counts)
    proof = f"every {name} in {range_text(tried)} was tried" + (f"; {refused} gave no network for this input" if refused else "")
    return Widest(size, None if size is None else counts[size], allowed, proof, what)


def _checked(tried: tuple[int, ...]) -> tuple[int, ...]:
    if len(tried) > MOST_NETWORKS:
        raise ArgumentError("the range is too long", got=f"{len(tried):,} networks", remedy=f"at most {MOST_NETWORKS:,}")
    return tried


def _number_at(figure_at: Callable[[int], Any], n: int) -> int | None:
    """The figure of one network of a family; None where it can't be made or does not take the input."""
    try:
        count = figure_at(n)
    except UnsupportedError:
        raise
    except CnncalcError:
        return None
    if not isinstance(count, int):
        raise ArgumentError("the figure must be a number", got=str(count)[:80], remedy="give numbers for all sizes")
    return int(count)


def depth_for_field(family: Callable[[int], Module], *shapes: Any, size: int, over: Iterable[int] | None = None) -> int | None:
    """The smallest integer of `over` (default 1 … 64) whose network reads a field of at least `size` cells on every axis.

    The field is the unclipped one, at the positions where it is largest. None where none of the range does: all were tried.
    Raises UnsupportedError where a network's field has no one size.
    """
    if type(size) is not int or size < 1:
        raise ArgumentError("a field's size is a whole number from 1 on", got=f"size={size!r:.40}")
    for n in _checked(numbers(range(1, 65) if over is None else over, "over", 1)):
        field = receptive_field(family(n), *shapes)
        if field.size is None:
            raise UnsupportedError("the field has no single size", got=f"n={n}", remedy="ask a row without global mixing")
        if all(isinstance(extent, int) and extent >= size for extent in field.size):
            return n
    return None
