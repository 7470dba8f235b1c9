"""A refusal of a layer names the rule that is broken and what was given; torch refuses the same at the same stage."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch_side
from drawing.calls import Case

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

MADE = (
    (
        "ConvTranspose2d",
        (1, 1, 2),
        {"padding_mode": "reflect"},
        "a transposed convolution pads with zeros alone; got padding_mode='reflect'",
    ),
    ("ConvTranspose2d", (-1, 1, 2), {}, "in_channels must not be negative; got in_channels=-1"),
    ("ConvTranspose2d", (3, 2, 2), {"groups": 2}, "in_channels must be divisible by groups"),
    ("LazyConvTranspose2d", (None, 2), {}, "out_channels must be a whole number; got out_channels=None"),
    ("LazyConvTranspose2d", (1, 2), {"padding_mode": "x"}, "a transposed convolution pads with zeros alone"),
    ("MaxUnpool2d", (np.int64(2),), {}, "kernel_size must be an int"),
    ("MaxUnpool2d", (2, (2, 1.5)), {}, "stride must be an int; got stride=1.5"),
    ("Unflatten", (0, 2), {}, "unflattened_size must be a tuple of whole numbers; got 2"),
    ("Unflatten", (0, (1.5, 2)), {}, "unflattened_size must hold whole numbers; got (1.5, 2)"),
    ("Upsample", (), {"scale_factor": "x"}, "scale_factor must be a number, or a tuple of one per axis; got 'x'"),
    ("Upsample", (), {"scale_factor": (2, "x")}, "scale_factor must be a number, or a tuple of one per axis; got 'x'"),
    (
        "TransformerEncoderLayer",
        (4, 2),
        {"activation": "tanh"},
        'activation must be "relu" or "gelu", or a function; got activation=\'tanh\'',
    ),
)

IMAGE, PAIR = (1, 2, 3, 3), ((1, 2, 3, 3), (1, 2, 3, 3))
CALLED = (
    ("ConvTranspose2d", (2, 2, (2,)), {}, IMAGE, {}, "kernel_size must have 2 values; got kernel_size=(2,)"),
    ("ConvTranspose2d", (2, 2, 0), {}, IMAGE, {}, "kernel_size must be at least 1; got kernel_size=(0, 0)"),
    ("ConvTranspose2d", (2, 2, 2, 0), {}, IMAGE, {}, "stride must be at least 1; got stride=(0, 0)"),
    ("ConvTranspose2d", (2, 2, 2, 1, -1), {}, IMAGE, {}, "padding must be at least 0; got padding=(-1, -1)"),
    ("ConvTranspose2d", (2, 2, 2, 1, 0, -1), {}, IMAGE, {}, "output_padding must be at least 0; got output_padding=(-1, -1)"),
    (
        "ConvTranspose2d",
        (2, 2, 2, 1, 0, 1),
        {},
        IMAGE,
        {},
        "output_padding must be smaller than stride or dilation; got output_padding=1",
    ),
    (
        "ConvTranspose2d",
        (3, 2, 2),
        {},
        IMAGE,
        {},
        "the input's channels must equal in_channels; got 2 channels, in_channels=3; set in_channels=2",
    ),
    ("ConvTranspose2d", (2, 0, 2), {}, IMAGE, {}, "out_channels must be at least 1; got out_channels=0"),
    ("ConvTranspose2d", (2, 2, 2), {}, (1, 2, 0, 3), {}, "an axis may be empty only where the batch is; got (1, 2, 0, 3)"),
    (
        "ConvTranspose2d",
        (2, 2, 1, 1, 2),
        {},
        IMAGE,
        {},
        "the output must be at least 1 long on every axis; got (-1, -1) from (1, 2, 3, 3)",
    ),
    ("ConvTranspose2d", (2, 2, 1, 1, 3), {}, (0, 2, 3, 3), {}, "the output must be at least 0 long on every axis; got (-3, -3)"),
    (
        "ConvTranspose2d",
        (2, 2, 2, (2,)),
        {},
        IMAGE,
        {"output_size": (6, 6)},
        "with output_size, stride must have 2 values; got stride=(2,)",
    ),
    (
        "MaxUnpool2d",
        (2,),
        {},
        ((1, 2, 3, 3), (1, 2, 3)),
        {},
        "input and indices must have the same shape; got (1, 2, 3, 3) and (1, 2, 3)",
    ),
    ("MaxUnpool2d", (2,), {}, ((1, 2, 3, 3), (1, 2, 3, 4)), {}, "input and indices must have the same shape"),
    ("MaxUnpool2d", (2,), {}, ((1, 0, 3, 3), (1, 0, 3, 3)), {}, "only the first axis may be empty; got (1, 0, 3, 3)"),
    ("MaxUnpool2d", (1, 1, 3), {}, PAIR, {}, "the output's lengths must not be negative; got (-3, -3)"),
    ("MaxUnpool2d", ((2,),), {}, PAIR, {}, "kernel_size must have 2 values; got kernel_size=(2,)"),
    ("MaxUnpool2d", (2,), {}, ((3, 3), (3, 3)), {}, "the input must be (N, C, H, W) or the same without N; got 2 axes"),
    ("MaxUnpool2d", (2,), {}, PAIR, {"output_size": (6,)}, "output_size must have 2 or 4 values; got output_size=(6,)"),
    (
        "MaxUnpool2d",
        (2,),
        {},
        PAIR,
        {"output_size": (6, 8)},
        "output_size may differ from the usual one by less than a stride; got 8 where 6 is usual",
    ),
    ("MaxUnpool3d", (1, (1, 1, 0)), {}, ((1, 1, 2, 2, 2),) * 2, {}, "stride must be at least 1; got stride=(1, 1, 0)"),
    ("MaxUnpool3d", (1, (1, 1, 1, 1)), {}, ((1, 1, 2, 2, 2),) * 2, {}, "stride must have 3 values; got stride=(1, 1, 1, 1)"),
    ("LocalResponseNorm", (2,), {}, (1, 2), {}, "the input must be (N, C, L) or have more axes; got 2 axes, (1, 2)"),
    ("LocalResponseNorm", (0,), {}, (1, 2, 3), {}, "size must be at least 1; got size=0"),
    ("CrossMapLRN2d", (2,), {}, (1, 2, 3), {}, "the input must be (N, C, H, W); got 3 axes"),
    ("CrossMapLRN2d", (2,), {}, (1, 0, 3, 3), {}, "there must be at least one channel; got (1, 0, 3, 3)"),
    ("Flatten", (2, 1), {}, (1, 2, 3), {}, "start_dim must not come after end_dim; got start_dim=2, end_dim=1 for (1, 2, 3)"),
    (
        "TransformerEncoderLayer",
        (4, 2),
        {},
        (2, 1, 5),
        {},
        "the last axis of query must equal its dimension; got 5 in (2, 1, 5), not 4",
    ),
)


@pytest.mark.parametrize(("name", "args", "kwargs", "rule"), MADE)
def test_refused_at_construction(name, args, kwargs, rule):
    assert torch_side.run(Case(name, args, kwargs, ())).stage in {torch_side.CONSTRUCTION, torch_side.CALL}
    with pytest.raises(cc.ArgumentError, match=rf"^{name}: {re.escape(rule)}"):
        named(name)(*args, **kwargs)


@pytest.mark.parametrize(("name", "args", "kwargs", "shape", "call", "rule"), CALLED)
def test_refused_when_called(name, args, kwargs, shape, call, rule):
    case = Case(name, args, kwargs, shape, call=call)
    assert torch_side.run(case).stage == torch_side.CALL
    layer = named(name)(*args, **kwargs)
    with pytest.raises(cc.CnncalcError, match=rf"^{name}(\.self_attn)?: {re.escape(rule)}"):
        layer.output_shape(*case.inputs, **call)
