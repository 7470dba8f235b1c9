"""The command `cnncalc`: arguments in, an answer out. No arithmetic.

Exit status: 0 fine, 1 a check or a grade failed, 2 the input was bad, 3 the library and torch disagree. An error is one
line on standard error.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

import cnncalc
from cnncalc.errors import CnncalcError, DisagreementError, SpecError

if TYPE_CHECKING:
    from cnncalc.module import Module

BAD_INPUT = 2
DISAGREES = 3
#: The widest that tables and prose get.
WIDEST = 100


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.version_option(cnncalc.__version__, prog_name="cnncalc")
def cli() -> None:
    """Shapes, parameters, MACs and receptive fields of convolutional networks: exact, explained, checked against PyTorch."""


# -- answer -----------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("question", default="all")
@click.option("--lang", type=click.Choice(["en", "fa"]), default="en", show_default=True, help="The language of the texts.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    show_default=True,
    help="How the answer is printed.",
)
@click.option("--verify", is_flag=True, help="Run torch on the twin of every network and check every number.")
@click.option(
    "--digits", type=click.Choice(["persian", "latin"]), default="persian", show_default=True, help="Digits in Persian prose."
)
@click.option(
    "--bidi",
    type=click.Choice(["terminal", "visual"]),
    default="terminal",
    show_default=True,
    help="Leave right-to-left order to the terminal, or lay it out for one that has none.",
)
def answer(question: str, lang: str, form: str, verify: bool, digits: str, bidi: str) -> None:  # noqa: FBT001
    """The worked answers of the homework: q1, q2, q3, p1, all, or a part such as q2.4."""
    from cnncalc.sheets.answering import answer as answer_to
    from cnncalc.sheets.loader import load_homework
    from cnncalc.sheets.record import load_record

    verifier = None
    if verify:
        from cnncalc.sheets.verification import Verifier

        verifier = Verifier()
    question = question.lower()
    everything = question == "all"
    sheet = load_homework("" if everything else question)
    if not sheet.questions:
        sheet = load_homework()
    record = load_record()
    names = [q.id for q in sheet.questions] if everything else [question]
    docs = [
        answer_to(sheet, name, language=lang, persian_digits=digits == "persian", verifier=verifier, record=record)
        for name in names
    ]
    _print_answers(docs, form, bidi, several=everything)
    if verifier is not None and verifier.disagreements:
        raise DisagreementError(
            "torch gives other numbers", got=verifier.disagreements[0], remedy="please report this with the command you ran"
        )


def _print_answers(docs: list[dict[str, Any]], form: str, bidi: str, *, several: bool) -> None:
    if form == "json":
        import json

        data = {"format": docs[0]["format"], "questions": docs} if several else docs[0]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif form == "html":
        from cnncalc.render.answer_html import as_html

        click.echo(as_html(docs), nl=False)
    elif form == "markdown":
        from cnncalc.render.answer_markdown import as_markdown

        click.echo("\n".join(as_markdown(doc) for doc in docs), nl=False)
    else:
        from cnncalc.render.answer_text import as_text

        width = _width()
        text = "\n\n".join(as_text(doc, width) for doc in docs)
        if bidi == "visual":
            from cnncalc.render.bidi import visual

            text = visual(text, width) + "\n"
        click.echo(text, nl=False)


# -- networks ---------------------------------------------------------------------------------------------------


def _network_arguments(command: Any) -> Any:
    """NET and --input, which every command about a network takes."""
    command = click.option(
        "--input",
        "inputs",
        multiple=True,
        required=True,
        metavar="SHAPE",
        help="The shape of the input, as 1x3x224x224; names are symbols, as in Nx3xHxW. Once for each input.",
    )(command)
    return click.argument("net")(command)


@cli.command()
@_network_arguments
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def summary(net: str, inputs: tuple[str, ...], form: str) -> None:
    """A table of every layer of NET: output shape, parameters, MACs, receptive field.

    NET is a named architecture (resnet50), a file with a spec, or a spec in torch syntax, such as
    "Conv2d(3, 16, 5, padding=2) -> ReLU() -> MaxPool2d(2)".
    """
    from cnncalc.analyses.analyze import analyze

    report = analyze(_network(net), *_shapes(inputs))
    if form == "json":
        click.echo(report.to_json())
        return
    from cnncalc.render.summary import as_text

    click.echo(as_text(report.to_dict(), width=_width(), color=_wants_color()))


@cli.command()
@_network_arguments
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(net: str, inputs: tuple[str, ...], form: str) -> None:
    """The working of every number of NET: the rule, the numbers put in, the value."""
    from cnncalc.analyses.explain import explain as explain_network

    explanation = explain_network(_network(net), *_shapes(inputs))
    if form == "json":
        import json

        click.echo(json.dumps(explanation.to_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo(str(explanation))


@cli.command()
@_network_arguments
@click.option("--of", metavar="ROW", help="The row whose field is asked, by its qualified name; the output by default.")
@click.option("--at", metavar="I,J", help="A cell, by its indices on the axes after the channels.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rf(net: str, inputs: tuple[str, ...], of: str | None, at: str | None, form: str) -> None:
    """The receptive field of NET's output, or of a row; with --at, the exact cells of one position."""
    from cnncalc.analyses.receptive import receptive_field

    field = receptive_field(_network(net), *_shapes(inputs), of=of, at=_cell(at))
    if form == "json":
        import json

        click.echo(json.dumps(field.to_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo(str(field))


@cli.command()
@_network_arguments
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(net: str, inputs: tuple[str, ...], form: str) -> None:
    """Build NET's torch twin, run it, and compare shapes, tensors, MACs and receptive fields."""
    from cnncalc.torch_twin import verify as verify_network

    result = verify_network(_network(net), *_shapes(inputs))
    if form == "json":
        import json

        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo(str(result))
    result.raise_for_disagreement()


@cli.command(name="list")
def list_names() -> None:
    """The named architectures, the layers and the questions."""
    from cnncalc.layers import FAMILIES, FUNCTIONS
    from cnncalc.sheets.loader import load_homework
    from cnncalc.zoo import CATALOGUE

    questions = [question.id for question in load_homework().questions]
    for heading, rows in (
        ("Architectures", CATALOGUE),
        ("Layers", FAMILIES),
        ("Functions", FUNCTIONS),
        ("Questions", {"homework": questions}),
    ):
        click.echo(heading)
        for name, names in rows.items():
            click.echo(f"  {name:<18}{' '.join(names)}")


# -- arguments --------------------------------------------------------------------------------------------------


def _network(text: str) -> Module:
    """The network that a name, a file or an inline spec stands for."""
    from pathlib import Path

    from cnncalc.spec import loads, parse
    from cnncalc.spec.tokens import MAX_CHARACTERS
    from cnncalc.zoo import ARCHITECTURES

    if text in ARCHITECTURES:
        return ARCHITECTURES[text]()
    if "(" in text or len(text) > 1000:  # noqa: PLR2004 - longer than any sane path: a spec
        return parse(text, ARCHITECTURES)
    path = Path(text)
    try:
        if not path.is_file():
            from cnncalc.layers import LAYER_NAMES, did_you_mean

            raise SpecError(
                "NET is a named architecture, a file, or a spec such as 'Conv2d(3, 16, 5) -> ReLU()'",
                got=repr(text[:60]),
                remedy=did_you_mean(text, [*ARCHITECTURES, *(f"{name}(…)" for name in LAYER_NAMES)])
                or "cnncalc list shows all names",
            )
        if path.stat().st_size > MAX_CHARACTERS * 100:
            raise SpecError("the spec file is too large", where=path.name)
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SpecError("the spec can't be read", where=text[:60], got=str(error)[:80]) from None
    if path.suffix == ".json":
        return loads(content)
    return parse(content, ARCHITECTURES)


def _shapes(inputs: tuple[str, ...]) -> list[Any]:
    """The shapes given with --input."""
    from cnncalc.spec import parse_shape

    return [parse_shape(text) for text in inputs]


def _cell(text: str | None) -> tuple[int, ...] | None:
    """The cell given with --at."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) <= 18 for part in parts):  # noqa: PLR2004 - digits of a 64-bit number
        raise SpecError("--at takes indices joined by commas", got=repr(text[:40]), remedy="write for example --at 3,3")
    return tuple(int(part) for part in parts)


def _width() -> int:
    """The columns of the terminal, at most WIDEST; 80 where there is none."""
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size((80, 24)).columns, WIDEST))


def _wants_color() -> bool:
    """Whether standard output is a terminal that may be coloured (https://no-color.org)."""
    from os import environ

    return sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def main() -> None:
    """Run the command; every error becomes one line and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except CnncalcError as error:
        _fail(str(error), DISAGREES if isinstance(error, DisagreementError) else BAD_INPUT)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help())
        sys.exit(0)
    except click.ClickException as error:
        _fail(error.format_message(), BAD_INPUT)
    except click.Abort:
        _fail("interrupted", 130)
    except (RecursionError, MemoryError):
        _fail("the input is too large or nested too deeply", BAD_INPUT)


def _fail(message: str, status: int) -> None:
    """One line on standard error."""
    sys.stdout.flush()
    click.echo(f"cnncalc: error: {' '.join(message.split())}", err=True)
    sys.exit(status)
