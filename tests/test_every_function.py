"""Every function of the catalogue against torch's function of the same name: shapes, refusals, cells, symbols."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.functions import FUNCTION_SAMPLERS
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.cells import cells_of
from cnncalc.layers import FUNCTIONS, named
from cnncalc.sizes import recording, substitute

torch = pytest.importorskip("torch")
NAMES = [name for names in FUNCTIONS.values() for name in names]
every_function = pytest.mark.parametrize("name", NAMES)


def tensors(nested):
    """Zeros for shapes."""
    return tuple(map(tensors, nested)) if nested == () or isinstance(nested[0], tuple) else torch.zeros(nested)


def torchs(case):
    """Torch's shape, or None where it refuses."""
    inputs = [() if part == () and case.name == "cat" else part for part in case.inputs]
    try:
        filled = [torch.zeros(part) if case.name == "add" else tensors(part) for part in inputs]
        return tuple(getattr(torch, case.name)(*filled, **case.call).shape)
    except (RuntimeError, TypeError, ValueError, IndexError):
        return None


def ours(case):
    """Our shape, or None where we refuse."""
    try:
        return named(case.name).output_shape(*case.inputs, **case.call)
    except cc.CnncalcError:
        return None


@every_function
def test_has_a_sampler(name):
    assert name in FUNCTION_SAMPLERS


@every_function
@given(data=st.data())
def test_valid_calls_give_torchs_shape(name, data):
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    assert torchs(case) is not None
    assert ours(case) == torchs(case)
    assert named(name).macs(*case.inputs, **case.call) == 0


@every_function
@given(data=st.data())
def test_shapes_and_refusals_are_torchs(name, data):
    case = data.draw(FUNCTION_SAMPLERS[name](wild=True))
    assert ours(case) == torchs(case)


@every_function
@given(data=st.data())
def test_reads_the_cells_that_torch_moves(name, data):
    """Each input is filled with ones in one cell: the output cells that are not 0 are those that read it."""
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    parts = case.inputs[0] if name == "cat" else case.inputs
    axes = named(name).axes(*case.inputs, **case.call)
    assert len(axes) == len(parts)
    number = data.draw(st.integers(0, len(parts) - 1))
    output = torchs(case)
    if 0 in output:
        return
    cell = tuple(data.draw(st.integers(0, n - 1)) for n in output)
    expected = set()
    for index in product(*map(range, parts[number])):
        filled = [torch.zeros(part) for part in parts]
        filled[number][index] = 1
        result = getattr(torch, name)(*([filled] if name == "cat" else filled), **case.call)
        if result[cell]:
            expected.add(index)
        if len(expected) > 1:
            break
    found = {
        index
        for term in axes[number].reads(tuple(1 << i for i in cell), parts[number])
        for index in product(*map(cells_of, term))
    }  # fmt: skip
    assert found == expected


@every_function
@given(data=st.data())
def test_symbols_give_the_same_numbers_and_conditions(name, data):
    """A length shared by all parts is one symbol: no condition is broken, and the number comes out when it is put in."""
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    many = case.inputs[0] if name == "cat" else case.inputs
    values = {f"n{n}": n for n in range(2, 5)}
    symbolic = tuple(tuple(f"n{n}" if n in range(2, 5) else n for n in part) for part in many)
    inputs = (symbolic,) if name == "cat" else symbolic
    with recording() as recorder:
        shape = named(name).output_shape(*inputs, **case.call)
    assert tuple(substitute(n, values) for n in shape) == torchs(case)
    assert all(requirement.condition.holds(values) for requirement in recorder.requirements)


def test_a_sum_of_two_symbols_asks_that_they_are_equal():
    with recording() as recorder:
        cc.add.output_shape((1, "H"), (1, "W"))
    assert [str(requirement.condition) for requirement in recorder.requirements] == ["H − W = 0"]


def test_a_refusal_names_the_function():
    with pytest.raises(cc.ShapeError, match=r"^cat: lengths must agree on every axis but 0; got 2 and 3 on axis 1"):
        cc.cat.output_shape(((1, 2), (1, 3)))
    with pytest.raises(cc.ShapeError, match=r"^add: lengths must be equal or 1; got 2 and 3 on axis 1"):
        cc.add.output_shape((1, 2), (1, 3))


@every_function
def test_a_function_is_applied_inside_a_forward(name):
    with pytest.raises(cc.ArgumentError, match=f"^{name}: a function is applied to values inside a forward"):
        named(name)((1, 2), (1, 2))
    assert repr(named(name)) == name
