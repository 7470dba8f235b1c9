"""What changes from one network to another, against torchvision's models and set arithmetic."""

from __future__ import annotations

import pytest
from drawing.networks import networks
from hypothesis import given
from torchvision_side import torchvision

import cnncalc as cc
from cnncalc import zoo

IMAGE = (1, 3, 64, 64)


def test_rows_and_parameters_differ_as_torchvisions_modules_do():
    models = torchvision().models
    small, large = models.resnet18(), models.resnet34()
    names = [{name for name, _ in model.named_modules()} for model in (small, large)]
    counts = [sum(tensor.numel() for tensor in model.parameters()) for model in (small, large)]
    found = cc.diff(zoo.resnet18(), zoo.resnet34(), IMAGE)
    assert {row.path for row in found.added} & names[1] == names[1] - names[0]
    assert {row.path for row in found.removed} & names[0] == names[0] - names[1]
    assert found.totals["params"] == (*counts, counts[1] - counts[0])
    assert cc.diff(small, large, IMAGE).totals["macs"] == found.totals["macs"]


def test_a_changed_row_names_what_differs():
    before = cc.Sequential(cc.Conv2d(3, 8, 3), cc.ReLU())
    after = cc.Sequential(cc.Conv2d(3, 8, 3, dilation=2), cc.GELU())
    found = cc.diff(before, after, (1, 3, 9, 9))
    changes = {change.path: set(change.figures) for change in found.changed}
    assert changes["0"] == {"output_shape", "macs", "output_elements", "receptive_field"}
    assert "kind" in changes["1"]
    assert found.totals["receptive_field"][:2] == ((3, 3), (5, 5))


def test_symbols_stay_symbols():
    before, after = cc.Conv2d(3, 8, 3), cc.Conv2d(3, 16, 3)
    total = cc.diff(before, after, ("N", 3, "H", "W")).totals["macs"]
    assert total.change == total.before
    assert str(cc.diff(before, before, ("N", 3, "H", "W"))).endswith("no row differs")


@given(networks())
def test_a_network_does_not_differ_from_itself_and_the_way_back_is_the_reverse(drawn):
    network, shape = drawn.module, drawn.shape
    assert cc.diff(network, network, shape).is_empty
    other = cc.Sequential(network, cc.Identity())
    there, back = cc.diff(network, other, shape), cc.diff(other, network, shape)
    assert [row.path for row in there.added] == [row.path for row in back.removed]
    assert [change.path for change in there.changed] == [change.path for change in back.changed]


def test_a_network_that_refuses_the_input_is_named():
    with pytest.raises(cc.ShapeError):
        cc.diff(cc.Conv2d(3, 8, 3), cc.Conv2d(4, 8, 3), IMAGE)
