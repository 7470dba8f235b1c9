"""`cnncalc levels`: a U-Net or a DenseNet level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import NET_HELP, add_shapes, network, shapes
from cnncalc.commands.outputs import print_result
from cnncalc.errors import ArgumentError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("net", metavar="NET", help=f"unet, densenet121 and their kin: {NET_HELP}")
    add_shapes(parser)
    parser.add_argument("--format", choices=["text", "json", "svg"], default="text", help="svg is the drawing (default: text)")


def run(given: argparse.Namespace) -> None:
    """The working, or the drawing."""
    from cnncalc.analyses.levels import levels

    net, inputs = network(given.net), shapes(given.input, given.net)
    if len(inputs) != 1:
        raise ArgumentError("a U-Net or a DenseNet has one input", got=f"{len(inputs)} shapes")
    found = levels(net, *inputs)
    if given.format == "svg":
        print(found.to_svg(), end="")
    else:
        print_result(found, given.format)
