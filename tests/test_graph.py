"""Tracing: shapes of whole networks against torch, names of nodes, what a forward may do, and what is refused."""

from __future__ import annotations

import gc

import pytest
import torch_side
from drawing.networks import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sizes import substitute
from cnncalc.value import iterate_values, map_values


class Forward(cc.Module):
    """A module whose forward is a function that is handed over, with layers by name."""

    def __init__(self, function, **layers):
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, *inputs):
        """Call the function on the module and its inputs."""
        return self.function(self, *inputs)


# -- shapes -----------------------------------------------------------------------------------------------------


@given(networks())
def test_the_output_of_any_network_is_that_of_its_twin(network):
    torch = pytest.importorskip("torch")
    with torch.no_grad(), torch_side.quiet():
        expected = tuple(cc.to_torch(network.module)(torch.zeros(network.shape)).shape)
    assert cc.trace(network.module, network.shape).output_shape == expected


@given(networks(head=False), st.data())
def test_a_symbolic_trace_is_the_numeric_one_at_every_size_it_accepts(network, data):
    """Conditions hold exactly where the numeric trace is not refused, and there shapes, MACs and parameters are equal."""
    symbols = [f"n{axis}" for axis in range(2, len(network.shape))]
    try:
        report = cc.analyze(network.module, (1, network.shape[1], *symbols))
    except cc.UndecidedError:
        raise
    except cc.ShapeError:
        return  # refused for all sizes, or for a rank that only numbers decide
    values = {name: data.draw(st.integers(1, 12), label=name) for name in symbols}
    holds = all(requirement.condition.holds(values) for requirement in report.conditions)
    try:
        numeric = cc.analyze(network.module, (1, network.shape[1], *values.values()))
    except cc.ShapeError:
        assert not holds
        return
    assert holds
    assert tuple(substitute(n, values) for n in report.output_shape) == numeric.output_shape
    assert substitute(report.macs.value, values) == numeric.macs
    assert report.params == numeric.params


def test_values_know_their_shape():
    seen = {}

    def forward(net, x):
        y = net.conv(x)
        seen.update(shape=y.shape, size=y.size(), height=y.size(2), width=y.size(-1), axes=y.dim(), text=repr(y))
        return y

    cc.trace(Forward(forward, conv=cc.Conv2d(3, 4, 3)), (1, 3, 8, 9))
    assert seen == {
        "shape": (1, 4, 6, 7),
        "size": (1, 4, 6, 7),
        "height": 6,
        "width": 7,
        "axes": 4,
        "text": "Value(conv, shape=(1, 4, 6, 7))",
    }


# -- names ------------------------------------------------------------------------------------------------------


def test_nodes_are_named_as_torch_names_modules_and_functions_by_their_scope():
    inner = Forward(lambda net, x: net.conv(x) + x + x, conv=cc.Conv2d(3, 3, 1))
    graph = cc.trace(cc.Sequential(cc.ReLU(), inner), (1, 3, 8, 8))
    assert [node.path for node in graph.nodes] == ["input", "0", "1.conv", "1.add", "1.add_1"]
    assert [node.kind for node in graph.nodes] == ["input", "ReLU", "Conv2d", "add", "add"]
    assert repr(graph.nodes[2]) == "<1.conv: Conv2d -> (1, 3, 8, 8)>"
    assert set(graph.returned) == {"", "1"}


def test_modules_made_inside_a_forward_each_get_a_name_of_their_own():
    """Even where Python gives a new module the address of one that is gone."""

    def forward(net, x):
        del net
        for _ in range(20):
            x = cc.Sequential(cc.Conv2d(3, 3, 1), cc.ReLU())(x)
        return x

    graph = cc.trace(Forward(forward), (1, 3, 8, 8))
    paths = [node.path for node in graph.nodes]
    assert len(paths) == 41
    assert len(set(paths)) == 41
    assert paths[1:3] == ["sequential.0", "sequential.1"]
    assert paths[3:5] == ["sequential_1.0", "sequential_1.1"]


def test_lazy_layers_become_concrete_once():
    lazy = cc.LazyConv2d(4, 3, padding=1)
    graph = cc.trace(Forward(lambda net, x: net.lazy(x) + net.lazy(x), lazy=lazy), (1, 3, 8, 8))
    kinds = [type(node.operation).__name__ for node in graph.nodes[1:3]]
    assert kinds == ["Conv2d", "Conv2d"]
    assert graph.nodes[1].operation is graph.nodes[2].operation
    assert cc.analyze(cc.Sequential(lazy), (1, 3, 8, 8)).params == 4 * 3 * 9 + 4


# -- what a forward may return ----------------------------------------------------------------------------------


def test_several_inputs_and_outputs_nest_as_they_are_given():
    graph = cc.trace(Forward(lambda _, x, y: {"sum": x + y, "both": [x, (y,)]}), (1, 3), (1, 3))
    assert graph.output_shape == {"sum": (1, 3), "both": ((1, 3), ((1, 3),))}
    assert [node.path for node in graph.nodes] == ["input1", "input2", "add"]
    assert len(list(iterate_values(graph.outputs))) == 3
    with pytest.raises(cc.UnsupportedError, match="several outputs"):
        _ = graph.output


def test_indices_are_a_second_output():
    graph = cc.trace(cc.MaxPool2d(2, return_indices=True), (1, 3, 8, 8))
    assert graph.output_shape == ((1, 3, 4, 4), (1, 3, 4, 4))
    assert [value.index for value in graph.outputs] == [0, 1]


def test_nested_arguments_are_mapped_in_order():
    graph = cc.trace(cc.ReLU(), (1, 2))
    value = graph.output
    nested = {"a": [value, 3], "b": (value, None)}
    assert map_values(nested, lambda v: v.shape) == {"a": ((1, 2), 3), "b": ((1, 2), None)}
    assert list(iterate_values(nested)) == [value, value]


def test_symbols_of_the_inputs():
    assert cc.trace(cc.ReLU(), ("N", 3, "H", "H")).symbols == {"N", "H"}


# -- refusals ---------------------------------------------------------------------------------------------------


def test_an_error_names_the_place_the_layer_the_values_and_the_remedy():
    net = cc.Sequential(cc.Sequential(cc.Conv2d(3, 4, 3), cc.Conv2d(5, 4, 3)))
    with pytest.raises(cc.ShapeError) as caught:
        cc.trace(net, (1, 3, 8, 8))
    assert str(caught.value) == (
        "0.1 (Conv2d): the input's channels must equal in_channels; got 4 channels, in_channels=5; set in_channels=4"
    )


@pytest.mark.parametrize("network", [None, "Conv2d(3, 4, 3)", cc.Conv2d, 3, (1, 3, 8, 8)], ids=repr)
def test_what_is_no_network_is_refused(network):
    with pytest.raises(cc.CnncalcError):
        cc.trace(network, (1, 3, 8, 8))


@pytest.mark.parametrize("shapes", [(), (None,), (3,), ("NCHW",), ((1, 3.5),), ((1, -3),), ([[1, 2], [3]],)], ids=repr)
def test_what_is_no_shape_is_refused(shapes):
    with pytest.raises(cc.ArgumentError):
        cc.trace(cc.ReLU(), *shapes)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda *_: None, "returns no tensor"),
        (lambda _, x: (1, x.shape), "returns no tensor"),
        (lambda _, x: x and x, "branch on the values of a tensor"),
        (lambda net, x: net(x), "nested too deeply, or calls itself"),
        (lambda _, x: x.size(4), "dim must lie in -4 … 3"),
        (lambda _, x: cc.cat([x, 3]), "^cat: "),
        (lambda *_: cc.cat([]), "applied to values inside a forward"),
        (lambda _, x: cc.add(x), "missing a required argument"),
        (lambda *_: cc.ReLU()(), "called on values inside a forward"),
        (lambda _, x: cc.Conv2d(3, 4, 3)(x, x), "too many positional arguments|needs the values of a tensor"),
        (lambda *_: cc.Conv2d(3, 4, 3)("x"), "called on values inside a forward"),
    ],
)  # fmt: skip
def test_what_a_forward_may_not_do_is_refused(function, message):
    with pytest.raises(cc.CnncalcError, match=message):
        cc.trace(Forward(function), (1, 3, 8, 8))


@pytest.mark.parametrize("given", ["x", None, (1, 3), {}], ids=repr)
def test_a_sum_with_what_is_no_tensor_is_refused(given):
    with pytest.raises(cc.CnncalcError, match=r"^add"):
        cc.trace(Forward(lambda _, x: x + given), (1, 3, 8, 8))


def test_several_inputs_need_several_shapes():
    two = Forward(lambda _, x, y: x + y)
    assert cc.trace(two, (1, 3), (1, 3)).output_shape == (1, 3)
    with pytest.raises(cc.CnncalcError):
        cc.trace(cc.ReLU(), (1, 3), (1, 3))


class Keeping(cc.Module):
    """Keeps its input for the next time."""

    kept = None

    def __init__(self, use):
        super().__init__()
        self.use = use

    def forward(self, x):
        """The first time its input; then what is made of it and of the one before."""
        before, self.kept = self.kept, x
        return x if before is None else self.use(x, before)


@pytest.mark.parametrize(
    "use",
    [lambda x, kept: x + kept, lambda x, kept: kept + x, lambda _, kept: kept, lambda x, kept: [x, kept], lambda _, kept: -kept],
)
def test_a_value_kept_from_another_forward_is_refused(use):
    """Its number would be looked for among the nodes of this graph."""
    network = Keeping(use)
    assert cc.analyze(network, (1, 2)).output_shape == (1, 2)
    with pytest.raises(cc.UnsupportedError, match="a value is used after the forward that made it has ended"):
        cc.analyze(network, (1, 2))


def test_a_graph_goes_in_no_circle():
    """It is freed as soon as nobody holds it, without a search for dead circles."""
    network = cc.Sequential(cc.Conv2d(3, 4, 3), cc.Sequential(cc.ReLU(), cc.Flatten()))
    gc.collect()
    gc.disable()
    try:
        report = cc.analyze(network, (1, 3, 8, 8))
        assert report.memory.peak
        del report
        assert gc.collect() == 0
    finally:
        gc.enable()
