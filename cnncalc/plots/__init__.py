"""Pictures of receptive fields: plain data in (cnncalc.analyses.pictures), a figure out. Nothing is computed about networks.

Drawn with matplotlib, which the extra `plot` installs and which is imported only when a picture is drawn. Colours are those
of Okabe and Ito, and cividis: both are told apart by colour-blind readers.
"""

from __future__ import annotations

from typing import Any

from cnncalc.plots.picture import Picture


def draw(data: dict[str, Any], *, language: str = "en", image: Any = None) -> Picture:
    """The picture that data from cnncalc.analyses.pictures describe; `image`, a file or an array, lies under a field."""
    from cnncalc.plots.field import draw_field
    from cnncalc.plots.layers import draw_layers
    from cnncalc.plots.paths import draw_paths
    from cnncalc.plots.phases import draw_phases

    if data["kind"] == "field":
        figure, text = draw_field(data, language, image)
    else:
        drawing = {"layers": draw_layers, "paths": draw_paths, "phases": draw_phases}[data["kind"]]
        figure, text = drawing(data, language)
    return Picture(figure, text, language)
