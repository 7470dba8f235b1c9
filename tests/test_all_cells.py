"""Layers of several inputs or outputs, and functions inside networks: cells of every input on every axis, against gradients."""

from __future__ import annotations

import pytest
import strategies
from cells_side import layer_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.layers import FAMILIES

pytest.importorskip("torch")
#: Families whose layers take or give several tensors.
SEVERAL = ("bilinear", "embedding", "recurrent", "recurrent_cells", "attention", "transformer")
NAMES = [name for file in SEVERAL for name in FAMILIES[file]]
WALK = settings(max_examples=max(settings.default.max_examples // 2, 2))


@pytest.mark.parametrize("name", NAMES)
@WALK
@given(data=st.data())
def test_every_input_is_read_as_gradients_say(name, data):
    call = layer_reading(data.draw(strategies.valid(name)))
    number = data.draw(st.integers(0, len(call.outputs) - 1))
    shape = call.outputs[number].shape
    if 0 not in shape:
        call.check_cell(number, tuple(data.draw(st.integers(0, n - 1)) for n in shape))
