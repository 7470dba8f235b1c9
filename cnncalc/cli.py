"""The command `cnncalc`: arguments in, an answer out. No arithmetic.

Exit status: 0 fine, 1 a check or a grade failed, 2 the input was bad, 3 the library and torch disagree. An error is one
line on standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import cnncalc
from cnncalc.errors import CnncalcError, DisagreementError, SpecError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnncalc.module import Module
    from cnncalc.report import Report
    from cnncalc.sheets.model import Sheet
    from cnncalc.sheets.verification import Verifier

BAD_INPUT = 2
DISAGREES = 3
INTERRUPTED = 130
BROKEN_PIPE = 141
#: The widest that tables and prose get.
WIDEST = 100
NET_HELP = 'a named architecture (resnet50), a file with a spec, or a spec such as "Conv2d(3, 16, 5) -> ReLU()"'


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit; every error becomes one line and a status."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Closed by who started us: what is written goes nowhere.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        given = _parser().parse_args(arguments)
        given.run(given)
        sys.stdout.flush()
    except CnncalcError as error:
        _fail(str(error), DISAGREES if isinstance(error, DisagreementError) else BAD_INPUT)
    except BrokenPipeError:
        # Whoever read our output has read enough.
        _drop_output()
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        _drop_output()
        _fail(f"the output can't be written; got {error.strerror}", BAD_INPUT)
    except KeyboardInterrupt:
        _fail("interrupted", INTERRUPTED)
    except (RecursionError, MemoryError):
        _fail("the input is too large or nested too deeply", BAD_INPUT)
    sys.exit(0)


def _drop_output() -> None:
    """Send what is still unwritten nowhere, and keep Python from complaining about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, status: int) -> NoReturn:
    """One line on standard error."""
    sys.stdout.flush()
    print(f"cnncalc: error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)


# -- answer -----------------------------------------------------------------------------------------------------


def _answer(given: argparse.Namespace) -> None:
    """The worked answers of the homework, or of a teacher's own sheet."""
    from cnncalc.sheets.answering import answer
    from cnncalc.sheets.record import load_record

    path, question = _sheet_and_question(given.what)
    sheet, question = _loaded(path, question)
    everything = question == "all"
    record = None if path else load_record()
    persian_digits = given.digits == "persian"
    names = [q.id for q in sheet.questions] if everything else [question]
    steps = sum(q.checks(name) for q in sheet.questions for name in names) if given.verify else 0
    with _progress("checking with torch", steps) as advance:
        docs = [
            answer(
                sheet,
                name,
                language=given.lang,
                persian_digits=persian_digits,
                verifier=_verifier(advance) if given.verify else None,
                record=record,
            )
            for name in names
        ]
    _print_answers(docs, given.format, given.bidi, several=everything)
    disagreements = [line for doc in docs for line in doc["verification"].get("disagreements", ())]
    if disagreements:
        raise DisagreementError(
            "torch gives other numbers", got=disagreements[0], remedy="please report this with the command you ran"
        )


def _sheet_and_question(words: list[str]) -> tuple[str, str]:
    """What `answer` was given: the file of a sheet, empty for the homework, and the name of a question, or all."""
    path = words[0] if words and words[0].lower().endswith(".toml") else ""
    names = words[1:] if path else words
    if len(names) > 1:
        raise SpecError("one question is answered at a time, or all", where="answer", got=" ".join(names)[:60])
    question = names[0] if names else "all"
    return path, "all" if question.lower() == "all" else question


def _loaded(path: str, question: str) -> tuple[Sheet, str]:
    """The sheet that is asked, and the question's name as the sheet writes it."""
    from pathlib import Path

    from cnncalc.sheets.loader import load, load_homework

    if path:
        sheet = load(Path(path))
    else:
        sheet = load_homework("" if question == "all" else question.lower())
        sheet = sheet if sheet.questions else load_homework()
    names = [name for q in sheet.questions for name in (q.id, *(ask.id for ask in q.asks), *(part.id for part in q.parts))]
    return sheet, {name.lower(): name for name in names}.get(question.lower(), question)


def _verifier(advance: Callable[[], None]) -> Verifier:
    """Torch made ready to check one question."""
    from cnncalc.sheets.verification import Verifier

    return Verifier(advance)


@contextmanager
def _progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error for work of so many steps, where that is a terminal; the function given moves it on."""
    if not total or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda: progress.advance(task)


def _print_answers(docs: list[dict[str, Any]], form: str, bidi: str, *, several: bool) -> None:
    if form == "json":
        _print_json({"format": docs[0]["format"], "questions": docs} if several else docs[0])
    elif form == "html":
        from cnncalc.render.answer_html import as_html

        print(as_html(docs), end="")
    elif form == "markdown":
        from cnncalc.render.answer_markdown import as_markdown

        print("\n".join(as_markdown(doc) for doc in docs), end="")
    else:
        from cnncalc.render.answer_text import as_text

        width = _width()
        text = "\n\n".join(as_text(doc, width) for doc in docs)
        if bidi == "visual":
            from cnncalc.render.bidi import visual

            text = visual(text, width) + "\n"
        print(text, end="")


# -- grade ------------------------------------------------------------------------------------------------------


def _grade(given: argparse.Namespace) -> None:
    """Submissions graded against a sheet."""
    from contextlib import ExitStack

    from cnncalc.grading.command import Order, run

    with ExitStack() as bars:

        def begin(label: str, total: int) -> Callable[[], None]:
            """A bar in place of the one before."""
            bars.close()
            return bars.enter_context(_progress(label, total))

        order = Order(
            sheet=given.sheet,
            submissions=given.submissions,
            reports=given.report,
            language=given.lang,
            against=given.against or "",
            release=given.release,
            verify=given.verify,
            jobs=given.jobs,
        )
        status = run(order, begin)
    sys.stdout.flush()
    if status:
        sys.exit(status)


# -- networks ---------------------------------------------------------------------------------------------------


def _summary(given: argparse.Namespace) -> None:
    """A table of every layer."""
    from cnncalc.analyses.analyze import analyze

    report = analyze(_network(given.net), *_shapes(given.input))
    data = report.to_dict()
    if given.counted_by:
        data["counted_by"] = _counted_by(report, given.counted_by)
    if given.format == "json":
        _print_json(data)
        return
    from cnncalc.render.summary import as_text

    print(as_text(data, width=_width(), color=_wants_color(), arithmetic=given.arithmetic))


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


def _explain(given: argparse.Namespace) -> None:
    """The working of every number."""
    from cnncalc.analyses.explain import explain

    explanation = explain(_network(given.net), *_shapes(given.input))
    _print(explanation, given.format)


def _rf(given: argparse.Namespace) -> None:
    """The receptive field of the output or of a row."""
    from cnncalc.analyses.receptive import receptive_field

    field = receptive_field(_network(given.net), *_shapes(given.input), of=given.of, at=_cell(given.at))
    _print(field, given.format)


def _verify(given: argparse.Namespace) -> None:
    """The torch twin, run and compared."""
    from cnncalc.torch_twin import verify

    result = verify(_network(given.net), *_shapes(given.input))
    _print(result, given.format)
    result.raise_for_disagreement()


def _list(given: argparse.Namespace) -> None:
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


def _print(result: Any, form: str) -> None:
    """A result as text, or as JSON."""
    if form == "json":
        _print_json(result.to_dict())
    else:
        print(result)


def _print_json(data: Any) -> None:
    import json

    print(json.dumps(data, ensure_ascii=False, indent=2))


# -- the parser -------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are those of the rest of cnncalc: one line, with a suggestion where a word is near."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("cnncalc").strip()
        raise SpecError(message, where=command, remedy=f"see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            from cnncalc.layers import did_you_mean

            known = [str(choice) for choice in action.choices]
            name = "/".join(action.option_strings) or "COMMAND"
            raise SpecError(
                f"{name} must be one of {', '.join(known)}", got=repr(str(value)[:40]), remedy=did_you_mean(str(value), known)
            )


def _parser() -> argparse.ArgumentParser:
    """The command and its subcommands."""
    parser = _Parser(
        prog="cnncalc",
        description="Shapes, parameters, MACs and receptive fields of convolutional networks: exact, explained, checked "
        "against PyTorch.",
        epilog="Exit status: 0 fine, 1 a check failed, 2 the input was bad, 3 cnncalc and torch disagree.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cnncalc {cnncalc.__version__}")
    parser.set_defaults(run=lambda _: parser.print_help())
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    answer = command("answer", _answer, "The worked answers of the homework, or of a sheet of your own.")
    answer.add_argument(
        "what",
        nargs="*",
        metavar="[SHEET.toml] [QUESTION]",
        help="q1, q2, q3, p1, all, or a part such as q2.4 (default: all); after a sheet's file: of that sheet",
    )
    answer.add_argument("--lang", choices=["en", "fa"], default="en", help="the language of the texts (default: en)")
    answer.add_argument("--format", choices=["text", "markdown", "html", "json"], default="text", help="default: text")
    answer.add_argument("--verify", action="store_true", help="run torch on the twin of every network and check every number")
    answer.add_argument("--digits", choices=["persian", "latin"], default="persian", help="digits in Persian prose")
    answer.add_argument(
        "--bidi",
        choices=["terminal", "visual"],
        default="terminal",
        help="leave right-to-left order to the terminal, or lay it out for one that has none",
    )
    for name, run, text in (
        ("summary", _summary, "A table of every layer: output shape, parameters, MACs, receptive field."),
        ("explain", _explain, "The working of every number: the rule, the numbers put in, the value."),
        ("rf", _rf, "The receptive field of the output, or of a row; with --at, the exact cells of one position."),
        ("verify", _verify, "Build the torch twin, run it, and compare shapes, tensors, MACs and receptive fields."),
    ):
        made = command(name, run, text)
        made.add_argument("net", metavar="NET", help=NET_HELP)
        made.add_argument(
            "--input",
            action="append",
            required=True,
            metavar="SHAPE",
            help="as 1x3x224x224; names are symbols, as in Nx3xHxW; once for each input",
        )
        made.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
        if run is _summary:
            made.add_argument("--arithmetic", action="store_true", help="add the arithmetic beside MACs to the totals")
            made.add_argument(
                "--counted-by",
                metavar="TOOL",
                help="add the total that another tool prints: torchinfo, fvcore, ptflops, thop, calflops, torchvision, or all",
            )
        if run is _rf:
            made.add_argument("--of", metavar="ROW", help="the row that is asked, by its qualified name (default: the output)")
            made.add_argument("--at", metavar="I,J", help="a cell, by its indices on the axes after the channels")
    from cnncalc.cli_sheet import add_commands

    add_commands(commands, _Parser)
    _add_grade(command("grade", _grade, "Submissions graded against a sheet, each with feedback that names the slip."))
    command("list", _list, "The named architectures, the layers, the functions and the questions.")
    return parser


def _add_grade(grade: argparse.ArgumentParser) -> None:
    """The arguments of `grade`."""
    grade.add_argument("sheet", metavar="SHEET", help="hw3, the homework, or the file of a sheet")
    grade.add_argument(
        "submissions", metavar="SUBMISSION", nargs="+", help="files or folders: TOML, JSON, a class CSV, Markdown, notebooks"
    )
    grade.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT[:PATH]",
        help="text, json, csv, gradescope, junit or html, to standard output or a file; may be given several times",
    )
    grade.add_argument("--release", action="store_true", help="name the right answers in the feedback: after the deadline")
    grade.add_argument("--against", metavar="JSON", help="an earlier JSON report: show what changed")
    grade.add_argument("--lang", choices=["en", "fa"], default="en", help="the language of reports in one (default: en)")
    grade.add_argument("--verify", action="store_true", help="first let torch check every number of the sheet")
    grade.add_argument("--jobs", type=_count, default=0, metavar="N", help="how many processes (default: one a processor)")


def _count(text: str) -> int:
    """A small whole number from 1 on."""
    if not (text.isdecimal() and 0 < len(text) < 4 and int(text)):  # noqa: PLR2004 - nobody has 1000 processors for this
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 999")
    return int(text)


# -- arguments --------------------------------------------------------------------------------------------------


def _network(text: str) -> Module:
    """The network that a name, a file or an inline spec stands for."""
    from cnncalc.spec import parse
    from cnncalc.zoo import ARCHITECTURES

    if text in ARCHITECTURES:
        return ARCHITECTURES[text]()
    is_spec = "(" in text or "\n" in text or "->" in text
    if is_spec or len(text) > 1000:  # noqa: PLR2004 - longer than any sane path
        return parse(text, ARCHITECTURES)
    return _network_in_file(text)


def _network_in_file(name: str) -> Module:
    """The network in a file: JSON where the name ends so, else a written spec."""
    from pathlib import Path

    from cnncalc.layers import LAYER_NAMES, did_you_mean
    from cnncalc.spec import loads, parse
    from cnncalc.spec.document import MAX_CHARACTERS
    from cnncalc.zoo import ARCHITECTURES

    path = Path(name)
    try:
        if not path.is_file():
            raise SpecError(
                "NET is a named architecture, a file, or a spec such as 'Conv2d(3, 16, 5) -> ReLU()'",
                got=repr(name[:60]),
                remedy=did_you_mean(name, [*ARCHITECTURES, *LAYER_NAMES]) or "cnncalc list shows all names",
            )
        if path.stat().st_size > MAX_CHARACTERS:
            raise SpecError("the file is too large", where=path.name, got=f"{path.stat().st_size:,} bytes")
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SpecError("the file can't be read as text in UTF-8", where=name[:60], got=str(error)[:80]) from None
    return loads(content) if path.suffix == ".json" else parse(content, ARCHITECTURES)


def _shapes(inputs: list[str]) -> list[Any]:
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
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and 0 < len(columns) < 6:  # noqa: PLR2004 - a sane number of columns
        found = int(columns)
    else:
        try:
            found = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            found = 80
    return max(40, min(found or 80, WIDEST))


def _wants_color() -> bool:
    """Whether standard output is a terminal that may be coloured (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
