"""The shortest ways from a state to a goal, all counted and the best ones listed: a search level by level."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from heapq import nsmallest
from typing import NamedTuple, TypeVar

from cnncalc.errors import ArgumentError

State = TypeVar("State", bound=Hashable)

#: No search visits more states than this.
MOST_STATES = 200_000
#: And it takes no more steps.
MOST_STEPS = 2_000_000
#: How many of the shortest ways are listed.
LISTED = 100


class Ways(NamedTuple):
    """The shortest ways: their number of steps (None where there is no way), how many there are, and the best ones.

    A way is the places of its steps in the caller's list. `exhausted` says that no further state can be reached at all, so
    that no longer way exists either.
    """

    steps: int | None
    total: int
    best: tuple[tuple[int, ...], ...]
    exhausted: bool


def shortest_ways(
    start: State,
    steps: Callable[[State], Iterable[tuple[int, State]]],
    is_goal: Callable[[State], bool],
    most: int,
    may_reach: Callable[[State, int], bool] = lambda _state, _left: True,
) -> Ways:
    """All shortest ways of at most `most` steps; of two steps, the one earlier in the caller's list is the better.

    `may_reach` is False only for a state from which the goal is not reached in so many steps: it is left out.
    """
    if not may_reach(start, most):
        return Ways(None, 0, (), exhausted=False)
    # For each state first reached on the level: from where, by which step. A shortest way visits no state later than that.
    came: list[dict[State, list[tuple[State, int]]]] = [{start: []}]
    seen = {start}
    taken, is_whole = 0, True
    while not any(map(is_goal, came[-1])):
        if len(came) > most:
            return Ways(None, 0, (), exhausted=False)
        level: dict[State, list[tuple[State, int]]] = {}
        for state in came[-1]:
            for place, after in steps(state):
                taken += 1
                if after not in seen:
                    level.setdefault(after, []).append((state, place))
            if len(seen) + len(level) > MOST_STATES or taken > MOST_STEPS:
                raise ArgumentError("the ranges lead to too many cases", got=f"{taken:,}", remedy="state smaller ranges")
        seen |= level.keys()
        left = len(level)
        level = {state: before for state, before in level.items() if may_reach(state, most - len(came))}
        is_whole = is_whole and len(level) == left
        if not level:
            return Ways(None, 0, (), exhausted=is_whole)
        came.append(level)
    goals = [state for state in came[-1] if is_goal(state)]
    counts, best = _ways_to(goals, came)
    ways = nsmallest(LISTED, (way for goal in goals for way in best[goal]))
    return Ways(len(came) - 1, sum(counts[goal] for goal in goals), tuple(way for _, way in ways), exhausted=False)


def _ways_to(
    goals: list[State], came: list[dict[State, list[tuple[State, int]]]]
) -> tuple[dict[State, int], dict[State, list[tuple[int, tuple[int, ...]]]]]:
    """For each state on a way to a goal: how many ways lead to it, and the best ones with their costs."""
    needed = [set(goals)]
    for level in reversed(came[1:]):
        needed.append({before for state in needed[-1] for before, _ in level[state]})
    counts: dict[State, int] = dict.fromkeys(came[0], 1)
    best: dict[State, list[tuple[int, tuple[int, ...]]]] = {state: [(0, ())] for state in came[0]}
    for level, states in zip(came[1:], list(reversed(needed))[1:], strict=True):
        for state in states:
            counts[state] = sum(counts[before] for before, _ in level[state])
            best[state] = nsmallest(
                LISTED, ((cost + place, (*way, place)) for before, place in level[state] for cost, way in best[before])
            )
    return counts, best
