"""The smallest input that a network accepts, against trying every size: with our own rules and with torch."""

from __future__ import annotations

import pytest
import torch_side
from drawing import networks
from hypothesis import given

import cnncalc as cc
from cnncalc.solve.sizes import smallest_size
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES


def accepted(net, shape):
    """Whether our own rules accept numbers."""
    try:
        cc.trace(net, shape)
    except cc.CnncalcError:
        return False
    return True


def torch_accepts(net, shape):
    """Whether torch accepts them, run on the CPU."""
    import torch

    module = cc.to_torch(net)
    with torch_side.quiet(), torch.no_grad():
        try:
            module(torch.zeros(shape))
        except Exception:  # noqa: BLE001 - whatever torch raises is a refusal
            return False
    return True


SPECS = {
    "Conv2d(3, 8, 5)": 5,
    "Conv2d(3, 8, 5, padding=2)": 1,
    "Conv2d(3, 8, 5, stride=3, padding=1)": 3,
    "Conv2d(3, 8, 3, dilation=4)": 9,
    "MaxPool2d(2) -> MaxPool2d(2) -> MaxPool2d(2)": 8,
    "MaxPool2d(3, stride=2, ceil_mode=True) -> Conv2d(3, 8, 3)": 6,
    "Conv2d(3, 8, 3) -> MaxPool2d(2) -> Conv2d(8, 8, 3) -> MaxPool2d(2)": 10,
    "AdaptiveAvgPool2d(7)": 1,
    "ReLU()": 1,
}


@pytest.mark.parametrize(("text", "size"), SPECS.items())
def test_small_networks(text, size):
    net = parse(text)
    assert smallest_size(net, (1, 3, "n", "n")) == size
    for n in range(1, 2 * size + 3):
        assert accepted(net, (1, 3, n, n)) == torch_accepts(net, (1, 3, n, n)) == (n >= size), n


@pytest.mark.parametrize(
    ("name", "size"), [("alexnet", 63), ("vgg11", 32), ("vgg16", 32), ("vgg16_bn", 32), ("resnet18", 1), ("resnet50", 1)]
)
def test_named_architectures(name, size):
    assert smallest_size(ARCHITECTURES[name](), (1, 3, "n", "n")) == size


def test_alexnet_against_torch():
    # 63 is the homework's number: torch refuses 62, and our own rules agree on both sides.
    net = ARCHITECTURES["alexnet"](num_classes=2)
    for n in (32, 61, 62, 63, 64):
        assert accepted(net, (1, 3, n, n)) == torch_accepts(net, (1, 3, n, n)) == (n >= 63)


@given(networks.networks(head=False))
def test_any_network_accepts_from_there_on_and_nothing_before(drawn):
    lead = drawn.shape[:2]
    shape = (*lead, *("n" for _ in drawn.shape[2:]))
    try:
        size = smallest_size(drawn.module, shape)
    except (cc.UnsupportedError, cc.UndecidedError):
        return  # reflected padding, say, asks for more than "from some size on"
    tried = [*range(1, 14), size - 1, size, size + 1]
    for n in (n for n in tried if n >= 1):
        assert accepted(drawn.module, (*lead, *(n for _ in drawn.shape[2:]))) == (n >= size), n


def test_a_condition_of_another_kind_is_refused():
    net = parse("x = input\nx + Conv2d(3, 3, 2, stride=2)(x)")
    with pytest.raises(cc.CnncalcError):
        smallest_size(net, (1, 3, "n", "n"))


def test_another_symbol_is_no_answer():
    with pytest.raises(cc.UnsupportedError, match="the condition does not hold from some size on"):
        smallest_size(parse("Conv2d(3, 8, 5)"), (1, 3, "H", "W"), "n")
