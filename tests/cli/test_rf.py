"""`cnncalc rf`: every row, and the working."""

from __future__ import annotations

import json

import pytest

import cnncalc as cc
from cnncalc.zoo import resnet18

NET = "Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)"
IMAGE = ("--input", "1x3x128x128")


def test_every_row(run):
    """By hand: 5/2/1 centred on 1, then 7/4/1 centred on 2."""
    code, out, err = run("rf", NET, *IMAGE, "--all")
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line.split()[-4:] for line in out.splitlines()[2:]}
    assert rows == {
        "Sequential": ["7", "4", "1", "2"],
        "0": ["5", "2", "1", "1"],
        "1": ["5", "2", "1", "1"],
        "2": ["7", "4", "1", "2"],
    }


def test_every_row_as_json_says_what_the_library_says(run):
    data = json.loads(run("rf", "resnet18", "--input", "1x3x224x224", "--all", "--format", "json")[1])
    assert data["format"] == "cnncalc.fields/1"
    rows = {row["path"]: row["receptive_field"] for row in data["rows"]}
    report = cc.analyze(resnet18(), (1, 3, 224, 224))
    assert rows == {row.path: row.receptive_field.to_dict() for row in report if row.calls}
    assert rows["layer4"]["size"] == [435, 435]


def test_a_figure_without_a_single_value_has_its_reason_below(run):
    out = run("rf", "AdaptiveAvgPool2d((5, 5))", "--input", "1x3x128x128", "--all")[1]
    assert "\n– the size depends on the position: 26 to 27 cells" in out


@pytest.mark.parametrize("width", ["40", "60", "100"])
def test_any_number_of_columns(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    _, out, _ = run("rf", "resnet18", "--input", "1x3x224x224", "--all")
    assert max(map(len, out.splitlines())) <= int(width)
    assert "435" in out


def test_the_working(run):
    code, out, err = run("rf", NET, *IMAGE, "--explain")
    assert (code, err) == (0, "")
    assert "5 + (2 − 1)·2 = 7" in out
    assert "2·2 + 5 − 2 = 7" in out
    assert out.endswith("Both directions: r = 7, S = 4, P = 1\n")
    data = json.loads(run("rf", NET, *IMAGE, "--explain", "--of", "0", "--format", "json")[1])
    assert data["axes"][0]["result"]["forward"] == {"r": 5, "S": 2, "P": 1}


@pytest.mark.parametrize(
    "options", [("--all", "--of", "0"), ("--all", "--at", "1,1"), ("--all", "--explain"), ("--explain", "--at", "1,1")]
)
def test_options_that_have_no_meaning_together(refuses, options):
    assert "do not go together" in refuses("rf", NET, *IMAGE, *options)


@pytest.mark.parametrize("option", ["--explain", None])
def test_a_row_that_does_not_exist(refuses, option):
    assert "there is no row of that name" in refuses("rf", NET, *IMAGE, "--of", "7", *([option] if option else []))


# -- pictures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "language"), [(None, None), ("layers", "fa"), ("phases", "en")])
def test_a_picture_beside_the_answer(run, tmp_path, kind, language):
    file = tmp_path / "field.html"
    options = [*(("--picture", kind) if kind else ()), *(("--lang", language) if language else ())]
    code, out, err = run("rf", NET, "--input", "1x3x32x32", "--plot", file, *options)
    assert (code, err) == (0, "")
    assert out == "receptive field of the network: 7×7; stride 4×4, padding 1×1\n"
    assert f'lang="{language or "en"}"' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--plot", "field.pdf"), "a picture is saved as .svg, .png or .html; got 'field.pdf'"),
        (("--plot", "no/such/folder/field.svg"), "the picture can't be written; got 'field.svg'"),
        (
            ("--plot", "field.svg", "--picture", "layer"),
            "field, layers, paths, phases; got 'layer'; did you mean layers",
        ),
        (("--plot", "field.svg", "--over", "no.png"), "the picture can't be read; got 'no.png'"),
        (("--plot", "field.svg", "--at", "99,0"), "the cell is given by its indices"),
        (("--plot", "field.svg", "--all"), "--all and --plot do not go together"),
        (("--picture", "layers"), "--picture is about a picture; add --plot with a file"),
        (("--lang", "fa"), "--lang is about a picture"),
    ],
)
def test_a_picture_that_can_not_be_made(refuses, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    assert message in refuses("rf", NET, *IMAGE, *options)
    assert list(tmp_path.iterdir()) == []
