"""Every layer class over many random cases, each class in a process of its own: the deep run before a release.

    CNNCALC_PROFILE=deep python tests/deep_run.py --seed 3 > deep.txt

A call that takes torch's own process down must not end the run. A line is printed for each class, with what pytest said
where a property did not pass; the last line says how many cases passed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROPERTIES = (
    "test_shapes_and_refusals_are_torchs",
    "test_valid_calls_agree_in_everything",
    "test_symbolic_sizes_give_the_same_numbers_and_conditions",
)
#: How Hypothesis's statistics tell how many examples of a phase passed.
PASSED = re.compile(r"generate phase.*?(\d+) passing", re.DOTALL)


def outcome(name: str, seed: int) -> tuple[int, str]:
    """Pytest's exit status, or the negative signal, and its output, for one class."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        tests = [f"tests/test_every_layer.py::{test}[{name}]" for test in PROPERTIES]
        options = [
            "-q",
            "-n0",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore:Module already imported",
            f"--hypothesis-seed={seed}",
            "--hypothesis-show-statistics",
        ]
        code = pytest.main([*options, "--rootdir", str(ROOT), *tests])
        sys.stdout.flush()
        os._exit(int(code))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        text = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def main() -> None:
    """Walk the classes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a class's name")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import torch

    from cnncalc.layers import FAMILIES

    torch.set_num_threads(1)
    names = [name for names in FAMILIES.values() for name in names if given.only in name]
    total = 0
    for name in names:
        code, text = outcome(name, given.seed)
        passed = sum(map(int, PASSED.findall(text)))
        total += passed
        print(f"{name}: {passed:,}" if not code else f"{name}: {passed:,}, exit status {code}\n{text}", flush=True)  # noqa: T201 - the answer
    print(f"{total:,} cases of {len(names)} classes passed, seed {given.seed}")  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
