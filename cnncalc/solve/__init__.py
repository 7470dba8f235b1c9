"""The inverse questions: which sizes, which layers, how wide, how deep. Answers are exact and complete, or refused."""

from __future__ import annotations

from cnncalc.solve.answers import Answers
from cnncalc.solve.budgets import Widest, depth_for_field, widest
from cnncalc.solve.chains import Chain, Reaching, ShortestChains, fewest_layers, for_field
from cnncalc.solve.inputs import input_sizes
from cnncalc.solve.valid import ValidSizes, valid_sizes
from cnncalc.solve.windows import SamePadding, WindowArguments, layers, same_padding, undo

__all__ = [
    "Answers",
    "Chain",
    "Reaching",
    "SamePadding",
    "ShortestChains",
    "ValidSizes",
    "Widest",
    "WindowArguments",
    "depth_for_field",
    "fewest_layers",
    "for_field",
    "input_sizes",
    "layers",
    "same_padding",
    "undo",
    "valid_sizes",
    "widest",
]
