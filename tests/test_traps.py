"""One named test for each wrong number that today's tools print, and for torch's surprises.

The true values are counted by hand from the definitions (output positions x C_in/groups x kernel x C_out for a
convolution), taken from torch, or cited: VGG-16's 212 from Araujo, Norris and Sim, Distill 2019.
"""

from __future__ import annotations

import numpy as np
import pytest

import cnncalc as cc

torch = pytest.importorskip("torch")


class Twice(cc.Module):
    """One convolution used twice."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(4, 4, 3, padding=1, bias=False)

    def forward(self, x):
        """One after the other."""
        return self.conv(self.conv(x))


class Shifted(cc.Module):
    """Two branches, 3 wide each: i − 1 … i + 1, and by two even kernels with an extra cell at the end, i … i + 2."""

    def __init__(self):
        super().__init__()
        self.centred = cc.Conv1d(1, 1, 3, padding=1)
        self.right = cc.Sequential(cc.Conv1d(1, 1, 2, padding="same"), cc.Conv1d(1, 1, 2, padding="same"))

    def forward(self, x):
        """Add the branches."""
        return self.centred(x) + self.right(x)


class MyConv(cc.Conv2d):
    """A user's subclass."""


def size(*layers, n=64, channels=3):
    """The receptive field of a chain on an n x n image."""
    return cc.receptive_field(cc.Sequential(*layers), (1, channels, n, n)).size


# -- MACs and parameters ----------------------------------------------------------------------------------------


def test_same_padding_with_an_even_kernel_has_its_nominal_count():
    """8 x 8 positions x 4 channels x 16 cells x 8 filters."""
    layer = cc.Conv2d(4, 8, 4, padding="same")
    assert layer.macs((1, 4, 8, 8)) == 8 * 8 * 4 * 16 * 8


def transposed_macs(*args, **kwargs):
    """Of a transposed convolution with stride 2 on 4 channels of 8 x 8, alone and in a network."""
    layer = cc.ConvTranspose2d(*args, stride=2, bias=False, **kwargs)
    assert cc.analyze(cc.Sequential(layer), (1, 4, 8, 8)).macs == layer.macs((1, 4, 8, 8))
    return layer.macs((1, 4, 8, 8))


def test_a_transposed_convolution_counts_its_input_positions():
    """8 x 8 input positions x 4 channels x 8 filters of 2 x 2."""
    assert transposed_macs(4, 8, 2) == 8 * 8 * 4 * 8 * 4 == 8192


def test_a_transposed_convolution_in_2_groups_counts_half():
    """Each filter sees one group alone."""
    assert transposed_macs(4, 8, 2, groups=2) == 8 * 8 * 4 * 4 * 4 == 4096


def test_a_transposed_convolution_in_4_groups_counts_a_quarter():
    assert transposed_macs(4, 4, 2, groups=4) == 8 * 8 * 4 * 1 * 4 == 1024


def test_a_convolution_with_an_own_parameter_is_counted():
    """6 x 6 positions x 8 filters of 3 x 3 x 4, as for the layer."""

    class Own(cc.Module):
        def __init__(self):
            super().__init__()
            self.weight = cc.Parameter(shape=(8, 4, 3, 3))

        def forward(self, x):
            return cc.conv2d(x, self.weight)

    report = cc.analyze(Own(), (1, 4, 8, 8))
    assert (report.params, report.macs) == (288, 6 * 6 * 8 * 36)
    assert report.macs == cc.Conv2d(4, 8, 3).macs((1, 4, 8, 8))


def test_attention_is_counted():
    """4 projections of 8 x 8 at 2 x 5 places, and the scores and their use, each 5 x 5 x 8 for 2 samples."""
    attention = cc.MultiheadAttention(8, 2, batch_first=True)
    assert attention.macs((2, 5, 8), (2, 5, 8), (2, 5, 8)) == 4 * 8 * 8 * 2 * 5 + 2 * 2 * 5 * 5 * 8


def test_linear_on_three_axes_counts_every_position():
    assert cc.Linear(3, 8).macs((5, 10, 3)) == 1200


def test_a_subclass_of_a_convolution_counts_as_one():
    """1 x 8 filters of 3 x 3 x 4 on 8 x 8 positions."""
    layer = MyConv(4, 8, 3, padding=1, bias=False)
    assert layer.macs((1, 4, 8, 8)) == 8 * 8 * 4 * 9 * 8 == 18432
    assert cc.analyze(cc.Sequential(layer), (1, 4, 8, 8)).macs == 18432


def test_a_convolution_used_twice_has_its_parameters_once_and_its_macs_twice():
    report = cc.analyze(Twice(), (1, 4, 8, 8))
    assert report.params == 144
    assert report.macs == 2 * 8 * 8 * 4 * 9 * 4
    assert report["conv"].calls == 2


def test_batch_norm_has_16_parameters_and_17_buffer_elements_apart():
    report = cc.analyze(cc.Sequential(cc.BatchNorm2d(8)), (1, 8, 4, 4))
    assert report.params == report["0"].params == 16
    assert report.buffers == report["0"].buffers == 17


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_grouped_convolution_divides_by_its_groups(groups):
    """Of the forward pass. A backward pass has two such products, for the input and for the weight: a ratio of 2.

    Torch's counter multiplies one of the two by the groups: its ratio is 3 for 2 groups and 5 for 4.
    """
    from torch.utils.flop_counter import FlopCounterMode

    ours = cc.Conv2d(4, 8, 3, padding=1, groups=groups).macs((1, 4, 8, 8))
    assert ours == 8 * 8 * 4 // groups * 9 * 8
    layer, image = torch.nn.Conv2d(4, 8, 3, padding=1, groups=groups), torch.zeros(1, 4, 8, 8, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        output = layer(image)
    with FlopCounterMode(display=False) as backward:
        output.sum().backward()
    assert forward.get_total_flops() == 2 * ours
    assert backward.get_total_flops() / forward.get_total_flops() == {1: 2, 2: 3, 4: 5}[groups]


def test_bilinear_is_counted():
    """5 pairs x 2 x 3 products x 4 outputs; torch's own counter has 0."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        torch.nn.Bilinear(2, 3, 4)(torch.zeros(5, 2), torch.zeros(5, 3))
    assert counter.get_total_flops() == 0
    assert cc.Bilinear(2, 3, 4).macs((5, 2), (5, 3)) == 5 * 2 * 3 * 4


class OwnWeight(cc.Module):
    """F.conv2d with a parameter of the module's own."""

    def __init__(self):
        super().__init__()
        self.weight = cc.Parameter(shape=(8, 4, 3, 3))

    def forward(self, x):
        """The convolution."""
        return cc.conv2d(x, self.weight, padding=1)


class Attention(cc.Module):
    """Self-attention."""

    def __init__(self):
        super().__init__()
        self.attention = cc.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        """The values alone."""
        return self.attention(x, x, x)[0]


class Own(cc.Conv2d):
    """A user's subclass whose name does not say what it is."""


#: A network, its input, and what the tools were measured to print: torchinfo 1.8.0, fvcore 0.1.5, ptflops 0.7.5, thop 0.1.1,
#: calflops 0.3.2. Where they print a wrong number, we say that they do.
PRINTED = {
    "transposed": (lambda: cc.ConvTranspose2d(4, 8, 2, stride=2, bias=False), (1, 4, 8, 8), {"torchinfo": 32768, "thop": 32768}),
    "transposed in 2 groups": (
        lambda: cc.ConvTranspose2d(4, 8, 2, stride=2, bias=False, groups=2), (1, 4, 8, 8), {"calflops": 2048},
    ),
    "transposed in 4 groups": (
        lambda: cc.ConvTranspose2d(4, 4, 2, stride=2, bias=False, groups=4), (1, 4, 8, 8), {"calflops": 0},
    ),
    "same padding": (lambda: cc.Conv2d(4, 8, 4, padding="same", bias=False), (1, 4, 8, 8), {"fvcore": 0, "calflops": 25088}),
    "linear on three axes": (lambda: cc.Linear(3, 8), (5, 10, 3), {"torchinfo": 160}),
    "a subclass": (
        lambda: Own(4, 8, 3, padding=1, bias=False), (1, 4, 8, 8), {"torchinfo": 288, "thop": 0, "ptflops": 0, "fvcore": 18432},
    ),
    "an own weight": (OwnWeight, (1, 4, 8, 8), {"torchinfo": 288, "thop": 0, "ptflops": 0, "fvcore": 18432}),
    "attention": (Attention, (2, 5, 8), {"torchinfo": 0}),
}  # fmt: skip


@pytest.mark.parametrize("row", PRINTED)
def test_what_tools_print_wrongly_is_told_as_they_print_it(row):
    network, shape, printed = PRINTED[row]
    report = cc.analyze(cc.Sequential(network()), shape)
    assert {tool: report.as_counted_by(tool).total for tool in printed} == printed


# -- fields behind transposed convolutions ----------------------------------------------------------------------


def lengths_of(net, n):
    """How many cells each output cell of a network on one axis reads, and torch's gradients of the same."""
    from cnncalc.torch_twin.probe import field_cells

    length = cc.trace(net, (1, 1, n)).output_shape[-1]
    ours = [cc.receptive_field(net, (1, 1, n), at=(i,)) for i in range(length)]
    assert [set(field.cells[0]) for field in ours] == [{c for (c,) in field_cells(net, (1, 1, n), i)} for i in range(length)]
    return [field.count for field in ours]


def test_a_convolution_behind_a_transposed_one_reads_by_phase():
    """k4 s2 p1 writes each output cell from 2 input cells; 3 of them in a row from 3 or, by phase, from 3 of another start."""
    counts = lengths_of(cc.Sequential(cc.ConvTranspose1d(1, 1, 4, 2, 1), cc.Conv1d(1, 1, 3, padding=1)), 12)
    assert set(counts[4:-4]) == {3}


def test_pooling_and_making_larger_again_reads_4_cells():
    """Pool 2, transposed by 2, kernel 3: two or three pooled cells, that is 4 cells, whatever the phase."""
    counts = lengths_of(cc.Sequential(cc.MaxPool1d(2), cc.ConvTranspose1d(1, 1, 2, 2), cc.Conv1d(1, 1, 3, padding=1)), 16)
    assert set(counts[2:-2]) == {4}


@pytest.mark.parametrize("arguments", [{}, {"mode": "linear"}])
def test_pooling_and_upsampling_again_reads_4_cells(arguments):
    """Pool 2, the nearest cell twice, kernel 3: two pooled cells, whatever the phase; linear reads three, that is 6 cells."""
    counts = lengths_of(
        cc.Sequential(cc.MaxPool1d(2), cc.Upsample(scale_factor=2, **arguments), cc.Conv1d(1, 1, 3, padding=1)), 16
    )
    assert set(counts[4:-4]) == ({6} if arguments else {4})


# -- receptive fields -------------------------------------------------------------------------------------------


def test_conv_pool_conv_is_3_then_4_then_8():
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.MaxPool2d(2), cc.Conv2d(4, 4, 3))
    report = cc.analyze(net, (1, 3, 32, 32))
    assert [report[name].receptive_field.size for name in "012"] == [(3, 3), (4, 4), (8, 8)]


def test_vgg16_features_see_212_with_stride_32_and_padding_90():
    layers, channels = [], 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [cc.Conv2d(channels, width, 3, padding=1), cc.ReLU()]
            channels = width
        layers.append(cc.MaxPool2d(2))
    field = cc.receptive_field(cc.Sequential(*layers), (1, 3, 224, 224))
    assert (field.size, field.stride, field.padding) == ((212, 212), (32, 32), (90, 90))


def test_dilations_1_2_4_see_15():
    assert size(*(cc.Conv2d(3, 3, 3, dilation=d) for d in (1, 2, 4))) == (15, 15)


def test_two_dilations_of_2_span_9_cells_and_read_5():
    net = cc.Sequential(cc.Conv1d(1, 1, 3, dilation=2), cc.Conv1d(1, 1, 3, dilation=2))
    field = cc.receptive_field(net, (1, 1, 32), at=(10,))
    assert field.size == (9,)
    assert field.cells == ((10, 12, 14, 16, 18),)
    assert field.count == 5


def test_kernel_1_stride_2_then_kernel_3_spans_5_cells_and_reads_3():
    field = cc.receptive_field(cc.Sequential(cc.Conv1d(1, 1, 1, stride=2), cc.Conv1d(1, 1, 3)), (1, 1, 32), at=(4,))
    assert field.size == (5,)
    assert field.cells == ((8, 10, 12),)


def test_a_kernel_of_3_by_5_sees_3_by_5():
    assert size(cc.Conv2d(3, 3, (3, 5))) == (3, 5)


def test_two_branches_shifted_against_each_other_see_their_union():
    net = Shifted()
    fields = {name: cc.receptive_field(net, (1, 1, 32), of=name).size for name in ("centred", "right", None)}
    assert fields == {"centred": (3,), "right": (3,), None: (4,)}
    assert cc.receptive_field(net, (1, 1, 32), at=(10,)).cells == ((9, 10, 11, 12),)


def test_adaptive_pooling_16_to_7_has_windows_that_vary():
    """Torch's windows ⌊16i/7⌋ … ⌈16(i + 1)/7⌉ − 1; 4 cells in the middle."""
    pool = cc.AdaptiveAvgPool1d(7)
    boxes = [cc.receptive_field(pool, (1, 1, 16), at=(i,)).box[0] for i in range(7)]
    assert boxes == [(0, 2), (2, 4), (4, 6), (6, 9), (9, 11), (11, 13), (13, 15)]
    field = cc.receptive_field(pool, (1, 1, 16))
    assert field.sizes == ((3, 4),)
    assert field.reason == "the size depends on the position: 3 to 4 cells, in 7 phases"


# -- shapes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "kernel_size", "stride", "padding", "length"), [(3, 2, 2, 1, 2), (9, 4, 4, 2, 3)], ids=["n3", "n9"]
)
def test_ceil_mode_drops_a_window_that_starts_in_the_right_padding(n, kernel_size, stride, padding, length):
    arguments = {"stride": stride, "padding": padding, "ceil_mode": True}
    assert torch.nn.MaxPool1d(kernel_size, **arguments)(torch.zeros(1, 1, n)).shape[-1] == length
    assert cc.MaxPool1d(kernel_size, **arguments).output_shape((1, 1, n)) == (1, 1, length)


def test_same_padding_with_an_even_kernel_puts_the_extra_cell_at_the_end():
    field = cc.receptive_field(cc.Conv1d(1, 1, 4, padding="same", dilation=2), (1, 1, 32), at=(10,))
    assert field.padding == (3,)  # total 2 · 3 = 6: three before, three after
    field = cc.receptive_field(cc.Conv1d(1, 1, 4, padding="same"), (1, 1, 32), at=(10,))
    assert field.cells == ((9, 10, 11, 12),)  # total 3: one before, two after


def test_a_symbolic_height_comes_with_its_condition():
    """Two convolutions and a pool: the formula, and the smallest height that torch takes, found by asking it."""
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.Conv2d(4, 4, 3), cc.MaxPool2d(2))
    twin = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Conv2d(4, 4, 3), torch.nn.MaxPool2d(2))
    report = cc.analyze(net, (1, 3, "H", 16))
    for height in (1, 2, 3, 4, 5, 6, 7, 65):  # 65 is what a hidden guard of torch.export refuses
        try:
            length = twin(torch.zeros(1, 3, height, 16)).shape[2]
        except RuntimeError:
            assert not all(r.condition.holds({"H": height}) for r in report.conditions)
        else:
            assert all(r.condition.holds({"H": height}) for r in report.conditions)
            assert report.output_shape[2].subs({"H": height}) == length


# -- what torch refuses -----------------------------------------------------------------------------------------

AT_CONSTRUCTION = {
    "same with a stride": ("Conv2d", (3, 3, 3), {"padding": "same", "stride": 2}),
    "same with a stride on a 1x1 kernel": ("Conv2d", (3, 3, 1), {"padding": "same", "stride": 2}),
    "in_channels by groups": ("Conv2d", (6, 8, 3), {"groups": 4}),
    "out_channels by groups": ("Conv2d", (8, 6, 3), {"groups": 4}),
    "no groups": ("Conv2d", (8, 8, 3), {"groups": 0}),
    "negative groups": ("Conv2d", (8, 8, 3), {"groups": -1}),
    "a kernel of text": ("Conv2d", (3, 8, "3"), {}),
    "an int of NumPy for features": ("LSTM", (np.int64(4), 3), {}),
    "a negative slope of text": ("PReLU", (1, "0.25"), {}),
    "padding mode": ("Conv2d", (3, 8, 3), {"padding_mode": "constant"}),
    "dropout over 1": ("Dropout", (2,), {}),
    "hardtanh upside down": ("Hardtanh", (1.0, -1.0), {}),
}
WHEN_CALLED = {
    "stride 0": ("Conv2d", (3, 3, 3), {"stride": 0}, (1, 3, 8, 8)),
    "negative padding": ("Conv2d", (3, 3, 3), {"padding": -1}, (1, 3, 8, 8)),
    "wrong tuple length": ("Conv2d", (3, 3, (3, 3, 3)), {}, (1, 3, 8, 8)),
    "stride of wrong length": ("Conv2d", (3, 3, 3), {"stride": (1, 1, 1)}, (1, 3, 8, 8)),
    "padding over half the kernel": ("MaxPool2d", (3,), {"padding": 2}, (1, 3, 8, 8)),
    "padding over half the kernel, averaged": ("AvgPool2d", (3,), {"padding": 2}, (1, 3, 8, 8)),
    "kernel larger than the input": ("Conv2d", (3, 3, 9), {}, (1, 3, 8, 8)),
    "output too small": ("MaxPool2d", (9,), {}, (1, 3, 8, 8)),
    "reflecting all": ("Conv2d", (3, 3, 3), {"padding": 8, "padding_mode": "reflect"}, (1, 3, 8, 8)),
    "3-D average over its padding": ("AvgPool3d", (4,), {"padding": 2}, (1, 1, 3, 3, 3)),
    "padding over half a dilated kernel": ("MaxPool2d", (2,), {"padding": 2, "dilation": 2}, (1, 3, 8, 8)),
    "dilation as large as output padding, and stride": (
        "ConvTranspose2d",
        (3, 3, 3),
        {"stride": 1, "dilation": 2, "output_padding": 2},
        (1, 3, 8, 8),
    ),
    "output padding without a stride": ("ConvTranspose2d", (3, 3, 3), {"output_padding": 1}, (1, 3, 8, 8)),
    "one cell of space, in one sample": ("InstanceNorm1d", (4,), {}, (4, 1)),
    "a tuple of one None": ("AdaptiveAvgPool2d", ((None,),), {}, (1, 3, 8, 8)),
    "two axes for (1, 1)": ("AdaptiveAvgPool2d", ((1, 1),), {}, (8, 8)),
    "wrong channels": ("BatchNorm2d", (4,), {}, (1, 3, 8, 8)),
    "one value per channel": ("BatchNorm2d", (4,), {"track_running_stats": False}, (1, 4, 1, 1)),
    "output padding as large as the stride": ("ConvTranspose2d", (3, 3, 3), {"stride": 2, "output_padding": 2}, (1, 3, 8, 8)),
    "a transposed output of nothing": ("ConvTranspose2d", (3, 3, 1), {"padding": 4}, (1, 3, 8, 8)),
    "cells of an empty axis": ("ConvTranspose2d", (3, 3, 3), {}, (1, 3, 0, 8)),
    "reflecting all, alone": ("ReflectionPad2d", (8,), {}, (1, 3, 8, 8)),
    "five axes for 1, largest": ("AdaptiveMaxPool2d", (1,), {}, (1, 2, 3, 8, 8)),
    "patches that do not fit": ("Unfold", (9,), {}, (1, 3, 8, 8)),
    "channels without a square": ("PixelShuffle", (2,), {}, (1, 6, 8, 8)),
    "dropout of one axis": ("Dropout1d", (), {}, (8,)),
    "one cell of space": ("InstanceNorm2d", (4,), {}, (1, 4, 1, 1)),
    "one value per group": ("GroupNorm", (4, 4), {}, (1, 4)),
    "halving an odd axis": ("GLU", (), {}, (2, 5)),
    "resampling to nothing": ("Upsample", (), {"scale_factor": 0.1}, (1, 1, 8)),
    "align_corners for the nearest cell": ("Upsample", (4,), {"align_corners": False}, (1, 1, 8)),
    "bilinear on one axis": ("Upsample", (4,), {"mode": "bilinear"}, (1, 1, 8)),
    "no eps for a norm of the batch": ("BatchNorm1d", (4,), {"eps": 0.0, "track_running_stats": False}, (2, 4, 8)),
}
ACCEPTED = {
    "two axes for 1": ("AdaptiveAvgPool2d", (1,), {}, (8, 8)),
    "five axes for 1": ("AdaptiveAvgPool2d", (1,), {}, (1, 2, 3, 8, 8)),
    "five axes for (1, 1)": ("AdaptiveAvgPool2d", ((1, 1),), {}, (1, 2, 3, 8, 8)),
    "None on one axis": ("AdaptiveAvgPool2d", ((None, 3),), {}, (1, 3, 8, 8)),
    "an empty batch": ("Conv2d", (3, 8, 3), {}, (0, 3, 8, 8)),
    "an empty batch, pooled": ("MaxPool2d", (2,), {}, (0, 3, 8, 8)),
    "a kernel of one value": ("MaxPool2d", ((2,),), {}, (1, 3, 8, 8)),
    "a stride of one value": ("Conv2d", (3, 8, 3), {"stride": (2,)}, (1, 3, 8, 8)),
    "a kernel of True": ("Conv2d", (3, 8, True), {}, (1, 3, 8, 8)),
    "a kernel with True": ("ConvTranspose2d", (3, 8, (True, 2)), {}, (1, 3, 8, 8)),
    "numbers of NumPy": ("MaxPool2d", (np.int64(2), (np.int64(2), 1)), {}, (1, 3, 8, 8)),
    "a real number of NumPy": ("ConstantPad2d", (1, np.float32(0.5)), {}, (1, 3, 8, 8)),
    "no batch": ("Conv2d", (3, 8, 3), {}, (3, 8, 8)),
    "same and reflected, with a dilation of one value": (
        "Conv2d",
        (3, 8, (1, 2)),
        {"padding": "same", "dilation": [1], "padding_mode": "reflect"},
        (1, 3, 4, 4),
    ),
    "negative padding, reflected": ("Conv2d", (3, 8, 3), {"padding": -1, "padding_mode": "reflect"}, (1, 3, 8, 8)),
    "no channels in, none out": ("Conv1d", (0, 4, 3), {}, (2, 0, 8)),
    "output padding below the dilation alone": (
        "ConvTranspose2d",
        (3, 3, 3),
        {"stride": 1, "dilation": 3, "output_padding": 2},
        (1, 3, 8, 8),
    ),
    "any output padding for an empty batch": ("ConvTranspose2d", (3, 3, 3), {"output_padding": 5}, (0, 3, 8, 8)),
    "padding by pairs that are too few": ("ZeroPad2d", ((1, 1),), {}, (1, 3, 8, 8)),
    "reflecting by a pair on fewer axes": ("ReflectionPad2d", ((1, 1),), {}, (3, 8, 8)),
    "cropping all": ("ZeroPad1d", (-4,), {}, (1, 3, 8)),
    "an empty image comes back as it is": ("PixelUnshuffle", (2,), {}, (0, 3, 8, 8)),
    "pooling to nothing": ("AdaptiveAvgPool2d", (0,), {}, (1, 3, 8, 8)),
    "a batch norm of nothing": ("BatchNorm1d", (4,), {}, (0, 3, 8)),
    "an instance norm of other channels": ("InstanceNorm2d", (4,), {}, (1, 3, 8, 8)),
    "a lazy instance norm without a batch": ("LazyInstanceNorm1d", (), {}, (4, 4)),
    "one cell of space, with statistics": ("InstanceNorm2d", (4,), {"track_running_stats": True}, (1, 4, 1, 1)),
    "28 of 100": ("Upsample", (), {"scale_factor": 0.29}, (1, 1, 100)),
    "a scale as text": ("Upsample", (), {"scale_factor": "2"}, (1, 1, 8)),
    "upsampling in 2-D, on one axis": ("UpsamplingNearest2d", (), {"scale_factor": 2}, (1, 1, 8)),
    "a response norm of nothing": ("LocalResponseNorm", (0,), {}, (0, 3, 8)),
}


@pytest.mark.parametrize("case", AT_CONSTRUCTION)
def test_torch_refuses_at_construction_and_so_do_we(case):
    name, args, kwargs = AT_CONSTRUCTION[case]
    with pytest.raises((ValueError, TypeError, AssertionError)):
        getattr(torch.nn, name)(*args, **kwargs)
    with pytest.raises(cc.ArgumentError, match=f"^{name}: "):
        getattr(cc, name)(*args, **kwargs)


REFUSED_LATER = {
    "an int of NumPy, unpooled": ("MaxUnpool2d", (np.int64(2),), {}, ((1, 3, 4, 4), (1, 3, 4, 4))),
    "an int of NumPy, adaptively": ("AdaptiveAvgPool2d", (np.int64(2),), {}, ((1, 3, 8, 8),)),
    "a divisor that is not whole": ("AvgPool2d", (2,), {"divisor_override": 2.0}, ((1, 3, 8, 8),)),
    "a stride of True": ("Conv2d", (3, 3, 3), {"stride": True}, ((1, 3, 8, 8),)),
    "a flag that is a number": ("Embedding", (4, 2), {"sparse": 1}, ((2, 3),)),
    "a largest norm of text": ("Embedding", (4, 2), {"max_norm": "1"}, ((2, 3),)),
    "a row of True": ("Embedding", (4, 2), {"padding_idx": True}, ((2, 3),)),
    "an array": ("MaxPool2d", (np.array([2, 2]),), {}, ((1, 3, 8, 8),)),
    "an array for a flag": ("ReLU", (np.array([1, 1]),), {}, ((1, 3, 8, 8),)),
}


@pytest.mark.parametrize("case", REFUSED_LATER)
def test_a_wrong_type_that_torch_refuses_when_called_is_refused_when_made(case):
    name, args, kwargs, shapes = REFUSED_LATER[case]
    whole = {"Embedding": torch.int64, "MaxUnpool2d": torch.int64}.get(name)
    inputs = [
        torch.zeros(shape, dtype=None if (name, place) == ("MaxUnpool2d", 0) else whole) for place, shape in enumerate(shapes)
    ]
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        getattr(torch.nn, name)(*args, **kwargs).eval()(*inputs)
    with pytest.raises(cc.ArgumentError, match=f"^{name}: "):
        getattr(cc, name)(*args, **kwargs)


def test_a_bare_none_is_refused():
    """Torch refuses it when called; an argument of a wrong type we refuse when the layer is made."""
    with pytest.raises(TypeError):
        torch.nn.AdaptiveAvgPool2d(None)(torch.zeros(1, 3, 8, 8))
    with pytest.raises(cc.ArgumentError, match=r"^AdaptiveAvgPool2d: output_size .* write a tuple of None"):
        cc.AdaptiveAvgPool2d(None)


@pytest.mark.parametrize("case", WHEN_CALLED)
def test_torch_refuses_when_called_and_so_do_we(case):
    name, args, kwargs, shape = WHEN_CALLED[case]
    twin, layer = getattr(torch.nn, name)(*args, **kwargs).eval(), getattr(cc, name)(*args, **kwargs)
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        twin(torch.zeros(shape))
    with pytest.raises(cc.ShapeError, match=f"^{name}: "):
        layer.output_shape(shape)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors", "ignore:input.s size at dim", "ignore:Lazy modules")
@pytest.mark.parametrize("case", ACCEPTED)
def test_torch_accepts_surprisingly_and_so_do_we(case):
    name, args, kwargs, shape = ACCEPTED[case]
    expected = tuple(getattr(torch.nn, name)(*args, **kwargs).eval()(torch.zeros(shape)).shape)
    assert getattr(cc, name)(*args, **kwargs).output_shape(shape) == expected
