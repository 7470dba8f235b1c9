"""`cnncalc diff`: two networks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import NET_HELP, add_shapes, network, shapes
from cnncalc.commands.outputs import print_result

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("before", metavar="BEFORE", help=NET_HELP)
    parser.add_argument("after", metavar="AFTER", help="the other network, written in the same ways")
    add_shapes(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def run(given: argparse.Namespace) -> None:
    """Totals before and after, and the rows that differ."""
    from cnncalc.adopting import diff

    before, after = network(given.before), network(given.after)
    print_result(diff(before, after, *shapes(given.input, given.before, given.after)), given.format)
