"""`cnncalc grade`: submissions graded against a sheet."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cnncalc.commands.inputs import count
from cnncalc.commands.outputs import progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("sheet", metavar="SHEET", help="hw3, the homework, or the file of a sheet")
    parser.add_argument(
        "submissions", metavar="SUBMISSION", nargs="+", help="files or folders: TOML, JSON, a class CSV, Markdown, notebooks"
    )
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT[:PATH]",
        help="text, json, csv, gradescope, junit or html, to standard output or a file; may be given several times",
    )
    parser.add_argument("--release", action="store_true", help="name the right answers in the feedback: after the deadline")
    parser.add_argument("--against", metavar="JSON", help="an earlier JSON report: show what changed")
    parser.add_argument("--lang", choices=["en", "fa"], default="en", help="the language of reports in one (default: en)")
    parser.add_argument("--verify", action="store_true", help="first let torch check every number of the sheet")
    parser.add_argument(
        "--secret-file", metavar="FILE", help="the course's secret: each variant must be the one that was dealt to its student"
    )
    parser.add_argument("--jobs", type=count, default=0, metavar="N", help="how many processes (default: one a processor)")


def run(given: argparse.Namespace) -> None:
    """Submissions graded against a sheet."""
    from contextlib import ExitStack

    from cnncalc.grading.command import Order, grade_all

    with ExitStack() as bars:

        def begin(label: str, total: int) -> Callable[[], None]:
            """A bar in place of the one before."""
            bars.close()
            return bars.enter_context(progress(label, total))

        order = Order(
            sheet=given.sheet,
            submissions=given.submissions,
            reports=given.report,
            language=given.lang,
            against=given.against or "",
            release=given.release,
            verify=given.verify,
            secret_file=given.secret_file or "",
            jobs=given.jobs,
        )
        status = grade_all(order, begin)
    sys.stdout.flush()
    if status:
        sys.exit(status)
