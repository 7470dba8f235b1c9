"""The networks of a question, built from their written form with the question's parameters put in."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from cnncalc.graph import Graph, trace
from cnncalc.module import Module
from cnncalc.sheets.loader import SheetError
from cnncalc.sizes import Shape, substitute, symbols_of
from cnncalc.spec import parse, parse_shape
from cnncalc.zoo import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.analyses.explain import Explanation
    from cnncalc.sheets.model import Net, Question

#: A parameter in a text or a network.
PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*)\}")


def filled(text: str, params: Mapping[str, object]) -> str:
    """A text with `{name}` replaced by the parameter of that name; other braces stay."""
    return PLACEHOLDER.sub(lambda match: str(params.get(match.group(1), match.group())), text)


class Built:
    """A network ready to be traced: the module, the shape of its input with a batch of 1, and numbers for its symbols."""

    def __init__(self, name: str, module: Module, shape: Shape, samples: Mapping[str, tuple[int, ...]]) -> None:
        """Keep the parts."""
        self.name = name
        self.module = module
        self.shape = shape
        self.samples = samples

    @cached_property
    def graph(self) -> Graph:
        """The recorded network, symbols kept."""
        return trace(self.module, self.shape)

    @cached_property
    def explanation(self) -> Explanation:
        """The working of the network."""
        from cnncalc.analyses.explain import explanation_of

        return explanation_of(self.graph)

    def numeric_shapes(self) -> list[Shape]:
        """The input shape with numbers for its symbols: one shape for each sample, or the shape itself."""
        names = sorted({name for n in self.shape for name in symbols_of(n)})
        if not names:
            return [self.shape]
        missing = [name for name in names if not self.samples.get(name)]
        if missing:
            raise SheetError("a symbol needs numbers to be checked at", where=self.name, got=", ".join(missing))
        count = max(len(self.samples[name]) for name in names)
        points = [{name: self.samples[name][i % len(self.samples[name])] for name in names} for i in range(count)]
        return [tuple(substitute(n, point) for n in self.shape) for point in points]


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
        module = parse(layers, ARCHITECTURES)
        if net.train:
            trained = [part for path, part in module.named_modules() if path == net.train or path.startswith(f"{net.train}.")]
            if not trained:
                raise SheetError("train names no module", where=net.name, got=net.train)
            module.requires_grad_(requires_grad=False)
            for part in trained:
                part.requires_grad_(requires_grad=True)
        return Built(net.name, module, (1, *parse_shape(shape_text)), samples)

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
