"""`cnncalc formula`: each form it prints, and bad input."""

from __future__ import annotations

import json

import pytest

import cnncalc as cc

SPEC = 'Conv2d("C", "F", "k", stride="s", padding=symbol("p"))'


@pytest.fixture
def prints(run):
    """Run a command that must succeed; what it prints."""

    def printing(*arguments):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        return out

    return printing


def test_mathematics(prints):
    out = prints("formula", SPEC, "--input", "NxCxHxW", "--of", "params")
    assert out.splitlines()[0] == "params  F·(C·k² + 1)"
    assert out.splitlines()[1] == "where   H − k + 2·p ≥ 0  (Conv2d: the kernel must not be larger than the padded input)"


def test_other_forms(prints):
    given = ("formula", SPEC, "--input", "NxCxHxW", "--of", "params")
    assert prints(*given, "--latex") == "\\mathrm{params} = F \\cdot \\left(C \\cdot k^{2} + 1\\right)\n"
    assert prints(*given, "--python") == "def params(C, F, k):\n    return F*(C*k**2 + 1)\n"
    assert "int64_t params(int64_t C, int64_t F, int64_t k)" in prints(*given, "--c")
    data = json.loads(prints(*given, "--json"))
    assert data["format"] == "cnncalc.formula/1"
    assert data["formulas"][0]["formula"] == "F·(C·k² + 1)"
    assert data["formulas"][0]["symbols"] == {"C": 1, "F": 1, "k": 1}


def test_what_two_functions_share_stands_once(prints):
    out = prints("formula", SPEC, "--input", "NxCxHxW", "--of", "shape", "--c")
    assert out.count("static int64_t floor_div") == out.count("#include") == 1


def test_bad_input(refuses):
    assert "whole input" in refuses("formula", "AdaptiveAvgPool2d(1)", "--input", "1x3xHxW", "--of", "rf")
    assert "must be one of" in refuses("formula", "ReLU()", "--input", "1x3", "--of", "flops")
    assert "a symbol is an identifier" in refuses("formula", 'Conv2d(symbol("9**9**9"), 8, 3)', "--input", "1x3x8x8")


def test_conditions_that_follow_from_others_are_marked_and_not_printed(prints):
    """What is left says the same: at every size all conditions hold where those that are not implied do."""
    conditions = cc.analyze(cc.zoo.unet(), (1, 1, "H", "H")).conditions
    data = json.loads(prints("formula", "unet", "--input", "1x1xHxH", "--json"))["conditions"]
    assert [each["condition"] for each in data] == [str(each.condition) for each in conditions]
    left = [each for each, told in zip(conditions, data, strict=True) if not told["implied"]]
    assert 0 < len(left) < len(conditions)
    for n in range(1, 600):
        assert all(each.holds({"H": n}) for each in conditions) == all(each.holds({"H": n}) for each in left), n
    out = prints("formula", "unet", "--input", "1x1xHxH", "--of", "shape")
    assert out.count("where ") == len(left)


@pytest.mark.parametrize("spec", ["Conv2d(C, 2*C, 3)", "Conv2d(3, 4·k, 3)"])
def test_a_formula_without_quotes_is_told_to_have_some(run, spec):
    code, _, err = run("formula", spec, "--input", "1x3x8x8")
    assert code == 2
    assert 'a formula stands in quotes: "2*C"' in err
    assert err.count("\n") == 1
