"""Broken JSON documents: nothing but a network or an error of ours comes out."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import drop_in
from cnncalc.spec import dumps, loads, parse


class _Block(cc.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = cc.Conv2d(3, 8, 3, padding=1), cc.MaxPool2d(2, return_indices=True)
        self.side = cc.Sequential(cc.Conv2d(3, 8, 1))

    def forward(self, x):
        return cc.cat([self.pool(self.conv(x))[0], self.pool(self.side(x))[0]], dim=1)


class _Owning(cc.Module):
    def __init__(self):
        super().__init__()
        self.conv = cc.Conv2d(3, 4, 1)
        self.again = cc.Conv2d(3, 4, 1)
        self.again.weight = self.conv.weight
        self.scale = cc.Parameter(shape=(4, 1, 1))
        self.register_buffer("index", drop_in.tensor([0, 2]))
        self.weights = drop_in.linspace(0, 1, 16) * 2

    def forward(self, x):
        table = self.conv.weight.flatten(1) + drop_in.zeros(4, 3)
        return (self.conv(x) + self.again(x)) * self.scale * self.weights, cc.layers.named("embedding")(self.index, table)


class _Changing(cc.Module):
    """Copies of an input, of a parameter and of a result, changed in place in part and as a whole."""

    def __init__(self):
        super().__init__()
        self.scale = cc.Parameter(shape=(3, 1, 1))

    def forward(self, x):
        copied, scale = x.clone(), self.scale.clone()
        copied[:, :1].mul_(2)
        scale.add_(1)
        first, *_ = copied.chunk(3, 1)
        whole = first.clone()
        whole += 1
        return copied * scale, first * whole


_FROZEN = cc.Conv2d(3, 3, 1).requires_grad_(requires_grad=False)
DOCUMENTS = (
    dumps(cc.Sequential(_FROZEN, cc.ReLU(), _FROZEN, cc.Conv2d("C", "F", "k", padding=cc.symbol("p") + 1))),
    dumps(cc.Identity(1, a=2)),
    dumps(_Block(), (1, 3, 16, 16)),
    dumps(_Owning(), (1, 3, 16, 16)),
    dumps(_Changing(), (1, 3, 16, 16)),
    dumps(parse("a, b = inputs\ny = Conv2d(3, 3, (1, 1))(a) + b\ny")),
)
ODD = (
    None, True, 0, -1, 3, 1e300, 10**30, "x", "", "0", "a.b", "weight", "__class__", "forward", "_children", "steps", [], {},
    [[]], {"ref": "v1"}, {"ref": "v1", "index": 0}, {"ref": "v1", "index": -1}, {"ref": "input"}, {"tuple": []}, {"tuple": 3},
    {"tuple": [{"ref": "input"}]}, {"symbol": "q"}, {"symbol": "q q"}, {"same_as": 0}, {"same_as": 99}, {"layer": "ReLU"},
    {"layer": []}, {"layer": "Conv2d", "arguments": {"x": 1}}, {"children": []}, {"children": [["a", {"layer": "ReLU"}]]},
    {"children": [], "steps": 5}, {"expression": 3}, {"expression": "H**2"}, {"expression": "H**99"}, [["0", None]],
    {"expression": "H//0"}, {"expression": "2*H", "minima": 3}, {"expression": "2*H", "minima": {"H": -1, "q": "x"}},
    [["a", {"same_as": 0}]],
    {"tensor": 0}, {"tensor": 9}, {"made": "pow", "inputs": {"tuple": [{"tensor": 0}, 10**9]}, "call": {}}, {"x": 0}, {"x": 1},
    {"made": "zeros", "inputs": {"tuple": [[10**9, 10**9]]}, "call": {}}, {"shape": [3, -1]}, {"dtype": "int64"}, "ones", "to",
    {"dict": [["a", {"ref": "v1"}]]}, {"_parameters": 0}, {"conv.weight": 0},
    *([f"v{number}"] for number in range(1, 8)), {"ref": "v5"}, {"tuple": [{"ref": "v5"}]}, "add_",
)  # fmt: skip
KEYS = ("steps", "inputs", "output", "frozen", "sequential", "same_as", "*", "index", "call", "path", "module", "function",
        "tensors", "tensor", "parameters", "buffers", "unsaved", "made", "shape", "type", "copied", "changed_copies")  # fmt: skip


def places(data):
    """Every container with each of its keys."""
    found = []
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        found.append((data, key))
        if isinstance(value, (dict, list)):
            found += places(value)
    return found


@st.composite
def broken(draw):
    """A document with up to three places changed."""
    data = json.loads(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(data)))
        how = draw(st.sampled_from(("replace", "replace", "remove", "add")))
        if how == "remove":
            del container[key]
        elif how == "replace":
            container[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif isinstance(container, dict):
            container[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(ODD)))
        else:
            container.insert(key, copy.deepcopy(draw(st.sampled_from(ODD))))
        if not data:
            break
    return json.dumps(data)


@given(broken())
def test_a_broken_document_gives_a_network_or_an_error_of_ours(text):
    try:
        net = loads(text)
    except cc.CnncalcError:
        return
    for shapes in ([(1, 3, 16, 16)], [(1, 3, 16, 16), (1, 3, 16, 16)]):
        try:
            str(cc.analyze(net, *shapes))
            str(cc.explain(net, *shapes))
            dumps(net)
        except cc.CnncalcError:
            continue


@given(st.text())
def test_any_text_is_refused(text):
    with pytest.raises(cc.SpecError):
        loads(text)


@given(st.recursive(st.sampled_from(ODD), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner)))
def test_any_json_is_a_network_or_refused(network):
    try:
        loads(json.dumps({"format": "cnncalc.network/1", "network": network}))
    except cc.CnncalcError:
        return


def network_of(**parts):
    """A document of a program with one step, some parts of it replaced."""
    step = {"result": "v1", "module": "relu", "inputs": {"tuple": [{"ref": "x"}]}, "call": {}, "path": ""} | parts.pop("step", {})
    network = {"children": [["relu", {"layer": "ReLU"}]], "inputs": ["x"], "steps": [step], "output": {"ref": "v1"}} | parts
    return json.dumps({"format": "cnncalc.network/1", "network": network})


def test_this_document_is_fine():
    assert cc.analyze(loads(network_of()), (1, 2)).output_shape == (1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the document is not JSON"),
        ("[" * 100_000, "the document is not JSON"),
        ("[]", "the document's format must be \"cnncalc.network/1\"; got 'list'"),
        ('{"format": "other"}', "the document's format must be \"cnncalc.network/1\"; got 'other'"),
        (3, "a document is text of at most 50,000,000 characters"),
        (network_of(children=3), "document: children must be a list; got 3"),
        (network_of(children=[["a"]]), "document: a child is a pair of name and module; got ['a']"),
        (network_of(children=[["forward", {"layer": "ReLU"}]]), "document (Program): a child can't be called as"),
        (network_of(children=[["r", {"layer": "Relu"}]]), "document: there is no layer of that name; got 'Relu'"),
        (network_of(children=[["r", {"layer": "ReLU", "arguments": []}]]), "document: arguments must be an object; got []"),
        (network_of(children=[["r", {"layer": "ReLU", "frozen": ["weight"]}]]), "document: frozen must list parameters"),
        (network_of(children=[["r", {"same_as": 0}]]), "document: same_as must number an earlier module; got 0"),
        (network_of(inputs=[]), "document: inputs must be a list of names; got []"),
        (network_of(inputs=["x", "x"]), "document: each input needs a name of its own"),
        (network_of(steps=None), "document: steps must be a list; got None"),
        (network_of(step={"module": "tanh"}), "document: there is no module of that name; got 'tanh'"),
        (network_of(step={"function": "eval"}), "document: there is no function of that name; got 'eval'"),
        (network_of(step={"inputs": {"tuple": [{"ref": "v9"}]}}), "document: a step may refer to earlier results only; got 'v9'"),
        (network_of(step={"inputs": []}), "document: the inputs of a step are a tuple"),
        (network_of(output={"ref": "y"}), "document: a step may refer to earlier results only; got 'y'"),
        (network_of(output={"ref": "v1", "index": "0"}), "document: an index counts outputs from 0; got '0'"),
        (network_of(output={"code": "1"}), "document: this value can't be read; got {'code': '1'}"),
    ],
)
def test_a_mistake_is_explained(text, message):
    with pytest.raises(cc.CnncalcError) as caught:
        loads(text)
    assert str(caught.value).startswith(message)


def test_deep_nesting_is_refused():
    network = {"layer": "ReLU"}
    for _ in range(200):
        network = {"sequential": True, "children": [["0", network]]}
    with pytest.raises(cc.SpecError, match="a module is an object"):
        loads(json.dumps({"format": "cnncalc.network/1", "network": network}))
