"""`cnncalc explain`: the working of every number."""

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
    """The working of every number."""
    from cnncalc.analyses.explain import explain

    explanation = explain(network(given.net), *shapes(given.input, given.net))
    print_result(explanation, given.format)
