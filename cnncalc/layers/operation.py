"""What every layer and every function is: a small closed set of facts.

An operation knows a few facts, and nothing about it is written anywhere else:

* `output_shape(*inputs, **call)`  the shape torch gives, for input shapes in place of tensors
* `tensors()`                      name → shape of its parameters and buffers, as in torch's `state_dict`
* `macs(*inputs, **call)`          multiply-accumulates of its products, bias excluded
* `axes(*inputs, **call)`          per input tensor, how the output's axes follow from that tensor's axes
* `work`                           the kind of its other arithmetic, such as "activation" (cnncalc.layers.work)

The facts take what torch's `forward` takes, by torch's names; those behind `output_shape` name only what they use of it.
Input shapes arrive checked: tuples of sizes.
"""

from __future__ import annotations

from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Self

from cnncalc.axes import AxisMaps, PerOutput
from cnncalc.errors import ArgumentError, CnncalcError, ShapeError, UnsupportedError
from cnncalc.held import Parameter, Traced, first_traced
from cnncalc.layers.patterns import pattern_of
from cnncalc.layers.work import Work
from cnncalc.module import Module
from cnncalc.sizes import Expr, Shape, Size, as_shape, plain_text, same_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.held import Held

P = ParamSpec("P")
#: A number where a tensor may stand too, as in `x * 2`.
Number = int | float | complex | Expr


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
                shape = as_input(inputs[0])
                if shape is None or (shape and type(shape[0]) is tuple):
                    _tensor(shape, "Shape")
                return fact(self, shape)
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
            raise _unfit(fact, (self, *inputs), call, self.torch_name, error) from error

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
        raise _unfit(fact, (operation, *inputs), call, operation.torch_name, TypeError(fact))
    return bound | call


def _tensor(given: Any, kind: str) -> Any:
    """A tensor's shape, checked against the annotation of its argument; `Shape | Number` takes a number as it is."""
    if isinstance(given, (int, float, complex, Expr)) and "Number" in kind:
        return given
    shape = as_input(given)
    if kind == "Shape" and (shape is None or (shape and type(shape[0]) is tuple)):
        raise ShapeError("one tensor is expected, not several or none", got=repr(shape)[:60])
    if kind in {"Shape | None", "Shape | Number", "Shape | Number | None"} and shape and type(shape[0]) is tuple:
        raise ShapeError("one tensor is expected, not several", got=repr(shape)[:60])
    return shape


def _check_tensor(item: Any, kind: str | None, name: str) -> None:
    """Refuse an argument inside a forward that is no tensor and should be one, or the other way round."""
    if isinstance(item, slice):
        item = (item.start, item.stop, item.step)
    if isinstance(item, (tuple, list)):
        if kind is not None and ("tuple" not in kind or not item):
            rule = "an empty list is no tensor" if not item else f"{name} must be one tensor"
            raise ArgumentError(rule, got=f"{name}={item!r:.60}")
        for part in item:
            _check_tensor(part, kind, name)
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


def _unfit(
    function: Callable[..., Any], args: tuple[Any, ...], call: dict[str, Any], name: str, error: Exception
) -> ArgumentError:
    """The error for arguments that do not fit a signature, or that are of a type with which no rule can work, as an array."""
    return binding_error(function, args, call, name) or ArgumentError(
        "an argument is of a type that is not taken here", where=name, got=str(error)[:100]
    )


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
        held = self.__dict__
        held["_children"] = {}
        try:
            pattern = pattern_of(type(self), init, given, kwargs) if self.is_ours else None
            if pattern is None:
                _refuse_arrays(init, given, kwargs)
                init(*args, **kwargs)
            else:
                held.update(pattern.attributes)
        except CnncalcError as error:
            if not error.where:
                error.at(self.torch_name)
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise _unfit(init, args, kwargs, self.torch_name, error) from error
        # Last, since from then on the layer is whole.
        held["_given"] = init, given, kwargs

    return keeping


class Operation(Work):
    """A layer or a function: something that computes output tensors from input tensors."""

    #: torch's own name of the class (in torch.nn) or of the function.
    torch_name: ClassVar[str] = ""
    #: Whether it is a layer, not a function.
    is_layer: ClassVar[bool] = False
    #: Whether its class is one of this library, whose facts are known to depend on what they are given alone.
    is_ours: ClassVar[bool] = False
    #: What stands for all equal operations, so that their facts are worked out once (cnncalc.layers.facts); None where
    #: there are none that are known to be equal.
    _pattern: Any = None
    #: Whether the output shares memory with the first input, as far as torch lets it: a view.
    is_view: ClassVar[bool] = False
    #: Whether the first input is changed in place, and is the output.
    in_place: ClassVar[bool] = False
    #: What torch keeps for the backward pass: "input" (the first), "windows" (the input, unless one window is all of it),
    #: "inputs" (each for the other), "output", "indices" (int64, as many as the output has cells), "mask" (dropout's), beside
    #: weights and the statistics of norms; None where that is not known.
    #: Source: torch's tools/autograd/derivatives.yaml.
    saves: ClassVar[tuple[str, ...] | None] = None
    #: The same where it works in place: a copy of the input, where it saves that, unless this says otherwise.
    saves_in_place: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have the facts of a new class receive checked input shapes."""
        super().__init_subclass__(**kwargs)
        cls.is_ours = cls.__module__.startswith("cnncalc.layers.")
        for name in ("output_shape", "macs", "axes", "arithmetic"):
            if name in cls.__dict__:
                setattr(cls, name, checking(cls.__dict__[name]))

    def output_shape(self, *inputs: Any, **call: Any) -> Any:
        """The shape of the output, as torch nests it where there are several."""
        raise NotImplementedError  # pragma: no cover - every operation has its own

    def macs(self, *inputs: Any, **call: Any) -> Size:
        """Multiply-accumulates: 0 for an operation without products of inputs and weights."""
        return 0

    def axes(self, *inputs: Any, **call: Any) -> tuple[AxisMaps, ...] | PerOutput:
        """For each input tensor, in order, how the axes of the output follow from its axes."""
        raise NotImplementedError  # pragma: no cover - every operation has its own

    def arranged(self, call: dict[str, Any]) -> dict[str, Any]:
        """Named arguments in the order of the signature, so that tensors among them come in the order of `axes`."""
        fact = self._first_fact()
        code = getattr(fact, "__wrapped__", fact).__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return {name: call[name] for name in names if name in call} | call

    def check_tensors(self, inputs: tuple[Any, ...], call: dict[str, Any]) -> None:
        """Refuse what is no tensor where one is expected (a tuple must not pass for a shape), and a tensor where none is."""
        names, kinds, several = getattr(self._first_fact(), "tensors", ((), None, None))
        if kinds is None:
            return
        for index, item in enumerate(inputs):
            if index < len(names):
                _check_tensor(item, kinds.get(names[index]), names[index])
            elif several is not None:
                _check_tensor(item, several, f"argument {index + 1}")
        for name, item in call.items():
            _check_tensor(item, kinds.get(name), name)

    def _first_fact(self) -> Any:
        """The fact whose signature is that of a call."""
        return getattr(type(self), "applied", type(self).output_shape)


class Function(Operation):
    """An operation without state, called by torch's function name: `cat`, `add`.

    `found_in` says where torch has it: "torch", "functional" (torch.nn.functional), "Tensor" (a method).
    """

    found_in: ClassVar[frozenset[str]] = frozenset({"torch"})
    #: Other names that torch takes for an argument: {"axis": "dim"}.
    other_names: ClassVar[dict[str, str]] = {}
    #: Whether it was written as an operator, `a + b`: the same to torch, but some tools that count see only functions.
    is_operator: bool = False

    @property
    def _pattern(self) -> Function | None:
        """Itself: a function has no arguments but those of its calls."""
        return self if self.is_ours else None

    def as_operator(self) -> Self:
        """The same function, written as an operator."""
        made: Self | None = self.__dict__.get("_operator")
        if made is None:
            made = self.__dict__["_operator"] = object.__new__(type(self))
            made.__dict__.update(self.__dict__, is_operator=True)
        return made

    def __call__(self, *inputs: Any, **call: Any) -> Any:
        """Apply the function to traced values."""
        if call and self.other_names:
            call = {self.other_names.get(name, name): item for name, item in call.items()}
        traced = first_traced(inputs, call)
        if traced is None:
            raise ArgumentError(
                "a function is applied to values inside a forward; nothing is run here",
                where=self.torch_name,
                got=", ".join(type(value).__name__ for value in inputs) or "no input",
            )
        return traced.record(self, inputs, call)

    def method(self, *inputs: Any, **call: Any) -> Any:
        """Apply it as a tensor's method; a function whose method takes its arguments otherwise brings them into order."""
        return self(*inputs, **call)

    def __repr__(self) -> str:
        """The function's name."""
        return self.torch_name


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
        """Apply the layer to traced values."""
        traced = first_traced(inputs, call)
        if not isinstance(traced, Traced):  # pragma: no cover - Module.__call__ has found one
            raise TypeError(inputs)
        return traced.record(self, inputs, call)

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
