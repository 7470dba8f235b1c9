"""The tree of a network: modules with named children and parameters, as torch's `nn.Module` keeps them.

A `Module` is a place in the tree and a `forward`; a layer (cnncalc.layers) is a module that computes something itself.
What flows between modules is not known here: calling a module asks the value that it is called on to carry on
(`Traced`), so the same `forward` is traced into a graph, run by torch, or whatever a value may stand for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.held import Held, Parameter, Traced, first_traced
from cnncalc.sizes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Nothing(dict[str, Any]):
    """What a module without children, parameters or buffers has in their place: one dict for all, so that none is made.

    With the first that is added a module gets a dict of its own.
    """

    def _refuse(self, *given: Any, **named: Any) -> Any:
        """Refuse to hold anything: it is everybody's."""
        raise ArgumentError(
            "what a module holds is added by its methods",
            got=repr(given or named)[:60],
            remedy="use add_module, register_parameter or register_buffer",
        )

    __setitem__ = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> str:
        """Stay one, copied or not."""
        return "NOTHING"


NOTHING = Nothing()


class Module:
    """A named part of a network: children are its attributes, `forward` says how values flow, as in torch.

    Subclass it as you would `torch.nn.Module`: call `super().__init__()`, set layers as attributes, write `forward`.
    """

    _children: dict[str, Module]
    _parameters: dict[str, Parameter | None] = NOTHING
    _buffers: dict[str, Shape | None] = NOTHING
    #: Torch sets it in `train` and `eval`; every number here is that of eval mode.
    training = False

    def __init__(self) -> None:
        """Start with no children, no parameters, no buffers."""
        self.__dict__["_children"] = {}

    def forward(self, *inputs: Any, **call: Any) -> Any:  # noqa: ARG002 - a subclass uses them
        """How values flow through this module; a subclass writes it."""
        raise ArgumentError(
            "a module needs a forward method to be called",
            where=type(self).__name__,
            remedy="write def forward(self, x): …",
        )

    def __call__(self, *inputs: Any, **call: Any) -> Any:
        """Call the module on traced values inside a `forward`."""
        traced = inputs[0] if inputs and isinstance(inputs[0], Traced) else first_traced(inputs, call)
        if traced is None:
            raise ArgumentError(
                "a module is called on values inside a forward; nothing is run here",
                where=type(self).__name__,
                got=", ".join(type(value).__name__ for value in inputs) or "no input",
                remedy="use cnncalc.analyze(net, shape) for its numbers, or layer.output_shape(shape)",
            )
        return traced.enter(self, inputs, call)

    # -- the tree -----------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        """Register a child where the value is a module; keep anything else as a plain attribute."""
        held = self.__dict__
        children = held.get("_children")
        if isinstance(value, Module):
            if children is None:
                raise ArgumentError(
                    "children can be set only after super().__init__()",
                    where=f"{type(self).__name__}.{name}",
                    remedy="call super().__init__() first in __init__",
                )
            if children is NOTHING:
                children = self._own_children()
            children[name] = value
        else:
            if children and name in children:
                if value is None:
                    children[name] = value
                else:
                    del children[name]
            if isinstance(value, Parameter):
                self.register_parameter(name, value)
        held[name] = value

    def __delattr__(self, name: str) -> None:
        """Forget an attribute, and the child of that name."""
        self._children.pop(name, None)
        self.__dict__.get("_parameters", {}).pop(name, None)
        self.__dict__.get("_buffers", {}).pop(name, None)
        super().__delattr__(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter of this module's own, as torch's method of this name."""
        if param is not None and not isinstance(param, Parameter):
            raise ArgumentError("a parameter is a Parameter or None", where=type(self).__name__, got=type(param).__name__)
        self.__dict__.setdefault("_parameters", {})[name] = param
        self.__dict__[name] = param

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:  # noqa: FBT001, FBT002
        """Register a buffer by the shape of its tensor, as torch's method of this name; others are not in `state_dict`."""
        held: Held | None = None
        if isinstance(tensor, Held) and not persistent:
            # What is beside the `state_dict` is what the source says: numbers that are known stay known.
            held = tensor
        elif tensor is not None:
            held = Parameter(tensor, requires_grad=False, shape=getattr(tensor, "shape", tensor))
        self.hold(name, held, persistent=persistent)

    def hold(self, name: str, held: Held | None, *, persistent: bool = True) -> None:
        """Register a buffer by what stands for it."""
        if persistent:
            self.__dict__.setdefault("_buffers", {})[name] = None if held is None else held.shape
        self.__dict__[name] = held

    def unsaved(self) -> dict[str, Held]:
        """Name and tensor of what this module keeps beside its `state_dict`: buffers that are not persistent, constants."""
        owned, buffers = self.__dict__.get("_parameters", ()), self.__dict__.get("_buffers", ())
        return {
            name: held
            for name, held in self.__dict__.items()
            if isinstance(held, Held) and name not in owned and name not in buffers
        }

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a child under a name, as torch's method of this name."""
        if not isinstance(name, str) or not name or "." in name:
            raise ArgumentError("the name of a child is text without a dot", where=type(self).__name__, got=repr(name)[:60])
        if name not in self._children and (hasattr(Module, name) or name == "_children"):
            raise ArgumentError(
                "a child can't be called as a method of modules is",
                where=type(self).__name__,
                got=repr(name)[:60],
                remedy="choose another name, as torch asks too",
            )
        if module is not None and not isinstance(module, Module):
            raise ArgumentError("a child is a module or None", where=type(self).__name__, got=type(module).__name__)
        setattr(self, name, module)
        self._own_children()[name] = module

    def _own_children(self) -> dict[str, Any]:
        """The children, in a dict that may be written to."""
        children = self._children
        if children is NOTHING:
            children = self.__dict__["_children"] = {}
        return children

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Name and module of each child, each module once."""
        seen: set[int] = set()
        for name, child in self._children.items():
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                yield name, child

    def children(self) -> Iterator[Module]:
        """The children, each once."""
        for _, child in self.named_children():
            yield child

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Qualified name and module of the whole tree, itself first under the empty name; a shared module once."""
        return iter(tree_of(self)[0].items())

    def modules(self) -> Iterator[Module]:
        """All modules of the tree, itself first, each once."""
        for _, module in self.named_modules():
            yield module

    # -- what it owns -------------------------------------------------------------------------------------------

    def owned(self) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """Name and shape of the parameters, and of the buffers, that this module itself owns."""
        parameters = {name: parameter.shape for name, parameter in self._parameters.items() if parameter is not None}
        return parameters, {name: shape for name, shape in self._buffers.items() if shape is not None}

    def own_parameters(self) -> dict[str, Shape]:
        """Name and shape of the parameters that this module itself owns."""
        return self.owned()[0]

    def first_owned(self, seen: set[int]) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """Its own parameters without those that stand in `seen`, by identity, and its buffers; the first are added to `seen`."""
        own, buffers = self.owned()
        held = self.__dict__.get("_parameters")
        if held:
            for name in [name for name in own if held.get(name) is not None]:
                if id(held[name]) in seen:
                    del own[name]
                seen.add(id(held[name]))
        return own, buffers

    def own_buffers(self) -> dict[str, Shape]:
        """Name and shape of the buffers that this module itself owns."""
        return self.owned()[1]

    def frozen(self) -> frozenset[str]:
        """The names of its own parameters that are not trained."""
        held = self._parameters.items()
        return frozenset(name for name, parameter in held if parameter is not None and not parameter.requires_grad)

    def _freeze(self, requires_grad: bool) -> None:  # noqa: FBT001
        """Set the flag of its own parameters."""
        for parameter in self._parameters.values():
            if parameter is not None:
                parameter.requires_grad_(requires_grad)

    def parameters(self) -> dict[str, Shape]:
        """Qualified name and shape of every parameter in the tree, a shared one once, in torch's order."""
        seen: set[int] = set()
        return {
            f"{path}.{name}" if path else name: shape
            for path, module in self.named_modules()
            for name, shape in module.first_owned(seen)[0].items()
        }

    def buffers(self) -> dict[str, Shape]:
        """Qualified name and shape of every buffer in the tree, a shared one once, in torch's order."""
        return {
            f"{path}.{name}" if path else name: shape
            for path, module in self.named_modules()
            for name, shape in module.own_buffers().items()
        }

    def get_submodule(self, target: str) -> Module:
        """The module with a qualified name, as torch's method of this name."""
        place = self
        for name in target.split(".") if target else ():
            found = place._children.get(name)
            if found is None:
                raise ArgumentError("there is no module of that name", where=type(self).__name__, got=repr(target)[:60])
            place = found
        return place

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Qualified name and parameter of the tree, a shared one once, in torch's order."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name in module.own_parameters():
                parameter = getattr(module, name)
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{path}.{name}" if path else name, parameter

    def load_state_dict(self, state_dict: Any, strict: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - torch's signature
        """Refuse: there are no values to load, and no number here depends on any."""
        raise UnsupportedError(
            "load_state_dict() needs values, which modules of cnncalc do not have",
            where=type(self).__name__,
            remedy="build the model without its weights: no number depends on them",
        )

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module, children first, as torch's method of this name."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:  # noqa: ARG002 - there is nothing to move
        """Do nothing: there are no values to move or convert."""
        return self

    cuda = cpu = float = half = double = to

    def requires_grad_(self, requires_grad: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's signature
        """Train or freeze every parameter in the tree, as torch's method of this name."""
        for module in self.modules():
            module._freeze(requires_grad)
        return self

    def train(self, mode: bool = True) -> Self:  # noqa: ARG002, FBT001, FBT002 - torch's signature
        """Do nothing: every number is that of eval mode."""
        return self

    def eval(self) -> Self:
        """Do nothing: every number is that of eval mode."""
        return self

    def __repr__(self) -> str:
        """The tree, indented as torch prints it."""
        lines = []
        for name, child in self._children.items():
            first, *rest = repr(child).splitlines()
            lines += [f"  ({name}): {first}", *(f"  {line}" for line in rest)]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"]) if lines else f"{type(self).__name__}()"


def tree_of(root: Module) -> tuple[dict[str, Module], dict[int, str]]:
    """The modules of a whole tree by qualified name, the root first under the empty name, and the names by identity.

    A shared module stands there once, under its first name.
    """
    modules = {"": root}
    names = {id(root): ""}
    # Without recursion: a tree may be deeper than Python's stack.
    levels = [("", iter(root._children.items()))]
    while levels:
        prefix, children = levels[-1]
        for part, child in children:
            key = id(child)
            if child is None or key in names:
                continue
            name = names[key] = prefix + part
            modules[name] = child
            if child._children:
                levels.append((f"{name}.", iter(child._children.items())))
                break
        else:
            levels.pop()
    return modules, names
