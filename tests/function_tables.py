"""Tables of calls of functions, with every value that a check may decide at, and the same calls with symbols for lengths."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from drawing.calls import FunctionCase
from function_side import expected_of, map_shapes, shapes_in
from torch_tables import put_in

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

if TYPE_CHECKING:
    from collections.abc import Iterable

#: In place of an argument that is not given.
LEFT_OUT: Any = object()


def calls(name: str, inputs: Iterable[Any], **arguments: Any) -> list[FunctionCase]:
    """A call for each of some positional inputs, and each combination of values of some arguments by name."""
    combinations = [dict(zip(arguments, values, strict=True)) for values in product(*arguments.values())]
    given = [{key: value for key, value in one.items() if value is not LEFT_OUT} for one in combinations]
    return [FunctionCase(name, tuple(part), call) for part in inputs for call in given]


def check_symbols(case: FunctionCase, values: tuple[int, ...] = (1, 2, 3), *, alike: bool = False) -> int:
    """With a symbol for each length of a call, or one for equal ones, torch's answers at each combination of some values.

    The number of combinations at which the conditions hold.
    """
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    names: dict[Any, str] = {}

    def lettered(shape: Any) -> Any:
        return tuple(n if n == 0 else names.setdefault(n if alike else object(), next(letters)) for n in shape)

    shapes = list(map(lettered, shapes_in(case)))
    inputs, call = _with(case, shapes)
    symbols, refusal = list(names.values()), None
    with recording() as recorder:
        try:
            shape = named(case.name).output_shape(*inputs, **call)
        except (cc.UnsupportedError, cc.UndecidedError):
            raise
        except cc.CnncalcError as error:
            refusal = error
    agreed = 0
    for numbers in product(values, repeat=len(symbols)):
        point = dict(zip(symbols, numbers, strict=True))
        positional, by_name = _with(case, [tuple(point.get(n, n) for n in one) for one in shapes])
        expected = expected_of(FunctionCase(case.name, tuple(positional), by_name))
        if refusal is not None:
            assert expected is None, (case, point, str(refusal))
            continue
        broken = [requirement for requirement in recorder.requirements if not requirement.condition.holds(point)]
        if not broken:
            assert put_in(shape, point) == expected, (case, point, recorder.requirements)
            agreed += 1
        elif not all(requirement.holds(point) for requirement in broken):
            assert expected is None, (case, point, recorder.requirements)
    return agreed


def _with(case: FunctionCase, shapes: list[Any]) -> Any:
    """The arguments of a call with other shapes, in order."""
    taken = iter(shapes)
    return map_shapes(case, lambda _: next(taken))
