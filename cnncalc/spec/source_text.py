"""How single things are written in source code: literals, names, layers, tensors, long lists of numbers."""

from __future__ import annotations

import keyword
from math import isfinite
from textwrap import wrap
from typing import Any

from cnncalc.constant import CONVERTING, Constant, DType, parts_of
from cnncalc.creation import KEEPING, MAKERS
from cnncalc.errors import UnsupportedError
from cnncalc.held import Held, Parameter
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.layer import Layer
from cnncalc.numbers import NUMERIC
from cnncalc.sizes import Expr

OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "floor_divide": "//",
    "pow": "**",
    "matmul": "@",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "add_": "+=",
    "sub_": "-=",
    "mul_": "*=",
    "div_": "/=",
}
#: Lists of numbers that are longer get a name of their own.
LONG = 100
COLUMNS = 110


def is_plain(name: str) -> bool:
    """Whether a name can be written as an attribute and as a keyword."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and name not in {"self", "__debug__"}


def literal(value: Any) -> str:
    """A value as a Python literal. Raises UnsupportedError for what has none."""
    if isinstance(value, Expr):
        raise UnsupportedError("source code for torch needs numbers", got=str(value)[:60], remedy="give numbers for the symbols")
    if value is None or value is Ellipsis or type(value) in {bool, int, str}:
        return "..." if value is Ellipsis else ascii(value)
    if type(value) is float:
        return repr(value) if isfinite(value) else f'float("{value}")'
    if isinstance(value, DType) and value.name.isidentifier():
        return f"torch.{value.name}"
    if isinstance(value, slice):
        return f"slice({literal(value.start)}, {literal(value.stop)}, {literal(value.step)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    raise UnsupportedError("an argument that is no literal has no source", got=ascii(value)[:60])


def listed(nested: Any) -> Any:
    """Nested tuples as lists."""
    return [listed(item) for item in nested] if isinstance(nested, tuple) else nested


def layer_text(layer: Layer, path: str, kind: str = "") -> str:
    """The constructor call of a layer, of torch's class or of another with the same arguments."""
    for name in layer.arguments:
        kept = layer.__dict__.get(name)
        # A string may stand for a symbol.
        for size in kept if isinstance(kept, tuple) else (kept,):
            if isinstance(size, Expr):
                literal(size)
    names = [literal(value) for value in layer.unnamed_arguments]
    names += [f"{name}={literal(value)}" for name, value in layer.arguments.items() if name not in {"device", "dtype"}]
    if any(not is_plain(name) for name in layer.arguments):
        raise UnsupportedError("an argument whose name is no identifier has no source", where=path)
    text = f"{kind or 'nn.' + layer.torch_name}({', '.join(names)})"
    return f"{text}.requires_grad_(False)" if all_frozen(layer) else text


def all_frozen(layer: Layer) -> bool:
    """Whether a layer has parameters, and none is trained."""
    parts = [part for _, part in layer.named_modules()]
    return any(part.frozen() for part in parts) and all(part.frozen() == set(part.own_parameters()) for part in parts)


def parameter_text(held: Parameter) -> str:
    """A parameter of a module's own; its numbers are for whoever trains it, or loads them."""
    shape = ", ".join(map(literal, held.shape)) or "()"
    return f"nn.Parameter(torch.empty({shape}){'' if held.requires_grad else ', requires_grad=False'})"


def buffer_text(held: Held) -> str:
    """A buffer of a module's own."""
    shape = ", ".join(map(literal, held.shape)) or "()"
    return f"torch.zeros({shape}{f', dtype=torch.{held.type_name}' if held.type_name else ''})"


class Numbers:
    """Long lists of numbers by the names that they are given."""

    def __init__(self) -> None:
        """Start with none."""
        self._names: dict[str, str] = {}

    def text(self, value: Any) -> str:
        """A literal, or the name of it."""
        shown = literal(value)
        if not isinstance(value, (list, tuple)) or len(shown) <= LONG or "'" in shown or '"' in shown:
            return shown
        return self._names.setdefault(shown, f"numbers_{len(self._names) + 1}")

    def lines(self) -> list[str]:
        """What the names stand for."""
        # Names are given to literals, whose only spaces stand behind commas.
        return [f"{name} = " + "\n    ".join(wrap(shown, COLUMNS, break_long_words=False)) for shown, name in self._names.items()]


def made_text(name: str, shown: list[str], more: list[str], where: str) -> str:
    """How torch makes a constant: by a maker, a method, an operator or a function. Raises UnsupportedError for another name."""
    if name in MAKERS:
        return f"torch.{name}({', '.join(shown + more)})"
    if name in OPERATORS and len(shown) == 2 and not more:  # noqa: PLR2004 - two operands
        return f"{shown[0]} {OPERATORS[name]} {shown[1]}"
    if name == "getitem":
        return f"{shown[0]}[{shown[1]}]"
    if name in {"to", "type", "type_as"} or name in CONVERTING:
        return f"{shown[0]}.{name}({', '.join(shown[1:] + more)})"
    if name in FUNCTION_NAMES:
        return call_text(named(name), shown, more)
    if name in NUMERIC:
        return f"torch.{name}({', '.join(shown + more)})"
    raise UnsupportedError("a constant that is made in a way which cnncalc does not know has no source", where=where, got=name)


def call_text(function: Any, shown: list[str], more: list[str]) -> str:
    """A call of a function: in torch's own place for it, or as a method of its first tensor."""
    name = function.torch_name
    # In this order, as the twin looks for it: where torch has both, torch.nn.functional takes more arguments.
    if "functional" in function.found_in:
        return f"F.{name}({', '.join(shown + more)})"
    if "torch" in function.found_in:
        return f"torch.{name}({', '.join(shown + more)})"
    # A view asks for cells in the order of its axes, which torch's own code has seen to, and the graph does not tell.
    laid_out = ".contiguous()" if name == "view" else ""
    return f"{shown[0]}{laid_out}.{name}({', '.join(shown[1:] + more)})"


def constant_text(constant: Constant, numbers: Numbers, where: str, beside: str = "") -> str:
    """A constant as one expression; on the device of the tensor `beside`, where there is one."""
    shown: dict[int, str] = {}

    def show(value: Any) -> str:
        if isinstance(value, Constant):
            text = shown[id(value)]
            return f"({text})" if " " in text.partition("(")[0] else text
        if isinstance(value, (list, tuple)) and any(isinstance(item, Constant) for item in value):
            inner = ", ".join(map(show, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
        return numbers.text(value)

    for part in parts_of(constant):
        if not part.is_as_made:
            raise UnsupportedError("a constant of unknown numbers, or that was changed in place, has no source", where=where)
        name, inputs, call = part.recipe
        more = [f"{key}={show(value)}" for key, value in call.items()]
        if beside and name in MAKERS and name not in KEEPING:
            more.append(f"device={beside}.device")
        text = made_text(name, list(map(show, inputs)), more, where)
        if len(text) > MOST:
            raise UnsupportedError("a constant that is made in so many steps has no source", where=where)
        shown[id(part)] = text
    return shown[id(constant)]


#: An expression that would be longer is refused.
MOST = 100_000
