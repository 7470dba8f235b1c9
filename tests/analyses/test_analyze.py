"""The report: totals against torch, rows by torch's names, containers that sum what is inside, errors, JSON."""

from __future__ import annotations

import gc
import json
from collections import Counter

import pytest
import torch_side
from drawing.networks import networks
from hypothesis import given

import cnncalc as cc

torch = pytest.importorskip("torch")


class Auxiliary(cc.Module):
    """A network with a head that never runs, a shared layer and a frozen part."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(3, 3, 3, padding=1, bias=False)
        self.norm = cc.BatchNorm2d(3)
        self.unused = cc.Sequential(cc.Linear(5, 2))

    def forward(self, x):
        """The convolution twice."""
        return self.norm(self.conv(self.conv(x)))


# -- against torch ----------------------------------------------------------------------------------------------


@given(networks())
def test_totals_of_any_network_are_those_of_its_twin(network):
    """Parameters, buffers and MACs (half of torch's own count) of the whole network, and what each row adds to them."""
    from torch.utils.flop_counter import FlopCounterMode

    twin = cc.to_torch(network.module)
    report = cc.analyze(network.module, network.shape)
    assert report.params == sum(p.numel() for p in twin.parameters())
    assert report.trainable == report.params
    assert report.buffers == sum(b.numel() for b in twin.buffers())
    counter = FlopCounterMode(display=False)
    with torch_side.quiet(), counter:
        twin(torch.zeros(network.shape))
    assert report.macs == counter.get_total_flops() // 2
    assert report.tensors == {key: tuple(tensor.shape) for key, tensor in twin.state_dict(keep_vars=True).items()}


@given(networks())
def test_containers_sum_what_is_inside(network):
    report = cc.analyze(network.module, network.shape)
    leaves = [row for row in report if row.own]
    for column in ("params", "trainable", "buffers", "macs"):
        for row in report:
            inside = [leaf for leaf in leaves if row.path in {"", leaf.path} or leaf.path.startswith(row.path + ".")]
            assert getattr(row, column) == sum(getattr(leaf, column) for leaf in inside), (row, column)


@given(networks())
def test_rows_are_torchs_modules_in_tree_order(network):
    report = cc.analyze(network.module, network.shape)
    paths = [row.path for row in report]
    assert len(set(paths)) == len(paths)
    assert {path for path, _ in network.module.named_modules()} <= set(paths)
    assert all(row.path.rpartition(".")[0] in paths[: index + 1] for index, row in enumerate(report))
    assert all(row.depth == (row.path.count(".") + 1 if row.path else 0) for row in report)
    assert report[""].output_shape == report.output_shape
    for path in paths:
        assert path in report
        assert report[path].path == path


@given(networks())
def test_json_holds_the_same_numbers(network):
    report = cc.analyze(network.module, network.shape)
    data = json.loads(report.to_json())
    assert data == json.loads(json.dumps(report.to_dict()))
    text = report.to_json()
    assert str(int(report.params)) in text
    assert str(int(report.macs)) in text


# -- conventions ------------------------------------------------------------------------------------------------


def test_a_shared_layer_has_its_parameters_once_and_its_macs_twice():
    report = cc.analyze(Auxiliary(), (1, 3, 8, 8))
    assert (report["conv"].params, report["conv"].macs, report["conv"].calls) == (81, 2 * 64 * 27 * 3, 2)


@given(networks())
def test_every_module_runs_as_often_as_torchs(network):
    twin = cc.to_torch(network.module).eval()
    counts = Counter()
    for path, module in twin.named_modules():
        module.register_forward_hook(lambda *_, path=path: counts.update([path]))
    with torch_side.quiet():
        twin(torch.zeros(network.shape))
    report = cc.analyze(network.module, network.shape)
    assert {path: report[path].calls for path, _ in twin.named_modules()} == {
        path: counts[path] for path, _ in twin.named_modules()
    }


class Rectified(cc.Conv2d):
    """A layer with a forward of its own around torch's."""

    def forward(self, x):
        """The layer, then a function."""
        return super().forward(x).relu()


class Projected(cc.Module):
    """Attention, and its last projection once more: a part of a layer, which runs whenever the layer does."""

    def __init__(self):
        super().__init__()
        self.attention = cc.MultiheadAttention(4, 2)

    def forward(self, x):
        """Attention, and the projection of what it gives."""
        return self.attention.out_proj(self.attention(x, x, x)[0])


def test_a_layer_runs_once_whatever_is_called_around_it_or_inside_it():
    report = cc.analyze(cc.Sequential(Rectified(3, 3, 1)), (1, 3, 4, 4))
    assert [(row.path, row.calls) for row in report] == [("", 1), ("0", 1), ("0.relu", 1)]
    report = cc.analyze(Projected(), (5, 1, 4))
    assert [(row.path, row.calls) for row in report] == [("", 1), ("attention", 1), ("attention.out_proj", 2)]


def test_a_part_that_never_runs_is_owned_and_marked():
    report = cc.analyze(Auxiliary(), (1, 3, 8, 8))
    assert report.params == 81 + 6 + 12
    assert (report["unused.0"].params, report["unused.0"].calls, report["unused.0"].output_shape) == (12, 0, None)
    assert report["unused"].params == 12
    assert report["unused.0"].macs == 0


def test_frozen_parameters_are_apart():
    net = Auxiliary()
    net.norm.requires_grad_(requires_grad=False)
    report = cc.analyze(net, (1, 3, 8, 8))
    assert (report.params, report.trainable, report.buffers) == (99, 93, 7)
    assert (report["norm"].params, report["norm"].trainable) == (6, 0)


def test_numbers_say_what_they_count():
    report = cc.analyze(Auxiliary(), (1, 3, 8, 8))
    assert (report.params.unit, report.macs.unit, report.buffers.unit) == ("parameters", "MAC", "elements")
    assert "bias excluded" in report.macs.convention


def test_homework_question_2():
    """1216 + 6416 + 6416 parameters, a tensor of 16 x 16 x 16, and 55018 with the classifier."""
    layers = []
    for channels in (3, 16, 16):
        layers += [cc.Conv2d(channels, 16, 5, padding=2), cc.MaxPool2d(2), cc.ReLU()]
    body = cc.analyze(cc.Sequential(*layers), (1, 3, 128, 128))
    assert (body.params, body.output_shape) == (14048, (1, 16, 16, 16))
    assert [body[str(index)].params for index in (0, 3, 6)] == [1216, 6416, 6416]
    assert cc.analyze(cc.Sequential(*layers, cc.Flatten(), cc.Linear(4096, 10)), (1, 3, 128, 128)).params == 55018


def test_symbols_give_formulas_with_conditions():
    report = cc.analyze(cc.Sequential(cc.Conv2d(3, 8, 3), cc.MaxPool2d(2)), ("N", 3, "H", "W"))
    assert str(report.output_shape) == "(N, 8, ⌊H/2⌋ − 1, ⌊W/2⌋ − 1)" or report.output_shape[2].subs({"H": 9}) == 3
    assert report.params == 8 * 28
    assert report.macs.subs({"N": 2, "H": 9, "W": 10}) == 2 * 8 * 7 * 8 * 27
    assert json.loads(report.to_json())
    for height in range(1, 8):
        holds = all(r.condition.holds({"N": 1, "W": 9, "H": height}) for r in report.conditions)
        assert holds == (height >= 4)


def test_several_inputs():
    class Two(cc.Module):
        def forward(self, x, y):
            return x + y

    report = cc.analyze(Two(), (2, 3), (2, 3))
    assert report.input_shapes == ((2, 3), (2, 3))
    assert report.output_shape == (2, 3)


def test_several_outputs():
    report = cc.analyze(cc.Sequential(cc.MaxPool2d(2, return_indices=True)), (1, 3, 8, 8))
    assert report.output_shape == ((1, 3, 4, 4), (1, 3, 4, 4))
    assert json.loads(report.to_json())
    assert str(report)


# -- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["1", "0.weight", "", 0, None])
def test_a_row_that_does_not_exist_is_refused(path):
    report = cc.analyze(cc.Sequential(cc.Conv2d(3, 8, 3)), (1, 3, 8, 8))
    if path == "":
        assert report[path].params == report.params
    else:
        assert path not in report
        with pytest.raises(cc.ArgumentError, match="there is no row of that name"):
            report[path]


def test_the_error_is_that_of_the_first_layer_that_refuses():
    net = cc.Sequential(cc.Conv2d(3, 8, 3), cc.Conv2d(9, 8, 3), cc.Conv2d(7, 8, 3))
    with pytest.raises(cc.ShapeError, match=r"^1 \(Conv2d\): the input's channels must equal in_channels; got 8 channels"):
        cc.analyze(net, (1, 3, 8, 8))


@pytest.mark.parametrize("enabled", [True, False])
def test_the_search_for_dead_cycles_is_left_as_it_was(enabled):
    was_enabled = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        cc.analyze(cc.ReLU(), (1, 3))
        with pytest.raises(cc.ShapeError):
            cc.analyze(cc.Conv2d(3, 8, 3), (1, 4, 8, 8))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
