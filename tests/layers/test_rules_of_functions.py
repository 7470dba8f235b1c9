"""A refusal names the rule that is broken and what was given; torch refuses the same calls."""

from __future__ import annotations

import re
from math import inf

import numpy as np
import pytest
from drawing.calls import FunctionCase

torch = pytest.importorskip("torch")

from function_side import torchs  # noqa: E402 - it needs torch

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402

NUMBER, AXES = "must be a whole number", "must name each axis once"
RULES = (
    ("sum", ((2, 3),), {"keepdim": 1, "dim": 0}, "keepdim must be True or False; got keepdim=1"),
    ("sum", ((2, 3),), {"keepdim": True}, "keepdim asks for dim; got no dim"),
    ("sum", ((2, 3), 2), {}, "dim must lie in -2 … 1; got dim=2 for 2 axes, (2, 3)"),
    ("sum", ((2, 3), (0, -2)), {}, f"dim {AXES}; got dim=(0, -2) for 2 axes, (2, 3)"),
    ("sum", ((2, 3), 0), {"dtype": 1}, "dtype must be a type of numbers"),
    ("prod", ((2, 3), (0, 1)), {}, f"dim {NUMBER}"),
    ("cumsum", ((2, 3), 0), {"dtype": 1}, "dtype must be a type of numbers"),
    ("cumsum", ((2, 3), 5), {}, "dim must lie in -2 … 1; got dim=5"),
    ("norm", ((2, 3),), {"dtype": 1}, "dtype must be a type of numbers"),
    ("amax", ((2, 0),), {}, "an empty axis has no largest or smallest cell; got (2, 0)"),
    ("max", ((2, 3),), {"other": (2, 3), "dim": 0}, "it takes another tensor or an axis, not both"),
    ("var", ((2, 3), True), {"dim": 0}, "dim is given twice; got True and dim=0"),
    ("var", ((2, 3), True), {"unbiased": True}, "unbiased is given twice"),
    ("var", ((2, 3), 0, True, True, 1), {}, "at most 3 arguments go by position"),
    ("var", ((2, 3), 0), {"dim": 0}, "dim is given twice; got 0 and dim=0"),
    ("var", ((2, 3), 0), {"unbiased": True, "correction": 1}, "unbiased and correction exclude each other"),
    ("var", ((2, 3),), {"unbiased": True, "keepdim": True}, "unbiased with keepdim asks for dim; got no dim"),
    ("var", ((2, 3), 0), {"unbiased": 1}, "unbiased must be True or False; got unbiased=1"),
    ("var", ((2, 3), 0), {"correction": "x"}, "correction must be a number; got correction='x'"),
    ("var", ((2, 3),), {"dim": True}, "dim must be whole numbers; got dim=True"),
    ("norm", ((2, 3),), {"p": "x"}, 'p must be a number, "fro" or "nuc"; got p=\'x\''),
    ("norm", ((2, 3),), {"p": [1]}, 'p must be a number, "fro" or "nuc"; got p=[1]'),
    ("norm", ((2, 3, 2),), {"p": "nuc"}, "this norm is one of matrices, of two axes; got p='nuc', dim=None for (2, 3, 2)"),
    ("norm", ((2, 3, 2),), {"dim": (0, 1, 2)}, "this norm is one of matrices, of two axes; got p='fro', dim=(0, 1, 2)"),
    ("norm", ((2, 3),), {"dim": np.int64(0)}, "dim must be an int"),
    ("norm", ((2, 0),), {"p": inf}, "an empty axis has no largest or smallest cell"),
    ("norm", ((2, 0),), {"p": -1}, "an empty axis has no largest or smallest cell"),
    ("logsumexp", ((2, 3),), {"dim": None}, "dim must be given; got dim=None"),
    ("logsumexp", ((2, 3), ()), {}, "without axes in dim, axes are kept; got dim=() for (2, 3); give keepdim=True"),
    ("split", ((4,), [-1, 5]), {}, "lengths must not be negative; got (-1, 5)"),
    ("split", ((4,), [1, 2]), {}, "the lengths must add up to that of the axis; got (1, 2) for 4"),
    ("split", ((4,), -1), {}, "the length of a part must not be negative; got -1"),
    ("split", ((4,), 0), {}, "parts of no cells can't make up an axis; got 0 for 4"),
    ("split", ((4,), np.int64(2)), {}, "split_size_or_sections must be an int"),
    ("chunk", ((4,), 0), {}, "chunks must be at least 1; got chunks=0"),
    ("tensor_split", ((4,), 0), {}, "sections must be at least 1; got sections=0"),
    ("tensor_split", ((4,),), {}, "the number of parts, or the indices to cut at, must be given once; got []"),
    ("tensor_split", ((4,), 2), {"sections": 2}, "the number of parts, or the indices to cut at, must be given once; got [2, 2]"),
    ("tensor_split", ((4,),), {"sections": (1,)}, "sections is a number, indices are a tuple; got sections=(1,), indices=None"),
    ("tensor_split", ((4,),), {"indices": 2}, "sections is a number, indices are a tuple; got sections=None, indices=2"),
    ("expand", ((2, 3), (3,)), {}, "there must be a size for every axis; got sizes (3,) for 2 axes, (2, 3)"),
    ("expand", ((3,), (-1, 3)), {}, "a new axis needs a length, not −1; got (-1, 3)"),
    ("expand", ((2,), (3,)), {}, "only an axis of length 1 can be expanded; got 2 to 3 on axis 0, from (2,) to (3,)"),
    ("expand", ((1,), (-2,)), {}, "sizes must be whole numbers from 0 on, or −1; got (-2,)"),
    ("expand", ((1,), (2,)), {"implicit": 1}, "implicit must be True or False; got implicit=1"),
    ("broadcast_to", ((1,), 2), {}, "size must be a tuple of whole numbers; got size=2"),
    ("repeat", ((2, 3), (2,)), {}, "repeats must have a number for each axis; got repeats=(2,) for 2 axes, (2, 3)"),
    ("repeat", ((2,), (-1,)), {}, "a tensor can't be repeated a negative number of times; got (-1,)"),
    ("tile", ((2,), 2), {}, "dims must be a tuple of whole numbers; got dims=2"),
    ("reshape", ((2, 3), 6), {}, "shape must be a tuple of whole numbers; got shape=6"),
    ("reshape", ((2, 3), (1.5, 4)), {}, "shape must hold whole numbers; got shape=(1.5, 4)"),
    ("reshape", ((2, 3), (-1, -1)), {}, "only one size can be −1; got (-1, -1)"),
    ("reshape", ((2, 3), (-2, 3)), {}, "sizes must be whole numbers from 0 on, or −1; got (-2, 3)"),
    ("reshape", ((2, 3), (5,)), {}, "the new shape must hold as many cells as the input; got 6 cells of (2, 3) into (5,)"),
    ("reshape", ((2, 0), (0, -1)), {}, "beside a size of 0, the size −1 could be anything; got (2, 0) into (0, -1)"),
    ("reshape", ((2, 3), (4, -1)), {}, "the sizes beside −1 must divide the number of cells; got 6 cells of (2, 3) into (4, -1)"),
    ("unflatten", ((6,), 0, ()), {}, "sizes must hold at least one size; got none"),
    ("unflatten", ((), 0, (1,)), {}, "the input must have at least one axis; got no axes"),
    ("flatten", ((2, 3), 1, 0), {}, "start_dim must not come after end_dim; got start_dim=1, end_dim=0 for (2, 3)"),
    ("flip", ((2, 3), 0), {}, "dims must be a tuple of whole numbers; got dims=0"),
    ("flip", ((2, 3), (0, 0)), {}, f"dims {AXES}; got dims=(0, 0)"),
    ("flip", ((2, 3), (2,)), {}, "dims must lie in -2 … 1; got dims=2"),
    ("roll", ((2, 3), ()), {}, "shifts must hold at least one number; got none"),
    ("roll", ((2, 3), (1, 2)), {}, "shifts and dims must be equally many; got shifts=(1, 2), dims=()"),
    ("roll", ((), 1, 0), {}, "the input has no axis to roll; got dims=0"),
    ("roll", ((2, 3), 1, 2), {}, "dims must lie in -2 … 1; got dims=2"),
    ("permute", ((2, 3), 0), {}, "dims must be a tuple of whole numbers; got dims=0"),
    ("permute", ((2, 3), (0,)), {}, "dims must name every axis once; got dims=(0,) for 2 axes, (2, 3)"),
    ("permute", ((2, 3), (0, 0)), {}, f"dims {AXES}"),
    ("transpose", ((2, 3), 0, 2), {}, "dim1 must lie in -2 … 1; got dim1=2"),
    ("transpose", ((2, 3), 2, 0), {}, "dim0 must lie in -2 … 1; got dim0=2"),
    ("swapaxes", ((2, 3), 0, 2), {}, "axis1 must lie in -2 … 1; got axis1=2"),
    ("t", ((2, 3, 4),), {}, "the input must have at most two axes; got 3 axes, (2, 3, 4)"),
    (
        "movedim",
        ((2, 3), 0, (1,)),
        {},
        "source and destination must both be numbers, or both tuples; got source=0, destination=(1,)",
    ),
    (
        "movedim",
        ((2, 3), (0, 1), (1,)),
        {},
        "source and destination must name equally many axes; got source=(0, 1), destination=(1,)",
    ),
    ("movedim", ((2, 3), (0, 0), (0, 1)), {}, f"source {AXES}"),
    ("movedim", ((2, 3), (0, 1), (0, 0)), {}, f"destination {AXES}"),
    ("pixel_shuffle", ((4, 2), 2), {}, "the input must be (…, C, H, W); got 2 axes, (4, 2)"),
    ("pixel_shuffle", ((4, 2, 2), 0), {}, "upscale_factor must be at least 1; got upscale_factor=0"),
    ("pixel_shuffle", ((5, 2, 2), 2), {}, "the channels must be divisible by the square of upscale_factor; got 5 and 4"),
    ("pixel_unshuffle", ((5, 2, 3), 2), {}, "height and width must be divisible by downscale_factor; got 3 and 2"),
    ("channel_shuffle", ((4, 2), 2), {}, "the input must have at least 3 axes; got 2 axes, (4, 2)"),
    ("channel_shuffle", ((1, 4, 2), 0), {}, "groups must be at least 1; got groups=0"),
    ("channel_shuffle", ((1, 5, 2), 2), {}, "the channels must be divisible by groups; got 5 and 2"),
    (
        "interpolate",
        ((1, 2, 3), 2),
        {"mode": "bilinear"},
        "this mode does not take an input of that many axes; got mode='bilinear'",
    ),
    ("interpolate", ((1, 2, 3), 2), {"mode": "x"}, "there is no mode of that name; got mode='x' for 3 axes"),
    ("interpolate", ((1, 2, 3), 2), {"align_corners": True}, 'mode "nearest" takes no align_corners'),
    ("interpolate", ((1, 2, 3), 2), {"mode": "linear", "align_corners": 1}, "align_corners must be True, False or None"),
    ("interpolate", ((1, 2, 3), 2), {"mode": "linear", "antialias": True}, "only bilinear, bicubic and lanczos have antialias"),
    ("interpolate", ((1, 2, 3, 3), 2), {"mode": "lanczos"}, 'mode "lanczos" takes antialias=True and no align_corners'),
    (
        "interpolate",
        ((1, 2, 3),),
        {},
        "either size or scale_factor must be given, and not both; got size=None, scale_factor=None",
    ),
    ("interpolate", ((1, 2, 3), 2, 2), {}, "either size or scale_factor must be given, and not both; got size=2, scale_factor=2"),
    ("interpolate", ((1, 2, 3), 2), {"recompute_scale_factor": True}, "with a size there is no scale factor to recompute"),
    ("interpolate", ((1, 2, 3), (2, 2)), {}, "size must have one value, or one for each of 1 axes; got size=(2, 2)"),
    ("interpolate", ((1, 2, 0), 2), {}, "the resampled axes must not be empty; got (1, 2, 0)"),
    ("interpolate", ((1, 2, 3), 0), {}, "the output must not be empty; got an output length of 0 from length 3"),
    ("interpolate", ((1, 0, 3), 2), {}, "only the batch may be empty; got (1, 0, 3)"),
    ("pairwise_distance", ((2, 3), (2, 3)), {"keepdim": 1}, "keepdim must be True or False; got keepdim=1"),
    ("cosine_similarity", ((2, 3), (2, 3)), {"eps": -1}, "eps must not be negative; got eps=-1"),
)


@pytest.mark.parametrize(("name", "inputs", "call", "rule"), RULES, ids=lambda part: part if isinstance(part, str) else "")
def test_a_refusal_names_the_rule(name, inputs, call, rule):
    assert torchs(FunctionCase(name, inputs, call)) is None
    with pytest.raises(cc.CnncalcError, match=rf"^{named(name).torch_name}: {re.escape(rule)}"):
        named(name).output_shape(*inputs, **call)
