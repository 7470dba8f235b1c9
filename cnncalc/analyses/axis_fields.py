"""A field on one axis passed through one operation, and the union of two branches' fields."""

from __future__ import annotations

from math import lcm

from cnncalc.axes import AxisMaps, Merged, Regrouped
from cnncalc.axis import EACH, AxisMap, Everything, Groups
from cnncalc.field import AxisField, Unaligned
from cnncalc.phases import Phases
from cnncalc.sizes import Condition, Shape, Size
from cnncalc.stencil import IDENTITY
from cnncalc.value import Node

#: For each axis of the network's input: which axis of the value carries it, and its field.
State = dict[int, tuple[int | None, AxisField]]

START = AxisField(IDENTITY)
#: Why the extent behind a layer that reads everything is None, until it is worked out where the sizes are numbers.
MIXED = "the whole input; its extent depends on the symbols"
TOO_MANY = "has more phases or cells than are laid out"
INDEPENDENT = AxisField(reason="it does not depend on this input")
SEVERAL = AxisField(reason="there are several outputs, each with a field of its own; name the row of one")


def on_axes(axes: range, state: State) -> tuple[AxisField, ...]:
    """The field of a state on each axis."""
    return tuple([state[axis][1] if axis in state else INDEPENDENT for axis in axes])


def through(before: State, maps: AxisMaps, shape: Shape, node: Node) -> State:
    """A state behind one operation."""
    if isinstance(maps, Merged):
        return {axis: _merged(entry, maps, shape) for axis, entry in before.items()}
    if isinstance(maps, Regrouped):
        return {axis: _regrouped(entry, maps, shape) for axis, entry in before.items()}
    if len(maps.routes) < len(shape):
        return {axis: (None, varying(node, maps.why)) for axis in before}
    after: State = {}
    routes = maps.routes
    # What a map makes of an axis may hang on the axis's length too; mostly it is that of the axis before.
    last_map = last_field = last_n = last_collapses = None
    made = START
    for axis, entry in before.items():
        place, field = entry
        if place is None:
            mixed = any(axis_map is not EACH for _, axis_map in routes)
            after[axis] = (None, _lost(field, node) if mixed else field)
            continue
        output, axis_map = routes[place]
        if axis_map is EACH or (field.whole and (field.collapsed or field.local is None)):
            after[axis] = entry if output == place else (output, field)
            continue
        n, collapses = shape[place], output is None
        if axis_map is not last_map or field is not last_field or n is not last_n or collapses is not last_collapses:
            made = _mapped(field, axis_map, n, node, collapses=collapses)
            last_map, last_field, last_n, last_collapses = axis_map, field, n, collapses
        after[axis] = (output, made)
    # What goes on unchanged stays one object: branches are joined once.
    return before if after == before else after


def _lost(field: AxisField, node: Node) -> AxisField:
    """A field behind an operation on axes among which its own can't be found any more; what is the whole input stays that."""
    if field.whole:
        return field if field.collapsed or field.local is None else _without(field, _lost(field.local, node))
    if field.stencil is None and field.phases is None:
        return field
    return varying(node, "works on axes that branches mix or a reshape has cut")


def _without(field: AxisField, local: AxisField) -> AxisField:
    """A field that is the whole input, with another figure for what it is without the mixing."""
    return AxisField(size=field.size, whole=True, reason=field.reason, local=local, collapsed=field.collapsed)


def _mapped(field: AxisField, axis_map: AxisMap, n: Size, node: Node, *, collapses: bool) -> AxisField:
    """A field behind one axis map; n is the length of the value's axis."""
    if isinstance(axis_map, Everything):
        keeps = not collapses and (axis_map.length(n) == n) is True
        if field.whole:
            local = field.local if keeps or field.local is None else _own(field.local)
            return AxisField(size=field.size, whole=True, reason=field.reason, local=local, collapsed=not keeps)
        # What keeps its axis keeps it laid out among others, too.
        return AxisField(whole=True, reason=MIXED, local=field if keeps else _own(field), collapsed=not keeps)
    if field.whole:
        local = field.local and _mapped(field.local, axis_map, n, node, collapses=collapses)
        if local is field.local:
            return field
        return AxisField(size=field.size, whole=True, reason=field.reason, local=local)
    if field.stencil is None and field.phases is None:
        return field
    return _windowed(field, axis_map, n, node)


def _windowed(field: AxisField, axis_map: AxisMap, n: Size, node: Node) -> AxisField:
    """A field that has windows behind one axis map."""
    if field.laid_out is not None:
        return varying(node, "reads features of a flattened map in groups")
    if isinstance(axis_map, Groups):
        return varying(node, axis_map.why_varying(n))
    stencil = axis_map.stencil(n) if field.stencil is not None else None
    if field.stencil is not None and stencil is not None:
        if stencil is IDENTITY:
            return field
        return AxisField(field.stencil.then(stencil), unaligned=field.unaligned)
    before, after = _phases(field), axis_map.phases(n)
    if after is None:
        return varying(node, axis_map.why_varying(n))
    return _phased(before and before.then(after), field.unaligned) or varying(node, TOO_MANY)


def _own(field: AxisField) -> AxisField:
    """A field as that of one cell, wherever its axis is laid out."""
    if field.laid_out is None:
        return field
    return AxisField(field.stencil, phases=field.phases, unaligned=field.unaligned)


def _phases(field: AxisField) -> Phases | None:
    """A field as a periodic map."""
    return field.phases or (None if field.stencil is None else Phases.of(field.stencil))


def _phased(phases: Phases | None, unaligned: Unaligned | None) -> AxisField | None:
    """The field of a periodic map: a stencil where there is one phase."""
    if phases is None:
        return None
    stencil = phases.stencil
    return AxisField(stencil, unaligned=unaligned) if stencil else AxisField(phases=phases, unaligned=unaligned)


def varying(node: Node, what: str, unaligned: Unaligned | None = None) -> AxisField:
    """No single figure, and which layer is the reason."""
    return AxisField(reason=f"no single size: {node.path or node.kind} ({node.kind}) {what}", unaligned=unaligned)


def _merged(entry: tuple[int | None, AxisField], maps: Merged, shape: Shape) -> tuple[int | None, AxisField]:
    """A field behind a Flatten: each feature still is one cell, but its axis is laid out among others."""
    place, field = entry
    if place is None or place < maps.start:
        return entry
    if place >= maps.stop:
        return place - (maps.stop - maps.start) + 1, field
    n = shape[place]
    if field.whole and field.local is not None and not field.collapsed:
        return maps.start, _without(field, _merged((place, field.local), maps, shape)[1])
    if field.stencil is None and field.phases is None:
        return maps.start, field
    length = n if isinstance(n, int) and field.laid_out is None else field.laid_out or -1
    return maps.start, AxisField(field.stencil, phases=field.phases, laid_out=length, unaligned=field.unaligned)


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
        return place, _joined_whole(a, b, node)
    if (a.stencil or a.phases) is None or (b.stencil or b.phases) is None:
        return place, a if (a.stencil or a.phases) is None else b
    if a.laid_out is not None or b.laid_out is not None:
        if a.stencil == b.stencil and a.phases == b.phases:
            return place, a
        return place, varying(node, "joins branches after a flatten")
    return place, _union(a, b, node)


def _union(a: AxisField, b: AxisField, node: Node) -> AxisField:
    """The union of two fields that have windows."""
    unaligned = _unaligned(a, b, node)
    if a.stencil is not None and b.stencil is not None:
        union = a.stencil.beside(b.stencil)
        if union is not None:
            covering = a if union is a.stencil else b
            same = union is covering.stencil and unaligned is covering.unaligned
            return covering if same else AxisField(union, unaligned=unaligned)
        same = (a.stencil.stride == b.stencil.stride) is True
        return varying(node, "joins branches of which symbols hide the larger" if same else _strides(a, b), unaligned)
    left, right = _phases(a), _phases(b)
    if left is None or right is None:
        return varying(node, TOO_MANY, unaligned)
    if left.stride != right.stride:
        return varying(node, _strides(a, b), unaligned)
    return _phased(left.beside(right), unaligned) or varying(node, TOO_MANY, unaligned)


def _strides(a: AxisField, b: AxisField) -> str:
    """What is said of branches whose strides differ."""
    return f"joins branches of strides {a.stride} and {b.stride}"


def _unaligned(a: AxisField, b: AxisField, node: Node) -> Unaligned | None:
    """The first join that is not aligned, this one or one before it; one that is known not to be, if there is any."""
    aligned = _are_aligned(a, b)
    if aligned is True and a.unaligned is None and b.unaligned is None:
        return None
    here = None if aligned is True else Unaligned(node.path or node.kind, aligned is False)
    joins = [join for join in (a.unaligned, b.unaligned, here) if join is not None]
    return next((join for join in joins if join.is_known), joins[0] if joins else None)


def _are_aligned(a: AxisField, b: AxisField) -> bool | Condition:
    """Whether two fields have one stride and one centre at every position: Distill's condition for a join."""
    if a.stencil is not None and b.stencil is not None:
        same = a.stencil.stride == b.stencil.stride
        return (2 * a.stencil.start + a.stencil.size == 2 * b.stencil.start + b.stencil.size) if same is True else same
    left, right = _phases(a), _phases(b)
    if left is None or right is None or left.stride != right.stride:
        return False
    period = lcm(left.period, right.period)
    return left.centers(period) == right.centers(period)


def _joined_whole(a: AxisField, b: AxisField, node: Node) -> AxisField:
    """The union with a field that is the whole input; without the mixing, a branch that is one cell for all is left out."""
    larger = a if a.whole and (not b.whole or (a.size or 0) >= (b.size or 0)) else b
    left, right = a.local if a.whole else a, b.local if b.whole else b
    collapsed = a.collapsed and b.collapsed
    if a.collapsed != b.collapsed:
        local = right if a.collapsed else left
    else:
        local = None if left is None or right is None else joined_field((0, left), (0, right), node)[1]
    if local is larger.local and collapsed == larger.collapsed:
        return larger
    return AxisField(size=larger.size, whole=True, reason=larger.reason, local=local, collapsed=collapsed)
