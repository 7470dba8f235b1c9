"""Samplers for functions that take tensors apart, or lay several together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from drawing.calls import FunctionCase, wild_shape
from drawing.tensors import ANY_SIZES, AXES, FUNCTION_SAMPLERS, SIZES, WRONG, register, tuple_or_list, with_axis

if TYPE_CHECKING:
    from drawing.tensors import Arguments


@st.composite
def selections(draw: Any) -> Arguments:
    """A cell of an axis."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return {"input": shape, "dim": axis, "index": draw(st.integers(-shape[axis], shape[axis] - 1))}


@st.composite
def narrowings(draw: Any) -> Arguments:
    """A run of an axis."""
    shape, axis = draw(with_axis())
    start = draw(st.integers(0, shape[axis]))
    length = draw(st.integers(0, shape[axis] - start))
    return {"input": shape, "dim": axis, "start": start - shape[axis] if draw(st.booleans()) else start, "length": length}


@st.composite
def chunkings(draw: Any) -> Arguments:
    """Any number of parts."""
    shape, axis = draw(with_axis())
    arguments = {"input": shape, "chunks": draw(st.integers(1, 5))}
    return arguments if draw(st.integers(0, 3)) == 0 else {**arguments, "dim": axis}


@st.composite
def splittings(draw: Any, first: str, argument: str, *, cuts: bool) -> Arguments:
    """A length or a number of parts, lengths that add up, or places to cut."""
    shape, axis = draw(with_axis())
    n = shape[axis]
    if draw(st.booleans()):
        sections: Any = draw(st.integers(1, 5))
    elif cuts:
        sections = tuple(draw(st.lists(st.integers(-5, 5), max_size=3)))
    else:
        sizes = []
        while n > 0:
            sizes.append(draw(st.integers(1, n)))
            n -= sizes[-1]
        sections = tuple_or_list(draw, sizes or [0])
    return {first: shape, argument: sections, "dim": axis}


register("select", selections(), dim=st.one_of(AXES, WRONG), index=AXES)
register("narrow", narrowings(), dim=st.one_of(AXES, WRONG), start=AXES, length=AXES)
register("chunk", chunkings(), chunks=st.one_of(AXES, WRONG), dim=st.one_of(AXES, WRONG))
register("split", splittings("tensor", "split_size_or_sections", cuts=False), split_size_or_sections=ANY_SIZES, dim=AXES)
register("unbind", with_axis().map(lambda drawn: {"input": drawn[0], "dim": drawn[1]}), dim=st.one_of(AXES, WRONG))


@st.composite
def tensor_splits(draw: Any, *, wild: bool) -> FunctionCase:
    """As torch takes it: by position, or by one of two names."""
    arguments = draw(splittings("input", "sections", cuts=True))
    sections = draw(ANY_SIZES) if wild and draw(st.booleans()) else arguments["sections"]
    dim = draw(AXES) if wild else arguments["dim"]
    name = "indices" if isinstance(sections, (tuple, list)) != (wild and draw(st.integers(0, 5)) == 0) else "sections"
    if draw(st.booleans()):
        return FunctionCase("tensor_split", (arguments["input"], sections, dim), {})
    return FunctionCase("tensor_split", (arguments["input"],), {name: sections, "dim": dim})


FUNCTION_SAMPLERS["tensor_split"] = tensor_splits


@st.composite
def stackings(draw: Any, *, wild: bool) -> FunctionCase:
    """Tensors of one shape, and a place for the new axis."""
    shape = draw(st.lists(SIZES, max_size=3).map(tuple))
    parts = (shape,) * draw(st.integers(1, 3))
    dim: Any = draw(st.integers(-len(shape) - 1, len(shape)))
    if wild:
        what = draw(st.sampled_from(("part", "dim", "none")))
        parts = (*parts, draw(wild_shape(shape))) if what == "part" else () if what == "none" else parts
        dim = draw(st.one_of(AXES, WRONG)) if what == "dim" else dim
    return FunctionCase("stack", (parts,), {} if dim == 0 and draw(st.booleans()) else {"dim": dim})


FUNCTION_SAMPLERS["stack"] = stackings
