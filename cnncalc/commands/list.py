"""`cnncalc list`: all names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    del parser


def run(given: argparse.Namespace) -> None:
    """All names."""
    del given
    from cnncalc.layers import FAMILIES, FUNCTIONS
    from cnncalc.sheets.loader import load_homework
    from cnncalc.zoo import CATALOGUE

    questions = {"homework": [question.id for question in load_homework().questions]}
    headings: list[tuple[str, Any]] = [
        ("Architectures", CATALOGUE),
        ("Layers", FAMILIES),
        ("Functions", FUNCTIONS),
        ("Questions", questions),
    ]
    width = max(len(name) for _, rows in headings for name in rows) + 2
    for heading, rows in headings:
        print(heading)
        for name, names in rows.items():
            print(f"  {name:<{width}}{' '.join(names)}")
