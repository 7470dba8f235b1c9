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


def named(**children):
    return cc.Sequential(dict(children))


def test_a_renamed_row_is_told_as_such():
    before = named(conv=cc.Conv2d(3, 8, 3), body=cc.Sequential(cc.BatchNorm2d(8), cc.ReLU()), last=cc.Conv2d(8, 4, 1))
    after = named(conv=cc.Conv2d(3, 8, 3), trunk=cc.Sequential(cc.BatchNorm2d(8), cc.ReLU()), last=cc.Conv2d(8, 4, 1))
    found = cc.diff(before, after, IMAGE)
    assert [(pair.before.path, pair.after.path) for pair in found.renamed] == [
        ("body", "trunk"),
        ("body.0", "trunk.0"),
        ("body.1", "trunk.1"),
    ]
    assert [found.added, found.removed, found.changed] == [[], [], []]
    assert not found.is_empty
    assert "> body → trunk Sequential: renamed" in str(found)
    assert "body.0" not in str(found)


def test_what_else_differs_is_no_new_name():
    before = named(a=cc.Conv2d(3, 8, 3), b=cc.ReLU())
    for other in (cc.Conv2d(3, 9, 3), cc.Conv2d(3, 8, 3, dilation=2), cc.ConvTranspose2d(3, 8, 3)):
        assert not cc.diff(before, named(c=other, b=cc.ReLU()), IMAGE).renamed


def test_of_several_that_are_alike_none_is_taken_for_another():
    before = named(a=cc.Conv2d(3, 3, 1), b=cc.Conv2d(3, 3, 1))
    after = named(c=cc.Conv2d(3, 3, 1))
    found = cc.diff(before, after, IMAGE)
    assert (len(found.removed), len(found.added), found.renamed) == (2, 1, [])
    # The one that is like no other is known all the same.
    mixed = cc.diff(
        named(a=cc.Conv2d(3, 3, 1), b=cc.Conv2d(3, 3, 1), n=cc.BatchNorm2d(3)),
        named(c=cc.Conv2d(3, 3, 1), m=cc.BatchNorm2d(3)),
        IMAGE,
    )
    assert [(pair.before.path, pair.after.path) for pair in mixed.renamed] == [("n", "m")]


def test_rows_that_have_changed_places_are_not_taken_for_renamed():
    before = named(a=cc.ReLU(), b=cc.Tanh(), x=cc.Sigmoid())
    after = named(b=cc.Tanh(), a=cc.ReLU(), y=cc.Sigmoid())
    assert cc.diff(before, after, IMAGE).renamed == []


def test_a_deeper_network_has_more_rows_and_no_new_names():
    found = cc.diff(zoo.resnet50(), zoo.resnet101(), IMAGE)
    assert {row.path.split(".")[0] for row in found.added} == {"layer3"}
    assert [found.removed, found.renamed] == [[], []]


@given(networks())
def test_a_network_inside_another_keeps_all_but_its_names(drawn):
    found = cc.diff(cc.Sequential({"a": drawn.module}), cc.Sequential({"b": drawn.module}), drawn.shape)
    assert [found.added, found.removed, found.changed] == [[], [], []]
    assert all(pair.after.path == "b" + pair.before.path[1:] for pair in found.renamed)
