"""The inverse questions: which sizes, which layers, how wide, how deep. Answers are exact and complete, or refused."""

from __future__ import annotations

from cnncalc.solve.valid import ValidSizes, valid_sizes

__all__ = ["ValidSizes", "valid_sizes"]
