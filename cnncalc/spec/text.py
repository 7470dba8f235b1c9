"""Reading networks in their written form, in torch syntax: parsed, never evaluated.

A chain, each link named if wanted:

    conv1 = Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)

or statements, one a line, where branches meet; the last one is the output:

    x = input
    a = Conv2d(3, 8, 3, padding=1)(x)
    b = Conv2d(3, 8, 1)(x) -> ReLU()
    cat([a, b], dim=1)

`a, b = inputs` takes several inputs, `shared = Conv2d(8, 8, 3)` makes a layer that can be applied more than once, and
`a + b` adds. `nn.Conv2d` and `torch.nn.Conv2d` are read as `Conv2d`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cnncalc.errors import SpecError
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, did_you_mean, named
from cnncalc.layers.operation import Function
from cnncalc.module import Module
from cnncalc.program import Program, Ref, Step
from cnncalc.spec.constructors import MADE, PREFIXES, Constructors
from cnncalc.spec.tokens import CONSTANTS, Token, tokenize

if TYPE_CHECKING:
    from cnncalc.spec.constructors import Architectures

#: A misspelt name is compared with at most this many known ones.
MANY_NAMES = 500


def parse(text: str, architectures: Architectures | None = None) -> Module:
    """The network that a written spec describes.

    `architectures` are further names that may be called like layers, such as those of the zoo. Raises SpecError with line
    and column where the text can't be read, and the layers' own errors for arguments they refuse.
    """
    if not isinstance(text, str):
        raise SpecError("a written spec is text", got=type(text).__name__)
    return _Parser(tokenize(text), {} if architectures is None else architectures).network()


class _Parser(Constructors):
    """Statements on top of constructor calls."""

    def __init__(self, tokens: list[Token], architectures: Architectures) -> None:
        super().__init__(tokens, architectures)
        self._program: Program | None = None
        self._modules: dict[str, str] = {}
        self._results: dict[str, Any] = {}
        self._count = 0
        self._counts: dict[str, int] = {}
        #: Every name that the text itself gives, so that no name made up here is one of them.
        self._assigned = {token.text for token, after in pairwise(tokens) if token.kind == "name" and after.text in {"=", ","}}

    # -- the whole ----------------------------------------------------------------------------------------------

    def network(self) -> Module:
        """The whole text."""
        if self._next.kind in {"end", "newline"}:
            raise self._error("the spec is empty", remedy='write for example "Conv2d(3, 16, 5) -> ReLU()"')
        names = self._input_names()
        if names:
            return self._statements(names)
        chain = self._chain()
        while self._next.kind == "newline":
            self._take()
        if self._next.kind != "end":
            raise self._error(
                'after the first chain, "->" or the end is expected',
                remedy="to write several statements, begin with x = input",
            )
        return chain

    def _input_names(self) -> tuple[str, ...]:
        """The names in `x = input` or `a, b = inputs`; none where the text begins with something else."""
        names: list[str] = []
        at = start = self._at
        while self._tokens[at].kind == "name":
            names.append(self._tokens[at].text)
            at += 1
            if self._tokens[at].text != ",":
                break
            at += 1
        if self._tokens[at].text != "=" or self._tokens[at + 1].text not in {"input", "inputs"}:
            return ()
        self._at = at + 2
        self._end_of_statement()
        for token in self._tokens[start : start + 2 * len(names) : 2]:
            self._check_name(token.text, token)
        if len(set(names)) < len(names):
            raise self._error("each input needs a name of its own", self._tokens[start])
        return tuple(names)

    def _end_of_statement(self) -> None:
        if self._next.kind != "newline":
            raise self._error("the end of the line is expected here")
        while self._next.kind == "newline":
            self._take()

    # -- statements ---------------------------------------------------------------------------------------------

    def _statements(self, names: tuple[str, ...]) -> Program:
        """Lines after `x = input`, the last of them the output."""
        program = self._program = Program(names)
        self._results = {name: Ref(name) for name in names}
        output: Any = None
        while self._next.kind != "end":
            start = self._next
            target = ""
            if start.kind == "name" and self._peek(1) == "=":
                target = self._take().text
                self._take()
                self._check_name(target, start)
                if target in self._results or target in self._modules:
                    raise self._error("this name is already taken", start)
            output = self._expression(target)
            if isinstance(output, Module):
                if not target:
                    raise self._error("a layer that is not applied needs a name", start, "write name = Layer(…)")
                program.add_path(target, output)
                self._modules[target] = target
                output = None
            elif target:
                self._results[target] = output
            self._end_of_statement()
        if output is None:
            raise self._error("the last line must be the output")
        program.output = output
        return program

    def _expression(self, target: str = "") -> Any:
        """`a + b`, `x -> A(…) -> B(…)`, or a single value; a constructor alone gives a module."""
        first = self._next
        value = self._operand(target if target and self._is_whole_statement() else "")
        while True:
            if self._accept("+"):
                left, second = self._applied(value, first), self._next
                right = self._applied(self._operand(""), second)
                value = self._step(named("add"), (left, right), {}, self._if_last(target))
            elif self._next.text == "->":
                self._take()
                start = self._next
                callee = self._callee(start)
                value = self._apply(callee, [self._applied(value, first)], start, self._if_last(target))
            else:
                return value

    def _if_last(self, target: str) -> str:
        """The name of the statement, for its last operation only."""
        return target if self._next.kind == "newline" else ""

    def _is_whole_statement(self) -> bool:
        """Whether no + or -> follows on this line outside parentheses."""
        depth = 0
        for index in range(self._at, len(self._tokens)):
            token = self._tokens[index]
            if token.kind == "newline":
                return True
            if token.kind == "symbol":
                depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
                if depth < 0 or (depth == 0 and token.text in {"+", "->", ","}):
                    return False
        return True

    def _applied(self, value: Any, token: Token) -> Any:
        if isinstance(value, Module):
            raise self._error("a layer must be applied to a value here", token, "write Layer(…)(x)")
        return value

    def _operand(self, target: str) -> Any:
        """A name, a call, or parentheses, with an index behind it where a result is a tuple."""
        token = self._next
        if self._accept("("):
            value = self._expression()
            self._expect(")")
        elif token.kind == "name" and token.text in self._results:
            self._take()
            value = self._results[token.text]
        else:
            callee = self._callee(token)
            if self._next.text != "(" and isinstance(callee, Module):
                return callee
            inputs, call = self._call_arguments()
            value = self._apply(callee, inputs, token, target, call)
        while self._next.text == "[":
            value = self._indexed(value)
        return value

    def _indexed(self, value: Any) -> Any:
        self._expect("[")
        index = self._take()
        self._expect("]")
        if index.kind != "number" or not index.text.isdigit() or not isinstance(value, Ref) or value.index is not None:
            raise self._error("an index picks one output of a layer that has several", index)
        return Ref(value.name, int(index.text))

    def _callee(self, token: Token) -> Module | Function | str:
        """What is called: a layer made here, a module by name, or a function."""
        name = PREFIXES.sub("", token.text, count=1)
        if token.kind != "name":
            raise self._error("a value is expected here")
        if token.text in self._modules:
            self._take()
            return token.text
        if name in FUNCTION_NAMES:
            self._take()
            function: Function = named(name)
            return function
        is_layer = name in LAYER_NAMES or name == "Sequential" or name in self._architectures
        if self._peek(1) != "(" and not is_layer:
            known = [*FUNCTION_NAMES, *list(self._results)[:MANY_NAMES], *list(self._modules)[:MANY_NAMES]]
            raise self._error("there is no value of that name", token, did_you_mean(token.text, known))
        return self._constructor()

    def _call_arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """`(x, [a, b], dim=1)` with values inside."""
        self._expect("(")
        inputs: list[Any] = []
        call: dict[str, Any] = {}
        while not self._accept(")"):
            if self._next.kind == "name" and self._peek(1) == "=":
                key = self._take().text
                self._take()
                call[key] = self._call_argument()
            else:
                inputs.append(self._call_argument())
            if not self._accept(","):
                self._expect(")")
                break
        return inputs, call

    def _call_argument(self) -> Any:
        """A value, a list of values, or a literal."""
        token = self._next
        if token.text == "[":
            self._take()
            items = []
            while not self._accept("]"):
                items.append(self._call_argument())
                if not self._accept(","):
                    self._expect("]")
                    break
            return items
        is_made = self._peek(1) == "(" and PREFIXES.sub("", token.text, count=1) in MADE
        if is_made or token.kind in {"number", "string"} or token.text in {"-", *CONSTANTS}:
            return self._literal()
        return self._applied(self._expression(), token)

    def _apply(
        self, callee: Module | Function | str, inputs: list[Any], token: Token, target: str, call: dict[str, Any] | None = None
    ) -> Ref:
        """A step that applies a layer, a module by name, or a function."""
        if isinstance(callee, Module):
            name = target or self._fresh(type(callee).__name__.lower())
            if not isinstance(self._program, Program):  # pragma: no cover - set before any statement
                raise TypeError(token)
            self._program.add_path(name, callee)
            return self._step(name, tuple(inputs), call or {}, "")
        return self._step(callee, tuple(inputs), call or {}, target)

    def _fresh(self, name: str) -> str:
        while True:
            count = self._counts.get(name, 0)
            self._counts[name] = count + 1
            candidate = f"{name}_{count}" if count else name
            if candidate not in self._assigned:
                return candidate

    def _step(self, target: str | Function, inputs: tuple[Any, ...], call: dict[str, Any], path: str) -> Ref:
        self._count += 1
        while f"v{self._count}" in self._results:
            self._count += 1
        result = f"v{self._count}"
        if isinstance(self._program, Program):
            self._program.steps.append(Step(result, target, inputs, call, path))
        return Ref(result)
