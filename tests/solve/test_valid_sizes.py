"""Which sizes work, against torch at every size: on the meta device, and on the CPU where networks are small."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
import torch_side
from drawing import networks
from drawing.resampled_networks import resampled_networks
from drawing.resized_networks import resized_networks
from drawing.unets import UNet
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import zoo
from cnncalc.sizes import SizeSet, equal
from cnncalc.solve import valid_sizes
from cnncalc.solve.boxes import cut
from cnncalc.spec import parse

DEEP = settings().max_examples >= 5000


def accepted(net, *shapes):
    """Whether our own rules accept numbers."""
    try:
        cc.trace(net, *shapes)
    except cc.CnncalcError:
        return False
    return True


def torch_accepts(module, shape, device="cpu"):
    """Whether torch accepts an input of a shape."""
    import torch

    with torch_side.quiet(), torch.no_grad():
        try:
            module(torch.zeros(shape, device=device))
        except Exception:  # noqa: BLE001 - whatever torch raises is a refusal
            return False
    return True


class Rejoined(cc.Module):
    """A forward that goes one way or another by the size: odd inputs lose a row, long outputs are doubled."""

    def __init__(self):
        super().__init__()
        self.half = cc.Conv2d(3, 3, 2, stride=2)

    def forward(self, x):
        """Halve, and join by the size."""
        if x.shape[2] % 2:
            x = x[:, :, 1:]
        y = self.half(x)
        if y.shape[2] > 5:
            return cc.cat([y, y], dim=1)
        return y + x[:, :, :2, :1]


#: The sizes n of square inputs that work, with the progressions and single sizes that they must be.
SPECS = {
    "Conv2d(3, 8, 5)": "n ≥ 5",
    "Conv2d(3, 8, 5, padding=2)": "n ≥ 1",
    "Conv2d(3, 8, 5, stride=3, padding=1)": "n ≥ 3",
    "Conv2d(3, 8, 3, dilation=4)": "n ≥ 9",
    "MaxPool2d(2) -> MaxPool2d(2) -> MaxPool2d(2)": "n ≥ 8",
    "MaxPool2d(3, stride=2, ceil_mode=True) -> Conv2d(3, 8, 3)": "n ≥ 6",
    "Conv2d(3, 8, 3) -> MaxPool2d(2) -> Conv2d(8, 8, 3) -> MaxPool2d(2)": "n ≥ 10",
    "AdaptiveAvgPool2d(7)": "n ≥ 1",
    "AdaptiveAvgPool2d(2) -> Flatten() -> Linear(12, 5)": "n ≥ 1",
    "AdaptiveAvgPool2d(2) -> Flatten() -> Linear(13, 5)": "n ∈ ∅",
    "ReLU()": "n ≥ 1",
    "Conv2d(4, 8, 3)": "n ∈ ∅",
    "Conv2d(3, 2, 3, padding=1) -> MaxPool2d(4) -> Flatten() -> Linear(18, 10)": "n ∈ {12, 13, 14, 15}",
    "Conv2d(3, 2, 3, padding=1) -> MaxPool2d(4) -> Flatten() -> Linear(19, 10)": "n ∈ ∅",
    "ReflectionPad2d(3)": "n ≥ 4",
    "InstanceNorm2d(3)": "n ≥ 2",
    "PixelUnshuffle(3)": "n ≡ 0 (mod 3), n ≥ 3",
    "Flatten(2) -> Unflatten(2, (9, -1))": "n ≡ 0 (mod 3), n ≥ 3",
    "x = input\nx + Conv2d(3, 3, 2, stride=2)(x)": "n ∈ {2, 3}",
    "x = input\nx + Conv2d(3, 3, 3, padding=2)(x)": "n = 1",
    "x = input\nx + Upsample(scale_factor=2)(MaxPool2d(2)(x))": "n ≡ 0 (mod 2), n ≥ 2",
    "x = input\ncat([x, Upsample(scale_factor=6)(MaxPool2d(3, stride=6)(x))], 1)": "n ≡ 0 (mod 6), n ≥ 6",
    "x = input\ncat([x, ConvTranspose2d(3, 3, 3, stride=2)(Conv2d(3, 3, 3, stride=2)(x))], 1)": "n ≡ 1 (mod 2), n ≥ 3",
}


@pytest.mark.parametrize(("text", "sizes"), SPECS.items())
def test_small_networks(text, sizes):
    net = parse(text)
    found = valid_sizes(net, (1, 3, "n", "n"))
    assert str(found["n"]) == sizes
    module = cc.to_torch(net)
    for n in range(1, 40):
        assert accepted(net, (1, 3, n, n)) == torch_accepts(module, (1, 3, n, n)) == (n in found["n"]), n


class Cropped(cc.Module):
    """A slice beside a convolution."""

    def __init__(self, part, kernel_size):
        super().__init__()
        self.part = part
        self.conv = cc.Conv2d(3, 3, kernel_size)

    def forward(self, x):
        """Join the slice with the convolution."""
        return cc.cat([x[:, :, self.part, self.part], self.conv(x)], dim=1)


@pytest.mark.parametrize(
    ("part", "kernel_size", "sizes"),
    [
        (slice(2, -2), 5, "n ≥ 5"),
        (slice(4), 1, "n ∈ {1, 2, 3, 4}"),
        (slice(4), 3, "n = 6"),
        (slice(-5, None), 2, "n = 6"),
        (slice(1, None, 2), 2, "n = 2"),
    ],
    ids=str,
)
def test_a_slice_is_cut_short_where_the_axis_ends(part, kernel_size, sizes):
    net = Cropped(part, kernel_size)
    found = valid_sizes(net, (1, 3, "n", "n"))["n"]
    assert str(found) == sizes
    module = cc.to_torch(net)
    for n in range(1, 40):
        assert torch_accepts(module, (1, 3, n, n)) == (n in found), n


@pytest.mark.parametrize("text", [text for text in SPECS if "Unflatten" not in text])
def test_height_and_width_apart(text):
    net = parse(text)
    found = valid_sizes(net, (1, 3, "H", "W"))
    for height in (*range(1, 16), 18, 24):
        for width in (1, 2, 3, 4, 5, 6, 9, 12):
            assert accepted(net, (1, 3, height, width)) == found.accepts(H=height, W=width), (height, width)


def test_a_forward_that_asks_for_the_size():
    found = valid_sizes(Rejoined(), (1, 3, "n", 2))["n"]
    assert str(found) == "n ∈ {2, 3, 4, 5} or n ≥ 12"
    module = cc.to_torch(Rejoined())
    for n in range(1, 40):
        assert torch_accepts(module, (1, 3, n, 2)) == (n in found), n


@cache
def large(name):
    """A network, its twin on the meta device, and the sizes that must work: from the paper, or by the smallest input."""
    made = {
        "unet": (UNet, SizeSet.progression(188, 16)),
        "the zoo's unet": (lambda: zoo.unet(in_channels=3, base=4), SizeSet.progression(188, 16)),
        "densenet": (lambda: zoo.densenet(growth_rate=4), SizeSet.progression(29, 1)),
        "padded unet": (lambda: UNet(padding=1), SizeSet.progression(16, 16)),
        "alexnet": (zoo.alexnet, SizeSet.progression(63, 1)),
        "vgg16": (zoo.vgg16, SizeSet.progression(32, 1)),
        "resnet18": (zoo.resnet18, SizeSet.progression(1, 1)),
        "resnet50": (zoo.resnet50, SizeSet.progression(1, 1)),
    }
    make, sizes = made[name]
    net = make()
    return net, cc.to_torch(net).to("meta"), sizes


NAMED = ["unet", "the zoo's unet", "densenet", "padded unet", "alexnet", "resnet18", *(["vgg16", "resnet50"] if DEEP else [])]


@pytest.mark.parametrize("name", NAMED)
def test_known_networks_at_every_size_up_to_2000(name):
    """In the deep profile every size, else those near the first ones and a sample."""
    net, twin, sizes = large(name)
    found = valid_sizes(net, ("N", 3, "H", "W"))
    assert found["H"] == found["W"] == sizes
    assert found["N"] == SizeSet.everything()
    tried = range(1, 2001) if DEEP else (1, 15, 16, 17, 28, 29, 31, 32, 62, 63, 187, 188, 204, 331, 572, 1000, 1999)
    for n in tried:
        assert torch_accepts(twin, (1, 3, n, n), "meta") == (n in found["H"]), n


@pytest.mark.parametrize("name", ["unet", "padded unet", "alexnet"])
def test_the_meta_device_refuses_what_the_processor_refuses(name):
    """Shapes on the meta device are an oracle only as far as it refuses what the kernels refuse."""
    net, twin, sizes = large(name)
    module = cc.to_torch(net)
    for n in (1, 15, 16, 17, 32, 62, 63, 187, 188, 189, 204):
        assert torch_accepts(twin, (1, 3, n, n), "meta") == torch_accepts(module, (1, 3, n, n)) == (n in sizes), n


@settings(max_examples=max(settings().max_examples // 4, 8))
@given(networks.networks(head=False), st.data())
def test_any_network_at_any_size(drawn, data):
    lead, axes = drawn.shape[:2], len(drawn.shape) - 2
    try:
        found = valid_sizes(drawn.module, (*lead, *("n" for _ in range(axes))))["n"]
    except (cc.UnsupportedError, cc.UndecidedError):
        assert any("Adaptive" in type(module).__name__ for module in drawn.module.modules())
        return
    module = cc.to_torch(drawn.module).to("meta")
    edges = {first + m * step + e for first, step in found.progressions for m in (0, 1) for e in (-1, 0, 1)}
    tried = {*range(1, 9), *found.exceptions[:5], *edges, *data.draw(st.lists(st.integers(1, 300), max_size=2))}
    for n in sorted(n for n in tried if n >= 1):
        shape = (*lead, *(n for _ in range(axes)))
        assert accepted(drawn.module, shape) == (n in found), n
        if axes == 1 or n < 60:
            assert torch_accepts(module, shape, "meta") == (n in found), n


@settings(max_examples=60 if DEEP else 4)
@given(networks.networks(head=False))
def test_random_networks_at_every_size_up_to_2000(drawn):
    """In the deep profile every size; square images on the meta device, where a large one costs no more than a small one."""
    lead, axes = drawn.shape[:2], len(drawn.shape) - 2
    try:
        found = valid_sizes(drawn.module, (*lead, *("n" for _ in range(axes))))["n"]
    except (cc.UnsupportedError, cc.UndecidedError):
        return
    module = cc.to_torch(drawn.module).to("meta")
    for n in range(1, 2001) if DEEP else (*range(1, 25), 255, 256, 1999, 2000):
        assert torch_accepts(module, (*lead, *(n for _ in range(axes))), "meta") == (n in found), n


def takes(found, names, lead, module, sizes):
    """Whether the answer says what torch does for these sizes, one for each of the names."""
    return found.accepts(**dict(zip(names, sizes, strict=True))) == torch_accepts(module, (*lead, *sizes))


@settings(max_examples=max(settings().max_examples // 4, 8))
@given(st.one_of(resized_networks(), resampled_networks()))
def test_any_padding_folding_shuffling_and_resampling(drawn):
    lead, axes = drawn.shape[:2], len(drawn.shape) - 2
    names = "HWD"[:axes]
    try:
        square = valid_sizes(drawn.module, (*lead, *("n" for _ in names)))
        apart = valid_sizes(drawn.module, (*lead, *names))
    except cc.UnsupportedError as error:
        assert "rounded" in error.rule  # noqa: PT017 - a scale such as 0.3 has no formula
        return
    module = cc.to_torch(drawn.module)
    for n in range(1, 10):
        assert square.accepts(n=n) == torch_accepts(module, (*lead, *(n for _ in names))), n
    for sizes in product((1, 2, 5, 6), repeat=axes):
        assert axes == 3 or takes(apart, names, lead, module, sizes), sizes


# -- several symbols --------------------------------------------------------------------------------------------


def test_a_head_that_ties_height_to_width():
    net = parse("Conv2d(3, 8, 3, padding=1) -> MaxPool2d(4) -> Flatten() -> Linear(96, 10)")
    found = valid_sizes(net, ("N", 3, "H", "W"))
    for height in range(1, 60):
        for width in range(1, 60):
            assert found.accepts(N=2, H=height, W=width) == ((height // 4) * (width // 4) == 12)
    with pytest.raises(cc.UnsupportedError, match="the sizes of H depend on another size"):
        _ = found["H"]
    assert str(found.given(H=8)["W"]) == "W ∈ {24, 25, 26, 27}"
    assert str(found.given(H=3)) == "no size works"
    assert found["N"] == SizeSet.everything()


def test_a_norm_that_needs_two_cells():
    found = valid_sizes(parse("InstanceNorm2d(3)"), (1, 3, "H", "W"))
    assert [(h, w) for h in range(1, 9) for w in range(1, 9) if not found.accepts(H=h, W=w)] == [(1, 1)]


def test_channels_are_sizes_too():
    found = valid_sizes(parse("Conv2d(4, 8, 3)"), ("N", "C", "H", 9))
    assert str(found) == "N ≥ 1; C = 4; H ≥ 3"
    assert list(found) == ["N", "C", "H"]
    assert len(found) == 3


def test_an_equation_leaves_few_sizes_for_what_can_not_be_taken_apart():
    """H·(W − 1) ≥ 1 is asked first, and has no boxes; H·(W − 1) = 2, asked behind it, has two."""
    net = parse("Unfold((1, 2)) -> Conv1d(2, 2, 3, padding=1) -> Fold((2, 2), (1, 2))")
    found = valid_sizes(net, (1, 1, "H", "W"))
    module = cc.to_torch(net)
    for height in range(1, 9):
        for width in range(1, 9):
            assert found.accepts(H=height, W=width) == torch_accepts(module, (1, 1, height, width)), (height, width)
    assert str(found) == "{H = 1; W = 3} ∪ {H = 2; W = 2}"


class Windows(cc.Module):
    """Windows of h×w cells laid one behind the other, and put back; `up` pads each axis to whole windows first."""

    def __init__(self, h, w, *, up):
        """Take the lengths of a window."""
        super().__init__()
        self.h, self.w, self.up = h, w, up

    def forward(self, x):
        """Cut into windows and join them."""
        batch, channels, height, width = x.shape
        more = (self.h - 1, self.w - 1) if self.up else (0, 0)
        rows, columns = (height + more[0]) // self.h, (width + more[1]) // self.w
        y = x.view(batch, channels, rows, self.h, columns, self.w).permute(0, 2, 4, 1, 3, 5)
        return y.reshape(batch, rows, columns, channels, self.h, self.w).permute(0, 3, 1, 4, 2, 5).reshape(x.shape)


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize(("h", "w"), [(4, 4), (2, 3), (1, 5), (7, 2)])
def test_windows_that_must_cover_an_image_ask_each_axis(h, w, up):
    """Of two products, factor by factor not larger, both are equal only where each factor is."""
    net = Windows(h, w, up=up)
    found = valid_sizes(net, ("N", 3, "H", "W"))
    for batch, height, width in product((1, 2), range(1, 20), range(1, 20)):
        taken = accepted(net, (batch, 3, height, width))
        assert found.accepts(N=batch, H=height, W=width) == taken == (height % h == 0 == width % w), (height, width)


def test_products_that_are_not_each_larger_are_refused():
    """Here one factor is rounded down and the other up, so that they may make up for each other."""
    high, wide = cc.symbol("H"), cc.symbol("W")
    everything = {"H": SizeSet.everything("H"), "W": SizeSet.everything("W")}
    for size in (28 * (high // 4) * (-(-wide // 7)) - high * wide, 17 * (high // 4) * (wide // 4) - high * wide):
        with pytest.raises(cc.UnsupportedError, match="ties sizes to each other"):
            cut(everything, [equal(size, 0)])


def test_sizes_that_are_tied_without_end_are_refused():
    with pytest.raises(cc.UnsupportedError, match="ties sizes"):
        valid_sizes(parse("Flatten(2) -> Unflatten(2, (9, -1))"), (1, 3, "H", "W"))
    net = parse("x = input\ncat([x, transpose(x, 2, 3)], 1)")
    with pytest.raises(cc.UnsupportedError, match=r"ties sizes to each other.*; got H = W; give one of them as a number"):
        valid_sizes(net, (1, 3, "H", "W"))
    assert str(valid_sizes(net, (1, 3, "n", "n"))) == "n ≥ 1"
    assert str(valid_sizes(net, (1, 3, 7, "W"))) == "W = 7"


class Pair(cc.Module):
    """Two inputs, of which one is pooled and joined with the other."""

    def forward(self, x, y):
        """Pool the first and join."""
        return cc.cat([cc.max_pool2d(x, 2), y], dim=1)


def test_two_inputs():
    assert str(valid_sizes(Pair(), (1, 3, "H", 4), (1, 3, 2, 2))) == "H ∈ {4, 5}"
    assert str(valid_sizes(Pair(), (1, 3, 4, 4), (1, 3, "h", "w"))) == "h = 2; w = 2"


class Particular(cc.Module):
    """A network whose own code refuses sizes: by an assertion, by unpacking and by a division."""

    def forward(self, x):
        """Divide, unpack and assert."""
        assert x.shape[2] % 4 == 0, "whole windows, please"
        left, right = x.chunk(2, 3)
        return (left[..., :1] + right[..., :1]) * (7 // (x.shape[2] - 8))


def test_sizes_that_a_forward_refuses_itself():
    found = valid_sizes(Particular(), (1, 3, "H", "W"))
    assert str(found) == "H = 4 or H ≡ 0 (mod 4), H ≥ 12; W ≥ 2"
    for height in range(1, 40):
        for width in range(1, 5):
            try:
                cc.analyze(Particular(), (1, 3, height, width))
                taken = True
            except (AssertionError, ValueError, ZeroDivisionError, cc.CnncalcError):
                taken = False
            assert found.accepts(H=height, W=width) == taken, (height, width)


class Never(cc.Module):
    """A network whose own code refuses every size."""

    def forward(self, x):
        """Fail."""
        raise ValueError(f"not yet written for {x.shape[0]} images")


def test_a_forward_that_always_fails_says_so_itself():
    with pytest.raises(ValueError, match="not yet written for 1 images"):
        valid_sizes(Never(), (1, 3, "H", "W"))


# -- what is asked wrongly --------------------------------------------------------------------------------------


def test_a_shape_without_symbols_and_names_that_are_none():
    net = parse("Conv2d(3, 8, 5)")
    with pytest.raises(cc.ArgumentError, match="a shape needs a symbol"):
        valid_sizes(net, (1, 3, 8, 8))
    found = valid_sizes(net, (1, 3, "H", 8))
    with pytest.raises(cc.ArgumentError, match="no such symbol; got 'W'; the symbols are H"):
        _ = found["W"]
    with pytest.raises(cc.ArgumentError, match="every symbol needs a size"):
        found.accepts(W=3)


def test_symbols_of_layers_are_refused():
    with pytest.raises(cc.UnsupportedError, match="0: an argument of a layer is a symbol too; got k; ask with a number"):
        valid_sizes(cc.Sequential(cc.Conv2d(3, 8, "k")), (1, 3, "H", 8))


def test_an_empty_answer_says_why():
    found = valid_sizes(parse("Conv2d(4, 8, 3)"), (1, 3, "H", "W"))
    assert not found["H"]
    assert (
        found.refusal == "Conv2d: the input's channels must equal in_channels; got 3 channels, in_channels=4; set in_channels=3"
    )
    assert found.to_dict()["boxes"] == []
