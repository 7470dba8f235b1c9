"""Shapes as people write them on the command line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.spec import parse_shape

NAMES = st.from_regex(r"[A-Z][a-w0-9_]{0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1x3x224x224", (1, 3, 224, 224)),
        ("1×3×224×224", (1, 3, 224, 224)),
        ("(1, 3, 8, 8)", (1, 3, 8, 8)),
        ("[1,3,8,8]", (1, 3, 8, 8)),
        ("1 3 8 8", (1, 3, 8, 8)),
        (" 1 x 3 x 8 x 8 ", (1, 3, 8, 8)),
        ("(7,)", (7,)),
        ("7", (7,)),
        ("0x3", (0, 3)),
        ("۱×۳×۸", (1, 3, 8)),
    ],
)
def test_numbers(text, shape):
    assert parse_shape(text) == shape


@pytest.mark.parametrize("text", ["Nx3xHxW", "N×3×H×W", "(N, 3, H, W)", "N, 3, H, W"])
def test_names_are_symbols(text):
    assert parse_shape(text) == (cc.symbol("N"), 3, cc.symbol("H"), cc.symbol("W"))


@pytest.mark.parametrize("text", ["Nx2*Cx(H - 1)//2xW", "N, 2*C, (H - 1)//2, W", "(N,2*C,(H-1)//2,W)"])
def test_sizes_may_be_formulas(text):
    n, c, h, w = map(cc.symbol, ("N", "C", "H", "W"))
    assert parse_shape(text) == (n, 2 * c, (h - 1) // 2, w)


def test_behind_commas_an_x_is_a_letter():
    assert parse_shape("max, 3") == (cc.symbol("max"), 3)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "xx", "()", "3H", "-1x3", "1.5x3", "1e3", "+1", "1x", "1x3x", "x1", "1xx3", "1,,3", "1x3x²", "1x3x①", "Nxé",
        "1x3;4", "1x3\x00", "1x\udcff", "None", "1x3x" * 300_000, "9" * 10**6, "1x" * 16 + "1", "1" + "0" * 18, "a" * 33,
        "__import__('os')", "((1, 3)", "(1, 3]", "1, (3, 4)", "1x3)", "H/2", "1/2",
            "9**9**9", "H**99", "Nx2**3", "HxW*", "H//0", "(Hx3", "2*3",
    ],
)  # fmt: skip
def test_anything_else_is_refused_quickly(text):
    started = time.process_time()
    with pytest.raises(cc.CnncalcError) as caught:
        parse_shape(text)
    assert time.process_time() - started < 0.5
    assert len(str(caught.value)) < 250


@given(st.text())
def test_any_text_gives_a_shape_or_an_error_of_ours(text):
    try:
        shape = parse_shape(text)
    except cc.CnncalcError:
        return
    assert all(isinstance(n, int) or str(n).isidentifier() for n in shape)


@given(st.lists(st.one_of(st.integers(0, 10**6), NAMES), min_size=1, max_size=6), st.sampled_from(["x", "×", ", ", " × "]))
def test_sizes_joined_and_read_again(sizes, joint):
    assert list(map(str, parse_shape(joint.join(map(str, sizes))))) == list(map(str, sizes))


def test_a_mistake_is_explained():
    with pytest.raises(cc.SpecError) as caught:
        parse_shape("1x3x-8")
    assert str(caught.value) == (
        "a size is a whole number from 0 on, or a name for a symbol; got '-8' in '1x3x-8'; "
        "write for example 1x3x224x224, or Nx3xHxW for symbols"
    )
