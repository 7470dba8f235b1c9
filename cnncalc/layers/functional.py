"""Functions that do what a layer does: `max_pool2d(x, 2)` has the facts of `MaxPool2d(2)`.

A subclass of `LayerFunction` writes torch's signature once, in `applied`, and answers with the layer that the call comes
to. Nothing else is needed:

    class ReLUFunction(LayerFunction):
        torch_name = "relu"

        def applied(self, input: Shape, inplace: bool = False) -> Applied:
            return Applied(ReLU(inplace), (input,))

    relu = ReLUFunction()

One class may serve several functions that differ in the layer alone: `max_pool2d = MaxPool("max_pool2d", layer_class=MaxPool2d)`.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from cnncalc.axes import AxisMaps
from cnncalc.errors import CnncalcError
from cnncalc.layers.checking import checking
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Function
from cnncalc.sizes import Size


class Applied(NamedTuple):
    """The layer that a call comes to, what that layer is called on, and the axis maps of tensors that it does not take.

    `others` stand for the weights and the like that a function is given and a layer owns, in order, behind the layer's
    own inputs.
    """

    layer: Layer
    inputs: tuple[Any, ...]
    others: tuple[AxisMaps, ...] = ()
    call: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default; nobody writes into it


class LayerFunction(Function):
    """A function that does what a layer does. Its facts are the layer's; its refusals bear the function's name.

    `applied` takes what torch's function takes, with tensors marked by their annotations as in any fact.
    """

    found_in: ClassVar[frozenset[str]] = frozenset({"functional"})
    #: The class of the layer, where functions of one shape differ in it alone.
    layer_class: Any = None

    def __init__(self, torch_name: str = "", found_in: frozenset[str] | None = None, *, layer_class: Any = None) -> None:
        """Take what the class leaves open, where one class serves several functions."""
        given = {"torch_name": torch_name, "found_in": found_in, "layer_class": layer_class}
        self.__dict__.update({name: value for name, value in given.items() if value})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have `applied` receive checked input shapes."""
        super().__init_subclass__(**kwargs)
        if "applied" in cls.__dict__:
            setattr(cls, "applied", checking(cls.__dict__["applied"]))  # noqa: B010 - a method, wrapped

    def applied(self, *inputs: Any, **call: Any) -> Applied:
        """The layer that a call comes to; a subclass writes it with torch's signature."""
        raise NotImplementedError  # pragma: no cover - every function has its own

    def output_shape(self, *inputs: Any, **call: Any) -> Any:
        """That of the layer."""
        return self._asked("output_shape", inputs, call)[1]

    def macs(self, *inputs: Any, **call: Any) -> Size:
        """Those of the layer."""
        macs: Size = self._asked("macs", inputs, call)[1]
        return macs

    def arithmetic(self, *inputs: Any, **call: Any) -> dict[str, Size]:
        """That of the layer."""
        arithmetic: dict[str, Size] = self._asked("arithmetic", inputs, call)[1]
        return arithmetic

    def axes(self, *inputs: Any, **call: Any) -> tuple[AxisMaps, ...]:
        """Those of the layer, then those of the tensors that the layer does not take."""
        applied, axes = self._asked("axes", inputs, call)
        return (*axes, *applied.others)

    def _asked(self, fact: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> tuple[Applied, Any]:
        """A fact of the layer; its errors name the function, as the user wrote it."""
        try:
            applied = self.applied(*inputs, **call)
            return applied, getattr(applied.layer, fact)(*applied.inputs, **applied.call)
        except CnncalcError as error:
            error.where = self.torch_name
            raise
