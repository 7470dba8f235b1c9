"""The fields of all cells at once: every cell of every row equal to the exact cells asked one by one, and to brute force."""

from __future__ import annotations

from itertools import product

import cells_by_hand
import pytest
from drawing.networks import networks
from drawing.resampled_networks import resampled_networks
from drawing.resized_networks import resized_networks
from drawing.shaped_networks import networks as shaped_networks
from hypothesis import event, given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.analyses.asking import asked_term
from cnncalc.analyses.exact_cells import exact_cells
from cnncalc.analyses.field_table import Table
from cnncalc.axis import Adaptive, Chain, Everything, Groups, Pad, Picked, Prefix, Select, Transposed, Window
from cnncalc.axis.resample import Nearest, Weighted
from cnncalc.cells import cells_of, full
from cnncalc.value import Value
from cnncalc.zoo import densenet121, resnet18, unet, vgg11

FEW = settings(max_examples=max(settings.default.max_examples // 4, 8))
#: Up to this many cells of a value are asked.
MOST = 40
#: A map copies at most this many cells into the padding, so that an axis must be longer.
MOST_COPIED = 2


def cells(terms):
    """A union of product sets as a set of index tuples."""
    return {cell for term in terms for cell in product(*map(cells_of, term))}


def check_every_row(module, shape):
    """Compare every cell of every row with tables; tell how many values have them."""
    graph = cc.trace(module, shape)
    fields = cc.all_fields(module, shape)
    axes = range(2, len(shape))
    with_tables = 0
    for node in graph.nodes:
        if node.operation is None or len(node.facts.outputs) > 1 or 0 in node.output:
            continue
        value = Value(None, node, node.output)
        found = type(fields[""])(graph, value, fields._known.get((node.index, 0)), axes, 0)
        if found.terms is None:
            continue
        with_tables += 1
        for number, (cell, terms) in enumerate(found):
            if number >= MOST:
                break
            exact = exact_cells(graph, value, asked_term(graph, value, cell))
            assert cells(terms) == {cell[2:] for cell in cells(exact)}, (node, cell)
    return with_tables


@FEW
@given(networks(high=7))
def test_tables_are_the_exact_cells_of_layers_with_windows(network):
    assert check_every_row(network.module, network.shape)


@FEW
@given(resized_networks())
def test_tables_are_the_exact_cells_of_networks_that_grow_and_shrink(network):
    event("tables" if check_every_row(network.module, network.shape) else "none")


@FEW
@given(resampled_networks())
def test_tables_are_the_exact_cells_of_networks_that_are_resampled_and_normed(network):
    event("tables" if check_every_row(network.module, network.shape) else "none")


@FEW
@given(shaped_networks())
def test_tables_are_the_exact_cells_of_networks_that_cut_and_turn(drawn):
    network, shape, _ = drawn
    event("tables" if check_every_row(network, shape) else "none")


@FEW
@given(networks(high=6), st.data())
def test_any_cell_is_that_of_brute_force(network, data):
    graph = cc.trace(network.module, network.shape)
    shape = graph.output_shape
    rest = shape[2:] if len(shape) > 2 else shape[1:]
    at = tuple(data.draw(st.integers(0, n - 1)) for n in rest)
    start = {(channel, *at) for channel in range(shape[1])} if len(shape) > 2 else {at}
    expected = {cell[1:] for cell in cells_by_hand.field(graph, start)}
    assert cells(cc.all_fields(network.module, network.shape)[""][at]) == expected


numbers = st.integers(1, 4)
axis_maps = st.one_of(
    st.builds(Window, numbers, numbers, st.integers(0, 3), st.integers(0, 3), numbers),
    st.builds(Transposed, numbers, numbers, st.integers(0, 1), numbers, st.integers(0, 2)),
    st.builds(Adaptive, st.integers(1, 9)),
    st.builds(Pad, st.integers(-2, 3), st.integers(-2, 3)),
    st.builds(Pad, st.integers(0, 2), st.integers(0, 2), st.sampled_from(("reflect", "replicate", "circular"))),
    st.builds(Nearest, st.none(), st.sampled_from((0.5, 1.5, 2.0, 3.0))),
    st.builds(Weighted, st.none(), st.sampled_from((0.5, 1.5, 2.0)), align_corners=st.booleans()),
    st.builds(Select, st.integers(0, 2), st.sampled_from((1, 2, -1)), st.just(1)),
    st.builds(Picked, st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple)),
    st.builds(lambda backwards: Prefix(backwards=backwards), st.booleans()),
    st.builds(Everything),
    st.builds(Chain, st.builds(Pad, st.just(1), st.just(2), st.just("reflect")), st.builds(Window, numbers)),
)


@given(st.integers(3, 40), st.lists(axis_maps, max_size=5))
def test_a_table_is_what_maps_read_back(n, maps):
    """Maps one after the other: each cell's set against the maps' own way back."""
    table, lengths, used = Table.identity(n), [n], []
    for axis_map in maps:
        m = axis_map.length(lengths[-1])
        if not 1 <= m <= 120 or lengths[-1] <= MOST_COPIED:
            break
        table = table.behind(axis_map, m)
        lengths.append(m)
        used.append(axis_map)
    for cell in range(lengths[-1]):
        read = 1 << cell
        for axis_map, length in zip(reversed(used), reversed(lengths[:-1]), strict=True):
            read = axis_map.reads(read, length)
        assert table[cell] == table.sets()[cell] == read
        hull = table.hull(cell)
        assert hull == ((cells_of(read)[0], cells_of(read)[-1]) if read else None)


blocks = st.builds(lambda groups, factor: (Groups(groups, groups * factor), groups), st.integers(1, 4), st.integers(1, 3))


@given(st.one_of(axis_maps.map(lambda made: (made, 1)), blocks), st.integers(1, 8), st.data())
def test_the_way_forward_and_the_counts_are_those_of_the_way_back(drawn, times, data):
    """An output cell reads any of some cells exactly if they are read by it; weights are handed on along the same reads."""
    axis_map, factor = drawn
    n = max(times, MOST_COPIED + 1) * factor
    m = axis_map.length(n)
    if not 1 <= m <= 60:
        return
    chosen = data.draw(st.integers(0, full(n)))
    assert axis_map.read_by(chosen, n, m) == sum(1 << i for i in range(m) if axis_map.reads(1 << i, n) & chosen)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    counted = axis_map.counts(weights, n)
    read = [axis_map.reads(1 << i, n) for i in range(m)]
    once = [sum(weight for bits, weight in zip(read, weights, strict=True) if bits >> cell & 1) for cell in range(n)]
    copied = isinstance(axis_map, Chain)
    assert all(count >= least and (copied or count == least) for count, least in zip(counted, once, strict=True))


tables = st.builds(
    Table, st.lists(st.integers(0, 31), min_size=4, max_size=4), st.integers(0, 3), st.integers(0, 2), st.integers(1, 2)
)


@given(tables, tables)
def test_tables_beside_each_other(one, other):
    pairs = list(zip(one.sets(), other.sets(), strict=True))
    assert one.beside(other).sets() == [a | b for a, b in pairs]
    assert one.covers(other) == all(a | b == a for a, b in pairs)
    assert one.equals(other) == all(a == b for a, b in pairs)


@pytest.mark.parametrize(
    ("make", "size", "terms"),
    [(resnet18, 64, 1), (lambda: unet(base=1), 188, 1), (densenet121, 64, 1), (vgg11, 64, 1)],
    ids=["resnet18", "unet", "densenet121", "vgg11"],
)
def test_whole_networks(make, size, terms):
    net = make()
    channels = 1 if size == 188 else 3
    shape = (1, channels, size, size)
    fields = cc.all_fields(net, shape)
    graph = cc.trace(net, shape)
    assert len(fields._known) == len(graph.nodes)
    for of in list(fields)[:: max(len(graph.nodes) // 12, 1)]:
        found = fields[of]
        assert found.terms is not None or len(found.shape) == 1
        if found.terms is None or len(found.shape) < 2:
            continue
        assert len(found.terms) == terms
        for at in {(0, 0), tuple(n // 2 for n in found.shape), tuple(n - 1 for n in found.shape)}:
            field = cc.receptive_field(net, shape, of=of, at=at)
            assert cells(found[at]) == cells(field.terms)
            boxes = tuple(found.boxes(axis)[at[axis]] for axis in range(2))
            assert boxes == (field.box or (None, None))
            sets = tuple(found.sets(axis)[at[axis]] for axis in range(2))
            assert sets == (field.terms[0] if field.terms else (0, 0))


class Cross(cc.Module):
    """A row beside a column, the one wider than the image's border allows."""

    def __init__(self):
        super().__init__()
        self.row = cc.Conv2d(1, 1, (1, 7), padding=(1, 3))
        self.square = cc.Conv2d(1, 1, 3, padding=(2, 1))

    def forward(self, x):
        """Their sum."""
        return self.row(x) + self.square(x)


def test_where_a_row_reads_padding_only_the_field_is_no_product():
    """The design's example: a 1×7 with padding (1, 3) beside a 3×3, where the first reads padding at the border."""
    fields = cc.all_fields(Cross(), (1, 1, 9, 9))[""]
    assert len(fields.terms) == 2
    assert cells(fields[0, 4]) == {(0, 3), (0, 4), (0, 5)}
    with pytest.raises(cc.UnsupportedError, match="no products of one set per axis"):
        fields.boxes(0)
    with pytest.raises(cc.ArgumentError, match="axis numbers a spatial axis from 0 to 1"):
        fields.sets(2)
    with pytest.raises(cc.ArgumentError, match="cell is given by its indices"):
        fields[99, 0]


def test_rows_and_symbols():
    fields = cc.all_fields(resnet18(), (1, 3, 64, 64))
    assert {"conv1", "layer1", "layer4.1.add", "fc", ""} <= set(fields)
    with pytest.raises(cc.ArgumentError, match="no row of that name"):
        fields["layer9"]
    with pytest.raises(cc.UnsupportedError, match="need numbers"):
        cc.all_fields(resnet18(), (1, 3, "H", "W"))


def test_sets_are_as_long_as_fields_not_as_the_image():
    """What keeps the cost linear: 8192 cells of a deep chain hold short sets."""
    chain = cc.Sequential(
        *(cc.Conv1d(1, 1, 3, padding=1) for _ in range(10)), cc.Conv1d(1, 1, 2, 2), cc.ConvTranspose1d(1, 1, 2, 2)
    )
    ((term,),) = [cc.all_fields(chain, (1, 1, 8192))[""].terms]
    ((_, table),) = term
    assert len(table) == 8192
    assert max(bits.bit_length() for bits in table.bits) <= 30
    assert table[4000] == full(22) << 3990
