"""Samplers for functions that lay tensors out anew: other shapes, other orders of axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from drawing.tensors import ANY_AXES, ANY_SIZES, AXES, SHAPES, SIZES, WRONG, register, tuple_or_list, with_axis

if TYPE_CHECKING:
    from drawing.tensors import Arguments


# -- other shapes -----------------------------------------------------------------------------------------------


@st.composite
def relaid(draw: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes of equally many cells: the same factors, grouped in two ways."""
    factors = draw(st.lists(st.sampled_from((1, 2, 2, 3, 4)), max_size=4))
    shapes = []
    for _ in range(2):
        shape: list[int] = []
        for factor in factors:
            if shape and draw(st.integers(0, 2)) == 0:
                shape[-1] *= factor
            else:
                shape.append(factor)
        if draw(st.integers(0, 3)) == 0:
            shape.insert(draw(st.integers(0, len(shape))), 1)
        shapes.append(tuple(shape))
    return shapes[0], shapes[1]


@st.composite
def reshapes(draw: Any, argument: str) -> Arguments:
    """A shape, and another one for its cells, perhaps with a −1."""
    shape, target = draw(relaid())
    if target and draw(st.booleans()):
        index = draw(st.integers(0, len(target) - 1))
        target = (*target[:index], -1, *target[index + 1 :])
    elif draw(st.integers(0, 5)) == 0:
        shape, target = (*shape, 0), (0, *target)
    return {"input": shape, argument: tuple_or_list(draw, target)}


@st.composite
def same_cells(draw: Any) -> Arguments:
    """Two tensors of equally many cells."""
    shape, target = draw(relaid())
    return {"input": shape, "other": target}


@st.composite
def flattenings(draw: Any) -> Arguments:
    """A run of axes."""
    shape, axis = draw(with_axis())
    start = axis % len(shape)
    end = draw(st.integers(start, len(shape) - 1))
    return draw(
        st.sampled_from(
            ({"input": shape, "start_dim": axis, "end_dim": end}, {"input": shape, "start_dim": axis}, {"input": shape})
        )
    )


@st.composite
def unflattenings(draw: Any) -> Arguments:
    """An axis and sizes that make it up."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    total = 1
    for size in sizes:
        total *= size
    before, after = draw(SHAPES), draw(SHAPES)
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    before, after = before[:2], after[:2]
    dim = len(before) if draw(st.booleans()) else -1 - len(after)
    return {"input": (*before, total, *after), "dim": dim, "sizes": tuple_or_list(draw, sizes)}


register("reshape", reshapes("shape"), shape=ANY_SIZES)
register("view", reshapes("size"), by_name=False, size=ANY_SIZES)
register("reshape_as", same_cells())
register("view_as", same_cells())
register("ravel", SHAPES.map(lambda shape: {"input": shape}))
register("flatten", flattenings(), start_dim=st.one_of(AXES, WRONG), end_dim=st.one_of(AXES, WRONG))
register("unflatten", unflattenings(), dim=st.one_of(AXES, WRONG), sizes=ANY_SIZES)


# -- axes -------------------------------------------------------------------------------------------------------


@st.composite
def permutations(draw: Any) -> Arguments:
    """Every axis once."""
    shape = draw(SHAPES)
    order = draw(st.permutations(range(len(shape))))
    return {"input": shape, "dims": tuple_or_list(draw, [a - len(shape) if draw(st.booleans()) else a for a in order])}


@st.composite
def exchanges(draw: Any, first: str, second: str) -> Arguments:
    """Two axes."""
    shape, axis = draw(with_axis())
    return {"input": shape, first: axis, second: draw(st.integers(-len(shape), len(shape) - 1))}


@st.composite
def moves(draw: Any) -> Arguments:
    """Some axes, and places for them."""
    shape = tuple(draw(st.lists(SIZES, min_size=1, max_size=4)))
    count = draw(st.integers(0, len(shape)))
    source, places = (draw(st.permutations(range(len(shape))))[:count] for _ in range(2))
    if count == 1 and draw(st.booleans()):
        return {"input": shape, "source": source[0], "destination": places[0] - len(shape)}
    return {"input": shape, "source": tuple_or_list(draw, source), "destination": tuple_or_list(draw, places)}


@st.composite
def squeezes(draw: Any) -> Arguments:
    """All axes, one or several."""
    shape = tuple(draw(st.lists(st.sampled_from((0, 1, 1, 2)), max_size=4)))
    if not shape or draw(st.booleans()):
        return {"input": shape}
    if draw(st.booleans()):
        return {"input": shape, "dim": draw(st.integers(-len(shape), len(shape) - 1))}
    axes = draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    return {"input": shape, "dim": tuple_or_list(draw, axes)}


@st.composite
def unsqueezes(draw: Any) -> Arguments:
    """A place for the new axis."""
    shape = draw(SHAPES)
    return {"input": shape, "dim": draw(st.integers(-len(shape) - 1, len(shape)))}


@st.composite
def expansions(draw: Any) -> Arguments:
    """A tensor, and the sizes that it is stretched to."""
    output = draw(SHAPES)
    shape = tuple(1 if draw(st.booleans()) else n for n in output)[draw(st.integers(0, len(output))) :]
    lead = len(output) - len(shape)
    size = [-1 if i >= lead and n == shape[i - lead] and draw(st.booleans()) else n for i, n in enumerate(output)]
    return {"input": shape, "size": tuple_or_list(draw, size)}


@st.composite
def expansions_as(draw: Any) -> Arguments:
    """A tensor, and one that it is stretched to."""
    arguments = draw(expansions())
    shape, size = arguments["input"], arguments["size"]
    lead = len(size) - len(shape)
    return {"input": shape, "other": tuple(shape[i - lead] if n == -1 else n for i, n in enumerate(size))}


@st.composite
def repetitions(draw: Any, argument: str, *, fewer: bool) -> Arguments:
    """Numbers for all axes, and more."""
    shape = draw(st.lists(SIZES, max_size=3).map(tuple))
    least = 0 if fewer else len(shape)
    times = draw(st.lists(st.integers(0, 3), min_size=least, max_size=len(shape) + 2))
    return {"input": shape, argument: tuple_or_list(draw, times)}


@st.composite
def flips(draw: Any) -> Arguments:
    """Some axes."""
    shape, _ = draw(with_axis())
    axes = draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    return {"input": shape, "dims": tuple_or_list(draw, axes)}


@st.composite
def rolls(draw: Any) -> Arguments:
    """Axes and shifts, or one shift for all cells."""
    shape, axis = draw(with_axis())
    shift = st.integers(-7, 7)
    how = draw(st.sampled_from(("all", "one", "several")))
    if how == "all":
        return {"input": shape, "shifts": draw(st.one_of(shift, shift.map(lambda n: (n,))))}
    if how == "one":
        return {"input": shape, "shifts": draw(shift), "dims": axis}
    axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=3))
    return {"input": shape, "shifts": tuple(draw(shift) for _ in axes), "dims": tuple_or_list(draw, axes)}


register("permute", permutations(), dims=ANY_AXES)
register("transpose", exchanges("dim0", "dim1"), dim0=st.one_of(AXES, WRONG), dim1=AXES)
register("swapdims", exchanges("dim0", "dim1"), dim0=st.one_of(AXES, WRONG), dim1=AXES)
register("swapaxes", exchanges("axis0", "axis1"), axis0=st.one_of(AXES, WRONG), axis1=AXES)
register("t", st.lists(SIZES, max_size=2).map(lambda shape: {"input": tuple(shape)}))
for mover in ("movedim", "moveaxis"):
    register(mover, moves(), source=ANY_AXES, destination=ANY_AXES)
register("squeeze", squeezes(), dim=ANY_AXES)
register("unsqueeze", unsqueezes(), dim=st.one_of(AXES, WRONG))
register("expand", expansions(), by_name=False, size=ANY_SIZES)
register("broadcast_to", expansions(), size=ANY_SIZES)
register("expand_as", expansions_as())
register("repeat", repetitions("repeats", fewer=False), by_name=False, repeats=ANY_SIZES)
register("tile", repetitions("dims", fewer=True), dims=ANY_SIZES)
register("flip", flips(), dims=ANY_AXES)
register("roll", rolls(), shifts=ANY_AXES, dims=ANY_AXES)
