"""Functions that take cells along axes together: sums, means, extremes, norms. Source: torch.sum and its kin.

Along an axis that is reduced every cell is read; the others stay, cell by cell. With `keepdim` a reduced axis stays too, of
length 1. Without `dim`, or with an empty one, all axes are reduced.
"""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar, NamedTuple

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Everything, Prefix
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.held import Traced
from cnncalc.layers.arguments import check_dtype, check_number, flag, is_empty, is_real, refuse_others
from cnncalc.layers.broadcasting import common_shape, joined_axes, made
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH
from cnncalc.layers.shaping import axis_index, axis_indices
from cnncalc.sizes import Shape, Size, product

NUMPY: dict[str, str] = {"axis": "dim", "keepdims": "keepdim"}
#: In place of an argument that was not given, where torch's None means something else.
MISSING: Any = object()


class Extremes(NamedTuple):
    """What `max` along an axis gives: the largest values and where they stand."""

    values: Any
    indices: Any


class Reducing(Function):
    """What all of them share: which axes are taken together, and what is left of a shape."""

    work = "pooling"
    found_in = BOTH
    other_names = NUMPY
    #: Whether a reduced axis must not be empty, since nothing is the largest of no cells.
    needs_cells: ClassVar[bool] = False
    #: Whether torch takes keepdim without dim.
    keeps_all: ClassVar[bool] = False
    #: Whether torch takes one axis alone, or all.
    one_axis: ClassVar[bool] = False

    def reduced(self, input: Shape, dim: Any, keepdim: Any) -> frozenset[int]:
        """The axes that are taken together."""
        if keepdim is not MISSING:
            flag(keepdim, "keepdim")
            if dim is MISSING and not self.keeps_all:
                raise ArgumentError("keepdim asks for dim", got="no dim")
        if self.one_axis and dim is not MISSING and not (dim is None and self.keeps_all):
            axis_index(dim, input)
        axes = reduced_set(input, None if dim is MISSING else dim)
        if self.needs_cells:
            refuse_empty(input, axes)
        return axes


class Reduction(Reducing):
    """One, several or all axes taken together."""

    def output_shape(self, input: Shape, dim: Any = MISSING, keepdim: bool = MISSING, *, dtype: Any = None) -> Shape:
        """The axes that are left."""
        check_dtype(dtype)
        return left_over(input, self.reduced(input, dim, keepdim), keepdim)

    def axes(self, input: Shape, dim: Any = MISSING, keepdim: bool = MISSING, *, dtype: Any = None) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        return (reduced_axes(input, self.reduced(input, dim, keepdim), keepdim),)


class Extreme(Reducing):
    """The largest or smallest cell along axes."""

    needs_cells = True

    def output_shape(self, input: Shape, dim: Any = (), keepdim: bool = False) -> Shape:
        """The axes that are left."""
        return left_over(input, self.reduced(input, dim, keepdim), keepdim)

    def axes(self, input: Shape, dim: Any = (), keepdim: bool = False) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        return (reduced_axes(input, self.reduced(input, dim, keepdim), keepdim),)


class ArgExtreme(Reducing):
    """Where the largest or smallest cell stands."""

    one_axis = True
    needs_cells = True
    keeps_all = True

    def output_shape(self, input: Shape, dim: int | None = None, keepdim: bool = False) -> Shape:
        """The axes that are left."""
        return left_over(input, self.reduced(input, dim, keepdim), keepdim)

    def axes(self, input: Shape, dim: int | None = None, keepdim: bool = False) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        return (reduced_axes(input, self.reduced(input, dim, keepdim), keepdim),)


class TwoWays(Reducing):
    """The largest or smallest of all cells; along an axis, with its place; or of two tensors, cell by cell."""

    one_axis = True
    needs_cells = True

    def output_shape(self, input: Shape, dim: Any = MISSING, keepdim: bool = MISSING, *, other: Shape | None = None) -> Any:
        """A shape, or with an axis the shapes of the values and of the indices."""
        if other is not None:
            if dim is not MISSING or keepdim is not MISSING:
                raise ArgumentError("it takes another tensor or an axis, not both", got=f"dim={dim!r:.30}")
            return common_shape(input, other)
        left = left_over(input, self.reduced(input, dim, keepdim), keepdim)
        return left if dim is MISSING else Extremes(left, left)

    def axes(
        self, input: Shape, dim: Any = MISSING, keepdim: bool = MISSING, *, other: Shape | None = None
    ) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes; of two tensors, cell by cell."""
        if other is not None:
            return joined_axes(input, other)
        return (reduced_axes(input, self.reduced(input, dim, keepdim), keepdim),)

    def arithmetic(
        self, input: Shape, dim: Any = MISSING, keepdim: bool = MISSING, *, other: Shape | None = None
    ) -> dict[str, Size]:
        """What is read along the axes; of two tensors, the values that come out."""
        if other is not None:
            return {"elementwise": product(common_shape(input, other))}
        return super().arithmetic(input, dim, keepdim)

    def __call__(self, *inputs: Any, **call: Any) -> Any:
        """A second tensor by position is `other`."""
        first, *others = inputs or (None,)
        if len(others) == 1 and isinstance(others[0], Traced):
            return super().__call__(first, other=others[0], **call)
        return super().__call__(*inputs, **call)


class Spread(Reducing):
    """The variance or the standard deviation along axes.

    Arguments by position are dim, unbiased and keepdim; a truth value alone is `unbiased`, and stands by itself.
    """

    keeps_all = True

    def output_shape(
        self,
        input: Shape,
        *given: Any,
        dim: Any = MISSING,
        unbiased: Any = MISSING,
        keepdim: Any = MISSING,
        correction: Any = MISSING,
    ) -> Shape:
        """The axes that are left."""
        axes, keepdim = self._spread(input, given, {"dim": dim, "unbiased": unbiased, "keepdim": keepdim}, correction)
        return left_over(input, axes, keepdim)

    def axes(
        self,
        input: Shape,
        *given: Any,
        dim: Any = MISSING,
        unbiased: Any = MISSING,
        keepdim: Any = MISSING,
        correction: Any = MISSING,
    ) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        axes, keepdim = self._spread(input, given, {"dim": dim, "unbiased": unbiased, "keepdim": keepdim}, correction)
        return (reduced_axes(input, axes, keepdim),)

    def _spread(self, input: Shape, given: Any, named: dict[str, Any], correction: Any) -> tuple[frozenset[int], Any]:
        """The axes that are taken together, and keepdim."""
        if len(given) == 1 and isinstance(given[0], bool):
            if named["dim"] is not MISSING:
                raise ArgumentError("dim is given twice", got=f"{given[0]} and dim={named['dim']!r:.30}")
            given, named["unbiased"] = (), _only(given[0], named["unbiased"], "unbiased")
        if len(given) > len(named):
            raise ArgumentError(f"at most {len(named)} arguments go by position", got=f"{given!r:.40}")
        named |= {name: _only(item, named[name], name) for name, item in zip(tuple(named), given, strict=False)}
        dim, unbiased, keepdim = named.values()
        if unbiased is not MISSING:
            if correction is not MISSING:
                raise ArgumentError("unbiased and correction exclude each other", got=f"unbiased={unbiased!r:.30}")
            if dim is MISSING and keepdim is not MISSING:
                raise ArgumentError("unbiased with keepdim asks for dim", got="no dim")
            flag(unbiased, "unbiased")
        if correction is not MISSING and correction is not None:
            check_number(correction, "correction")
        if isinstance(dim, bool):
            raise ArgumentError("dim must be whole numbers", got=f"dim={dim!r}")
        return self.reduced(input, dim, keepdim), keepdim


class Norm(Reducing):
    """The p-norm along axes, or of matrices. Source: torch.norm."""

    torch_name = "norm"
    other_names: ClassVar[dict[str, str]] = {}

    def output_shape(self, input: Shape, p: Any = "fro", dim: Any = None, keepdim: Any = False, *, dtype: Any = None) -> Shape:
        """The axes that are left."""
        check_dtype(dtype)
        return left_over(input, self._normed(input, p, dim, keepdim), keepdim)

    def axes(
        self, input: Shape, p: Any = "fro", dim: Any = None, keepdim: Any = False, *, dtype: Any = None
    ) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        return (reduced_axes(input, self._normed(input, p, dim, keepdim), keepdim),)

    def _normed(self, input: Shape, p: Any, dim: Any, keepdim: Any) -> frozenset[int]:
        """The axes that the norm is taken over."""
        axes = self.reduced(input, dim, keepdim)
        if isinstance(p, str) and p not in {"fro", "nuc"}:
            raise ArgumentError('p must be a number, "fro" or "nuc"', got=f"p={p!r:.30}")
        if not (p is None or isinstance(p, str) or is_real(p)):
            raise ArgumentError('p must be a number, "fro" or "nuc"', got=f"p={p!r:.30}")
        matrix, listed = 2, isinstance(dim, (tuple, list))
        if p == "fro" and dim is not None and not listed:
            refuse_others(dim, "dim")
        if (p == "nuc" and (len(axes) != matrix or (listed and not dim))) or (p == "fro" and listed and len(dim) > matrix):
            raise ShapeError("this norm is one of matrices, of two axes", got=f"p={p!r}, dim={dim!r:.30} for {input}")
        if is_real(p) and (p == inf or p < 0):
            refuse_empty(input, axes)
        return axes


class LogSumExp(Reducing):
    """The logarithm of the sum of exponentials. Source: torch.logsumexp."""

    torch_name = "logsumexp"

    def output_shape(self, input: Shape, dim: Any, keepdim: bool = False) -> Shape:
        """The axes that are left."""
        return left_over(input, self._summed(input, dim, keepdim), keepdim)

    def axes(self, input: Shape, dim: Any, keepdim: bool = False) -> tuple[AxisMaps, ...]:
        """Everything along the reduced axes."""
        return (reduced_axes(input, self._summed(input, dim, keepdim), keepdim),)

    def _summed(self, input: Shape, dim: Any, keepdim: Any) -> frozenset[int]:
        """The axes of the sum."""
        if dim is None:
            raise ArgumentError("dim must be given", got="dim=None")
        axes = self.reduced(input, dim, keepdim)
        if input and not is_empty(input) and not keepdim and isinstance(dim, (tuple, list)) and not dim:
            raise ShapeError("without axes in dim, axes are kept", got=f"dim={dim} for {input}", remedy="give keepdim=True")
        return axes


class Cumulative(Function):
    """What was taken together so far, along one axis."""

    work = "elementwise"
    found_in = BOTH
    other_names = NUMPY

    def output_shape(self, input: Shape, dim: int, *, dtype: Any = None) -> Shape:
        """That of the input."""
        check_dtype(dtype)
        axis_index(dim, input)
        return input

    def axes(self, input: Shape, dim: int, *, dtype: Any = None) -> tuple[AxisMaps, ...]:
        """Up to the cell itself along the axis; the others cell by cell."""
        along = axis_index(dim, input)
        return (AxisMaps(*(PREFIX if axis == along else EACH for axis in range(len(input)))),)


def _only(given: Any, named: Any, name: str) -> Any:
    """An argument by position. Raises ArgumentError where it is given by name, too."""
    if named is not MISSING:
        raise ArgumentError(f"{name} is given twice", got=f"{given!r:.30} and {name}={named!r:.30}")
    return given


def left_over(input: Shape, axes: frozenset[int], keepdim: Any) -> Shape:
    """The shape without the reduced axes, or with 1 in their place."""
    if keepdim is True:
        return tuple(1 if axis in axes else n for axis, n in enumerate(input))
    return tuple(n for axis, n in enumerate(input) if axis not in axes)


def refuse_empty(input: Shape, axes: frozenset[int]) -> None:
    """Refuse an empty axis where no cells have no answer."""
    if any(type(input[axis]) is int and input[axis] == 0 for axis in axes):
        raise ShapeError("an empty axis has no largest or smallest cell", got=f"{input}")


def reduced_set(input: Shape, dim: Any) -> frozenset[int]:
    """The axes that are reduced: those given, or all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return frozenset(range(len(input)))
    return frozenset(axis for axis in axis_indices(dim, input) if axis < len(input))


def reduced_axes(input: Shape, axes: frozenset[int], keepdim: Any) -> AxisMaps:
    """Everything along the reduced axes, the others cell by cell."""
    if keepdim is True:
        return AxisMaps(*(ONE if axis in axes else EACH for axis in range(len(input))))
    routes: list[Route] = []
    place = 0
    for axis in range(len(input)):
        routes.append((None, EVERYTHING) if axis in axes else (place, EACH))
        place += axis not in axes
    return AxisMaps.routed(*routes)


ONE: AxisMap = Everything(1)
PREFIX: AxisMap = Prefix()

mean = made(Reduction, "mean", BOTH, "The mean.", saves=())
sum = made(Reduction, "sum", BOTH, "The sum.", saves=())  # noqa: A001 - torch\'s name
nansum = made(Reduction, "nansum", BOTH, "The sum of what is a number.", keeps_all=True)
prod = made(Reduction, "prod", BOTH, "The product.", one_axis=True)
amax = made(Extreme, "amax", BOTH, "The largest cell.")
amin = made(Extreme, "amin", BOTH, "The smallest cell.")
max = made(TwoWays, "max", BOTH, "The largest cell, or the larger one.")  # noqa: A001 - torch\'s name
min = made(TwoWays, "min", BOTH, "The smallest cell, or the smaller one.")  # noqa: A001 - torch\'s name
argmax = made(ArgExtreme, "argmax", BOTH, "The place of the largest cell.")
argmin = made(ArgExtreme, "argmin", BOTH, "The place of the smallest cell.")
var = made(Spread, "var", BOTH, "The variance.")
std = made(Spread, "std", BOTH, "The standard deviation.")
norm = Norm()
logsumexp = LogSumExp()
cumsum = made(Cumulative, "cumsum", BOTH, "The sum so far.")
cumprod = made(Cumulative, "cumprod", BOTH, "The product so far.")
