"""How many paths lead from each input cell to one cell of the output: a heat map, the centre brightest as a rule."""

from __future__ import annotations

from typing import Any

from cnncalc.plots.panels import frame, inches
from cnncalc.plots.shapes import add_path, add_title, path_of
from cnncalc.plots.style import GROUND, INK, new_figure, styled
from cnncalc.plots.words import Words


def draw_paths(data: dict[str, Any], language: str) -> tuple[Any, list[str]]:
    """A panel for each pair of axes; cells without a path are left grey."""
    words = Words(language)
    title = words("paths", name=data["of"] or words.plain(words("network")), at=words.cell(data["at"]))
    below = words("half", half=data["half"], count=data["count"]) if data["count"] else words("empty")
    panels = data["panels"]
    with styled() as mpl:
        sizes = [inches(panel, alone=len(panels) == 1) for panel in panels]
        width = sum(wide for wide, _ in sizes) + 0.9 * len(sizes) + 0.8
        figure = new_figure(max(5.6, width), max(high for _, high in sizes) + (1.5 if len(panels[0]["lengths"]) > 1 else 2))
        all_axes = figure.subplots(1, len(sizes), squeeze=False, width_ratios=[wide for wide, _ in sizes])[0]
        colors = mpl.colormaps["cividis"].with_extremes(bad=GROUND)
        for axes, panel in zip(all_axes, panels, strict=True):
            shown = _panel(axes, panel, words, colors)
        side = "bottom" if len(panels[0]["lengths"]) == 1 else "right"
        bar = figure.colorbar(shown, ax=list(all_axes), location=side, shrink=0.8, aspect=30, pad=0.02, label=words("part"))
        bar.outline.set_visible(False)
        bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=[words.digits(f"{part:g}") for part in (0, 0.25, 0.5, 0.75, 1)])
        add_title(figure, all_axes[-1 if words.is_right_to_left else 0], title, below, words)
    return figure, [words.plain(line) for line in (title, below)]


def _panel(axes: Any, panel: dict[str, Any], words: Words, colors: Any) -> Any:
    """One pair of axes, or one axis as a single row."""
    from matplotlib.colors import Normalize

    rows, columns = (1, *panel["lengths"])[-2:]
    # Not a number is what a colour map leaves out.
    weights = [[part or float("nan") for part in row] for row in panel["weights"]]
    extent = (-0.5, columns - 0.5, rows - 0.5, -0.5)
    shown = axes.imshow(weights, cmap=colors, norm=Normalize(0, 1), extent=extent, aspect="auto", interpolation="nearest")
    shown.set_gid("paths")
    add_path(axes, path_of([[[0, rows - 1], [0, columns - 1]]]), "edge", facecolor="none", edgecolor=INK, linewidth=1.2, zorder=5)
    frame(axes, {"names": ["", *panel["names"]][-2:], "lengths": [rows, columns]}, words)
    return shown
