"""The working of a field: every printed equation is true, and both directions give the closed form."""

from __future__ import annotations

import json

import pytest
from drawing.networks import networks
from drawing.resampled_networks import resampled_networks
from drawing.resized_networks import resized_networks
from equations import worked_out
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.zoo import resnet50


def homework():
    """Question 2 of the homework."""
    layers = []
    for channels in (3, 16, 16):
        layers += [cc.Conv2d(channels, 16, 5, padding=2), cc.MaxPool2d(2), cc.ReLU()]
    return cc.Sequential(*layers)


def test_the_homeworks_trace_in_both_directions():
    """Forward 5, 6, 14, 16, 32, 36 as in the model answer; backward the textbook's recurrence, by hand: 2, 6, 12, 16, 32, 36."""
    (working,) = cc.explain_field(homework(), (1, 3, 128, 128)).axes
    assert working["axes"] == [2, 3]
    assert [row["r"] for row in working["rows"]] == [1, 5, 6, 14, 16, 32, 36]
    assert [row["j"] for row in working["rows"]] == [1, 1, 2, 2, 4, 4, 8]
    assert [row["n"] for row in working["rows"]] == [[n, n] for n in (128, 128, 64, 64, 32, 32, 16)]
    (way,) = working["backward"]
    assert [step["r"] for step in way["steps"]] == [2, 6, 12, 16, 32, 36, 36]
    assert [step["P"] for step in way["steps"]] == [0, 2, 4, 6, 12, 14, 14]
    assert working["result"]["agrees"]


@given(st.one_of(networks(head=False), resized_networks(), resampled_networks()), st.data())
def test_equations_are_true_and_directions_agree(network, data):
    report = cc.analyze(network.module, network.shape)
    of = data.draw(st.sampled_from([row.path for row in report if row.own and row.calls]))
    field = cc.receptive_field(network.module, network.shape, of=of)
    working = cc.explain_field(network.module, network.shape, of=of)
    assert sorted(axis for part in working.axes for axis in part["axes"]) == list(range(2, len(network.shape)))
    for part in working.axes:
        steps = [step for way in part["backward"] for step in way["steps"]]
        for line in [*part["rows"], *steps]:
            for figure, text in (line.get("working") or {}).items():
                assert worked_out(text) == line[figure]
        stride = field.stride[part["axes"][0] - 2]
        if part["result"] is None:
            assert part["reason"]
            continue
        asked = [figures[part["axes"][0] - 2] for figures in (field.size, field.stride, field.padding)]
        assert stride is not None
        assert part["result"]["agrees"]
        assert [part["result"]["backward"][name] for name in ("r", "S", "P")] == asked


class Beside(cc.Module):
    """Two convolutions on one input, added."""

    def __init__(self, one, other):
        super().__init__()
        self.one, self.other = one, other

    def forward(self, x):
        """The sum."""
        return self.one(x) + self.other(x)


def test_a_join_says_which_branch_decides():
    net = Beside(cc.Conv1d(1, 1, 3, padding=1), cc.Conv1d(1, 1, 7, padding=3))
    (working,) = cc.explain_field(net, (1, 1, 20)).axes
    join = working["rows"][-1]
    assert [(branch["from"], branch["r"], branch["decides"]) for branch in join["branches"]] == [
        ("one", 3, []),
        ("other", 7, ["left", "right"]),
    ]
    assert [step["path"] for step in working["backward"][0]["steps"]] == ["add", "other", "input"]


def test_where_two_branches_decide_there_are_two_ways_back():
    """One reads 4 cells to the left, the other 4 to the right: 9 cells, by hand; neither way alone gives them."""
    left = cc.Sequential(cc.ConstantPad1d((4, 0), 0), cc.Conv1d(1, 1, 5))
    right = cc.Sequential(cc.ConstantPad1d((0, 4), 0), cc.Conv1d(1, 1, 5))
    working = cc.explain_field(Beside(left, right), (1, 1, 20))
    (axis,) = working.axes
    assert [(way["side"], way["steps"][-1]["r"], way["steps"][-1]["P"]) for way in axis["backward"]] == [
        ("left", 5, 4),
        ("right", 5, 0),
    ]
    assert axis["result"] == {
        "forward": {"r": 9, "S": 1, "P": 4},
        "backward": {"r": 9, "S": 1, "P": 4, "R": 4},
        "agrees": True,
    }
    assert str(working).endswith("Both directions: r = 9, S = 1, P = 4 (r = P + R + 1 with R = 4)")


def test_a_dilated_kernel_shows_its_extent():
    text = str(cc.explain_field(cc.Conv1d(1, 1, 3, dilation=6), (1, 1, 40)))
    assert "6·(3 − 1) + 1 = 13" in text
    assert "1 + (13 − 1)·1 = 13" in text


def test_formulas():
    net = cc.Sequential(cc.Conv1d(1, 1, "k", stride="s"), cc.Conv1d(1, 1, 3))
    (working,) = cc.explain_field(net, (1, 1, "L")).axes
    assert (working["result"]["backward"]["r"], working["result"]["agrees"]) == ("k + 2·s", True)


def test_axes_that_differ_have_a_table_each():
    working = cc.explain_field(cc.Conv2d(1, 1, (3, 5)), (1, 1, 20, 20))
    assert [(axis["axes"], axis["result"]["forward"]["r"]) for axis in working.axes] == [([2], 3), ([3], 5)]
    assert [line for line in str(working).splitlines() if line in {"height", "width"}] == ["height", "width"]


def test_lengths_alone_make_no_second_table():
    (working,) = cc.explain_field(cc.Conv2d(1, 1, 3), (1, 1, 20, 30)).axes
    assert working["rows"][-1]["n"] == [18, 28]
    assert "18×28" in str(cc.explain_field(cc.Conv2d(1, 1, 3), (1, 1, 20, 30)))


def test_what_has_no_single_field_says_so():
    working = cc.explain_field(resnet50(), (1, 3, 224, 224))
    assert "No check backward: the whole input is read" in str(working)
    assert cc.explain_field(resnet50(), (1, 3, 224, 224), of="layer4").axes[0]["result"]["backward"]["r"] == 427
    assert "No check backward: the size depends on the position: 1 to 2 cells" in str(
        cc.explain_field(cc.ConvTranspose1d(1, 1, 3, 2), (1, 1, 9))
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_any_width(width):
    lines = cc.explain_field(homework(), (1, 3, 128, 128)).text(width).splitlines()
    assert any("36" in line for line in lines)


def test_as_plain_data():
    data = cc.explain_field(homework(), (1, 3, 128, 128), of="3").to_dict()
    assert json.loads(json.dumps(data)) == data
    assert (data["format"], data["of"]) == ("cnncalc.field_working/1", "3")


def test_bad_asking():
    with pytest.raises(cc.ArgumentError, match="there is no row of that name"):
        cc.explain_field(homework(), (1, 3, 128, 128), of="9")
    with pytest.raises(cc.ArgumentError, match="wrt numbers an input"):
        cc.explain_field(homework(), (1, 3, 128, 128), wrt=1)
    with pytest.raises(cc.UnsupportedError, match="a field needs an input with axes after its channels"):
        cc.explain_field(cc.Linear(8, 4), (1, 8))
