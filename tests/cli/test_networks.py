"""The commands about networks, the lists, help and version."""

from __future__ import annotations

import json
import re

import pytest

import cnncalc
from cnncalc.commands import outputs, verify
from cnncalc.layers import LAYER_NAMES
from cnncalc.zoo import ARCHITECTURES

COMMANDS = ("answer", "summary", "explain", "rf", "diff", "levels", "export", "verify", "list")
NET = "Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)"
IMAGE = ("--input", "1x3x128x128")


def test_summary(run):
    code, out, err = run("summary", NET, *IMAGE)
    assert (code, err) == (0, "")
    assert "0 Conv2d     1×16×63×63" in out
    assert "\x1b" not in out


def test_summary_as_json_has_the_numbers(run):
    data = json.loads(run("summary", NET, *IMAGE, "--format", "json")[1])
    assert data["format"] == "cnncalc.summary/1"
    assert (data["output_shape"], data["params"], data["macs"]) == ([1, 16, 31, 31], 1216, 16 * 63 * 63 * 75)
    assert data["receptive_field"]["size"] == [7, 7]


@pytest.mark.parametrize("width", ["40", "80", "100", "junk", "0", "-5", "99999999999"])
def test_any_number_of_columns(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    code, out, _ = run("summary", "resnet18", "--input", "1x3x224x224")
    assert code == 0
    limit = int(width) if width in {"40", "80", "100"} else 100
    assert max(map(len, out.splitlines())) <= limit


def test_colour_only_in_a_terminal_that_wants_it(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert outputs.wants_color()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not outputs.wants_color()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not outputs.wants_color()


def test_symbols_on_the_command_line(run):
    _, out, _ = run("summary", NET, "--input", "Nx3xHxW")
    assert "output       N×16×⌊(H − 1)/4⌋×⌊(W − 1)/4⌋" in out
    assert "condition    H ≥ " in out


def test_several_inputs(run):
    _, out, _ = run("summary", "a, b = inputs\ncat([a, b], dim=1)", "--input", "1x3x8x8", "--input", "1x5x8x8")
    assert "output       1×8×8×8" in out


def test_explain(run):
    _, out, _ = run("explain", NET, *IMAGE)
    assert "  size             ⌊(n + 2p − k)/s⌋ + 1 = ⌊(128 + 2·1 − 5)/2⌋ + 1 = ⌊62.5⌋ + 1 = 63" in out
    data = json.loads(run("explain", NET, *IMAGE, "--format", "json")[1])
    assert data["format"] == "cnncalc.explain/1"
    assert {line["quantity"] for line in data["lines"]} == {"size", "parameters", "MACs", "receptive field"}


def test_rf(run):
    # The textbook: 5, then 5 + (2 − 1)·2 = 7, stride 2·2 = 4, padding 1; cell (3, 4) begins at 4·3 − 1 and 4·4 − 1.
    assert run("rf", NET, *IMAGE)[1] == "receptive field of the network: 7×7; stride 4×4, padding 1×1\n"
    assert run("rf", NET, *IMAGE, "--at", "3,4")[1] == (
        "receptive field of the network: 7×7; stride 4×4, padding 1×1; at (3, 4): 11…17 × 15…21, 49 cells\n"
    )
    assert run("rf", NET, *IMAGE, "--of", "1")[1].startswith("receptive field of 1: 5×5; stride 2×2")
    data = json.loads(run("rf", NET, *IMAGE, "--at", "0, 0", "--format", "json")[1])
    assert (data["at"], data["box"], data["count"]) == ([0, 0], [[0, 5], [0, 5]], 36)


def test_verify(run):
    code, out, err = run("verify", NET, *IMAGE)
    assert (code, err) == (0, "")
    assert "agree" in out
    data = json.loads(run("verify", NET, *IMAGE, "--format", "json")[1])
    assert data["agrees"] is True
    assert all(check["ok"] for check in data["checks"])


def test_verify_says_where_torch_disagrees_and_exits_3(run, monkeypatch):
    class Wrong(cnncalc.Conv2d):
        def macs(self, *inputs, **call):
            return super().macs(*inputs, **call) + 1

    monkeypatch.setattr(verify, "network", lambda _: Wrong(3, 8, 3))
    code, out, err = run("verify", "wrong", "--input", "1x3x8x8")
    assert code == 3
    assert "MACs" in out
    assert re.fullmatch(r"cnncalc: error: [^\n]+\n", err)


def test_list_names_everything(run):
    _, out, _ = run("list")
    assert {*LAYER_NAMES, *ARCHITECTURES, "q1", "q2", "q3", "p1", "cat", "add"} <= set(out.split())


def test_networks_from_files(run, tmp_path):
    spec, document = tmp_path / "net.txt", tmp_path / "net.json"
    spec.write_text(f"# ours\n{NET}\n", encoding="utf-8")
    document.write_text(cnncalc.dumps(cnncalc.parse(NET)), encoding="utf-8")
    expected = run("summary", NET, *IMAGE)[1]
    assert run("summary", spec, *IMAGE)[1] == expected
    assert run("summary", document, *IMAGE)[1] == expected


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(run, arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run, command):
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: cnncalc {command}")


def test_version(run):
    assert run("--version") == (0, f"cnncalc {cnncalc.__version__}\n", "")
