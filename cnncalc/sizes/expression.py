"""Symbolic whole numbers: polynomials in atoms."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError
from cnncalc.sizes import polynomials
from cnncalc.sizes.atoms import Atom, Floor, Monomial, Symbol
from cnncalc.sizes.comparisons import Compared, at_least, is_positive
from cnncalc.sizes.writing import terms_text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Expr(Compared):
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
        return _size(polynomials.product(self.terms, terms))

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
        return NotImplemented if _terms(other) is None else floor_div(self, _divisor(other))

    def __rfloordiv__(self, other: int) -> Size:
        """Floor of the quotient of an int by this."""
        return floor_div(other, _divisor(self))

    def __mod__(self, other: Size) -> Size:
        """Remainder of the floored quotient."""
        if _terms(other) is None:
            return NotImplemented
        return self - other * floor_div(self, _divisor(other))

    def __rmod__(self, other: int) -> Size:
        """Remainder of an int by this."""
        return other - self * floor_div(other, _divisor(self))

    def __hash__(self) -> int:
        """Equal expressions hash equal."""
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

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
        return frozenset(self.minima)

    @property
    def minima(self) -> dict[str, int]:
        """The least value of each symbol that occurs."""
        least: dict[str, int] = {}
        for monomial in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, Symbol):
                    least[atom.name] = min(atom.minimum, least.get(atom.name, atom.minimum))
                elif isinstance(atom, Floor):
                    for inner in (atom.numerator, atom.denominator):
                        for name, minimum in inner.minima.items() if isinstance(inner, Expr) else ():
                            least[name] = min(minimum, least.get(name, minimum))
        return least

    def sympy(self) -> Any:
        """The same as a sympy expression in positive integer symbols. Imports sympy."""
        import sympy

        total = sympy.Integer(0)
        for monomial, coefficient in self.terms.items():
            product = sympy.Integer(coefficient)
            for atom, power in monomial:
                if isinstance(atom, Symbol):
                    base = sympy.Symbol(atom.name, integer=True, **{"nonnegative" if atom.minimum == 0 else "positive": True})
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


def _divisor(size: Size) -> Size:
    """A size that is divided by: a formula must not come to 0, and of numbers Python sees to that."""
    if isinstance(size, Expr):
        from cnncalc.sizes.requirements import require

        require(size != 0, "a size is divided by it")
    return size


def floor_div(numerator: Size, denominator: Size) -> Size:
    """⌊numerator / denominator⌋ in normal form. A whole denominator must not be 0."""
    if isinstance(denominator, Expr):
        return _by_symbols(_as_expr(numerator), denominator) if isinstance(numerator, Expr) or numerator else 0
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
    shorter = {monomial: coefficient // common for monomial, coefficient in rest.items()}
    shorter[()] = constant // common
    return _collapsed(shorter, denominator // common)


def _by_symbols(numerator: Expr, denominator: Expr) -> Size:
    """The floor of a quotient by a symbolic denominator: whole multiples leave it, common factors are cancelled."""
    if len(denominator.terms) != 1:
        if numerator.terms == denominator.terms:
            return 1
        exact = polynomials.quotient(numerator.terms, denominator.terms) if is_positive(denominator) else None
        return _collapsed(numerator.terms, denominator) if exact is None else _size(exact)
    ((divisor, scale),) = denominator.terms.items()
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in numerator.terms.items():
        inside, remainder = polynomials.monomial_quotient(monomial, divisor), coefficient
        if inside is not None:
            whole[inside], remainder = divmod(coefficient, scale)
        if remainder:
            rest[monomial] = remainder
    if not rest:
        return _size(whole)
    number, monomial = polynomials.common(rest)
    number = gcd(number, scale)
    monomial = polynomials.monomial_gcd(monomial, divisor)
    if any(not isinstance(atom, Symbol) or atom.minimum < 1 for atom, _ in monomial):
        monomial = ()
    below = _size(polynomials.divided(denominator.terms, number, monomial))
    inner = polynomials.divided(rest, number, monomial)
    remaining = floor_div(_size(inner), below) if isinstance(below, int) else _collapsed(inner, below)
    return _size(whole) + remaining


def _collapsed(numerator: dict[Monomial, int], denominator: Size) -> Size:
    """The floor of a quotient that nothing leaves any more; one floor inside it is taken out of it where that is known."""
    if isinstance(denominator, Expr) and _is_below(_size(numerator), denominator):
        return 0
    floors = [(monomial, c) for monomial, c in numerator.items() if any(isinstance(atom, Floor) for atom, _ in monomial)]
    if len(floors) == 1 and floors[0][1] == 1 and len(floors[0][0]) == 1 and floors[0][0][0][1] == 1:
        monomial = floors[0][0]
        inner = monomial[0][0]
        if isinstance(inner, Floor) and is_positive(inner.denominator) and is_positive(denominator):
            others = {place: coefficient for place, coefficient in numerator.items() if place != monomial}
            return floor_div(inner.numerator + _size(others) * inner.denominator, inner.denominator * denominator)
    return Expr({((Floor(_as_expr(_size(numerator)), denominator), 1),): 1})


def _is_below(size: Size, limit: Expr) -> bool:
    """Whether a size is known to lie in 0 … limit − 1, so that the quotient is 0 rounded down."""
    return at_least(limit - size - 1) is True and at_least(size) is True


def ceil_div(numerator: Size, denominator: Size) -> Size:
    """⌈numerator / denominator⌉ in normal form, as the floor of numerator + denominator − 1 where that is known to do."""
    if is_positive(denominator):
        return floor_div(numerator + denominator - 1, denominator)
    return -floor_div(-numerator, denominator)


# -- inside -----------------------------------------------------------------------------------------------------


def _terms(value: object) -> dict[Monomial, int] | None:
    """The terms of an int or an Expr; None for anything else."""
    if isinstance(value, Expr):
        return value.terms
    if isinstance(value, int):
        return {(): int(value)}
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


def _atom_value(atom: Atom, values: Mapping[str, Size]) -> Size:
    """An atom with values put in."""
    if isinstance(atom, Symbol):
        value = values.get(atom.name)
        return Expr({((atom, 1),): 1}) if value is None else value
    if not isinstance(atom, Floor):  # pragma: no cover - there are two kinds of atoms
        raise TypeError(atom)
    return floor_div(atom.numerator.subs(values), substitute(atom.denominator, values))
