"""The commands in README and docs print what the pages say. Python examples run as doctests."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_runs import CLEAN, PYTEST, course

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples():
    """Each command of each console block, with the output that the page shows."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield pytest.param(command, output, id=f"{page.name}: {command[:50]}")


@pytest.mark.parametrize(("command", "output"), list(examples()))
def test_a_command_prints_what_the_page_shows(command, output, tmp_path):
    name, *arguments = shlex.split(command)
    starts = {"cnncalc": [sys.executable, "-m", "cnncalc"], "pytest": [PYTEST, "-p", "no:cacheprovider"]}
    # In a copy of docs/examples, as docs/teaching.md says.
    folder = course(tmp_path)
    (folder / "secret.txt").write_text("a secret of at least sixteen characters")
    done = subprocess.run([*starts[name], *arguments], cwd=folder, env=CLEAN, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert doctest.OutputChecker().check_output(output, printed, doctest.ELLIPSIS), printed


def test_every_page_is_linked_from_the_readme():
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []


@pytest.mark.parametrize("name", ["quiz.toml", "submissions/s002.toml"])
def test_the_page_for_teachers_shows_the_files_that_are_used(name):
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert f"```toml\n{(ROOT / 'docs' / 'examples' / name).read_text(encoding='utf-8')}```" in page
