"""Layers and networks with symbols, and formulas in them, in place of some of their whole numbers, and the numbers put back."""

from __future__ import annotations

import inspect
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.layers import named
from cnncalc.layers.layer import Layer
from cnncalc.sizes import Expr, substitute, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.module import Module
    from drawing.calls import Case

#: Arguments that are no sizes: flags, real numbers, and numbers that count axes, layers or heads.
NO_SIZES = frozenset({
    "affine", "align_corners", "alpha", "batch_first", "beta", "bias", "bidirectional", "ceil_mode", "count_include_pad", "dim",
    "divisor_override", "dropout", "elementwise_affine", "end_dim", "eps", "init", "inplace", "k", "keepdim", "lambd", "lower",
    "max_norm", "max_val", "min_val", "momentum", "negative_slope", "nhead", "norm_first", "norm_type", "num_heads",
    "num_layers", "p", "padding_idx",
    "return_indices", "scale_factor", "start_dim", "threshold", "track_running_stats",
    "unflattened_size", "upper", "value",
})  # fmt: skip


class Letters:
    """Letters for numbers, as they are drawn.

    With `alike`, equal numbers get the same letter, and no formula; with `many`, a letter may stand for 0 where its number is
    above.
    """

    def __init__(self, draw: Any, *, alike: bool, many: bool) -> None:
        """Begin with no letters."""
        self._draw = draw
        self._alike = alike
        self._many = many
        self.values: dict[str, int] = {}

    def _lettered(self, value: int) -> Expr:
        """A symbol, or a formula in one, that has this value."""
        equal = [name for name, known in self.values.items() if known == value]
        if value >= 1 and equal and (self._alike or self._draw(st.booleans())):
            return self._symbol(equal[0] if self._alike else self._draw(st.sampled_from(equal)))
        name = f"{'abcdefghijklmnopqrstuvw'[len(self.values) % 23]}{len(self.values) // 23 or ''}"
        forms: list[tuple[int, Callable[[Expr], Any]]] = [(value, lambda s: s)] * 3 if value >= 0 else [(-value, lambda s: -s)]
        if not self._alike:
            forms += [(value + 2, lambda s: s - 2), (2 * value + 1, lambda s: s // 2)] if value >= 0 else []
            forms += [(value // 2, lambda s: 2 * s)] if value >= 0 and value % 2 == 0 else []
            forms += [(value // 2, lambda s: 2 * s + 1)] if value >= 1 and value % 2 else []
        put, form = self._draw(st.sampled_from(forms))
        self.values[name] = put
        return form(self._symbol(name))

    def _symbol(self, name: str) -> Expr:
        """A symbol whose minimum its number meets."""
        return symbol(name, 0 if not self.values[name] or (self._many and self._draw(st.booleans())) else 1)

    def some(self, part: Any) -> Any:
        """Nested numbers, some of them as symbols."""
        if isinstance(part, (tuple, list)):
            return type(part)(map(self.some, part))
        if isinstance(part, slice):
            return slice(*map(self.some, (part.start, part.stop, part.step)))
        return self._lettered(part) if type(part) is int and self._draw(st.booleans()) else part

    def arguments(self, init: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a constructor, some of their sizes as symbols."""
        names = [*[name for name in inspect.signature(init).parameters if name != "self"], *[""] * len(args)]
        put = tuple(value if name in NO_SIZES else self.some(value) for name, value in zip(names, args, strict=False))
        return put, {name: value if name in NO_SIZES else self.some(value) for name, value in kwargs.items()}


def at(part: Any, values: dict[str, int]) -> Any:
    """Nested arguments with numbers for their symbols."""
    if isinstance(part, (tuple, list)):
        return type(part)(at(inner, values) for inner in part)
    if isinstance(part, dict):
        return {name: at(inner, values) for name, inner in part.items()}
    if isinstance(part, slice):
        return slice(*at((part.start, part.stop, part.step), values))
    return substitute(part, values) if isinstance(part, Expr) else part


def minima_of(part: Any) -> dict[str, int]:
    """The least number that may be put in for each symbol of nested arguments."""
    found: dict[str, int] = {}
    if isinstance(part, slice):
        return minima_of((part.start, part.stop, part.step))
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, (tuple, list)) else ():
        for name, least in minima_of(inner).items():
            found[name] = max(least, found.get(name, 0))
    return part.minima if isinstance(part, Expr) else found


@dataclass(frozen=True)
class Symbolised:
    """A case with symbols, and the values with which it is the case it was made from."""

    case: Case
    values: dict[str, int]

    def at(self, values: dict[str, int]) -> Case:
        """The case with numbers for its symbols."""
        case = self.case
        return replace(case, args=at(case.args, values), kwargs=at(case.kwargs, values), shape=at(case.shape, values))


@st.composite
def symbolised(draw: Any, case: Case) -> Symbolised:
    """A case with some of its sizes as symbols."""
    letters = Letters(draw, alike=False, many=True)
    args, kwargs = letters.arguments(named(case.name).__init__, case.args, case.kwargs)
    return Symbolised(replace(case, args=args, kwargs=kwargs, shape=letters.some(case.shape)), letters.values)


# -- networks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SymbolicNetwork:
    """A network with symbols, its input, the values with which it is the network it was made from, and least values."""

    module: Module
    shape: tuple[Any, ...]
    values: dict[str, int]
    minima: dict[str, int]

    def at(self, values: dict[str, int]) -> tuple[Module, tuple[int, ...]]:
        """The network, its layers made anew with numbers, and the shape of its input. Raises what the layers raise."""
        return rebuilt(self.module, lambda _, args, kwargs: (at(args, values), at(kwargs, values))), at(self.shape, values)


def rebuilt(module: Any, change: Callable[[Any, Any, Any], Any], made: dict[int, Any] | None = None) -> Any:
    """A copy of a network whose layers are made with changed arguments; what is shared stays shared."""
    made = {} if made is None else made
    if id(module) not in made:
        if isinstance(module, Layer):
            init, args, kwargs = module._given
            args, kwargs = change(init, args, kwargs)
            made[id(module)] = type(module)(*args, **kwargs)
        else:
            made[id(module)] = twin = copy(module)
            twin.__dict__["_children"] = {
                name: child and rebuilt(child, change, made) for name, child in module._children.items()
            }
            twin.__dict__.update({name: child for name, child in twin._children.items() if name in module.__dict__})
    return made[id(module)]


@st.composite
def symbolic_networks(draw: Any, networks: st.SearchStrategy[Any]) -> SymbolicNetwork:
    """A drawn network with symbols in any argument of its layers and any axis of its input."""
    drawn = draw(networks)
    letters = Letters(draw, alike=draw(st.booleans()), many=False)
    minima: dict[str, int] = {}

    def change(init: Any, args: Any, kwargs: Any) -> Any:
        put = letters.arguments(init, args, kwargs)
        minima.update({name: max(least, minima.get(name, 0)) for name, least in minima_of(put).items()})
        return put

    shape = letters.some(drawn.shape)
    module = rebuilt(drawn.module, change)
    for name, least in minima_of(shape).items():
        minima[name] = max(least, minima.get(name, 0))
    return SymbolicNetwork(module, shape, letters.values, minima)
