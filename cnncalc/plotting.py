"""Pictures of a network's receptive fields: their data worked out, then drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.pictures import PICTURES
from cnncalc.errors import ArgumentError
from cnncalc.layers import did_you_mean
from cnncalc.plots.words import WORDS

if TYPE_CHECKING:
    from cnncalc.module import Module
    from cnncalc.plots.picture import Picture


def plot_field(
    network: Module,
    *shapes: Any,
    kind: str = "field",
    at: Any = None,
    of: str | None = None,
    wrt: int = 0,
    image: Any = None,
    language: str = "en",
) -> Picture:
    """A picture of the receptive field of the output, or of the row named `of`, at a cell: the one in the middle by default.

    `kind` is "field", the exact cells over the input's grid, holes and borders included, or over `image`, the file of a
    picture; "layers", the fields of all layers on the way, each inside the next; "paths", how many paths lead from each
    cell, a heat map; "phases", the fields of neighbouring cells, which up-sampling makes differ. `language` is "en" or
    "fa". Save it with `.save("field.svg")`: SVG, PNG or HTML.

    Raises ArgumentError for a kind, a row, a cell or a language that does not exist, UnsupportedError where sizes are
    symbols, MissingExtraError without the extra `plot`.
    """
    if kind not in PICTURES:
        known = ", ".join(PICTURES)
        raise ArgumentError(f"a picture is one of {known}", got=f"{kind!r:.40}", remedy=did_you_mean(str(kind), PICTURES))
    if language not in WORDS:
        raise ArgumentError(f"the language is one of {', '.join(WORDS)}", got=f"{language!r:.40}")
    if image is not None and kind != "field":
        raise ArgumentError("only the picture of one field lies over an image", got=f"kind={kind!r}", remedy='kind="field"')
    from cnncalc.plots import draw

    data = PICTURES[kind](network, *shapes, at=at, of=of, wrt=wrt)
    return draw(data, language=language, image=image)
