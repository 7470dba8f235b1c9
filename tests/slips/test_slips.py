"""What holds for every slip, on any network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import slips
from cnncalc.errors import ArgumentError, SpecError

sys.path.insert(0, str(Path(__file__).parent))

import slip_networks as networks

QUANTITIES = sorted({quantity for slip in slips.ALL for quantity in slip.quantities})
# Words that speak about a person; a slip's text is about a number.
PERSONAL = ("you", "your", "forgot", "mistake", "wrong", "شما", "اشتباه", "کرده‌اید", "گرفته‌اید", "فراموش")


@pytest.mark.parametrize("slip", slips.ALL, ids=lambda slip: slip.id)
def test_texts(slip):
    assert set(slip.text) == {"en", "fa"}
    for text in slip.text.values():
        assert text == text.strip()
        assert text.endswith(".")
        assert not any(word in text.lower().split() for word in PERSONAL)
    assert slip.text["en"].startswith("This is ")
    assert slip.text["fa"].startswith("این ")


def test_ids_are_unique_and_found():
    ids = [slip.id for slip in slips.ALL]
    assert len(set(ids)) == len(ids)
    assert all(slips.named(slip.id) is slip for slip in slips.ALL)
    assert all(slips.named(alias).id == name for alias, name in slips.ALIASES.items())
    assert not set(slips.ALIASES) & set(ids)


def test_an_unknown_id():
    with pytest.raises(SpecError) as raised:
        slips.named("params.backbone")
    assert str(raised.value) == (
        "there is no slip of that name; got 'params.backbone'; "
        "did you mean params.backbone_only or params.one_bias or params.head_only?"
    )


def test_an_unknown_row():
    with pytest.raises(ArgumentError):
        slips.explain_value("shape", networks.backbone(), (1, 2, 3), "conv9")


def test_quantities():
    assert [slip.id for slip in slips.for_quantity("side")][:2] == ["shape.swap_pad_stride", "shape.assume_same"]
    assert slips.for_quantity("weather") == ()
    assert slips.named("shape.ceil").apply(networks.backbone(), None, "params") is None


def test_trained_layers_alone():
    """512·2 + 2 = 1026 is a frozen ResNet-18's new head; 1024 without its biases."""
    net = cc.Sequential({"conv": cc.Conv2d(3, 512, 3), "flatten": cc.Flatten(), "fc": cc.Linear(512, 2)})
    graph = cc.trace(net, (1, 3, 3, 3))
    net[0].requires_grad_(requires_grad=False)
    assert slips.named("params.no_bias").values(graph, None, "trainable") == (1024,)
    assert slips.explain_value("trainable", graph, 1026) == []


def test_a_head_of_several_layers():
    """4·6·6 = 144 features behind the pool: 144·10 + 10 + 10·2 + 2 = 1472; on 6·6 alone 392; on the 4 channels 72."""
    layers = (cc.MaxPool2d(2), cc.Flatten(), cc.Dropout(0.5), cc.Linear(144, 10), cc.ReLU(), cc.Linear(10, 2))
    graph = cc.trace(cc.Sequential(*layers), (1, 4, 12, 12))
    assert slips.named("params.fc_spatial_only").values(graph) == (392,)
    assert slips.named("params.fc_channels_only").values(graph) == (72,)
    assert slips.named("params.fc_before_pooling").values(graph) == (5792,)
    flat = cc.trace(cc.Linear(8, 2), (1, 8))
    assert slips.named("params.fc_spatial_only").values(flat) == ()
    assert slips.explain_value("input_channels", graph, 4, "0") == []


@pytest.mark.parametrize("given", ["16x63x63", None, [], {}, [[1]], [[[1]], {}], ("a", "b"), float("nan")])
def test_nonsense_is_explained_by_nothing(given):
    graph = networks.backbone()
    assert not any(slips.explain_value(quantity, graph, given) for quantity in (*QUANTITIES, "weather"))
    assert slips.explain_trace(graph, given) == []


def test_importing_is_light():
    code = "import sys, cnncalc.slips; print([name for name in ('torch', 'sympy', 'rich') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- random networks --------------------------------------------------------------------------------------------


@st.composite
def chains(draw):
    """A chain of windows in one, two or three dimensions, perhaps with a head, built so that every layer fits."""
    dimensions = draw(st.sampled_from([2, 2, 2, 1, 3]))
    size = draw(st.integers(6, 40))
    channels = start = draw(st.integers(1, 4))
    layers, lengths = [], [size] * dimensions
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["Conv", "Conv", "MaxPool", "AvgPool", "ReLU", "BatchNorm"]))
        if kind == "ReLU":
            layers.append(cc.ReLU())
            continue
        if kind == "BatchNorm":
            layers.append(getattr(cc, f"BatchNorm{dimensions}d")(channels))
            continue
        kernel = tuple(draw(st.integers(1, min(5, n))) for n in lengths)
        stride = tuple(draw(st.integers(1, 3)) for _ in lengths)
        padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
        if kind == "Conv":
            outputs = draw(st.integers(1, 6))
            bias = draw(st.booleans())
            layers.append(getattr(cc, f"Conv{dimensions}d")(channels, outputs, kernel, stride=stride, padding=padding, bias=bias))
            channels = outputs
        else:
            ceil_mode = draw(st.booleans())
            layers.append(getattr(cc, f"{kind}{dimensions}d")(kernel, stride=stride, padding=padding, ceil_mode=ceil_mode))
        lengths = list(layers[-1].output_shape((1, channels if kind != "Conv" else layers[-1].in_channels, *lengths))[2:])
    if draw(st.booleans()):
        layers += [cc.Flatten(), cc.LazyLinear(draw(st.integers(1, 10)))]
    return cc.trace(cc.Sequential(*layers), (1, start, *[size] * dimensions))


def right_values(graph, at):
    """The right numbers from the library's report: another road than the slips' own."""
    report = cc.analyze(graph.network, *[value.shape for value in graph.inputs])
    row = report if at is None else report[at]
    shape = tuple(row.output_shape[1:])
    values = {"shape": shape, "channels": shape[0], "params": int(row.params), "trainable": int(row.trainable)}
    if len(shape) > 1:
        pixels = 1
        for n in shape[1:]:
            pixels *= n
        values["pixels"] = pixels
        field = tuple(row.receptive_field.size)
        if None not in field:
            values["rf"] = field
    return values


def check_every_slip(graph, rows):
    for at in rows:
        right = right_values(graph, at)
        for slip in slips.ALL:
            for quantity in slip.quantities:
                values = slip.values(graph, at, quantity)
                assert slip.apply(graph, at, quantity) == (values[0] if values else None)
            trace = slip.trace(graph, at)
            assert slip.steps is not None or trace == []
            if trace and not slip.symbolic:
                assert slip.apply(graph, at, "rf") == trace[-1]
        for quantity, value in right.items():
            assert slips.explain_value(quantity, graph, value, at) == []
        for quantity in QUANTITIES:
            for slip in slips.for_quantity(quantity):
                wrong = slip.apply(graph, at, quantity)
                plain = right.get(quantity)
                same_as_right = wrong == plain or (isinstance(plain, tuple) and set(plain) == {wrong})
                if wrong is not None and plain is not None:
                    assert (slip in slips.explain_value(quantity, graph, wrong, at)) is not same_as_right


@given(chains())
def test_any_chain(graph):
    check_every_slip(graph, [None, graph.nodes[1].path])


@pytest.mark.parametrize(
    "graph",
    [
        networks.full(),
        networks.encoder(),
        networks.dense(32, 24, 24, 24),
        cc.trace(networks.UNet(), (1, 3, 32, 32)),
        cc.trace(networks.Residual(), (2, 3, 64, 64)),
        cc.trace(cc.Conv2d(3, 4, 3, padding=1, padding_mode="reflect", dilation=1, groups=1), (3, 8, 9)),
        cc.trace(cc.Sequential(cc.Conv2d(4, 8, 3, groups=2, dilation=2), cc.MaxPool2d(2, return_indices=True)), (1, 4, 16, 16)),
    ],
    ids=["full", "encoder", "dense", "unet", "residual", "unbatched", "indices"],
)
def test_networks_of_every_plan(graph):
    values = [slip.values(graph, node.path, q) for node in graph.nodes[1:] for slip in slips.ALL for q in slip.quantities]
    assert any(values)
    if not isinstance(graph.outputs, tuple) and graph.inputs[0].shape[0] in (1, 2):
        check_every_slip(graph, [None, *(node.path for node in graph.nodes[1:])])


def test_symbols():
    """Where sizes are symbols, the rules that need numbers do not apply."""
    graph = cc.trace(cc.Sequential(cc.Conv2d(3, 8, 3, padding=1), cc.MaxPool2d(2)), ("N", 3, "H", "W"))
    assert not any(slip.values(graph, None, quantity) for slip in slips.ALL for quantity in slip.quantities)
    assert slips.explain_value("shape", graph, (8, 7, 7)) == []
    assert slips.explain_trace(graph, [3, 6]) == []


def test_rows_that_never_run():
    class Network(cc.Module):
        def __init__(self):
            super().__init__()
            self.conv = cc.Conv2d(3, 8, 3)
            self.unused = cc.Conv2d(3, 8, 5)

        def forward(self, x):
            return self.conv(x), self.conv(x)

    graph = cc.trace(Network(), (1, 3, 16, 16))
    assert slips.named("params.no_bias").values(graph, "unused") == (600,)
    for at in (None, "unused"):
        for quantity in QUANTITIES:
            assert slips.explain_value(quantity, graph, -1, at) == []


def test_dilation():
    """With k = 3 and d = 2 the extent is 5: 32 − 5 + 1 = 28 and a field of 5; with d = 1, 30 and 3."""
    graph = cc.trace(cc.Conv2d(1, 1, 3, dilation=2), (1, 1, 32, 32))
    assert [slip.id for slip in slips.explain_value("shape", graph, (1, 30, 30))] == ["shape.no_dilation"]
    assert [slip.id for slip in slips.explain_value("rf", graph, 3)] == ["rf.no_dilation"]


def test_axes_that_differ():
    graph = cc.trace(cc.Sequential(cc.Conv2d(1, 1, (1, 7), padding=(0, 3)), cc.MaxPool2d((2, 3))), (1, 1, 32, 33))
    slip = slips.named("rf.sum_of_kernels")
    assert slip.apply(graph) == (3, 10)
    assert slip.trace(graph) == [(1, 7), (3, 10)]
    assert slip.values(graph, None, "rf_side") == ()
    assert slip in slips.explain_value("rf", graph, [3, 10])
    assert slip in slips.explain_trace(graph, [[1, 7], [3, 10]])


def test_the_catalogue_of_families_says_which_quantities_each_serves():
    for family, quantities in slips.FAMILIES.items():
        served = {quantity for slip in slips._family(family) for quantity in slip.quantities}
        assert served == set(quantities), family
