"""Sizes: whole numbers, or symbolic lengths kept in a normal form.

A size is a Python int or an `Expr`. An `Expr` is a polynomial with integer coefficients whose variables are *atoms*:
a named `Symbol`, or a `Floor`, the floor of a quotient of two sizes. Three rules keep it short:

* whole multiples leave a floor:        ⌊(c·q + r)/c⌋ = q + ⌊r/c⌋
* a common factor is cancelled:         ⌊(g·x + b)/(g·c)⌋ = ⌊(x + ⌊b/g⌋)/c⌋
* a floor in a floor collapses:         ⌊(⌊m/c⌋ + b)/e⌋ = ⌊(m + b·c)/(c·e)⌋   for whole c, e > 0

So a length in one symbol behind any chain of windows stays in the form a·⌊(n + b)/c⌋ + d and never nests.
A symbol stands for any whole number from 1 on. Comparisons that do not hold for all such values are neither true
nor false: they are `Condition`s, and `require` records them.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from math import gcd
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, ShapeError, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,31}\Z")


class Atom:
    """What a polynomial is made of: ordered by `key`, compared by it too."""

    __slots__ = ("_hash", "key")
    key: tuple[Any, ...]

    def __init__(self, key: tuple[Any, ...]) -> None:
        """Keep the key that orders and identifies the atom."""
        self.key = key
        self._hash = hash(key)

    def __eq__(self, other: object) -> bool:
        """Two atoms are equal when their keys are."""
        return self is other or (isinstance(other, Atom) and self._hash == other._hash and self.key == other.key)

    def __hash__(self) -> int:
        """Hash by the key."""
        return self._hash


class Symbol(Atom):
    """A named unknown: a whole number from 1 on."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Make the symbol called `name`."""
        super().__init__((0, name))
        self.name = name


class Floor(Atom):
    """The floor of `numerator / denominator`, both sizes, already reduced by the rules above."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Expr, denominator: int | Expr) -> None:
        """Keep a quotient that no rule can shorten."""
        super().__init__((1, str(numerator), str(denominator)))
        self.numerator = numerator
        self.denominator = denominator


Monomial = tuple[tuple[Atom, int], ...]


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
        return _text(self.terms)

    def __repr__(self) -> str:
        """The same as `str`, so that shapes print readably."""
        return str(self)

    def __format__(self, spec: str) -> str:
        """Format as text; the separators of numbers do not apply."""
        return format(str(self), "" if "," in spec or spec.endswith("d") else spec)


Size = int | Expr
Shape = tuple[Size, ...]


def symbol(name: str) -> Expr:
    """The symbolic size called `name`: letters, digits and underscores, at most 32, not starting with a digit."""
    if not isinstance(name, str) or not _IDENTIFIER.match(name):
        raise ArgumentError(
            "a symbol is an identifier of at most 32 letters, digits and underscores",
            got=repr(name)[:60],
            remedy='write for example "H"',
        )
    return Expr({((Symbol(name), 1),): 1})


def symbols_of(size: Size) -> frozenset[str]:
    """The names of the symbols in a size; none in an int."""
    return size.symbols if isinstance(size, Expr) else frozenset()


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """Put `values` in for the symbols of a size; an int stays."""
    return size.subs(values) if isinstance(size, Expr) else size


def as_shape(shape: Iterable[int | str | Expr]) -> Shape:
    """A shape as users write it, checked: whole numbers from 0 on, and strings for symbols."""
    if isinstance(shape, (str, bytes, int, dict, set)) or not hasattr(shape, "__iter__"):
        raise ArgumentError("a shape is a tuple of sizes", got=repr(shape)[:60], remedy="write for example (1, 3, 224, 224)")
    sizes: list[Size] = []
    for given in shape:
        size = given
        if type(size) is not int and not isinstance(size, Expr):
            if isinstance(size, str):
                size = symbol(size)
            elif hasattr(size, "__index__") and not isinstance(size, bool):
                size = size.__index__()
            else:
                raise ArgumentError(
                    "a size is a whole number, or a string that names a symbol",
                    got=repr(given)[:60],
                    remedy='write for example (1, 3, 224, 224) or ("N", 3, "H", "W")',
                )
        if type(size) is int and size < 0:
            raise ArgumentError("a size can't be negative", got=f"{size} in {tuple(shape)!r}"[:80])
        sizes.append(size)
    return tuple(sizes)


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


# -- conditions -------------------------------------------------------------------------------------------------


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
            return f"{_text(rest)} {'≤' if sign == '≥' else sign} {constant}"
        return f"{_text(rest)} {sign} {_number(-constant)}"

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


class Requirement:
    """A recorded condition: which layer asks for it, and why."""

    __slots__ = ("condition", "reason", "where")

    def __init__(self, condition: Condition, where: str, reason: str) -> None:
        """Keep the condition with its origin."""
        self.condition = condition
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        """One line: `0 (Conv2d): H ≥ 3, since the kernel must fit into the padded input`."""
        return f"{self.where}: {self.condition}, since {self.reason}"

    __repr__ = __str__


class Recorder:
    """Where `require` puts undecided conditions while a network is traced; `where` names the layer at work."""

    __slots__ = ("requirements", "where")

    def __init__(self) -> None:
        """Start with nothing recorded."""
        self.requirements: list[Requirement] = []
        self.where = ""


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Collect the conditions of everything that is computed inside the `with` block."""
    recorder = Recorder()
    token = _recorder.set(recorder)
    try:
        yield recorder
    finally:
        _recorder.reset(token)


def require(condition: bool | Condition, reason: str, got: str = "", *values: object, remedy: str = "") -> None:  # noqa: FBT001
    """Demand a condition: raise `ShapeError` where it is false, record it where it is undecided.

    `got` is a format string for `values`; it is filled in only when it is needed.
    """
    if condition is True:
        return
    if condition is False:
        raise ShapeError(reason, got=got.format(*values), remedy=remedy)
    recorder = _recorder.get()
    if recorder is None or not isinstance(condition, Condition):
        return
    if all(known.condition != condition for known in recorder.requirements):
        recorder.requirements.append(Requirement(condition, recorder.where, reason))


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


def _number(value: int) -> str:
    """An int with a true minus sign."""
    return f"−{-value}" if value < 0 else str(value)


def _text(terms: dict[Monomial, int]) -> str:
    """A polynomial as readable mathematics."""
    one_floor = _as_one_floor(terms)
    if one_floor:
        return one_floor
    ordered = sorted(
        terms.items(), key=lambda item: (not item[0], -sum(p for _, p in item[0]), [(a.key, -p) for a, p in item[0]])
    )
    text = ""
    for monomial, coefficient in ordered:
        factors = [_atom_text(atom) + _superscript(power) for atom, power in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        piece = "·".join(factors)
        if not text:
            text = f"−{piece}" if coefficient < 0 else piece
        else:
            text += f" − {piece}" if coefficient < 0 else f" + {piece}"
    return text or "0"


def _as_one_floor(terms: dict[Monomial, int]) -> str:
    """One floor with a constant beside it, written with the constant inside: `⌊(H − 1)/2⌋`, or as a ceiling: `⌈H/32⌉`.

    Nothing where the terms are not of that form.
    """
    rest = {monomial: coefficient for monomial, coefficient in terms.items() if monomial}
    if len(rest) != 1:
        return ""
    ((monomial, coefficient),) = rest.items()
    if coefficient != 1 or len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], Floor):
        return ""
    inner = monomial[0][0]
    divisor = inner.denominator
    if not isinstance(divisor, int):
        return ""
    numerator = dict(inner.numerator.terms)
    constant = numerator.pop((), 0) + terms.get((), 0) * divisor
    left, right = "⌊⌋"
    if constant == divisor - 1:
        left, right, constant = "⌈", "⌉", 0
    if constant:
        numerator[()] = constant
    top = _text(numerator)
    return f"{left}{f'({top})' if len(numerator) > 1 else top}/{divisor}{right}"


def _atom_text(atom: Atom) -> str:
    """A symbol's name, or a floor."""
    if isinstance(atom, Symbol):
        return atom.name
    if not isinstance(atom, Floor):  # pragma: no cover - there are two kinds of atoms
        raise TypeError(atom)
    top = str(atom.numerator)
    bottom = str(atom.denominator)
    if len(atom.numerator.terms) > 1:
        top = f"({top})"
    if isinstance(atom.denominator, Expr) and (len(atom.denominator.terms) > 1 or "·" in bottom):
        bottom = f"({bottom})"
    return f"⌊{top}/{bottom}⌋"


def _superscript(power: int) -> str:
    """A power above 1 as superscript digits."""
    return "" if power == 1 else str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def dot(sizes: Iterable[Size]) -> str:
    """Sizes written as a product: `16·5·5·3`."""
    return "·".join(f"({text})" if " " in (text := str(size)) else text for size in sizes)
