"""torch.nn.modules.utils' place: one number made into several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def _several(count: int, value: Any) -> tuple[Any, ...]:
    """A tuple of what is given, or one number repeated."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,) * count


def _single(value: Any) -> tuple[Any, ...]:
    """One."""
    return _several(1, value)


def _pair(value: Any) -> tuple[Any, ...]:
    """Two."""
    return _several(2, value)


def _triple(value: Any) -> tuple[Any, ...]:
    """Three."""
    return _several(3, value)


def _quadruple(value: Any) -> tuple[Any, ...]:
    """Four."""
    return _several(4, value)
