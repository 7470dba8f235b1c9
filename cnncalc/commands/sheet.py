"""`cnncalc sheet check` and `cnncalc sheet build`, for teachers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncalc.errors import DisagreementError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from cnncalc.sheets.model import Sheet

CHECK_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two actions, and what each takes."""
    parser.set_defaults(act=lambda _: parser.print_help())
    actions = parser.add_subparsers(metavar="ACTION")

    def action(name: str, act: Callable[[argparse.Namespace], None], text: str) -> Any:
        made = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        made.set_defaults(act=act)
        made.add_argument("sheet", metavar="SHEET", help="the sheet's file, or hw3, the homework that is installed")
        return made

    check = action("check", _check, "Find what is wrong with a sheet before a student does.")
    check.add_argument("--verify", action="store_true", help="measure every number with torch too")
    build = action("build", _build, "Write each student's sheet, with numbers of their own, and the form for the answers.")
    build.add_argument("--students", required=True, metavar="IDS|N", help="a file with an id on each line, or a number")
    build.add_argument("--secret-file", metavar="FILE", help="the course's secret, for sheets with variants")
    build.add_argument("--out", required=True, metavar="DIR", help="the folder to be written")
    build.add_argument("--format", choices=["markdown", "html", "latex", "pdf"], default="markdown", help="default: markdown")
    build.add_argument("--lang", choices=["en", "fa", "both"], default="both", help="default: both, a file for each")


def run(given: argparse.Namespace) -> None:
    """The action that was named, or the help."""
    given.act(given)


def _sheet(given: str) -> Sheet:
    """The sheet in a file, or the homework by its name."""
    from cnncalc.sheets.loader import HOMEWORK, load, load_homework

    return load_homework() if given == HOMEWORK else load(Path(given))


def _check(given: argparse.Namespace) -> None:
    """What is wrong with a sheet."""
    from cnncalc.grading.checking import check

    sheet = _sheet(given.sheet)
    verifier = None
    if given.verify:
        from cnncalc.sheets.verification import Verifier

        verifier = Verifier()
    findings = check(sheet, verifier)
    for finding in findings:
        print(finding)
    if verifier is not None and verifier.disagreements:
        raise DisagreementError("torch gives other numbers", got=verifier.disagreements[0])
    asks = sum(len(question.asks) for question in sheet.questions)
    if findings:
        plural = "finding" if len(findings) == 1 else "findings"
        print(f"{sheet.id}@{sheet.version}: {len(findings)} {plural}")
        sys.stdout.flush()
        sys.exit(CHECK_FAILED)
    checked = f"; torch {verifier.torch_version} agrees with all numbers" if verifier else ""
    print(f"{sheet.id}@{sheet.version}: {asks} asks, nothing to mend{checked}")


def _build(given: argparse.Namespace) -> None:
    """Every student's sheet and form, written at once."""
    from cnncalc.render.issued import FORMATS
    from cnncalc.sheets.issuing import form, form_name, issued, read_secret, students, write_all
    from cnncalc.sheets.variants import Dealer, has_variants

    sheet = _sheet(given.sheet)
    languages = sheet.languages if given.lang == "both" else (given.lang,)
    ending, written = FORMATS[given.format]
    class_ids = students(given.students)
    dealer = None
    if has_variants(sheet):
        dealer = Dealer(sheet, read_secret(given.secret_file))
    files: dict[str, str | bytes] = {}
    for student in class_ids:
        variant = dealer.deal(student) if dealer else {}
        for language in languages:
            suffix = f".{language}" if len(languages) > 1 else ""
            files[f"{student}{suffix}.{ending}"] = written(issued(sheet, student, variant, language))
        files[form_name(student)] = form(sheet, student, variant, languages)
    write_all(Path(given.out), files)
    print(f"{sheet.id}@{sheet.version}: {len(class_ids)} students, {len(files)} files in {given.out}")
