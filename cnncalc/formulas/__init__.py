"""Formulas that compute: functions on numbers and arrays, and code in Python, C and LaTeX, all from one readable form."""

from cnncalc.formulas.code import as_c, as_python
from cnncalc.formulas.function import Function, to_function
from cnncalc.formulas.latex import as_latex
from cnncalc.formulas.simplify import as_text, simplify

__all__ = ["Function", "as_c", "as_latex", "as_python", "as_text", "simplify", "to_function"]
