"""Slips: wrong rules, as code next to the algebra, that give the wrong numbers people write down.

A slip is not a list of wrong numbers: it is a rule that runs on any network, so it also knows the wrong number of a
network nobody has drawn yet. Two slips may give the same number; `explain_value` names every one that does, and says
what the number is, not who did what.

    >>> import cnncalc as cc
    >>> from cnncalc import slips
    >>> graph = cc.trace(cc.Conv2d(3, 16, 5, stride=2, padding=1), (1, 3, 128, 128))
    >>> [slip.id for slip in slips.explain_value("shape", graph, (16, 128, 128))]
    ['shape.swap_pad_stride', 'shape.assume_same']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.errors import SpecError
from cnncalc.slips.place import Place
from cnncalc.slips.right import right_trace, right_value
from cnncalc.slips.slip import Slip, same

if TYPE_CHECKING:
    from cnncalc.graph import Graph

    ALL: tuple[Slip, ...]

__all__ = ["ALIASES", "ALL", "Slip", "explain_trace", "explain_value", "for_quantity", "named"]

#: Which quantities the slips of each family are wrong rules for, in the order in which explanations are listed. A family
#: is loaded when one of its quantities is first asked about; a test holds this catalogue against the files.
FAMILIES: dict[str, tuple[str, ...]] = {
    "shape": ("shape", "side", "pixels", "channels"),
    "params": ("params", "trainable"),
    "heads": ("params", "trainable"),
    "receptive": ("rf", "rf_side", "rf_area", "rf_values"),
    "unet": ("params", "trainable", "pixels", "side", "channels", "input_channels"),
    "dense": ("channels", "input_channels"),
}

#: Names that sheets may use for a slip that is known under a wider one: the same rule, met in one question.
ALIASES: dict[str, str] = {
    "rf.place_conv3": "rf.before_last_pool",
    "unet.third_conv": "params.other_layer",
    "unet.swap_in_out": "params.bias_per_input",
    "unet.kernel_not_squared": "params.kernel_not_squared",
}


def _family(name: str) -> tuple[Slip, ...]:
    """The slips of a family."""
    slips: tuple[Slip, ...] = import_module(f"cnncalc.slips.{name}").SLIPS
    return slips


def __getattr__(name: str) -> Any:
    """`ALL`: every slip of every family, loaded on first use (PEP 562)."""
    if name != "ALL":
        raise AttributeError(f"module 'cnncalc.slips' has no attribute {name!r}")
    return tuple(slip for family in FAMILIES for slip in _family(family))


def named(id: str) -> Slip:  # noqa: A002 - the word that sheets use
    """The slip of that id, or of a name in `ALIASES`. Raises SpecError where there is none."""
    known = {slip.id: slip for family in FAMILIES for slip in _family(family)}
    slip = known.get(ALIASES.get(id, id))
    if slip is None:
        from cnncalc.layers import did_you_mean

        raise SpecError("there is no slip of that name", got=f"{id!r:.60}", remedy=did_you_mean(str(id), known))
    return slip


def for_quantity(quantity: str) -> tuple[Slip, ...]:
    """The slips that are wrong rules for a quantity ("shape", "params", "rf" …), in order."""
    serving = [family for family, quantities in FAMILIES.items() if quantity in quantities]
    return tuple(slip for family in serving for slip in _family(family) if quantity in slip.quantities)


def explain_value(quantity: str, graph: Graph, value: Any, at: str | None = None) -> list[Slip]:
    """Every slip that gives exactly this value for a quantity, at the row `at` or for the network.

    Shapes may come with the batch or without, and as lists; sides of a field as 64 or (64, 64). The right value is
    explained by nothing, whatever rule happens to reach it. Raises ArgumentError for a row that does not exist.
    """
    place = Place(graph, at, quantity)
    given = _plain(value, place)
    right = right_value(place)
    if right is not None and same(given, right):
        return []
    return [slip for slip in for_quantity(quantity) if any(same(given, wrong) for wrong in slip.values_at(place))]


def explain_trace(graph: Graph, trace: Any, at: str | None = None) -> list[Slip]:
    """Every slip whose sides along the chain of convolutions and poolings are exactly these.

    A trace may leave out the steps at which a rule changes nothing (5, 9, 13 for 5, 5, 9, 9, 13, 13). The right trace is
    explained by nothing. Raises ArgumentError for a row that does not exist.
    """
    given = _sides(trace)
    place = Place(graph, at, "rf")
    right = right_trace(place)
    if not given or (right is not None and given in (right, _changes(right))):
        return []
    found = []
    for slip in for_quantity("rf"):
        if slip.steps is not None:
            steps = slip.trace_at(place)
            if steps and given in (steps, _changes(steps)):
                found.append(slip)
    return found


def _plain(value: Any, place: Place) -> Any:
    """A value in the form that rules give: tuples, a shape without its batch, one number for equal sides of a field."""
    if not isinstance(value, (tuple, list)):
        # A vector's shape may come as its one number.
        return (value,) if place.quantity == "shape" else value
    plain = tuple(value)
    if place.quantity == "shape":
        shape = () if place.value is None else place.value.shape
        return plain[place.lead :] if shape and len(plain) == len(shape) else plain
    return plain[0] if plain and all(same(n, plain[0]) for n in plain) else plain


def _sides(trace: Any) -> list[Any]:
    """A trace as rules give it: a list of sides, one number where the axes agree."""
    if not isinstance(trace, (tuple, list)):
        return []
    sides = [tuple(side) if isinstance(side, (tuple, list)) else side for side in trace]
    return [side[0] if isinstance(side, tuple) and side and all(same(n, side[0]) for n in side) else side for side in sides]


def _changes(steps: list[Any]) -> list[Any]:
    """The steps without those that repeat the one before."""
    return [side for index, side in enumerate(steps) if index == 0 or side != steps[index - 1]]
