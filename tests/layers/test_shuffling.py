"""Cells moved between axes, against torch: every factor and every remainder, each cell, and symbols."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase

torch = pytest.importorskip("torch")

from function_tables import calls, check_symbols  # noqa: E402
from test_every_layer import check_answer  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402
from cnncalc.sizes import recording, substitute  # noqa: E402

FUNCTIONS = {"PixelShuffle": "pixel_shuffle", "PixelUnshuffle": "pixel_unshuffle", "ChannelShuffle": "channel_shuffle"}
FACTORS = (-1, 0, 1, 2, 3, 4, None, 1.5, "3", (2,), np.int64(2))
SHAPES = (
    (), (4,), (2, 2), (0, 4), (4, 2, 2), (4, 4, 2), (9, 3, 6), (1, 4, 2, 2), (2, 5, 2, 2),
    (1, 3, 4, 4), (1, 4, 3, 4), (1, 4, 4, 3), (0, 4, 2, 2),
    (0, 4, 3, 2), (1, 0, 2, 2), (1, 4, 0, 2), (1, 4, 2, 0), (1, 1, 4, 2, 2), (1, 6, 2, 2, 2),
    (1, 2, 9, 6, 3), (0, 3, 2),
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_factor(name):
    for factor, shape in product(FACTORS, SHAPES):
        case = Case(name, (factor,), {}, shape, wrong_type=type(factor) is not int)
        check_answer(case, torch_side.run(case))
    check_functions(
        calls(FUNCTIONS[name], [(shape, factor) for shape, factor in product(SHAPES, FACTORS) if type(factor) is int])
    )


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_cell(name):
    shapes = {
        "PixelShuffle": ((4, 2, 1), (1, 8, 1, 2), (2, 4, 2, 3), (1, 1, 4, 1, 1), (9, 1, 2), (1, 2, 2, 2)),
        "PixelUnshuffle": ((1, 2, 4), (1, 2, 4, 2), (2, 1, 2, 2), (1, 1, 1, 2, 2), (1, 3, 6), (2, 1, 6, 6)),
        "ChannelShuffle": ((1, 6, 2), (2, 4, 1), (1, 6, 2, 1), (1, 3, 1), (1, 12, 1), (1, 4, 2, 1, 2)),
    }[name]
    for shape, factor in product(shapes, (1, 2, 3)):
        layer = named(name)(factor)
        try:
            output = layer.output_shape(shape)
        except cc.ShapeError:
            continue
        check_function_cells(FunctionCase(FUNCTIONS[name], (shape, factor), {}))
        (mine,), (other,) = layer.axes(shape), named(FUNCTIONS[name]).axes(shape, factor)
        assert [axis_map.length(n) for (_, axis_map), n in zip(mine.routes, shape, strict=True)] == list(output)
        for cell in product(*map(range, output)):
            term = tuple(1 << i for i in cell)
            assert list(mine.reads(term, shape)) == list(other.reads(term, shape))


def test_cells_of_what_is_refused_are_refused():
    for layer, shape in (
        (cc.ChannelShuffle(2), (1, 5, 1)),
        (cc.PixelShuffle(2), (1, 5, 1, 1)),
        (cc.PixelUnshuffle(2), (1, 1, 3, 2)),
    ):
        with pytest.raises(cc.ShapeError, match="divisible"):
            layer.axes(shape)


@pytest.mark.parametrize("shape", [(1, 0, 4, 4), (0, 1, 4, 2), (1, 2, 0, 2)])
def test_what_is_empty_comes_back_as_it_is(shape):
    (maps,) = cc.PixelUnshuffle(2).axes(shape)
    assert maps.is_pointwise
    assert len(maps.routes) == len(shape)


def test_channels_are_dealt_out():
    """Where a set of channels goes: channel by channel, as torch deals them."""
    for channels, groups in ((6, 2), (6, 3), (6, 1), (6, 6), (12, 4)):
        (maps,) = cc.ChannelShuffle(groups).axes((1, channels, 1))
        dealt = torch.nn.ChannelShuffle(groups)(torch.arange(channels).view(1, -1, 1)).flatten().tolist()
        for source in range(channels):
            assert maps.dealt(1 << source, channels) == 1 << dealt.index(source)
        assert maps.dealt((1 << channels) - 1, channels) == (1 << channels) - 1


def test_one_place_of_each_block():
    """What the channels of one place in the blocks read: every channel, and that place of each block."""
    image = torch.arange(6 * 6).view(1, 1, 6, 6)
    for r in (2, 3):
        (maps,) = cc.PixelUnshuffle(r).axes((1, 1, 6, 6))
        output = torch.nn.PixelUnshuffle(r)(image)
        for i, j, y, x in product(range(r), range(r), range(6 // r), range(6 // r)):
            term = (1, 1, 1 << y, 1 << x)
            ((_, _, rows, columns),) = maps.one_place(i, j).reads(term, (1, 1, 6, 6))
            cell = int(output[0, i * r + j, y, x])
            assert (rows, columns) == (1 << cell // 6, 1 << cell % 6)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_symbols(name):
    for shape, factor in product(((1, 4, 4, 4), (4, 2, 2)), (1, 2)):
        check_symbols(FunctionCase(FUNCTIONS[name], (shape, factor), {}), (1, 2, 3, 4) if len(shape) == 3 else (1, 2, 4))
    r = cc.symbol("r")
    for shape in ((1, 36, 6, 6), (1, 4, 4, 4)):
        with recording() as recorder:
            found = named(name)(r).output_shape(shape)
        for value in range(1, 8):
            theirs = torch_side.run(Case(name, (value,), {}, shape))
            held = all(requirement.condition.holds({"r": value}) for requirement in recorder.requirements)
            assert held == (theirs.stage == torch_side.FINE)
            if held:
                assert tuple(n if isinstance(n, int) else substitute(n, {"r": value}) for n in found) == theirs.shape
