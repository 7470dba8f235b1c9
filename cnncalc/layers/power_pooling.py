"""Pooling by a power mean, in one, two and three dimensions. Source: torch.nn.LPPool1d, LPPool2d, LPPool3d."""

from __future__ import annotations

from math import isinf
from typing import Any

from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import flag, per_axis
from cnncalc.layers.layer import constructor
from cnncalc.layers.pooling import _check_whole, _Pool
from cnncalc.sizes import Shape, require


class _LPPool(_Pool):
    """The power mean (Σ xᵖ)^(1/p) under each window, without padding; p = ∞ is the largest magnitude.

    Output length ⌊(n − k)/s⌋ + 1 per axis, rounded up with ceil_mode by torch's rule.
    """

    norm_type: float

    @constructor
    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        """Take torch's arguments; torch checks them when the pool is called."""
        try:
            self._power = float(norm_type)
        except (TypeError, ValueError, OverflowError):
            raise ArgumentError("norm_type must be a number", got=f"norm_type={norm_type!r:.60}") from None
        self.__dict__.update(
            norm_type=norm_type,
            kernel_size=kernel_size,
            stride=stride,
            padding=0,
            ceil_mode=flag(ceil_mode, "ceil_mode"),
            _windows=None,
        )
        _check_whole(self, "kernel_size", *([] if stride is None else ["stride"]))

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *lengths). Raises ShapeError where torch refuses the input."""
        if self._power == 0:
            raise ShapeError("norm_type must not be 0", got="norm_type=0")
        largest = isinf(self._power)
        given = isinstance(self.kernel_size, (tuple, list))
        if given and not (self.dimensions == 1 and largest):
            wanted = 0 if self.dimensions == 1 else self.dimensions
            if len(per_axis(self.kernel_size, "kernel_size", self.dimensions)) != wanted:
                form = "one whole number" if not wanted else f"one whole number or {wanted}"
                raise ShapeError(f"kernel_size must be {form}", got=f"kernel_size={self.kernel_size}")
        output = self._pooled(input)
        if self.dimensions == 3 and not largest:  # noqa: PLR2004 - as AvgPool3d
            for window, n in zip(self.windows(), input[-3:], strict=True):
                require(
                    n >= window.kernel_size,
                    "the window must not be larger than the input",
                    "length {}, kernel_size={}",
                    n,
                    self.kernel_size,
                )
        return output


class LPPool1d(_LPPool):
    """Power-mean pooling over (N, C, L). Source: torch.nn.LPPool1d."""

    dimensions = 1

    @property
    def _bits(self) -> int:
        """The largest values are those of MaxPool1d."""
        return 64 if isinf(self._power) else 32


class LPPool2d(_LPPool):
    """Power-mean pooling over (N, C, H, W). Source: torch.nn.LPPool2d."""

    dimensions = 2


class LPPool3d(_LPPool):
    """Power-mean pooling over (N, C, D, H, W). Source: torch.nn.LPPool3d."""

    dimensions = 3
