"""DenseNet and U-Net in closed form against torch, and sums in closed form against adding up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision_side import torchvision

import cnncalc as cc
from cnncalc.formulas.networks import dense_block_params, dense_channels, densenet_params, unet_output_size, unet_params
from cnncalc.formulas.sums import total
from cnncalc.sizes import floor_div, substitute, symbol
from cnncalc.zoo import ARCHITECTURES


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=8), st.integers(1, 40), st.integers(1, 20))
def test_a_sum_in_closed_form_is_the_sum(coefficients, n, c):
    i = symbol("i", 0)
    term = sum((a * i**power * symbol("c") for power, a in enumerate(coefficients)), start=0)
    closed = total(term, "i", symbol("n"))
    added = sum(sum(a * index**power for power, a in enumerate(coefficients)) * c for index in range(n))
    assert substitute(closed, {"n": n, "c": c}) == added
    assert substitute(total(term, "i", 0), {"c": c}) == 0


def test_a_sum_over_floors_is_refused():
    with pytest.raises(cc.UnsupportedError, match="floors"):
        total(floor_div(symbol("i"), 2), "i", symbol("n"))
    with pytest.raises(cc.UnsupportedError, match="too high"):
        total(symbol("i") ** 17, "i", symbol("n"))


def counted(module):
    return sum(parameter.numel() for parameter in module.parameters())


BLOCK = dense_block_params("c", "k", "l", "b")
NET = densenet_params("k", ("l1", "l2", "l3", "l4"), channels="c", bn_size="b", classes="m")
UNET = unet_params("b", "q", "i", "o")


def test_the_channels_of_a_block():
    assert str(dense_channels("k0", "k", "l")) == "k·l + k0"


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 8), st.integers(1, 5))
def test_a_dense_block_against_torch(channels, growth, layers, bn_size):
    import torch

    models = torchvision().models.densenet
    with torch.device("meta"):
        block = models._DenseBlock(layers, channels, bn_size, growth, 0)
    assert substitute(BLOCK, {"c": channels, "k": growth, "l": layers, "b": bn_size}) == counted(block)


@settings(max_examples=25)
@given(st.integers(1, 12), st.tuples(*[st.integers(1, 4)] * 4), st.integers(1, 30), st.integers(1, 4), st.integers(1, 20))
def test_a_whole_densenet_against_torch(growth, blocks, channels, bn_size, classes):
    import torch

    models = torchvision().models.densenet
    with torch.device("meta"):
        net = models.DenseNet(growth, blocks, channels, bn_size, 0, classes)
    values = dict(zip(("l1", "l2", "l3", "l4"), blocks, strict=True))
    values |= {"k": growth, "c": channels, "b": bn_size, "m": classes}
    assert substitute(NET, values) == counted(net)


@pytest.mark.parametrize(
    ("growth", "blocks", "channels", "params"),
    # Published by torchvision: densenet121, 161, 169, 201.
    [
        (32, (6, 12, 24, 16), 64, 7_978_856),
        (48, (6, 12, 36, 24), 96, 28_681_000),
        (32, (6, 12, 32, 32), 64, 14_149_480),
        (32, (6, 12, 48, 32), 64, 20_013_928),
    ],
)
def test_published_densenets(growth, blocks, channels, params):
    assert densenet_params(growth, blocks, channels=channels) == params
    formula = densenet_params("k", blocks, channels=channels)
    assert cc.to_function(formula)(k=growth) == params


def test_another_compression():
    net = ARCHITECTURES["densenet"](5, (2, 3), 9, 4, 0, 10, compression=0.75)
    assert densenet_params(5, (2, 3), Fraction(3, 4), 9, 4, 10) == cc.analyze(net, (1, 3, 64, 64)).params


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("base", "i", "o"), [(1, 1, 1), (3, 2, 5), (8, 3, 2), (64, 1, 2)])
def test_a_unet_against_torch(depth, base, i, o):
    twin = cc.to_torch(ARCHITECTURES["unet"](i, o, base, depth), device="meta")
    assert substitute(UNET, {"b": base, "q": 2**depth, "i": i, "o": o}) == counted(twin)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_unets_output_against_torch(depth):
    import torch

    twin = cc.to_torch(ARCHITECTURES["unet"](1, 2, 1, depth), device="meta")
    asked = 0
    for n in range(12 * 2**depth - 8, 12 * 2**depth + 5 * 2**depth):
        try:
            out = twin(torch.empty(1, 1, n, n, device="meta"))
        except Exception:  # noqa: BLE001, S112 - whatever torch raises is a refusal
            continue
        asked += 1
        assert out.shape[-1] == unet_output_size(n, 2**depth)
    assert asked > 3


def test_the_papers_unet():
    assert str(unet_output_size("H", 16)) == "H − 184"
    assert unet_params(64, 16) == 31_030_658  # as published for the 64-channel network
