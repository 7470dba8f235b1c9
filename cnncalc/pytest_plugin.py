"""The pytest plugin: grades submissions against a sheet, and gives engineers assertions on their networks.

    pytest hw3.toml --cnncalc-submissions=DIR --cnncalc-report=csv:grades.csv

collects the sheet, an item for each ask and submission: `hw3.toml::s001::q2.4.rf`. Nothing in the submissions is ever
collected or imported. pytest loads this file in every run of whoever has cnncalc installed, so it imports nothing but
pytest until it is used.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of grading. Write them with "=": pytest takes a word of its own for a path to look for its settings at."""
    group = parser.getgroup("cnncalc", "grading submissions against a sheet of cnncalc")
    group.addoption(
        "--cnncalc-submissions",
        action="append",
        default=[],
        metavar="PATH",
        help="submissions: a file or a folder of them, read as text and never collected; may be given several times",
    )
    group.addoption(
        "--cnncalc-report",
        action="append",
        default=[],
        metavar="FORMAT:PATH",
        help="write a report at the end, also of an interrupted run: csv:grades.csv, json:…, gradescope:…, junit:…, html:…",
    )
    group.addoption("--cnncalc-release", action="store_true", help="let feedback name the right answers")
    group.addoption(
        "--cnncalc-secret-file",
        metavar="PATH",
        help="the course's secret: each variant must be the one that was dealt to its student",
    )
    group.addoption("--cnncalc-lang", choices=["en", "fa"], default="en", help="the language of feedback (default: en)")
    group.addoption("--cnncalc-check", action="store_true", help="check the sheet itself, an item for each question")


def _submissions(options: Any) -> list[Path]:
    """Where submissions lie, resolved; links in the way are followed here, so that none leads around a check."""
    return [Path(path).resolve() for path in getattr(options, "cnncalc_submissions", None) or ()]


def _is_among(path: Path, submissions: list[Path]) -> bool:
    """Whether a path is one of the submissions, or inside their folder."""
    resolved = path.resolve()
    return any(resolved == folder or folder in resolved.parents for folder in submissions)


# -- keeping away from what was handed in -------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """A run that grades loads no conftest, takes no settings from the submissions, and imports nothing from there."""
    submissions = _submissions(early_config.known_args_namespace)
    if not submissions:
        return
    early_config.known_args_namespace.noconftest = True
    early_config.option.noconftest = True
    if early_config.inipath is not None and _is_among(early_config.inipath, submissions):
        raise pytest.UsageError(
            f"cnncalc: pytest has taken its settings from the submissions ({early_config.inipath.name}); "
            "write --cnncalc-submissions=PATH with the =, and stand in another folder"
        )
    sys.path[:] = [entry for entry in sys.path if not _is_among(Path(entry or "."), submissions)]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to collect the submissions themselves; get ready to grade."""
    submissions = _submissions(config.option)
    if not submissions:
        if config.option.cnncalc_report:
            raise pytest.UsageError("cnncalc: --cnncalc-report goes with --cnncalc-submissions=PATH")
        return
    for argument in config.args:
        if _is_among(Path(str(argument).partition("::")[0]), submissions):
            raise pytest.UsageError(
                f"cnncalc: {argument} is among the submissions; name the sheet, and let it lie in another folder"
            )
    from cnncalc.pytest_grading import GradingRun

    config.pluginmanager.register(GradingRun(config), "cnncalc-grading")


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing among the submissions is ever collected."""
    submissions = _submissions(config.option)
    return True if submissions and _is_among(collection_path, submissions) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A sheet, in a run that grades or checks."""
    option = parent.config.option
    if file_path.suffix != ".toml" or not (option.cnncalc_submissions or option.cnncalc_check):
        return None
    from cnncalc.sheets.sniffing import is_sheet

    if not is_sheet(file_path):
        return None
    from cnncalc.pytest_items import SheetFile

    root = parent.config.rootpath
    # A sheet outside of the root, as in a run with settings of its own, goes by its name.
    nodeid = file_path.relative_to(root).as_posix() if file_path.is_relative_to(root) else file_path.name
    made: pytest.Collector = SheetFile.from_parent(parent, path=file_path, nodeid=nodeid)
    return made


# -- for engineers ------------------------------------------------------------------------------------------------


@pytest.fixture
def assert_shape() -> Callable[..., None]:
    """`assert_shape(model, (1, 3, 224, 224), (1, 1000))`: see cnncalc.testing."""
    from cnncalc.testing import assert_shape as assertion

    return assertion


@pytest.fixture
def assert_field() -> Callable[..., None]:
    """`assert_field(model, 483)`: see cnncalc.testing."""
    from cnncalc.testing import assert_field as assertion

    return assertion


@pytest.fixture
def assert_params() -> Callable[..., None]:
    """`assert_params(model, max=5_000_000)`: see cnncalc.testing."""
    from cnncalc.testing import assert_params as assertion

    return assertion


@pytest.fixture
def assert_same_architecture() -> Callable[..., None]:
    """`assert_same_architecture(a, b)`: see cnncalc.testing."""
    from cnncalc.testing import assert_same_architecture as assertion

    return assertion
