"""torchvision's source files as installed, with nothing but their import lines changed, so that they build networks of cnncalc.

The files are read, never imported: a finder gives `dropped_in.models.resnet` for `torchvision/models/resnet.py` and so on,
with `torch` in its import lines replaced by `cnncalc.drop_in` and `torch.nn` by `cnncalc.nn`. What has nothing to do with
networks (presets for images, logging, downloads) is a small stand-in.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib import import_module, metadata
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

ROOM = "dropped_in"
#: Stand-ins, by name inside the package; the empty ones only hold what is inside them.
STAND_INS = {
    "": "",
    "models": "",
    "ops": "from .stochastic_depth import StochasticDepth\n",
    "transforms": "",
    "transforms._presets": "class ImageClassification: pass\nclass InterpolationMode: BILINEAR = BICUBIC = None\n",
    "utils": (
        "def _log_api_usage_once(obj): pass\ndef _make_ntuple(x, n): return tuple(x) if hasattr(x, '__iter__') else (x,) * n\n"
    ),
    "_internally_replaced_utils": "def load_state_dict_from_url(*_, **__): raise AssertionError\n",
}


@cache
def files() -> dict[str, Path]:
    """The installed files by module name; skips the test where torchvision is not installed."""
    try:
        listed = metadata.files("torchvision") or ()
    except metadata.PackageNotFoundError:
        pytest.skip("torchvision is not installed")
    return {
        ".".join(path.parts[1:]).removesuffix(".py"): Path(path.locate())
        for path in listed
        if path.parts[0] == "torchvision" and path.suffix == ".py"
    }


def place(name: str) -> str:
    """Where a module of torch or torchvision is found instead."""
    for old, new in (("torch.nn", "cnncalc.nn"), ("torch", "cnncalc.drop_in"), ("torchvision", ROOM)):
        if name == old or name.startswith(f"{old}."):
            return new + name.removeprefix(old)
    return name


def changed_import(node: ast.Import | ast.ImportFrom) -> str:
    """An import statement with the new places in it."""
    if isinstance(node, ast.ImportFrom):
        if node.level == 0:
            node.module = place(node.module)
        return ast.unparse(node)
    lines = []
    for alias in node.names:
        if alias.asname is None and alias.name.partition(".")[0] == "torch":
            lines.append("from cnncalc import drop_in as torch")
        else:
            lines.append(ast.unparse(ast.Import([ast.alias(place(alias.name), alias.asname)])))
    return "; ".join(lines)


def changed_source(source: str) -> str:
    """A source file with its import lines changed, and every other line as it was, in its place."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            lines[node.lineno - 1] = " " * node.col_offset + changed_import(node)
            for number in range(node.lineno, node.end_lineno):
                lines[number] = ""
    return "\n".join(lines) + "\n"


class Finder(MetaPathFinder, Loader):
    """Finds the changed files under the package's name."""

    def find_spec(self, fullname, path=None, target=None):
        """A module inside the package, if torchvision or a stand-in has it."""
        del path, target
        outer, _, name = fullname.partition(".")
        if outer != ROOM or (name not in STAND_INS and name not in files()):
            return None
        return ModuleSpec(fullname, self, is_package=name in {"", "models", "ops", "transforms"})

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        name = module.__name__.partition(".")[2]
        if name in STAND_INS:
            code = compile(STAND_INS[name], f"<stand-in for {name}>", "exec", dont_inherit=True)
        else:
            code = compile(
                changed_source(files()[name].read_text(encoding="utf-8")), str(files()[name]), "exec", dont_inherit=True
            )
        exec(code, module.__dict__)  # noqa: S102 - torchvision's own source


@cache
def dropped_in(name: str) -> ModuleType:
    """A module of torchvision, built on cnncalc: `dropped_in("models.resnet")`."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.append(Finder())
    return import_module(f"{ROOM}.{name}")
