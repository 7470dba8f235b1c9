"""Networks that cut, turn, join and multiply tensors between convolutions: every figure against torch, symbols too."""

from __future__ import annotations

import pytest
from drawing.shaped_networks import networks
from hypothesis import given, note, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sizes import substitute

pytest.importorskip("torch")


@settings(max_examples=max(settings.default.max_examples // 2, 2))
@given(networks())
def test_every_figure_is_torchs(drawn):
    network, shape, names = drawn
    note(f"{names} on {shape}")
    found = cc.verify(network, shape)
    assert found.agrees, str(found)


@settings(max_examples=max(settings.default.max_examples // 2, 2))
@given(networks(), st.data())
def test_any_cell_is_read_as_gradients_say(drawn, data):
    from cnncalc.torch_twin.probe import field_cells

    network, shape, names = drawn
    note(f"{names} on {shape}")
    output = cc.trace(network, shape).output_shape
    at = tuple(data.draw(st.integers(0, n - 1)) for n in output[2:])
    field = cc.receptive_field(network, shape, at=at)
    found = {
        (i, j)
        for rows, columns in field.terms
        for i in range(shape[2])
        for j in range(shape[3])
        if rows >> i & 1 and columns >> j & 1
    }
    assert found == field_cells(network, shape, at)


@settings(max_examples=max(settings.default.max_examples // 2, 2))
@given(networks())
def test_symbols_give_the_same_numbers(drawn):
    network, shape, names = drawn
    note(f"{names} on {shape}")
    values = {"N": shape[0], "W": shape[3]}
    try:
        report = cc.analyze(network, ("N", *shape[1:3], "W"))
    except (cc.UndecidedError, cc.UnsupportedError):
        return
    numbers = cc.analyze(network, shape)
    if all(requirement.condition.holds(values) for requirement in report.conditions):
        assert tuple(substitute(n, values) for n in report.output_shape) == numbers.output_shape
        assert substitute(report.macs, values) == numbers.macs
