"""Networks written down as steps: what specs and files hold, and what a recorded graph becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.copies import copies_in
from cnncalc.errors import ArgumentError
from cnncalc.graph import Graph
from cnncalc.held import Held
from cnncalc.layers.checking import as_written
from cnncalc.layers.facts import is_shape
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Function
from cnncalc.module import Module
from cnncalc.value import ParameterNode, Value, iterate_values, map_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A result, or one of several outputs of it: what a variable holds.
Result = tuple[str, int | None]


class Ref:
    """A result by name, or one of its parts where it is a tuple."""

    __slots__ = ("index", "name")

    def __init__(self, name: str, index: int | None = None) -> None:
        """Keep the name and the index."""
        self.name = name
        self.index = index


class Step:
    """One line of a program: what is called, on which earlier results, under which name its result is kept.

    `target` is a child's qualified name, or a `Function`, whose row is then called `path`; `inputs` and `call` hold a
    `Ref` for each tensor. Or it is a tensor that depends on no input, called `path`: the result is the tensor itself.
    """

    __slots__ = ("call", "inputs", "path", "result", "target")

    def __init__(
        self, result: str, target: str | Function | Held, inputs: tuple[Any, ...], call: dict[str, Any], path: str = ""
    ) -> None:
        """Keep the parts."""
        self.result = result
        self.target = target
        self.inputs = inputs
        self.call = call
        self.path = path


class Program(Module):
    """A network written as steps, for specs and files: its forward carries the steps out in order.

    `steps`, `copied` and `changed_copies` are added to, and `output` set, by who makes it.
    """

    def __init__(self, inputs: tuple[str, ...]) -> None:
        """Start a program with the names of its inputs; children, steps and output are added."""
        super().__init__()
        self.__dict__.update(_input_names=inputs, _steps=[], _output=None, _copied=set(), _changed_copies=set())

    # Properties, since a layer or a tensor of the network may well be called `output`: it stands beside them.

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        names: tuple[str, ...] = self.__dict__["_input_names"]
        return names

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        steps: list[Step] = self.__dict__["_steps"]
        return steps

    @property
    def copied(self) -> set[str]:
        """The inputs and results of which all steps use a copy, since one of them changes a part of it in place."""
        copied: set[str] = self.__dict__["_copied"]
        return copied

    @property
    def changed_copies(self) -> set[str]:
        """The steps in place that change a copy of what they take first."""
        changed: set[str] = self.__dict__["_changed_copies"]
        return changed

    @property
    def output(self) -> Any:
        """A `Ref`, or several, nested as the network nests its outputs."""
        return self.__dict__["_output"]

    @output.setter
    def output(self, value: Any) -> None:
        """Say what the network gives."""
        self.__dict__["_output"] = value

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep children apart from the program's own parts."""
        if isinstance(value, Module):
            self._children[name] = value
        elif name == "output":
            object.__setattr__(self, name, value)
        elif value is not None:
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        """A child, where no part of the program has its name."""
        if name in self.__dict__.get("_children", ()):
            return self._children[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def add_path(self, path: str, module: Module) -> None:
        """Add a child under a qualified name, with plain containers on the way."""
        outer, _, name = path.rpartition(".")
        self.container(outer).add_module(name, module)

    def container(self, path: str) -> Module:
        """The child with a qualified name, or else a plain container put there, with others on the way."""
        place: Module = self
        for part in path.split(".") if path else ():
            if part not in place._children:
                place.add_module(part, Module())
            place = place._children[part]
        return place

    def tensor_at(self, path: str) -> Held | None:
        """The tensor of a module, by its qualified name; None where there is none."""
        outer, _, name = path.rpartition(".")
        place = self.at_path(outer) if outer else self
        if isinstance(place, Layer) and name in place.tensors():
            held: Held = getattr(place, name)
            return held
        found = place.__dict__.get(name)
        return found if isinstance(found, Held) else None

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
        copied, changed_copies = self.copied, self.changed_copies
        results: dict[str, Any] = {
            name: _copy(given) if name in copied else given for name, given in zip(self.input_names, inputs, strict=True)
        }

        def fill(nested: Any) -> Any:
            if isinstance(nested, Ref):
                return results[nested.name] if nested.index is None else _part(results[nested.name], nested)
            if isinstance(nested, (tuple, list)):
                return type(nested)([fill(item) for item in nested])
            if isinstance(nested, dict):
                return {key: fill(item) for key, item in nested.items()}
            return nested

        for step in self.steps:
            if isinstance(step.target, Held):
                inputs[0].name_held(step.target, step.path)
                results[step.result] = _copy(step.target) if step.result in copied else step.target
                continue
            target: Any = self.at_path(step.target) if isinstance(step.target, str) else step.target
            given = fill(step.inputs)
            if step.result in changed_copies and given:
                given = (_copy(given[0]), *given[1:])
            if step.path:
                inputs[0].name_next(step.path)
            made = target(*given, **{key: fill(value) for key, value in step.call.items()})
            results[step.result] = _copy(made) if step.result in copied else made
        return fill(self.output)


def _copy(value: Any) -> Any:
    """A copy of a tensor. What else a file names stays, and is refused by who takes it for one."""
    return value.clone() if isinstance(value, (Value, Held)) else value


def results_in(nested: Any) -> Iterator[Result]:
    """The results in nested arguments, in order."""
    if isinstance(nested, Ref):
        yield nested.name, nested.index
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            yield from results_in(item)
    elif isinstance(nested, dict):
        for item in nested.values():
            yield from results_in(item)
    elif isinstance(nested, slice):
        yield from results_in((nested.start, nested.stop, nested.step))


def names_in(nested: Any) -> set[str]:
    """The names of the results in nested arguments."""
    return {name for name, _ in results_in(nested)}


def _first_name(step: Step) -> str:
    """The name of the result that a step takes first; none where it takes something else."""
    first = step.inputs[0] if step.inputs else None
    return first.name if isinstance(first, Ref) else ""


def changed_in_place(steps: Iterable[Step], of_copies: set[str]) -> Iterator[tuple[Step, str]]:
    """The functions that change a tensor in place, each with the name of the result in whose memory that lies.

    `of_copies` are the results of those that change a copy, which are memories of their own.
    """
    roots: dict[str, str] = {}
    for step in steps:
        name = _first_name(step)
        if not isinstance(step.target, Function) or not name:
            continue
        root = step.result if step.result in of_copies else roots.get(name, name)
        if step.target.is_view or step.target.in_place:
            roots[step.result] = root
        if step.target.in_place:
            yield step, root


def _own(place: Module, module: Module) -> None:
    """Give a container of a program the parameters and buffers of the module that it stands for."""
    for name in module.own_parameters():
        place.register_parameter(name, module.__dict__[name])
    for name in module.own_buffers():
        place.hold(name, module.__dict__[name])


def _part(result: Any, ref: Ref) -> Any:
    """One of several outputs, counted in order, however they are nested."""
    index = ref.index or 0
    several = list(iterate_values(result)) if isinstance(result, tuple) else [result]
    if not isinstance(result, tuple) or index >= len(several):
        raise ArgumentError("an index picks one output of a layer that has several", got=f"{ref.name}[{index}] of {len(several)}")
    return several[index]


def _tree_of(graph: Graph) -> Program:
    """The program's own tree, without steps."""
    program = Program(tuple(value.node.path for value in graph.inputs))
    around: str | None = None
    for path, module in graph.modules():
        # What stands inside a layer is made with it.
        if around is not None and path.startswith(around):
            continue
        if isinstance(module, Layer):
            program.add_path(path or "0", module)
            around = f"{path}." if path else ""
        elif module.own_parameters() or module.own_buffers():
            _own(program.container(path), module)
    known = {id(module) for module in program.modules()}
    for node in graph.nodes:
        if isinstance(node.operation, Layer) and id(node.operation) not in known:
            # A layer made inside forward, or kept in a plain list: the tree does not hold it.
            known.add(id(node.operation))
            program.add_path(node.path, node.operation)
        elif isinstance(node, ParameterNode) and node.owned and program.tensor_at(node.path) is None:
            # What a module keeps beside its state.
            outer, _, name = node.path.rpartition(".")
            program.container(outer).hold(name, node.held, persistent=False)
    return program


def program_of(graph: Graph) -> Program:
    """The recorded network as a program: the same tree of names, lazy layers concrete, one step for each call."""
    program = _tree_of(graph)

    def refer(value: Value) -> Ref:
        several = not is_shape(value.node.output)
        is_input = value.node.operation is None and not isinstance(value.node, ParameterNode)
        return Ref(value.node.path if is_input else f"v{value.node.index}", value.index if several else None)

    for node in graph.nodes:
        if isinstance(node, ParameterNode):
            program.steps.append(Step(f"v{node.index}", node.held, (), {}, node.path))
        if node.operation is None:
            continue
        inputs, call = as_written(map_values(node.inputs, refer)), as_written(map_values(node.named, refer))
        result = f"v{node.index}"
        if isinstance(node.operation, Function):
            program.steps.append(Step(result, node.operation, inputs, call, node.path))
        else:
            program.steps.append(Step(result, node.path or "0", inputs, call))
    program.output = map_values(graph.outputs, refer)
    copies = copies_in(graph)
    names = {node.index: f"v{node.index}" for node in graph.nodes} | {value.node.index: value.node.path for value in graph.inputs}
    program.copied.update(names[index] for index in copies.of)
    program.changed_copies.update(names[index] for index in copies.at)
    return program
