"""Layers that lay the same values out in another shape. Source: torch.nn.Flatten."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Merged
from cnncalc.axis import EACH
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import whole
from cnncalc.layers.operation import Layer, constructor
from cnncalc.sizes import Expr, Shape, product


class Flatten(Layer):
    """The axes start_dim … end_dim laid out as one, in row-major order. Source: torch.nn.Flatten."""

    start_dim: int
    end_dim: int

    @constructor
    def __init__(self, start_dim: Any = 1, end_dim: Any = -1) -> None:
        """Take torch's arguments; negative numbers count from the end."""
        self.start_dim = axis_number(start_dim, "start_dim")
        self.end_dim = axis_number(end_dim, "end_dim")

    def output_shape(self, input: Shape) -> Shape:
        """The axes before, the product of the merged ones, the axes after."""
        start, stop = self._range(input)
        return (*input[:start], product(input[start:stop]), *input[stop:])

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """The merged axes split back."""
        start, stop = self._range(input)
        return (AxisMaps(*(EACH,) * len(input)) if stop - start == 1 else Merged(start, stop),)

    def _range(self, input: Shape) -> tuple[int, int]:
        """The first axis to merge and the one after the last."""
        start, end = axis_index(self.start_dim, input, "start_dim"), axis_index(self.end_dim, input, "end_dim")
        if start > end:
            raise ShapeError(
                "start_dim must not come after end_dim", got=f"start_dim={self.start_dim}, end_dim={self.end_dim} for {input}"
            )
        return (start, end + 1) if input else (0, 0)


def axis_number(value: Any, name: str) -> int:
    """A whole number that counts axes, never a symbol."""
    number = whole(value, name)
    if isinstance(number, Expr):
        raise ShapeError(f"{name} counts axes and can't be a symbol", got=f"{name}={number}")
    return number


def axis_index(axis: Any, shape: Shape, name: str = "dim") -> int:
    """An axis number of a shape, counted from 0; negative ones count from the end. A shape of no axes has axis 0."""
    number = axis_number(axis, name)
    rank = max(len(shape), 1)
    if not -rank <= number < rank:
        raise ShapeError(f"{name} must lie in {-rank} … {rank - 1}", got=f"{name}={axis} for {len(shape)} axes, {shape}")
    return number % rank
