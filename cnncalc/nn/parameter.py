"""torch.nn.parameter's place."""

from __future__ import annotations

from cnncalc.held import Parameter

__all__ = ["Parameter"]
