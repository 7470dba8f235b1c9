"""Parts of a value whose fields differ: what a concatenation, a stack or a recurrence in two directions gives.

A field is mostly one for all channels. Where tensors of different fields are joined along an axis, and a later operation
takes a part of it again (`chunk`, a slice), each part has to keep its own. A `Place` says where a part lies: a set of cells
over some axes of the value, in row-major order; no axes mean everywhere.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.axes import AxisMaps, Merged, Regrouped
from cnncalc.axis import EACH, Everything, Pad
from cnncalc.cells import Term, cells_of, full, shift
from cnncalc.errors import UnsupportedError
from cnncalc.layers.merging import Stacked
from cnncalc.layers.recurrent_axes import BothWays
from cnncalc.layers.shuffling_axes import Dealt, Unshuffled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.sizes import Shape


class Place(NamedTuple):
    """Where a part of a value lies: a set of cells over some of its axes, which are in order."""

    axes: tuple[int, ...]
    cells: int


EVERYWHERE = Place((), 1)
NOWHERE = Place((), 0)


def branches(maps: AxisMaps, shape: Shape, output: Shape, *, joining: bool) -> Iterator[tuple[Place, AxisMaps]]:
    """Where in the output the cells of one input go, and by which maps: mostly everywhere, in a concatenation to one part."""
    if isinstance(maps, BothWays) and isinstance(maps.half, int):
        axis = len(shape) - 1
        for direction in range(2):
            yield Place((axis,), full(maps.half) << maps.half * direction), maps.one_way(backwards=direction == 1)
    elif isinstance(maps, Unshuffled) and isinstance(maps.factor, int) and isinstance(output[maps.channel], int):
        r, channels = maps.factor, int(output[maps.channel])
        for i, j in product(range(r), repeat=2):
            cells = sum(1 << c for c in range(i * r + j, channels, r * r))
            yield Place((maps.channel,), cells), maps.one_place(i, j)
    elif isinstance(maps, Stacked):
        yield Place((maps.axis,), 1 << maps.number), maps
    else:
        place = EVERYWHERE
        for (goes_to, axis_map), n in zip(maps.routes, shape, strict=False):
            if not joining or not isinstance(axis_map, Pad) or goes_to is None or place is not EVERYWHERE:
                continue
            before, length = axis_map.before, output[goes_to]
            if isinstance(n, int) and isinstance(before, int) and isinstance(length, int):
                place = Place((goes_to,), shift(full(n), before) & full(length))
        yield place, maps


def placed(carried: Place | None, target: Place) -> Place | None:
    """Where a part lies that maps have carried, and that goes to one part of the output: None for two axes at once."""
    if carried is None or target is EVERYWHERE or carried.axes == target.axes:
        return carried
    return None if carried.axes else target if carried.cells else carried


def carried(place: Place, maps: AxisMaps, shape: Shape, output: Shape) -> Place | None:  # noqa: PLR0911 - by kinds of maps
    """Where in the output a part of an input goes; None where that is not worked out."""
    if not place.axes:
        return place
    if isinstance(maps, (Merged, Regrouped)):
        return _relaid(place, maps, shape, output)
    if isinstance(maps, Dealt) and place.axes == (maps.channel,) and all(isinstance(n, int) for n in (shape[1], maps.groups)):
        return Place(place.axes, maps.dealt(place.cells, int(shape[maps.channel])))
    if len(maps.routes) < len(shape):
        return None
    routes = [maps.routes[axis] for axis in place.axes]
    if all(axis_map is EACH and goes_to is not None for goes_to, axis_map in routes):
        return _permuted(place, [goes_to for goes_to, _ in routes if goes_to is not None], shape)
    if all(isinstance(axis_map, Everything) for _, axis_map in routes):
        return EVERYWHERE if place.cells else NOWHERE
    if len(routes) > 1 or not isinstance(shape[place.axes[0]], int):
        return None
    goes_to, axis_map = routes[0]
    n = int(shape[place.axes[0]])
    try:
        if goes_to is None:
            return EVERYWHERE if axis_map.reads(1, n) & place.cells else NOWHERE
        m = output[goes_to]
        if not isinstance(m, int):
            return None
        return Place((goes_to,), axis_map.read_by(place.cells, n, m))
    except UnsupportedError:
        return None


def _permuted(place: Place, targets: list[int], shape: Shape) -> Place | None:
    """The same cells over axes that have moved, laid out in the order that these have now."""
    order = sorted(range(len(targets)), key=targets.__getitem__)
    axes = tuple(targets[k] for k in order)
    if order == list(range(len(order))):
        return Place(axes, place.cells)
    lengths = [shape[axis] for axis in place.axes]
    if not all(isinstance(n, int) for n in lengths):
        return None
    cells = 0
    for position, index in enumerate(product(*(range(int(n)) for n in lengths))):
        if place.cells >> position & 1:
            moved = 0
            for k in order:
                moved = moved * int(lengths[k]) + index[k]
            cells |= 1 << moved
    return Place(axes, cells)


def _relaid(place: Place, maps: Merged | Regrouped, shape: Shape, output: Shape) -> Place | None:
    """The same cells in another shape: known where the part's axes are all of a group, or stay axes."""
    groups = groups_of(maps, len(shape))
    own = list(dict.fromkeys(next(group for group in groups if group[0] <= axis < group[1]) for axis in place.axes))
    if all(b - a == 1 == d - c for a, b, c, d in own):
        return Place(tuple(c for _, _, c, _ in own), place.cells)
    if len(own) > 1:
        return None
    a, b, c, d = own[0]
    wide = [axis for axis in range(a, b) if (shape[axis] == 1) is not True]
    if not set(wide) <= set(place.axes) or not all(isinstance(n, int) for n in (*shape[a:b], *output[c:d])):
        return None
    return Place(tuple(range(c, d)), place.cells)


def groups_of(maps: Merged | Regrouped, rank: int) -> tuple[tuple[int, int, int, int], ...]:
    """The groups of axes of a reshape."""
    if isinstance(maps, Regrouped):
        return maps.groups
    less = maps.stop - maps.start - 1
    before = [(axis, axis + 1, axis, axis + 1) for axis in range(maps.start)]
    after = [(axis, axis + 1, axis - less, axis - less + 1) for axis in range(maps.stop, rank)]
    return (*before, (maps.start, maps.stop, maps.start, maps.start + 1), *after)


def terms_at(place: Place, shape: tuple[int, ...]) -> Iterator[Term]:
    """A part of a value as product sets over all its axes."""
    everything = [full(n) for n in shape]
    if len(place.axes) == 1:
        everything[place.axes[0]] = place.cells
        yield tuple(everything)
        return
    if not place.axes:
        yield tuple(everything)
        return
    lengths = [shape[axis] for axis in place.axes]
    for position in cells_of(place.cells):
        rest = position
        for axis, n in zip(reversed(place.axes), reversed(lengths), strict=True):
            rest, index = divmod(rest, n)
            everything[axis] = 1 << index
        yield tuple(everything)


def refined(places: list[Place], output: Shape) -> list[tuple[Place, list[int]]] | None:
    """Parts that do not overlap, and for each which of some places cover it; None where these lie along different axes."""
    along = {place.axes for place in places if place.axes}
    if len(along) != 1:
        return None
    (axes,) = along
    if not all(isinstance(output[axis], int) for axis in axes):
        return None
    whole = full(prod(int(output[axis]) for axis in axes))
    atoms: list[tuple[int, list[int]]] = [(whole, [])]
    for number, place in enumerate(places):
        cells = whole if not place.axes else place.cells
        split = []
        for atom, numbers in atoms:
            inside, outside = atom & cells, atom & ~cells
            split += [(inside, [*numbers, number])] if inside else []
            split += [(outside, numbers)] if outside else []
        atoms = split
    return [(Place(axes, atom), numbers) for atom, numbers in atoms]
