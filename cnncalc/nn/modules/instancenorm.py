"""torch.nn.modules.instancenorm's place."""

from __future__ import annotations

from cnncalc.layers.instance_normalization import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, _InstanceNorm

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "_InstanceNorm"]
