"""Every class of the catalogue against torch's class of the same name: signature, attributes, tensors, shapes, refusals, MACs.

A class that has no sampler in `strategies` fails here, so none is left out.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
import strategies
import torch_side
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from known_differences import differs_on_purpose
from strategies import Case
from torch_side import CALL, CONSTRUCTION, FINE

import cnncalc as cc
import cnncalc.sizes
from cnncalc.axes import Nothing
from cnncalc.cells import cells_of
from cnncalc.layers import FAMILIES, FUNCTIONS, named
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Function

#: Every class is walked, so a share of the profile's examples is enough for each; a gradient costs more than a shape.
WALK = settings(max_examples=settings.default.max_examples // 4)
GRADIENTS = settings(max_examples=settings.default.max_examples // 16)

NAMES = [name for names in FAMILIES.values() for name in names]
#: Layers that torch builds on its RNNBase.
RECURRENT = {"RNN", "LSTM", "GRU"}
#: Arguments that torch's modules do not keep under their names.
NOT_KEPT = {"device", "dtype", "_weight", "_freeze", "activation", "bias", "min_value", "max_value", "args", "kwargs"}

#: Layers whose windows are drawn anew in each pass: their cells are refused.
DRAWN_AT_RANDOM = {"FractionalMaxPool2d", "FractionalMaxPool3d"}
#: Layers that may refuse a symbol where torch takes any number: an output length that rests on rounding.
NEED_NUMBERS = {"Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d", "FractionalMaxPool2d", "FractionalMaxPool3d"}

#: Layers of two inputs that stretch an axis of length 1: a symbol stands for a longer one.
STRETCHING = {"CosineSimilarity", "PairwiseDistance"}

torch = pytest.importorskip("torch")

every_layer = pytest.mark.parametrize("name", NAMES)


def make(case: Case) -> Any:
    """Our layer of a case."""
    return named(case.name)(*case.args, **case.kwargs)


def attempt(function: Any, *args: Any, **call: Any) -> tuple[Any, cc.CnncalcError | None]:
    """What a function gives, or how it refuses; an undecided comparison is no refusal, and neither is any other error."""
    try:
        return function(*args, **call), None
    except cc.UndecidedError:
        raise
    except cc.CnncalcError as error:
        return None, error


# -- the catalogue ----------------------------------------------------------------------------------------------


@every_layer
def test_has_a_sampler(name):
    assert name in strategies.SAMPLERS


@pytest.mark.parametrize("file", sorted({*FAMILIES, *FUNCTIONS}))
def test_the_catalogue_lists_what_a_family_file_defines(file):
    module = import_module(f"cnncalc.layers.{file}")
    classes = {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Layer) and value.__module__ == module.__name__ and name[0] != "_"
    }
    functions = {name for name, value in vars(module).items() if isinstance(value, Function) and name[0] != "_"}
    shared = {name for name in functions if name not in FUNCTIONS.get(file, ()) and name in _functions_of_other_files(file)}
    assert classes == set(FAMILIES.get(file, ()))
    assert functions - shared == set(FUNCTIONS.get(file, ()))


def _functions_of_other_files(file: str) -> set[str]:
    """The functions that other family files are listed with; a file may import them."""
    return {name for other, names in FUNCTIONS.items() if other != file for name in names}


def test_no_name_is_listed_twice():
    listed = [name for catalogue in (FAMILIES, FUNCTIONS) for names in catalogue.values() for name in names]
    assert len(listed) == len(set(listed))


@every_layer
def test_is_public_under_torchs_name(name):
    layer = getattr(cc, name)
    assert layer.__name__ == name
    assert name in cc.__all__
    assert name in dir(cc)
    assert hasattr(torch.nn, name)


# -- against torch ----------------------------------------------------------------------------------------------


@every_layer
def test_signature_is_torchs(name):
    def parameters(function: Any) -> list[tuple[str, Any, Any]]:
        return [
            (p.name, p.kind, p.default)
            for p in inspect.signature(function).parameters.values()
            if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD} and p.name != "self"
        ]

    ours, theirs = named(name).__init__, getattr(torch.nn, name).__init__
    if name in RECURRENT:
        # Torch's own signature is (*args, **kwargs): what it takes is that of the base class.
        expected = [part for part in parameters(torch.nn.RNNBase.__init__) if part[0] != "mode"]
        if name != "LSTM":
            expected = [part for part in expected if part[0] != "proj_size"]
        if name == "RNN":
            expected.insert(3, ("nonlinearity", expected[2][1], "tanh"))
        assert parameters(ours) == expected
        return
    if theirs is torch.nn.Module.__init__:
        assert parameters(ours) == []
    else:
        # Torch's default activation is its own function, ours its name.
        expected = [(p, kind, "relu" if p == "activation" else default) for p, kind, default in parameters(theirs)]
        assert parameters(ours) == expected


@every_layer
@WALK
@given(data=st.data())
def test_shapes_and_refusals_are_torchs(name, data):
    case = data.draw(strategies.wild(name))
    torchs = torch_side.run(case)
    assume(not differs_on_purpose(case, torchs.shape))
    check_answer(case, torchs)


def check_answer(case: Case, torchs: torch_side.Outcome) -> None:
    """Torch's shape, or a refusal where torch refuses, at the same stage; a wrong type may be refused where torch is lenient."""
    layer, refusal = attempt(make, case)
    if refusal is not None:
        is_others_number = torchs.stage == CALL and "numpy" in torchs.error
        assert torchs.stage == CONSTRUCTION or case.wrong_type or is_others_number, (torchs, str(refusal))
    else:
        assert torchs.stage != CONSTRUCTION, torchs
        shape, refusal = attempt(layer.output_shape, *case.inputs, **case.call)
        assert (torchs.stage == FINE) == (refusal is None), (torchs, shape, str(refusal))
        assert shape == torchs.shape
    assert refusal is None or str(refusal).startswith(case.name), str(refusal)


@every_layer
@WALK
@given(data=st.data())
def test_valid_calls_agree_in_everything(name, data):
    case = data.draw(strategies.valid(name))
    torchs = torch_side.run(case)
    assert torchs.stage == FINE, torchs
    layer = make(case)
    assert layer.output_shape(*case.inputs, **case.call) == torchs.shape
    _check_owned(layer, make(case), torchs.module, case)
    _check_axes(layer, case, torchs.shape)
    assert layer.macs(*case.inputs, **case.call) == _macs(case)
    assert eval(repr(layer), {"np": np, name: lambda *args, **kwargs: (args, kwargs)}) == (case.args, case.kwargs)  # noqa: S307


def _check_owned(layer: Layer, fresh: Layer, module: Any, case: Case) -> None:
    """Attributes and tensors; a lazy layer is compared after it has become concrete, as torch's has."""
    if case.name.startswith("Lazy"):
        layer = layer.materialized(*case.inputs)
        assert type(layer).__name__ == type(module).__name__
        fresh = fresh.materialized(*case.inputs)
    for parameter in inspect.signature(type(layer).__init__).parameters:
        is_part = isinstance(getattr(module, parameter, None), torch.nn.Module)
        if parameter not in NOT_KEPT and parameter != "self" and not is_part:
            assert hasattr(layer, parameter) == hasattr(module, parameter), parameter
            if hasattr(module, parameter):
                theirs = getattr(module, parameter)
                if parameter == "out_channels" and case.name.startswith("LazyConvTranspose"):
                    # Torch's keeps the number that was asked for, and gives as many channels as groups divide.
                    theirs -= theirs % module.groups
                assert getattr(layer, parameter) == theirs, parameter
    shapes = [(key, tuple(tensor.shape)) for key, tensor in module.state_dict().items()]
    parts = layer.named_modules()
    owned = [(f"{path}.{key}" if path else key, shape) for path, part in parts for key, shape in part.tensors().items()]
    assert owned == shapes
    assert layer.parameters() == {key: tuple(p.shape) for key, p in module.named_parameters()}
    assert layer.buffers() == {key: tuple(b.shape) for key, b in module.named_buffers()}
    for key in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        assert hasattr(fresh, key) == hasattr(module, key), key
        theirs = getattr(module, key, None)
        shape = getattr(theirs, "shape", None)
        assert getattr(getattr(fresh, key, None), "shape", None) == (None if shape is None else tuple(shape)), key


def _check_axes(layer: Layer, case: Case, output: Any) -> None:
    """The axis maps' lengths are the output's shape, except where axes are merged into one."""
    maps, *_ = layer.axes(*case.inputs, **case.call)
    first = output[0] if output and isinstance(output[0], tuple) else output
    if isinstance(maps, tuple):
        maps = maps[0]
    if maps.maps and not isinstance(maps, Nothing) and maps.is_aligned and len(maps.maps) == len(first):
        assert tuple(m.length(n) for m, n in zip(maps.maps, case.inputs[0], strict=True)) == first


def _macs(case: Case) -> int:
    """Torch's count, which for a convolution in padding mode "same" or any other counts nominal products too."""
    if "RNN" in case.name or "LSTM" in case.name or "GRU" in case.name:
        # Torch's counter knows no recurrences: each weight is used once at each step of each sample.
        weights = [p for name, p in torch_side.run(case).module.named_parameters() if name.startswith("weight")]
        return prod(case.inputs[0][:-1]) * sum(weight.numel() for weight in weights)
    counted = ("Conv", "inear", "Attention", "Transformer")
    return torch_side.counted_macs(case) if any(part in case.name for part in counted) else 0


@every_layer
@GRADIENTS
@given(data=st.data())
def test_cells_are_those_of_torchs_gradients(name, data):
    """The axis maps of the class: which cells of the input one cell of the output depends on."""
    from cnncalc.torch_twin.probe import field_cells

    case = data.draw(strategies.valid(name))
    if getattr(case, "call", None) or (case.shape and isinstance(case.shape[0], tuple)):
        return  # a Sequential hands one tensor on, and no more
    network = cc.Sequential(make(case))
    graph = cc.trace(network, case.shape)
    output = graph.output_shape
    first = output[0] if output and isinstance(output[0], tuple) else output
    if 0 in (*case.shape, *first) or len(case.shape) < 2 or (name == "Softmax2d" and len(case.shape) == 3):
        return  # no cells, no space, or no batch where the oracle takes the first axis for one
    without_batch = len(case.shape) == getattr(graph.nodes[1].operation, "dimensions", 0) + 1
    lead = 1 if without_batch or len(first) == 1 else 2
    at = tuple(data.draw(st.integers(0, n - 1)) for n in (first[lead:] if len(first) > lead else first[lead - 1 :]))
    if name in DRAWN_AT_RANDOM:
        with pytest.raises(cc.UnsupportedError, match="drawn at random"):
            cc.receptive_field(network, case.shape, at=at, of="0")
        return
    field = cc.receptive_field(network, case.shape, at=at, of="0")
    found = {cell for term in field.terms for cell in product(*map(cells_of, term))}
    assert found == field_cells(network, case.shape, at, of="0")


# -- symbols ----------------------------------------------------------------------------------------------------


@every_layer
@WALK
@given(data=st.data())
def test_symbolic_sizes_give_the_same_numbers_and_conditions(name, data):
    """Where torch accepts, every recorded condition holds and shape and MACs come out equal when numbers are put in.

    Where it refuses a size that is a symbol here, a condition is broken at that size.
    """
    case = data.draw(strategies.wild(name))
    torchs = torch_side.run(case)
    if torchs.stage == CONSTRUCTION or differs_on_purpose(case, torchs.shape):
        return
    first = case.inputs[0]
    kept = 1 if len(first) > 1 else 0
    least = 2 if name in STRETCHING else 1
    values = {f"n{axis}": n for axis, n in enumerate(first) if n >= least and axis != kept and data.draw(st.booleans())}
    shapes = (tuple(f"n{axis}" if f"n{axis}" in values else n for axis, n in enumerate(first)), *case.inputs[1:])
    layer, refusal = attempt(make, case)
    if refusal is None:
        with cc.sizes.recording() as recorder:
            symbolic, refusal = attempt(layer.output_shape, *shapes, **case.call)
    if refusal is not None:
        needs_numbers = isinstance(refusal, cc.UnsupportedError) and name in NEED_NUMBERS
        assert torchs.stage == CALL or case.wrong_type or needs_numbers, (torchs, str(refusal))
        return
    held = [requirement.condition.holds(values) for requirement in recorder.requirements]
    assert all(held) == (torchs.stage == FINE), (torchs, recorder.requirements)
    if torchs.stage == FINE:
        assert _put_in(symbolic, values) == torchs.shape
        assert cc.sizes.substitute(layer.macs(*shapes, **case.call), values) == layer.macs(*case.inputs, **case.call)


def _put_in(shape: Any, values: dict[str, int]) -> Any:
    """A nested shape with numbers for its symbols."""
    if isinstance(shape, tuple):
        return tuple(_put_in(part, values) for part in shape)
    return cc.sizes.substitute(shape, values)
