"""Shapes as users write them, sums over them, and the names of symbols: each kind of value taken or refused."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.sizes import as_shape, dot, equal, floor_div, product, recording, refuse_empty, require_lengths, same_shape, symbol

H, W, P = symbol("H"), symbol("W"), symbol("p", 0)


class Indexed:
    """What Python takes as an index: numpy's whole numbers are so."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        """The number."""
        return self.value


def test_shapes():
    assert as_shape((1, 0, 5)) == (1, 0, 5)
    assert as_shape([2, 3]) == (2, 3)
    assert as_shape(n for n in (2, Indexed(7))) == (2, 7)
    assert as_shape(()) == ()
    assert [size.terms for size in as_shape(("H", "2*H + 1", H // 2, "H - 1", W - H, P + 1))] == [
        size.terms for size in (H, 2 * H + 1, floor_div(H, 2), H - 1, W - H, P + 1)
    ]


@pytest.mark.parametrize("shape", [3, "HW", b"HW", {1: 2}, {1, 2}, None, 2.5, object], ids=str)
def test_what_is_no_tuple_is_no_shape(shape):
    with pytest.raises(cc.ArgumentError, match=r"^a shape is a tuple of sizes; got .*; write for example \(1, 3, 224, 224\)$"):
        as_shape(shape)


@pytest.mark.parametrize("size", [2.5, None, True, False, (1,), b"H", [3]], ids=repr)
def test_what_is_no_size(size):
    with pytest.raises(cc.ArgumentError, match=r"^a size is a whole number, or a string with a symbol; got "):
        as_shape((1, size))


@pytest.mark.parametrize(
    ("size", "got"),
    [(-1, r"-1 in \(3, -1\)"), (Indexed(-2), "-2 in "), (-H, "−H in "), (0 - H * W, "−H·W in ")],
    ids=["number", "index", "formula", "product"],
)
def test_a_size_is_not_negative(size, got):
    with pytest.raises(cc.ArgumentError, match=f"^a size can't be negative; got {got}"):
        as_shape((3, size))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", "^a size in quotes has a symbol in it; got '3'; write the number without quotes$"),
        ("H - H", "^a size in quotes has a symbol in it; got 'H - H'"),
        (
            "H/2",
            "^expression, column 2: this character has no meaning in an expression; got 'H/2'; // is the quotient, rounded down$",
        ),
        ("", "^expression, column 1: a number or a symbol is expected here; got ''"),
    ],
)
def test_text_that_is_no_size(text, message):
    with pytest.raises(cc.ArgumentError, match=message):
        as_shape((1, text))


def test_what_may_be_0_is_no_length():
    for size in (P, 2 * P, P * H, H * P**2):
        for use in (lambda size: as_shape((1, size)), lambda size: refuse_empty(size, "a size in a shape")):
            with pytest.raises(
                cc.ArgumentError,
                match=r"^a size in a shape must be at least 1; got .*p.*; make the symbol without a minimum of 0$",
            ):
                use(size)
    for size in (H, P + 1, P + H, P - 1, 2 * H * W, symbol("n", 7), floor_div(P, 2)):
        refuse_empty(size, "a size")


def test_each_formula_must_give_a_length():
    with recording() as recorder:
        require_lengths((0, 5, H, W - 3, H - W))
    assert [(found.condition, found.otherwise) for found in recorder.requirements] == [
        (W >= 4, (equal(W - 3, 0),)),
        (H - W >= 1, (equal(H - W, 0),)),
    ]
    with recording() as recorder, pytest.raises(cc.ShapeError, match=r"^a length must be at least 1; got \(3, −H\)$"):
        require_lengths((3, -H))


def test_shapes_that_are_the_same_for_certain():
    shape = (1, H)
    assert same_shape(shape, shape)
    assert same_shape((1, H, H + W), (1, symbol("H"), W + H))
    assert same_shape((), ())
    for other in ((1, W), (2, H), (1, H, 1), (1,), (), (H, 1), (1, H + 1)):
        assert not same_shape(shape, other)


def test_products():
    assert product(()) == 1
    assert product((2, 3, 7)) == 42
    assert product((2, H, W, H)).terms == (2 * H * H * W).terms
    assert product(n for n in (0, H)) == 0


@pytest.mark.parametrize(
    ("sizes", "text"),
    [((16, 5, 5, 3), "16·5·5·3"), ((H, W + 1), "H·(W + 1)"), ((2 * H, floor_div(W, 2)), "2·H·⌊W/2⌋"), ((), ""), ((7,), "7")],
    ids=str,
)
def test_products_in_print(sizes, text):
    assert dot(sizes) == text


# -- symbols ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["H", "_", "a1", "H" * 32, "k_size"])
def test_names(name):
    assert str(symbol(name)) == name
    assert symbol(name).minima == {name: 1}
    assert symbol(name, 0).minima == {name: 0}
    assert symbol(name, minimum=5).minima == {name: 5}


@pytest.mark.parametrize("name", ["", "1a", "H" * 33, "a b", "a-b", "H\n", "é", None, 3, b"H"], ids=repr)
def test_other_names_are_refused(name):
    with pytest.raises(cc.ArgumentError, match=r"^a symbol is an identifier of at most 32 letters, digits and underscores; got "):
        symbol(name)


@pytest.mark.parametrize("minimum", [-1, 1.0, "1", None, True])
def test_other_minima_are_refused(minimum):
    with pytest.raises(cc.ArgumentError, match=r"^the minimum of a symbol is a whole number from 0 on; got minimum="):
        symbol("H", minimum)
