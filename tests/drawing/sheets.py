"""A small sheet, and sheets with some of their lines changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path


SHEET = """\
format = "cnncalc.sheet/1"

[sheet]
id = "small"
version = 1
title.en = "A small sheet"
title.fa = "برگه‌ای کوچک"
languages = ["en", "fa"]
include = []
policy.bias = "expected"

[[question]]
id = "s1"
marks = 10
title.en = "One convolution"
title.fa = "یک کانولوشن"
text.en = "An image of {image}×{image} pixels."
text.fa = "تصویری {image}×{image} پیکسلی."

[question.params]
image = { default = 8, variants = [8, 16] }

[question.net.base]
input = "3x{image}x{image}"
layers = "conv = Conv2d(3, 4, 3)"

[question.net.more]
extends = "base"
layers = "pool = MaxPool2d(2)"
train = "conv"

[[question.part]]
id = "s1.a"
title.en = "Part"
title.fa = "بخش"
text.en = "Count."
text.fa = "بشمارید."

[[question.ask]]
id = "s1.a.channels"
marks = 5
kind = "channels"
text.en = "How many channels?"
text.fa = "چند کانال؟"
answer = { quantity = "channels", net = "more", at = "conv" }
golden = 4

  [question.ask.claim]
  value = 3
  note.en = "The input's."
  note.fa = "کانال‌های ورودی."

  [[question.ask.accept]]
  answer = { quantity = "side", net = "more" }
  credit = 0.5
  golden = 3
  note.en = "the side"
  note.fa = "ضلع"

  [[question.ask.misconception]]
  id = "s1.own"
  answer = { quantity = "side", net = "base" }
  credit = 0.25
  text.en = "That is the side."
  text.fa = "این ضلع است."

[[question.ask]]
id = "s1.b"
marks = 5
kind = "text"
text.en = "Why?"
text.fa = "چرا؟"
model.en = "Because."
model.fa = "چون."

  [[question.ask.rubric]]
  point.en = "a reason"
  point.fa = "یک دلیل"
  required = true

[[question.fact]]
id = "s1.fact"
text.en = "The side is {value}."
text.fa = "ضلع {value} است."
answer = { quantity = "side", net = "base" }
golden = 6
"""


def written(folder: Path, text: str, name: str = "small.toml") -> Path:
    """A sheet in a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


VALUES = st.sampled_from(
    (
        '""', '"x"', "0", "-1", "1.5", "nan", "inf", "true", "[]", "[1]", '["x"]', "[[]]", "{}", "{a = 1}", "1979-05-27",
        '"999999999999999999999999999999999999999999"',
    )
)  # fmt: skip
KEYS = st.sampled_from(
    ["id", "marks", "kind", "text.en", "answer", "golden", "net", "value", "trace", "split", "follow", "option"]
)


@st.composite
def changed(draw: Any, text: str) -> str:
    """A sheet with up to three lines removed, doubled, or given another value."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["remove", "double", "value", "value", "value", "add"]))
        if how == "remove":
            lines[index] = ""
        elif how == "double":
            lines.insert(index, lines[index])
        elif how == "add":
            lines.insert(index, f"{draw(KEYS)} = {draw(VALUES)}")
        else:
            lines[index] = re.sub(r"= .*", lambda _: f"= {draw(VALUES)}", lines[index], count=1)
    return "\n".join(lines)
