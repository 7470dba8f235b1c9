"""The receptive field of a row, asked by name: the closed form, and with a cell its exact cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import asked_term, spatial_axes, value_named
from cnncalc.analyses.axis_fields import INDEPENDENT, State
from cnncalc.analyses.closed_form import fields
from cnncalc.analyses.exact_cells import add_term, exact_cells
from cnncalc.field import ReceptiveField
from cnncalc.graph import trace

if TYPE_CHECKING:
    from cnncalc.cells import Term
    from cnncalc.module import Module


def receptive_field(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> ReceptiveField:
    """The receptive field of a network's output, or of the row named `of`.

    Figures are for a cell far from every border on an endless image. With `at`, a cell's indices on the axes after the
    channels (or the feature of a flat output), its exact cells are given too. `wrt` numbers the input that is looked at,
    where there are several. Raises ArgumentError for a cell or a row that does not exist.
    """
    graph = trace(network, *shapes)
    value = value_named(graph, of)
    axes = spatial_axes(graph, wrt)
    field = as_field(of or "", axes, fields(graph, wrt).of(value))
    if at is None:
        return field
    cell = (at,) if isinstance(at, int) and not isinstance(at, bool) else at
    cells = exact_cells(graph, value, asked_term(graph, value, cell), wrt)
    terms: list[Term] = []
    for term in cells:
        add_term(terms, tuple(term[axis] for axis in axes))
    return ReceptiveField(field.of, field.axes, tuple(cell), terms)


def as_field(of: str, axes: range, state: State) -> ReceptiveField:
    """The state of a value as plain data, for the row called `of`."""
    return ReceptiveField(of, tuple(state[axis][1] if axis in state else INDEPENDENT for axis in axes), None, None)
