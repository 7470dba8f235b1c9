"""Every architecture that torchvision has too, against torchvision itself and against the numbers it publishes.

The oracle is the real model on the meta device: its `state_dict`, the shape that every module gives, torch's counter of
flops, and the parameters and multiply-accumulates (`num_params` and `_ops`) that torchvision publishes with its weights.
"""

from __future__ import annotations

from functools import cache

import pytest
from torchvision_side import on_meta, torchvision

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES

#: Those that torchvision does not have.
OURS = {"densenet", "densenet264", "unet"}
SHARED = sorted(set(ARCHITECTURES) - OURS)
#: Sizes of images that differ from torchvision's first published ones: it publishes none for these.
UNPUBLISHED = 224


@cache
def weights_of(name):
    """What torchvision publishes with each of a model's weights."""
    return list(torchvision().models.get_model_weights(name))


def image_size(name):
    """The size of the images that the first weights were measured on."""
    published = weights_of(name)
    return published[0].transforms.keywords["crop_size"] if published else UNPUBLISHED


@cache
def report_of(name, size):
    return cc.analyze(ARCHITECTURES[name](), (1, 3, size, size))


def shapes_in(nested):
    """Tensors as shapes."""
    return tuple(map(shapes_in, nested)) if isinstance(nested, (tuple, list)) else tuple(nested.shape)


def test_every_architecture_is_compared():
    known = set(torchvision().models.list_models())
    assert set(ARCHITECTURES) & known == set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_equals_torchvision(name):
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    report = report_of(name, image_size(name))
    model = on_meta(name)
    given = {}
    for path, module in model.named_modules():
        module.register_forward_hook(lambda _, __, output, path=path: given.__setitem__(path, shapes_in(output)))
    counter = FlopCounterMode(display=False)
    with counter:
        output = model(torch.zeros(report.input_shapes[0], device="meta"))

    assert report.output_shape == shapes_in(output)
    assert {path: report[path].output_shape for path in given} == given
    assert {path: tuple(tensor.shape) for path, tensor in model.state_dict().items()} == report.tensors
    assert report.params == report.trainable == sum(parameter.numel() for parameter in model.parameters())
    assert report.buffers == sum(buffer.numel() for buffer in model.buffers())
    assert report.macs * 2 == counter.get_total_flops()


@pytest.mark.parametrize("name", SHARED)
def test_parameters_and_macs_are_the_published_ones(name):
    published = weights_of(name)
    if not published:
        pytest.skip("torchvision publishes no weights for it")
    for weights in published:
        report = report_of(name, weights.transforms.keywords["crop_size"])
        assert round(report.macs / 1e9, 3) == weights.meta["_ops"], weights
        assert report.params == weights.meta["num_params"], weights


@pytest.mark.parametrize("name", SHARED)
def test_the_number_of_classes_is_torchvisions(name):
    report = cc.analyze(ARCHITECTURES[name](num_classes=7), (1, 3, image_size(name), image_size(name)))
    assert report.output_shape[-1] == 7
