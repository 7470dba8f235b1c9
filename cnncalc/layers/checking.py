"""How shapes and arguments of a call reach a fact: bound as its signature says, checked; errors name the operation."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, CnncalcError, ShapeError, UnsupportedError
from cnncalc.held import Traced
from cnncalc.sizes import Expr, as_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.layers.operation import Operation


def as_input(given: Any) -> Any:
    """Input shapes as an operation reads them: checked tuples of sizes, nested as they were given; None stays."""
    if type(given) is tuple:
        for size in given:
            if type(size) is not int or size < 0:
                break
        else:
            return given
    elif given is None:
        return None
    if isinstance(given, (tuple, list)) and given and all(item is None or isinstance(item, (tuple, list)) for item in given):
        return tuple(as_input(item) for item in given)
    return as_shape(given)


def checking(fact: Callable[..., Any]) -> Callable[..., Any]:
    """Let a fact receive its input shapes checked, and its errors name the operation.

    Which arguments are tensors, the fact says by its annotations: `Shape` is one tensor, `Shape | None` one or none, and
    any other type that speaks of `Shape` several. Everything else is passed on as it is. A fact that takes less than
    `output_shape` is called like it all the same: what it does not name is left out.
    """
    code = fact.__code__
    kinds = {name: str(kind) for name, kind in fact.__annotations__.items() if "Shape" in str(kind)}
    names = code.co_varnames[1 : code.co_argcount]
    takes = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    several = kinds.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount]) if code.co_flags & VARIADIC else None
    only = len(names) == 1 and kinds.get(names[0]) == "Shape"
    may_take_less = fact.__name__ != "output_shape" and not code.co_flags & (VARIADIC | VARIADIC_BY_NAME)

    @wraps(fact)
    def checked(self: Operation, *inputs: Any, **call: Any) -> Any:
        try:
            if only and len(inputs) == 1 and not call:
                return fact(self, _tensor(inputs[0], "Shape"))
            if may_take_less:
                whole = type(self).output_shape
                if len(takes) < len(whole.takes):  # type: ignore[attr-defined] # set below
                    bound = _bound(whole, self, inputs, call)
                    inputs, call = (), {name: item for name, item in bound.items() if name in takes}
            given = [
                _tensor(item, kind) if (kind := kinds.get(names[i]) if i < len(names) else several) else item
                for i, item in enumerate(inputs)
            ]
            named = {name: _tensor(item, kinds[name]) if name in kinds else item for name, item in call.items()}
            return fact(self, *given, **named)
        except CnncalcError as error:
            if not error.where:
                error.at(self.torch_name)
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise unfit(fact, (self, *inputs), call, self.torch_name, error) from error

    checked.takes = takes  # type: ignore[attr-defined]
    checked.tensors = (names, kinds, several)  # type: ignore[attr-defined] # for `check_tensors`
    return checked


#: The flags of a code object that takes any number of positional arguments, and of named ones.
VARIADIC = 0x04
VARIADIC_BY_NAME = 0x08


def _bound(fact: Any, operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name. Raises ArgumentError for too many, one given twice, or one that is not known."""
    names = fact.tensors[0]
    bound = dict(zip(names, inputs, strict=False))
    if len(inputs) > len(names) or not bound.keys().isdisjoint(call) or not call.keys() <= set(fact.takes):
        raise unfit(fact, (operation, *inputs), call, operation.torch_name, TypeError(fact))
    return bound | call


def _tensor(given: Any, kind: str) -> Any:
    """A tensor's shape, checked against the annotation of its argument; `Shape | Number` takes a number as it is."""
    if "Number" in kind and isinstance(given, (int, float, complex, Expr)):
        return given
    shape = as_input(given)
    if shape is None and kind == "Shape":
        raise ShapeError("one tensor is expected, not none", got="None")
    if shape and (shape[0] is None or type(shape[0]) is tuple) and "tuple" not in kind:
        raise ShapeError("one tensor is expected, not several", got=repr(shape)[:60])
    return shape


def check_tensor(item: Any, kind: str | None, name: str) -> None:
    """Refuse an argument inside a forward that is no tensor and should be one, or the other way round."""
    if isinstance(item, slice):
        item = (item.start, item.stop, item.step)
    if isinstance(item, (tuple, list)):
        if kind is not None and ("tuple" not in kind or not item):
            rule = "an empty list is no tensor" if not item else f"{name} must be one tensor"
            raise ArgumentError(rule, got=f"{name}={item!r:.60}")
        for part in item:
            check_tensor(part, kind, name)
    elif isinstance(item, Traced):
        if kind is None:
            raise UnsupportedError(f"{name} needs the values of a tensor, which are not known", got=repr(item)[:60])
    elif kind is not None and item is not None and not ("Number" in kind and isinstance(item, (int, float, complex, Expr))):
        raise ArgumentError(f"{name} must be a tensor", got=f"{name}={item!r:.60}")


def binding_error(function: Callable[..., Any], args: tuple[Any, ...], call: dict[str, Any], name: str) -> ArgumentError | None:
    """The error for arguments that do not fit a signature; None where they do."""
    import inspect

    signature = inspect.signature(function)
    try:
        signature.bind(*args, **call)
    except TypeError as error:
        parameters = [p for p in signature.parameters.values() if p.name != "self"]
        shown = ", ".join(
            p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters if p.name not in {"device", "dtype"}
        )
        return ArgumentError(str(error), where=name, remedy=f"it takes ({shown})")
    return None


def unfit(
    function: Callable[..., Any], args: tuple[Any, ...], call: dict[str, Any], name: str, error: Exception
) -> ArgumentError:
    """The error for arguments that do not fit a signature, or that are of a type with which no rule can work, as an array."""
    return binding_error(function, args, call, name) or ArgumentError(
        "an argument is of a type that is not taken here", where=name, got=str(error)[:100]
    )


def as_written(value: Any) -> Any:
    """Arguments with NumPy's numbers as Python's: what is written down is read without NumPy."""
    if type(value) in {tuple, list}:
        return type(value)(map(as_written, value))
    if type(value) is dict:
        return {name: as_written(item) for name, item in value.items()}
    if type(value) is slice:
        return slice(*map(as_written, (value.start, value.stop, value.step)))
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0 else value
