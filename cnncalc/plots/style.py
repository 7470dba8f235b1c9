"""How all pictures look: colours, fonts, lines, and matplotlib set so that the same data give the same file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnncalc.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

# The palette of Okabe and Ito, Color Universal Design, 2008.
BLUE, ORANGE, VERMILLION = "#0072B2", "#E69F00", "#D55E00"
INK, GREY, LINE, GROUND = "#222222", "#6B6B6B", "#C9CCD1", "#F3F4F6"

SETTINGS: dict[str, Any] = {
    # Comes with matplotlib and has Arabic letters: text looks the same everywhere.
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "text.color": INK,
    # A dollar sign in a layer's name is a dollar sign.
    "text.parse_math": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Letters as outlines: readers without the font see the same picture.
    "svg.fonttype": "path",
    # Identifiers in an SVG are hashed with this, not with a random number.
    "svg.hashsalt": "cnncalc",
}


@contextmanager
def styled() -> Iterator[Any]:
    """Matplotlib under our settings. Raises MissingExtraError where it is not installed."""
    try:
        import matplotlib as mpl
    except ImportError:
        raise MissingExtraError(
            "drawing a picture needs matplotlib", remedy='install it with pip install "cnncalc[plot]"'
        ) from None
    with mpl.rc_context(SETTINGS):
        yield mpl


def new_figure(width: float, height: float) -> Any:
    """A figure of its own, in inches: no global state, no window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def tidy(axes: Any) -> None:
    """Leave out the lines that show nothing."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
