"""The architectures that torchvision has too: which they are, and those whose sources cnncalc does not run itself.

The others are held against torchvision beside its own sources, in test_torchvision_sources.py.
"""

from __future__ import annotations

import pytest
from test_torchvision_sources import NAMES
from torchvision_side import on_meta, told, torchvision

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES

#: Those that torchvision does not have.
OURS = {
    "aspp", "attention_unet", "densenet", "densenet264", "fcn8s", "lenet", "mobilenet_v1", "unet", "unet_plus_plus",
}  # fmt: skip
VIT = ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"]
RESNET_SEGMENTATION = ["fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101"]
SEGMENTATION = [*RESNET_SEGMENTATION, "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"]
SWIN = ["swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"]


def weights_of(name):
    """What torchvision publishes with each of a model's weights."""
    return list(torchvision().models.get_model_weights(name))


def test_every_architecture_is_compared():
    assert set(ARCHITECTURES) == {name for _, name in NAMES} | {*VIT, *SWIN, *SEGMENTATION, "maxvit_t"} | OURS


def test_every_classification_model_has_a_name():
    models = torchvision().models
    assert set(models.list_models(module=models)) <= set(ARCHITECTURES)


@pytest.mark.parametrize("name", VIT)
def test_vision_transformers_equal_torchvisions(name):
    told(name, (1, 3, 224, 224)).compare(cc.analyze(ARCHITECTURES[name](), (1, 3, 224, 224)))


@pytest.mark.parametrize("name", VIT)
def test_vision_transformers_have_the_published_numbers(name):
    for weights in weights_of(name):
        size = weights.meta["min_size"][0]
        report = cc.analyze(ARCHITECTURES[name](image_size=size), (1, 3, size, size))
        assert (round(report.macs / 1e9, 3), report.params) == (weights.meta["_ops"], weights.meta["num_params"]), weights


@pytest.mark.parametrize("name", [*SWIN, "maxvit_t"])
def test_transformers_with_windows_equal_torchvisions_and_the_published_numbers(name):
    (weights,) = weights_of(name)
    size = weights.transforms.keywords["crop_size"]
    report = cc.analyze(ARCHITECTURES[name](), (1, 3, size, size))
    assert (round(report.macs / 1e9, 3), report.params) == (weights.meta["_ops"], weights.meta["num_params"])
    if name.endswith("_t"):
        told(name, (1, 3, size, size)).compare(report)
    else:
        # The same blocks, more and wider ones.
        assert {path: tuple(tensor.shape) for path, tensor in on_meta(name).state_dict().items()} == report.tensors


@pytest.mark.parametrize(("name", "height", "width"), [("swin_t", 50, 31), ("swin_v2_t", 100, 32)])
def test_windows_are_padded_and_shifted_as_torchvisions(name, height, width):
    """Maps that no window divides, and maps of one window, which are not shifted."""
    shape = (2, 3, height, width)
    told(name, shape).compare(cc.analyze(ARCHITECTURES[name](), shape))


@pytest.mark.parametrize("name", SEGMENTATION)
def test_segmentation_models_equal_torchvisions(name):
    shape = (1, 3, 97, 130)
    told(name, shape).compare(cc.analyze(ARCHITECTURES[name](), shape))


@pytest.mark.parametrize("name", SEGMENTATION[:-1])
def test_segmentation_models_have_the_published_numbers(name):
    """Published with their second head, for images of 520×520."""
    shape = (1, 3, 520, 520)
    report = cc.analyze(ARCHITECTURES[name](aux_loss=True), shape)
    for weights in weights_of(name):
        assert (round(report.macs / 1e9, 3), report.params) == (weights.meta["_ops"], weights.meta["num_params"]), weights


def test_second_heads_are_torchvisions():
    told("fcn_resnet50", (1, 3, 64, 64), aux_loss=True).compare(
        cc.analyze(ARCHITECTURES["fcn_resnet50"](aux_loss=True), (1, 3, 64, 64))
    )


def test_googlenet_is_published_without_its_auxiliary_heads():
    shape = (1, 3, 224, 224)
    published = weights_of("googlenet")[0].meta["num_params"]
    assert cc.analyze(ARCHITECTURES["googlenet"](aux_logits=False), shape).params == published == 6_624_904
    report = cc.analyze(ARCHITECTURES["googlenet"](), shape)
    assert report.params == 13_004_888
    assert {row.path for row in report.rows if row.calls == 0 and row.depth == 1} == {"aux1", "aux2"}


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"aspp", "unet", "unet_plus_plus", "attention_unet"}))
def test_the_number_of_classes_changes_the_last_tensors_alone(name):
    usual, few = (dict(net.parameters()) for net in (ARCHITECTURES[name](), ARCHITECTURES[name](num_classes=7)))
    changed = {path: (shape, few[path]) for path, shape in usual.items() if shape != few[path]}
    classes = 10 if name == "lenet" else 21 if name in {*SEGMENTATION, "fcn8s"} else 1000
    assert changed
    # A transposed convolution of scores has the classes twice.
    assert all(
        before[0] == classes and after == tuple(7 if n == classes else n for n in before) for before, after in changed.values()
    )
    assert set(usual) == set(few)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mobilenet_v2", {"width_mult": 0.35}),
        ("mobilenet_v3_large", {"width_mult": 0.75, "reduced_tail": True}),
        ("mobilenet_v3_small", {"reduced_tail": True, "dilated": True}),
        ("resnet50", {"groups": 4, "width_per_group": 32, "replace_stride_with_dilation": (True, False, True)}),
        ("inception_v3", {"aux_logits": False}),
    ],
)
def test_arguments_mean_what_they_mean_in_torchvision(name, arguments):
    shape = (1, 3, 128, 128)
    told(name, shape, **arguments).compare(cc.analyze(ARCHITECTURES[name](**arguments), shape))
