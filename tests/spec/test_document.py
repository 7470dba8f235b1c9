"""Networks as JSON: nothing is lost."""

from __future__ import annotations

import json
from itertools import product

import pytest
import strategies
from drawing import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.spec import dumps, loads, parse, to_text


def rows(net, *shapes):
    """Every number of the layers and functions of a network, and the totals; containers are not called in a recorded one."""
    report = cc.analyze(net, *shapes)
    return [row.to_dict() for row in report if row.own], report.trainable, report.buffers, report.tensors


def flow(net, *shapes):
    """Each call in order."""
    return [(node.path, node.kind, node.shapes, node.call, node.output) for node in cc.trace(net, *shapes).nodes]


@given(st.data())
def test_every_layer_keeps_class_and_arguments(data):
    case = data.draw(strategies.valid(data.draw(st.sampled_from(sorted(strategies.SAMPLERS)))))
    layer = named(case.name)(*case.args, **case.kwargs)
    read = loads(dumps(layer))
    assert type(read) is type(layer)
    assert read.arguments == layer.arguments
    assert read.unnamed_arguments == layer.unnamed_arguments
    kinds = [[type(value) for value in made.arguments.values()] for made in (read, layer)]
    assert kinds[0] == kinds[1]


def test_a_lazy_layer_is_read_without_asking_for_its_parameters():
    assert loads(dumps(cc.Sequential(cc.LazyConv2d(8, 3), cc.LazyBatchNorm2d())))[0].arguments == {
        "out_channels": 8,
        "kernel_size": 3,
    }
    frozen = {
        "format": "cnncalc.network/1",
        "network": {"layer": "LazyLinear", "arguments": {"out_features": 2}, "frozen": ["weight"]},
    }
    with pytest.raises(cc.CnncalcError, match=r"^document.*a lazy layer that has not run has no known shapes"):
        loads(json.dumps(frozen))


@given(networks.networks(), st.data())
def test_networks_keep_names_numbers_and_what_is_frozen(drawn, data):
    net = drawn.module
    for _, module in net.named_modules():
        if data.draw(st.booleans()):
            module.requires_grad_(requires_grad=data.draw(st.booleans()))
    read = loads(dumps(net, drawn.shape))
    assert flow(read, drawn.shape) == flow(net, drawn.shape)
    assert rows(read, drawn.shape) == rows(net, drawn.shape)


@given(networks.networks())
def test_what_was_read_is_written_as_before(drawn):
    written = dumps(drawn.module, drawn.shape)
    assert dumps(loads(written)) == written


def test_a_shared_layer_stays_one():
    shared = cc.Conv2d(3, 3, 1)
    read = loads(dumps(cc.Sequential(shared, cc.ReLU(), shared)))
    assert read[0] is read[2]
    assert cc.analyze(read, (1, 3, 8, 8)).params == 12


def test_a_shared_container_stays_one():
    block = cc.Sequential(cc.Conv2d(3, 3, 1), cc.ReLU())
    read = loads(dumps(cc.Sequential(block, block)))
    assert read[0] is read[1]


def test_frozen_parameters_stay_frozen_one_by_one():
    layer = cc.Conv2d(3, 8, 3)
    layer.weight.requires_grad_(requires_grad=False)
    report = cc.analyze(loads(dumps(cc.Sequential(layer, cc.Conv2d(8, 8, 1)))), (1, 3, 8, 8))
    assert (report.params, report.trainable) == (8 * 27 + 8 + 8 * 8 + 8, 8 + 8 * 8 + 8)


@pytest.mark.parametrize("argument", ["C", cc.symbol("C"), cc.symbol("C") * 2 + 1, (cc.symbol("C") + 3) // 2 * cc.symbol("F")])
def test_symbols_and_formulas_survive(argument):
    layer = cc.Conv2d(argument, 8, 3)
    read = loads(dumps(layer))
    assert read.parameters() == layer.parameters()
    assert str(read.weight.shape) == str(layer.weight.shape)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), (1.0, [float("inf")])])
def test_infinite_arguments_survive(value):
    written = dumps(cc.Identity(value))
    assert "Infinity" not in written
    assert loads(written).unnamed_arguments == (value,)


def test_lazy_layers_of_a_recorded_network_are_written_with_what_they_learned():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.conv = cc.LazyConv2d(4, 3)

        def forward(self, x):
            return self.conv(cc.cat([x, x], dim=1))

    read = loads(dumps(Net(), ("N", "C", "H", "W")))
    assert str(read.parameters()["conv.weight"]) == "(4, 2·C, 3, 3)"


def test_a_child_with_its_own_forward_is_recorded_inside_the_whole():
    inner = networks.Twice(cc.LazyConv2d(8, 3, padding=1))
    net = cc.Sequential(cc.Conv2d(3, 8, 1), inner)
    read = loads(dumps(net, (1, 3, 8, 8)))
    assert read.parameters()["1.inner.weight"] == (8, 8, 3, 3)


def test_layers_that_the_tree_does_not_hold_are_written_too():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.hidden = [cc.Conv2d(3, 8, 3)]

        def forward(self, x):
            return self.hidden[0](x)

    assert cc.analyze(loads(dumps(Net(), (1, 3, 8, 8))), (1, 3, 8, 8)).output_shape == (1, 8, 6, 6)


def test_programs_keep_inputs_names_and_indices():
    net = parse("a, b = inputs\np = MaxPool2d(2, return_indices=True)(a)\nm = cat([p[0], b], dim=1)\nm")
    shapes = (1, 3, 8, 8), (1, 5, 4, 4)
    assert flow(loads(dumps(net)), *shapes) == flow(net, *shapes)


def test_unused_layers_are_kept():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = cc.Conv2d(3, 8, 3), cc.Conv2d(3, 8, 5)

        def forward(self, x):
            return self.used(x)

    assert rows(loads(dumps(Net(), (1, 3, 8, 8))), (1, 3, 8, 8)) == rows(Net(), (1, 3, 8, 8))


def test_a_module_with_a_forward_needs_shapes():
    with pytest.raises(cc.SpecError) as caught:
        dumps(networks.Twice(cc.ReLU()))
    assert str(caught.value) == (
        "Twice: a Module with a forward of its own must be recorded first; "
        "give the shapes of its inputs: cnncalc.dumps(net, (1, 3, 224, 224))"
    )


@pytest.mark.parametrize("value", [b"x", {1: 2}, object])
def test_an_argument_without_a_form_in_json_is_refused(value):
    with pytest.raises(cc.SpecError, match="this argument has no JSON form"):
        dumps(cc.Identity(value))


class Doubling(cc.Module):
    """A copy of its input, a part of it doubled in place."""

    def forward(self, x):
        """The changed copy."""
        y = x.clone()
        y[2:4].mul_(2)
        return y


def test_what_is_copied_and_changed_in_place_is_named():
    """Torch alone runs it, so that the copy is told from the input; text has no word for a copy."""
    document = dumps(Doubling(), (6,))
    assert json.loads(document)["network"]["copied"] == ["input"]
    read = loads(document)
    assert flow(read, (6,)) == flow(Doubling(), (6,))
    with pytest.raises(cc.SpecError, match="a copy that is changed in place can't be written; got input"):
        to_text(read)
    for kind, copied in product(("copied", "changed_copies"), (3, [3], ["v7"], {"input": 1})):
        broken = json.loads(document)
        broken["network"][kind] = copied
        with pytest.raises(cc.SpecError, match=f"{kind} lists results of the program"):
            loads(json.dumps(broken))


@pytest.mark.parametrize("given", [None, 3, "Conv2d(3, 8, 3)"])
def test_only_networks_are_written(given):
    with pytest.raises(cc.SpecError, match="a network is a layer, a Sequential or a Module"):
        dumps(given)


def test_the_text_is_json_and_says_its_format():
    data = json.loads(dumps(cc.ReLU()))
    assert data == {"format": "cnncalc.network/1", "network": {"layer": "ReLU", "arguments": {}}}


def test_a_symbols_minimum_is_kept():
    p = cc.symbol("p", 0)
    net = cc.Sequential(cc.Conv2d("C", 8, 3, padding=p), cc.ZeroPad2d(2 * p + cc.symbol("q")))
    read = cc.loads(cc.dumps(net))
    assert read[0].padding[0].minima == {"p": 0}
    assert read[1].arguments["padding"].minima == {"p": 0, "q": 1}
    assert cc.dumps(read) == cc.dumps(net)
    again = cc.parse(str(net[0]))
    assert again.padding[0].minima == {"p": 0}
    for broken in ('symbol("p", -1)', 'symbol("p", "q")', 'symbol("p", 1, 2)', "symbol(1)"):
        with pytest.raises(cc.CnncalcError):
            cc.parse(f"Conv2d(3, 8, 3, padding={broken})")
