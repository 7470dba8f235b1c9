"""Every error that cnncalc raises, under one base.

An error says where it happened, which rule was broken, which values broke it and what to do:

    enc1.conv (Conv2d): in_channels must be divisible by groups; got in_channels=6, groups=4; choose 1, 2, 3 or 6
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class CnncalcError(Exception):
    """The base of all errors.

    `rule` is the broken rule as a sentence, `got` the values that broke it, `remedy` what to do about it,
    and `where` the layer, the line or the option it happened at. All are plain text; all but `rule` may be empty.
    """

    def __init__(self, rule: str, *, got: str = "", remedy: str = "", where: str = "") -> None:
        """Keep the four parts; the message is put together when it is read."""
        super().__init__(rule)
        self.rule = rule
        self.got = got
        self.remedy = remedy
        self.where = where

    def at(self, where: str) -> Self:
        """Put a place in front of the place that is known so far, and return the error itself."""
        if self.where != where:
            self.where = f"{where} ({self.where})" if self.where else where
        return self

    def __str__(self) -> str:
        """One line: where, rule, values, remedy."""
        parts = [self.rule, f"got {self.got}" if self.got else "", self.remedy]
        message = "; ".join(part for part in parts if part)
        return f"{self.where}: {message}" if self.where else message


class ArgumentError(CnncalcError):
    """A layer or a function was given arguments that torch refuses when the layer is made."""


class ShapeError(CnncalcError):
    """A layer can't take this input: torch refuses when the layer is called.

    `recorded` is what the network had required of symbols before this layer. `suggest` finds sizes that the network does take;
    it is asked when the message is read, since most errors are not.
    """

    recorded: tuple[Any, ...] = ()
    suggest: Callable[[], str] | None = None

    def __str__(self) -> str:
        """One line: where, rule, values, remedy, and sizes that work in place of those given."""
        message = super().__str__()
        found = self.suggest() if self.suggest else ""
        return f"{message}; {found}" if found else message


class UndecidedError(CnncalcError):
    """A comparison of symbolic sizes has no answer for all values of the symbols, so no branch may be taken on it.

    `condition` is the comparison, where it is one.
    """

    condition: Any = None


class UnsupportedError(CnncalcError):
    """The number exists, but cnncalc can't compute it: refused, never guessed."""


class ForwardError(UnsupportedError):
    """The own code of a torch module fails for this input."""


class UnknownNameError(UnsupportedError, AttributeError):
    """A name of torch that cnncalc does not know, asked of `cnncalc.nn` or `cnncalc.drop_in`."""


class SpecError(CnncalcError):
    """A written spec, a JSON document or a sheet can't be read."""


class MissingExtraError(CnncalcError):
    """A library that is needed for this call is not installed; the message names the extra that brings it."""


class DisagreementError(CnncalcError):
    """torch was run and gave another result than cnncalc."""


#: With what the code of a forward refuses an input, as by an assertion. What was required before is kept, as on a ShapeError.
REFUSALS = (AssertionError, ValueError, IndexError, RuntimeError, ZeroDivisionError, ForwardError)
