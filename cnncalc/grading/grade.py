"""The engine: files in, grades out, on all processors. Whatever happens on the way, every submission has its entry."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from itertools import chain, count
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.grading import readers
from cnncalc.grading.files import Source, find, safe_id
from cnncalc.grading.forked import Limits, cores, each
from cnncalc.grading.graded import Graded
from cnncalc.grading.marking import marking_of
from cnncalc.grading.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.grading.judging import Judgement
    from cnncalc.sheets.model import Sheet

__all__ = ["Graded", "Grades", "grade_files", "grade_submission"]

#: A file is read in two seconds or refused; a whole class in one table may take more.
READING = Limits(cpu=2.0, wall=20.0, memory=512)
READING_A_CLASS = Limits(cpu=30.0, wall=90.0, memory=1024, report=256)
JUDGING = Limits(cpu=20.0, wall=90.0, memory=1024)
FAILURES = {
    "time": "it takes too long to read",
    "memory": "it takes too much memory to read",
    "crash": "it can't be read",
}
#: From so many submissions on, the printed sheet is worked out before the work is handed out.
MANY = 16


class Grades(NamedTuple):
    """The grades of a class. `stopped` says why the work ended early ("" where it did not)."""

    sheet: Sheet
    graded: tuple[Graded, ...]
    stopped: str = ""

    @property
    def max(self) -> float:
        """The marks that can be had."""
        return marking_of(self.sheet).max

    @property
    def name(self) -> str:
        """The sheet with its version."""
        return f"{self.sheet.id}@{self.sheet.version}"


def grade_submission(sheet: Sheet, submission: Submission, *, release: bool = False, secret: bytes | None = None) -> Graded:
    """The marks of a submission, with feedback; right answers are named only where `release` says so.

    With the course's `secret`, its parameters must be those that were dealt to the student.
    """
    return marking_of(sheet, secret).grade(submission, release=release)


class Read(NamedTuple):
    """The submissions in files, in the order of the files. `stopped` says why the reading ended early."""

    submissions: list[Submission]
    stopped: str = ""


def read_files(paths: list[str], *, jobs: int = 0, advance: Callable[[], None] = lambda: None) -> Read:
    """Read the submissions in files and folders.

    Raises SubmissionError for a path that does not exist; what is wrong inside a file is that submission's problem.
    """
    sources = find(paths)
    found: dict[int, list[Submission]] = {}
    stopped = ""
    try:
        for index, submissions in _read(sources, jobs):
            found[index] = submissions
            advance()
    except KeyboardInterrupt:
        stopped = "interrupted"
    except Exception as error:  # noqa: BLE001 - what was handed in must have its entry; what broke is told
        stopped = f"broken off ({type(error).__name__})"
    pairs = []
    for index, source in enumerate(sources):
        read = found.get(index, [Submission(source.id, problem=f"not read: {stopped}")] if stopped else [])
        pairs += [(submission, source) for submission in read]
    return Read(_without_twins(pairs), stopped)


def _read(sources: list[Source], jobs: int) -> Iterator[tuple[int, list[Submission]]]:
    """The submissions of each file, by its number, as they come from the children that read them."""
    classes = [index for index, source in enumerate(sources) if source.suffix == ".csv"]
    single = [index for index, source in enumerate(sources) if source.suffix != ".csv"]
    for indices, limits, chunk in ((single, READING, 16), (classes, READING_A_CLASS, 1)):
        for outcome in each([sources[index] for index in indices], readers.load, jobs=jobs, limits=limits, chunk=chunk):
            index = indices[outcome.item]
            if outcome.failure:
                yield index, [Submission(sources[index].id, problem=FAILURES[outcome.failure])]
            else:
                yield index, [Submission(*data) for data in outcome.results]


def _without_twins(pairs: list[tuple[Submission, Source]]) -> list[Submission]:
    """One submission for each student. Where several claim an id, the file that is named so has it, else the first."""
    owners: dict[str, int] = {}
    for index, (submission, source) in enumerate(pairs):
        if submission.problem:
            continue
        owner = owners.get(submission.student)
        if owner is None or (pairs[owner][1].id != submission.student and source.id == submission.student):
            owners[submission.student] = index
    kept: list[Submission] = []
    taken = set(owners)
    for index, (submission, source) in enumerate(pairs):
        if owners.get(submission.student) == index and not submission.problem:
            kept.append(submission)
            continue
        problem = submission.problem or f"another submission goes under the id {submission.student}"
        name = _free(submission.student if submission.problem else source.id, source, taken)
        taken.add(name)
        kept.append(Submission(name, problem=problem))
    return kept


def _free(name: str, source: Source, taken: set[str]) -> str:
    """An id for what is refused that nobody has: its file's stem, else with what the file's name ends in, else numbered."""
    names = [name, f"{name[:24]}_{source.suffix.strip('.')}"[:32]]
    numbered = (f"{name[:24]}_{number}" for number in count(2))
    return next(one for one in map(safe_id, chain(names, numbered)) if one not in taken)


def grade_files(
    sheet: Sheet,
    paths: list[str],
    *,
    release: bool = False,
    secret: bytes | None = None,
    jobs: int = 0,
    progress: Callable[[str, int], Callable[[], None]] | None = None,
) -> Grades:
    """Grade what is in files and folders, on all processors or on `jobs` of them.

    With the course's `secret`, each submission's parameters must be those that were dealt to its student.
    `progress` is told what is done and in how many steps, and gives a function to call after each. Interrupted or broken
    off, the grades so far are given, and the rest are entered as not graded.
    """
    files = len(find(paths))
    begin = progress or (lambda _label, _total: lambda: None)
    with _terminable():
        read = read_files(paths, jobs=jobs, advance=begin("reading", files))
        advance = begin("grading", len(read.submissions))
        return grade_submissions(
            sheet, read.submissions, release=release, secret=secret, jobs=jobs, advance=advance, stopped=read.stopped
        )


def grade_submissions(
    sheet: Sheet,
    submissions: list[Submission],
    *,
    release: bool = False,
    secret: bytes | None = None,
    jobs: int = 0,
    advance: Callable[[], None] = lambda: None,
    stopped: str = "",
) -> Grades:
    """Grade submissions that were read already, or enter them as not graded where the work had `stopped`. See `grade_files`."""
    marking = marking_of(sheet, secret)
    found: dict[int, Graded] = {}
    known: dict[Any, Judgement] = {}
    # Those with the same parameters go to the same process, which then works them out once.
    order = sorted(range(len(submissions)), key=lambda index: (sorted(submissions[index].variant.items()), index))
    jobs = jobs or cores()
    try:
        if stopped:
            order.clear()
        elif len(submissions) >= MANY:
            marking.prepare()

        def work(index: int) -> Iterator[Any]:
            yield marking.grade(submissions[index], release=release)

        chunk = max(1, min(64, -(-len(order) // (4 * jobs))))
        for outcome in each(order, work, jobs=jobs, limits=JUDGING, chunk=chunk):
            index = order[outcome.item]
            if outcome.failure or len(outcome.results) != 1:
                found[index] = marking.refused(submissions[index].student, "it can't be graded")
            else:
                found[index] = Graded.of(outcome.results[0], known)
            advance()
    except KeyboardInterrupt:
        stopped = "interrupted"
    except Exception as error:  # noqa: BLE001 - the grades so far must not be lost; what broke is told
        stopped = f"broken off ({type(error).__name__})"
    graded = []
    for index, submission in enumerate(submissions):
        problem = submission.problem or f"not graded: {stopped}"
        graded.append(found.get(index) or marking.refused(submission.student, problem))
    return Grades(sheet, tuple(graded), stopped)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a request to end count as an interruption, so that the report is still written."""

    def interrupt(number: int, frame: Any) -> None:
        del number, frame
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:
        # Not in the main thread: who runs us there ends us as they like.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
