"""Formulas as code: the Python is run, the C is compiled and run, and both give what the algebra gives."""

from __future__ import annotations

import ctypes
import shutil
import subprocess

import pytest
from drawing.formulas import NAMES, numerically, trees, worked_out
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.formulas import as_c, as_latex, as_python
from cnncalc.sizes import floor_div, symbol

SYMBOLS = {name: symbol(name) for name in NAMES}
COMPILER = shutil.which("cc") or shutil.which("gcc")


@example(("+", "H", ("floor", -1, "H")), {"H": 2, "W": 1})
@given(trees(), st.fixed_dictionaries({name: st.integers(1, 60) for name in NAMES}))
def test_python_computes_the_value(tree, values):
    formula = worked_out(tree, SYMBOLS)
    place = {}
    exec(as_python(formula, "size"), place)  # noqa: S102 - our own output
    names = formula.symbols if hasattr(formula, "symbols") else ()
    assert place["size"](**{name: values[name] for name in names}) == numerically(tree, values)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
@settings(max_examples=12)
@given(st.lists(trees(), min_size=12, max_size=12))
def test_c_computes_the_value(tmp_path_factory, forest):
    """Many formulas in one file: compiling is what costs."""
    folder = tmp_path_factory.mktemp("c")
    formulas = [worked_out(tree, SYMBOLS) for tree in forest]
    text = []
    for index, formula in enumerate(formulas):
        text.append(as_c(formula, f"size{index}").replace("floor_div", f"floor_div{index}"))
    (folder / "sizes.c").write_text("\n".join(text))
    library = folder / "sizes.so"
    subprocess.run([COMPILER, "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, folder / "sizes.c"], check=True)
    loaded = ctypes.CDLL(str(library))
    for index, (tree, formula) in enumerate(zip(forest, formulas, strict=True)):
        function = getattr(loaded, f"size{index}")
        function.restype = ctypes.c_int64
        names = sorted(getattr(formula, "symbols", ()))
        for h, w in ((1, 1), (2, 7), (13, 4), (60, 59)):
            arguments = [ctypes.c_int64({"H": h, "W": w}[name]) for name in names]
            assert function(*arguments) == numerically(tree, {"H": h, "W": w}), as_c(formula, "size")


@given(trees())
def test_the_stated_limit_of_c_holds(tree):
    """At the largest values that are named, the value itself still fits."""
    formula = worked_out(tree, SYMBOLS)
    if not hasattr(formula, "symbols"):
        return
    try:
        text = as_c(formula, "size")
    except cc.ArgumentError:
        return  # a divisor that may be 0
    most = int(text.split(" up to ")[1].split(";")[0])
    assert abs(numerically(tree, dict.fromkeys(NAMES, most))) < 1 << 63


def test_the_limit_is_the_largest():
    text = as_c(symbol("H") * symbol("W"), "area")
    assert "for H, W up to 3037000499; beyond" in text
    assert 3037000499**2 < 1 << 63 <= 3037000500**2


def test_words_of_the_language_are_no_names():
    formula = symbol("int") * symbol("lambda") + symbol("floor_div") + symbol("size")
    assert "int64_t size(int64_t floor_div_, int64_t int_, int64_t lambda, int64_t size_)" in as_c(formula, "size")
    place = {}
    exec(as_python(formula, "size"), place)  # noqa: S102 - our own output
    assert place["size"](2, 3, 5, 7) == 3 * 5 + 2 + 7


def test_numbers_too_large_for_c_are_refused():
    with pytest.raises(cc.UnsupportedError, match="exceed 64 bits"):
        as_c(symbol("H") * 2**70, "size")


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        (floor_div(symbol("H") + 31, 32), r"\left\lceil \frac{H}{32} \right\rceil"),
        (symbol("k0") + symbol("l") * symbol("growth_rate"), r"\mathrm{growth\_rate} \cdot l + k_{0}"),
        (3 * symbol("H") ** 2 - 1, r"3 \cdot H^{2} - 1"),
        (-symbol("H"), "-H"),
        (7, "7"),
    ],
)
def test_latex(formula, latex):
    assert as_latex(formula) == latex
