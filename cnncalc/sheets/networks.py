"""The networks of a question, built from their written form with the question's parameters put in."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.analyses.parameters import tensors
from cnncalc.errors import ShapeError
from cnncalc.graph import Graph, trace
from cnncalc.module import Module
from cnncalc.sheets.files import SheetError
from cnncalc.sizes import Shape, substitute, symbols_of
from cnncalc.spec import parse, parse_shape
from cnncalc.zoo import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cnncalc.analyses.explain import Explanation
    from cnncalc.sheets.model import Net, Question

#: A symbol among the arguments of a layer: a name in quotes.
QUOTED = re.compile(r"""["']([A-Za-z_][A-Za-z_0-9]*)["']""")
#: A parameter in a text or a network.
PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*)\}")


def filled(text: str, params: Mapping[str, object]) -> str:
    """A text with `{name}` replaced by the parameter of that name; other braces stay."""
    return PLACEHOLDER.sub(lambda match: str(params.get(match.group(1), match.group())), text)


class Point(NamedTuple):
    """A network at numbers for its symbols, so that torch can run it."""

    module: Module
    shape: Shape
    numbers: dict[str, int]


class Built:
    """A network ready to be traced: the module, the shape of its input with a batch of 1, and numbers for its symbols.

    `make` builds the module from its written form, with numbers put in for the symbols among its arguments.
    """

    def __init__(
        self, name: str, shape: Shape, samples: Mapping[str, tuple[int, ...]], make: Callable[[Mapping[str, int]], Module]
    ) -> None:
        """Keep the parts; build the module with its symbols."""
        self.name = name
        self.shape = shape
        self.samples = samples
        self._make = make
        self.module = make({})

    @cached_property
    def graph(self) -> Graph:
        """The recorded network, symbols kept."""
        return trace(self.module, self.shape)

    @cached_property
    def explanation(self) -> Explanation:
        """The working of the network."""
        from cnncalc.analyses.explain import explanation_of

        return explanation_of(self.graph)

    def points(self) -> list[Point]:
        """The network at numbers: once for each sample of its symbols, or once where it has none.

        Raises SheetError for a symbol without numbers.
        """
        names = sorted(self._symbols())
        if not names:
            return [Point(self.module, self.shape, {})]
        missing = [name for name in names if not self.samples.get(name)]
        if missing:
            raise SheetError(
                "a symbol needs numbers to be checked at",
                where=self.name,
                got=", ".join(missing),
                remedy=f"write for example symbols.{missing[0]} = [1, 3, 32]",
            )
        count = max(len(self.samples[name]) for name in names)
        numbers = [{name: self.samples[name][i % len(self.samples[name])] for name in names} for i in range(count)]
        return [Point(self._make(point), tuple(substitute(n, point) for n in self.shape), point) for point in numbers]

    def _symbols(self) -> set[str]:
        """The symbols of the input and of the arguments of layers."""
        found = {name for n in self.shape for name in symbols_of(n)}
        if not self.samples:
            return found
        try:
            owned = tensors(self.graph)
        except ShapeError:
            # A question may ask for the refusal of an input.
            return found
        return found | {name for tensor in owned for n in tensor.shape for name in symbols_of(n)}


class Networks:
    """The networks of one question; each is built once."""

    def __init__(self, question: Question, params: Mapping[str, int] | None = None) -> None:
        """Take the printed question's parameters, or those of a variant."""
        self._question = question
        self.params: dict[str, int] = {**question.params, **(params or {})}
        self._built: dict[str, Built] = {}

    def built(self, name: str) -> Built:
        """The network of that name."""
        if name not in self._built:
            self._built[name] = self._build(self._question.nets[name])
        return self._built[name]

    def _build(self, net: Net) -> Built:
        layers, shape_text, samples = self._written(net, ())

        def make(numbers: Mapping[str, int]) -> Module:
            return self._module(net, QUOTED.sub(lambda match: str(numbers.get(match.group(1), match.group())), layers))

        return Built(net.name, (1, *parse_shape(shape_text)), samples, make)

    @staticmethod
    def _module(net: Net, layers: str) -> Module:
        """The module of a written form, with what is not trained frozen."""
        module = parse(layers, ARCHITECTURES)
        if net.train:
            trained = [part for path, part in module.named_modules() if path == net.train or path.startswith(f"{net.train}.")]
            if not trained:
                raise SheetError("train names no module", where=net.name, got=net.train)
            module.requires_grad_(requires_grad=False)
            for part in trained:
                part.requires_grad_(requires_grad=True)
        return module

    def _written(self, net: Net, seen: tuple[str, ...]) -> tuple[str, str, dict[str, tuple[int, ...]]]:
        """Layers, input and samples of a network, with those that it extends in front."""
        if net.name in seen:
            raise SheetError("networks extend each other in a circle", where=net.name)
        layers, shape, samples = filled(net.layers, self.params), filled(net.input, self.params), dict(net.symbols)
        if net.extends:
            base, base_shape, base_samples = self._written(self._question.nets[net.extends], (*seen, net.name))
            layers = f"{base} -> {layers}"
            shape = shape or base_shape
            samples = {**base_samples, **samples}
        return layers, shape, samples
