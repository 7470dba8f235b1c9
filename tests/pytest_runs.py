"""Runs of pytest in processes of their own, as a teacher starts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
#: The script beside this interpreter: unlike `python -m pytest` it does not put the current folder on the path.
PYTEST = str(Path(sys.executable).with_name("pytest"))
#: Away from the settings of this repository, and of whoever runs these tests.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHON"))}


def course(folder: Path) -> Path:
    """A teacher's folder: a sheet, and the submissions in a folder beside it."""
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    return folder


def run(folder, *arguments, command=(PYTEST,)):
    """Run pytest in a folder, without a cache; what it printed and its status."""
    words = [*command, "-p", "no:cacheprovider", *arguments]
    return subprocess.run(words, cwd=folder, env=CLEAN, capture_output=True, text=True, check=False, timeout=300)
