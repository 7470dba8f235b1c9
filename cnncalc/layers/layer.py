"""What every layer is: a module that is one operation, made by torch's constructor call, with tensors of its own."""

from __future__ import annotations

from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec

from cnncalc.axes import AxisMaps
from cnncalc.errors import ArgumentError, CnncalcError
from cnncalc.held import Parameter, Traced, first_traced
from cnncalc.layers.checking import as_written, unfit
from cnncalc.layers.operation import Operation
from cnncalc.layers.patterns import pattern_of
from cnncalc.module import Module
from cnncalc.sizes import Expr, Shape, plain_text, same_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.held import Held

P = ParamSpec("P")
#: What a layer's own `__setattr__` refuses.
set_attribute = object.__setattr__


def _refuse_arrays(init: Callable[..., Any], given: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Torch takes arrays and tensors for the numbers of few layers, and then in some of their places: they are taken nowhere.

    An argument with a leading underscore is a tensor that torch itself hands over.
    """
    for name, value in (*zip(init.__code__.co_varnames[1:], given, strict=False), *kwargs.items()):
        is_array = hasattr(value, "ndim") and hasattr(value, "__len__")  # one number of NumPy has no length
        if is_array and not name.startswith("_") and not isinstance(value, Traced):
            raise ArgumentError(
                f"{name} must be no array or tensor", got=f"{name}={value!r:.60}", remedy="write a number, or a tuple of numbers"
            )


def constructor(init: Callable[P, None]) -> Callable[P, None]:
    """Mark the `__init__` of a layer: what it was given is kept for the twin, for text and for JSON.

    Equal layers of this library share what is made of their arguments (cnncalc.layers.patterns). Arguments that do not fit
    the signature raise `ArgumentError`, not TypeError.
    """

    @wraps(init)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> None:
        self: Any = args[0]
        given = args[1:]
        layer_class = type(self)
        try:
            pattern = pattern_of(layer_class, init, given, kwargs) if layer_class.is_ours else None
            if pattern is None:
                _refuse_arrays(init, given, kwargs)
                self.__dict__["_children"] = {}
                init(*args, **kwargs)
                # Last, since from then on the layer is whole.
                self.__dict__["_given"] = init, as_written(given), as_written(kwargs)
            else:
                # One copy is faster than writing them one by one.
                set_attribute(self, "__dict__", pattern.attributes.copy())
        except CnncalcError as error:
            if not error.where:
                error.at(self.torch_name)
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise unfit(init, args, kwargs, self.torch_name, error) from error

    return keeping


class Layer(Operation, Module):
    """A layer: torch's class of the same name, with its constructor's arguments and its facts.

    Its attributes are written once, when it is made. Two layers with equal arguments are two layers; one layer called
    twice is one layer.
    """

    is_layer = True
    #: Which of `tensors()` are buffers.
    buffer_names: ClassVar[frozenset[str]] = frozenset()
    #: Textbook letters for arguments, for the working: {"out_channels": "F"}.
    letters: ClassVar[dict[str, str]] = {}

    _given: tuple[Any, tuple[Any, ...], dict[str, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A layer of this library is torch's class of its name; a user's subclass of one keeps that name."""
        super().__init_subclass__(**kwargs)
        if cls.is_ours and not cls.__name__.startswith("_"):
            cls.torch_name = cls.__name__

    def tensors(self) -> dict[str, Shape]:
        """Name and shape of its parameters and buffers, in the order of torch's `state_dict`."""
        return {}

    @property
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments as they were given, by torch's names."""
        init, args, kwargs = self._given
        names = init.__code__.co_varnames[1 : init.__code__.co_argcount]
        return dict(zip(names, args, strict=False)) | kwargs

    @property
    def unnamed_arguments(self) -> tuple[Any, ...]:
        """Arguments beyond the named ones, as only Identity takes them."""
        init, args, _ = self._given
        return tuple(args[init.__code__.co_argcount - 1 :])

    def forward(self, *inputs: Any, **call: Any) -> Any:
        """Apply the layer to traced values; a call without any is refused as a call of the layer is."""
        traced = first_traced(inputs, call)
        return self(*inputs, **call) if traced is None else traced.record(self, inputs, call)

    # -- what it owns -------------------------------------------------------------------------------------------

    def owned(self) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """Name and shape of its parameters, and of its buffers, with those that a user's subclass has added."""
        parameters: dict[str, Shape] = {}
        buffers: dict[str, Shape] = {}
        names = self.buffer_names
        for name, shape in self.tensors().items():
            (buffers if name in names else parameters)[name] = shape
        parameters |= {name: held.shape for name, held in self._held().items() if name not in names}
        added: dict[str, Shape] = self.__dict__.get("_buffers", {})
        return parameters, buffers | {name: shape for name, shape in added.items() if shape is not None}

    def _held(self) -> dict[str, Parameter]:
        """The parameters that were asked for or set so far."""
        held: dict[str, Parameter | None] | None = self.__dict__.get("_parameters")
        return {name: parameter for name, parameter in held.items() if parameter is not None} if held else {}

    def frozen(self) -> frozenset[str]:
        """The names of its parameters that are not trained."""
        held = self._held().items()
        return frozenset(name for name, p in held if not p.requires_grad and name not in self.buffer_names)

    def _freeze(self, requires_grad: bool) -> None:
        """Set the flag of each of its parameters."""
        for name in self.own_parameters():
            getattr(self, name).requires_grad_(requires_grad)

    def __getattr__(self, name: str) -> Any:
        """`weight`, `bias` and the like: a shape-only parameter, made when it is first asked for."""
        if not name.startswith("_"):
            shape = self.tensors().get(name)
            if shape is not None:
                parameter = Parameter(shape=shape, requires_grad=name not in self.buffer_names)
                self.__dict__.setdefault("_parameters", {})[name] = parameter
                self.__dict__[name] = parameter
                return parameter
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write an attribute once; a second time is refused, since numbers may already rest on the first."""
        if name in self.__dict__ and not (isinstance(value, Parameter) and isinstance(self.__dict__[name], Parameter)):
            raise ArgumentError(
                "the attributes of a layer are written once, when it is made",
                where=f"{type(self).__name__}.{name}",
                remedy="make a new layer with the arguments you want",
            )
        if value is None:
            self._check_still_fits(name, None)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Forget an attribute that was added."""
        self._check_still_fits(name, None)
        super().__delattr__(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or share one of the same shape in the place of the layer's own."""
        self._check_still_fits(name, param)
        super().register_parameter(name, param)

    def hold(self, name: str, held: Held | None, *, persistent: bool = True) -> None:
        """Add a buffer, or one of the same shape in the place of the layer's own."""
        self._check_still_fits(name, held)
        super().hold(name, held, persistent=persistent)

    def _check_still_fits(self, name: str, held: Any) -> None:
        """Refuse to leave out or reshape a tensor that the layer's numbers rest on."""
        if "_given" not in self.__dict__:
            return
        shape = self.tensors().get(name)
        shown = getattr(held, "shape", None)
        if shape is None or (shown is not None and same_shape(shown, shape)):
            return
        raise ArgumentError(
            f"the shape of {name} follows from the arguments that the layer was made with",
            where=type(self).__name__,
            got=f"{name}={held if shown is None else shown} in place of {shape}",
            remedy="make a new layer" + (f" with {name}=False" if held is None and name == "bias" else ""),
        )

    def __repr__(self) -> str:
        """The constructor call as it was written."""
        return call_text(self.torch_name, *self._given)


class Pointwise(Layer):
    """A layer that works value by value: the shape stays, and each output cell reads the one input cell."""

    work = "activation"

    def output_shape(self, input: Shape) -> Shape:
        """That of the input."""
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps.pointwise(len(input)),)


def call_text(name: str, init: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A constructor call in torch syntax, as it was given: `Conv2d(3, 16, 5, stride=2)`."""
    del init
    shown = [argument_text(value) for value in args]
    shown += [f"{key}={argument_text(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(shown)})"


def argument_text(value: Any) -> str:
    """An argument in the written form: Python literals, `symbol("p")` for a symbol, `expression("2*p")` for a formula."""
    if isinstance(value, Expr):
        text, minima = plain_text(value), {name: least for name, least in value.minima.items() if least != 1}
        if text.isidentifier():
            return f'symbol("{text}", {minima[text]})' if minima else f'symbol("{text}")'
        return f'expression("{text}"{"".join(f", {name}={least}" for name, least in sorted(minima.items()))})'
    if isinstance(value, str):
        quote = "'" if '"' in value else '"'
        return f"{quote}{value}{quote}"
    if isinstance(value, tuple):
        inner = ", ".join(map(argument_text, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(argument_text, value))}]"
    if isinstance(value, float) and not isfinite(value):
        # Python has no literal for it.
        return f'float("{value}")'
    return repr(value)
