"""Indices of tensors: numbers, slices, None, `...`, truth values and lists, as they fit a shape and as they do not."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from drawing.tensors import FUNCTION_SAMPLERS, WRONG, register, with_axis

if TYPE_CHECKING:
    from drawing.tensors import Arguments


def list_or_tensor(given: Any) -> Any:
    """A list of numbers as a tensor; anything else as it is."""
    import torch

    return torch.tensor(given) if isinstance(given, list) and all(isinstance(item, (int, float)) for item in given) else given


PLACES = st.one_of(st.none(), st.integers(-6, 6))
SLICES = st.builds(slice, st.one_of(PLACES, st.booleans()), PLACES, st.one_of(st.none(), st.integers(1, 3), st.just(True)))  # noqa: FBT003 - a step of 1
LISTS = st.one_of(
    st.lists(st.integers(-5, 5), max_size=4),
    st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), max_size=3),
    st.lists(st.booleans(), max_size=4),
    st.lists(st.one_of(st.integers(-2, 2), st.none(), SLICES, st.just(Ellipsis), st.booleans(), WRONG), max_size=3),
    st.sampled_from((range(2), range(0), [[0], [0, 1]], [[0, 1], 1], [1.5], [2**31], [2**63], [[[1]]])),
    st.sampled_from(("0", b"0", "", {0}, 2**63)),
    st.sampled_from((np.int64(1), np.bool_(True), np.float32(1), np.array(1), np.array([1.0]), np.array([[0, 1], [1, 0]]))),  # noqa: FBT003
    st.sampled_from((np.array([1, 0], dtype=np.uint8), np.array([True, False]), np.array(["a"]), (0, 1), ((0, 1), (1, 0)))),
)
WILD_ITEMS = st.one_of(
    st.integers(-6, 6), SLICES, st.none(), st.just(Ellipsis), st.builds(slice, WRONG), st.just(slice(None, None, 0)),
    LISTS, LISTS.map(list_or_tensor), st.booleans(),
)  # fmt: skip


@st.composite
def lists_of_cells(draw: Any, n: int, lengths: tuple[int, ...]) -> Any:
    """Cells of an axis, as many as some lengths say or as are stretched to them: a list, a tuple, an array or a tensor."""
    shape = tuple(draw(st.sampled_from((m, m, 1))) for m in lengths[draw(st.integers(0, len(lengths) - 1)) :])
    import torch

    count = prod(shape)
    cells = np.array(draw(st.lists(st.integers(-n, n - 1), min_size=count, max_size=count)), dtype=int).reshape(shape)
    return draw(st.sampled_from((cells.tolist(), tuple(cells.tolist()), cells, torch.from_numpy(cells))))


@st.composite
def indexings(draw: Any) -> Arguments:
    """Numbers, slices, None, lists that fit together, and one ellipsis."""
    shape, _ = draw(with_axis())
    items: list[Any] = []
    lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2).map(tuple))
    for n in shape[: draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(("number", "slice", "slice", "list"))) if n else "slice"
        number, cells = st.integers(-n, n - 1), lists_of_cells(n, lengths)
        items.append(draw(number if kind == "number" else cells if kind == "list" else SLICES))
        if draw(st.integers(0, 3)) == 0:
            items.insert(draw(st.integers(0, len(items))), draw(st.sampled_from((None, None, True))))
    if draw(st.booleans()):
        items.append(Ellipsis)
    index = items[0] if len(items) == 1 and not isinstance(items[0], tuple) and draw(st.booleans()) else tuple(items)
    return {"input": shape, "index": index}


register("getitem", indexings(), by_name=False, index=st.one_of(WILD_ITEMS, st.lists(WILD_ITEMS, max_size=4).map(tuple)))

__all__ = ["FUNCTION_SAMPLERS"]
