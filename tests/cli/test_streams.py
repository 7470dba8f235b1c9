"""The command in processes of its own: locales, closed and full streams, and what is not installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache

import pytest

NET = "Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)"
IMAGE = ("--input", "1x3x128x128")

#: Stands in front of the command in a new interpreter: a library that is not installed.
BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
sys.argv[0] = "cnncalc"
from cnncalc.cli import main
main()
"""


def started(*arguments, code=None, **options):
    """The command in a process of its own."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "cnncalc"]), *arguments]
    environment = {**os.environ, "COLUMNS": "80", **options.pop("env", {})}
    return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=120, **options)


@cache
def q1_in_persian():
    """What every locale must give."""
    return started("answer", "q1", "--lang", "fa").stdout


def test_a_process_of_its_own_says_the_same():
    assert "شبکهٔ (۱)" in q1_in_persian().decode("utf-8")
    done = started("answer", "q9")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"cnncalc: error: there is no such question; got q9; ask for q1, q2, q3, p1\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_any_locale_gives_utf_8(environment):
    done = started("answer", "q1", "--lang", "fa", env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == q1_in_persian()


def test_standard_input_may_be_closed():
    assert started("answer", "q1", "--lang", "fa", stdin=subprocess.DEVNULL).stdout == q1_in_persian()
    closed = started("list", preexec_fn=lambda: os.close(0))
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_standard_output_may_be_closed():
    assert started("list", preexec_fn=lambda: os.close(1)).stderr == b""
    failed = started("answer", "q9", preexec_fn=lambda: os.close(1))
    assert (failed.returncode, failed.stderr.count(b"\n")) == (2, 1)


def test_standard_error_may_be_closed():
    failed = started("answer", "q9", preexec_fn=lambda: os.close(2))
    assert (failed.returncode, failed.stdout) == (2, b"")


@pytest.mark.parametrize("arguments", [["list"], ["answer", "all"], ["answer", "q9"]])
def test_a_reader_that_leaves_gets_no_traceback(arguments):
    command = subprocess.Popen([sys.executable, "-m", "cnncalc", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    command.stdout.close()
    errors = command.stderr.read()
    command.stderr.close()
    assert command.wait(60) == (2 if "q9" in arguments else 141)
    assert errors.count(b"\n") == ("q9" in arguments)
    assert b"Traceback" not in errors


def test_a_full_disk_is_one_line():
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "cnncalc", "list"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == b"cnncalc: error: the output can't be written; got No space left on device\n"


def test_arguments_that_are_no_text():
    done = started("answer", b"\xff")
    assert done.returncode == 2
    assert done.stderr.startswith(b"cnncalc: error: there is no such question; got \\udcff")


@pytest.mark.parametrize("arguments", [["answer", "q2", "--verify"], ["verify", NET, *IMAGE]])
def test_without_torch_the_extra_is_named(arguments):
    done = started(*arguments, code=BLOCKED.format(names={"torch"}))
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(rb"cnncalc: error: [^\n]*torch[^\n]*pip install [^\n]*cnncalc\[torch\][^\n]*\n", done.stderr)


def test_without_the_bidi_libraries_the_extra_is_named():
    done = started("answer", "q1", "--lang", "fa", "--bidi", "visual", code=BLOCKED.format(names={"bidi", "arabic_reshaper"}))
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(rb"cnncalc: error: [^\n]*pip install [^\n]*cnncalc\[bidi\][^\n]*\n", done.stderr)


def test_without_torch_everything_else_works():
    done = started("answer", "q2", code=BLOCKED.format(names={"torch", "sympy", "numpy"}))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Answer: 36 \xc3\x97 36" in done.stdout
