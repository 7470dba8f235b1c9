"""Axis maps against the definitions in docs/design.md, written out as loops over cells, and against torch's pooling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc import cells as cell_sets_of
from cnncalc.axes import AxisMaps, Merged
from cnncalc.axis import EACH, Adaptive, Chain, Everything, Groups, Pad, Transposed, Undescribed, Window, equal_maps_shared
from cnncalc.errors import UnsupportedError
from cnncalc.sizes import symbol
from cnncalc.stencil import IDENTITY, Stencil

small = st.integers(1, 4)
cell_sets = st.sets(st.integers(0, 20))


def bits(cells: set[int] | range) -> int:
    """The bit set of some cells."""
    return sum(1 << cell for cell in cells)


def cells(number: int) -> set[int]:
    """The cells of a bit set, bit by bit."""
    return {cell for cell in range(number.bit_length()) if number >> cell & 1}


# -- bit sets ---------------------------------------------------------------------------------------------------


@given(cell_sets)
def test_cells_and_extent_of_a_bit_set(chosen):
    number = bits(chosen)
    assert cell_sets_of.cells_of(number) == sorted(chosen)
    assert cell_sets_of.extent(number) == (max(chosen) - min(chosen) + 1 if chosen else 0)
    if chosen:
        assert cell_sets_of.first_cell(number) == min(chosen)


@given(st.integers(0, 20))
def test_full_holds_every_cell(n):
    assert cells(cell_sets_of.full(n)) == set(range(n))


@given(cell_sets, st.integers(1, 6))
def test_spread_multiplies_each_cell(chosen, s):
    assert cells(cell_sets_of.spread(bits(chosen), s)) == {cell * s for cell in chosen}


@given(cell_sets, st.integers(-25, 25))
def test_shift_moves_and_drops_negative_cells(chosen, by):
    assert cells(cell_sets_of.shift(bits(chosen), by)) == {cell + by for cell in chosen if cell + by >= 0}


@given(cell_sets, st.integers(1, 9), st.integers(0, 5))
def test_thicken_is_the_union_of_moved_sets(chosen, k, d):
    assert cells(cell_sets_of.thicken(bits(chosen), k, d)) == {cell + d * t for cell in chosen for t in range(k)}


# -- windows ----------------------------------------------------------------------------------------------------


@st.composite
def windows(draw, *, ceil_mode=False):
    """A window with any padding."""
    return Window(
        draw(small), draw(small), draw(st.integers(0, 4)), draw(st.integers(0, 4)), draw(st.integers(1, 3)), ceil_mode=ceil_mode
    )


def brute_length(window: Window, n: int) -> int:
    """How many windows fit: counted one by one."""
    reach = window.dilation * (window.kernel_size - 1)
    count = 0
    while -window.before + window.stride * count + reach < n + window.after:
        count += 1
    return count


def brute_reads(window: Window, outputs: set[int], n: int) -> set[int]:
    """Input cells under the windows, from the definition s·i − p + d·t."""
    read = {
        window.stride * i - window.before + window.dilation * t for i in outputs for t in range(window.kernel_size)
    }  # fmt: skip
    return {cell for cell in read if 0 <= cell < n}


@given(windows(), st.integers(1, 25))
def test_window_length_counts_the_windows_that_fit(window, n):
    if n + window.before + window.after >= window.extent:
        assert window.length(n) == brute_length(window, n)
    else:
        assert window.length(n) < 1


@given(windows(), st.integers(1, 25), st.data())
def test_window_reads_the_cells_of_the_definition(window, n, data):
    length = max(window.length(n), 1)
    outputs = data.draw(st.sets(st.integers(0, length - 1)))
    assert cells(window.reads(bits(outputs), n)) == brute_reads(window, outputs, n)


@given(windows(), st.integers(0, 6))
def test_a_window_and_its_stencil_read_the_same_far_from_borders(window, i):
    offset = 10
    n = 200
    stencil = window.stencil(n)
    expected = {stencil.stride * (i + offset) + stencil.start + t for t in cells(stencil.cells)}
    assert cells(window.reads(1 << (i + offset), n)) == expected
    assert stencil.size == window.extent


@given(st.sets(st.integers(0, 40)), st.integers(1, 5))
def test_gather_is_the_way_back_from_spread(chosen, s):
    assert cells(cell_sets_of.gather(bits(chosen), s)) == {cell // s for cell in chosen if cell % s == 0}
    assert cell_sets_of.gather(cell_sets_of.spread(bits(chosen), s), s) == bits(chosen)


@st.composite
def transposed_windows(draw):
    """A transposed window with any padding and output padding."""
    return Transposed(draw(small), draw(small), draw(st.integers(0, 4)), draw(st.integers(1, 3)), draw(st.integers(0, 3)))


@given(transposed_windows(), st.integers(1, 12), st.data())
def test_a_transposed_window_is_written_to_from_its_input_cells(window, n, data):
    """By the definition: input cell m is added to s·m − p + d·t; the last cell that is written, output padding behind it."""
    s, p, d, k = window.stride, window.padding, window.dilation, window.kernel_size
    written = {m: {s * m - p + d * t for t in range(k)} for m in range(n)}
    assert window.length(n) == max(written[n - 1]) + 1 - p + window.output_padding
    if window.length(n) < 1:
        return
    outputs = data.draw(st.sets(st.integers(0, window.length(n) - 1)))
    assert cells(window.reads(bits(outputs), n)) == {m for m in range(n) if written[m] & outputs}


@given(transposed_windows(), st.integers(20, 30))
def test_a_transposed_window_has_a_stencil_for_stride_1_alone(window, i):
    stencil = window.stencil(60)
    assert (stencil is None) == (window.stride != 1)
    if stencil:
        assert cells(window.reads(1 << i, 60)) == {i + stencil.start + t for t in cells(stencil.cells)}


def test_maps_whose_symbols_may_be_equal_are_not():
    k = symbol("k")
    assert Window(k) == Window(k)
    assert Window(k) != Window(3)
    assert Window(3) == Window(3)
    assert Window(3) != Transposed(3)


def test_an_axis_without_a_description_refuses_its_cells():
    axis_map = Undescribed(4, "FractionalMaxPool2d", "has windows that are drawn at random")
    assert axis_map.length(9) == 4
    assert axis_map.reads(0, 9) == 0
    assert axis_map.stencil(9) is None
    with pytest.raises(UnsupportedError, match="FractionalMaxPool2d: has windows that are drawn at random, so that"):
        axis_map.reads(1, 9)


def ceil_mode_cases() -> list[tuple[int, int, int, int]]:
    """Every pool (k, s, p, d) that torch allows among small numbers."""
    return [
        (k, s, p, d) for k in range(1, 6) for s in range(1, 6) for d in range(1, 4) for p in range(k // 2 + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_length_is_that_of_torchs_max_pool_on_all_small_cases(ceil_mode):
    torch = pytest.importorskip("torch")
    compared = 0
    for k, s, p, d in ceil_mode_cases():
        window = Window(k, s, p, p, d, ceil_mode=ceil_mode)
        for n in range(1, 19):
            length = window.length(n)
            try:
                pooled = torch.nn.functional.max_pool1d(torch.empty(1, 1, n, device="meta"), k, s, p, d, ceil_mode)
            except RuntimeError:
                assert length < 1, (n, window)
                continue
            assert length == pooled.shape[-1], (n, window)
            compared += 1
    assert compared > 2000  # 5 · 5 · 3 kernels, strides and dilations, up to 3 paddings, lengths that fit


@given(st.integers(1, 5), small, st.integers(0, 2), st.integers(1, 3), st.integers(1, 18))
def test_with_ceil_mode_every_window_starts_in_the_input_or_the_padding_before(k, s, p, d, n):
    p = min(p, k // 2)
    window = Window(k, s, p, p, d, ceil_mode=True)
    length = window.length(n)
    if length >= 1:
        assert s * (length - 1) - p < n


# -- other maps -------------------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_adaptive_windows_are_those_of_the_definition(n, m, data):
    outputs = data.draw(st.sets(st.integers(0, m - 1)))
    expected = {cell for i in outputs for cell in range(i * n // m, -((i + 1) * n // -m))}
    assert cells(Adaptive(m).reads(bits(outputs), n)) == expected
    assert Adaptive(m).length(n) == m


@given(st.integers(1, 6), st.integers(2, 6))
def test_an_adaptive_pool_that_divides_is_a_window(m, factor):
    n = m * factor
    stencil = Adaptive(m).stencil(n)
    if m == 1:
        assert stencil is None
    else:
        assert stencil == Window(factor, factor).stencil(n)
        assert all(Adaptive(m).reads(1 << i, n) == Window(factor, factor).reads(1 << i, n) for i in range(m))


@given(st.integers(0, 12), st.integers(1, 12), cell_sets)
def test_each_and_everything(n, m, chosen):
    inside = {cell for cell in chosen if cell < n}
    assert EACH.length(n) == n
    assert EACH.reads(bits(inside), n) == bits(inside)
    assert Everything(m).length(n) == m
    assert Everything().length(n) == n
    assert cells(Everything(m).reads(bits(inside), n)) == (set(range(n)) if inside else set())


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.data())
def test_groups_read_their_own_block(groups, wide_in, wide_out, data):
    n, m = groups * wide_in, groups * wide_out
    outputs = data.draw(st.sets(st.integers(0, m - 1)))
    expected = {cell for cell in range(n) if any(cell // wide_in == out // wide_out for out in outputs)}
    assert cells(Groups(groups, m).reads(bits(outputs), n)) == expected
    assert Groups(groups, m).length(n) == m


NUMPY_NAMES = {"reflect": "reflect", "replicate": "replicate", "circular": "circular", "zeros": "constant"}


@given(st.sampled_from(sorted(NUMPY_NAMES)), st.integers(1, 8), st.integers(-3, 7), st.integers(-3, 7), st.data())
def test_pad_reads_what_torchs_pad_copies(mode, n, before, after, data):
    """Torch pads the numbers 1 … n: what stands in an output cell is the cell it was copied from."""
    torch = pytest.importorskip("torch")
    if mode == "circular" and before * after < 0:
        return  # torch leaves memory unwritten where one side grows and the other is cropped
    try:
        padded = torch.nn.functional.pad(torch.arange(1.0, n + 1)[None, None], (before, after), mode=NUMPY_NAMES[mode])
    except RuntimeError:
        return
    copied_from = padded[0, 0].int().tolist()
    pad = Pad(before, after, mode)
    assert pad.length(n) == len(copied_from)
    outputs = data.draw(st.sets(st.sampled_from(range(len(copied_from))))) if copied_from else set()
    expected = {copied_from[i] - 1 for i in outputs if copied_from[i]}
    assert cells(pad.reads(bits(outputs), n)) == expected


@given(windows(), windows(), st.integers(8, 25), st.data())
def test_a_chain_reads_through_both_maps(first, second, n, data):
    chain = Chain(first, second)
    between = first.length(n)
    if between < second.extent:
        return
    assert chain.length(n) == second.length(between)
    outputs = data.draw(st.sets(st.integers(0, chain.length(n) - 1)))
    assert cells(chain.reads(bits(outputs), n)) == brute_reads(first, brute_reads(second, outputs, between), n)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_merged_axes_split_back_into_their_positions(shape, data):
    total = 1
    for n in shape:
        total *= n
    chosen = data.draw(st.sets(st.integers(0, total - 1)))
    maps = Merged(1, 1 + len(shape))
    terms = list(maps.reads((1, bits(chosen), 5), (1, *shape, 3)))
    found = []
    for first, *middle, last in terms:
        assert (first, last) == (1, 5)
        positions = [0]
        for part, n in zip(middle, shape, strict=True):
            positions = [position * n + cell for position in positions for cell in cells(part)]
        found += positions
    assert sorted(found) == sorted(chosen)  # each exactly once


def test_a_term_that_is_empty_on_one_axis_is_dropped():
    maps = AxisMaps(EACH, Window(3, 1, 1, 1), Window(1, 1, 1, 1))
    assert list(maps.reads((1, 1, 1), (1, 5, 5))) == []
    assert list(maps.reads((1, 1, 2), (1, 5, 5))) == [(1, 0b11, 1)]


# -- stencils ---------------------------------------------------------------------------------------------------


@st.composite
def stencils(draw):
    """A stencil of any cells."""
    chosen = draw(st.sets(st.integers(0, 6), min_size=1))
    lowest = min(chosen)
    cell_bits = bits({cell - lowest for cell in chosen})
    return Stencil(draw(st.integers(-4, 4)), cell_bits.bit_length(), draw(small), cell_bits)


def reached(stencil: Stencil, i: int) -> set[int]:
    """What output cell i reads on an endless axis."""
    return {stencil.stride * i + stencil.start + t for t in cells(stencil.cells)}


@given(stencils(), stencils(), st.integers(-5, 5))
def test_then_is_one_stencil_after_the_other(first, second, i):
    both = first.then(second)
    assert reached(both, i) == {cell for between in reached(second, i) for cell in reached(first, between)}
    assert both.size == both.cells.bit_length()


@given(stencils(), stencils(), stencils())
def test_stencils_are_a_monoid(a, b, c):
    assert a.then(b).then(c) == a.then(b.then(c))
    assert IDENTITY.then(a) == a == a.then(IDENTITY)
    assert hash(IDENTITY.then(a)) == hash(a)


@given(stencils(), stencils(), st.integers(-5, 5))
def test_beside_is_the_union(first, second, i):
    union = first.beside(second)
    if first.stride != second.stride:
        assert union is None
    else:
        assert reached(union, i) == reached(first, i) | reached(second, i)
        assert union == second.beside(first)
        assert union.size == union.cells.bit_length()


@given(st.lists(windows(), min_size=1, max_size=6), st.integers(1, 400))
def test_a_chain_of_windows_is_one_window(chain, n):
    """Nested floors collapse: the chain's length is the formula of one window, whose parts follow from the monoid."""
    length = n
    one = IDENTITY
    kernel, stride, before, after = 1, 1, 0, 0
    for window in chain:
        length = window.length(length)
        if length < 1:
            return
        one = one.then(window.stencil(n))
        kernel += (window.extent - 1) * stride
        before += window.before * stride
        after += window.after * stride
        stride *= window.stride
    assert (one.size, one.stride, -one.start) == (kernel, stride, before)
    assert length == Window(kernel, stride, before, after).length(n)


# -- symbols ----------------------------------------------------------------------------------------------------


@given(windows(), st.integers(1, 40))
def test_a_symbolic_length_is_the_number_at_every_value(window, n):
    from cnncalc.sizes import substitute, symbol

    assert substitute(window.length(symbol("n")), {"n": n}) == window.length(n)


@given(windows(ceil_mode=True), st.integers(1, 40))
def test_a_symbolic_length_with_ceil_mode_too(window, n):
    from cnncalc.sizes import substitute, symbol

    assert substitute(window.length(symbol("n")), {"n": n}) == window.length(n)


@given(windows(), st.integers(1, 30))
def test_symbolic_arguments_give_the_number_too(window, n):
    from cnncalc.sizes import substitute, symbol

    values = {
        "k": window.kernel_size,
        "s": window.stride,
        "p": window.before,
        "q": window.after,
        "d": window.dilation,
    }
    symbolic = Window(*map(symbol, "kspqd"))
    assert substitute(symbolic.length(symbol("n")), values | {"n": n}) == window.length(n)
    stencil, expected = symbolic.stencil(symbol("n")), window.stencil(n)
    assert substitute(stencil.size, values) == expected.size
    assert substitute(stencil.start, values) == expected.start
    assert substitute(stencil.stride, values) == expected.stride


def test_equal_maps_share_one_object():
    shared = equal_maps_shared([Window(3), Window(3), Window(5)])
    assert shared[0] is shared[1]
    assert shared[2] is not shared[0]
    assert Window(3) == Window(3)
    assert hash(Window(3)) == hash(Window(3))
    assert Window(3) != Pad(0, 0)
    assert "kernel_size=3" in repr(Window(3))
