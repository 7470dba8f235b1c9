"""Symbols, and formulas in them, in any argument and any axis of any layer: each number is torch's, each condition its refusal.

A case is drawn with numbers, wild ones too, and some of its numbers become symbols. What comes out is held against torch at
the numbers it was drawn with and at others: the shape, the parameters, the MACs where torch counts them, and that the
conditions hold exactly where torch accepts.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import strategies
import torch_side
from drawing import networks
from drawing.symbolised import minima_of, symbolic_networks, symbolised
from hypothesis import given, settings
from hypothesis import strategies as st
from known_differences import differs_on_purpose
from symbols_side import COUNTED, IS_DEEP, NEED_NUMBERS, POINTS, WALK, goes_another_way, put
from torch_side import FINE

import cnncalc as cc
from cnncalc.layers import FAMILIES, named
from cnncalc.sizes import substitute

NETWORKS = settings(max_examples=300 if IS_DEEP else max(settings.default.max_examples // 5, 10))

NAMES = [name for names in FAMILIES.values() for name in names]
#: Layers whose products torch's own counter counts.
COUNTED_BY_TORCH = ("Conv", "inear", "Attention", "Transformer")

torch = pytest.importorskip("torch")


def has_numbers_alone(shape: Any) -> bool:
    """Whether a shape is that of one tensor."""
    return isinstance(shape, tuple) and all(type(n) is int for n in shape)


def analysed(case: Any) -> tuple[cc.Report | None, str]:
    """The report of a case, or why there is none. Nothing but our own errors may be raised."""
    try:
        return cc.analyze(named(case.name)(*case.args, **case.kwargs), *case.inputs), ""
    except cc.CnncalcError as error:
        return None, str(error)


def test_a_row_for_padding_is_no_size():
    with pytest.raises(cc.ArgumentError, match="padding_idx numbers a row and can't be a symbol; got padding_idx=a"):
        cc.Embedding(4, 2, padding_idx=cc.symbol("a"))
    report = cc.analyze(cc.Embedding("V", 2, padding_idx=3), (1, 5))
    assert str(report.conditions) == "(Embedding: V ≥ 4, since padding_idx must number a row,)"


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data(), seed=st.integers(0, 1 << 30))
def test_symbols_in_any_argument_are_torchs_numbers(name, data, seed):
    case = data.draw(strategies.wild(name))
    if case.call or case.wrong_type or not all(map(has_numbers_alone, case.inputs)):
        return
    drawn = data.draw(symbolised(case))
    report, refusal = analysed(drawn.case)
    random = Random(seed)  # noqa: S311 - points, not secrets
    least = minima_of((drawn.case.args, drawn.case.kwargs, drawn.case.shape))
    for point in range(POINTS):
        near = {key: random.randint(least[key], max(2 * value + 2, least[key])) for key, value in drawn.values.items() if point}
        values = drawn.values | near
        numbers = drawn.at(values)
        outcome = torch_side.run(numbers)
        if differs_on_purpose(numbers, outcome.shape):
            continue
        if report is None:
            is_empty = any(0 in shape for shape in numbers.inputs)
            known = any(reason in refusal for reason in NEED_NUMBERS)
            assert outcome.stage != FINE or is_empty or known, (values, refusal)
            continue
        held = [requirement.condition.holds(values) for requirement in report.conditions]
        if goes_another_way(report, held, values):
            continue
        assert all(held) == (outcome.stage == FINE), (values, outcome, report.conditions)
        if outcome.stage == FINE:
            assert put(report.output_shape, values) == outcome.shape, values
            assert substitute(report.params.value, values) == sum(p.numel() for p in outcome.module.parameters()), values
            if point < COUNTED and any(part in name for part in COUNTED_BY_TORCH):
                assert substitute(report.macs.value, values) == torch_side.counted_macs(numbers), values


def torch_takes(network: cc.Module, shape: tuple[int, ...]) -> Any:
    """Torch's module and the shape it gives; None where it refuses."""
    module = cc.to_torch(network)
    with torch_side.quiet(), torch.no_grad():
        try:
            return module, torch_side.shape_of(module(torch.zeros(shape)))
        except Exception:  # noqa: BLE001 - whatever torch raises is a refusal
            return None


@NETWORKS
@given(drawn=symbolic_networks(networks.networks()), seed=st.integers(0, 1 << 30))
def test_symbols_in_any_argument_of_a_network_are_torchs_numbers(drawn, seed):
    """Chains, branches that are added or joined, and layers used twice; the layers of the twin are torch's, with numbers."""
    try:
        report = cc.analyze(drawn.module, drawn.shape)
    except (cc.UndecidedError, cc.UnsupportedError):
        return
    except cc.CnncalcError as error:
        report, refusal = None, str(error)
    random = Random(seed)  # noqa: S311 - points, not secrets
    for point in range(POINTS):
        least = drawn.minima
        near = {key: max(least[key], value + random.choice((-1, 0, 0, 0, 1, 2))) for key, value in drawn.values.items() if point}
        values = drawn.values | near
        try:
            made = drawn.at(values)
            taken = None if 0 in made[1] else torch_takes(*made)
        except cc.CnncalcError:
            taken = None  # a layer can't be made so: each class is held against torch by itself
        if report is None:
            assert taken is None or any(reason in refusal for reason in NEED_NUMBERS), (values, refusal)
            continue
        held = [requirement.condition.holds(values) for requirement in report.conditions]
        if goes_another_way(report, held, values):
            continue
        assert all(held) == (taken is not None), (values, report.conditions)
        if taken is not None:
            module, shape = taken
            assert put(report.output_shape, values) == shape, values
            assert substitute(report.params.value, values) == sum(p.numel() for p in module.parameters()), values
            if point < COUNTED:
                assert substitute(report.macs.value, values) == torch_side.macs_of(module, made[1]), values
