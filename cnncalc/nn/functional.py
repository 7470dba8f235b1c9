"""torch.nn.functional's place for the functions of cnncalc: `import cnncalc.nn.functional as F` in place of torch's line."""

from __future__ import annotations

from typing import Any

from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.nn._unknown import unknown


def __getattr__(name: str) -> Any:
    """A function, loaded on first use (PEP 562). Raises UnknownNameError for one that cnncalc does not know."""
    function = named(name) if name in FUNCTION_NAMES else None
    if function is None or "functional" not in function.found_in:
        raise unknown("torch.nn.functional", name, FUNCTION_NAMES)
    globals()[name] = function
    return function


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return sorted(name for name in FUNCTION_NAMES if "functional" in named(name).found_in)
