"""An ONNX file as plain data: its nodes, the shapes of its tensors, and the numbers of its small ones.

The file is a stranger's: it is parsed by the onnx library under limits, nothing in it is run, and no other file is opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnx import AttributeProto, TensorProto, numpy_helper

from cnncalc.errors import SpecError, UnsupportedError

if TYPE_CHECKING:
    from os import PathLike

#: The largest file that is read, in bytes; larger models keep their tensors outside of the file.
MAX_BYTES = 2_000_000_000
MAX_NODES = 200_000
MAX_AXES = 16
#: Tensors of more numbers than these are known by their shapes.
MAX_NUMBERS = 4096
_FLOATING = frozenset([TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE])


@dataclass(frozen=True)
class Tensor:
    """A tensor that the file holds: its shape, whether its numbers are floats, and the numbers where they are few."""

    name: str
    shape: tuple[int, ...]
    is_float: bool
    numbers: Any = None


@dataclass(frozen=True)
class OnnxNode:
    """One operator: its kind, its name, the names of what goes in ("" for what is left out) and comes out, its attributes."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class OnnxFile:
    """A model: the names of its inputs and outputs, its tensors, and its nodes in order."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: dict[str, Tensor]
    nodes: tuple[OnnxNode, ...]
    model: Any = field(repr=False)


def read(path: str | PathLike[str]) -> OnnxFile:
    """Read a file. Raises SpecError where it is not ONNX, is broken or is too large."""
    place = Path(path)
    try:
        size = place.stat().st_size
        if not place.is_file() or size > MAX_BYTES:
            raise SpecError(f"an ONNX file is a file of at most {MAX_BYTES:,} bytes", where=place.name, got=f"{size:,} bytes")
        content = place.read_bytes()
    except OSError as error:
        raise SpecError("the file can't be read", where=place.name, got=str(error.strerror)) from None
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # noqa: BLE001 - protobuf's own classes of errors
        raise SpecError("the file is not ONNX", where=place.name, got=type(error).__name__) from None
    graph = model.graph
    if not graph.node or not graph.output:
        raise SpecError("the file is not ONNX, or holds no network", where=place.name)
    if len(graph.node) > MAX_NODES:
        raise SpecError(f"an ONNX file has at most {MAX_NODES:,} nodes", where=place.name, got=f"{len(graph.node):,}")
    names = [name for node in graph.node for name in (node.op_type, node.domain, node.name, *node.input, *node.output)]
    names += [part.name for part in (*graph.initializer, *graph.input, *graph.output)]
    if not all(isinstance(name, str) for name in names):
        raise SpecError("a name in the file is no text in UTF-8", where=place.name)
    if model.functions or graph.sparse_initializer:
        raise UnsupportedError("functions and sparse tensors inside an ONNX file are not known", where=place.name)
    tensors = {tensor.name: _tensor(tensor, place.name) for tensor in graph.initializer}
    nodes = tuple(_node(node, place.name) for node in graph.node)
    inputs = tuple(value.name for value in graph.input if value.name not in tensors)
    file = OnnxFile(place.stem, inputs, tuple(value.name for value in graph.output), tensors, nodes, _stripped(model))
    _check_names(file)
    return file


def _tensor(tensor: Any, where: str) -> Tensor:
    """A tensor as plain data."""
    shape = tuple(tensor.dims)
    if len(shape) > MAX_AXES or any(n < 0 for n in shape):
        raise SpecError("the shape of a tensor is broken", where=where, got=f"{tensor.name[:40]!r}: {shape}"[:80])
    count = 1
    for n in shape:
        count *= n
    numbers = None
    if count <= MAX_NUMBERS and tensor.data_location != TensorProto.EXTERNAL:
        try:
            numbers = numpy_helper.to_array(tensor).tolist()
        except Exception as error:  # noqa: BLE001 - numbers that are not those of the shape
            raise SpecError(
                "the numbers of a tensor are broken", where=where, got=f"{tensor.name[:40]!r}: {error}"[:100]
            ) from None
    return Tensor(tensor.name, shape, tensor.data_type in _FLOATING, numbers)


def _node(node: Any, where: str) -> OnnxNode:
    """A node as plain data; a graph inside it stays unread."""
    attributes: dict[str, Any] = {}
    for attribute in node.attribute:
        if attribute.type == AttributeProto.TENSOR:
            attributes[attribute.name] = _tensor(attribute.t, where)
        elif attribute.type not in {AttributeProto.GRAPH, AttributeProto.GRAPHS}:
            value = onnx.helper.get_attribute_value(attribute)
            attributes[attribute.name] = _plain(value)
    kind = node.op_type if node.domain in {"", "ai.onnx"} else f"{node.domain}.{node.op_type}"
    return OnnxNode(kind, node.name or node.op_type, tuple(node.input), tuple(node.output), attributes)


def _plain(value: Any) -> Any:
    """An attribute's value as Python's own."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return [_plain(item) for item in value] if not isinstance(value, (int, float, str)) and hasattr(value, "__iter__") else value


def _stripped(model: Any) -> Any:
    """The model without the numbers of its large tensors, for ONNX's own inference of shapes."""
    for tensor in model.graph.initializer:
        count = 1
        for n in tensor.dims:
            count *= n
        if count > MAX_NUMBERS:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
    return model


def _check_names(file: OnnxFile) -> None:
    """Every name must be known before it is used, and given once."""
    known = {"", *file.inputs, *file.tensors}
    for node in file.nodes:
        for name in node.inputs:
            if name not in known:
                raise SpecError(
                    "a node uses what no node before it gives", where=f"{file.name}: {node.name[:40]}", got=repr(name[:40])
                )
        for name in node.outputs:
            if name and name in known:
                raise SpecError("a name is given twice", where=f"{file.name}: {node.name[:40]}", got=repr(name[:40]))
            known.add(name)
    for name in file.outputs:
        if name not in known:
            raise SpecError("an output is given by no node", where=file.name, got=repr(name[:40]))


def inferred_shapes(file: OnnxFile, shapes: tuple[Any, ...]) -> dict[str, tuple[int, ...]]:
    """The shapes that ONNX itself infers for inputs of some shapes, by name; those that it can't tell are left out."""
    model = onnx.ModelProto()
    model.CopyFrom(file.model)
    given = dict(zip(file.inputs, shapes, strict=True))
    for value in model.graph.input:
        if value.name in given:
            value.type.tensor_type.shape.ClearField("dim")
            for n in given[value.name]:
                value.type.tensor_type.shape.dim.add().dim_value = int(n)
    model.graph.ClearField("value_info")
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # noqa: BLE001 - it refuses what is broken, by classes of its own
        return {}
    found = {}
    for value in (*inferred.graph.value_info, *inferred.graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.type.tensor_type.HasField("shape") and all(dim.HasField("dim_value") for dim in dims):
            found[value.name] = tuple(dim.dim_value for dim in dims)
    return found
