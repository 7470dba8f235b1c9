"""Arithmetic and comparisons of two tensors, cell by cell, or of a tensor and a number. Source: torch.add and its kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.errors import ArgumentError
from cnncalc.layers.arguments import check_number
from cnncalc.layers.broadcasting import Binary, common_shape, joined_axes, made
from cnncalc.layers.operation import Number
from cnncalc.layers.reshaping import BOTH, METHOD
from cnncalc.sizes import Shape

TORCH = frozenset({"torch"})
SECOND = frozenset({"other"})
NONE: frozenset[str] = frozenset()


class Sum(Binary):
    """Two operands, the second one taken `alpha` times."""

    saves = ()

    def output_shape(self, input: Shape | Number, other: Shape | Number, alpha: float = 1) -> Shape:
        """The common shape. Raises ShapeError where lengths differ."""
        if alpha is True or alpha is False:
            raise ArgumentError("alpha must be a number", got=f"alpha={alpha}")
        check_number(alpha, "alpha")
        return self.joined(input, other)

    def axes(self, input: Shape | Number, other: Shape | Number, alpha: float = 1) -> tuple[AxisMaps, ...]:
        """Cell by cell; a stretched axis reads its one cell."""
        return joined_axes(input, other)


class Difference(Sum):
    """As a sum, but torch subtracts no truth values."""

    def joined(self, input: Shape | Number, other: Shape | Number) -> Shape:
        """The common shape. Raises ArgumentError for True and False."""
        if isinstance(input, bool) or isinstance(other, bool):
            raise ArgumentError("True and False can't be subtracted", got=f"{input!r:.30} and {other!r:.30}")
        return super().joined(input, other)


class Quotient(Binary):
    """The quotient of two operands, rounded if asked."""

    def output_shape(self, input: Shape | Number, other: Shape | Number, *, rounding_mode: str | None = None) -> Shape:
        """The common shape. Raises ShapeError where lengths differ."""
        if rounding_mode not in (None, "trunc", "floor"):
            raise ArgumentError('rounding_mode must be None, "trunc" or "floor"', got=f"{rounding_mode!r:.60}")
        return self.joined(input, other)

    def axes(self, input: Shape | Number, other: Shape | Number, *, rounding_mode: str | None = None) -> tuple[AxisMaps, ...]:
        """Cell by cell; a stretched axis reads its one cell."""
        return joined_axes(input, other)


class Power(Binary):
    """The power of two operands."""

    def output_shape(self, input: Shape | Number, exponent: Shape | Number) -> Shape:
        """The common shape. Raises ShapeError where lengths differ."""
        return self.joined(input, exponent)

    def axes(self, input: Shape | Number, exponent: Shape | Number) -> tuple[AxisMaps, ...]:
        """Cell by cell; a stretched axis reads its one cell."""
        return joined_axes(input, exponent)


class Where(Binary):
    """The cells of one tensor where a condition holds, of another elsewhere. Source: torch.where."""

    torch_name = "where"
    found_in = BOTH

    def output_shape(self, condition: Shape, input: Shape | Number, other: Shape | Number) -> Shape:  # type: ignore[override]
        """The common shape of all three. Raises ShapeError where lengths differ."""
        return common_shape(condition, input, other)

    def axes(self, condition: Shape, input: Shape | Number, other: Shape | Number) -> tuple[AxisMaps, ...]:  # type: ignore[override]
        """Cell by cell; a stretched axis reads its one cell."""
        output = common_shape(condition, input, other)
        return tuple(
            axes for part in (condition, input, other) if isinstance(part, tuple) for axes in joined_axes(part, output)[:1]
        )

    def method(self, input: Any, condition: Any, other: Any) -> Any:
        """The condition comes second."""
        return self(condition, input, other)


def _in_place(kind: type[Any], name: str, meaning: str, **parts: Any) -> Any:
    """The variant that changes its first operand."""
    return made(
        kind, f"{name}_", METHOD, f"{meaning[:-1]}, in place of the first operand.", in_place=True, numbers=SECOND, **parts
    )


add = made(Sum, "add", BOTH, "The sum.")
add_ = _in_place(Sum, "add", "The sum.")
sub = made(Difference, "sub", BOTH, "The difference.")
sub_ = _in_place(Difference, "sub", "The difference.")
subtract = made(Difference, "subtract", BOTH, "The difference.")
rsub = made(Difference, "rsub", TORCH, "The difference, the second operand first.", numbers=SECOND)
mul = made(Binary, "mul", BOTH, "The product, cell by cell.", saves=("inputs",))
mul_ = _in_place(Binary, "mul", "The product, cell by cell.")
multiply = made(Binary, "multiply", BOTH, "The product, cell by cell.")
div = made(Quotient, "div", BOTH, "The quotient.")
div_ = _in_place(Quotient, "div", "The quotient.")
divide = made(Quotient, "divide", BOTH, "The quotient.")
true_divide = made(Binary, "true_divide", BOTH, "The quotient.")
floor_divide = made(Binary, "floor_divide", BOTH, "The quotient, rounded down.")
floor_divide_ = _in_place(Binary, "floor_divide", "The quotient, rounded down.")
remainder = made(Binary, "remainder", BOTH, "What a division leaves, with the sign of the divisor.")
fmod = made(Binary, "fmod", BOTH, "What a division leaves, with the sign of the dividend.", numbers=SECOND)
pow = made(Power, "pow", BOTH, "The power.")  # noqa: A001 - torch\'s name
pow_ = _in_place(Power, "pow", "The power.")
float_power = made(Power, "float_power", BOTH, "The power, in double precision.")
maximum = made(Binary, "maximum", BOTH, "The larger one.", numbers=NONE)
minimum = made(Binary, "minimum", BOTH, "The smaller one.", numbers=NONE)
atan2 = made(Binary, "atan2", BOTH, "The angle of a point.", numbers=NONE)
eq = made(Binary, "eq", BOTH, "Whether they are equal.", numbers=SECOND)
ne = made(Binary, "ne", BOTH, "Whether they differ.", numbers=SECOND)
gt = made(Binary, "gt", BOTH, "Whether the first is larger.", numbers=SECOND)
ge = made(Binary, "ge", BOTH, "Whether the first is at least as large.", numbers=SECOND)
lt = made(Binary, "lt", BOTH, "Whether the first is smaller.", numbers=SECOND)
le = made(Binary, "le", BOTH, "Whether the first is at most as large.", numbers=SECOND)
logical_and = made(Binary, "logical_and", BOTH, "Whether both are not 0.", numbers=NONE)
logical_or = made(Binary, "logical_or", BOTH, "Whether one of them is not 0.", numbers=NONE)
where = Where()
