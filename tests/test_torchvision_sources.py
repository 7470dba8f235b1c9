"""torchvision's own model sources, run by cnncalc with nothing but their import lines changed, against torchvision itself.

The architectures of the same names in cnncalc.zoo are held against the same oracle beside them.

The oracle is the real model on the meta device: its `state_dict`, the shape that every module gives, torch's counter of
flops, and the multiply-accumulates that torchvision publishes with its weights.
"""

from __future__ import annotations

import difflib
import random
from functools import cache

import pytest
from torchvision_side import arguments, on_meta, shapes_in, told
from torchvision_source import changed_source, dropped_in, files

import cnncalc as cc
from cnncalc.sizes import substitute
from cnncalc.zoo import ARCHITECTURES

MODELS = {
    "alexnet": "alexnet",
    "convnext": "convnext_tiny convnext_small convnext_base convnext_large",
    "densenet": "densenet121 densenet161 densenet169 densenet201",
    "efficientnet": (
        "efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6"
        " efficientnet_b7 efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l"
    ),
    "googlenet": "googlenet",
    "inception": "inception_v3",
    "mnasnet": "mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3",
    "mobilenetv2": "mobilenet_v2",
    "mobilenetv3": "mobilenet_v3_large mobilenet_v3_small",
    "regnet": (
        "regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf"
        " regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf"
    ),
    "resnet": (
        "resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d"
        " wide_resnet50_2 wide_resnet101_2"
    ),
    "shufflenetv2": "shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0",
    "squeezenet": "squeezenet1_0 squeezenet1_1",
    "vgg": "vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn",
}
NAMES = [(file, name) for file, names in MODELS.items() for name in names.split()]
#: Of each file the smallest model.
SMALLEST = [
    ("alexnet", "alexnet"),
    ("convnext", "convnext_tiny"),
    ("densenet", "densenet121"),
    ("efficientnet", "efficientnet_b0"),
    ("googlenet", "googlenet"),
    ("inception", "inception_v3"),
    ("mnasnet", "mnasnet0_5"),
    ("mobilenetv2", "mobilenet_v2"),
    ("mobilenetv3", "mobilenet_v3_small"),
    ("regnet", "regnet_y_400mf"),
    ("resnet", "resnet18"),
    ("shufflenetv2", "shufflenet_v2_x0_5"),
    ("squeezenet", "squeezenet1_1"),
    ("vgg", "vgg11_bn"),
]
every_model = pytest.mark.parametrize(("file", "name"), NAMES, ids=[name for _, name in NAMES])


def built(file, name):
    """A model of a changed source file."""
    dropped_in(f"models.{file}")
    return dropped_in("models._api").BUILTIN_MODELS[name](**arguments(name))


def weights_of(file, name):
    """What torchvision publishes with each of a model's weights."""
    dropped_in(f"models.{file}")
    return list(dropped_in("models._api").get_model_weights(name))


def image_size(file, name):
    """The size of the images that the first weights were measured on; 224 where torchvision publishes none."""
    published = weights_of(file, name)
    return published[0].transforms.keywords["crop_size"] if published else 224


@cache
def report_of(file, name, size):
    return cc.analyze(built(file, name), (1, 3, size, size))


def test_every_model_of_these_files_is_tried():
    for file in MODELS:
        dropped_in(f"models.{file}")
    registered = dropped_in("models._api").BUILTIN_MODELS
    assert {name for name, builder in registered.items() if builder.__module__.rpartition(".")[2] in MODELS} == {
        name for _, name in NAMES
    }


@pytest.mark.parametrize("name", [*(f"models.{file}" for file in MODELS), "models._api", "models._utils", "ops.misc"])
def test_nothing_but_import_lines_is_changed(name):
    source = files()[name].read_text(encoding="utf-8")
    changed = changed_source(source)
    assert len(changed.splitlines()) == len(source.splitlines())
    lines = [
        line[2:].split()[0]
        for line in difflib.ndiff(source.splitlines(), changed.splitlines())
        if line[0] in "+-" and line[2:].strip()
    ]
    assert set(lines) <= {"import", "from"}
    assert any(lines)


def reports_of(file, name, size):
    """The report of torchvision's source, and that of the architecture of the same name in cnncalc.zoo."""
    return report_of(file, name, size), report_of_zoo(name, size)


@cache
def report_of_zoo(name, size):
    return cc.analyze(ARCHITECTURES[name](), (1, 3, size, size))


@every_model
def test_equals_torchvision(file, name):
    size = image_size(file, name)
    oracle = told(name, (1, 3, size, size))
    for report in reports_of(file, name, size):
        oracle.compare(report)


@every_model
def test_multiply_accumulates_equal_those_published(file, name):
    published = weights_of(file, name)
    if not published:
        pytest.skip("torchvision publishes no weights for it")
    for weights in published:
        for report in reports_of(file, name, weights.transforms.keywords["crop_size"]):
            assert round(report.macs / 1e9, 3) == weights.meta["_ops"], weights
            # GoogLeNet's are published without the auxiliary heads that it is built with.
            assert name == "googlenet" or report.params == weights.meta["num_params"], weights


@pytest.mark.parametrize(("file", "name"), SMALLEST, ids=[name for _, name in SMALLEST])
def test_the_twin_carries_out_the_changed_source(file, name):
    import torch

    model = built(file, name)
    twin = cc.to_torch(model, device="meta")
    assert shapes_in(twin(torch.zeros(2, 3, 128, 128, device="meta"))) == cc.analyze(model, (2, 3, 128, 128)).output_shape
    state = on_meta(name).state_dict()
    assert {path: tensor.shape for path, tensor in twin.state_dict().items()} == {
        path: tensor.shape for path, tensor in state.items()
    }


# -- with symbols -----------------------------------------------------------------------------------------------


def substituted(nested, values):
    """Sizes with numbers in place of symbols."""
    if isinstance(nested, tuple):
        return tuple(substituted(size, values) for size in nested)
    return substitute(nested, values)


@pytest.mark.parametrize(("file", "name"), SMALLEST, ids=[name for _, name in SMALLEST])
def test_symbols_give_the_formula_of_every_row(file, name):
    model = built(file, name)
    formula = cc.analyze(model, ("N", 3, "H", "W"))
    draw = random.Random(name)  # noqa: S311 - sizes to try
    for _ in range(4):
        values = {"N": draw.randint(1, 4), "H": draw.randint(80, 400), "W": draw.randint(80, 400)}
        numbers = cc.analyze(model, (values["N"], 3, values["H"], values["W"]))
        assert all(condition.condition.holds(values) for condition in formula.conditions)
        assert {row.path: substituted(row.output_shape, values) for row in formula.rows} == {
            row.path: row.output_shape for row in numbers.rows
        }
        assert {row.path: substituted(row.macs, values) for row in formula.rows} == {row.path: row.macs for row in numbers.rows}
        assert formula.params == numbers.params


def test_the_last_map_of_a_resnet_is_a_32nd_rounded_up():
    for name in ("resnet18", "resnet50"):
        report = cc.analyze(built("resnet", name), ("N", 3, "H", "W"))
        assert str(report["layer4"].output_shape[2:]) == "(⌈H/32⌉, ⌈W/32⌉)"
        assert str(report.output_shape) == "(N, 1000)"
