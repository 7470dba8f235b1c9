"""torch's places for cnncalc's names: what a source written for torch may import, and what it then gets."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
import cnncalc.nn.functional as F  # noqa: N812 - torch's custom
from cnncalc import drop_in, nn
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named

IMAGE = (2, 3, 8, 8)


class Around(cc.Module):
    """A network whose forward is a function."""

    def __init__(self, function, **attributes):
        super().__init__()
        self.function = function
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x):
        """What the function makes of it."""
        return self.function(self, x)


def shape_of(function, *shapes, **attributes):
    return cc.analyze(Around(function, **attributes), *(shapes or (IMAGE,))).output_shape


# -- names ------------------------------------------------------------------------------------------------------


def test_nn_has_every_layer_and_container():
    assert {*LAYER_NAMES, "Module", "Sequential", "ModuleList", "ModuleDict", "Parameter", "ParameterList"} <= set(dir(nn))
    assert all(getattr(nn, name) is getattr(cc, name) for name in LAYER_NAMES)
    assert nn.modules.batchnorm.BatchNorm2d is cc.BatchNorm2d
    assert issubclass(nn.BatchNorm2d, nn.modules.batchnorm._BatchNorm)
    assert issubclass(nn.InstanceNorm2d, nn.modules.instancenorm._InstanceNorm)
    assert nn.parameter.Parameter is nn.Parameter


@pytest.mark.parametrize(("module", "place"), [(F, "functional"), (drop_in, "torch")])
def test_functions_are_where_torch_has_them(module, place):
    for name in FUNCTION_NAMES:
        if place in named(name).found_in:
            assert getattr(module, name) is named(name), name
            assert name in dir(module)
    assert drop_in.nn is nn


def test_every_name_is_one_of_torch():
    torch = pytest.importorskip("torch")
    for ours, theirs in (
        (nn, torch.nn),
        (F, torch.nn.functional),
        (nn.init, torch.nn.init),
        (drop_in, torch),
        (drop_in.jit, torch.jit),
        (drop_in.fx, torch.fx),
        (drop_in.utils.checkpoint, torch.utils.checkpoint),
    ):
        for name in getattr(ours, "__all__", dir(ours)):
            assert hasattr(theirs, name), (ours.__name__, name)
            getattr(ours, name)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn, "torch.nn.Nonsense"),
        (F, "torch.nn.functional.nonsense"),
        (nn.init, "torch.nn.init.nonsense_"),
        (drop_in, "torch.nonsense"),
        (drop_in.jit, "torch.jit.nonsense"),
    ],
)
def test_an_unknown_name_is_refused_by_name(module, name):
    last = name.rpartition(".")[2]
    with pytest.raises(cc.UnknownNameError, match=rf"^{name} is not known to cnncalc"):
        getattr(module, last)
    assert not hasattr(module, last)
    assert not hasattr(module, "__nonsense__")


def test_initialisers_do_nothing_and_give_their_tensor_back():
    weight = nn.Conv2d(3, 8, 3).weight
    assert nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu") is weight
    assert nn.init.constant_(weight, 0) is weight
    assert nn.init._calculate_fan_in_and_fan_out(weight) == (27, 72)


def test_gains_are_those_of_torch():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "selu", "leaky_relu"):
        assert math.isclose(nn.init.calculate_gain(name), torch.nn.init.calculate_gain(name))
    assert nn.init.calculate_gain("leaky_relu", 0.2) == torch.nn.init.calculate_gain("leaky_relu", 0.2)
    with pytest.raises(cc.ArgumentError, match="nonsense"):
        nn.init.calculate_gain("nonsense")


# -- what does nothing ------------------------------------------------------------------------------------------


def test_decorators_and_contexts_change_nothing():
    def function(value):
        return value

    jit = drop_in.jit
    for decorate in (
        jit.script,
        jit.unused,
        jit.ignore,
        jit.ignore(drop=True),
        jit.export,
        jit._overload_method,
        drop_in.no_grad,
        drop_in.compile,
        drop_in.compile(mode="default"),
        drop_in.fx.wrap,
        drop_in.amp.custom_fwd,
    ):
        assert decorate(function) is function
    assert drop_in.no_grad()(function)(3) == 3
    with drop_in.no_grad(), drop_in.autocast("cuda", enabled=False), drop_in.inference_mode(), drop_in.set_grad_enabled(False):
        assert not drop_in.is_grad_enabled()
    assert not jit.is_scripting()
    assert not jit.is_tracing()
    assert not drop_in.cuda.is_available()
    assert drop_in.manual_seed(0) is None


def test_a_checkpoint_is_a_plain_call():
    checkpoint = drop_in.utils.checkpoint

    def forward(net, x):
        x = checkpoint.checkpoint(net.layer, x, use_reentrant=False)
        return checkpoint.checkpoint_sequential([net.layer, net.layer], 2, x)

    assert shape_of(forward, layer=nn.Conv2d(3, 3, 3)) == (2, 3, 2, 2)


def test_a_value_is_a_tensor():
    def forward(net, x):
        assert isinstance(x, drop_in.Tensor)
        assert drop_in.is_tensor(x)
        assert isinstance(net.scale, drop_in.Tensor)
        assert isinstance(x.shape, drop_in.Size)
        assert not isinstance([x], drop_in.Tensor)
        return net.layer(x)

    assert shape_of(forward, scale=nn.Parameter(drop_in.ones(3)), layer=nn.Conv2d(3, 3, 3)) == (2, 3, 6, 6)


# -- conditions and values --------------------------------------------------------------------------------------


def test_an_assertion_is_demanded_of_numbers_and_recorded_of_symbols():
    def forward(net, x):
        drop_in._assert(x.shape[2] == 8, "Wrong image height!")
        return net.layer(x)

    assert shape_of(forward, layer=nn.Conv2d(3, 3, 3)) == (2, 3, 6, 6)
    with pytest.raises(cc.ShapeError, match="Wrong image height!"):
        shape_of(forward, (2, 3, 9, 9), layer=nn.Conv2d(3, 3, 3))
    conditions = cc.analyze(Around(forward, layer=nn.Conv2d(3, 3, 3)), ("N", 3, "H", "W")).conditions
    assert any("Wrong image height!" in str(condition) for condition in conditions)


def test_values_are_refused_by_name():
    for ask in ("item", "tolist", "numpy"):
        with pytest.raises(cc.UnsupportedError, match=rf"{ask}\(\)"):
            shape_of(lambda _, x, ask=ask: getattr(x, ask)())
    with pytest.raises(cc.UnsupportedError, match="branch on the values"):
        shape_of(lambda _, x: x or x)
    with pytest.raises(cc.UnsupportedError, match=r"item\(\)"):
        drop_in.rand(1).item()


def test_a_branch_on_an_undecided_symbol_names_its_line():
    def forward(net, x):
        return net.layer(x) if x.shape[-1] > 16 else x

    with pytest.raises(cc.UndecidedError, match=r"test_drop_in\.py, line \d+, in forward"):
        shape_of(forward, ("N", 3, "H", "W"), layer=nn.Conv2d(3, 3, 3))


# -- constants --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "zeros(2, 3)",
        "zeros((2, 3))",
        "zeros(3, dtype=torch.long)",
        "ones(4, 1, 1) * 1e-6",
        "full((2, 2), 3)",
        "full((2,), 0.1)",
        "arange(5)",
        "arange(2, 9, 3)",
        "arange(0, 1, 0.3)",
        "arange(3, dtype=torch.float32)",
        "arange(5, 0, -2)",
        "tensor([[1, 2], [3, 4]])",
        "tensor([0.1, 2])",
        "tensor(3)",
        "linspace(1, 2, 1)",
        "arange(4)[1:]",
        "arange(4)[-1]",
        "tensor([[1, 2], [3, 4]])[0]",
        "arange(4) * 2.5 + 8",
        "(arange(6) * 36.44 + 48) / 48",
        "8 - arange(3)",
        "arange(1, 4) ** 2",
        "arange(7) / 2",
        "arange(7) // 2",
        "round(arange(7) / 2)",
        "sqrt(arange(4))",
        "-arange(3)",
        "diff(tensor([0, 2, 5]))",
        "(arange(4) * 1.7).int()",
        "(arange(4) * 1.7).to(torch.int64)",
        "arange(3).float()",
        "abs(arange(3) - 2)",
    ],
)
def test_constants_have_the_numbers_of_torch(call):
    torch = pytest.importorskip("torch")

    def evaluated(place):
        names = {name: getattr(place, name) for name in call.replace("(", " ").split() if hasattr(place, name)}
        names |= {name: getattr(place, name) for name in ("arange", "tensor", "ones")}
        return eval(call, {"torch": place, **names})  # noqa: S307 - the calls stand above

    ours, theirs = evaluated(drop_in), evaluated(torch)
    assert ours.shape == tuple(theirs.shape)
    assert ours.tolist() == theirs.tolist()


@given(st.floats(-100, 100, width=32), st.floats(-100, 100, width=32), st.integers(1, 40))
def test_linspace_is_that_of_torch_up_to_the_last_place(start, end, steps):
    torch = pytest.importorskip("torch")
    last_place = 2**-22 * max(abs(start), abs(end), abs(end - start))
    assert drop_in.linspace(start, end, steps).tolist() == pytest.approx(
        torch.linspace(start, end, steps).tolist(), rel=0, abs=last_place
    )


@pytest.mark.parametrize("name", ["rand", "randn", "empty"])
def test_random_and_empty_tensors_have_a_shape_alone(name):
    made = getattr(drop_in, name)(2, 3)
    assert made.shape == (2, 3)
    with pytest.raises(cc.UnsupportedError, match="not known"):
        made.tolist()


def test_numbers_changed_in_place_are_unknown_in_every_view():
    whole = drop_in.arange(4)
    part = whole[1:]
    nn.init.uniform_(part)
    for tensor in (whole, part):
        with pytest.raises(cc.UnsupportedError, match="not known"):
            tensor.tolist()


def test_constants_are_used_in_a_forward():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(drop_in.ones(3, 1, 1) * 1e-6)
            self.register_buffer("mask", drop_in.zeros(8, 8))
            self.offset = drop_in.zeros(3, 1, 1)

        def forward(self, x):
            return x + self.scale + self.mask + self.offset + drop_in.zeros_like(x) + drop_in.ones(x.shape[0], 1, 1, 1)

    report = cc.analyze(Net(), IMAGE)
    assert report.output_shape == IMAGE
    assert report.tensors == {"scale": (3, 1, 1), "mask": (8, 8)}
    assert report.receptive_field.size == (1, 1)
    assert str(cc.analyze(Net(), ("N", 3, 8, 8)).output_shape) == "(N, 3, 8, 8)"
    pytest.importorskip("torch")
    assert cc.verify(Net(), IMAGE).agrees


def test_an_old_tensor_makes_a_parameter():
    assert nn.Parameter(drop_in.Tensor(3, 4)).shape == (3, 4)
    assert drop_in.Tensor([1, 2]).shape == (2,)


def test_a_constant_changed_in_place_by_a_value_is_refused():
    def added(_, x):
        noise = drop_in.zeros_like(x)
        noise.add_(x)
        return x + noise

    def written(_, x):
        noise = drop_in.zeros_like(x)
        noise[:, 0] = x
        return x + noise

    def by_operator(_, x):
        noise = drop_in.zeros_like(x)
        noise += x
        return x + noise

    for function in (added, written, by_operator):
        with pytest.raises(cc.UnsupportedError, match="changed in place by a value of the network"):
            shape_of(function)


def test_functions_of_constants_alone_are_refused_for_values():
    with pytest.raises(cc.UnsupportedError, match=r"diff\(\)"):
        shape_of(lambda _, x: drop_in.diff(x))


def test_a_network_with_parameters_of_its_own_is_written_down_whole():
    def forward(net, x):
        return x + net.scale

    net = Around(forward, scale=nn.Parameter(drop_in.ones(3, 1, 1)))
    again = cc.analyze(cc.loads(cc.dumps(net, IMAGE)), IMAGE)
    assert again.params == 3
    assert again.tensors == {"scale": (3, 1, 1)}
    assert again.output_shape == cc.analyze(net, IMAGE).output_shape
