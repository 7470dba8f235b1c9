"""How numbers and shapes are written for people."""

from __future__ import annotations

from typing import Any


def shape_text(shape: Any) -> str:
    """A shape as `1×16×63×63`; several outputs side by side; a dash where there is none."""
    if shape is None:
        return "–"
    if not isinstance(shape, (list, tuple)):
        return str(shape)
    if any(isinstance(item, (list, tuple)) for item in shape):
        return ", ".join(shape_text(item) for item in shape)
    return "×".join(map(_factor, shape)) or "scalar"


def _factor(size: Any) -> str:
    """A size among others: a sum stands in brackets, a floor has its own."""
    text = str(size)
    is_floor = text.startswith("⌊") and text.find("⌋") == len(text) - 1
    return f"({text})" if " " in text and not is_floor else text


def count_text(value: Any) -> str:
    """A count with separators; a formula as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def share_text(part: Any, whole: Any) -> str:
    """A part's share of the whole in percent; nothing where there is none to speak of."""
    if not isinstance(part, int) or not isinstance(whole, int) or not whole or not part:
        return ""
    percent = 100 * part / whole
    text = f"{percent:.1f}%"
    return "<0.1%" if text == "0.0%" else text
