"""torch.nn.parameter's place."""

from __future__ import annotations

from cnncalc.module import Parameter

__all__ = ["Parameter"]
