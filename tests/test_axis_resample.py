"""Axis maps of resampling against torch, cell by cell, and the closed forms against the cells far from every border."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.axis.resample import Antialiased, Nearest, Weighted, meant_by, scaled_length
from cnncalc.cells import cells_of

torch = pytest.importorskip("torch")
F = torch.nn.functional

SCALES = st.one_of(
    st.sampled_from((2.0, 3.0, 0.5, 0.25, 1 / 3, 0.29, 0.6, 1.5, 1.05, 7 / 3)),
    st.floats(0.05, 4, allow_nan=False),
    st.builds(lambda a, b: a / b, st.integers(1, 30), st.integers(1, 30)),
)


@st.composite
def resamplings(draw, longest):
    """A length, and a size or a scale that leaves something of it."""
    n = draw(st.integers(1, longest))
    if draw(st.booleans()):
        return n, draw(st.integers(1, 3 * longest)), None
    scale = draw(st.one_of(SCALES, st.floats(1, 1 + 0.99 / n), st.floats(2, 2 + 0.99 / n)).filter(lambda s: int(n * s) >= 1))
    return n, None, scale


# -- nearest ----------------------------------------------------------------------------------------------------


def copied(n, size, scale, mode, axes, width):
    """The cell that torch copies into each output cell along the first axis of space."""
    x = torch.arange(n, dtype=torch.float32).view(1, 1, n, *(1,) * (axes - 1)).expand(1, 2, n, *(width,) * (axes - 1))
    sizes = None if size is None else (size, *(width,) * (axes - 1))
    scales = None if scale is None else (scale, *(1.0,) * (axes - 1))
    image = F.interpolate(x.contiguous(), sizes, scales, mode)
    return image[0, 0].flatten(1)[:, 0].long().tolist() if axes > 1 else image[0, 0].long().tolist()


@given(resamplings(200), st.integers(1, 3), st.sampled_from((1, 2, 40)), st.booleans())
def test_the_nearest_cell_is_the_one_that_torch_copies(drawn, axes, width, exact):
    n, size, scale = drawn
    width = min(width, 2) if axes == 3 else width
    expected = copied(n, size, scale, "nearest-exact" if exact else "nearest", axes, width)
    small = axes == 2 and len(expected) + width <= 128
    found = Nearest(size, scale, exact=exact, small=small)
    assert found.length(n) == len(expected)
    assert [cells_of(found.reads(1 << i, n)) for i in range(len(expected))] == [[cell] for cell in expected]


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_the_nearest_cell_at_every_pair_of_short_lengths(mode):
    """All 1 to 24 cells to 1 to 160: rounding in single precision differs from exact fractions at some of them."""
    otherwise = 0
    for n in range(1, 25):
        for m in range(1, 161):
            found = Nearest(m, None, exact=mode == "nearest-exact")
            picked = [cells_of(found.reads(1 << i, n))[0] for i in range(m)]
            assert picked == copied(n, m, None, mode, 1, 1)
            half = Fraction(1, 2) if mode == "nearest-exact" else 0
            otherwise += picked != [int((i + half) * n / m) for i in range(m)]
    assert otherwise


# -- weights ----------------------------------------------------------------------------------------------------


def weighed(n, size, scale, mode, align_corners, antialias):
    """The cells that have a weight in each output cell, by torch's forward on images of one cell each, in double precision."""
    axes = {"linear": 1, "trilinear": 3}.get(mode, 2)
    x = torch.eye(n, dtype=torch.float64).view(1, n, n, *(1,) * (axes - 1)).expand(1, n, n, *(2,) * (axes - 1))
    sizes = None if size is None else (size, *(2,) * (axes - 1))
    scales = None if scale is None else (scale, *(1.0,) * (axes - 1))
    image = F.interpolate(x.contiguous(), sizes, scales, mode, align_corners, antialias=antialias)
    weights = image.reshape(n, image.shape[2], -1)[:, :, 0]
    return [(weights[:, i].abs() > 1e-9).nonzero().flatten().tolist() for i in range(image.shape[2])]


@given(resamplings(24), st.sampled_from(("linear", "bilinear", "trilinear", "bicubic")), st.booleans())
def test_weighted_cells_are_those_of_torch(drawn, mode, align_corners):
    n, size, scale = drawn
    expected = weighed(n, size, scale, mode, align_corners, antialias=False)
    found = Weighted(size, scale, align_corners=align_corners, cubic=mode == "bicubic")
    assert found.length(n) == len(expected)
    assert [cells_of(found.reads(1 << i, n)) for i in range(len(expected))] == expected


@given(resamplings(24), st.sampled_from(("bilinear", "bicubic", "lanczos")), st.booleans())
def test_antialiased_cells_are_those_of_torch(drawn, mode, align_corners):
    n, size, scale = drawn
    align_corners = align_corners and mode != "lanczos"
    expected = weighed(n, size, scale, mode, align_corners, antialias=True)
    found = Antialiased(size, scale, align_corners=align_corners, support={"bilinear": 1, "bicubic": 2, "lanczos": 3}[mode])
    assert found.length(n) == len(expected)
    assert [cells_of(found.reads(1 << i, n)) for i in range(len(expected))] == expected


# -- lengths and closed forms -----------------------------------------------------------------------------------


@given(st.integers(1, 10**6), st.floats(1e-3, 50))
def test_a_length_is_the_floor_of_a_product_in_double_precision(n, scale):
    output = F.interpolate(torch.empty(1, 1, n, device="meta"), scale_factor=scale) if n * scale >= 1 else None
    assert scaled_length(n, scale) == (0 if output is None else output.shape[2])


@given(st.integers(1, 500), st.integers(1, 64), st.sampled_from((1, 2, 4, 8, 64)))
def test_a_symbolic_length_is_exact_for_whole_scales_and_fractions_over_a_power_of_2(n, top, bottom):
    symbolic = scaled_length(cc.symbol("H"), top / bottom)
    assert cc.sizes.substitute(symbolic, {"H": n}) == n * top // bottom == scaled_length(n, top / bottom)


@pytest.mark.parametrize("scale", [0.29, 1 / 3, 0.1, -1.0, float("nan"), float("inf"), 1e300])
def test_a_symbolic_length_is_refused_where_it_rests_on_rounding(scale):
    with pytest.raises(cc.UnsupportedError, match="rests on how a floating-point product is rounded"):
        scaled_length(cc.symbol("H"), scale)


def test_a_scale_stands_for_the_simple_fraction_that_rounds_to_it():
    assert meant_by(0.6) == Fraction(3, 5)
    assert meant_by(1 / 3) == Fraction(1, 3)
    assert meant_by(2.0) == 2
    assert float(meant_by(0.1234567890123)) == 0.1234567890123


@given(st.integers(1, 5), st.sampled_from(("nearest", "nearest-exact", "linear", "cubic", 1, 2, 3)), st.booleans(), st.booleans())
def test_a_closed_form_is_the_cells_far_from_every_border(step, kind, align_corners, by_scale):
    """A whole step: output cell i reads step·i + start + t."""
    m = 60
    n = (m - 1) * step + 1 if align_corners and kind not in {"nearest", "nearest-exact"} else m * step
    size, scale = (None, 1 / step) if by_scale and n == m * step else (m, None)
    if isinstance(kind, int):
        found = Antialiased(size, scale, align_corners=align_corners, support=kind)
    elif kind.startswith("nearest"):
        found = Nearest(size, scale, exact=kind == "nearest-exact")
    else:
        found = Weighted(size, scale, align_corners=align_corners, cubic=kind == "cubic")
    stencil = found.stencil(n)
    assert stencil is not None
    i = 30
    assert found.reads(1 << i, n) == stencil.cells << (stencil.stride * i + stencil.start)
    assert stencil.size == stencil.cells.bit_length()


def test_there_is_no_closed_form_where_cells_differ_by_phase():
    assert Nearest(None, 2.0).stencil(10) is None
    assert Weighted(None, 2.0, align_corners=False).stencil(10) is None
    assert Weighted(5, None, align_corners=True, cubic=True).stencil(cc.symbol("H")) is None
    assert Antialiased(None, 1.5, align_corners=False, support=2).stencil(10) is None
