"""Functions that lay the same values out in another shape, in row-major order. Source: torch.reshape and its kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Nothing, reshaped
from cnncalc.errors import ArgumentError, ShapeError, UnsupportedError
from cnncalc.layers.operation import Function
from cnncalc.layers.shaping import axis_index, flattened_range
from cnncalc.sizes import Expr, Shape, Size, floor_div, product, require

METHOD = frozenset({"Tensor"})
BOTH = frozenset({"torch", "Tensor"})


class _Reshaping(Function):
    """What all of them share: the cells keep their order, so the axis maps follow from the two shapes."""

    work = "nothing"
    found_in = BOTH
    is_view = True

    def axes(self, input: Shape, *arguments: Any, **call: Any) -> tuple[AxisMaps, ...]:
        """Row-major order on both sides."""
        return (reshaped(input, self.output_shape(input, *arguments, **call)),)


class FlattenFunction(_Reshaping):
    """The axes start_dim … end_dim laid out as one. Source: torch.flatten."""

    torch_name = "flatten"

    def output_shape(self, input: Shape, start_dim: int = 0, end_dim: int = -1) -> Shape:
        """The axes before, the product of the merged ones, the axes after."""
        start, stop = flattened_range(input, start_dim, end_dim)
        return (*input[:start], product(input[start:stop]), *input[stop:])


class Ravel(_Reshaping):
    """All axes laid out as one. Source: torch.ravel."""

    torch_name = "ravel"

    def output_shape(self, input: Shape) -> Shape:
        """One axis of all cells."""
        return (product(input),)


class UnflattenFunction(_Reshaping):
    """One axis cut into several. Source: torch.unflatten."""

    torch_name = "unflatten"

    def output_shape(self, input: Shape, dim: int, sizes: tuple[Size, ...]) -> Shape:
        """The axes before, the sizes given, of which one may be −1, and the axes after."""
        return unflattened(input, dim, sizes)


class Reshape(_Reshaping):
    """Another shape for the same cells; one size may be −1. Source: torch.reshape."""

    torch_name = "reshape"

    def output_shape(self, input: Shape, shape: tuple[Size, ...]) -> Shape:
        """The shape given. Raises ShapeError where it does not hold as many cells."""
        return filled_in(input, sizes_of(shape, "shape"))

    def method(self, input: Any, *shape: Any, **call: Any) -> Any:
        """Sizes one by one, or as one tuple."""
        return self(input, *packed(self.torch_name, shape, call), **call)


class View(_Reshaping):
    """As `reshape`; torch refuses it where strides ask for a copy, which are not known here. Source: torch.Tensor.view."""

    torch_name = "view"
    found_in = METHOD

    def output_shape(self, input: Shape, size: tuple[Size, ...]) -> Shape:
        """The shape given. Raises ShapeError where it does not hold as many cells."""
        return filled_in(input, sizes_of(size, "size", one=True))

    def method(self, input: Any, *size: Any, **call: Any) -> Any:
        """Sizes one by one, or as one tuple."""
        if len(size) == 1 and not isinstance(size[0], (int, Expr, tuple, list)) and hasattr(size[0], "itemsize"):
            raise UnsupportedError("view() as another type of numbers is not known to cnncalc", got=repr(size[0])[:60])
        return self(input, *packed(self.torch_name, size, call), **call)


class ReshapeAs(_Reshaping):
    """The shape of another tensor, whose values do not matter. Source: torch.Tensor.reshape_as."""

    torch_name = "reshape_as"
    found_in = METHOD

    def output_shape(self, input: Shape, other: Shape) -> Shape:
        """That of the other tensor."""
        return filled_in(input, other)

    def axes(self, input: Shape, other: Shape) -> tuple[AxisMaps, ...]:
        """Row-major order on both sides; of the other tensor, nothing."""
        return reshaped(input, other), Nothing(len(other))


class ViewAs(ReshapeAs):
    """The shape of another tensor, whose values do not matter. Source: torch.Tensor.view_as."""

    torch_name = "view_as"


def packed(name: str, sizes: tuple[Any, ...], call: dict[str, Any]) -> tuple[Any, ...]:
    """The one positional argument of a function whose method takes its numbers one by one, or as one tuple."""
    if not sizes:
        if not call:
            raise ArgumentError("it takes sizes, or a tuple of them", where=name, got="none")
        return ()
    return (sizes[0],) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else (sizes,)


def sizes_of(given: Any, name: str, *, one: bool = False) -> Shape:
    """Sizes as they are given to a function: whole numbers or symbols, negative ones too. No strings: torch takes none.

    With `one`, a number stands for a tuple of one.
    """
    if not isinstance(given, (tuple, list)):
        if not one:
            raise ArgumentError(f"{name} must be a tuple of whole numbers", got=f"{name}={given!r:.60}")
        given = (given,)
    sizes: list[Size] = []
    for size in given:
        if isinstance(size, (bool, str)) or not (isinstance(size, Expr) or hasattr(size, "__index__")):
            raise ArgumentError(f"{name} must hold whole numbers", got=f"{name}={given!r:.60}")
        sizes.append(size if isinstance(size, Expr) else int(size.__index__()))
    return tuple(sizes)


def filled_in(input: Shape, sizes: Shape) -> Shape:
    """A new shape for the cells of the input, its −1 worked out. Raises ShapeError where it can't hold as many cells."""
    total = product(input)
    free = [axis for axis, size in enumerate(sizes) if type(size) is int and size == -1]
    if len(free) > 1:
        raise ShapeError("only one size can be −1", got=str(sizes))
    if any(type(size) is int and size < -1 for size in sizes):
        raise ShapeError("sizes must be whole numbers from 0 on, or −1", got=str(sizes))
    known = product(size for axis, size in enumerate(sizes) if axis not in free)
    if not free:
        require(
            known == total,
            "the new shape must hold as many cells as the input",
            "{} cells of {} into {}",
            total,
            input,
            sizes,
        )
        return sizes
    if type(known) is int and known == 0:
        raise ShapeError("beside a size of 0, the size −1 could be anything", got=f"{input} into {sizes}")
    missing = floor_div(total, known)
    require(
        missing * known == total,
        "the sizes beside −1 must divide the number of cells",
        "{} cells of {} into {}",
        total,
        input,
        sizes,
    )
    return (*sizes[: free[0]], missing, *sizes[free[0] + 1 :])


def unflattened(input: Shape, dim: Any, sizes: Any) -> Shape:
    """The shape with one axis cut into sizes, of which one may be −1."""
    axis = axis_index(dim, input)
    new = sizes_of(sizes, "sizes")
    if not new:
        raise ShapeError("sizes must hold at least one size", got="none")
    if not input:
        raise ShapeError("the input must have at least one axis", got="no axes")
    return (*input[:axis], *filled_in((input[axis],), new), *input[axis + 1 :])


flatten = FlattenFunction()
ravel = Ravel()
unflatten = UnflattenFunction()
reshape = Reshape()
view = View()
reshape_as = ReshapeAs()
view_as = ViewAs()
