"""Receptive fields of the trunks, against published ones.

Source: Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill 2019.
"""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES

IMAGE = (1, 3, 224, 224)


@pytest.mark.parametrize(
    ("name", "row", "size", "stride", "padding"),
    [
        # The last map before the head.
        ("vgg16", "features", 212, 32, 90),
        # With the stride on the 3×3 convolution; Distill's 483 has it on the last unit of the block before.
        ("resnet50", "layer4", 427, 32, 213),
        # A further block adds 2·16 in the third stage and 2·8 in the second: 17·2·16, and 4·2·8 + 30·2·16.
        ("resnet101", "layer4", 971, 32, 485),
        ("resnet152", "layer4", 1451, 32, 725),
    ],
)
def test_receptive_fields_of_the_trunks(name, row, size, stride, padding):
    field = cc.receptive_field(ARCHITECTURES[name](), IMAGE, of=row)
    assert (field.size, field.stride, field.padding) == ((size, size), (stride, stride), (padding, padding))
