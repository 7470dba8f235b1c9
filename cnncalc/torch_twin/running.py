"""Running a network on torch tensors: values, runs, and the containers of the twin.

A `Run` decides what an operation does: call torch. The gradient probe and the counter of MACs are runs of their own.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from cnncalc.constant import Constant, DType
from cnncalc.errors import UnsupportedError
from cnncalc.held import Held, running
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Operation
from cnncalc.module import Module
from cnncalc.overwriting import overwritten
from cnncalc.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.torch_twin.twin import Twins

#: What torch raises when it refuses a layer, an argument or an input.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError, AttributeError)

#: The operators that stand for functions, by torch's name of the function.
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "add_": operator.iadd,
    "sub": operator.sub,
    "sub_": operator.isub,
    "mul": operator.mul,
    "mul_": operator.imul,
    "div": operator.truediv,
    "div_": operator.itruediv,
    "matmul": operator.matmul,
    "neg": operator.neg,
}


class Part(torch.nn.Module):
    """The twin of a container: it runs the forward of the module that it stands for."""

    def __init__(self, source: Module, twins: Twins) -> None:
        """Keep the module and the twins of the whole network."""
        super().__init__()
        self._source = source
        self._twins = twins

    def forward(self, *inputs: Any, **call: Any) -> Any:
        """Run on tensors, inside the run that is under way or in a new one."""
        twins = self._twins
        outer = twins.run
        run = twins.run = outer or Run(twins)
        token = running.set(run)
        try:
            return run.unwrap(run.inside(self._source, run.wrap(inputs), run.wrap(call)))
        finally:
            running.reset(token)
            twins.run = outer

    def _get_name(self) -> str:
        """The name in torch's printed tree: that of the network's own class."""
        return type(self._source).__name__


class TorchValue(Value):
    """A value that wraps a torch tensor: what is called on it is carried out at once.

    It is the graph's `Value` with another recorder behind it, so whatever a forward may do with one it may do with both.
    """

    __slots__ = ("tensor",)
    tracer: Any

    def __init__(self, run: Run, tensor: torch.Tensor) -> None:
        """Wrap a tensor of a run."""
        super().__init__(run, None, tuple(tensor.shape))  # type: ignore[arg-type] # a run in place of a tracer, and no node
        self.tensor = tensor

    def enter(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module's twin."""
        return self.tracer.enter(module, inputs, call)

    def clone(self, **_: Any) -> TorchValue:
        """A copy of the tensor, apart from what happens to this one in place."""
        return TorchValue(self.tracer, self.tensor.clone())

    def contiguous(self, **_: Any) -> TorchValue:
        """The tensor laid out in the order of its axes: torch's `view` asks for it."""
        laid_out = self.tensor.contiguous()
        return self if laid_out is self.tensor else TorchValue(self.tracer, laid_out)

    def __repr__(self) -> str:
        """Show the shape."""
        return f"TorchValue(shape={self.shape})"


class Done(NamedTuple):
    """One operation that was carried out: its qualified name, torch's name of it, and the shape or shapes it gave."""

    path: str
    name: str
    output: Any


class Run:
    """One run of a network on tensors. `done` lists the operations in order; `scope` is the module that is running."""

    def __init__(self, twins: Twins) -> None:
        """Start a run; nothing has been done."""
        self.twins = twins
        self.scope = ""
        self.done: list[Done] = []
        #: The qualified name of the function that is applied next, where the network gives one.
        self.next_name = ""
        #: Names for tensors that no module owns, which a run has no use for.
        self.names: dict[int, str] = {}
        #: Whether the function that is carried out was written as an operator, `a + b`.
        self.is_operator = False
        self._taken: dict[str, int] = {}

    def start(self, *tensors: torch.Tensor) -> Any:
        """Run the whole network and give its outputs as tensors, nested as the network nests them."""
        outer = self.twins.run
        self.twins.run = self
        token = running.set(self)
        try:
            return self.unwrap(self.twins.network(*self.wrap(tensors)))
        finally:
            running.reset(token)
            self.twins.run = outer

    def value_of(self, held: Held) -> TorchValue:
        """The twin's tensor for a parameter, a buffer or a constant that a forward uses itself."""
        return TorchValue(self, self._held(held))

    def _held(self, held: Held) -> torch.Tensor:
        """The twin's tensor: that of a module, or for a constant what torch makes of the same call."""
        if not isinstance(held, Constant):
            return self.twins.parameter(held)
        name, inputs, call = held.recipe
        with torch.device(self.twins.device):
            made: torch.Tensor = self.function(name, self.unwrap(inputs), self.unwrap(call))
        return made

    def write(self, value: TorchValue, index: Any, part: Any) -> None:
        """Write over a part of a tensor, by the same steps as the network is recorded in."""
        value.tensor.copy_(overwritten(value, index, part).tensor)

    def enter(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module: a container through its twin, so that hooks run; a layer through its forward, which records it."""
        twin = self.twins.find(module)
        if isinstance(twin, Part):
            return self.wrap(twin(*self.unwrap(inputs), **self.unwrap(call)))
        return self.inside(module, inputs, call)

    def inside(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Carry out a module's own forward on values."""
        outer = self.scope
        path = self.twins.path_of(module)
        self.scope = self._fresh(type(module).__name__.lower()) if path is None and not isinstance(module, Layer) else path or ""
        try:
            result = module.forward(*inputs, **call)
            self.returned(self.scope, result)
        finally:
            self.scope = outer
        return result

    def record(self, operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Carry out an operation and give its outputs as values."""
        if isinstance(operation, Layer):
            known = self.twins.path_of(operation)
            path = self._fresh(operation.torch_name.lower()) if known is None else known
        else:
            path = self.next_name or self._fresh(operation.torch_name.strip("_"))
            self.next_name = ""
        tensors, arguments = self.unwrap(inputs), self.unwrap(call)
        try:
            if isinstance(operation, Layer):
                output = self.layer(self._twin_of(operation, tensors, arguments), tensors, arguments)
            else:
                self.is_operator = getattr(operation, "is_operator", False)
                output = self.function(operation.torch_name, tensors, arguments)
        except REFUSALS as error:
            error.add_note(f"at {path or operation.torch_name}")
            raise
        self.finished(Done(path, operation.torch_name, shapes_of(output)), output)
        return self.wrap(output)

    # -- what another kind of run does otherwise ------------------------------------------------------------------

    def layer(self, twin: torch.nn.Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a layer's twin on tensors."""
        return twin(*inputs, **call)

    def function(self, name: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call torch's function of a name on tensors, as an operator where it was written so: tools tell the two apart."""
        written = OPERATORS.get(name) if self.is_operator else None
        return (written or torch_function(name))(*inputs, **call)

    def finished(self, done: Done, output: Any) -> None:  # noqa: ARG002 - other runs keep the tensors
        """Note an operation that was carried out."""
        self.done.append(done)

    def returned(self, path: str, result: Any) -> None:
        """Note what a module's forward returned."""

    # -- values and tensors ---------------------------------------------------------------------------------------

    def wrap(self, nested: Any) -> Any:
        """Nested tensors as values."""
        return changed(nested, torch.Tensor, lambda tensor: TorchValue(self, tensor))

    def unwrap(self, nested: Any) -> Any:
        """Nested values, parameters and constants as tensors, and types of numbers as torch's."""

        def tensor(leaf: Any) -> Any:
            if isinstance(leaf, TorchValue):
                return leaf.tensor
            return getattr(torch, leaf.name) if isinstance(leaf, DType) else self._held(leaf)

        return changed(nested, (TorchValue, Held, DType), tensor)

    def _twin_of(self, layer: Layer, tensors: Any, call: Any) -> torch.nn.Module:
        """The twin of a layer; one outside the tree is made where the tensors are."""
        known = self.twins.find(layer)
        return known or self.twins.stray(layer, next(iter(leaves((tensors, call), torch.Tensor))).device)

    def _fresh(self, name: str) -> str:
        """A name in the running scope that no other operation of this run has: `add`, `add_1` and so on."""
        path = f"{self.scope}.{name}" if self.scope else name
        count = self._taken.get(path, 0)
        self._taken[path] = count + 1
        return f"{path}_{count}" if count else path


def torch_function(name: str) -> Callable[..., Any]:
    """Torch's function of a name: `cat`, or dotted from `torch` on. Raises UnsupportedError where there is none."""
    owners = (torch.nn.functional, torch, torch.Tensor, operator)
    for owner in owners:
        found: Any = owner
        for part in name.split("."):
            found = getattr(found, part, None)
        if callable(found):
            function: Callable[..., Any] = found
            return function
    raise UnsupportedError(f"torch {torch.__version__} has no function of that name", got=name)


def changed(nested: Any, kind: Any, change: Callable[[Any], Any]) -> Any:
    """Nested tuples, lists and dicts with every leaf of a kind replaced."""
    if isinstance(nested, kind):
        return change(nested)
    if isinstance(nested, list):
        return [changed(item, kind, change) for item in nested]
    if isinstance(nested, tuple):
        items = [changed(item, kind, change) for item in nested]
        if hasattr(nested, "n_fields"):
            # One of torch's own named tuples, such as that of max.
            return type(nested)(items)
        return type(nested)(*items) if hasattr(nested, "_make") else tuple(items)
    if isinstance(nested, dict):
        return {key: changed(item, kind, change) for key, item in nested.items()}
    return nested


def leaves(nested: Any, kind: Any) -> list[Any]:
    """The leaves of a kind in nested tuples, lists and dicts, in order."""
    found: list[Any] = []
    changed(nested, kind, found.append)
    return found


def shapes_of(nested: Any) -> Any:
    """Nested tensors as shapes, lists as tuples: how cnncalc writes outputs."""
    if isinstance(nested, torch.Tensor):
        return tuple(nested.shape)
    if isinstance(nested, (tuple, list)):
        return tuple(shapes_of(item) for item in nested)
    if isinstance(nested, dict):
        return {key: shapes_of(item) for key, item in nested.items()}
    return nested


def first_line(error: BaseException) -> str:
    """What torch says, in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
