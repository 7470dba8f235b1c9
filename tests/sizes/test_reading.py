"""Sizes read from text: every limit at the last that is taken and the first that is not, every refusal with its place."""

from __future__ import annotations

from itertools import product
from string import ascii_letters

import pytest

import cnncalc as cc
from cnncalc.sizes import Expr, expression, floor_div, is_readable, names_a_size, substitute, symbol
from cnncalc.sizes.reading import MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT, MAX_FACTORS

C, F, P = symbol("C"), symbol("F"), symbol("p", 0)
#: Short names, more than there may be terms.
NAMES = [*ascii_letters, *(one + other for one, other in product(ascii_letters, ascii_letters))]


def added(count, first=0):
    """A sum of so many symbols."""
    return f"({'+'.join(NAMES[first : first + count])})"


def nested(depth):
    """A quotient in a quotient: ⌊2·⌊2·⌊2·C/3⌋/3⌋/3⌋."""
    return "C" + "*2//3" * depth


AT_THE_LIMIT = [
    ("C".ljust(MAX_CHARACTERS), "C".ljust(MAX_CHARACTERS + 1), "an expression may have 10,000 characters; got 10,001"),
    (
        "(" * MAX_DEPTH + "C" + ")" * MAX_DEPTH,
        "(" * 41 + "C" + ")" * 41,
        "expression, column 42: brackets may be nested 40 deep; got 'C'",
    ),
    ("9" * MAX_DIGITS, "C + " + "9" * 19, "expression, column 5: a number may have 18 digits; got 9999999999999999999…"),
    (f"C**{MAX_EXPONENT}", "C**17", "expression, column 4: an exponent is a whole number from 0 to 16; got '17'"),
    ("(2**16)**15*2**15", "(2**16)**15*2**16", "expression, column 18: the expression gets too large; got ''"),
    ("C*(2**16)**15*2**15+1", "C*(2**16)**16+1", "expression, column 14: the expression gets too large; got '+'"),
    (f"{added(40)}*{added(50, 40)}", f"{added(40)}*{added(50, 40)} + 1", "the expression gets too large"),
    (f"{added(20)}*{added(100, 20)}", f"{added(3)}*{added(667, 3)}", "a product may have 2,000 terms"),
    ("*".join(NAMES[:MAX_FACTORS]), "*".join(NAMES[: MAX_FACTORS + 1]), "the expression gets too large"),
    (nested(MAX_DEPTH), nested(MAX_DEPTH + 1), "quotients may be nested 40 deep"),
    (f"5//({nested(MAX_DEPTH - 1)})", f"5//({nested(MAX_DEPTH)})", "quotients may be nested 40 deep"),
    (f"C%({nested(MAX_DEPTH - 1)})", f"C%({nested(MAX_DEPTH)})", "quotients may be nested 40 deep"),
    (f"5//({nested(MAX_DEPTH - 2)})*2//3", f"5//({nested(MAX_DEPTH - 1)})*2//3", "quotients may be nested 40 deep"),
]


@pytest.mark.parametrize(("taken", "refused", "message"), AT_THE_LIMIT, ids=range(len(AT_THE_LIMIT)))
def test_limits(taken, refused, message):
    assert isinstance(expression(taken), (int, Expr))
    with pytest.raises(cc.SpecError) as caught:
        expression(refused)
    assert message in str(caught.value)


def test_brackets_beside_one_another_are_not_nested():
    assert expression("(C)+" * 50 + "(C)").terms == (51 * C).terms
    assert expression("((C))*" * 3 + "1").terms == (C**3).terms


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C C", "column 3: a sign or the end is expected here; got 'C'"),
        ("(C", "column 3: \")\" is expected here; got ''"),
        ("(C]", "column 3: this character has no meaning in an expression; got ']'"),
        ("C )", "column 3: a sign or the end is expected here; got ')'"),
        ("", "column 1: a number or a symbol is expected here; got ''"),
        ("C +  ", "column 6: a number or a symbol is expected here; got ''"),
        ("C * * F", "column 5: a number or a symbol is expected here; got '*'"),
        ("2**C", "column 4: an exponent is a whole number from 0 to 16; got 'C'"),
        ("2**-1", "column 4: an exponent is a whole number from 0 to 16; got '-'"),
        ("2**", "column 4: an exponent is a whole number from 0 to 16; got ''"),
        ("C**2**2", "column 5: a power can't be raised again; got '**'"),
        ("  C / 2", "column 5: this character has no meaning in an expression; got '/'; // is the quotient, rounded down"),
        ("C; 2", "column 2: this character has no meaning in an expression; got ';'; write for example"),
        ("C + é", "column 5: this character has no meaning in an expression; got '\\xe9'; write for example"),
        ("C//0", "column 5: 0 divides nothing; got ''"),
        ("7 % (C - C) + 1", "column 13: 0 divides nothing; got '+'"),
    ],
)
def test_refusals_say_where(text, message):
    with pytest.raises(cc.SpecError) as caught:
        expression(text)
    assert str(caught.value).startswith(f"expression, {message}")


@pytest.mark.parametrize(("text", "kind"), [(None, "NoneType"), (3, "int"), (b"C", "bytes")])
def test_only_text_is_read(text, kind):
    with pytest.raises(cc.SpecError, match=rf'^an expression is text; got {kind}; write for example "2\*C \+ 1"'):
        expression(text)


def test_text_means_what_it_means_in_python():
    parts = ("C", "-3", "(C - F)", "-C**2", "-+-5", "(7 - C)**2")
    for one, other in product(parts, parts):
        for sign in ("+", "-", "*", "//", "%", " * F - ", " + 2 * ", " - C // ", " % "):
            text = f"{one}{sign}{other}"
            for values in ({"C": 5, "F": 3}, {"C": 1, "F": 2}):
                assert substitute(expression(text), values) == eval(text, {}, values), text  # noqa: S307 - a text of this test


@pytest.mark.parametrize(
    ("text", "value"),
    [("2 ** 10", 1024), ("3**0", 1), ("1**16", 1), ("-2**2", -4), ("7 - 3 - 2", 2), ("20 // 3 // 2", 3), ("2*3%4", 2), ("0", 0)],
)
def test_numbers_alone(text, value):
    size = expression(text)
    assert type(size) is int
    assert size == value


def test_minima():
    assert expression("2*p + C", p=0).minima == {"p": 0, "C": 1}
    assert expression("C//p", p=4, C=2).minima == {"p": 4, "C": 2}
    with pytest.raises(cc.SpecError, match=r"^a minimum is given for a symbol that does not occur; got a, q$"):
        expression("2*p", q=0, p=0, a=3)


def test_what_can_be_read_back():
    for size in (C + 1, P * C, floor_div(C, 2) + F, floor_div(C, F) ** 2, C**MAX_EXPONENT, symbol("long", 9) - C):
        assert is_readable(size) is True
    for size in (P + symbol("p"), C ** (MAX_EXPONENT + 1) + 1, C * 10**MAX_DIGITS, floor_div(P + symbol("p"), 3)):
        assert is_readable(size) is False


@pytest.mark.parametrize("text", ["C", "same", "_", "2*C", "C/2", "C + 1", "(C)", "x%3", "a2", "-C"])
def test_what_is_meant_as_a_size(text):
    assert names_a_size(text) is True


@pytest.mark.parametrize("text", ["", "12", "2*3", "(3)", "C x", "2C", "C.real", "C, F", "-", "٣"])
def test_what_is_not_meant_as_a_size(text):
    assert names_a_size(text) is False
