"""Batch normalisation. Source: torch.nn.BatchNorm1d, 2d, 3d."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty, natural, ranks
from cnncalc.layers.operation import Layer, constructor
from cnncalc.sizes import Shape, Size, product, require


class _BatchNorm(Layer):
    """Normalisation per channel. The shape stays.

    In eval mode it is pointwise with running statistics; without them every value of its channel, over batch and space,
    takes part. Tensors: weight and bias (num_features,) with affine; the buffers running_mean, running_var
    (num_features,) and num_batches_tracked () with track_running_stats.
    """

    #: The numbers of axes that torch accepts, and how they read.
    accepted_ranks: ClassVar[tuple[int, ...]]
    expects: ClassVar[str]
    buffer_names = frozenset({"running_mean", "running_var", "num_batches_tracked"})
    letters: ClassVar[dict[str, str]] = {"num_features": "C"}

    num_features: Size
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool

    @constructor
    def __init__(
        self,
        num_features: Any,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """Take torch's arguments. Without a tensor of that length, torch never looks at num_features."""
        self.__dict__.update(
            num_features=natural(num_features, "num_features") if affine or track_running_stats else num_features,
            eps=eps,
            momentum=momentum,
            affine=affine,
            track_running_stats=track_running_stats,
            _has_bias=bool(bias),
        )
        self.__dict__.update(dict.fromkeys({"weight", "bias", *self.buffer_names} - self.tensors().keys()))

    def tensors(self) -> dict[str, Shape]:
        """Weight and bias with affine (weight alone with bias=False), and the running statistics with track_running_stats."""
        per_channel = (self.num_features,)
        tensors: dict[str, Shape] = {}
        if self.affine:
            tensors |= {"weight": per_channel, "bias": per_channel} if self._has_bias else {"weight": per_channel}
        if self.track_running_stats:
            tensors |= {"running_mean": per_channel, "running_var": per_channel, "num_batches_tracked": ()}
        return tensors

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where torch refuses the input; it does not look at the channels of nothing."""
        if len(input) not in self.accepted_ranks:
            ranks(input, *self.accepted_ranks, expects=self.expects)
        channels = input[1]
        empty = is_empty(input)
        if not empty and (self.affine or self.track_running_stats) and channels is not self.num_features:
            require(
                channels == self.num_features,
                "the input's channels must equal num_features",
                "{} channels, num_features={}",
                channels,
                self.num_features,
                remedy=f"set num_features={channels}",
            )
        if empty and self.affine and is_empty((self.num_features,)):
            raise ShapeError("without features, torch finds no weight to apply", got=f"num_features=0 for {input}")
        if not self.track_running_stats:
            require(
                product((input[0], *input[2:])) != 1,
                "without running statistics there must be more than one value per channel",
                "{}",
                input,
            )
        return input

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Pointwise, or without running statistics every value of the channel."""
        if self.track_running_stats:
            return (AxisMaps(*(EACH,) * len(input)),)
        return (AxisMaps(EVERYTHING, EACH, *(EVERYTHING,) * (len(input) - 2)),)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L). Source: torch.nn.BatchNorm1d."""

    accepted_ranks = (2, 3)
    expects = "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (N, C, H, W). Source: torch.nn.BatchNorm2d."""

    accepted_ranks = (4,)
    expects = "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W). Source: torch.nn.BatchNorm3d."""

    accepted_ranks = (5,)
    expects = "(N, C, D, H, W)"
