"""A field on one axis passed through one operation, and the union of two branches' fields."""

from __future__ import annotations

from cnncalc.axes import AxisMaps, Merged, Regrouped
from cnncalc.axis import EACH, AxisMap, Everything, Groups, Undescribed
from cnncalc.field import AxisField
from cnncalc.sizes import Shape, Size
from cnncalc.stencil import IDENTITY
from cnncalc.value import Node

#: For each axis of the network's input: which axis of the value carries it, and its field.
State = dict[int, tuple[int | None, AxisField]]

START = AxisField(IDENTITY)
#: Behind a layer that reads everything. Its extent is worked out where the sizes are numbers.
WHOLE = AxisField(whole=True, reason="the whole input; its extent depends on the symbols")
INDEPENDENT = AxisField(reason="it does not depend on this input")


def through(before: State, maps: AxisMaps, shape: Shape, node: Node) -> State:
    """A state behind one operation."""
    if isinstance(maps, Merged):
        return {axis: _merged(entry, maps, shape) for axis, entry in before.items()}
    if isinstance(maps, Regrouped):
        return {axis: _regrouped(entry, maps, shape) for axis, entry in before.items()}
    if len(maps.routes) < len(shape):
        return {axis: (None, varying(node, "moves cells over several axes at once")) for axis in before}
    after: State = {}
    done: dict[tuple[int, int], AxisField] = {}
    for axis, (place, field) in before.items():
        if place is None:
            mixed = field.stencil is not None and any(axis_map is not EACH for _, axis_map in maps.routes)
            after[axis] = (None, varying(node, "works on axes that branches mix or a reshape has cut") if mixed else field)
            continue
        output, axis_map = maps.routes[place]
        if axis_map is EACH or field.whole:
            after[axis] = (output, field)
            continue
        key = (id(axis_map), id(field))
        made = done.get(key)
        if made is None:
            made = done[key] = _mapped(field, axis_map, shape[place], node)
        after[axis] = (output, made)
    return after


def _mapped(field: AxisField, axis_map: AxisMap, n: Size, node: Node) -> AxisField:
    """A field behind one axis map; n is the length of the value's axis."""
    if isinstance(axis_map, Everything):
        return WHOLE
    if field.stencil is None:
        return field
    if field.laid_out is not None:
        return varying(node, "reads features of a flattened map in groups")
    stencil = None if isinstance(axis_map, Groups) else axis_map.stencil(n)
    if stencil is None:
        return varying(node, axis_map.why if isinstance(axis_map, Undescribed) else "has windows that differ from cell to cell")
    return AxisField(field.stencil.then(stencil))


def varying(node: Node, what: str) -> AxisField:
    """No single figure, and which layer is the reason."""
    return AxisField(reason=f"no single size: {node.path or node.kind} ({node.kind}) {what}")


def _merged(entry: tuple[int | None, AxisField], maps: Merged, shape: Shape) -> tuple[int | None, AxisField]:
    """A field behind a Flatten: each feature still is one cell, but its axis is laid out among others."""
    place, field = entry
    if place is None or place < maps.start:
        return entry
    if place >= maps.stop:
        return place - (maps.stop - maps.start) + 1, field
    n = shape[place]
    if field.stencil is None or field.laid_out is not None or not isinstance(n, int):
        laid = field if field.stencil is None else AxisField(field.stencil, laid_out=field.laid_out or -1)
        return maps.start, laid
    return maps.start, AxisField(field.stencil, laid_out=n)


def _regrouped(entry: tuple[int | None, AxisField], maps: Regrouped, shape: Shape) -> tuple[int | None, AxisField]:
    """A field behind a reshape: an axis that stays goes on, a merged one is laid out among others, a cut one has no place."""
    place, field = entry
    if place is None:
        return entry
    start, stop, out_start, out_stop = maps.group_of(place)
    wide = [axis for axis in range(out_start, out_stop) if (maps.output[axis] == 1) is not True]
    if len(wide) > 1 or out_start == out_stop:
        return None, field
    target = wide[0] if wide else out_start
    others = [axis for axis in range(start, stop) if axis != place and (shape[axis] == 1) is not True]
    if not others:
        return target, field
    return target, _merged((0, field), Merged(0, 1), (shape[place],))[1]


def joined_field(
    left: tuple[int | None, AxisField] | None, right: tuple[int | None, AxisField], node: Node
) -> tuple[int | None, AxisField]:
    """The union of two branches' fields on one axis."""
    if left is None:
        return right
    place = left[0] if left[0] == right[0] else None
    a, b = left[1], right[1]
    if a is b:
        return place, a
    if a.whole or b.whole:
        larger = a if a.whole and (not b.whole or (a.size or 0) >= (b.size or 0)) else b
        return place, larger
    if a.stencil is None or b.stencil is None:
        return place, a if a.stencil is None else b
    if a.laid_out is not None or b.laid_out is not None:
        if a.stencil == b.stencil:
            return place, a
        return place, varying(node, "joins branches after a flatten")
    union = a.stencil.beside(b.stencil)
    if union is None:
        return place, varying(
            node, f"joins branches of strides {a.stencil.stride} and {b.stencil.stride}, or of symbolic extents"
        )
    return place, AxisField(union)
