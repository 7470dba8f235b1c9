"""A run of pytest that grades: outcomes as they come, the class in the summary, and reports at the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cnncalc.errors import CnncalcError
from cnncalc.grading.grade import Grades
from cnncalc.grading.judging import Judgement
from cnncalc.grading.marking import marking_of
from cnncalc.pytest_items import AskItem, SheetFile
from cnncalc.sheets.loader import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.sheets.model import Sheet

#: So many wrong answers are told in the summary; more only with -v.
FEW = 20
NOT_RUN = {"en": "not graded in this run", "fa": "در این اجرا تصحیح نشده است"}


class GradingRun:
    """What is kept of a run that grades: outcomes as they come, the summary, and reports at the end."""

    def __init__(self, config: pytest.Config) -> None:
        """Check the reports that are asked for, so that no class is graded for nothing."""
        from cnncalc.grading.reports import wanted

        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._files: list[SheetFile] = []
        self._path = self._named_sheet()
        #: Students in order, and what came of their asks.
        self._expected: dict[str, None] = {}
        self._judged: dict[str, dict[str, Judgement]] = {}
        self._problems: dict[str, str] = {}
        self._told: list[tuple[str, str, str]] = []
        self._interrupted = ""
        self._written: list[str] = []
        try:
            self._reports = [wanted(text) for text in config.option.cnncalc_report]
        except CnncalcError as error:
            raise pytest.UsageError(f"cnncalc: {error}".replace("--report", "--cnncalc-report")) from None
        for report in self._reports:
            if not report.path:
                raise pytest.UsageError(f"cnncalc: write --cnncalc-report={report.format}:PATH, with a path")

    def _named_sheet(self) -> Path | None:
        """The sheet that the command line names; None where it is found in a folder."""
        from cnncalc.sheets.sniffing import is_sheet

        paths = [self._config.invocation_params.dir / str(argument).partition("::")[0] for argument in self._config.args]
        return next((path for path in paths if path.suffix == ".toml" and is_sheet(path)), None)

    def add(self, file: SheetFile) -> None:
        """A sheet that is collected; a run grades one."""
        if self._files and self._files[0].path != file.path:
            raise file.CollectError("cnncalc: a run grades one sheet; name its file")
        self._files = [file]
        self._path = file.path

    # -- what is expected and what came ---------------------------------------------------------------------------

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember who is to be graded, before anything is deselected."""
        for item in items:
            if isinstance(item, AskItem):
                self._expected.setdefault(item.student)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The same from a worker: its ids name the students."""
        del node
        for name in ids:
            parts = name.rsplit("::", 2)
            if len(parts) == 3:  # noqa: PLR2004 - sheet, student, ask
                self._expected.setdefault(parts[1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Put the judgement into the report, in a form that travels from worker to controller."""
        report: Any = yield
        if isinstance(item, AskItem) and report.when == "call" and item.judgement is not None:
            report.cnncalc = {
                "sheet": str(item.path),
                "student": item.student,
                "problem": item.problem,
                "judgement": list(item.judgement),
                "feedback": item.feedback(),
            }
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what came of an item."""
        told: dict[str, Any] | None = getattr(report, "cnncalc", None)
        if told is None or self._is_worker:
            return
        self._path = self._path or Path(told["sheet"])
        name, verdict, credit, best, slips, feedback, answer = told["judgement"]
        judgement = Judgement(name, verdict, credit, best, tuple(slips), feedback, answer)
        self._judged.setdefault(told["student"], {})[name] = judgement
        self._problems[told["student"]] = told["problem"]
        if report.failed:
            self._told.append((told["student"], name, told["feedback"]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Words of our own, so that pytest's summary of failures, which is quadratic, has nothing to tell."""
        if not hasattr(report, "cnncalc"):
            return None
        if report.skipped:
            return "to be marked", "h", "HUMAN"
        return ("not full", "F", "NOT FULL") if report.failed else ("full", ".", "FULL")

    # -- at the end -----------------------------------------------------------------------------------------------

    def pytest_keyboard_interrupt(self) -> None:
        """The run was broken off."""
        self._interrupted = "interrupted"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the reports, whatever has happened, in the controller alone."""
        if self._is_worker or not self._reports or self._path is None:
            return
        from cnncalc.grading.reports import write

        option = self._config.option
        try:
            grades = self._grades(load(self._path))
            for report in self._reports:
                write(grades, report, option.cnncalc_lang, release=option.cnncalc_release)
                self._written.append(report.path)
        except CnncalcError as error:
            raise pytest.UsageError(f"cnncalc: {error}") from None

    def _grades(self, sheet: Sheet) -> Grades:
        """The grades of everybody who was expected; what was not run is missing, and says so."""
        graded = []
        for student in self._expected:
            judged = self._judged.get(student, {})
            refused = marking_of(sheet).refused(student, self._problems.get(student) or NOT_RUN["en"])
            asks = tuple(judged.get(ask.id) or ask._replace(feedback=NOT_RUN) for ask in refused.asks)
            problem = self._problems.get(student, "") if judged else NOT_RUN["en"]
            total = round(sum(ask.marks for ask in asks), 6)
            graded.append(refused._replace(asks=asks, total=total, problem=problem))
        return Grades(sheet, tuple(graded), self._interrupted)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The class in a table, an ask a row; few wrong answers one by one, many only where more is asked for."""
        if not self._judged:
            return
        write = terminalreporter.write_line
        verbose = self._config.get_verbosity()
        terminalreporter.section("cnncalc")
        if verbose > 0 or len(self._told) <= FEW:
            for student, name, feedback in self._told:
                write(f"{student} {name}: {feedback}")
        else:
            write(f"{len(self._told)} answers without full credit: -v tells them, --cnncalc-report=html:PATH shows the class")
        if verbose >= 0:
            for line in _table(self._judged):
                write(line)
        for path in self._written:
            write(f"written: {path}")


def _table(judged: dict[str, dict[str, Judgement]]) -> Iterator[str]:
    """How often each verdict was given to each ask, and the mean share of the marks."""
    asks: dict[str, list[Judgement]] = {}
    for by_ask in judged.values():
        for name, judgement in by_ask.items():
            asks.setdefault(name, []).append(judgement)
    order = ("right", "accepted", "carried", "slip", "unexplained", "malformed", "missing", "human")
    columns = [verdict for verdict in order if any(j.verdict == verdict for found in asks.values() for j in found)]
    width = max(map(len, asks))
    yield f"{'ask'.ljust(width)}  {'  '.join(columns)}  credit"
    for name, found in asks.items():
        counts: Counter[str] = Counter(judgement.verdict for judgement in found)
        cells = "  ".join(str(counts[verdict]).rjust(len(verdict)) for verdict in columns)
        mean = sum(judgement.credit for judgement in found) / len(found)
        yield f"{name.ljust(width)}  {cells}  {mean:6.0%}"
