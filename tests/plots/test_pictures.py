"""Pictures: what is drawn is the exact set, files are what their names say, the same data give the same file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise, product

import pytest
from drawing.networks import networks
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.analyses.pictures import field_picture, layers_picture, paths_picture, phases_picture, rectangles, runs
from cnncalc.cells import cells_of
from cnncalc.plots.words import WORDS
from cnncalc.zoo import resnet18

pytest.importorskip("matplotlib")

DILATED = cc.Sequential(*(cc.Conv2d(1, 1, 3, padding=2, dilation=2) for _ in range(3)))
IMAGE = (1, 1, 20, 28)
UP = cc.Sequential(cc.Conv1d(1, 1, 3, padding=1), cc.ConvTranspose1d(1, 1, 3, 2), cc.Conv1d(1, 1, 3))


def drawn(axes, name):
    """The cells of the path that a picture has drawn under a name, read back from its corners."""
    (patch,) = [patch for patch in axes.patches if patch.get_gid() == name]
    corners = patch.get_path().vertices
    found = []
    for start in range(0, len(corners) // 5 * 5, 5):
        columns, rows = zip(*corners[start : start + 5], strict=True)
        found += product(
            range(round(min(rows) + 0.5), round(max(rows) + 0.5)), range(round(min(columns) + 0.5), round(max(columns) + 0.5))
        )
    assert len(found) == len(set(found)), "no cell is drawn twice"
    return set(found)


def union(terms):
    """A union of product sets as a set of index tuples."""
    return {cell for term in terms for cell in product(*map(cells_of, term))}


# -- what is drawn ----------------------------------------------------------------------------------------------


@settings(max_examples=10)
@given(networks(2, high=9, head=False), st.data())
def test_the_cells_drawn_are_the_exact_set(network, data):
    shape = cc.analyze(network.module, network.shape).output_shape
    at = tuple(data.draw(st.integers(0, n - 1)) for n in shape[2:])
    picture = cc.plot_field(network.module, network.shape, at=at)
    field = cc.receptive_field(network.module, network.shape, at=at)
    (axes,) = picture.figure.axes
    assert drawn(axes, "cells") == union(field.terms)
    assert drawn(axes, "input") == set(product(*map(range, network.shape[2:])))


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=6))
def test_rectangles_are_the_union_and_do_not_overlap(terms):
    made = rectangles(terms)
    cells = [cell for (a, b), (c, d) in made for cell in product(range(a, b + 1), range(c, d + 1))]
    assert len(cells) == len(set(cells))
    assert set(cells) == union(terms)


@given(st.integers(0, 1 << 70))
def test_runs_are_the_cells_and_do_not_touch(bits):
    made = runs(bits)
    assert [cell for first, last in made for cell in range(first, last + 1)] == cells_of(bits)
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(made))


def test_holes_and_the_field_without_borders():
    """Three 3×3 convolutions of dilation 2, by hand: every second cell from 5 − 6 to 5 + 6, and from 14 − 6 to 14 + 6."""
    picture = cc.plot_field(DILATED, IMAGE, at=(5, 14))
    (axes,) = picture.figure.axes
    assert drawn(axes, "cells") == set(product(range(1, 12, 2), range(8, 21, 2)))
    assert drawn(axes, "unclipped") == set(product(range(-1, 12), range(8, 21)))


def test_one_axis_and_three():
    (axes,) = cc.plot_field(cc.Conv1d(1, 1, 3, dilation=4), (1, 1, 20), at=(5,)).figure.axes
    assert drawn(axes, "cells") == {(0, 5), (0, 9), (0, 13)}
    panels = cc.plot_field(cc.Conv3d(1, 1, (1, 2, 3)), (1, 1, 4, 5, 6), at=(1, 2, 3)).figure.axes
    spans = (range(1, 2), range(2, 4), range(3, 6))
    expected = [set(product(spans[a], spans[b])) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert [drawn(axes, "cells") for axes in panels] == expected


def test_an_empty_field_is_drawn_as_none():
    picture = cc.plot_field(cc.Conv2d(1, 1, 1, padding=1), (1, 1, 8, 8), at=(0, 0))
    assert drawn(picture.figure.axes[0], "cells") == set()
    assert picture.text[1] == "no cell of the input is read: the field is empty"


def test_layers_lie_inside_each_other_and_are_exact():
    data = layers_picture(resnet18(), (1, 3, 224, 224), of="layer3")
    (panel,) = data["panels"]
    assert panel["names"] == ["height", "width"]
    last = panel["rows"][-1]
    assert (last["path"], last["cell"]) == ("layer3", 7)
    for row in panel["rows"]:
        field = cc.receptive_field(resnet18(), (1, 3, 224, 224), of=row["path"], at=(row["cell"],) * 2)
        assert [first_last for (first_last,) in rectangles([(t[0],) for t in field.terms])] == row["runs"]
        assert last["runs"][0][0] <= row["runs"][0][0] <= row["runs"][-1][1] <= last["runs"][-1][1]


def test_layers_are_drawn_as_they_are():
    picture = cc.plot_field(DILATED, IMAGE, kind="layers")
    data = layers_picture(DILATED, IMAGE)
    for axes, panel in zip(picture.figure.axes, data["panels"], strict=True):
        for place, row in enumerate(panel["rows"]):
            (patch,) = [patch for patch in axes.patches if patch.get_gid() == f"layer-{place}"]
            ends = sorted({round(x - 0.5) for x, _ in patch.get_path().vertices})
            assert ends == sorted({end for first, last in row["runs"] for end in (first - 1, last)})


def test_phases_of_a_transposed_convolution():
    """A kernel of 3 at stride 2 reads one cell or two in turn, so that the sizes inside are two."""
    (panel,) = phases_picture(UP, (1, 1, 16))["panels"]
    for row in panel["rows"]:
        field = cc.receptive_field(UP, (1, 1, 16), at=(row["cell"],))
        assert row["size"] == field.box[0][1] - field.box[0][0] + 1
    inner = {row["size"] for row in panel["rows"][6:-6]}
    assert len(inner) == 2
    picture = cc.plot_field(UP, (1, 1, 16), kind="phases")
    assert len([patch for patch in picture.figure.axes[0].patches if patch.get_gid().startswith("cell-")]) == len(panel["rows"])


def test_a_heat_map_shows_the_numbers_of_paths():
    """Three convolutions of three taps: the coefficients of (1 + x + x²)³, by hand, 27 in all; 7 + 6 + 6 of them are half."""
    net = cc.Sequential(*(cc.Conv1d(1, 1, 3, padding=1) for _ in range(3)))
    picture = cc.plot_field(net, (1, 1, 15), kind="paths", at=7)
    (image,) = picture.figure.axes[0].images
    shown = [0 if masked else part for part, masked in zip(*read_back(image), strict=True)]
    assert shown == pytest.approx([n / 7 for n in (0, 0, 0, 0, 1, 3, 6, 7, 6, 3, 1, 0, 0, 0, 0)])
    assert picture.text[1] == "half of all paths begin in 3 of the 7 cells that are read"


def read_back(image):
    """The numbers of an image row by row, and which of them it leaves out."""
    numbers = image.get_array()
    return numbers.data.ravel().tolist(), numbers.mask.ravel().tolist()


def test_a_heat_map_of_a_plane_and_of_a_room():
    """A row beside a column: two paths where they cross, one elsewhere; two taps on each of three axes: 2 paths a column."""
    cross = cc.parse("x = input\na = Conv2d(1, 1, (1, 3), padding=(0, 1))(x)\nb = Conv2d(1, 1, (3, 1), padding=(1, 0))(x)\na + b")
    (panel,) = paths_picture(cross, (1, 1, 5, 5), at=(2, 2))["panels"]
    assert panel["weights"] == [
        [0, 0, 0, 0, 0],
        [0, 0, 0.5, 0, 0],
        [0, 0.5, 1, 0.5, 0],
        [0, 0, 0.5, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    data = paths_picture(cc.Conv3d(1, 1, 2), (1, 1, 3, 3, 3), at=(0, 0, 0))
    assert [panel["weights"] for panel in data["panels"]] == [[[1, 1, 0], [1, 1, 0], [0, 0, 0]]] * 3
    assert (data["total"], data["count"], data["half"]) == (8, 8, 4)


# -- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["field", "layers", "paths", "phases"])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_same_picture_is_the_same_file(kind, language):
    once, again = (cc.plot_field(DILATED, (1, 1, 7, 9), kind=kind, language=language) for _ in range(2))
    text = once.to_svg()
    assert text == again.to_svg() == once.to_svg()
    assert not re.search(r"20\d\d-\d\d-\d\d|Matplotlib v", text)
    ET.fromstring(text)  # noqa: S314 - our own text


def test_files_are_what_their_names_say(tmp_path):
    picture = cc.plot_field(DILATED, IMAGE)
    for name in ("a.svg", "a.PNG", "a.html"):
        picture.save(tmp_path / name)
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<svg" in svg
    assert "<dc:title>Receptive field of the output at (10, 14)</dc:title>" in svg
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "13×13 cells from first to last, 49 read" in page
    # Nothing is fetched: addresses are names of formats, or places in the page itself.
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "<script" not in page
    with pytest.raises(cc.ArgumentError, match=r"saved as \.svg, \.png or \.html; got 'a\.pdf'"):
        picture.save(tmp_path / "a.pdf")


def test_persian_pages_and_labels():
    picture = cc.plot_field(DILATED, IMAGE, at=(9, 11), language="fa")
    assert '<html lang="fa" dir="rtl">' in picture.to_html()
    assert "۴۹ خانه" in picture.text[1]
    labels = [text.get_text() for axes in picture.figure.axes for text in (axes.xaxis.label, *axes.get_xticklabels())]
    assert not any(re.search("[0-9]", label) for label in labels)


def test_a_users_own_picture_lies_under_the_field(tmp_path):
    from PIL import Image

    Image.new("RGB", (40, 30), "red").save(tmp_path / "photo.png")
    (axes,) = cc.plot_field(DILATED, IMAGE, image=tmp_path / "photo.png").figure.axes
    assert len(axes.images) == 1
    assert axes.images[0].get_extent() == [-0.5, 27.5, 19.5, -0.5]
    assert drawn(axes, "cells") == set(product(range(4, 17, 2), range(8, 21, 2)))


def test_names_of_a_network_can_hold_anything():
    class Named(cc.Module):
        def __init__(self):
            super().__init__()
            self.add_module("a<b>&$x_1$", cc.Conv2d(1, 1, 3))

        def forward(self, x):
            return next(iter(self.children()))(x)

    picture = cc.plot_field(Named(), (1, 1, 9, 9), of="a<b>&$x_1$")
    ET.fromstring(picture.to_svg())  # noqa: S314 - our own text
    assert "<b>" not in picture.to_html()
    ET.fromstring(cc.plot_field(Named(), (1, 1, 9, 9), kind="layers").to_svg())  # noqa: S314 - our own text


def test_languages_have_the_same_words_with_the_same_places():
    english, persian = WORDS["en"], WORDS["fa"]
    assert english.keys() == persian.keys()
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", persian[key])), key


# -- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "fields"}, "a picture is one of field, layers, paths, phases; got 'fields'; did you mean field"),
        ({"language": "de"}, "the language is one of en, fa"),
        ({"at": (99, 0)}, "the cell is given by its indices"),
        ({"of": "x"}, "there is no row of that name"),
        ({"wrt": 2}, "wrt numbers an input"),
        ({"kind": "layers", "at": "no"}, "the cell is given by its indices"),
        ({"kind": "phases", "at": (1,)}, "the cell is given by its indices"),
        ({"kind": "layers", "image": "x.png"}, "only the picture of one field lies over an image"),
        ({"image": "no-such.png"}, "the picture can't be read"),
        ({"image": __file__}, "the picture can't be read"),
    ],
)
def test_bad_asking(options, message):
    with pytest.raises(cc.ArgumentError, match=message):
        cc.plot_field(DILATED, IMAGE, **options)


@pytest.mark.parametrize("kind", ["field", "layers", "paths", "phases"])
def test_an_input_without_space_is_refused(kind):
    with pytest.raises(cc.UnsupportedError, match="a picture needs an input with axes after its channels"):
        cc.plot_field(cc.Linear(8, 4), (1, 8), kind=kind)


def test_a_heat_map_of_a_huge_input_is_refused():
    with pytest.raises(cc.UnsupportedError, match="a heat map shows a number for each cell; got 400,000,000 cells"):
        cc.plot_field(cc.Conv2d(1, 1, 3), (1, 1, 20000, 20000), kind="paths")


def test_symbols_are_refused():
    for kind in ("field", "layers", "paths", "phases"):
        with pytest.raises(cc.UnsupportedError, match="a picture needs numbers"):
            cc.plot_field(DILATED, (1, 1, "H", "W"), kind=kind)


def test_without_the_library_one_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(cc.MissingExtraError, match=re.escape('install it with pip install "cnncalc[plot]"')):
        cc.plot_field(DILATED, IMAGE)


def test_the_data_are_plain():
    import json

    for make in (field_picture, layers_picture, paths_picture, phases_picture):
        data = make(DILATED, IMAGE)
        assert json.loads(json.dumps(data)) == data


def test_a_torch_module_is_drawn_too():
    torch = pytest.importorskip("torch")
    picture = cc.plot_field(torch.nn.Conv2d(1, 1, 3, dilation=2), (1, 1, 9, 9), at=(0, 0))
    assert drawn(picture.figure.axes[0], "cells") == set(product((0, 2, 4), (0, 2, 4)))
