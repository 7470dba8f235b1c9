"""How whole tensors follow from each other: every cell of small ones, against index arithmetic and a shuffle of torch."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from maps_by_hand import bits, cells

from cnncalc.axes import (
    AxisMaps,
    Merged,
    Nothing,
    PerOutput,
    Regrouped,
    Steps,
    Woven,
    laid_out,
    of_output,
    reshaped,
    searched,
    split,
)
from cnncalc.axis import EACH, EVERYTHING, Adaptive, Everything, Pad, Picked, Select, Window
from cnncalc.sizes import symbol

N, H, W = map(symbol, "nhw")


def indices(shape):
    """All cells of a tensor in row-major order."""
    return list(product(*map(range, shape)))


def of_terms(terms):
    """The cells of some terms, each as often as it stands in one."""
    return sorted(index for term in terms for index in product(*map(cells, term)))


def agrees(maps, shape, output, reads):
    """Whether maps read what `reads` says of each cell of the output, forwards and backwards, alone and several together."""
    inside, outside = indices(shape), indices(output)
    rows = {out: set(reads(out)) for out in outside}
    for out in outside:
        assert set(of_terms(maps.reads(tuple(1 << i for i in out), shape))) == rows[out], (maps, out)
    for cell in inside:
        expected = [out for out in outside if cell in rows[out]]
        assert of_terms(maps.read_by(tuple(1 << i for i in cell), shape, output)) == expected, (maps, cell)
    for pattern in (range(9), range(1), range(0, 9, 2), range(1, 9)):
        asked = [[i for i in pattern if i < m] for m in output]
        if all(asked):
            expected = set().union(*(rows[out] for out in product(*asked)))
            assert set(of_terms(maps.reads(tuple(map(bits, asked)), shape))) == expected, (maps, asked)
        asked = [[i for i in pattern if i < n] for n in shape]
        chosen = set(product(*asked))
        expected = {out for out in outside if rows[out] & chosen}
        assert set(of_terms(maps.read_by(tuple(map(bits, asked)), shape, output))) == expected, (maps, asked)


# -- axis by axis -----------------------------------------------------------------------------------------------


def test_each_axis_goes_with_the_one_in_its_place():
    maps = AxisMaps(Window(2), EACH, Pad(1, 0))
    agrees(maps, (3, 2, 2), (2, 2, 3), lambda out: [(out[0] + t, out[1], out[2] - 1) for t in range(2) if out[2]])
    agrees(AxisMaps.pointwise(2), (2, 3), (2, 3), lambda out: [out])
    agrees(AxisMaps.pointwise(0), (), (), lambda out: [out])
    agrees(AxisMaps(), (), (), lambda out: [out])


def test_axes_change_places_or_come_from_nowhere():
    agrees(AxisMaps.routed((2, EACH), (0, EACH), (1, EACH)), (2, 3, 4), (3, 4, 2), lambda out: [(out[2], out[0], out[1])])
    agrees(AxisMaps.routed((1, EACH), (3, EACH)), (2, 3), (2, 2, 1, 3), lambda out: [(out[1], out[3])])


def test_an_axis_that_goes_nowhere_is_read_as_its_map_reads_one_cell():
    chosen = AxisMaps.routed((0, EACH), (None, Select(2, 1, 1)), (1, EACH))
    agrees(chosen, (2, 4, 3), (2, 3), lambda out: [(out[0], 2, out[1])])
    mean = AxisMaps.routed((0, EACH), (None, EVERYTHING))
    agrees(mean, (2, 3), (2,), lambda out: [(out[0], x) for x in range(3)])
    agrees(AxisMaps.everything(2), (2, 3), (2, 2), lambda _: indices((2, 3)))
    agrees(Nothing(2), (2, 3), (2, 2), lambda _: [])


def test_what_is_empty_on_one_axis_reads_nothing():
    maps = AxisMaps(Pad(1, 0), EACH)
    assert list(maps.reads((1, 1), (2, 2))) == []
    assert list(maps.reads((3, 1), (2, 2))) == [(1, 1)]
    assert list(maps.read_by((1, 0), (2, 2), (3, 2))) == []
    assert list(AxisMaps.pointwise(2).reads((0, 3), (2, 2))) == []
    for term in ((0, 3, 1), (1, 0, 1), (1, 3, 0)):
        assert list(Merged(1, 3).reads(term, (2, 2, 2, 2))) == []
    for term in ((1, 1, 0, 1), (1, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 0)):
        assert list(Merged(1, 3).read_by(term, (2, 2, 2, 2), (2, 4, 2))) == []
        assert list(reshaped((2, 4, 3, 5), (2, 3, 4, 5)).reads(term, (2, 4, 3, 5))) == []
        assert list(reshaped((2, 4, 3, 5), (2, 3, 4, 5)).read_by(term, (2, 4, 3, 5), (2, 3, 4, 5))) == []


def test_what_is_known_of_all_axes():
    plain, moved = AxisMaps(EACH, Window(3), Window(1)), AxisMaps.routed((1, EACH), (0, EACH), (2, EACH))
    assert plain.is_aligned
    assert not moved.is_aligned
    assert not AxisMaps.routed((0, EACH), (None, EVERYTHING)).is_aligned
    assert plain.kept == {0, 2}
    assert moved.kept == {2}
    assert plain.maps == (EACH, Window(3), Window(1))
    assert AxisMaps.pointwise(3).is_pointwise
    assert AxisMaps.pointwise(3) is AxisMaps.pointwise(3)
    assert not AxisMaps(EACH, EACH).is_pointwise
    assert not plain.is_pointwise
    assert not Nothing(2).is_pointwise
    assert AxisMaps.everything(3).routes == ((None, Everything()),) * 3 == Nothing(3).routes
    assert not AxisMaps.everything(1).kept


def test_a_part_is_taken_by_a_selection_or_a_crop():
    for axis_map in (Select(0, 1, 3), Picked((1, 0)), Pad(-1, 0)):
        assert AxisMaps(EACH, axis_map).takes_part
    for axis_map in (Pad(1, 0), EACH, Window(3), Adaptive(2)):
        assert not AxisMaps(EACH, axis_map).takes_part
    assert AxisMaps(Pad(1, 2), EACH, Pad(0, 0), Select(0, 1, 3)).laid_along == {0, 2}
    assert not AxisMaps(EACH).laid_along


# -- merged and reshaped ----------------------------------------------------------------------------------------

SHAPES = [
    (),
    (1,),
    (4,),
    (2, 2),
    (1, 4),
    (12,),
    (3, 4),
    (4, 3),
    (2, 6),
    (2, 3, 2),
    (1, 3, 4),
    (3, 1, 4),
    (3, 4, 1),
    (2, 1, 6, 1),
    (1, 12),
]


def places(shape):
    """Each cell's place in memory."""
    return {index: place for place, index in enumerate(indices(shape))}


@pytest.mark.parametrize("shape", [(2, 3, 2), (3, 1, 2), (2, 2, 2, 2), (5,)])
def test_merged_axes_are_laid_out_in_order(shape):
    for start, stop in product(range(len(shape)), range(len(shape) + 1)):
        if start < stop:
            merged = (*shape[:start], prod(shape[start:stop]), *shape[stop:])
            back = dict(zip(indices(merged), indices(shape), strict=True))
            agrees(Merged(start, stop), shape, merged, lambda out, back=back: [back[out]])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_reshape_keeps_every_cell_at_its_place(shape):
    for output in SHAPES:
        if prod(shape) == prod(output):
            back = dict(zip(indices(output), indices(shape), strict=True))
            agrees(reshaped(shape, output), shape, output, lambda out, back=back: [back[out]])


def test_nothing_is_read_of_a_reshape_to_no_cells():
    for output in ((0,), (2, 0), (0, 5, 3)):
        maps = reshaped((3, 0), output)
        assert isinstance(maps, Nothing)
        assert len(maps.routes) == 2
        assert list(maps.reads((1,) * len(output), (3, 0))) == []


#: Two shapes, and the finest groups of axes whose products agree, for all values of the symbols: by hand.
GROUPS = [
    ((2, 3, 4), (6, 4), "Merged(start=0, stop=2)"),
    ((2, 3, 4), (2, 12), "Merged(start=1, stop=3)"),
    ((2, 3, 4), (24,), "Merged(start=0, stop=3)"),
    ((5, 2, 3, 4), (5, 6, 4), "Merged(start=1, stop=3)"),
    ((), (1,), "Merged(start=0, stop=0)"),
    ((2, 3, 1), (2, 3), "Merged(start=1, stop=3)"),
    ((2, 3, 4), (2, 3, 4), "pointwise"),
    ((), (), "pointwise"),
    ((6, 4), (2, 3, 4), "Regrouped(0:1 to 0:2, 1:2 to 2:3)"),
    ((2, 12), (2, 3, 4), "Regrouped(0:1 to 0:1, 1:2 to 1:3)"),
    ((2, 3, 4, 5), (6, 20), "Regrouped(0:2 to 0:1, 2:4 to 1:2)"),
    ((4, 6), (6, 4), "Regrouped(0:2 to 0:2)"),
    ((4, 6, 5), (6, 4, 5), "Regrouped(0:2 to 0:2, 2:3 to 2:3)"),
    ((5, 4, 6), (5, 6, 4), "Regrouped(0:1 to 0:1, 1:3 to 1:3)"),
    ((2, 3), (2, 3, 1, 1), "Regrouped(0:1 to 0:1, 1:2 to 1:4)"),
    ((1, 1), (), "Regrouped(0:2 to 0:0)"),
    ((1, 2, 3), (2, 3), "Merged(start=0, stop=2)"),
    ((N, 3, H, W), (N, 3 * H, W), "Merged(start=1, stop=3)"),
    ((N, 3, H, W), (N, 3, H * W), "Merged(start=2, stop=4)"),
    ((N, 12, H, W), (N, 2, 6, H * W), "Regrouped(0:1 to 0:1, 1:2 to 1:3, 2:4 to 3:4)"),
    ((H, W), (W, H), "Regrouped(0:2 to 0:2)"),
    ((N, H, W), (N, H, W), "pointwise"),
    ((N, H), (N, 2, H // 2), "Regrouped(0:1 to 0:1, 1:2 to 1:3)"),
    ((N, H, 5), (N, 2 * (H // 2), 5), "Regrouped(0:1 to 0:1, 1:3 to 1:3)"),
]


@pytest.mark.parametrize(("shape", "output", "groups"), GROUPS, ids=[f"{shape} to {output}" for shape, output, _ in GROUPS])
def test_a_reshape_has_the_finest_groups(shape, output, groups):
    maps = reshaped(shape, output)
    if groups == "pointwise":
        assert maps is AxisMaps.pointwise(len(shape))
    else:
        assert repr(maps) == groups


def test_what_is_laid_out_anew_has_no_map_of_each_axis():
    for maps in (Merged(0, 2), reshaped((4, 6), (6, 4)), reshaped((2, 3), (6,))):
        assert maps.routes == () == maps.maps
        assert not maps.is_pointwise


def test_an_axis_belongs_to_one_group():
    maps = Regrouped(((0, 1, 0, 1), (1, 3, 1, 2), (3, 5, 2, 4)), (2, 6, 5, 4))
    assert [maps.group_of(axis) for axis in range(5)] == [maps.groups[0], *(maps.groups[1],) * 2, *(maps.groups[2],) * 2]


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (3, 1, 2), (2, 2, 3)], ids=str)
def test_positions_are_laid_out_and_split_again(shape):
    """Every set of positions comes back whole, each once; a product of sets comes back as itself."""
    total, known = prod(shape), places(shape)
    for chosen in range(1 << total) if total < 8 else range(0, 1 << total, 7):
        assert sorted(known[index] for index in of_terms(split(chosen, shape))) == cells(chosen)
    for term in product(*(range(1, 1 << n) for n in shape)):
        positions = bits(known[index] for index in product(*map(cells, term)))
        assert laid_out(term, shape) == positions
        assert list(split(positions, shape)) == [term]
    assert list(split(0, shape)) == []
    assert list(split(0, (*shape, 0))) == list(split(0, (0, *shape, 2))) == []


# -- woven ------------------------------------------------------------------------------------------------------


def test_steps_are_a_pixel_shuffle():
    """Of 4 channels one of twice the height and width, as torch does it."""
    torch = pytest.importorskip("torch")
    shape, output = (2, 4, 2, 3), (2, 1, 4, 6)
    shuffled = torch.nn.functional.pixel_shuffle(torch.arange(48).view(shape), 2).flatten().tolist()
    back = {out: indices(shape)[place] for out, place in zip(indices(output), shuffled, strict=True)}
    cut, woven = (2, 1, 2, 2, 2, 3), (2, 1, 2, 2, 3, 2)
    turned = AxisMaps.routed(*((to, EACH) for to in (0, 1, 3, 5, 2, 4)))
    maps = Steps(((0, EACH),), (reshaped(shape, cut), shape), (turned, cut), (reshaped(woven, output), woven))
    agrees(maps, shape, output, lambda out: [back[out]])
    assert maps.maps == ()
    assert maps.routes == ((0, EACH),)
    assert not maps.is_pointwise


class Diagonal(Woven):
    """Reads along a diagonal, and a cell of its own."""

    def reads(self, term, shape):
        """Cell (i, j) reads (i + j mod n, i), and (0, 0)."""
        for i, j in product(*map(cells, term)):
            yield 1 << (i + j) % shape[0], 1 << i % shape[1]
        if all(term):
            yield 1, 1


class Whatever(Woven):
    """Reads the first cell, whatever is asked."""

    def reads(self, term, shape):  # noqa: ARG002 - whatever is asked
        """One cell."""
        yield (1,) * len(shape)


def test_what_reads_a_cell_is_found_where_axes_are_woven():
    for shape, output in (((3, 2), (2, 3)), ((2, 2), (3, 1)), ((4, 3), (1, 1))):
        agrees(Diagonal(), shape, output, lambda out, n=shape: [(sum(out) % n[0], out[0] % n[1]), (0, 0)])
    agrees(Whatever(), (2, 2), (), lambda _: [(0, 0)])
    agrees(Whatever(), (2,), (2, 3), lambda _: [(0,)])
    assert list(Whatever().read_by((3,), (2,), (2, 0))) == []


def test_a_search_asks_for_parts_that_are_halved():
    """Whole parts are passed over: of 64 × 64 cells one is found by fewer than 64 questions."""
    asked = []

    class Moved(Woven):
        """Cell by cell, with a note of what is asked."""

        def reads(self, term, shape):  # noqa: ARG002 - of any length
            """The cells themselves."""
            asked.append(term)
            yield term

    assert list(searched(Moved(), (1 << 40, 1 << 9), (64, 64), (64, 64))) == [(1 << 40, 1 << 9)]
    assert len(asked) < 64


def test_outputs_that_read_otherwise_have_maps_of_their_own():
    one, other = AxisMaps(EACH), AxisMaps(Adaptive(2))
    assert of_output((one, other)) == (one, other) == of_output((one, other), 1)
    assert of_output(PerOutput([(one,), (other,)])) == (one,)
    assert of_output(PerOutput([(one,), (other,)]), 1) == (other,)
