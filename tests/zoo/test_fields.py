"""Receptive fields of the trunks, against published ones.

Source: Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill 2019.
"""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc import zoo
from cnncalc.zoo import ARCHITECTURES

IMAGE = (1, 3, 224, 224)


@pytest.mark.parametrize(
    ("name", "arguments", "row", "size", "stride", "padding"),
    [
        # The last map before the head.
        ("vgg16", {}, "features", 212, 32, 90),
        # With the stride on the 3×3 convolution.
        ("resnet50", {}, "layer4", 427, 32, 213),
        # A further block adds 2·16 in the third stage and 2·8 in the second: 17·2·16, and 4·2·8 + 30·2·16.
        ("resnet101", {}, "layer4", 971, 32, 485),
        ("resnet152", {}, "layer4", 1451, 32, 725),
        # Distill's sizes, of networks that stride at the end of a stage: so every 3×3 convolution of a stage has one jump,
        # as with the stride on the first 1×1. The padding is half of the size here, theirs is TensorFlow's at 224.
        ("resnet50", {"stride_in_1x1": True}, "layer4", 483, 32, 241),
        ("resnet101", {"stride_in_1x1": True}, "layer4", 1027, 32, 513),
        ("resnet152", {"stride_in_1x1": True}, "layer4", 1507, 32, 753),
        # mobilenet_v1: 315; padding 126 is TensorFlow's.
        ("mobilenet_v1", {}, "features", 315, 32, 157),
        # By hand: 7 behind the stem, then 2·jump for each depthwise convolution, through every block by the longest path:
        # 2·4 + 3·2·8, 2·8 + 7·2·16, 2·16 + 3·2·32; half of 526 and the cell itself.
        ("shufflenet_v2_x1_0", {}, "conv5", 527, 32, 263),
        # inception_v3: 1311, and 618 for TensorFlow's padding; torch pads as its paper does.
        ("inception_v3", {}, "Mixed_7c", 1311, 32, 618),
    ],
)
def test_receptive_fields_of_the_trunks(name, arguments, row, size, stride, padding):
    shape = (1, 3, 299, 299) if name == "inception_v3" else IMAGE
    field = cc.receptive_field(ARCHITECTURES[name](**arguments), shape, of=row)
    assert (field.size, field.stride, field.padding) == ((size, size), (stride, stride), (padding, padding))


def test_deeplab_s_pyramid_spans_37_cells_and_reads_7():
    """Rates 6, 12 and 18 beside a 1×1: per axis −18, −12, −6, 0, 6, 12, 18; the pooled branch reads everything."""
    field = cc.receptive_field(zoo.aspp(1, (6, 12, 18), 1, image_pooling=False), (1, 1, 65, 65), at=(32, 32))
    assert [len(cells) for cells in field.cells] == [7, 7]
    assert field.size == (37, 37)
    assert field.count == 25
