"""What the pictures of receptive fields show, as plain data: cells, boxes and lengths. Drawing them is cnncalc.plots' work."""

from __future__ import annotations

from itertools import accumulate, combinations, product
from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import asked_term, channel_axis, spatial_axes, value_named
from cnncalc.analyses.exact_cells import cells_on_the_way, exact_cells
from cnncalc.analyses.path_counts import path_counts
from cnncalc.analyses.receptive import receptive_field
from cnncalc.axes import of_output
from cnncalc.axis import EACH
from cnncalc.cells import Term, cells_of, extent
from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.module import Module
    from cnncalc.value import Node, Value

FORMAT = "cnncalc.picture/1"
NAMES = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}
#: A heat map of more cells would take minutes, and nobody could see them.
MOST_CELLS = 1 << 21
#: Positions of an output that the picture of phases shows: two periods of a U-Net with four levels.
MOST_PHASES = 32


def field_picture(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> dict[str, Any]:
    """The field of one cell over the input's grid: for each pair of axes its exact cells as rectangles, and its boxes.

    Without `at`, the cell in the middle is shown. A field in three axes is shown as its three projections.
    """
    graph = trace(network, *shapes)
    at = _middle(graph, value_named(graph, of)) if at is None else at
    field = receptive_field(network, *shapes, at=at, of=of, wrt=wrt)
    axes = list(_space(graph, wrt))
    names = _names(len(axes))
    lengths = [int(graph.inputs[wrt].shape[axis]) for axis in axes]
    pairs: list[tuple[int, ...]] = list(combinations(range(len(axes)), min(2, len(axes))))
    unclipped = field.unclipped_box or ()
    panels = [
        {
            "names": [names[axis] for axis in pair],
            "lengths": [lengths[axis] for axis in pair],
            "rectangles": rectangles([tuple(term[axis] for axis in pair) for term in field.terms or ()]),
            "box": field.box and [list(field.box[axis]) for axis in pair],
            "unclipped": _whole_box([unclipped[axis] for axis in pair]),
        }
        for pair in pairs
    ]
    return {
        "format": FORMAT,
        "kind": "field",
        "of": of or "",
        "at": list(field.at or ()),
        "count": field.count,
        "panels": panels,
    }


def layers_picture(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> dict[str, Any]:
    """The fields of all layers on the way to one cell, one inside the other: for each axis a row per layer, first to last.

    Of a layer's cells that the asked cell depends on, the one in the middle is shown, so that each field lies inside the
    field of the asked cell.
    """
    graph = trace(network, *shapes)
    target = value_named(graph, of)
    at = _middle(graph, target) if at is None else at
    asked = asked_term(graph, target, _cell(at))
    axes = _space(graph, wrt)
    shape = graph.inputs[wrt].shape
    rows: list[tuple[Value, list[int], list[Term]]] = []
    reached = cells_on_the_way(graph, target, asked)
    for value in _values(graph, target):
        terms = reached.get(value.node.index, {}).get(value.index, [])
        shown = value.node is target.node or _moves(value.node, axes.start)
        if not terms or not shown or len(value.shape) != len(shape):
            continue
        cell = [cells_of(bits)[bits.bit_count() // 2] for bits in terms[0][axes.start :]]
        middle = (*terms[0][: axes.start], *(1 << i for i in cell))
        rows.append((value, cell, exact_cells(graph, value, middle, wrt)))
    names = _names(len(axes))
    found = []
    for place, axis in enumerate(axes):
        lines = [
            _label(value, target, of, axes.start)
            | {"cell": cell[place], "n": int(value.shape[axis]), "runs": runs(_on_axis(terms, axis))}
            for value, cell, terms in rows
        ]
        found.append({"names": [names[place]], "length": int(shape[axis]), "rows": lines})
    merged: list[dict[str, Any]] = []
    for panel in found:
        same = next((known for known in merged if known["rows"] == panel["rows"] and known["length"] == panel["length"]), None)
        if same:
            same["names"] += panel["names"]
        else:
            merged.append(panel)
    return {"format": FORMAT, "kind": "layers", "of": of or "", "at": list(_cell(at)), "panels": merged}


def phases_picture(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> dict[str, Any]:
    """The fields of neighbouring output cells along the last axis, where up-sampling makes them differ: a row per cell."""
    graph = trace(network, *shapes)
    target = value_named(graph, of)
    middle = _middle(graph, target) if at is None else _cell(at)
    asked_term(graph, target, middle)
    axes = _space(graph, wrt)
    if len(target.shape) != len(graph.inputs[wrt].shape):
        raise UnsupportedError("phases are those of an output with places", got=f"shape {target.shape}", remedy="name a row")
    n = int(target.shape[-1])
    count = min(n, MOST_PHASES)
    start = max(0, min(middle[-1] - count // 2, n - count))
    rows = []
    for i in range(start, start + count):
        bits = _on_axis(exact_cells(graph, target, asked_term(graph, target, (*middle[:-1], i)), wrt), axes[-1])
        rows.append({"cell": i, "runs": runs(bits), "size": extent(bits)})
    return {
        "format": FORMAT,
        "kind": "phases",
        "of": of or "",
        "at": list(middle),
        "panels": [{"names": [_names(len(axes))[-1]], "length": int(graph.inputs[wrt].shape[-1]), "rows": rows}],
    }


def paths_picture(network: Module, *shapes: Any, at: Any = None, of: str | None = None, wrt: int = 0) -> dict[str, Any]:
    """How many paths lead from each input cell to one cell of the output, as parts of the largest number: a heat map.

    "half" is how few cells it takes to hold half of all paths, the richest first. In three axes, each panel sums over the
    axis that it leaves out.
    """
    graph = trace(network, *shapes)
    at = _middle(graph, value_named(graph, of)) if at is None else _cell(at)
    lengths = [int(graph.inputs[wrt].shape[axis]) for axis in _space(graph, wrt)]
    if prod(lengths) > MOST_CELLS:
        raise UnsupportedError(
            "a heat map shows a number for each cell", got=f"{prod(lengths):,} cells", remedy="a smaller input"
        )
    counted = path_counts(network, *shapes, at=at, of=of, wrt=wrt)
    numbers = {cell: counted[cell] for cell in product(*map(range, counted.shape))}
    names = _names(len(counted.shape))
    panels = []
    for pair in combinations(range(len(counted.shape)), min(2, len(counted.shape))):
        sums: dict[tuple[int, ...], int] = {}
        for cell, number in numbers.items():
            key = tuple(cell[axis] for axis in pair)
            sums[key] = sums.get(key, 0) + number
        most = max(sums.values(), default=0) or 1
        lengths = [counted.shape[axis] for axis in pair]
        parts = [sums[key] / most for key in product(*map(range, lengths))]
        width = lengths[-1]
        weights = [parts[start : start + width] for start in range(0, len(parts), width)]
        panels.append({"names": [names[axis] for axis in pair], "lengths": lengths, "weights": weights})
    reached = sorted((number for number in numbers.values() if number), reverse=True)
    return {
        "format": FORMAT,
        "kind": "paths",
        "of": of or "",
        "at": list(at),
        "total": counted.total,
        "count": len(reached),
        "half": next((place for place, held in enumerate(accumulate(reached), 1) if 2 * held >= counted.total), 0),
        "panels": panels,
    }


#: What can be drawn, by name.
PICTURES: dict[str, Callable[..., dict[str, Any]]] = {
    "field": field_picture,
    "layers": layers_picture,
    "paths": paths_picture,
    "phases": phases_picture,
}

# -- cells as runs and rectangles -------------------------------------------------------------------------------


def runs(bits: int) -> list[list[int]]:
    """A set of cells as runs of neighbours: first and last cell of each."""
    found: list[list[int]] = []
    start = 0
    while bits:
        skip = (bits & -bits).bit_length() - 1
        bits >>= skip
        start += skip
        length = (~bits & (bits + 1)).bit_length() - 1
        found.append([start, start + length - 1])
        bits >>= length
        start += length
    return found


def rectangles(terms: list[Term]) -> list[list[list[int]]]:
    """A union of product sets as rectangles that do not overlap: first and last cell on each axis. One axis gives runs."""
    if not terms:
        return []
    if len(terms[0]) == 1:
        union = 0
        for (bits,) in terms:
            union |= bits
        return [[run] for run in runs(union)]
    rows: dict[int, int] = {}
    every = 0
    for row_bits, _ in terms:
        every |= row_bits
    for row in cells_of(every):
        content = 0
        for row_bits, column_bits in terms:
            content |= column_bits if row_bits >> row & 1 else 0
        if content:
            rows[content] = rows.get(content, 0) | 1 << row
    return [[down, across] for content, which in rows.items() for down in runs(which) for across in runs(content)]


# -- parts ------------------------------------------------------------------------------------------------------


def _cell(at: Any) -> tuple[int, ...]:
    """A cell as a tuple; a single number is the feature of a flat output, or the cell of one axis."""
    return (at,) if isinstance(at, int) else tuple(at)


def _middle(graph: Graph, value: Value) -> tuple[int, ...]:
    """The cell in the middle of a value. Raises UnsupportedError for symbols, and where the value has no cells."""
    lead = channel_axis(graph) + 1
    rest = value.shape[lead:] if len(value.shape) > lead else value.shape[lead - 1 :]
    if any(isinstance(n, Expr) for shape in (value.shape, *(v.shape for v in graph.inputs)) for n in shape):
        given = str(graph.inputs[0].shape)
        raise UnsupportedError("a picture needs numbers", got=given, remedy="give numbers for the sizes of the input")
    if not all(rest):
        raise ArgumentError("the output has no cells", got=f"shape {value.shape}")
    return tuple(int(n) // 2 for n in rest)


def _space(graph: Graph, wrt: int) -> range:
    """The axes of an input after its channels. Raises UnsupportedError where there are none: there is nothing to draw."""
    axes = spatial_axes(graph, wrt)
    if not axes:
        raise UnsupportedError("a picture needs an input with axes after its channels", got=str(graph.inputs[wrt].shape))
    return axes


def _names(count: int) -> tuple[str, ...]:
    """The names of axes, as torch orders them."""
    return NAMES.get(count) or tuple(f"axis {index + 1}" for index in range(count))


def _whole_box(spans: list[tuple[int, int] | None]) -> list[list[int]] | None:
    """The box over several axes; None where one of them has none."""
    return None if None in spans else [list(span) for span in spans if span is not None]


def _on_axis(terms: list[Term], axis: int) -> int:
    """The cells of a union on one axis."""
    union = 0
    for term in terms:
        union |= term[axis]
    return union


def _label(value: Value, target: Value, of: str | None, lead: int) -> dict[str, str]:
    """A row's name and class; an asked row that only passes cells on has the name it was asked by, and no class."""
    if value.node is target.node and not _moves(value.node, lead):
        return {"path": of or "", "kind": ""}
    return {"path": value.node.path, "kind": value.node.kind}


def _moves(node: Node, lead: int) -> bool:
    """Whether a node reads other cells of space than its own: a window, a pool, a resampling. Space begins at axis `lead`."""
    if node.operation is None:
        return False
    maps = of_output(node.axes)
    return any(axis_map is not EACH for part in maps for axis_map in part.maps[lead:])


def _values(graph: Graph, target: Value) -> Iterator[Value]:
    """Every value before a target that some node reads, once, in order; the target last."""
    seen = {(target.node.index, target.index)}
    found = []
    for node in graph.nodes[: target.node.index + 1]:
        for value in node.values:
            key = (value.node.index, value.index)
            if key not in seen:
                seen.add(key)
                found.append(value)
    yield from sorted(found, key=lambda value: value.node.index)
    yield target
