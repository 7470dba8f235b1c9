"""torch.utils' place: checkpoints."""

from __future__ import annotations

from cnncalc.drop_in.utils import checkpoint

__all__ = ["checkpoint"]
