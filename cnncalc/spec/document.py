"""The JSON form of networks: lossless, and read without evaluating anything."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from cnncalc.containers import Sequential
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.graph import trace
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named
from cnncalc.layers.operation import Function, Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.module import Module
from cnncalc.program import Program, Ref, Step, program_of
from cnncalc.sizes import Expr, Size, expression, is_readable, plain_text, symbol
from cnncalc.spec.tokens import NOT_FINITE

FORMAT = "cnncalc.network/1"
MAX_CHARACTERS = 50_000_000
MAX_DEPTH = 100


def dumps(network: Module, *shapes: Any) -> str:
    """A network as JSON text.

    Layers, Sequentials and programs are written as they are. A Module with a forward of its own is recorded first, and
    needs the shapes of its inputs for that.
    """
    if not isinstance(network, Module):
        raise SpecError("a network is a layer, a Sequential or a Module", got=type(network).__name__)
    if not all(map(_is_plain, network.modules())):
        if not shapes:
            raise SpecError(
                "a Module with a forward of its own must be recorded first",
                where=type(network).__name__,
                remedy="give the shapes of its inputs: cnncalc.dumps(net, (1, 3, 224, 224))",
            )
        network = program_of(trace(network, *shapes))
    return json.dumps({"format": FORMAT, "network": _Writer().write(network)}, ensure_ascii=False)


def _is_plain(module: Module) -> bool:
    """Whether a module is written as it is: a layer, a Sequential, a program or a container, none of them overridden."""
    if isinstance(module, Layer):
        return type(module).forward is Layer.forward
    return type(module) in {Sequential, Program, Module}


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

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

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
        if isinstance(step.target, Uncarried):
            raise SpecError(
                "a network with an operation that is not carried has no JSON form", where=step.path, got=step.target.torch_name
            )
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


class _Reader:
    """Reads modules back, checking every part."""

    def __init__(self) -> None:
        #: The modules so far; None for one that is still being read, so that no module can hold itself.
        self._modules: list[Module | None] = []

    def read(self, data: Any, depth: int) -> Module:
        """One module."""
        if not isinstance(data, dict) or depth > MAX_DEPTH:
            raise _broken("a module is an object", data)
        if "same_as" in data:
            number = data["same_as"]
            same = self._modules[number] if type(number) is int and 0 <= number < len(self._modules) else None
            if same is None:
                raise _broken("same_as must number an earlier module", number)
            return same
        if "layer" in data:
            return self._layer(data)
        module: Module = Sequential() if data.get("sequential") is True else _program(data) if "steps" in data else Module()
        place = len(self._modules)
        self._modules.append(None)
        children = data.get("children")
        if not isinstance(children, list):
            raise _broken("children must be a list", children)
        for pair in children:
            if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):  # noqa: PLR2004 - a pair
                raise _broken("a child is a pair of name and module", pair)
            child = None if pair[1] is None and type(module) is not Sequential else self.read(pair[1], depth + 1)
            try:
                module.add_module(pair[0], child)
            except CnncalcError as error:
                raise error.at("document") from None
        if isinstance(module, Program):
            _read_steps(module, data)
        self._modules[place] = module
        return module

    def _layer(self, data: dict[str, Any]) -> Module:
        name, arguments = data["layer"], data.get("arguments", {})
        if not isinstance(name, str) or name not in LAYER_NAMES:
            raise _broken("there is no layer of that name", name)
        if not isinstance(arguments, dict):
            raise _broken("arguments must be an object", arguments)
        values = {key: _read_value(value) for key, value in arguments.items()}
        extra = values.pop("*", ())
        if not isinstance(extra, tuple):
            raise _broken("arguments without a name are a tuple", extra)
        frozen = data.get("frozen", [])
        try:
            layer: Layer = named(name)(*extra, **values)
            # Asked only where it matters: a lazy layer does not know its parameters yet, and none of them can be frozen.
            owned = layer.parameters() if frozen else {}
        except CnncalcError as error:
            raise error.at("document") from None
        if not isinstance(frozen, list) or not all(isinstance(item, str) and item in owned for item in frozen):
            raise _broken("frozen must list parameters of the layer", frozen)
        for item in frozen:
            path, _, own = item.rpartition(".")
            getattr(layer.get_submodule(path), own).requires_grad_(requires_grad=False)
        self._modules.append(layer)
        return layer


def _program(data: dict[str, Any]) -> Program:
    """A program with the names of its inputs, and nothing in it yet."""
    names = data.get("inputs")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _broken("inputs must be a list of names", names)
    if len(set(names)) < len(names):
        raise _broken("each input needs a name of its own", names)
    return Program(tuple(names))


def _read_steps(program: Program, data: dict[str, Any]) -> None:
    """The steps of a program whose children are known, and its output."""
    steps = data["steps"]
    if not isinstance(steps, list):
        raise _broken("steps must be a list", steps)
    known = set(program.input_names)
    for step in steps:
        program.steps.append(_read_step(program, step, known))
        known.add(program.steps[-1].result)
    output = _read_value(data.get("output"))
    _check_refs(output, known)
    program.output = output


def _read_step(program: Program, data: Any, known: set[str]) -> Step:
    """One step, whose target exists and whose references point to earlier results."""
    if not isinstance(data, dict) or not isinstance(data.get("result"), str) or not isinstance(data.get("call"), dict):
        raise _broken("a step has a result, a target, inputs and a call", data)
    inputs, call = _read_value(data.get("inputs")), {key: _read_value(value) for key, value in data["call"].items()}
    if not isinstance(inputs, tuple):
        raise _broken("the inputs of a step are a tuple", data)
    _check_refs((inputs, *call.values()), known)
    path = data.get("path")
    function, name = data.get("function"), data.get("module")
    target: str | Function
    if isinstance(function, str) and function in FUNCTION_NAMES:
        target = named(function)
    elif "function" in data:
        raise _broken("there is no function of that name", function)
    else:
        target = str(name)
        if not _has(program, target):
            raise _broken("there is no module of that name", name)
    return Step(data["result"], target, inputs, call, path if isinstance(path, str) else "")


def _has(program: Program, path: str) -> bool:
    """Whether a program has a child of that qualified name."""
    try:
        return isinstance(program.at_path(path), Module)
    except (KeyError, AttributeError):
        return False


def _check_refs(nested: Any, known: set[str]) -> None:
    """Every reference must point to an input or an earlier result."""
    if isinstance(nested, Ref):
        if nested.name not in known:
            raise _broken("a step may refer to earlier results only", nested.name)
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            _check_refs(item, known)


def _read_value(data: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """An argument back from JSON."""
    if isinstance(data, list):
        return [_read_value(item) for item in data]
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("symbol"), str):
        return symbol(data["symbol"], data.get("minimum", 1))
    if isinstance(data.get("ref"), str):
        index = data.get("index")
        if index is not None and (type(index) is not int or index < 0):
            raise _broken("an index counts outputs from 0", index)
        return Ref(data["ref"], index)
    if isinstance(data.get("tuple"), list):
        return tuple(_read_value(item) for item in data["tuple"])
    if data.get("float") in NOT_FINITE:
        return float(data["float"])
    if isinstance(data.get("slice"), list) and len(data["slice"]) == 3:  # noqa: PLR2004 - start, stop and step
        return slice(*map(_read_value, data["slice"]))
    if data.get("ellipsis") is True:
        return Ellipsis
    if isinstance(data.get("expression"), str):
        return _read_expression(data["expression"], data.get("minima", {}))
    raise _broken("this value can't be read", data)


def _read_expression(text: str, minima: Any) -> Size:
    """A formula from its text, and the minima of its symbols."""
    if not isinstance(minima, dict):
        raise _broken("minima are an object", minima)
    try:
        return expression(text, **minima)
    except CnncalcError as error:
        raise error.at("document") from None


def _broken(rule: str, got: Any) -> SpecError:
    """The error for a document that `dumps` has not written."""
    return SpecError(rule, where="document", got=repr(got)[:60])
