"""Reading constructor calls: a chain of layers, and the literals that are their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from cnncalc.containers import Sequential
from cnncalc.errors import CnncalcError, SpecError
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, did_you_mean, named
from cnncalc.module import Module
from cnncalc.sizes import expression, symbol
from cnncalc.spec.tokens import CONSTANTS, NOT_FINITE, Token, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    class Architectures(Protocol):
        """Further names that may be called like layers."""

        def __contains__(self, name: object, /) -> bool: ...  # noqa: D105 - a mapping's own methods
        def __getitem__(self, name: str, /) -> Callable[..., Module]: ...  # noqa: D105
        def __iter__(self) -> Iterator[str]: ...  # noqa: D105


PREFIXES = re.compile(r"(?:torch\.nn|torch|nn|cnncalc|cc)\.")
#: What an argument may be made with.
MADE = ("symbol", "expression", "float")
_RESERVED = frozenset({*CONSTANTS, "Sequential", *MADE, "_children"})


def is_free_name(name: str) -> bool:
    """Whether a name means nothing yet, not even a function: those that are made up when a program is written are such."""
    return is_child_name(name) and name not in FUNCTION_NAMES


def is_child_name(name: str) -> bool:
    """Whether a row may have that name. One that torch gives to a function hides that function from there on."""
    is_known = name in LAYER_NAMES or name in _RESERVED or hasattr(Module, name)
    return name.isidentifier() and name.isascii() and not is_known


class Constructors:
    """A recursive descent over the tokens of constructor calls; building happens on the way, so every error knows its place."""

    def __init__(self, tokens: list[Token], architectures: Architectures) -> None:
        """Begin with the first token."""
        self._tokens = tokens
        self._at = 0
        self._architectures = architectures

    # -- tokens -------------------------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _peek(self, offset: int) -> str:
        index = self._at + offset
        return self._tokens[index].text if index < len(self._tokens) else ""

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._next.kind == "symbol" and self._next.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._error(f'"{text}" is expected here')

    def _error(self, rule: str, token: Token | None = None, remedy: str = "") -> SpecError:
        token = token or self._next
        got = "the end" if token.kind == "end" or (token.kind == "newline" and not token.text) else repr(token.text[:40])
        return SpecError(rule, where=f"spec, {token.place}", got=got, remedy=remedy)

    # -- chains of constructors ---------------------------------------------------------------------------------

    def _chain(self) -> Module:
        """`name = A(…) -> B(…)`: one layer, or a Sequential."""
        links: dict[str, Module] = {}
        named_links = False
        while True:
            name = str(len(links))
            start = self._next
            if start.kind == "name" and self._peek(1) == "=":
                name = self._take().text
                self._take()
                named_links = True
                self._check_name(name, start)
            if name in links:
                raise self._error("each link needs a name of its own", start)
            links[name] = self._constructor()
            if not self._accept("->"):
                break
        if len(links) == 1 and not named_links:
            return next(iter(links.values()))
        return Sequential(links)

    def _check_name(self, name: str, token: Token) -> None:
        if not is_child_name(name):
            raise self._error("this name can't be given to a row", token, "choose a plain name of your own")

    def _constructor(self) -> Module:
        """A layer, an architecture or a Sequential with its arguments."""
        token = self._take()
        if token.kind != "name":
            raise self._error("the name of a layer is expected here", token)
        name = PREFIXES.sub("", token.text, count=1)
        if name not in LAYER_NAMES and name != "Sequential" and name not in self._architectures:
            known = [*LAYER_NAMES, "Sequential", *self._architectures]
            raise self._error("there is no layer of that name", token, did_you_mean(name, known))
        if self._next.text != "(":
            raise self._error(f"{name} needs parentheses, as in {name}()")
        args, kwargs = self._arguments()
        if name == "Sequential" and kwargs:
            args, kwargs = self._named_children(token, args, kwargs), {}
        make: Any = Sequential if name == "Sequential" else named(name) if name in LAYER_NAMES else self._architectures[name]
        try:
            made = make(*args, **kwargs)
        except CnncalcError as error:
            raise error.at(f"spec, {token.place}") from None
        except TypeError as error:
            raise SpecError(str(error), where=f"spec, {token.place}") from None
        if not isinstance(made, Module):  # pragma: no cover - every known name makes one
            raise TypeError(made)
        return made

    def _named_children(self, token: Token, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """`Sequential(conv=Conv2d(3, 8, 3), act=ReLU())`: children by name, as one dict, which torch's class takes."""
        if args:
            raise self._error("either all children of a Sequential have names or none", token)
        for name in kwargs:
            self._check_name(name, token)
        return [kwargs]

    def _arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """`(3, 16, 5, stride=2)`."""
        self._expect("(")
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        while not self._accept(")"):
            if self._next.kind == "name" and self._peek(1) == "=":
                key = self._take()
                self._take()
                if key.text in kwargs:
                    raise self._error("an argument is given twice", key)
                kwargs[key.text] = self._literal()
            elif kwargs:
                raise self._error("an argument without a name can't follow one with a name")
            else:
                args.append(self._literal())
            if not self._accept(","):
                self._expect(")")
                break
        return args, kwargs

    def _literal(self) -> Any:
        """A number, text, True, False, None, a tuple, a list, symbol("p"), float("inf"), or a layer as an argument."""
        token = self._next
        if token.kind == "number":
            return number(self._take())
        if token.kind == "string":
            return self._take().text[1:-1]
        if token.text in {"-", "+"}:
            self._take()
            if self._next.kind != "number":
                raise self._error("a number is expected behind the sign")
            value = number(self._take())
            return -value if token.text == "-" else value
        if token.text in {"(", "["}:
            return self._sequence()
        if token.kind != "name":
            raise self._error("an argument is expected here")
        if token.text in CONSTANTS:
            return CONSTANTS[self._take().text]
        if self._peek(1) != "(":
            raise self._error("a name is no argument", token, f'for a symbol write "{token.text}" in quotes, for text too')
        return self._called(token)

    def _called(self, token: Token) -> Any:
        """float("inf"), symbol("p"), expression("2*p + 1", p=0), or a layer as an argument."""
        name = PREFIXES.sub("", token.text, count=1)
        if name not in MADE:
            return self._constructor()
        self._take()
        args, kwargs = self._arguments()
        if name == "symbol":
            if kwargs or not 1 <= len(args) <= 2 or not isinstance(args[0], str):  # noqa: PLR2004 - a name, and a minimum
                raise self._error('a symbol is written symbol("p"), or symbol("p", 0) with its minimum', token)
            return symbol(*args)
        if name == "expression":
            if len(args) != 1 or not isinstance(args[0], str):
                raise self._error('an expression is written expression("2*p + 1"), with minima behind it: p=0', token)
            try:
                return expression(args[0], **kwargs)
            except CnncalcError as error:
                raise error.at(f"spec, {token.place}") from None
        text = args[0] if len(args) == 1 and not kwargs and isinstance(args[0], str) else None
        if text not in NOT_FINITE:
            raise self._error('only float("inf"), float("-inf") and float("nan") are written so', token)
        return float(text)

    def _sequence(self) -> Any:
        """A tuple, a list, or a value in parentheses."""
        closing = {"(": ")", "[": "]"}[self._take().text]
        items: list[Any] = []
        comma = False
        while not self._accept(closing):
            items.append(self._literal())
            comma = self._accept(",")
            if not comma:
                self._expect(closing)
                break
        if closing == "]":
            return items
        return items[0] if len(items) == 1 and not comma else tuple(items)
