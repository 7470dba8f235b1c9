"""Receptive fields: exact cells against brute force and torch's gradients, closed forms against exact cells and books."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import cells_by_hand
import pytest
from drawing.networks import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.analyses.exact_cells import add_term
from cnncalc.cells import cells_of


def cells(terms):
    """A union of product sets as a set of index tuples."""
    return {cell for term in terms for cell in product(*map(cells_of, term))}


def asked(data, shape):
    """A cell of an output: its indices after the channels, or a feature."""
    rest = shape[2:] if len(shape) > 2 else shape[1:]
    return tuple(data.draw(st.integers(0, n - 1), label="index") for n in rest)


def by_hand(graph, at):
    """The field by brute force on the spatial axes: all channels of the cell are asked, channels of the input united."""
    shape = graph.output_shape
    start = {(channel, *at) for channel in range(shape[1])} if len(shape) > 2 else {at}
    return {cell[1:] for cell in cells_by_hand.field(graph, start)}


# -- exact cells ------------------------------------------------------------------------------------------------


@given(networks(), st.data())
def test_exact_cells_are_those_of_brute_force(network, data):
    graph = cc.trace(network.module, network.shape)
    at = asked(data, graph.output_shape)
    expected = by_hand(graph, at)
    field = cc.receptive_field(network.module, network.shape, at=at)
    assert cells(field.terms) == expected
    assert field.count == len(expected)
    if expected:
        axes = list(zip(*expected, strict=True))
        assert field.cells == tuple(tuple(sorted(set(axis))) for axis in axes)
        assert field.box == tuple((min(axis), max(axis)) for axis in axes)
    else:
        assert field.box is None


@given(networks(high=7), st.data())
def test_exact_cells_are_those_of_torchs_gradients(network, data):
    pytest.importorskip("torch")
    from cnncalc.torch_twin.probe import field_cells

    at = asked(data, cc.trace(network.module, network.shape).output_shape)
    assert cells(cc.receptive_field(network.module, network.shape, at=at).terms) == field_cells(network.module, network.shape, at)


@given(st.lists(st.tuples(*[st.integers(1, 15)] * 3), max_size=8))
def test_a_union_of_product_sets_stays_the_same_set(terms):
    kept = []
    for term in terms:
        add_term(kept, term)
    assert cells(kept) == cells(terms)
    assert len(kept) <= len(terms)


# -- closed forms -----------------------------------------------------------------------------------------------


@given(networks(1, low=80, high=120, head=False), st.data())
def test_closed_forms_are_those_of_the_exact_cells_far_from_borders(network, data):
    graph = cc.trace(network.module, network.shape)
    (n,), at = network.shape[2:], data.draw(st.integers(0, graph.output_shape[2] - 1))
    field = cc.receptive_field(network.module, network.shape, at=(at,))
    (size,), (window,) = field.size, field.unclipped_box
    if size is None:
        assert field.whole or field.reason
    if window is None or window[0] < 2 * size or window[1] > n - 2 * size:
        return
    first, last = window
    assert field.box == (window,)
    (low, high), (stride,), (padding,), (center,) = field.sizes[0], field.stride, field.padding, field.center
    assert low <= last - first + 1 <= high == size
    assert padding is None or first == stride * at - padding
    assert center is None or center + stride * at == Fraction(first + last, 2)


@given(networks(2, low=30, high=40, head=False), st.data())
def test_no_exact_field_is_larger_than_the_closed_form(network, data):
    """Where it has one: on an endless image a cell sees `size`, at a border no more; a whole input is the whole extent."""
    graph = cc.trace(network.module, network.shape)
    field = cc.receptive_field(network.module, network.shape)
    at = asked(data, graph.output_shape)
    box = cc.receptive_field(network.module, network.shape, at=at).box
    if box is None or _copies(graph):
        return
    for (first, last), size in zip(box, field.size, strict=True):
        assert size is None or last - first + 1 <= size


def _copies(graph):
    """Whether a convolution pads with copies, which a closed form leaves out."""
    return any(getattr(node.operation, "padding_mode", "zeros") != "zeros" for node in graph.nodes)


def homework():
    """Question 2 of the homework: three times convolution, pooling, ReLU."""
    layers = []
    for channels in (3, 16, 16):
        layers += [cc.Conv2d(channels, 16, 5, stride=1, padding=2), cc.MaxPool2d(2, stride=2), cc.ReLU()]
    return cc.Sequential(*layers)


def test_homework_question_2_4():
    """The trace 5, 6, 14, 16, 32, 36, and the sizes at the border, measured with torch's gradients in the model answer."""
    report = cc.analyze(homework(), (1, 3, 128, 128))
    sizes = [report[str(index)].receptive_field.size for index in (0, 1, 3, 4, 6, 7)]
    assert sizes == [(r, r) for r in (5, 6, 14, 16, 32, 36)]
    boxes = [cc.receptive_field(homework(), (1, 3, 128, 128), at=(row, 8)).box[0] for row in (0, 1, 8, 14, 15)]
    assert [last - first + 1 for first, last in boxes] == [22, 30, 36, 30, 22]
    assert boxes[2] == (50, 85)


def test_where_definitions_differ_the_field_is_the_exact_hull():
    """The examples of the reference: the exact hull, not the unclipped box cut at the border."""
    two = cc.Sequential(cc.Conv1d(1, 1, 3, stride=2), cc.Conv1d(1, 1, 3, padding=1))
    assert cc.receptive_field(two, (1, 1, 8), at=(2,)).box == ((2, 6),)
    assert cc.receptive_field(cc.Conv1d(1, 1, 3, dilation=4, padding=2), (1, 1, 8), at=(0,)).box == ((2, 6),)
    empty = cc.receptive_field(cc.Conv1d(1, 1, 1, padding=1), (1, 1, 8), at=(0,))
    assert (empty.box, empty.count, empty.cells) == (None, 0, ((),))


class Pyramid(cc.Module):
    """Atrous branches of rates 6, 12 and 18 side by side."""

    def __init__(self):
        super().__init__()
        self.branches = cc.Sequential(*(cc.Conv2d(1, 1, 3, padding=rate, dilation=rate) for rate in (6, 12, 18)))

    def forward(self, x):
        """All on the same input."""
        return cc.cat([branch(x) for branch in self.branches], dim=1)


def test_an_atrous_pyramid_spans_37_and_reads_7_per_axis_and_25_cells():
    field = cc.receptive_field(Pyramid(), (1, 1, 48, 48), at=(24, 24))
    assert field.size == (37, 37)
    assert [len(axis) for axis in field.cells] == [7, 7]
    assert field.count == 25


class Cross(cc.Module):
    """A row beside a column."""

    def __init__(self):
        super().__init__()
        self.row = cc.Conv2d(1, 1, (1, 7), padding=(0, 3))
        self.column = cc.Conv2d(1, 1, (7, 1), padding=(3, 0))

    def forward(self, x):
        """Their sum."""
        return self.row(x) + self.column(x)


def test_a_row_beside_a_column_spans_49_cells_and_reads_13():
    field = cc.receptive_field(Cross(), (1, 1, 16, 16), at=(8, 8))
    assert field.size == (7, 7)
    assert field.count == 13


# -- what is asked ----------------------------------------------------------------------------------------------


def test_symbolic_arguments_give_formulas():
    net = cc.Sequential(cc.Conv2d(3, 4, "k", stride="s"), cc.Conv2d(4, 4, 3))
    field = cc.receptive_field(net, (1, 3, "H", "W"))
    values = {"k": 5, "s": 2}
    numeric = cc.receptive_field(cc.Sequential(cc.Conv2d(3, 4, 5, stride=2), cc.Conv2d(4, 4, 3)), (1, 3, 64, 64))
    assert tuple(size.subs(values) for size in field.size) == numeric.size == (9, 9)
    assert tuple(stride.subs(values) for stride in field.stride) == numeric.stride == (2, 2)


@pytest.mark.parametrize("at", [(16, 0), (-1, 0), (0,), (0, 0, 0), "00", (0.5, 0), (True, 0), None, 3, {}], ids=repr)
def test_a_cell_that_does_not_exist_is_refused(at):
    if at is None:
        assert cc.receptive_field(homework(), (1, 3, 128, 128), at=at).at is None
        return
    with pytest.raises(cc.ArgumentError, match="cell is given by its indices"):
        cc.receptive_field(homework(), (1, 3, 128, 128), at=at)


@pytest.mark.parametrize("of", ["9", "", "x.y", 3])
def test_a_row_that_does_not_exist_is_refused(of):
    if of == "":
        assert cc.receptive_field(homework(), (1, 3, 128, 128), of=of).size == (36, 36)
        return
    with pytest.raises(cc.ArgumentError, match="no row of that name"):
        cc.receptive_field(homework(), (1, 3, 128, 128), of=of)


@pytest.mark.parametrize("wrt", [1, -1, "0", 0.0, None])
def test_an_input_that_does_not_exist_is_refused(wrt):
    with pytest.raises(cc.ArgumentError, match="wrt numbers an input"):
        cc.receptive_field(homework(), (1, 3, 128, 128), wrt=wrt)


def test_cells_need_numbers():
    with pytest.raises(cc.UnsupportedError, match="need numbers"):
        cc.receptive_field(homework(), (1, 3, "H", "W"), at=(0, 0))


class Two(cc.Module):
    """Two inputs: one is convolved, then both are added."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv1d(1, 1, 5, padding=2)

    def forward(self, x, y):
        """The sum."""
        return self.conv(x) + y


def test_each_input_has_its_own_field():
    shapes = ((1, 1, 16), (1, 1, 16))
    assert cc.receptive_field(Two(), *shapes, wrt=0).size == (5,)
    assert cc.receptive_field(Two(), *shapes, wrt=1).size == (1,)
    assert cc.receptive_field(Two(), *shapes, wrt=1, at=(3,)).cells == ((3,),)


def test_the_fields_of_rows_and_containers():
    net = cc.Sequential(cc.Sequential(cc.Conv1d(1, 1, 3), cc.Conv1d(1, 1, 3)), cc.Conv1d(1, 1, 3))
    sizes = {of: cc.receptive_field(net, (1, 1, 16), of=of).size for of in ("0.0", "0", "0.1", "1", None)}
    assert sizes == {"0.0": (3,), "0": (5,), "0.1": (5,), "1": (7,), None: (7,)}


def test_without_a_batch_the_channels_come_first():
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.MaxPool2d(2))
    field = cc.receptive_field(net, (3, 16, 16), at=(2, 2))
    assert field.size == (4, 4)
    assert field.box == ((4, 7), (4, 7))


def test_parts_laid_end_to_end_along_space_have_no_window_together():
    """Each cell reads 3 of its own part; a window from the first part's start to the last one's end would be 31 cells wide."""
    net = cc.parse("x = input\na = Conv1d(1, 1, 3, padding=1)(x)\nb = Conv1d(1, 1, 3, padding=1)(x)\ncat([a, b], dim=2)")
    field = cc.receptive_field(net, (1, 1, 28))
    assert (field.size, field.stride) == ((None,), (None,))
    assert field.reason == "no single size: cat (cat) lays parts end to end along this axis"
    assert [cc.receptive_field(net, (1, 1, 28), at=i).box for i in (3, 30)] == [((2, 4),), ((1, 3),)]


class Heads(cc.Module):
    """Two outputs with fields of their own: 3×3 and, behind it, 7×7."""

    def __init__(self):
        super().__init__()
        self.near = cc.Conv2d(3, 4, 3)
        self.far = cc.Conv2d(4, 4, 5)

    def forward(self, x):
        """Both, the nearer first."""
        near = self.near(x)
        return near, self.far(near)


def test_several_outputs_have_no_one_field():
    """No figure of one of them passes for that of the network; a row has its own."""
    shape = (1, 3, 32, 32)
    nested = cc.Sequential({"heads": Heads()})
    for net, of in ((Heads(), None), (nested, "heads")):
        field = cc.receptive_field(net, shape, of=of)
        assert field.size == field.stride == field.padding == (None, None)
        assert "several outputs" in field.reason
        with pytest.raises(cc.CnncalcError, match="several"):
            cc.receptive_field(net, shape, of=of, at=(3, 3))
        report = cc.analyze(net, shape)
        assert report.receptive_field.size == (None, None)
        prefix = f"{of}." if of else ""
        assert [report[f"{prefix}{name}"].receptive_field.size for name in ("near", "far")] == [(3, 3), (7, 7)]
        assert cc.receptive_field(net, shape, of=f"{prefix}far", at=(3, 3)).box == ((3, 9), (3, 9))
    assert cc.verify(Heads(), shape).agrees
