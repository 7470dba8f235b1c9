"""Normalisation over groups of channels, and over the last axes. Source: torch.nn.GroupNorm, LayerNorm, RMSNorm."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Groups
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import natural, real, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, floor_div, product, require


class GroupNorm(Layer):
    """Normalisation over space and over one of num_groups groups of channels. The shape stays.

    Shapes (N, C, …). Tensors: weight and bias (num_channels,) with affine. Source: torch.nn.GroupNorm.
    """

    saves = ("input",)
    work = "norm"
    letters: ClassVar[dict[str, str]] = {"num_groups": "G", "num_channels": "C"}

    num_groups: Size
    num_channels: Size
    eps: float
    affine: bool

    @constructor
    def __init__(
        self,
        num_groups: Any,
        num_channels: Any,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """Take torch's arguments; num_groups must divide num_channels."""
        groups = whole(num_groups, "num_groups")
        channels = natural(num_channels, "num_channels") if affine else whole(num_channels, "num_channels")
        numbers = isinstance(groups, int) and isinstance(channels, int)
        if numbers and (groups == 0 or channels % groups):
            raise ArgumentError(
                "num_channels must be divisible by num_groups", got=f"num_channels={channels}, num_groups={groups}"
            )
        self.__dict__.update(num_groups=groups, num_channels=channels, eps=real(eps, "eps"), affine=affine, _has_bias=bool(bias))
        self.__dict__.update(dict.fromkeys({"weight", "bias"} - self.tensors().keys()))

    def tensors(self) -> dict[str, Shape]:
        """Weight and bias with affine, weight alone with bias=False."""
        if not self.affine:
            return {}
        per_channel = (self.num_channels,)
        return {"weight": per_channel, "bias": per_channel} if self._has_bias else {"weight": per_channel}

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Without a weight, torch asks only that its channels can be grouped."""
        groups = self.num_groups
        if len(input) < 2:  # noqa: PLR2004 - batch and channels
            raise ShapeError("the input must be (N, C, …)", got=f"{len(input)} axes, {input}")
        channels = input[1]
        require(groups >= 1, "num_groups must be at least 1", "num_groups={}", groups)
        require(
            self.num_channels % groups == 0,
            "num_channels must be divisible by num_groups",
            "num_channels={}, num_groups={}",
            self.num_channels,
            groups,
        )
        if self.affine:
            require(
                channels == self.num_channels,
                "the input's channels must equal num_channels",
                "{} channels, num_channels={}",
                channels,
                self.num_channels,
                remedy=f"set num_channels={channels}",
            )
        require(
            channels % groups == 0,
            "the input's channels must be divisible by num_groups",
            "{} channels, num_groups={}",
            channels,
            groups,
        )
        require(
            floor_div(input[0] * channels, groups) * product(input[2:]) != 1,
            "there must be more than one value per group",
            "{}",
            input,
        )
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Every value of the group of channels, over space."""
        channels, groups = input[1], self.num_groups
        among: AxisMap = EVERYTHING if (groups == 1) is True else Groups(groups, channels)
        return (AxisMaps(EACH, EACH if (groups == channels) is True else among, *(EVERYTHING,) * (len(input) - 2)),)


class _OverLastAxes(Layer):
    """Normalisation over the last axes, which must be as long as normalized_shape says. The shape stays."""

    work = "norm"
    letters: ClassVar[dict[str, str]] = {"normalized_shape": "D"}

    normalized_shape: Shape
    eps: float | None
    elementwise_affine: bool

    def _keep(self, normalized_shape: Any, elementwise_affine: bool, **more: Any) -> None:
        """Keep the arguments; a single number is a shape of one axis."""
        is_shape = hasattr(normalized_shape, "__iter__") and not isinstance(normalized_shape, str)
        given = normalized_shape if is_shape else (normalized_shape,)
        check = natural if elementwise_affine else whole
        self.__dict__.update(
            normalized_shape=tuple(check(n, "normalized_shape") for n in given),
            elementwise_affine=elementwise_affine,
            **more,
        )

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where it does not end in normalized_shape."""
        over = self.normalized_shape
        if not over:
            raise ShapeError("normalized_shape must have at least one axis", got=f"normalized_shape={over}")
        if len(input) < len(over):
            raise ShapeError("the input must end in normalized_shape", got=f"{input}, normalized_shape={over}")
        for n, wanted in zip(input[-len(over) :], over, strict=True):
            if n is not wanted:
                require(n == wanted, "the input must end in normalized_shape", "{}, normalized_shape={}", input, over)
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Every value of the last axes, cell by cell on the others."""
        over = len(self.normalized_shape)
        return (AxisMaps(*(EACH,) * (len(input) - over), *(EVERYTHING,) * over),)


class LayerNorm(_OverLastAxes):
    """Mean and variance taken over the last axes. Source: torch.nn.LayerNorm.

    Tensors: weight and bias of normalized_shape with elementwise_affine.
    """

    saves = ("input",)
    work = "norm"

    @constructor
    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments."""
        self._keep(normalized_shape, elementwise_affine, eps=real(eps, "eps"), _has_bias=bool(bias))
        self.__dict__.update(dict.fromkeys({"weight", "bias"} - self.tensors().keys()))

    def tensors(self) -> dict[str, Shape]:
        """Weight and bias with elementwise_affine, weight alone with bias=False."""
        if not self.elementwise_affine:
            return {}
        shape = self.normalized_shape
        return {"weight": shape, "bias": shape} if self._has_bias else {"weight": shape}


class RMSNorm(_OverLastAxes):
    """Division by the root of the mean square over the last axes. Source: torch.nn.RMSNorm.

    Tensors: weight of normalized_shape with elementwise_affine.
    """

    work = "norm"

    @constructor
    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments."""
        self._keep(normalized_shape, elementwise_affine, eps=eps if eps is None else real(eps, "eps"))
        self.__dict__.update(dict.fromkeys({"weight"} - self.tensors().keys()))

    def tensors(self) -> dict[str, Shape]:
        """`weight` with elementwise_affine."""
        return {"weight": self.normalized_shape} if self.elementwise_affine else {}
