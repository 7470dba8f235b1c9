"""An axis cut into parts, against torch: every number of parts and every length, cells of every part, symbols."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls  # noqa: E402
from test_tensor_methods import ours, torchs  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.sizes import recording, substitute  # noqa: E402

SHAPES = ((), (0,), (1,), (2,), (3,), (4,), (5,), (7,), (2, 5), (0, 5), (5, 0))
DIMS = (LEFT_OUT, 0, 1, -1, -2, 2, True, None, "x", 1.5)
NUMBERS = (*range(-2, 9), True, None, "x", 1.5, np.int64(2))
LISTS = (
    *(part for count in range(4) for part in product((-1, 0, 1, 2, 4), repeat=count)),
    (3, 4),
    [2, 3],
    (1.5,),
    ("x",),
    (7, -7, 5),
)


@pytest.mark.parametrize("name", ["chunk", "split", "tensor_split"])
def test_parts(name):
    for shape in SHAPES:
        check_functions(calls(name, [(shape, number) for number in NUMBERS], dim=DIMS))
        if name != "chunk":
            check_functions(calls(name, [(shape, given) for given in LISTS], dim=DIMS[:5]))


def test_cells_that_stand_alone():
    check_functions(calls("unbind", product(SHAPES), dim=DIMS))
    for shape, dim in (((3,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 1, 3), 1)):
        check_function_cells(FunctionCase("unbind", (shape,), {"dim": dim}))


def test_the_sections_of_a_tensor_by_their_names():
    given = (LEFT_OUT, 2, (1, 2), [3], 0, "x")
    check_functions(calls("tensor_split", [((5,),), ((5,), 2), ((5,), (1, 2))], sections=given, indices=given, dim=(LEFT_OUT, 0)))


@pytest.mark.parametrize("name", ["chunk", "split", "tensor_split"])
def test_cells_of_each_part(name):
    for n, number in product((1, 2, 3, 5, 6, 7), (1, 2, 3, 4, 6, 8)):
        check_function_cells(FunctionCase(name, ((n,), number), {}))
        check_function_cells(FunctionCase(name, ((2, n), number), {"dim": 1}))
    if name == "tensor_split":
        for indices in ((1,), (0, 2), (2, 1), (-1,), (9,), (-9, 3), (1, 1), (2, 4, 5), ()):
            check_function_cells(FunctionCase(name, ((5,), indices), {}))
    if name == "split":
        for sizes in ((5,), (2, 3), (0, 5), (1, 0, 4), (1, 1, 3)):
            check_function_cells(FunctionCase(name, ((5, 2), sizes), {}))


def test_a_method_has_its_own_names():
    codes = [
        lambda x: x.split(split_size=2, dim=1), lambda x: x.split(2, 1), lambda x: x.split(split_size=[1, 4], dim=1),
        lambda x: x.split(split_size_or_sections=2), lambda x: x.chunk(chunks=2, dim=1), lambda x: x.tensor_split(2, dim=1),
        lambda x: x.tensor_split(sections=2), lambda x: x.tensor_split(indices=(1, 2), dim=1), lambda x: x.unbind(dim=1),
        lambda x: x.chunk(2, axis=1), lambda x: x.split(2, axis=1), lambda x: x.tensor_split(2, axis=1),
        lambda x: x.unbind(axis=1),
    ]  # fmt: skip
    for number, code in enumerate(codes):
        assert ours(code, (2, 5)) == torchs(code, (2, 5)) or torchs(code, (2, 5)) is None, number


def numbers_of(nested, values):
    return tuple(numbers_of(part, values) if isinstance(part, tuple) else substitute(part, values) for part in nested)


@pytest.mark.parametrize("name", ["chunk", "tensor_split"])
def test_so_many_parts_of_a_symbol(name):
    """Where the conditions hold, torch's parts; where the axis is too short for so many, or they differ in length, no answer."""
    for count, form in product(
        (1, 2, 3, 4), (lambda n: n, lambda n: 2 * n, lambda n: 6 * n, lambda n: 6 * n + 1, lambda n: 12 * n)
    ):
        with recording() as recorder:
            try:
                shapes = getattr(cc, name).output_shape((form(cc.symbol("n")),), count)
            except cc.UndecidedError:
                assert name == "tensor_split"
                assert len({form(n) % count for n in range(1, 9)}) > 1
                continue
            maps = getattr(cc, name).axes((form(cc.symbol("n")),), count)
        assert len(maps) == len(shapes) == count
        for n in range(1, 14):
            there = tuple(map(len, getattr(torch.zeros(form(n)), name)(count)))
            held = all(requirement.condition.holds({"n": n}) for requirement in recorder.requirements)
            assert held == (len(there) == count and there[-1] > 0), (count, form(n))
            if held:
                assert tuple(m for (m,) in numbers_of(shapes, {"n": n})) == there


def test_parts_of_given_lengths_add_up():
    n, k = cc.symbol("n"), cc.symbol("k")
    for sizes in ((n, 2), (k, n), (3, n - 1), (2 * k, 1)):
        with recording() as recorder:
            shapes = cc.split.output_shape((n + 2,), sizes)
        for values in ({"n": a, "k": b} for a, b in product(range(1, 5), repeat=2)):
            given = [size if isinstance(size, int) else substitute(size, values) for size in sizes]
            there = torchs(lambda x, given=given: x.split(given), (values["n"] + 2,))
            held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
            assert held == (there is not None), (sizes, values)
            if held:
                assert numbers_of(shapes, values) == there


def test_parts_of_one_length_of_a_symbol():
    n = cc.symbol("n")
    assert [str(part) for (part,) in cc.split.output_shape((4 * n,), 2 * n)] == ["2·n", "2·n"]
    assert [str(part) for (part,) in cc.split.output_shape((3 * n,), n)] == ["n", "n", "n"]
    for length, size in ((n, 2), (6, n), (4 * n, 3 * n), (n + 1, n), (2 * n, 2)):
        with pytest.raises(cc.UndecidedError, match="the number of parts depends on the symbols"):
            cc.split.output_shape((length,), size)
    for name, argument in (("chunk", "chunks"), ("tensor_split", "sections")):
        with pytest.raises(cc.UndecidedError, match=f"the number of parts must be known; got {argument}=n"):
            getattr(cc, name).output_shape((4,), n)
    with pytest.raises(cc.UndecidedError):
        cc.unbind.output_shape((n,))
    with pytest.raises(cc.UndecidedError, match="the lengths of the parts depend on the symbols; got a length of n in 2 parts"):
        cc.tensor_split.output_shape((n,), 2)


def test_cells_of_parts_of_a_symbol():
    n = cc.symbol("n")
    for function, length, given in (
        (cc.chunk, n, 3),
        (cc.split, 3 * n, n),
        (cc.split, n + 2, (n, 2)),
        (cc.tensor_split, n, (1, 3)),
    ):
        with recording():
            maps = function.axes((length,), given)
        for value in (5, 6):
            total = length.substitute({"n": value}) if hasattr(length, "substitute") else substitute(length, {"n": value})
            numbers = [
                substitute(part, {"n": value}) if not isinstance(part, int) else part
                for part in (given if isinstance(given, tuple) else (given,))
            ]
            there = getattr(torch.arange(total), function.torch_name)(numbers if isinstance(given, tuple) else numbers[0])
            for (part,), cells in zip(maps, there, strict=True):
                first = substitute(part.routes[0][1].start, {"n": value})
                assert first == int(cells[0])
