"""Containers of modules, as torch names them: Sequential, ModuleList, ModuleDict, and lists of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError
from cnncalc.module import Module, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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

    def append(self, module: Module) -> Sequential:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self


class ModuleList(Module):
    """Modules by number, without an order of execution. Source: torch.nn.ModuleList."""

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        """Take modules."""
        super().__init__()
        self.extend(modules or ())

    def append(self, module: Any) -> ModuleList:
        """Add a module at the end."""
        if not isinstance(module, Module):
            raise ArgumentError("ModuleList takes modules", where="ModuleList", got=repr(module)[:60])
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Any]) -> ModuleList:
        """Add modules at the end."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at an index."""
        kept = list(self)
        kept.insert(index, module)
        for number in range(len(self)):
            delattr(self, str(number))
        self.extend(kept)

    def __len__(self) -> int:
        """How many modules."""
        return len(self._children)

    def __iter__(self) -> Iterator[Module]:
        """The modules in order."""
        return iter(list(self._children.values()))

    def __getitem__(self, index: int | slice) -> Any:
        """One module, or a list of a slice."""
        modules = list(self._children.values())
        if isinstance(index, slice):
            return ModuleList(modules[index])
        if not -len(modules) <= index < len(modules):
            raise ArgumentError("the index must lie in the ModuleList", got=f"index {index}, length {len(modules)}")
        return modules[index]


class ModuleDict(Module):
    """Modules by name, without an order of execution. Source: torch.nn.ModuleDict."""

    def __init__(self, modules: Any = None) -> None:
        """Take a dict, or pairs of name and module."""
        super().__init__()
        self.update(modules or {})

    def update(self, modules: Any) -> None:
        """Add modules by name."""
        for name, module in dict(modules).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        """Add a module, or replace the one of that name."""
        self.add_module(name, module)

    def __getitem__(self, name: str) -> Module:
        """The module of that name."""
        found = self._children.get(name)
        if found is None:
            raise ArgumentError("there is no module of that name", where="ModuleDict", got=repr(name)[:60])
        return found

    def __contains__(self, name: object) -> bool:
        """Whether there is a module of that name."""
        return name in self._children

    def __len__(self) -> int:
        """How many modules."""
        return len(self._children)

    def __iter__(self) -> Iterator[str]:
        """The names in order."""
        return iter(list(self._children))

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._children.keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._children.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """Names and modules."""
        return self._children.items()


class ParameterList(Module):
    """Parameters by number. Source: torch.nn.ParameterList."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        """Take parameters."""
        super().__init__()
        for value in values or ():
            self.append(value)

    def append(self, value: Any) -> ParameterList:
        """Add a parameter at the end."""
        self.register_parameter(str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def __len__(self) -> int:
        """How many parameters."""
        return len(self._parameters)

    def __iter__(self) -> Iterator[Parameter]:
        """The parameters in order."""
        return iter([parameter for parameter in self._parameters.values() if parameter is not None])

    def __getitem__(self, index: int) -> Parameter:
        """One parameter."""
        return list(self)[index]
