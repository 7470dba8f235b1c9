"""The refusal of a name that torch may have and cnncalc does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import UnknownNameError
from cnncalc.layers import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown(place: str, name: str, known: Iterable[str]) -> AttributeError:
    """The error for a name in one of torch's places; a plain AttributeError for what Python itself asks modules for."""
    if name.startswith("__"):
        return AttributeError(name)
    return UnknownNameError(f"{place}.{name} is not known to cnncalc", remedy=did_you_mean(name, known))
