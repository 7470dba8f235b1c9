"""torch.nn.modules.batchnorm's place."""

from __future__ import annotations

from cnncalc.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, _BatchNorm

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "_BatchNorm"]
