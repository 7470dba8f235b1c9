"""Shapes that pictures are made of: many rectangles as one path, boxes, grids. Cell i lies from i − ½ to i + ½."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.plots.style import GREY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Up to this many cells on an axis, each is seen apart.
SEEN_APART = 64


def outline(first_row: float, last_row: float, first_column: float, last_column: float) -> list[tuple[float, float]]:
    """The corners of a rectangle of cells, around once and closed."""
    top, bottom, left, right = first_row - 0.5, last_row + 0.5, first_column - 0.5, last_column + 0.5
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def path_of(rectangles: Iterable[Sequence[Sequence[int]]], around: list[tuple[float, float]] | None = None) -> Any:
    """Rectangles as one path; with `around`, what is left of it when they are cut out."""
    from matplotlib.path import Path

    corners: list[tuple[float, float]] = []
    codes: list[Any] = []
    closed = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    if around:
        # The other way around: a renderer that fills where a path winds leaves the rectangles open.
        corners += around[::-1]
        codes += closed
    for (first_row, last_row), (first_column, last_column) in rectangles:
        corners += outline(first_row, last_row, first_column, last_column)
        codes += closed
    return Path(corners, codes) if corners else Path([(0.0, 0.0)], [Path.MOVETO])


def add_path(axes: Any, path: Any, name: str, **looks: Any) -> None:
    """Draw a path; `name` is its identifier in an SVG, and how tests find it."""
    from matplotlib.patches import PathPatch

    patch = PathPatch(path, **looks)
    patch.set_gid(name)
    axes.add_patch(patch)


def add_grid(axes: Any, rows: int, columns: int, color: str) -> None:
    """Lines between cells."""
    from matplotlib.collections import LineCollection

    lines = [[(column - 0.5, -0.5), (column - 0.5, rows - 0.5)] for column in range(columns + 1)]
    lines += [[(-0.5, row - 0.5), (columns - 0.5, row - 0.5)] for row in range(rows + 1)]
    axes.add_collection(LineCollection(lines, colors=color, linewidths=0.6, zorder=4))


def whole_ticks(axis: Any, first: int, last: int, words: Any) -> None:
    """A few ticks at whole cells from the first to the last, in the language's digits."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(7, integer=True, steps=[1, 2, 4, 5, 8, 10]).tick_values(first, max(last, first + 1))
    kept = [round(tick) for tick in found if first <= tick <= last]
    axis.set_ticks(kept, [words.number(tick) for tick in kept])


def add_title(figure: Any, axes: Any, title: str, below: str, words: Any) -> None:
    """A title and a line below it, both where the axes begin: on the right for a right-to-left language."""
    side = "right" if words.is_right_to_left else "left"
    axes.set_title(below, loc=side, fontsize=10, fontweight="normal", color=GREY, pad=8)
    figure.suptitle(title, fontsize=12, fontweight="bold", ha=side)
    figure.draw_without_rendering()
    # Laid out once: another layout at each saving would move everything by a hair.
    figure.set_layout_engine("none")
    place = axes.get_position()
    figure._suptitle.set_x(place.x1 if words.is_right_to_left else place.x0)


def add_legend(figure: Any, handles: list[Any], words: Any, columns: int) -> None:
    """What colours and lines mean, below the axes, in the language's direction."""
    looks = {"ncols": columns, "handlelength": 1.4, "columnspacing": 1.6, "markerfirst": not words.is_right_to_left}
    if words.is_right_to_left:
        figure.legend(handles=handles[::-1], loc="outside lower right", **looks)
    else:
        figure.legend(handles=handles, loc="outside lower left", **looks)
