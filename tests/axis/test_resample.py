"""Resampling: rounding in single precision where it shows, closed forms and phases against single cells, symbols, limits."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from maps_by_hand import agrees, cells, repeats

import cnncalc as cc
from cnncalc.axis.resample import LARGEST_DENOMINATOR, Antialiased, Nearest, Weighted, meant_by, scaled_length, single
from cnncalc.phases import MOST_PHASES, Phases
from cnncalc.sizes import substitute, symbol
from cnncalc.stencil import IDENTITY

H, M, S = map(symbol, "hms")


def every_kind(size, scale):
    """A map of each kind with that size or scale: name, map, how far it reads on either side of its place in steps."""
    yield "nearest", Nearest(size, scale), 1
    yield "nearest, small", Nearest(size, scale, small=True), 1
    yield "exact", Nearest(size, scale, exact=True), 1
    yield "exact, small", Nearest(size, scale, exact=True, small=True), 1
    for align_corners in (False, True):
        aligned = ", aligned" * align_corners
        yield f"linear{aligned}", Weighted(size, scale, align_corners=align_corners), 1
        yield f"cubic{aligned}", Weighted(size, scale, align_corners=align_corners, cubic=True), 2
        for support in (1, 2, 3):
            yield f"filter {support}{aligned}", Antialiased(size, scale, align_corners=align_corners, support=support), support


# -- lengths ----------------------------------------------------------------------------------------------------


def test_a_symbolic_scale_is_a_whole_one():
    for n, s in product((1, 5), (1, 2, 7)):
        assert substitute(scaled_length(n, S), {"s": s}) == n * s == substitute(scaled_length(H, S), {"h": n, "s": s})
    assert Nearest(None, S).length(4) == 4 * S


def test_a_length_is_the_size_or_the_scaled_one():
    for _, axis_map, _ in every_kind(7, None):
        assert axis_map.length(5) == 7
        assert axis_map.working(5) == ("m", "7")
    for _, axis_map, _ in every_kind(None, 1.5):
        assert axis_map.length(5) == 7
        assert axis_map.length(H) == (3 * H) // 2
        assert axis_map.working(5) == ("⌊n·s⌋", "⌊5·1.5⌋")


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e6, 1 / 2**19, 2**18 + 0.5, 1000 + 1 / 512])
def test_the_length_of_a_symbol_is_exact_for_short_fractions(scale):
    """Of a numerator and denominator that a product in double precision does not round."""
    length = scaled_length(H, scale)
    for n in (1, 7, 10**6 + 3):
        assert substitute(length, {"h": n}) == n * Fraction(scale) // 1 == scaled_length(n, scale)


@pytest.mark.parametrize("scale", [1e6 + 1, 1 / 2**20, 2**19 + 0.5, 1000 + 1 / 1024, -0.5])
def test_the_length_of_a_symbol_is_refused_for_longer_ones(scale):
    with pytest.raises(cc.UnsupportedError, match="rests on how a floating-point product is rounded"):
        scaled_length(H, scale)


def test_a_length_is_a_64_bit_number():
    """As torch has it: its own refusal, where it would not take memory."""
    assert scaled_length(2**63 - 1, 1) == 2**63 - 1
    assert scaled_length(1, 2.0**62) == 2**62
    for n, scale in ((2**63, 1), (2, 2.0**62), (-(2**63), 1), (1, float("inf")), (1, float("nan"))):
        with pytest.raises(cc.ShapeError, match="the output's length must be a 64-bit number"):
            scaled_length(n, scale)


def test_a_scale_stands_for_fractions_of_small_denominators():
    for bottom in (3, 999_983, LARGEST_DENOMINATOR):
        assert meant_by(1 / bottom) == Fraction(1, bottom)
    for scale in (1 / 1_000_003, 1 / (LARGEST_DENOMINATOR + 1)):
        assert meant_by(scale) == Fraction(scale)
    assert LARGEST_DENOMINATOR == 1_000_000


# -- cells ------------------------------------------------------------------------------------------------------

#: Torch's mode for a map, and whether with antialias.
MODES = {
    **dict.fromkeys(("nearest", "nearest, small"), ("nearest", False)),
    **dict.fromkeys(("exact", "exact, small"), ("nearest-exact", False)),
    "linear": ("bilinear", False), "cubic": ("bicubic", False),
    "filter 1": ("bilinear", True), "filter 2": ("bicubic", True), "filter 3": ("lanczos", True),
}  # fmt: skip


def of_torch(name, n, size, scale):
    """The cells that torch makes each cell of: one image for each input cell that is 1 in a column of zeros."""
    torch = pytest.importorskip("torch")
    mode, antialias = MODES[name.removesuffix(", aligned")]
    width = 200 if mode.startswith("nearest") and "small" not in name else 2
    x = torch.eye(n, dtype=torch.float64).view(1, n, n, 1).expand(1, n, n, width).contiguous()
    sizes, scales = (None, (scale, 1.0)) if size is None else ((size, width), None)
    aligned = None if mode.startswith("nearest") else "aligned" in name
    image = torch.nn.functional.interpolate(x, sizes, scales, mode, aligned, antialias=antialias)[0, :, :, 0]
    return [(image[:, i].abs() > 1e-9).nonzero().flatten().tolist() for i in range(image.shape[1])]


SMALL = [(size, None) for size in (1, 2, 3, 4, 5, 6, 7, 10)]
SMALL += [(None, scale) for scale in (0.3, 0.5, 0.7, 1.0, 1.1, 1.24, 1.5, 2.0, 2.1, 2.24, 3.0)]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_cells_are_those_of_torch(n):
    """Among the scales are some that leave the length or just double it: there torch copies, in the kernel for small images."""
    for size, scale in SMALL:
        if size or int(n * scale):
            for name, axis_map, _ in every_kind(size, scale):
                if name != "filter 3, aligned":
                    agrees(axis_map, n, of_torch(name, n, size, scale))


@pytest.mark.parametrize(("n", "m"), [(2, 41), (2, 47), (4, 82), (2, 121)])
def test_the_exact_nearest_cell_of_a_small_image_is_rounded_once_less(n, m):
    """Where a place lies between two cells, torch's kernel for small images picks another than the one for large ones."""
    torch = pytest.importorskip("torch")
    picked = []
    for width in (1, 128):
        x = torch.arange(n, dtype=torch.float32).view(1, 1, n, 1).expand(1, 1, n, width).contiguous()
        expected = torch.nn.functional.interpolate(x, (m, width), mode="nearest-exact")[0, 0, :, 0].int().tolist()
        found = Nearest(m, None, exact=True, small=width == 1)
        assert [cells(found.reads(1 << i, n)) for i in range(m)] == [[cell] for cell in expected]
        picked.append(expected)
    assert picked[0] != picked[1]


@pytest.mark.parametrize(("n", "m", "exact"), [(1, 2**24 - 1, False), (3, 2**23 - 1, True)])
def test_no_cell_outside_is_read_however_far_rounding_goes(n, m, exact):
    """The place of the last cell is rounded up to n, which is no cell."""
    r = single(n / m)
    assert (single(single(r * (m - 0.5) - 0.5) + 0.5) if exact else single(r * (m - 1))) == n
    assert Nearest(m, None, exact=exact).reads(1 << (m - 1), n) == 1 << (n - 1)


# -- on an endless axis -----------------------------------------------------------------------------------------

#: Sizes and scales of 60 cells, each with its step and its step with aligned corners.
STEPS = [
    (60, None), (30, None), (20, None), (12, None), (10, None), (120, None), (180, None), (45, None), (80, None), (119, None),
    (None, 1.0), (None, 0.5), (None, 1 / 3), (None, 0.2), (None, 2.0), (None, 3.0), (None, 0.75), (None, 0.6), (None, 1.5),
    (None, 1.01), (None, 2.01), (None, 0.29),
]  # fmt: skip


@pytest.mark.parametrize(("size", "scale"), STEPS)
def test_closed_forms_and_phases_are_the_cells_far_from_borders(size, scale):
    n = 60
    m = size or int(n * scale)
    asked = Fraction(n, m) if scale is None else 1 / meant_by(scale)
    for name, axis_map, support in every_kind(size, scale):
        r = Fraction(n - 1, m - 1) if "aligned" in name else asked
        copies = m == n and name not in {"nearest", "exact", "exact, small", "cubic", "cubic, aligned"}
        reach = support * max(r, 1) + 2
        inside = [i for i in range(m) if reach <= r * i and r * (i + 1) + reach < n]
        assert inside
        repeats(axis_map, n, inside)
        assert (axis_map.stencil(n) is not None) == (copies or r.denominator == 1), name
        if copies:
            assert axis_map.stencil(n) == IDENTITY
            assert axis_map.phases(n) == Phases.of(IDENTITY)
        elif "aligned" in name:
            assert (axis_map.phases(n) is not None) == (r.denominator == 1)
        elif name.startswith(("nearest", "exact")):
            half = Fraction(name.startswith("exact"), 2)
            exactly = all(cells(axis_map.reads(1 << i, n)) == [min(int(r * (i + half)), n - 1)] for i in range(m))
            assert (axis_map.phases(n) is not None) == exactly
        else:
            assert axis_map.phases(n) is not None
        if axis_map.phases(n) is not None:
            assert axis_map.phases(n).stride == (1 if copies else r)


def test_aligned_corners_of_one_cell_have_no_step():
    for name, axis_map, _ in every_kind(1, None):
        if "aligned" in name:
            assert axis_map.stencil(9) is None is axis_map.phases(9), name
            assert cells(axis_map.reads(1, 9)) == [0] if "filter" not in name else True
    for _, axis_map, _ in every_kind(1, None):
        assert axis_map.reads(1, 1) == 1


def test_behind_symbols_a_scale_says_the_step():
    for scale in (0.5, 0.25, 0.125, 2.0, 1.0, 4.0, 0.75):
        r = 1 / meant_by(scale)
        for name, axis_map, _ in every_kind(None, scale):
            known = r == 1 or "aligned" not in name
            assert (axis_map.stencil(H) is not None) == (known and r.denominator == 1), (name, scale)
            if axis_map.stencil(H) is not None:
                # 240 cells stand for an endless axis.
                assert axis_map.stencil(H) == axis_map.stencil(240)
                assert axis_map.phases(H) == axis_map.phases(240)
            elif "nearest" in name:
                assert axis_map.phases(H) == (axis_map.phases(240) if r.numerator == 1 else None)
            elif not known or "exact" in name:
                assert axis_map.phases(H) is None
            else:
                assert axis_map.phases(H) == axis_map.phases(240)


def test_behind_symbols_a_size_says_the_step_only_where_it_is_the_length():
    for name, axis_map, _ in every_kind(H, None):
        assert axis_map.stencil(H) == IDENTITY, name
        assert axis_map.phases(H) == Phases.of(IDENTITY), name
    for size, n in ((M, H), (5, H), (M, 5)):
        for name, axis_map, _ in every_kind(size, None):
            assert axis_map.stencil(n) is None is axis_map.phases(n), name
    for name, axis_map, _ in every_kind(None, S):
        assert axis_map.stencil(H) is None is axis_map.phases(H), name


def test_whatever_the_length_the_nearest_cell_is_exact_where_no_multiple_is_rounded_down():
    """With ⌊i/q⌋ as it should be, 1/q rounded to single precision times q is rounded to 1, and so are its multiples."""
    refused = []
    for q in range(2, MOST_PHASES + 1):
        one = single(1 / q)
        phases = Nearest(None, float(q)).phases(H)
        if phases is None:
            refused.append(q)
        else:
            assert (phases.period, phases.step) == (q, 1)
        wrong = [
            a for a in (1, 2, 3, 5, 64, 1000, 4095) if int(single(one * (q * a))) != a or int(single(one * (q * a - 1))) != a - 1
        ]
        assert bool(wrong) == (phases is None), q
    assert 41 in refused
    assert 601 not in refused  # the tie: 601 times the rounded 1/601 is 1 − 2⁻²⁵


def test_what_varies_says_why():
    drift, differ = "aligns the corners, so that its windows drift over the image", "has windows that differ from cell to cell"
    for name, axis_map, _ in every_kind(7, None):
        nearest = name.startswith(("nearest", "exact"))
        expected = drift if "aligned" in name else "picks cells that rounding in single precision moves" if nearest else differ
        assert axis_map.why_varying(10) == expected
        assert axis_map.why_varying(H) == (drift if "aligned" in name else differ)
