"""The command `cnncalc`: arguments in, an answer out. No arithmetic.

Exit status: 0 fine, 1 a check or a grade failed, 2 the input was bad, 3 the library and torch disagree. An error is one
line on standard error.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import cnncalc
from cnncalc.commands import COMMANDS
from cnncalc.commands.outputs import width
from cnncalc.errors import CnncalcError, DisagreementError, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_INPUT = 2
DISAGREES = 3
INTERRUPTED = 130
BROKEN_PIPE = 141


def entry() -> NoReturn:
    """The installed command: `main`, and then out of the process at once.

    All is written and closed by then. Python would free every object first, which takes as long as a small answer.
    """
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit; every error becomes one line and a status."""
    # Most of what a command makes lives until it ends: looking through it for dead cycles finds little and takes a while.
    gc.set_threshold(100_000)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Closed by who started us: what is written goes nowhere.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = _status(sys.argv[1:] if arguments is None else list(arguments))
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
    sys.exit(status)


def _status(words: Sequence[str]) -> int:
    """Run the command that `words` name: the status with which it ends."""
    try:
        given = _parser(words).parse_args(words)
        given.run(given)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _drop_output() -> None:
    """Send what is still unwritten nowhere, and keep Python from complaining about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, status: int) -> NoReturn:
    """One line on standard error."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
    print(f"cnncalc: error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are those of the rest of cnncalc: one line, with a suggestion where a word is near."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("cnncalc").strip()
        raise SpecError(message, where=command, remedy=f"see {self.prog} --help")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is not known where it stands: its own command names its help."""
        given, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return given, rest

    def _get_formatter(self) -> argparse.HelpFormatter:
        return argparse.HelpFormatter(self.prog, width=width() - 2)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            from cnncalc.layers import did_you_mean

            known = [str(choice) for choice in action.choices]
            name = "/".join(action.option_strings) or "COMMAND"
            raise SpecError(
                f"{name} must be one of {', '.join(known)}", got=repr(str(value)[:40]), remedy=did_you_mean(str(value), known)
            )


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The command and its subcommands; only the one that `words` name is loaded with all it takes."""
    parser = _Parser(
        prog="cnncalc",
        description="Shapes, parameters, MACs and receptive fields of convolutional networks: exact, explained, checked "
        "against PyTorch.",
        epilog="Exit status: 0 fine, 1 a check failed, 2 the input was bad, 3 cnncalc and torch disagree.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cnncalc {cnncalc.__version__}")
    parser.set_defaults(run=lambda _: parser.print_help())
    commands = parser.add_subparsers(metavar="COMMAND")
    named = next((word for word in words if not word.startswith("-")), None)
    # Where one of them runs, the others need not be made.
    for name in [named] if named in COMMANDS else COMMANDS:
        text = COMMANDS[name]
        made = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        if name == named:
            command = import_module(f"cnncalc.commands.{name}")
            command.add_arguments(made)
            made.set_defaults(run=command.run)
    return parser
