"""`cnncalc list`, and the card of one architecture."""

from __future__ import annotations

import json

import pytest

from cnncalc.zoo import ARCHITECTURES, CATALOGUE


def test_a_card_has_paper_numbers_and_maps(run):
    code, out, err = run("list", "resnet50")
    assert (code, err) == (0, "")
    assert "arXiv:1512.03385" in out
    assert "parameters  25,557,032 (published by torchvision: 25,557,032)" in out
    assert "MACs        4,089,184,256 (published by torchvision: 4.089)" in out
    assert "layer4      2048      7×7    427      32" in out


def test_a_card_as_json(run):
    data = json.loads(run("list", "unet", "--format", "json")[1])
    assert data["format"] == "cnncalc.network/1"
    assert (data["params"], data["output_shape"]) == (31030658, [1, 2, 388, 388])
    assert data["stages"][-1] == {
        "row": "head", "channels": 2, "height": 388, "width": 388, "field": [188, 204], "stride": "1", "whole": False,
    }  # fmt: skip


def test_a_network_with_several_outputs_has_a_card(run):
    _, out, _ = run("list", "lraspp_mobilenet_v3_large")
    assert "output      out 1×21×520×520" in out


@pytest.mark.parametrize("width", ["40", "80", "100"])
def test_a_card_keeps_to_the_columns(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    _, out, _ = run("list", "efficientnet_b0")
    assert max(map(len, out.splitlines())) <= int(width)
    assert "* and the whole input besides" in out


def test_all_names_as_json(run):
    data = json.loads(run("list", "--format", "json")[1])
    assert data["architectures"] == {file: list(names) for file, names in CATALOGUE.items()}
    assert sorted(name for names in data["architectures"].values() for name in names) == sorted(ARCHITECTURES)


def test_an_unknown_name_is_refused_with_what_was_meant(run):
    code, out, err = run("list", "resnet51")
    assert (code, out) == (2, "")
    assert err == (
        "cnncalc: error: list takes the name of an architecture; got 'resnet51'; did you mean resnet50 or resnet18 or "
        "resnet152?\n"
    )
