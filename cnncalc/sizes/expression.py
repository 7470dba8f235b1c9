"""Symbolic whole numbers: polynomials in atoms, their floors, and comparisons that are decided where they can be."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, UndecidedError
from cnncalc.sizes.atoms import Atom, Floor, Monomial, Symbol
from cnncalc.sizes.writing import number_text, terms_text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Expr:
    """A symbolic whole number: a polynomial in atoms. Immutable; ints mix with it freely."""

    __slots__ = ("_hash", "terms")
    terms: dict[Monomial, int]

    def __init__(self, terms: dict[Monomial, int]) -> None:
        """Keep the terms; use `symbol` or arithmetic to make one."""
        self.terms = terms
        self._hash: int | None = None

    # -- arithmetic ---------------------------------------------------------------------------------------------

    def __add__(self, other: Size) -> Size:
        """Sum."""
        terms = _terms(other)
        if terms is None:
            return NotImplemented
        total = dict(self.terms)
        for monomial, coefficient in terms.items():
            total[monomial] = total.get(monomial, 0) + coefficient
        return _size(total)

    __radd__ = __add__

    def __neg__(self) -> Size:
        """Negative."""
        return Expr({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __pos__(self) -> Size:
        """Itself."""
        return self

    def __sub__(self, other: Size) -> Size:
        """Difference."""
        terms = _terms(other)
        if terms is None:
            return NotImplemented
        total = dict(self.terms)
        for monomial, coefficient in terms.items():
            total[monomial] = total.get(monomial, 0) - coefficient
        return _size(total)

    def __rsub__(self, other: int) -> Size:
        """Difference from an int."""
        return -self + other

    def __mul__(self, other: Size) -> Size:
        """Product."""
        terms = _terms(other)
        if terms is None:
            return NotImplemented
        product: dict[Monomial, int] = {}
        for left, a in self.terms.items():
            for right, b in terms.items():
                monomial = _monomial_product(left, right)
                product[monomial] = product.get(monomial, 0) + a * b
        return _size(product)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        """A power with a whole exponent from 0 on."""
        if not isinstance(power, int) or power < 0:
            raise ArgumentError("the exponent of a size is a whole number from 0 on", got=f"{self} ** {power!r:.40}")
        result: Size = 1
        for _ in range(power):
            result = self * result
        return result

    def __floordiv__(self, other: Size) -> Size:
        """Floor of the quotient."""
        return NotImplemented if _terms(other) is None else floor_div(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        """Floor of the quotient of an int by this."""
        return floor_div(other, self)

    def __mod__(self, other: Size) -> Size:
        """Remainder of the floored quotient."""
        if _terms(other) is None:
            return NotImplemented
        return self - other * floor_div(self, other)

    def __rmod__(self, other: int) -> Size:
        """Remainder of an int by this."""
        return other - self * floor_div(other, self)

    # -- comparison ---------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool | Condition:  # type: ignore[override]
        """True or False where that holds for all values of the symbols, else an undecided `Condition`."""
        if self is other:
            return True
        difference = _terms(other)
        if difference is None:
            return NotImplemented
        return equal(self, other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> bool | Condition:  # type: ignore[override]
        """The opposite of `==`, undecided where that is."""
        if _terms(other) is None:
            return NotImplemented
        same = equal(self, other)  # type: ignore[arg-type]
        return (not same) if isinstance(same, bool) else Condition(same.expr, "!=")

    def __hash__(self) -> int:
        """Equal expressions hash equal."""
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __ge__(self, other: Size) -> bool | Condition:
        """At least."""
        return at_least(self - other)

    def __gt__(self, other: Size) -> bool | Condition:
        """More than."""
        return at_least(self - other - 1)

    def __le__(self, other: Size) -> bool | Condition:
        """At most."""
        return at_least(other - self)

    def __lt__(self, other: Size) -> bool | Condition:
        """Less than."""
        return at_least(other - self - 1)

    def __bool__(self) -> bool:
        """Not zero."""
        return bool(self != 0)

    def __index__(self) -> int:
        """Refuse: a symbol has no one value."""
        raise UndecidedError(
            "a symbolic size has no single value", got=str(self), remedy="give a number where the network needs one"
        )

    __int__ = __index__

    # -- inspection ---------------------------------------------------------------------------------------------

    def subs(self, values: Mapping[str, Size]) -> Size:
        """Put `values` in for the symbols named; other symbols stay."""
        total: Size = 0
        for monomial, coefficient in self.terms.items():
            product: Size = coefficient
            for atom, power in monomial:
                product = product * _atom_value(atom, values) ** power
            total = total + product
        return total

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols that occur."""
        names: set[str] = set()
        for monomial in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, Symbol):
                    names.add(atom.name)
                elif isinstance(atom, Floor):
                    names |= atom.numerator.symbols
                    names |= symbols_of(atom.denominator)
        return frozenset(names)

    def sympy(self) -> Any:
        """The same as a sympy expression in positive integer symbols. Imports sympy."""
        import sympy

        total = sympy.Integer(0)
        for monomial, coefficient in self.terms.items():
            product = sympy.Integer(coefficient)
            for atom, power in monomial:
                if isinstance(atom, Symbol):
                    base = sympy.Symbol(atom.name, integer=True, positive=True)
                elif isinstance(atom, Floor):
                    denominator = atom.denominator
                    base = sympy.floor(
                        atom.numerator.sympy()
                        / (denominator.sympy() if isinstance(denominator, Expr) else sympy.Integer(denominator))
                    )
                product *= base**power
            total += product
        return total

    def __str__(self) -> str:
        """Readable mathematics: `⌊(H − 3)/2⌋ + 1`; a floor that is a ceiling in disguise is written as one."""
        return terms_text(self.terms)

    def __repr__(self) -> str:
        """The same as `str`, so that shapes print readably."""
        return str(self)

    def __format__(self, spec: str) -> str:
        """Format as text; the separators of numbers do not apply."""
        return format(str(self), "" if "," in spec or spec.endswith("d") else spec)


Size = int | Expr
Shape = tuple[Size, ...]


def symbols_of(size: Size) -> frozenset[str]:
    """The names of the symbols in a size; none in an int."""
    return size.symbols if isinstance(size, Expr) else frozenset()


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """Put `values` in for the symbols of a size; an int stays."""
    return size.subs(values) if isinstance(size, Expr) else size


# -- floors -----------------------------------------------------------------------------------------------------


def floor_div(numerator: Size, denominator: Size) -> Size:
    """⌊numerator / denominator⌋ in normal form. A whole denominator must not be 0."""
    if isinstance(denominator, Expr):
        if isinstance(numerator, int) and numerator == 0:
            return 0
        if isinstance(numerator, Expr):
            quotient = _exact_quotient(numerator, denominator)
            if quotient is not None:
                return quotient
        return Expr({((Floor(_as_expr(numerator), denominator), 1),): 1})
    if isinstance(numerator, int):
        return numerator // denominator
    if denominator < 0:
        return floor_div(-numerator, -denominator)
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in numerator.terms.items():
        quotient_part, remainder = divmod(coefficient, denominator)
        if quotient_part:
            whole[monomial] = quotient_part
        if remainder:
            rest[monomial] = remainder
    remaining = _reduced_floor(rest, denominator)
    return _size(whole) + remaining if whole else remaining


def _reduced_floor(rest: dict[Monomial, int], denominator: int) -> Size:
    """The floor of terms whose coefficients all lie in 0 … denominator − 1."""
    constant = rest.pop((), 0)
    if not rest:
        return 0
    common = gcd(denominator, *rest.values())
    if common > 1:
        rest = {monomial: coefficient // common for monomial, coefficient in rest.items()}
        constant //= common
        denominator //= common
    if denominator == 1:
        return _size({**rest, (): constant})
    if len(rest) == 1:
        ((monomial, coefficient),) = rest.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Floor):
            inner = monomial[0][0]
            if isinstance(inner.denominator, int):
                return floor_div(inner.numerator + constant * inner.denominator, inner.denominator * denominator)
    if constant:
        rest[()] = constant
    return Expr({((Floor(Expr(rest), denominator), 1),): 1})


def ceil_div(numerator: Size, denominator: Size) -> Size:
    """⌈numerator / denominator⌉ in normal form, as the floor of numerator + denominator − 1 where that is known to do."""
    if at_least(denominator - 1) is True:
        return floor_div(numerator + denominator - 1, denominator)
    return -floor_div(-numerator, denominator)


def _exact_quotient(numerator: Expr, denominator: Expr) -> Size | None:
    """The quotient by a denominator of one term that divides every term of the numerator; else None."""
    if len(denominator.terms) != 1:
        return 1 if numerator.terms == denominator.terms else None
    ((divisor, scale),) = denominator.terms.items()
    quotient: dict[Monomial, int] = {}
    for monomial, coefficient in numerator.terms.items():
        powers = dict(monomial)
        for atom, power in divisor:
            powers[atom] = powers.get(atom, 0) - power
        if coefficient % scale or any(power < 0 for power in powers.values()):
            return None
        quotient[tuple((a, p) for a, p in powers.items() if p)] = coefficient // scale
    return _size(quotient)


# -- comparisons ------------------------------------------------------------------------------------------------


class Condition:
    """What must hold of the symbols: `expr ≥ 0`, `expr = 0` or `expr ≠ 0`. It has no truth value of its own."""

    __slots__ = ("expr", "relation")

    def __init__(self, expr: Expr, relation: str) -> None:
        """Keep `expr` and its relation to 0: ">=", "==" or "!="."""
        self.expr = expr
        self.relation = relation

    def __bool__(self) -> bool:
        """Refuse: no branch may be taken on an undecided condition."""
        raise UndecidedError(
            "the comparison is true for some values of the symbols and false for others",
            got=str(self),
            remedy="give numbers for these sizes",
        )

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for numbers put in for all its symbols."""
        value = self.expr.subs(values)
        if isinstance(value, Expr):
            raise UndecidedError("a value is missing for a symbol", got=", ".join(sorted(value.symbols)))
        return {">=": value >= 0, "==": value == 0, "!=": value != 0}[self.relation]

    def __str__(self) -> str:
        """As an inequality with the constant on the right: `H ≥ 5`."""
        constant = self.expr.terms.get((), 0)
        rest = {monomial: coefficient for monomial, coefficient in self.expr.terms.items() if monomial}
        sign = {">=": "≥", "==": "=", "!=": "≠"}[self.relation]
        if all(coefficient < 0 for coefficient in rest.values()):
            rest = {monomial: -coefficient for monomial, coefficient in rest.items()}
            return f"{terms_text(rest)} {'≤' if sign == '≥' else sign} {constant}"
        return f"{terms_text(rest)} {sign} {number_text(-constant)}"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        """The same expression and relation."""
        return isinstance(other, Condition) and self.relation == other.relation and self.expr.terms == other.expr.terms

    def __hash__(self) -> int:
        """Equal conditions hash equal."""
        return hash((self.relation, self.expr))


def equal(left: Size, right: Size) -> bool | Condition:
    """Whether two sizes are equal: decided where possible, else a `Condition`."""
    difference = left - right
    if isinstance(difference, int):
        return difference == 0
    lower, upper = _bounds(difference)
    if (lower is not None and lower > 0) or (upper is not None and upper < 0):
        return False
    return Condition(difference, "==")


def at_least(size: Size) -> bool | Condition:
    """Whether a size is at least 0: decided where possible, else a `Condition`."""
    if isinstance(size, int):
        return size >= 0
    inner = _inside_floor(size)
    if inner is not None:
        return at_least(inner)
    lower, upper = _bounds(size)
    if lower is not None and lower >= 0:
        return True
    if upper is not None and upper < 0:
        return False
    return Condition(size, ">=")


def lesser(a: Size, b: Size) -> Size | None:
    """The smaller of two sizes; None where that depends on the symbols."""
    less = at_least(b - a)
    return a if less is True else b if at_least(a - b) is True else None


def greater(a: Size, b: Size) -> Size | None:
    """The larger of two sizes; None where that depends on the symbols."""
    return a if at_least(a - b) is True else b if at_least(b - a) is True else None


def _inside_floor(expr: Expr) -> Size | None:
    """a·⌊x/c⌋ + d ≥ 0 is the same as x ≥ c·⌈−d/a⌉ for whole a, c > 0: the difference of the two sides; else None."""
    rest = [(monomial, coefficient) for monomial, coefficient in expr.terms.items() if monomial]
    if len(rest) != 1:
        return None
    ((monomial, coefficient),) = rest
    if coefficient < 0 or len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], Floor):
        return None
    atom = monomial[0][0]
    if not isinstance(atom.denominator, int):
        return None
    return atom.numerator - atom.denominator * -(expr.terms.get((), 0) // coefficient)


def _bounds(expr: Expr) -> tuple[int | None, int | None]:
    """A lower and an upper bound over all symbols from 1 on; None where the simple argument finds none.

    The argument: a polynomial whose non-constant coefficients are all positive, in atoms that are non-decreasing and
    not negative at 1, is smallest where every symbol is 1.
    """
    signs = {coefficient > 0 for monomial, coefficient in expr.terms.items() if monomial}
    if len(signs) != 1 or not all(_is_rising(atom) for monomial in expr.terms for atom, _ in monomial):
        return None, None
    at_one = expr.subs(dict.fromkeys(expr.symbols, 1))
    if isinstance(at_one, Expr):
        return None, None
    return (at_one, None) if signs == {True} else (None, at_one)


def _is_rising(atom: Atom) -> bool:
    """Whether an atom is non-decreasing in every symbol and not negative at 1."""
    if not isinstance(atom, Floor):
        return True
    if not isinstance(atom.denominator, int):
        return False
    terms = atom.numerator.terms
    return all(coefficient > 0 or not monomial for monomial, coefficient in terms.items()) and all(
        _is_rising(inner) for monomial in terms for inner, _ in monomial
    )


# -- inside -----------------------------------------------------------------------------------------------------


def _terms(value: object) -> dict[Monomial, int] | None:
    """The terms of an int or an Expr; None for anything else."""
    if isinstance(value, Expr):
        return value.terms
    if isinstance(value, int):
        return {(): int(value)} if value else {}
    return None


def _size(terms: dict[Monomial, int]) -> Size:
    """A size of these terms: an int where nothing symbolic is left."""
    kept = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient}
    if not kept:
        return 0
    if len(kept) == 1 and () in kept:
        return kept[()]
    return Expr(kept)


def _as_expr(size: Size) -> Expr:
    """An Expr even where the size is an int."""
    return size if isinstance(size, Expr) else Expr({(): size})


def _monomial_product(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials, atoms in order."""
    if not left:
        return right
    if not right:
        return left
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))


def _atom_value(atom: Atom, values: Mapping[str, Size]) -> Size:
    """An atom with values put in."""
    if isinstance(atom, Symbol):
        value = values.get(atom.name)
        return Expr({((atom, 1),): 1}) if value is None else value
    if not isinstance(atom, Floor):  # pragma: no cover - there are two kinds of atoms
        raise TypeError(atom)
    return floor_div(atom.numerator.subs(values), substitute(atom.denominator, values))
