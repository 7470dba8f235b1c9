"""The cells that a layer reads of each of its inputs, by torch's gradients: for layers of several inputs or outputs."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import torch_side

from cnncalc.axes import PerOutput
from cnncalc.cells import cells_of
from cnncalc.layers import named

if TYPE_CHECKING:
    import torch
    from drawing.calls import Case

    from cnncalc.axes import AxisMaps


class Reading:
    """Torch's outputs of a call, the tensors that it was given, and our axis maps for each output."""

    def __init__(self, outputs: list[torch.Tensor], sources: list[torch.Tensor], maps: Any) -> None:
        """Keep them; each output has a map for each tensor."""
        self.outputs, self.sources = outputs, sources
        self.maps: list[tuple[AxisMaps, ...]] = [*maps] if isinstance(maps, PerOutput) else [maps] * len(outputs)
        assert len(self.maps) == len(outputs)
        assert all(len(each) == len(sources) for each in self.maps)

    def check_cell(self, number: int, cell: tuple[int, ...]) -> None:
        """What a cell of an output reads of each input is what has a gradient."""
        import torch

        output, nothing = self.outputs[number], [None] * len(self.sources)
        linked = output.requires_grad
        gradients = torch.autograd.grad(output[cell], self.sources, allow_unused=True, retain_graph=True) if linked else nothing
        for source, part, gradient in zip(self.sources, self.maps[number], gradients, strict=True):
            terms = list(part.reads(tuple(1 << i for i in cell), tuple(source.shape)))
            assert all(map(all, terms)), "a term that is empty on one axis is none"
            found = {index for term in terms for index in product(*map(cells_of, term))}
            read = set() if gradient is None else {tuple(index) for index in (gradient.abs() > 1e-9).nonzero().tolist()}
            assert found == read, (number, cell)

    def check_all(self) -> None:
        """Every cell of every output."""
        for number, output in enumerate(self.outputs):
            for cell in product(*map(range, output.shape)):
                self.check_cell(number, cell)


def layer_reading(case: Case) -> Reading:
    """Run torch's layer on ones, with positive weights and its stand-in of the probe, which reads all that it may read."""
    import torch

    from cnncalc.torch_twin.probe import _set_weights
    from cnncalc.torch_twin.probe_rules import stand_in

    sources: list[torch.Tensor] = []

    def ones(part: Any) -> Any:
        if part is None or isinstance(part, bool):
            return part
        if part and isinstance(part[0], tuple):
            return tuple(map(ones, part))
        sources.append(torch.ones(part, dtype=torch.float64, requires_grad=True))
        return sources[-1]

    with torch_side.quiet():
        module = torch_side.make(case).double()
    _set_weights(module)
    outputs = leaves(stand_in(module)(module, *map(ones, case.inputs), **case.call), [])
    return Reading(outputs, sources, named(case.name)(*case.args, **case.kwargs).axes(*case.inputs, **case.call))


def leaves(nested: Any, found: list[torch.Tensor]) -> list[torch.Tensor]:
    """The tensors of nested outputs, in order."""
    if hasattr(nested, "shape"):
        found.append(nested)
    elif nested is not None:
        for part in nested:
            leaves(part, found)
    return found
