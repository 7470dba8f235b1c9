"""The fields of all layers on the way to one cell as bars over the input, each inside the next."""

from __future__ import annotations

from typing import Any

from cnncalc.plots.shapes import add_path, add_title, path_of, whole_ticks
from cnncalc.plots.style import GREY, INK, LINE, new_figure, styled, tidy
from cnncalc.plots.words import Words

#: Above this many layers, only some are named.
MOST_NAMES = 60


def draw_layers(data: dict[str, Any], language: str) -> tuple[Any, list[str]]:
    """A panel for each axis of the input that differs: a bar per layer, first to last, its holes left open."""
    words = Words(language)
    title = words("layers", name=data["of"] or words.plain(words("network")), at=words.cell(data["at"]))
    panels = data["panels"]
    text = [title]
    with styled() as mpl:
        heights = [0.9 + 0.24 * max(3, min(len(panel["rows"]), MOST_NAMES)) for panel in panels]
        figure = new_figure(7.8, 0.7 + sum(heights))
        colors = mpl.colormaps["cividis"]
        all_axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axes, panel in zip(all_axes, panels, strict=True):
            _panel(axes, panel, words, colors)
            text += [f"{_name(row, words)}: {words.number(_extent(row))}" for row in panel["rows"]]
        add_title(figure, all_axes[0], title, "", words)
    return figure, [words.plain(line) for line in text]


def _panel(axes: Any, panel: dict[str, Any], words: Words, colors: Any) -> None:
    """One axis of the input: the layers from top to bottom."""
    rows, n = panel["rows"], panel["length"]
    tidy(axes)
    add_path(axes, path_of([[[0, len(rows) - 1], [0, n - 1]]]), "input", facecolor="none", edgecolor=LINE, linewidth=1, zorder=1)
    for place, row in enumerate(rows):
        # Yellow for the first layer, towards dark blue for the last: lightness orders them too.
        color = colors(0.9 * (1 - place / max(1, len(rows) - 1)))
        bars = [[[place, place], run] for run in row["runs"]]
        corners = path_of(bars)
        corners.vertices[:, 1] += (place - corners.vertices[:, 1]) * 0.28
        add_path(axes, corners, f"layer-{place}", facecolor=color, edgecolor=INK, linewidth=0.3, zorder=3)
        end = row["runs"][-1][1] if row["runs"] else n // 2
        axes.annotate(
            words.number(_extent(row)),
            (end + 0.5, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=GREY,
        )
    every = -(-len(rows) // MOST_NAMES)
    # The last one always; none right before it.
    named = [*range(0, len(rows) - every, every), len(rows) - 1]
    axes.set_yticks(named, [_name(rows[place], words) for place in named])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.5 - 0.02 * n, n - 0.5 + 0.08 * n)
    whole_ticks(axes.xaxis, 0, n - 1, words)
    axes.set_xlabel(words.axis(panel["names"]))


def _name(row: dict[str, Any], words: Words) -> str:
    """A layer's name and class."""
    return f"{row['path']} {row['kind']}".strip() or words("network")


def _extent(row: dict[str, Any]) -> int:
    """Cells from the first to the last."""
    return row["runs"][-1][1] - row["runs"][0][0] + 1 if row["runs"] else 0
