"""What every inverse question gives: all answers in an order, the question, and the ranges that were searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

from cnncalc.errors import ArgumentError

Answer = TypeVar("Answer")

#: No question tries more combinations than this.
MOST_TRIED = 2_000_000
#: Where more answers than this are printed, the rest is counted.
SHOWN = 12


class Answers(Sequence[Answer], Generic[Answer]):
    """All answers to a question within the ranges that were searched, those that people choose first in front.

    An empty one is a proof: every combination in `ranges` was tried, or ruled out by a rule named in `why`.
    """

    def __init__(self, question: str, ranges: dict[str, str], answers: Sequence[Answer], why: str = "") -> None:
        """Keep the parts."""
        self.question = question
        self.ranges = ranges
        self.why = why
        self._answers = tuple(answers)

    @overload
    def __getitem__(self, index: int) -> Answer: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Answer, ...]: ...

    def __getitem__(self, index: int | slice) -> Answer | tuple[Answer, ...]:
        """An answer by its place."""
        return self._answers[index]

    def __len__(self) -> int:
        """How many answers there are."""
        return len(self._answers)

    @property
    def searched(self) -> str:
        """The ranges in one line: `kernel_size 1 … 11, stride 1 … 4`."""
        return ", ".join(f"{name} {text}" for name, text in self.ranges.items())

    def text(self, shown: int = SHOWN) -> str:
        """The question, a line for each of the first answers, and what was searched."""
        if not self._answers:
            return f"{self.question}: none\n  searched: {self.searched}" + (f"\n  {self.why}" if self.why else "")
        lines = [f"{self.question}: {len(self)}", *(f"  {answer}" for answer in self._answers[:shown])]
        if len(self) > shown:
            lines.append(f"  … and {len(self) - shown} more")
        return "\n".join([*lines, f"  searched: {self.searched}"])

    def __str__(self) -> str:
        """The same as `text`."""
        return self.text()

    def __repr__(self) -> str:
        """The answers themselves."""
        return repr(list(self._answers))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "format": "cnncalc.answers/1",
            "question": self.question,
            "ranges": self.ranges,
            "answers": [answer.to_dict() if hasattr(answer, "to_dict") else answer for answer in self._answers],
            "why": self.why or None,
        }


def numbers(given: int | Iterable[int], name: str, least: int) -> tuple[int, ...]:
    """The whole numbers of a range that a caller states: one, or several. Raises ArgumentError below `least`."""
    found: tuple[Any, ...] = tuple(given) if isinstance(given, Iterable) and not isinstance(given, (str, bytes)) else (given,)
    for number in found:
        if type(number) is not int or number < least:
            raise ArgumentError(f"{name} is a whole number from {least} on, or a range of them", got=f"{name}={given!r:.60}")
    if not found:
        raise ArgumentError(f"{name} has no number to try", got=f"{name}={given!r:.60}")
    return tuple(sorted(set(found)))


def range_text(values: Sequence[int]) -> str:
    """Numbers in order as text: `3`, `1 … 11`, `1, 2, 4`."""
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:  # noqa: PLR2004 - two are listed
        return f"{values[0]} … {values[-1]}"
    return ", ".join(map(str, values))


def check_count(*ranges: Sequence[Any]) -> None:
    """Refuse ranges with more combinations than are tried."""
    count = 1
    for values in ranges:
        count *= len(values)
    if count > MOST_TRIED:
        raise ArgumentError("the ranges have too many combinations", got=f"{count:,}", remedy="state smaller ranges")
