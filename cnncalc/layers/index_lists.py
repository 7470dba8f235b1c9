"""Cells that lists of numbers pick, `x[:, [0, 2]]`: shapes and axis maps of torch's "advanced" indexing.

Lists are broadcast against each other. Where they index neighbouring axes, the axes of what they pick stand in the place of
these; otherwise in front of all. Source: torch.Tensor.__getitem__, which takes numbers and slices before any list.
"""

from __future__ import annotations

from itertools import pairwise
from itertools import product as combinations
from typing import Any, NamedTuple

from cnncalc.axes import AxisMaps, Nothing, Route, Steps, reshaped
from cnncalc.axis import EACH, AxisMap, Picked, Select, Undescribed
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty
from cnncalc.layers.index_parts import flattened, from_the_start, is_mask, list_shape
from cnncalc.sizes import Shape, Size, at_least, product, require


class Listed(NamedTuple):
    """A list of cells of one axis: the axis, the lengths of the list, and what it holds in row-major order."""

    axis: int
    shape: tuple[int, ...]
    cells: tuple[Size, ...]


class Gathered(Steps):
    """Cells that several lists pick together: laid out as one axis, picked there, and laid out as the lists are."""

    __slots__ = ()
    takes_part = True


def list_at(axis: int, n: Size, part: Any) -> Listed:
    """The cells that a list, a mask or a truth value picks from an axis of length n; that of a truth value has one cell."""
    if type(part) is bool:
        return Listed(axis, (int(part),), (0,) * part)
    if not is_mask(part):
        return Listed(axis, list_shape(part), tuple(flattened(part)))
    require(n == len(part), "a mask must be as long as the axis that it picks from", "{} and {}", len(part), n)
    cells = tuple([cell for cell, is_on in enumerate(part) if is_on])
    return Listed(axis, (len(cells),), cells)


def picked(input: Shape, sliced: Shape, routes: list[Route], lists: list[Listed]) -> tuple[Shape, AxisMaps]:
    """The shape and the axis maps of an index, of which lists pick from what numbers and slices have left.

    `sliced` is the shape of that, and `routes` lead from each axis of the input to an axis of it.
    """
    if not lists:
        return sliced, AxisMaps.routed(*routes)
    lengths = _broadcast([each.shape for each in lists])
    axes = [each.axis for each in lists]
    start = axes[0] if axes[-1] - axes[0] == len(axes) - 1 else 0
    rest = [axis for axis in range(len(sliced)) if axis not in axes]
    output = (*(sliced[axis] for axis in rest[:start]), *lengths, *(sliced[axis] for axis in rest[start:]))
    if not is_empty(lengths) and is_empty(tuple(sliced[axis] for axis in axes)):
        raise ShapeError("an axis without cells has none to pick", got=f"{input}")
    if is_empty(output):
        return output, Nothing(len(input))  # torch does not look at the cells then
    lists = [each._replace(cells=tuple([_on_axis(cell, sliced[each.axis]) for cell in each.cells])) for each in lists]
    goes_to = {axis: place if place < start else place + len(lengths) for place, axis in enumerate(rest)}
    own = _own_axes(lists, len(lengths))
    if own is not None:
        for each, place in zip(lists, own, strict=True):
            goes_to[each.axis] = -1 if place is None else start + place
        maps = {each.axis: _map_of(each.cells, sliced[each.axis]) for each in lists}
        return output, AxisMaps.routed(*[_onwards(route, goes_to, maps) for route in routes])
    woven = Undescribed(product(lengths), "getitem", "picks cells by several lists at once")
    through = [_onwards(route, goes_to | dict.fromkeys(axes, -1), dict.fromkeys(axes, woven)) for route in routes]
    return output, Gathered(tuple(through), (AxisMaps.routed(*routes), input), *_steps(sliced, lists, lengths, rest, start))


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The lengths of lists that are stretched to each other."""
    rank = max(map(len, shapes))
    lengths = []
    for column in zip(*[(1,) * (rank - len(shape)) + shape for shape in shapes], strict=True):
        longer = {n for n in column if n != 1} or {1}
        if len(longer) > 1:
            raise ShapeError("lists of an index must have equal lengths, or 1", got=" and ".join(map(str, shapes)))
        lengths.append(longer.pop())
    return tuple(lengths)


def _on_axis(cell: Size, n: Size) -> Size:
    """The number of a cell, counted from 0. Raises ShapeError where it is none of the axis."""
    place = from_the_start(cell, n)
    for distance in (place, n - 1 - place):
        require(at_least(distance), "a number of a list must lie on the axis", "{} for a length of {}", cell, n)
    return place


def _own_axes(lists: list[Listed], rank: int) -> list[int | None] | None:
    """For each list the one axis of the output along which it alone changes, None for a list of one. None if lists share one."""
    found: dict[int, int] = {}
    for number, each in enumerate(lists):
        longer = [rank - len(each.shape) + place for place, n in enumerate(each.shape) if n != 1]
        if len(longer) > 1 or any(place in found for place in longer):
            return None
        found.update(dict.fromkeys(longer, number))
    for number, each in enumerate(lists):
        if number not in found.values() and each.shape and rank - 1 not in found:
            found[rank - 1] = number
    at = {number: place for place, number in found.items()}
    return [at.get(number) for number in range(len(lists))]


def _map_of(cells: tuple[Size, ...], n: Size) -> AxisMap:
    """The axis map of a list: cells in even steps are a slice, or a flip."""
    if len(cells) == 1:
        return EACH if (n == 1) is True else Select(cells[0], 1, 1)
    steps = {b - a for a, b in pairwise(cells) if isinstance(a, int) and isinstance(b, int)}
    if len(steps) != 1 or not all(isinstance(cell, int) for cell in cells) or steps == {0}:
        return Picked(cells)
    if steps == {1} and cells[0] == 0 and (n == len(cells)) is True:
        return EACH
    return Select(cells[0], steps.pop(), len(cells))


def _onwards(route: Route, goes_to: dict[int, int], maps: dict[int, AxisMap]) -> Route:
    """A route to the sliced tensor, led on to the output; −1 stands for no axis."""
    axis, axis_map = route
    if axis is None:
        return route
    place = goes_to[axis]
    return (None if place < 0 else place, maps.get(axis, axis_map))


def _steps(
    sliced: Shape, lists: list[Listed], lengths: tuple[int, ...], rest: list[int], start: int
) -> list[tuple[AxisMaps, Shape]]:
    """From what is sliced to the output: indexed axes in front, as one; cells picked from it; laid out; brought into place."""
    axes = [each.axis for each in lists]
    others = tuple(sliced[axis] for axis in rest)
    order = [*axes, *rest]
    turned = tuple(sliced[axis] for axis in order)
    count = product(lengths)
    places: list[Size] = [0] * int(count)
    for each in lists:
        stretched = _stretched(each, lengths)
        places = [place * sliced[each.axis] + cell for place, cell in zip(places, stretched, strict=True)]
    merged = (product(turned[: len(axes)]), *others)
    laid_out = (*lengths, *others)
    rank = len(lengths)
    final = [*range(rank, rank + start), *range(rank), *range(rank + start, len(laid_out))]
    return [
        (_reordered(order), sliced),
        (reshaped(turned, merged), turned),
        (AxisMaps(Picked(tuple(places)), *[EACH] * len(others)), merged),
        (reshaped((count, *others), laid_out), (count, *others)),
        (_reordered(final), laid_out),
    ]


def _stretched(each: Listed, lengths: tuple[int, ...]) -> list[Size]:
    """What a list holds, stretched to some lengths, in row-major order."""
    shape = (1,) * (len(lengths) - len(each.shape)) + each.shape
    cells = []
    for place in combinations(*map(range, lengths)):
        number = 0
        for n, i in zip(shape, place, strict=True):
            number = number * n + (i if n > 1 else 0)
        cells.append(each.cells[number])
    return cells


def _reordered(order: list[int]) -> AxisMaps:
    """Cell by cell, the axes in another order."""
    return AxisMaps.routed(*[(order.index(axis), EACH) for axis in range(len(order))])
