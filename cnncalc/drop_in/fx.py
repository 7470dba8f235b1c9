"""torch.fx's place: only `wrap`, which sources use to mark a function."""

from __future__ import annotations

from typing import Any


def wrap(fn_or_name: Any) -> Any:
    """What is given: nothing is traced by torch."""
    return fn_or_name


__all__ = ["wrap"]
