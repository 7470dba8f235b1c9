"""A tensor with a part written over, `x[:, :2] = y`: what is before, what is written, and what is behind, joined axis by axis."""

from __future__ import annotations

from typing import Any

from cnncalc.creation import full
from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.held import Traced
from cnncalc.layers import named
from cnncalc.sizes import Expr, Shape, Size


def overwritten(whole: Any, index: Any, part: Any) -> Any:
    """The value of `whole` after `whole[index] = part`, for whole numbers and slices without steps.

    Raises UnsupportedError for other indices, ShapeError for a part that does not fit.
    """
    regions, numbers = _regions(whole.shape, index if isinstance(index, tuple) else (index,))
    if any(stop == start for _, start, stop in regions):
        return whole
    region = list(whole.shape)
    for axis, start, stop in regions:
        region[axis] = stop - start
    if not isinstance(part, Traced):
        fitted: Any = full(tuple(region), part)
    else:
        fitted = _fitted(part, tuple(n for axis, n in enumerate(region) if axis not in numbers))
        for axis in numbers:
            fitted = named("unsqueeze")(fitted, axis)
    return _written(whole, regions, fitted)


def _regions(shape: Shape, items: tuple[Any, ...]) -> tuple[list[tuple[int, Size, Size]], list[int]]:
    """Axis, first cell and cell behind the last for each axis that is not taken whole; and the axes that a number picks."""
    if any(item is None or isinstance(item, (bool, list, Traced)) for item in items):
        raise _refused(items)
    if Ellipsis in items:
        place = items.index(Ellipsis)
        items = (*items[:place], *(slice(None),) * (len(shape) - len(items) + 1), *items[place + 1 :])
    if len(items) > len(shape):
        raise ShapeError("there are more indices than axes", got=f"{len(items)} indices, shape {shape}")
    regions: list[tuple[int, Size, Size]] = []
    numbers = []
    for axis, (item, n) in enumerate(zip(items, shape, strict=False)):
        if isinstance(item, slice):
            if item.step not in {None, 1}:
                raise _refused(items)
            start, stop = _bounds(item, n, items)
            if not (_same(start, 0) and _same(stop, n)):
                regions.append((axis, start, stop))
        elif isinstance(item, int) and not isinstance(n, Expr):
            if not -n <= item < n:
                raise ShapeError("an index must lie on its axis", got=f"index {item}, length {n}")
            numbers.append(axis)
            regions.append((axis, item % n, item % n + 1))
        else:
            raise _refused(items)
    return regions, numbers


def _bounds(item: slice, n: Size, items: tuple[Any, ...]) -> tuple[Size, Size]:
    """First cell of a slice, and the one behind its last."""
    if not isinstance(n, Expr):
        if any(isinstance(end, Expr) for end in (item.start, item.stop)):
            raise _refused(items)
        start, stop, _ = item.indices(n)
        return start, max(start, stop)
    if item.start in {None, 0} and item.stop is None:
        return 0, n
    raise _refused(items)


def _same(size: Size, other: Size) -> bool:
    """Whether two sizes are known to be equal."""
    return size is other if isinstance(size, Expr) or isinstance(other, Expr) else size == other


def _fitted(part: Any, region: Shape) -> Any:
    """What is written, stretched to the region; axes of length 1 in front are dropped, as torch drops them."""
    shape = part.shape
    if len(shape) > len(region):
        if any(n != 1 for n in shape[: len(shape) - len(region)]):
            raise ShapeError("what is written must fit the part that it is written into", got=f"{shape} into {region}")
        part = named("reshape")(part, shape[len(shape) - len(region) :])
    return part if part.shape == region else named("broadcast_to")(part, region)


def _written(whole: Any, regions: list[tuple[int, Size, Size]], part: Any) -> Any:
    """The tensor with the regions of some axes written over: of the first axis in three parts, the middle one in the same way."""
    if not regions:
        return part
    axis, start, stop = regions[0]
    n = whole.shape[axis]
    narrow = named("narrow")
    middle = narrow(whole, axis, start, stop - start) if len(regions) > 1 else whole
    pieces = [_written(middle, regions[1:], part)]
    if start != 0:
        pieces.insert(0, narrow(whole, axis, 0, start))
    if stop != n:
        pieces.append(narrow(whole, axis, stop, n - stop))
    return named("cat")(pieces, axis) if len(pieces) > 1 else pieces[0]


def _refused(items: tuple[Any, ...]) -> UnsupportedError:
    """The error for an index that is not known."""
    return UnsupportedError(
        "writing into a part of a tensor is known for numbers and slices without steps", got=f"[{str(items)[1:-1]:.60}]"
    )
