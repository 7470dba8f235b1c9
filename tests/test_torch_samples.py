"""Torch's own samples: the calls that torch's test suite makes of each module, valid and refused, are answered as torch does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from torch_side import quiet, shape_of

import cnncalc as cc
from cnncalc.layers import LAYER_NAMES, named

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest", reason="torch's test suite asks for it")

profile = settings.default
with quiet():
    from torch.testing._internal.common_modules import ModuleErrorEnum, module_db
# Torch's test suite loads a profile of its own, with ten examples, for all tests that are collected after this file.
settings.register_profile("asked for", profile)
settings.load_profile("asked for")

INFOS = {info.name.removeprefix("nn."): info for info in module_db}
NAMES = sorted(INFOS.keys() & LAYER_NAMES)
#: Classes that torch's test suite draws no samples of.
WITHOUT_SAMPLES = {
    *("AlphaDropout", "ChannelShuffle", "CrossMapLRN2d", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "EmbeddingBag"),
    *(
        "FeatureAlphaDropout",
        "CosineSimilarity",
        "PairwiseDistance",
        "Flatten",
        "Fold",
        "Hardsigmoid",
        "Identity",
        "LazyBatchNorm1d",
        "LazyBatchNorm2d",
    ),
    *("LazyBatchNorm3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d", "LazyLinear", "MaxUnpool1d"),
    *("MaxUnpool2d", "MaxUnpool3d", "PixelShuffle", "PixelUnshuffle", "RReLU", "SyncBatchNorm", "Unflatten", "Unfold"),
    *("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"),
}


def shapes(nested: Any) -> Any:
    """Arguments with a shape for each tensor."""
    if isinstance(nested, torch.Tensor):
        return tuple(nested.shape)
    if isinstance(nested, dict):
        return {name: shapes(item) for name, item in nested.items()}
    return type(nested)(map(shapes, nested)) if isinstance(nested, (tuple, list)) else nested


def zeros(nested: Any, dtype: Any) -> Any:
    """Arguments with zeros in each tensor."""
    if isinstance(nested, torch.Tensor):
        return torch.zeros(nested.shape, dtype=dtype)
    if isinstance(nested, dict):
        return {name: zeros(item, dtype) for name, item in nested.items()}
    return type(nested)(zeros(item, dtype) for item in nested) if isinstance(nested, (tuple, list)) else nested


def samples(name: str) -> list[Any]:
    """What torch's suite calls a class with in eval mode."""
    info = INFOS[name]
    drawn: list[Any] = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=False, training=False)
    return drawn


def our_layer(name: str, made: Any) -> Any:
    """Our layer of a sample; a function of torch as an argument is ours of the same name."""
    args = [getattr(cc, item.__name__) if callable(item) else item for item in made.args]
    kwargs = {key: getattr(cc, item.__name__) if callable(item) else item for key, item in made.kwargs.items()}
    return named(name)(*args, **kwargs)


def test_the_classes_without_samples_are_known():
    assert set(NAMES) | WITHOUT_SAMPLES >= LAYER_NAMES
    assert not WITHOUT_SAMPLES & set(NAMES)
    assert all(samples(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_torchs_own_samples_agree(name):
    for sample in samples(name):
        made, called = sample.constructor_input, sample.forward_input
        if "_random_samples" in made.kwargs:
            with pytest.raises(cc.UnsupportedError, match="random samples are values of a tensor"):
                our_layer(name, made)
            continue
        layer = our_layer(name, made)
        with quiet(), torch.no_grad():
            module = INFOS[name].module_cls(*made.args, **made.kwargs).double().eval()
            output = module(*called.args, **called.kwargs)
        inputs, call = shapes(called.args), shapes(called.kwargs)
        assert layer.output_shape(*inputs, **call) == shape_of(output), sample.desc
        layer = layer.materialized(*inputs) if name.startswith("Lazy") else layer
        owned = {
            f"{path}.{key}" if path else key: shape
            for path, part in layer.named_modules()
            for key, shape in part.tensors().items()
        }
        assert list(owned.items()) == [(key, tuple(tensor.shape)) for key, tensor in module.state_dict().items()], sample.desc


@pytest.mark.parametrize("name", [name for name in NAMES if INFOS[name].module_error_inputs_func])
def test_what_torchs_suite_expects_to_be_refused_is_refused(name):
    info = INFOS[name]
    drawn = info.module_error_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=False, training=False)
    assert drawn
    for sample in drawn:
        made, called = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
        if sample.error_on is ModuleErrorEnum.CONSTRUCTION_ERROR:
            with pytest.raises(cc.CnncalcError):
                named(name)(*made.args, **made.kwargs)
            continue
        # Some samples have numbers of a wrong type or out of range: what is refused for its shapes is refused for zeros too.
        inputs, call = shapes(called.args), shapes(called.kwargs)
        dtype = torch.int64 if name == "Embedding" else torch.float64
        with quiet(), torch.no_grad():
            try:
                module = info.module_cls(*made.args, **made.kwargs).double().eval()
                expected = shape_of(module(*zeros(called.args, dtype), **zeros(called.kwargs, dtype)))
            except (RuntimeError, ValueError):
                expected = None
        if expected is None:
            with pytest.raises(cc.CnncalcError):
                named(name)(*made.args, **made.kwargs).output_shape(*inputs, **call)
        else:
            assert named(name)(*made.args, **made.kwargs).output_shape(*inputs, **call) == expected
