"""The numbers behind a sheet's listed slips: what each would give for an ask, next to the right value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.sheets.quantities import evaluate, plain

if TYPE_CHECKING:
    from cnncalc.sheets.model import Ask, Asked, Misconception
    from cnncalc.sheets.networks import Networks

#: A wrong number: its value, and its steps where the ask has a trace and the slip has steps.
Wrong = tuple[Any, tuple[Any, ...]]


def right_number(ask: Ask, asked: Asked, networks: Networks) -> Any:
    """The value of a quantity, in the form in which the values of an ask are compared."""
    return comparable(ask, plain(evaluate(asked, networks).value))


def wrong_numbers(slip: Misconception, ask: Ask, networks: Networks) -> tuple[Wrong, ...]:
    """Every number that a listed slip gives for an ask; empty where its rule does not apply to the network.

    Raises SpecError for a slip that the library does not know.
    """
    if slip.answer is not None:
        return ((right_number(ask, slip.answer, networks), ()),)
    return rule_numbers(slip.id, ask, networks)


def rule_numbers(rule: str, ask: Ask, networks: Networks) -> tuple[Wrong, ...]:
    """The same for a rule of the library, listed or not."""
    from cnncalc import slips

    found = slips.named(rule)
    if ask.answer is None or not ask.answer.net:
        return ()
    graph = networks.built(ask.answer.net).graph
    at = ask.answer.at or None
    steps = tuple(comparable(ask, side) for side in found.trace(graph, at)) if ask.trace is not None else ()
    return tuple((comparable(ask, plain(value)), steps) for value in found.values(graph, at, ask.answer.quantity))


def comparable(ask: Ask, value: Any) -> Any:
    """A value in one form: lists as tuples, a field's equal sides as one number."""
    if not isinstance(value, (list, tuple)):
        return value
    items = tuple(value)
    is_field = ask.answer is not None and ask.answer.quantity.startswith("rf")
    return items[0] if is_field and items and all(item == items[0] for item in items) else items
