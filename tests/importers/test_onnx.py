"""ONNX files: torchvision's models exported by torch, graphs written by hand, and files that mean harm.

Two oracles: ONNX's own inference of shapes for every tensor in the graph, and the torch model that a file was made of.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torchvision_side import arguments, torchvision

import cnncalc as cc

onnx = pytest.importorskip("onnx")
torch = pytest.importorskip("torch")
from onnx import TensorProto, helper  # noqa: E402 - the test is skipped without it

WALK = settings(max_examples=max(settings.default.max_examples // 8, 10))
EXPORTED = ["squeezenet1_1", "shufflenet_v2_x0_5"]


@cache
def exported(name, folder):
    """The model, with numbers that all differ so that none are shared, and the file that torch makes of it."""
    import warnings

    model = torchvision().models.get_model(name, weights=None, **arguments(name)).eval()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1)
    path = folder / f"{name}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.zeros(1, 3, 64, 64),),
            path,
            dynamo=False,
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.EVAL,
        )
    return model, path


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the files are written."""
    return tmp_path_factory.mktemp("onnx")


def inferred(model):
    """The shape of every tensor of floats that ONNX's inference knows."""
    found = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {}
    for value in (*found.graph.value_info, *found.graph.output):
        kind = value.type.tensor_type
        if kind.elem_type == TensorProto.FLOAT and all(dim.HasField("dim_value") for dim in kind.shape.dim):
            shapes[value.name] = tuple(dim.dim_value for dim in kind.shape.dim)
    return shapes


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_model_equals_torch_and_onnx(name, folder):
    model, path = exported(name, folder)
    shape = (1, 3, 64, 64)
    report = cc.analyze(cc.from_onnx(path), shape)
    torchs = cc.analyze(model, shape)
    assert not report.partial
    assert report.output_shape == torchs.output_shape
    assert report.macs == torchs.macs
    assert report.params == torchs.params
    assert report.buffers + len([name for name in torchs.tensors if name.endswith("num_batches_tracked")]) == torchs.buffers
    file = onnx.load(path)
    shapes = inferred(file)
    # Every tensor of the graph is made an output: each has the shape that ONNX infers.
    names = [name for node in file.graph.node for name in node.output if name in shapes]
    names = [name for name in names if name not in {value.name for value in file.graph.output}]
    constants = {out for node in file.graph.node if node.op_type == "Constant" for out in node.output}
    names = [name for name in names if name not in constants]
    file.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    path = folder / f"{name}_all.onnx"
    onnx.save(file, path)
    found = cc.analyze(cc.from_onnx(path), shape).output_shape
    assert dict(zip(names, found[1:], strict=True)) == {name: shapes[name] for name in names}
    assert len(names) > 30


def test_symbols_and_fields_of_an_exported_model(folder):
    model, path = exported("squeezenet1_1", folder)
    network = cc.from_onnx(path)
    assert cc.analyze(network, ("N", 3, "H", "W"))["features.3.squeeze"].output_shape[0] == cc.symbol("N")
    ours = cc.receptive_field(network, (1, 3, 64, 64), of="features.3.expand3x3")
    assert ours.size == cc.receptive_field(model, (1, 3, 64, 64), of="features.3.expand3x3").size == (15, 15)
    cc.verify(network, (1, 3, 64, 64)).raise_for_disagreement()


def test_the_command_takes_a_file(folder, capsys):
    from cnncalc import cli

    _, path = exported("squeezenet1_1", folder)
    with pytest.raises(SystemExit) as exited:
        cli.main(["summary", str(path), "--input", "1x3x64x64", "--format", "json"])
    assert exited.value.code == 0
    assert json.loads(capsys.readouterr().out)["params"] == 1235496


# -- graphs written by hand -------------------------------------------------------------------------------------


def written(folder, nodes, shape, tensors=(), outputs=("y",), name="net"):
    """A file of some nodes on one input x."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None) for output in outputs],
        [helper.make_tensor(key, kind, dims, values) for key, kind, dims, values in tensors],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    return path, model


@st.composite
def windows(draw):
    """A convolution, a transposed one or a pool on one or two axes, and an input."""
    rank = draw(st.integers(1, 2))
    each = st.lists(st.integers(1, 3), min_size=rank, max_size=rank)
    kernel, strides = draw(each), draw(each)
    kind = draw(st.sampled_from(["Conv", "ConvTranspose", "MaxPool", "AveragePool"]))
    attributes = {"kernel_shape": kernel, "strides": strides}
    pads = draw(st.lists(st.integers(0, 2), min_size=rank, max_size=rank))
    if kind in {"MaxPool", "AveragePool"}:
        pads = [min(pad, k // 2) for pad, k in zip(pads, kernel, strict=True)]
    after = [draw(st.integers(0, 1)) + pad for pad in pads] if kind in {"Conv", "MaxPool"} else pads
    mode = draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"])) if kind != "ConvTranspose" else "NOTSET"
    if mode == "NOTSET":
        attributes["pads"] = [*pads, *after]
    else:
        attributes["auto_pad"] = mode
    if kind in {"Conv", "ConvTranspose", "MaxPool"}:
        attributes["dilations"] = draw(each)
    return kind, attributes, (2, 4, *draw(st.lists(st.integers(1, 12), min_size=rank, max_size=rank)))


@WALK
@given(case=windows())
def test_windows_equal_onnx(case, folder):
    kind, attributes, shape = case
    weight = (4, 6) if kind == "ConvTranspose" else (6, 4)
    dims = [*weight, *attributes["kernel_shape"]]
    size = 24
    for k in attributes["kernel_shape"]:
        size *= k
    has_weight = kind.startswith("Conv")
    tensors = [("c.weight", TensorProto.FLOAT, dims, [0.0] * size)] if has_weight else []
    node = helper.make_node(kind, ["x", "c.weight"] if has_weight else ["x"], ["y"], **attributes)
    path, model = written(folder, [node], shape, tensors, name="window")
    try:
        theirs = inferred(onnx.shape_inference.infer_shapes(model, strict_mode=True)).get("y")
    except onnx.shape_inference.InferenceError:
        theirs = None
    assume(theirs is not None and all(n > 0 for n in theirs))
    if kind != "ConvTranspose" and attributes.get("auto_pad", "VALID") == "VALID":
        # Where a window does not fit, ONNX rounds towards 0, and torch refuses.
        rank = len(shape) - 2
        pads = attributes.get("pads", [0] * (2 * rank))
        around = [a + b for a, b in zip(pads[:rank], pads[rank:], strict=True)]
        spans = zip(shape[2:], around, attributes["kernel_shape"], attributes.get("dilations", [1] * rank), strict=True)
        assume(all(n + both > d * (k - 1) for n, both, k, d in spans))
    report = cc.analyze(cc.from_onnx(path), shape)
    assert report.output_shape == theirs
    assert report.params == (size if has_weight else 0)


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "pad", "length"), [(3, 2, 2, 1, 2), (9, 4, 4, 2, 3), (5, 2, 2, 1, 3), (4, 3, 4, 1, 2)]
)
def test_ceil_mode_drops_a_window_that_starts_in_the_right_padding(n, kernel, stride, pad, length, folder):
    """As torch, from which such files come, and ONNX's own evaluation have it; its inference of shapes (1.23) counts one more."""
    attributes = {"kernel_shape": [kernel], "strides": [stride], "pads": [pad, pad], "ceil_mode": 1}
    path, model = written(folder, [helper.make_node("MaxPool", ["x"], ["y"], **attributes)], (1, 1, n), [], name="ceil")
    reference = pytest.importorskip("onnx.reference").ReferenceEvaluator(model)
    assert reference.run(None, {"x": np.zeros((1, 1, n), np.float32)})[0].shape == (1, 1, length)
    assert torch.nn.MaxPool1d(kernel, stride, pad, ceil_mode=True)(torch.zeros(1, 1, n)).shape == (1, 1, length)
    assert cc.analyze(cc.from_onnx(path), (1, 1, n)).output_shape == (1, 1, length)


def test_an_operator_that_is_not_known_leaves_a_partial_report(folder):
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="first"),
        helper.make_node("ThresholdedRelu", ["a"], ["y"], name="odd"),
    ]
    path, _ = written(folder, nodes, (1, 2, 8, 8), [("w", TensorProto.FLOAT, [3, 2, 3, 3], [0.0] * 54)], name="odd")
    report = cc.analyze(cc.from_onnx(path), (1, 2, 8, 8))
    assert report.output_shape == (1, 3, 6, 6)
    assert report.partial
    assert report["first"].macs == 6 * 6 * 54
    assert report.not_carried[0].reason == "the ONNX operator ThresholdedRelu is not known to cnncalc"
    with pytest.raises(cc.UnsupportedError, match="odd: the ONNX operator ThresholdedRelu is not known to cnncalc"):
        cc.analyze(cc.from_onnx(path), (1, 2, "H", 8))


F, WHOLE = TensorProto.FLOAT, TensorProto.INT64
SHAPE = (2, 3, 4, 6)
#: An operator on x of that shape: what goes in behind x (type, dims, numbers), and its attributes.
OPERATORS = {
    "Gather-several": ("Gather", [(WHOLE, [3], [2, 0, -1])], {"axis": 1}),
    "Gather-one": ("Gather", [(WHOLE, [], [1])], {"axis": 3}),
    "Gather-grid": ("Gather", [(WHOLE, [2, 2], [0, 1, 3, 2])], {"axis": 2}),
    "Tile": ("Tile", [(WHOLE, [4], [1, 2, 1, 3])], {}),
    "Expand": ("Expand", [(WHOLE, [5], [2, 1, 3, 1, 6])], {}),
    "SpaceToDepth": ("SpaceToDepth", [], {"blocksize": 2}),
    "ReduceProd": ("ReduceProd", [(WHOLE, [2], [1, -1])], {"keepdims": 0}),
    "ReduceL1": ("ReduceL1", [(WHOLE, [1], [2])], {}),
    "ReduceL2": ("ReduceL2", [], {"keepdims": 1}),
    "ReduceLogSumExp": ("ReduceLogSumExp", [(WHOLE, [2], [0, 3])], {"keepdims": 0}),
    "ArgMax": ("ArgMax", [], {"axis": 1}),
    "ArgMin": ("ArgMin", [], {"axis": -1, "keepdims": 0}),
    "Einsum": ("Einsum", [(F, [6, 5], [0.5] * 30)], {"equation": "nchw,wd->ncdh"}),
    "Sum": ("Sum", [(F, [6], [0.5] * 6), (F, [3, 1, 1], [1.0] * 3)], {}),
    "Mean": ("Mean", [(F, [4, 1], [0.5] * 4)], {}),
    "Equal": ("Equal", [(F, [3, 1, 6], [0.5] * 18)], {}),
    "Less": ("Less", [(F, [], [0.5])], {}),
    "GreaterOrEqual": ("GreaterOrEqual", [(F, [1], [0.5])], {}),
    "Round": ("Round", [], {}),
    "IsNaN": ("IsNaN", [], {}),
}


@pytest.mark.parametrize("case", OPERATORS)
def test_an_operator_has_the_shape_that_onnx_infers(case, folder):
    kind, given, attributes = OPERATORS[case]
    tensors = [(f"t{index}", *tensor) for index, tensor in enumerate(given)]
    node = helper.make_node(kind, ["x", *(name for name, *_ in tensors)], ["z"], **attributes)
    # Places and truth values are made numbers of the type that the file says of its output.
    cast = helper.make_node("Cast", ["z"], ["y"], to=F)
    path, model = written(folder, [node, cast], SHAPE, tensors, name=f"operator-{case}")
    theirs = onnx.shape_inference.infer_shapes(model, data_prop=True, strict_mode=True).graph
    found = {value.name: value for value in (*theirs.value_info, *theirs.output)}["y"].type.tensor_type.shape
    report = cc.analyze(cc.from_onnx(path), SHAPE)
    assert not report.partial
    assert report.output_shape == tuple(dim.dim_value for dim in found.dim)


def test_truth_values_choose(folder):
    nodes = [
        helper.make_node("Greater", ["x", "half"], ["a"]),
        helper.make_node("Not", ["a"], ["b"]),
        helper.make_node("And", ["a", "b"], ["c"]),
        helper.make_node("Or", ["c", "a"], ["d"]),
        helper.make_node("Where", ["d", "x", "row"], ["y"]),
    ]
    path, _ = written(folder, nodes, SHAPE, [("half", F, [], [0.5]), ("row", F, [6], [1.0] * 6)], name="truth")
    report = cc.analyze(cc.from_onnx(path), ("N", 3, "H", 6))
    assert not report.partial
    assert str(report.output_shape) == "(N, 3, H, 6)"


def test_numbers_keep_their_axes(folder):
    """A table of numbers is no row of them: what is done to it is done to its axes."""
    nodes = [
        helper.make_node("Slice", ["table", "one", "three", "axis"], ["part"]),
        helper.make_node("Transpose", ["part"], ["turned"], perm=[1, 0]),
        helper.make_node("Unsqueeze", ["turned", "axis"], ["longer"]),
        helper.make_node("Cast", ["longer"], ["floats"], to=F),
        helper.make_node("Add", ["x", "floats"], ["y"]),
    ]
    tensors = [
        ("table", WHOLE, [6, 4], list(range(24))),
        ("one", WHOLE, [1], [0]),
        ("three", WHOLE, [1], [4]),
        ("axis", WHOLE, [1], [1]),
    ]
    path, model = written(folder, nodes, (2, 4, 3, 6), tensors, name="axes")
    theirs = inferred(onnx.shape_inference.infer_shapes(model, data_prop=True))
    assert cc.analyze(cc.from_onnx(path), (2, 4, 3, 6)).output_shape == theirs["y"] == (2, 4, 3, 6)


def test_a_branch_of_the_graph_is_named(folder):
    def branch(name):
        node = helper.make_node("Constant", [], [name], value=helper.make_tensor("v", F, [1, 2], [0.0, 1.0]))
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, F, [1, 2])])

    nodes = [
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Greater", ["s", "half"], ["c"]),
        helper.make_node("If", ["c"], ["y"], name="choice", then_branch=branch("t"), else_branch=branch("e")),
    ]
    path, _ = written(folder, nodes, SHAPE, [("half", F, [], [0.5])], name="branch")
    report = cc.analyze(cc.from_onnx(path), SHAPE)
    assert (report.partial, report.output_shape) == (True, (1, 2))
    assert (report.not_carried[0].operation, report.not_carried[0].where) in {("If", ""), ("If", "choice")}


# -- files that mean harm ---------------------------------------------------------------------------------------


@WALK
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data, folder):
    path = folder / "bytes.onnx"
    path.write_bytes(data)
    with pytest.raises(cc.CnncalcError):
        cc.analyze(cc.from_onnx(path), (1, 3, 8, 8))


@WALK
@given(place=st.integers(0, 10**6), change=st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(place, change, folder):
    nodes = [helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]), helper.make_node("Relu", ["a"], ["y"])]
    path, _ = written(folder, nodes, (1, 2, 8, 8), [("w", TensorProto.FLOAT, [3, 2, 3, 3], [0.0] * 54)], name="damaged")
    content = bytearray(path.read_bytes())
    start = place % len(content)
    content[start : start + len(change)] = change
    path.write_bytes(bytes(content))
    # Whatever is left of it, nothing but an error of cnncalc's comes out.
    with suppress(cc.CnncalcError):
        assert cc.analyze(cc.from_onnx(path), (1, 2, 8, 8)).rows


@pytest.mark.parametrize(
    ("nodes", "tensors", "message"),
    [
        ([("Relu", ["z"], ["y"])], [], "a node uses what no node before it gives; got 'z'"),
        ([("Relu", ["y"], ["y"])], [], "a node uses what no node before it gives; got 'y'"),
        ([("Relu", ["x"], ["x"])], [], "a name is given twice; got 'x'"),
        ([("Relu", ["x"], ["a"])], [], "an output is given by no node; got 'y'"),
        ([("Conv", ["x"], ["y"])], [], "the node is broken"),
        ([("Conv", ["x", "w"], ["y"])], [("w", TensorProto.FLOAT, [1], [0.0])], "the node is broken"),
        (
            [("Reshape", ["x", "s"], ["y"])],
            [("s", TensorProto.INT64, [2], [7, -1])],
            "the sizes beside −1 must divide the number of cells",
        ),
    ],
)
def test_a_broken_graph_is_refused(folder, nodes, tensors, message):
    path, _ = written(folder, [helper.make_node(*node) for node in nodes], (1, 2, 8, 8), tensors, name="broken")
    with pytest.raises(cc.CnncalcError) as refused:
        cc.analyze(cc.from_onnx(path), (1, 2, 8, 8))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_tensors_outside_of_the_file_are_never_opened(folder):
    secret = folder / "secret"
    secret.write_bytes(b"\x01" * 32)
    node = helper.make_node("Reshape", ["x", "s"], ["y"])
    path, model = written(folder, [node], (1, 2, 8, 8), [("s", TensorProto.INT64, [2], [2, 64])], name="outside")
    tensor = model.graph.initializer[0]
    tensor.ClearField("int64_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(secret))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(cc.UnsupportedError, match="Reshape: the numbers of a tensor are not known"):
        cc.analyze(cc.from_onnx(path), (1, 2, 8, 8))


def test_a_file_that_is_too_large_is_not_read(folder, monkeypatch):
    from cnncalc.importers import onnx_file

    path, _ = written(folder, [helper.make_node("Relu", ["x"], ["y"])], (1, 2), name="large")
    monkeypatch.setattr(onnx_file, "MAX_BYTES", 10)
    with pytest.raises(cc.SpecError, match=r"large\.onnx: an ONNX file is a file of at most 10 bytes"):
        cc.from_onnx(path)
    with pytest.raises(cc.SpecError, match="the file can't be read"):
        cc.from_onnx(folder / "missing.onnx")


def test_without_onnx_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "cnncalc.importers.onnx_file", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(cc.MissingExtraError, match=r'pip install "cnncalc\[onnx\]"'):
        cc.from_onnx("net.onnx")
