"""Samplers for functions that take cells along axes together."""

from __future__ import annotations

from math import inf
from typing import Any

from hypothesis import strategies as st

from drawing.calls import FunctionCase, wild_shape
from drawing.tensors import AXES, FUNCTION_SAMPLERS, SHAPES, WRONG, register, tuple_or_list, with_axis

ANY_DIM = st.one_of(AXES, WRONG, st.lists(AXES, max_size=3), st.lists(AXES, max_size=3).map(tuple))
ANY_FLAG = st.sampled_from((True, False, 1, None))


@st.composite
def reductions(draw: Any, *, all_alone: bool = True, several: bool = True, empty: bool = True) -> dict[str, Any]:
    """One axis, several or all of them."""
    size = st.integers(0 if empty else 1, 4)
    shape = tuple(draw(st.lists(size, min_size=1, max_size=4)))
    arguments: dict[str, Any] = {"input": shape}
    how = draw(st.sampled_from(("one", *(("several",) if several else ()), *(("all",) if all_alone else ()))))
    if how == "all":
        return arguments
    if how == "several":
        axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
        arguments["dim"] = tuple_or_list(draw, axes)
    else:
        arguments["dim"] = draw(st.integers(-len(shape), len(shape) - 1))
    if draw(st.booleans()):
        arguments["keepdim"] = draw(st.booleans())
    return arguments


for name in ("mean", "sum", "nansum"):
    register(name, reductions(), dim=ANY_DIM, keepdim=ANY_FLAG)
for name in ("amax", "amin"):
    register(name, reductions(empty=False), dim=ANY_DIM, keepdim=ANY_FLAG)
for name in ("argmax", "argmin"):
    register(name, reductions(empty=False, several=False), dim=ANY_DIM, keepdim=ANY_FLAG)
register("prod", reductions(several=False), dim=ANY_DIM, keepdim=ANY_FLAG)
register("logsumexp", reductions(all_alone=False), dim=st.one_of(AXES, st.lists(AXES, min_size=1, max_size=3)), keepdim=ANY_FLAG)
for name in ("cumsum", "cumprod"):
    register(name, with_axis().map(lambda drawn: {"input": drawn[0], "dim": drawn[1]}), dim=ANY_DIM)


@st.composite
def spreads(draw: Any) -> dict[str, Any]:
    """As other reductions, with what is taken off the number of cells."""
    arguments = draw(reductions())
    how = draw(st.sampled_from(("nothing", "unbiased", "correction")))
    if how == "unbiased" and "dim" in arguments:
        arguments["unbiased"] = draw(st.booleans())
    elif how == "correction":
        arguments["correction"] = draw(st.sampled_from((0, 1, 2)))
    return arguments


@st.composite
def spread_calls(draw: Any, name: str, *, wild: bool) -> FunctionCase:
    """Any of the arguments by position, as far as the first ones are there; a truth value alone is torch's `unbiased`."""
    arguments = draw(spreads())
    shape = arguments.pop("input")
    for _ in range(draw(st.integers(0, 2)) if wild else 0):
        spoiled = draw(st.sampled_from(("shape", "dim", "dim", "unbiased", "keepdim", "correction")))
        if spoiled == "shape":
            shape = draw(wild_shape(shape))
        elif spoiled == "dim":
            arguments["dim"] = draw(ANY_DIM)
        else:
            arguments[spoiled] = draw(ANY_FLAG if spoiled != "correction" else st.sampled_from((0, 1, None, 1.5, True)))
    given: list[Any] = [shape]
    if not arguments and draw(st.booleans()):
        given.append(draw(st.booleans()))
    elif wild and draw(st.integers(0, 9)) == 0:
        given.append(draw(ANY_DIM))
    else:
        for argument in ("dim", "unbiased", "keepdim")[: draw(st.integers(0, 3))]:
            if argument not in arguments:
                break
            given.append(arguments.pop(argument))
    return FunctionCase(name, tuple(given), arguments)


for name in ("var", "std"):
    FUNCTION_SAMPLERS[name] = lambda *, wild, name=name: spread_calls(name, wild=wild)


@st.composite
def norms(draw: Any) -> dict[str, Any]:
    """A vector's norm along any axes, or a matrix's along two."""
    arguments = draw(reductions())
    arguments["p"] = draw(st.sampled_from((1, 2, 0, 0.5, "fro")))
    dim = arguments.get("dim")
    if arguments["p"] == "fro" and isinstance(dim, (tuple, list)) and len(dim) > 2:
        arguments["p"] = 2
    return arguments


register("norm", norms(), p=st.sampled_from((1, "fro", "nuc", inf, -inf, None, "x", -1)), dim=ANY_DIM, keepdim=ANY_FLAG)


@st.composite
def extremes(draw: Any, name: str, *, wild: bool) -> FunctionCase:
    """Of all cells, along an axis, or of two tensors."""
    how = draw(st.sampled_from(("all", "axis", "two")))
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    if wild and draw(st.booleans()):
        shape = draw(wild_shape(shape))
    if how == "all":
        return FunctionCase(name, (shape,), {"keepdim": True} if wild and draw(st.booleans()) else {})
    if how == "two":
        other = draw(SHAPES) if wild else shape[draw(st.integers(0, len(shape))) :]
        return FunctionCase(name, (shape,), {"other": other})
    dim = draw(ANY_DIM) if wild else draw(st.integers(-len(shape), len(shape) - 1))
    call = {"keepdim": draw(ANY_FLAG if wild else st.booleans())} if draw(st.booleans()) else {}
    return FunctionCase(name, (shape, dim), call) if draw(st.booleans()) else FunctionCase(name, (shape,), {"dim": dim, **call})


for name in ("max", "min"):
    FUNCTION_SAMPLERS[name] = lambda *, wild, name=name: extremes(name, wild=wild)
