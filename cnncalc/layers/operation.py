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

from typing import TYPE_CHECKING, Any, ClassVar, Self

from cnncalc.errors import ArgumentError
from cnncalc.held import first_traced
from cnncalc.layers.checking import check_tensor, checking
from cnncalc.layers.work import Work
from cnncalc.sizes import Expr

if TYPE_CHECKING:
    from cnncalc.axes import AxisMaps, PerOutput
    from cnncalc.sizes import Size

#: A number where a tensor may stand too, as in `x * 2`.
Number = int | float | complex | Expr


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

    def shares_memory(self, *inputs: Any, **call: Any) -> bool:
        """Whether the output of a call is a view of its first input."""
        return self.is_view

    def arranged(self, call: dict[str, Any]) -> dict[str, Any]:
        """Named arguments in the order of the signature, so that tensors among them come in the order of `axes`."""
        fact = self._first_fact()
        code = getattr(fact, "__wrapped__", fact).__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return {name: call[name] for name in names if name in call} | call

    def check_tensors(self, inputs: tuple[Any, ...], call: dict[str, Any]) -> None:
        """Refuse what is no tensor where one is expected (a tuple must not pass for a shape), and a tensor where none is."""
        names, kinds, several = self._first_fact().tensors
        for index, item in enumerate(inputs):
            if index < len(names):
                check_tensor(item, kinds.get(names[index]), names[index])
            elif several is not None:
                check_tensor(item, several, f"argument {index + 1}")
        for name, item in call.items():
            check_tensor(item, kinds.get(name), name)

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
