"""Panels over the input's grid, which the field and the heat map share: their size, limits, ticks and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.plots.shapes import whole_ticks

if TYPE_CHECKING:
    from cnncalc.plots.words import Words

#: The longer side of a panel, in inches.
SIDE = 5.2
#: A panel's shorter side is at least this.
NARROWEST = 1.3


def inches(panel: dict[str, Any], *, alone: bool) -> tuple[float, float]:
    """Width and height of a panel; one of several is smaller."""
    if len(panel["lengths"]) == 1:
        return 1.5 * SIDE, 0.6
    height, width = panel["lengths"]
    scale = (SIDE if alone else 0.6 * SIDE) / max(height, width)
    return max(NARROWEST, width * scale), max(NARROWEST, height * scale)


def frame(axes: Any, panel: dict[str, Any], words: Words) -> None:
    """Limits around the input and the field, ticks, names of the axes."""
    rows, columns = panel["lengths"]
    spans = [[0, rows - 1], [0, columns - 1]]
    if panel.get("unclipped") is not None:
        spans = [[min(a, c), max(b, d)] for (a, b), (c, d) in zip(spans, panel["unclipped"], strict=True)]
    (top, bottom), (left, right) = spans
    margin = 0.5 + 0.03 * max(bottom - top + 1, right - left + 1)
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom + (margin if rows > 1 else 1), top - (margin if rows > 1 else 1))
    if rows > 1:
        axes.set_aspect("equal")
        whole_ticks(axes.yaxis, 0, rows - 1, words)
        axes.set_ylabel(words.axis(panel["names"][:1]))
    else:
        axes.set_yticks([])
    whole_ticks(axes.xaxis, 0, columns - 1, words)
    axes.set_xlabel(words.axis(panel["names"][1:]))
    for spine in axes.spines.values():
        spine.set_visible(False)
