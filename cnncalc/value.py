"""The tensors that flow through a network: a node is one call of a layer or a function, a value one of its outputs.

A value has a shape, and whatever a `forward` does to it is recorded: torch's operators and methods by their functions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cnncalc.errors import UnsupportedError
from cnncalc.held import Held, Sized, Traced
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.facts import Facts
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Operation
from cnncalc.layers.shaping import axis_index
from cnncalc.module import Module
from cnncalc.sizes import Expr, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cnncalc.axes import AxisMaps, PerOutput
    from cnncalc.graph import Tracer

#: Tensor methods that change neither shape nor values that matter.
SAME = frozenset(
    [
        "bfloat16",
        "contiguous",
        "cpu",
        "cuda",
        "detach",
        "double",
        "float",
        "half",
        "requires_grad_",
        "to",
        "type",
        "type_as",
    ]
)
#: Tensor methods whose answer lies in the values.
NEEDS_VALUES = frozenset(["item", "tolist", "numpy", "nonzero", "unique", "equal", "allclose"])
#: What a layer's forward is, unless a user's subclass writes another.
PLAIN_FORWARD = Layer.forward


class Node:
    """One call of an operation, or an input of the network (`operation` is then None).

    `path` is the qualified name; `inputs` and `named` are what the operation was called with, nested as torch nests them,
    with a `Value` for each tensor; `values` lists these in order. `facts` say what came of it; equal calls share them.
    """

    __slots__ = ("facts", "index", "inputs", "named", "operation", "path", "values")

    def __init__(
        self,
        index: int,
        path: str,
        operation: Operation | None,
        facts: Facts,
        inputs: tuple[Any, ...],
        named: dict[str, Any],
        values: tuple[Value, ...],
    ) -> None:
        """Keep the parts."""
        self.index = index
        self.path = path
        self.operation = operation
        self.facts = facts
        self.inputs = inputs
        self.named = named
        self.values = values

    @property
    def shapes(self) -> tuple[Any, ...]:
        """The inputs, a shape for each tensor."""
        return self.facts.shapes

    @property
    def call(self) -> dict[str, Any]:
        """The named arguments, a shape for each tensor."""
        return self.facts.call

    @property
    def output(self) -> Any:
        """The shape, or nested shapes, that came out."""
        return self.facts.output

    @property
    def works_in_place(self) -> bool:
        """Whether the output is the first input, changed."""
        return self.facts.is_in_place

    @property
    def axes(self) -> tuple[AxisMaps, ...] | PerOutput:
        """The operation's axis maps for this call; none for an input of the network."""
        return self.facts.axes

    @property
    def kind(self) -> str:
        """The operation's name, as the user knows it."""
        return self.facts.kind

    def __repr__(self) -> str:
        """Show place, kind and shape."""
        return f"<{self.path or self.kind}: {self.kind} -> {self.output}>"


class ParameterNode(Node):
    """A parameter, a buffer or a constant that a forward uses itself: `held`, which `path` names where a module owns it."""

    __slots__ = ("held", "owned")

    def __init__(self, index: int, path: str, held: Held, *, owned: bool) -> None:
        """Keep the tensor, and whether a module owns it."""
        super().__init__(index, path, None, Facts(None, (), {}, held.shape), (), {}, ())
        self.held = held
        self.owned = owned

    @property
    def kind(self) -> str:
        """What it is."""
        return "parameter"


class Value(Sized):
    """One tensor of the graph: an output of a node. It has a shape, and arithmetic that records further nodes."""

    __slots__ = ("index", "node", "shape", "successor", "tracer")

    def __init__(self, tracer: Tracer, node: Node, shape: Shape, index: int = 0) -> None:
        """Keep which output of which node it is."""
        self.tracer = tracer
        self.node = node
        self.shape = shape
        self.index = index
        #: What it has become by a change in place.
        self.successor: Value | None = None

    def clone(self, **_: Any) -> Value:
        """The same value, apart from what happens to this one in place."""
        known = self.latest()
        made = Value(known.tracer, known.node, known.shape, known.index)
        graph = known.tracer.graph
        graph.copies[id(made)] = made, known, len(graph.nodes)
        return made

    def latest(self) -> Value:
        """What it has become by changes in place: itself, mostly."""
        value = self
        while value.successor is not None:
            value = value.successor
        return value

    def enter(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module inside its own scope of names."""
        tracer = self.tracer
        path = tracer.paths.get(id(module))
        if path is None:
            path = tracer.strange(module)
        if isinstance(module, Layer) and type(module).forward is PLAIN_FORWARD and "forward" not in module.__dict__:
            return tracer.record(module, inputs, call, path)
        graph = tracer.graph
        first = len(graph.nodes)
        outer = tracer.scope
        tracer.scope = path
        try:
            result = module.forward(*inputs, **call)
        finally:
            tracer.scope = outer
        graph.returned[path] = result.latest() if isinstance(result, Value) else _with_values(result)
        graph.calls.append((path, first, len(graph.nodes)))
        return result

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Add a node."""
        return self.tracer.record(operation, inputs, call)

    def name_next(self, path: str) -> None:
        """Give the function that is applied next a qualified name."""
        self.tracer.next_name = path

    def name_held(self, held: Held, path: str) -> None:
        """Give a tensor that no module owns a qualified name."""
        self.tracer.names[id(held)] = path

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[axis_index(dim, self.shape)]

    def __add__(self, other: Any) -> Any:
        """The sum."""
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        """The sum, the other first."""
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        """The difference."""
        return self._apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        """The difference, the other first."""
        return self._apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        """The product, element by element."""
        return self._apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        """The product, element by element, the other first."""
        return self._apply("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        """The quotient, element by element."""
        return self._apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        """The quotient, element by element, the other first."""
        return self._apply("div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element."""
        return self._apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element, the other first."""
        return self._apply("floor_divide", other, self)

    def __pow__(self, other: Any) -> Any:
        """The power, element by element."""
        return self._apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        """The power, element by element, the other first."""
        return self._apply("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        """The product of matrices."""
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        """The product of matrices, the other first."""
        return self._apply("matmul", other, self)

    def __neg__(self) -> Any:
        """The negative."""
        return self._apply("neg", self)

    def __iadd__(self, other: Any) -> Any:
        """The sum, in place."""
        return self._apply("add_", self, other)

    def __isub__(self, other: Any) -> Any:
        """The difference, in place."""
        return self._apply("sub_", self, other)

    def __imul__(self, other: Any) -> Any:
        """The product, element by element, in place."""
        return self._apply("mul_", self, other)

    def __itruediv__(self, other: Any) -> Any:
        """The quotient, element by element, in place."""
        return self._apply("div_", self, other)

    def __ifloordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element, in place."""
        return self._apply("floor_divide_", self, other)

    def __ipow__(self, other: Any) -> Any:
        """The power, element by element, in place."""
        return self._apply("pow_", self, other)

    def __mod__(self, other: Any) -> Any:
        """The remainder, element by element."""
        return self._apply("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        """The remainder, element by element, the other first."""
        return self._apply("remainder", other, self)

    def __abs__(self) -> Any:
        """The size without the sign, element by element."""
        return self._apply("abs", self)

    def __pos__(self) -> Any:
        """The value itself."""
        return self._apply("positive", self)

    #: A value is itself, whatever it is compared with.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        """Where both are equal; anything but a tensor or a number is not the same as a tensor."""
        if isinstance(other, (Traced, int, float, complex, Expr)):
            return self._apply("eq", self, other)
        return self is other

    def __ne__(self, other: object) -> Any:
        """Where both differ; anything but a tensor or a number is something else."""
        if isinstance(other, (Traced, int, float, complex, Expr)):
            return self._apply("ne", self, other)
        return self is not other

    def __gt__(self, other: Any) -> Any:
        """Where it is larger."""
        return self._apply("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        """Where it is at least as large."""
        return self._apply("ge", self, other)

    def __lt__(self, other: Any) -> Any:
        """Where it is smaller."""
        return self._apply("lt", self, other)

    def __le__(self, other: Any) -> Any:
        """Where it is at most as large."""
        return self._apply("le", self, other)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write over a part, in place. Raises UnsupportedError for what is no slice and no whole number."""
        self.tracer.write(self, index, value)

    @property
    def T(self) -> Any:  # noqa: N802 - torch's name
        """The axes in reverse order."""
        return self._apply("permute", self, tuple(reversed(range(len(self.shape)))))

    @property
    def mT(self) -> Any:  # noqa: N802 - torch's name
        """The last two axes exchanged."""
        return self._apply("transpose", self, -2, -1)

    def __getitem__(self, index: Any) -> Any:
        """A part: slices, numbers, None and `...` as torch takes them."""
        return self._apply("getitem", self, index)

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first axis."""
        return iter([self[index] for index in range(int(self.shape[0]))])

    def __len__(self) -> int:
        """The length of the first axis."""
        return int(self.shape[0])

    @staticmethod
    def _apply(name: str, *inputs: Any) -> Any:
        """A function of torch by name, written as an operator."""
        return named(name).as_operator()(*inputs)

    def __getattr__(self, name: str) -> Any:
        """A method of torch's tensors, recorded as the function of that name. Raises UnsupportedError for an unknown one."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name in SAME:
            return lambda *_, **__: self
        function = named(name) if name in FUNCTION_NAMES else None
        if function is None or "Tensor" not in function.found_in:
            why = "needs the values of a tensor, which are not known" if name in NEEDS_VALUES else "is not known to cnncalc"
            raise UnsupportedError(f"the tensor method {name}() {why}", where=self.tracer.scope)
        return partial(function.method, self)

    def __bool__(self) -> bool:
        """Refuse: a tensor's values are not known."""
        raise UnsupportedError(
            "a branch on the values of a tensor has no answer without data",
            where=self.tracer.scope,
            remedy="branch on shapes, or on arguments of the network",
        )

    def __repr__(self) -> str:
        """Show the origin and the shape."""
        return f"Value({self.node.path or self.node.kind}, shape={self.shape})"


def _with_values(nested: Any) -> Any:
    """What a module returned, tensors of its own as values."""
    if isinstance(nested, Held):
        return nested.value()
    if type(nested) in {tuple, list}:
        return type(nested)(map(_with_values, nested))
    return nested


def latest(values: Iterable[Value]) -> list[Value]:
    """Values as they are by now."""
    return [value if value.successor is None else value.latest() for value in values]


def iterate_values(nested: Any) -> Iterator[Value]:
    """The values in nested arguments, in order."""
    if isinstance(nested, Value):
        yield nested
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            yield from iterate_values(item)
    elif isinstance(nested, dict):
        for item in nested.values():
            yield from iterate_values(item)


def map_values(nested: Any, change: Callable[[Value], Any]) -> Any:
    """Nested arguments with each value replaced; lists become tuples."""
    if isinstance(nested, Value):
        return change(nested)
    if isinstance(nested, (tuple, list)):
        return tuple([map_values(item, change) for item in nested])
    if isinstance(nested, dict):
        return {key: map_values(item, change) for key, item in nested.items()}
    return nested
