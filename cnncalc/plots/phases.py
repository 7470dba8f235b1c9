"""The fields of neighbouring output cells, which up-sampling makes differ from phase to phase."""

from __future__ import annotations

from typing import Any

from cnncalc.plots.shapes import add_legend, add_path, add_title, path_of, whole_ticks
from cnncalc.plots.style import BLUE, GREY, INK, ORANGE, VERMILLION, new_figure, styled, tidy
from cnncalc.plots.words import Words

#: Of more sizes than this, the legend shows the smallest, the one in the middle and the largest.
MOST_SIZES = 6


def draw_phases(data: dict[str, Any], language: str) -> tuple[Any, list[str]]:
    """A bar for each output cell, coloured by the size of its field."""
    words = Words(language)
    title = words("phases", name=data["of"] or words.plain(words("network")))
    (panel,) = data["panels"]
    rows = panel["rows"]
    sizes = sorted({row["size"] for row in rows})
    with styled() as mpl:
        figure = new_figure(7.8, 1.7 + 0.2 * max(4, len(rows)))
        axes = figure.subplots()
        tidy(axes)
        colors = _colors(sizes, mpl)
        for place, row in enumerate(rows):
            bars = path_of([[[place, place], run] for run in row["runs"]])
            bars.vertices[:, 1] += (place - bars.vertices[:, 1]) * 0.28
            add_path(axes, bars, f"cell-{row['cell']}", facecolor=colors[row["size"]], edgecolor="none", linewidth=0, zorder=3)
            if row["runs"]:
                axes.annotate(
                    words.number(row["size"]),
                    (row["runs"][-1][1] + 0.5, place),
                    (4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    color=GREY,
                )
        _frame(axes, rows, panel, words)
        handles = _legend(sizes, colors, words)
        add_legend(figure, handles, words, len(handles))
        add_title(figure, axes, title, "", words)
    text = [title, *(words("size_of", size=size) for size in sizes)]
    return figure, [words.plain(line) for line in text]


def _frame(axes: Any, rows: list[dict[str, Any]], panel: dict[str, Any], words: Words) -> None:
    """Limits, ticks and names."""
    ends = [end for row in rows for run in row["runs"] for end in run] or [0, panel["length"] - 1]
    width = max(ends) - min(ends) + 1
    axes.set_xlim(min(ends) - 0.5 - 0.02 * width, max(ends) + 0.5 + 0.08 * width)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [words.number(row["cell"]) for row in rows])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
    axes.set_ylabel(words("cell"))
    whole_ticks(axes.xaxis, min(ends), max(ends), words)
    axes.set_xlabel(words.axis(panel["names"]))


def _colors(sizes: list[int], mpl: Any) -> dict[int, Any]:
    """A colour for each size: named ones while they are few."""
    few = (BLUE, ORANGE, VERMILLION)
    if len(sizes) <= len(few):
        return dict(zip(sizes, few, strict=False))
    shades = mpl.colormaps["cividis"]
    return {size: shades(index / (len(sizes) - 1)) for index, size in enumerate(sizes)}


def _legend(sizes: list[int], colors: dict[int, Any], words: Words) -> list[Any]:
    """The sizes and their colours."""
    from matplotlib.patches import Patch

    shown = sizes if len(sizes) <= MOST_SIZES else [sizes[0], sizes[len(sizes) // 2], sizes[-1]]
    return [Patch(facecolor=colors[size], label=words("size_of", size=size)) for size in shown]
