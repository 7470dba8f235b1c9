"""The catalogue of named architectures: what it names, and how it is loaded."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import pytest

from cnncalc import zoo
from cnncalc.zoo import ARCHITECTURES, CATALOGUE


def test_the_catalogue_names_every_public_function_of_every_file():
    files = {module.name.removeprefix("_"): f"cnncalc.zoo.{module.name}" for module in pkgutil.iter_modules(zoo.__path__)}
    assert {file for file, path in files.items() if path.rpartition(".")[2].startswith("_")} == set(CATALOGUE)
    for family, names in CATALOGUE.items():
        module = importlib.import_module(files[family])
        for name in names:
            assert getattr(module, name).__module__ == module.__name__
            assert inspect.isfunction(getattr(module, name))


def test_names_are_loaded_on_first_use():
    assert zoo.resnet18 is ARCHITECTURES["resnet18"]
    assert sorted(zoo.__all__) == sorted(ARCHITECTURES)
    with pytest.raises(AttributeError, match="has no attribute 'resnet19'"):
        zoo.resnet19  # noqa: B018 - the attribute is what is tried
    assert "resnet19" not in ARCHITECTURES
    assert 3 not in ARCHITECTURES


@pytest.mark.parametrize("family", CATALOGUE)
def test_each_says_where_it_comes_from(family):
    source = importlib.import_module(f"cnncalc.zoo._{family}").__doc__
    assert re.search(r"Source: .*(arXiv:|doi:)", source, re.DOTALL)
