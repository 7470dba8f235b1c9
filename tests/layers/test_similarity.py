"""Layers that compare two tensors, against torch: each axis, each norm, stretched shapes, each cell and symbols."""

from __future__ import annotations

from itertools import product
from math import inf, nan, prod

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls, check_symbols  # noqa: E402
from test_every_layer import check_answer  # noqa: E402 - they need torch
from torch_tables import check_cells, check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402

PAIRS = tuple(product(((), (1,), (3,), (0,), (2, 3), (2, 1), (1, 3), (2, 0), (4, 2, 3), (2, 2)), repeat=2))
EPS = (LEFT_OUT, 0, 1e-8, -1e-8, -1, nan, inf, True, None, "x", np.float32(0.5))


def test_cosines():
    dims = (LEFT_OUT, 0, 1, 2, 3, -1, -2, -3, -4, None, True, "3", 1.5, np.int64(0))
    check_functions(calls("cosine_similarity", PAIRS, dim=dims))
    check_functions(calls("cosine_similarity", [((2, 3), (2, 3)), ((), ())], dim=(0,), eps=EPS))
    for shapes, dim, eps in [
        *((pair, dim, 1e-8) for pair in PAIRS[::3] for dim in dims[1:11]),
        *(((((2, 3),) * 2), 1, eps) for eps in EPS[1:]),
        ((((),) * 2), 0, 1),
    ]:
        wrong = type(dim) is not int or not isinstance(eps, (int, float, np.number))
        case = Case("CosineSimilarity", (), {"dim": dim, "eps": eps}, shapes, wrong_type=wrong)
        check_answer(case, torch_side.run(case))


def test_distances():
    norms = (LEFT_OUT, 0, 1, 2, 2.5, -1, -0.5, inf, -inf, nan, True, None, "x", np.float32(-1))
    check_functions(calls("pairwise_distance", PAIRS, p=(LEFT_OUT, 1, -1, inf, -inf, 0), keepdim=(LEFT_OUT, True)))
    check_functions(
        calls(
            "pairwise_distance",
            [((2, 3), (2, 3)), ((), ()), ((2, 0), (2, 0))],
            p=norms,
            eps=EPS,
            keepdim=(LEFT_OUT, True, False, None, 1),
        )
    )
    for shapes, p, keepdim in product((((2, 3), (2, 3)), ((2, 0), (2, 0)), ((), ()), ((0, 2), (1, 2))), norms[1:], (True, False)):
        case = Case("PairwiseDistance", (p, 1e-6, keepdim), {}, shapes, wrong_type=not isinstance(p, (int, float, np.number)))
        check_answer(case, torch_side.run(case))


STRETCHED = (
    ((3,), (3,)),
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (2, 3)),
    ((1, 3), (2, 1)),
    ((2, 1, 2), (3, 1)),
    ((1, 1), (1, 1)),
)


def test_every_cell():
    for shapes in STRETCHED:
        rank = max(map(len, shapes))
        common = torch.broadcast_shapes(*shapes)
        for dim in range(-rank, rank):
            check_function_cells(FunctionCase("cosine_similarity", shapes, {"dim": dim}))
            check_cells(Case("CosineSimilarity", (dim,), {}, shapes))
            cells = prod(common)
            assert cc.CosineSimilarity(dim).arithmetic(*shapes) == {"norm": 2 * cells, "elementwise": cells, "pooling": cells}
        for keepdim in (False, True):
            check_function_cells(FunctionCase("pairwise_distance", shapes, {"keepdim": keepdim}))
            check_cells(Case("PairwiseDistance", (), {"keepdim": keepdim}, shapes))
            assert cc.PairwiseDistance(keepdim=keepdim).arithmetic(*shapes) == {
                "elementwise": prod(common),
                "pooling": prod(common),
            }
    for layer in (cc.CosineSimilarity(2), cc.PairwiseDistance(keepdim=1)):
        with pytest.raises(cc.CnncalcError):
            layer.arithmetic((2, 3), (2, 3))


def test_a_number_for_a_vector():
    for call in ({}, {"keepdim": True}):
        check_function_cells(FunctionCase("pairwise_distance", ((), ()), call))
    for dim in (0, -1):
        check_function_cells(FunctionCase("cosine_similarity", ((), ()), {"dim": dim}))


def test_symbols():
    for name, call in (
        ("cosine_similarity", {}),
        ("cosine_similarity", {"dim": 0}),
        ("pairwise_distance", {}),
        ("pairwise_distance", {"keepdim": True}),
    ):
        assert check_symbols(FunctionCase(name, ((2, 3), (2, 3)), call), (2, 3))
        assert check_symbols(FunctionCase(name, ((2, 3), (1, 3)), call), alike=True)


def test_numbers_are_asked_for_by_their_names():
    for layer, name in (
        (cc.PairwiseDistance("x"), "p"),
        (cc.PairwiseDistance(2, "x"), "eps"),
        (cc.CosineSimilarity(1, "x"), "eps"),
    ):
        with pytest.raises(cc.ArgumentError, match=f"{name} must be a number"):
            layer.output_shape((2, 3), (2, 3))
