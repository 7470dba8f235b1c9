"""`cnncalc verify`: the torch twin, run and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import add_network, network, shapes
from cnncalc.commands.outputs import print_result

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_network(parser)


def run(given: argparse.Namespace) -> None:
    """The torch twin, run and compared."""
    from cnncalc.torch_twin import verify

    result = verify(network(given.net), *shapes(given.input, given.net))
    print_result(result, given.format)
    result.raise_for_disagreement()
