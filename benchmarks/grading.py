"""How long a class takes to grade: 300 submissions of the whole homework, and whether ten times as many take ten times as long.

Answers are drawn from right ones, other readings, slips, carried errors, unreadable and unexplained ones, in every format.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ANSWERS = {
    "q1.fc.params": ["505", "1505", "500", "504"],
    "q1.conv.params": ["505", "۵۰۵", "101", "501"],
    "q1.choice": ["the same function"],
    "q2.1.shape": ["16x63x63", "۱۶×۶۳×۶۳", "[63, 63, 16]", "16x128x128", "16x62x62", "48x128x128", "16 63 63"],
    "q2.1.params": ["1216", "16*5*5*3+16", "1200", "400", "999"],
    "q2.2.shape": ["16x16x16", "16x32x32", "8x16x16"],
    "q2.2.params": ["14048", "19248", "14000", "12"],
    "q2.3.total": ["55018", "۵۵٬۰۱۸", "177898", "60218", "55.018"],
    "q2.4.rf": ["36", "64", "36x36", "32", "13", "77"],
    "q3.1.a": ["an encoder and a decoder"],
    "q3.2.a": ["256", "16", "1024"],
    "q3.2.b": ["73856", "36928", "3584"],
    "q3.4.a": ["N+192", "192", "448"],
    "q3.4.b.block": ["104", "24", "80"],
    "q3.4.b.layer": ["24", "104"],
    "q3.4.b.input": ["80", "104"],
    "p1.head.alexnet": ["8194", "4097", "8192"],
    "p1.head.vgg16": ["8194", "4097000"],
    "p1.head.resnet18": ["1026", "1024"],
    "p1.head.resnet50": ["4098", "77"],
}


def hand_in(folder: Path, count: int) -> None:
    """A class of that size, the same every time."""
    draw = random.Random(1)  # noqa: S311 - no secret
    for number in range(count):
        chosen = {ask: draw.choice(values) for ask, values in ANSWERS.items()}
        if number % 3 == 0:
            text = "\n".join(f"ANSWER {ask} = {value}" for ask, value in chosen.items())
            (folder / f"s{number:05}.md").write_text(text, encoding="utf-8")
        else:
            lines = "\n".join(f'"{ask}" = "{value}"' for ask, value in chosen.items())
            steps = '[steps]\n"q2.4.rf" = [5, 10, 14, 28, 32, 64]\n' if number % 2 else ""
            (folder / f"s{number:05}.toml").write_text(f"[answers]\n{lines}\n{steps}", encoding="utf-8")


def seconds(count: int, jobs: int) -> float:
    """Seconds from the command's start to its end, with every report written."""
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "class", Path(place)
        folder.mkdir()
        hand_in(folder, count)
        reports = [part for form in ("json", "csv", "html", "junit") for part in ("--report", f"{form}:{out / form}")]
        command = [sys.executable, "-P", "-m", "cnncalc", "grade", "hw3", str(folder), "--jobs", str(jobs), *reports]
        begin = time.perf_counter()
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})
        taken = time.perf_counter() - begin
        if done.returncode != 1:
            raise SystemExit(f"cnncalc grade ended with status {done.returncode}")
        return taken


def forks(count: int) -> float:
    """Seconds to read so many submissions, each in a child of its own."""
    from cnncalc.grading.files import find
    from cnncalc.grading.forked import each
    from cnncalc.grading.readers import load

    with tempfile.TemporaryDirectory() as place:
        hand_in(Path(place), count)
        sources = find([place])
        begin = time.perf_counter()
        if sum(len(outcome.results) for outcome in each(sources, load, chunk=1)) != count:
            raise SystemExit("a submission was lost")
        return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--count", type=int, default=300, help="submissions (default: 300)")
    given = parser.parse_args()
    print(f"{given.count} parsers, a child each: {forks(given.count):.2f} s")
    few = seconds(given.count, given.jobs)
    print(f"{given.count} submissions: {few:.1f} s")
    many = seconds(10 * given.count, given.jobs)
    print(f"{10 * given.count} submissions: {many:.1f} s, {many / few:.1f} times as long")


if __name__ == "__main__":
    main()
