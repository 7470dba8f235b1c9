"""Do the tests notice a mistake? One is made in the source, the tests that run it are run, and one of them must fail.

    python tests/mutants.py --sample 400 --seed 1 > mutants.txt

A mutant is one small change of one file: another comparison or operation, a number one off, a condition always true or
never, `and` for `or`, a statement left out. Text, annotations and what only prints are left alone. First every test is run
once, in the profile "gate", with a note of the lines that it runs. Then each mutant is a fork of a process that has
everything loaded: it puts the changed code into the functions, and runs the tests that run the changed line until one
fails; a change in what an import runs is a fork that imports everything with it. So a mutant costs about a second.
Nothing is written to disk, except with `--map`, which keeps the note of lines for the next time.

A line is printed for each that survived, with the number of tests that it passed; the last says how many were noticed, with
the 95 % interval. Mutants that change no result are listed with the reason under mutation/equivalent/, and not drawn.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import sys
import tomllib
from collections import Counter
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from mutation.changes import ROOT, Mutant, files, mutants, mutated
from mutation.forks import forked
from mutation.judging import TESTS, Coverage, judged_by_import, judged_in_place, measured

#: What is listed of cnncalc/layers/pooling.py stands in layers/pooling.toml.
EQUIVALENT = Path(__file__).parent / "mutation" / "equivalent"


def equivalent() -> dict[tuple[str, str, str, int], str]:
    """The mutants that change no result, each with the reason."""
    found = {}
    for path in EQUIVALENT.rglob("*.toml"):
        file = "cnncalc" / path.relative_to(EQUIVALENT).with_suffix(".py")
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            for change in entry["changes"]:
                found[file.as_posix(), entry["line"], change, entry.get("nth", 1)] = entry["reason"]
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """The source of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def code_of(mutant: Mutant) -> tuple[Any, Any]:
    """The code of its module before and after the change."""
    tree = tree_of(mutant.path)
    return compile(tree, str(mutant.path), "exec"), compile(mutated(mutant, tree), str(mutant.path), "exec")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=400, help="how many mutants to draw; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", default="", help="part of a file's path, or of several with commas")
    parser.add_argument("--tests", default="", help="run the tests of these files alone: part of a path, or several with commas")
    parser.add_argument("--lines", default="", help="only the mutants of these lines, as in 10,20-30")
    parser.add_argument("--jobs", type=int, default=1, help="processes beside one another")
    parser.add_argument("--map", type=Path, help="a file that keeps which tests run which lines")
    return parser.parse_args()


def drawn(given: argparse.Namespace) -> tuple[list[Mutant], int]:
    """The mutants that were asked for, and from how many they were drawn."""
    known = equivalent()
    paths = [path for path in files() if any(part in str(path.relative_to(ROOT)) for part in given.only.split(","))]
    every = [mutant for path in paths for mutant in mutants(path) if mutant.key not in known]
    if given.lines:
        ends = [(*map(int, part.split("-")),) for part in given.lines.split(",")]
        every = [mutant for mutant in every if any(end[0] <= mutant.line <= end[-1] for end in ends)]
    if not given.sample or given.sample >= len(every):
        return every, len(every)
    return random.Random(given.seed).sample(every, given.sample), len(every)  # noqa: S311 - a sample, no secret


def coverage(given: argparse.Namespace) -> Coverage:
    """Which tests run which lines: measured, or as it was kept."""
    if given.map and given.map.exists():
        return Coverage(*json.loads(given.map.read_text()))
    tests = [name for name in TESTS if any(part in name for part in given.tests.split(","))]
    found = measured(given.jobs, files(), tests)
    if given.map:
        given.map.write_text(json.dumps([found.seconds, found.lines]))
    return found


def main() -> None:
    """Draw mutants, run each, and print what became of it."""
    given = arguments()
    os.chdir(ROOT)
    os.environ |= {"CNNCALC_PROFILE": "gate", "OMP_NUM_THREADS": "1"}
    sys.path[:0] = [str(ROOT)]
    import hypothesis
    import pytest
    import torch
    import torch._dynamo  # torch's counter of operations loads it when it is first used, which takes seconds
    import torch.utils.flop_counter
    from torch.testing._internal import common_modules

    assert hypothesis
    assert pytest
    assert common_modules
    torch.set_num_threads(1)
    chosen, total = drawn(given)
    found = coverage(given)
    counts: Counter[str] = Counter()

    def tell(mutant: Mutant, noticed: Any) -> None:
        verdict = "survived" if noticed == "" else "killed"
        counts[verdict] += 1
        if verdict == "survived":
            print(f"survived {len(found.tests(mutant)):4d} tests {mutant} | {mutant.text}", flush=True)  # noqa: T201 - the answer

    def in_place() -> Any:
        later = []

        def tell_or_wait(number: int, noticed: Any) -> None:
            if noticed is False:
                later.append(number)
            else:
                tell(chosen[number], noticed)

        judged_in_place({n: m for n, m in enumerate(chosen) if found.is_run(m)}, code_of, found, given.jobs, tell_or_wait)
        return later, counts

    # In a process of its own, so that this one has nothing of the package loaded.
    ((_, (later, counted)),) = forked([("in place", in_place)], 1, show=True)
    counts.update(counted)
    judged_by_import([m for n, m in enumerate(chosen) if n in later or not found.is_run(m)], code_of, found, given.jobs, tell)
    report(counts, total, given.seed)


def report(counts: Counter[str], total: int, seed: int) -> None:
    """Print how many were noticed, with Wilson's interval."""
    n, killed = counts.total(), counts["killed"]
    share = killed / n
    half, middle = 1.96 * sqrt(share * (1 - share) / n + 1.96**2 / (4 * n * n)), share + 1.96**2 / (2 * n)
    low, high = ((middle + sign * half) / (1 + 1.96**2 / n) for sign in (-1, 1))
    found = f"{killed} of {n} killed, {share:.1%} (95 % interval {low:.1%} … {high:.1%})"
    print(f"{found}, drawn from {total:,} with seed {seed}")  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
