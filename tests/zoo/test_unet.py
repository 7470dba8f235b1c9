"""U-Net against figure 1 of its paper, against torch, and against the arithmetic of its levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import zoo
from cnncalc.sizes import substitute

#: Figure 1 of arXiv:1505.04597: channels and side of every map, in the order in which they are drawn.
FIGURE = {
    "enc1.0": (64, 570),
    "enc1.2": (64, 568),
    "pool1": (64, 284),
    "enc2.0": (128, 282),
    "enc2.2": (128, 280),
    "pool2": (128, 140),
    "enc3.0": (256, 138),
    "enc3.2": (256, 136),
    "pool3": (256, 68),
    "enc4.0": (512, 66),
    "enc4.2": (512, 64),
    "pool4": (512, 32),
    "bottom.0": (1024, 30),
    "bottom.2": (1024, 28),
    "up4": (512, 56),
    "cat": (1024, 56),
    "dec4.0": (512, 54),
    "dec4.2": (512, 52),
    "up3": (256, 104),
    "cat_1": (512, 104),
    "dec3.0": (256, 102),
    "dec3.2": (256, 100),
    "up2": (128, 200),
    "cat_2": (256, 200),
    "dec2.0": (128, 198),
    "dec2.2": (128, 196),
    "up1": (64, 392),
    "cat_3": (128, 392),
    "dec1.0": (64, 390),
    "dec1.2": (64, 388),
    "head": (2, 388),
}


def test_every_map_of_figure_1():
    report = cc.analyze(zoo.unet(), (1, 1, 572, 572))
    assert {path: report[path].output_shape for path in FIGURE} == {
        path: (1, channels, side, side) for path, (channels, side) in FIGURE.items()
    }
    assert report.output_shape == (1, 2, 388, 388)


def test_the_paper_counts_23_convolutions():
    """Its text: "In total the network has 23 convolutional layers", the up-convolutions among them."""
    kinds = [row.kind for row in cc.analyze(zoo.unet(), (1, 1, 572, 572)).rows]
    assert (kinds.count("Conv2d"), kinds.count("ConvTranspose2d")) == (19, 4)


def test_the_skips_are_cropped_by_4_16_40_and_88_from_the_bottom_up():
    layers = dict(zoo.unet().named_modules())
    assert [layers[f"crop{level}"].padding for level in (4, 3, 2, 1)] == [(-n,) * 4 for n in (4, 16, 40, 88)]


def test_parameters_level_by_level():
    """A 3×3 convolution has 9·in·out + out, an up-convolution 4·in·out + out; 31,030,658 together."""
    down = [9 * i * o + o + 9 * o * o + o for i, o in ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024))]
    up = [4 * 2 * o * o + o + 9 * 2 * o * o + o + 9 * o * o + o for o in (512, 256, 128, 64)]
    report = cc.analyze(zoo.unet(), (1, 1, 572, 572))
    assert report.params == sum(down) + sum(up) + 64 * 2 + 2 == 31_030_658
    assert [report[f"enc{level}"].params for level in (1, 2, 3, 4)] + [report["bottom"].params] == down


def accepted(net, sizes):
    """The sizes that a network takes."""
    found = []
    for n in sizes:
        try:
            cc.analyze(net, (1, 1, n, n))
        except cc.ShapeError:
            continue
        found.append(n)
    return found


def test_the_papers_network_takes_188_and_every_16th_size_from_there_on():
    assert accepted(zoo.unet(base=1), range(150, 260)) == list(range(188, 260, 16))


def test_with_centre_crops_every_size_from_188_on_is_taken():
    assert accepted(zoo.unet(base=1, skip="center_crop"), range(150, 260)) == list(range(188, 260))


def test_with_padding_every_multiple_of_16_is_taken():
    assert accepted(zoo.unet(base=1, padding=1), range(1, 70)) == [16, 32, 48, 64]


def test_with_padded_maps_every_size_from_16_on_is_taken_and_kept():
    net = zoo.unet(base=1, padding=1, skip="pad")
    assert accepted(net, range(1, 70)) == list(range(16, 70))
    assert all(cc.analyze(net, (1, 1, n, n)).output_shape == (1, 2, n, n) for n in (16, 31, 45))


@pytest.mark.parametrize(
    ("arguments", "side"),
    [
        ({}, lambda n: n - 184),
        # What is left of the larger size is what the next smaller fitting one gives.
        ({"skip": "center_crop"}, lambda n: n - (n - 188) % 16 - 184),
        ({"padding": 1}, lambda n: n),
    ],
)
def test_the_formulas_of_the_output(arguments, side):
    formula = cc.analyze(zoo.unet(**arguments), (1, 1, "n", "n")).output_shape[3]
    assert [substitute(formula, {"n": n}) for n in range(188, 240)] == [side(n) for n in range(188, 240)]


def test_the_field_is_188_or_204_cells_wide_by_phase():
    """The study of published U-Nets: the largest is 204, the smallest 188."""
    shape = (1, 1, 572, 572)
    net = zoo.unet(base=1)
    sizes = {cc.receptive_field(net, shape, at=(200 + i, 200)).cells[0] for i in range(16)}
    assert {(len(cells)) for cells in sizes} == {188, 204}


@given(
    depth=st.integers(1, 3),
    padding=st.integers(0, 1),
    up=st.sampled_from(["transposed", "nearest", "bilinear"]),
    skip=st.sampled_from(["crop", "center_crop", "pad"]),
    batch_norm=st.booleans(),
    height=st.integers(1, 90),
    width=st.integers(1, 90),
)
def test_torch_agrees_or_refuses_too(depth, padding, up, skip, batch_norm, height, width):
    torch = pytest.importorskip("torch")
    net = zoo.unet(2, 3, 2, depth, padding=padding, up=up, skip=skip, batch_norm=batch_norm)
    image = torch.zeros(1, 2, height, width)
    twin = cc.to_torch(net).eval()
    try:
        report = cc.analyze(net, tuple(image.shape))
    except cc.CnncalcError:
        with pytest.raises((RuntimeError, ValueError)):
            twin(image)
        return
    assert report.output_shape == tuple(twin(image).shape)
    assert report.params == sum(parameter.numel() for parameter in twin.parameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"up": "linear"}, "unet: up must be transposed, nearest or bilinear; got up='linear'"),
        ({"skip": None}, "unet: skip must be crop, center_crop or pad; got skip=None"),
        ({"depth": 0}, "unet: depth must be a whole number from 1 to 16; got depth=0"),
        ({"base": 1.5}, "unet: base must be a whole number from 1 on; got base=1.5"),
        ({"padding": 2}, "unet: padding must be 0 or 1; got padding=2"),
        ({"padding": "same"}, "unet: padding must be 0 or 1; got padding='same'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(cc.ArgumentError) as refused:
        zoo.unet(**arguments)
    assert str(refused.value) == message
