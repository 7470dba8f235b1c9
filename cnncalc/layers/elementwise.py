"""Functions of one tensor that work cell by cell. Source: torch.exp and its kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.errors import ArgumentError
from cnncalc.layers.arguments import check_number
from cnncalc.layers.broadcasting import common_shape, joined_axes, keep_shape, made
from cnncalc.layers.operation import Function, Number
from cnncalc.layers.reshaping import BOTH, METHOD
from cnncalc.layers.shaping import axis_number
from cnncalc.sizes import Expr, Shape


class Unary(Function):
    """The shape stays, and each output cell reads the one input cell."""

    work = "elementwise"
    found_in = BOTH

    def output_shape(self, input: Shape) -> Shape:
        """That of the input."""
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps.pointwise(len(input)),)


class Round(Unary):
    """The nearest whole number, or one of so many decimals."""

    def output_shape(self, input: Shape, *, decimals: int = 0) -> Shape:
        """That of the input."""
        if not isinstance(decimals, Expr):
            axis_number(decimals, "decimals")
        return input

    def axes(self, input: Shape, *, decimals: int = 0) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps.pointwise(len(input)),)


class NanToNum(Unary):
    """What is no number, or not finite, replaced."""

    def output_shape(self, input: Shape, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Shape:
        """That of the input."""
        for name, number in (("nan", nan), ("posinf", posinf), ("neginf", neginf)):
            if number is not None:
                check_number(number, name)
        return input

    def axes(self, input: Shape, nan: Any = None, posinf: Any = None, neginf: Any = None) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps.pointwise(len(input)),)


Bound = Shape | Number | None


class Clamp(Function):
    """Values held between two bounds, which may be numbers or tensors."""

    work = "elementwise"

    def output_shape(self, input: Shape, min: Shape | Number | None = None, max: Shape | Number | None = None) -> Shape:
        """The common shape of the input and of bounds that are tensors."""
        return self._bounded(input, min, max)

    def axes(self, input: Shape, min: Shape | Number | None = None, max: Shape | Number | None = None) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        self._bounded(input, min, max)
        return joined_axes(input, min, max)

    def _bounded(self, input: Shape, *bounds: Bound) -> Shape:
        """The common shape of an input and bounds of one kind."""
        given = [bound for bound in bounds if bound is not None]
        if not given:
            raise ArgumentError("min or max must be given", got="neither")
        # A tensor without axes counts as a number.
        if len({isinstance(bound, tuple) for bound in given if bound != ()}) > 1:
            raise ArgumentError("min and max must both be numbers, or both tensors", got=f"{bounds}"[:60])
        shape = common_shape(input, *given)
        if self.in_place:
            keep_shape(input, shape)
        return shape


class ClampMin(Clamp):
    """Values held above a bound."""

    def output_shape(self, input: Shape, min: Shape | Number) -> Shape:  # type: ignore[override] # torch's arguments
        """The common shape of the input and of a bound that is a tensor."""
        return self._bounded(input, min)

    def axes(self, input: Shape, min: Shape | Number) -> tuple[AxisMaps, ...]:  # type: ignore[override] # torch's arguments
        """Cell by cell."""
        return joined_axes(input, min)


class ClampMax(Clamp):
    """Values held below a bound."""

    def output_shape(self, input: Shape, max: Shape | Number) -> Shape:  # type: ignore[override] # torch's arguments
        """The common shape of the input and of a bound that is a tensor."""
        return self._bounded(input, max)

    def axes(self, input: Shape, max: Shape | Number) -> tuple[AxisMaps, ...]:  # type: ignore[override] # torch's arguments
        """Cell by cell."""
        return joined_axes(input, max)


def _in_place(kind: type[Any], name: str, meaning: str, found_in: frozenset[str] = BOTH) -> Any:
    """The variant that changes its input."""
    return made(kind, f"{name}_", found_in, f"{meaning[:-1]}, in place.", in_place=True)


#: Functions of torch and of tensors, each with a variant in place in both.
_MEANINGS = {
    "abs": "The absolute value.",
    "neg": "The negative.",
    "negative": "The negative.",
    "exp": "The exponential.",
    "exp2": "The power of 2.",
    "expm1": "The exponential, less 1.",
    "log": "The natural logarithm.",
    "log2": "The logarithm to base 2.",
    "log10": "The logarithm to base 10.",
    "log1p": "The natural logarithm of 1 more.",
    "sqrt": "The square root.",
    "rsqrt": "The reciprocal of the square root.",
    "square": "The square.",
    "reciprocal": "The reciprocal.",
    "floor": "The largest whole number not above.",
    "ceil": "The smallest whole number not below.",
    "trunc": "The whole part.",
    "frac": "The part behind the point.",
    "sin": "The sine.",
    "cos": "The cosine.",
    "tan": "The tangent.",
    "asin": "The arc sine.",
    "acos": "The arc cosine.",
    "atan": "The arc tangent.",
    "sinh": "The hyperbolic sine.",
    "cosh": "The hyperbolic cosine.",
    "erf": "The error function.",
    "erfc": "1 less the error function.",
}
for _name, _meaning in _MEANINGS.items():
    globals()[_name] = made(Unary, _name, BOTH, _meaning)
    globals()[f"{_name}_"] = _in_place(Unary, _name, _meaning)

absolute = made(Unary, "absolute", BOTH, "The absolute value.")
absolute_ = _in_place(Unary, "absolute", "The absolute value.", METHOD)
sign = made(Unary, "sign", BOTH, "−1, 0 or 1.")
sign_ = _in_place(Unary, "sign", "−1, 0 or 1.", METHOD)
positive = made(Unary, "positive", BOTH, "The value itself.", is_view=True)
isnan = made(Unary, "isnan", BOTH, "Whether it is no number.")
isinf = made(Unary, "isinf", BOTH, "Whether it is infinite.")
isfinite = made(Unary, "isfinite", BOTH, "Whether it is finite.")
logical_not = made(Unary, "logical_not", BOTH, "Whether it is 0.")
round = made(Round, "round", BOTH, "The nearest number of so many decimals.")  # noqa: A001 - torch\'s name
round_ = _in_place(Round, "round", "The nearest number of so many decimals.")
nan_to_num = made(NanToNum, "nan_to_num", BOTH, "What is no number, or not finite, replaced.")
nan_to_num_ = _in_place(NanToNum, "nan_to_num", "What is no number, or not finite, replaced.")
clamp = made(Clamp, "clamp", BOTH, "Values held between two bounds.")
clamp_ = _in_place(Clamp, "clamp", "Values held between two bounds.")
clip = made(Clamp, "clip", BOTH, "Values held between two bounds.")
clip_ = _in_place(Clamp, "clip", "Values held between two bounds.")
clamp_min = made(ClampMin, "clamp_min", BOTH, "Values held above a bound.")
clamp_min_ = _in_place(ClampMin, "clamp_min", "Values held above a bound.")
clamp_max = made(ClampMax, "clamp_max", BOTH, "Values held below a bound.")
clamp_max_ = _in_place(ClampMax, "clamp_max", "Values held below a bound.")
NAMES = (*_MEANINGS, *(f"{name}_" for name in _MEANINGS))
