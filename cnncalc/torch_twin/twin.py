"""The twin: a network's own `forward`, carried out by torch.

A layer's twin is torch's class of its name, made with its arguments: there is no bridge per layer. A container's twin is
a `Part`, which calls the `forward` of the cnncalc module that it stands for, on values that wrap torch tensors
(`TorchValue`). So every module of the twin is a torch module like any other: it can be called, hooked, moved and copied.

A `Run` decides what an operation does: call torch. The gradient probe and the counter of MACs are runs of their own.
"""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from cnncalc.errors import ArgumentError, DisagreementError, UnsupportedError
from cnncalc.graph import Value
from cnncalc.layers.operation import Layer, Operation
from cnncalc.module import Module, Parameter
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.sizes import Shape

#: What torch raises when it refuses a layer, an argument or an input.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError, AttributeError)

#: Arguments that torch takes as text although their default is no text, and the texts it takes.
_TEXTS = {"padding": {"same", "valid"}}


def to_torch(network: Module, *, device: str = "cpu") -> torch.nn.Module:
    """The twin of a network; see `cnncalc.torch_twin.to_torch`."""
    if isinstance(network, Layer) and type(network).forward is not Layer.forward:
        raise UnsupportedError(
            "a layer with a forward of its own has no twin by itself",
            where=type(network).__name__,
            remedy="put it into a Sequential",
        )
    return Twins(network, device).root


class Twins:
    """The modules of a network side by side with their torch twins; `root` is the twin of the network itself."""

    def __init__(self, network: Module, device: str = "cpu") -> None:
        """Make the twin of every module of the tree, a shared one once. Raises as `to_torch` does."""
        if not isinstance(network, Module):
            raise ArgumentError("a network is a layer, a Sequential or a Module", got=type(network).__name__)
        self.network = network
        #: The run that is under way, for parts that are called inside it.
        self.run: Run | None = None
        self._pairs: list[tuple[Module, torch.nn.Module]] = []
        self._place: dict[int, int] = {}
        self._paths = {id(module): path for path, module in network.named_modules()}
        with warnings.catch_warnings(), torch.device(device):
            # Notes of torch for those who make layers by hand, such as that lazy layers are new.
            warnings.simplefilter("ignore")
            self.root = self._made(network)
        self.root.eval()

    def find(self, module: Module) -> torch.nn.Module | None:
        """The twin of a module; None for one that is not known, as when it was made inside a forward."""
        place = self._place.get(id(module))
        return None if place is None else self._pairs[place][1]

    def path_of(self, module: Module) -> str | None:
        """The qualified name of a module of the tree; None for one outside."""
        return self._paths.get(id(module))

    def stray(self, layer: Layer, device: torch.device) -> torch.nn.Module:
        """The twin of a layer outside the tree, made when it first runs and kept: it is no part of the `state_dict`."""
        with torch.device(device):
            return self._made(layer).eval()

    def parameter(self, wanted: Parameter) -> torch.Tensor:
        """The twin's tensor for a parameter that a forward uses itself."""
        for module, twin in self._pairs:
            for name, held in (module.__dict__ | module.__dict__.get("_parameters", {})).items():
                if held is wanted:
                    tensor: torch.Tensor = getattr(twin, name)
                    return tensor
        raise UnsupportedError("a parameter that is used belongs to no module of the network", got=repr(wanted))

    def _made(self, module: Module) -> torch.nn.Module:
        """The twin of a module and of all below it."""
        known = self.find(module)
        if known is not None:
            return known
        if isinstance(module, Layer):
            twin = self._layer(module)
            self._add(module, twin)
            for name, child in module._children.items():
                self._add_inside(child, getattr(twin, name, None))
        else:
            twin = Part(module, self)
            # Known before its children are made, so that a module inside itself ends.
            self._add(module, twin)
            for name, shape in module.own_parameters().items():
                setattr(twin, name, torch.nn.Parameter(_zeros(shape)))
            for name, shape in module.own_buffers().items():
                twin.register_buffer(name, _zeros(shape))
            for name, child in module._children.items():
                if child is None:
                    twin.register_module(name, None)
                else:
                    # Not add_module: it refuses names that torch's class has too, such as "type"; attributes don't.
                    setattr(twin, name, self._made(child))
        for name in module.frozen():
            twin.get_parameter(name).requires_grad = False
        return twin

    def _layer(self, layer: Layer) -> torch.nn.Module:
        """Torch's layer of that name, made with the same arguments."""
        where = self.path_of(layer) or type(layer).__name__
        made = getattr(torch.nn, layer.torch_name, None) if layer.torch_name else None
        if made is None:
            raise UnsupportedError(
                f"torch {torch.__version__} has no layer of that name", where=where, got=layer.torch_name or type(layer).__name__
            )
        try:
            twin: torch.nn.Module = made(**_arguments(layer, where))
        except REFUSALS as error:
            raise DisagreementError(
                "torch refuses the arguments of a layer that cnncalc accepts", where=where, got=f"{layer!r}: {first_line(error)}"
            ) from error
        return twin

    def _add(self, module: Module, twin: torch.nn.Module) -> None:
        """Keep a pair."""
        self._place[id(module)] = len(self._pairs)
        self._pairs.append((module, twin))

    def _add_inside(self, module: Module | None, twin: torch.nn.Module | None) -> None:
        """Keep the pairs below a layer that has children of its own, as torch made them."""
        if module is not None and twin is not None:
            self._add(module, twin)
            for name, child in module._children.items():
                self._add_inside(child, getattr(twin, name, None))

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what goes by identity, which a copy does not keep."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_place", "_paths", "run"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Number the modules of the copy."""
        self.__dict__.update(state, run=None)
        self._place = {id(module): place for place, (module, _) in enumerate(self._pairs)}
        self._paths = {id(module): path for path, module in self.network.named_modules()}


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
        try:
            return run.unwrap(run.inside(self._source, run.wrap(inputs), run.wrap(call)))
        finally:
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
        self._taken: dict[str, int] = {}

    def start(self, *tensors: torch.Tensor) -> Any:
        """Run the whole network and give its outputs as tensors, nested as the network nests them."""
        outer = self.twins.run
        self.twins.run = self
        try:
            return self.unwrap(self.twins.network(*self.wrap(tensors)))
        finally:
            self.twins.run = outer

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
            path = self._fresh(operation.torch_name)
        tensors, arguments = self.unwrap(inputs), self.unwrap(call)
        try:
            if isinstance(operation, Layer):
                output = self.layer(self._twin_of(operation, tensors, arguments), tensors, arguments)
            else:
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
        """Call torch's function of a name on tensors."""
        return torch_function(name)(*inputs, **call)

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
        """Nested values, and parameters of the network, as tensors."""

        def tensor(leaf: Any) -> Any:
            return leaf.tensor if isinstance(leaf, TorchValue) else self.twins.parameter(leaf)

        return changed(nested, (TorchValue, Parameter), tensor)

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
    owners = (torch.nn.functional, torch, torch.Tensor)
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


def _zeros(shape: Shape) -> torch.Tensor:
    """A tensor for a container's own parameter or buffer."""
    if any(isinstance(n, Expr) for n in shape):
        raise UnsupportedError("torch has no symbols", got=f"a parameter of shape {shape}", remedy="give numbers")
    return torch.zeros([int(n) for n in shape])


def _arguments(layer: Layer, where: str) -> dict[str, Any]:
    """A layer's arguments for torch: numbers only, and the device that the twin is made on."""
    arguments = layer.arguments
    texts = {
        name: isinstance(parameter.default, str) for name, parameter in inspect.signature(layer._given[0]).parameters.items()
    }
    for name, value in arguments.items():
        if name in texts and not texts[name] and _has_symbol(value, _TEXTS.get(name, set())):
            raise UnsupportedError(
                "torch has no symbols", where=where, got=f"{name}={value}", remedy="give numbers for all arguments of the layer"
            )
    dtype = arguments.get("dtype")
    return {
        name: value
        for name, value in arguments.items()
        if name != "device" and (name != "dtype" or isinstance(dtype, torch.dtype))
    }


def _has_symbol(value: Any, texts: set[str]) -> bool:
    """Whether an argument is or holds a symbol: an expression, or text that torch does not take here."""
    if isinstance(value, (tuple, list)):
        return any(_has_symbol(item, texts) for item in value)
    return isinstance(value, Expr) or (isinstance(value, str) and value not in texts)
