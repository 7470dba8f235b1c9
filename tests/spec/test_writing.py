"""Networks written down and read back: `to_text` and `parse` are each other's inverse."""

from __future__ import annotations

import numpy as np
import pytest
import strategies
from drawing import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.spec import dumps, loads, parse, to_text

torch = pytest.importorskip("torch")

NAMES = st.sampled_from(("conv1", "a", "b_2", "features", "output", "_x"))


def flow(net, shape):
    """Each call in order: what is called, on which shapes, and what comes out."""
    return [(node.kind, node.shapes, node.call, node.output) for node in cc.trace(net, shape).nodes]


def tree(module):
    """Names, classes and arguments of a tree of Sequentials, in order."""
    if not isinstance(module, cc.Sequential):
        return type(module).__name__, module.unnamed_arguments, module.arguments
    return [(name, tree(child)) for name, child in module._children.items()]


@st.composite
def layers(draw):
    """A layer of any class with arguments that torch accepts."""
    case = draw(strategies.valid(draw(st.sampled_from(sorted(strategies.SAMPLERS)))))
    return named(case.name)(*case.args, **case.kwargs)


@st.composite
def sequentials(draw, children):
    """A Sequential with numbers, or with names, for its children."""
    modules = draw(st.lists(children, max_size=3))
    if modules and draw(st.booleans()):
        keys = draw(st.lists(NAMES, min_size=len(modules), max_size=len(modules), unique=True))
        return cc.Sequential(dict(zip(keys, modules, strict=True)))
    return cc.Sequential(*modules)


TREES = st.recursive(layers(), sequentials, max_leaves=6)


@given(TREES)
def test_trees_of_sequentials_survive(net):
    assert tree(parse(to_text(net))) == tree(net)


@given(TREES)
def test_what_is_written_twice_is_the_same_text(net):
    assert to_text(parse(to_text(net))) == to_text(net)


@given(networks.networks())
def test_recorded_networks_survive(drawn):
    recorded = loads(dumps(drawn.module, drawn.shape))
    assert flow(parse(to_text(recorded)), drawn.shape) == flow(drawn.module, drawn.shape)


@pytest.mark.parametrize(
    "text",
    [
        "Conv2d(3, 16, 5, stride=2, padding=1)",
        "Conv2d(3, 16, 5) -> ReLU() -> pool = MaxPool2d((2, 3), ceil_mode=True)",
        'Conv2d("C", "F", "k", padding=symbol("p"))',
        'Conv2d("C", "2*C + 1", "k//2", padding=expression("2*p - q", p=0, q=2))',
        'ZeroPad2d((expression("(C - 1)//2"), 0, symbol("p", 0), expression("p//2", p=0)))',
        "body = Sequential(conv=Conv2d(3, 8, 3), act=ReLU()) -> Sequential(ReLU()) -> Sequential()",
        "Sequential(ReLU())",
        "Sequential()",
        "Identity('say \"x\"')",
        'Identity((float("inf"), [float("-inf")]), a=float("nan"))',
    ],
)
def test_these_texts_are_what_is_written(text):
    assert to_text(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "x = input\na = ReLU()\nv1 = a(x)\nm = cat([x, v1], dim=1)\nm",
        "a, b = inputs\ns = Conv2d(3, 3, 1)\nv1 = s(a)\nv2 = s(b)\ny = add(v1, v2)\ny",
        "x = input\np = MaxPool2d(2, return_indices=True)\nv1 = p(x)\ny = add(v1[0], v1[1])\ny",
        "v1 = input\nv2 = ReLU()\nv3 = v2(v1)\nv3",
        "x = input\nblock = Sequential(ReLU(), ReLU())\nv1 = block(x)\nv1",
    ],
)
def test_programs_keep_their_lines(text):
    assert to_text(parse(text)) == text


def test_dotted_names_become_plain_ones_that_differ():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.a = cc.Sequential(cc.Conv2d(3, 3, 1))
            self.a_0 = cc.Conv2d(3, 5, 1)
            self.relu = cc.ReLU()

        def forward(self, x):
            return cc.cat([self.a(x), self.a_0(x), self.relu(x)], dim=1)

    text = to_text(loads(dumps(Net(), (1, 3, 8, 8))))
    assert flow(parse(text), (1, 3, 8, 8)) == flow(Net(), (1, 3, 8, 8))
    assert "a_0 = Conv2d(in_channels=3, out_channels=3, kernel_size=1)\nlayer_1 = Conv2d(" in text


def refused(net):
    with pytest.raises(cc.SpecError) as caught:
        to_text(net)
    return str(caught.value)


def test_a_shared_layer_would_become_two_so_it_is_refused():
    relu = cc.ReLU()
    assert refused(cc.Sequential(relu, relu)) == (
        "a module that stands in two places has no written form; got ReLU; cnncalc.dumps writes any network as JSON"
    )


def test_a_module_with_a_forward_of_its_own_is_refused():
    assert "only layers, Sequentials and programs" in refused(networks.Twice(cc.ReLU()))
    assert "only layers and Sequentials" in refused(cc.Sequential(cc.ReLU(), networks.Twice(cc.ReLU())))


@pytest.mark.parametrize("value", ["both ' and \"", "line\nbreak", "back\\slash", {}, b"x", 10**30])
def test_an_argument_without_a_literal_is_refused(value):
    assert "this argument has no literal" in refused(cc.Sequential(cc.ReLU(), cc.Identity((1, [value]))))


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (cc.CosineSimilarity(0, eps=np.float64(2)), "CosineSimilarity(0, eps=2.0)"),
        (cc.CosineSimilarity(0, eps=np.int64(2)), "CosineSimilarity(0, eps=2)"),
        (cc.Conv2d(np.int64(3), 4, (np.int32(3), 1)), "Conv2d(3, 4, (3, 1))"),
        (cc.Dropout(np.float32(0.5)), "Dropout(0.5)"),
        (cc.Identity([np.int64(1)], a=(np.float16(0.5),)), "Identity([1], a=(0.5,))"),
    ],
)
def test_numbers_of_numpy_are_written_as_numbers(layer, text):
    assert to_text(layer) == repr(layer) == text
    assert loads(dumps(layer)).arguments == layer.arguments == parse(text).arguments


class Cut(cc.Module):
    """Functions that are given NumPy's numbers."""

    def forward(self, x):
        """A shape, a part and a bound."""
        return x.reshape(np.int64(1), -1).narrow(1, np.int64(1), np.int32(4)).clamp(np.float32(0.25))


class Sliced(cc.Module):
    """A slice by NumPy's numbers, which has a JSON form alone."""

    def forward(self, x):
        """A part of an axis."""
        return x[:, np.int64(1) : np.int64(3)]


def test_numbers_of_numpy_in_calls_are_written_as_numbers():
    recorded = loads(dumps(Cut(), (2, 3)))
    assert cc.analyze(Cut(), (2, 3)).output_shape == tuple(Cut.forward(None, torch.zeros(2, 3)).shape)
    assert flow(parse(to_text(recorded)), (2, 3)) == flow(recorded, (2, 3)) == flow(Cut(), (2, 3))
    sliced = loads(dumps(Sliced(), (2, 3)))
    assert cc.analyze(sliced, (2, 3)).output_shape == tuple(Sliced.forward(None, torch.zeros(2, 3)).shape)


def test_a_symbol_with_two_minima_in_one_formula_is_refused():
    assert "this argument has no literal" in refused(cc.Conv2d(cc.symbol("C") + cc.symbol("C", 0), 8, 3))


def test_a_link_may_have_the_name_of_a_function():
    text = "flatten = Flatten() -> cat = Sequential(flatten=ReLU(), b=ReLU())"
    assert to_text(cc.parse(text)) == text


@pytest.mark.parametrize("name", ["ReLU", "True", "a b", "é", "Sequential", "1a"])
def test_a_name_that_can_not_be_written_is_refused(name):
    assert "can't be written" in refused(cc.Sequential({name: cc.ReLU(), "b": cc.ReLU()}))
    assert "can't be written" in refused(cc.Sequential({"a": cc.Sequential({name: cc.ReLU()}), "b": cc.ReLU()}))
