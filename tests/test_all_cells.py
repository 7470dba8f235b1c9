"""Layers of several inputs or outputs, and functions inside networks: cells of every input on every axis, against gradients."""

from __future__ import annotations

import warnings
from itertools import product

import pytest
import strategies
import torch_side
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.axes import PerOutput
from cnncalc.cells import cells_of
from cnncalc.layers import FAMILIES, named

torch = pytest.importorskip("torch")
#: Families whose layers take or give several tensors.
SEVERAL = ("bilinear", "embedding", "recurrent", "recurrent_cells", "attention", "transformer")
NAMES = [name for file in SEVERAL for name in FAMILIES[file]]
WALK = settings(max_examples=max(settings.default.max_examples // 2, 2))


def leaves(nested, found):
    """The tensors of nested outputs, in order."""
    if isinstance(nested, torch.Tensor):
        found.append(nested)
    elif nested is not None:
        for part in nested:
            leaves(part, found)
    return found


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data())
def test_every_input_is_read_as_gradients_say(name, data):
    from cnncalc.torch_twin.probe import _set_weights
    from cnncalc.torch_twin.probe_rules import stand_in

    case = data.draw(strategies.valid(name))
    sources = []

    def ones(part):
        if part is None or isinstance(part, bool):
            return part
        if part and isinstance(part[0], tuple):
            return tuple(map(ones, part))
        sources.append(torch.ones(part, dtype=torch.float64, requires_grad=True))
        return sources[-1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = torch_side.make(case).double()
    _set_weights(module)
    outputs = leaves(stand_in(module)(module, *map(ones, case.inputs), **case.call), [])
    maps = named(name)(*case.args, **case.kwargs).axes(*case.inputs, **case.call)
    number = data.draw(st.integers(0, len(outputs) - 1))
    output, mine = outputs[number], maps[number] if isinstance(maps, PerOutput) else maps
    assert len(mine) == len(sources)
    if 0 in output.shape:
        return
    cell = tuple(data.draw(st.integers(0, n - 1)) for n in output.shape)
    gradients = torch.autograd.grad(output[cell], sources, allow_unused=True)
    for source, part, gradient in zip(sources, mine, gradients, strict=True):
        terms = part.reads(tuple(1 << i for i in cell), tuple(source.shape))
        found = {index for term in terms for index in product(*map(cells_of, term))}
        assert found == (set() if gradient is None else {tuple(index) for index in (gradient.abs() > 1e-9).nonzero().tolist()})
