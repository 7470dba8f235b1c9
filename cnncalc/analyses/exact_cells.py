"""The exact cells behind any one cell, or any product set of cells, of a graph.

A backward fold: a set of cells is carried from an output to the inputs, in all axes at once, and is exact on any graph. A
field is a union of product sets, and a term that is empty on one axis is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.axes import of_output
from cnncalc.cells import Term

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.value import Value


#: For a node's number and that of one of its outputs: the cells of that value that are read, as terms.
OnTheWay = dict[int, dict[int, list[Term]]]


def exact_cells(graph: Graph, value: Value, term: Term, wrt: int = 0) -> list[Term]:
    """The exact set of input cells that a product set of output cells depends on, as a union of product sets."""
    return cells_on_the_way(graph, value, term).get(graph.inputs[wrt].node.index, {}).get(0, [])


def cells_on_the_way(graph: Graph, value: Value, term: Term) -> OnTheWay:
    """The same for every value between the output and the inputs: which of its cells the output cells depend on."""
    asked: OnTheWay = {value.node.index: {value.index: [term]}}
    for node in reversed(graph.nodes[: value.node.index + 1]):
        wanted = asked.get(node.index)
        if node.operation is None or wanted is None:
            continue
        axes = node.axes
        for output, terms in wanted.items():
            for source, maps in zip(node.values, of_output(axes, output), strict=True):
                held = asked.setdefault(source.node.index, {}).setdefault(source.index, [])
                for part in terms:
                    for read in maps.reads(part, source.shape):  # type: ignore[arg-type]
                        if read not in held:
                            add_term(held, read)
    return asked


def along_one_path(graph: Graph, value: Value, term: Term, wrt: int, *, latest: bool) -> Term | None:
    """A part of the exact set: what is read along one path, at every join by way of the earliest or the latest value.

    None where the path does not lead to the input.
    """
    source = graph.inputs[wrt].node
    pick = max if latest else min
    while value.node is not source:
        node = value.node
        if not node.values:
            return None
        ways = zip(node.values, of_output(node.axes, value.index), strict=True)
        value, maps = pick(ways, key=lambda way: way[0].node.index)
        read = next(iter(maps.reads(term, value.shape)), None)  # type: ignore[arg-type]
        if read is None:
            return None
        term = read
    return term


def add_term(terms: list[Term], new: Term) -> None:
    """Add a product set to a union: drop what is covered, and merge sets that differ on one axis alone."""
    index = 0
    while index < len(terms):
        known = terms[index]
        different = [axis for axis, (a, b) in enumerate(zip(known, new, strict=True)) if a != b]
        if all(known[axis] | new[axis] == known[axis] for axis in different):
            return
        if len(different) == 1 or all(known[axis] | new[axis] == new[axis] for axis in different):
            axis = different[0]
            if len(different) == 1:
                new = (*new[:axis], new[axis] | known[axis], *new[axis + 1 :])
            terms.pop(index)
            index = 0
            continue
        index += 1
    terms.append(new)
