"""What every axis map answers, and the two that need no layer: cell by cell, and one map after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from cnncalc.cells import cells_of
from cnncalc.errors import UnsupportedError
from cnncalc.phases import Phases
from cnncalc.sizes import Size
from cnncalc.stencil import IDENTITY, Stencil

if TYPE_CHECKING:
    from collections.abc import Iterable


class AxisMap:
    """How an output axis follows from an input axis."""

    __slots__: tuple[str, ...] = ()
    #: The names of what tells two maps of a class apart.
    parts: ClassVar[tuple[str, ...]] = ()

    @property
    def is_each(self) -> bool:
        """Whether output cell i is known to read input cell i alone, on an axis of the same length."""
        return False

    def length(self, n: Size) -> Size:
        """The length of the output axis for an input axis of length n."""
        raise NotImplementedError  # pragma: no cover - every map has its own

    def reads(self, cells: int, n: int) -> int:
        """The set of input cells, of an axis of length n, that a set of output cells reads."""
        raise NotImplementedError  # pragma: no cover - every map has its own

    def read_by(self, cells: int, n: int, m: int) -> int:
        """The set of output cells, of an axis of length m, that read any of a set of input cells: the converse of `reads`."""
        return sum(1 << i for i in range(m) if self.reads(1 << i, n) & cells)

    def counts(self, weights: list[int], n: int) -> list[int]:
        """For each input cell, how often output cells read it, each of them counted as often as its weight says."""
        found = [0] * n
        for i, weight in enumerate(weights):
            if weight:
                for cell in cells_of(self.reads(1 << i, n)):
                    found[cell] += weight
        return found

    def stencil(self, n: Size) -> Stencil | None:  # noqa: ARG002 - some maps depend on the length
        """The map on an endless axis; None where it has no such description."""
        return None

    def phases(self, n: Size) -> Phases | None:
        """The map on an endless axis where what a cell reads repeats from phase to phase; None where it does not."""
        stencil = self.stencil(n)
        return None if stencil is None else Phases.of(stencil)

    def why_varying(self, n: Size) -> str:  # noqa: ARG002 - some maps depend on the length
        """What the layer does that leaves neither a stencil nor phases, as in "has windows that differ"."""
        return "has windows that differ from cell to cell"

    def taps(self, n: Size) -> Size:
        """How many cells all output cells read together, one that is read twice counted twice.

        A window counts its whole kernel, padding not discounted. Raises UnsupportedError where a symbol hides the number.
        """
        m = self.length(n)
        if not isinstance(n, int) or not isinstance(m, int):
            raise UnsupportedError("how many cells are read depends on symbols in a way that has no formula here", got=str(self))
        return sum(self.reads(1 << i, n).bit_count() for i in range(m))

    def working(self, n: Size) -> tuple[str, str] | None:  # noqa: ARG002 - some rules need no input length
        """The length's rule in letters, and the same with numbers put in; None where there is nothing to work out."""
        return None

    def _parts(self) -> tuple[object, ...]:
        """What tells two maps of a class apart."""
        return tuple(getattr(self, name) for name in self.parts)

    def __eq__(self, other: object) -> bool:
        """Equal class and parts."""
        if type(self) is not type(other):
            return False
        # Undecided comparisons of symbols are no equality.
        return all((a == b) is True for a, b in zip(self._parts(), other._parts(), strict=True))

    def __hash__(self) -> int:
        """Equal maps hash equal."""
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        """Show the parts by name."""
        parts = ", ".join(f"{name}={getattr(self, name)}" for name in self.parts)
        return f"{type(self).__name__}({parts})"


class Each(AxisMap):
    """Cell by cell: output cell i reads input cell i."""

    __slots__ = ()
    is_each = True

    def length(self, n: Size) -> Size:
        """Length n."""
        return n

    def reads(self, cells: int, n: int) -> int:  # noqa: ARG002 - the same for any length
        """The cells themselves."""
        return cells

    def read_by(self, cells: int, n: int, m: int) -> int:  # noqa: ARG002 - the same for any length
        """The cells themselves."""
        return cells

    def counts(self, weights: list[int], n: int) -> list[int]:  # noqa: ARG002 - the same for any length
        """The weights themselves."""
        return weights

    def taps(self, n: Size) -> Size:
        """One each."""
        return n

    def stencil(self, n: Size) -> Stencil:  # noqa: ARG002 - the same for any length
        """The identity."""
        return IDENTITY


EACH = Each()


class Chain(AxisMap):
    """One map after the other, on the same axis."""

    __slots__ = ("first", "second")
    parts = ("first", "second")

    def __init__(self, first: AxisMap, second: AxisMap) -> None:
        """Keep the two maps."""
        self.first = first
        self.second = second

    def length(self, n: Size) -> Size:
        """The second length of the first."""
        return self.second.length(self.first.length(n))

    def reads(self, cells: int, n: int) -> int:
        """Back through the second, then through the first."""
        between = self.first.length(n)
        return self.first.reads(self.second.reads(cells, int(between)), n)

    def read_by(self, cells: int, n: int, m: int) -> int:
        """On through the first, then through the second."""
        between = int(self.first.length(n))
        return self.second.read_by(self.first.read_by(cells, n, between), between, m)

    def counts(self, weights: list[int], n: int) -> list[int]:
        """Back through the second, then through the first: a copied cell counts as often as it is copied."""
        return self.first.counts(self.second.counts(weights, int(self.first.length(n))), n)

    def working(self, n: Size) -> tuple[str, str] | None:
        """That of the second map, on the length behind the first."""
        return self.second.working(self.first.length(n))

    def stencil(self, n: Size) -> Stencil | None:
        """The two stencils composed."""
        first, second = self.first.stencil(n), self.second.stencil(self.first.length(n))
        return first.then(second) if first and second else None

    def phases(self, n: Size) -> Phases | None:
        """The phases of the two composed."""
        first, second = self.first.phases(n), self.second.phases(self.first.length(n))
        return first.then(second) if first and second else None


Map = TypeVar("Map", bound=AxisMap)


def equal_maps_shared(maps: Iterable[Map]) -> tuple[Map, ...]:
    """Axis maps with equal ones made one object, so that what is worked out for one axis serves the others."""
    kept: list[Map] = []
    for made in maps:
        kept.append(next((known for known in kept if known == made), made))
    return tuple(kept)
