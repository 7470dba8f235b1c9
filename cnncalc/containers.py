"""Containers of modules, as torch names them: Sequential, ModuleList, ModuleDict, and lists of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cnncalc.errors import ArgumentError
from cnncalc.held import Parameter
from cnncalc.module import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Numbered(Module):
    """What Sequential and ModuleList share: children in order, named by their number unless names were given."""

    def __len__(self) -> int:
        """How many children."""
        return len(self._children)

    def __iter__(self) -> Iterator[Module]:
        """The children in order."""
        return iter([child for child in self._children.values() if child is not None])

    def append(self, module: Any) -> Self:
        """Add a module at the end."""
        if not isinstance(module, Module):
            raise ArgumentError(f"{type(self).__name__} takes modules", where=type(self).__name__, got=repr(module)[:60])
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Any]) -> Self:
        """Add modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at an index; ModuleList counts from the start alone, as torch's does."""
        kept = list(self)
        lowest = -len(kept) if isinstance(self, Sequential) else 0
        if not lowest <= index <= len(kept):
            raise ArgumentError(
                f"the index must lie in {lowest} … {len(kept)}", where=f"{type(self).__name__}.insert", got=f"index {index}"
            )
        kept.insert(index, module)
        self._renumber(kept)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take a module, or a slice, out."""
        taken = self[key]
        del self[key]
        return taken

    def __getitem__(self, index: int | slice) -> Any:
        """One child, or a container of a slice."""
        raise NotImplementedError  # pragma: no cover - each has its own

    def _name_at(self, index: int) -> str:
        """The name of the child at an index."""
        names = list(self._children)
        if not -len(names) <= index < len(names):
            kind = "Sequential" if isinstance(self, Sequential) else "ModuleList"
            raise ArgumentError(f"the index must lie in the {kind}", got=f"index {index}, length {len(names)}")
        return names[index]

    def __setitem__(self, index: int, module: Module) -> None:
        """Put a module in the place of the one at an index."""
        self.add_module(self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        """Take out a module, or a slice; the others are numbered again, as in torch."""
        kept = list(self)
        if not isinstance(index, slice):
            self._name_at(index)
        del kept[index]
        self._renumber(kept)

    def _renumber(self, modules: list[Module]) -> None:
        """Hold these modules, under their numbers."""
        for name in list(self._children):
            delattr(self, name)
        self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> Any:
        """A container of the children of both."""
        made: _Numbered = Sequential() if isinstance(self, Sequential) else ModuleList()
        return made.extend(self).extend(other)

    def __iadd__(self, other: Iterable[Module]) -> Self:
        """Add modules at the end."""
        return self.extend(other)


def _checked(module: Any, name: str) -> Module:
    """A part of a Sequential; refused where it is no module."""
    if isinstance(module, Module):
        return module
    raise ArgumentError(
        "Sequential takes layers and modules",
        where="Sequential",
        got=f"{module!r:.60} at position {name}",
        remedy="write for example Sequential(Conv2d(3, 8, 3), ReLU())",
    )


class Sequential(_Numbered):
    """Modules one after the other, named "0", "1", …, or by the keys of a dict, as torch's class of this name."""

    def __init__(self, *modules: Any) -> None:
        """Take modules as arguments, or one dict of names and modules."""
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], dict):
            for name, module in modules[0].items():
                self.add_module(name, _checked(module, name))
            return
        # Numbers are always fit to be names: large networks are made of many small Sequentials.
        held, children = self.__dict__, self._children
        for index, module in enumerate(modules):
            name = str(index)
            children[name] = held[name] = module if isinstance(module, Module) else _checked(module, name)

    def forward(self, x: Any) -> Any:
        """Pass the value through the children in order."""
        for module in self._children.values():
            x = module(x)
        return x

    def __getitem__(self, index: int | slice) -> Module:
        """One child, or a `Sequential` of a slice, which keeps the names."""
        if isinstance(index, slice):
            return Sequential(dict(list(self._children.items())[index]))
        return self._children[self._name_at(index)]


class ModuleList(_Numbered):
    """Modules by number, without an order of execution. Source: torch.nn.ModuleList."""

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        """Take modules."""
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, index: int | slice) -> Any:
        """One module, or a list of a slice."""
        return ModuleList(list(self)[index]) if isinstance(index, slice) else self._children[self._name_at(index)]


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

    def __delitem__(self, name: str) -> None:
        """Take a module out."""
        self.pop(name)

    def pop(self, name: str) -> Module:
        """Take a module out, and give it."""
        module = self[name]
        delattr(self, name)
        return module

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


class ParameterDict(Module):
    """Parameters by name. Source: torch.nn.ParameterDict."""

    def __init__(self, parameters: Any = None) -> None:
        """Take a dict, or pairs of name and parameter."""
        super().__init__()
        for name, value in dict(parameters or {}).items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        """Add a parameter, or replace the one of that name."""
        self.register_parameter(name, value if isinstance(value, Parameter) else Parameter(value))

    def __getitem__(self, name: str) -> Parameter:
        """The parameter of that name."""
        found = self._parameters.get(name)
        if found is None:
            raise ArgumentError("there is no parameter of that name", where="ParameterDict", got=repr(name)[:60])
        return found

    def __contains__(self, name: object) -> bool:
        """Whether there is a parameter of that name."""
        return name in self._parameters

    def __len__(self) -> int:
        """How many parameters."""
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        """The names in order."""
        return iter(list(self._parameters))

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._parameters.keys()

    def values(self) -> Iterable[Parameter]:
        """The parameters."""
        return [self[name] for name in self]

    def items(self) -> Iterable[tuple[str, Parameter]]:
        """Names and parameters."""
        return [(name, self[name]) for name in self]
