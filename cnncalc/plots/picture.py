"""A drawn picture: saved as SVG, PNG or HTML, shown in a notebook."""

from __future__ import annotations

from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError
from cnncalc.plots.style import styled

if TYPE_CHECKING:
    from collections.abc import Callable

#: No date and no version: the same data give the same file.
METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
DOTS_PER_INCH = 160

PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }}
body {{ color: #222; background: #fff }}
figure {{ margin: 0 }}
figure svg {{ width: 100%; height: auto }}
</style>
</head>
<body>
<figure role="img" aria-label="{title}">
{svg}
<figcaption>{text}</figcaption>
</figure>
</body>
</html>
"""


class Picture:
    """A figure and what it says in words. `figure` is matplotlib's, to be changed at will before saving."""

    __slots__ = ("figure", "language", "text")

    def __init__(self, figure: Any, text: list[str], language: str) -> None:
        """Keep the parts: the first line of the text is the title."""
        self.figure = figure
        self.text = text
        self.language = language

    def save(self, path: str | Path) -> None:
        """Write a file; its name's ending says what: .svg, .png, or .html, which needs no other file.

        Raises ArgumentError for another ending, and where the file can't be written.
        """
        target = Path(path)
        makers: dict[str, Callable[[], str | bytes]] = {".svg": self.to_svg, ".png": self.to_png, ".html": self.to_html}
        make = makers.get(target.suffix.lower())
        if make is None:
            raise ArgumentError(
                "a picture is saved as .svg, .png or .html", got=repr(target.name[-40:]), remedy="name the file field.svg"
            )
        try:
            made = make()
            target.write_bytes(made if isinstance(made, bytes) else made.encode("utf-8"))
        except (OSError, ValueError) as error:
            raise ArgumentError("the picture can't be written", got=f"{target.name[-40:]!r}: {str(error)[:80]}") from None

    def to_svg(self) -> str:
        """The picture as SVG text, the same for the same data."""
        return self._saved("svg").decode("utf-8")

    def to_png(self) -> bytes:
        """The picture as a PNG of 160 dots per inch."""
        return self._saved("png")

    def to_html(self) -> str:
        """A page with the picture inside it and its figures in words below."""
        svg = self.to_svg()
        return PAGE.format(
            language=self.language,
            direction="rtl" if self.language == "fa" else "ltr",
            title=escape(self.text[0]),
            text="<br>".join(map(escape, self.text[1:])),
            svg=svg[svg.index("<svg") :].rstrip(),
        )

    def _saved(self, kind: str) -> bytes:
        """What matplotlib writes."""
        stream = BytesIO()
        with styled():
            self.figure.savefig(stream, format=kind, metadata={"Title": self.text[0], **METADATA[kind]}, dpi=DOTS_PER_INCH)
        return stream.getvalue()

    def _repr_svg_(self) -> str:
        """For notebooks."""
        return self.to_svg()

    def __repr__(self) -> str:
        """What the picture says."""
        return f"<Picture: {'; '.join(self.text)}>"
