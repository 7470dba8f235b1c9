"""Edges that random cases seldom meet: each is asked of torch, and answered or refused as torch does."""

from __future__ import annotations

from math import prod

import function_side
import pytest
import torch_side
from drawing.calls import Case, FunctionCase
from torch_side import CALL, CONSTRUCTION, FINE

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

CASES = (
    Case("Linear", (3, 0), {}, (2, 3)),
    Case("Bilinear", (2, 2, 0), {}, ((1, 2), (1, 2))),
    Case("Embedding", (4, 0), {}, (2, 3)),
    Case("Embedding", (0, 4), {}, (2, 3)),
    Case("Embedding", (0, 4), {}, (2, 0)),
    Case("Softmax2d", (1,), {}, (1, 2, 3, 3)),
    Case("RNN", (2, 3), {"bidirectional": 1}, (4, 1, 2)),
    Case("BatchNorm2d", (3,), {"track_running_stats": False}, (1, 3, 1, 1)),
    Case("BatchNorm2d", (3,), {"track_running_stats": False}, (1, 3, 1, 2)),
    Case("BatchNorm1d", (3,), {"track_running_stats": False}, (1, 3)),
    Case("BatchNorm1d", (3,), {"track_running_stats": False}, (2, 3)),
    Case("CosineSimilarity", (), {"eps": -1}, ((2, 3), (2, 3))),
)


FUNCTION_CASES = (
    *(FunctionCase("batch_norm", (shape, (3,), (3,)), {"training": on}) for shape in ((0,), (), (1,)) for on in (False, True)),
    *(FunctionCase("batch_norm", ((2, 0, 1), (0,), (0,), part), {}) for part in ((), (0,), (1,), (2, 1), (2, 3), (1, 2, 1))),
    *(FunctionCase("instance_norm", ((0, 1, 2), part), {}) for part in ((), (1,), (2,))),
    *(
        FunctionCase("normalize", (shape, p, dim), {})
        for shape in ((), (0,), (2, 0), (0, 0), (2, 2), (2, 0, 0))
        for p in (-1, float("-inf"), float("inf"), 0, 2, "fro", "nuc")
        for dim in (0, -1, (0, 1), (), None)
    ),
)


@pytest.mark.parametrize("case", FUNCTION_CASES, ids=repr)
def test_edges_of_functions_are_torchs(case):
    assert function_side.ours(case) == function_side.torchs(case)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_edges_are_torchs(case):
    theirs = torch_side.run(case)
    try:
        layer = named(case.name)(*case.args, **case.kwargs)
    except cc.CnncalcError:
        assert theirs.stage == CONSTRUCTION
        return
    try:
        shape = layer.output_shape(*case.inputs)
    except cc.CnncalcError:
        assert theirs.stage == CALL
        return
    assert (theirs.stage, theirs.shape) == (FINE, shape)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_recurrence_adds_each_bias_once_for_each_step(name):
    owned = getattr(torch.nn, name)(3, 5, num_layers=2, bidirectional=True).named_parameters()
    biases = sum(parameter.numel() for key, parameter in owned if "bias" in key)
    assert named(name)(3, 5, num_layers=2, bidirectional=True).arithmetic((7, 4, 3))["bias"] == prod((7, 4)) * biases


def test_calls_that_take_torchs_process_down_are_refused():
    """Torch reads an offset that is not there, or beyond the state of a step."""
    with pytest.raises(cc.ShapeError, match="numbers must belong to a bag; got 3 numbers, no offset"):
        cc.EmbeddingBag(4, 2).output_shape((3,), (0,))
    assert cc.EmbeddingBag(4, 2).output_shape((0,), (0,)) == (0, 2)
    for name, state in (("LSTMCell", ((2, 2), (2, 2))), ("GRUCell", (2, 2)), ("RNNCell", (2, 2))):
        with pytest.raises(cc.ShapeError, match=rf"^{name}: a state must have the shape \(2,\)"):
            named(name)(2, 2).output_shape((2,), state)


def test_a_flip_reads_from_the_other_end():
    class Turned(cc.Module):
        def forward(self, x):
            return x.flip(2)

    for place in range(5):
        x = torch.zeros(1, 1, 5, requires_grad=True)
        x.flip(2)[0, 0, place].backward()
        assert cc.receptive_field(Turned(), (1, 1, 5), at=(place,)).box == ((int(x.grad.argmax()),) * 2,)
