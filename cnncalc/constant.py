"""Constants: tensors that a model's source makes itself, such as `torch.zeros(3)`: a shape, and where few, the numbers.

A network asks them for shapes (a parameter of its own, a mask, a table of positions), and while it is built sometimes
for numbers (`torch.linspace(0, 0.1, depth)`, the widths of a RegNet). `cnncalc.numbers` says which numbers are known; an
answer that would need any others is refused.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from cnncalc import numbers
from cnncalc.errors import CnncalcError, UnsupportedError
from cnncalc.held import SHARED, Held, find_traced
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, as_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Tensor methods that give a tensor of the same numbers.
SAME = frozenset(["clone", "contiguous", "cpu", "cuda", "detach"])
#: Tensor methods that convert, and the type that each converts to; `to` and `type` name theirs.
CONVERTING = {"float": "float32", "int": "int32", "long": "int64", "bfloat16": "", "bool": "", "double": "", "half": ""}
#: Makers and methods that give whole numbers or truth values, unless told otherwise.
WHOLE = {"int": "int32", "long": "int64", "bool": "bool", "randint": "int64", "randperm": "int64", "uint8": "uint8"}
#: The types whose numbers are known, and how Python holds them; every other type has unknown numbers.
PYTHON_TYPES: dict[str, type[int | float]] = {"float32": float, "int32": int, "int64": int}


class DType:
    """A type of numbers by torch's name; nothing depends on it but the numbers of constants."""

    def __init__(self, name: str) -> None:
        """Keep torch's name."""
        self.name = name

    def __repr__(self) -> str:
        """As torch writes it."""
        return f"torch.{self.name}"


class Constant(Held):
    """A tensor made without an input: its shape, its numbers where they are known, and how torch makes it (`recipe`).

    `recipe` is torch's function by name with its arguments, for the twin. Tensors that share their numbers, as a part
    shares them with the whole, share `_known`: changing one in place makes them unknown in all.
    """

    def __init__(
        self,
        shape: Shape,
        recipe: tuple[str, tuple[Any, ...], dict[str, Any]],
        flat: numbers.Flat | None = None,
        shares: Constant | None = None,
    ) -> None:
        """Keep the parts; `shares` is the tensor that this one is a view of."""
        self.shape = as_shape(shape)
        self.recipe = recipe
        self._flat = flat
        self._known: list[bool | None] = [True] if shares is None else shares._known

    @property
    def flat(self) -> numbers.Flat | None:
        """The numbers in row-major order; None where they are unknown."""
        return self._flat if self._known[0] else None

    @property
    def is_as_made(self) -> bool:
        """Whether it is still what its recipe makes: its numbers are not just anybody's, and were not changed in place since."""
        return self._known[0] is True

    @property
    def is_lost(self) -> bool:  # type: ignore[override] # it is that of the memory
        """Whether the network has written into the memory that it shares: nothing is known of it, not even what it rests on."""
        return self._known[0] is None

    def lose(self) -> None:
        """Note that the network has written into it, and into all that shares its memory."""
        self._known[0] = None

    def tell(self, flat: numbers.Flat | None) -> None:
        """Say what its numbers are, in row-major order."""
        self._flat = flat

    @property
    def type_name(self) -> str:  # type: ignore[override] # it follows from the recipe
        """Torch's name of the type of its numbers, where those are whole numbers or truth values; else empty."""
        name, inputs, call = self.recipe
        given = next((item for item in (*inputs, *call.values()) if isinstance(item, DType)), None)
        made = given.name if given is not None else WHOLE.get(name, "")
        if made or given is not None:
            return made if made in WHOLE.values() else ""
        if self._flat and all(type(value) is int for value in self._flat):
            return "int64"
        first = inputs[0] if inputs else None
        # A view, or a part, is of the same type.
        return first.type_name if isinstance(first, Constant) and name in FUNCTION_NAMES and named(name).is_view else ""

    def changed_in_place(self, *inputs: Any, **call: Any) -> Self:
        """Make the numbers unknown, also those of every view."""
        super().changed_in_place(*inputs, **call)
        self._known[0] = False
        return self

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Apply an operation: of constants alone it gives a constant, beside anything else it is for that to record."""
        other = find_traced((inputs, call), unlike=Constant)
        if other is not None:
            return other.record(operation, inputs, call)
        if isinstance(operation, Function):
            return applied(operation.torch_name, inputs, call)
        return self.value().record(operation, inputs, call)

    # -- numbers ------------------------------------------------------------------------------------------------

    def tolist(self) -> Any:
        """The numbers, nested as the axes are. Raises UnsupportedError where they are unknown."""
        if self.flat is None:
            raise UnsupportedError("the numbers of this tensor are not known", got=repr(self))
        return numbers.nested(self.flat, tuple(int(n) for n in self.shape))

    def item(self) -> Any:
        """The one number. Raises UnsupportedError where it is unknown, or where there are several."""
        if self.flat is None or len(self.flat) != 1:
            raise UnsupportedError("item() needs a tensor of one number that is known", got=repr(self))
        return self.flat[0]

    def __int__(self) -> int:
        """The one number as a whole number."""
        return int(self.item())

    def __float__(self) -> float:
        """The one number."""
        return float(self.item())

    def __index__(self) -> int:
        """The one whole number."""
        found = self.item()
        if type(found) is not int:
            raise TypeError(f"{self!r} is no whole number")
        return found

    def __bool__(self) -> bool:
        """Whether the one number is not 0; refused where it is unknown."""
        return bool(self.item())

    # -- functions ----------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        """A method of torch's tensors."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name.endswith("_"):
            return self.changed_in_place
        if name in SAME:
            return lambda *_, **__: self
        if name in {"to", "type", "type_as"} or name in CONVERTING:
            return partial(self._converted, name)
        function = named(name) if name in FUNCTION_NAMES else None
        if function is not None and "Tensor" in function.found_in:
            return partial(function.method, self)
        if name in numbers.NUMERIC:
            return partial(_dispatched, name, self)
        raise UnsupportedError(f"the tensor method {name}() is not known to cnncalc", got=repr(self))

    @property
    def T(self) -> Any:  # noqa: N802 - torch's name
        """The axes in reverse order."""
        return _dispatched("permute", self, tuple(reversed(range(len(self.shape)))))

    def _converted(self, name: str, *given: Any, **named: Any) -> Constant:
        """The tensor in another type, or on another device."""
        types = [item for item in (*given, *named.values()) if isinstance(item, DType)]
        if name == "to" and not types:
            return self
        kind = PYTHON_TYPES.get(types[0].name if types else CONVERTING.get(name, ""))
        flat = None if kind is None else numbers.converted(self.flat, kind)
        return Constant(self.shape, (name, (self, *given), named), flat)

    def _operator(self, name: str, left: Any, right: Any) -> Any:
        """An operator: of constants alone it gives a constant."""
        return _dispatched(name, left, right)

    def __neg__(self) -> Any:
        """The negative."""
        return _dispatched("neg", self)

    def __iadd__(self, other: Any) -> Any:
        """The sum in place."""
        return self._in_place("add", other)

    def __isub__(self, other: Any) -> Any:
        """The difference in place."""
        return self._in_place("sub", other)

    def __imul__(self, other: Any) -> Any:
        """The product in place."""
        return self._in_place("mul", other)

    def __itruediv__(self, other: Any) -> Any:
        """The quotient in place."""
        return self._in_place("div", other)

    def _in_place(self, name: str, other: Any) -> Any:
        """The result of a function; what shared numbers with this tensor no longer knows them."""
        result = _dispatched(name, self, other)
        self.changed_in_place(other)
        return result

    def __getitem__(self, index: Any) -> Any:
        """A part, which shares its numbers with the whole."""
        return _dispatched("getitem", self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write into a part: the numbers are unknown from here on."""
        self.changed_in_place(index, value)

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first axis."""
        return iter([self[index] for index in range(len(self))])

    def __repr__(self) -> str:
        """Show where it comes from and its shape."""
        return f"torch.{self.recipe[0]}(…) of shape {self.shape}"


def _dispatched(name: str, *inputs: Any, **call: Any) -> Any:
    """A function by torch's name: the one that cnncalc knows, or else what can be said of constants alone."""
    if name in FUNCTION_NAMES:
        return named(name)(*inputs, **call)
    other = find_traced((inputs, call), unlike=Constant)
    if other is not None:
        raise UnsupportedError(f"torch.{name}() is known to cnncalc for constants alone", got=repr(other)[:60])
    return applied(name, inputs, call)


def parts_of(constant: Constant) -> list[Constant]:
    """The constants that a constant is made of, each before those that are made of it; itself last."""
    ordered: list[Constant] = []
    done: set[int] = set()
    stack: list[tuple[Constant, bool]] = [(constant, False)]
    while stack:
        part, opened = stack.pop()
        if id(part) in done:
            continue
        if opened:
            done.add(id(part))
            ordered.append(part)
            continue
        stack.append((part, True))
        stack += [(inner, False) for inner in _constants_in((part.recipe[1], part.recipe[2]))]
    return ordered


def _constants_in(nested: Any) -> list[Constant]:
    """The constants among nested arguments."""
    if isinstance(nested, Constant):
        return [nested]
    if isinstance(nested, dict):
        nested = tuple(nested.values())
    return [found for item in nested for found in _constants_in(item)] if isinstance(nested, (tuple, list)) else []


def function_of_constants(name: str) -> Any:
    """What torch's function of a name is where it is known for constants alone; None where it is not known at all."""
    return partial(_dispatched, name) if name in numbers.NUMERIC else None


def applied(name: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
    """A function of constants alone: its numbers where they are known, and else its shape by the function's own rule."""
    first = inputs[0] if inputs else None
    whole = first if isinstance(first, Constant) else None
    lost = next((item for item in _constants_in((inputs, call)) if item.is_lost), None)
    if lost is not None:
        raise UnsupportedError(SHARED, got=repr(lost)[:60], remedy="write x = x + y in place of x += y")
    if not call and all(item.flat is not None for item in inputs if isinstance(item, Constant)):
        computed = numbers.computed(name, tuple([_with_numbers(item) for item in inputs]))
        if computed is not None:
            shares = whole if name == "getitem" and not isinstance(inputs[1], tuple) else None
            return Constant(computed[0], (name, inputs, {}), computed[1], shares)
    if name not in FUNCTION_NAMES:
        raise UnsupportedError(f"torch.{name}() of these tensors is not known to cnncalc", got=repr(first)[:80])
    operation = named(name)
    shapes, arguments = _shapes(inputs), _shapes(call)
    try:
        output = operation.output_shape(*shapes, **arguments)
        shares = whole if operation.shares_memory(*shapes, **arguments) else None
    except CnncalcError as error:
        raise error.at(f"torch.{name}") from None
    flat = whole.flat if whole is not None and name in numbers.SAME_ORDER else None
    return _nested(output, (name, inputs, call), flat, shares)


def _with_numbers(item: Any) -> Any:
    """An argument for a computation: shape and numbers of a constant, anything else as it is."""
    return numbers.Known(item.shape, item.flat or ()) if isinstance(item, Constant) else item


def _shapes(nested: Any) -> Any:
    """Arguments with shapes in place of constants."""
    if isinstance(nested, Constant):
        return nested.shape
    if isinstance(nested, (tuple, list)):
        return tuple([_shapes(item) for item in nested])
    return {key: _shapes(item) for key, item in nested.items()} if isinstance(nested, dict) else nested


def _nested(output: Any, recipe: Any, flat: numbers.Flat | None, shares: Constant | None) -> Any:
    """A constant, or the constants that a function of several outputs gives."""
    if not output or not isinstance(output[0], tuple):
        return Constant(output, recipe, flat, shares)
    return tuple(
        Constant(shape, ("getitem", (Constant((), recipe), index), {}), None, shares) for index, shape in enumerate(output)
    )
