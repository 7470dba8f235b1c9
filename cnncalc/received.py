"""The arguments of a call as a recording takes them: with values, with shapes, and as a key of what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.held import Held
from cnncalc.layers.checking import as_written
from cnncalc.layers.patterns import PLAIN
from cnncalc.value import Value, latest

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.layers.operation import Operation

#: The types of arguments that are traced values, and nothing else.
VALUES_ALONE = {Value}

Received = tuple[tuple[Any, ...], dict[str, Any], tuple[Value, ...], tuple[Any, ...], dict[str, Any], Any]


def received(operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any], value_of: Callable[[Held], Value]) -> Received:
    """A call as it is by now: inputs and named arguments with values, all values in order, both with shapes, and a key.

    `value_of` gives the value of a tensor that depends on no input. Only equal calls have equal keys.
    """
    if not call and set(map(type, inputs)) == VALUES_ALONE:
        values = tuple(latest(inputs))
        shapes = tuple([value.shape for value in values])
        return values, call, values, shapes, call, shapes
    found: list[Value] = []
    inputs, shapes, key = _adopted(inputs, found, value_of)
    named, named_key = call, ()
    if call:
        named, call, named_key = _adopted(operation.arranged(call) if len(call) > 1 else call, found, value_of)
    return inputs, named, tuple(found), shapes, call, (key, named_key)


def _adopted(nested: Any, found: list[Value], value_of: Callable[[Held], Value]) -> tuple[Any, Any, Any]:
    """Nested arguments with values, with shapes and as a key. The values are added to `found`, in order."""
    if type(nested) in PLAIN:
        # Its type tells 1 from True.
        return nested, nested, (type(nested), nested)
    if isinstance(nested, Held):
        nested = value_of(nested)
    if isinstance(nested, Value):
        value = nested.latest()
        found.append(value)
        return value, value.shape, value.shape
    if isinstance(nested, (tuple, list)):
        if not nested:
            return nested, (), type(nested)
        if set(map(type, nested)) == VALUES_ALONE:
            tensors = latest(nested)
            found.extend(tensors)
            shapes = tuple([tensor.shape for tensor in tensors])
            return tensors if isinstance(nested, list) else tuple(tensors), shapes, (type(nested), shapes)
        values, shapes, keys = zip(*[_adopted(item, found, value_of) for item in nested], strict=True)
        return list(values) if isinstance(nested, list) else values, shapes, (type(nested), keys)
    if isinstance(nested, dict):
        three = {name: _adopted(item, found, value_of) for name, item in nested.items()}
        named, call = ({name: part[i] for name, part in three.items()} for i in range(2))
        # An empty dict is no tensor without axes.
        return named, call, (dict, *[(name, part[2]) for name, part in three.items()])
    if type(nested) is slice:
        parts = nested.start, nested.stop, nested.step
        if PLAIN.issuperset(map(type, parts)):
            return nested, nested, (slice, *map(type, parts), *parts)
    number = as_written(nested)
    if type(number) in {int, float}:
        # Torch takes a number of NumPy's for what it is, but no truth value.
        nested = number
    # What equality may not tell apart is new each time.
    return nested, nested, object()
