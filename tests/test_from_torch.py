"""Torch modules as networks: torchvision's models as they are imported, layers of every kind, and code of every sort.

The oracle is the module itself, run by torch on the meta device: what every part of it gives, its `state_dict`, and the
flop counter.
"""

from __future__ import annotations

import copy
import random
import threading
from collections import OrderedDict

import pytest
import strategies
import torch_side
from followed_side import asked_of_torch, differences
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision_side import on_meta, torchvision

import cnncalc as cc
from cnncalc.layers import FAMILIES
from cnncalc.sizes import substitute

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

WALK = settings(max_examples=max(settings.default.max_examples // 16, 4))
NAMES = [name for names in FAMILIES.values() for name in names]
#: A small model of each kind that torchvision has beside those that are convolutions and pools alone.
MODELS = ["resnet18", "densenet121", "googlenet", "shufflenet_v2_x0_5", "efficientnet_b0", "convnext_tiny", "swin_t", "vit_b_32"]
#: Of timm: convolutions with padding worked out for each size, standardised weights, branches, attention over channels.
TIMM = [
    "tf_mobilenetv3_small_075",
    "nf_regnet_b0",
    "hrnet_w18_small",
    "resnest14d",
    "repvgg_a0",
    "edgenext_xx_small",
    "convnextv2_atto",
]
SEGMENTATION = ["lraspp_mobilenet_v3_large"]


def both(module, *shapes):
    """What is found to differ between cnncalc and torch."""
    module = module.eval()
    return differences(cc.analyze(module, *shapes), asked_of_torch(module, *shapes))


# -- layers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data())
def test_every_layer_is_read_off_its_module(name, data):
    from cnncalc.torch_twin.torch_layers import layer_of

    case = data.draw(strategies.valid(name))
    with torch_side.quiet():
        layer = layer_of(torch_side.make(case))
    assert layer is not None
    ours = getattr(cc, name)(*case.args, **case.kwargs)
    assert type(layer) is type(ours)
    assert layer.output_shape(*case.inputs, **case.call) == ours.output_shape(*case.inputs, **case.call)
    assert layer.macs(*case.inputs, **case.call) == ours.macs(*case.inputs, **case.call)
    if not name.startswith("Lazy"):
        assert layer.parameters() == ours.parameters()
        assert layer.buffers() == ours.buffers()


# -- models -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_equals_torchvision(name):
    assert both(on_meta(name), (2, 3, 224, 224)) == []


@pytest.mark.parametrize("name", SEGMENTATION)
def test_segmentation_equals_torchvision(name):
    models = torchvision().models
    with torch.device("meta"):
        model = models.get_model(name, weights=None, weights_backbone=None)
    assert both(model, (1, 3, 128, 160)) == []


@pytest.mark.parametrize("name", TIMM)
def test_equals_timm(name):
    torchvision()
    timm = pytest.importorskip("timm")
    with torch.device("meta"):
        model = timm.create_model(name)
    assert both(model, (1, 3, 160, 192)) == []


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "convnext_tiny", "efficientnet_b0"])
def test_symbols_give_the_formula_of_every_row(name):
    module = on_meta(name)
    formula = cc.analyze(module, ("N", 3, "H", "W"))
    draw = random.Random(name)  # noqa: S311 - sizes to try
    values = {"N": draw.randint(1, 4), "H": draw.randint(80, 400), "W": draw.randint(80, 400)}
    numbers = cc.analyze(module, (values["N"], 3, values["H"], values["W"]))
    for row in formula.rows:
        shape = row.output_shape
        assert shape is None or tuple(substitute(size, values) for size in shape) == numbers[row.path].output_shape
        assert substitute(row.macs, values) == numbers[row.path].macs


# -- code -------------------------------------------------------------------------------------------------------


class Shared(nn.Module):
    """One layer twice, one tensor in two places, parameters and buffers of its own, frozen parts, functions, a loop."""

    def __init__(self):
        super().__init__()
        self.twice = nn.Conv2d(4, 4, 3, padding=1)
        self.first = nn.Linear(4, 4, bias=False)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.scale = nn.Parameter(torch.ones(4, 1, 1))
        self.kernel = nn.Parameter(torch.ones(6, 4, 3, 3))
        self.register_buffer("shift", torch.zeros(6, 1, 1))
        self.blocks = nn.ModuleList([nn.Sequential(nn.Conv2d(6, 6, 1), nn.ReLU()) for _ in range(3)])
        for parameter in self.blocks[1].parameters():
            parameter.requires_grad = False

    def forward(self, x):
        """What a model's code does."""
        x = self.twice(F.relu(self.twice(x))) * self.scale
        x = self.second(self.first(x.permute(0, 2, 3, 1))).permute(0, 3, 1, 2)
        x = F.conv2d(x, self.kernel, stride=2) + self.shift
        for block in self.blocks:
            x = block(x) + x
        n, c, h, _ = x.shape
        return x.reshape(n, c * h, -1).mean(-1, keepdim=True) if h > 2 else x.flatten(1)


def test_what_is_shared_stays_shared():
    with torch.device("meta"):
        module = Shared()
    assert both(module, (2, 4, 9, 11)) == []
    assert both(module, (2, 4, 5, 6)) == []
    report = cc.analyze(module, (2, 4, 9, 11))
    assert report["twice"].calls == 2
    assert report.trainable == report.params - 2 * (36 + 6) + 42


def test_a_branch_on_a_symbol_is_refused_where_it_is_not_decided():
    module = Shared().eval()
    with pytest.raises(cc.UndecidedError, match=r"test_from_torch\.py, line"):
        cc.analyze(module, (2, 4, "H", "W"))


class Own(nn.Conv2d):
    """A subclass that works in its own way."""

    def forward(self, x):
        """A weight whose mean is 0."""
        return F.conv2d(x, self.weight - self.weight.mean((1, 2, 3), keepdim=True), self.bias, padding=2)


class Same(nn.Conv2d):
    """A subclass that works as torch's layer does."""


def test_subclasses_of_layers():
    module = nn.Sequential(Own(3, 4, 3), Same(4, 5, 3))
    assert both(module.to("meta"), (1, 3, 8, 8)) == []
    report = cc.analyze(module, (1, 3, 8, 8))
    assert [row.kind for row in report.rows] == ["Sequential", "Own", "mean", "sub", "conv2d", "Same"]
    assert report["0"].params == 3 * 4 * 9 + 4
    assert report["1"].own


def test_what_was_changed_after_a_layer_was_made_counts():
    conv = nn.Conv2d(3, 4, 3)
    conv.stride = (2, 2)
    conv.bias = None
    assert both(nn.Sequential(conv).to("meta"), (1, 3, 9, 9)) == []


class Sorting(nn.Module):
    """A function that cnncalc does not know."""

    def forward(self, x):
        """Sort, and go on."""
        values, _ = torch.sort(x, dim=-1)
        return values * 2


def test_what_is_not_known_leaves_a_partial_report():
    module = nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 4, 3), inner=Sorting(), last=nn.Conv2d(4, 5, 3))).to("meta")
    report = cc.analyze(module, (1, 3, 16, 16))
    assert report.partial
    assert [gap[:2] for gap in report.not_carried] == [("sort", "inner")]
    with pytest.warns(UserWarning, match="the MACs of Sequential are partial: sort not counted"):
        assert "partial" in report.macs.convention
    torchs = asked_of_torch(module, (1, 3, 16, 16))
    assert differences(report, torchs) == []
    data = report.to_dict()
    assert data["partial"]
    assert [gap["operation"] for gap in data["not_carried"]] == ["sort"]
    assert [row["path"] for row in data["rows"] if row["partial"]] == ["", "inner", "inner.sort"]
    assert "at least" in str(report)
    assert "not carried  sort in inner: " in str(report)
    assert "partial: at least" in repr(report)
    assert report["conv"].receptive_field.size == (3, 3)
    assert report["last"].receptive_field.size == (None, None)
    assert "sort" in report["last"].receptive_field.reason
    for asked in (
        lambda: cc.receptive_field(module, (1, 3, 16, 16), at=(0, 0)),
        lambda: cc.analyze(module, (1, 3, "H", "W")),
        lambda: cc.verify(module, (1, 3, 16, 16)),
        lambda: cc.dumps(cc.from_torch(module), (1, 3, 16, 16)),
        lambda: report.as_counted_by("fvcore"),
        lambda: report.arithmetic,
    ):
        with pytest.raises(cc.CnncalcError, match=r"sort"):
            asked()


def test_a_branch_on_values_is_refused():
    class Deciding(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(cc.UnsupportedError, match="a branch on the values of a tensor"):
        cc.from_torch(Deciding(), (3, 3))


@pytest.mark.filterwarnings("ignore")
def test_torch_is_left_as_it_was_after_a_refusal():
    class Refused(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 1)

        def forward(self, x):
            return self.conv(x) if x.is_meta or self.conv(x).sum().item() < 0 else x

    before = (nn.Module.__call__, F.has_torch_function_unary, torch._tensor.has_torch_function)
    module = Refused()
    with pytest.raises(cc.UnsupportedError, match="values"):
        cc.from_torch(module, (1, 1, 4, 4))
    assert (nn.Module.__call__, F.has_torch_function_unary, torch._tensor.has_torch_function) == before
    assert module.training
    assert module.conv.training
    assert module(torch.ones(1, 1, 4, 4)).shape == (1, 1, 4, 4)


def test_other_threads_run_torch_meanwhile():
    ran = []

    class Waiting(nn.Module):
        def forward(self, x):
            other = threading.Thread(target=lambda: ran.append(nn.Conv2d(1, 2, 1)(torch.ones(1, 1, 3, 3)).shape))
            other.start()
            other.join()
            return x

    assert cc.analyze(Waiting(), (1, 1, 5, 5)).output_shape == (1, 1, 5, 5)
    assert ran == [(1, 2, 3, 3)]


def test_training_code_is_not_followed():
    class Training(nn.Module):
        def forward(self, x):
            return torch.cat([x, x]) if self.training else F.dropout(x, training=self.training)

    module = Training()
    assert cc.analyze(module, (1, 5)).output_shape == (1, 5)
    assert module.training


def test_a_copy_is_followed_by_itself():
    network = cc.from_torch(Shared(), (2, 4, 9, 11))
    again = copy.deepcopy(network)
    assert cc.analyze(again, (2, 4, 9, 11)).to_dict() == cc.analyze(network, (2, 4, 9, 11)).to_dict()


def test_the_twin_of_a_followed_module_agrees():
    cc.verify(Shared(), (2, 4, 9, 11)).raise_for_disagreement()


def test_fields_and_working_take_a_torch_module():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Conv2d(2, 2, 3))
    assert cc.receptive_field(module, (1, 1, 32, 32)).size == (8, 8)
    assert "8" in str(cc.explain(module, (1, 1, 32, 32)))


def test_anything_else_is_refused():
    with pytest.raises(cc.ArgumentError, match=r"from_torch takes a torch\.nn\.Module; got int"):
        cc.from_torch(3, (1, 2))
    with pytest.raises(cc.ArgumentError, match="a network is a layer"):
        cc.analyze(3, (1, 2))
