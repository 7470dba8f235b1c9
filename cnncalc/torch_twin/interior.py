"""Which cells of every value lie far from all borders: those whose windows, layer by layer, lie inside what they read.

A cell may read the image's middle and still lie at a border on the way there: behind a crop or a roll, say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analyses.axis_fields import State
from cnncalc.analyses.closed_form import Fields
from cnncalc.axes import AxisMaps, Merged, Nothing, PerOutput, Regrouped
from cnncalc.axis import EACH, AxisMap

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.sizes import Shape
    from cnncalc.value import Node, Value

#: On each axis of the network's input: the first and the last cell far from all borders, on the axis that carries it.
Interior = dict[int, tuple[int, int]]


def interiors(graph: Graph, found: Fields, wrt: int) -> dict[tuple[int, int], Interior]:
    """The interior of every value, by number of its node and of the output; axes without one are missing."""
    known: dict[tuple[int, int], Interior] = {}
    source = graph.inputs[wrt]
    for node in graph.nodes:
        if node is source.node:
            known[node.index, 0] = {axis: (0, int(source.shape[axis]) - 1) for axis in found[node.index]}
        elif node.operation is not None:
            maps = node.axes
            for index, output in enumerate(node.facts.outputs):
                axes = maps[index] if isinstance(maps, PerOutput) else maps
                known[node.index, index] = _behind(node, axes, output, found, known)
    return known


def _behind(
    node: Node, axes: tuple[AxisMaps, ...], output: Shape, found: Fields, known: dict[tuple[int, int], Interior]
) -> Interior:
    """The cells of an output whose windows lie in the interiors of all inputs."""
    joined: Interior | None = None
    for value, maps in zip(node.values, axes, strict=True):
        state = found.of(value)
        if not state or isinstance(maps, Nothing):
            continue
        own = _through(value, maps, output, state, known[value.node.index, value.index])
        joined = own if joined is None else {
            axis: (max(joined[axis][0], first), min(joined[axis][1], last))
            for axis, (first, last) in own.items()
            if axis in joined
        }  # fmt: skip
    return joined or {}


def _through(value: Value, maps: AxisMaps, output: Shape, state: State, before: Interior) -> Interior:
    """The interior of one input behind its axis maps."""
    after: Interior = {}
    for axis, (first, last) in before.items():
        place = state[axis][0]
        route = None if place is None else _route(maps, place)
        if place is None or route is None:
            continue
        goes_to, axis_map = route
        phases = axis_map.phases(value.shape[place])
        if phases is None:
            continue
        # Windows move on with the cells, so that the first whole one and the last one bound the interior.
        hulls = [(start, start + bits.bit_length() - 1) for start, bits in phases.windows if bits]
        if not hulls or not phases.step:
            continue
        least, most = min(start for start, _ in hulls), max(end for _, end in hulls)
        low = -((least - first) // phases.step) * phases.period
        high = ((last - most) // phases.step + 1) * phases.period - 1
        after[axis] = (max(low, 0), min(high, int(output[goes_to]) - 1))
    return after


def _route(maps: AxisMaps, place: int) -> tuple[int, AxisMap] | None:
    """Where an axis goes, and by which map; None where it is merged, cut or dropped."""
    if isinstance(maps, Merged):
        if maps.start <= place < maps.stop:
            return None
        return (place if place < maps.start else place - (maps.stop - maps.start) + 1), EACH
    if isinstance(maps, Regrouped):
        start, stop, out_start, out_stop = maps.group_of(place)
        return (out_start, EACH) if stop - start == 1 == out_stop - out_start else None
    if place >= len(maps.routes):
        return None
    goes_to, axis_map = maps.routes[place]
    return None if goes_to is None else (goes_to, axis_map)
