"""Samplers for functions on tensors: shaping, parts, arithmetic, products."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.layers import FUNCTIONS, named
from drawing.calls import FunctionCase, wild_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    Arguments = dict[str, Any]

SIZES = st.integers(0, 4)
SHAPES = st.lists(SIZES, max_size=4).map(tuple)
AXES = st.integers(-6, 6)
WRONG = st.sampled_from((1.5, None, "x", True, {}))
ANY_AXES = st.one_of(AXES, WRONG, st.lists(AXES, max_size=3), st.lists(AXES, max_size=3).map(tuple))
ANY_SIZES = st.one_of(
    st.lists(st.integers(-2, 5), max_size=4), st.lists(st.integers(-2, 5), max_size=4).map(tuple), st.integers(-2, 4), WRONG
)
FUNCTION_SAMPLERS: dict[str, Callable[..., Any]] = {}


def register(name: str, valid: st.SearchStrategy[Arguments], *, by_name: bool = True, **wild: st.SearchStrategy[Any]) -> None:
    """Enter a function: valid arguments by name, shapes in place of tensors, and anything for some of them."""
    function = named(name)
    kinds = function._first_fact().tensors[1]
    signature = [p for p in inspect.signature(function._first_fact()).parameters.values() if p.name != "self"]
    keyword = [p.name for p in signature if p.kind is p.KEYWORD_ONLY]

    @st.composite
    def cases(draw: Any, *, wild: bool, spoilers: dict[str, Any]) -> FunctionCase:
        arguments = dict(draw(valid))
        for _ in range(draw(st.integers(0, 2)) if wild else 0):
            chosen = draw(st.sampled_from([*arguments, *spoilers, "remove"]))
            if chosen == "remove":
                last = list(arguments)[-1]
                if len(arguments) > 1 and last not in kinds:
                    del arguments[last]
            elif chosen in spoilers:
                arguments[chosen] = draw(spoilers[chosen])
            elif chosen in kinds and isinstance(arguments[chosen], tuple) and not any(map(is_shape, arguments[chosen])):
                arguments[chosen] = draw(wild_shape(arguments[chosen]))
        order = [p.name for p in signature if p.name in arguments]
        free = len([name for name in order if name not in keyword])
        least = sum(name in kinds for name in order)
        positional = draw(st.integers(min(least, free), free)) if by_name else len(order)
        # Behind a gap in the signature, only names.
        while [p.name for p in signature[:positional]] != order[:positional]:
            positional -= 1
        return FunctionCase(
            name, tuple(arguments[key] for key in order[:positional]), {key: arguments[key] for key in order[positional:]}
        )

    def sampler(*, wild: bool) -> Any:
        return cases(wild=wild, spoilers=spoilers)

    spoilers = wild
    FUNCTION_SAMPLERS[name] = sampler


def is_shape(item: Any) -> bool:
    """Whether an item of an argument is itself a shape."""
    return isinstance(item, (tuple, list))


@st.composite
def with_axis(draw: Any, least: int = 1) -> tuple[tuple[int, ...], int]:
    """A shape and one of its axes, counted from either end."""
    shape = tuple(draw(st.lists(SIZES, min_size=least, max_size=4)))
    axis = draw(st.integers(0, len(shape) - 1))
    return shape, axis - len(shape) if draw(st.booleans()) else axis


def tuple_or_list(draw: Any, items: Any) -> Any:
    """The same items as one or the other."""
    return draw(st.sampled_from((tuple(items), list(items))))


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


# -- parts ------------------------------------------------------------------------------------------------------


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


# -- arithmetic -------------------------------------------------------------------------------------------------

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


# -- products ---------------------------------------------------------------------------------------------------


@st.composite
def matrices(draw: Any) -> Arguments:
    """Vectors, matrices and batches of them that fit."""
    n, k, m = (draw(SIZES) for _ in range(3))
    left, right = draw(pairs())
    left, right = (*left[:3], n, k), (*right[-2:], k, m)
    try:
        import torch

        torch.broadcast_shapes(left[:-2], right[:-2])
    except RuntimeError:
        left = (n, k)
    if draw(st.integers(0, 3)) == 0:
        left = (k,)
    if draw(st.integers(0, 3)) == 0:
        right = (k,)
    return {"input": left, "other": right}


@st.composite
def sums_of_products(draw: Any, name: str, lead: int) -> Arguments:
    """A sum that broadcasts, and matrices or batches of them."""
    batch = tuple(draw(SIZES) for _ in range(lead))
    n, k, m = (draw(SIZES) for _ in range(3))
    added = tuple(1 if draw(st.booleans()) else size for size in (*batch, n, m))[draw(st.integers(0, lead + 2)) :]
    names = ("input", "mat1", "mat2") if name == "addmm" else ("input", "batch1", "batch2")
    return dict(zip(names, (added, (*batch, n, k), (*batch, k, m)), strict=True))


@st.composite
def einsums(draw: Any, *, wild: bool) -> FunctionCase:
    """An equation over up to five letters, and tensors that fit it."""
    lengths = {letter: draw(st.integers(1, 4)) for letter in "abcde"}
    operands = [draw(st.lists(st.sampled_from("abcde"), unique=True, max_size=4)) for _ in range(draw(st.integers(1, 2)))]
    joined = sorted({letter for part in operands for letter in part})
    equation = ",".join(map("".join, operands))
    if draw(st.integers(0, 3)):
        output = draw(st.permutations([letter for letter in joined if draw(st.booleans())]))
        equation += " -> " + "".join(output) if draw(st.booleans()) else "->" + "".join(output)
    shapes = [tuple(lengths[letter] for letter in part) for part in operands]
    if wild:
        how = draw(st.sampled_from(("shape", "letter", "fewer")))
        if how == "shape":
            shapes[0] = draw(wild_shape(shapes[0]))
        elif how == "letter":
            equation += draw(st.sampled_from(("z", "a", "1", ",b", "")))
        else:
            shapes = shapes[1:] or shapes
    return FunctionCase("einsum", (equation, *shapes) if draw(st.booleans()) else (equation, tuple(shapes)), {})


def sized(*shapes: tuple[str, str]) -> st.SearchStrategy[Arguments]:
    """Tensors whose lengths are letters."""
    letters = {letter for _, part in shapes for letter in part}
    lengths = st.fixed_dictionaries(dict.fromkeys(sorted(letters), SIZES))
    return lengths.map(lambda of: {name: tuple(of[letter] for letter in part) for name, part in shapes})


register("matmul", matrices())
register("mm", sized(("input", "nk"), ("mat2", "km")))
register("bmm", sized(("input", "bnk"), ("mat2", "bkm")))
register("mv", sized(("input", "nk"), ("vec", "k")))
register("dot", sized(("input", "k"), ("tensor", "k")))
register("outer", sized(("input", "n"), ("vec2", "m")))
register("addmm", sums_of_products("addmm", 0))
register("baddbmm", sums_of_products("baddbmm", 1))
FUNCTION_SAMPLERS["einsum"] = einsums
