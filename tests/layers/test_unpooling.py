"""Max unpooling against torch: every window, every output size, and arguments that do not fit the axes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch_side
from drawing.calls import Case

torch = pytest.importorskip("torch")

from test_every_layer import check_answer  # noqa: E402 - they need torch

import cnncalc as cc  # noqa: E402
from cnncalc.sizes import recording, substitute  # noqa: E402


def check(*arguments, shape, indices=None, wrong=False, axes=1, **call):
    """Torch's answer for a call; indices of the input's shape unless others are given."""
    case = Case(f"MaxUnpool{axes}d", arguments, {}, (shape, shape if indices is None else indices), wrong, call)
    check_answer(case, torch_side.run(case))


def test_every_small_window():
    for k, s, p, n in product(range(5), (None, *range(4)), range(-1, 4), (1, 2, 3)):
        check(k, s, p, shape=(1, 2, n))


def test_output_sizes_from_too_small_to_too_large():
    for k, s, p, n in product((1, 2, 3), (None, 1, 2, 3), (0, 1), (1, 3)):
        stride = k if s is None else s
        usual = (n - 1) * stride + k - 2 * p
        for size in range(usual - stride - 1, usual + stride + 2):
            check(k, s, p, shape=(1, 2, n), output_size=[size])
            check(k, s, p, shape=(2, n), output_size=(1, 2, size))
    for size in ((4, 4), (5, 5), (3, 5), (1, 1, 4, 4), (9, 9, 4, 5), (4,), (4, 4, 4), (), [5, 4], (6, 4), (4, 2), (2, 6)):
        check(2, shape=(1, 1, 2, 2), axes=2, output_size=size)
        check(2, shape=(1, 2, 2), axes=2, output_size=size)
    for size in (4, "x", None):
        check(2, shape=(1, 1, 2, 2), axes=2, output_size=size)


def test_shapes_that_are_none_of_an_image():
    shapes = (
        (),
        (2,),
        (2, 3),
        (1, 2, 3),
        (0, 2, 3),
        (1, 0, 3),
        (1, 2, 0),
        (0, 2, 0),
        (1, 1, 2, 3),
        (0, 1, 2, 3),
        (1, 1, 2, 2, 2),
        (0, 3),
    )
    for axes, shape in product((1, 2, 3), shapes):
        check(2, shape=shape, axes=axes)
        for indices in shapes:
            check(2, shape=shape, indices=indices, axes=axes)
    for indices in ((1, 2, 4), (1, 1, 3), (2, 2, 3), (2, 3), (1, 1, 2, 3)):
        check(2, shape=(1, 2, 3), indices=indices)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_value_for_each_axis(axes):
    values = (2, (2,), (2, 2), (2, 2, 2), (2, 2, 2, 2), (), [2] * axes)
    for kernel, stride, padding in product(values, (None, *values[1:]), (0, (0,), (0, 0), (0, 0, 0))):
        check(kernel, stride, padding, shape=(1, 1, 2, 2, 2)[: axes + 2], axes=axes)
    for stride in (2, (2,), (2, 2), (2, 2, 2), (2, 2, 2, 2)):
        for size in ((4,) * axes, (5,) * axes, (1, 1, *(4,) * axes)):
            check(2, stride, shape=(1, 1, 2, 2, 2)[: axes + 2], axes=axes, output_size=size)
    for stride, padding in (((0, 1, 1), 0), ((1, 1, 0), 0), ((1, 1, -1), 0), ((1, 1, 1), (1, 0, 0)), ((1, 1, 1), (-1, 0, 0))):
        check(
            (1, 1, 1)[:axes],
            stride[-axes:],
            padding if padding == 0 else padding[:axes],
            shape=(1, 1, 2, 2, 2)[: axes + 2],
            axes=axes,
        )


def test_a_stride_of_nothing():
    for axes, s in product((1, 2, 3), (0, -1, 1)):
        check(3, s, shape=(1, 1, 2, 2, 2)[: axes + 2], axes=axes)


def test_numbers_of_other_libraries_are_refused_as_torch_refuses_them():
    for place, value in product(range(3), (np.int64(2), 1.5, "x y", None, (np.int64(2),), (1.5,), True)):
        arguments = [2, 2, 0]
        arguments[place] = value
        case = Case("MaxUnpool1d", tuple(arguments), {}, ((1, 1, 2), (1, 1, 2)), wrong_type=not (place == 1 and value is None))
        theirs = torch_side.run(case)
        if theirs.stage == torch_side.FINE and value is not None:
            continue  # lenient with what it does not document
        check_answer(case, theirs)
    with pytest.raises(cc.ArgumentError, match="kernel_size must be an int"):
        cc.MaxUnpool1d(np.int64(2))
    with pytest.raises(cc.ArgumentError, match="padding must be an int"):
        cc.MaxUnpool1d(2, 2, (np.int64(2),))


def test_cells_are_refused_and_lengths_known():
    for shape in ((1, 2, 3), (2, 3)):
        values, indices = cc.MaxUnpool1d(2).axes(shape, shape, output_size=(7,))
        assert values is indices
        assert [axis_map.length(n) for axis_map, n in zip(values.maps, shape, strict=True)] == [*shape[:-1], 7]
        with pytest.raises(cc.UnsupportedError, match="puts values where its indices say"):
            list(values.reads((1,) * len(shape), shape))
    (maps, _) = cc.MaxUnpool2d(2, 2).axes((1, 2, 3, 4), (1, 2, 3, 4))
    assert [axis_map.length(n) for axis_map, n in zip(maps.maps, (1, 2, 3, 4), strict=True)] == [1, 2, 6, 8]


@pytest.mark.parametrize("letters", ["n", "k", "s", "p", "nk", "ns", "np", "ks", "m", "ms"])
def test_symbols_for_some_of_them(letters):
    usual = {"n": 2, "k": 2, "s": 2, "p": 0, "m": 4}

    def given(values):
        v = usual | values
        return (v["k"], v["s"], v["p"]), (1, 1, v["n"]), {"output_size": [v["m"]]} if "m" in letters else {}

    args, shape, call = given({name: cc.symbol(name, 0 if name == "p" else 1) for name in letters})
    with recording() as recorder:
        found = cc.MaxUnpool1d(*args).output_shape(shape, shape, **call)
    for numbers in product(range(5), repeat=len(letters)):
        values = dict(zip(letters, numbers, strict=True))
        if any(not n and name != "p" for name, n in values.items()):
            continue
        args, shape, call = given(values)
        theirs = torch_side.run(Case("MaxUnpool1d", args, {}, (shape, shape), call=call))
        held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
        assert held == (theirs.stage == torch_side.FINE), values
        if held:
            assert tuple(n if isinstance(n, int) else substitute(n, values) for n in found) == theirs.shape
