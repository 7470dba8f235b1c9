"""The list of mutants that change no result is kept true, and the mistakes that are made are those that are meant."""

from __future__ import annotations

import ast
import importlib.util

from mutants import equivalent
from mutation import changes
from mutation.in_place import Loaded


def test_every_mutant_that_is_listed_is_one_of_the_source():
    listed = equivalent()
    existing = {mutant.key for path in changes.files() for mutant in changes.mutants(path)}
    assert listed.keys() <= existing, "\n".join(map(str, listed.keys() - existing))
    assert all(len(reason) > 10 for reason in listed.values())


SOURCE = '''
"""A text."""
LIMIT = 3


def least(a: int, b: int = 0) -> int:
    """Another text."""
    if a < b:
        raise ValueError(f"{a - 1}")
    return -a + LIMIT
'''


def test_each_change_is_made_alone(tmp_path, monkeypatch):
    path = tmp_path / "small.py"
    path.write_text(SOURCE)
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    found = changes.mutants(path)
    assert [(mutant.line, mutant.what, mutant.inside) for mutant in found] == [
        (3, "3 → 4", False),
        (6, "0 → 1", False),
        (8, "condition always True", True),
        (8, "condition always False", True),
        (8, "Lt → LtE", True),
        (9, "Raise left out", True),
        (10, "Add → Sub", True),
        (10, "− left out", True),
    ]
    tree = ast.parse(SOURCE)
    changed = {ast.unparse(changes.mutated(mutant, tree)) for mutant in found}
    assert len(changed) == len(found)
    assert ast.unparse(tree) not in changed
    assert any("return -a - LIMIT" in text for text in changed)


def test_a_change_is_put_into_what_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / "small.py"
    path.write_text(SOURCE)
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    spec = importlib.util.spec_from_file_location("small", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tree, loaded = ast.parse(SOURCE), Loaded(str(tmp_path))
    before = compile(tree, str(path), "exec")
    given = {}
    for mutant in changes.mutants(path):
        after = compile(changes.mutated(mutant, tree), str(path), "exec")
        assert loaded.change(before, after) == mutant.inside
        given[mutant.what] = module.least(2, 1) if "True" not in mutant.what else None
        loaded.change(after, before)
    assert given["Add → Sub"] == -5
    assert given["− left out"] == 5
    assert module.least(2, 1) == 1
