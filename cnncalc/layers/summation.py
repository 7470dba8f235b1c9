"""Sums of products by Einstein's convention. Source: torch.einsum."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ArgumentError, ShapeError, UnsupportedError
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, Size, product, require


class Einsum(Function):
    """Sums of products by Einstein's convention, of one tensor or two. Source: torch.einsum.

    A letter that is missing in the output is summed over. MACs: the product of the lengths of all letters that are in
    the output or summed over in both tensors; without such a sum over more than one cell, and for one tensor, 0, as torch
    counts.
    """

    work = "nothing"
    torch_name = "einsum"

    def output_shape(self, equation: str, *operands: Shape | tuple[Shape, ...]) -> Shape:
        """The lengths of the output's letters."""
        shapes = self._operands(operands)
        letters, output = self._parsed(equation, shapes)
        lengths = _lengths(letters, shapes)
        return tuple(lengths[letter] for letter in output)

    def macs(self, equation: str, *operands: Shape | tuple[Shape, ...]) -> Size:
        """As the class says."""
        shapes = self._operands(operands)
        letters, output = self._parsed(equation, shapes)
        lengths = _lengths(letters, shapes)
        if len(shapes) == 1:
            return 0
        summed = [
            letter
            for letter, n in zip(letters[0], shapes[0], strict=True)
            if letter not in output
            and letter in letters[1]
            and (n == 1) is not True
            and (shapes[1][letters[1].index(letter)] == 1) is not True
        ]
        return product(lengths[letter] for letter in (*output, *summed)) if summed else 0

    def axes(self, equation: str, *operands: Shape | tuple[Shape, ...]) -> tuple[AxisMaps, ...]:
        """A letter of the output goes with its axis; any other axis is read whole."""
        from cnncalc.axis import Everything

        shapes = self._operands(operands)
        letters, output = self._parsed(equation, shapes)
        lengths = _lengths(letters, shapes)
        maps: list[AxisMaps] = []
        for names, shape in zip(letters, shapes, strict=True):
            routes: list[Route] = []
            for name, n in zip(names, shape, strict=True):
                m = lengths[name]
                if name not in output:
                    routes.append((None, EVERYTHING))
                else:
                    routes.append((output.index(name), Everything(m) if _stretched(n, m) else EACH))
            maps.append(AxisMaps.routed(*routes))
        return tuple(maps)

    @staticmethod
    def _operands(operands: Any) -> tuple[Shape, ...]:
        """The shapes, one by one or as a list."""
        if len(operands) == 1 and operands[0] and isinstance(operands[0][0], tuple):
            operands = operands[0]
        if not operands:
            raise ArgumentError("einsum takes at least one tensor", got="none")
        if len(operands) > 2:  # noqa: PLR2004 - the order of more products is torch's choice
            raise UnsupportedError(
                "einsum of more than two tensors is not known to cnncalc", remedy="take the products two by two"
            )
        return tuple(operands)

    @staticmethod
    def _parsed(equation: Any, shapes: tuple[Shape, ...]) -> tuple[list[str], str]:
        """The letters of each tensor, and of the output."""
        if not isinstance(equation, str):
            raise UnsupportedError("einsum is known by an equation alone", got=repr(equation)[:60])
        text = equation.replace(" ", "")
        if "." in text:
            raise UnsupportedError("einsum with ... is not known to cnncalc", got=repr(equation)[:60], remedy="name all axes")
        left, arrow, output = text.partition("->")
        letters = left.split(",")
        if not all(part.isalpha() and part.isascii() for part in (*letters, output) if part):
            raise ArgumentError("an equation is made of letters, commas and ->", got=repr(equation)[:60])
        if len(letters) != len(shapes):
            raise ShapeError("the equation must speak of every tensor", got=f"{equation!r:.60} for {len(shapes)} tensors")
        for part, shape in zip(letters, shapes, strict=True):
            if len(part) != len(shape):
                raise ShapeError("a tensor must have an axis for each of its letters", got=f"{part} for {shape}")
            if len(set(part)) < len(part):
                raise UnsupportedError("einsum over a diagonal is not known to cnncalc", got=repr(equation)[:60])
        if not arrow:
            joined = "".join(letters)
            output = "".join(sorted(letter for letter in set(joined) if joined.count(letter) == 1))
        if len(set(output)) < len(output) or not set(output) <= set("".join(letters)):
            raise ArgumentError("the output's letters must each occur once, and in a tensor", got=repr(equation)[:60])
        return letters, output


def _lengths(letters: list[str], shapes: tuple[Shape, ...]) -> dict[str, Size]:
    """The length that each letter stands for. Raises ShapeError where two tensors disagree."""
    lengths: dict[str, Size] = {}
    for names, shape in zip(letters, shapes, strict=True):
        for name, n in zip(names, shape, strict=True):
            m = lengths.get(name, 1)
            if (m == 1) is True:
                lengths[name] = n
            elif (n == 1) is not True:
                require(n == m, "a letter must stand for one length", "{} and {} for {}", m, n, name)
    return lengths


def _stretched(n: Size, m: Size) -> bool:
    """Whether just one of two lengths is 1."""
    return ((n == 1) is True) != ((m == 1) is True)


einsum = Einsum()
