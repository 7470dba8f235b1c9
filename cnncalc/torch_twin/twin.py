"""The twin: a network's own `forward`, carried out by torch.

A layer's twin is torch's class of its name, made with its arguments: there is no bridge per layer. A container's twin is
a `Part`, which calls the `forward` of the cnncalc module that it stands for, on values that wrap torch tensors
(`cnncalc.torch_twin.running`). So every module of the twin is a torch module like any other: it can be called, hooked,
moved and copied.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import torch

from cnncalc.errors import ArgumentError, DisagreementError, UnsupportedError
from cnncalc.held import Held, Parameter
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Function
from cnncalc.module import Module
from cnncalc.sizes import Expr
from cnncalc.torch_twin.running import REFUSALS, Part, Run, first_line, torch_function

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
        self.device = device
        #: The run that is under way, for parts that are called inside it.
        self.run: Run | None = None
        self._pairs: list[tuple[Module, torch.nn.Module]] = []
        self._place: dict[int, int] = {}
        #: The tensor of each parameter that a module has kept, by the parameter's identity.
        self._first: dict[int, torch.Tensor] = {}
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

    def parameter(self, wanted: Held) -> torch.Tensor:
        """The twin's tensor for a parameter or buffer that a forward uses itself."""
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
            self._own(module, twin)
            for name, child in module._children.items():
                if child is None:
                    twin.register_module(name, None)
                else:
                    # Not add_module: it refuses names that torch's class has too, such as "type"; attributes don't.
                    setattr(twin, name, self._made(child))
        parts = module.named_modules() if isinstance(module, Layer) else [("", module)]
        for path, part in parts:
            self._tie(part, twin.get_submodule(path))
            for name in part.frozen():
                twin.get_parameter(f"{path}.{name}" if path else name).requires_grad = False
        return twin

    @staticmethod
    def _own(module: Module, twin: torch.nn.Module) -> None:
        """Give the twin of a container its own parameters and buffers."""
        for name in module.own_parameters():
            setattr(twin, name, torch.nn.Parameter(_zeros(module._parameters[name])))
        for name in module.own_buffers():
            twin.register_buffer(name, _zeros(module.__dict__[name]))
        for name, held in module.unsaved().items():
            if isinstance(held, Parameter):
                twin.register_buffer(name, _zeros(held), persistent=False)

    def _tie(self, module: Module, twin: torch.nn.Module) -> None:
        """Give a twin the tensor of another where both modules own the same parameter."""
        for name, parameter in module.__dict__.get("_parameters", {}).items():
            if isinstance(parameter, Held):
                first = self._first.setdefault(id(parameter), getattr(twin, name))
                if first is not getattr(twin, name):
                    setattr(twin, name, first)

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
        return {name: value for name, value in self.__dict__.items() if name not in {"_first", "_place", "_paths", "run"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Number the modules of the copy."""
        self.__dict__.update(state, run=None, _first={})
        self._place = {id(module): place for place, (module, _) in enumerate(self._pairs)}
        self._paths = {id(module): path for path, module in self.network.named_modules()}


def _zeros(held: Any) -> torch.Tensor:
    """A tensor for a container's own parameter or buffer."""
    shape = held.shape
    if any(isinstance(n, Expr) for n in shape):
        raise UnsupportedError(
            "torch has no symbols", got=f"a parameter of shape {shape}", remedy="put numbers in: cc.put_in(net, C=3)"
        )
    return torch.zeros([int(n) for n in shape], dtype=getattr(torch, held.type_name or "float32"))


def _arguments(layer: Layer, where: str) -> dict[str, Any]:
    """A layer's arguments for torch: numbers only, and the device that the twin is made on."""
    arguments = layer.arguments
    texts = {
        name: isinstance(parameter.default, str) for name, parameter in inspect.signature(layer._given[0]).parameters.items()
    }
    for name, value in arguments.items():
        if name in texts and not texts[name] and _has_symbol(value, _TEXTS.get(name, set())):
            raise UnsupportedError(
                "torch has no symbols", where=where, got=f"{name}={value}", remedy="put numbers in: cc.put_in(net, C=3)"
            )
    dtype = arguments.get("dtype")
    return {
        name: torch_function(value.torch_name) if isinstance(value, Function) else value
        for name, value in arguments.items()
        if name != "device" and (name != "dtype" or isinstance(dtype, torch.dtype))
    }


def _has_symbol(value: Any, texts: set[str]) -> bool:
    """Whether an argument is or holds a symbol: an expression, or text that torch does not take here."""
    if isinstance(value, (tuple, list)):
        return any(_has_symbol(item, texts) for item in value)
    return isinstance(value, Expr) or (isinstance(value, str) and value not in texts)
