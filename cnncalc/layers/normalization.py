"""Batch normalisation. Source: torch.nn.BatchNorm1d, 2d, 3d, SyncBatchNorm and the lazy ones."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import is_empty, natural, ranks, real
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.lazy import Lazy
from cnncalc.sizes import Shape, Size, product, require


class _PerChannel(Layer):
    """What norms per channel share: arguments and tensors.

    Tensors: weight and bias (num_features,) with affine; the buffers running_mean, running_var (num_features,) and
    num_batches_tracked () with track_running_stats.
    """

    work = "norm"
    buffer_names = frozenset({"running_mean", "running_var", "num_batches_tracked"})
    letters: ClassVar[dict[str, str]] = {"num_features": "C"}

    num_features: Size
    eps: float
    momentum: float | None
    affine: bool
    track_running_stats: bool

    def _keep(
        self, num_features: Any, eps: Any, momentum: Any, affine: bool, track_running_stats: bool, bias: bool, **more: Any
    ) -> None:
        """Keep the arguments. Without a tensor of that length, torch never looks at num_features."""
        self.__dict__.update(
            num_features=natural(num_features, "num_features") if affine or track_running_stats else num_features,
            eps=real(eps, "eps"),
            momentum=momentum if momentum is None else real(momentum, "momentum"),
            affine=affine,
            track_running_stats=track_running_stats,
            _has_bias=bool(bias),
            **more,
        )
        if not (affine and track_running_stats and bias):
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


class _BatchNorm(_PerChannel):
    """Normalisation per channel over batch and space. The shape stays.

    In eval mode it is pointwise with running statistics; without them every value of its channel takes part.
    """

    saves = ("input",)
    #: The numbers of axes that torch accepts, and how they read.
    accepted_ranks: ClassVar[tuple[int, ...]]
    expects: ClassVar[str]

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
        """Take torch's arguments."""
        self._keep(num_features, eps, momentum, affine, track_running_stats, bias)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError where torch refuses the input; it does not look at the channels of nothing."""
        self._check_rank(input)
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
        if self.eps <= 0:
            self._check_eps()
        if not self.track_running_stats:
            require(
                product((input[0], *input[2:])) != 1,
                "without running statistics there must be more than one value per channel",
                "{}",
                input,
            )
        return input

    def _check_rank(self, input: Shape) -> None:
        """Refuse an input of another number of axes."""
        ranks(input, *self.accepted_ranks, expects=self.expects)

    def _check_eps(self) -> None:
        """Refuse an eps below 0, and 0 too without running statistics."""
        if self.eps < 0 or not self.track_running_stats:
            least = "must not be negative" if self.track_running_stats else "must be more than 0 without running statistics"
            raise ShapeError(f"eps {least}", got=f"eps={self.eps}")

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Pointwise, or without running statistics every value of the channel."""
        if self.track_running_stats:
            return (AxisMaps.pointwise(len(input)),)
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


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation that shares its statistics between processes in training. Source: torch.nn.SyncBatchNorm.

    In eval mode it is a batch norm of any number of axes from two on, and takes no input without channels.
    """

    process_group: Any

    @constructor
    def __init__(
        self,
        num_features: Any,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """Take torch's arguments."""
        self._keep(num_features, eps, momentum, affine, track_running_stats, bias, process_group=process_group)

    def output_shape(self, input: Shape) -> Shape:
        """That of the input."""
        output = super().output_shape(input)
        require(input[1] >= 1, "there must be at least one channel", "{}", input)
        return output

    def _check_rank(self, input: Shape) -> None:
        """Refuse an input without channels: any more axes are taken."""
        if len(input) < 2:  # noqa: PLR2004 - batch and channels
            raise ShapeError("the input must be (N, C, …)", got=f"{len(input)} axes, {input}")


class _LazyNorm(Lazy):
    """A norm that takes num_features from the second axis of its first input, whatever that axis is."""

    #: Arguments whose default is another one than the concrete layer's.
    implied: ClassVar[dict[str, Any]] = {}

    @constructor
    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """Take torch's arguments."""
        self.__dict__.update(
            eps=real(eps, "eps"),
            momentum=momentum if momentum is None else real(momentum, "momentum"),
            affine=affine,
            track_running_stats=track_running_stats,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments as they were given, and those that the concrete layer would take otherwise."""
        return self.implied | super().arguments

    def inferred(self, input: Shape) -> Size:
        """The length of the second axis; 0, as torch leaves it, where there is no tensor of that length."""
        if not (self.affine or self.track_running_stats):
            return 0
        if len(input) < 2:  # noqa: PLR2004 - the second axis
            raise ShapeError("the input must have a second axis", got=f"{len(input)} axes, {input}")
        return input[1]


class LazyBatchNorm1d(_LazyNorm):
    """`BatchNorm1d` with num_features taken from its first input. Source: torch.nn.LazyBatchNorm1d."""

    concrete = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm):
    """`BatchNorm2d` with num_features taken from its first input. Source: torch.nn.LazyBatchNorm2d."""

    concrete = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm):
    """`BatchNorm3d` with num_features taken from its first input. Source: torch.nn.LazyBatchNorm3d."""

    concrete = BatchNorm3d
