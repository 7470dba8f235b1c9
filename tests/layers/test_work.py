"""Arithmetic beside products: each kind by its rule, worked out by hand for small shapes."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.layers.work import Work, values

SIXTEEN = (2, 2, 2, 2)


@pytest.mark.parametrize(
    ("operation", "inputs", "amounts"),
    [
        (cc.BatchNorm2d(2), (SIXTEEN,), {"norm": 16}),
        (cc.LayerNorm(2), (SIXTEEN,), {"norm": 16}),
        (cc.ReLU(), (SIXTEEN,), {"activation": 16}),
        (cc.Softmax(0), ((),), {"activation": 1}),
        (cc.add, ((2, 3), (3,)), {"elementwise": 6}),
        (cc.add, ((), ()), {"elementwise": 1}),
        (cc.MaxPool2d(2, 1), ((1, 3, 4, 4),), {"pooling": 3 * 9 * 4}),
        (cc.MaxPool2d(2, 1, return_indices=True), ((1, 3, 4, 4),), {"pooling": 3 * 9 * 4}),
        (cc.AvgPool2d(3, 1, padding=1), ((1, 1, 2, 2),), {"pooling": 4 * 9}),
        (cc.mean, ((2, 3),), {"pooling": 6}),
        (cc.Conv2d(2, 3, 3, padding=1), (SIXTEEN,), {"bias": 2 * 3 * 4}),
        (cc.Conv2d(2, 3, 3, padding=1, bias=False), (SIXTEEN,), {}),
        (cc.Linear(2, 5), (SIXTEEN,), {"bias": 40}),
        (cc.Flatten(), (SIXTEEN,), {}),
        (cc.cat, (((1, 2), (1, 3)),), {}),
    ],
    ids=repr,
)
def test_amounts(operation, inputs, amounts):
    assert operation.arithmetic(*inputs) == amounts


def test_the_values_of_several_outputs_are_those_of_the_first():
    assert values(()) == 1
    assert values((5,)) == 5
    assert values((2, 3)) == 6
    assert values(((2, 3), None)) == 6
    assert values(((2, 3), (5,))) == 6
    assert values((((2, 4), (5,)), (7,))) == 8


def test_what_nobody_has_said_is_not_known():
    class Silent(Work):
        torch_name = "silent"

    with pytest.raises(cc.UnsupportedError, match=r"^silent: its arithmetic beside multiply-accumulates is not known"):
        Silent().arithmetic((1,))
