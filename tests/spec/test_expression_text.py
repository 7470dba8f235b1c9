"""Sizes as text: what is written is read back, what is read is what Python works out, and the rest is refused at once."""

from __future__ import annotations

import time

import pytest
from drawing.formulas import NAMES, numerically, trees, worked_out
from hypothesis import example, given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sizes import Expr, expression, is_readable, plain_text, symbol
from cnncalc.spec import dumps, loads, parse, to_text

SYMBOLS = {name: symbol(name) for name in NAMES}
H, W = SYMBOLS.values()


def terms(size):
    """What tells sizes apart."""
    return size.terms if isinstance(size, Expr) else size


@example(("+", "H", ("floor", -1, "H")), {})
@example(("-", "H", ("floor", "H", 2)), {})
@given(trees(), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9)))
def test_what_is_written_is_read_back(tree, minima):
    size = worked_out(tree, {name: symbol(name, minima.get(name, 1)) for name in NAMES})
    if not isinstance(size, Expr):
        return
    for values in ({"H": 9, "W": 9}, {"H": 10, "W": 31}):
        assert eval(plain_text(size), {}, values) == numerically(tree, values)  # noqa: S307 - our own output
    used = {name: least for name, least in size.minima.items() if least != 1}
    assert terms(expression(plain_text(size), **used)) == size.terms
    layer = cc.ZeroPad2d((size, 0, 1, 1))
    for back in (parse(repr(layer)), parse(to_text(layer)), loads(dumps(layer))):
        assert terms(back.arguments["padding"][0]) == size.terms
    assert repr(parse(repr(layer))) == repr(layer)


def in_python(tree):
    """A tree in Python's own writing."""
    if not isinstance(tree, tuple):
        return str(tree)
    operation, left, right = tree
    left, right = in_python(left), in_python(right)
    if operation == "ceil":
        return f"-(-({left})//({right}))"
    return f"({left}) {'//' if operation == 'floor' else operation} ({right})"


@given(trees())
@example(("*", ("-", 0, "H"), ("%", "H", -3)))
def test_text_means_what_it_means_in_python(tree):
    text = in_python(tree)
    size = expression(text)
    for values in ({"H": 1, "W": 1}, {"H": 7, "W": 3}, {"H": 12, "W": 60}):
        expected = numerically(tree, values)
        assert eval(text, {}, values) == expected  # noqa: S307 - the test's own text
        assert (size.subs(values) if isinstance(size, Expr) else size) == expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2*C", 2 * symbol("C")), ("C//2", symbol("C") // 2), ("C+1", symbol("C") + 1), (" - p ", -symbol("p")), ("12", 12),
        ("-k**2", -(symbol("k") ** 2)), ("(-k)**2", symbol("k") ** 2), ("2**10", 1024), ("7 - 3 - 2", 2), ("7//2//2", 1),
        ("-7//2", -4), ("-7%3", 2), ("--C", symbol("C")), ("C**0", 1), ("C - C", 0),
    ],
)  # fmt: skip
def test_the_signs(text, size):
    assert terms(expression(text)) == terms(size)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9", "C**17", "C**C", "C**-1", "C**(2)", "(9**16)**16", "((9**16)**15)**16", "9*" * 400 + "C",
        "(C + 1)**16" + "*(F + 1)**16" * 9,
        "9" * 19, "", " ", "2C", "2 C", "C F", "C +", "*C", "(C", "C)", "C/2", "C.real", "C[0]", "f(C)", "C==1", "C if C else 1",
        "lambda: C", "__import__('os')", "C\n+\x001", "é", "²", "C²", "1.5", "1e3", "0x10", "1_000", "a" * 33, "C//0", "C%0",
        "C//(F - F)", "(" * 41 + "C" + ")" * 41, "-" * 20_000 + "C",
        "2*C//3*" * 200 + "C", "+".join(f"a{n}" for n in range(2001)),
        "*".join(f"a{n}" for n in range(40)), None, 3, b"C",
    ],
)  # fmt: skip
def test_anything_else_is_refused_at_once(text):
    started = time.process_time()
    with pytest.raises(cc.CnncalcError) as caught:
        expression(text)
    assert time.process_time() - started < 0.5
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


@given(st.text(st.sampled_from("CF12()+-*/% 9**//"), max_size=40) | st.text(max_size=30))
def test_any_text_is_a_size_or_refused(text):
    try:
        size = expression(text)
    except cc.CnncalcError:
        return
    assert isinstance(size, (int, Expr))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9**9**9", "expression, column 5: a power can't be raised again; got '**'; write for example"),
        (
            "C/2",
            "expression, column 2: this character has no meaning in an expression; got '/'; // is the quotient, rounded down",
        ),
        ("2C", "expression, column 2: a sign or the end is expected here; got 'C'; write for example"),
        ("C//0", "expression, column 5: 0 divides nothing"),
    ],
)
def test_errors_say_where(text, message):
    with pytest.raises(cc.SpecError) as caught:
        expression(text)
    assert str(caught.value).startswith(message)


def test_minima_belong_to_symbols_that_occur():
    assert cc.expression("2*p + 1", p=0).minima == {"p": 0}
    with pytest.raises(cc.SpecError, match="a minimum is given for a symbol that does not occur; got q"):
        cc.expression("2*p + 1", q=0)
    with pytest.raises(cc.CnncalcError, match="the minimum of a symbol"):
        cc.expression("2*p + 1", p=-1)


def test_a_name_with_two_minima_has_no_written_form():
    mixed = symbol("p") + symbol("p", 0)
    assert not is_readable(mixed)
    assert not is_readable(symbol("p") ** 40)  # beyond the limits of what is read
    with pytest.raises(cc.SpecError, match="this formula has no JSON form"):
        dumps(cc.ZeroPad2d(mixed))


def test_layers_and_shapes_take_them():
    layer = cc.parse('Conv2d("C", "2*C", 3, stride="s + 1")')
    shape = layer.output_shape(("N", "C", "2*H + 1", "W"))
    assert str(shape) == "(N, 2·C, ⌊2·(H − 1)/(s + 1)⌋ + 1, ⌊(W − 3)/(s + 1)⌋ + 1)"
    assert cc.put_in(layer, C=3, s=1).output_shape((1, 3, 9, 9)) == cc.Conv2d(3, 6, 3, 2).output_shape((1, 3, 9, 9))


@pytest.mark.parametrize("given_size", ["3", "2*3", "-1", "", "C x", "padding"])
def test_a_number_in_quotes_stays_an_error(given_size):
    if given_size == "padding":
        with pytest.raises(cc.ArgumentError):
            cc.Conv2d(3, 8, 3, padding=given_size)
    else:
        for call in (lambda: cc.Conv2d(3, 8, given_size), lambda: cc.ReLU().output_shape((given_size, 3))):
            with pytest.raises(cc.CnncalcError):
                call()


def test_statements_take_expressions_as_arguments_of_a_call():
    net = cc.parse('x = input\nreshape(x, [expression("2*N"), symbol("C")])')
    assert cc.parse(to_text(net)).steps[0].inputs[1] == [2 * symbol("N"), symbol("C")]
    assert str(cc.analyze(net, ("N", "2*C")).output_shape) == "(2·N, C)"
