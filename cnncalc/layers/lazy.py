"""What lazy layers share: the concrete layer is made once the shape of the input is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.errors import CnncalcError, UnsupportedError
from cnncalc.layers.layer import Layer
from cnncalc.sizes import Shape, Size

if TYPE_CHECKING:
    from collections.abc import Callable


class Lazy(Layer):
    """A layer that takes its first argument from the first input it sees.

    Tracing puts the concrete layer in its place. As in torch, what rests on the input or on the number of outputs is
    checked only then, when the concrete layer is made.
    """

    concrete: ClassVar[Callable[..., Layer]]

    def inferred(self, input: Shape) -> Size:
        """The first argument of the concrete layer for an input. Raises ShapeError for a wrong number of axes."""
        raise NotImplementedError  # pragma: no cover - every lazy layer has its own

    def further_arguments(self) -> dict[str, Any]:
        """The other arguments of the concrete layer."""
        return {name: value for name, value in self.arguments.items() if name not in {"device", "dtype"}}

    def materialized(self, input: Shape, *more: Any) -> Layer:
        """The concrete layer for an input."""
        try:
            return self.concrete(self.inferred(input), **self.further_arguments())
        except CnncalcError as error:
            raise self._named(error) from None

    def output_shape(self, input: Shape, *more: Any, **call: Any) -> Any:
        """That of the concrete layer."""
        return self._asked("output_shape", input, *more, **call)

    def macs(self, input: Shape, *more: Any, **call: Any) -> Size:
        """Those of the concrete layer."""
        macs: Size = self._asked("macs", input, *more, **call)
        return macs

    def axes(self, input: Shape, *more: Any, **call: Any) -> tuple[AxisMaps, ...]:
        """Those of the concrete layer."""
        axes: tuple[AxisMaps, ...] = self._asked("axes", input, *more, **call)
        return axes

    def owned(self) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """Refuse: the shapes are known only once the layer has run."""
        raise UnsupportedError(
            "a lazy layer that has not run has no known shapes",
            where=self.torch_name,
            remedy="have the forward use it, or write the concrete layer",
        )

    def _asked(self, fact: str, input: Shape, *more: Any, **call: Any) -> Any:
        """A fact of the concrete layer; its errors name the lazy layer, as the user wrote it."""
        try:
            return getattr(self.materialized(input), fact)(input, *more, **call)
        except CnncalcError as error:
            raise self._named(error) from None

    def _named(self, error: CnncalcError) -> CnncalcError:
        """The error with the lazy layer's name in place of the concrete one's."""
        error.where = self.torch_name
        return error
