"""Torchvision's arguments, one by one: each is offered under its name, or ignored or refused with a reason."""

from __future__ import annotations

import inspect
import sys

import pytest

import cnncalc as cc
from cnncalc import zoo
from cnncalc.zoo import CATALOGUE
from cnncalc.zoo.checking import CLASSES, WITHOUT_NUMBERS

torch = pytest.importorskip("torch")

from followed_side import asked_of_torch, differences  # noqa: E402 - it needs torch
from torchvision_side import on_meta, torchvision  # noqa: E402

#: Torchvision's class behind the functions of a family.
BEHIND = {
    "alexnet": "AlexNet", "convnext": "ConvNeXt", "densenet": "DenseNet", "efficientnet": "EfficientNet",
    "googlenet": "GoogLeNet", "inception": "Inception3", "maxvit": "MaxVit", "mnasnet": "MNASNet", "mobilenetv2": "MobileNetV2",
    "mobilenetv3": "MobileNetV3", "regnet": "RegNet", "resnet": "ResNet", "shufflenetv2": "ShuffleNetV2",
    "squeezenet": "SqueezeNet", "swin": "SwinTransformer", "vgg": "VGG", "vit": "VisionTransformer",
}  # fmt: skip
#: One network of a family, where the first is not like the others.
SAMPLES = {"densenet": "densenet121"}


def taken_by_torchvision(family, name):
    """The arguments that torchvision's function passes on to its class: those that it does not set itself."""
    builder = torchvision().models.get_model_builder(name)
    init = inspect.signature(getattr(sys.modules[builder.__module__], BEHIND[family]).__init__)
    for argument, parameter in init.parameters.items():
        if argument in {"self", "kwargs"}:
            continue
        default = 0.1 if parameter.default is parameter.empty else parameter.default
        try:
            on_meta(name, **{argument: default})
        except TypeError as error:
            if "multiple values" in str(error):
                continue
        except ValueError:
            # The function insists on its own value.
            continue
        except AssertionError:
            # The class takes it, if not this value.
            pass
        yield argument


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize("family", BEHIND)
def test_every_argument_is_offered_ignored_or_refused(family):
    name = SAMPLES.get(family, CATALOGUE[family][0])
    offered = set(inspect.signature(zoo.ARCHITECTURES[name]).parameters)
    known = offered | WITHOUT_NUMBERS.get(family, set()) | CLASSES.get(family, set())
    assert set(taken_by_torchvision(family, name)) <= known


CASES = [
    ("resnext50_32x4d", {"replace_stride_with_dilation": (False, True, True)}),
    ("wide_resnet50_2", {"groups": 2}),
    ("resnet50", {"zero_init_residual": True, "groups": 4, "width_per_group": 32}),
    ("densenet121", {"bn_size": 2, "memory_efficient": True}),
    ("googlenet", {"transform_input": True, "init_weights": False}),
    ("inception_v3", {"transform_input": True, "init_weights": False}),
    ("vit_b_32", {"representation_size": 64, "dropout": 0.1, "attention_dropout": 0.2}),
    ("swin_t", {"mlp_ratio": 2.5, "dropout": 0.1, "attention_dropout": 0.1}),
    ("mobilenet_v2", {"round_nearest": 4, "width_mult": 0.6}),
    ("regnet_y_400mf", {"stem_width": 16}),
    ("efficientnet_b0", {"stochastic_depth_prob": 0.5}),
    ("maxvit_t", {"squeeze_ratio": 0.33, "expansion_ratio": 2.5, "mlp_ratio": 2, "mlp_dropout": 0.1, "num_classes": 7}),
    ("maxvit_t", {"input_size": (223, 223)}),
    ("maxvit_t", {"input_size": (448, 448)}),
]


@pytest.mark.parametrize(("name", "more"), CASES, ids=[name for name, _ in CASES])
def test_with_these_arguments_a_network_is_torchvisions(name, more):
    shape = (1, 3, *more.get("input_size", (299, 299) if name == "inception_v3" else (224, 224)))
    told = asked_of_torch(on_meta(name, **more), shape)
    report = cc.analyze(zoo.ARCHITECTURES[name](**more), shape)
    # Torchvision's own code calls some functions where ours has layers: rows that ran are not all the same.
    told["given"] = {}
    assert differences(report, told) == []


@pytest.mark.parametrize(("family", "argument"), [(family, name) for family, names in CLASSES.items() for name in sorted(names)])
def test_classes_to_build_with_are_refused_in_one_line(family, argument):
    name = CATALOGUE[family][0]
    zoo.ARCHITECTURES[name](**{argument: None})
    with pytest.raises(cc.ArgumentError, match=f"^{name}: {argument} takes classes of torchvision's") as refused:
        zoo.ARCHITECTURES[name](**{argument: object()})
    assert "\n" not in str(refused.value)


def test_fcn8s_is_the_papers():
    net = zoo.fcn8s()
    report = cc.analyze(net, (1, 3, 500, 500))
    coarse = report["score_fr"].receptive_field
    # Table 1 of the paper: 134 million parameters, a field of 404, a stride of 32.
    assert (coarse.axes[0].size, coarse.axes[0].stride) == (404, 32)
    assert round(report.params / 1e6) == 134
    # VGG-16's convolutions, fc6 and fc7 as convolutions, three scores with a bias, three transposed convolutions without.
    assert report.params == 14714688 + (512 * 49 + 1) * 4096 + 4097 * 4096 + 21 * (4097 + 513 + 257) + 21 * 21 * (16 + 16 + 256)
    assert report.output_shape == (1, 21, 500, 500)
    assert str(cc.analyze(net, (1, 3, "H", "W")).output_shape) == "(1, 21, H, W)"
