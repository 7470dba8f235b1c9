"""The pictures of docs/receptive-field.md are what the script draws now, and each is shown with words for who can't see it."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

matplotlib = pytest.importorskip("matplotlib")
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script():
    spec = spec_from_file_location("make_pictures", DOCS / "make_pictures.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shapes(svg):
    """How many corners each named shape has: what does not hang on fonts."""
    groups = re.findall(r'<g id="([a-z]+(?:-\d+)?)">\s*<path d="([^"]*)"', svg)
    return {name: path.count("L") for name, path in groups if not name.startswith(("patch", "axes", "figure", "line"))}


def test_the_pictures_are_current(script):
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "pictures").iterdir()}
    drawn = {name: picture.to_svg() for name, picture in script.pictures().items()}
    assert drawn.keys() == kept.keys()
    for name, svg in drawn.items():
        assert shapes(svg)
        assert shapes(svg) == shapes(kept[name]), f"{name}: run python docs/make_pictures.py"
        if matplotlib.__version__ == script.MATPLOTLIB:
            assert svg == kept[name], f"{name}: run python docs/make_pictures.py"


def test_every_picture_is_shown_with_a_text():
    page = (DOCS / "receptive-field.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(pictures/([^)]+)\)", page))
    assert sorted(shown.values()) == sorted(path.name for path in (DOCS / "pictures").iterdir())
    assert all(len(text) > 20 for text in shown)
