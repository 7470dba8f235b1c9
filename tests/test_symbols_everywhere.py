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
from drawing.symbolised import symbolised
from hypothesis import given, settings
from hypothesis import strategies as st
from known_differences import differs_on_purpose
from torch_side import FINE

import cnncalc as cc
from cnncalc.layers import FAMILIES, named
from cnncalc.sizes import Expr, substitute

IS_DEEP = settings.default.max_examples > 1000
#: Of each formula so many points, of each class so many cases. Torch counts MACs of the first points only: that is slow.
POINTS, COUNTED = (200, 5) if IS_DEEP else (3, 1)
WALK = settings(max_examples=60 if IS_DEEP else max(settings.default.max_examples // 12, 5))

NAMES = [name for names in FAMILIES.values() for name in names]
#: Arguments that are no sizes: flags, real numbers, and numbers that count axes, layers or heads.
NO_SIZES = frozenset({
    "affine", "align_corners", "alpha", "batch_first", "beta", "bias", "bidirectional", "ceil_mode", "count_include_pad", "dim",
    "divisor_override", "dropout", "elementwise_affine", "end_dim", "eps", "init", "inplace", "k", "keepdim", "lambd", "lower",
    "max_norm", "max_val", "min_val", "momentum", "negative_slope", "nhead", "norm_first", "norm_type", "num_heads",
    "num_layers", "num_parameters", "p", "return_indices", "scale_factor", "start_dim", "threshold", "track_running_stats",
    "unflattened_size", "upper", "value",
})  # fmt: skip
#: How a symbol is refused where a number is taken, and rightly: the answer rests on rounding, or on which of two is larger.
NEED_NUMBERS = (
    "a share of a symbol is rounded", "the length of a symbol times this scale", 'padding="same" needs stride 1',
    "whether output_padding is smaller", "make the symbol without a minimum of 0", "depends on the symbols",
)  # fmt: skip

#: Layers whose products torch's own counter counts.
COUNTED_BY_TORCH = ("Conv", "inear", "Attention", "Transformer")

torch = pytest.importorskip("torch")


def has_numbers_alone(shape: Any) -> bool:
    """Whether a shape is that of one tensor."""
    return isinstance(shape, tuple) and all(type(n) is int for n in shape)


def minima_of(part: Any) -> dict[str, int]:
    """The least number that may be put in for each symbol of nested arguments."""
    found: dict[str, int] = {}
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, (tuple, list)) else ():
        for name, least in minima_of(inner).items():
            found[name] = max(least, found.get(name, 0))
    return part.minima if isinstance(part, Expr) else found


def analysed(case: Any) -> tuple[cc.Report | None, str]:
    """The report of a case, or why there is none. Nothing but our own errors may be raised."""
    try:
        return cc.analyze(named(case.name)(*case.args, **case.kwargs), *case.inputs), ""
    except cc.CnncalcError as error:
        return None, str(error)


def put(nested: Any, values: dict[str, int]) -> Any:
    """Nested shapes with numbers for their symbols."""
    return tuple(put(part, values) for part in nested) if isinstance(nested, tuple) else substitute(nested, values)


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data(), seed=st.integers(0, 1 << 30))
def test_symbols_in_any_argument_are_torchs_numbers(name, data, seed):
    case = data.draw(strategies.wild(name))
    if case.call or case.wrong_type or not all(map(has_numbers_alone, case.inputs)):
        return
    drawn = data.draw(symbolised(case, NO_SIZES))
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
        if not all(held) and any(
            requirement.holds(values) for requirement, holds in zip(report.conditions, held, strict=True) if not holds
        ):
            continue  # torch goes another way there, by a rule of its own
        assert all(held) == (outcome.stage == FINE), (values, outcome, report.conditions)
        if outcome.stage == FINE:
            assert put(report.output_shape, values) == outcome.shape, values
            assert substitute(report.params.value, values) == sum(p.numel() for p in outcome.module.parameters()), values
            if point < COUNTED and any(part in name for part in COUNTED_BY_TORCH):
                assert substitute(report.macs.value, values) == torch_side.counted_macs(numbers), values
