"""What a network demands of its sizes: raised where it is broken, recorded where symbols leave it open."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from cnncalc.errors import ShapeError
from cnncalc.sizes.comparisons import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator


class Requirement:
    """A recorded condition: which layer asks for it, and why."""

    __slots__ = ("condition", "reason", "where")

    def __init__(self, condition: Condition, where: str, reason: str) -> None:
        """Keep the condition with its origin."""
        self.condition = condition
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        """One line: `0 (Conv2d): H ≥ 3, since the kernel must fit into the padded input`."""
        return f"{self.where}: {self.condition}, since {self.reason}"

    __repr__ = __str__


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


def require(condition: bool | Condition, reason: str, got: str = "", *values: object, remedy: str = "") -> None:  # noqa: FBT001
    """Demand a condition: raise `ShapeError` where it is false, record it where it is undecided.

    `got` is a format string for `values`; it is filled in only when it is needed.
    """
    if condition is True:
        return
    if condition is False:
        raise ShapeError(reason, got=got.format(*values), remedy=remedy)
    recorder = _recorder.get()
    if recorder is None or not isinstance(condition, Condition):
        return
    if all(known.condition != condition for known in recorder.requirements):
        recorder.requirements.append(Requirement(condition, recorder.where, reason))
