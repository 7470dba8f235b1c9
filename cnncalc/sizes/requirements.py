"""What a network demands of its sizes: raised where it is broken, recorded where symbols leave it open."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.sizes.comparisons import Condition
from cnncalc.sizes.periods import sizes_meeting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cnncalc.sizes.sets import SizeSet


#: What to do about two lengths that are joined and do not fit.
JOIN_REMEDY = "pad or crop one of them, or give output_size to the layer that enlarges"


class Requirement:
    """A recorded condition: which layer asks for it, and why.

    Where `condition` holds, the network's formulas do. Where it does not but one of `otherwise` does, torch goes on too, by
    another rule: an axis of length 1 is stretched, a slice is cut short. Such sizes are a case apart, with shapes of its own.
    """

    __slots__ = ("condition", "otherwise", "reason", "where")

    def __init__(self, condition: Condition, where: str, reason: str, otherwise: tuple[Condition, ...] = ()) -> None:
        """Keep the condition with its origin."""
        self.condition = condition
        self.where = where
        self.reason = reason
        self.otherwise = otherwise

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether torch goes on with these numbers, by this rule or another."""
        return self.condition.holds(values) or any(other.holds(values) for other in self.otherwise)

    @property
    def sizes(self) -> SizeSet | None:
        """The sizes that meet the condition, exactly; None where it has several symbols, or sizes that never repeat."""
        names = self.condition.expr.symbols
        if len(names) != 1:
            return None
        try:
            return sizes_meeting(self.condition, *names)
        except UnsupportedError:
            return None

    def __str__(self) -> str:
        """One line: `0: H ≥ 3, since the kernel must …`, `up.cat: 2·⌊h/2⌋ must equal h, so h must be even; lengths must …`."""
        if self.condition.relation == ">=":
            return f"{self.where}: {self.condition}, since {self.reason}"
        left, right = self.condition.sides()
        verb = "must equal" if self.condition.relation == "==" else "must not equal"
        sizes = self.sizes
        so = f", so {sizes.demand}" if sizes is not None and sizes.demand != f"{left} = {right}" else ""
        return f"{self.where}: {left} {verb} {right}{so}; {self.reason}"

    __repr__ = __str__


def conditions_as_data(requirements: Iterable[Requirement]) -> list[dict[str, Any]]:
    """Conditions as plain data for JSON: who asks, for what, why, and whether another of them asks for as much or more.

    Of n ≥ 3, n ≥ 5 and n ≥ 185 the first two are implied: people need to read the last only.
    """
    asked = list(requirements)
    strictest: dict[frozenset[Any], tuple[int, Requirement]] = {}
    lines = []
    for requirement in asked:
        terms = dict(requirement.condition.expr.terms)
        least = terms.pop((), 0)
        line = frozenset(terms.items()) if requirement.condition.relation == ">=" and not requirement.otherwise else None
        lines.append(line)
        if line is not None and (line not in strictest or least < strictest[line][0]):
            strictest[line] = least, requirement
    return [
        {
            "where": requirement.where,
            "condition": str(requirement.condition),
            "reason": requirement.reason,
            "implied": line is not None and strictest[line][1] is not requirement,
        }
        for requirement, line in zip(asked, lines, strict=True)
    ]


class Recorder:
    """Where `require` puts undecided conditions while a network is traced; `where` names the layer at work."""

    __slots__ = ("requirements", "where")

    def __init__(self) -> None:
        """Start with nothing recorded."""
        self.requirements: list[Requirement] = []
        self.where = ""


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Collect the conditions of everything that is computed inside the `with` block."""
    recorder = Recorder()
    token = _recorder.set(recorder)
    try:
        yield recorder
    finally:
        _recorder.reset(token)


def require(
    condition: bool | Condition,  # noqa: FBT001
    reason: str,
    got: str = "",
    *values: object,
    remedy: str = "",
    otherwise: tuple[bool | Condition, ...] = (),
) -> None:
    """Demand a condition: raise `ShapeError` where it is false, record it where it is undecided.

    `got` is a format string for `values`; it is filled in only when it is needed. `otherwise` are conditions under which
    torch goes on by another rule: what is false for all sizes is then demanded of none but those.
    """
    if condition is True:
        return
    apart = tuple(other for other in otherwise if isinstance(other, Condition))
    if condition is False:
        if not apart:
            raise ShapeError(reason, got=got.format(*values), remedy=remedy)
        condition = apart[0]
    recorder = _recorder.get()
    if recorder is None or not isinstance(condition, Condition):
        return
    if all(known.condition != condition or known.otherwise != apart for known in recorder.requirements):
        recorder.requirements.append(Requirement(condition, recorder.where, reason, apart))


def assume(condition: bool | Condition, reason: str) -> None:  # noqa: FBT001
    """Go on as if a condition held; where it does not, torch takes the other of two ways."""
    if isinstance(condition, Condition):
        require(condition, reason, otherwise=(condition.negated(),))
