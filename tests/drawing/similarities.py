"""Samplers for layers that compare two tensors."""

from __future__ import annotations

from math import inf
from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_FLOAT, WILD_WHOLE, optional


@st.composite
def stretched(draw: Any, *, least: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that are stretched to each other, of at least so many axes together."""
    common = draw(st.lists(st.integers(1, 4), min_size=least, max_size=4))
    shapes = [tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common) for _ in range(2)]
    shorter = draw(st.integers(0, 1))
    shapes[shorter] = shapes[shorter][draw(st.integers(0, len(common))) :]
    return shapes[0], shapes[1]


@st.composite
def cosines(draw: Any) -> tuple[dict[str, Any], Any]:
    """Any axis of the common shape."""
    shapes = draw(stretched(least=0))
    rank = max(len(shapes[0]), len(shapes[1]), 1)
    arguments = draw(optional({}, eps=WILD_FLOAT.filter(lambda eps: eps >= 0)))
    if rank == 1 or draw(st.booleans()):
        arguments["dim"] = draw(st.integers(-rank, rank - 1))
    return arguments, shapes


@st.composite
def distances(draw: Any) -> tuple[dict[str, Any], Any]:
    """Any norm."""
    norms = st.sampled_from((1, 2, 2.5, 0, -1, inf, -inf, True))
    return draw(optional({}, p=norms, eps=WILD_FLOAT, keepdim=st.booleans())), draw(stretched(least=0))


SAMPLES = (
    ("CosineSimilarity", cosines(), {"dim": WILD_WHOLE, "eps": st.one_of(WILD_FLAG, WILD_FLOAT)}),
    ("PairwiseDistance", distances(), {"p": WILD_FLAG, "eps": WILD_FLAG, "keepdim": WILD_FLAG}),
)
