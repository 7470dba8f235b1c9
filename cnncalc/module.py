"""The tree of a network: modules with named children and parameters, as torch's `nn.Module` keeps them.

A `Module` is a place in the tree and a `forward`; a layer (cnncalc.layers) is a module that computes something itself.
What flows between modules is not known here: calling a module asks the value that it is called on to carry on
(`Traced`), so the same `forward` is traced into a graph, run by torch, or whatever a value may stand for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cnncalc.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnncalc.sizes import Shape


class Traced:
    """A value that a `forward` is called on. It decides what a call of a module or an operation means."""

    __slots__ = ()

    def enter(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module on this value."""
        raise NotImplementedError  # pragma: no cover - every kind of value has its own

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Apply an operation that computes something to this value."""
        raise NotImplementedError  # pragma: no cover - every kind of value has its own

    def name_next(self, path: str) -> None:
        """Give the function that is applied next a qualified name; a value that keeps no names ignores it."""


def find_traced(values: Iterable[Any]) -> Traced | None:
    """The first traced value among arguments, also inside tuples, lists and dicts."""
    for value in values:
        if isinstance(value, Traced):
            return value
        if isinstance(value, (tuple, list)):
            found = find_traced(value)
        elif isinstance(value, dict):
            found = find_traced(value.values())
        else:
            continue
        if found is not None:
            return found
    return None


class Parameter:
    """A tensor that a module owns: a shape, and whether it is trained."""

    __slots__ = ("requires_grad", "shape")

    def __init__(self, shape: Shape, *, requires_grad: bool = True) -> None:
        """Keep the shape and the flag."""
        self.shape = shape
        self.requires_grad = requires_grad

    def requires_grad_(self, requires_grad: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's signature
        """Train it or freeze it, as torch's method of this name."""
        self.requires_grad = requires_grad
        return self

    def __repr__(self) -> str:
        """Show shape and flag."""
        return f"Parameter({self.shape}, requires_grad={self.requires_grad})"


class Module:
    """A named part of a network: children are its attributes, `forward` says how values flow, as in torch.

    Subclass it as you would `torch.nn.Module`: call `super().__init__()`, set layers as attributes, write `forward`.
    """

    _children: dict[str, Module]

    def __init__(self) -> None:
        """Start with no children."""
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
        traced = find_traced((inputs, call))
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
        children = self.__dict__.get("_children")
        if children is None:
            if isinstance(value, Module):
                raise ArgumentError(
                    "children can be set only after super().__init__()",
                    where=f"{type(self).__name__}.{name}",
                    remedy="call super().__init__() first in __init__",
                )
        elif isinstance(value, Module) or (value is None and name in children):
            children[name] = value
        elif name in children:
            del children[name]
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        """Forget an attribute, and the child of that name."""
        self._children.pop(name, None)
        super().__delattr__(name)

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
        self._children[name] = module  # type: ignore[assignment]

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
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [("", self)]
        while stack:
            name, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield name, module
            prefix = f"{name}." if name else ""
            stack.extend(
                (prefix + child_name, child) for child_name, child in reversed(module._children.items()) if child is not None
            )

    def modules(self) -> Iterator[Module]:
        """All modules of the tree, itself first, each once."""
        for _, module in self.named_modules():
            yield module

    # -- what it owns -------------------------------------------------------------------------------------------

    def own_parameters(self) -> dict[str, Shape]:
        """Name and shape of the parameters that this module itself owns."""
        return {}

    def own_buffers(self) -> dict[str, Shape]:
        """Name and shape of the buffers that this module itself owns."""
        return {}

    def frozen(self) -> frozenset[str]:
        """The names of its own parameters that are not trained."""
        return frozenset()

    def _freeze(self, requires_grad: bool) -> None:  # noqa: FBT001
        """Set the flag of its own parameters."""

    def parameters(self) -> dict[str, Shape]:
        """Qualified name and shape of every parameter in the tree, a shared one once, in torch's order."""
        return {
            f"{path}.{name}" if path else name: shape
            for path, module in self.named_modules()
            for name, shape in module.own_parameters().items()
        }

    def buffers(self) -> dict[str, Shape]:
        """Qualified name and shape of every buffer in the tree, a shared one once, in torch's order."""
        return {
            f"{path}.{name}" if path else name: shape
            for path, module in self.named_modules()
            for name, shape in module.own_buffers().items()
        }

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


class Sequential(Module):
    """Modules one after the other, named "0", "1", …, or by the keys of a dict, as torch's class of this name."""

    def __init__(self, *modules: Any) -> None:
        """Take modules as arguments, or one dict of names and modules."""
        super().__init__()
        named: Iterable[tuple[str, Any]]
        if len(modules) == 1 and isinstance(modules[0], dict):
            named = modules[0].items()
        else:
            named = ((str(index), module) for index, module in enumerate(modules))
        for name, module in named:
            if not isinstance(module, Module):
                raise ArgumentError(
                    "Sequential takes layers and modules",
                    where="Sequential",
                    got=f"{module!r:.60} at position {name}",
                    remedy="write for example Sequential(Conv2d(3, 8, 3), ReLU())",
                )
            self.add_module(name, module)

    def forward(self, x: Any) -> Any:
        """Pass the value through the children in order."""
        for module in self._children.values():
            x = module(x)
        return x

    def __len__(self) -> int:
        """How many children."""
        return len(self._children)

    def __iter__(self) -> Iterator[Module]:
        """The children in order."""
        return iter(self._children.values())

    def __getitem__(self, index: int | slice) -> Module:
        """One child, or a `Sequential` of a slice, which keeps the names."""
        if isinstance(index, slice):
            return Sequential(dict(list(self._children.items())[index]))
        children = list(self._children.values())
        if not -len(children) <= index < len(children):
            raise ArgumentError("the index must lie in the Sequential", got=f"index {index}, length {len(children)}")
        return children[index]
