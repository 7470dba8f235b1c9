"""Summaries as text: they fit every width, and no number is ever cut."""

from __future__ import annotations

import re

import pytest
from drawing import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.render import summary
from cnncalc.render.table import Column, fold, layout, lines
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES

CHAIN = "Conv2d(3, 16, 5, padding=2) -> ReLU() -> MaxPool2d(2) -> Conv2d(16, 16, 5, padding=1) -> ReLU() -> MaxPool2d(2)"
WIDTHS = (40, 60, 80, 100)


def table(net, shape, width, *, color=False):
    """The text of a summary."""
    return summary.as_text(cc.analyze(net, shape).to_dict(), width=width, color=color)


def squeezed(text):
    """A text without spaces and line breaks: what is folded is found again."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["resnet50", "alexnet", "vgg16_bn"])
def test_named_networks_fit_and_keep_every_number(name, width):
    net, shape = ARCHITECTURES[name](), (1, 3, 224, 224)
    text = table(net, shape, width)
    assert max(map(len, text.splitlines())) <= width
    words = set(re.findall(r"[\d,]*\d", text))
    for row in cc.analyze(net, shape):
        assert f"{row.params:,}" in words or not row.params
        assert f"{row.macs:,}" in words or not row.macs
        assert row.kind in text


@given(networks.networks(), st.integers(40, 120))
def test_any_network_fits(drawn, width):
    text = table(drawn.module, drawn.shape, width)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", [CHAIN, "vgg16()", "resnet50()"])
def test_formulas_are_folded_not_cut(text, width):
    net, shape = parse(text, ARCHITECTURES), ("N", 3, "H", "W")
    shown = table(net, shape, width)
    assert max(map(len, shown.splitlines())) <= width
    report = cc.analyze(net, shape)
    assert f"{report.params:,}" in shown
    for row in report:
        assert row.kind in shown
    totals = squeezed(shown[shown.index("\ninput ") :])
    assert squeezed(str(report.macs)) in totals


def test_at_80_columns_formulas_stand_in_a_table():
    assert table(parse(CHAIN), ("N", 3, "H", "W"), 80).splitlines()[:9] == [
        "Layer          Output shape              Params       %              MACs  Field",
        "─" * 80,
        "Sequential     N×16×⌊(H − 4)/4⌋×          7,632  100.0%      400·N·(3·H·W  16×16",
        "               ⌊(W − 4)/4⌋                                          + 16·",
        "                                                             ⌊(H − 4)/2⌋·",
        "                                                             ⌊(W − 4)/2⌋)",
        "  0 Conv2d     N×16×H×W                   1,216   15.9%        1200·H·N·W    5×5",
        "  1 ReLU       N×16×H×W                                                      5×5",
        "  2 MaxPool2d  N×16×⌊H/2⌋×⌊W/2⌋                                              6×6",
    ]


def test_the_homeworks_backbone_at_80_columns():
    text = (
        "conv1 = Conv2d(3, 16, 5, padding=2) -> pool1 = MaxPool2d(2) -> relu1 = ReLU() -> "
        "conv2 = Conv2d(16, 16, 5, padding=2) -> pool2 = MaxPool2d(2)"
    )
    # 16·5·5·3 + 16 = 1216 and 16·5·5·16 + 16 = 6416 parameters; 128·128·16·75 and 64·64·16·400 products.
    assert table(parse(text), (1, 3, 128, 128), 80).splitlines() == [
        "Layer              Output shape  Params       %        MACs       %  Field",
        "──────────────────────────────────────────────────────────────────────────",
        "Sequential         1×16×32×32     7,632  100.0%  45,875,200  100.0%  16×16",
        "  conv1 Conv2d     1×16×128×128   1,216   15.9%  19,660,800   42.9%    5×5",
        "  pool1 MaxPool2d  1×16×64×64                                          6×6",
        "  relu1 ReLU       1×16×64×64                                          6×6",
        "  conv2 Conv2d     1×16×64×64     6,416   84.1%  26,214,400   57.1%  14×14",
        "  pool2 MaxPool2d  1×16×32×32                                        16×16",
        "input        1×3×128×128",
        "output       1×16×32×32",
        "parameters   7,632",
        "MACs         45,875,200 (bias excluded)",
        "field        16×16",
    ]


def test_long_names_stand_above_their_row():
    net = cc.Sequential({"a_name_that_is_much_longer_than_its_column_could_ever_be": cc.Conv2d(3, 8, 3)})
    assert "  a_name_that_is_much_longer_than_its_column_could_ever_be Conv2d" in table(net, (1, 3, 224, 224), 80).splitlines()


def test_a_layer_that_runs_twice_and_one_that_never_runs_say_so():
    class Net(cc.Module):
        def __init__(self):
            super().__init__()
            self.twice, self.spare = cc.Conv2d(3, 3, 1), cc.Linear(2, 2)

        def forward(self, x):
            return self.twice(self.twice(x))

    shown = table(Net(), (1, 3, 8, 8), 80)
    assert "twice Conv2d (2 calls)" in shown
    assert "spare Linear (not run)" in shown


def test_frozen_parameters_and_buffers_are_told_apart():
    net = cc.Sequential(cc.Conv2d(3, 8, 1).requires_grad_(requires_grad=False), cc.BatchNorm2d(8))
    shown = table(net, (2, 3, 8, 8), 80)
    assert "parameters   48 (16 trainable)" in shown
    assert "buffers      17" in shown


def test_colour_is_bold_for_containers_only_where_it_is_wanted():
    net = parse("Sequential(ReLU(), ReLU()) -> ReLU()")
    assert "\x1b" not in table(net, (1, 3), 80)
    marked = [line for line in table(net, (1, 3), 80, color=True).splitlines() if "\x1b" in line]
    assert len(marked) == 2
    assert all(line.startswith("\x1b[1m") and line.endswith("\x1b[0m") for line in marked)


def test_html_escapes_everything():
    net = cc.Sequential({"<b>": cc.ReLU()})
    html = cc.analyze(net, (1, 3))._repr_html_()
    assert "&lt;b&gt; ReLU" in html
    assert "<b>" not in html


# -- tables -----------------------------------------------------------------------------------------------------

CELLS = st.text(alphabet="ab12,·×+− ⌊⌋()", max_size=30).map(str.strip)
COLUMNS = (Column("Name", "<", is_name=True), Column("Left", "<"), Column("Right", ">"))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5), st.integers(20, 80))
def test_rows_fit_their_layout_and_lose_nothing(rows, width):
    widths = layout(COLUMNS, rows, width)
    if widths is None:
        return
    assert sum(widths) + 4 <= width
    for row in rows:
        shown = lines(COLUMNS, widths, row)
        assert all(len(line) <= width for line in shown)
        assert sorted(squeezed("".join(shown))) == sorted(squeezed("".join(row)))


@given(CELLS, st.integers(1, 40))
def test_folding_loses_nothing(text, width):
    folded = fold(text, width)
    assert all(len(line) <= width for line in folded)
    assert squeezed("".join(folded)) == squeezed(text)


@pytest.mark.parametrize("number", ["1,814,073,344", "25557032", "100.0%"])
def test_a_number_is_never_cut(number):
    assert layout([Column("N", ">")], [(number,)], len(number) - 1) is None
