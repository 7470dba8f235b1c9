"""The receptive field of a row, asked by name: the closed form, and with a cell its exact cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import asked_term, channel_axis, check_channel, gives_several, spatial_axes, value_named
from cnncalc.analyses.axis_fields import INDEPENDENT, SEVERAL, State, on_axes
from cnncalc.analyses.closed_form import fields
from cnncalc.analyses.exact_cells import add_term, exact_cells
from cnncalc.field import ReceptiveField
from cnncalc.graph import trace

if TYPE_CHECKING:
    from cnncalc.cells import Term
    from cnncalc.module import Module


def receptive_field(
    network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0, channel: int | None = None
) -> ReceptiveField:
    """The receptive field of a network's output, or of the row named `of`: which input cells can change it.

    Figures are for a cell far from every border on an endless image; what has no single value is None with a reason. With
    `at`, a cell's indices on the axes after the channels (or the feature of a flat output), its exact cells are given too.
    The field is the union over all channels of the output; `channel` asks for that of one alone, which can be smaller
    where branches are concatenated. `wrt` numbers the input that is looked at, where there are several. Raises
    ArgumentError for a cell, a channel or a row that does not exist.
    """
    graph = trace(network, *shapes)
    axes = spatial_axes(graph, wrt)
    if at is None and channel is None and gives_several(graph, of):
        image = tuple(graph.inputs[wrt].shape[axis] for axis in axes)
        return ReceptiveField(of or "", (SEVERAL,) * len(axes), image=image)
    value = value_named(graph, of)
    if channel is not None:
        check_channel(graph, value, channel)
    found = fields(graph, wrt, apart=channel is not None)
    state = found.of(value) if channel is None else found.of_channel(value, channel_axis(graph), channel)
    field = as_field(of or "", axes, state)
    image = tuple(graph.inputs[wrt].shape[axis] for axis in axes)
    if at is None:
        return ReceptiveField(field.of, field.axes, image=image)
    cell = (at,) if isinstance(at, int) and not isinstance(at, bool) else at
    cells = exact_cells(graph, value, asked_term(graph, value, cell, channel), wrt)
    terms: list[Term] = []
    for term in cells:
        add_term(terms, tuple(term[axis] for axis in axes))
    cell = tuple(cell)
    unclipped = _unclipped(state, axes, cell, len(value.shape) - len(cell))
    return ReceptiveField(field.of, field.axes, cell, terms, image, unclipped)


def _unclipped(state: State, axes: range, cell: tuple[int, ...], lead: int) -> tuple[tuple[int, int] | None, ...]:
    """First and last cell of a cell's field on each axis of an endless image; None where there is no such box."""
    boxes: list[tuple[int, int] | None] = []
    for axis in axes:
        place, field = state.get(axis, (None, INDEPENDENT))
        boxes.append(field.window(cell[place - lead]) if place is not None and place >= lead else None)
    return tuple(boxes)


def as_field(of: str, axes: range, state: State) -> ReceptiveField:
    """The state of a value as plain data, for the row called `of`."""
    return ReceptiveField(of, on_axes(axes, state))
