"""The mistakes that are made: one small change of one file each."""

from __future__ import annotations

import ast
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]

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


@dataclass(frozen=True)
class Mutant:
    """One change: the how-manieth of its file, where, what, and the line whose tests may notice."""

    path: Path
    index: int
    line: int
    #: The source of that line, and which of the equal changes this is in all lines of the file that read so.
    text: str
    nth: int
    what: str
    #: The first line of its statement.
    line_run: int
    #: Whether it is in the body of a function.
    inside: bool

    @property
    def file(self) -> str:
        """The file as it is written in lists."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names it for as long as the line stays as it is."""
        return self.file, self.text, self.what, self.nth

    def __str__(self) -> str:
        """The place and the change."""
        return f"{self.file}:{self.line}: {self.what}{f' ({self.nth})' * (self.nth > 1)}"


def files() -> list[Path]:
    """The files whose mistakes must be noticed: layers, axis maps, sizes."""
    package = ROOT / "cnncalc"
    found = [package / "axes.py", *(path for room in ("layers", "axis", "sizes") for path in package.glob(f"{room}/*.py"))]
    return sorted(path for path in found if path.name != "__init__.py")


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a file, in order."""
    source = path.read_text(encoding="utf-8")
    rows, seen, found = source.splitlines(), Counter[tuple[str, str]](), []
    for index, (node, what, _) in enumerate(changes(ast.parse(source))):
        text, place = rows[node.lineno - 1].strip(), node.place
        seen[text, what] += 1
        found.append(Mutant(path, index, node.lineno, text, seen[text, what], what, place.statement.lineno, place.inside))
    return found


def mutated(mutant: Mutant, tree: ast.Module) -> ast.Module:
    """The tree of its file with the change made."""
    tree = deepcopy(tree)
    for index, (_, _, change) in enumerate(changes(tree)):
        if index == mutant.index:
            change()
            break
    return ast.fix_missing_locations(tree)


# -- what may be changed ----------------------------------------------------------------------------------------


@dataclass
class Place:
    """Where a node stands: in which statement, and whether in the body of a function."""

    statement: Any
    inside: bool


def changes(tree: ast.Module) -> Iterator[tuple[Any, str, Callable[[], None]]]:  # noqa: C901 - one for each kind of change
    """Each change that may be made in a tree: the node, what it is, and what makes it."""
    for node in walk(tree):
        if isinstance(node, ast.Compare):
            for index, operator in enumerate(node.ops):
                other = COMPARISONS[type(operator)]
                name = f"{type(operator).__name__} → {other.__name__}"
                yield node, name, lambda n=node, i=index, o=other: n.ops.__setitem__(i, o())
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATIONS:
            other_operation = OPERATIONS[type(node.op)]
            name = f"{type(node.op).__name__} → {other_operation.__name__}"
            yield node, name, lambda n=node, o=other_operation: setattr(n, "op", o())
        elif isinstance(node, ast.BoolOp):
            other_join = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield node, f"→ {other_join.__name__}", lambda n=node, o=other_join: setattr(n, "op", o())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield node, "− left out", lambda n=node: setattr(n, "op", ast.UAdd())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not left out", lambda n=node: setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield node, f"{node.value} → {not node.value}", lambda n=node: setattr(n, "value", not n.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield node, f"{node.value} → {node.value + 1}", lambda n=node: setattr(n, "value", n.value + 1)
        if isinstance(node, (ast.If, ast.IfExp)):
            for value in (True, False):
                yield node, f"condition always {value}", lambda n=node, v=value: setattr(n, "test", ast.Constant(v))
        if isinstance(node, (ast.Raise, ast.Expr, ast.Assign)) and node.place.inside and not is_text(node):
            yield node, f"{type(node).__name__} left out", lambda n=node: leave_out(n)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def leave_out(node: Any) -> None:
    """Put `pass` in the place of a statement."""
    block = node.block
    block[next(index for index, statement in enumerate(block) if statement is node)] = ast.copy_location(ast.Pass(), node)


def walk(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes whose change changes a number or a refusal, in order, each with its place."""

    def visit(node: Any, place: Place) -> Iterator[ast.AST]:
        if isinstance(node, ast.stmt):
            place = Place(node, place.inside)
        node.place = place
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            for statement in block if isinstance(block, list) else ():
                statement.block = block
        parts = parts_of(node)
        if parts is None:
            return
        yield node
        body = Place(place.statement, inside=True)
        for part in parts:
            if isinstance(part, ast.AST):
                within = isinstance(node, (ast.FunctionDef, ast.Lambda)) and (part is node.body or part in body_of(node))
                yield from visit(part, body if within else place)

    yield from visit(tree, Place(tree, inside=False))


def body_of(node: Any) -> list[Any]:
    """The statements of a function."""
    return node.body if isinstance(node.body, list) else []


def parts_of(node: Any) -> list[Any] | None:
    """The parts of a node that are looked at; None where it is left alone as a whole."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None if node.name in PRINTING else [*node.args.defaults, *node.args.kw_defaults, *node.body]
    if isinstance(node, ast.AnnAssign):
        return [node.value]
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return None
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name in MESSAGES:
            return None
        # That a zip is strict says what its writer is sure of: nothing hangs on it but an error that never comes.
        named = [word for word in node.keywords if not (name == "zip" and ast.unparse(word) == "strict=True")]
        return node.args[:1] if name == "require" else [node.func, *node.args, *named]
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return None
    return list(ast.iter_child_nodes(node))
