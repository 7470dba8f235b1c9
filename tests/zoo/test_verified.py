"""The twin of a small member of each family, run by torch: shapes, tensors, MACs and receptive fields."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES


@pytest.mark.parametrize("name", ["vgg11", "resnet18", "resnet50"])
def test_torch_agrees(name):
    cc.verify(ARCHITECTURES[name](num_classes=3), (1, 3, 64, 64)).raise_for_disagreement()
