"""The projective field: which cells of an output an input cell can change. The converse relation of the receptive field.

A set of cells is carried forward from the input through each layer, in all axes at once: an output cell is changed if it
reads any of them. Output cell y is in the projective field of x exactly where x is in the receptive field of y.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import asked_term, channel_axis, check_channel, spatial_axes, value_named
from cnncalc.analyses.exact_cells import add_term
from cnncalc.axes import of_output
from cnncalc.cell_set import CellSet
from cnncalc.graph import Graph, trace
from cnncalc.sizes import Size
from cnncalc.value import Value

if TYPE_CHECKING:
    from cnncalc.cells import Term
    from cnncalc.module import Module


class ProjectiveField(CellSet):
    """The cells of an output that one input cell can change: a union of product sets over the axes after the channels.

    `box` is the exact hull, `cells` the cells on each axis, `count` their number, `share` the part of the output's cells,
    `terms` the set itself. A flat output has one axis, its features. `at` is the input cell and `of` the row.
    """

    __slots__ = ("at", "of")

    def __init__(self, of: str, at: tuple[int, ...], terms: list[Term], image: tuple[Size, ...]) -> None:
        """Keep the parts; `image` holds the lengths of the output's axes."""
        super().__init__(terms, image)
        self.of = of
        self.at = at

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        return {
            "of": self.of,
            "at": list(self.at),
            "box": self.box and [list(side) for side in self.box],
            "count": self.count,
            "share": None if self.share is None else float(self.share),
            "cells": self.cells and [list(axis) for axis in self.cells],
        }

    def __str__(self) -> str:
        """In words: the box and the number of cells."""
        box = self.box
        shown = "no cell" if box is None else " × ".join(f"{first}…{last}" for first, last in box)
        return f"projective field of {self.at} in {self.of or 'the output'}: {shown}, {self.count} cells"

    __repr__ = __str__


def projective_field(
    network: Module, *shapes: Any, at: Any, of: str | None = None, wrt: int = 0, channel: int | None = None
) -> ProjectiveField:
    """Which cells of the output, or of the row named `of`, the input cell `at` can change, exactly.

    `at` gives its indices on the axes after the channels; all channels of it may change, or the one that `channel` numbers.
    Channels of the output are united. `wrt` numbers the input that is changed, where there are several. Raises
    ArgumentError for a cell, a channel or a row that does not exist, UnsupportedError for symbolic sizes.
    """
    graph = trace(network, *shapes)
    spatial_axes(graph, wrt)
    source, target = graph.inputs[wrt], value_named(graph, of)
    if channel is not None:
        check_channel(graph, source, channel)
    cell = (at,) if isinstance(at, int) and not isinstance(at, bool) else at
    changed = cells_changed(graph, source, asked_term(graph, source, cell, channel), target)
    axis = channel_axis(graph)
    rank = len(target.shape)
    lead = axis if rank == axis + 1 else min(axis + 1, rank)
    terms: list[Term] = []
    for term in changed:
        # Of a batch, the first sample, as everywhere.
        if all(cells & 1 for cells in term[:axis]):
            add_term(terms, term[lead:])
    return ProjectiveField(of or "", tuple(cell), terms, target.shape[lead:])


def cells_changed(graph: Graph, source: Value, term: Term, target: Value) -> list[Term]:
    """The cells of a value that depend on any cell of a product set of an input, as a union of product sets."""
    changed: dict[tuple[int, int], list[Term]] = {(source.node.index, 0): [term]}
    for node in graph.nodes[: target.node.index + 1]:
        if node.operation is None:
            continue
        for output, shape in enumerate(node.facts.outputs):
            found: list[Term] = []
            for value, maps in zip(node.values, of_output(node.axes, output), strict=True):
                for part in changed.get((value.node.index, value.index), ()):
                    for read in maps.read_by(part, value.shape, shape):  # type: ignore[arg-type]
                        add_term(found, read)
            if found:
                changed[node.index, output] = found
    return changed.get((target.node.index, target.index), [])
