"""The writer of the JSON form of networks."""

from __future__ import annotations

from collections import Counter
from math import isfinite
from typing import Any

from cnncalc.constant import Constant, DType, parts_of
from cnncalc.containers import Sequential
from cnncalc.errors import SpecError
from cnncalc.held import Held
from cnncalc.layers.layer import Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.module import Module
from cnncalc.program import Program, Ref, Step
from cnncalc.sizes import Expr, is_readable, plain_text


class Writer:
    """Writes modules as plain data; a module that was written before becomes a reference, so sharing survives.

    Tensors are numbered for the whole document: those that containers own, and of layers those that a forward uses itself,
    that stand in two places, or that a user's subclass has added.
    """

    def __init__(self, network: Module) -> None:
        """Find the tensors of layers that are numbered."""
        self._network = network
        self._numbers: dict[int, int] = {}
        self._tensors: list[dict[str, Any]] = []
        #: The number of each tensor, with the tensor, so that no later one gets its address.
        self._numbered: dict[int, tuple[int, Held]] = {}
        places = Counter(
            id(held)
            for module in network.modules()
            for held in module.__dict__.get("_parameters", {}).values()
            if held is not None
        )
        self._wanted = {number for number, count in places.items() if count > 1}
        if isinstance(network, Program):
            self._wanted |= {id(step.target) for step in network.steps}

    def document(self) -> dict[str, Any]:
        """The network, and the tensors that it refers to."""
        written = self.write(self._network)
        return ({"tensors": self._tensors} if self._tensors else {}) | {"network": written}

    def write(self, module: Module) -> dict[str, Any]:
        """One module."""
        if id(module) in self._numbers:
            return {"same_as": self._numbers[id(module)]}
        self._numbers[id(module)] = len(self._numbers)
        if isinstance(module, Layer):
            written: dict[str, Any] = {"layer": module.torch_name, "arguments": _write_arguments(module)}
            frozen = [f"{path}.{name}" if path else name for path, part in module.named_modules() for name in part.frozen()]
            if frozen:
                written["frozen"] = sorted(frozen)
            return written | self._owned(module)
        written = {"children": [[name, child and self.write(child)] for name, child in module._children.items()]}
        written |= self._owned(module)
        if isinstance(module, Program):
            written |= {
                "inputs": list(module.input_names),
                "steps": [self._write_step(step) for step in module.steps],
                "output": _write_value(module.output),
            } | {
                name: sorted(named)
                for name, named in (("copied", module.copied), ("changed_copies", module.changed_copies))
                if named
            }
        elif type(module) is Sequential:
            written["sequential"] = True
        return written

    def _owned(self, module: Module) -> dict[str, dict[str, int]]:
        """The tensors of a module by kind and name, each by its number; of a layer and its parts, only those that are wanted."""
        found: dict[str, dict[str, int]] = {}
        for path, part in module.named_modules() if isinstance(module, Layer) else [("", module)]:
            given = part.tensors() if isinstance(part, Layer) else {}
            parameters = part.__dict__.get("_parameters", {})
            for kind, held in (
                ("parameters", parameters),
                ("buffers", {name: part.__dict__.get(name) for name in part.__dict__.get("_buffers", {})}),
                ("unsaved", part.unsaved()),
            ):
                for name, tensor in held.items():
                    if tensor is not None and (name not in given or id(tensor) in self._wanted):
                        found.setdefault(kind, {})[f"{path}.{name}" if path else name] = self._tensor(tensor)
        return found

    def _tensor(self, held: Held) -> int:
        """The number of a tensor: of a parameter or a buffer by its shape, of a constant by how it is made."""
        if id(held) in self._numbered:
            return self._numbered[id(held)][0]
        if not isinstance(held, Constant):
            return self._add(held, _write_tensor(held))
        for part in parts_of(held):
            if not part.is_as_made:
                raise SpecError(
                    "a constant of unknown numbers, or that was changed in place, has no JSON form", got=repr(part)[:60]
                )
            if id(part) not in self._numbered:
                name, inputs, call = part.recipe
                call = {key: self._write_made(value) for key, value in call.items()}
                self._add(part, {"made": name, "inputs": self._write_made(tuple(inputs)), "call": call})
        return self._numbered[id(held)][0]

    def _add(self, held: Held, written: dict[str, Any]) -> int:
        """Number a tensor."""
        self._numbered[id(held)] = (len(self._tensors), held)
        self._tensors.append(written)
        return len(self._tensors) - 1

    def _write_made(self, value: Any) -> Any:
        """An argument of a recipe: other constants by their numbers."""
        if isinstance(value, Constant):
            return {"tensor": self._numbered[id(value)][0]}
        if isinstance(value, tuple):
            return {"tuple": [self._write_made(item) for item in value]}
        return [self._write_made(item) for item in value] if isinstance(value, list) else _write_value(value)

    def _write_step(self, step: Step) -> dict[str, Any]:
        """A call of a module or a function, or a tensor that is used."""
        if isinstance(step.target, Held):
            return {"result": step.result, "tensor": self._tensor(step.target), "path": step.path}
        if isinstance(step.target, Uncarried):
            raise SpecError(
                "a network with an operation that is not carried has no JSON form", where=step.path, got=step.target.torch_name
            )
        target: dict[str, Any] = {"module": step.target} if isinstance(step.target, str) else {"function": step.target.torch_name}
        if not isinstance(step.target, str) and step.target.is_operator:
            target["operator"] = True
        call = {key: _write_value(value) for key, value in step.call.items()}
        return {"result": step.result, **target, "inputs": _write_value(step.inputs), "call": call, "path": step.path}


def _write_arguments(layer: Layer) -> dict[str, Any]:
    """A layer's arguments by name; those that have no name, as Identity takes them, under "*"."""
    names, extra = layer.arguments, layer.unnamed_arguments
    written = {name: _write_value(value) for name, value in names.items()}
    if extra:
        written["*"] = _write_value(extra)
    return written


def _write_tensor(held: Held) -> dict[str, Any]:
    """A parameter or a buffer: its shape, and what else is not as usual."""
    written: dict[str, Any] = {"shape": [_write_value(size) for size in held.shape]}
    if not held.requires_grad:
        written["frozen"] = True
    return written | ({"type": held.type_name} if held.type_name else {})


def _write_value(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """An argument as JSON: tuples, symbols and references are marked."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else {"float": str(value)}
    if isinstance(value, Expr):
        return _write_size(value)
    if isinstance(value, Ref):
        return {"ref": value.name} if value.index is None else {"ref": value.name, "index": value.index}
    if isinstance(value, tuple):
        return {"tuple": [_write_value(item) for item in value]}
    if isinstance(value, slice):
        return {"slice": [_write_value(item) for item in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, DType):
        return {"dtype": value.name}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": [[key, _write_value(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [_write_value(item) for item in value]
    if hasattr(value, "__index__"):
        return int(value)
    raise SpecError("this argument has no JSON form", got=repr(value)[:60])


def _write_size(size: Expr) -> dict[str, Any]:
    """A symbolic size: a symbol by name, anything else as text; with the minima that are not 1."""
    if not is_readable(size):
        raise SpecError("this formula has no JSON form", got=str(size)[:60])
    text, minima = plain_text(size), {name: least for name, least in sorted(size.minima.items()) if least != 1}
    if text.isidentifier():
        return {"symbol": text, "minimum": minima[text]} if minima else {"symbol": text}
    return {"expression": text, "minima": minima} if minima else {"expression": text}
