"""`cnncalc formula`: closed forms of a network's numbers, as mathematics, LaTeX, Python or C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.inputs import NET_HELP, add_shapes, network, shapes
from cnncalc.commands.outputs import print_json

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    from cnncalc.analyses.formula import QUANTITIES

    parser.add_argument("net", metavar="NET", help=NET_HELP)
    add_shapes(parser)
    parser.add_argument("--of", choices=list(QUANTITIES), help="one quantity (default: all of them)")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--latex", dest="form", action="store_const", const="latex", help="in LaTeX's mathematics")
    forms.add_argument("--python", dest="form", action="store_const", const="python", help="as Python functions")
    forms.add_argument("--c", dest="form", action="store_const", const="c", help="as C functions of 64-bit whole numbers")
    forms.add_argument("--json", dest="form", action="store_const", const="json", help="all of it as data")


def run(given: argparse.Namespace) -> None:
    """The formulas in the form that is asked for."""
    from cnncalc.analyses.formula import formula
    from cnncalc.render.formulas import as_c_file, as_latex_lines, as_python_file

    formulas = formula(network(given.net), *shapes(given.input, given.net, symbolic=True), of=given.of)
    if given.form == "json":
        print_json(formulas.to_dict())
    elif given.form == "latex":
        print(as_latex_lines(formulas.to_dict()))
    elif given.form == "python":
        print(as_python_file(formulas.to_dict()))
    elif given.form == "c":
        print(as_c_file([item.c() for item in formulas]))
    else:
        print(formulas)
