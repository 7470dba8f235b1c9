"""Named conventions: what cnncalc says another tool prints is what that tool prints, on every class of layers and on networks."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import strategies
import tools_side
import torch_side
from drawing.counted import LAYERS
from drawing.networks import networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_every_layer import NAMES, make
from tools_side import NOT_TOLD, TRACER, printed, told
from torchvision_side import arguments, torchvision
from torchvision_source import dropped_in

import cnncalc as cc
from cnncalc.analyses.tools import TOOLS
from cnncalc.layers import named
from cnncalc.layers.lazy import Lazy

torch = pytest.importorskip("torch")

#: Each tool that is installed: calflops asks for so much that only the project's own check brings it.
INSTALLED = [tool for tool in TOOLS if tool != "calflops" or find_spec("calflops")]
every_tool = pytest.mark.parametrize("tool", INSTALLED)
FEW = settings(max_examples=8, suppress_health_check=list(HealthCheck))


# -- single layers ----------------------------------------------------------------------------------------------

#: The layers that convolutional networks are made of: their totals are always told.
ALL_TOLD = {"Linear", "BatchNorm2d", "ReLU", "MaxPool2d", "AdaptiveAvgPool2d", "ConvTranspose2d", "Upsample", "LayerNorm"}


def of_kind(name, place, case):
    """The layer of a case, or one of a user's subclass of that name."""
    kind = getattr(place, case.name)
    return (type(name, (kind,), {}) if name else kind)(*case.args, **case.kwargs)


@every_tool
@pytest.mark.parametrize("name", [name for name in NAMES if not issubclass(named(name), Lazy)])
@FEW
@given(data=st.data())
def test_every_class_of_layers_counts_as_the_tool_counts_it(tool, name, data):
    case = data.draw(strategies.valid(name))
    if case.call or len(case.inputs) > 1:
        return
    kind = data.draw(st.sampled_from(("", "", "Own", "OwnConv")))
    with torch_side.quiet():
        wanted = printed(tool, of_kind(kind, torch.nn, case).eval(), *torch_side.tensors_of(case))
    ours = told(of_kind(kind, cc, case), tool, *case.inputs)
    if isinstance(ours, cc.UnsupportedError):
        assert isinstance(wanted, Exception) or (NOT_TOLD.search(str(ours)) and name not in ALL_TOLD)
    elif not isinstance(wanted, Exception):
        assert ours == wanted
    else:
        assert TRACER in str(wanted)


class Holding(cc.Module):
    """One layer, and a parameter, since calflops fails on networks without."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.scale = cc.Parameter(shape=(1,))

    def forward(self, *inputs, **by_name):
        """The layer alone."""
        return self.layer(*inputs, *by_name.values())


@every_tool
def test_fixed_layers_of_lengths_that_differ(tool):
    """Every rule of the tool, on lengths among which no factor can hide."""
    told_of = 0
    for case in LAYERS:
        with torch_side.quiet():
            wanted = printed(tool, cc.to_torch(Holding(make(case))), *torch_side.tensors_of(case))
        ours = told(Holding(make(case)), tool, *case.inputs)
        if isinstance(ours, cc.UnsupportedError):
            assert isinstance(wanted, Exception) or NOT_TOLD.search(str(ours)), (case, wanted, str(ours))
        else:
            assert ours == wanted, case
            told_of += 1
    assert told_of > len(LAYERS) // 2


@every_tool
def test_a_lazy_layer_is_refused_but_where_it_runs_like_any_other(tool):
    ours = told(cc.Sequential(cc.LazyConv2d(4, 3)), tool, (1, 3, 8, 8))
    assert ours == 4 * 36 * 27 if tool == "torchvision" else "lazy layer" in str(ours)


# -- networks ---------------------------------------------------------------------------------------------------


@every_tool
@FEW
@given(network=networks())
def test_networks_with_branches_and_shared_layers(tool, network):
    wanted = printed(tool, cc.to_torch(network.module), torch.zeros(network.shape))
    ours = told(network.module, tool, network.shape)
    assert isinstance(wanted, Exception) if isinstance(ours, cc.UnsupportedError) else ours == wanted


MODELS = [
    ("resnet", "resnet50"),
    ("densenet", "densenet121"),
    ("mobilenetv2", "mobilenet_v2"),
    ("mobilenetv3", "mobilenet_v3_small"),
    ("shufflenetv2", "shufflenet_v2_x0_5"),
    ("squeezenet", "squeezenet1_1"),
    ("googlenet", "googlenet"),
    ("efficientnet", "efficientnet_b0"),
    ("convnext", "convnext_tiny"),
    ("regnet", "regnet_y_400mf"),
]


@every_tool
@pytest.mark.parametrize(("file", "name"), MODELS)
def test_torchvisions_models(tool, file, name):
    """Our reading of torchvision's source, and the tool on torchvision's own model."""
    with torch_side.quiet():
        model = torchvision().models.get_model(name, weights=None, **arguments(name)).eval()
    wanted = printed(tool, model, torch.zeros(1, 3, 64, 64))
    ours = told(getattr(dropped_in(f"models.{file}"), name)(**arguments(name)), tool, (1, 3, 64, 64))
    assert ours == wanted


#: 10⁹, at 224 pixels: what the tools were measured to print, once, by hand.
MEASURED = {
    ("resnet", "resnet50"): {"torchvision": 4.089, "calflops": 4.089, "fvcore": 4.112, "ptflops": 4.132, "thop": 4.134},
    ("densenet", "densenet121"): {"torchvision": 2.834, "calflops": 2.834, "fvcore": 2.866, "ptflops": 2.900, "thop": 2.897},
    ("mobilenetv2", "mobilenet_v2"): {"torchvision": 0.301, "fvcore": 0.314, "ptflops": 0.320, "thop": 0.327, "torchinfo": 0.301},
}


@pytest.mark.parametrize(("file", "name"), MEASURED)
def test_measured_totals(file, name):
    report = cc.analyze(getattr(dropped_in(f"models.{file}"), name)(), (1, 3, 224, 224))
    found = {tool: round(report.as_counted_by(tool).total / 1e9, 3) for tool in MEASURED[file, name]}
    assert found == MEASURED[file, name]


# -- functions and operators ------------------------------------------------------------------------------------


@every_tool
def test_every_function_counts_as_the_tool_counts_it(tool):
    """Each tool in a process of its own, since they leave torch patched."""
    script = Path(tools_side.__file__).with_name("functions_as_counted.py")
    run = subprocess.run([sys.executable, script, tool], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["differences"] == {}
    assert found["compared"] > found["functions"] // 2  # most totals are told, and not refused


class Functions(cc.Module):
    """Products and sums by name and by operator, functions of layers, resampling."""

    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(3, 6, 3, padding=1)

    def forward(self, x):
        """Each of them once."""
        x = self.conv(x)
        x = x * 2 + x
        x = named("add")(x, x)
        x = named("mul")(x, x)
        x += x
        y = x @ x.transpose(2, 3)
        y = named("matmul")(y, y)
        x = named("interpolate")(x, scale_factor=2)
        x = named("interpolate")(x, scale_factor=(0.5, 0.5), mode="bilinear")
        x = named("interpolate")(x, size=(8, 8), mode="area")
        return named("cat")([x, y], 1).flatten(1)


class Shared(cc.Module):
    """One layer under two containers: a walk over children meets it twice."""

    def __init__(self):
        super().__init__()
        conv = cc.Conv2d(3, 3, 3, padding=1)
        self.left = cc.Sequential(conv, cc.ReLU())
        self.right = cc.Sequential(conv, cc.BatchNorm2d(3))

    def forward(self, x):
        """The layer twice."""
        return self.left(x) + self.right(x)


class Weights(cc.Module):
    """Parameters by names that a tool looks at, and a function that takes one of them."""

    def __init__(self):
        super().__init__()
        self.weight = cc.Parameter(shape=(4, 3, 3, 3))
        self.bias = cc.Parameter(shape=(4,))
        self.second_weight = cc.Parameter(shape=(5,))
        self.scale = cc.Parameter(shape=(7,))

    def forward(self, x):
        """A convolution."""
        return named("conv2d")(x, self.weight, self.bias)


class WithWeights(cc.Module):
    """A module without children that owns parameters, beside a layer."""

    def __init__(self):
        super().__init__()
        self.own = Weights()
        self.norm = cc.BatchNorm2d(4)

    def forward(self, x):
        """One after the other."""
        return self.norm(self.own(x))


@every_tool
@pytest.mark.parametrize("network", [Functions, Shared, WithWeights])
@pytest.mark.parametrize("batch", [1, 2])
def test_functions_operators_and_shared_layers(tool, network, batch):
    shape = (batch, 3, 8, 8)
    ours, wanted = told(network(), tool, shape), printed(tool, cc.to_torch(network()), torch.zeros(shape))
    if (tool, network, batch) == ("calflops", Functions, 1):
        assert isinstance(wanted, TypeError)  # it takes the length of the batch for that of a tuple of scales
        assert "calflops fails on a scale for each axis" in str(ours)
    else:
        assert ours == wanted


# -- answers and refusals ---------------------------------------------------------------------------------------

NET = cc.Sequential(cc.Conv2d(3, 8, 3), cc.BatchNorm2d(8), cc.ReLU(), cc.AdaptiveAvgPool2d(1))


@every_tool
def test_a_total_is_a_formula_for_symbols(tool):
    from cnncalc.sizes import substitute

    formula = cc.analyze(NET, (2, 3, "H", "W")).as_counted_by(tool).total.value
    for height, width in ((9, 12), (30, 3)):
        numbers = cc.analyze(NET, (2, 3, height, width)).as_counted_by(tool).total
        assert substitute(formula, {"H": height, "W": width}) == numbers


@every_tool
def test_an_answer_says_what_it_is(tool):
    counted = cc.analyze(NET, (1, 3, 8, 8)).as_counted_by(tool)
    assert counted.tool == tool
    assert counted.total.convention == f"as {tool} {TOOLS[tool].version} counts"
    assert "\n" not in counted.why
    assert set(counted.to_dict()) == {"total", "unit", "convention", "why"}


def test_an_unknown_tool_is_refused():
    with pytest.raises(cc.ArgumentError) as caught:
        cc.analyze(NET, (1, 3, 8, 8)).as_counted_by("fvcor")
    assert str(caught.value) == (
        "the tool must be one of torchinfo, fvcore, ptflops, thop, calflops, torchvision; got 'fvcor'; did you mean fvcore?"
    )
