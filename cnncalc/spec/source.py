"""A network as the source code of an `nn.Module`, for torch or for `cnncalc.drop_in`.

Every module that is called becomes a call of a class of its own, equal ones share a class; what it holds is handed to it by
name. Names and arguments are written as literals, so that nothing in a network can be run by reading it back.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from cnncalc.constant import Constant
from cnncalc.containers import ModuleList
from cnncalc.errors import UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.held import Held
from cnncalc.layers.layer import Layer
from cnncalc.module import Module
from cnncalc.program import program_of
from cnncalc.spec.source_calls import Flow
from cnncalc.spec.source_forward import Forwards, is_indexed
from cnncalc.spec.source_text import (
    Numbers,
    all_frozen,
    buffer_text,
    constant_text,
    is_plain,
    layer_text,
    literal,
    parameter_text,
)

HEAD = '''import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    """A module that holds what it is given, by name: modules, parameters, and buffers."""

    def __init__(self, /, **held):
        super().__init__()
        for name, part in held.items():
            if isinstance(part, nn.Parameter):
                self.register_parameter(name, part)
            elif isinstance(part, nn.Module):
                self.add_module(name, part)
            else:
                self.register_buffer(name, part)
'''
UNSAVED = '''def beside(module, /, **tensors):
    """The module, with tensors that it keeps beside its state_dict."""
    for name, tensor in tensors.items():
        module.register_buffer(name, tensor, persistent=False)
    return module
'''
#: Names that a generated class or variable may not take.
TAKEN = re.compile(r"torch|nn|F|Block|network|self|super|held|name|part|beside|module|tensors?|(numbers|shared)_\d+|isinstance")


def to_source(network: Module, *shapes: Any) -> str:
    """The source code of a torch module that computes what the network computes for inputs of these shapes.

    `network = …` at its end is the module, with the network's own names: its `state_dict` has the same keys and shapes. It
    is written for torch; with `from cnncalc import nn, drop_in as torch` and `import cnncalc.nn.functional as F` in place
    of its imports, it is read back as the same graph. Sizes that the network asks its input for are written as numbers.
    Raises UnsupportedError for what has no source: symbols, operations that are not carried, constants that are made in
    ways unknown to cnncalc, layers with tensors that torch's do not have.
    """
    return _Source(trace(network, *shapes)).text()


class _Source:
    """The writer of one network."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._program = program_of(graph)
        self._modules = dict(graph.modules())
        #: The first name of each module: a shared one is written once, and stands in its other places by a variable.
        self._paths = {id(module): path for path, module in graph.tree.items()}
        self._shared: dict[int, str] = {}
        self._hoisted: list[str] = []
        self._numbers = Numbers()
        self._classes: dict[tuple[str, str, str], str] = {}
        self._used: set[str] = set()
        #: The first place of each parameter that stands in several.
        self._ties: list[tuple[str, str, str]] = []
        self._check()
        self._forwards = Forwards(graph, self._program, Flow(self._program), self._class_of, self._numbers)

    def text(self) -> str:
        """The whole source."""
        root = self._graph.network
        made = self._made("", root)
        shapes = ", ".join(str(tuple(value.shape)) for value in self._graph.inputs)
        made = f"# For inputs of the shape {shapes}.\n" + "\n".join([*self._hoisted, f"network = {made}", *self._afterwards()])
        written = [text for name, text in self._written() if name in self._used]
        helpers = [UNSAVED] if "beside(" in made else []
        numbers = ["\n".join(self._numbers.lines()) + "\n"] if self._numbers.lines() else []
        return "\n\n".join([HEAD, *helpers, *numbers, *written, f"{made}\n"])

    # -- what there is ------------------------------------------------------------------------------------------

    def _made(self, path: str, module: Module, depth: int = 0) -> str:
        """The constructor call of a module, its children in it; the variable of one that stands in several places."""
        several = self._places[id(module)] > 1
        if id(module) in self._shared:
            return self._shared[id(module)]
        depth = 0 if several else depth
        made = self._modules.get(path, module)
        text = self._layer(path, made) if isinstance(made, Layer) else self._container(path, made, depth)
        text = self._with_more(path, made, text)
        if not several:
            return text
        name = self._shared[id(module)] = f"shared_{len(self._shared) + 1}"
        self._hoisted.append(f"{name} = {text}")
        return name

    def _layer(self, path: str, layer: Layer) -> str:
        """The constructor call of a layer: torch's class, or that of a layer which does something around torch's forward."""
        kind = self._forwards.class_of(path) or f"nn.{layer.torch_name}"
        self._used.add(kind)
        return layer_text(layer, path, kind)

    def _container(self, path: str, module: Module, depth: int) -> str:
        """The constructor call of a container."""
        indent, closing = "    " * (depth + 1), "    " * depth
        held = [*self._tensors(path, module)]
        children = [
            (name, self._made(self._paths[id(child)], child, depth + 1))
            for name, child in module._children.items()
            if child is not None
        ]
        kind = self._kind(path, module)
        self._used.add(kind)
        if not held and not children:
            return f"{kind}()"
        if kind in {"nn.Sequential", "nn.ModuleList"}:
            inner = "".join(f"{indent}{text},\n" for _, text in children)
            return f"nn.Sequential(\n{inner}{closing})" if kind == "nn.Sequential" else f"nn.ModuleList([\n{inner}{closing}])"
        inner = "".join(f"{indent}{_keyword(name, text)},\n" for name, text in [*held, *children])
        return f"{kind}(\n{inner}{closing})"

    def _kind(self, path: str, module: Module) -> str:
        """The class of a container: torch's own where it has no forward but torch's, and no tensors."""
        written = self._forwards.class_of(path)
        if written is not None:
            return written
        return ("nn.ModuleList" if type(module) is ModuleList else "nn.Sequential") if is_indexed(module) else "Block"

    def _tensors(self, path: str, module: Module) -> list[tuple[str, str]]:
        """Name and text of the parameters and buffers that a container owns, in torch's order."""
        found = []
        for name in module.own_parameters():
            held = module._parameters[name]
            if held is not None:
                self._tie(path, name, held)
                found.append((name, parameter_text(held)))
        return found + [(name, buffer_text(module.__dict__[name])) for name in module.own_buffers()]

    def _with_more(self, path: str, module: Module, text: str) -> str:
        """A module with what it keeps beside its state, and the notes for its parameters that are made afterwards."""
        if isinstance(module, Layer):
            for inner, part in module.named_modules():
                for name, held in part._held().items() if isinstance(part, Layer) else ():
                    self._tie(".".join(filter(None, (path, inner))), name, held)
            return text
        outer = f"{path}." if path else ""
        tensors = [
            _keyword(name, constant_text(held, self._numbers, outer + name) if isinstance(held, Constant) else buffer_text(held))
            for name, held in module.unsaved().items()
            if outer + name in self._forwards.used or not isinstance(held, Constant)
        ]
        return f"beside({text}, {', '.join(tensors)})" if tensors else text

    def _tie(self, path: str, name: str, held: Held) -> None:
        """Note a parameter that has stood elsewhere before: it is put into its other places afterwards."""
        first = self._first.setdefault(id(held), (path, name))
        if first != (path, name):
            self._ties.append((path, name, self._forwards.reference("", ".".join(filter(None, first)), "network")))

    def _afterwards(self) -> list[str]:
        """Statements about the made network: tied parameters, and layers of which some parameters are frozen."""
        lines = []
        for path, name, first in self._ties:
            place = self._forwards.reference("", path, "network") if path else "network"
            lines.append(f"{place}.{name} = {first}" if is_plain(name) else f"setattr({place}, {literal(name)}, {first})")
        for path, module in self._modules.items():
            if isinstance(module, Layer) and module.frozen() and not any(all_frozen(layer) for layer in self._around(path)):
                place = self._forwards.reference("", path, "network") if path else "network"
                lines += [f"{place}.{name}.requires_grad_(False)" for name in sorted(module.frozen())]
        return lines

    def _around(self, path: str) -> list[Layer]:
        """The layers that a layer is a part of, and itself."""
        parts = path.split(".")
        names = ["", *(".".join(parts[: count + 1]) for count in range(len(parts)))]
        found = [self._modules.get(name) for name in names]
        return [module for module in found if isinstance(module, Layer)]

    def _class_of(self, kind: str, forward: str, base: str) -> str:
        """The name of the class with that forward and base; equal ones are written once."""
        key = (kind, forward, base)
        if key not in self._classes:
            plain = kind if is_plain(kind) else "Part"
            plain = f"{plain}_" if TAKEN.fullmatch(plain) else plain
            taken = set(self._classes.values())
            self._classes[key] = next(
                name for name in (plain, *(f"{plain}{i}" for i in range(2, len(taken) + 3))) if name not in taken
            )
        return self._classes[key]

    def _written(self) -> list[tuple[str, str]]:
        """Name and text of each class."""
        return [(name, f"class {name}({base}):\n{forward}") for (_, forward, base), name in self._classes.items()]

    def _check(self) -> None:
        """Refuse layers with tensors that torch's do not have; count the places of each module."""
        self._places: Counter[int] = Counter()
        self._first: dict[int, tuple[str, str]] = {}
        stack = [("", self._graph.network)]
        while stack:
            path, module = stack.pop()
            self._places[id(module)] += 1
            if self._places[id(module)] > 1:
                continue
            module = self._modules.get(path, module)
            if isinstance(module, Layer):
                if set(module.owned()[0]) | set(module.owned()[1]) != set(module.tensors()) or module.unsaved():
                    raise UnsupportedError("a layer with tensors that torch's does not have has no source", where=path)
                continue
            stack += [
                (f"{path}.{name}" if path else name, child) for name, child in module._children.items() if child is not None
            ]


def _keyword(name: str, text: str) -> str:
    """An argument by name, whatever the name."""
    return f"{name}={text}" if is_plain(name) else f"**{{{literal(name)}: {text}}}"
