"""`cnncalc rf`: the receptive field of the output, of a row or of every row; its working; its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import add_network, cell, network, shapes
from cnncalc.commands.outputs import print_json, print_result, width
from cnncalc.errors import SpecError

if TYPE_CHECKING:
    import argparse

#: Options that have no meaning together.
APART = (
    ("--all", "--explain"),
    ("--all", "--of"),
    ("--all", "--at"),
    ("--all", "--plot"),
    ("--explain", "--at"),
    ("--explain", "--plot"),
)
#: Options that say how a picture looks.
OF_A_PICTURE = ("--picture", "--over", "--lang")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_network(parser)
    parser.add_argument("--of", metavar="ROW", help="the row that is asked, by its qualified name (default: the output)")
    parser.add_argument("--at", metavar="I,J", help="a cell, by its indices on the axes after the channels")
    parser.add_argument("--all", action="store_true", help="a row for every layer: size, stride, padding, centre")
    parser.add_argument("--explain", action="store_true", help="the working, from the input forward and from the output back")
    parser.add_argument("--plot", metavar="FILE", help="draw a picture: a name ending in .svg, .png or .html")
    parser.add_argument(
        "--picture",
        metavar="KIND",
        help="field, the exact cells over the input; layers, the fields of all layers, nested; paths, how much each cell "
        "counts; phases, the fields of neighbouring cells (default: field)",
    )
    parser.add_argument("--over", metavar="IMAGE", help="a picture of your own to draw the field over")
    parser.add_argument("--lang", choices=["en", "fa"], help="the language of the picture (default: en)")


def run(given: argparse.Namespace) -> None:
    """The receptive field in the form that is asked for."""
    _check(given)
    if given.all:
        _every_row(given)
        return
    if given.explain:
        _working(given)
        return
    from cnncalc.analyses.receptive import receptive_field

    net, inputs = network(given.net), shapes(given.input, given.net)
    if given.plot is not None:
        from cnncalc.plotting import plot_field

        picture = plot_field(
            net,
            *inputs,
            kind=given.picture or "field",
            at=cell(given.at),
            of=given.of,
            image=given.over,
            language=given.lang or "en",
        )
        picture.save(given.plot)
    print_result(receptive_field(net, *inputs, of=given.of, at=cell(given.at)), given.format)


def _check(given: argparse.Namespace) -> None:
    """Refuse options that have no meaning together, or alone."""
    options = {f"--{name}" for name, value in vars(given).items() if value is not None and value is not False}
    for one, other in APART:
        if {one, other} <= options:
            raise SpecError(f"{one} and {other} do not go together", where="rf", remedy="leave one of them out")
    alone = [option for option in OF_A_PICTURE if option in options]
    if alone and given.plot is None:
        raise SpecError(f"{alone[0]} is about a picture", where="rf", remedy="add --plot with a file, as in --plot field.svg")


def _every_row(given: argparse.Namespace) -> None:
    """A row for every layer, function and container that runs."""
    from cnncalc.analyses.analyze import analyze

    report = analyze(network(given.net), *shapes(given.input, given.net))
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

    working = explain_field(network(given.net), *shapes(given.input, given.net), of=given.of)
    if given.format == "json":
        print_json(working.to_dict())
        return
    print(working.text(width()))
