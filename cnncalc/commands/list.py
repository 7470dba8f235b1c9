"""`cnncalc list`: all names, or the card of one named architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.commands.outputs import print_json, width
from cnncalc.errors import SpecError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a named architecture: its paper, its numbers beside the published ones, its maps (default: all names)",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def run(given: argparse.Namespace) -> None:
    """All names, or one card."""
    if given.name is not None:
        _card(given.name, given.format)
        return
    names = _names()
    if given.format == "json":
        print_json({"format": "cnncalc.list/1"} | {heading.lower(): rows for heading, rows in names})
        return
    columns = max(len(name) for _, rows in names for name in rows) + 2
    for heading, rows in names:
        print(heading)
        for name, members in rows.items():
            print(f"  {name:<{columns}}{' '.join(members)}")


def _names() -> list[tuple[str, dict[str, Any]]]:
    """Everything that has a name, by heading and file."""
    from cnncalc.layers import FAMILIES, FUNCTIONS
    from cnncalc.sheets.loader import load_homework
    from cnncalc.zoo import CATALOGUE

    questions = {"homework": [question.id for question in load_homework().questions]}
    return [("Architectures", CATALOGUE), ("Layers", FAMILIES), ("Functions", FUNCTIONS), ("Questions", questions)]


def _card(name: str, form: str) -> None:
    """What there is to say of one network."""
    from cnncalc.analyses.network_card import network_card
    from cnncalc.layers import did_you_mean
    from cnncalc.render.network_card import as_text
    from cnncalc.zoo import ARCHITECTURES

    if name not in ARCHITECTURES:
        raise SpecError(
            "list takes the name of an architecture",
            got=repr(name[:60]),
            remedy=did_you_mean(name, list(ARCHITECTURES)) or "cnncalc list shows all names",
        )
    data = network_card(name).to_dict()
    if form == "json":
        print_json(data)
    else:
        print(as_text(data, width()))
