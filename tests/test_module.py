"""The tree of a network against torch.nn.Module's: names, children, sharing, freezing, errors."""

from __future__ import annotations

import copy
import operator

import pytest
from drawing.networks import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc

torch = pytest.importorskip("torch")


class Net(cc.Module):
    """A small tree with a shared layer and a part that is None."""

    def __init__(self):
        super().__init__()
        self.stem = cc.Conv2d(3, 4, 3, padding=1)
        self.blocks = cc.Sequential(cc.Conv2d(4, 4, 3, padding=1), cc.BatchNorm2d(4), cc.ReLU())
        self.again = self.stem
        self.nothing = None
        self.add_module("missing", None)

    def forward(self, x):
        """Stem, then blocks."""
        return self.blocks(self.stem(x))


class TorchNet(torch.nn.Module):
    """The same in torch."""

    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.blocks = torch.nn.Sequential(torch.nn.Conv2d(4, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.ReLU())
        self.again = self.stem
        self.nothing = None
        self.add_module("missing", None)


def test_names_and_tensors_are_torchs():
    ours, theirs = Net(), TorchNet()
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    assert [name for name, _ in ours.named_children()] == [name for name, _ in theirs.named_children()]
    assert len(list(ours.children())) == len(list(theirs.children()))
    assert len(list(ours.modules())) == len(list(theirs.modules()))
    assert ours.parameters() == {name: tuple(p.shape) for name, p in theirs.named_parameters()}
    assert ours.buffers() == {name: tuple(b.shape) for name, b in theirs.named_buffers()}


@given(networks())
def test_the_tree_of_any_network_is_that_of_its_twin(network):
    twin = cc.to_torch(network.module)
    names = {name: tuple(p.shape) for name, p in twin.named_parameters()}
    assert network.module.parameters() == names
    assert list(network.module.parameters()) == list(names)
    assert network.module.buffers() == {name: tuple(b.shape) for name, b in twin.named_buffers()}


def test_identity_not_equality():
    """Two equal layers are two; one used twice is one."""
    two = cc.Sequential(cc.Conv2d(3, 3, 3), cc.Conv2d(3, 3, 3))
    layer = cc.Conv2d(3, 3, 3)
    one = cc.Sequential(layer, layer)
    assert layer != cc.Conv2d(3, 3, 3)
    assert list(two.parameters()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert list(one.parameters()) == ["0.weight", "0.bias"]
    assert len(one) == 2


def test_freezing_is_torchs():
    ours, theirs = Net(), TorchNet()
    ours.blocks.requires_grad_(requires_grad=False)
    theirs.blocks.requires_grad_(requires_grad=False)
    ours.stem.weight.requires_grad_(requires_grad=False)
    theirs.stem.weight.requires_grad_(requires_grad=False)
    report = cc.analyze(ours, (1, 3, 8, 8))
    assert report.trainable == sum(p.numel() for p in theirs.parameters() if p.requires_grad)
    assert report.params == sum(p.numel() for p in theirs.parameters())
    ours.requires_grad_()
    assert cc.analyze(ours, (1, 3, 8, 8)).trainable == report.params
    assert ours.train() is ours.eval() is ours


def test_a_child_can_be_replaced_and_forgotten():
    net = Net()
    net.stem = cc.Conv2d(3, 4, 1)
    assert net.parameters()["stem.weight"] == (4, 3, 1, 1)
    assert "again.weight" in net.parameters()
    del net.again
    assert "again.weight" not in net.parameters()
    net.stem = None
    net.blocks = "gone"
    assert list(net.named_children()) == []


def test_an_attribute_of_a_layer_is_written_once():
    layer = cc.Conv2d(3, 4, 3)
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d.stride: the attributes of a layer are written once"):
        layer.stride = (2, 2)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = layer.nonsense


def test_weight_and_bias_are_parameters_or_none():
    layer = cc.Conv2d(3, 4, 3, bias=False)
    assert layer.weight.shape == (4, 3, 3, 3)
    assert layer.weight is layer.weight
    assert layer.bias is None
    assert "requires_grad=True" in repr(layer.weight)


# -- Sequential -------------------------------------------------------------------------------------------------


@given(st.integers(0, 4), st.integers(-6, 6), st.integers(-6, 6))
def test_sequential_counts_and_slices_as_torchs(length, start, stop):
    ours = cc.Sequential(*(cc.ReLU() for _ in range(length)))
    theirs = torch.nn.Sequential(*(torch.nn.ReLU() for _ in range(length)))
    assert len(ours) == len(theirs)
    assert len(list(ours)) == length
    ours_cut, theirs_cut = ours[start:stop], theirs[start:stop]
    assert [name for name, _ in ours_cut.named_children()] == [name for name, _ in theirs_cut.named_children()]
    if -length <= start < length:
        assert ours[start] is list(ours)[start]
    else:
        with pytest.raises(cc.CnncalcError, match="index must lie in the Sequential"):
            ours[start]


def test_sequential_takes_names():
    from collections import OrderedDict

    named = OrderedDict(conv=cc.Conv2d(3, 4, 3), act=cc.ReLU())
    assert list(cc.Sequential(named).parameters()) == ["conv.weight", "conv.bias"]


@pytest.mark.parametrize("part", [None, "ReLU", cc.ReLU, 3, [cc.ReLU()]], ids=repr)
def test_sequential_refuses_what_is_no_module(part):
    with pytest.raises(cc.ArgumentError, match=r"^Sequential: Sequential takes layers and modules; got .* at position 1"):
        cc.Sequential(cc.ReLU(), part)


# -- refusals ---------------------------------------------------------------------------------------------------


class Late(cc.Module):
    """A module that forgets super().__init__()."""

    def __init__(self):
        self.conv = cc.Conv2d(3, 4, 3)


def test_children_before_init_are_refused():
    with pytest.raises(cc.ArgumentError, match=r"^Late.conv: children can be set only after super\(\).__init__\(\)"):
        Late()


@pytest.mark.parametrize("name", ["", "a.b", 3, None])
def test_a_child_needs_a_plain_name(name):
    with pytest.raises(cc.ArgumentError, match="name of a child is text without a dot"):
        cc.Sequential().add_module(name, cc.ReLU())


def test_a_child_is_a_module():
    with pytest.raises(cc.ArgumentError, match="a child is a module or None; got str"):
        cc.Sequential().add_module("a", "b")


def test_nothing_is_run():
    with pytest.raises(cc.ArgumentError, match="called on values inside a forward; nothing is run here"):
        cc.Conv2d(3, 4, 3)((1, 3, 8, 8))
    with pytest.raises(cc.ArgumentError, match=r"^Module: a module needs a forward method"):
        cc.analyze(cc.Module(), (1, 3, 8, 8))


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((3,), {}), ((), {}), ((3, 4, 3, 1, 0, 1, 1, True, "zeros", None, None, 5), {}), ((3, 4, 3), {"strides": 2})],
    ids=["one", "none", "many", "unknown"],
)
def test_arguments_that_do_not_fit_are_refused_with_the_signature(args, kwargs):
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: .*it takes \(in_channels, out_channels, kernel_size, stride=1"):
        cc.Conv2d(*args, **kwargs)
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: .*it takes \(input\)"):
        cc.Conv2d(3, 4, 3).output_shape()
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: .*it takes \(input\)"):
        cc.Conv2d(3, 4, 3).output_shape((1, 3, 8, 8), output_size=3)


def test_a_fact_that_uses_less_of_a_call_is_called_like_the_others():
    attention, shape = cc.MultiheadAttention(4, 2), (5, 1, 4)
    call = (shape, shape, shape, (1, 5), False)
    assert attention.macs(*call, average_attn_weights=False) == attention.macs(shape, shape, shape) == 5 * 4 * 4 * 4 + 2 * 25 * 4
    assert attention.arithmetic(*call, (5, 5))["elementwise"] == attention.arithmetic(*call)["elementwise"] + 2 * 25
    for wrong in ({"masks": None}, {"query": shape}):
        with pytest.raises(cc.ArgumentError, match=r"^MultiheadAttention: .*it takes \(query, key, value, key_padding_mask=None"):
            attention.macs(*call, **wrong)
    with pytest.raises(cc.ArgumentError, match=r"^MultiheadAttention: .*it takes \(query, key, value, key_padding_mask=None"):
        attention.macs(*call, None, *(False,) * 3)


def test_the_tree_is_printed_as_torch_prints_it():
    text = repr(cc.Sequential(cc.Conv2d(3, 4, 3), cc.Sequential(cc.ReLU())))
    assert text.splitlines() == ["Sequential(", "  (0): Conv2d(3, 4, 3)", "  (1): Sequential(", "    (0): ReLU()", "  )", ")"]
    assert repr(cc.Sequential()) == "Sequential()"


def test_a_shared_parameter_is_counted_once_and_verified():
    class Tied(cc.Module):
        def __init__(self):
            super().__init__()
            self.first = cc.Linear(4, 4, bias=False)
            self.second = cc.Linear(4, 4)
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.second(self.first(x))

    assert Tied().parameters() == {"first.weight": (4, 4), "second.bias": (4,)}
    assert cc.analyze(Tied(), (2, 4)).params == 20
    cc.verify(Tied(), (2, 4)).raise_for_disagreement()


#: How a tensor of a layer is taken away or replaced.
WAYS = {
    "set": setattr,
    "register": lambda layer, name, tensor: (
        layer.register_buffer(name, tensor) if name.startswith("running") else layer.register_parameter(name, tensor)
    ),
    "delete": lambda layer, name, _: delattr(layer, name),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", [None, (3,), ()], ids=str)
@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (lambda: cc.Conv2d(3, 8, 3), "bias"),
        (lambda: cc.Conv2d(3, 8, 3), "weight"),
        (lambda: cc.Linear(3, 8), "weight"),
        (lambda: cc.BatchNorm2d(8), "running_mean"),
        (lambda: cc.LSTM(4, 5), "weight_ih_l0"),
        (lambda: cc.MultiheadAttention(8, 2), "in_proj_weight"),
    ],
)
def test_a_tensor_of_a_layer_is_not_taken_away_unnoticed(layer, name, shape, way):
    """Torch's layer computes with what it is given, and with a bias of None leaves it out: ours would still count it."""
    made = layer()
    with pytest.raises(cc.ArgumentError, match=f"the shape of {name} follows from the arguments"):
        WAYS[way](made, name, None if shape is None else cc.Parameter(shape))
    assert made.tensors() == layer().tensors()


def test_a_tensor_of_a_layer_may_be_that_of_another():
    """As in torch: tied weights, which are counted once."""
    ours = cc.Sequential(cc.Linear(4, 4), cc.Linear(4, 4))
    ours[1].weight = ours[0].weight
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
    theirs[1].weight = theirs[0].weight
    assert cc.analyze(ours, (1, 4)).params == sum(p.numel() for p in theirs.parameters())


# -- what most modules have none of -----------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [lambda layer: layer, copy.deepcopy, copy.copy])
def test_what_is_added_to_one_layer_is_not_in_an_equal_one(copied):
    """A child, a parameter and a buffer: equal layers and empty modules start from one dict."""
    layer, equal = copied(cc.Conv2d(3, 4, 5)), cc.Conv2d(3, 4, 5)
    layer.add_module("added", cc.ReLU())
    layer.set = cc.ReLU()
    layer.add_module("none", None)
    module, empty = copied(cc.Module()), cc.Module()
    module.register_parameter("scale", cc.Parameter((3,)))
    module.register_buffer("table", (2, 2))
    assert [name for name, _ in layer.named_modules()] == ["", "added", "set"]
    assert [name for name, _ in equal.named_modules()] == [""]
    assert module.owned() == ({"scale": (3,)}, {"table": (2, 2)})
    assert empty.owned() == ({}, {})
    assert [name for name, _ in cc.Conv2d(3, 4, 5).named_modules()] == [""]


@pytest.mark.parametrize("held", ["_parameters", "_buffers"])
@pytest.mark.parametrize(
    "add",
    [
        lambda held: operator.setitem(held, "scale", (3,)),
        lambda held: operator.ior(held, {"scale": (3,)}),
        lambda held: held.setdefault("scale", (3,)),
        lambda held: held.update(scale=(3,)),
        lambda held: held.update({"scale": (3,)}),
    ],
)
def test_what_a_module_holds_is_added_by_its_methods(held, add):
    with pytest.raises(cc.ArgumentError, match="register_parameter or register_buffer"):
        add(getattr(cc.Module(), held))
    assert cc.Module().owned() == ({}, {})
