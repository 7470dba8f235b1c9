"""A sampler for every function of the catalogue: valid calls, and wild ones that torch may refuse."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing import layer_functions, resampling
from drawing.calls import FunctionCase, wild_shape

AXES = st.integers(-6, 6)


@st.composite
def concatenations(draw: Any, *, wild: bool) -> FunctionCase:
    """Shapes that agree on every axis but one; wild ones are each a step away, or along another axis."""
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5).map(tuple))
    axis = draw(st.integers(0, len(shape) - 1))
    parts = tuple((*shape[:axis], draw(st.integers(0, 4)), *shape[axis + 1 :]) for _ in range(draw(st.integers(1, 3))))
    dim: Any = axis - len(shape) if draw(st.booleans()) else axis
    if wild:
        what = draw(st.sampled_from(("part", "dim", "both", "none", "type", "empty")))
        if what in {"part", "both"}:
            index = draw(st.integers(0, len(parts) - 1))
            parts = (*parts[:index], draw(wild_shape(parts[index])), *parts[index + 1 :])
        if what in {"dim", "both"}:
            dim = draw(AXES)
        if what == "type":
            dim = draw(st.sampled_from((1.0, None, True)))
        if what == "none":
            parts = ()
        if what == "empty":
            parts = (*parts, (0,))
    return FunctionCase("cat", (parts,), {} if dim == 0 and draw(st.booleans()) else {"dim": dim})


@st.composite
def sums(draw: Any, *, wild: bool) -> FunctionCase:
    """Two shapes that broadcast: some axes are 1 on one side, and one side may lack leading axes."""
    common = draw(st.lists(st.integers(0, 4), max_size=5))
    left, right = (tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common) for _ in range(2))
    if draw(st.booleans()):
        right = right[draw(st.integers(0, len(right))) :]
    if draw(st.booleans()):
        left, right = right, left
    if wild:
        left = draw(wild_shape(left))
    return FunctionCase("add", (left, right), {"alpha": 2} if draw(st.booleans()) else {})


FUNCTION_SAMPLERS = {"cat": concatenations, "add": sums, **resampling.FUNCTIONS, **layer_functions.FUNCTIONS}
