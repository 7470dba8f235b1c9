"""Dropout: nothing in eval mode. Source: torch.nn.Dropout, Dropout1d, 2d, 3d, AlphaDropout, FeatureAlphaDropout."""

from __future__ import annotations

from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import is_real, ranks
from cnncalc.layers.layer import Pointwise, constructor
from cnncalc.sizes import Shape


class _Dropout(Pointwise):
    """Values dropped with probability p in training; the identity in eval mode. No tensors."""

    work = "nothing"
    is_view = True
    p: float
    inplace: bool

    @constructor
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        """Take torch's arguments; p must lie in 0 … 1."""
        if not is_real(p):
            raise ArgumentError("p must be a number from 0 to 1", got=f"p={p!r:.60}")
        if p < 0 or p > 1:
            raise ArgumentError("p must lie in 0 … 1", got=f"p={p}")
        self.p = p
        self.inplace = inplace

    def output_shape(self, input: Shape) -> Shape:
        """That of the input. Raises ShapeError for a p that is no number, which torch finds when it is called."""
        if self.p != self.p:  # nothing but nan differs from itself
            raise ShapeError("p must lie in 0 … 1", got=f"p={self.p}")
        return input


class Dropout(_Dropout):
    """Dropout of single values. Source: torch.nn.Dropout."""

    saves = ("mask",)


class Dropout1d(_Dropout):
    """Dropout of whole channels of (N, C, L). Source: torch.nn.Dropout1d.

    Unlike in two and three dimensions, torch refuses other numbers of axes.
    """

    def output_shape(self, input: Shape) -> Shape:
        """That of the input, of 2 or 3 axes."""
        ranks(input, 2, 3, expects="(N, C, L) or (C, L)")
        return super().output_shape(input)


class Dropout2d(_Dropout):
    """Dropout of whole channels of (N, C, H, W). Source: torch.nn.Dropout2d."""


class Dropout3d(_Dropout):
    """Dropout of whole channels of (N, C, D, H, W). Source: torch.nn.Dropout3d."""


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance. Source: torch.nn.AlphaDropout."""


class FeatureAlphaDropout(_Dropout):
    """Dropout of whole channels that keeps mean and variance. Source: torch.nn.FeatureAlphaDropout."""
