"""Symbols, and formulas in them, in any size that a function is given, and in any axis of its tensors.

As tests/test_symbols_everywhere.py has it for layers: a call is drawn with numbers, wild ones too, some of its numbers become
symbols, and what comes out is held against torch at the numbers it was drawn with and at others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from drawing.functions import FUNCTION_SAMPLERS
from drawing.symbolised import Letters, at, minima_of
from function_side import counted, expected_of, harms_torch, map_shapes, shapes_in
from hypothesis import given
from hypothesis import strategies as st
from symbols_side import COUNTED, NEED_NUMBERS, POINTS, WALK, goes_another_way, put

import cnncalc as cc
from cnncalc.layers import FUNCTIONS, named
from cnncalc.sizes import Expr, substitute

if TYPE_CHECKING:
    from drawing.calls import FunctionCase

NAMES = [name for names in FUNCTIONS.values() for name in names]
#: Arguments that are sizes, or numbers of cells, parts, channels or groups.
SIZES = frozenset({
    "chunks", "dilation", "downscale_factor", "groups", "index", "indices", "indices_or_sections", "kernel_size", "length",
    "normalized_shape", "num_classes", "num_groups", "output_padding", "output_size", "pad", "padding", "repeats", "sections",
    "shape", "shifts", "size", "sizes", "split_size_or_sections", "start", "stride", "upscale_factor",
})  # fmt: skip

#: Functions to which a size of −1 is one to be worked out.
INFER = frozenset({"broadcast_to", "expand", "one_hot", "reshape", "unflatten", "view"})


@dataclass(frozen=True)
class SymbolisedCall:
    """A call with symbols, and the values with which it is the call it was made from."""

    case: FunctionCase
    values: dict[str, int]

    def at(self, values: dict[str, int]) -> FunctionCase:
        """The call with numbers for its symbols."""
        return replace(self.case, inputs=at(self.case.inputs, values), call=at(self.case.call, values))


@st.composite
def symbolised_calls(draw: Any, case: FunctionCase) -> SymbolisedCall:
    """A call with some of its sizes as symbols."""
    letters = Letters(draw, alike=False, many=True)

    def beside(name: str, item: Any) -> Any:
        return letters.some(item) if name in SIZES or (name, case.name) == ("dims", "tile") else item

    inputs, call = map_shapes(case, letters.some, beside)
    return SymbolisedCall(replace(case, inputs=tuple(inputs), call=call), letters.values)


class Called(cc.Module):
    """A network that calls one function, on its inputs in order."""

    def __init__(self, case: FunctionCase) -> None:
        """Take the call, shapes in place of tensors."""
        super().__init__()
        self.case = case

    def forward(self, *tensors: Any) -> Any:
        """Call the function."""
        left = iter(tensors)
        inputs, call = map_shapes(self.case, lambda _: next(left))
        return named(self.case.name)(*inputs, **call)


def analysed(case: FunctionCase) -> tuple[cc.Report | None, str]:
    """The report of a call, or why there is none. Nothing but our own errors may be raised."""
    shapes: list[Any] = []
    map_shapes(case, shapes.append)
    try:
        return cc.analyze(Called(case), *shapes), ""
    except cc.CnncalcError as error:
        return None, str(error)


def is_inferred(symbolic: Any, numbers: Any) -> bool:
    """Whether a formula comes to −1 somewhere, which asks torch for the size that is left."""
    if isinstance(symbolic, (tuple, list)):
        return any(map(is_inferred, symbolic, numbers))
    if isinstance(symbolic, dict):
        return any(is_inferred(symbolic[name], numbers[name]) for name in symbolic)
    return isinstance(symbolic, Expr) and numbers == -1


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data(), seed=st.integers(0, 1 << 30))
def test_symbols_in_any_size_of_a_call_are_torchs_numbers(name, data, seed):
    drawn = data.draw(symbolised_calls(data.draw(FUNCTION_SAMPLERS[name](wild=True))))
    report, refusal = analysed(drawn.case)
    random = Random(seed)  # noqa: S311 - points, not secrets
    least = minima_of((drawn.case.inputs, drawn.case.call))
    for point in range(POINTS):
        near = {key: random.randint(least[key], max(2 * value + 2, least[key])) for key, value in drawn.values.items() if point}
        values = drawn.values | near
        numbers = drawn.at(values)
        if name in INFER and is_inferred((drawn.case.inputs, drawn.case.call), (numbers.inputs, numbers.call)):
            continue
        if harms_torch(numbers):
            continue
        expected = expected_of(numbers)
        if report is None:
            is_empty = any(0 in shape for shape in shapes_in(numbers))
            assert not expected or is_empty or any(reason in refusal for reason in NEED_NUMBERS), (values, refusal)
            continue
        held = [requirement.condition.holds(values) for requirement in report.conditions]
        if goes_another_way(report, held, values):
            continue
        assert all(held) == (expected is not None), (values, expected, report.conditions)
        if expected is not None:
            assert put(report.output_shape, values) == expected, values
            if point < COUNTED:
                assert substitute(report.macs.value, values) == counted(numbers), values


class Cutting(cc.Module):
    """A network that takes a part of its input."""

    def __init__(self, cut: Any) -> None:
        """Take the function that cuts."""
        super().__init__()
        self.cut = cut

    def forward(self, x: Any) -> Any:
        """Cut."""
        return self.cut(x)


CUTS: dict[str, Any] = {
    "x[-(n // 4):]": lambda x: x[-(x.shape[0] // 4) :],
    "x[:-(n // 4)]": lambda x: x[: -(x.shape[0] // 4)],
    "x[-(n // 2):-1]": lambda x: x[-(x.shape[0] // 2) : -1],
    "x[n // 2 - 3:]": lambda x: x[x.shape[0] // 2 - 3 :],
    "x[-(n - 3)]": lambda x: x[-(x.shape[0] - 3)],
    "x[n // 3 - 2]": lambda x: x[x.shape[0] // 3 - 2],
    "x[[-(n // 2), n // 2 - 3, 1 - n]]": lambda x: x[[-(x.shape[0] // 2), x.shape[0] // 2 - 3, 1 - x.shape[0]]],
    "x.narrow(0, -(n // 2), 3)": lambda x: x.narrow(0, -(x.shape[0] // 2), 3),
    "x.select(0, -(n // 2))": lambda x: x.select(0, -(x.shape[0] // 2)),
    "x.roll(-(n // 2), 0)": lambda x: x.roll(-(x.shape[0] // 2), 0),
    "x.chunk(4)[0]": lambda x: x.chunk(4)[0],
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_place_that_a_formula_makes_counts_from_the_end_where_it_is_negative(cut):
    torch = pytest.importorskip("torch")
    network = Cutting(CUTS[cut])
    report = cc.analyze(network, ("n", 2))
    accepted = cc.solve.valid_sizes(network, ("n", 2))["n"]
    for n in range(1, 60):
        try:
            shape = tuple(CUTS[cut](torch.zeros(n, 2)).shape)
        except (IndexError, RuntimeError):
            shape = None
        assert (n in accepted) == (shape is not None), n
        if all(requirement.condition.holds({"n": n}) for requirement in report.conditions):
            assert put(report.output_shape, {"n": n}) == shape, n
        if shape is not None:
            assert cc.analyze(network, (n, 2)).output_shape == shape, n
