"""A network's steps as its modules' calls hold them: what `to_source` writes forwards from."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from cnncalc.held import Held
from cnncalc.layers.layer import Layer
from cnncalc.program import Program, Result, results_in

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.module import Module


class Call:
    """One call of a module: its qualified name, its first step, the step behind its last, and the calls inside it, in order."""

    __slots__ = ("end", "inner", "path", "start")

    def __init__(self, path: str, start: int, end: int) -> None:
        """Keep the parts; the calls inside are added."""
        self.path = path
        self.start = start
        self.end = end
        self.inner: list[Call] = []


class Flow:
    """The steps of a program without the tensors that its modules own, and where each result is used for the last time.

    `owned` names those tensors by the results that stand for them.
    """

    def __init__(self, program: Program) -> None:
        """Sort the steps."""
        self.owned = {
            step.result: step.path
            for step in program.steps
            if isinstance(step.target, Held) and program.tensor_at(step.path) is step.target
        }
        self.steps = [step for step in program.steps if step.result not in self.owned]
        self.last: dict[str, int] = {}
        for index, step in enumerate(self.steps):
            for name, _ in results_in((step.inputs, step.call)):
                self.last[name] = index
        for name, _ in results_in(program.output):
            self.last[name] = len(self.steps)

    def crossing(self, call: Call) -> tuple[list[Result], list[Result]]:
        """What a call uses from outside its module, and the results of its steps that are used outside."""
        steps = self.steps[call.start : call.end]
        made = {step.result for step in steps}
        used = dict.fromkeys(result for step in steps for result in results_in((step.inputs, step.call)))
        needs = [result for result in used if result[0] not in made and not self.is_inside(result[0], call.path)]
        return needs, [(step.result, None) for step in steps if self.last.get(step.result, -1) >= call.end]

    def is_inside(self, name: str, path: str) -> bool:
        """Whether a result is a tensor that the module at a path, or one below it, owns."""
        return name in self.owned and (not path or self.owned[name].startswith(f"{path}."))

    def calls(self, graph: Graph) -> Call:
        """The call of the whole network, with all that it holds; layers, and calls without a step, are no calls here."""
        layers = {path for path, module in graph.modules() if not has_forward(module)}
        places = [int(step.result.removeprefix("v")) for step in self.steps]
        whole = Call("", 0, len(self.steps))
        found = [
            (bisect_left(places, start), -bisect_left(places, end), -number, path)
            for number, (path, start, end) in enumerate(graph.calls)
            if path and path not in layers
        ]
        # An inner call ends before the outer one, which is told by the number where both hold the same steps.
        stack = [whole]
        for start, end, _, path in sorted(found):
            if start == -end:
                continue
            while stack[-1].end <= start:
                stack.pop()
            call = Call(path, start, -end)
            stack[-1].inner.append(call)
            stack.append(call)
        return whole


def has_forward(module: Module) -> bool:
    """Whether a module has a forward of its own, as containers have, and layers of a user's that do something around torch's."""
    return not isinstance(module, Layer) or type(module).forward is not Layer.forward
