"""Sizes as code that computes them: Python, and C with floors that are right below 0 and a bound on what fits."""

from __future__ import annotations

import keyword

from cnncalc.errors import UnsupportedError
from cnncalc.formulas.simplify import form
from cnncalc.formulas.steps import MOST, Steps
from cnncalc.sizes import Size
from cnncalc.sizes.plain import code

C_WORDS = frozenset(
    [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "asm",
        "bool",
        "true",
        "false",
        "nullptr",
        "constexpr",
        "thread_local",
        "typeof",
        "alignas",
        "alignof",
        "static_assert",
        "main",
        "int64_t",
        "class",
        "new",
        "delete",
        "this",
        "template",
        "namespace",
        "private",
        "public",
        "protected",
        "virtual",
        "try",
        "catch",
        "throw",
        "using",
        "operator",
        "friend",
        "mutable",
        "explicit",
    ]
)
FLOOR_DIV = """/* a/b rounded down, whatever the signs; C itself rounds towards 0. */
static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}"""


def as_python(size: Size, name: str) -> str:
    """A Python function that computes a size, exactly, for whole numbers of any length."""
    steps = Steps(size)
    names = _names(steps.names, frozenset(keyword.kwlist) | {name})
    body = code(form(size), names, "{top}//{bottom}", "**")
    return f"def {name}({', '.join(names.values())}):\n    return {body}"


def as_c(size: Size, name: str) -> str:
    """A C function that computes a size in 64 bits, with the largest values for which no step overflows."""
    steps = Steps(size)
    names = _names(steps.names, C_WORDS | {name, "floor_div"})
    body = code(form(size), names, "floor_div({top}, {bottom})", "")
    most = _most(steps)
    span = f"for {', '.join(names.values())} up to {most}; beyond, a step may overflow" if names else "always"
    arguments = ", ".join(f"int64_t {given}" for given in names.values()) or "void"
    floors = f"{FLOOR_DIV}\n\n" if "floor_div(" in body else ""
    return f"#include <stdint.h>\n\n{floors}/* Exact {span}. */\nint64_t {name}({arguments})\n{{\n    return {body};\n}}"


def _most(steps: Steps) -> int:
    """The largest number that every symbol may be so that no step overflows. Raises where there is none."""

    def fits(most: int) -> bool:
        return steps.fits({name: (minimum, max(minimum, most)) for name, minimum in steps.minima.items()})

    if not fits(max([1, *steps.minima.values()])):
        raise UnsupportedError("the formula's own numbers exceed 64 bits", remedy="take the code in Python")
    low, high = 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _names(names: tuple[str, ...], reserved: frozenset[str]) -> dict[str, str]:
    """The symbols' names in code: one that means something there gets an underscore."""
    found: dict[str, str] = {}
    for name in names:
        given = name
        while given in reserved or (given != name and given in names) or given in found.values():
            given += "_"
        found[name] = given
    return found
