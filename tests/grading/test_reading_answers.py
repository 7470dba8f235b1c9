"""One typed answer, read: equivalence, not spelling; what can't be read is asked for again, with the reason."""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.grading.answers import read, read_steps, split_steps
from cnncalc.grading.unreadable import REASONS, UnreadableAnswer

sys.path.insert(0, str(Path(__file__).parent))

import renderings

N = cc.symbol("N")
k = cc.symbol("k")

READ = [
    # The same count, as the course's grading table lists it.
    ("count", "55018", 55018),
    ("count", "55,018", 55018),
    ("count", "55 018", 55018),
    ("count", "۵۵۰۱۸", 55018),
    ("count", "۵۵٬۰۱۸", 55018),
    ("count", "55\u00a0018", 55018),
    ("count", "55\u202f018", 55018),
    ("count", "55_018", 55018),
    ("count", "14048+40970", 55018),
    ("count", "14048 + 40970 = 55018", 55018),
    ("count", "16*5*5*3 + 16", 1216),
    ("count", "16x5x5x3 + 16", 1216),
    ("count", "16·(5^2·3 + 1)", 1216),
    ("count", "-(3 - 5)", 2),
    ("count", "۱۲۱۶ پارامتر", 1216),
    ("count", "1216 params", 1216),
    ("pixels", "16x16 = 256 pixels", 256),
    ("pixels", "۱۶ در ۱۶", 256),
    ("shape", "16x63x63", (16, 63, 63)),
    ("shape", "۱۶×۶۳×۶۳", (16, 63, 63)),
    ("shape", "[16, 63, 63]", (16, 63, 63)),
    ("shape", "(1, 16, 63, 63)", (1, 16, 63, 63)),
    ("shape", "torch.Size([1, 16, 63, 63])", (1, 16, 63, 63)),
    ("shape", "None x 63 x 63 x 16", (63, 63, 16)),
    ("shape", "16 * 63 * 63", (16, 63, 63)),
    ("shape", "16x(64-2+1)x63", (16, 63, 63)),
    ("shape", "[4*4, 63, 64 - 1]", (16, 63, 63)),
    ("shape", "512,128,128", (512, 128, 128)),
    ("shape", "1,024x16x16", (1024, 16, 16)),
    ("shape", "16x63x63 (CxHxW)", (16, 63, 63)),
    ("shape", "4096", (4096,)),
    ("side", "36", 36),
    ("side", "36x36", (36, 36)),
    ("side", "36, 36", (36, 36)),
    ("side", "128,128", (128, 128)),
    ("side", "1,296", 1296),
    ("side", "32 + 4", 36),
    ("side", "36x36 = 1296", (36, 36)),
    ("side", "6x6", (6, 6)),
    ("poly", "N + 192", N + 192),
    ("poly", "192+N", N + 192),
    ("poly", "n+192", N + 192),
    ("poly", "64 + 128 + N", N + 192),
    ("poly", "2(N + 96) - N", N + 192),
    ("poly", "32+3k", 3 * k + 32),
    ("poly", "32 + 3*k", 3 * k + 32),
    ("poly", "32+3xk", 3 * k + 32),
    ("poly", "۳۲+۳k", 3 * k + 32),
    ("poly", "(k+1)^2 - k^2 - 2k", 1),
]
UNREADABLE = [
    ("count", "", "empty"),
    ("count", "\u200f \u2069", "empty"),
    ("count", "55.018", "decimal"),
    ("count", "55٫018", "decimal"),
    ("shape", "1.024x16x16", "decimal"),
    ("count", "55,01", "groups"),
    ("count", "5_5018", "groups"),
    ("count", "55 01", "neighbours"),
    ("shape", "16 63 63", "neighbours"),
    ("shape", "512 128 128", "neighbours"),
    ("count", "16²", "superscript"),
    ("count", "½", "superscript"),
    ("count", "1/2", "division"),
    ("count", "1e5", "word"),
    ("poly", "C + 192", "word"),
    ("count", "about 36", "word"),
    ("count", "36 | 64", "character"),
    ("count", "36 = 37", "unequal"),
    ("shape", "16x63x63 = 5", "unequal"),
    ("count", "2 +", "form"),
    ("count", "()", "form"),
    ("count", "(2", "form"),
    ("count", "2)", "form"),
    ("shape", "[[16, 63]]", "form"),
    ("shape", "16x63x63+1", "sum_in_shape"),
    ("count", "[1, 2]", "shape_for_number"),
    ("count", "9" * 20, "large"),
    ("count", "9*" * 60 + "9", "large"),
    ("poly", "N*" * 60 + "N", "large"),
    ("count", "9**9**9", "exponent"),
    ("count", "2^5", "exponent"),
    ("poly", "2^N", "exponent"),
    ("count", "(" * 21 + "1" + ")" * 21, "deep"),
    ("count", "1" * 201, "long"),
    # Code is no expression.
    ("count", "__import__('os').getcwd()", "character"),
    ("count", "().__class__", "character"),
    ("count", "lambda: 0", "word"),
    ("count", "factorial(10**8)", "word"),
    ("count", "10**10**7", "exponent"),
    ("count", "{}", "character"),
    ("count", "[x for x in 1]", "word"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_read(kind, text, value):
    found = read(text, kind, ("N", "k") if kind == "poly" else ()).value
    assert (found == value) is True
    assert type(found) is type(value)


@pytest.mark.parametrize(("kind", "text", "reason"), UNREADABLE)
def test_unreadable(kind, text, reason):
    with pytest.raises(UnreadableAnswer) as raised:
        read(text, kind, ("N",) if kind == "poly" else ())
    assert raised.value.reason == reason


def test_reasons_speak_every_language():
    for texts in REASONS.values():
        assert set(texts) == {"en", "fa"}
        assert all(texts.values())
        assert ("{got}" in texts["en"]) == ("{got}" in texts["fa"])


def test_one_decimal_fraction_where_a_size_is_asked():
    """63.5 is the unrounded side: it names its slip. Elsewhere, and with three digits, a point is asked about."""
    half = Fraction(127, 2)
    assert read("16x63.5x63.5", "shape", fractions=True).value == (16, half, half)
    assert read("۶۳٫۵", "side", fractions=True).value == half
    assert read("16x63.0x63.0", "shape", fractions=True).value == (16, 63, 63)
    with pytest.raises(UnreadableAnswer):
        read("63.5", "count")


def test_labels_and_units():
    answer = read("32 (before pooling)", "side")
    assert (answer.value, answer.label) == (32, "before pooling")
    assert read("2(N+1)", "poly", ("N",)).label == ""
    assert read("16 pixels", "channels").unit == "pixels"


def test_steps():
    assert split_steps("5, 6, 14") == ["5", "6", "14"]
    assert split_steps("۵ → ۶ → ۱۴") == ["۵", "۶", "۱۴"]
    assert split_steps("[5 6 14]") == ["5", "6", "14"]
    assert read_steps(["5", "6x6", "۱۴"]) == (5, 6, 14)


@given(st.data(), st.integers(0, 10**12))
def test_a_count_in_any_dress(data, number):
    text = data.draw(renderings.counts(number))
    assert read(text, "count").value == number


@given(st.data(), st.lists(st.integers(1, 5000), min_size=2, max_size=4).map(tuple))
def test_a_shape_in_any_dress(data, shape):
    found = read(data.draw(renderings.shapes(shape)), "shape").value
    # The batch may be written as a number; channels may stand last.
    body = found[1:] if len(found) == len(shape) + 1 else found
    assert body in {shape, (*shape[1:], shape[0])}


@given(
    text=st.text(max_size=220),
    kind=st.sampled_from(["count", "shape", "side", "poly", "pixels", "channels"]),
    fractions=st.booleans(),
)
@example(text="x" * 200, kind="shape", fractions=False)
@example(text="((((" * 50, kind="side", fractions=False)
@example(text="1x" * 100, kind="shape", fractions=False)
@example(text="N" * 200, kind="poly", fractions=False)
@example(text="-" * 200, kind="count", fractions=False)
@example(text="(N+1)^4" * 28, kind="poly", fractions=False)
@example(text="(N+k)*" * 30 + "1", kind="poly", fractions=False)
@example(text="1 " * 100, kind="side", fractions=True)
@example(text="=" * 200, kind="side", fractions=True)
def test_anything_is_read_or_asked_again(text, kind, fractions):
    """Whatever is typed: a value within bounds, or a reason. Never another error, and never long."""
    begin = time.process_time()
    try:
        answer = read(text, kind, ("N", "k"), fractions=fractions)
    except UnreadableAnswer as problem:
        reasons = [problem.text(language) for language in ("en", "fa")]
    else:
        reasons = ["read"]
        for value in answer.candidates:
            for part in value if isinstance(value, tuple) else (value,):
                numbers = part.terms.values() if hasattr(part, "terms") else (part,)
                assert all(abs(number) <= 1 << 63 for number in numbers)
    assert all(reasons)
    assert time.process_time() - begin < 1


ALPHABET = st.sampled_from([*"0123456789۰۹ +-*x×^().,٬[]=Nk_/'٫", "**", "63", "128", " x ", "در"])


@given(st.lists(ALPHABET, max_size=60).map("".join), st.sampled_from(["count", "shape", "side", "poly"]))
def test_anything_that_looks_like_arithmetic(text, kind):
    test_anything_is_read_or_asked_again.hypothesis.inner_test(text, kind, fractions=True)
