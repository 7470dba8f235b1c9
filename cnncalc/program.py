"""Networks written down as steps: what specs and files hold, and what a recorded graph becomes."""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.graph import Graph, is_shape
from cnncalc.layers.operation import Function, Layer
from cnncalc.module import Module
from cnncalc.value import ParameterNode, Value, iterate_values, map_values


class Ref:
    """A result by name, or one of its parts where it is a tuple."""

    __slots__ = ("index", "name")

    def __init__(self, name: str, index: int | None = None) -> None:
        """Keep the name and the index."""
        self.name = name
        self.index = index


class Step:
    """One line of a program: what is called, on which earlier results, under which name its result is kept.

    `target` is a child's qualified name or a `Function`, whose row is then called `path`; `inputs` and `call` hold a
    `Ref` for each tensor.
    """

    __slots__ = ("call", "inputs", "path", "result", "target")

    def __init__(
        self, result: str, target: str | Function, inputs: tuple[Any, ...], call: dict[str, Any], path: str = ""
    ) -> None:
        """Keep the parts."""
        self.result = result
        self.target = target
        self.inputs = inputs
        self.call = call
        self.path = path


class Program(Module):
    """A network written as steps, for specs and files: its forward carries the steps out in order.

    `steps` is added to, and `output` set, by who makes it.
    """

    input_names: tuple[str, ...]
    steps: list[Step]
    output: Any

    def __init__(self, inputs: tuple[str, ...]) -> None:
        """Start a program with the names of its inputs; children, steps and output are added."""
        super().__init__()
        self.__dict__.update(input_names=inputs, steps=[], output=None)

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep children apart from the program's own parts: a layer may well be called `output`."""
        if isinstance(value, Module):
            self._children[name] = value
        elif value is not None:
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        """A child, where no part of the program has its name."""
        if name in self.__dict__.get("_children", ()):
            return self._children[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def add_path(self, path: str, module: Module) -> None:
        """Add a child under a qualified name, with plain containers on the way."""
        *outer, name = path.split(".")
        place: Module = self
        for part in outer:
            if part not in place._children:
                place.add_module(part, Module())
            place = place._children[part]
        place.add_module(name, module)

    def at_path(self, path: str) -> Module:
        """The child with a qualified name."""
        place: Module = self
        for part in path.split("."):
            place = place._children[part]
        return place

    def forward(self, *inputs: Any) -> Any:
        """Carry out the steps."""
        if len(inputs) != len(self.input_names):
            raise ArgumentError(
                f"the network has {len(self.input_names)} inputs",
                got=f"{len(inputs)} shapes",
                remedy="give one shape for each input",
            )
        results: dict[str, Any] = dict(zip(self.input_names, inputs, strict=True))

        def fill(nested: Any) -> Any:
            if isinstance(nested, Ref):
                return results[nested.name] if nested.index is None else _part(results[nested.name], nested)
            if isinstance(nested, (tuple, list)):
                return type(nested)([fill(item) for item in nested])
            return nested

        for step in self.steps:
            target: Any = self.at_path(step.target) if isinstance(step.target, str) else step.target
            if step.path:
                inputs[0].name_next(step.path)
            results[step.result] = target(*fill(step.inputs), **{key: fill(value) for key, value in step.call.items()})
        return fill(self.output)


def _part(result: Any, ref: Ref) -> Any:
    """One of several outputs, counted in order, however they are nested."""
    index = ref.index or 0
    several = list(iterate_values(result)) if isinstance(result, tuple) else [result]
    if not isinstance(result, tuple) or index >= len(several):
        raise ArgumentError("an index picks one output of a layer that has several", got=f"{ref.name}[{index}] of {len(several)}")
    return several[index]


def program_of(graph: Graph) -> Program:
    """The recorded network as a program: the same tree of names, lazy layers concrete, one step for each call."""
    program = Program(tuple(value.node.path for value in graph.inputs))
    around: str | None = None
    for path, module in graph.modules():
        # What stands inside a layer is made with it.
        if isinstance(module, Layer) and not (around is not None and path.startswith(around)):
            program.add_path(path or "0", module)
            around = f"{path}." if path else ""
    known = {id(module) for module in program.modules()}
    for node in graph.nodes:
        if isinstance(node.operation, Layer) and id(node.operation) not in known:
            # A layer made inside forward, or kept in a plain list: the tree does not hold it.
            known.add(id(node.operation))
            program.add_path(node.path, node.operation)

    def refer(value: Value) -> Ref:
        if isinstance(value.node, ParameterNode):
            raise UnsupportedError(
                "a network whose forward uses a parameter or constant of its own has no steps to be written down as",
                where=value.node.path,
            )
        several = not is_shape(value.node.output)
        name = value.node.path if value.node.operation is None else f"v{value.node.index}"
        return Ref(name, value.index if several else None)

    for node in graph.nodes:
        if node.operation is None:
            continue
        inputs, call = map_values(node.inputs, refer), map_values(node.named, refer)
        result = f"v{node.index}"
        if isinstance(node.operation, Function):
            program.steps.append(Step(result, node.operation, inputs, call, node.path))
        else:
            program.steps.append(Step(result, node.path or "0", inputs, call))
    program.output = map_values(graph.outputs, refer)
    return program
