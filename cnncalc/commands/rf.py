"""`cnncalc rf`: the receptive field of the output, of a row or of every row; its working; its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import add_network, cell, network, shapes
from cnncalc.commands.outputs import print_json, print_result, width
from cnncalc.errors import SpecError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_network(parser)
    parser.add_argument("--of", metavar="ROW", help="the row that is asked, by its qualified name (default: the output)")
    parser.add_argument("--at", metavar="I,J", help="a cell, by its indices on the axes after the channels")
    parser.add_argument("--all", action="store_true", help="a row for every layer: size, stride, padding, centre")
    parser.add_argument("--explain", action="store_true", help="the working, from the input forward and from the output back")


def run(given: argparse.Namespace) -> None:
    """The receptive field in the form that is asked for."""
    _check(given)
    if given.all:
        _every_row(given)
    elif given.explain:
        _working(given)
    else:
        from cnncalc.analyses.receptive import receptive_field

        field = receptive_field(network(given.net), *shapes(given.input), of=given.of, at=cell(given.at))
        print_result(field, given.format)


def _check(given: argparse.Namespace) -> None:
    """Refuse options that have no meaning together."""
    options = {"--all": given.all, "--explain": given.explain, "--of": given.of is not None, "--at": given.at is not None}
    for one, other in (("--all", "--explain"), ("--all", "--of"), ("--all", "--at"), ("--explain", "--at")):
        if options[one] and options[other]:
            raise SpecError(f"{one} and {other} do not go together", where="rf", remedy="leave one of them out")


def _every_row(given: argparse.Namespace) -> None:
    """A row for every layer, function and container that runs."""
    from cnncalc.analyses.analyze import analyze

    report = analyze(network(given.net), *shapes(given.input))
    rows = [
        {key: data[key] for key in ("path", "kind", "depth", "output_shape")} | {"receptive_field": row.receptive_field.to_dict()}
        for row, data in zip(report.rows, report.to_dict()["rows"], strict=True)
        if row.receptive_field is not None
    ]
    if given.format == "json":
        print_json({"format": "cnncalc.fields/1", "rows": rows})
        return
    from cnncalc.render.field_rows import as_text

    print(as_text(rows, width()))


def _working(given: argparse.Namespace) -> None:
    """The forward table and the backward check."""
    from cnncalc.analyses.explain_fields import explain_field

    working = explain_field(network(given.net), *shapes(given.input), of=given.of)
    if given.format == "json":
        print_json(working.to_dict())
        return
    print(working.text(width()))
