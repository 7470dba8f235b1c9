"""Normalisation by neighbouring channels, against torch: each size beside each number of channels, and each cell."""

from __future__ import annotations

from itertools import product
from math import nan

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase

torch = pytest.importorskip("torch")

from function_tables import calls  # noqa: E402
from known_differences import differs_on_purpose  # noqa: E402 - they need torch
from test_every_layer import check_answer  # noqa: E402
from test_neighbours import accepted_by_accident  # noqa: E402
from torch_tables import check_cells, check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402
from cnncalc.sizes import recording  # noqa: E402

SHAPES = (
    (),
    (2,),
    (2, 3),
    (1, 2, 3),
    (0, 2, 3),
    (1, 0, 3),
    (1, 2, 0),
    (1, 2, 3, 2),
    (0, 2, 3, 2),
    (1, 0, 2, 2),
    (1, 2, 0, 2),
    (1, 2, 1, 2, 2),
    (0, 1, 1, 2, 2),
)
SIZES = (-1, 0, 1, 2, 3, 4, 7, None, "3", 1.5, np.int64(3))


@pytest.mark.parametrize("name", ["LocalResponseNorm", "CrossMapLRN2d"])
def test_each_size(name):
    for size, shape in product(SIZES, SHAPES):
        case = Case(name, (size,), {}, shape, wrong_type=type(size) is not int)
        theirs = torch_side.run(case)
        if not differs_on_purpose(case, theirs.shape) and not (
            case.wrong_type and accepted_by_accident(Case(name, (), {"size": size}, shape))
        ):
            check_answer(case, theirs)
    for key, value in product(("alpha", "beta", "k"), (0, 1, -1, 0.5, nan, True, None, "x", 1j)):
        layer = Case(name, (3,), {key: value}, (1, 2, 3, 3), wrong_type=not isinstance(value, (int, float)))
        check_answer(layer, torch_side.run(layer))
    ours, theirs = named(name)(3), getattr(torch.nn, name)(3)
    assert [getattr(ours, key) for key in ("size", "alpha", "beta", "k")] == [
        getattr(theirs, key) for key in ("size", "alpha", "beta", "k")
    ]


def test_the_function():
    sizes = [size for size in SIZES if type(size) is int]
    check_functions(calls("local_response_norm", [(shape, size) for shape, size in product(SHAPES, sizes)]))
    for size in (1, 2, 3, 4):
        check_function_cells(FunctionCase("local_response_norm", ((1, 5, 2), size), {}))


def test_each_channel_that_is_read():
    for size, channels in product((1, 2, 3, 4, 5, 6), (1, 2, 5, 7)):
        check_cells(Case("LocalResponseNorm", (size,), {}, (1, channels, 1)))
        check_cells(Case("CrossMapLRN2d", (size,), {}, (1, channels, 1, 1)))
    check_cells(Case("LocalResponseNorm", (3,), {}, (2, 3, 2, 2)))
    check_cells(Case("CrossMapLRN2d", (3,), {}, (2, 3, 2, 2)))
    for size, channels in product((1, 2, 3, 4), (1, 2, 5)):
        pairs = check_cells(Case("CrossMapLRN2d", (size,), {}, (1, channels, 1, 1)))
        (maps,) = cc.CrossMapLRN2d(size).axes((1, channels, 1, 1))
        assert [sum(maps.maps[1].counts([1] * channels, channels))] == pairs
    (maps,) = cc.CrossMapLRN2d(3).axes((1, 5, 1, 1))
    assert not list(maps.reads((1, 0, 1, 1), (1, 5, 1, 1)))


def test_norms_give_as_many_values_as_they_take():
    assert cc.LocalResponseNorm(3).arithmetic((2, 4, 5)) == {"norm": 40}
    assert cc.CrossMapLRN2d(3).arithmetic((2, 4, 5, 1)) == {"norm": 40}


def test_symbols():
    for layer in (cc.LocalResponseNorm(cc.symbol("s", 0)), cc.CrossMapLRN2d(cc.symbol("s", 0))):
        with recording() as recorder:
            assert [str(n) for n in layer.output_shape((1, "c", 3, "w"))] == ["1", "c", "3", "w"]
        for size, channels in product((0, 1, 2, 3), (1, 2)):
            held = all(requirement.condition.holds({"s": size, "c": channels, "w": 1}) for requirement in recorder.requirements)
            assert held == (size >= 1)
