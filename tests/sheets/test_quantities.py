"""What a sheet can ask: values worked out by hand, and every quantity held against torch, symbols included."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.sheets.model import Asked, Net, Question
from cnncalc.sheets.networks import Networks
from cnncalc.sheets.quantities import KNOWN, evaluate, plain
from cnncalc.sheets.verification import Verifier

CHAIN = """\
c = Conv2d(3, 8, 5, stride=2, padding=1) -> b = BatchNorm2d(8) -> p = MaxPool2d(2) -> \
d = Conv2d(8, 4, 3, padding=2, dilation=2)"""
GROWTH = """
x = input
a = Conv2d(32, "k", 3, padding=1)(x)
b = LazyConv2d("k", 3, padding=1)(cat([x, a], dim=1))
block = cat([x, a, b], dim=1)
"""
LEVEL = """
x = input
a = Conv2d(3, 4, 3)(x)
up = ConvTranspose2d(4, 4, 2, stride=2)(MaxPool2d(2)(a))
out = cat([a, up], dim=1)
"""
NETS = {
    "level": Net("level", LEVEL, "3x32x32", "", "", {}),
    "chain": Net("chain", CHAIN, "3x32x32", "", "d", {}),
    "growth": Net("growth", GROWTH, "32x16x16", "", "", {"k": (1, 4, 12)}),
    "free": Net("free", "Conv2d(3, 8, 3, padding=1) -> MaxPool2d(2)", "3xHxH", "", "", {"H": (8, 9)}),
}

#: Worked out by hand: field 5, then 5 + 1·2 = 7, then 7 + 4·4 = 23; padding 1 + 0 + 2·4 = 9; 32 → 15 → 7 → 7.
EXPECTED = {
    ("shape", "chain"): [4, 7, 7],
    ("channels", "chain"): 4,
    ("input_channels", "chain"): 8,
    ("pixels", "chain"): 49,
    ("side", "chain"): 7,
    ("values", "chain"): 196,
    ("params", "chain"): 8 * 75 + 8 + 16 + 4 * 72 + 4,
    ("trainable", "chain"): 4 * 72 + 4,
    ("frozen", "chain"): 8 * 75 + 8 + 16,
    ("params_no_bias", "chain"): 8 * 75 + 8 + 4 * 72,
    ("buffers", "chain"): 8 + 8 + 1,
    ("macs", "chain"): 8 * 75 * 225 + 4 * 72 * 49,
    ("rf", "chain"): [23, 23],
    ("rf_side", "chain"): 23,
    ("rf_area", "chain"): 529,
    ("rf_values", "chain"): 1587,
    ("rf_trace", "chain"): [5, 7, 23],
    ("rf_stride", "chain"): 4,
    ("rf_padding", "chain"): 9,
    # 5 × 5 is the smallest that leaves the pool its window of 2.
    ("smallest_input", "chain"): 5,
    ("valid_sizes", "chain"): "k + 5",
    # What the convolution leaves must be even: 4 → 2, 6 → 4, 8 → 6.
    ("valid_sizes", "level"): "2·(k + 2)",
    ("channels", "growth"): "2·(k + 16)",
    ("input_channels", "growth"): "k + 32",
    ("params", "growth"): "k·(9·k + 578)",
    ("values", "growth"): "512·(k + 16)",
    ("side", "free"): "⌊H/2⌋",
}


@pytest.fixture(scope="module")
def networks():
    return Networks(Question("q", 1, {}, {}, {}, {}, {}, NETS, (), (), ()))


@pytest.fixture(scope="module")
def verifier():
    return Verifier()


def asked(quantity, net):
    at = "b" if quantity == "input_channels" and net == "growth" else ""
    return Asked(quantity, net, at)


@pytest.mark.parametrize(("quantity", "net"), EXPECTED, ids=[f"{net} {quantity}" for quantity, net in EXPECTED])
def test_values_by_hand_and_by_torch(networks, verifier, quantity, net):
    assert plain(evaluate(asked(quantity, net), networks).value) == EXPECTED[quantity, net]
    assert verifier.agrees(networks, [asked(quantity, net)]), verifier.disagreements


def test_every_quantity_is_tried():
    assert {quantity for quantity, _ in EXPECTED} == set(KNOWN) - {"multiples", "refusal"}


def test_a_wrong_number_would_be_seen(networks, verifier, monkeypatch):
    monkeypatch.setattr(verifier._oracle, "measure", lambda *_: 5)
    assert not Verifier().agrees(networks, [asked("rf_stride", "chain")])


def test_a_symbol_without_numbers_is_told():
    net = Net("growth", GROWTH, "32x16x16", "", "", {"j": (1,)})
    alone = Networks(Question("q", 1, {}, {}, {}, {}, {}, {"growth": net}, (), (), ()))
    with pytest.raises(cc.CnncalcError, match="a symbol needs numbers to be checked at; got k; write for example symbols"):
        alone.built("growth").points()


def test_lazy_layers_have_a_smallest_input_in_torch_too(verifier):
    nets = {"lazy": Net("lazy", "LazyConv2d(8, 5) -> MaxPool2d(2)", "3x32x32", "", "", {})}
    networks = Networks(Question("q", 1, {}, {}, {}, {}, {}, nets, (), (), ()))
    assert evaluate(Asked("smallest_input", "lazy"), networks).value == 6
    assert verifier.agrees(networks, [Asked("smallest_input", "lazy")])


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("PixelUnshuffle(2)", r"the sizes that work have gaps.*; got n ≡ 0 \(mod 2\), n ≥ 2"),
        ("MaxPool2d(4) -> Flatten() -> Linear(12, 2)", r"the sizes that work have gaps.*; got n ∈ \{8, 9, 10, 11\}"),
        ("Conv2d(4, 8, 3)", "no size works; got Conv2d: the input's channels must equal in_channels"),
    ],
)
def test_sizes_with_gaps_have_no_smallest_to_ask_for(layers, message):
    shape = "3x32x32"
    nets = {"net": Net("net", layers, shape, "", "", {})}
    networks = Networks(Question("q", 1, {}, {}, {}, {}, {}, nets, (), (), ()))
    with pytest.raises(cc.CnncalcError, match=message):
        evaluate(Asked("smallest_input", "net"), networks)


@pytest.mark.parametrize("layers", ["MaxPool2d(4) -> Flatten() -> Linear(12, 2)", "Conv2d(4, 8, 3)"])
def test_sizes_that_are_no_progression_can_not_be_asked_for(layers, verifier):
    nets = {"net": Net("net", layers, "3x32x32", "", "", {})}
    networks = Networks(Question("q", 1, {}, {}, {}, {}, {}, nets, (), (), ()))
    with pytest.raises(cc.CnncalcError, match="no single progression"):
        evaluate(Asked("valid_sizes", "net"), networks)
    with pytest.raises(cc.CnncalcError, match="no single progression"):
        verifier._oracle.measure(networks.built("net").module, (1, 3, 32, 32), "valid_sizes", None)
