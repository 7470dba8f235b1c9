"""Numbers put in for the symbols of a network's arguments: the same network, without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, CnncalcError
from cnncalc.held import Parameter
from cnncalc.layers.arguments import PADDINGS
from cnncalc.layers.layer import Layer
from cnncalc.module import Module
from cnncalc.program import Step
from cnncalc.sizes import Expr, Shape, Size, expression, names_a_size, symbols_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Arguments in which torch takes text.
TEXTS = frozenset({"padding_mode", "mode", "nonlinearity", "approximate", "activation", "reduction"})


def put_in(network: Module, **values: Any) -> Module:
    """A copy of a network with numbers, or other sizes, for the symbols of its arguments: `cc.put_in(net, C=3, F=64)`.

    Layers are made anew with their arguments, so each is checked as if it had been written so. Symbols that are not named
    stay. Raises ArgumentError for values that are no sizes and for names that no argument has, and the layers' own errors.
    """
    copy = _Copy(checked_values(values))
    made: Module = copy.of(network)
    refuse_unknown(values, copy.found)
    return made


def put_in_all(network: Module, shapes: tuple[Shape, ...], values: Mapping[str, Any]) -> tuple[Module, list[Shape]]:
    """A network and the shapes of its inputs with sizes put in for the symbols of either."""
    copy = _Copy(checked_values(values))
    made: Module = copy.of(network)
    put: list[Shape] = [copy.of(shape) for shape in shapes]
    refuse_unknown(values, copy.found)
    return made, put


def refuse_unknown(values: Mapping[str, Any], found: set[str]) -> None:
    """Refuse values for symbols that do not occur."""
    unknown = [name for name in values if name not in found]
    if unknown:
        there = ", ".join(sorted(found)) or "none"
        raise ArgumentError("there is no symbol of that name", got=", ".join(unknown)[:60], remedy=f"there are {there}")


def checked_values(values: Mapping[str, Any]) -> dict[str, Size]:
    """The values for symbols: whole numbers from 0 on, or sizes."""
    found: dict[str, Size] = {}
    for name, value in values.items():
        number = value.__index__() if hasattr(value, "__index__") and not isinstance(value, (bool, Expr)) else value
        if not isinstance(number, Expr) and (type(number) is not int or number < 0):
            raise ArgumentError(
                "a symbol takes a whole number from 0 on, or a size",
                got=f"{name}={value!r:.60}",
                remedy="make another symbol with cc.symbol",
            )
        found[name] = number
    return found


def check_minima(size: Any, values: Mapping[str, Size]) -> None:
    """Refuse a number below the minimum of its symbol: what is known of the symbol would not hold for it."""
    for name, minimum in size.minima.items() if isinstance(size, Expr) else ():
        value = values.get(name)
        if isinstance(value, int) and value < minimum:
            raise ArgumentError(
                f"{name} stands for whole numbers from {minimum} on",
                got=f"{name}={value}",
                remedy=f'make it symbol("{name}", {value})',
            )


class _Copy:
    """One copy of a tree: a part that stands in two places is one in the copy too."""

    def __init__(self, values: dict[str, Size]) -> None:
        self._values = values
        #: The symbols that occur.
        self.found: set[str] = set()
        self._made: dict[int, Any] = {}
        #: What was copied stays alive, so that no other object gets its id.
        self._kept: list[Any] = []

    def of(self, value: Any) -> Any:
        """The copy of a module, or of what a module keeps."""
        if isinstance(value, Expr):
            self.found |= value.symbols
            check_minima(value, self._values)
            return value.subs(self._values)
        if isinstance(value, (Module, Parameter, list, dict, Step)):
            return self._once(value)
        if isinstance(value, tuple):
            items = [self.of(item) for item in value]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        return value

    def _once(self, value: Any) -> Any:
        made = self._made.get(id(value))
        if made is None:
            self._kept.append(value)
            made = self._make(value)
        return made

    def _make(self, value: Any) -> Any:
        """The copy of something that may be shared; it is known before its parts are made."""
        key = id(value)
        made: Any
        if isinstance(value, Layer):
            made = self._made[key] = object.__new__(type(value))
            self._layer(value, made)
        elif isinstance(value, (Module, Parameter)):
            made = self._made[key] = object.__new__(type(value))
            for name, part in value.__dict__.items():
                made.__dict__[name] = self.of(part)
        elif isinstance(value, Step):
            inputs, call = self.of(value.inputs), self.of(value.call)
            made = self._made[key] = Step(value.result, value.target, inputs, call, value.path)
        elif isinstance(value, list):
            made = self._made[key] = type(value)()
            made.extend(self.of(item) for item in value)
        else:
            made = self._made[key] = type(value)()
            made.update({name: self.of(item) for name, item in value.items()})
        return made

    def _layer(self, layer: Layer, made: Layer) -> None:
        """Make a layer anew with its arguments, and keep what was added to it afterwards."""
        init, args, kwargs = layer._given
        names = [*init.__code__.co_varnames[1 : init.__code__.co_argcount], *[""] * len(args)]
        put = [self._argument(name, value) for name, value in zip(names, args, strict=False)]
        named = {name: self._argument(name, value) for name, value in kwargs.items()}
        # What `constructor` keeps of a call, which the bare initializer does not.
        made.__dict__["_children"] = {}
        try:
            init(made, *put, **named)
        except CnncalcError as error:
            raise error if error.where else error.at(layer.torch_name) from None
        made.__dict__["_given"] = init, tuple(put), named
        for name, part in layer.__dict__.items():
            if name not in made.__dict__ and not name.startswith("_"):
                made.__dict__[name] = self.of(part)
        held = layer.__dict__.get("_parameters")
        if held:
            made.__dict__["_parameters"] = {name: self.of(parameter) for name, parameter in held.items()}
            made.__dict__.update(made.__dict__["_parameters"])

    def _argument(self, name: str, value: Any) -> Any:
        """An argument of a constructor, in which text is a symbol or a formula unless torch takes text there."""
        is_text = name in TEXTS or (name == "padding" and value in PADDINGS)
        if isinstance(value, str) and not is_text and names_a_size(value):
            size = expression(value)
            put = self.of(size)
            return put if symbols_of(size) & self._values.keys() else value
        if type(value) in {tuple, list}:
            return type(value)(self._argument(name, item) for item in value)
        return self.of(value)
