"""The network of an ONNX file: its forward carries the nodes out on values, by the operators in `onnx_operators`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.constant import Constant
from cnncalc.errors import ArgumentError, CnncalcError, ShapeError, UnsupportedError
from cnncalc.held import Held, Parameter, Traced
from cnncalc.importers.onnx_operators import OPERATORS
from cnncalc.importers.onnx_values import Numbers
from cnncalc.layers.uncarried import Uncarried
from cnncalc.module import Module
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from cnncalc.importers.onnx_file import OnnxFile, OnnxNode
    from cnncalc.sizes import Shape

#: The running statistics of a norm, by their places among its inputs.
_STATISTICS = (3, 4)
#: The place of the weight among the inputs of operators that stand for torch's layers.
_WEIGHTS = {"Conv": 1, "ConvTranspose": 1, "Gemm": 1, "BatchNormalization": 1, "LayerNormalization": 1, "MatMul": 1}

#: Operators that only move cells, or say where they are.
_MOVING = frozenset(
    ["ScatterND", "ScatterElements", "GatherND", "GatherElements", "OneHot", "Trilu", "EyeLike", "NonZero", "TopK"]
)


class OnnxNetwork(Module):
    """A network read from an ONNX file. Its parameters stand where their names say, in plain containers."""

    def __init__(self, file: OnnxFile) -> None:
        """Make the parameters and buffers."""
        super().__init__()
        statistics = {
            node.inputs[place]
            for node in file.nodes
            if node.kind == "BatchNormalization"
            for place in _STATISTICS
            if place < len(node.inputs)
        }
        held: dict[str, Held] = {}
        self.__dict__.update(_file=file, _held_tensors=held)
        for name, tensor in file.tensors.items():
            if tensor.is_float and tensor.shape:
                place, own = self._place(name)
                if name in statistics:
                    place.register_buffer(own, tensor.shape)
                else:
                    place.register_parameter(own, Parameter(shape=tensor.shape))
                held[name] = getattr(place, own)

    _file: OnnxFile
    _held_tensors: dict[str, Held]

    def _place(self, name: str) -> tuple[Module, str]:
        """The container of a tensor and its name there; a name that can't be one stays whole."""
        *outer, own = [part for part in name.replace("/", ".").replace(":", ".").split(".") if part] or ["tensor"]
        place: Module = self
        for part in outer:
            if part not in place._children:
                if hasattr(place, part):
                    return self, "_".join((*outer, own))
                place.add_module(part, Module())
            place = place._children[part]
        while hasattr(place, own) or own.startswith("_"):
            own = f"tensor_{own}"
        return place, own

    def forward(self, *inputs: Any) -> Any:
        """Carry the nodes out in order."""
        file = self._file
        if len(inputs) != len(file.inputs):
            raise ArgumentError(
                f"the network has {len(file.inputs)} inputs",
                where=file.name,
                got=f"{len(inputs)} shapes",
                remedy=f"give one for each of {', '.join(file.inputs)}"[:120],
            )
        known: dict[str, Any] = dict(zip(file.inputs, inputs, strict=True)) | {"": None}
        for name, tensor in file.tensors.items():
            held = self._held_tensors.get(name)
            known[name] = Numbers.of(tensor) if held is None else held
        inferred = _Inferred(file, tuple(value.shape for value in inputs))
        for node in file.nodes:
            given = [known[name] for name in node.inputs]
            found = self._carried(node, given, inferred, inputs[0])
            several = found if isinstance(found, list) else [found]
            known.update(zip(node.outputs, several, strict=False))
        outputs = [known.get(name) for name in file.outputs]
        if not all(isinstance(output, Traced) for output in outputs):
            raise UnsupportedError("an output of the network is no tensor that is followed", where=file.name)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def _carried(self, node: OnnxNode, given: list[Any], inferred: _Inferred, source: Traced) -> Any:
        """What a node gives."""
        path = self._path(node)
        operator: Any = OPERATORS.get(node.kind, _unknown)
        if any(isinstance(item, Traced) for item in given):
            source.name_next(path)
        try:
            return operator(node, *given)
        except UnsupportedError as error:
            source.name_next("")
            tensors = tuple(item for item in given if isinstance(item, Traced))
            shapes = inferred.of(node)
            if shapes is None:
                error.where = error.where or path
                raise
            if all(isinstance(item, Constant) or (node.kind in _MOVING and isinstance(item, Held)) for item in tensors):
                # It depends on no input and has no products: a tensor of numbers that nobody has asked for.
                return [Numbers(shape, None) for shape in shapes]
            source.name_next(path)
            made = source.record(Uncarried(node.kind, shapes if len(shapes) > 1 else shapes[0], error.rule), tensors, {})
            return list(made) if len(shapes) > 1 else made
        except CnncalcError as error:
            error.where = error.where or path
            raise
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError) as error:
            raise ShapeError("the node is broken", where=path, got=f"{node.kind}: {error}"[:120]) from None
        finally:
            source.name_next("")

    def _path(self, node: OnnxNode) -> str:
        """A node's row: the owner of its weight, or the node's own name."""
        place = _WEIGHTS.get(node.kind)
        if place is not None and place < len(node.inputs) and node.inputs[place] in self._held_tensors:
            owner, _, own = node.inputs[place].rpartition(".")
            if owner and own == "weight":
                return owner
        parts = [part for part in node.name.replace("/", ".").replace(":", ".").split(".") if part]
        return ".".join(parts) or node.kind


def _unknown(node: OnnxNode, *_: Any) -> Any:
    """An operator that is not known."""
    raise UnsupportedError(f"the ONNX operator {node.kind} is not known to cnncalc")


class _Inferred:
    """ONNX's own inference of shapes, asked where an operator is not known: for numbers alone, and once."""

    def __init__(self, file: OnnxFile, shapes: tuple[Shape, ...]) -> None:
        """Keep what to ask."""
        self._file = file
        self._shapes = shapes
        self._found: dict[str, tuple[int, ...]] | None = None

    def of(self, node: OnnxNode) -> tuple[Any, ...] | None:
        """The shapes of a node's outputs; None where they are not known."""
        if any(isinstance(n, Expr) for shape in self._shapes for n in shape):
            return None
        if self._found is None:
            from cnncalc.importers.onnx_file import inferred_shapes

            self._found = inferred_shapes(self._file, self._shapes)
        found = [self._found.get(name) for name in node.outputs if name]
        return None if None in found or not found else tuple(found)
