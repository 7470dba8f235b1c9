"""Fully connected layers. Source: torch.nn.Linear, LazyLinear and Identity."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, Everything
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import natural
from cnncalc.layers.layer import Layer, Pointwise, constructor
from cnncalc.layers.lazy import Lazy
from cnncalc.sizes import Shape, Size, product, require


class Linear(Layer):
    """A fully connected layer on the last axis: (*, in_features) → (*, out_features). Source: torch.nn.Linear.

    MACs: in_features × out_features for each position of the leading axes, bias excluded.
    """

    saves = ("input",)
    work = "nothing"
    letters: ClassVar[dict[str, str]] = {"in_features": "I", "out_features": "O"}

    in_features: Size
    out_features: Size

    @constructor
    def __init__(
        self,
        in_features: Any,
        out_features: Any,
        bias: Any = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self.in_features = natural(in_features, "in_features")
        self.out_features = natural(out_features, "out_features")
        self._has_bias = bool(bias)
        if not self._has_bias:
            self.bias = None

    def tensors(self) -> dict[str, Shape]:
        """`weight` (out_features, in_features) and, with bias, `bias` (out_features,)."""
        weight = (self.out_features, self.in_features)
        return {"weight": weight, "bias": (self.out_features,)} if self._has_bias else {"weight": weight}

    def output_shape(self, input: Shape) -> Shape:
        """(*, out_features). Raises ShapeError where the last axis is not in_features."""
        if not input:
            raise ShapeError("the input must have at least one axis", got="no axes")
        require(
            input[-1] == self.in_features,
            "the last axis must equal in_features",
            "{} in {}, in_features={}",
            input[-1],
            input,
            self.in_features,
            remedy=f"set in_features={input[-1]}, or flatten the input first",
        )
        return (*input[:-1], self.out_features)

    def macs(self, input: Shape) -> Size:
        """Leading positions × in_features × out_features."""
        return product(self.output_shape(input)) * self.in_features

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Each output feature reads every input feature; leading axes cell by cell."""
        return (AxisMaps(*(EACH,) * (len(input) - 1), Everything(self.out_features)),)


class LazyLinear(Lazy):
    """Linear with in_features inferred from the first input. Source: torch.nn.LazyLinear."""

    concrete = Linear

    @constructor
    def __init__(self, out_features: Any, bias: Any = True, device: Any = None, dtype: Any = None) -> None:
        """Take torch's arguments, which are checked when the concrete layer is made."""

    def inferred(self, input: Shape) -> Size:
        """The length of the last axis."""
        if not input:
            raise ShapeError("the input must have at least one axis", got="no axes")
        return input[-1]


class Identity(Pointwise):
    """What goes in comes out; any arguments are accepted and ignored. Source: torch.nn.Identity."""

    work = "nothing"
    is_view = True

    @constructor
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take anything, as torch does."""
