"""The field of one cell over the input's grid, or over a user's own picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnncalc.errors import ArgumentError
from cnncalc.plots.panels import frame, inches
from cnncalc.plots.shapes import SEEN_APART, add_grid, add_legend, add_path, add_title, outline, path_of
from cnncalc.plots.style import BLUE, GROUND, INK, LINE, VERMILLION, new_figure, styled
from cnncalc.plots.words import Words


def draw_field(data: dict[str, Any], language: str, image: Any = None) -> tuple[Any, list[str]]:
    """A panel for each pair of axes: the cells that are read, the field without borders, the edge of the input."""
    words = Words(language)
    background = None if image is None else _pixels(image)
    title = words("field", name=data["of"] or words.plain(words("network")), at=words.cell(data["at"]))
    text = [title, _in_words(data, words)]
    with styled():
        sizes = [inches(panel, alone=len(data["panels"]) == 1) for panel in data["panels"]]
        width = sum(wide for wide, _ in sizes) + 0.9 * len(sizes)
        figure = new_figure(max(5.6, width), max(high for _, high in sizes) + 1.7)
        all_axes = figure.subplots(1, len(sizes), squeeze=False, width_ratios=[wide for wide, _ in sizes])[0]
        for axes, panel in zip(all_axes, data["panels"], strict=True):
            _panel(axes, _as_two(panel), words, background)
        handles = _legend(data, words, over_image=background is not None)
        add_legend(figure, handles, words, len(handles))
        add_title(figure, all_axes[-1 if words.is_right_to_left else 0], title, text[1], words)
    return figure, [words.plain(line) for line in text]


def _in_words(data: dict[str, Any], words: Words) -> str:
    """How large the field is and how many cells it reads."""
    if not data["count"]:
        return words("empty")
    boxes = [panel["box"] for panel in data["panels"]]
    spans: dict[str, int] = {}
    for panel, box in zip(data["panels"], boxes, strict=True):
        spans |= {name: last - first + 1 for name, (first, last) in zip(panel["names"], box, strict=True)}
    order = _in_order(spans)
    return words("extent", box=words.product([spans[name] for name in order]), count=words.number(data["count"]))


def _in_order(names: dict[str, int]) -> list[str]:
    """Names of axes as torch orders them."""
    known: list[str] = [name for name in ("depth", "height", "width") if name in names]
    return known or list(names)


def _as_two(panel: dict[str, Any]) -> dict[str, Any]:
    """A panel of one axis as one of two, a single row high."""
    if len(panel["names"]) > 1:
        return panel
    return {
        "names": ["", *panel["names"]],
        "lengths": [1, *panel["lengths"]],
        "rectangles": [[[0, 0], *spans] for spans in panel["rectangles"]],
        "unclipped": panel["unclipped"] and [[0, 0], *panel["unclipped"]],
    }


def _panel(axes: Any, panel: dict[str, Any], words: Words, background: Any) -> None:
    """One pair of axes."""
    rows, columns = panel["lengths"]
    edge = outline(0, rows - 1, 0, columns - 1)
    if background is None:
        add_path(axes, path_of([[[0, rows - 1], [0, columns - 1]]]), "input", facecolor=GROUND, edgecolor=LINE, linewidth=1)
        add_path(axes, path_of(panel["rectangles"]), "cells", facecolor=BLUE, edgecolor="none", linewidth=0, zorder=3)
        if max(rows, columns) <= SEEN_APART:
            add_grid(axes, rows, columns, "white")
    else:
        axes.imshow(background, extent=(-0.5, columns - 0.5, rows - 0.5, -0.5), interpolation="nearest", zorder=1)
        add_path(axes, path_of(panel["rectangles"], edge), "veil", facecolor="white", edgecolor="none", alpha=0.72, zorder=2)
        add_path(axes, path_of(panel["rectangles"]), "cells", facecolor="none", edgecolor=BLUE, linewidth=1.2, zorder=3)
    add_path(axes, path_of([[[0, rows - 1], [0, columns - 1]]]), "edge", facecolor="none", edgecolor=INK, linewidth=1.2, zorder=5)
    if panel["unclipped"] is not None:
        looks = {"facecolor": "none", "edgecolor": VERMILLION, "linewidth": 1.6, "linestyle": (0, (4, 2)), "zorder": 6}
        add_path(axes, path_of([panel["unclipped"]]), "unclipped", **looks)
    frame(axes, panel, words)


def _legend(data: dict[str, Any], words: Words, *, over_image: bool) -> list[Any]:
    """What the colours and lines mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    read: dict[str, Any] = {"facecolor": "none", "edgecolor": BLUE} if over_image else {"facecolor": BLUE, "edgecolor": "none"}
    lengths = {name: n for panel in data["panels"] for name, n in zip(panel["names"], panel["lengths"], strict=True)}
    size = words.product([lengths[name] for name in _in_order(lengths)])
    shown: list[Any] = [Patch(**read, label=words("read"))]
    shown.append(Patch(facecolor=GROUND, edgecolor=INK, label=words("image", lengths=size)))
    if all(panel["unclipped"] is not None for panel in data["panels"]):
        spans = {
            name: last - first + 1
            for panel in data["panels"]
            for name, (first, last) in zip(panel["names"], panel["unclipped"], strict=True)
        }
        size = words.product([spans[name] for name in _in_order(spans)])
        shown.append(Line2D([], [], color=VERMILLION, linewidth=1.6, linestyle=(0, (2, 1)), label=words("unclipped", size=size)))
    return shown


def _pixels(image: Any) -> Any:
    """A user's picture: the file of one, or an array that matplotlib can show. Raises ArgumentError for anything else."""
    if not isinstance(image, (str, Path)):
        return image
    from PIL import Image

    try:
        with Image.open(image) as opened:
            opened.thumbnail((2048, 2048))
            return opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ArgumentError(
            "the picture can't be read", got=f"{Path(image).name[-60:]!r}: {str(error)[:80]}", remedy="give a PNG or JPEG file"
        ) from None
