"""Samplers for functions cell by cell: arithmetic, comparisons, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.layers import FUNCTIONS, named
from drawing.calls import FunctionCase, wild_shape
from drawing.tensors import FUNCTION_SAMPLERS, SHAPES, register

if TYPE_CHECKING:
    from collections.abc import Callable


NUMBERS = st.sampled_from((0, 1, 2, -1.5))


@st.composite
def pairs(draw: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast."""
    common = draw(SHAPES)
    left, right = (tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common) for _ in range(2))
    if draw(st.booleans()):
        right = right[draw(st.integers(0, len(right))) :]
    return (right, left) if draw(st.booleans()) else (left, right)


@st.composite
def binaries(draw: Any, name: str, second: str, *, wild: bool) -> FunctionCase:
    """Two tensors, or a tensor and a number."""
    function = named(name)
    left, right = draw(pairs())
    if function.in_place:
        right = right if len(right) <= len(left) else left
        left = (
            *left[: len(left) - len(right)],
            *(b if a == 1 else a for a, b in zip(left[len(left) - len(right) :], right, strict=True)),
        )
    call: dict[str, Any] = {}
    operands: list[Any] = [left, right]
    choice = draw(st.integers(0, 4 if wild else 3))
    if choice == 0 and (wild or "other" in function.numbers):
        operands[1] = draw(NUMBERS)
    elif choice == 1 and (wild or "input" in function.numbers):
        operands[0] = draw(NUMBERS)
    elif choice == 4 and draw(st.booleans()):
        operands[0] = draw(wild_shape(left))
    elif choice == 4:
        operands[draw(st.integers(0, 1))] = draw(st.sampled_from((None, "x", {}, True)))
    if isinstance(operands[0], (bool, int, float)) and not isinstance(operands[0], tuple) and function.in_place:
        operands[0] = left
    kind = type(function).__mro__[1].__name__
    if kind == "Sum" and draw(st.integers(0, 3)) == 0:
        call["alpha"] = 2
    if kind == "Quotient" and draw(st.integers(0, 3)) == 0:
        call["rounding_mode"] = draw(st.sampled_from((None, "trunc", "floor", *(("up",) if wild else ()))))
    if draw(st.integers(0, 3)) == 0 and isinstance(operands[0], tuple) and operands[1] is not None:
        return FunctionCase(name, (operands[0],), {second: operands[1], **call})
    return FunctionCase(name, tuple(operands), call)


@st.composite
def choices(draw: Any, *, wild: bool) -> FunctionCase:
    """A condition and two operands."""
    left, right = draw(pairs())
    condition = draw(wild_shape(left)) if wild else left
    operands: list[Any] = [right, right[:0]]
    if draw(st.booleans()):
        operands.reverse()
    if draw(st.integers(0, 3)) == 0:
        operands[draw(st.integers(0, 1))] = draw(NUMBERS)
    return FunctionCase("where", (condition, *operands), {})


@st.composite
def clampings(draw: Any, name: str, arguments: tuple[str, ...], *, wild: bool) -> FunctionCase:
    """Bounds that are numbers, tensors or missing."""
    left, right = draw(pairs())
    if named(name).in_place:
        right = ()
    bounds = [draw(st.sampled_from((0, 1.5))) for _ in arguments] if draw(st.booleans()) else [right for _ in arguments]
    chosen = dict(zip(arguments, bounds, strict=True))
    if len(arguments) > 1 and draw(st.booleans()):
        chosen[draw(st.sampled_from(arguments))] = None
    if wild:
        chosen[draw(st.sampled_from(arguments))] = draw(st.one_of(st.none(), SHAPES, st.just(1), st.just("x")))
    return FunctionCase(name, (left,), chosen)


def enter(sampler: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """A sampler with its first arguments filled in."""
    return lambda *, wild: sampler(*arguments, wild=wild)


for binary in FUNCTIONS["arithmetic"]:
    operand = "exponent" if "pow" in binary else "other"
    FUNCTION_SAMPLERS[binary] = enter(binaries, binary, operand)
FUNCTION_SAMPLERS["where"] = choices
for unary in FUNCTIONS["elementwise"]:
    if "cl" not in unary:
        register(unary, SHAPES.map(lambda shape: {"input": shape}))
for end in ("", "_"):
    for bound in ("clamp", "clip"):
        FUNCTION_SAMPLERS[bound + end] = enter(clampings, bound + end, ("min", "max"))
    FUNCTION_SAMPLERS["clamp_min" + end] = enter(clampings, "clamp_min" + end, ("min",))
    FUNCTION_SAMPLERS["clamp_max" + end] = enter(clampings, "clamp_max" + end, ("max",))
