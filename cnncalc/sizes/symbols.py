"""Named unknowns as users make them."""

from __future__ import annotations

import re

from cnncalc.errors import ArgumentError
from cnncalc.sizes.atoms import Symbol
from cnncalc.sizes.expression import Expr

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,31}\Z")


def symbol(name: str, minimum: int = 1) -> Expr:
    """The symbolic size called `name`: letters, digits and underscores, at most 32, not starting with a digit.

    It stands for any whole number from `minimum` on: 0 suits a padding, a larger one a length that is known to be long.
    """
    if not isinstance(name, str) or not _IDENTIFIER.match(name):
        raise ArgumentError(
            "a symbol is an identifier of at most 32 letters, digits and underscores",
            got=repr(name)[:60],
            remedy='write for example "H"; a formula is made by expression("2*H")',
        )
    if type(minimum) is not int or minimum < 0:
        raise ArgumentError("the minimum of a symbol is a whole number from 0 on", got=f"minimum={minimum!r:.40}")
    return Expr({((Symbol(name, minimum), 1),): 1})
