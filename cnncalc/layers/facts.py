"""What an operation says of one call, worked out once for all equal calls.

The invariant: facts depend on class, arguments, call and input shapes alone, so that equal calls share them, in one report
and from one to the next. They are remembered where all of these are numbers: what symbols leave open is recorded by the
trace that meets it, anew each time. A call that is refused is not remembered either.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from cnncalc.axes import PerOutput
from cnncalc.layers.functional import LayerFunction
from cnncalc.layers.storing import Storing
from cnncalc.sizes import Shape, Size, product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.axes import AxisMaps
    from cnncalc.layers.operation import Operation

#: How many tensors the calls that are remembered read in all; when there are more, all are forgotten, which costs little.
MOST_TENSORS = 1 << 15
#: A call that reads more is not remembered.
MOST_OF_ONE = 256


class Facts:
    """What an operation gives for inputs of some shapes; how the axes follow, and what it costs, once it is asked.

    `call` holds the named arguments, shapes in place of tensors. Raises what the operation raises.
    """

    #: What is asked most often; the rest is worked out once it is asked, and kept beside.
    __slots__ = (
        "__dict__",
        "call",
        "is_in_place",
        "is_new",
        "is_single",
        "is_view",
        "kind",
        "known",
        "operation",
        "output",
        "outputs",
        "shapes",
    )

    def __init__(self, operation: Operation | None, shapes: tuple[Any, ...], call: dict[str, Any], output: Any) -> None:
        """Keep the call and what it gives; without an operation, the shape is that of an input of the network."""
        self.operation = operation
        #: The operation, or the layer that a function comes to.
        self.known = operation.applied(*shapes, **call).layer if isinstance(operation, LayerFunction) else operation
        #: The operation's name, as the user knows it.
        self.kind = "input" if operation is None else type(operation).__name__ if operation.is_layer else operation.torch_name
        self.shapes = shapes
        self.call = call
        self.output = output
        #: The shapes of the outputs in order, however they are nested.
        self.outputs: tuple[Shape, ...] = tuple(output_shapes(self.output))
        #: Whether it is one tensor, not several nested.
        self.is_single = is_shape(output)
        #: Whether the output is the first input, changed.
        self.is_in_place = operation is not None and (operation.in_place or self.known.__dict__.get("inplace") is True)
        #: Whether the output shares the memory of the first input.
        self.is_view: bool = operation is not None and operation.shares_memory(*shapes, **call)
        #: Whether the output is one tensor, in memory of its own.
        self.is_new = self.is_single and not self.is_view and not self.is_in_place

    @cached_property
    def axes(self) -> tuple[AxisMaps, ...] | PerOutput:
        """For each input tensor, how the axes of the output follow from its axes."""
        return () if self.operation is None else self.operation.axes(*self.shapes, **self.call)

    @cached_property
    def kept(self) -> frozenset[int]:
        """The axes of all inputs that the output has in their place, cell by cell."""
        axes = () if isinstance(self.axes, PerOutput) else self.axes
        return frozenset.intersection(*(maps.kept for maps in axes)) if axes else frozenset()

    @cached_property
    def laid_along(self) -> frozenset[int]:
        """The axes along which the inputs are laid end to end: a cell of the output lies in one of them, and reads that alone."""
        axes = () if isinstance(self.axes, PerOutput) else self.axes
        return frozenset().union(*(maps.laid_along for maps in axes))

    @cached_property
    def takes_part(self) -> bool:
        """Whether a part of an axis of an input is taken."""
        each = chain.from_iterable(self.axes) if isinstance(self.axes, PerOutput) else self.axes
        return any(maps.takes_part for maps in each)

    @cached_property
    def macs(self) -> Size:
        """Multiply-accumulates. Raises UnsupportedError where they are not known."""
        return 0 if self.operation is None else self.operation.macs(*self.shapes, **self.call)

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """The number of elements of each output."""
        return tuple(map(product, self.outputs))

    @cached_property
    def elements(self) -> Size:
        """The number of elements of all outputs together."""
        return sum(self.sizes, start=0)

    @cached_property
    def storing(self) -> Storing:
        """What the call means for memory."""
        return Storing(self)


class Remembered:
    """The calls that are remembered, by what stands for all equal operations and by a key.

    The key says all about a call: shapes, and any other argument with its type.
    """

    def __init__(self) -> None:
        """Start with none."""
        self.forget()

    def forget(self) -> None:
        """Forget all calls."""
        self._calls: dict[tuple[Any, Any], Facts] = {}
        #: How many tensors they read: as much memory as many calls may be taken by one that joins many tensors.
        self.tensors = 0

    def find(self, pattern: Any, key: Any) -> Facts | None:
        """What is remembered of a call; None for nothing."""
        return self._calls.get((pattern, key))

    def add(self, pattern: Any, key: Any, facts: Facts, tensors: int) -> None:
        """Remember a call that reads so many tensors."""
        if tensors > MOST_OF_ONE:
            return
        if self.tensors + tensors > MOST_TENSORS:
            self.forget()
        self.tensors += tensors
        self._calls[pattern, key] = facts


remembered = Remembered()


def is_shape(output: Any) -> bool:
    """Whether an operation's output is one tensor's shape, not several nested."""
    return type(output) is tuple and (not output or not (output[0] is None or isinstance(output[0], tuple)))


def output_shapes(output: Any) -> Iterator[Shape]:
    """The shapes of an operation's outputs, in order, however they are nested."""
    if output is None:
        return
    if is_shape(output):
        yield output
        return
    for item in output:
        yield from output_shapes(item)
