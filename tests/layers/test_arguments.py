"""Checks of arguments that layers share, on values of every type, by what Python and torch say of them."""

from __future__ import annotations

from itertools import product
from math import inf

import numpy as np
import pytest

import cnncalc as cc
from cnncalc.layers import arguments
from cnncalc.sizes import Expr, recording

torch = pytest.importorskip("torch")

N, ZERO = cc.symbol("n"), cc.symbol("z", 0)
WHOLE = (0, 1, -1, 7, np.int64(3), np.int32(-2))
SYMBOLS = (N, N + 1, 2 * N, ZERO)
TEXTS = {"n": N, "2*n + 1": 2 * N + 1, "k1": cc.symbol("k1")}
NEVER_WHOLE = (
    True,
    False,
    np.bool_(1),
    1.0,
    1.5,
    None,
    "",
    "1",
    "same",
    "valid",
    "a b",
    "1n",
    "n +",
    b"n",
    (1,),
    [1],
    {},
    set(),
    1j,
)


def refused(check, *args, rule):
    """Whether a check refuses with a rule."""
    with pytest.raises(cc.ArgumentError, match=rule):
        check(*args)


def test_a_whole_number_is_what_indexes_a_list():
    for value in WHOLE:
        found = arguments.whole(value, "k")
        assert type(found) is int
        assert found == value
    for value in SYMBOLS:
        assert arguments.whole(value, "k") is value
    for text, value in TEXTS.items():
        found = arguments.whole(text, "k")
        assert isinstance(found, Expr)
        assert found == value
    for value in NEVER_WHOLE:
        refused(arguments.whole, value, "k", rule="^k must be a whole number")


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("same", "only convolutions take a padding as text; give it in numbers$"),
        ("valid", "only convolutions take a padding as text; give it in numbers$"),
        ("1", r'a string is a symbol such as "k", or a formula such as "2\*k \+ 1"$'),
        (None, "got k=None$"),
    ],
)
def test_what_is_no_whole_number_is_told_what_may_stand_there(value, remedy):
    refused(arguments.whole, value, "k", rule=f"^k must be a whole number; got k={value!r}.*{remedy}" if value else remedy)


def test_a_formula_that_can_not_be_read_says_why():
    refused(arguments.whole, "n +", "k", rule="^k must be a whole number or a formula; got k='n \\+'; .+")


def test_a_natural_number_is_whole_and_not_negative():
    for value in WHOLE:
        if value >= 0:
            found = arguments.natural(value, "k")
            assert type(found) is int
            assert found == value
        else:
            refused(arguments.natural, value, "k", rule=f"^k must not be negative; got k={value}")
    for value in (N, N + 1, 2 * N, ZERO + 1, N - 3):
        assert arguments.natural(value, "k") is value
    for value in (ZERO, 2 * ZERO):
        refused(arguments.natural, value, "k", rule="^k must be at least 1")
    refused(arguments.natural, -N, "k", rule="^k must not be negative")
    for value in NEVER_WHOLE:
        refused(arguments.natural, value, "k", rule="^k must be a whole number")


REALS = (0, 1, 1.5, -2.0, inf, True, False, np.float32(1), np.int64(2), np.float64(0.5), torch.tensor(1.0), np.array(1.0))
NEVER_REAL = (None, "1", b"1", (1,), [1.0], {}, 1j, np.zeros(1), np.zeros((1, 1)), torch.zeros(2), object())


def test_a_real_number_is_one_number():
    for value in REALS:
        assert arguments.is_real(value)
        assert arguments.real(value, "p") is value
        arguments.check_number(value, "p")
    for value in NEVER_REAL:
        assert not arguments.is_real(value)
        refused(arguments.real, value, "p", rule="^p must be a number")
        refused(arguments.check_number, value, "p", rule="^p must be a number")
    arguments.check_number(N, "p")
    refused(arguments.real, N, "p", rule="^p must be a number")


def test_a_flag_is_true_or_false():
    for value in (True, False):
        assert arguments.flag(value, "f") is value
    for value in (0, 1, None, "True", np.bool_(1), 1.0, N):
        refused(arguments.flag, value, "f", rule="^f must be True or False")


def test_an_int_is_none_of_another_library():
    for value in (0, 1, True, "k", N):
        arguments.refuse_others(value, "m")
    for value in (np.int64(1), 1.0, None, (1,)):
        refused(arguments.refuse_others, value, "m", rule="^m must be an int")


def test_a_type_of_numbers_is_no_number():
    for value in (1, 1.0, 1j, "f", b"f", (1,), [1], {}, slice(1), True, np.zeros(1), torch.zeros(1)):
        refused(arguments.check_dtype, value, rule="^dtype must be a type of numbers")
    for value in (None, torch.float32, float, np.float32, np.dtype("float32")):
        if not hasattr(value, "ndim"):
            arguments.check_dtype(value)


def test_a_shape_is_empty_where_one_length_is_0():
    for sizes in (size for rank in range(4) for size in product((0, 1, 2), repeat=rank)):
        assert arguments.is_empty(sizes) is (0 in sizes)
    assert arguments.is_empty((N, 0))
    assert not arguments.is_empty((N, ZERO, N - 1))


def test_one_value_stands_for_every_axis():
    """As torch.nn.modules.utils has it."""
    utils = torch.nn.modules.utils
    for axes, spread in ((1, utils._single), (2, utils._pair), (3, utils._triple)):
        for value in (1, 0, (1,), (1, 2), [3, 4], (), range(2), np.array([1, 2]), b"ab", {1: 2}, {1}):
            assert arguments.per_axis(value, "k", axes) == tuple(map(int, spread(value)))
        assert arguments.per_axis(N, "k", axes) == (N,) * axes
        assert arguments.per_axis("n", "k", axes) == (N,) * axes
        assert arguments.per_axis(np.int64(2), "k", axes) == (2,) * axes
        assert [type(item) for item in arguments.per_axis([np.int64(2), "n"], "k", axes)] == [int, Expr]
        for value in ("same", None, 1.5, True, (1.5,), (True,), ("same", 1)):
            refused(arguments.per_axis, value, "k", axes, rule="^k must be a whole number")


def test_a_tuple_of_one_stands_for_every_axis_in_a_call():
    for axes in (1, 2, 3):
        for length in range(5):
            values = tuple(range(5, 5 + length))
            if length in {1, axes}:
                assert arguments.expanded(values, "stride", axes) == (values if length == axes else values * axes)
            else:
                with pytest.raises(
                    cc.ShapeError, match=f"^stride must have one value, or one for each of {axes} axes; got stride="
                ):
                    arguments.expanded(values, "stride", axes)


def test_an_input_has_one_of_the_ranks_that_are_allowed():
    for rank in range(6):
        shape = (2,) * rank
        if rank in {2, 4}:
            arguments.ranks(shape, 2, 4, expects="so or so")
        else:
            with pytest.raises(cc.ShapeError, match=f"^the input must be so or so; got {rank} axes"):
                arguments.ranks(shape, 2, 4, expects="so or so")


def test_no_check_leaves_a_condition():
    with recording() as recorder:
        for value in (N, N + 1, 2 * N):
            arguments.natural(value, "k")
    assert recorder.requirements == []
