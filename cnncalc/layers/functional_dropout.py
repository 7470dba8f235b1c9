"""Dropouts as functions. Source: torch.nn.functional, torch.

In training or not, a cell depends on the one input cell: what is drawn by chance depends on none.
"""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ShapeError
from cnncalc.layers import dropout as layers
from cnncalc.layers.arguments import flag, is_empty
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.sizes import Shape

BOTH = frozenset({"functional", "torch"})


class _Dropout(LayerFunction):
    """Dropout of single values. Unlike the layer, it is in training unless told otherwise."""

    other_names = {"train": "training"}  # noqa: RUF012 - a class attribute of the base
    is_view = True
    layer_class: Any

    def applied(self, input: Shape, p: float = 0.5, training: bool = True, inplace: bool = False) -> Applied:
        """The layer."""
        flag(training, "training")
        return Applied(self.layer_class(p, inplace), (input,))


class _AlphaDropout(LayerFunction):
    """Dropout that keeps mean and variance."""

    other_names = {"train": "training"}  # noqa: RUF012 - a class attribute of the base
    is_view = True
    layer_class: Any
    #: Whether whole channels are dropped, which takes batch and channels.
    by_channel = False

    def applied(self, input: Shape, p: float = 0.5, training: bool = False, inplace: bool = False) -> Applied:
        """The layer."""
        flag(training, "training")
        if self.by_channel:
            check_channels(input, p, training=training)
        return Applied(self.layer_class(p, inplace), (input,))


class _FeatureAlphaDropout(_AlphaDropout):
    """Dropout of whole channels that keeps mean and variance."""

    by_channel = True


class _ChannelDropout(LayerFunction):
    """Dropout of whole channels."""

    is_view = True
    layer_class: Any
    #: With fewer or more axes than these, torch takes the input for one without a batch.
    batched: int = 0

    def applied(self, input: Shape, p: float = 0.5, training: bool = True, inplace: bool = False) -> Applied:
        """The layer."""
        flag(training, "training")
        lead = 0 if self.batched in (0, len(input)) else 1
        check_channels((1,) * lead + input, p, training=training)
        return Applied(self.layer_class(p, inplace), (input,))


class _Dropout3d(_ChannelDropout):
    """Dropout of whole channels of (N, C, D, H, W)."""

    batched = 5


def check_channels(input: Shape, p: Any, *, training: bool) -> None:
    """Refuse an input of fewer than two axes, where torch draws channels at all."""
    draws = training and isinstance(p, (int, float)) and 0 < p < 1
    if draws and not is_empty(input) and len(input) < 2:  # noqa: PLR2004 - batch and channels
        raise ShapeError("to drop channels, the input must have at least two axes", got=f"{len(input)} axes, {input}")


dropout = _Dropout("dropout", BOTH, layer_class=layers.Dropout)
dropout1d = _ChannelDropout("dropout1d", layer_class=layers.Dropout1d)
dropout2d = _ChannelDropout("dropout2d", layer_class=layers.Dropout2d)
dropout3d = _Dropout3d("dropout3d", layer_class=layers.Dropout3d)
alpha_dropout = _AlphaDropout("alpha_dropout", BOTH, layer_class=layers.AlphaDropout)
feature_alpha_dropout = _FeatureAlphaDropout("feature_alpha_dropout", BOTH, layer_class=layers.FeatureAlphaDropout)
