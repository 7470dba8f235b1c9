"""Quantities of receptive fields: their size, area, stride and padding, and the recurrence as working."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import spatial_axes, value_named
from cnncalc.analyses.closed_form import fields
from cnncalc.axes import of_output
from cnncalc.axis import Window
from cnncalc.graph import Graph
from cnncalc.layers.layer import Layer
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.result import Result, columns, common
from cnncalc.sizes import Size, dot, product
from cnncalc.value import Node

if TYPE_CHECKING:
    from cnncalc.sheets.networks import Built


def _field(graph: Graph, at: str | None) -> tuple[Any, ...]:
    """The field's size on each axis, behind a row or the whole network."""
    value = value_named(graph, at)
    state = fields(graph).of(value)
    sizes = tuple(state[axis][1].size for axis in spatial_axes(graph))
    if not all(state[axis][1].is_single for axis in spatial_axes(graph)):
        raise SheetError("the field has no single size here", got=at or "output")
    return sizes


def _rf(built: Built, at: str | None) -> Result:
    graph = built.graph
    return Result(list(_field(graph, at)), "pixels", lambda: _field_working(graph, at))


def _rf_side(built: Built, at: str | None) -> Result:
    graph = built.graph
    return Result(common(_field(graph, at), "rf_side"), "pixels", lambda: _field_working(graph, at))


def _rf_area(built: Built, at: str | None) -> Result:
    graph = built.graph
    sizes = _field(graph, at)
    return Result(product(sizes), "pixels", lambda: (f"{dot(sizes)} = {product(sizes)}",))


def _rf_values(built: Built, at: str | None) -> Result:
    graph = built.graph
    sizes = (*_field(graph, at), graph.inputs[0].shape[1])
    return Result(product(sizes), "values", lambda: (f"{dot(sizes)} = {product(sizes)}",))


def _rf_stride(built: Built, at: str | None) -> Result:
    graph = built.graph
    return Result(_figure(graph, at, "stride"), "pixels", lambda: _field_working(graph, at))


def _rf_padding(built: Built, at: str | None) -> Result:
    graph = built.graph
    return Result(_figure(graph, at, "padding"), "pixels", lambda: _field_working(graph, at))


def _figure(graph: Graph, at: str | None, name: str) -> Any:
    """A figure of the field that all axes share: its effective stride or padding."""
    state = fields(graph).of(value_named(graph, at))
    figures = tuple(getattr(state[axis][1], name) for axis in spatial_axes(graph))
    if any(figure is None or getattr(figure, "denominator", 1) != 1 for figure in figures):
        raise SheetError(f"the field has no single {name} here", got=at or "output")
    return common(figures, f"rf_{name}")


def _rf_trace(built: Built, at: str | None) -> Result:
    graph = built.graph
    return Result([r for _, _, _, r, _ in _trace(graph, at)], "pixels", lambda: _field_working(graph, at))


def windowed(graph: Graph, at: str | None) -> list[tuple[Node, Window]]:
    """The layers with a window up to a row, each with the window of its first axis."""
    last = value_named(graph, at).node.index
    found = []
    for node in graph.nodes[: last + 1]:
        if isinstance(node.operation, Layer):
            axes = of_output(node.axes)
            maps = [m for m in axes[0].maps if isinstance(m, Window)]
            if maps:
                found.append((node, maps[0]))
    return found


def _trace(graph: Graph, at: str | None) -> list[tuple[str, Any, Any, Any, Any]]:
    """Name, kernel, stride, field and jump of every layer with a window."""
    states = fields(graph)
    axis = spatial_axes(graph)[0]
    rows = []
    for node, window in windowed(graph, at):
        stencil = states[node.index][axis][1].stencil
        if stencil is None:
            raise SheetError("the field has no single size here", got=node.path)
        rows.append((node.path, window.extent, window.stride, stencil.size, stencil.stride))
    return rows


def _field_working(graph: Graph, at: str | None) -> tuple[str, ...]:
    """The forward recurrence as a table, and the check from the output back."""
    rows = _trace(graph, at)
    table = [("", *(name for name, *_ in rows)), ("k, s", *(f"{k}, {s}" for _, k, s, _, _ in rows))]
    table += [("r", *(str(r) for *_, r, _ in rows)), ("j", *(str(j) for *_, j in rows))]
    back: list[Size] = [1]
    for _, k, s, _, _ in reversed(rows):
        back.append((back[-1] - 1) * s + k)
    return (
        "r ← r + (k − 1)·j,  j ← j·s,  from r = j = 1",
        *columns(table),
        "from the output back: r ← (r − 1)·s + k:  " + " → ".join(str(r) for r in back),
    )


FIELD_QUANTITIES: dict[str, Callable[[Built, str | None], Result]] = {
    "rf": _rf,
    "rf_side": _rf_side,
    "rf_area": _rf_area,
    "rf_values": _rf_values,
    "rf_trace": _rf_trace,
    "rf_stride": _rf_stride,
    "rf_padding": _rf_padding,
}
