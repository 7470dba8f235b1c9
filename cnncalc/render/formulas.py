"""Formulas as files: LaTeX lines, a Python file, a C file."""

from __future__ import annotations

from typing import Any


def as_latex_lines(data: dict[str, Any]) -> str:
    """One equation a line, named as the formulas are."""
    return "\n".join(rf"\mathrm{{{_escaped(item['name'])}}} = {item['latex']}" for item in data["formulas"])


def as_python_file(data: dict[str, Any]) -> str:
    """One function for each formula."""
    return "\n\n\n".join(item["python"] for item in data["formulas"])


def as_c_file(functions: list[str]) -> str:
    """One function for each formula; what they share stands once, at the top."""
    seen: list[str] = []
    for function in functions:
        seen += [part for part in function.split("\n\n") if part not in seen]
    return "\n\n".join(seen)


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")
