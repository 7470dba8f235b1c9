"""`cnncalc export`: a network as source code for torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import NET_HELP, add_shapes, network, shapes

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("net", metavar="NET", help=NET_HELP)
    add_shapes(parser)
    parser.add_argument("--to", choices=["torch"], default="torch", help="what the source is for (default: torch)")


def run(given: argparse.Namespace) -> None:
    """The source code."""
    from cnncalc.adopting import to_source

    print(to_source(network(given.net), *shapes(given.input)), end="")
