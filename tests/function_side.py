"""What torch does with the call of a function: the oracle that tests compare with, on small tensors of zeros."""

from __future__ import annotations

import inspect
import warnings
from math import prod

import pytest
from cells_side import Reading
from drawing.attentions import divides_by_no_heads, is_checked
from drawing.calls import FunctionCase

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import Expr

torch = pytest.importorskip("torch")
#: Arguments that are tensors of other numbers than floats.
NUMBERS_OF = {
    ("where", "condition"): torch.bool,
    **dict.fromkeys([("embedding", "input"), ("embedding_bag", "input"), ("embedding_bag", "offsets")], torch.int64),
    ("one_hot", "input"): torch.int64,
    **{(f"max_unpool{n}d", "indices"): torch.int64 for n in (1, 2, 3)},
}
#: What torch raises when it refuses a call.
REFUSALS = (RuntimeError, TypeError, ValueError, IndexError, AssertionError, AttributeError, OverflowError)


def map_shapes(case, change, beside=lambda _, item: item):
    """The positional arguments and the named ones, with `change` applied to each shape that stands for a tensor.

    `beside` is applied to the name and the value of each other argument.
    """
    fact = named(case.name)._first_fact()
    names, kinds, several = fact.tensors
    rest = next((p.name for p in inspect.signature(fact).parameters.values() if p.kind is p.VAR_POSITIONAL), "")

    def changed(item, kind, name="", *, inside=False):
        if kind is None or item is None or not isinstance(item, (tuple, list)):
            return beside(name, item)
        if "tuple" in kind and (not isinstance(item[0], (int, Expr)) if item else not inside and kind.startswith("tuple")):
            return tuple(changed(part, kind, name, inside=True) for part in item)
        return change(item, NUMBERS_OF.get((case.name, name))) if change is zeros else change(item)

    positional = [
        changed(item, kinds.get(names[i]), names[i]) if i < len(names) else changed(item, several, rest)
        for i, item in enumerate(case.inputs)
    ]
    return positional, {name: changed(item, kinds.get(name), name) for name, item in case.call.items()}


def zeros(shape, dtype=None):
    """A tensor of a shape, of the numbers that its argument asks for."""
    return torch.zeros(shape, dtype=dtype)


def shapes_in(case):
    """The shapes of all tensors of a call, in order."""
    found = []
    map_shapes(case, found.append)
    return found


def first_place(name):
    """The function that the twin calls."""
    from cnncalc.torch_twin.running import torch_function

    return torch_function(named(name).torch_name)


def shape_of(output):
    """The shape of a tensor, or of each in nested ones."""
    return tuple(map(shape_of, output)) if isinstance(output, (tuple, list)) else tuple(output.shape)


def harms_torch(case):
    """Whether torch would divide by 0, or write where it must not, and the process die."""
    if case.name == "scaled_dot_product_attention":
        return divides_by_no_heads(case)
    given = dict(zip(("input", "weight", "offsets"), case.inputs, strict=False)) | case.call
    if case.name != "embedding_bag" or given.get("offsets") is None or len(given["offsets"]) != 1:
        return False
    return 0 not in given["input"] and given["offsets"][0] <= bool(given.get("include_last_offset"))


def torchs(case, function=None):
    """Torch's shape, or None where it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            inputs, call = map_shapes(case, zeros)
            return shape_of((function or first_place(case.name))(*inputs, **call))
        except (*REFUSALS, NotImplementedError, ZeroDivisionError):
            return None


def ours(case):
    """Our shape, or None where we refuse: by the name of the function that was called."""
    try:
        return named(case.name).output_shape(*case.inputs, **case.call)
    except cc.UndecidedError:
        raise
    except cc.CnncalcError as error:
        if error.where != named(case.name).torch_name:
            raise AssertionError(f"a refusal names the function that was called, in {case}") from error
        return None


def counted(case):
    """Half of what torch's FlopCounterMode counts."""
    from torch.utils.flop_counter import FlopCounterMode

    from cnncalc.torch_twin.counting import _LEFT_OUT

    inputs, call = map_shapes(case, zeros)
    with warnings.catch_warnings(), FlopCounterMode(display=False, custom_mapping=dict(_LEFT_OUT)) as counter:
        warnings.simplefilter("ignore")
        first_place(case.name)(*inputs, **call)
    return counter.get_total_flops() // 2


def reading(case):
    """What a call reads: by the stand-in of the probe, which reads all that torch's function may read."""
    from cnncalc.torch_twin.probe_rules import function_stand_in

    sources = []

    def ones(shape):
        sources.append(torch.ones(shape, dtype=torch.float64, requires_grad=True))
        return sources[-1]

    inputs, call = map_shapes(case, ones)
    torch_name = named(case.name).torch_name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = function_stand_in(torch_name)(torch_name, *inputs, **call)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    return Reading(outputs, sources, named(case.name).axes(*case.inputs, **case.call))


def expected_of(case):
    """Torch's shape, or None where it refuses, or where we do on purpose."""
    name = case.name
    expected = torchs(case)
    if "conv_transpose" in name and expected and 0 not in case.inputs[0]:
        dilation = case.call.get("dilation", 1)
        if 0 in expected or 0 in (dilation if isinstance(dilation, (tuple, list)) else (dilation,)):
            expected = None  # torch's kernels disagree: see docs/conventions.md
    if name in {"expand", "broadcast_to"} and expected and min(expected) < 0:
        expected = None  # a negative length, since another axis is empty
    if name == "linear" and is_column(case):
        expected = None  # taken for inputs of one layout alone
    if "max_unpool" in name and isinstance(case.call.get("kernel_size"), float):
        expected = None  # a wrong type, which torch does not look at where output_size is given
    if name == "scaled_dot_product_attention" and expected and not is_checked(case):
        expected = None  # read from beyond the end of the shorter one
    if name == "bilinear" and expected and expected != torchs(FunctionCase(name, case.inputs[:3], {**case.call, "bias": None})):
        expected = None  # the bias enlarges the output
    if name == "getitem" and reads_no_axis(case):
        expected = None  # behind a second `...`, torch compares with a length that is not there
    if name == "pad" and expected and (min(expected) < 0 or (case.call.get("mode") == "circular" and wraps_what_is_gone(case))):
        expected = None
    return expected


def is_column(case):
    """Whether the bias of a linear function fits the output as a matrix, and not as it is."""
    call = dict(zip(("input", "weight", "bias"), case.inputs, strict=False)) | case.call
    bias, lead = call.get("bias") or (), call["input"][:-1]
    return len(bias) == 2 and len(lead) > 1 and bias[1] == 1 and bias[0] == prod(lead) and bias[0] not in {1, lead[-1]}


def reads_no_axis(case):
    """Whether an index has a slice from 0 on that stands behind a second `...`, and perhaps behind all axes."""
    if len(case.inputs) != 2 or not isinstance(case.inputs[1], tuple):
        return False
    items = case.inputs[1]
    dots = [place for place, item in enumerate(items) if item is Ellipsis]
    late = items[dots[1] :] if len(dots) > 1 else ()
    return ours(case) is None and any(isinstance(part, slice) and not part.start and part.step in {None, 1} for part in late)


def wraps_what_is_gone(case):
    """Whether circular padding crops one end and wraps more around than that leaves: torch then reads what it never wrote."""
    shape, padding = case.inputs[0], case.inputs[1]
    if not isinstance(padding, (tuple, list)) or any(type(amount) is not int for amount in padding):
        return False
    pairs = zip(padding[::2], padding[1::2], reversed(shape), strict=False)
    return any(min(pair) < 0 < max(pair) > n + min(pair) for *pair, n in pairs)
