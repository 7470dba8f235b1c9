"""Arithmetic beside MACs: every operation says its kind, and the amounts are those of torch's own tensors and gradients."""

from __future__ import annotations

from math import prod

import pytest
import strategies
import torch_side
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_every_layer import NAMES, make

import cnncalc as cc
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.functional import LayerFunction
from cnncalc.layers.lazy import Lazy
from cnncalc.layers.work import COUNTED, Work
from cnncalc.sizes import substitute

torch = pytest.importorskip("torch")

CLASSES = [named(name) for name in NAMES] + [type(named(name)) for name in sorted(FUNCTION_NAMES)]
#: Layers of several parts, each of which does arithmetic of its own.
OF_PARTS = {
    "RNN",
    "LSTM",
    "GRU",
    "RNNCell",
    "LSTMCell",
    "GRUCell",
    "MultiheadAttention",
    "CosineSimilarity",
    "PairwiseDistance",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
}
FEW = settings(max_examples=10, suppress_health_check=list(HealthCheck))
POOLS = ["MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d", "LPPool2d"]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.torch_name or kind.__name__)
def test_every_operation_says_what_kind_of_arithmetic_it_does(kind):
    delegates = issubclass(kind, (LayerFunction, Lazy)) or kind.arithmetic is not Work.arithmetic
    assert delegates or kind.work in {*COUNTED, "nothing"}


@pytest.mark.parametrize("name", [name for name in NAMES if not issubclass(named(name), Lazy)])
@FEW
@given(data=st.data())
def test_amounts_are_those_of_torchs_output(name, data):
    """Norms, activations and biases count the values that torch gives; what is only moved counts nothing."""
    case = data.draw(strategies.valid(name))
    layer = make(case)
    if name in OF_PARTS:
        return
    with torch_side.quiet():
        module = torch_side.make(case)
        output = module(*torch_side.tensors_of(case), **case.call)
    while isinstance(output, tuple):
        output = output[0]
    found = layer.arithmetic(*case.inputs, **case.call)
    for kind in ("norm", "activation"):
        assert found.get(kind, 0) == (output.numel() if layer.work == kind else 0)
    has_bias = getattr(module, "bias", None) is not None and layer.work != "norm"
    assert found.get("bias", 0) == (output.numel() if has_bias else 0)
    if layer.work == "nothing" and not has_bias:
        assert found == {}


@pytest.mark.parametrize("name", POOLS)
@FEW
@given(data=st.data())
def test_pools_read_a_whole_window_for_each_value(name, data):
    case = data.draw(strategies.valid(name))
    with torch_side.quiet():
        module = torch_side.make(case)
        output = module(*torch_side.tensors_of(case))
    output = output[0] if isinstance(output, tuple) else output
    kernel = module.kernel_size
    axes = int(name[-2])
    window = (kernel if len(kernel) == axes else (*kernel,) * axes) if isinstance(kernel, (tuple, list)) else (kernel,) * axes
    assert make(case).arithmetic(*case.inputs) == {"pooling": output.numel() * prod(window)}


def read_by_gradient(module, shape):
    """The input cells with a gradient, summed over all output cells."""
    x = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    output = module(x).flatten()
    return sum(int((torch.autograd.grad(cell, x, retain_graph=True)[0] != 0).sum()) for cell in output)


@pytest.mark.parametrize(
    ("kind", "layer", "shape"),
    [
        ("pooling", cc.AdaptiveAvgPool1d(3), (1, 2, 7)),
        ("pooling", cc.AdaptiveAvgPool1d(5), (2, 1, 3)),
        ("pooling", cc.AdaptiveAvgPool2d((2, 1)), (1, 2, 5, 4)),
        ("pooling", cc.AdaptiveAvgPool2d(1), (1, 2, 5, 4)),
        ("pooling", cc.Upsample((3, 2), mode="area"), (1, 2, 5, 4)),
        ("resampling", cc.Upsample((5, 3), mode="bilinear"), (1, 2, 3, 4)),
        ("resampling", cc.Upsample(scale_factor=2, mode="bilinear", align_corners=True), (1, 1, 3, 4)),
        ("resampling", cc.Upsample(size=5, mode="linear"), (1, 2, 5)),
    ],
)
def test_reading_is_what_gradients_show(kind, layer, shape):
    assert layer.arithmetic(shape) == {kind: read_by_gradient(cc.to_torch(layer), shape)}


def test_nearest_cells_are_only_moved():
    assert cc.Upsample(scale_factor=2).arithmetic((1, 2, 3, 4)) == {}


def test_fold_adds_each_value_of_its_patches():
    assert cc.Fold((4, 4), 2).arithmetic((1, 12, 9)) == {"elementwise": 108}


class Block(cc.Module):
    """A residual block with a pool, and reductions and functions in its forward."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(3, 3, 3, padding=1)
        self.norm = cc.BatchNorm2d(3)
        self.relu = cc.ReLU()
        self.pool = cc.MaxPool2d(2)
        self.head = cc.Linear(3, 10)

    def forward(self, x):
        """The block, its output averaged over space."""
        x = self.relu(self.norm(self.conv(x)) + x)
        return self.head(self.pool(x * 2).mean((2, 3)))


def test_a_report_adds_them_up():
    report = cc.analyze(Block(), (2, 3, 8, 8))
    assert report.arithmetic == {
        "bias": 2 * 3 * 64 + 2 * 10,
        "norm": 2 * 3 * 64,
        "activation": 2 * 3 * 64,
        "pooling": 2 * 3 * 64 + 2 * 3 * 16,
        "resampling": 0,
        "elementwise": 2 * (2 * 3 * 64 // 2 + 2 * 3 * 64 // 2),
    }
    assert report.to_dict()["arithmetic"] == report.arithmetic
    assert {name: amount.convention for name, amount in report.arithmetic.items()} == COUNTED
    assert report.arithmetic["bias"].unit == "additions"


def test_symbols_give_formulas():
    amounts = cc.analyze(Block(), ("N", 3, "H", "W")).arithmetic
    numbers = cc.analyze(Block(), (2, 3, 10, 9)).arithmetic
    for name, amount in amounts.items():
        assert substitute(amount.value, {"N": 2, "H": 10, "W": 9}) == numbers[name]


def test_what_is_not_known_is_null_and_refused():
    """How many cells bilinear resampling reads follows no formula in symbols; the other names stay known."""
    report = cc.analyze(cc.Sequential(cc.ReLU(), cc.Upsample(scale_factor=2, mode="bilinear")), (1, 3, "H", "W"))
    data = report.to_dict()["arithmetic"]
    assert data["resampling"] is None
    assert data["activation"] == "3·H·W"
    with pytest.raises(cc.UnsupportedError, match="how many cells are read depends on symbols"):
        _ = report.arithmetic


def test_an_operation_that_says_nothing_leaves_all_names_unknown():
    class Strange(cc.ReLU):
        """A layer of which nobody has said what it does."""

        work = None

    report = cc.analyze(cc.Sequential(Strange()), (1, 3, 8, 8))
    assert set(report.to_dict()["arithmetic"].values()) == {None}
    with pytest.raises(cc.UnsupportedError) as caught:
        _ = report.arithmetic
    assert str(caught.value) == "0: its arithmetic beside multiply-accumulates is not known"


@pytest.mark.parametrize("bias", [True, False])
def test_a_function_adds_the_bias_that_it_is_given(bias):
    class Own(cc.Module):
        """A convolution by function, with parameters of the module's own."""

        def __init__(self):
            super().__init__()
            self.weight = cc.nn.Parameter(shape=(4, 3, 3, 3))
            self.bias = cc.nn.Parameter(shape=(4,)) if bias else None

        def forward(self, x):
            """The function."""
            return named("conv2d")(x, self.weight, self.bias)

    assert cc.analyze(Own(), (1, 3, 8, 8)).arithmetic["bias"] == (4 * 36 if bias else 0)
