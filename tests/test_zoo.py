"""Named architectures against torchvision's published numbers.

`num_params` and `_ops` (multiply-accumulates, in G, for 3×224×224) are those that torchvision publishes with its weights.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import cnncalc as cc
from cnncalc import zoo
from cnncalc.zoo import ARCHITECTURES, CATALOGUE

PUBLISHED = {
    "alexnet": (61100840, 0.714),
    "vgg11": (132863336, 7.609),
    "vgg11_bn": (132868840, 7.609),
    "vgg13": (133047848, 11.308),
    "vgg13_bn": (133053736, 11.308),
    "vgg16": (138357544, 15.470),
    "vgg16_bn": (138365992, 15.470),
    "vgg19": (143667240, 19.632),
    "vgg19_bn": (143678248, 19.632),
    "resnet18": (11689512, 1.814),
    "resnet34": (21797672, 3.664),
    "resnet50": (25557032, 4.089),
    "resnet101": (44549160, 7.801),
    "resnet152": (60192808, 11.514),
}
IMAGE = (1, 3, 224, 224)


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_and_macs_are_the_published_ones(name):
    report = cc.analyze(ARCHITECTURES[name](), IMAGE)
    assert (report.params, round(report.macs / 1e9, 3)) == PUBLISHED[name]
    assert report.output_shape == (1, 1000)
    assert report.trainable == report.params


def test_every_architecture_is_compared():
    assert set(ARCHITECTURES) == set(PUBLISHED)


@pytest.mark.parametrize(
    ("name", "row", "size", "stride", "padding"),
    [
        # Araujo, Norris and Sim, Distill 2019, the last map before the head.
        ("vgg16", "features", 212, 32, 90),
        # With the stride on the 3×3 convolution; Distill's 483 has it on the first 1×1.
        ("resnet50", "layer4", 427, 32, 213),
        # A further block adds 2·16 in the third stage and 2·8 in the second: 17·2·16, and 4·2·8 + 30·2·16.
        ("resnet101", "layer4", 971, 32, 485),
        ("resnet152", "layer4", 1451, 32, 725),
    ],
)
def test_receptive_fields_of_the_trunks(name, row, size, stride, padding):
    field = cc.receptive_field(ARCHITECTURES[name](), IMAGE, of=row)
    assert (field.size, field.stride, field.padding) == ((size, size), (stride, stride), (padding, padding))


@pytest.mark.parametrize("name", PUBLISHED)
def test_tensors_have_torchvisions_names(name):
    """As in the published state dicts: a few names that each family has, and the last layer's shape."""
    tensors = cc.analyze(ARCHITECTURES[name](num_classes=10), IMAGE).tensors
    known = {
        "alexnet": {"features.0.weight": (64, 3, 11, 11), "classifier.6.weight": (10, 4096)},
        "vgg": {"features.0.weight": (64, 3, 3, 3), "classifier.6.weight": (10, 4096)},
        "resnet": {
            "conv1.weight": (64, 3, 7, 7),
            "layer2.0.downsample.0.weight": None,
            "bn1.running_var": (64,),
            "fc.bias": (10,),
        },
    }["alexnet" if name == "alexnet" else name[:3] if name.startswith("vgg") else "resnet"]
    for key, shape in known.items():
        assert tensors[key] == shape or shape is None


@pytest.mark.parametrize("name", ["vgg11", "resnet18", "resnet50"])
def test_torch_agrees(name):
    cc.verify(ARCHITECTURES[name](num_classes=3), (1, 3, 64, 64)).raise_for_disagreement()


# -- the catalogue ----------------------------------------------------------------------------------------------


def test_the_catalogue_names_every_public_function_of_every_file():
    files = {module.name.removeprefix("_"): f"cnncalc.zoo.{module.name}" for module in pkgutil.iter_modules(zoo.__path__)}
    assert set(files) == set(CATALOGUE)
    for family, path in files.items():
        module = importlib.import_module(path)
        functions = {
            name
            for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == path and not name.startswith("_")
        }
        assert functions == set(CATALOGUE[family])


def test_names_are_loaded_on_first_use():
    assert zoo.resnet18 is ARCHITECTURES["resnet18"]
    assert sorted(zoo.__all__) == sorted(ARCHITECTURES)
    with pytest.raises(AttributeError, match="has no attribute 'resnet19'"):
        zoo.resnet19  # noqa: B018 - the attribute is what is tried
    assert "resnet19" not in ARCHITECTURES
    assert 3 not in ARCHITECTURES


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_says_where_it_comes_from(name):
    assert "arXiv:" in inspect.getmodule(ARCHITECTURES[name]).__doc__
