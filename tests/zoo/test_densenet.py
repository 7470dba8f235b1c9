"""DenseNet against the tables of its paper, arXiv:1608.06993."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc import zoo

#: Table 1: layers of each block. The sizes behind blocks and transitions are the same for all, on 224×224.
BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32), 264: (6, 12, 64, 48)}
SIZES = {"conv0": 112, "pool0": 56, "denseblock1": 56, "transition1": 28, "denseblock2": 28, "transition2": 14}
SIZES |= {"denseblock3": 14, "transition3": 7, "denseblock4": 7}


@pytest.mark.parametrize("depth", BLOCKS)
def test_table_1(depth):
    report = cc.analyze(getattr(zoo, f"densenet{depth}")(), (1, 3, 224, 224))
    channels = 64
    for number, layers in enumerate(BLOCKS[depth], 1):
        block = f"features.denseblock{number}"
        # Layer l of a block reads k0 + k(l − 1) channels: section 3, "growth rate".
        for layer in range(1, layers + 1):
            row = report[f"{block}.denselayer{layer}.norm1"]
            assert row.output_shape[1] == channels + 32 * (layer - 1)
        channels += 32 * layers
        assert report[block].output_shape[1] == channels
        if number < 4:
            channels //= 2
            assert report[f"features.transition{number}"].output_shape[1] == channels
    assert {name: report[f"features.{name}"].output_shape[2:] for name in SIZES} == {name: (n, n) for name, n in SIZES.items()}
    # The number in its name: convolutions and the fully connected layer. 264 is one too few for the blocks in its column.
    assert sum(row.kind in {"Conv2d", "Linear"} for row in report.rows) == (265 if depth == 264 else depth)


@pytest.mark.parametrize(
    ("depth", "growth_rate", "bottleneck", "millions"),
    [
        # Table 2, "DenseNet" and "DenseNet-BC": depth, growth rate, parameters.
        (40, 12, False, 1.0),
        (100, 12, False, 7.0),
        (100, 24, False, 27.2),
        (100, 12, True, 0.8),
        (250, 24, True, 15.3),
        (190, 40, True, 25.6),
    ],
)
def test_table_2(depth, growth_rate, bottleneck, millions):
    layers = (depth - 4) // (6 if bottleneck else 3)
    net = zoo.densenet(
        growth_rate,
        (layers,) * 3,
        2 * growth_rate if bottleneck else 16,
        4 if bottleneck else None,
        num_classes=10,
        compression=0.5 if bottleneck else 1,
        small_images=True,
    )
    report = cc.analyze(net, (1, 3, 32, 32))
    assert round(report.params / 1e6, 1) == millions
    # "the feature-map sizes in the three dense blocks are 32×32, 16×16, and 8×8"
    assert [report[f"features.denseblock{n}"].output_shape[2] for n in (1, 2, 3)] == [32, 16, 8]
    assert sum(row.kind in {"Conv2d", "Linear"} for row in report.rows) == depth


def test_dropout_takes_no_parameters():
    plain, dropped = (cc.analyze(zoo.densenet(2, (2, 1), 4, drop_rate=p), (1, 3, 64, 64)) for p in (0, 0.2))
    assert plain.tensors == dropped.tensors
    assert [row.kind for row in dropped.rows].count("Dropout") == 3


@pytest.mark.parametrize("bn_size", [None, 2])
def test_torch_agrees_on_small_ones(bn_size):
    net = zoo.densenet(2, (2, 1), 4, bn_size, num_classes=3)
    cc.verify(net, (1, 3, 33, 40)).raise_for_disagreement()
