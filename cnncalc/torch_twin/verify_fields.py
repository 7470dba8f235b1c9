"""Receptive fields against gradients: exact cells at the corners and in the middle, and the size in the interior."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import torch

from cnncalc.analyses.asking import asked_term, channel_axis, spatial_axes
from cnncalc.analyses.closed_form import fields
from cnncalc.analyses.exact_cells import exact_cells
from cnncalc.cells import cells_of
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph
from cnncalc.torch_twin.interior import interiors
from cnncalc.torch_twin.probe import Probe
from cnncalc.torch_twin.running import REFUSALS, first_line, leaves
from cnncalc.torch_twin.verification import Check
from cnncalc.value import Value, iterate_values

if TYPE_CHECKING:
    from cnncalc.analyses.axis_fields import State
    from cnncalc.cells import Term
    from cnncalc.torch_twin.interior import Interior
    from cnncalc.torch_twin.twin import Twins

#: How many outputs of a network are probed; the others are named as not probed.
_OUTPUTS = 4

#: Up to this many axes every corner is asked; beyond, the first and the last.
_PLANE = 2


def field_checks(graph: Graph, twins: Twins, shapes: tuple[tuple[int, ...], ...]) -> list[Check]:
    """The fields of the outputs, and of the last map with spatial axes, in every input."""
    try:
        probe = Probe(twins, *shapes, channel=channel_axis(graph))
    except CnncalcError as error:
        return [Check("receptive field", None, f"not probed: {error}", None)]
    except REFUSALS as error:
        return [Check("receptive field", None, f"not probed: {first_line(error)}", None)]
    checks: list[Check] = []
    targets = _targets(graph, probe)
    for wrt in range(len(shapes)):
        inside = f" in input {wrt + 1}" if len(shapes) > 1 else ""
        states = fields(graph, wrt)
        inner = interiors(graph, states, wrt)
        for name, value, output in targets:
            asked = _Asked(graph, probe, value, output, wrt)
            checks += [asked.check(f"field of {name} at {at}{inside}", at) for at in asked.corners()]
            interior = inner.get((value.node.index, value.index), {})
            checks += asked.size_checks(f"field size of {name}{inside}", states.of(value), interior)
    names = list(iterate_values(graph.outputs))
    if len(names) > _OUTPUTS:
        checks.append(Check("receptive field", None, f"not probed: outputs {_OUTPUTS + 1} to {len(names)}", None))
    return checks


def _targets(graph: Graph, probe: Probe) -> list[tuple[str, Value, torch.Tensor]]:
    """What is asked: each output, and the last map that has more than one cell, with torch's tensor of the same place."""
    values, tensors = list(iterate_values(graph.outputs)), leaves(probe.result, torch.Tensor)
    several = len(values) > 1
    found = [
        (f"output {index + 1}" if several else "the output", value, tensor)
        for index, (value, tensor) in enumerate(zip(values[:_OUTPUTS], tensors, strict=False))
        if tensor.is_floating_point()
    ]
    taken = {value.node.index for value in values}
    rank, lead = len(graph.inputs[0].shape), channel_axis(graph) + 1
    operations = [node for node in graph.nodes if node.operation is not None]
    for node, output in reversed(list(zip(operations, probe.outputs, strict=False))):
        tensor = leaves(output, torch.Tensor)[0]
        if tensor.dim() == rank > lead and max(tensor.shape[lead:]) > 1 and tensor.is_floating_point():
            if node.index not in taken:
                found.append((node.path or node.kind, Value(None, node, tuple(tensor.shape)), tensor))  # type: ignore[arg-type]
            break
    return found


class _Asked:
    """One value of the graph, torch's tensor of the same place, and the input that is looked at."""

    def __init__(self, graph: Graph, probe: Probe, value: Value, output: torch.Tensor, wrt: int) -> None:
        self.graph = graph
        self.probe = probe
        self.value = value
        self.output = output
        self.wrt = wrt
        self.axes = spatial_axes(graph, wrt)
        channel = channel_axis(graph)
        rank = output.dim()
        self.lengths = output.shape[0 if rank <= channel else channel if rank == channel + 1 else channel + 1 :]

    def corners(self) -> list[tuple[int, ...]]:
        """The cells to ask: the corners (from three axes on the first and the last) and the middle; none of an empty map."""
        if not all(self.lengths):
            return []
        first, last = tuple(0 for _ in self.lengths), tuple(n - 1 for n in self.lengths)
        corners = list(product(*zip(first, last, strict=True))) if len(first) <= _PLANE else [first, last]
        return list(dict.fromkeys([*corners, tuple(n // 2 for n in self.lengths)]))

    def check(self, what: str, at: tuple[int, ...]) -> Check:
        """The exact cells behind one cell."""
        try:
            terms = exact_cells(self.graph, self.value, asked_term(self.graph, self.value, at), self.wrt)
        except CnncalcError as error:
            return Check(what, None, f"not probed: {error}", None)
        theirs = self.probe.cells(self.output, at, self.wrt)
        ours = _as_map([tuple(term[axis] for axis in self.axes) for term in terms], theirs.shape)
        if torch.equal(ours, theirs):
            return Check(what, _text(ours), _text(theirs), ok=True)
        first = tuple((ours != theirs).nonzero()[0].tolist())
        note = "reads" if theirs[first] else "does not read"
        return Check(what, _text(ours), f"{_text(theirs)}; it {note} {first}", ok=False)

    def size_checks(self, what: str, state: State, interior: Interior) -> list[Check]:
        """The closed form's size on each axis against a cell that is far from every border."""
        known = {axis: entry for axis, entry in state.items() if isinstance(entry[1].size, int)}
        if not known or len(known) < len(self.axes) or not all(self.lengths):
            return []
        lead = self.output.dim() - len(self.lengths)
        at = [n // 2 for n in self.lengths]
        for axis, (place, field) in known.items():
            if field.whole:
                # Every cell has this field.
                continue
            first, last = interior.get(axis, (0, -1))
            if place is None or place < lead or first > last:
                # Behind `x[:, 1]` a spatial axis stands where channels do, of which all cells are asked together.
                return []
            at[place - lead] = (first + last) // 2
        cells = self.probe.cells(self.output, tuple(at), self.wrt)
        if not cells.any():
            # Nothing but padding: no cell of the interior, which `check` has compared.
            return []
        found = []
        for number, axis in enumerate(self.axes):
            others = tuple(other for other in range(cells.dim()) if other != number)
            line = (cells.any(others) if others else cells).nonzero().flatten()
            theirs = int(line[-1] - line[0]) + 1
            place, field = known[axis]
            ours = field.size
            if field.phases is not None:
                window = None if place is None else field.window(at[place - lead])
                ours = window and window[1] - window[0] + 1
            found.append(Check(f"{what} on axis {axis} at {tuple(at)}", ours, theirs, bool(ours == theirs)))
        return found


def _as_map(terms: list[Term], shape: torch.Size) -> torch.Tensor:
    """A union of product sets as a boolean map."""
    made = torch.zeros(shape, dtype=torch.bool)
    for term in terms:
        part = torch.ones(shape, dtype=torch.bool)
        for axis, bits in enumerate(term):
            line = torch.zeros(shape[axis], dtype=torch.bool)
            line[cells_of(bits)] = True
            part &= line.reshape([-1 if other == axis else 1 for other in range(len(shape))])
        made |= part
    return made


def _text(cells: torch.Tensor) -> str:
    """A set of cells in words: how many, and their hull."""
    places = cells.nonzero()
    if not len(places):
        return "no cells"
    hull = " × ".join(f"{first}…{last}" for first, last in zip(places.amin(0).tolist(), places.amax(0).tolist(), strict=True))
    return f"{len(places)} cells in {hull}" if hull else "all"
