"""The twin of a small member of each family, run by torch: shapes, tensors, MACs and receptive fields."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES


@pytest.mark.parametrize("name", ["vgg11", "resnet18", "resnet50", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5"])
def test_torch_agrees(name):
    cc.verify(ARCHITECTURES[name](num_classes=3), (1, 3, 64, 64)).raise_for_disagreement()


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [
        ("lenet", {}, (2, 1, 32, 32)),
        ("mobilenet_v1", {"width_mult": 0.25}, (1, 3, 64, 64)),
        ("attention_unet", {"base": 2, "depth": 2}, (1, 1, 20, 24)),
        ("unet_plus_plus", {"base": 2, "depth": 2}, (1, 3, 20, 24)),
        ("aspp", {"in_channels": 2, "out_channels": 2}, (1, 2, 9, 9)),
    ],
)
def test_torch_agrees_on_small_ones(name, arguments, shape):
    cc.verify(ARCHITECTURES[name](**arguments), shape).raise_for_disagreement()


@pytest.mark.parametrize("name", ["convnext_tiny", "lraspp_mobilenet_v3_large", "regnet_y_400mf", "efficientnet_b0", "vit_b_32"])
def test_the_twin_gives_the_shapes(name):
    import torch

    shape = (1, 3, 224, 224)
    network = ARCHITECTURES[name]()
    output = cc.to_torch(network, device="meta")(torch.zeros(shape, device="meta"))
    wanted = cc.analyze(network, shape).output_shape
    assert wanted == ({key: tuple(x.shape) for key, x in output.items()} if isinstance(output, dict) else tuple(output.shape))
