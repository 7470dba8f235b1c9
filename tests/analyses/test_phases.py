"""Fields that depend on the phase: against exact cells far from borders, published figures, and windows worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from drawing.endless_networks import LONGEST, endless_networks
from hypothesis import assume, event, given, reject
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.analyses.closed_form import fields
from cnncalc.cells import cells_of
from cnncalc.phases import Phases, rational
from cnncalc.zoo import resnet50, unet


@given(endless_networks(), st.data())
def test_figures_are_those_of_the_exact_cells_far_from_every_border(drawn, data):
    """Far from borders are the cells whose windows, layer by layer, lie inside what they read."""
    pytest.importorskip("torch")
    from cnncalc.torch_twin.interior import interiors

    network, shape = drawn
    try:
        graph = cc.trace(network, shape)
    except cc.CnncalcError:
        reject()
    assume(all(node.output[2] <= LONGEST for node in graph.nodes))
    (axis,) = cc.receptive_field(network, shape).axes
    if axis.size is None:
        assert axis.reason
        return
    first, last = interiors(graph, fields(graph), 0)[graph.output.node.index, 0].get(2, (0, -1))
    if first > last:
        return
    event("compared")
    at = data.draw(st.integers(first, last))
    field = cc.receptive_field(network, shape, at=(at,))
    ((bits,),) = field.terms or [(0,)]
    start, read = (axis.phases or Phases.of(axis.stencil)).at(at)
    assert bits == read << max(start, 0)
    assert field.box == (None if field.unclipped_box == (None,) else field.unclipped_box)
    if not bits:
        assert axis.sizes[0] == 0
        return
    ((low, high),) = field.box
    assert axis.sizes[0] <= high - low + 1 <= axis.sizes[1] == axis.size
    if axis.center is not None:
        assert axis.center + axis.stride * at == Fraction(low + high, 2)
    if axis.padding is not None:
        assert axis.stride * at - axis.padding == low


class UNet(cc.Module):
    """Convolutions of 3, pools of 2, transposed convolutions of 2 and 1×1-free skips, `depth` pools deep."""

    def __init__(self, depth, convolutions):
        super().__init__()

        def level(channels):
            first = cc.Conv1d(channels, 1, 3, padding=1)
            return cc.Sequential(first, *(cc.Conv1d(1, 1, 3, padding=1) for _ in range(convolutions - 1)))

        self.down = cc.Sequential(*(level(1) for _ in range(depth)))
        self.pool = cc.MaxPool1d(2)
        self.bottom = level(1)
        self.up = cc.Sequential(*(cc.ConvTranspose1d(1, 1, 2, 2) for _ in range(depth)))
        self.out = cc.Sequential(*(level(2) for _ in range(depth)))

    def forward(self, x):
        """Down, and up with skips."""
        skips = []
        for level in self.down.children():
            skips.append(level(x))
            x = self.pool(skips[-1])
        x = self.bottom(x)
        for up, level in zip(self.up.children(), self.out.children(), strict=True):
            x = level(cc.cat([skips.pop(), up(x)], dim=1))
        return x


@pytest.mark.parametrize(
    ("depth", "convolutions", "smallest", "largest"),
    [(3, 1, 46, 54), (3, 2, 92, 100), (3, 3, 138, 146), (3, 5, 222, 230), (4, 2, 188, 204), (5, 2, 380, 412)],
)
def test_the_published_figures_of_u_nets(depth, convolutions, smallest, largest):
    """The largest over units is published; the smallest is what the other phases of the same networks have."""
    (axis,) = cc.receptive_field(UNet(depth, convolutions), (1, 1, 1024)).axes
    assert (axis.sizes, axis.size, axis.stride) == ((smallest, largest), largest, 1)
    assert axis.reason == f"the size depends on the position: {smallest} to {largest} cells, in {2**depth} phases"


def test_the_papers_u_net_at_572():
    field = cc.receptive_field(unet(base=1), (1, 1, 572, 572))
    assert field.sizes == ((188, 204), (188, 204))
    assert field.without_mixing is None


def test_a_kernel_smaller_than_the_stride_leaves_every_third_cell_empty():
    field = cc.receptive_field(cc.ConvTranspose1d(1, 1, 2, 3), (1, 1, 9), at=(5,))
    assert field.sizes == ((0, 1),)
    assert (field.box, field.unclipped_box, field.center) == (None, (None,), (None,))


def test_a_centre_that_is_a_fraction():
    """Output cell i of stride 2, kernel 3, padding 1 lies around i/2: two cells, or one in the middle."""
    field = cc.receptive_field(cc.ConvTranspose1d(1, 1, 3, 2, 1), (1, 1, 16), at=(7,))
    assert (field.stride, field.center, field.sizes) == ((Fraction(1, 2),), (Fraction(0),), ((1, 2),))
    assert field.unclipped_box == ((3, 4),)
    even = cc.receptive_field(cc.Conv1d(1, 1, 2), (1, 1, 16))
    assert even.center == (Fraction(1, 2),)


def test_aligned_corners_have_no_size_and_say_why():
    net = cc.Sequential(cc.Conv2d(1, 1, 3), cc.Upsample(scale_factor=2, mode="bilinear", align_corners=True))
    field = cc.receptive_field(net, (1, 1, 30, 30))
    assert (field.size, field.sizes, field.stride) == ((None, None), (None, None), (None, None))
    assert field.reason == "no single size: 1 (Upsample) aligns the corners, so that its windows drift over the image"


def test_pooling_and_up_sampling_again_and_a_convolution_are_4_wide():
    """The traps' row: 4, where others print 12 or 6."""
    for up in (cc.ConvTranspose1d(1, 1, 2, 2), cc.Upsample(scale_factor=2)):
        field = cc.receptive_field(cc.Sequential(cc.MaxPool1d(2), up, cc.Conv1d(1, 1, 3)), (1, 1, 40))
        assert (field.size, field.sizes) == ((4,), ((4, 4),))


def test_a_pixel_shuffle_and_back_is_one_cell():
    net = cc.Sequential(cc.PixelUnshuffle(2), cc.PixelShuffle(2))
    field = cc.receptive_field(net, (1, 1, 16, 16), at=(5, 6))
    assert (field.cells, field.size) == (((5,), (6,)), (None, None))
    assert field.reason == "no single size: 1 (PixelShuffle) takes a part of what was joined"


class FirstChannel(cc.Module):
    """One channel of an unshuffled image."""

    def __init__(self, channel):
        super().__init__()
        self.shuffle, self.channel = cc.PixelUnshuffle(3), channel

    def forward(self, x):
        """The channel."""
        return self.shuffle(x)[:, self.channel : self.channel + 1]


@pytest.mark.parametrize("channel", range(9))
def test_a_channel_of_a_pixel_unshuffle_is_one_cell(channel):
    """Channel 3·i + j reads cell (i, j) of each block."""
    field = cc.receptive_field(FirstChannel(channel), (1, 1, 18, 18), at=(2, 3))
    assert (field.size, field.stride) == ((1, 1), (3, 3))
    assert field.box == field.unclipped_box == ((6 + channel // 3,) * 2, (9 + channel % 3,) * 2)
    own = cc.receptive_field(cc.PixelUnshuffle(3), (1, 1, 18, 18), at=(2, 3), channel=channel)
    assert (own.box, own.unclipped_box, own.count) == (field.box, field.box, 1)


class ShuffledAndCut(cc.Module):
    """Two kinds of channels, dealt out to three groups; one channel of them."""

    def __init__(self, channel):
        super().__init__()
        self.near, self.far = cc.Conv2d(1, 4, 1), cc.Conv2d(1, 2, 5, padding=2)
        self.shuffle, self.channel = cc.ChannelShuffle(3), channel

    def forward(self, x):
        """The channel."""
        return self.shuffle(cc.cat([self.near(x), self.far(x)], 1))[:, self.channel : self.channel + 1]


@pytest.mark.parametrize("channel", range(6))
def test_a_channel_shuffle_keeps_each_channels_field(channel):
    """Channel i·3 + j reads channel 2·j + i: the last two of six come to places 2 and 5."""
    field = cc.receptive_field(ShuffledAndCut(channel), (1, 1, 9, 9), at=(4, 4))
    size = 5 if channel in {2, 5} else 1
    assert (field.size, field.count) == ((size, size), size * size)


def test_a_channels_own_field_where_branches_are_concatenated():
    net = Pyramid()
    sizes = [cc.receptive_field(net, (1, 1, 60), channel=channel).size for channel in range(4)]
    assert sizes == [(1,), (1,), (5,), (9,)]
    exact = [cc.receptive_field(net, (1, 1, 60), at=(30,), channel=channel) for channel in range(4)]
    assert [field.cells for field in exact] == [((30,),), ((30,),), ((28, 29, 30, 31, 32),), (tuple(range(26, 35)),)]
    assert cc.receptive_field(net, (1, 1, 60)).size == (9,)
    for channel in (4, -1, True, "0"):
        with pytest.raises(cc.ArgumentError, match="channel numbers one channel of a map"):
            cc.receptive_field(net, (1, 1, 60), channel=channel)


class Pyramid(cc.Module):
    """Kernels of 1, 5 and 9 side by side: two channels and twice one."""

    def __init__(self):
        super().__init__()
        self.one, self.five, self.nine = (cc.Conv1d(1, c, k, padding=k // 2) for k, c in ((1, 2), (5, 1), (9, 1)))

    def forward(self, x):
        """All on the same input."""
        return cc.cat([self.one(x), self.five(x), self.nine(x)], dim=1)


# -- symbols ---------------------------------------------------------------------------------------------------------


def test_formulas_in_the_layers_own_parameters():
    """Chains, a skip beside a kernel of any size, and an up-sampling on an image of any size."""
    image = (1, 3, "H", "W")
    chain = cc.Sequential(cc.Conv2d(3, 3, "k", "s", padding=cc.symbol("p")), cc.Conv2d(3, 3, "m", dilation="d"))
    field = cc.receptive_field(chain, image)
    assert (str(field.stride[0]), str(field.padding[0])) == ("s", "p")
    for k, s, m, d in ((1, 1, 1, 1), (5, 2, 3, 4)):
        assert field.size[0].subs({"k": k, "s": s, "m": m, "d": d}) == k + (m - 1) * d * s
    skip = cc.receptive_field(Joined(cc.Conv2d(3, 3, "k", padding="same"), cc.Identity()), image)
    assert (str(skip.size[0]), str(skip.padding[0]), skip.aligned) == ("k", "⌊(k − 1)/2⌋", None)
    odd = cc.receptive_field(Joined(cc.Conv2d(3, 3, 3, padding=cc.symbol("d"), dilation="d"), cc.Identity()), image)
    assert (str(odd.size[0]), odd.aligned) == ("2·d + 1", True)
    for scale in (2, 3, 5):
        up = cc.receptive_field(cc.Sequential(cc.Upsample(scale_factor=scale), cc.Conv2d(3, 3, 3)), image)
        assert up.sizes[0] == (1 if scale > 2 else 2, 2)
        assert up.stride[0] == Fraction(1, scale)


def test_what_symbols_hide_is_no_number():
    image = (1, 3, "H", "W")
    for net, reason in (
        (Joined(cc.Conv2d(3, 3, "k", padding=cc.symbol("p")), cc.Identity()), "joins branches of which symbols hide the larger"),
        (cc.ConvTranspose2d(3, 3, "k", "s"), "has windows that differ from cell to cell"),
        (cc.Upsample(scale_factor=41), "picks cells that rounding in single precision moves"),
        (cc.AdaptiveAvgPool2d(7), "has windows that differ from cell to cell"),
        (Joined(cc.Conv2d(3, 3, 3, 2, 1), cc.Conv2d(3, 3, 1, 4)), "joins branches of strides 2 and 4"),
    ):
        field = cc.receptive_field(net, (1, 3, 1, 1) if "strides" in reason else image)
        assert field.size == field.stride == field.center == (None, None)
        assert field.reason.endswith(reason)


@pytest.mark.parametrize(("scale", "n"), [(3, 200), (41, 50), (7, 300)])
def test_phases_of_a_nearest_pick_are_those_that_torch_picks(scale, n):
    """41 · (1/41) is less than 1 in single precision: no phases, since torch picks another cell there."""
    torch = pytest.importorskip("torch")
    field = cc.receptive_field(cc.Upsample(scale_factor=scale), (1, 1, n))
    picked = torch.nn.Upsample(scale_factor=scale)(torch.arange(n, dtype=torch.float32)[None, None])[0, 0].tolist()
    even = picked == [i // scale for i in range(n * scale)]
    assert even == (scale != 41)
    assert (field.sizes == ((1, 1),)) == even


# -- alignment ----------------------------------------------------------------------------------------------------


class Joined(cc.Module):
    """Two branches, added."""

    def __init__(self, left, right):
        super().__init__()
        self.left, self.right = left, right

    def forward(self, x):
        """The sum."""
        return self.left(x) + self.right(x)


@pytest.mark.parametrize(
    ("left", "right", "aligned"),
    [
        (cc.Conv1d(1, 1, 3, padding=1), cc.Identity(), True),
        (cc.Conv1d(1, 1, 2, 2), cc.Conv1d(1, 1, 4, 2, 1), True),
        (cc.Conv1d(1, 1, 3, 2, 1), cc.Conv1d(1, 1, 2, 2), False),
        (cc.Conv1d(1, 1, 2, padding="same"), cc.Identity(), False),
        (cc.Sequential(cc.Conv1d(1, 1, 3, 2, 1), cc.Upsample(scale_factor=2)), cc.Identity(), False),
    ],
)
def test_aligned_joins(left, right, aligned):
    """Equal strides and equal −P + (r − 1)/2 on both ways. Source: Araujo, Norris and Sim, Distill 2019."""
    net = cc.Sequential(cc.Conv1d(1, 1, 3), Joined(left, right), cc.Conv1d(1, 1, 3))
    field = cc.receptive_field(net, (1, 1, 42))
    assert (field.aligned, field.unaligned) == (aligned, "" if aligned else "1.add")


# -- global mixing --------------------------------------------------------------------------------------------------


class Gate(cc.Module):
    """Squeeze and excitation."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(1, 4, 3, padding=1)
        self.pool = cc.AdaptiveAvgPool2d(1)
        self.fc = cc.Conv2d(4, 4, 1)

    def forward(self, x):
        """Channels weighted by what the whole image says."""
        x = self.conv(x)
        return x * self.fc(self.pool(x)).sigmoid()


class Context(cc.Module):
    """Atrous branches with an image pool of one cell, made as large as they are again."""

    def __init__(self):
        super().__init__()
        self.near, self.far = cc.Conv2d(1, 1, 3, padding=1), cc.Conv2d(1, 1, 3, padding=6, dilation=6)

    def forward(self, x):
        """All beside each other."""
        pooled = cc.adaptive_avg_pool2d(x, 1)
        pooled = cc.interpolate(pooled, size=x.shape[2:], mode="bilinear", align_corners=False)
        return cc.cat([self.near(x), self.far(x), pooled], dim=1)


@pytest.mark.parametrize(
    ("net", "size", "stride"),
    [
        (Gate(), (3, 3), (1, 1)),
        (cc.Sequential(Gate(), cc.Conv2d(4, 1, 3, 2)), (5, 5), (2, 2)),
        (Context(), (13, 13), (1, 1)),
        (cc.Sequential(cc.Conv2d(1, 4, 3), cc.GroupNorm(2, 4), cc.Conv2d(4, 4, 5)), (7, 7), (1, 1)),
        (cc.Sequential(cc.Conv2d(1, 4, 3), cc.InstanceNorm2d(4), cc.MaxPool2d(2)), (4, 4), (2, 2)),
        (cc.Sequential(cc.Conv2d(1, 4, 3, 2), cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(4, 2)), (3, 3), (2, 2)),
        (cc.Sequential(cc.Conv2d(1, 1, 3, 2), cc.Flatten(), cc.Linear(100, 2)), (3, 3), (2, 2)),
    ],
)
def test_the_field_without_global_mixing_is_a_figure_of_its_own(net, size, stride):
    """What the network would see without gates: worked out by hand from its windows."""
    field = cc.receptive_field(net, (1, 1, 21, 21))
    assert field.whole
    local = field.without_mixing
    assert (local.size, local.stride, local.whole, local.without_mixing) == (size, stride, False, None)
    assert field.to_dict()["without_mixing"]["size"] == list(size)
    assert field.aligned


def test_the_trunk_of_a_classifier():
    field = cc.receptive_field(resnet50(), (1, 3, 224, 224))
    assert field.whole
    assert field.without_mixing.size == (427, 427)


windows = st.lists(st.tuples(st.integers(-6, 6), st.integers(0, 31)), min_size=1, max_size=4)
maps = st.builds(lambda step, drawn: rational(step, len(drawn), lambda i: drawn[i]), st.integers(0, 4), windows)


def read(phases, cells):
    """The cells that some output cells read, one by one."""
    return {start + t for i in cells for start, bits in [phases.at(i)] for t in cells_of(bits)}


@given(maps, maps, st.integers(-20, 20))
def test_one_map_after_another_reads_what_both_read_in_turn(first, second, cell):
    both = first.then(second)
    assert read(both, [cell]) == read(first, read(second, [cell]))


@given(maps, maps, st.integers(-20, 20))
def test_maps_beside_each_other_read_what_either_reads(left, right, cell):
    both = left.beside(right)
    if both is None:
        assert left.stride != right.stride
    else:
        assert read(both, [cell]) == read(left, [cell]) | read(right, [cell])


@given(maps, st.integers(1, 3))
def test_the_period_is_the_shortest(phases, times):
    drawn = [phases.at(i) for i in range(phases.period * times)]
    assert Phases(phases.period * times, phases.step * times, tuple(drawn)) == phases
