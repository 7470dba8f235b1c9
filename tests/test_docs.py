"""The commands in README and docs print what the pages say. Python examples run as doctests."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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
def test_a_command_prints_what_the_page_shows(command, output):
    name, *arguments = shlex.split(command)
    assert name == "cnncalc"
    done = subprocess.run([sys.executable, "-m", "cnncalc", *arguments], capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert doctest.OutputChecker().check_output(output, printed, doctest.ELLIPSIS), printed


def test_every_page_is_linked_from_the_readme():
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []
