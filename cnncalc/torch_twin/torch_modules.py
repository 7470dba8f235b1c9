"""A tree of torch modules as a tree of cnncalc's: layers as layers, every other module as one whose own code is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from cnncalc.constant import Constant, DType
from cnncalc.containers import Sequential
from cnncalc.errors import ArgumentError, CnncalcError, ForwardError
from cnncalc.graph import trace
from cnncalc.held import Held, Parameter, running
from cnncalc.layers.layer import Layer
from cnncalc.module import Module
from cnncalc.numbers import LIMIT
from cnncalc.torch_twin.carrying import Follower
from cnncalc.torch_twin.torch_layers import layer_of

if TYPE_CHECKING:
    from cnncalc.sizes import Shape


def from_torch(module: torch.nn.Module, *shapes: Any) -> Module:
    """A torch module as a network; see `cnncalc.torch_twin.from_torch`."""
    if not isinstance(module, torch.nn.Module):
        raise ArgumentError("from_torch takes a torch.nn.Module", got=type(module).__name__)
    network = Tree(module).network
    if shapes:
        trace(network, *shapes)
    return network


class Followed(Module):
    """A torch module that is no layer: its forward is that module's own code. Its class bears the name of the module's."""

    _source: torch.nn.Module
    _tree: Tree

    def __init__(self, source: torch.nn.Module, tree: Tree) -> None:
        """Keep the module, and the tree that it is a part of."""
        super().__init__()
        self.__dict__.update(_source=source, _tree=tree)

    def forward(self, *inputs: Any, **call: Any) -> Any:
        """Follow the module's own code."""
        try:
            return self._tree.follower.follow(self._source, inputs, call)
        except CnncalcError as error:
            error.where = error.where or self._place()
            raise
        except RecursionError:
            raise
        except Exception as error:
            lines = str(error).strip().splitlines()
            raise ForwardError(
                "the model's own code fails here",
                where=self._place(),
                got=f"{type(error).__name__}: {lines[0][:160] if lines else ''}",
            ) from error

    def _place(self) -> str:
        """The qualified name of the module whose code runs, or the name of its class."""
        return getattr(running.get(), "scope", "") or type(self).__name__


class Tree:
    """A torch module and all below it, with what stands for each module and each tensor in cnncalc."""

    def __init__(self, root: torch.nn.Module) -> None:
        """Make the modules of cnncalc; a shared one, or a shared tensor, once."""
        self.root = root
        first = next((tensor for tensor in root.parameters()), None)
        #: What the inputs are taken for: torch's code may ask.
        self.dtype = torch.get_default_dtype() if first is None else first.dtype
        self.device = torch.device("cpu") if first is None else first.device
        self.follower = Follower(self)
        self._kinds: dict[type, type[Followed]] = {}
        self._modules: list[tuple[torch.nn.Module, Module]] = []
        self._tensors: list[tuple[torch.Tensor, Held]] = []
        self._numbers: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.network = self.ours(root)

    def ours(self, module: torch.nn.Module) -> Module:
        """What stands for a torch module; one that is made while the code runs is added when it is first called."""
        number = self._numbers[0].get(id(module))
        if number is not None:
            return self._modules[number][1]
        made = layer_of(module) or self._container(module)
        self._add(module, made)
        if isinstance(made, Layer):
            self._inside(module, made)
        else:
            self._fill(module, made)
        return made

    def held(self, tensor: torch.Tensor) -> Held:
        """What stands for a tensor of the module, or for one that torch's code holds otherwise and that no input changes."""
        number = self._numbers[1].get(id(tensor))
        if number is not None:
            return self._tensors[number][1]
        constant = _constant(tensor)
        self._hold(tensor, constant)
        return constant

    def is_followed(self, ours: Module) -> bool:
        """Whether the code of a module is followed."""
        return isinstance(ours, Followed)

    # -- the tree -------------------------------------------------------------------------------------------------

    def _container(self, module: torch.nn.Module) -> Module:
        """An empty container: a Sequential where torch's is plain, else a module whose code is followed."""
        kind = type(module)
        if kind is torch.nn.Sequential and not module._forward_hooks and not module._forward_pre_hooks:
            return Sequential()
        made = self._kinds.get(kind)
        if made is None:
            made = self._kinds[kind] = type(kind.__name__, (Followed,), {})
        return made(module, self)

    def _fill(self, module: torch.nn.Module, made: Module) -> None:
        """Give a container its tensors and children, by torch's names."""
        for name, tensor in module._parameters.items():
            if tensor is not None:
                made.register_parameter(name, self._parameter(tensor))
        for name, buffer in module._buffers.items():
            if buffer is not None:
                held = Parameter(shape=tuple(buffer.shape), requires_grad=False)
                held.type_name = "" if buffer.is_floating_point() else str(buffer.dtype).removeprefix("torch.")
                made.hold(name, held, persistent=name not in module._non_persistent_buffers_set)
                self._hold(buffer, held)
        for name, child in module._modules.items():
            made.add_module(name, None if child is None else self.ours(child))

    def _inside(self, module: torch.nn.Module, layer: Layer) -> None:
        """Keep what stands for the tensors of a layer and of its own parts, and whether each is trained."""
        parts = dict(layer.named_modules())
        for path, part in module.named_modules():
            place = parts.get(path)
            if place is None:
                continue
            if path:
                self._add(part, place)
            for name, tensor in part._parameters.items():
                if tensor is None or torch.nn.parameter.is_lazy(tensor):
                    continue
                known = self._numbers[1].get(id(tensor))
                if name not in place.own_parameters() or known is not None:
                    place.register_parameter(name, self._parameter(tensor))
                else:
                    self._hold(tensor, getattr(place, name))
                    if not tensor.requires_grad:
                        getattr(place, name).requires_grad_(requires_grad=False)
            for name, buffer in part._buffers.items():
                if buffer is not None and not torch.nn.parameter.is_lazy(buffer):
                    if name not in place.own_buffers():
                        place.register_buffer(name, tuple(buffer.shape))
                    self._hold(buffer, getattr(place, name))

    def _parameter(self, tensor: torch.Tensor) -> Parameter:
        """What stands for a parameter: the same one wherever torch has the same tensor."""
        number = self._numbers[1].get(id(tensor))
        if number is not None:
            known = self._tensors[number][1]
            if isinstance(known, Parameter):
                return known
        shape: Shape = tuple(tensor.shape)
        made = Parameter(shape=shape, requires_grad=tensor.requires_grad)
        self._hold(tensor, made)
        return made

    def _add(self, module: torch.nn.Module, made: Module) -> None:
        """Keep what stands for a module."""
        self._numbers[0][id(module)] = len(self._modules)
        self._modules.append((module, made))

    def _hold(self, tensor: torch.Tensor, held: Held) -> None:
        """Keep what stands for a tensor."""
        self._numbers[1][id(tensor)] = len(self._tensors)
        self._tensors.append((tensor, held))

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what goes by identity, which a copy does not keep, and the classes that were made here."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_numbers", "_kinds"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Number the parts of the copy."""
        self.__dict__.update(state, _kinds={})
        self._numbers = (
            {id(module): number for number, (module, _) in enumerate(self._modules)},
            {id(tensor): number for number, (tensor, _) in enumerate(self._tensors)},
        )


def _constant(tensor: torch.Tensor) -> Constant:
    """A tensor that no module registers: with its numbers where they are few, and else of numbers that nobody knows."""
    shape = tuple(tensor.shape)
    dtype = {} if tensor.dtype == torch.get_default_dtype() else {"dtype": DType(str(tensor.dtype).removeprefix("torch."))}
    if tensor.device.type == "cpu" and type(tensor) is torch.Tensor and tensor.numel() <= LIMIT and not tensor.is_complex():
        with torch._C.DisableTorchFunction():
            flat = tuple(tensor.detach().flatten().tolist())
        return Constant(shape, ("reshape", (Constant((len(flat),), ("tensor", (list(flat),), dtype), flat), shape), {}), flat)
    constant = Constant(shape, ("zeros", (shape,), dtype))
    constant.changed_in_place()
    return constant
