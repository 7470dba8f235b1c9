"""Formulas that compute: functions on numbers and arrays, and code in Python, C and LaTeX, all from one readable form."""

from cnncalc.formulas.code import as_c, as_python
from cnncalc.formulas.function import Function, to_function
from cnncalc.formulas.latex import as_latex

__all__ = ["Function", "as_c", "as_latex", "as_python", "to_function"]
