"""The JSON form of networks: lossless, and read without evaluating anything."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.errors import CnncalcError, SpecError
from cnncalc.graph import Program, Ref, Step, program_of, trace
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named
from cnncalc.layers.operation import Function, Layer
from cnncalc.module import Module, Sequential
from cnncalc.sizes import Expr, symbol

FORMAT = "cnncalc.network/1"
MAX_CHARACTERS = 50_000_000
MAX_DEPTH = 100


def dumps(network: Module, *shapes: Any) -> str:
    """A network as JSON text.

    Layers, Sequentials and programs are written as they are. A Module with a forward of its own is recorded first, and
    needs the shapes of its inputs for that.
    """
    return json.dumps({"format": FORMAT, "network": _Writer(shapes).write(network)}, ensure_ascii=False)


def loads(text: str) -> Module:
    """The network of a JSON text that `dumps` has written. Raises SpecError for anything else."""
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise SpecError(f"a document is text of at most {MAX_CHARACTERS:,} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError("the document is not JSON", got=str(error)[:80]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise SpecError(f'the document\'s format must be "{FORMAT}"', got=repr(found)[:60])
    return _Reader().read(document.get("network"), 0)


class _Writer:
    """Writes modules as plain data; a module that was written before becomes a reference, so sharing survives."""

    def __init__(self, shapes: tuple[Any, ...]) -> None:
        self._shapes = shapes
        self._numbers: dict[int, int] = {}

    def write(self, module: Module) -> dict[str, Any]:
        """One module."""
        if id(module) in self._numbers:
            return {"same_as": self._numbers[id(module)]}
        plain = isinstance(module, Layer) and type(module).forward is Layer.forward
        if not plain and type(module) is not Sequential and not isinstance(module, Program) and type(module) is not Module:
            if not self._shapes:
                raise SpecError(
                    "a Module with a forward of its own must be recorded first",
                    where=type(module).__name__,
                    remedy="give the shapes of its inputs: cnncalc.dumps(net, (1, 3, 224, 224))",
                )
            module = program_of(trace(module, *self._shapes))
        self._numbers[id(module)] = len(self._numbers)
        if isinstance(module, Layer):
            written: dict[str, Any] = {"layer": module.torch_name, "arguments": _write_arguments(module)}
            if module.frozen():
                written["frozen"] = sorted(module.frozen())
            return written
        written = {"children": [[name, child and self.write(child)] for name, child in module._children.items()]}
        if isinstance(module, Program):
            written |= {
                "inputs": list(module.input_names),
                "steps": [self._write_step(step) for step in module.steps],
                "output": _write_value(module.output),
            }
        elif type(module) is Sequential:
            written["sequential"] = True
        return written

    @staticmethod
    def _write_step(step: Step) -> dict[str, Any]:
        target = {"module": step.target} if isinstance(step.target, str) else {"function": step.target.torch_name}
        call = {key: _write_value(value) for key, value in step.call.items()}
        return {"result": step.result, **target, "inputs": _write_value(step.inputs), "call": call, "path": step.path}


def _write_arguments(layer: Layer) -> dict[str, Any]:
    """A layer's arguments by name; those that have no name, as Identity takes them, under "*"."""
    names, extra = layer.arguments, layer.unnamed_arguments
    written = {name: _write_value(value) for name, value in names.items()}
    if extra:
        written["*"] = _write_value(extra)
    return written


def _write_value(value: Any) -> Any:
    """An argument as JSON: tuples, symbols and references are marked."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Expr):
        return {"symbol": str(value)}
    if isinstance(value, Ref):
        return {"ref": value.name} if value.index is None else {"ref": value.name, "index": value.index}
    if isinstance(value, tuple):
        return {"tuple": [_write_value(item) for item in value]}
    if isinstance(value, list):
        return [_write_value(item) for item in value]
    if hasattr(value, "__index__"):
        return int(value)
    raise SpecError("this argument has no JSON form", got=repr(value)[:60])


class _Reader:
    """Reads modules back, checking every part."""

    def __init__(self) -> None:
        self._modules: list[Module] = []

    def read(self, data: Any, depth: int) -> Module:
        """One module."""
        if not isinstance(data, dict) or depth > MAX_DEPTH:
            raise _broken("a module is an object", data)
        if "same_as" in data:
            number = data["same_as"]
            if type(number) is not int or not 0 <= number < len(self._modules):
                raise _broken("same_as must number an earlier module", number)
            return self._modules[number]
        if "layer" in data:
            return self._layer(data)
        place = len(self._modules)
        module: Module = Sequential() if data.get("sequential") is True else Program(()) if "steps" in data else Module()
        self._modules.append(module)
        children = data.get("children")
        if not isinstance(children, list):
            raise _broken("children must be a list", children)
        for pair in children:
            if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):  # noqa: PLR2004 - a pair
                raise _broken("a child is a pair of name and module", pair)
            module.add_module(pair[0], None if pair[1] is None else self.read(pair[1], depth + 1))
        if isinstance(module, Program):
            self._program(module, data)
        self._modules[place] = module
        return module

    def _layer(self, data: dict[str, Any]) -> Module:
        name, arguments = data["layer"], data.get("arguments", {})
        if name not in LAYER_NAMES or not isinstance(arguments, dict):
            raise _broken("there is no layer of that name", name)
        values = {str(key): _read_value(value) for key, value in arguments.items()}
        extra = values.pop("*", ())
        try:
            layer: Layer = named(name)(*extra, **values)
        except CnncalcError as error:
            raise error.at("document") from None
        for frozen in data.get("frozen", ()):
            getattr(layer, str(frozen)).requires_grad_(requires_grad=False)
        self._modules.append(layer)
        return layer

    def _program(self, program: Program, data: dict[str, Any]) -> None:
        names = data.get("inputs")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise _broken("inputs must be a list of names", names)
        program.input_names = tuple(names)
        known = set(names)
        for step in data["steps"]:
            program.steps.append(_read_step(program, step, known))
            known.add(program.steps[-1].result)
        program.output = _read_value(data.get("output"))
        _check_refs(program.output, known)


def _read_step(program: Program, data: Any, known: set[str]) -> Step:
    """One step, whose target exists and whose references point to earlier results."""
    if not isinstance(data, dict) or not isinstance(data.get("result"), str) or not isinstance(data.get("call"), dict):
        raise _broken("a step has a result, a target, inputs and a call", data)
    inputs, call = _read_value(data.get("inputs")), {str(key): _read_value(value) for key, value in data["call"].items()}
    if not isinstance(inputs, tuple):
        raise _broken("the inputs of a step are a tuple", data)
    _check_refs((inputs, *call.values()), known)
    path = data.get("path")
    target: str | Function = str(data.get("module"))
    if "function" in data:
        if data["function"] not in FUNCTION_NAMES:
            raise _broken("there is no function of that name", data["function"])
        target = named(data["function"])
    else:
        try:
            program.at_path(str(target))
        except (KeyError, AttributeError):
            raise _broken("there is no module of that name", target) from None
    return Step(data["result"], target, inputs, call, path if isinstance(path, str) else "")


def _check_refs(nested: Any, known: set[str]) -> None:
    """Every reference must point to an input or an earlier result."""
    if isinstance(nested, Ref):
        if nested.name not in known:
            raise _broken("a step may refer to earlier results only", nested.name)
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            _check_refs(item, known)


def _read_value(data: Any) -> Any:
    """An argument back from JSON."""
    if isinstance(data, list):
        return [_read_value(item) for item in data]
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("symbol"), str):
        return symbol(data["symbol"])
    if isinstance(data.get("ref"), str):
        index = data.get("index")
        return Ref(data["ref"], index if type(index) is int else None)
    if isinstance(data.get("tuple"), list):
        return tuple(_read_value(item) for item in data["tuple"])
    raise _broken("this value can't be read", data)


def _broken(rule: str, got: Any) -> SpecError:
    """The error for a document that `dumps` has not written."""
    return SpecError(rule, where="document", got=repr(got)[:60])
