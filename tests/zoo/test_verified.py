"""The twin of a small member of each family, run by torch: shapes, tensors, MACs and receptive fields."""

from __future__ import annotations

import pytest
from torchvision_side import arguments, torchvision

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES
from cnncalc.zoo._vit import VisionTransformer


@pytest.mark.parametrize("name", ["resnet50", "squeezenet1_1", "shufflenet_v2_x0_5"])
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


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("convnext_tiny", 64),
        ("densenet121", 64),
        ("efficientnet_b0", 64),
        ("googlenet", 64),
        ("inception_v3", 96),
        ("lraspp_mobilenet_v3_large", 64),
        ("maxvit_t", 224),
        ("mnasnet0_5", 64),
        ("mobilenet_v2", 64),
        ("regnet_y_400mf", 64),
        ("resnet18", 64),
        ("shufflenet_v2_x0_5", 64),
        ("squeezenet1_1", 64),
        ("swin_t", 100),
        ("swin_v2_t", 100),
    ],
)
def test_torchvisions_weights_load_and_give_the_same_output(name, side):
    """The same function to the last bit, at random weights: names, order of operations, eps and all."""
    import torch

    torch.manual_seed(0)
    compare(torchvision().models.get_model(name, weights=None, **arguments(name)), ARCHITECTURES[name](), side)


def test_the_weights_of_a_small_vision_transformer_load_and_give_the_same_output():
    """Its named ones have 86 million parameters and more."""
    import torch

    torch.manual_seed(0)
    model = torchvision().models.VisionTransformer(32, 8, 2, 2, 8, 16, num_classes=5)
    compare(model, VisionTransformer(8, 2, 2, 8, 16, 5, 32, dropout=0.0, attention_dropout=0.0, representation_size=None), 32)


def compare(model, network, side):
    """Assert that torch's model and the twin of ours give the same with the same weights."""
    import torch

    state = model.eval().state_dict()
    for tensor in state.values():
        # Weights that are zero at the start would hide what they are multiplied with.
        if tensor.is_floating_point() and not tensor.any():
            tensor.uniform_(0.1, 0.2)
    twin = cc.to_torch(network).eval()
    twin.load_state_dict(state)
    image = torch.randn(1, 3, side, side)
    with torch.no_grad():
        wanted, given = model(image), twin(image)
    if isinstance(wanted, dict):
        wanted, given = wanted["out"], given["out"]
    assert wanted.any()
    assert torch.equal(wanted, given)
