"""The reader of the JSON form of networks: every part is checked, nothing is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.constant import DType
from cnncalc.containers import Sequential
from cnncalc.creation import remade
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.held import Held, Parameter
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Function
from cnncalc.module import Module
from cnncalc.program import Program, Ref, Step
from cnncalc.sizes import Size, as_shape, expression, symbol
from cnncalc.spec.tokens import NOT_FINITE

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DEPTH = 100


class Reader:
    """Reads modules back, checking every part."""

    def __init__(self, tensors: Any) -> None:
        """Read the tensors that the network refers to by number."""
        if not isinstance(tensors, list):
            raise _broken("tensors must be a list", tensors)
        #: A tensor each, or the several that a function of constants gives.
        self._tensors: list[Any] = []
        for data in tensors:
            self._tensors.append(self._read_tensor(data))
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
        self._read_owned(module, data)
        if isinstance(module, Program):
            self._read_steps(module, data)
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
        self._read_owned(layer, data)
        self._modules.append(layer)
        return layer

    # -- tensors --------------------------------------------------------------------------------------------------

    def _read_tensor(self, data: Any) -> Any:
        """A parameter or a buffer by its shape, or a constant by how it is made of the ones before."""
        if not isinstance(data, dict):
            raise _broken("a tensor is an object", data)
        try:
            if "made" not in data:
                made = Parameter(
                    shape=as_shape(tuple(map(_read_value, data["shape"]))), requires_grad=data.get("frozen") is not True
                )
                made.type_name = str(data.get("type", ""))
                return made
            inputs = _read_value(data["inputs"], self._tensors)
            call = {key: _read_value(value, self._tensors) for key, value in data["call"].items()}
            if not isinstance(data["made"], str) or not isinstance(inputs, tuple):
                raise _broken("a constant has the name of its maker, and a tuple of inputs", data)
            return remade(data["made"], inputs, call)
        except CnncalcError as error:
            raise error.at("document") from None
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
            raise _broken("this tensor can't be made", data) from None

    def _held(self, number: Any) -> Held:
        """A tensor by its number."""
        found = self._tensors[number] if type(number) is int and 0 <= number < len(self._tensors) else None
        if not isinstance(found, Held):
            raise _broken("a tensor must be one of the document's, by its number", number)
        return found

    def _read_owned(self, module: Module, data: dict[str, Any]) -> None:
        """Give a module, or the parts of a layer, their tensors."""
        for kind in ("parameters", "buffers", "unsaved"):
            owned = data.get(kind, {})
            if not isinstance(owned, dict):
                raise _broken(f"{kind} must be an object", owned)
            for path, number in owned.items():
                held = self._held(number)
                outer, _, name = path.rpartition(".")
                if kind == "parameters" and not isinstance(held, Parameter):
                    raise _broken("a parameter is no constant", number)
                try:
                    part = module.get_submodule(outer)
                    given = part.tensors() if isinstance(part, Layer) else {}
                except CnncalcError as error:
                    raise error.at("document") from None
                if name in given:
                    if kind != "parameters" or given[name] != held.shape:
                        raise _broken("a layer's tensor has the shape that its arguments ask for", path)
                elif not name or hasattr(Module, name) or name in part.__dict__ or name in part._children:
                    raise _broken("a tensor needs a name of its own", path)
                if kind == "parameters":
                    part.register_parameter(name, held)  # type: ignore[arg-type] # asked above
                else:
                    part.hold(name, held, persistent=kind == "buffers")

    # -- steps ----------------------------------------------------------------------------------------------------

    def _read_steps(self, program: Program, data: dict[str, Any]) -> None:
        """The steps of a program whose children are known, and its output."""
        steps = data["steps"]
        if not isinstance(steps, list):
            raise _broken("steps must be a list", steps)
        known = set(program.input_names)
        for step in steps:
            program.steps.append(self._read_step(program, step, known))
            known.add(program.steps[-1].result)
        output = _read_value(data.get("output"))
        _check_refs(output, known)
        program.output = output
        for kind, names in (("copied", program.copied), ("changed_copies", program.changed_copies)):
            listed = data.get(kind, [])
            if not isinstance(listed, list) or not all(isinstance(name, str) and name in known for name in listed):
                raise _broken(f"{kind} lists results of the program", listed)
            names.update(listed)

    def _read_step(self, program: Program, data: Any, known: set[str]) -> Step:
        """One step, whose target exists and whose references point to earlier results."""
        if isinstance(data, dict) and "tensor" in data and isinstance(data.get("result"), str):
            path = data.get("path")
            return Step(data["result"], self._held(data["tensor"]), (), {}, path if isinstance(path, str) else "")
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
            target = named(function).as_operator() if data.get("operator") is True else named(function)
        elif "function" in data:
            raise _broken("there is no function of that name", function)
        else:
            target = str(name)
            if not _has(program, target):
                raise _broken("there is no module of that name", name)
        return Step(data["result"], target, inputs, call, path if isinstance(path, str) else "")


def _program(data: dict[str, Any]) -> Program:
    """A program with the names of its inputs, and nothing in it yet."""
    names = data.get("inputs")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _broken("inputs must be a list of names", names)
    if len(set(names)) < len(names):
        raise _broken("each input needs a name of its own", names)
    return Program(tuple(names))


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
    elif isinstance(nested, dict):
        for item in nested.values():
            _check_refs(item, known)


def _read_value(data: Any, tensors: Sequence[Any] = ()) -> Any:
    """An argument back from JSON; in a recipe, tensors stand by their numbers."""
    if isinstance(data, list):
        return [_read_value(item, tensors) for item in data]
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("tuple"), list):
        return tuple(_read_value(item, tensors) for item in data["tuple"])
    if isinstance(data.get("dict"), list):
        return {str(key): _read_value(item, tensors) for key, item in map(_pair, data["dict"])}
    if tensors and type(data.get("tensor")) is int:
        return tensors[data["tensor"]]
    return _read_marked(data)


def _read_marked(data: dict[str, Any]) -> Any:
    """A value that JSON has no form for, by its mark."""
    if isinstance(data.get("symbol"), str):
        return symbol(data["symbol"], data.get("minimum", 1))
    if isinstance(data.get("ref"), str):
        index = data.get("index")
        if index is not None and (type(index) is not int or index < 0):
            raise _broken("an index counts outputs from 0", index)
        return Ref(data["ref"], index)
    if isinstance(data.get("dtype"), str):
        return DType(data["dtype"])
    if data.get("float") in NOT_FINITE:
        return float(data["float"])
    if isinstance(data.get("slice"), list) and len(data["slice"]) == 3:  # noqa: PLR2004 - start, stop and step
        return slice(*map(_read_value, data["slice"]))
    if data.get("ellipsis") is True:
        return Ellipsis
    if isinstance(data.get("expression"), str):
        return _read_expression(data["expression"], data.get("minima", {}))
    raise _broken("this value can't be read", data)


def _pair(data: Any) -> tuple[Any, Any]:
    """A key and a value."""
    if not isinstance(data, list) or len(data) != 2:  # noqa: PLR2004 - a pair
        raise _broken("an entry is a pair of key and value", data)
    return data[0], data[1]


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
