"""Which tests run which lines, and whether one of them fails after a change."""

from __future__ import annotations

import ast
import resource
import signal
import sys
import time
from collections import Counter
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutation.changes import ROOT, Mutant, is_text
from mutation.forks import forked
from mutation.in_place import Loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: A test that takes this many times its usual time of the processor, and more seconds than this, does not come to an end: it
#: has noticed.
TIMES, LEAST = 20, 20
#: So has one that takes more memory than this.
MEMORY = 6 << 30
#: Tests of one mutant are run for this many seconds, the promising ones first; what has passed them all is said to survive.
SECONDS = 30.0
#: The files of tests that are run: those that have to do with layers, axis maps and sizes. Fewer than there are, so that
#: what is found is a lower bound for all tests.
TESTS = (
    *(f"tests/test_{name}.py" for name in (
        "edges", "every_layer", "every_function", "torch_samples", "all_cells", "axis", "axis_resample", "shaped_networks",
        "sizes", "module", "graph", "containers", "tensor_methods", "symbols_everywhere", "symbols_in_functions", "remembered",
        "drop_in", "index_lists", "argument_types",
        "signatures", "neighbours", "transformers", "traps", "unknown", "layers_page", "quantity",
    )),
    *(f"tests/analyses/test_{name}.py" for name in (
        "arithmetic", "receptive", "memory", "parameters", "explain", "formula", "analyze", "resampled", "resized", "phases",
        "explain_fields", "path_counts", "projective",
    )),
    *(f"tests/formulas/test_{name}.py" for name in ("code", "function", "networks", "simplify")),
    *(f"tests/solve/test_{name}.py" for name in ("sets", "chains", "windows", "valid_sizes", "messages", "budgets")),
    *(f"tests/spec/test_{name}.py" for name in ("shape_text", "expression_text", "document")),
    *sorted(str(path.relative_to(ROOT)) for room in ("layers", "axis", "sizes") for path in ROOT.glob(f"tests/{room}/test_*.py")),
)  # fmt: skip
#: Without the search for a smaller example.
PROFILE = "mutants"
ARGUMENTS = (
    "-q",
    "-s",
    "-n0",
    "-x",
    "-p",
    "no:cacheprovider",
    "--assert=plain",
    "--rootdir",
    str(ROOT),
    "--import-mode=importlib",
)


class Coverage:
    """Which tests run each line, and for how long each test runs."""

    def __init__(self, seconds: dict[str, float], lines: dict[str, dict[str, list[str]]]) -> None:
        """Keep what was found: seconds by test, tests by file and line."""
        self.seconds, self.lines = seconds, lines
        #: The files of the tests.
        self.files = sorted({test.partition("::")[0] for test in seconds})
        #: How many mutants of a file a test has noticed.
        self.noticed: Counter[tuple[str, str]] = Counter()

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that run the line of a mutant, those first that promise most for their time.

        What an import runs may be noticed by any test that runs the file, or is called by a name that the file defines.
        """
        lines = self.lines.get(mutant.file, {})
        found = set(lines.get(str(mutant.line_run), ())) if mutant.inside else set()
        if not found:
            found = {test for tests in lines.values() for test in tests} | self._named_in(mutant.path)
        ordered = sorted(found, key=lambda test: self.seconds[test] / (self.noticed[mutant.file, test] + 0.1))
        total, kept = 0.0, []
        for test in ordered:
            total += self.seconds[test]
            if total > SECONDS:
                break
            kept.append(test)
        return kept

    def is_run(self, mutant: Mutant) -> bool:
        """Whether a test runs it, as it is in a function: else only the import may."""
        return mutant.inside and bool(self.lines.get(mutant.file, {}).get(str(mutant.line_run)))

    def _named_in(self, path: Path) -> set[str]:
        """The tests of layers and functions by name."""
        names = {getattr(node, "name", None) or getattr(node, "id", None) for node in ast.walk(ast.parse(path.read_text()))}
        return {test for test in self.seconds if test.partition("[")[2].rstrip("]").split("-")[0] in names}


class Session:
    """A plugin of pytest that does its own work with the tests that were collected."""

    def __init__(self, work: Callable[[dict[str, Any]], None]) -> None:
        """Take the work: it gets the tests by name."""
        self.work = work

    def pytest_collection(self) -> None:
        """Load the profile before the tests ask for it."""
        from hypothesis import Phase, settings

        gate = settings.get_profile("gate")
        settings.register_profile(PROFILE, gate, phases=(Phase.explicit, Phase.generate))
        settings.load_profile(PROFILE)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Do the work instead of running each test once."""
        self.work({item.nodeid: item for item in session.items})
        return True


def import_instead(codes: dict[Path, Any]) -> None:
    """Have this process import other code for some files."""
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        return codes.get(Path(self.path)) or original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def passes(item: Any) -> bool:
    """Whether a test passes."""
    from _pytest.runner import runtestprotocol

    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def first_failure(items: Iterable[Any], seconds: dict[str, float]) -> str:
    """The name of the first test that fails, or nothing; a process that does not come to an end is stopped."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for item in items:
        signal.setitimer(signal.ITIMER_PROF, max(LEAST, TIMES * seconds[item.nodeid]))
        if not passes(item):
            return str(item.nodeid)
    return ""


# -- which tests run which lines --------------------------------------------------------------------------------


def measured(jobs: int, paths: list[Path], tests: list[str]) -> Coverage:
    """Run all tests of some files once, with a note of the lines that each runs."""
    noting = {path: Noting(path).visit(ast.parse(path.read_text(encoding="utf-8"))) for path in paths}
    codes = {path: compile(ast.fix_missing_locations(tree), str(path), "exec") for path, tree in noting.items()}

    def work() -> Any:
        import builtins

        builtins._note_run = RUN.add  # type: ignore[attr-defined]
        import_instead(codes)
        return _in_session(tests, partial(_measure_all, jobs, paths))

    ((_, found),) = forked([("notes", work)], 1, show=True)
    if found is None:
        raise SystemExit("the tests could not be run")
    seconds, lines, failed = found
    if failed:
        sys.stderr.write(f"left out, since they fail without any mistake: {failed}\n")
    return Coverage(seconds, lines)


def _in_session(files: Iterable[str], work: Callable[[dict[str, Any]], Any]) -> Any:
    """What a piece of work gives inside a session of pytest."""
    import pytest

    answers: list[Any] = []
    pytest.main([*ARGUMENTS, *files], plugins=[Session(lambda items: answers.append(work(items)))])
    return answers[0] if answers else None


def _measure_all(jobs: int, paths: list[Path], items: dict[str, Any]) -> Any:
    seconds: dict[str, float] = {}
    lines: dict[str, dict[str, list[str]]] = {path.relative_to(ROOT).as_posix(): {} for path in paths}
    failed: list[str] = []
    every = list(items.values())
    shares = [(number, partial(_measure, every[number :: 8 * jobs])) for number in range(8 * jobs)]
    for _, share in forked(shares, jobs, show=True):
        for test, (took, passed, run) in share.items():
            seconds[test] = took
            if not passed:
                failed.append(test)
                continue
            for path, line in run:
                lines[Path(path).relative_to(ROOT).as_posix()].setdefault(str(line), []).append(test)
    return seconds, lines, failed


def _measure(items: list[Any]) -> Any:
    found = {}
    for item in items:
        RUN.clear()
        start = time.process_time()
        passed = passes(item)
        found[item.nodeid] = time.process_time() - start, passed, sorted(RUN)
    return found


#: The statements that were run: file and line.
RUN: set[tuple[str, int]] = set()


class Noting(ast.NodeTransformer):
    """Puts before each statement of a function a note that it is run."""

    def __init__(self, path: Path) -> None:
        """Keep the file."""
        self.path = str(path)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Note each statement inside, however deep."""
        blocks = [(inner, name) for inner in ast.walk(node) for name in ("body", "orelse", "finalbody")]
        for inner, name in blocks:
            block = getattr(inner, name, None)
            if isinstance(block, list) and not isinstance(inner, ast.ClassDef):
                setattr(inner, name, [part for statement in block for part in self._noted(statement)])
        return node

    def _noted(self, statement: ast.stmt) -> list[ast.stmt]:
        if is_text(statement):
            return [statement]
        place = ast.Tuple([ast.Constant(self.path), ast.Constant(statement.lineno)], ast.Load())
        note = ast.Expr(ast.Call(ast.Name("_note_run", ast.Load()), [place], []))
        return [ast.copy_location(note, statement), statement]


# -- whether one fails ------------------------------------------------------------------------------------------

Code = Any


def judged_in_place(
    mutants: dict[int, Mutant], code: Callable[[Mutant], tuple[Code, Code]], found: Coverage, jobs: int, tell: Any
) -> None:
    """Judge mutants of functions: each in a fork of one session that has everything loaded.

    `code` gives the code of a module before and after a change. `tell` is told, with the number of each mutant, the test
    that noticed it: "" where none did, None where the process died or did not come to an end, and False where the change
    is in what an import runs.
    """

    def work(items: dict[str, Any]) -> None:
        import gc

        loaded = Loaded(str(ROOT / "cnncalc"))
        gc.freeze()

        def judge(mutant: Mutant) -> Any:
            if not loaded.change(*code(mutant)):
                return False
            return first_failure([items[name] for name in found.tests(mutant)], found.seconds)

        for number, noticed in forked(((number, partial(judge, mutant)) for number, mutant in mutants.items()), jobs):
            if noticed:
                found.noticed[mutants[number].file, noticed] += 1
            tell(number, noticed)

    _in_session(found.files, work)


def judged_by_import(
    mutants: list[Mutant], code: Callable[[Mutant], tuple[Code, Code]], found: Coverage, jobs: int, tell: Any
) -> None:
    """Judge mutants of what an import runs: each in a process that imports everything with the change."""

    def judge(mutant: Mutant) -> Any:
        _, changed = code(mutant)
        import_instead({mutant.path: changed})
        tests = found.tests(mutant)
        files = sorted({name.partition("::")[0] for name in tests}) or found.files[:1]

        def work(items: dict[str, Any]) -> str:
            missing = [name for name in tests if name not in items]
            return missing[0] if missing else first_failure([items[name] for name in tests], found.seconds)

        signal.setitimer(signal.ITIMER_PROF, LEAST * 3)
        return _in_session(files, work)

    for mutant, noticed in forked(((mutant, partial(judge, mutant)) for mutant in mutants), jobs):
        if noticed:
            found.noticed[mutant.file, noticed] += 1
        tell(mutant, noticed)
