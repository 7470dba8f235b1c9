"""Every argument of every layer as a collection of any kind, and as a number too large for the machine.

Torch reads some arguments item by item, from whatever can be read so, and hands others on to kernels that take a tuple or a
list alone. A number of more than 64 bits fits nowhere; pools have 32.
"""

from __future__ import annotations

import inspect
from collections import deque
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import strategies
import torch_side
from drawing.calls import Case
from hypothesis import given, settings
from hypothesis import strategies as st
from test_every_layer import NAMES, differs_on_purpose
from test_neighbours import NOT_CHANGED, accepted_by_accident

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")


class Pair(NamedTuple):
    """A tuple by another name."""

    height: int
    width: int


COLLECTIONS = (
    range(2), range(1, 3), range(2, 3), range(1, 4), torch.Size([2, 1]), torch.Size([2]), Pair(2, 1), deque((2, 1)), deque((1,)),
    {1, 2}, frozenset((2,)), {2: 1}, b"\1\2", bytearray(b"\2"),
)  # fmt: skip
LARGE = (2**31, 2**63, 2**64, 10**30, -(2**63) - 1)
#: Where a large number makes nothing larger.
TAKE_LARGE = {"stride", "divisor_override", "negative_slope", "alpha", "lambd", "threshold", "value", "beta", "k", "init"}
#: Layers in which it does, and one whose number is added to cells.
GROWING = ("Transpose", "Unpool", "ConstantPad")
#: Numbers that torch does not look at where there is nothing to work on.
UNSEEN = {"k", "alpha", "beta", "size"}
#: Flags, whose types are held to torch's when a layer is made, whether torch looks at them then or not.
FLAGS = {"ceil_mode", "count_include_pad", "scale_grad_by_freq", "sparse", "include_last_offset"}


def cases_beside(case):
    """A layer's call with one argument changed."""
    names = [name for name in inspect.signature(named(case.name).__init__).parameters if name != "self"]
    arguments = dict(zip(names, case.args, strict=False)) | case.kwargs
    for name in names:
        if name in NOT_CHANGED or name in FLAGS:
            continue
        large = (
            LARGE
            if name in TAKE_LARGE
            and not (name in UNSEEN and 0 in case.inputs[0])
            and not any(part in case.name for part in GROWING)
            else ()
        )
        values = () if (name in UNSEEN and 0 in case.inputs[0]) or name == "num_features" else COLLECTIONS
        for value in (*values, *large):
            yield replace(case, args=(), kwargs=arguments | {name: value})


def ours(case):
    """Our shape, or None where we refuse."""
    try:
        return named(case.name)(**case.kwargs).output_shape(*case.inputs, **case.call)
    except cc.CnncalcError as error:
        if not str(error).startswith(case.name):
            raise AssertionError(f"a refusal names the layer, in {case}") from error
        return None


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=2)
@given(data=st.data())
def test_collections_and_large_numbers_are_taken_as_torch_takes_them(name, data):
    for case in cases_beside(data.draw(strategies.valid(name))):
        if torch_side.harms_torch(case) or accepted_by_accident(case):
            continue
        torchs = torch_side.run(case)
        if not differs_on_purpose(case, torchs.shape):
            assert ours(case) == torchs.shape, (case, torchs)


@pytest.mark.parametrize("name", ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"])
def test_truth_values_are_numbers_where_torch_computes_with_them(name):
    shape = (1, 2, *(3,) * int(name[-2]))
    for argument in ("kernel_size", "stride", "padding"):
        for value in (True, False, (True,) * int(name[-2]), 1.0, None, np.int64(1)):
            case = Case(name, (), {"kernel_size": 2, argument: value}, (shape, shape))
            assert ours(case) == torch_side.run(case).shape, case


def test_an_iterator_is_refused_since_it_is_read_once():
    for layer in (cc.MaxPool2d, cc.Unfold, cc.MaxUnpool2d, cc.AdaptiveAvgPool2d):
        with pytest.raises(cc.ArgumentError):
            layer(iter((2, 2)))
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: kernel_size must be a whole number; got"):
        cc.Conv2d(1, 1, (k for k in (2, 2)))
