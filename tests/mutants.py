"""Do the tests notice a mistake? One is made in the source, the tests that cover it are run, and one of them must fail.

    python tests/mutants.py --sample 400 --seed 1 > mutants.txt

A mutant is one small change of one file: another comparison or operation, a number one off, a condition always true or
never, `and` for `or`, a statement left out. Text, annotations and what only prints are left alone. torch, pytest and
hypothesis are loaded once; each mutant is a fork of that process which imports cnncalc with the changed file, runs the
tests of that file in the profile "gate", and stops at the first failure. So a mutant costs seconds, and nothing is written
to disk. A line is printed for each: killed, or survived with the change; the last says how many, with the 95 % interval.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import signal
import sys
from copy import deepcopy
from importlib.machinery import SourceFileLoader
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
#: A mutant that runs for longer does not come to an end: it counts as noticed.
SECONDS = 150
#: So does one that takes more memory than this.
MEMORY = 6 << 30

#: Pytest would load the package itself, as it is on disk, to rewrite its assertions.
PLAIN = ("--assert=plain",)

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
#: Methods that print.
PRINTING = {"__repr__", "__str__", "text", "describe"}
#: Calls whose arguments are messages, except for the condition of `require`.
MESSAGES = {"ArgumentError", "ShapeError", "UnsupportedError", "SpecError", "CnncalcError", "NotImplementedError", "at"}


def changes(tree: ast.Module) -> Iterator[tuple[int, str, Callable[[], None]]]:  # noqa: C901, PLR0912 - one for each kind of change
    """Each change that may be made in a tree: the line, what it is, and what makes it."""
    for node in walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare):
            for index, operator in enumerate(node.ops):
                other = COMPARISONS[type(operator)]
                yield (
                    line,
                    f"{type(operator).__name__} → {other.__name__}",
                    lambda n=node, i=index, o=other: n.ops.__setitem__(i, o()),
                )
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATIONS:
            other_operation = OPERATIONS[type(node.op)]
            name = f"{type(node.op).__name__} → {other_operation.__name__}"
            yield line, name, lambda n=node, o=other_operation: setattr(n, "op", o())
        elif isinstance(node, ast.BoolOp):
            other_join = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield line, f"→ {other_join.__name__}", lambda n=node, o=other_join: setattr(n, "op", o())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
            same = ast.UAdd() if isinstance(node.op, ast.USub) else None
            if same:
                yield line, "− left out", lambda n=node, o=same: setattr(n, "op", o)
            else:
                yield (
                    line,
                    "not left out",
                    lambda n=node: (setattr(n, "op", ast.Not()), setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))),
                )
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield line, f"{node.value} → {not node.value}", lambda n=node: setattr(n, "value", not n.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield line, f"{node.value} → {node.value + 1}", lambda n=node: setattr(n, "value", n.value + 1)
        if isinstance(node, (ast.If, ast.IfExp)):
            for value in (True, False):
                yield line, f"condition always {value}", lambda n=node, v=value: setattr(n, "test", ast.Constant(v))
        if isinstance(node, (ast.Raise, ast.Expr, ast.Assign)) and not is_text(node) and not in_class_body(node):
            yield line, f"{type(node).__name__} left out", lambda n=node: leave_out(n)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def in_class_body(node: Any) -> bool:
    """Whether a statement declares something: leaving that out breaks the import."""
    return not getattr(node, "inside", False)


def leave_out(node: Any) -> None:
    """Put `pass` in the place of a statement."""
    block = node.block
    block[next(index for index, statement in enumerate(block) if statement is node)] = ast.copy_location(ast.Pass(), node)


def walk(tree: ast.Module) -> Iterator[ast.AST]:  # noqa: C901 - one for each kind of node
    """The nodes whose change changes a number or a refusal, in order."""

    def visit(node: Any, *, inside: bool) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 - the same
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name in PRINTING:
                return
            parts: list[Any] = [*node.args.defaults, *node.args.kw_defaults, *node.body]
            inside = True
        elif isinstance(node, ast.AnnAssign):
            parts = [node.value]
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in MESSAGES:
                return
            parts = node.args[:1] if name == "require" else [node.func, *node.args, *node.keywords]
        elif isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
            return
        else:
            parts = list(ast.iter_child_nodes(node))
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for statement in block:
                    statement.block, statement.inside = block, inside
        yield node
        for part in parts:
            if isinstance(part, ast.AST):
                yield from visit(part, inside=inside)

    yield from visit(tree, inside=False)


# -- which tests ------------------------------------------------------------------------------------------------

#: What stands behind many layers, and layers that show it.
SHOWN_BY = {
    "arguments": (
        "Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool3d", "LPPool2d", "AdaptiveMaxPool2d",
        "GroupNorm", "Linear", "Unfold",
    ),
    "broadcasting": ("add", "add_", "where", "clamp", "maximum", "bilinear"),
    "functional": ("relu", "max_pool2d", "conv2d", "layer_norm"),
    "lazy": ("LazyConv2d", "LazyLinear", "LazyBatchNorm2d", "LazyInstanceNorm1d"),
    "operation": ("Conv2d", "Identity", "cat", "add", "LazyConv2d"),
    "work": ("Conv2d", "MaxPool2d", "BatchNorm2d", "Upsample"),
    "shaping": ("Flatten", "Unflatten", "flatten", "squeeze", "mean", "getitem"),
    "recurrent_axes": ("RNN", "LSTM", "GRU"),
    "uncarried": ("MaxUnpool2d", "FractionalMaxPool2d"),
    "axis": (
        "Conv2d", "ConvTranspose2d", "MaxPool2d", "AdaptiveAvgPool2d", "ReflectionPad1d", "CircularPad2d",
        "getitem", "flip", "roll", "cumsum", "pad",
    ),
    "axes": ("Conv2d", "Linear", "Flatten", "reshape", "permute", "cat", "matmul", "GroupNorm", "PixelShuffle", "split"),
    "resample": ("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "interpolate"),
    "sizes": ("Conv2d", "MaxPool2d", "ConvTranspose2d", "Flatten", "PixelShuffle"),
}  # fmt: skip
WALKS = (
    "tests/test_every_layer.py",
    "tests/test_every_function.py",
    "tests/test_torch_samples.py",
    "tests/analyses/test_arithmetic.py",
)
BESIDE = {
    "axis": ("tests/test_axis.py", "tests/test_all_cells.py"),
    "axes": ("tests/test_all_cells.py", "tests/test_shaped_networks.py"),
    "resample": ("tests/test_axis_resample.py",),
    "sizes": ("tests/test_sizes.py", "tests/solve/test_sets.py", "tests/solve/test_chains.py", "tests/spec/test_shape_text.py"),
    "transformer": ("tests/test_transformers.py",),
    "arithmetic": ("tests/test_tensor_methods.py",),
    "operation": ("tests/test_module.py", "tests/test_graph.py"),
}


def files() -> list[Path]:
    """The files whose mistakes must be noticed: layers, axis maps, sizes."""
    package = ROOT / "cnncalc"
    found = [*package.glob("layers/*.py"), *package.glob("axis/*.py"), package / "axes.py", *package.glob("sizes/*.py")]
    return sorted(path for path in found if path.name != "__init__.py")


def tests_of(path: Path, catalogue: dict[str, tuple[str, ...]]) -> tuple[list[str], set[str]]:
    """Files of tests, and the names of layers and functions that are walked in them."""
    subject = path.stem if path.stem in SHOWN_BY or path.parent.name not in {"axis", "sizes"} else path.parent.name
    names = set(SHOWN_BY.get(subject, ())) | (set(catalogue.get(path.stem, ())) if path.parent.name == "layers" else set())
    beside = [name for name in BESIDE.get(subject, ()) if (ROOT / name).exists()]
    return [*beside, "tests/test_edges.py", *WALKS], names


class Walked:
    """A plugin of pytest that leaves out the walks of other names."""

    def __init__(self, names: set[str]) -> None:
        """Keep the names."""
        self.names = names

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep what has no name, and what has one of the names."""
        items[:] = [item for item in items if self._wanted(item)]

    def _wanted(self, item: Any) -> bool:
        walked = str(item.path.relative_to(ROOT)) in WALKS
        return not walked or not hasattr(item, "callspec") or item.callspec.id.split("-")[0] in self.names


# -- one mutant -------------------------------------------------------------------------------------------------


def fails(path: Path, tree: ast.Module, catalogue: dict[str, tuple[str, ...]], *, show: bool = False) -> bool:
    """Whether a test fails with a changed file, in a process of its own."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    if not show:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        if Path(self.path) == path:
            return compile(tree, str(path), "exec")
        return original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    code: int = 1
    try:
        import pytest

        chosen, names = tests_of(path, catalogue)
        code = pytest.main(
            ["-x", "-q", "-n0", "-p", "no:cacheprovider", *PLAIN, "--rootdir", str(ROOT), *chosen], plugins=[Walked(names)]
        )
    except BaseException:  # noqa: BLE001 - whatever stops the tests; it is shown where the tests are
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


def main() -> None:
    """Draw mutants, run each, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=400, help="how many mutants to draw from all files")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", default="", help="part of a file's path")
    parser.add_argument("--number", type=int, help="one mutant of the draw, with the output of its tests")
    given = parser.parse_args()
    os.chdir(ROOT)
    os.environ |= {"CNNCALC_PROFILE": "gate", "OMP_NUM_THREADS": "1"}
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import hypothesis
    import pytest
    import torch
    import torch.utils.flop_counter
    from torch.testing._internal import common_modules

    assert hypothesis
    assert pytest
    assert common_modules
    torch.set_num_threads(1)
    catalogue = read_catalogue()
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files() if given.only in str(path)}
    every = [(path, index) for path, tree in trees.items() for index, _ in enumerate(changes(tree))]
    drawn = random.Random(given.seed).sample(every, min(given.sample, len(every)))  # noqa: S311 - a sample, no secret
    chosen = list(enumerate(drawn)) if given.number is None else [(given.number, drawn[given.number])]
    killed = 0
    for number, (path, index) in chosen:
        tree = deepcopy(trees[path])
        line, what, change = list(changes(tree))[index]
        change()
        ast.fix_missing_locations(tree)
        noticed = fails(path, tree, catalogue, show=given.number is not None)
        killed += noticed
        print(f"{number:4d} {'killed  ' if noticed else 'survived'} {path.relative_to(ROOT)}:{line}: {what}", flush=True)  # noqa: T201 - the answer
    share, n = killed / len(chosen), len(chosen)
    half, middle = 1.96 * sqrt(share * (1 - share) / n + 1.96**2 / (4 * n * n)), share + 1.96**2 / (2 * n)
    low, high = ((middle + sign * half) / (1 + 1.96**2 / n) for sign in (-1, 1))
    found = f"{killed} of {n} killed, {share:.1%} (95 % interval {low:.1%} … {high:.1%})"
    print(f"{found}, drawn from {len(every):,} with seed {given.seed}")  # noqa: T201 - the answer


def read_catalogue() -> dict[str, tuple[str, ...]]:
    """Which names each family's file defines, read in a process of its own, so that cnncalc is not loaded in this one."""
    import json
    import subprocess

    code = "import json; from cnncalc.layers import FAMILIES as a, FUNCTIONS as b; "
    code += "print(json.dumps({f: [*a.get(f, ()), *b.get(f, ())] for f in {*a, *b}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return {file: tuple(names) for file, names in json.loads(done.stdout).items()}


if __name__ == "__main__":
    main()
