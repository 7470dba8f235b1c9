"""A size as a list of steps on whole numbers, each done once, and the bounds of every step over ranges of its symbols."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.errors import ArgumentError
from cnncalc.formulas.simplify import form
from cnncalc.sizes import Expr, Size
from cnncalc.sizes.readable import Name, Node, Number, Power, Product, Sum

#: The largest number that a signed whole number of 64 bits holds.
MOST = (1 << 63) - 1


class Slot(NamedTuple):
    """A result: of a symbol, or of an earlier step."""

    place: int


Operand = int | Slot
Bounds = tuple[int, int]


class Step(NamedTuple):
    """One operation, `+`, `-`, `*` or `//`, the last rounded down, on two operands."""

    operation: str
    left: Operand
    right: Operand


class Steps:
    """Steps that compute a size. The slots hold the symbols in the order of `names`, then the result of each step."""

    def __init__(self, size: Size) -> None:
        """Work the steps out."""
        self.minima: dict[str, int] = dict(sorted(size.minima.items())) if isinstance(size, Expr) else {}
        self.names = tuple(self.minima)
        self.steps: list[Step] = []
        self._known: dict[Step, Slot] = {}
        self.result: Operand = self._of(form(size))
        #: For each step, the slots that no later step needs.
        self.done: list[tuple[int, ...]] = self._last_uses()
        read = {operand for step in self.steps for operand in (step.left, step.right)} | {self.result}
        #: The symbols whose values make no difference: the simplified form is without them.
        self.unused = tuple(name for place, name in enumerate(self.names) if Slot(place) not in read)

    def _of(self, node: Node) -> Operand:
        """The operand that holds the value of a form."""
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return Slot(self.names.index(node.name))
        if isinstance(node, Power):
            base = self._of(node.base)
            return self._fold("*", [base] * node.exponent)
        if isinstance(node, Product):
            factors = [self._of(factor) for factor in node.factors]
            return self._fold("*", factors if node.coefficient == 1 else [node.coefficient, *factors])
        if isinstance(node, Sum):
            return self._sum(node)
        top, bottom = self._of(node.top), self._of(node.bottom)
        if node.rounding == "ceil" and isinstance(bottom, int):
            # Rounded up, by a number above 0: the floor from above.
            top = self._step("+", top, bottom - 1)
        return self._step("//", top, bottom)

    def _sum(self, node: Sum) -> Operand:
        """The terms in order; one with a negative coefficient is taken away."""
        total = self._of(node.terms[0])
        for term in node.terms[1:]:
            if isinstance(term, Number) and term.value < 0:
                total = self._step("-", total, -term.value)
            elif isinstance(term, Product) and term.coefficient < 0:
                total = self._step("-", total, self._of(Product(-term.coefficient, term.factors)))
            else:
                total = self._step("+", total, self._of(term))
        return total

    def _fold(self, operation: str, operands: list[Operand]) -> Operand:
        result = operands[0]
        for operand in operands[1:]:
            result = self._step(operation, result, operand)
        return result

    def _step(self, operation: str, left: Operand, right: Operand) -> Operand:
        """The result of a step, done once; of two numbers it is worked out here."""
        if isinstance(left, int) and isinstance(right, int):
            return apply(operation, left, right)
        step = Step(operation, left, right)
        slot = self._known.get(step)
        if slot is None:
            slot = self._known[step] = Slot(len(self.names) + len(self.steps))
            self.steps.append(step)
        return slot

    def _last_uses(self) -> list[tuple[int, ...]]:
        last: dict[int, int] = {}
        for index, step in enumerate(self.steps):
            for operand in (step.left, step.right):
                if isinstance(operand, Slot):
                    last[operand.place] = index
        done: list[list[int]] = [[] for _ in self.steps]
        for slot, index in last.items():
            if not (isinstance(self.result, Slot) and self.result.place == slot):
                done[index].append(slot)
        return [tuple(slots) for slots in done]

    def bounds(self, ranges: dict[str, Bounds]) -> list[Bounds]:
        """Lower and upper bounds of every slot where each symbol lies in its range. Raises where a divisor may be 0."""
        found = [ranges[name] for name in self.names]
        for step in self.steps:
            left, right = (found[item.place] if isinstance(item, Slot) else (item, item) for item in (step.left, step.right))
            found.append(_bounds(step.operation, left, right))
        return found

    def fits(self, ranges: dict[str, Bounds]) -> bool:
        """Whether every step stays within 64 bits where each symbol lies in its range."""
        numbers = [item for step in self.steps for item in (step.left, step.right) if isinstance(item, int)]
        numbers += [self.result] if isinstance(self.result, int) else []
        corners = [corner for pair in self.bounds(ranges) for corner in pair]
        return all(-MOST <= number <= MOST for number in (*numbers, *corners))


def apply(operation: str, left: int, right: int) -> int:
    """An operation on whole numbers."""
    if operation == "+":
        return left + right
    if operation == "-":
        return left - right
    if operation == "*":
        return left * right
    if right == 0:
        raise ArgumentError("a divisor of the formula is 0", got=f"{left} // 0")
    return left // right


def _bounds(operation: str, left: Bounds, right: Bounds) -> Bounds:
    """Bounds of an operation from those of its operands."""
    (a, b), (c, d) = left, right
    if operation == "+":
        return a + c, b + d
    if operation == "-":
        return a - d, b - c
    if operation == "//" and c <= 0 <= d:
        raise ArgumentError(
            "a divisor of the formula may be 0 within these values", got=f"{c} … {d}", remedy="keep its symbols apart from there"
        )
    corners = [apply(operation, x, y) for x in (a, b) for y in (c, d)]
    return min(corners), max(corners)
