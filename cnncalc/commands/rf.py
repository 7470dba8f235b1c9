"""`cnncalc rf`: the receptive field of the output or of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import add_network, cell, network, shapes
from cnncalc.commands.outputs import print_result

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_network(parser)
    parser.add_argument("--of", metavar="ROW", help="the row that is asked, by its qualified name (default: the output)")
    parser.add_argument("--at", metavar="I,J", help="a cell, by its indices on the axes after the channels")


def run(given: argparse.Namespace) -> None:
    """The receptive field of the output or of a row."""
    from cnncalc.analyses.receptive import receptive_field

    field = receptive_field(network(given.net), *shapes(given.input), of=given.of, at=cell(given.at))
    print_result(field, given.format)
