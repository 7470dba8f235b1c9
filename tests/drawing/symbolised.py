"""Cases of layers with symbols, and formulas in them, in place of some of their whole numbers, and the numbers to put back."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from cnncalc.layers import named
from cnncalc.sizes import Expr, substitute, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from drawing.calls import Case


@dataclass(frozen=True)
class Symbolised:
    """A case with symbols, and the values with which it is the case it was made from."""

    case: Case
    values: dict[str, int]

    def at(self, values: dict[str, int]) -> Case:
        """The case with numbers for its symbols."""

        def put(part: Any) -> Any:
            if isinstance(part, (tuple, list)):
                return type(part)(map(put, part))
            return substitute(part, values) if isinstance(part, Expr) else part

        return replace(
            self.case,
            args=put(self.case.args),
            kwargs={name: put(value) for name, value in self.case.kwargs.items()},
            shape=put(self.case.shape),
        )


@st.composite
def symbolised(draw: Any, case: Case, no_sizes: frozenset[str]) -> Symbolised:
    """A case with some of its numbers as symbols; arguments in `no_sizes` stay."""
    names = [name for name in inspect.signature(named(case.name).__init__).parameters if name != "self"]
    values: dict[str, int] = {}

    def lettered(value: int) -> Expr:
        """A symbol, or a formula in one, that has this value."""
        equal = [name for name, known in values.items() if known == value]
        if value >= 1 and equal and draw(st.booleans()):
            return symbol(draw(st.sampled_from(equal)), 0)
        name = f"{'abcdefghijklmnopqrstuvw'[len(values) % 23]}{len(values) // 23 or ''}"
        forms: list[tuple[int, Callable[[Expr], Any]]] = [(value, lambda s: s)] * 3 if value >= 0 else [(-value, lambda s: -s)]
        forms += [(value + 2, lambda s: s - 2), (2 * value + 1, lambda s: s // 2)] if value >= 0 else []
        forms += [(value // 2, lambda s: 2 * s)] if value >= 0 and value % 2 == 0 else []
        forms += [(value // 2, lambda s: 2 * s + 1)] if value >= 1 and value % 2 else []
        put, form = draw(st.sampled_from(forms))
        values[name] = put
        return form(symbol(name, draw(st.sampled_from((0, 1))) if put else 0))

    def some(part: Any) -> Any:
        if isinstance(part, (tuple, list)):
            return type(part)(map(some, part))
        return lettered(part) if type(part) is int and draw(st.booleans()) else part

    args = tuple(value if name in no_sizes else some(value) for name, value in zip((*names, *[""] * 9), case.args, strict=False))
    kwargs = {name: value if name in no_sizes else some(value) for name, value in case.kwargs.items()}
    shape = some(case.shape)
    return Symbolised(replace(case, args=args, kwargs=kwargs, shape=shape), values)
