"""Activations. Source: the torch.nn classes of the same names.

All but PReLU own nothing and all are pointwise, so a class here is torch's constructor and no more. The activations that
read along an axis are in cnncalc.layers.gating.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import natural, scalar
from cnncalc.layers.layer import Layer, Pointwise, constructor
from cnncalc.sizes import Shape, product, require

#: The largest number in single precision.
LARGEST_SINGLE = 3.4028234663852886e38


class _Inplace(Pointwise):
    """An activation whose one argument is `inplace`."""

    inplace: bool

    @constructor
    def __init__(self, inplace: bool = False) -> None:
        """Take torch's argument."""
        self.inplace = inplace


class _Plain(Pointwise):
    """An activation that torch gives no constructor of its own: it takes no arguments."""

    @constructor
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse arguments, as torch's Module does."""
        no_arguments(args, kwargs)


def no_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse any argument."""
    if args or kwargs:
        raise ArgumentError("it takes no arguments", got=", ".join([*map(repr, args), *kwargs])[:60])


class ReLU(_Inplace):
    """max(x, 0). Source: torch.nn.ReLU."""

    saves = ("output",)


class ReLU6(_Inplace):
    """min(max(x, 0), 6). Source: torch.nn.ReLU6."""

    saves = ("input",)


class SELU(_Inplace):
    """Scaled exponential linear unit. Source: torch.nn.SELU."""

    saves = ("input",)
    saves_in_place = ("output",)


class SiLU(_Inplace):
    """x · sigmoid(x), also called swish. Source: torch.nn.SiLU."""

    saves = ("input",)


class Mish(_Inplace):
    """x · tanh(softplus(x)). Source: torch.nn.Mish."""

    saves = ("input",)


class Hardswish(_Inplace):
    """x · min(max(x + 3, 0), 6)/6. Source: torch.nn.Hardswish."""

    saves = ("input",)


class Hardsigmoid(_Inplace):
    """min(max(x + 3, 0), 6)/6. Source: torch.nn.Hardsigmoid."""

    saves = ("input",)


class Sigmoid(_Plain):
    """1/(1 + exp(−x)). Source: torch.nn.Sigmoid."""

    saves = ("output",)


class Tanh(_Plain):
    """Hyperbolic tangent. Source: torch.nn.Tanh."""

    saves = ("output",)


class Softsign(_Plain):
    """x/(1 + |x|). Source: torch.nn.Softsign."""


class Tanhshrink(_Plain):
    """x − tanh(x). Source: torch.nn.Tanhshrink."""


class LogSigmoid(_Plain):
    """log(sigmoid(x)). Source: torch.nn.LogSigmoid."""


class LeakyReLU(Pointwise):
    """x, or negative_slope · x below 0. Source: torch.nn.LeakyReLU."""

    saves = ("input",)
    saves_in_place = ("output",)
    negative_slope: float
    inplace: bool

    @constructor
    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        """Take torch's arguments."""
        self.negative_slope = scalar(negative_slope, "negative_slope")
        self.inplace = inplace


class _Exponential(Pointwise):
    """An exponential unit with a factor alpha."""

    alpha: float
    inplace: bool

    @constructor
    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        """Take torch's arguments."""
        self.alpha = scalar(alpha, "alpha")
        self.inplace = inplace


class ELU(_Exponential):
    """Exponential linear unit. Source: torch.nn.ELU."""

    saves = ("input",)
    saves_in_place = ("output",)


class CELU(_Exponential):
    """Continuously differentiable exponential linear unit. Source: torch.nn.CELU."""

    saves = ("input",)
    saves_in_place = ("output",)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for alpha 0, which torch would divide by."""
        if self.alpha == 0:
            raise ShapeError("alpha must not be 0", got=f"alpha={self.alpha}")
        return input


class GELU(Pointwise):
    """Gaussian error linear unit. Source: torch.nn.GELU."""

    saves = ("input",)
    approximate: str

    @constructor
    def __init__(self, approximate: str = "none") -> None:
        """Take torch's argument; torch looks at it when the layer is called."""
        self.approximate = approximate

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for an approximation that torch does not know."""
        if self.approximate not in ("none", "tanh"):
            raise ShapeError('approximate must be "none" or "tanh"', got=f"approximate={self.approximate!r:.60}")
        return input


class Softplus(Pointwise):
    """log(1 + exp(beta · x))/beta. Source: torch.nn.Softplus."""

    saves = ("input",)
    beta: float
    threshold: float

    @constructor
    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        """Take torch's arguments."""
        self.beta = scalar(beta, "beta")
        self.threshold = scalar(threshold, "threshold")


class _Shrink(Pointwise):
    """An activation whose one argument is `lambd`."""

    lambd: float

    @constructor
    def __init__(self, lambd: float = 0.5) -> None:
        """Take torch's argument."""
        self.lambd = scalar(lambd, "lambd")


class Hardshrink(_Shrink):
    """x, or 0 within lambd of 0. Source: torch.nn.Hardshrink."""


class Softshrink(_Shrink):
    """x drawn towards 0 by lambd, and 0 within it. Source: torch.nn.Softshrink."""

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for a lambd that torch refuses."""
        if not 0 <= self.lambd <= LARGEST_SINGLE:
            raise ShapeError("lambd must not be negative, and a finite number", got=f"lambd={self.lambd}")
        return input


class Threshold(Pointwise):
    """x, or `value` where x is not above `threshold`. Source: torch.nn.Threshold."""

    saves = ("input",)
    threshold: float
    value: float
    inplace: bool

    @constructor
    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        """Take torch's arguments."""
        self.threshold = scalar(threshold, "threshold")
        self.value = scalar(value, "value")
        self.inplace = inplace


class RReLU(Pointwise):
    """x, or (lower + upper)/2 · x below 0; in training a random slope between the two. Source: torch.nn.RReLU."""

    lower: float
    upper: float
    inplace: bool

    @constructor
    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        """Take torch's arguments; torch looks at them when the layer is called."""
        self.lower = scalar(lower, "lower")
        self.upper = scalar(upper, "upper")
        self.inplace = inplace

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where upper is below lower, or, unless in place, one is not finite."""
        self.check_bounds(finite=not self.inplace)
        return input

    def check_bounds(self, *, finite: bool) -> None:
        """Refuse an upper bound below the lower one, and where they must be finite, one that is not."""
        if not (self.lower <= self.upper and (not finite or (isfinite(self.lower) and isfinite(self.upper)))):
            raise ShapeError("lower must not be more than upper, and both finite", got=f"lower={self.lower}, upper={self.upper}")


class Hardtanh(Pointwise):
    """x cut to min_val … max_val. Source: torch.nn.Hardtanh."""

    saves = ("input",)
    min_val: float
    max_val: float
    inplace: bool

    @constructor
    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        """Take torch's arguments; min_value and max_value are its old names for the first two."""
        self.min_val = scalar(min_val if min_value is None else min_value, "min_val")
        self.max_val = scalar(max_val if max_value is None else max_value, "max_val")
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise ArgumentError("max_val must be more than min_val", got=f"min_val={self.min_val}, max_val={self.max_val}")


class PReLU(Layer):
    """x, or a learned weight · x below 0: one weight, or one per channel. Source: torch.nn.PReLU."""

    saves = ("input",)
    work = "activation"
    letters: ClassVar[dict[str, str]] = {"num_parameters": "a"}
    num_parameters: Any

    @constructor
    def __init__(self, num_parameters: Any = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        """Take torch's arguments."""
        several = isinstance(num_parameters, (tuple, list))
        self._shape = tuple([natural(n, "num_parameters") for n in (num_parameters if several else (num_parameters,))])
        self.num_parameters = num_parameters if several else self._shape[0]
        self.init = scalar(init, "init")

    def tensors(self) -> dict[str, Shape]:
        """`weight` (num_parameters,), or of any shape that is given."""
        return {"weight": self._shape}

    def output_shape(self, input: Shape) -> Shape:
        """That of the input, whose channels must be num_parameters unless that is 1."""
        if len(self._shape) > 1:
            raise ShapeError("the weight must have at most one axis", got=f"num_parameters={self._shape}")
        count = product(self._shape)
        if (count == 1) is not True:
            if not input:
                require(count == 1, "an input without axes allows one parameter", "num_parameters={}", count)
            channels = input[1] if len(input) > 1 else 1
            rule = "the input's channels must equal num_parameters"
            require(channels == count, rule, "{} channels, num_parameters={}", channels, count, otherwise=(count == 1,))
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps.pointwise(len(input)),)
