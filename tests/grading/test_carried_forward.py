"""Errors carried forward: who is right for an earlier wrong answer keeps the marks. Numbers: homework.md, and by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from handing_in import judged

# shape of part 2, parameters of part 2, total of part 3: C·H·W·10 + 10 + parameters
CARRIED = [
    ("16x32x32", "14048", "177898"),
    ("32x32x16", "14048", "177898"),
    ("16x16x16", "19248", "60218"),
    ("16x32x32", "19248", "183098"),
    ("8x16x16", "14048", "34538"),
    ("16x17x17", "14048", "60298"),
]


@pytest.mark.parametrize(("shape", "params", "total"), CARRIED)
def test_carried(shape, params, total):
    found = judged({"q2.2.shape": shape, "q2.2.params": params, "q2.3.total": total})
    assert (found.verdict, found.credit, found.slips) == ("carried", 1, ())
    assert "q2.2" in found.feedback["fa"]


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"q2.2.shape": "16x32x32"}, "177898"),
        ({"q2.2.params": "19248"}, "60218"),
        ({"q2.2.shape": "16 16", "q2.2.params": "19248"}, "60218"),
        ({"q2.2.shape": "16x32x32", "q2.2.params": "14.048"}, "177898"),
    ],
)
def test_an_earlier_ask_without_an_answer_counts_as_right(given, total):
    """What was left out, or can't be read, is taken as right; what is there and wrong is carried."""
    assert judged({**given, "q2.3.total": total}).verdict == "carried"


def test_only_what_was_wrong_is_carried():
    """The same total without an earlier error is a slip; the right total is right whatever came before."""
    assert judged({"q2.2.params": "14048", "q2.3.total": "60218"}).verdict == "slip"
    assert judged({"q2.3.total": "177898"}).verdict != "carried"
    assert judged({"q2.2.shape": "16x32x32", "q2.3.total": "55018"}).verdict == "right"
    assert judged({"q2.2.shape": "16x32x32", "q2.3.total": "177899"}).verdict == "unexplained"


@pytest.mark.parametrize(
    "shape", ["0x0x0", "-1x16x16", "16x16", "16x-16x16", "9223372036854775808x1x1", "16x16.5x16", "5", "16x16x16x16x16"]
)
def test_what_is_no_size_is_not_carried(shape):
    found = judged({"q2.2.shape": shape, "q2.3.total": "1"})
    assert found.verdict in {"slip", "unexplained"}


@given(st.integers(1, 1 << 20), st.integers(1, 1 << 20), st.integers(1, 1 << 20), st.integers(0, 1 << 40))
def test_any_shape_and_count(channels, height, width, params):
    """10·(C·H·W) + 10 + the parameters of before."""
    total = 10 * channels * height * width + 10 + params
    if total > 1 << 63 or total == 55018:
        return
    found = judged({"q2.2.shape": f"{channels}x{height}x{width}", "q2.2.params": str(params), "q2.3.total": str(total)})
    right = (channels, height, width) == (16, 16, 16) and params == 14048
    assert right or found.verdict in {"carried", "accepted"}
