"""The inverse questions: which sizes, which layers, how wide, how deep. Answers are exact and complete, or refused.

Each question's file is loaded when it is first asked.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.solve.answers import Answers as Answers
    from cnncalc.solve.budgets import Widest as Widest
    from cnncalc.solve.budgets import depth_for_field as depth_for_field
    from cnncalc.solve.budgets import widest as widest
    from cnncalc.solve.chains import Chain as Chain
    from cnncalc.solve.chains import Reaching as Reaching
    from cnncalc.solve.chains import ShortestChains as ShortestChains
    from cnncalc.solve.chains import fewest_layers as fewest_layers
    from cnncalc.solve.chains import for_field as for_field
    from cnncalc.solve.inputs import input_sizes as input_sizes
    from cnncalc.solve.valid import ValidSizes as ValidSizes
    from cnncalc.solve.valid import valid_sizes as valid_sizes
    from cnncalc.solve.windows import SamePadding as SamePadding
    from cnncalc.solve.windows import WindowArguments as WindowArguments
    from cnncalc.solve.windows import layers as layers
    from cnncalc.solve.windows import same_padding as same_padding
    from cnncalc.solve.windows import undo as undo

_PLACES: dict[str, tuple[str, ...]] = {
    "answers": ("Answers",),
    "budgets": ("Widest", "depth_for_field", "widest"),
    "chains": ("Chain", "Reaching", "ShortestChains", "fewest_layers", "for_field"),
    "inputs": ("input_sizes",),
    "valid": ("ValidSizes", "valid_sizes"),
    "windows": ("SamePadding", "WindowArguments", "layers", "same_padding", "undo"),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}
__all__ = sorted(_PLACE_OF)  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """Load a question's file on first use (PEP 562)."""
    place = _PLACE_OF.get(name)
    if place is None:
        raise AttributeError(f"module 'cnncalc.solve' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"cnncalc.solve.{place}"), name)
    return found


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return __all__
