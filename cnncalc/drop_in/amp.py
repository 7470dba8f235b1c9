"""torch.amp's place: the type of numbers changes no shape and no count."""

from __future__ import annotations

from typing import Any

from cnncalc.drop_in.settings import autocast

__all__ = ["autocast", "custom_bwd", "custom_fwd"]


def custom_fwd(fwd: Any = None, **_: Any) -> Any:
    """The function as it is."""
    return (lambda given: given) if fwd is None else fwd


custom_bwd = custom_fwd
