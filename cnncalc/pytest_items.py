"""A sheet as pytest sees it: students, and an item for each ask."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cnncalc.errors import CnncalcError
from cnncalc.grading.grade import grade_submissions, read_files
from cnncalc.grading.graded import Graded
from cnncalc.grading.judging import Judgement
from cnncalc.sheets.issuing import read_secret
from cnncalc.sheets.loader import load
from cnncalc.sheets.variants import Dealer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.grading.submission import Submission
    from cnncalc.sheets.model import Sheet

#: A worker of xdist is sent runs of neighbouring items: it grades so many students at once. Alone, all are graded at once.
BATCH = 16


class NotFullError(Exception):
    """An answer without full credit; its text is the feedback."""


class SheetFile(pytest.File):
    """A sheet: the submissions are its children, sorted by student, and their asks in the sheet's order."""

    sheet: Sheet
    _secret: bytes | None
    _submissions: list[Submission]
    _graded: dict[int, Graded]

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """A node for each submission. The sheet being broken, or the submissions not there, is an error."""
        option = self.config.option
        try:
            self.sheet = load(self.path)
            if option.cnncalc_check:
                yield from self._checks()
            if not option.cnncalc_submissions:
                return
            run = self.config.pluginmanager.get_plugin("cnncalc-grading")
            if run is not None:
                run.add(self)
            self._secret = read_secret(option.cnncalc_secret_file) if option.cnncalc_secret_file else None
            if self._secret is not None:
                Dealer(self.sheet, self._secret)  # a secret that is too short is refused before anything is graded
            found, _ = read_files([str(path) for path in option.cnncalc_submissions])
        except CnncalcError as error:
            raise self.CollectError(f"cnncalc: {error}") from None
        self._submissions = sorted(found, key=lambda submission: submission.student)
        self._graded = {}
        seen: Counter[str] = Counter()
        for index, submission in enumerate(self._submissions):
            seen[submission.student] += 1
            # Two files may go under one id where one of them was refused.
            twin = f"~{seen[submission.student]}" if seen[submission.student] > 1 else ""
            yield StudentNode.from_parent(self, name=submission.student + twin, index=index)

    def _checks(self) -> Iterator[pytest.Item]:
        for question in self.sheet.questions:
            yield CheckItem.from_parent(self, name=f"check.{question.id}")

    def graded(self, index: int) -> Graded:
        """The grade of a submission; a batch of them is worked out at a time, in processes of their own."""
        if index not in self._graded:
            is_worker = hasattr(self.config, "workerinput")
            last = index + BATCH if is_worker else len(self._submissions)
            wanted = [i for i in range(index, min(last, len(self._submissions))) if i not in self._graded]
            grades = grade_submissions(
                self.sheet,
                [self._submissions[i] for i in wanted],
                release=self.config.option.cnncalc_release,
                secret=self._secret,
                jobs=1 if is_worker else 0,
            )
            if grades.stopped == "interrupted":
                raise KeyboardInterrupt
            self._graded |= dict(zip(wanted, grades.graded, strict=True))
        return self._graded[index]


class StudentNode(pytest.Collector):
    """A submission, under its student's id."""

    def __init__(self, index: int, **more: Any) -> None:
        """Keep which submission of the sheet's it is."""
        super().__init__(**more)
        self.index = index

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each ask of the sheet, whether it was answered or not."""
        parent = self.parent
        assert isinstance(parent, SheetFile)  # noqa: S101 - made by a SheetFile only
        asks = [ask.id for question in parent.sheet.questions for ask in question.asks]
        for place, name in enumerate(asks):
            yield AskItem.from_parent(self, name=name, file=parent, place=place)


class AskItem(pytest.Item):
    """One ask of one submission: it passes with full credit, fails with feedback, and is skipped where a human marks."""

    judgement: Judgement | None = None

    def __init__(self, file: SheetFile, place: int, **more: Any) -> None:
        """Keep the sheet and the place of the ask in it."""
        super().__init__(**more)
        self._file = file
        self._place = place

    @property
    def student(self) -> str:
        """The student's id, as the node is named."""
        return str(self.parent.name) if self.parent is not None else ""

    @property
    def _index(self) -> int:
        return int(getattr(self.parent, "index", 0))

    def setup(self) -> None:
        """Grade. What goes wrong here is an error of the sheet, never of the student."""
        graded = self._file.graded(self._index)
        self.judgement = graded.asks[self._place]
        self.problem = graded.problem
        judged = self.judgement
        self.user_properties += [
            ("student", self.student),
            ("ask", judged.id),
            ("verdict", judged.verdict),
            ("marks", round(judged.marks, 6)),
            ("max", judged.max),
        ]
        if judged.slips:
            self.user_properties.append(("slips", " ".join(judged.slips)))

    def runtest(self) -> None:
        """Say what came of it."""
        judged = self.judgement
        if judged is None or (judged.credit >= 1 and not self.problem):
            return
        text = self.feedback()
        if judged.verdict == "human":
            pytest.skip(text)
        if judged.max:
            raise NotFullError(text)

    def feedback(self) -> str:
        """The feedback in the language that was asked for, with the marks."""
        judged = self.judgement
        if judged is None:
            return ""
        said = self.problem or judged.feedback.get(self.config.option.cnncalc_lang, "") or judged.verdict
        return f"{' '.join(said.split())} ({judged.marks:g}/{judged.max:g})"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Feedback in place of a traceback."""
        if isinstance(excinfo.value, NotFullError):
            return str(excinfo.value)
        if isinstance(excinfo.value, CnncalcError):
            return f"cnncalc: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The sheet, and who answered what."""
        return self.path, None, f"{self.student} {self.name}"


class CheckItem(pytest.Item):
    """A question of the sheet, checked as `cnncalc sheet check` does."""

    def runtest(self) -> None:
        """Fail with the findings."""
        from cnncalc.grading.checking import check

        sheet = self.parent.sheet if isinstance(self.parent, SheetFile) else None
        if sheet is not None:
            chosen = tuple(question for question in sheet.questions if f"check.{question.id}" == self.name)
            findings = check(sheet._replace(questions=chosen))
            if findings:
                raise NotFullError("\n".join(map(str, findings)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The findings in place of a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, NotFullError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The sheet and the question, in words: pytest would take the dot of a name apart."""
        return self.path, None, self.name.replace(".", " ")
