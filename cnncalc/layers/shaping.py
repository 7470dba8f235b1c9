"""Layers that lay the same values out in another shape. Source: torch.nn.Flatten and Unflatten."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Merged, reshaped
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Expr, Shape, product

#: Another name that torch takes for an argument, from numpy.
AXIS = {"axis": "dim"}


class Flatten(Layer):
    """The axes start_dim … end_dim laid out as one, in row-major order. Source: torch.nn.Flatten."""

    work = "nothing"
    is_view = True

    start_dim: int
    end_dim: int

    @constructor
    def __init__(self, start_dim: Any = 1, end_dim: Any = -1) -> None:
        """Take torch's arguments; negative numbers count from the end."""
        self.start_dim = axis_number(start_dim, "start_dim")
        self.end_dim = axis_number(end_dim, "end_dim")

    def output_shape(self, input: Shape) -> Shape:
        """The axes before, the product of the merged ones, the axes after."""
        start, stop = flattened_range(input, self.start_dim, self.end_dim)
        return (*input[:start], product(input[start:stop]), *input[stop:])

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """The merged axes split back."""
        start, stop = flattened_range(input, self.start_dim, self.end_dim)
        return (AxisMaps.pointwise(len(input)) if stop - start == 1 else Merged(start, stop),)


class Unflatten(Layer):
    """One axis cut into several, in row-major order. Source: torch.nn.Unflatten."""

    work = "nothing"
    is_view = True

    dim: int
    unflattened_size: Any

    @constructor
    def __init__(self, dim: Any, unflattened_size: Any) -> None:
        """Take torch's arguments; one of the sizes may be −1."""
        if not isinstance(unflattened_size, (tuple, list)):
            raise ArgumentError("unflattened_size must be a tuple of whole numbers", got=f"{unflattened_size!r:.60}")
        if not all(isinstance(size, (int, Expr)) for size in unflattened_size):
            raise ArgumentError("unflattened_size must hold whole numbers", got=f"{unflattened_size!r:.60}")
        self.dim = axis_number(dim, "dim")
        self.unflattened_size = unflattened_size

    def output_shape(self, input: Shape) -> Shape:
        """The axes before, the sizes given, and the axes after."""
        from cnncalc.layers.reshaping import unflattened

        return unflattened(input, self.dim, self.unflattened_size)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Row-major order on both sides."""
        return (reshaped(input, self.output_shape(input)),)


def flattened_range(input: Shape, start_dim: Any, end_dim: Any) -> tuple[int, int]:
    """The first axis to merge and the one after the last."""
    start, end = axis_index(start_dim, input, "start_dim"), axis_index(end_dim, input, "end_dim")
    if start > end:
        raise ShapeError("start_dim must not come after end_dim", got=f"start_dim={start_dim}, end_dim={end_dim} for {input}")
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


def axis_indices(axes: Any, shape: Shape, name: str = "dim") -> tuple[int, ...]:
    """Axis numbers of a shape, one or several, each once, counted from 0."""
    several = axes if isinstance(axes, (tuple, list)) else (axes,)
    found = tuple(axis_index(axis, shape, name) for axis in several)
    if len(set(found)) < len(found):
        raise ShapeError(f"{name} must name each axis once", got=f"{name}={axes} for {len(shape)} axes, {shape}")
    return found
