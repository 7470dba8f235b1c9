"""The wheel in an empty environment: it answers questions without torch and puts nothing beside its own package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("cnncalc", "answers", "pyproject.toml", "README.md", "LICENSE")


def run(*command, cwd=None):
    """A command that must succeed, outside of the checkout; its standard output."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_"))}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the sources, so that the checkout stays clean."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, sources / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", target, sources)
    (path,) = target.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A new environment with the wheel and what it asks for, nothing else: the folder of its commands, and of its packages."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (packages,) = (folder / "lib").glob("python3.*/site-packages")
    run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", wheel)
    return folder / "bin", packages


@pytest.fixture(scope="module")
def command(installed, tmp_path_factory):
    """Run the installed command somewhere else than in the checkout."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    return lambda *arguments: run(installed[0] / "cnncalc", *arguments, cwd=elsewhere)


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"cnncalc/{path.relative_to(ROOT / 'cnncalc').as_posix()}" for path in (ROOT / "cnncalc").rglob("*.py")}
    expected |= {
        f"cnncalc/answers/{path.name}" for path in (ROOT / "answers").iterdir() if path.suffix in {".toml", ".json", ".py"}
    }
    assert expected | {"cnncalc/py.typed"} <= names
    assert {name.split("/")[0] for name in names if not name.split("/")[0].endswith(".dist-info")} == {"cnncalc"}


def test_it_answers(command):
    out = command("answer", "q2")
    assert "  Answer: 16 × 63 × 63\n" in out
    assert "  Answer: 36 × 36\n" in out
    assert "Last recorded check: torch " in out.replace("\n", " ")


def test_it_answers_everything_in_both_languages(command):
    for language in ("en", "fa"):
        data = json.loads(command("answer", "all", "--lang", language, "--format", "json"))
        assert [question["question"] for question in data["questions"]] == ["q1", "q2", "q3", "p1"]


def test_it_works_out_networks(command):
    assert "25,557,032" in command("summary", "resnet50", "--input", "1x3x224x224")
    assert "⌈H/32⌉" in command("summary", "resnet50", "--input", "Nx3xHxW")
    assert "427×427" in command("rf", "resnet50", "--input", "1x3x224x224", "--of", "layer4")
    assert command("--version").startswith("cnncalc ")


def test_nothing_heavy_comes_with_it_and_nothing_stands_beside_it(installed):
    _, packages = installed
    found = {path.name for path in packages.iterdir()}
    assert (packages / "cnncalc" / "py.typed").is_file()
    assert not any(
        name.split("-")[0].split(".")[0] in {"answers", "torch", "sympy", "numpy", "tests", "benchmarks"} for name in found
    )


def test_a_type_checker_sees_the_public_names(installed):
    code = "import cnncalc, importlib.resources as r; print((r.files('cnncalc') / 'py.typed').is_file(), cnncalc.Conv2d.__name__)"
    assert run(installed[0] / "python", "-c", code, cwd=installed[0]) == "True Conv2d\n"
