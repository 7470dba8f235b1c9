"""NET as an import path: what a user names himself, on the command line alone."""

from __future__ import annotations

import json
import sys

import pytest

pytest.importorskip("torch")

SOURCE = """
import torch
from torch import nn
import cnncalc as cc

print("said while it is imported")

def small():
    print("said while it is made")
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())

class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
    def forward(self, x):
        return self.conv(x)

class Numbers(Net):
    def __init__(self):
        super().__init__(int(torch.arange(5).max()))

class inner:
    ready = Net(2)

def needs(width, depth=1): ...
def nothing(): return 3
def fails(): raise ValueError("no such thing\\nsecond line")
ours = cc.Conv2d(3, 4, 3)
three = 3
"""
NEEDS = (
    "users_nets:needs: it is called without arguments, and needs some; got TypeError: missing a required argument: 'width'; "
    "name a function of your own that makes it: def net(): return …"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a module of the user's, in which the command is started."""
    (tmp_path / "users_nets.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "users_broken.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in ("users_nets", "users_broken"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["small", "Net", "Numbers", "inner.ready", "ours"])
def test_a_network_by_its_import_path(run, name):
    code, out, _ = run("summary", f"users_nets:{name}", "--input", "1x3x8x8", "--format", "json")
    assert code == 0
    width = 2 if name == "inner.ready" else 4
    assert json.loads(out)["output_shape"] == [1, width, 6, 6]
    assert json.loads(out)["params"] == width * 28


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", ["rf", "explain", "verify"])
def test_every_command_takes_one(run, command):
    code, out, _ = run(command, "users_nets:Net", "--input", "1x3x8x8")
    assert code == 0
    assert "said while" not in out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("users_nets:three", "users_nets:three: this is no network, and nothing that makes one; got int"),
        ("users_nets:nothing", "users_nets:nothing: what it gives is no network; got int"),
        ("users_nets:needs", NEEDS),
        ("users_nets:fails", "users_nets:fails: making the network fails; got ValueError: no such thing"),
        ("users_nets:smal", "users_nets:smal: users_nets has no smal; did you mean small?"),
        ("users_broken:x", "users_broken:x: the module can't be imported; got ZeroDivisionError: division by zero"),
        (
            "users_missing.nets:x",
            "users_missing.nets:x: the module can't be imported; got ModuleNotFoundError: No module named 'users_missing'",
        ),
    ],
)
def test_what_is_no_network_is_refused(run, path, message):
    code, out, err = run("summary", path, "--input", "1x3x8x8")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"cnncalc: error: {message}"


@pytest.mark.usefixtures("folder")
def test_without_torch_the_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    code, out, err = run("summary", "users_nets:small", "--input", "1x3x8x8")
    assert (code, out) == (2, "")
    assert err == (
        'cnncalc: error: users_nets:small: torch is needed for this and can\'t be imported; pip install "cnncalc[torch]"\n'
    )


def test_a_spec_file_imports_nothing(refuses, tmp_path):
    path = tmp_path / "net.txt"
    path.write_text("users_nets:small", encoding="utf-8")
    refuses("summary", str(path), "--input", "1x3x8x8")
    assert "users_nets" not in sys.modules
