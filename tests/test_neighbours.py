"""Valid calls with one thing changed, in every way: each argument any of many values, each tensor a cell or an axis more or less.

Random calls seldom meet the one value at which a check decides; here no value and no place is left to chance.
"""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
import strategies
import torch_side
from drawing.calls import FunctionCase, is_wrong_type
from drawing.functions import FUNCTION_SAMPLERS
from function_side import expected_of, ours
from hypothesis import given, settings
from hypothesis import strategies as st
from test_every_function import NAMES as FUNCTION_NAMES
from test_every_layer import NAMES, check_answer, differs_on_purpose

from cnncalc.layers import named

torch = pytest.importorskip("torch")
#: Each example is changed in a hundred ways.
FEW = settings(max_examples=2)
VALUES = (
    0,
    1,
    2,
    3,
    5,
    -1,
    -2,
    -3,
    True,
    False,
    None,
    0.5,
    2.0,
    -0.5,
    "3",
    (),
    (1,),
    (2,),
    [2],
    (2, 1),
    (0, 1),
    (-1, 2),
    (1, 1, 1),
    (1, 2, 1, 2),
)
#: What torch hands on without a look at it, or looks at where no shape depends on it.
NOT_CHANGED = {
    *(
        "device",
        "dtype",
        "args",
        "kwargs",
        "_weight",
        "process_group",
        "implicit",
        "alpha",
        "decimals",
        "nan",
        "posinf",
        "neginf",
    ),
    *("correction", "max_norm", "norm_type", "scale_grad_by_freq", "sparse", "padding_idx", "activation", "sections", "indices"),
    *("indices_or_sections", "enable_gqa", "beta", "_stacklevel", "out", "include_last_offset", "norm_first", "dropout_p"),
}


def shapes_beside(shape):
    """Shapes that differ from one in an axis."""
    for axis, n in enumerate(shape):
        yield from ((*shape[:axis], m, *shape[axis + 1 :]) for m in {0, 1, 2, n + 1, max(n - 1, 0), 2 * n} - {n})
        yield (*shape[:axis], *shape[axis + 1 :])
    for axis in range(len(shape) + 1):
        yield from ((*shape[:axis], m, *shape[axis:]) for m in (0, 1, 2))


def inputs_beside(given):
    """Inputs of which one tensor has another shape."""
    if given is None or isinstance(given, bool):
        return
    if not given or isinstance(given[0], int):
        yield from shapes_beside(given)
        return
    for place, part in enumerate(given):
        yield from ((*given[:place], other, *given[place + 1 :]) for other in inputs_beside(part))


def calls_beside(case):
    """A layer's call with one thing changed."""
    names = [name for name in inspect.signature(named(case.name).__init__).parameters if name != "self"]
    arguments = dict(zip(names, case.args, strict=False)) | case.kwargs
    for name in names:
        for value in VALUES if name not in NOT_CHANGED else ():
            yield replace(case, args=(), kwargs=arguments | {name: value}, wrong_type=is_wrong_type(name, value))
    yield from (replace(case, shape=shape) for shape in inputs_beside(case.shape))


def function_calls_beside(case):
    """A function's call with one thing changed."""
    fact = named(case.name)._first_fact()
    names, kinds, several = fact.tensors
    parameters = [p for p in inspect.signature(fact).parameters.values() if p.name != "self" and p.name not in NOT_CHANGED]
    for place, part in enumerate(case.inputs):
        kind = kinds.get(names[place]) if place < len(names) else several
        others = inputs_beside(part) if kind and isinstance(part, tuple) else () if kind else VALUES
        for other in others:
            yield FunctionCase(case.name, (*case.inputs[:place], other, *case.inputs[place + 1 :]), case.call)
    for parameter in parameters:
        name = parameter.name
        if name in names[: len(case.inputs)] or parameter.kind is parameter.VAR_POSITIONAL:
            continue
        part = case.call.get(name)
        others = VALUES if name not in kinds else inputs_beside(part) if isinstance(part, tuple) else ()
        for other in others:
            yield FunctionCase(case.name, case.inputs, case.call | {name: other})


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data())
def test_layers_beside_a_valid_one_are_answered_as_torch_answers(name, data):
    for case in calls_beside(data.draw(strategies.valid(name))):
        if torch_side.harms_torch(case) or accepted_by_accident(case):
            continue
        torchs = torch_side.run(case)
        if not differs_on_purpose(case, torchs.shape):
            check_answer(case, torchs)


def ranks_differ(case):
    """Whether a cell's input has a batch and its state none, or the other way round: torch takes it, or dies."""
    flat = [part for given in case.inputs for part in (given if given and isinstance(given[0], tuple) else (given,))]
    return len({len(part) for part in flat if part is not None}) > 1


def groups_left_over(case):
    """Whether a lazy transposed convolution has output channels that its groups do not share."""
    channels, groups = case.kwargs.get("out_channels"), case.kwargs.get("groups", 1)
    return isinstance(channels, int) and isinstance(groups, int) and groups != 0 and channels % groups != 0


def has_odd_type(case):
    """Whether a truth value stands for a whole number."""
    return any(isinstance(value, (bool, float)) for value in case.call.values())


#: What torch takes by accident, or dies of, and we refuse on purpose.
ACCIDENTS = {
    # A weight of more axes, without features.
    "bilinear": lambda case: len(case.inputs) > 2 and len(case.inputs[2]) > 3,
    # As many classes as the numbers ask for.
    "one_hot": lambda case: case.call.get("num_classes") == -1 or -1 in case.inputs,
    # A number as text.
    **dict.fromkeys(("upsample", "interpolate"), lambda case: isinstance(case.call.get("scale_factor"), str)),
    # Where nothing is computed, a size of any type; refused later than here.
    **dict.fromkeys(("LocalResponseNorm", "CrossMapLRN2d"), lambda case: not isinstance(case.kwargs.get("size", 1), int)),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), ranks_differ),
    **dict.fromkeys([f"max_unpool{axes}d" for axes in (1, 2, 3)], has_odd_type),
    **dict.fromkeys([f"LazyConvTranspose{axes}d" for axes in (1, 2, 3)], groups_left_over),
}


def accepted_by_accident(case):
    """Whether torch takes a call that we refuse on purpose."""
    return case.name in ACCIDENTS and ACCIDENTS[case.name](case)


#: Torch dies of numbers without a bag, and of no heads that are shared; the layers are changed with care.
DEADLY = {"embedding_bag", "scaled_dot_product_attention"}


@pytest.mark.parametrize("name", sorted(set(FUNCTION_NAMES) - DEADLY))
@FEW
@given(data=st.data())
def test_functions_beside_a_valid_call_are_answered_as_torch_answers(name, data):
    for case in function_calls_beside(data.draw(FUNCTION_SAMPLERS[name](wild=False))):
        assert accepted_by_accident(case) or ours(case) == expected_of(case), case
