"""`cnncalc export`: a network as source code for torch, or as the JSON that every command reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import NET_HELP, add_shapes, network, shapes
from cnncalc.commands.outputs import write_file

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("net", metavar="NET", help=NET_HELP)
    add_shapes(parser)
    parser.add_argument(
        "--to", choices=["torch", "json"], default="torch", help="source code for torch (the default), or a network file"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file, as a whole or not at all")


def run(given: argparse.Namespace) -> None:
    """The text."""
    from cnncalc.adopting import to_source
    from cnncalc.spec import dumps

    net, given_shapes = network(given.net), shapes(given.input, given.net)
    text = to_source(net, *given_shapes) if given.to == "torch" else dumps(net, *given_shapes) + "\n"
    if given.output is None:
        print(text, end="")
    else:
        write_file(given.output, text)
