"""Errors carried forward: what a later ask comes to with a student's own earlier answers in place of the right ones.

Submitted numbers enter arithmetic on sizes only; nothing is allocated for them.
"""

from __future__ import annotations

from itertools import combinations
from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError
from cnncalc.grading.keys import ADDITIVE, AskKey
from cnncalc.sheets.model import Asked
from cnncalc.sheets.networks import Built, filled
from cnncalc.sheets.quantities import QUANTITIES
from cnncalc.sizes import Expr
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: How many earlier answers are tried in every combination.
MAX_EARLIER = 5


def carried(key: AskKey, earlier: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What the ask comes to for the earlier answers that were not right: all of them first, then fewer.

    `earlier` holds the values of those answers by ask. Each is given with the asks whose answers it rests on. An earlier
    ask that is missing there counts as right.
    """
    wrong = {source: ask for source, ask in key.ask.follow.items() if ask in earlier}
    for count in range(min(len(wrong), MAX_EARLIER), 0, -1):
        for chosen in combinations(wrong.items(), count):
            values = {source: earlier[ask] for source, ask in chosen}
            try:
                value = _recomputed(key, values)
            except (CnncalcError, TypeError, ValueError, OverflowError):
                # What was written there is no size of anything: nothing follows from it.
                continue
            if value is not None:
                yield tuple(ask for _, ask in chosen), value


def _recomputed(key: AskKey, values: Mapping[str, Any]) -> Any:
    """The ask's quantity with some quantities of earlier networks replaced; None where it does not rest on them."""
    asked = key.ask.answer
    if asked is None:
        return None
    bases = {source.rpartition(".")[0] for source in values}
    if len(bases) != 1:
        return None
    base = next(iter(bases))
    replaced = {source.rpartition(".")[2]: value for source, value in values.items()}
    if base == asked.net:
        return _measured(asked.quantity, replaced)
    layers = _layers_after(key, base, asked.net)
    if not layers or any(not _is_size(value) for value in replaced.values()):
        return None
    shape = replaced.get("shape") or key.value_of(Asked("shape", base))
    rule = QUANTITIES.get(asked.quantity)
    if rule is None or key.question.nets[asked.net].train:
        return None
    tail = Built(asked.net, (1, *shape), {}, lambda _: parse(layers, ARCHITECTURES))
    value = rule(tail, asked.at or None).value
    if asked.quantity in ADDITIVE and not asked.at:
        own = replaced.get(asked.quantity)
        value = value + (key.value_of(Asked(asked.quantity, base)) if own is None else own)
    return tuple(value) if isinstance(value, list) else value


def _layers_after(key: AskKey, base: str, net: str) -> str:
    """The written layers of a network behind those of one that it extends; empty where it does not extend it."""
    layers: list[str] = []
    while net and net != base:
        declared = key.question.nets[net]
        layers.insert(0, filled(declared.layers, key.networks.params))
        net = declared.extends
    return " -> ".join(layers) if net == base else ""


def _measured(quantity: str, replaced: Mapping[str, Any]) -> Any:
    """A quantity that follows from another of the same network: pixels from a shape, an area from its sides."""
    shape = replaced.get("shape")
    if isinstance(shape, tuple) and len(shape) > 1:
        measures = {"channels": shape[0], "pixels": prod(shape[1:]), "side": shape[1]}
        return measures.get(quantity)
    sides = replaced.get("rf", replaced.get("rf_side"))
    if quantity == "rf_area" and sides is not None:
        return prod(sides) if isinstance(sides, tuple) else sides * sides
    return None


def _is_size(value: Any) -> bool:
    """Whether a value is a whole number or a formula, or a shape of positive ones."""
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(n, Expr) or (isinstance(n, int) and n > 0) for n in value)
    return isinstance(value, (int, Expr))
