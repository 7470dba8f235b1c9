"""Places of one axis in an order of their own: runs of neighbours as they are, joined."""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.layers import named

#: More pieces than these are not joined one by one.
MANY = 256


def picked(value: Any, axis: int, places: list[int]) -> Any:
    """The cells of an axis at some places, in that order; a place below 0 counts from the end.

    Raises ShapeError for a place that the axis does not have, UnsupportedError for none, for too many runs, and for symbols.
    """
    n = value.shape[axis]
    if not places or not isinstance(n, int):
        raise UnsupportedError("places that are picked are known for numbers, and where there are some", got=f"length {n}")
    if not all(-n <= place < n for place in places):
        raise ShapeError("a place must lie on its axis", got=f"{places!s:.60}, length {n}")
    runs: list[list[int]] = []
    for place in (each % n for each in places):
        if runs and sum(runs[-1]) == place:
            runs[-1][1] += 1
        else:
            runs.append([place, 1])
    if len(runs) > MANY:
        raise UnsupportedError(f"places that are picked in more than {MANY} runs are not followed", got=f"{len(runs)} runs")
    if runs == [[0, n]]:
        return value
    pieces = [named("narrow")(value, axis, *run) for run in runs]
    return named("cat")(pieces, axis) if len(pieces) > 1 else pieces[0]
