"""Activations. Source: the torch.nn classes of the same names.

All but the softmax family and PReLU are pointwise and own nothing, so a class here is torch's constructor and no more.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import natural, ranks
from cnncalc.layers.operation import Layer, Pointwise, constructor
from cnncalc.layers.shaping import axis_index, axis_number
from cnncalc.sizes import Shape, Size, require


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


class ReLU6(_Inplace):
    """min(max(x, 0), 6). Source: torch.nn.ReLU6."""


class SELU(_Inplace):
    """Scaled exponential linear unit. Source: torch.nn.SELU."""


class SiLU(_Inplace):
    """x · sigmoid(x), also called swish. Source: torch.nn.SiLU."""


class Mish(_Inplace):
    """x · tanh(softplus(x)). Source: torch.nn.Mish."""


class Hardswish(_Inplace):
    """x · min(max(x + 3, 0), 6)/6. Source: torch.nn.Hardswish."""


class Hardsigmoid(_Inplace):
    """min(max(x + 3, 0), 6)/6. Source: torch.nn.Hardsigmoid."""


class Sigmoid(_Plain):
    """1/(1 + exp(−x)). Source: torch.nn.Sigmoid."""


class Tanh(_Plain):
    """Hyperbolic tangent. Source: torch.nn.Tanh."""


class Softsign(_Plain):
    """x/(1 + |x|). Source: torch.nn.Softsign."""


class Tanhshrink(_Plain):
    """x − tanh(x). Source: torch.nn.Tanhshrink."""


class LogSigmoid(_Plain):
    """log(sigmoid(x)). Source: torch.nn.LogSigmoid."""


class LeakyReLU(Pointwise):
    """x, or negative_slope · x below 0. Source: torch.nn.LeakyReLU."""

    negative_slope: float
    inplace: bool

    @constructor
    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        """Take torch's arguments."""
        self.negative_slope = negative_slope
        self.inplace = inplace


class _Exponential(Pointwise):
    """An exponential unit with a factor alpha."""

    alpha: float
    inplace: bool

    @constructor
    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        """Take torch's arguments."""
        self.alpha = alpha
        self.inplace = inplace


class ELU(_Exponential):
    """Exponential linear unit. Source: torch.nn.ELU."""


class CELU(_Exponential):
    """Continuously differentiable exponential linear unit. Source: torch.nn.CELU."""

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for alpha 0, which torch would divide by."""
        if self.alpha == 0:
            raise ShapeError("alpha must not be 0", got=f"alpha={self.alpha}")
        return input


class GELU(Pointwise):
    """Gaussian error linear unit. Source: torch.nn.GELU."""

    approximate: str

    @constructor
    def __init__(self, approximate: str = "none") -> None:
        """Take torch's argument; torch looks at it when the layer is called."""
        self.approximate = approximate

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for an approximation that torch does not know."""
        if self.approximate not in {"none", "tanh"}:
            raise ShapeError('approximate must be "none" or "tanh"', got=f"approximate={self.approximate!r:.60}")
        return input


class Softplus(Pointwise):
    """log(1 + exp(beta · x))/beta. Source: torch.nn.Softplus."""

    beta: float
    threshold: float

    @constructor
    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        """Take torch's arguments."""
        self.beta = beta
        self.threshold = threshold


class Hardtanh(Pointwise):
    """x cut to min_val … max_val. Source: torch.nn.Hardtanh."""

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
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise ArgumentError("max_val must be more than min_val", got=f"min_val={self.min_val}, max_val={self.max_val}")


class PReLU(Layer):
    """x, or a learned weight · x below 0: one weight, or one per channel. Source: torch.nn.PReLU."""

    letters: ClassVar[dict[str, str]] = {"num_parameters": "a"}
    num_parameters: Size

    @constructor
    def __init__(self, num_parameters: Any = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        """Take torch's arguments."""
        self.num_parameters = natural(num_parameters, "num_parameters")
        self.init = init

    def tensors(self) -> dict[str, Shape]:
        """`weight` (num_parameters,)."""
        return {"weight": (self.num_parameters,)}

    def output_shape(self, input: Shape) -> Shape:
        """That of the input, whose channels must be num_parameters unless that is 1."""
        if self.num_parameters != 1:
            if not input:
                raise ShapeError("an input without axes allows one parameter", got=f"num_parameters={self.num_parameters}")
            channels = input[1] if len(input) > 1 else 1
            require(
                channels == self.num_parameters,
                "the input's channels must equal num_parameters",
                "{} channels, num_parameters={}",
                channels,
                self.num_parameters,
            )
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Cell by cell."""
        return (AxisMaps(*(EACH,) * len(input)),)


class _Softmax(Layer):
    """Exponentials normalised along one axis: each output cell reads the whole axis. The shape stays."""

    dim: int | None

    @constructor
    def __init__(self, dim: int | None = None) -> None:
        """Take the axis; None lets torch choose: 0 for 0, 1 or 3 axes, else 1."""
        self.dim = None if dim is None else axis_number(dim, "dim")

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where the axis does not exist."""
        self._axis(input)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Everything along the axis, cell by cell elsewhere."""
        axis = self._axis(input)
        return (AxisMaps(*(EVERYTHING if index == axis else EACH for index in range(len(input)))),)

    def _axis(self, input: Shape) -> int:
        """The axis that is normalised."""
        if self.dim is None:
            return 0 if len(input) in (0, 1, 3) else 1
        return axis_index(self.dim, input)


class Softmax(_Softmax):
    """exp(x)/Σ exp(x) along an axis. Source: torch.nn.Softmax."""


class LogSoftmax(_Softmax):
    """log(exp(x)/Σ exp(x)) along an axis. Source: torch.nn.LogSoftmax."""


class Softmin(_Softmax):
    """exp(−x)/Σ exp(−x) along an axis. Source: torch.nn.Softmin."""


class Softmax2d(Layer):
    """Softmax over the channels of (N, C, H, W) or (C, H, W). Source: torch.nn.Softmax2d."""

    dimensions: ClassVar[int] = 2

    @constructor
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse arguments, as torch's Module does."""
        no_arguments(args, kwargs)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input."""
        ranks(input, 3, 4, expects="(N, C, H, W) or (C, H, W)")
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Everything along the channels."""
        channel = len(input) - 3
        return (AxisMaps(*(EVERYTHING if index == channel else EACH for index in range(len(input)))),)
