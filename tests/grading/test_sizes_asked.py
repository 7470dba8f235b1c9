"""Which input sizes work, as an ask: a formula in k, judged by its value."""

from __future__ import annotations

import pytest

from cnncalc.grading.checking import check
from cnncalc.grading.grade import grade_submission
from cnncalc.grading.submission import Submission
from cnncalc.sheets.answering import answer
from cnncalc.sheets.loader import load
from cnncalc.sheets.verification import Verifier

SHEET = """
format = "cnncalc.sheet/1"

[sheet]
id = "sizes"
version = 1
languages = ["en"]
title.en = "Sizes that work"

[[question]]
id = "q1"
marks = 2
title.en = "One level of a U-Net"
text.en = "An unpadded convolution, a pooling, an up-convolution, and a concatenation with what went into the pooling."

[question.net.level]
input = "1x32x32"
layers = '''
x = input
a = Conv2d(1, 4, 3)(x)
up = ConvTranspose2d(4, 4, 2, stride=2)(MaxPool2d(2)(a))
out = cat([a, up], dim=1)
'''

[[question.ask]]
id = "q1.sizes"
marks = 2
kind = "poly"
text.en = "Which sides n work? Write n as a formula in k = 0, 1, 2 and so on."
answer = { quantity = "valid_sizes", net = "level" }
golden = "4 + 2k"
"""


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "sizes.toml"
    path.write_text(SHEET, encoding="utf-8")
    return load(path)


def test_the_sheet_is_in_order_and_torch_agrees(sheet):
    verifier = Verifier()
    assert check(sheet, verifier) == []
    assert verifier.disagreements == []


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("4 + 2k", "right"),
        ("2k + 4", "right"),
        ("2*(k + 2)", "right"),
        ("۲k + ۴", "right"),
        ("n", "malformed"),
        ("k + 4", "unexplained"),
        ("2k", "unexplained"),
        ("2k + 3", "unexplained"),
        ("4", "unexplained"),
    ],
)
def test_by_its_value_not_its_spelling(sheet, given, verdict):
    graded = grade_submission(sheet, Submission("s1", "", {}, {"q1.sizes": given}))
    assert graded.asks[0].verdict == verdict


def test_the_working_says_who_asks_for_it(sheet):
    (ask,) = answer(sheet, "q1.sizes", language="en")["asks"]
    assert ask["value"] == "2·(k + 2)"
    assert [line.partition(":")[0] for line in ask["working"][:-1]] == ["a", "maxpool2d", "out"]
    assert ask["working"][-1] == "n ≡ 0 (mod 2), n ≥ 4, so n = 4 + 2·k with k = 0, 1, 2, …"
