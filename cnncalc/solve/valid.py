"""Which input sizes a network accepts: all of them, exactly.

The network is traced once with symbols, and what it asks of them is solved. Where torch goes one of two ways, by the size
(an axis of length 1 is stretched, a forward asks whether a length is odd), the sizes of each way are traced apart: one by
one where they are few, else as progressions first + step·(m − 1) with a symbol m.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.errors import REFUSALS, ArgumentError, ShapeError, UndecidedError, UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.sizes import Condition, Requirement, Shape, SizeSet, as_shape, sizes_meeting, substitute, symbol, symbols_of
from cnncalc.solve.boxes import Box, cut, merged

if TYPE_CHECKING:
    from cnncalc.module import Module

#: What a caller asks beside what the layers do: conditions on a traced network.
Wanted = Callable[[Graph], list[bool | Condition]]
#: No question traces the network more often than this.
MOST_TRACES = 4096


class ValidSizes(Mapping[str, SizeSet]):
    """The sizes that work, for each symbol; equal to `boxes`, and printed as one line of mathematics.

    `boxes` is the exact answer where symbols depend on each other: a union of boxes, each with a set for every symbol.
    `conditions` are what the network's layers ask; `refusal` says why where no size works at all.
    """

    def __init__(
        self, names: tuple[str, ...], boxes: list[Box], conditions: tuple[Requirement, ...] = (), refusal: str = ""
    ) -> None:
        """Keep the parts."""
        self._names = names
        self.boxes = tuple(boxes)
        self.conditions = conditions
        self.refusal = refusal

    def __getitem__(self, name: str) -> SizeSet:
        """The sizes of one symbol.

        Raises UnsupportedError where they depend on the sizes of another symbol.
        """
        if name not in self._names:
            raise ArgumentError("no such symbol", got=f"{name!r:.40}", remedy=f"the symbols are {', '.join(self._names)}")
        if not self.boxes:
            return SizeSet(name=name)
        if any(box[name] != self.boxes[0][name] for box in self.boxes):
            raise UnsupportedError(
                f"the sizes of {name} depend on another size",
                got=str(self),
                remedy="give that one: sizes.given(…), or take sizes.boxes",
            )
        return self.boxes[0][name]

    def __iter__(self) -> Iterator[str]:
        """The symbols, in the order of the shapes."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many symbols there are."""
        return len(self._names)

    def accepts(self, **sizes: int) -> bool:
        """Whether the network accepts these sizes, one for each symbol."""
        if set(sizes) != set(self._names):
            raise ArgumentError(
                "every symbol needs a size", got=", ".join(sizes), remedy=f"the symbols are {', '.join(self._names)}"
            )
        return any(all(size in box[name] for name, size in sizes.items()) for box in self.boxes)

    def given(self, **sizes: int) -> ValidSizes:
        """The sizes of the other symbols, where these have the sizes given."""
        rest = tuple(name for name in self._names if name not in sizes)
        boxes = [
            {name: box[name] for name in rest} for box in self.boxes if all(size in box[name] for name, size in sizes.items())
        ]
        return ValidSizes(rest, merged(boxes), self.conditions, self.refusal)

    def __str__(self) -> str:
        """One line: `H ≡ 12 (mod 16), H ≥ 188; W ≡ 12 (mod 16), W ≥ 188`."""
        if not self.boxes:
            return "no size works"
        texts = ["; ".join(str(box[name]) for name in self._names) for box in self.boxes]
        return texts[0] if len(texts) == 1 else " ∪ ".join(f"{{{text}}}" for text in texts)

    def __repr__(self) -> str:
        """The same as `str`."""
        return str(self)

    def to_dict(self) -> dict[str, Any]:
        """The sets as plain data: of each box and symbol the progressions, as start and step, and the single sizes."""
        return {
            "format": "cnncalc.sizes/1",
            "symbols": list(self._names),
            "boxes": [
                {
                    name: {
                        "progressions": [{"start": first, "step": step} for first, step in box[name].progressions],
                        "exceptions": list(box[name].exceptions),
                    }
                    for name in self._names
                }
                for box in self.boxes
            ],
            "text": str(self),
            "conditions": [str(requirement) for requirement in self.conditions],
            "refusal": self.refusal or None,
        }


def valid_sizes(network: Module, *shapes: Any) -> ValidSizes:
    """All sizes that a network accepts, for the symbols in its shapes: `valid_sizes(net, ("N", 3, "H", "W"))`.

    A symbol stands for a whole number from 1 on. The answer is exact: torch accepts what is in it and refuses all else, or the
    network's own code does, as by an assertion. Raises
    UnsupportedError where that can't be told: a condition ties two symbols so that neither has a set of its own.
    """
    return sizes_where(network, shapes, None)


def sizes_where(network: Module, shapes: tuple[Any, ...], wanted: Wanted | None) -> ValidSizes:
    """The sizes that a network accepts and that meet the conditions `wanted` gives for its traced graph."""
    checked = tuple(as_shape(shape) for shape in shapes)
    names = tuple(dict.fromkeys(name for shape in checked for size in shape for name in sorted(symbols_of(size))))
    if not names:
        raise ArgumentError("a shape needs a symbol", got=str(checked)[:60], remedy='write for example (1, 3, "H", "W")')
    search = _Search(network, wanted)
    every: Box = {name: SizeSet.everything(name) for name in names}
    boxes = merged(list(search.accepted(checked, every)))
    return ValidSizes(names, boxes, search.conditions, "" if boxes else search.refusal)


class _Search:
    """One question: traces the network as often as its ways part."""

    def __init__(self, network: Module, wanted: Wanted | None) -> None:
        self.network = network
        self.wanted = wanted
        self.traces = 0
        self.conditions: tuple[Requirement, ...] = ()
        self.refusal = ""

    def accepted(self, shapes: tuple[Shape, ...], box: Box) -> Iterator[Box]:
        """The part of a box of sizes that the network accepts, as boxes that share no member."""
        self.traces += 1
        if self.traces > MOST_TRACES:
            raise UnsupportedError("the network goes too many ways by its sizes", got=f"more than {MOST_TRACES:,} to be traced")
        try:
            graph = trace(self.network, *shapes)
        except ShapeError as error:
            self.refusal = self.refusal or str(error)
            yield from self._ways(shapes, box, error.recorded)
            return
        except UndecidedError as error:
            if not isinstance(error.condition, Condition) or len(error.condition.expr.symbols) != 1:
                raise
            yield from self._both(shapes, box, error)
            return
        except REFUSALS as error:
            if self.traces == 1:
                raise  # not for some sizes: for any
            self.refusal = self.refusal or str(error) or type(error).__name__
            yield from self._ways(shapes, box, error.__dict__["recorded"])
            return
        if self.traces == 1:
            self.conditions = tuple(graph.requirements)
        sets = yield from self._ways(shapes, box, graph.requirements)
        coupled = [requirement.condition for requirement in graph.requirements if len(requirement.condition.expr.symbols) > 1]
        asked = self.wanted(graph) if self.wanted else []
        if False not in asked:
            yield from cut(sets, coupled + [condition for condition in asked if isinstance(condition, Condition)])

    def _ways(self, shapes: tuple[Shape, ...], box: Box, requirements: Sequence[Requirement]) -> Generator[Box, None, Box]:
        """The accepted sizes where torch goes another way than the trace did; returns the box of those where it goes this way.

        What was required before the ways parted holds for all of them.
        """
        sets = dict(box)
        for requirement in requirements:
            own = requirement.condition.expr.symbols - set(sets)
            if own:
                raise UnsupportedError(
                    "an argument of a layer is a symbol too",
                    where=requirement.where,
                    got=", ".join(sorted(own)),
                    remedy="ask with a number in its place",
                )
            for other in requirement.otherwise:
                if len(other.expr.symbols) > 1 and not cut(sets, [other]):
                    continue  # what was required before rules this way out
                name, apart = self._way(other)
                yield from self._apart(shapes, {**sets, name: sets[name] & apart}, name)
                sets[name] = sets[name] - apart
            names = requirement.condition.expr.symbols
            if len(names) == 1:
                (name,) = names
                sets[name] = sets[name] & sizes_meeting(requirement.condition, name)
        return sets

    def _way(self, condition: Condition) -> tuple[str, SizeSet]:
        """The symbol of a condition under which torch goes another way, and the sizes that meet it."""
        if len(condition.expr.symbols) != 1:
            raise UnsupportedError(
                "the network goes another way where sizes meet a condition",
                got=str(condition),
                remedy="give one of them as a number, or both the same symbol",
            )
        (name,) = condition.expr.symbols
        return name, sizes_meeting(condition, name)

    def _both(self, shapes: tuple[Shape, ...], box: Box, error: UndecidedError) -> Iterator[Box]:
        """A forward asks for a comparison: the sizes that meet it and those that do not, apart."""
        name, met = self._way(error.condition)
        for part in (met, ~met):
            if part == SizeSet.everything():
                raise error  # true for all sizes, but not seen to be: tracing them again would ask again
            yield from self._apart(shapes, {**box, name: box[name] & part}, name)

    def _apart(self, shapes: tuple[Shape, ...], box: Box, name: str) -> Iterator[Box]:
        """The sizes of one symbol traced apart: one by one, and progression by progression."""
        members = box[name]
        for size in members.exceptions:
            at_size = tuple(tuple(substitute(n, {name: size}) for n in shape) for shape in shapes)
            rest = {other: sets for other, sets in box.items() if other != name}
            for part in self.accepted(at_size, rest):
                yield {**part, name: SizeSet.of([size], name)}
        for first, step in members.progressions:
            place: Any = symbol(name) * step + (first - step)
            moved = tuple(tuple(substitute(n, {name: place}) for n in shape) for shape in shapes)
            for part in self.accepted(moved, {**box, name: SizeSet.everything(name)}):
                yield {**part, name: part[name].taken_from(first, step)}
