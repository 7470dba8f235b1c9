"""Source code that is written for torch: read back by cnncalc it is the same graph, by torch the same tensors and shapes."""

from __future__ import annotations

import ast

import pytest
from drawing.networks import networks
from hypothesis import given, settings

import cnncalc as cc
from cnncalc import zoo

torch = pytest.importorskip("torch")

IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
OURS = "import cnncalc.nn.functional as F\nfrom cnncalc import drop_in as torch\nfrom cnncalc import nn\n"


def run(source):
    """The network that a source of ours makes."""
    space = {}
    exec(source, space)  # noqa: S102 - written by the function under test, a moment ago
    return space["network"]


def flow(graph):
    """Each call of a graph: name, kind, what it reads, what it gives."""
    return [
        (node.path, node.kind, [(value.node.index, value.index) for value in node.values], node.output) for node in graph.nodes
    ]


def check(network, shape):
    """Read the source back both ways."""
    source = cc.to_source(network, shape)
    assert source.startswith(IMPORTS)
    again = run(source.replace(IMPORTS, OURS))
    before, after = cc.trace(network, shape), cc.trace(again, shape)
    assert flow(before) == flow(after)
    report = cc.analyze(network, shape)
    assert cc.analyze(again, shape).tensors == report.tensors
    twin = run(source).eval().to("meta")
    assert {name: tuple(tensor.shape) for name, tensor in twin.state_dict().items()} == report.tensors
    result = twin(torch.empty(shape, device="meta"))
    shapes = {key: tuple(value.shape) for key, value in result.items()} if isinstance(result, dict) else tuple(result.shape)
    assert shapes == report.output_shape
    return source


NAMES = ["densenet121", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "regnet_y_400mf", "fcn_resnet50"]


@pytest.mark.parametrize("name", NAMES)
def test_architectures_come_back_as_the_same_graph(name):
    check(zoo.ARCHITECTURES[name](), (1, 3, 64, 64))


def test_a_unet_comes_back_as_the_same_graph():
    check(zoo.ARCHITECTURES["unet"](), (1, 1, 188, 188))


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@settings(max_examples=20)
@given(networks())
def test_any_network_comes_back_as_the_same_graph(drawn):
    check(drawn.module, drawn.shape)


def test_blocks_of_one_kind_share_a_class():
    source = cc.to_source(zoo.resnet18(), (1, 3, 64, 64))
    classes = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert classes == ["Block", "BasicBlock", "BasicBlock2", "ResNet"]


HOSTILE = ['x"); import os; ("', "class", "with space", "\\", "self", "\u202e", "'''", "#", "naïve", "__debug__"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_literals_whatever_they_say(name):
    inner = cc.Sequential({name: cc.Conv2d(3, 4, 1), "b": cc.ReLU()})
    source = check(cc.Sequential({name: inner}), (1, 3, 5, 5))
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    assert {func.id for func in calls if isinstance(func, ast.Name)} <= {"super", "getattr", "isinstance", "Chain", "child"}
    assert not any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.parse(source).body[3:])


def test_arguments_are_literals_too():
    layers = (cc.Conv2d(3, 4, 3, padding="same", padding_mode="reflect"), cc.Threshold(float("-inf"), 2.5))
    source = check(cc.Sequential(*layers), (1, 3, 5, 5))
    assert 'float("-inf")' in source
    with pytest.raises(cc.UnsupportedError, match="no literal"):
        cc.to_source(cc.Identity(object()), (1, 3))


def test_frozen_layers_stay_frozen():
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.BatchNorm2d(4))
    net[0].requires_grad_(requires_grad=False)
    twin = run(cc.to_source(net, (1, 3, 5, 5)))
    assert [parameter.requires_grad for parameter in twin.parameters()] == [False, False, True, True]


def test_what_has_no_source_is_refused():
    with pytest.raises(cc.UnsupportedError, match="needs numbers"):
        cc.to_source(cc.Conv2d("C", 4, 3), (1, "C", 5, 5))
