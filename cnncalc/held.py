"""What a `forward` is called on, and the tensors that it uses without an input: parameters, buffers, constants.

A `Traced` value decides itself what a call means. `Held` is one that depends on no input.
"""

from __future__ import annotations

import operator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, Self

from cnncalc.errors import ShapeError, UnsupportedError
from cnncalc.sizes import Expr, Shape, Size, as_shape, product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Traced:
    """A value that a `forward` is called on. It decides what a call of a module or an operation means."""

    __slots__ = ()

    def enter(self, module: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module on this value."""
        raise NotImplementedError  # pragma: no cover - every kind of value has its own

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Apply an operation that computes something to this value."""
        raise NotImplementedError  # pragma: no cover - every kind of value has its own

    def name_next(self, path: str) -> None:
        """Give the function that is applied next a qualified name; a value that keeps no names ignores it."""

    def name_held(self, held: Held, path: str) -> None:
        """Give a tensor that no module owns a qualified name; a value that keeps no names ignores it."""


def find_traced(values: Iterable[Any], unlike: type | tuple[()] = ()) -> Traced | None:
    """The first traced value among arguments, also inside tuples, lists and dicts, that is not of the kind `unlike`."""
    for value in values:
        if isinstance(value, Traced):
            if isinstance(value, unlike):
                continue
            return value
        if isinstance(value, (tuple, list)):
            found = find_traced(value, unlike)
        elif isinstance(value, dict):
            found = find_traced(value.values(), unlike)
        else:
            continue
        if found is not None:
            return found
    return None


def first_traced(inputs: tuple[Any, ...], call: dict[str, Any]) -> Traced | None:
    """The first traced value among the arguments of a call."""
    found = find_traced(inputs)
    return found if found is not None or not call else find_traced(call.values())


class Unknown:
    """What a tensor has and cnncalc does not know: handed on freely, refused where an answer would rest on it."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        """Keep what it is, for the message."""
        self._what = what

    def __eq__(self, other: object) -> bool:
        """The same as itself; anything else is not known."""
        if other is self:
            return True
        raise self._refused()

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        """Refuse a branch on it."""
        raise self._refused()

    def __getattr__(self, name: str) -> Any:
        """Refuse to say anything about it."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._refused()

    def _refused(self) -> UnsupportedError:
        return UnsupportedError(f"the {self._what} of a tensor is not known, and no number may rest on it")

    def __repr__(self) -> str:
        """Name what is not known."""
        return f"<unknown {self._what}>"


DTYPE = Unknown("dtype")
DEVICE = Unknown("device")


class Sized(Traced):
    """A value whose shape is known, and nothing else of it."""

    __slots__ = ()

    shape: Shape

    def dim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def numel(self) -> Size:
        """The number of elements."""
        return product(self.shape)

    @property
    def dtype(self) -> Unknown:
        """Not known: it may be handed on, but not asked about."""
        return DTYPE

    @property
    def device(self) -> Unknown:
        """Not known: it may be handed on, but not asked about."""
        return DEVICE


class Trace(Protocol):
    """What is going on while a `forward` runs: it knows the values of tensors that the forward uses without an input."""

    def value_of(self, held: Held) -> Any:
        """The value that stands for a parameter, a buffer or a constant."""
        ...


#: The trace that is running; None outside of any forward.
running: ContextVar[Trace | None] = ContextVar("running", default=None)


#: Python's operators by torch's names of their functions.
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
}
#: The refusal of what was changed behind its back.
SHARED = "a tensor that shares memory with one changed in place is not followed"


class Held(Sized):
    """A tensor that depends on no input, known by its shape: a parameter, a buffer or a constant.

    Inside a forward it is used like any other value; the running trace says what value that is.
    """

    requires_grad: bool = False
    #: Torch's name of the type of its numbers, where those are whole numbers or truth values; else empty.
    type_name: str = ""
    #: Whether a value of the network was written into its memory.
    is_lost: bool = False

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one axis."""
        if dim is not None and isinstance(dim, int) and not -len(self.shape) <= dim < len(self.shape):
            raise ShapeError("dim must be one of the axes", got=f"dim={dim} for {self.shape}")
        return self.shape if dim is None else self.shape[dim]

    @property
    def T(self) -> Any:  # noqa: N802 - torch's name
        """The axes in reverse order."""
        return self.value().T

    @property
    def data(self) -> Self:
        """The same tensor: there are no values to be had apart."""
        return self

    def value(self) -> Any:
        """The value that stands for it in the running forward."""
        trace = running.get()
        if trace is None:
            raise UnsupportedError("a parameter has no values outside of a forward", got=repr(self))
        return trace.value_of(self)

    def enter(self, module: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module on the value of this tensor."""
        return self.value().enter(module, inputs, call)

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Apply an operation to the value of this tensor."""
        return self.value().record(operation, inputs, call)

    def __getattr__(self, name: str) -> Any:
        """A method of tensors: one that changes values in place does nothing, any other acts on the value."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name.endswith("_"):
            return self.changed_in_place
        return getattr(self.value(), name)

    def changed_in_place(self, *inputs: Any, **call: Any) -> Self:
        """Do nothing: there are no values. Refuses what would let the tensor depend on an input, which is not followed."""
        other = find_traced((inputs, call), unlike=Held)
        if other is not None:
            raise UnsupportedError(
                "a parameter or constant that is changed in place by a value of the network is not followed",
                got=repr(self),
                remedy="write x = x + y in place of x += y",
            )
        return self

    def _operator(self, name: str, left: Any, right: Any) -> Any:
        """An operator of Python, by torch's name of its function: one of the two is this tensor."""
        return OPERATORS[name](*[item.value() if item is self else item for item in (left, right)])

    def __add__(self, other: Any) -> Any:
        """The sum."""
        return self._operator("add", self, other)

    def __radd__(self, other: Any) -> Any:
        """The sum, the other first."""
        return self._operator("add", other, self)

    def __sub__(self, other: Any) -> Any:
        """The difference."""
        return self._operator("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        """The difference, the other first."""
        return self._operator("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        """The product, element by element."""
        return self._operator("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        """The product, element by element, the other first."""
        return self._operator("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        """The quotient, element by element."""
        return self._operator("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        """The quotient, element by element, the other first."""
        return self._operator("div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element."""
        return self._operator("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element, the other first."""
        return self._operator("floor_divide", other, self)

    def __mod__(self, other: Any) -> Any:
        """The remainder, element by element."""
        return self._operator("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        """The remainder, element by element, the other first."""
        return self._operator("remainder", other, self)

    def __pow__(self, other: Any) -> Any:
        """The power, element by element."""
        return self._operator("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        """The power, element by element, the other first."""
        return self._operator("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        """The product of matrices."""
        return self._operator("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        """The product of matrices, the other first."""
        return self._operator("matmul", other, self)

    def __gt__(self, other: Any) -> Any:
        """Where it is larger."""
        return self._operator("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        """Where it is at least as large."""
        return self._operator("ge", self, other)

    def __lt__(self, other: Any) -> Any:
        """Where it is smaller."""
        return self._operator("lt", self, other)

    def __le__(self, other: Any) -> Any:
        """Where it is at most as large."""
        return self._operator("le", self, other)

    #: A tensor is itself, whatever it is compared with.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        """Where it is equal to a number; anything but a tensor or a number is not the same as a tensor."""
        return self._operator("eq", self, other) if isinstance(other, (int, float, complex, Expr)) else NotImplemented

    def __ne__(self, other: object) -> Any:
        """Where it differs from a number; anything but a tensor or a number is something else."""
        return self._operator("ne", self, other) if isinstance(other, (int, float, complex, Expr)) else NotImplemented

    def __neg__(self) -> Any:
        """The negative."""
        return -self.value()

    def __getitem__(self, index: Any) -> Any:
        """A part of it."""
        return self.value()[index]

    def __len__(self) -> int:
        """The length of the first axis."""
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first axis."""
        return iter([self[index] for index in range(len(self))])

    def __bool__(self) -> bool:
        """Refuse: a tensor's values are not known."""
        raise UnsupportedError(
            "a branch on the values of a tensor has no answer without data",
            got=repr(self),
            remedy="branch on shapes, on `is not None`, or on arguments of the network",
        )


class Parameter(Held):
    """A tensor that a module owns: a shape, whether it is trained, and the type of its numbers where those are whole."""

    def __init__(self, data: Any = None, requires_grad: bool = True, *, shape: Shape | None = None) -> None:  # noqa: FBT001, FBT002
        """Take what torch takes, a tensor by its shape (`torch.zeros(3)` of `cnncalc.drop_in`), or a shape."""
        self.shape: Shape = as_shape(shape if shape is not None else getattr(data, "shape", data))
        self.requires_grad = requires_grad
        self.type_name = getattr(data, "type_name", "")

    def requires_grad_(self, requires_grad: bool = True) -> Self:  # noqa: FBT001, FBT002 - torch's signature
        """Train it or freeze it, as torch's method of this name."""
        self.requires_grad = requires_grad
        return self

    def __repr__(self) -> str:
        """Show shape and flag."""
        return f"Parameter({self.shape}, requires_grad={self.requires_grad})"
