"""The public names, and the contract of the design as it is written there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cnncalc as cc
from cnncalc.layers import FAMILIES, FUNCTIONS


@pytest.mark.parametrize("name", cc.__all__)
def test_every_public_name_loads(name):
    assert getattr(cc, name) is not None
    assert name in dir(cc)


def test_names_of_layers_and_functions_are_public():
    for names in (*FAMILIES.values(), *FUNCTIONS.values()):
        assert set(names) <= set(cc.__all__)


def test_a_type_checker_sees_the_same_names():
    """The imports under TYPE_CHECKING name, one by one or by families with *, what __getattr__ loads."""
    tree = ast.parse(Path(cc.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    names, families = set(), set()
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            if alias.name == "*":
                families.add(statement.module.removeprefix("cnncalc.layers."))
            else:
                assert alias.asname == alias.name, "only `name as name` is exported"
                names.add(alias.name)
    assert families == {*FAMILIES, *FUNCTIONS}
    of_families = {name for names_ in (*FAMILIES.values(), *FUNCTIONS.values()) for name in names_}
    assert names | of_families | {"__version__"} == set(cc.__all__)


@pytest.mark.parametrize("name", ["conv9d", "Conv4d", "torch", "_secret", "__wrapped__", ""])
def test_an_unknown_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match="module 'cnncalc' has no attribute"):
        getattr(cc, name)


def test_unknown_names_can_be_probed_and_a_star_import_works():
    assert not hasattr(cc, "Conv4d")
    code = "from cnncalc import *; print(Conv2d.__name__, analyze.__name__, __version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"Conv2d analyze {cc.__version__}\n", "")


# -- the contract, block by block -------------------------------------------------------------------------------

IMAGE = (1, 3, 128, 128)


@pytest.fixture
def conv():
    """The design's layer."""
    return cc.Conv2d(3, 16, 5, stride=2, padding=1)


@pytest.fixture
def net(conv):
    """The design's network."""
    return cc.Sequential(conv, cc.ReLU(), cc.MaxPool2d(2))


def test_a_layer(conv):
    assert conv.output_shape(IMAGE) == (1, 16, 63, 63)
    assert conv.buffers() == {}
    assert conv.macs(IMAGE) == 16 * 63 * 63 * 3 * 5 * 5
    assert {name: tuple(shape) for name, shape in shapes(conv)} == {"weight": (16, 3, 5, 5), "bias": (16,)}


def shapes(module):
    """Name and shape of each parameter, as a dict of shapes or of parameters gives them."""
    found = module.parameters()
    return [(name, getattr(value, "shape", value)) for name, value in found.items()]


def test_a_report(net):
    report = cc.analyze(net, IMAGE)
    assert report.output_shape == (1, 16, 31, 31)
    assert (report.params, report.trainable, report.macs) == (1216, 1216, 4762800)
    assert report.receptive_field.size == (7, 7)
    assert report["0"].output_shape == (1, 16, 63, 63)
    assert json.loads(report.to_json()) == report.to_dict()
    assert "1×16×63×63" in str(report)
    assert report._repr_html_().startswith("<table>")
    assert repr(report) == "<Report of Sequential: (1, 16, 31, 31), 1216 parameters, 4762800 MACs>"


def test_rows_of_containers_too():
    from cnncalc.zoo import resnet18

    report = cc.analyze(resnet18(), (1, 3, 224, 224))
    assert report["layer4"].output_shape == (1, 512, 7, 7)
    assert "layer4.1.conv2" in report
    assert report[""].params == report.params
    assert len(report) == len(list(report))
    with pytest.raises(cc.CnncalcError, match="there is no row of that name; got 'layer5'; did you mean layer"):
        report["layer5"]


def test_a_module_with_a_forward():
    class Block(cc.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = cc.Conv2d(3, 8, 3, padding=1), cc.Conv2d(3, 8, 1)

        def forward(self, x):
            return cc.cat([self.a(x), self.a(x) + self.b(x)], dim=1)

    report = cc.analyze(Block(), IMAGE)
    assert report.output_shape == (1, 16, 128, 128)
    assert report.params == (8 * 27 + 8) + (8 * 3 + 8)


def test_symbols():
    report = cc.analyze(cc.Conv2d("C", "F", "k", stride="s"), ("N", "C", "H", "W"))
    assert str(report.params) == "F·(C·k² + 1)"
    assert cc.Conv2d(3, 8, 3, padding=cc.symbol("p")).output_shape((1, 3, "H", "H"))[2] == cc.symbol("H") + 2 * cc.symbol("p") - 2
    for wrong in ({"kernel_size": "3"}, {"kernel_size": 3, "padding": "sam"}):
        with pytest.raises(cc.CnncalcError):
            cc.Conv2d(3, 8, **wrong)


def test_a_field_at_a_cell(net):
    # Cell (8, 8) of the pool reads 2 cells from 16 on, each 5 wide from 2·16 − 1 on.
    field = cc.receptive_field(net, IMAGE, at=(8, 8))
    assert field.box == ((31, 37), (31, 37))
    assert (field.size, field.stride, field.padding, field.center) == ((7, 7), (4, 4), (1, 1), (2, 2))
    assert field.count == 49
    assert field.cells == (tuple(range(31, 38)),) * 2


def test_the_working(net):
    (line,) = cc.explain(net, IMAGE).of("size", "0")
    assert (line.rule, line.value) == ("⌊(n + 2p − k)/s⌋ + 1", 63)


def test_torchs_side(net):
    import torch

    twin = cc.to_torch(net)
    assert twin(torch.zeros(IMAGE)).shape == (1, 16, 31, 31)
    assert cc.verify(net, IMAGE).agrees


def test_the_written_form_and_json(net):
    read = cc.parse("Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)")
    assert cc.analyze(read, IMAGE).to_dict() == cc.analyze(net, IMAGE).to_dict()
    assert cc.analyze(cc.loads(cc.dumps(net)), IMAGE).to_dict() == cc.analyze(net, IMAGE).to_dict()


def test_every_error_is_a_cnncalc_error():
    errors = [getattr(cc, name) for name in cc.__all__ if name.endswith("Error")]
    assert len(errors) > 5
    assert all(issubclass(error, cc.CnncalcError) for error in errors)


# -- quantities -------------------------------------------------------------------------------------------------


def test_a_quantity_is_an_int_that_knows_what_it_counts(net):
    params = cc.analyze(net, IMAGE).params
    assert isinstance(params, int)
    assert (params + 1, params * 2, params // 2, params % 100, -params) == (1217, 2432, 608, 16, -1216)
    assert type(params + 1) is int
    assert params == 1216
    assert hash(params) == hash(1216)
    assert {1216: "x"}[params] == "x"
    assert (f"{params:,}", f"{params:>6}", str(params), int(params)) == ("1,216", "  1216", "1216", 1216)
    assert json.dumps({"params": params}) == '{"params": 1216}'
    assert [0] * params == [0] * 1216
    assert (params.unit, params.value) == ("parameters", 1216)
    assert "shared tensor once" in params.convention
    assert params.describe().startswith("1,216 parameters (")


def test_a_quantity_in_symbols_is_a_formula():
    macs = cc.analyze(cc.Conv2d(3, 16, 5, padding=2), ("N", 3, "H", "W")).macs
    assert str(macs) == "1200·H·N·W"
    assert macs.unit == "MAC"
    assert macs == 1200 * cc.symbol("H") * cc.symbol("N") * cc.symbol("W")
    assert macs.subs({"N": 1, "H": 10, "W": 10}) == 120000
