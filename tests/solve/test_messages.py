"""What a network asks of its input, and what it says to an input of a wrong size, word for word."""

from __future__ import annotations

import re

import pytest
from drawing import networks
from drawing.unets import UNet
from hypothesis import given, settings

import cnncalc as cc
from cnncalc import zoo
from cnncalc.spec import parse

HALVES = "x = input\ny = cat([x, ConvTranspose2d(3, 3, 2, stride=2)(MaxPool2d(2)(x))], 1)"
HEAD = "Conv2d(3, 8, 3, padding=1) -> MaxPool2d(32) -> Flatten() -> Linear(392, 10)"
JOIN = "pad or crop one of them, or give output_size to the layer that enlarges"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (HALVES, "y: h must equal 2·⌊h/2⌋, so h must be even; lengths must agree on every axis but 1"),
        (HEAD, "3: 8·⌊h/32⌋² must equal 392, so h ∈ {224, 225, …, 255}; the last axis must equal in_features"),
        ("Conv2d(3, 8, 5)", "Conv2d: h ≥ 5, since the kernel must not be larger than the padded input"),
        ("PixelUnshuffle(3)", "PixelUnshuffle: 3·⌊h/3⌋ must equal h, so h must be a multiple of 3"),
    ],
)
def test_a_condition_names_the_layer_and_solves_itself(text, condition):
    found = [str(requirement) for requirement in cc.analyze(parse(text), (1, 3, "h", "h")).conditions]
    assert any(line.startswith(condition) for line in found), found


@pytest.mark.parametrize(
    ("net", "size", "message"),
    [
        (
            UNet(),
            (570, 570),
            (
                "cat: lengths must agree on every axis but 1; got 55 and 54 on axis 2, from (1, 8, 55, 55) and (1, 8, 54, 54); "
                f"{JOIN}; what works: 556 or 572 in place of 570"
            ),
        ),
        (
            UNet(padding=1),
            (570, 300),
            (
                "cat: lengths must agree on every axis but 1; got 71 and 70 on axis 2, from (1, 8, 71, 37) and (1, 8, 70, 36); "
                f"{JOIN}; what works: 288 or 304 in place of 300, 560 or 576 in place of 570"
            ),
        ),
        (
            parse(HEAD),
            (200, 200),
            (
                "3 (Linear): the last axis must equal in_features; got 288 in (1, 288), in_features=392; set in_features=288, or "
                "flatten the input first; what works: 224 in place of 200"
            ),
        ),
        (
            parse(HEAD),
            (224, 200),
            (
                "3 (Linear): the last axis must equal in_features; got 336 in (1, 336), in_features=392; set in_features=336, or "
                "flatten the input first"
            ),
        ),
        (
            parse("Conv2d(4, 8, 3)"),
            (9, 9),
            "Conv2d: the input's channels must equal in_channels; got 3 channels, in_channels=4; set in_channels=3",
        ),
    ],
)
def test_an_input_of_a_wrong_size_is_told_what_works(net, size, message):
    with pytest.raises(cc.ShapeError, match=f"^{re.escape(message)}$"):
        cc.analyze(net, (1, 3, *size))


def test_a_small_image_is_told_the_smallest():
    with pytest.raises(cc.ShapeError, match=r"what works: 63 in place of 32$"):
        cc.analyze(zoo.alexnet(), (1, 3, 32, 32))


@settings(max_examples=max(settings().max_examples // 4, 8))
@given(networks.networks())
def test_what_is_said_to_work_does(drawn):
    lead = drawn.shape[:2]
    for n in (1, 2, 3, 5, 20):
        try:
            cc.trace(drawn.module, (*lead, *(n for _ in drawn.shape[2:])))
        except cc.CnncalcError as error:
            for size in re.findall(r"(?<=what works: )(\d+)(?: or (\d+))? in place of", str(error)):
                for number in filter(None, size):
                    cc.trace(drawn.module, (*lead, *(int(number) for _ in drawn.shape[2:])))
