"""torch.cuda's place: there is no such device here, and nothing depends on it."""

from __future__ import annotations

from cnncalc.drop_in import amp

__all__ = ["amp", "device_count", "is_available"]


def is_available() -> bool:
    """No."""
    return False


def device_count() -> int:
    """None."""
    return 0
