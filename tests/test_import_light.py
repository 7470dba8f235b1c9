"""Importing cnncalc and computing with it loads no heavy library: checked in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "sympy", "numpy", "click", "rich", "bidi", "arabic_reshaper")


def heavy_modules_after(code: str) -> set[str]:
    """Which heavy libraries a fresh interpreter has loaded after running some code."""
    report = f"\nimport sys; print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import cnncalc",
        "import cnncalc; dir(cnncalc); cnncalc.__all__",
        "import cnncalc as cc; assert cc.Conv2d(3, 16, 5, stride=2, padding=1).output_shape((1, 3, 128, 128))",
        "import cnncalc as cc; r = cc.analyze(cc.Conv2d(3, 8, 3), (1, 3, 8, 8)); r.to_json(); r.to_dict()",
        "import cnncalc as cc; cc.analyze(cc.Conv2d(3, 8, 3), ('N', 3, 'H', 'W')).to_json()",
        "import cnncalc as cc; cc.receptive_field(cc.Conv2d(3, 8, 3), (1, 3, 8, 8), at=(1, 1))",
    ],
)
def test_loads_no_heavy_library(code):
    assert heavy_modules_after(code) == set()


@pytest.mark.parametrize("name", ["sympy", "click"])
def test_the_check_sees_a_heavy_library(name):
    pytest.importorskip(name)
    assert name in heavy_modules_after(f"import cnncalc; import {name}")


def test_sympy_is_loaded_when_it_is_asked_for():
    pytest.importorskip("sympy")
    assert "sympy" in heavy_modules_after("import cnncalc as cc; cc.symbol('H').sympy()")
