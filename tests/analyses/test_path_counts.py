"""The number of paths: against a walk over single cells, torch's gradients with weights of 1, and numbers known by hand."""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import product
from math import comb, isclose

import cells_by_hand
import pytest
from drawing.networks import networks
from drawing.resized_networks import resized_networks
from drawing.shaped_networks import networks as shaped_networks
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.analyses.count_tensor import Block, CountTensor
from cnncalc.zoo import resnet18

SOME = settings(max_examples=max(settings.default.max_examples // 3, 10))


def asked(data, shape):
    """A cell of an output: its indices after the channels, or a feature."""
    return tuple(data.draw(st.integers(0, n - 1)) for n in (shape[2:] if len(shape) > 2 else shape[1:]))


def walked(graph, at):
    """Paths counted cell by cell, backwards: each cell hands its number on to each cell that it reads."""
    shape = graph.output_shape
    start = [(channel, *at) for channel in range(shape[1])] if len(shape) > 2 else [at]
    held = {graph.output.node.index: Counter(start)}
    for node in reversed(graph.nodes):
        numbers = held.get(node.index, Counter())
        if node.operation is None:
            found = Counter()
            for cell, number in numbers.items():
                found[cell[1:]] += number
            return found
        for place, value in enumerate(node.values):
            after = held.setdefault(value.node.index, Counter())
            for cell, number in numbers.items():
                for read in cells_by_hand.reads(node, place, cell):
                    after[read] += number
    raise AssertionError("a graph starts with its input")


def copies(graph):
    """Whether a convolution pads with copies, which the walk reads once."""
    return any(getattr(node.operation, "padding_mode", "zeros") != "zeros" for node in graph.nodes)


@SOME
@given(networks(high=6), st.data())
def test_paths_are_those_of_a_walk_over_single_cells(network, data):
    graph = cc.trace(network.module, network.shape)
    assume(not copies(graph))
    at = asked(data, graph.output_shape)
    expected = walked(graph, at)
    counted = cc.path_counts(network.module, network.shape, at=at)
    assert {cell: counted[cell] for cell in product(*map(range, network.shape[2:])) if counted[cell]} == dict(expected)
    assert counted.total == sum(expected.values())
    for axis, n in enumerate(network.shape[2:]):
        sums = [sum(number for cell, number in expected.items() if cell[axis] == i) for i in range(n)]
        assert counted.along(axis) == sums


def support(counted, shape):
    """The cells from which there is a path."""
    return {cell for cell in product(*map(range, shape[2:])) if counted[cell]}


@SOME
@given(st.one_of(networks(high=6), resized_networks(), shaped_networks().map(lambda drawn: drawn[:2])), st.data())
def test_there_is_a_path_from_exactly_the_cells_of_the_receptive_field(network, data):
    module, shape = network if isinstance(network, tuple) else (network.module, network.shape)
    output = cc.trace(module, shape).output_shape
    assume(0 not in output)
    at = asked(data, output)
    field = cc.receptive_field(module, shape, at=at)
    expected = {
        cell
        for cell in product(*map(range, shape[2:]))
        if any(all(bits >> i & 1 for bits, i in zip(term, cell, strict=True)) for term in field.terms)
    }
    assert support(cc.path_counts(module, shape, at=at), shape) == expected


class Linear2d(cc.Module):
    """Layers that are linear with whole weights: their gradient with weights of 1 is a number of paths."""

    def __init__(self, kinds):
        super().__init__()
        self.kinds = kinds
        self.convs = cc.ModuleList([layer(kind) for kind in kinds])

    def forward(self, x):
        """Layer by layer, some with a skip, a join or a cut."""
        for kind, conv in zip(self.kinds, self.convs, strict=True):
            y = conv(x)
            if kind == "skip":
                x = x + y
            elif kind == "branches":
                a, b = cc.cat([x, y], 1).chunk(2, 1)
                x = cc.cat([b, a + b], 1)[:, 1:3]
            elif kind == "turn":
                x = y + x.flip(3) + x.roll((1, 2), (2, 3))
            elif kind == "rows":
                n, c, h, w = y.shape
                x = y.reshape(n, c * h, w).permute(0, 2, 1).reshape(n, w, c, h).permute(0, 2, 3, 1)
            elif kind == "stack":
                x = cc.stack([x, y], 2).sum(2)
            else:
                x = y
        return x


def layer(kind):
    """The layer of a kind, with two channels on both sides."""
    layers = {
        "up": lambda: cc.Upsample(scale_factor=2),
        "transposed": lambda: cc.ConvTranspose2d(2, 2, 3, 2, 1, 1),
        "strided": lambda: cc.Conv2d(2, 2, (2, 3), (2, 1), (0, 1)),
        "reflect": lambda: cc.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
        "circular": lambda: cc.Conv2d(2, 2, 5, padding=2, padding_mode="circular"),
        "grouped": lambda: cc.Conv2d(2, 2, 3, padding=2, dilation=2, groups=2),
        "pool": lambda: cc.AvgPool2d(2, 1, divisor_override=1),
        "shuffle": lambda: cc.Sequential(cc.Conv2d(2, 8, 1), cc.PixelShuffle(2)),
    }
    return layers.get(kind, lambda: cc.Conv2d(2, 2, 3, padding=1))()


KINDS = (
    "skip",
    "branches",
    "turn",
    "rows",
    "stack",
    "up",
    "transposed",
    "strided",
    "reflect",
    "circular",
    "grouped",
    "pool",
    "shuffle",
)


@SOME
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4), st.data())
def test_paths_are_torchs_gradients_with_weights_of_1(kinds, data):
    torch = pytest.importorskip("torch")
    net = Linear2d(kinds)
    shape = (1, 2, 5, 6)
    try:
        output = cc.trace(net, shape).output_shape
    except cc.ShapeError:
        assume(condition=False)
    assume(max(output) <= 24)
    at = asked(data, output)
    channel = data.draw(st.sampled_from((None, 0, 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twin = cc.to_torch(net).double()
        with torch.no_grad():
            for name, parameter in twin.named_parameters():
                parameter.fill_(0 if name.endswith("bias") else 1)
        x = torch.ones(shape, dtype=torch.float64, requires_grad=True)
        result = twin(x)
        (result[(0, slice(None) if channel is None else channel, *at)]).sum().backward()
    expected = x.grad.sum((0, 1)).tolist()
    assert cc.path_counts(net, shape, at=at, channel=channel).table() == expected


def test_a_chain_of_kernels_counts_as_pascals_triangle():
    chain = cc.Sequential(*(cc.Conv1d(1, 1, 2) for _ in range(90)))
    counted = cc.path_counts(chain, (1, 1, 91), at=0)
    assert counted.per_axis == (tuple(comb(90, i) for i in range(91)),)
    assert counted.total == 2**90
    assert counted.normalised()[45] == 1.0
    assert isclose(counted.normalised()[44], comb(90, 44) / comb(90, 45))


def test_a_skip_beside_a_square_is_no_product():
    class Residual(cc.Module):
        def __init__(self):
            super().__init__()
            self.conv = cc.Conv2d(3, 3, 3, padding=1)

        def forward(self, x):
            return self.conv(x) + x

    counted = cc.path_counts(Residual(), (1, 3, 5, 5), at=(2, 2))
    assert counted.per_axis is None
    assert counted.table() == [[0] * 5, [0, 9, 9, 9, 0], [0, 9, 12, 9, 0], [0, 9, 9, 9, 0], [0] * 5]
    assert counted.along(0) == counted.along(1) == [0, 27, 30, 27, 0]
    assert cc.path_counts(Residual(), (1, 3, 5, 5), at=(2, 2), channel=0).total == 3 * 9 + 1


def test_no_path_and_refusals():
    counted = cc.path_counts(cc.Conv1d(1, 1, 1, padding=1), (1, 1, 8), at=0)
    assert (counted.total, counted.table(), counted.normalised()) == (0, [0] * 8, [0.0] * 8)
    with pytest.raises(cc.UnsupportedError, match="need numbers"):
        cc.path_counts(cc.Conv1d(1, 1, 1), (1, 1, "L"), at=0)
    for cell in (8, (0, 0), "0", (True,)):
        with pytest.raises(cc.ArgumentError, match="a cell is given by its indices"):
            counted[cell]
    with pytest.raises(cc.ArgumentError, match="axis numbers an axis from 0 to 0"):
        counted.along(1)


def test_a_residual_network_is_counted_whole():
    """More paths than any float counts exactly; they end in the cells of the receptive field."""
    shape = (1, 3, 64, 64)
    counted = cc.path_counts(resnet18(), shape, of="layer2", at=(4, 4))
    field = cc.receptive_field(resnet18(), shape, of="layer2", at=(4, 4))
    assert counted.total > 2**53
    assert len(support(counted, shape)) == field.count


blocks = st.lists(st.integers(0, 3), min_size=4, max_size=4)


@given(blocks, blocks, blocks, blocks, st.booleans())
def test_sums_of_tensors(a, b, c, d, planes):
    """Against numbers laid out cell by cell."""

    def tensor(p, q):
        if planes:
            return CountTensor([Block((1, 0), (2, 2), p), Block((2,), (4,), q)])
        return CountTensor([Block((0,), (4,), p), Block((1,), (4,), q)])

    def cells(one):
        return one.cells(3 if planes else 2).values if one.factor else [0] * 16

    left, right = tensor(a, b), tensor(c, d)
    assert cells(left.plus(right)) == [x + y for x, y in zip(cells(left), cells(right), strict=True)]
