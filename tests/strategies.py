"""The door to all strategies: cases of every layer class, calls of every function, random networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawing.calls import Case, Sampler, valid_cases, wild_cases
from drawing.layers import SAMPLERS

if TYPE_CHECKING:
    from hypothesis import strategies as st

__all__ = ["SAMPLERS", "Case", "Sampler", "valid", "wild"]


def valid(name: str) -> st.SearchStrategy[Case]:
    """Cases of a layer class that torch accepts."""
    return valid_cases(SAMPLERS[name])


def wild(name: str) -> st.SearchStrategy[Case]:
    """Cases of a layer class over everything a user may write; torch may accept or refuse."""
    return wild_cases(SAMPLERS[name])
