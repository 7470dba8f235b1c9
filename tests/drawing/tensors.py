"""What samplers of functions on tensors share: shapes, axes, wrong values, and where each function is entered."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.layers import named
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
