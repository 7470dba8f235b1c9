"""Ways in which a right value may be typed: digits, thousands marks, sums, orders, separators."""

from __future__ import annotations

from hypothesis import strategies as st

LATIN, PERSIAN, ARABIC, DEVANAGARI, FULLWIDTH = "0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"
SCRIPTS = (LATIN, PERSIAN, ARABIC, DEVANAGARI, FULLWIDTH)
MARKS = ("", ",", "٬", " ", "\u00a0", "\u202f", "_", "'")
JOINS = ("x", "X", "×", "*", " x ", " × ", "·", " در ", " by ")
WRAPS = ("{}", " {} ", "\u2066{}\u2069", "\u202b{}\u202c", "\u200f{}", "{}.", "`{}`", "= {}")


@st.composite
def digits(draw, number, marks=MARKS):
    """A whole number in some script, its thousands marked in some way."""
    mark = draw(st.sampled_from(marks))
    script = draw(st.sampled_from(SCRIPTS))
    return f"{number:,}".replace(",", mark).translate(str.maketrans(LATIN, script))


@st.composite
def counts(draw, number):
    """A count: the number, or a sum or a product that comes to it."""
    form = draw(st.sampled_from(["plain", "sum", "product", "difference", "equation", "unit"]))
    part = draw(st.integers(0, max(number, 0)))
    if form == "sum":
        text = f"{draw(digits(part))} + {draw(digits(number - part))}"
    elif form == "difference":
        text = f"{draw(digits(number + part))} - {draw(digits(part))}"
    elif form == "product":
        factor = draw(st.integers(1, 50))
        text = f"{draw(digits(factor))} * {draw(digits(number // factor))} + {draw(digits(number % factor))}"
    elif form == "equation":
        text = f"{draw(digits(part))} + {draw(digits(number - part))} = {draw(digits(number))}"
    elif form == "unit":
        text = f"{draw(digits(number))} {draw(st.sampled_from(['parameters', 'params', 'پارامتر']))}"
    else:
        text = draw(digits(number))
    return draw(st.sampled_from(WRAPS)).format(text)


@st.composite
def shapes(draw, shape):
    """A shape: joined or listed, with a batch or without, channels first or last."""
    sizes = list(shape)
    if len(sizes) > 1 and draw(st.booleans()):
        sizes = [*sizes[1:], sizes[0]]
    batch = draw(st.sampled_from(["", "1", "None", "B"]))
    items = ([batch] if batch else []) + [draw(digits(n, marks=("",))) for n in sizes]
    if draw(st.booleans()):
        text = draw(st.sampled_from(JOINS)).join(items)
    else:
        comma = draw(st.sampled_from([",", ", ", "، "]))
        brackets = draw(st.sampled_from(["[{}]", "({})", "{}", "torch.Size([{}])"]))
        text = brackets.format(comma.join(items))
    return draw(st.sampled_from(["{}", " {} ", "\u2066{}\u2069"])).format(text)
