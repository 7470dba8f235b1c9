"""Arithmetic beside multiply-accumulates, under its own names: biases, norms, activations, pools, resampling, the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError
from cnncalc.layers.work import COUNTED, UNITS
from cnncalc.quantity import NumericQuantity, SymbolicQuantity, quantity

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.sizes import Size


def arithmetic(graph: Graph) -> dict[str, NumericQuantity | SymbolicQuantity | CnncalcError]:
    """For each name, what the whole network takes; or the error that says why it is not known.

    An operation whose arithmetic is not known leaves all of them unknown: it may be any of them.
    """
    totals: dict[str, Size] = dict.fromkeys(COUNTED, 0)
    unknown: dict[str, CnncalcError] = {}
    for node in graph.nodes:
        operation = node.operation
        if operation is None:
            continue
        try:
            for name, amount in operation.arithmetic(*node.shapes, **node.call).items():
                totals[name] = totals[name] + amount
        except CnncalcError as error:
            error.where = node.path or error.where
            for name in COUNTED if operation.work not in COUNTED else (operation.work,):
                unknown.setdefault(str(name), error)
    return {
        name: unknown[name] if name in unknown else quantity(total, UNITS.get(name, "values"), COUNTED[name], "arithmetic")
        for name, total in totals.items()
    }
