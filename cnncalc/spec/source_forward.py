"""The forwards of a source: each call of a module as a method of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.constant import Constant
from cnncalc.containers import ModuleList, Sequential
from cnncalc.errors import UnsupportedError
from cnncalc.graph import Graph
from cnncalc.layers.facts import is_shape
from cnncalc.layers.layer import Layer
from cnncalc.layers.uncarried import Uncarried
from cnncalc.program import Program, Ref, Result, Step, changed_in_place, names_in, results_in
from cnncalc.spec.source_calls import Call, Flow, has_forward
from cnncalc.spec.source_text import OPERATORS, Numbers, call_text, constant_text, is_plain, layer_text, listed, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cnncalc.module import Module

CHAIN = """    def forward(self, x):
        for child in self.children():
            x = child(x)
        return x
"""
IN_PLACE = ("+=", "-=", "*=", "/=")


class Forwards:
    """The forward of each module that is called as a whole; a module whose calls differ is taken apart where it is called."""

    def __init__(
        self, graph: Graph, program: Program, flow: Flow, class_for: Callable[[str, str, str], str], numbers: Numbers
    ) -> None:
        """Write them; `class_for` names the class of a kind that has a forward and a base."""
        self._graph = graph
        self._output = program.output
        self._flow = flow
        self._class_for = class_for
        self._numbers = numbers
        self._modules = dict(graph.modules())
        self._paths = {id(module): path for path, module in graph.tree.items()}
        self._by_path: dict[str, list[Call]] = {}
        #: The class of each module that is called as a whole; None for one that is taken apart.
        self._class: dict[str, str | None] = {}
        #: The tensors that forwards use, by qualified name.
        self.used = set(flow.owned.values())
        self._strays: dict[int, int] = {}
        for step in flow.steps:
            if isinstance(step.target, Uncarried):
                raise UnsupportedError(
                    "an operation that is not carried has no source", where=step.path, got=step.target.torch_name
                )
        self._copied, self._changed_copies = program.copied, program.changed_copies
        self._check_owned()
        whole = flow.calls(graph)
        self._gather(whole)
        if has_forward(graph.network):
            inputs: list[Result] = [(name, None) for name in program.input_names]
            self._class[""] = self._chain_or_class(whole, inputs, None)

    def _check_owned(self) -> None:
        """Refuse what changes a module's own tensor in place: torch does so where no gradient is asked alone."""
        for step, root in changed_in_place(self._flow.steps, self._changed_copies):
            if root in self._flow.owned and root not in self._copied:
                raise _no_source(step, "a parameter or constant that is changed in place")

    def class_of(self, path: str) -> str | None:
        """The class of a module; None for one that is never called as a whole."""
        return self._class.get(path)

    def _gather(self, call: Call) -> None:
        """Sort the calls by their modules."""
        for inner in call.inner:
            self._by_path.setdefault(inner.path, []).append(inner)
            self._gather(inner)

    # -- classes ------------------------------------------------------------------------------------------------

    def _is_whole(self, path: str) -> bool:
        """Whether a module's calls are all written as one, with the same forward."""
        if path not in self._class:
            module = self._modules.get(path)
            # None while it is being written: no module holds itself.
            self._class[path] = None
            if module is not None:
                found = {self._chain_or_class(call, *self._flow.crossing(call)) for call in self._by_path[path]}
                self._class[path] = found.pop() if len(found) == 1 else None
        return self._class[path] is not None

    def _chain_or_class(self, call: Call, needs: list[Result], made: list[Result] | None) -> str:
        """The class of a call: `nn.Sequential` where it runs its children one by one; without results, it is the network."""
        module = self._modules[call.path]
        if type(module) is Sequential and self._is_chain(call, module):
            if is_indexed(module):
                return "nn.Sequential"
            if len({id(child) for child in module._children.values()}) == len(module._children):
                return self._class_for("Chain", CHAIN, "Block")
        base = f"nn.{module.torch_name}" if isinstance(module, Layer) else "Block"
        return self._class_for(type(module).__name__, self._forward(call, needs, made), base)

    def _pieces(self, call: Call) -> Iterator[int | Call]:
        """The steps of a call and the calls in it that are written as a whole, in order."""
        at = call.start
        for inner in call.inner:
            yield from range(at, inner.start)
            if self._is_whole(inner.path):
                yield inner
            else:
                yield from self._pieces(inner)
            at = inner.end
        yield from range(at, call.end)

    def _is_chain(self, call: Call, module: Module) -> bool:
        """Whether a Sequential's children each run once, in order, the next on what the one before it gave."""
        pieces = list(self._pieces(call))
        if len(pieces) != len(module._children):
            return False
        before: list[Result] | None = None
        for piece, child in zip(pieces, module._children.values(), strict=True):
            one = piece if isinstance(piece, Call) else Call(str(self._flow.steps[piece].target), piece, piece + 1)
            needs, made = self._flow.crossing(one)
            if child is None or one.path != self._paths[id(child)] or len(needs) != 1 or len(made) != 1:
                return False
            if before is not None and needs != before:
                return False
            before = made
        whole = self._output
        return call.path != "" or (isinstance(whole, Ref) and list(results_in(whole)) == before)

    def _forward(self, call: Call, inputs: list[Result], outputs: list[Result] | None) -> str:
        """The forward that runs the steps of a call; without outputs, the network's own."""
        names = _Variables(inputs, call.path)
        arguments = ", ".join(names.of[result] for result in inputs)
        lines: list[str] = []
        for piece in self._pieces(call):
            if isinstance(piece, Call):
                stop = piece.end
                needs, made = self._flow.crossing(piece)
                shown = ", ".join(self._text_of(result, names) for result in needs)
                line = f"{self.reference(call.path, piece.path)}({shown})"
            else:
                stop = piece + 1
                step = self._flow.steps[piece]
                lines += self._copies(step, call, names)
                made = [(step.result, None)]
                spared = self._spared(step)
                kept = "" if spared is None else self._text_of(spared, names)
                if spared is not None:
                    names.of[spared] = names.new(made[0])
                    lines.append(f"{names.of[spared]} = {kept}.clone()")
                line = self._statement(step, names)
                if spared is not None:
                    names.of[spared] = kept
            names.release(result for result in list(names.of) if self._flow.last.get(result[0], -1) < stop)
            if isinstance(piece, int) and line.split(" ")[1:2] and line.split(" ")[1] in IN_PLACE:
                names.of[made[0]] = line.split(" ")[0]
                lines.append(line)
            else:
                lines.append(f"{', '.join(names.new(result) for result in made)} = {line}" if made else line)
        given = self._shown(self._output, names) if outputs is None else ", ".join(names.of[result] for result in outputs)
        body = "\n".join(f"        {line}" for line in [*lines, f"return {given}"])
        return f"    def forward(self, {arguments}):\n{body}\n"

    # -- statements ---------------------------------------------------------------------------------------------

    def _copies(self, step: Step, call: Call, names: _Variables) -> Iterator[str]:
        """The copies that are made for a step: from then on their variables stand for what was copied."""
        for name in sorted(names_in((step.inputs, step.call)) & self._copied - names.copied):
            own = {piece for piece in self._pieces(call) if isinstance(piece, int)}
            steps = enumerate(self._flow.steps)
            users = {number for number, other in steps if name in names_in((other.inputs, other.call))}
            if (call.path and name in names_in(self._output)) or not users <= own:
                raise _no_source(step, "a tensor of which a copy is changed in place, and used in another module,")
            shown = self._text_of((name, None), names)
            names.copied.add(name)
            yield f"{names.new((name, None))} = {shown}.clone()"

    def _spared(self, step: Step) -> Result | None:
        """What a step takes first and changes a copy of."""
        first = step.inputs[0] if step.result in self._changed_copies and step.inputs else None
        return (first.name, first.index) if isinstance(first, Ref) else None

    def _statement(self, step: Step, names: _Variables) -> str:
        """The right side of one step, or the whole of one in place."""
        if isinstance(step.target, Constant):
            return constant_text(step.target, self._numbers, step.path, next(iter(names.of.values()), ""))
        shown = [self._shown(value, names) for value in step.inputs]
        more = [f"{key}={self._shown(value, names)}" for key, value in step.call.items()]
        if isinstance(step.target, str):
            return f"{self._callee(step.target, names.scope)}({', '.join(shown + more)})"
        function: Any = step.target
        name = function.torch_name
        if function.is_operator and name in OPERATORS and len(shown) == 2 and not more:  # noqa: PLR2004 - two operands
            return f"{shown[0]} {OPERATORS[name]} {shown[1]}"
        if function.is_operator and name == "neg":
            return f"-{shown[0]}"
        if name == "getitem":
            return f"{shown[0]}[{self._index(step.inputs[1], names)}]"
        return call_text(function, shown, more)

    def _callee(self, path: str, scope: str) -> str:
        """A layer as the module at `scope` sees it; one that the tree does not hold is made where it is called."""
        if path in self._modules:
            return self.reference(scope, path)
        layer = next(node.operation for node in self._graph.nodes if node.path == path)
        if not isinstance(layer, Layer):  # pragma: no cover - only layers are called by their names
            raise TypeError(path)
        self._strays[id(layer)] = self._strays.get(id(layer), 0) + 1
        if self._strays[id(layer)] > 1 or layer.own_parameters() or layer.own_buffers():
            raise UnsupportedError("a layer that is kept outside of the network's tree has no source", where=path)
        return layer_text(layer, path)

    def _text_of(self, result: Result, names: _Variables) -> str:
        """A result, or one of its outputs, by variable; a tensor that the module owns, as its attribute."""
        if result in names.of:
            return names.of[result]
        name, index = result
        if self._flow.is_inside(name, names.scope):
            return self.reference(names.scope, self._flow.owned[name])
        output = self._graph.nodes[int(name.removeprefix("v"))].output
        return names.of[name, None] + "".join(f"[{place}]" for place in _way_to(output, index or 0))

    def _shown(self, nested: Any, names: _Variables) -> str:
        """An argument with variables in the place of results."""
        if isinstance(nested, Ref):
            return self._text_of((nested.name, nested.index), names)
        if isinstance(nested, (list, tuple)) and any(True for _ in results_in(nested)):
            inner = ", ".join(self._shown(item, names) for item in nested)
            if isinstance(nested, list):
                return f"[{inner}]"
            return f"({inner},)" if len(nested) == 1 else f"({inner})"
        if isinstance(nested, dict):
            return "{" + ", ".join(f"{literal(key)}: {self._shown(value, names)}" for key, value in nested.items()) + "}"
        return self._numbers.text(nested)

    def _index(self, index: Any, names: _Variables) -> str:
        """What stands in brackets behind a tensor."""
        if isinstance(index, tuple) and index:
            shown = [self._numbers.text(listed(item)) if isinstance(item, tuple) else self._index(item, names) for item in index]
            return ", ".join(shown) + ("," if len(index) == 1 else "")
        if isinstance(index, slice):
            start, stop, step = (
                "" if part is None else self._shown(part, names) for part in (index.start, index.stop, index.step)
            )
            return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
        return self._shown(index, names)

    def reference(self, scope: str, path: str, start: str = "self") -> str:
        """A module, or a tensor, as the module at `scope` sees it."""
        if path == scope:
            # A layer whose forward does something around torch's.
            return "super().forward"
        text, place = start, scope
        for name in path[len(scope) + 1 if scope else 0 :].split("."):
            if self._is_indexed(place) and name.isdecimal() and text != "self":
                text = f"{text}[{name}]"
            elif is_plain(name):
                text = f"{text}.{name}"
            else:
                text = f"getattr({text}, {literal(name)})"
            place = f"{place}.{name}" if place else name
        return text

    def _is_indexed(self, path: str) -> bool:
        """Whether a module is written as torch's Sequential or ModuleList, whose children go by their numbers."""
        module = self._modules.get(path)
        return module is not None and is_indexed(module) and self._class.get(path) in {None, "nn.Sequential"}


def _no_source(step: Step, what: str) -> UnsupportedError:
    """The error for what has no source."""
    return UnsupportedError(f"{what} has no source", where=step.path or step.result)


def is_indexed(module: Module) -> bool:
    """Whether a container is a Sequential or a ModuleList whose children are numbered, and that owns nothing else."""
    names = [name for name, child in module._children.items() if child is not None]
    plain = type(module) in {Sequential, ModuleList} and names == [str(index) for index in range(len(names))]
    return plain and not (module.own_parameters() or module.own_buffers() or module.unsaved())


class _Variables:
    """The variables of one forward, that of the module at `scope`: which result each one holds."""

    def __init__(self, inputs: list[Result], scope: str) -> None:
        """Name the inputs."""
        self.of: dict[Result, str] = {}
        #: The results whose variables hold copies.
        self.copied: set[str] = set()
        self.scope = scope
        for result in inputs:
            self.new(result)

    def new(self, result: Result) -> str:
        """A variable for a result: the first that holds nothing else."""
        used = set(self.of.values())
        self.of[result] = next(n for n in ("x", "y", "z", *(f"x{i}" for i in range(1, len(used) + 2))) if n not in used)
        return self.of[result]

    def release(self, unused: Iterable[Result]) -> None:
        """Forget results that are not used again."""
        for result in unused:
            del self.of[result]


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
