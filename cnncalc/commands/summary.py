"""`cnncalc summary`: a table of every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.commands.inputs import add_network, network, shapes
from cnncalc.commands.outputs import print_json, wants_color, width
from cnncalc.errors import UnsupportedError

if TYPE_CHECKING:
    import argparse

    from cnncalc.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_network(parser)
    parser.add_argument("--arithmetic", action="store_true", help="add the arithmetic beside MACs to the totals")
    parser.add_argument(
        "--counted-by",
        metavar="TOOL",
        help="add the total that another tool prints: torchinfo, fvcore, ptflops, thop, calflops, torchvision, or all",
    )
    parser.add_argument("--memory", action="store_true", help="add bytes: each row's outputs, the peak, what training takes")
    parser.add_argument("--dtype", default="float32", help="the dtype of --memory (default: float32)")


def run(given: argparse.Namespace) -> None:
    """A table of every layer."""
    from cnncalc.analyses.analyze import analyze

    report = analyze(network(given.net), *shapes(given.input, given.net))
    data = report.to_dict(dtype=given.dtype if given.memory else None)
    if given.counted_by:
        data["counted_by"] = _counted_by(report, given.counted_by)
    if given.format == "json":
        print_json(data)
        return
    from cnncalc.render.summary import as_text

    print(as_text(data, width=width(), color=wants_color(), arithmetic=given.arithmetic))


def _counted_by(report: Report, tool: str) -> dict[str, dict[str, Any]]:
    """The totals of a tool, or of all tools; where all are asked for, one that has none says why."""
    from cnncalc.analyses.tools import TOOLS

    found: dict[str, dict[str, Any]] = {}
    for name in TOOLS if tool == "all" else (tool,):
        try:
            found[name] = report.as_counted_by(name).to_dict()
        except UnsupportedError as error:
            if tool != "all":
                raise
            found[name] = {"refused": str(error)}
    return found
