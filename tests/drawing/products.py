"""Samplers for products of vectors and matrices, and sums of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from drawing.arithmetic import pairs
from drawing.calls import FunctionCase, wild_shape
from drawing.tensors import FUNCTION_SAMPLERS, SIZES, register

if TYPE_CHECKING:
    from drawing.tensors import Arguments


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
