"""The twin has the network's tree, tensors and flow."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest

import cnncalc as cc
from cnncalc.layers.arithmetic import add
from cnncalc.layers.merging import cat
from cnncalc.program import Program, Ref, Step

torch = pytest.importorskip("torch")


class Residual(cc.Module):
    """Two convolutions beside a shortcut, a part that never runs, and a child that is None."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = cc.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = cc.BatchNorm2d(channels)
        self.relu = cc.ReLU(inplace=True)
        self.conv2 = cc.Conv2d(channels, channels, 3, padding=1)
        self.unused = cc.Linear(4, 2)
        self.downsample = cc.Conv2d(1, 1, 1)
        self.downsample = None

    def forward(self, x):
        """How values flow."""
        return self.relu(self.conv2(self.relu(self.bn(self.conv1(x)))) + x)


class Joined(cc.Module):
    """Two inputs, joined along the channels; asks for sizes as a forward may."""

    def __init__(self):
        super().__init__()
        self.left = cc.Conv2d(1, 2, 3, padding=1)
        self.right = cc.Sequential(cc.Conv2d(3, 2, 5, padding=2), cc.ReLU())

    def forward(self, x, y):
        """How values flow."""
        if x.dim() != 4 or x.size(2) != y.shape[2] or x.size() != x.shape:
            raise AssertionError
        return cc.cat([self.left(x), self.right(y)], dim=1), [x]


def test_state_dict_has_the_names_and_shapes_of_the_report():
    net = cc.Sequential(cc.Conv2d(3, 8, 3), Residual(8), cc.Flatten(), cc.Linear(8 * 36, 10))
    report = cc.analyze(net, (1, 3, 8, 8))
    held = {name: tuple(tensor.shape) for name, tensor in cc.to_torch(net).state_dict().items()}
    assert held == report.tensors
    assert list(held) == list(report.tensors)
    assert "1.unused.weight" in held
    assert "1.bn.num_batches_tracked" in held


def test_the_twin_runs_and_is_in_eval_mode():
    net = cc.Sequential(cc.Conv2d(3, 8, 3), Residual(8), cc.Dropout(0.5))
    twin = cc.to_torch(net)
    assert not any(module.training for module in twin.modules())
    x = torch.rand(2, 3, 8, 8)
    with torch.no_grad():
        assert tuple(twin(x).shape) == cc.analyze(net, (2, 3, 8, 8)).output_shape
        assert torch.equal(twin(x), twin(x))


def test_it_computes_what_the_same_network_in_torch_computes():
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.ReLU(), cc.MaxPool2d(2), cc.Flatten(), cc.Linear(36, 5))
    twin = cc.to_torch(net)
    nn = torch.nn
    own = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5))
    own.load_state_dict(twin.state_dict())
    x = torch.rand(2, 3, 8, 8)
    assert torch.equal(twin(x), own(x))


def test_a_bare_layer_is_torchs_own_layer():
    twin = cc.to_torch(cc.Conv2d(3, 16, 5, stride=2, padding=1))
    assert type(twin) is torch.nn.Conv2d
    assert list(twin.state_dict()) == ["weight", "bias"]
    assert twin.stride == (2, 2)


def test_a_shared_layer_is_shared():
    class Twice(cc.Module):
        def __init__(self):
            super().__init__()
            self.conv = cc.Conv2d(2, 2, 3, padding=1)
            self.again = self.conv

        def forward(self, x):
            return self.again(self.conv(x))

    net = Twice()
    twin = cc.to_torch(net)
    assert twin.conv is twin.again
    assert sum(parameter.numel() for parameter in twin.parameters()) == cc.analyze(net, (1, 2, 5, 5)).params
    assert cc.verify(net, (1, 2, 5, 5)).agrees


def test_frozen_flags_are_mirrored():
    net = cc.Sequential(cc.Conv2d(3, 4, 3), cc.BatchNorm2d(4), cc.Linear(2, 2))
    net[0].requires_grad_(requires_grad=False)
    net[2].bias.requires_grad_(requires_grad=False)
    flags = {name: parameter.requires_grad for name, parameter in cc.to_torch(net).named_parameters()}
    assert [name for name, trained in flags.items() if not trained] == ["0.weight", "0.bias", "2.bias"]


def test_several_inputs_and_nested_outputs():
    twin = cc.to_torch(Joined())
    joined, rest = twin(torch.rand(1, 1, 6, 6), torch.rand(1, 3, 6, 6))
    assert tuple(joined.shape) == (1, 4, 6, 6)
    assert isinstance(rest, list)
    assert cc.verify(Joined(), (1, 1, 6, 6), (1, 3, 6, 6)).agrees


def test_lazy_layers_take_their_channels_from_the_first_input():
    net = cc.Sequential(cc.LazyConv2d(4, 3), cc.ReLU(), cc.Flatten(), cc.LazyLinear(5))
    twin = cc.to_torch(net)
    assert tuple(twin(torch.rand(2, 3, 8, 8)).shape) == (2, 5)
    held = {name: tuple(tensor.shape) for name, tensor in twin.state_dict().items()}
    assert held == cc.analyze(net, (2, 3, 8, 8)).tensors
    assert cc.verify(net, (2, 3, 8, 8)).agrees


def test_a_program_of_steps_has_a_twin():
    steps = [
        Step("a", "body.conv", (Ref("x"),), {}),
        Step("b", add, (Ref("a"), Ref("x")), {}, "body.sum"),
        Step("c", cat, ([Ref("a"), Ref("b")],), {"dim": 1}),
    ]
    program = Program(("x",))
    program.steps += steps
    program.output = Ref("c")
    program.add_path("body.conv", cc.Conv2d(2, 2, 3, padding=1))
    assert list(cc.to_torch(program).state_dict()) == ["body.conv.weight", "body.conv.bias"]
    result = cc.verify(program, (1, 2, 5, 5))
    assert result.agrees
    assert "output shape of body.sum" in [check.what for check in result.checks]


def test_a_layer_that_is_kept_in_a_plain_list_runs_but_is_not_owned():
    class Hidden(cc.Module):
        def __init__(self):
            super().__init__()
            self.layers = [cc.Conv2d(2, 2, 3)]

        def forward(self, x):
            return self.layers[0](x)

    twin = cc.to_torch(Hidden())
    x = torch.rand(1, 2, 6, 6)
    assert torch.equal(twin(x), twin(x))
    assert not twin.state_dict()


def test_hooks_of_containers_run_and_see_tensors():
    twin = cc.to_torch(cc.Sequential(cc.Sequential(cc.Conv2d(1, 2, 3)), cc.ReLU()))
    seen = []
    twin.get_submodule("0").register_forward_hook(lambda _, inputs, output: seen.append((inputs[0].shape, output.shape)))
    twin(torch.rand(1, 1, 5, 5))
    assert seen == [((1, 1, 5, 5), (1, 2, 3, 3))]


def test_a_copy_of_the_twin_stands_alone():
    twin = cc.to_torch(cc.Sequential(cc.Conv2d(1, 2, 3), cc.Sequential(cc.Conv2d(2, 2, 3))))
    other = copy.deepcopy(twin)
    x = torch.rand(1, 1, 6, 6)
    before = twin(x)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    assert torch.equal(twin(x), before)
    assert not torch.equal(other(x), before)


def test_names_that_torchs_module_has_too():
    class Odd(cc.Module):
        def __init__(self):
            super().__init__()
            self.type = cc.Conv2d(1, 1, 1)
            self.half = cc.ReLU()

        def forward(self, x):
            return self.half(self.type(x))

    assert cc.verify(Odd(), (1, 1, 4, 4)).agrees


def test_meta_takes_no_memory():
    twin = cc.to_torch(cc.Linear(1_000_000, 1_000_000), device="meta")
    assert twin.weight.is_meta


@pytest.mark.parametrize(
    ("layer", "argument"),
    [
        (cc.Conv2d("C", 4, 3), "in_channels=C"),
        (cc.Conv2d(3, 4, 3, padding=cc.symbol("p")), "padding=p"),
        (cc.Conv2d(3, 4, (3, "k")), "kernel_size=(3, 'k')"),
        (cc.MaxPool2d("k"), "kernel_size=k"),
    ],
)
def test_symbols_are_refused(layer, argument):
    with pytest.raises(cc.UnsupportedError) as caught:
        cc.to_torch(cc.Sequential(layer))
    assert str(caught.value) == f"0: torch has no symbols; got {argument}; put numbers in: cc.put_in(net, C=3)"


def test_texts_that_torch_takes_are_no_symbols():
    twin = cc.to_torch(cc.Conv2d(3, 4, 3, padding="same", padding_mode="reflect"))
    assert twin.padding == "same"
    assert cc.to_torch(cc.GELU(approximate="tanh")).approximate == "tanh"


def test_a_layer_that_torch_does_not_have():
    class Own(cc.Conv2d):
        torch_name = "NoSuchLayer"

    with pytest.raises(cc.UnsupportedError, match=r"torch .* has no layer of that name; got NoSuchLayer"):
        cc.to_torch(cc.Sequential(Own(1, 1, 1)))


def test_torch_refuses_the_arguments():
    class Own(cc.Linear):
        torch_name = "Conv2d"

    with pytest.raises(cc.DisagreementError, match="0: torch refuses the arguments of a layer that cnncalc accepts; got"):
        cc.to_torch(cc.Sequential(Own(2, 2)))


def test_something_else_than_a_network():
    with pytest.raises(cc.CnncalcError, match="a network is a layer, a Sequential or a Module; got int"):
        cc.to_torch(3)


def test_a_layer_with_a_forward_of_its_own():
    class Standardized(cc.Conv2d):
        def forward(self, x):
            return super().forward(x) + 0 * x.dim()

    with pytest.raises(cc.UnsupportedError, match="put it into a Sequential"):
        cc.to_torch(Standardized(1, 1, 1))


def test_an_error_of_torch_says_where():
    twin = cc.to_torch(cc.Sequential(cc.Sequential(cc.Conv2d(3, 4, 3))))
    with pytest.raises(RuntimeError) as caught:
        twin(torch.rand(1, 2, 8, 8))
    assert caught.value.__notes__ == ["at 0.0"]


def _python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_room_does_not_import_torch():
    code = "import sys, cnncalc as cc, cnncalc.torch_twin; cc.to_torch, cc.verify; print('torch' in sys.modules)"
    assert _python(code).stdout.strip() == "False"


def test_without_torch_the_error_names_the_extra():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import cnncalc as cc\n"
        "for call in (cc.to_torch, lambda net: cc.verify(net, (1, 1, 4, 4))):\n"
        "    try: call(cc.Conv2d(1, 1, 1))\n"
        "    except cc.MissingExtraError as error: print(error)\n"
    )
    lines = _python(code).stdout.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("torch is needed for this and can't be imported") for line in lines)
    assert all(line.endswith('pip install "cnncalc[torch]"') for line in lines)
