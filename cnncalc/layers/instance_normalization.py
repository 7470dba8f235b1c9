"""Instance normalisation. Source: torch.nn.InstanceNorm1d, 2d, 3d and the lazy ones."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty, ranks
from cnncalc.layers.layer import constructor
from cnncalc.layers.normalization import _LazyNorm, _PerChannel
from cnncalc.sizes import Shape, product, require


class _InstanceNorm(_PerChannel):
    """Normalisation per channel of each sample, over space. The shape stays.

    In eval mode it is pointwise with running statistics; without them, which is the default, every value of its sample's
    channel takes part.
    """

    work = "norm"
    dimensions: ClassVar[int]

    @constructor
    def __init__(
        self,
        num_features: Any,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """Take torch's arguments."""
        self._keep(num_features, eps, momentum, affine, track_running_stats, bias)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Without a tensor of that length, torch does not look at the channels."""
        axes = self.dimensions
        ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        channels = input[-axes - 1]
        if self.affine or (self.track_running_stats and not is_empty(input)):
            require(
                channels == self.num_features,
                "the input's channels must equal num_features",
                "{} channels, num_features={}",
                channels,
                self.num_features,
                remedy=f"set num_features={channels}",
            )
        if self.affine and is_empty((self.num_features, *input[: -axes - 1])):
            raise ShapeError("without samples or features, torch finds no weight to apply", got=f"{input}")
        if not self.track_running_stats:
            require(
                product(input[-axes:]) != 1,
                "without running statistics there must be more than one value per channel of a sample",
                "{}",
                input,
            )
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Pointwise, or without running statistics every value of the channel of the sample."""
        if self.track_running_stats:
            return (AxisMaps.pointwise(len(input)),)
        axes = self.dimensions
        return (AxisMaps(*(EACH,) * (len(input) - axes), *(EVERYTHING,) * axes),)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L). Source: torch.nn.InstanceNorm1d."""

    dimensions = 1


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of (N, C, H, W) or (C, H, W). Source: torch.nn.InstanceNorm2d."""

    dimensions = 2


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W) or (C, D, H, W). Source: torch.nn.InstanceNorm3d."""

    dimensions = 3


class _LazyInstanceNorm(_LazyNorm):
    """Torch gives the lazy ones the defaults of a batch norm."""

    implied: ClassVar[dict[str, Any]] = {"affine": True, "track_running_stats": True}


class LazyInstanceNorm1d(_LazyInstanceNorm):
    """`InstanceNorm1d` with num_features taken from its first input. Source: torch.nn.LazyInstanceNorm1d."""

    concrete = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm):
    """`InstanceNorm2d` with num_features taken from its first input. Source: torch.nn.LazyInstanceNorm2d."""

    concrete = InstanceNorm2d


class LazyInstanceNorm3d(_LazyInstanceNorm):
    """`InstanceNorm3d` with num_features taken from its first input. Source: torch.nn.LazyInstanceNorm3d."""

    concrete = InstanceNorm3d
