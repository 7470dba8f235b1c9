"""A sampler for every function of the catalogue: valid calls, and wild ones that torch may refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from drawing import (
    arithmetic,
    attentions,
    functional,
    indices,
    layer_functions,
    parts,
    products,
    reductions,
    resampling,
    shaping,
    tables,
    tensors,
)
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


def renamed(name: str) -> Any:
    """Concatenations under another of their names."""
    return lambda *, wild: concatenations(wild=wild).map(lambda case: replace(case, name=name))


#: Each has entered its functions in the samplers of tensors.
FILES = (shaping, parts, indices, arithmetic, products, reductions, tables, attentions)
FUNCTION_SAMPLERS = {
    "cat": concatenations,
    "concat": renamed("concat"),
    "concatenate": renamed("concatenate"),
    **tensors.FUNCTION_SAMPLERS,
    **functional.FUNCTIONS,
    **resampling.FUNCTIONS,
    **layer_functions.FUNCTIONS,
}
