"""Writing networks down in the form that `cnncalc.spec.text` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.containers import Sequential
from cnncalc.errors import SpecError
from cnncalc.layers.layer import Layer, argument_text
from cnncalc.module import Module
from cnncalc.program import Program, Ref
from cnncalc.sizes import Expr, is_readable
from cnncalc.spec.constructors import is_child_name, is_free_name
from cnncalc.spec.tokens import MAX_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator


def to_text(network: Module) -> str:
    """The written form of a layer, of a tree of Sequentials, or of a program; `parse` reads it back.

    Only what the form can say is written: a layer that stands in two places of a Sequential, and arguments that have no
    literal, raise SpecError. Which parameters are frozen is not part of it, and a program's rows get plain names, without
    dots; `dumps` keeps everything.
    """
    _check_each_once(network)
    if isinstance(network, Layer):
        return _layer_text(network)
    if isinstance(network, Program):
        return "\n".join(_program_lines(network))
    if type(network) is not Sequential:
        raise _unwritable("only layers, Sequentials and programs have a written form", type(network).__name__)
    links = [name_text(name, index) + _call_text(child) for index, (name, child) in enumerate(network._children.items())]
    return " -> ".join(links) if len(links) > 1 else _call_text(network)


def name_text(name: str, index: int) -> str:
    """`name = ` before a link, where it is not just its number."""
    if name == str(index):
        return ""
    if not is_child_name(name):
        raise _unwritable("this name can't be written", name)
    return f"{name} = "


def _call_text(module: Module) -> str:
    """A layer, or a Sequential with its children as arguments."""
    if isinstance(module, Layer):
        return _layer_text(module)
    if type(module) is not Sequential:
        raise _unwritable("only layers and Sequentials can stand in a chain", type(module).__name__)
    names = list(module._children)
    if names == [str(index) for index in range(len(names))]:
        return f"Sequential({', '.join(map(_call_text, module))})"
    children = [(f"{name}=" if is_child_name(name) else "", child) for name, child in module._children.items()]
    if not all(name for name, _ in children):
        raise _unwritable("these names can't be written", ", ".join(names)[:60])
    return f"Sequential({', '.join(name + _call_text(child) for name, child in children)})"


def _layer_text(layer: Layer) -> str:
    """A layer's constructor call, if every argument has a literal."""
    for name, value in layer.arguments.items():
        if not name.isidentifier():
            raise _unwritable("this argument's name can't be written", name)
        _check_literal(value)
    for value in layer.unnamed_arguments:
        _check_literal(value)
    return repr(layer)


def _check_literal(value: Any) -> None:
    """Refuse a value that the written form has no literal for."""
    if isinstance(value, (tuple, list)):
        for item in value:
            _check_literal(item)
    elif isinstance(value, str):
        fine = not ('"' in value and "'" in value) and "\n" not in value and "\\" not in value
    elif isinstance(value, float):
        fine = True
    elif isinstance(value, Expr):
        fine = is_readable(value)
    else:
        fine = value is None or isinstance(value, bool) or (type(value) is int and len(str(abs(value))) <= MAX_DIGITS)
    if not isinstance(value, (tuple, list)) and not fine:
        raise _unwritable("this argument has no literal", repr(value)[:60])


def _check_each_once(network: Module) -> None:
    """Refuse a module that stands in two places: written down, it would be two modules."""
    seen: set[int] = set()
    stack = [network]
    while stack:
        module = stack.pop()
        if id(module) in seen:
            raise _unwritable("a module that stands in two places has no written form", type(module).__name__)
        seen.add(id(module))
        stack += [child for child in module._children.values() if child is not None]


# -- programs ---------------------------------------------------------------------------------------------------


def _program_lines(program: Program) -> Iterator[str]:
    """The inputs, the layers, a line for each step, and the output."""
    copied = program.copied | program.changed_copies
    if copied:
        raise _unwritable("a copy that is changed in place can't be written", ", ".join(sorted(copied))[:60])
    written: dict[str, str] = {}
    taken = set(program.input_names)
    for name in program.input_names:
        if name not in {"input", "inputs"} and not is_free_name(name):
            raise _unwritable("this name can't be written", name)
    yield f"{', '.join(program.input_names)} = {'input' if len(program.input_names) == 1 else 'inputs'}"
    for path, module in _definitions(program, ""):
        name = written[path] = _plain_name(path, taken)
        yield f"{name} = {_call_text(module)}"
    results = {name: name for name in program.input_names}

    def show(value: Any) -> str:
        if isinstance(value, Ref):
            return results[value.name] if value.index is None else f"{results[value.name]}[{value.index}]"
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(map(show, value))}]"
        _check_literal(value)
        return argument_text(value)

    for step in program.steps:
        target = written.get(step.target) if isinstance(step.target, str) else step.target.torch_name
        if target is None:
            raise _unwritable("a part of a Sequential can't be called alone", str(step.target))
        arguments = [show(value) for value in step.inputs] + [f"{key}={show(value)}" for key, value in step.call.items()]
        name = results[step.result] = _plain_name(step.path, taken) if step.path else _numbered("v", taken)
        yield f"{name} = {target}({', '.join(arguments)})"
    if not isinstance(program.output, Ref):
        raise _unwritable("several outputs have no written form", type(program.output).__name__)
    yield show(program.output)


def _definitions(module: Module, prefix: str) -> Iterator[tuple[str, Module]]:
    """The layers and Sequentials of a program, those in plain containers too."""
    for name, child in module._children.items():
        if type(child) is Module:
            yield from _definitions(child, f"{prefix}{name}.")
        elif child is not None:
            yield f"{prefix}{name}", child


def _plain_name(path: str, taken: set[str]) -> str:
    """A qualified name as a plain one that is free: `block.conv` becomes block_conv, and `0.conv` layer_0_conv."""
    name = path.replace(".", "_")
    name = name if is_free_name(name) else f"layer_{name}"
    if name in taken or not is_free_name(name):
        return _numbered("layer_", taken)
    taken.add(name)
    return name


def _numbered(prefix: str, taken: set[str]) -> str:
    """The first of v1, v2, … that is free."""
    name = next(name for name in (f"{prefix}{number}" for number in range(1, len(taken) + 2)) if name not in taken)
    taken.add(name)
    return name


def _unwritable(rule: str, got: str) -> SpecError:
    return SpecError(rule, got=got, remedy="cnncalc.dumps writes any network as JSON")
