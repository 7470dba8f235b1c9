"""The inverse questions in the terminal: answers as text and as JSON, and what is asked wrongly."""

from __future__ import annotations

import json

import pytest

from cnncalc.solve import fewest_layers, for_field, layers

UNET = ("solve", "sizes", "unet", "--input", "Nx1xHxW")


def said(run, *arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    return out


def test_sizes(run):
    assert said(run, *UNET) == "N ≥ 1; H ≡ 12 (mod 16), H ≥ 188; W ≡ 12 (mod 16), W ≥ 188\n"
    near = said(run, *UNET[:-1], "1x1xHx572", "--near", "570")
    assert near == "H ≡ 12 (mod 16), H ≥ 188\nnearest to 570: H = 572\n"
    one_cell = said(run, "solve", "sizes", "resnet18", "--input", "1x3xnxn", "--output", "1x*", "--before", "avgpool")
    assert one_cell == "n ∈ {1, 2, …, 32}\n"
    none = said(run, "solve", "sizes", "Conv2d(4, 8, 3)", "--input", "1x3xnxn", "--near", "3")
    assert none.startswith("no size works\n  Conv2d: the input's channels must equal in_channels")


def test_no_size_gives_an_output_that_is_fixed(run):
    asked = ("solve", "sizes", "resnet50", "--input", "1x3xHxW", "--output", "7x7")
    stage = "name a row with of (--of), such as layer4, which gives (1, 2048, ⌈H/32⌉, ⌈W/32⌉)"
    assert said(run, *asked) == f"no size works\n  the network gives (1, 1000); {stage}\n"
    assert said(run, *asked, "--before", "fc") == f"no size works\n  fc takes (1, 2048); {stage}\n"
    assert said(run, *asked, "--of", "layer4") == "H ∈ {193, 194, …, 224}; W ∈ {193, 194, …, 224}\n"
    square = (*asked[:-3], "1x3xHxH", "--output", "7x8", "--of", "layer4")
    assert said(run, *square) == "no size works\n  layer4 gives (1, 2048, ⌈H/32⌉, ⌈H/32⌉)\n"


def test_sizes_as_json(run):
    data = json.loads(said(run, *UNET, "--format", "json", "--near", "10"))
    assert data["boxes"][0]["H"] == {"progressions": [{"start": 188, "step": 16}], "exceptions": []}
    assert data["nearest"] == {"N": 10, "H": 188, "W": 188}


def test_layers(run):
    assert said(run, "solve", "layer", "224", "112", "--stride", "2") == f"{layers(224, 112, stride=2)}\n"
    data = json.loads(said(run, "solve", "layer", "28", "56", "--kind", "transposed", "--format", "json"))
    assert data["answers"][0]["kernel_size"] == 2
    assert ": none\n" in said(run, "solve", "layer", "4", "90", "--kernel-size", "1,3,5-7")
    undone = said(run, "solve", "undo", "Conv2d(3, 8, 3, stride=2, padding=1)", "--length", "128")
    assert undone.splitlines()[1].strip() == "kernel_size=3, stride=2, padding=1, output_padding=1"
    assert said(run, "solve", "same", "3", "--dilation", "2") == "padding=2\n"
    assert said(run, "solve", "same", "4").startswith("none: both ends together need d·(k − 1) = 3 cells")


def test_widest(run):
    by_name = said(
        run, "solve", "widest", "densenet", "--vary", "growth_rate", "--over", "30-34", "--input", "1x3x64x64", "--budget", "8M"
    )
    # DenseNet-121 has growth rate 32 and 7,978,856 parameters: Huang et al. 2017, as torchvision counts them.
    assert by_name.startswith("n = 32: 7,978,856 params\n")
    by_formula = said(run, "solve", "widest", 'Conv2d(3, "w", 3)', "--input", "1x3x8x8", "--budget", "280")
    assert by_formula.startswith("w = 10: 280 params\n")


def test_chains(run):
    options = ("--kernel-size", "3", "--stride", "1-2", "--padding", "0-1")
    expected = fewest_layers(224, 7, kernel_size=3, stride=(1, 2), padding=(0, 1))
    assert said(run, "solve", "fewest", "224", "7", *options) == f"{expected}\n"
    found = for_field(15, dilation=range(1, 9), alike=False, holes=False)
    assert said(run, "solve", "field", "15", "--dilation", "1-8", "--different", "--no-holes") == f"{found}\n"
    data = json.loads(said(run, "solve", "field", "15", "--at-least", "--format", "json"))
    assert [len(answer["layers"]) for answer in data["answers"]] == [7]


@pytest.mark.parametrize("arguments", [["solve"], *(["solve", name, "--help"] for name in ("sizes", "layer", "widest", "field"))])
def test_help(run, arguments):
    assert "usage: cnncalc solve" in said(run, *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["wide"], "COMMAND must be one of sizes, widest, layer"),
        (["layer", "0", "4"], "solve layer: argument FROM: must be a whole number from 1"),
        (["layer", "4", "4", "--stride", "3-1"], "solve layer: argument --stride: must be whole numbers, as 3, 1-11 or 1,3,5-9"),
        (["layer", "4", "4", "--stride", "1-9999999"], "solve layer: argument --stride: must be whole numbers"),
        (["layer", "4", "4", "--stride", "0"], "stride is a whole number from 1 on"),
        (["undo", "ReLU()"], "what is undone is a convolution"),
        (["sizes", "alexnet", "--input", "1x3x64x64"], "a shape needs a symbol"),
        (["sizes", "alexnet", "--input", "1x3xnxn", "--output", "1xq"], "solve sizes: argument --output: must be a whole number"),
        (["sizes", "alexnet", "--input", "1x3xnxn", "--of", "features"], "solve sizes: --of and --before need --output"),
        (["widest", "alexnet", "--input", "1x3x64x64", "--budget", "many"], "solve widest: argument --budget: must be a whole"),
        (["widest", "ReLU()", "--vary", "x", "--input", "1x3x64x64", "--budget", "9"], "solve widest: --vary needs a named"),
        (["widest", "densenet", "--vary", "x", "--input", "1x3x64x64", "--budget", "9"], "solve widest: densenet has no such"),
    ],
)
def test_what_is_asked_wrongly(refuses, arguments, message):
    assert refuses("solve", *arguments).startswith(message)
