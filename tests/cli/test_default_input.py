"""A named architecture without --input is taken at the size that it was published for, and the command says so."""

from __future__ import annotations

import json

import pytest

#: Commands, and the shape that is named: the papers' images, or symbols for sizes where a formula is the answer.
TAKEN = {
    "summary resnet50": "1x3x224x224",
    "summary efficientnet_b7": "1x3x600x600",
    "rf inception_v3": "1x3x299x299",
    "rf lenet --all": "1x1x32x32",
    "explain lenet": "1x1x32x32",
    "levels unet": "1x1x572x572",
    "export lenet --to torch": "1x1x32x32",
    "verify lenet": "1x1x32x32",
    "diff resnet18 resnet34": "1x3x224x224",
    "diff lenet lenet": "1x1x32x32",
    "formula lenet --of macs": "Nx1xHxW",
    "solve sizes unet": "Nx1xHxW",
    "solve widest lenet --budget 1M --vary num_classes --over 9-10": "1x1x32x32",
}


@pytest.mark.parametrize(("command", "shape"), TAKEN.items(), ids=TAKEN)
def test_without_input_the_published_one_is_taken(run, command, shape):
    code, out, err = run(*command.split())
    assert (code, err) == (0, f"cnncalc: --input {shape} is taken\n")
    assert run(*command.split(), "--input", shape) == (0, out, "")


def test_the_papers_numbers_come_without_a_size(run):
    # arXiv:1505.04597, figure 1: 572 in, 388 out; arXiv:1512.03385 and torchvision: 25,557,032 parameters.
    assert json.loads(run("summary", "unet", "--format", "json")[1])["output_shape"] == [1, 2, 388, 388]
    assert "25,557,032" in run("summary", "resnet50")[1]


def test_a_size_that_is_given_is_taken_instead(run):
    data = json.loads(run("summary", "resnet18", "--input", "2x3x64x64", "--format", "json")[1])
    assert data["input_shapes"] == [[2, 3, 64, 64]]


def test_the_standard_output_stays_for_programs(run):
    assert json.loads(run("rf", "lenet", "--format", "json")[1])
    assert run("export", "lenet", "--to", "json")[1].startswith("{")
