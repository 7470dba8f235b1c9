"""Closed forms of a network's numbers: output shape, parameters, MACs, receptive field, in the symbols of input and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.analyze import analyze
from cnncalc.errors import ArgumentError, UndecidedError, UnsupportedError
from cnncalc.formulas import Function, as_c, as_latex, as_python, as_text, simplify, to_function
from cnncalc.layers.facts import is_shape
from cnncalc.sizes import Expr, Requirement, Shape, Size, conditions_as_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.module import Module
    from cnncalc.report import Report

#: What there are formulas of, by the names that --of takes.
QUANTITIES = {
    "shape": "output shape",
    "params": "parameters",
    "macs": "MACs",
    "rf": "receptive field",
    "memory": "bytes at float32",
}
#: The figures of memory that get a formula.
FIGURES = ("parameters", "outputs", "peak", "saved")


class Formula:
    """The closed form of one number: a name such as `params` or `shape_2`, the size, and what it counts.

    It prints as mathematics; `latex()`, `python()` and `c()` write it otherwise.
    """

    def __init__(self, of: str, name: str, value: Size, unit: str) -> None:
        """Keep the parts."""
        self.of = of
        self.name = name
        self.value = simplify(value)
        self.unit = unit

    def latex(self) -> str:
        """In LaTeX's mathematics."""
        return as_latex(self.value)

    def python(self) -> str:
        """As a Python function, exact for whole numbers of any length."""
        return as_python(self.value, self.name)

    def c(self) -> str:
        """As a C function of 64-bit whole numbers, with the values for which it can't overflow."""
        return as_c(self.value, self.name)

    def function(self) -> Function:
        """As a function of numbers or arrays."""
        return to_function(self.value)

    def to_dict(self) -> dict[str, Any]:
        """The formula as plain data for JSON."""
        return {
            "of": self.of,
            "name": self.name,
            "formula": str(self),
            "unit": self.unit,
            "symbols": self.value.minima if isinstance(self.value, Expr) else {},
            "latex": self.latex(),
            "python": self.python(),
        }

    def __str__(self) -> str:
        """As mathematics, in the shortest form found."""
        return as_text(self.value)

    def __repr__(self) -> str:
        """Name and formula."""
        return f"{self.name} = {self}"


class Formulas:
    """The formulas of a network. Index them by a name, or iterate over them; `conditions` say for which sizes they hold."""

    def __init__(self, found: list[Formula], missing: dict[str, str], conditions: tuple[Requirement, ...]) -> None:
        """Keep the formulas, why others are missing, and the conditions."""
        self._by_name = {formula.name: formula for formula in found}
        self.missing = missing
        self.conditions = conditions

    def __iter__(self) -> Iterator[Formula]:
        """The formulas in order."""
        return iter(self._by_name.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_name)

    def __getitem__(self, name: str) -> Formula:
        """The formula of that name."""
        found = self._by_name.get(name) if isinstance(name, str) else None
        if found is None:
            raise ArgumentError(
                "there is no formula of that name", got=f"{name!r:.60}", remedy=f"there are {', '.join(self._by_name)}"
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """The formulas as plain data for JSON."""
        return {
            "format": "cnncalc.formula/1",
            "formulas": [formula.to_dict() for formula in self],
            "missing": self.missing,
            "conditions": conditions_as_data(self.conditions),
        }

    def __str__(self) -> str:
        """A line for each formula, then what must hold, without what follows from the rest."""
        rows = [(formula.name, str(formula)) for formula in self] + list(self.missing.items())
        asked = [c for c in conditions_as_data(self.conditions) if not c["implied"]]
        rows += [("where", f"{c['condition']}  ({c['where']}: {c['reason']})") for c in asked]
        width = max(len(name) for name, _ in rows) + 2
        return "\n".join(f"{name:<{width}}{text}" for name, text in rows)

    __repr__ = __str__


def formula(network: Module, *shapes: Any, of: str | None = None) -> Formulas:
    """The closed forms of a network's numbers for an input of the given shape, or of one quantity.

    `of` is "shape", "params", "macs", "rf" or "memory", at float32; several axes give several formulas, `shape_0`, `shape_1`,
    … Each is in its shortest form: floors do not nest behind windows, ⌈H/32⌉ stands for five of them, polynomials are
    factored where that reads better. Raises UnsupportedError where the quantity asked for has no closed form.
    """
    if of is not None and of not in QUANTITIES:
        raise ArgumentError(f"of must be one of {', '.join(QUANTITIES)}", got=f"{of!r:.40}")
    report = analyze(network, *shapes)
    found: list[Formula] = []
    missing: dict[str, str] = {}
    for quantity in QUANTITIES if of is None else (of,):
        for name in FIGURES if quantity == "memory" else ("",):
            try:
                found += _of_memory(report, name) if name else _formulas(report, quantity)
            except (UnsupportedError, UndecidedError) as error:
                if of is not None and not name:
                    raise
                missing[f"{quantity}_{name}" if name else quantity] = str(error)
    return Formulas(found, missing, report.conditions)


def _formulas(report: Report, quantity: str) -> list[Formula]:
    """The formulas of one quantity."""
    if quantity == "params":
        return [Formula(quantity, quantity, report.params.value, "parameters")]
    if quantity == "macs":
        return [Formula(quantity, quantity, report.macs.value, "MAC")]
    if quantity == "shape":
        return list(_of_shape(report.output_shape, quantity))
    field = report.receptive_field
    if field is None or field.whole:
        raise UnsupportedError(
            "the field is the whole input, or there is none", remedy="cc.receptive_field asks it of a row, with of="
        )
    sizes = tuple(field.size)
    known = [size for size in sizes if isinstance(size, (int, Expr))]
    if len(known) < len(sizes):
        raise UnsupportedError("the field's size depends on the position, and has no closed form", got=str(sizes)[:60])
    return [Formula(quantity, f"rf_{axis}", size, "cells") for axis, size in enumerate(known)]


def _of_memory(report: Report, name: str) -> list[Formula]:
    """The formula of a figure of memory."""
    return [Formula("memory", f"memory_{name}", getattr(report.memory, name).value, "bytes")]


def _of_shape(shape: Any, name: str) -> Iterator[Formula]:
    """A formula for each axis; of each output where there are several."""
    if not is_shape(shape):
        for index, part in enumerate(shape or ()):
            yield from _of_shape(part, f"{name}_{index}")
        return
    plain: Shape = shape
    for axis, size in enumerate(plain):
        yield Formula("shape", f"{name}_{axis}", size, "cells")
