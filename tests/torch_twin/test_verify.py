"""verify agrees with what is right, and finds each kind of wrong number, on exactly that check."""

from __future__ import annotations

import json

import pytest

import cnncalc as cc
from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, Everything, Window
from cnncalc.torch_twin.verification import Check, Verification

torch = pytest.importorskip("torch")


class Bottleneck(cc.Module):
    """A residual block with a projection."""

    def __init__(self, channels, inside, stride):
        super().__init__()
        self.conv1 = cc.Conv2d(channels, inside, 1, bias=False)
        self.conv2 = cc.Conv2d(inside, inside, 3, stride, 1, groups=2, bias=False)
        self.bn = cc.BatchNorm2d(inside)
        self.conv3 = cc.Conv2d(inside, 2 * channels, 1)
        self.relu = cc.ReLU(inplace=True)
        self.downsample = cc.Sequential(cc.Conv2d(channels, 2 * channels, 1, stride), cc.BatchNorm2d(2 * channels))

    def forward(self, x):
        """How values flow."""
        return self.relu(self.conv3(self.relu(self.bn(self.conv2(self.conv1(x))))) + self.downsample(x))


def whats(result):
    """What the failed checks are about."""
    return [check.what for check in result.disagreements]


def test_a_residual_network_agrees():
    head = cc.Sequential(cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(32, 10))
    net = cc.Sequential(cc.Conv2d(3, 8, 7, 2, 3), cc.MaxPool2d(3, 2, 1), Bottleneck(8, 4, 1), Bottleneck(16, 8, 2), head)
    result = cc.verify(net, (1, 3, 64, 64))
    assert result.agrees, str(result)
    assert not result.not_checked
    kinds = {check.what.split(" of ")[0].split(" at ")[0] for check in result.checks}
    assert kinds >= {"accepts the input", "output shape", "names in state_dict", "shape", "number", "MACs", "field", "field size"}
    assert result.torch_version == torch.__version__
    assert str(result) == f"Sequential: all {len(result.checks)} figures agree; torch {torch.__version__}, run now"


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (cc.Conv1d(4, 8, 4, padding="same"), (2, 4, 9)),
        (cc.Conv2d(4, 8, 3, padding=2, dilation=2, padding_mode="circular"), (1, 4, 9, 9)),
        (cc.Conv2d(4, 8, 3, padding=1, padding_mode="reflect", stride=2), (4, 9, 9)),
        (cc.Conv3d(2, 2, (1, 2, 3), groups=2, stride=(1, 2, 1)), (1, 2, 4, 5, 6)),
        (cc.Conv2d(2, 2, 1, padding=1), (1, 2, 5, 5)),
        (cc.MaxPool2d(3, 2, 1, ceil_mode=True), (1, 2, 8, 8)),
        (cc.MaxPool2d(2, return_indices=True), (1, 2, 6, 6)),
        (cc.Linear(3, 8), (5, 10, 3)),
        (cc.Linear(3, 8, bias=False), (3,)),
        (cc.BatchNorm2d(8, track_running_stats=False), (2, 8, 3, 3)),
        (cc.Softmax(), (2, 3, 4)),
        (cc.AdaptiveAvgPool2d((3, None)), (1, 2, 7, 5)),
    ],
)
def test_single_layers_agree(network, shape):
    result = cc.verify(network, shape)
    assert result.agrees, str(result)
    assert not result.not_checked, str(result)


def test_the_extent_behind_a_global_layer_counts_no_padding():
    # The pool leaves the last cell of the input out, and what the convolution reads there is padding.
    net = cc.Sequential(cc.AvgPool1d(4, 2), cc.Conv1d(2, 2, 3, padding=1), cc.AdaptiveAvgPool1d(1))
    result = cc.verify(net, (1, 2, 13))
    assert Check("field size of the output on axis 2 at (0,)", 12, 12, ok=True) in result.checks
    assert result.agrees, str(result)


class Part(cc.Module):
    """A convolution, and a part of what it gives."""

    def __init__(self, part):
        super().__init__()
        self.conv = cc.Conv2d(3, 4, 3, padding=1)
        self.part = part

    def forward(self, x):
        """How values flow."""
        return self.part(self.conv(x))


@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[:, 1], lambda x: x[:, :, 2], lambda x: x[..., 2], lambda x: x[0], lambda x: x[0, 1], lambda x: x[:, 1, 2],
        lambda x: x.permute(0, 2, 1, 3), lambda x: x.permute(0, 3, 2, 1), lambda x: x.permute(2, 0, 1, 3), lambda x: x.mean(1),
        lambda x: x.mean(2), lambda x: x.flatten(0, 1), lambda x: x.flatten(1, 2), lambda x: x.flatten(2), lambda x: x[:, None],
        lambda x: x.transpose(1, 2).flatten(2), lambda x: x[:, [0, 2]], lambda x: x[:, :, [0, 4, 2]], lambda x: x.unsqueeze(-1),
    ],
)  # fmt: skip
def test_a_part_of_a_map_agrees_whatever_axis_stands_where_channels_do(part):
    result = cc.verify(Part(part), (1, 3, 5, 5))
    assert result.agrees, str(result)


@pytest.mark.parametrize("shape", [(1, 2, 2, 1), (1, 2, 7, 6)])
@pytest.mark.parametrize(
    "part",
    [
        lambda x: x * x[:, :1, :1].amax((1, 2, 3), keepdim=True),
        lambda x: x * x[:, :, :1].amax((1, 2, 3), keepdim=True),
        lambda x: x + x[:, :, 1:2].mean((2, 3), keepdim=True),
        lambda x: x[:, :, :1].mean((2, 3), keepdim=True) + x[:, :, -1:].mean((2, 3), keepdim=True),
        lambda x: x * x[:, :, [0, 0]].amax((1, 2, 3), keepdim=True),
        lambda x: x * x[:, [0, 0]].amax((1, 2, 3), keepdim=True),
    ],
)
def test_what_reads_one_part_beside_what_reads_another_has_no_extent_of_the_first(part, shape):
    network = Part(part)
    network.conv = cc.Identity()
    result = cc.verify(network, shape)
    assert result.agrees, str(result)


def test_layers_with_frozen_parameters_agree():
    net = cc.Sequential(cc.Linear(3, 4, bias=False), cc.ReLU(), cc.Linear(4, 2)).requires_grad_(requires_grad=False)
    result = cc.verify(net, (3,))
    assert result.agrees, str(result)
    assert Check("number of trainable parameters", 0, 0, ok=True) in result.checks


# -- each kind of wrong number, found where it is -------------------------------------------------------------------


class WrongShape(cc.MaxPool2d):
    """Forgets the floor."""

    def output_shape(self, x):
        """A shape that is wrong, or none."""
        shape = super().output_shape(x)
        return (*shape[:-1], shape[-1] + 1)


class WrongMacs(cc.Conv2d):
    """Counts the bias."""

    def macs(self, x):
        """A count that is wrong."""
        return super().macs(x) + self.out_channels


class WrongTensors(cc.BatchNorm2d):
    """Forgets a buffer."""

    def tensors(self):
        """Tensors that are wrong."""
        return {name: shape for name, shape in super().tensors().items() if name != "num_batches_tracked"}


class WrongTensorShape(cc.Linear):
    """Transposes the weight."""

    def tensors(self):
        """Tensors that are wrong."""
        return {"weight": (self.in_features, self.out_features), "bias": (self.out_features,)}


class WrongAxes(cc.Conv2d):
    """Forgets the dilation."""

    def axes(self, x):  # noqa: ARG002 - the fact's signature
        """Windows that are wrong."""
        return (AxisMaps(EACH, Everything(self.out_channels), Window(3, 1, 2, 2), Window(3, 1, 2, 2)),)


def test_a_wrong_shape_is_found():
    result = cc.verify(cc.Sequential(cc.Conv2d(1, 1, 3), WrongShape(2)), (1, 1, 10, 10))
    assert whats(result) == ["output shape of 1", "output shape"]
    assert result.disagreements[0] == Check("output shape of 1", (1, 1, 4, 5), (1, 1, 4, 4), ok=False)
    assert str(result.not_checked[0]) == "receptive field: not probed: the shapes differ"


def test_wrong_macs_are_found():
    result = cc.verify(cc.Sequential(cc.ReLU(), WrongMacs(3, 4, 3)), (1, 3, 6, 6))
    assert whats(result) == ["MACs of 1", "MACs"]
    assert result.disagreements[0] == Check("MACs of 1", 1732, 1728, ok=False)


def test_wrong_tensors_are_found():
    result = cc.verify(cc.Sequential(WrongTensors(8)), (1, 8, 4, 4))
    assert whats(result) == ["names in state_dict", "number of elements of buffers"]
    assert result.disagreements[0] == Check("names in state_dict", "no others", "0.num_batches_tracked", ok=False)
    result = cc.verify(cc.Sequential(WrongTensorShape(3, 5)), (1, 3))
    assert whats(result) == ["shape of 0.weight"]


def test_wrong_axes_are_found():
    result = cc.verify(cc.Sequential(WrongAxes(1, 1, 3, padding=2, dilation=2)), (1, 1, 9, 9))
    assert whats(result) == [
        *(f"field of the output at ({i}, {j})" for i, j in ((0, 0), (0, 8), (8, 0), (8, 8), (4, 4))),
        *(f"field size of the output on axis {axis} at (5, 5)" for axis in (2, 3)),
    ]
    assert str(result.disagreements[4]) == (
        "field of the output at (4, 4): cnncalc 9 cells in 2…4 × 2…4, torch 9 cells in 2…6 × 2…6; it does not read (2, 3)"
    )


# -- refusals -------------------------------------------------------------------------------------------------------


class TooStrict(cc.MaxPool2d):
    """Refuses what torch accepts."""

    def output_shape(self, x):
        """A shape that is wrong, or none."""
        raise cc.ShapeError("never", got=str(x))


class TooLax(cc.Linear):
    """Accepts what torch refuses."""

    def output_shape(self, x):
        """A shape that is wrong, or none."""
        return (*x[:-1], self.out_features)


def test_torch_accepts_what_cnncalc_refuses():
    result = cc.verify(cc.Sequential(TooStrict(2)), (1, 1, 4, 4))
    assert not result.agrees
    assert result.checks == [
        Check("accepts the input", "refused: 0 (MaxPool2d): never; got (1, 1, 4, 4)", "accepted: (1, 1, 2, 2)", ok=False)
    ]


def test_torch_refuses_what_cnncalc_accepts():
    result = cc.verify(cc.Sequential(TooLax(3, 5)), (2, 4))
    assert whats(result) == ["accepts the input"]
    assert result.disagreements[0].torch.startswith("refused at 0: RuntimeError: ")


def test_torch_refuses_a_layer_that_cnncalc_accepts():
    class Other(cc.Linear):
        torch_name = "Conv2d"

    assert whats(cc.verify(cc.Sequential(Other(2, 2)), (1, 2))) == ["accepts the layers"]


def test_where_both_refuse_the_error_is_cnncalcs():
    with pytest.raises(cc.ShapeError, match="the input's channels must equal in_channels"):
        cc.verify(cc.Conv2d(3, 4, 3), (1, 2, 8, 8))
    with pytest.raises(cc.CnncalcError, match="the shape of the input is missing"):
        cc.verify(cc.Conv2d(3, 4, 3))


def test_symbols_are_refused():
    with pytest.raises(cc.UnsupportedError, match=r"torch has no symbols, so nothing can be compared .* give numbers"):
        cc.verify(cc.Conv2d(3, 4, 3), ("N", 3, "H", "W"))
    with pytest.raises(cc.UnsupportedError, match="put numbers in"):
        cc.verify(cc.Conv2d(3, "F", 3), (1, 3, 8, 8))


# -- what is not compared is said -----------------------------------------------------------------------------------


def test_a_large_network_is_compared_on_the_meta_device():
    net = cc.Sequential(cc.Conv2d(64, 512, 3, padding=1), cc.ReLU(), cc.Conv2d(512, 512, 3, padding=1), cc.Flatten())
    result = cc.verify(net, (1, 64, 112, 112))
    assert result.agrees
    assert [check.what for check in result.not_checked] == ["accepts the input", "receptive field"]
    assert "MACs of work is more than" in str(result).splitlines()[1]


def test_a_layer_without_a_stand_in_is_said(monkeypatch):
    from cnncalc.torch_twin.probe_rules import LAYERS

    monkeypatch.delitem(LAYERS, torch.nn.Tanh)
    result = cc.verify(cc.Sequential(cc.Tanh()), (1, 2, 4, 4))
    assert result.agrees
    assert [str(check) for check in result.not_checked] == [
        "receptive field: not probed: Tanh: the gradient probe has no stand-in for this layer"
    ]


# -- the result as plain data ---------------------------------------------------------------------------------------


def test_the_result_is_plain_data():
    good, bad = Check("MACs", 3, 3, ok=True), Check("output shape", (1, 2), (1, 3), ok=False)
    skipped = Check("receptive field", None, "not probed", ok=None)
    result = Verification("Net", ((1, 2),), "2.13.0", [good, bad, skipped])
    assert not result.agrees
    assert json.loads(json.dumps(result.to_dict()))["checks"][1] == {
        "what": "output shape",
        "ours": [1, 2],
        "torch": [1, 3],
        "ok": False,
    }
    assert str(result).splitlines() == [
        "Net: 1 of 2 figures differ; torch 2.13.0, run now",
        "  differs: output shape: cnncalc (1, 2), torch (1, 3)",
        "  not compared: receptive field: not probed",
    ]
    assert repr(result) == "<Verification: Net: 1 of 2 figures differ; torch 2.13.0, run now>"
    with pytest.raises(cc.DisagreementError) as caught:
        result.raise_for_disagreement()
    assert str(caught.value) == (
        "Net: cnncalc and torch 2.13.0 disagree; got output shape: cnncalc (1, 2), torch (1, 3); "
        "please report it with the network and its input"
    )


def test_nothing_compared_is_no_agreement():
    result = Verification("Net", ((1, 2),), "2.13.0", [Check("receptive field", None, "not probed", ok=None)])
    assert not result.agrees
    result.raise_for_disagreement()
    assert str(result).startswith("Net: nothing was compared")


def test_many_disagreements_are_counted():
    result = Verification("Net", ((1, 2),), "2.13.0", [Check(f"MACs of {i}", 1, 2, ok=False) for i in range(15)])
    assert str(result).splitlines()[-1] == "  … and 3 more"
    with pytest.raises(cc.DisagreementError, match="MACs of 0: cnncalc 1, torch 2, and 14 more"):
        result.raise_for_disagreement()


def test_the_rooms_functions_stay_functions_after_use():
    import cnncalc.torch_twin as room

    assert room.verify(cc.ReLU(), (1, 2)).agrees
    assert room.verify(cc.ReLU(), (1, 2)).agrees
    assert callable(room.to_torch)
