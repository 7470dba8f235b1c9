"""What goes in and out of ONNX's operators: tensors of known numbers beside traced values, and functions applied to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.layers import named

if TYPE_CHECKING:
    from cnncalc.importers.onnx_file import OnnxNode, Tensor


@dataclass(frozen=True)
class Numbers:
    """A tensor of known numbers, or of a shape alone: `flat` is None where they are too many or not known."""

    shape: tuple[Any, ...]
    flat: tuple[Any, ...] | None

    @classmethod
    def of(cls, tensor: Tensor) -> Numbers:
        """A tensor of the file."""
        return cls(tensor.shape, None if tensor.numbers is None else tuple(flat(tensor.numbers)))

    @classmethod
    def row(cls, values: Any) -> Numbers:
        """Numbers in a row."""
        values = tuple(values)
        return cls((len(values),), values)


def flat(nested: Any) -> list[Any]:
    """Nested lists as one."""
    return [leaf for item in nested for leaf in flat(item)] if isinstance(nested, list) else [nested]


def known(given: Any) -> list[Any]:
    """The numbers of an input. Raises UnsupportedError where they are not known."""
    if isinstance(given, Numbers) and given.flat is not None:
        return list(given.flat)
    raise UnsupportedError("the numbers of a tensor are not known", got=repr(given)[:60])


def operand(given: Any) -> Any:
    """An operand: a number where it is one, a tensor of numbers as a constant, a value as it is."""
    if isinstance(given, Numbers) and given.flat is not None and len(given.flat) == 1 and not given.shape:
        return given.flat[0]
    return as_tensor(given)


def as_tensor(given: Any) -> Any:
    """A tensor of numbers as a constant, anything else as it is."""
    if isinstance(given, Numbers):
        from cnncalc.constant import Constant

        return Constant(given.shape, ("zeros", (given.shape,), {}))
    return given


def apply(name: str, *inputs: Any, **call: Any) -> Any:
    """A function of cnncalc by torch's name; tensors of numbers go in as constants."""
    return named(name)(*map(as_tensor, inputs), **call)


def aside(value: Any, name: str, *inputs: Any, **call: Any) -> Any:
    """A function that prepares an input: it does not take the name of the node."""
    kept, value.tracer.next_name = value.tracer.next_name, ""
    try:
        return apply(name, value, *inputs, **call)
    finally:
        value.tracer.next_name = kept


def axes_of(node: OnnxNode, given: Any) -> list[int] | None:
    """The axes of an operator: an attribute in old opsets, an input in new ones."""
    return known(given) if given is not None else node.attributes.get("axes")
