"""Source code that is written for torch: read back by cnncalc it is the same graph, by torch the same tensors and shapes."""

from __future__ import annotations

import ast

import pytest
from drawing import networks
from hypothesis import given, settings

import cnncalc as cc
from cnncalc import drop_in, zoo

torch = pytest.importorskip("torch")
from source_side import check_document, check_source, run  # noqa: E402 - it needs torch

#: One of each kind of network; benchmarks/coverage.py takes all.
NAMES = [
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "fcn_resnet50", "googlenet", "inception_v3",
    "lraspp_mobilenet_v3_large", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18",
    "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11_bn", "vit_b_32",
]  # fmt: skip
SIZES = {"inception_v3": 299, "maxvit_t": 224, "vit_b_32": 224, "alexnet": 96}


@pytest.mark.parametrize("name", NAMES)
def test_architectures_come_back_as_the_same_graph(name):
    shape = (1, 3, SIZES.get(name, 64), SIZES.get(name, 64))
    network = zoo.ARCHITECTURES[name]()
    check_source(network, shape)
    check_document(network, shape)


@pytest.mark.parametrize("name", ["unet", "attention_unet", "unet_plus_plus"])
def test_unets_come_back_as_the_same_graph(name):
    check_source(
        zoo.ARCHITECTURES[name](), (1, 1, 188, 188) if name == "unet" else (1, 1 if name == "attention_unet" else 3, 64, 64)
    )


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
@settings(max_examples=20)
@given(networks.networks())
def test_any_network_comes_back_as_the_same_graph(drawn):
    check_source(drawn.module, drawn.shape)


def test_blocks_of_one_kind_share_a_class():
    source = cc.to_source(zoo.resnet18(), (1, 3, 64, 64))
    classes = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert classes == ["Block", "BasicBlock", "BasicBlock2", "ResNet"]


HOSTILE = ['x"); import os; ("', "class", "with space", "\\", "self", "\u202e", "'''", "#", "naïve", "__debug__"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_literals_whatever_they_say(name):
    inner = cc.Sequential({name: cc.Conv2d(3, 4, 1), "b": cc.ReLU()})
    source = check_source(cc.Sequential({name: inner}), (1, 3, 5, 5))
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    assert {func.id for func in calls if isinstance(func, ast.Name)} <= {"super", "getattr", "isinstance", "Chain", "child"}
    assert not any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.parse(source).body[3:])


def test_arguments_are_literals_too():
    layers = (cc.Conv2d(3, 4, 3, padding="same", padding_mode="reflect"), cc.Threshold(float("-inf"), 2.5))
    source = check_source(cc.Sequential(*layers), (1, 3, 5, 5))
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


class Scaled(cc.Module):
    """Parameters, buffers and constants of its own, one of them frozen, one kept beside the state."""

    def __init__(self):
        super().__init__()
        self.scale = cc.Parameter(shape=(4, 1, 1))
        self.shift = cc.Parameter(shape=(4, 1, 1), requires_grad=False)
        self.register_buffer("index", drop_in.tensor([0, 2, 1, 1]))
        self.register_buffer("mask", drop_in.ones(5, 5), persistent=False)
        self.weights = drop_in.linspace(0, 1, 5)
        self.conv = cc.Conv2d(3, 4, 1)
        self.output = cc.Conv2d(4, 4, 1)
        self.output.weight.requires_grad_(requires_grad=False)

    def forward(self, x):
        """Use them all."""
        x = self.conv(x) * self.scale + self.shift
        x = self.output(x) * (self.mask * 2).unsqueeze(0)
        table = drop_in.cat([self.conv.weight.flatten(1), drop_in.zeros(4, 2)], dim=1)
        return x * self.weights, cc.layers.named("embedding")(self.index, table)


def test_tensors_of_a_modules_own_are_carried():
    source = check_source(Scaled(), (1, 3, 5, 5))
    assert "scale=nn.Parameter(torch.empty(4, 1, 1))" in source
    assert "shift=nn.Parameter(torch.empty(4, 1, 1), requires_grad=False)" in source
    assert "index=torch.zeros(4, dtype=torch.int64)" in source
    check_document(Scaled(), (1, 3, 5, 5))
    twin = run(source)
    assert list(twin.state_dict()) == [name for name, _ in cc.to_torch(Scaled()).state_dict().items()]
    assert not {"mask", "weights"} & set(twin.state_dict())
    assert torch.equal(twin.weights, torch.linspace(0, 1, 5))


def test_a_tensor_of_an_outer_module_is_handed_in():
    class Inner(cc.Module):
        def forward(self, x, position):
            return cc.relu(x + position)

    class Outer(cc.Module):
        def __init__(self):
            super().__init__()
            self.position = cc.Parameter(shape=(3, 4, 4))
            self.inner = Inner()

        def forward(self, x):
            return self.inner(x, self.position) * self.position

    source = check_source(Outer(), (1, 3, 4, 4))
    assert "self.inner(x, self.position)" in source
    check_document(Outer(), (1, 3, 4, 4))


class Tied(cc.Module):
    """A table that is used again as the weights of a layer."""

    def __init__(self):
        super().__init__()
        self.table = cc.Linear(4, 9, bias=False)
        self.head = cc.Linear(4, 9, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x):
        """Both layers."""
        return self.head(x) + self.table(x)


def test_tied_parameters_stay_tied():
    source = check_source(Tied(), (2, 4))
    assert "network.head.weight = network.table.weight" in source
    twin = run(source)
    assert twin.head.weight is twin.table.weight
    again = cc.loads(check_document(Tied(), (2, 4)))
    assert cc.analyze(again, (2, 4)).params == 36


def test_shared_modules_are_made_once():
    block = cc.Sequential(cc.Conv2d(3, 3, 3, padding=1), cc.ReLU())
    source = check_source(cc.Sequential(block, cc.BatchNorm2d(3), block), (1, 3, 6, 6))
    twin = run(source)
    assert twin[0] is twin[2]
    assert source.count("nn.Conv2d(") == 1


def test_a_block_that_runs_twice_is_called_twice():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.block = networks.Twice(cc.Conv2d(3, 3, 3, padding=1))

        def forward(self, x):
            return self.block(self.block(x))

    assert check_source(Net(), (1, 3, 6, 6)).count("self.block(x)") == 2


def test_a_layer_that_does_something_around_torchs_own_forward():
    class ChannelsFirst(cc.LayerNorm):
        def forward(self, x):
            return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    source = check_source(cc.Sequential(cc.Conv2d(3, 4, 1), ChannelsFirst(4)), (1, 3, 5, 5))
    assert "class ChannelsFirst(nn.LayerNorm):" in source


def test_what_is_changed_in_place_is_copied_where_it_is_used_again():
    class Net(cc.Module):
        def forward(self, x):
            y = x.clone()
            y += 1
            return x * y

    twin = run(check_source(Net(), (2, 3)))
    x = torch.rand(2, 3)
    assert torch.equal(twin(x.clone()), x * (x + 1))


def test_a_layer_that_is_made_in_a_forward_stays_there():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.relu = cc.ReLU()

        def forward(self, x):
            return self.relu(cc.ReLU()(x))

    assert "x = nn.ReLU()(x)" in check_source(Net(), (2, 3))

    class Hidden(cc.Module):
        def __init__(self):
            super().__init__()
            self.layers = [cc.Linear(3, 3)]

        def forward(self, x):
            return self.layers[0](x)

    with pytest.raises(cc.UnsupportedError, match="kept outside of the network's tree"):
        cc.to_source(Hidden(), (2, 3))


def test_a_view_is_laid_out_first():
    class Net(cc.Module):
        def forward(self, x):
            return x.transpose(1, 2).contiguous().view(2, -1)

    assert run(check_source(Net(), (2, 3, 4)))(torch.rand(2, 3, 4)).shape == (2, 12)


def test_indices_are_written_as_people_do():
    class Net(cc.Module):
        def forward(self, x):
            return x[:, ::2, ..., 1:] + x[:, 1:2, ..., None, 0]

    assert "x[:, ::2, ..., 1:]" in check_source(Net(), (1, 4, 3, 5)).replace("y", "x")
