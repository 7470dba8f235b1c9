"""A network as the source code of an `nn.Module`, for torch or for `cnncalc.drop_in`.

Every module that is called becomes a call of a class of its own, equal ones share a class; what it holds is handed to it by
name. Names and arguments are written as literals, so that nothing in a network can be run by reading it back.
"""

from __future__ import annotations

import keyword
from math import isfinite
from typing import TYPE_CHECKING, Any

from cnncalc.containers import ModuleList, Sequential
from cnncalc.errors import UnsupportedError
from cnncalc.graph import Graph, is_shape, trace
from cnncalc.layers.operation import Function, Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.module import Module
from cnncalc.program import Ref, Step, program_of
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEAD = '''import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    """A module that holds what it is given, by name."""

    def __init__(self, /, **children):
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)
'''
OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "floor_divide": "//",
    "pow": "**",
    "matmul": "@",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "add_": "+=",
    "sub_": "-=",
    "mul_": "*=",
    "div_": "/=",
}
#: A result, or one of several outputs of it: what a variable holds.
Held = tuple[str, int | None]
#: Names that a generated class or variable may not take.
TAKEN = frozenset({"torch", "nn", "F", "Block", "network", "self", "super", "children", "name", "child"})


def to_source(network: Module, *shapes: Any) -> str:
    """The source code of a torch module that computes what the network computes for inputs of these shapes.

    `network = …` at its end is the module, with the network's own names: its `state_dict` has the same keys and shapes. It
    is written for torch; with `from cnncalc import nn, drop_in as torch` and `import cnncalc.nn.functional as F` in place
    of its imports, it is read back as the same graph. Sizes that the network asks its input for are written as numbers.
    Raises UnsupportedError for what has no source: parameters that a forward uses itself, symbols, a shared module that
    has two names, operations that are not carried.
    """
    return _Source(trace(network, *shapes)).text()


class _Source:
    """The writer of one network."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._program = program_of(graph)
        self._steps = self._program.steps
        self._modules = dict(graph.modules())
        self._check_tree()
        #: The container that each step runs in, and the path of each layer's step.
        self._places = [self._place(step) for step in self._steps]
        self._last: dict[str, int] = {}
        for index, step in enumerate(self._steps):
            for name, _ in _names((step.inputs, step.call)):
                self._last[name] = index
        for name, _ in _names(self._program.output):
            self._last[name] = len(self._steps)
        self._classes: dict[tuple[str, str], str] = {}
        self._forwards: dict[str, str] = {}
        self._written: list[str] = []

    def text(self) -> str:
        """The whole source."""
        inputs: list[Held] = [(name, None) for name in self._program.input_names]
        root = self._graph.network
        if isinstance(root, Layer):
            made = _layer_text(root, "")
        else:
            self._forwards[""] = self._class_for("", 0, len(self._steps), inputs, None)
            made = self._made("", root)
        shapes = ", ".join(str(tuple(value.shape)) for value in self._graph.inputs)
        return "\n\n".join([HEAD, *self._written, f"# For inputs of the shape {shapes}.\nnetwork = {made}\n"])

    # -- what is called -----------------------------------------------------------------------------------------

    def _place(self, step: Step) -> str:
        """The qualified name of a step: of its layer, or of the function."""
        if isinstance(step.target, Uncarried):
            raise UnsupportedError("an operation that is not carried has no source", where=step.path, got=step.target.torch_name)
        return step.target if isinstance(step.target, str) else step.path

    def _run_of(self, path: str) -> tuple[int, int] | None:
        """First step and end of a module that runs once, in one go; None for any other, and for one that is never called."""
        if self._graph.entered.get(path) != 1:
            return None
        inside = [index for index, place in enumerate(self._places) if place.startswith(f"{path}.")]
        if not inside or inside[-1] - inside[0] + 1 != len(inside):
            return None
        return inside[0], inside[-1] + 1

    def _forward(self, scope: str, start: int, end: int, inputs: list[Held], outputs: list[Held] | None) -> str:
        """The forward of the module at `scope`, which runs the steps start … end − 1; without outputs, the network's own."""
        names = _Variables(inputs)
        arguments = ", ".join(names.of[held] for held in inputs)
        lines: list[str] = []
        index = start
        while index < end:
            step = self._steps[index]
            place = self._places[index]
            inner = self._called(scope, place)
            if inner is None:
                stop = index + 1
                made: list[Held] = [(step.result, None)]
                line = self._statement(scope, step, names)
            else:
                stop = inner[2]
                needs, made = self._crossing(index, stop)
                shown = ", ".join(self._text_of(held, names) for held in needs)
                line = f"{self._reference(scope, inner[0])}({shown})"
                self._forwards[inner[0]] = self._class_for(inner[0], index, stop, needs, made)
            names.release(held for held in list(names.of) if self._last.get(held[0], -1) < stop)
            in_place = inner is None and line.split(" ")[1:2] and line.split(" ")[1] in {"+=", "-=", "*=", "/="}
            if in_place:
                names.of[step.result, None] = line.split(" ")[0]
                lines.append(line)
            else:
                lines.append(f"{', '.join(names.new(held) for held in made)} = {line}")
            index = stop
        given = self._shown(self._program.output, names) if outputs is None else ", ".join(names.of[held] for held in outputs)
        body = "\n".join(f"        {line}" for line in [*lines, f"return {given}"])
        return f"    def forward(self, {arguments}):\n{body}\n"

    def _text_of(self, held: Held, names: _Variables) -> str:
        """A result, or one of its outputs, by variable."""
        if held in names.of:
            return names.of[held]
        name, index = held
        output = self._graph.nodes[int(name.removeprefix("v"))].output
        return names.of[name, None] + "".join(f"[{place}]" for place in _way_to(output, index or 0))

    def _called(self, scope: str, place: str) -> tuple[str, int, int] | None:
        """The outermost module below `scope` that holds a step and runs in one go, with its steps; None for a step of its own."""
        parts = place.split(".")
        depth = len(scope.split(".")) if scope else 0
        for count in range(depth + 1, len(parts)):
            path = ".".join(parts[:count])
            run = self._run_of(path)
            if run is not None:
                return (path, *run)
        return None

    def _crossing(self, start: int, end: int) -> tuple[list[Held], list[Held]]:
        """What some steps use from outside, and the results of theirs that are used outside."""
        made = [step.result for step in self._steps[start:end]]
        used = [held for step in self._steps[start:end] for held in _names((step.inputs, step.call))]
        needs = [held for held in dict.fromkeys(used) if held[0] not in set(made)]
        return needs, [(name, None) for name in made if self._last.get(name, -1) >= end]

    def _class_for(self, path: str, start: int, end: int, needs: list[Held], made: list[Held] | None) -> str:
        """The class of a module with a forward of its own; `nn.Sequential` where it runs its children one by one."""
        module = self._modules[path]
        if type(module) is Sequential and self._is_chain(path, start, end):
            for name, child in module._children.items():
                if not isinstance(child, Layer):
                    run = self._run_of(_inner(path, name))
                    if run is not None:
                        crossing = self._crossing(*run)
                        self._forwards[_inner(path, name)] = self._class_for(_inner(path, name), *run, *crossing)
            return "nn.Sequential"
        return self._class_of(type(module).__name__, self._forward(path, start, end, needs, made))

    def _is_chain(self, path: str, start: int, end: int) -> bool:
        """Whether a Sequential's children each run once, in order, the next on what the one before it gave."""
        at = start
        for name, child in self._modules[path]._children.items():
            inner = _inner(path, name)
            run = (at, at + 1) if self._places[at : at + 1] == [inner] and isinstance(child, Layer) else self._run_of(inner)
            if run is None or run[0] != at or run[1] > end:
                return False
            needs, made = self._crossing(*run)
            if len(needs) != 1 or len(made) != 1 or (at > start and needs != [(self._steps[at - 1].result, None)]):
                return False
            at = run[1]
        whole = self._program.output
        return at == end and (path != "" or (list(_names(whole)) == [(self._steps[-1].result, None)] and isinstance(whole, Ref)))

    def _class_of(self, kind: str, forward: str) -> str:
        """The name of the class with that forward; equal ones are written once."""
        key = (kind, forward)
        if key not in self._classes:
            plain = kind if kind.isidentifier() and kind.isascii() and not keyword.iskeyword(kind) else "Part"
            plain = plain if plain not in TAKEN else f"{plain}_"
            taken = set(self._classes.values())
            name = next(n for n in (plain, *(f"{plain}{i}" for i in range(2, len(taken) + 3))) if n not in taken)
            self._classes[key] = name
            self._written.append(f"class {name}(Block):\n{forward}")
        return self._classes[key]

    # -- statements ---------------------------------------------------------------------------------------------

    def _statement(self, scope: str, step: Step, names: _Variables) -> str:
        """The right side of one step, or the whole of one in place."""
        shown = [self._shown(value, names) for value in step.inputs]
        more = [f"{key}={self._shown(value, names)}" for key, value in step.call.items()]
        if isinstance(step.target, str):
            return f"{self._reference(scope, step.target)}({', '.join(shown + more)})"
        function = step.target
        name = function.torch_name
        if function.is_operator and name in OPERATORS and len(shown) == 2 and not more:  # noqa: PLR2004 - two operands
            return f"{shown[0]} {OPERATORS[name]} {shown[1]}"
        if function.is_operator and name == "neg":
            return f"-{shown[0]}"
        if name == "getitem":
            return f"{shown[0]}[{shown[1]}]"
        return f"{self._function(function, shown)}({', '.join((shown if self._is_free(function) else shown[1:]) + more)})"

    @staticmethod
    def _is_free(function: Function) -> bool:
        return bool(function.found_in & {"torch", "functional"})

    def _function(self, function: Function, shown: list[str]) -> str:
        """How a function is written: in torch's own place for it, or as a method of its first tensor."""
        if "torch" in function.found_in:
            return f"torch.{function.torch_name}"
        if "functional" in function.found_in:
            return f"F.{function.torch_name}"
        return f"{shown[0]}.{function.torch_name}"

    def _shown(self, nested: Any, names: _Variables) -> str:
        """An argument with variables in the place of results."""
        if isinstance(nested, Ref):
            return self._text_of((nested.name, nested.index), names)
        if isinstance(nested, (list, tuple)) and any(True for _ in _names(nested)):
            inner = ", ".join(self._shown(item, names) for item in nested)
            if isinstance(nested, list):
                return f"[{inner}]"
            return f"({inner},)" if len(nested) == 1 else f"({inner})"
        if isinstance(nested, dict):
            return "{" + ", ".join(f"{literal(key)}: {self._shown(value, names)}" for key, value in nested.items()) + "}"
        return literal(nested)

    def _reference(self, scope: str, path: str) -> str:
        """A module as the module at `scope` sees it."""
        text, place = "self", scope
        for name in path[len(scope) + 1 if scope else 0 :].split("."):
            if isinstance(self._modules.get(place), (Sequential, ModuleList)) and name.isdecimal() and text != "self":
                text = f"{text}[{list(self._modules[place]._children).index(name)}]"
            elif _is_plain(name):
                text = f"{text}.{name}"
            else:
                text = f"getattr({text}, {literal(name)})"
            place = _inner(place, name)
        return text

    # -- what there is ------------------------------------------------------------------------------------------

    def _made(self, path: str, module: Module, depth: int = 0) -> str:
        """The constructor call of a module, its children in it."""
        if isinstance(module, Layer):
            return _layer_text(module, path)
        kind = self._forwards.get(path, "nn.ModuleList" if type(module) is ModuleList else "Block")
        indent, closing = "    " * (depth + 1), "    " * depth
        children = [
            (name, self._made(_inner(path, name), self._modules[_inner(path, name)], depth + 1))
            for name, child in module._children.items()
            if child is not None
        ]
        numbered = [name for name, _ in children] == [str(index) for index in range(len(children))]
        if not children:
            return f"{kind}()"
        if kind == "nn.Sequential" and numbered:
            lines = [text for _, text in children]
        elif kind == "nn.ModuleList":
            lines = [text for _, text in children]
            inner = "".join(f"{indent}{line},\n" for line in lines)
            return f"nn.ModuleList([\n{inner}{closing}])"
        elif kind == "nn.Sequential":
            kind = self._named_chain()
            lines = [f"{name}={text}" if _is_plain(name) else f"**{{{literal(name)}: {text}}}" for name, text in children]
        else:
            lines = [f"{name}={text}" if _is_plain(name) else f"**{{{literal(name)}: {text}}}" for name, text in children]
        inner = "".join(f"{indent}{line},\n" for line in lines)
        return f"{kind}(\n{inner}{closing})"

    def _named_chain(self) -> str:
        """The class of a Sequential whose children have names."""
        lines = ["def forward(self, x):", "    for child in self.children():", "        x = child(x)", "    return x"]
        return self._class_of("Chain", "".join(f"    {line}\n" for line in lines))

    def _check_tree(self) -> None:
        """Refuse modules that stand in two places, layers with a forward of their own, and parameters outside of layers."""
        seen: set[int] = set()
        stack = [("", self._graph.network)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                raise UnsupportedError("a module that has two names has no source", where=path, got=type(module).__name__)
            seen.add(id(module))
            if isinstance(module, Layer):
                if type(module).forward is not Layer.forward:
                    raise UnsupportedError("a layer with a forward of its own has no source", where=path)
                continue
            if module.own_parameters() or module.own_buffers():
                raise UnsupportedError("a module with parameters of its own has no source", where=path, got=type(module).__name__)
            children = [(name, child) for name, child in module._children.items() if child is not None]
            stack += [(_inner(path, name), child) for name, child in children]
        # A lazy layer stands in the tree by the concrete one that it became.
        seen |= {id(layer) for layer in self._graph.concrete.values()}
        for node in self._graph.nodes:
            if isinstance(node.operation, Layer) and id(node.operation) not in seen:
                raise UnsupportedError("a layer that is made inside a forward has no source", where=node.path)


class _Variables:
    """The variables of one forward: which result each one holds."""

    def __init__(self, inputs: list[Held]) -> None:
        """Name the inputs."""
        self.of: dict[Held, str] = {}
        for held in inputs:
            self.new(held)

    def new(self, held: Held) -> str:
        """A variable for a result: the first that holds nothing else."""
        used = set(self.of.values())
        self.of[held] = next(n for n in ("x", "y", "z", *(f"x{i}" for i in range(1, len(used) + 2))) if n not in used)
        return self.of[held]

    def release(self, unused: Iterable[Held]) -> None:
        """Forget results that are not used again."""
        for held in unused:
            del self.of[held]


def _names(nested: Any) -> Iterator[Held]:
    """The results in nested arguments, in order."""
    if isinstance(nested, Ref):
        yield nested.name, nested.index
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            yield from _names(item)
    elif isinstance(nested, dict):
        for item in nested.values():
            yield from _names(item)
    elif isinstance(nested, slice):
        yield from _names((nested.start, nested.stop, nested.step))


def _inner(path: str, name: str) -> str:
    """The qualified name of a child."""
    return f"{path}.{name}" if path else name


def _way_to(output: Any, index: int) -> list[int]:
    """The indices that lead to one of several outputs, counted in order, however they are nested."""
    count = 0

    def walk(nested: Any) -> list[int] | None:
        nonlocal count
        if nested is None:
            return None
        if is_shape(nested):
            count += 1
            return [] if count == index + 1 else None
        for place, item in enumerate(nested):
            way = walk(item)
            if way is not None:
                return [place, *way]
        return None

    return walk(output) or []


def _is_plain(name: str) -> bool:
    """Whether a name can be written as an attribute and as a keyword."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and name not in {"self", "__debug__"}


def _layer_text(layer: Layer, path: str) -> str:
    """The constructor call of a layer."""
    for name in layer.arguments:
        kept = layer.__dict__.get(name)
        # A string may stand for a symbol.
        for size in kept if isinstance(kept, tuple) else (kept,):
            if isinstance(size, Expr):
                literal(size)
    names = [literal(value) for value in layer.unnamed_arguments]
    names += [f"{name}={literal(value)}" for name, value in layer.arguments.items() if name not in {"device", "dtype"}]
    if any(not _is_plain(name) for name in layer.arguments):
        raise UnsupportedError("an argument whose name is no identifier has no source", where=path)
    text = f"nn.{layer.torch_name}({', '.join(names)})"
    frozen = {name for _, part in layer.named_modules() for name in part.frozen()}
    if not frozen:
        return text
    if frozen != {name for _, part in layer.named_modules() for name in part.own_parameters()}:
        raise UnsupportedError("a layer of which some parameters are frozen and some are not has no source", where=path)
    return f"{text}.requires_grad_(False)"


def literal(value: Any) -> str:
    """A value as a Python literal. Raises UnsupportedError for what has none."""
    if isinstance(value, Expr):
        raise UnsupportedError("source code for torch needs numbers", got=str(value)[:60], remedy="give numbers for the symbols")
    if value is None or value is Ellipsis or type(value) in {bool, int, str}:
        return "..." if value is Ellipsis else ascii(value)
    if type(value) is float:
        return repr(value) if isfinite(value) else f'float("{value}")'
    if isinstance(value, slice):
        return f"slice({literal(value.start)}, {literal(value.stop)}, {literal(value.step)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    raise UnsupportedError("an argument that is no literal has no source", got=ascii(value)[:60])
