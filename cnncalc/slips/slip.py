"""What a slip is: a wrong rule with a name, the quantities it is wrong about, and what its number is, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.slips.place import Place

if TYPE_CHECKING:
    from cnncalc.graph import Graph

#: A wrong rule: the numbers it gives at a place, most often one; none where it does not apply.
Rule = Callable[[Place], tuple[Any, ...]]

#: A wrong rule for a chain: the side after each windowed layer; nothing where it does not apply.
Steps = Callable[[Place], list[Any]]


class Slip(NamedTuple):
    """A wrong rule that runs on any network.

    `id` names it ("shape.swap_pad_stride"); `quantities` are those it is a wrong rule for, the main one first; `en` and
    `fa` say what its number is. They never say what somebody did: a number can have several causes. A rule with
    `steps` works along a chain of windowed layers. `symbolic` marks a rule that also runs where sizes are symbols.
    """

    id: str
    quantities: tuple[str, ...]
    rule: Rule
    en: str
    fa: str
    steps: Steps | None = None
    symbolic: bool = False

    @property
    def quantity(self) -> str:
        """The quantity it is mainly a wrong rule for."""
        return self.quantities[0]

    @property
    def text(self) -> dict[str, str]:
        """What its number is, by language."""
        return {"en": self.en, "fa": self.fa}

    def values(self, graph: Graph, at: str | None = None, quantity: str | None = None) -> tuple[Any, ...]:
        """Every number that the rule gives for a quantity, at the row with the qualified name `at` or for the network.

        Most rules give one. A rule that leaves something open (which of several poolings is missing) gives each
        distinct number. Empty where the rule does not apply. Raises ArgumentError for a row that does not exist.
        """
        return self.values_at(Place(graph, at, quantity or self.quantity))

    def values_at(self, place: Place) -> tuple[Any, ...]:
        """The same for a place that is known already, with its quantity."""
        if place.quantity not in self.quantities or not (self.symbolic or place.is_numeric):
            return ()
        distinct: list[Any] = []
        for value in self.rule(place):
            if not any(same(value, known) for known in distinct):
                distinct.append(value)
        return tuple(distinct)

    def apply(self, graph: Graph, at: str | None = None, quantity: str | None = None) -> Any | None:
        """The number that the rule gives, the first where it gives several; None where it does not apply."""
        return next(iter(self.values(graph, at, quantity)), None)

    def trace(self, graph: Graph, at: str | None = None) -> list[Any]:
        """For a rule along a chain: the side after each convolution and pooling, a tuple where axes differ; else empty."""
        return self.trace_at(Place(graph, at, "rf"))

    def trace_at(self, place: Place) -> list[Any]:
        """The same for a place that is known already."""
        return self.steps(place) if self.steps is not None and place.is_numeric else []


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: numbers, sizes for all values of their symbols, or tuples of such."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return (
            isinstance(left, tuple)
            and isinstance(right, tuple)
            and len(left) == len(right)
            and all(same(a, b) for a, b in zip(left, right, strict=True))
        )
    return (left == right) is True
