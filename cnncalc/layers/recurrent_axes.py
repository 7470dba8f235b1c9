"""How the outputs of recurrent layers follow from their inputs and first states, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Everything, Prefix
from cnncalc.cells import Term, cells_of, full

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.sizes import Size


class BothWays(AxisMaps):
    """One layer in two directions: half of the features read the steps up to theirs, the other half those from it on."""

    __slots__ = ("half", "time")

    def __init__(self, rank: int, time: int, half: Size) -> None:
        """Keep the axis of the steps and the features of one direction."""
        super().__init__()
        along: dict[int, AxisMap] = {time: EVERYTHING, rank - 1: Everything(2 * half)}
        self.routes = tuple((axis, along.get(axis, EACH)) for axis in range(rank))
        self.time = time
        self.half = half

    def one_way(self, *, backwards: bool) -> AxisMaps:
        """The maps of one direction, for all features that it gives."""
        last = len(self.routes) - 1
        along: dict[int, AxisMap] = {self.time: Prefix(backwards=backwards), last: EVERYTHING}
        return AxisMaps(*(along.get(axis, EACH) for axis in range(last + 1)))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """A term for each direction that is asked."""
        if not all(term):
            return
        half = int(self.half)
        for features, backwards in ((term[-1] & full(half), False), (term[-1] >> half, True)):
            if features:
                steps = Prefix(backwards=backwards).reads(term[self.time], shape[self.time])
                yield (*term[: self.time], steps, *term[self.time + 1 : -1], full(shape[-1]))


class FromState(AxisMaps):
    """How an output follows from the states that a recurrence starts with, (D·layers, N, features).

    A layer's output depends on its own first state, of its direction, and on those of all layers below. With `direct`, a
    memory goes on feature by feature in the first step; every later one mixes all features.
    """

    __slots__ = ("direct", "directions", "half", "layers", "sample", "steps", "time")

    def __init__(
        self,
        *,
        directions: int,
        layers: int,
        time: int | None,
        sample: int | None,
        half: Size,
        steps: Size,
        direct: bool,
    ) -> None:
        """Keep the parts: `time` is the output's axis of steps, None for last states; `half` the features of a direction."""
        super().__init__()
        self.directions = directions
        self.layers = layers
        self.time = time
        self.sample = sample
        self.half = half
        self.steps = steps
        self.direct = direct

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """The state of each layer and direction that is asked, and all below it."""
        if not all(term):
            return
        samples = () if self.sample is None else (term[self.sample],)
        for layer, direction, features in self._asked(term):
            below = full(layer * self.directions)
            if below:
                yield (below, *samples, full(shape[-1]))
            own = features if self.direct and self._is_first_step(term, direction) else full(shape[-1])
            yield (1 << layer * self.directions + direction, *samples, own)

    def _asked(self, term: Term) -> Iterator[tuple[int, int, int]]:
        """Layer, direction and features of what is asked."""
        if self.time is None:
            for state in cells_of(term[0]):
                yield state // self.directions, state % self.directions, term[-1]
            return
        half = int(self.half)
        for direction in range(self.directions):
            features = term[-1] >> half * direction & full(half)
            if features:
                yield self.layers - 1, direction, features

    def _is_first_step(self, term: Term, direction: int) -> bool:
        """Whether no step is asked but the one that a direction starts with."""
        last = int(self.steps) - 1
        if self.time is None:
            return last == 0
        return term[self.time] == (1 << last if direction else 1)
