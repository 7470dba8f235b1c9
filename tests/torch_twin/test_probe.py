"""The gradient probe against fields that are known by hand, and against a count over windows written out here."""

from __future__ import annotations

from itertools import product

import pytest

import cnncalc as cc

torch = pytest.importorskip("torch")

from cnncalc.torch_twin.probe import Probe, field_cells  # noqa: E402 - where torch is missing, this can't be imported
from cnncalc.torch_twin.probe_rules import LAYERS  # noqa: E402
from cnncalc.torch_twin.twin import Twins  # noqa: E402


def box(*sides):
    """All cells of a box, given first and last on each axis."""
    return set(product(*(range(first, last + 1) for first, last in sides)))


def line(network, n, at):
    """The cells of a field on one axis."""
    return sorted(cell for (cell,) in field_cells(network, (1, 1, n), at))


def test_dilation_leaves_holes():
    two = cc.Sequential(cc.Conv1d(1, 1, 3, dilation=2), cc.Conv1d(1, 1, 3, dilation=2))
    assert line(two, 20, 0) == [0, 2, 4, 6, 8]
    three = cc.Sequential(*(cc.Conv2d(1, 1, 3, dilation=2) for _ in range(3)))
    cells = field_cells(three, (1, 1, 20, 20), (0, 0))
    assert {row for row, _ in cells} == {0, 2, 4, 6, 8, 10, 12}
    assert line(cc.Sequential(cc.Conv1d(1, 1, 1, stride=2), cc.Conv1d(1, 1, 3)), 9, 1) == [2, 4, 6]


def test_a_row_beside_a_column_reads_13_cells():
    class Cross(cc.Module):
        def __init__(self):
            super().__init__()
            self.row = cc.Conv2d(1, 1, (1, 7), padding=(0, 3))
            self.column = cc.Conv2d(1, 1, (7, 1), padding=(3, 0))

        def forward(self, x):
            return self.row(x) + self.column(x)

    assert field_cells(Cross(), (1, 1, 12, 12), (5, 6)) == {(5, c) for c in range(3, 10)} | {(r, 6) for r in range(2, 9)}


def test_atrous_pyramid_reads_25_cells():
    class Pyramid(cc.Module):
        def __init__(self):
            super().__init__()
            for d in (6, 12, 18):
                setattr(self, f"branch{d}", cc.Conv2d(1, 1, 3, padding=d, dilation=d))

        def forward(self, x):
            return cc.cat([self.branch6(x), self.branch12(x), self.branch18(x)], dim=1)

    cells = field_cells(Pyramid(), (1, 1, 40, 40), (20, 20))
    assert len(cells) == 25
    assert sorted({row for row, _ in cells}) == [2, 8, 14, 20, 26, 32, 38]


def test_the_exact_field_is_not_always_the_clipped_box():
    assert line(cc.Sequential(cc.Conv1d(1, 1, 3, stride=2), cc.Conv1d(1, 1, 3, padding=1)), 8, 2) == [2, 3, 4, 5, 6]
    assert line(cc.Conv1d(1, 1, 3, padding=2, dilation=4), 8, 0) == [2, 6]


def test_a_cell_may_read_padding_only():
    assert line(cc.Conv1d(1, 1, 1, padding=1), 5, 0) == []
    assert field_cells(cc.Conv2d(2, 3, 1, padding=1), (1, 2, 4, 4), (0, 2)) == set()
    assert line(cc.Conv1d(1, 1, 1, padding=1), 5, 1) == [0]


def test_padding_that_copies_reads_real_cells():
    assert line(cc.Conv1d(1, 1, 5, padding=2, padding_mode="reflect"), 8, 0) == [0, 1, 2]
    assert line(cc.Conv1d(1, 1, 5, padding=2, padding_mode="replicate"), 8, 0) == [0, 1, 2]
    assert line(cc.Conv1d(1, 1, 5, padding=2, padding_mode="circular"), 8, 0) == [0, 1, 2, 6, 7]


def test_even_kernels_pad_one_more_behind():
    assert line(cc.Conv1d(1, 1, 4, padding="same"), 9, 4) == [3, 4, 5, 6]


def test_stride_larger_than_kernel():
    assert [line(cc.Conv1d(1, 1, 2, stride=3), 11, i) for i in range(4)] == [[0, 1], [3, 4], [6, 7], [9, 10]]


@pytest.mark.parametrize(("n", "k", "s", "p", "out"), [(3, 2, 2, 1, 2), (9, 4, 4, 2, 3)])
def test_ceil_mode_drops_the_window_that_would_start_in_the_padding(n, k, s, p, out):
    pool = cc.MaxPool1d(k, s, p, ceil_mode=True)
    assert torch.nn.MaxPool1d(k, s, p, ceil_mode=True)(torch.zeros(1, 1, n)).shape[-1] == out
    for i in range(out):
        assert line(pool, n, i) == [m for m in range(i * s - p, i * s - p + k) if 0 <= m < n]


@pytest.mark.parametrize(
    ("k", "s", "p", "d", "ceil"),
    [(2, None, 0, 1, False), (3, 2, 1, 1, True), (3, 1, 1, 2, False), (3, 3, 1, 2, True), (2, 3, 0, 1, True), (1, 4, 0, 1, True)],
)
def test_max_pools_read_their_windows(k, s, p, d, ceil):
    pool = cc.MaxPool1d(k, s, p, dilation=d, ceil_mode=ceil)
    own = torch.nn.MaxPool1d(k, s, p, dilation=d, ceil_mode=ceil)
    for n in range(5, 14):
        probe = Probe(Twins(pool), (1, 1, n))
        length = own(torch.zeros(1, 1, n)).shape[-1]
        assert probe.result.shape[-1] == length
        for i in range(length):
            starts = i * (s or k) - p
            wanted = [m for m in range(starts, starts + d * (k - 1) + 1, d) if 0 <= m < n]
            assert probe.cells(probe.result, (i,)).nonzero().flatten().tolist() == wanted


def test_pools_in_three_dimensions_and_with_indices():
    pool = cc.MaxPool3d((2, 3, 1), stride=(2, 1, 3), return_indices=True)
    assert field_cells(pool, (1, 2, 6, 5, 7), (1, 2, 1)) == box((2, 3), (2, 4), (3, 3))


def test_average_pools_and_adaptive_pools():
    assert line(cc.AvgPool1d(3, 2, 1), 9, 0) == [0, 1]
    assert [line(cc.AdaptiveAvgPool1d(7), 16, i) for i in (0, 3, 6)] == [[0, 1, 2], [6, 7, 8, 9], [13, 14, 15]]


def test_global_layers_read_everything():
    net = cc.Sequential(cc.Conv2d(1, 2, 3, stride=2), cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(2, 3))
    assert field_cells(net, (1, 1, 8, 8), 2) == box((0, 6), (0, 6))
    assert field_cells(net, (1, 1, 8, 8), (1, 1), of="0") == box((2, 4), (2, 4))


def test_normalisation():
    assert field_cells(cc.BatchNorm2d(2), (1, 2, 4, 4), (1, 2)) == {(1, 2)}
    assert field_cells(cc.BatchNorm2d(2, track_running_stats=False), (2, 2, 4, 4), (1, 2)) == box((0, 3), (0, 3))
    assert field_cells(cc.Softmax(dim=2), (1, 2, 4, 4), (1, 2)) == box((0, 3), (2, 2))
    assert field_cells(cc.Softmax2d(), (1, 2, 4, 4), (1, 2)) == {(1, 2)}


def test_activations_read_their_own_cell():
    for layer in (cc.ReLU(inplace=True), cc.PReLU(2), cc.Hardtanh(), cc.Tanhshrink(), cc.Dropout(0.9), cc.LogSigmoid()):
        assert field_cells(layer, (1, 2, 3, 3), (0, 2)) == {(0, 2)}


def test_unbatched_inputs():
    net = cc.Sequential(cc.Conv2d(1, 2, 3), cc.MaxPool2d(2))
    assert field_cells(net, (1, 8, 8), (1, 0)) == box((2, 5), (0, 3))


def test_several_inputs_are_asked_one_by_one():
    class Sum(cc.Module):
        def __init__(self):
            super().__init__()
            self.wide = cc.Conv1d(1, 1, 5, padding=2)

        def forward(self, x, y):
            return x + self.wide(y)

    shapes = ((1, 1, 9), (1, 1, 9))
    assert field_cells(Sum(), shapes, 4) == {(4,)}
    assert field_cells(Sum(), shapes, 4, wrt=1) == {(i,) for i in range(2, 7)}
    assert field_cells(Sum(), shapes, 4, of="wide") == set()


def test_depth_and_branches_neither_underflow_nor_overflow():
    layers = [layer for _ in range(120) for layer in (cc.Conv1d(8, 8, 3, padding=1), cc.Sigmoid())]
    assert line(cc.Sequential(cc.Conv1d(1, 8, 1), *layers), 300, 150) == list(range(30, 271))


def test_groups_and_concatenation_keep_apart_what_they_keep_apart():
    class Split(cc.Module):
        def __init__(self):
            super().__init__()
            self.near = cc.Conv1d(1, 2, 1)
            self.far = cc.Conv1d(1, 2, 9, padding=4)
            self.grouped = cc.Conv1d(4, 4, 3, padding=1, groups=2)

        def forward(self, x):
            return self.grouped(cc.cat([self.near(x), self.far(x)], 1))

    assert line(Split(), 20, 10) == list(range(5, 16))


def test_lazy_layers():
    assert line(cc.Sequential(cc.LazyConv1d(2, 3), cc.LazyConv1d(1, 3)), 9, 0) == [0, 1, 2, 3, 4]


def test_the_cell_and_the_row_must_exist():
    net = cc.Sequential(cc.Conv1d(1, 1, 3))
    for at in (7, (-1,), (0, 0)):
        with pytest.raises(cc.CnncalcError, match="there is no such cell"):
            field_cells(net, (1, 1, 9), at)
    with pytest.raises(cc.CnncalcError, match="there is no row of that name; got 'conv'"):
        field_cells(net, (1, 1, 9), 0, of="conv")


def test_a_layer_without_a_stand_in_is_refused(monkeypatch):
    monkeypatch.delitem(LAYERS, torch.nn.Tanh)
    with pytest.raises(cc.UnsupportedError, match="Tanh: the gradient probe has no stand-in for this layer"):
        field_cells(cc.Tanh(), (1, 1, 4), 0)


# -- stand-ins of layers that are tried on torch's own classes ------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "shape", "channel_of_output", "read"),
    [
        (torch.nn.GroupNorm(2, 4), (1, 4, 3), 0, {(c, i) for c in (0, 1) for i in range(3)}),
        (torch.nn.LayerNorm(3), (1, 4, 3), 0, {(0, i) for i in range(3)}),
        (torch.nn.InstanceNorm1d(4), (1, 4, 3), 1, {(1, i) for i in range(3)}),
        (torch.nn.LocalResponseNorm(3), (1, 5, 3), 2, {(c, 1) for c in (1, 2, 3)}),
        (torch.nn.GLU(dim=1), (1, 4, 3), 1, {(1, 1), (3, 1)}),
        (torch.nn.LPPool1d(2, 2, 1), (1, 2, 3), 1, {(1, 1), (1, 2)}),
        (torch.nn.AdaptiveMaxPool1d(2), (1, 2, 3), 1, {(1, 1), (1, 2)}),
        (torch.nn.ConvTranspose1d(1, 1, 3, stride=2), (1, 1, 3), 0, {(0, 0)}),
        (torch.nn.Upsample(scale_factor=2, mode="linear"), (1, 1, 3), 0, {(0, 0), (0, 1)}),
    ],
)
def test_stand_ins(layer, shape, channel_of_output, read):
    from cnncalc.torch_twin.probe import _set_weights, renewed
    from cnncalc.torch_twin.probe_rules import stand_in

    _set_weights(layer.double())
    x = torch.ones(shape, dtype=torch.float64, requires_grad=True)
    output = renewed(stand_in(layer)(layer, x))
    assert output.shape == layer(x).shape
    output[0, channel_of_output, 1].backward()
    assert {tuple(cell[1:]) for cell in x.grad.nonzero().tolist()} == read


def test_cubic_weights_count_whatever_their_sign():
    """Four cells a side around a place between cells; two of a side's weights are negative."""
    from cnncalc.torch_twin.probe_rules import stand_in

    layer = torch.nn.Upsample(scale_factor=2, mode="bicubic")
    x = torch.ones(1, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    stand_in(layer)(layer, x)[0, 0, 7, 7].backward()
    assert {tuple(cell[2:]) for cell in x.grad.nonzero().tolist()} == {(i, j) for i in range(2, 6) for j in range(2, 6)}
