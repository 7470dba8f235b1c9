"""docs/layers.md is what the classes say now, and holds every layer and function."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def script():
    spec = spec_from_file_location("make_layers", DOCS / "make_layers.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(script):
    assert (DOCS / "layers.md").read_text(encoding="utf-8") == script.page(), "run python docs/make_layers.py"


@pytest.mark.parametrize("name", sorted(LAYER_NAMES | FUNCTION_NAMES))
def test_every_class_has_a_row(name):
    assert f"`{name}`" in (DOCS / "layers.md").read_text(encoding="utf-8")


def test_no_rule_is_missing_where_symbols_are_taken(script):
    """A dash stands only where a layer takes no symbols at all."""
    dashes = [line for line in script.page().splitlines() if line.startswith("| `") and f"| {script.DASH} |" in line]
    assert dashes == []
