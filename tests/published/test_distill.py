"""The table of Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill 2019.

Source: doi 10.23915/distill.00021, field, effective stride and effective padding of each network at 224×224 pixels.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import cnncalc as cc
from cnncalc.zoo import resnet50

sys.path.insert(0, str(Path(__file__).parent))
import slim

TABLE = {
    "alexnet_v2": (slim.alexnet_v2, 195, 32, 64),
    "vgg_16": (slim.vgg_16, 212, 32, 90),
    "mobilenet_v1": (slim.mobilenet_v1, 315, 32, 126),
    "resnet_v1_50": (lambda: slim.resnet_v1(3, 4, 6, 3), 483, 32, 239),
    "inception_v2": (slim.inception_v2, 699, 32, 318),
    "resnet_v1_101": (lambda: slim.resnet_v1(3, 4, 23, 3), 1027, 32, 511),
    "inception_v3": (slim.inception_v3, 1311, 32, 618),
    "resnet_v1_152": (lambda: slim.resnet_v1(3, 8, 36, 3), 1507, 32, 751),
    "resnet_v1_200": (lambda: slim.resnet_v1(3, 24, 36, 3), 1763, 32, 879),
    "inception_v4": (slim.inception_v4, 2071, 32, 998),
    "inception_resnet_v2": (slim.inception_resnet_v2, 3039, 32, 1482),
}


@pytest.mark.parametrize("name", TABLE)
def test_field_stride_and_padding_are_the_published_ones(name):
    make, size, stride, padding = TABLE[name]
    field = cc.receptive_field(make(), (1, 3, 224, 224))
    assert (field.size, field.stride, field.padding) == ((size, size), (stride, stride), (padding, padding))


def test_padding_changes_with_the_size_where_tensorflows_same_does():
    """MobileNet at 225: all lengths are odd, so every 3×3 at stride 2 pads one cell on both sides, and P = (315 − 1)/2."""
    assert cc.receptive_field(slim.mobilenet_v1(), (1, 3, 225, 225)).padding == (157, 157)
    assert cc.receptive_field(slim.alexnet_v2(), (1, 3, 225, 225)).padding == (64, 64)


def test_torchvisions_resnet_50_has_its_strides_elsewhere():
    """427: the first 3×3 of stages 2, 3, 4 runs at stride 4, 8, 16, TF-Slim's behind the stride, at 8, 16, 32.

    Each of the three is 2 cells of its stride narrower. P = (427 − 1)/2: torch's pool pads one cell on both sides, where
    TensorFlow's on 112 cells pads none before, 2 pixels less.
    """
    field = cc.receptive_field(resnet50(), (1, 3, 224, 224), of="layer4")
    assert (field.size, field.stride, field.padding) == ((427, 427), (32, 32), (213, 213))
    slim_s = cc.receptive_field(slim.resnet_v1(3, 4, 6, 3), (1, 3, 224, 224))
    assert slim_s.size[0] - field.size[0] == 2 * (4 + 8 + 16)
    assert slim_s.padding[0] == (483 - 1) // 2 - 2
