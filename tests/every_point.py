"""Tables of calls that are held against torch at every point, where random cases seldom meet the one that a rule turns on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import torch_side
from drawing.calls import Case
from drawing.symbolised import at
from known_differences import differs_on_purpose
from torch_side import FINE

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.layers.lazy import Lazy
from cnncalc.sizes import substitute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch_side import Outcome


def points(**choices: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Each way to choose one value for each name."""
    yield from (dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values()))


def check_calls(name: str, arguments: Iterable[dict[str, Any]], shapes: Iterable[Any], macs: Any = None) -> None:
    """Hold a layer against torch for each way to make it, on each shape: its stage, its shape, and its MACs by another rule."""
    every = list(shapes)
    for given in arguments:
        for shape in every:
            case = Case(name, (), given, shape)
            if torch_side.harms_torch(case):
                continue
            outcome = torch_side.run(case)
            if not differs_on_purpose(case, outcome.shape):
                check_call(case, outcome, macs)


def check_call(case: Case, outcome: Outcome, macs: Callable[[Any, Any], int] | None) -> None:
    """Hold one call against what torch did."""
    stage, layer, shape, refusal = torch_side.CONSTRUCTION, None, None, None
    try:
        layer = named(case.name)(*case.args, **case.kwargs)
        stage = torch_side.CALL
        shape = layer.output_shape(*case.inputs, **case.call)
        stage = FINE
    except cc.CnncalcError as error:
        refusal = error
    assert (stage, shape) == (outcome.stage, outcome.shape), (case, outcome, shape, refusal)
    if layer is None or stage != FINE:
        return
    if macs:
        assert layer.macs(*case.inputs, **case.call) == macs(outcome.module, shape), case
    if not isinstance(layer, Lazy):
        assert layer.parameters() == {key: tuple(p.shape) for key, p in outcome.module.named_parameters()}
        for key in ("weight", "bias"):
            ours, theirs = getattr(layer, key, ""), getattr(outcome.module, key, "")
            assert getattr(ours, "shape", ours) == (tuple(theirs.shape) if hasattr(theirs, "shape") else theirs), (case, key)


def check_symbols(case: Case, values: Iterable[dict[str, int]], macs: Any = None, *, fine: int = 1) -> None:
    """Hold the formulas of a case with symbols against torch at some points, of which it must take so many.

    Conditions must hold where torch takes the numbers and nowhere else.
    """
    report = cc.analyze(named(case.name)(*case.args, **case.kwargs), *case.inputs)
    for point in values:
        numbers = replace(case, args=at(case.args, point), kwargs=at(case.kwargs, point), shape=at(case.shape, point))
        outcome = torch_side.run(numbers)
        held = all(requirement.condition.holds(point) for requirement in report.conditions)
        assert held == (outcome.stage == FINE), (point, outcome, report.conditions)
        if held:
            fine -= 1
            assert put(report.output_shape, point) == outcome.shape, point
            assert substitute(report.params.value, point) == sum(p.numel() for p in outcome.module.parameters()), point
            if macs:
                assert substitute(report.macs.value, point) == macs(outcome.module, outcome.shape), point
    assert fine <= 0


def put(nested: Any, values: dict[str, int]) -> Any:
    """Nested shapes with numbers for their symbols."""
    return tuple(put(part, values) for part in nested) if isinstance(nested, tuple) else substitute(nested, values)


def products_of_weight(module: Any, shape: tuple[int, ...]) -> int:
    """MACs where each output cell is a sum over the weights of its channel: torch has these in an axis of their own."""
    return prod(shape) * prod(module.weight.shape[1:])
