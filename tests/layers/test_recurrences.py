"""Recurrences and their steps: every small size and state, their cells, and what their equations ask, counted by torch."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, is_wrong_type
from torch_side import FINE

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import substitute

torch = pytest.importorskip("torch")

from torch_tables import check_cells, check_layers, check_owned, check_symbols, put_in, read  # noqa: E402 - where torch is missing, this can't be imported

LAYERS = ("RNN", "LSTM", "GRU")
CELLS = ("RNNCell", "LSTMCell", "GRUCell")
SIZES = (-1, 0, 1, 2, 3)
ODD = (True, False, None, 2.0, "3", 1.5, (1,), -0.5, 1, np.int64(2))


def with_state(name, h, c=None):
    """The states as torch takes them: a pair for an LSTM."""
    return (h, c or h) if name.startswith("LSTM") else h


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_of_layers_are_taken_as_torch_takes_them(name):
    shape = (2, 1, 2)
    arguments = [{"input_size": i, "hidden_size": h} for i, h in product(SIZES, SIZES)]
    arguments += [{"input_size": 2, "hidden_size": 2, "num_layers": n} for n in SIZES]
    for key in ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional"):
        arguments += [{"input_size": 2, "hidden_size": 2, key: value} for value in ODD]
    arguments += [{"input_size": 2, "hidden_size": 2, "dropout": share} for share in (0, 1, 0.5, 1.5, -0.01, 1.01)]
    if name == "LSTM":
        arguments += [{"input_size": 2, "hidden_size": h, "proj_size": p} for h, p in product((1, 2, 3), range(-1, 4))]
    if name == "RNN":
        arguments += [{"input_size": 2, "hidden_size": 2, "nonlinearity": kind} for kind in ("tanh", "relu", "x", None)]
    check_layers(
        Case(name, (), given, shape, wrong_type=any(is_wrong_type(key, value) for key, value in given.items()))
        for given in arguments
    )


@pytest.mark.parametrize("name", LAYERS)
def test_layers_own_what_torchs_own(name):
    given = [
        {},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False, "dropout": 0.5, "num_layers": 2},
        {"batch_first": True},
    ]
    given += [{"proj_size": 1}] if name == "LSTM" else [{"nonlinearity": "relu"}] if name == "RNN" else []
    check_owned(Case(name, (2, 3), more, ((3, 1, 2),)) for more in given)


@pytest.mark.parametrize("name", LAYERS)
def test_inputs_and_states_of_layers_are_taken_as_torch_takes_them(name):
    """Each axis of an input and of a state too short, right and too long; and an axis too few or too many."""
    cases = []
    for first, two_ways, depth in product((False, True), (False, True), (1, 2)):
        given = {"batch_first": first, "bidirectional": two_ways, "num_layers": depth}
        shapes = ((2,), (0, 2), (3, 2), (3, 1), (3, 3, 2), (3, 3, 1), (0, 3, 2), (3, 0, 2), (3, 2, 2), (1, 1, 3, 2))
        cases += [Case(name, (2, 4), given, (shape,)) for shape in shapes]
        count = depth * (2 if two_ways else 1)
        batched = (2, 3, 2) if first else (3, 2, 2)
        for shape, lead in (((3, 2), ()), (batched, (2,))):
            fit = (count, *lead, 4)
            states = [(*fit[:axis], n, *fit[axis + 1 :]) for axis, m in enumerate(fit) for n in (m - 1, m, m + 1)]
            states += [fit[1:], (1, *fit)]
            for state in states:
                cases.append(Case(name, (2, 4), given, (shape, with_state(name, fit, state))))
                cases.append(Case(name, (2, 4), given, (shape, with_state(name, state, fit))))
    check_layers(cases)


def test_states_of_a_projection_have_its_width():
    for width, memory in product((1, 2, 3), (2, 3)):
        check_layers([Case("LSTM", (2, 3), {"proj_size": 2}, ((4, 1, 2), ((1, 1, width), (1, 1, memory))))])


@pytest.mark.parametrize("name", LAYERS)
def test_lengths_of_layers_that_are_symbols_are_held_to_the_same(name):
    cases = []
    for first, shape in product((False, True), ((3, 2), (3, 2, 2), (1, 1, 2), (3, 2, 1))):
        cases.append(Case(name, (2, 4), {"batch_first": first}, (shape,)))
        if len(shape) == 3:
            for samples in (1, 2):
                state = (1, samples, 4)
                cases.append(Case(name, (2, 4), {"batch_first": first}, (shape, with_state(name, state))))
    check_symbols(cases)


def test_sizes_that_are_symbols_are_held_to_what_torch_refuses():
    """A projection that is a symbol is there, and narrower than the state."""
    report = cc.analyze(cc.LSTM("I", "H", proj_size="P"), (3, 1, "I"))
    for features, hidden, projected in product((1, 2), (1, 2, 3), (1, 2, 3)):
        values = {"I": features, "H": hidden, "P": projected}
        held = all(requirement.condition.holds(values) for requirement in report.conditions)
        outcome = torch_side.run(Case("LSTM", (features, hidden), {"proj_size": projected}, ((3, 1, features),)))
        assert held == (outcome.stage == FINE), values
        if held:
            assert put_in(report.output_shape, values) == outcome.shape
            assert substitute(report.params.value, values) == sum(p.numel() for p in outcome.module.parameters())


@pytest.mark.parametrize("name", LAYERS)
def test_sizes_that_may_be_none_are_held_to_one_at_least(name):
    report = cc.analyze(named(name)("I - 1", "H - 1"), (3, 1, "I - 1"))
    for features, hidden in product((0, 1, 2), repeat=2):
        values = {"I": features + 1, "H": hidden + 1}
        held = all(requirement.condition.holds(values) for requirement in report.conditions)
        assert held == (torch_side.run(Case(name, (features, hidden), {}, ((3, 1, features),))).stage == FINE)


def test_a_refusal_says_what_is_wrong():
    for layer, inputs, rule in (
        (cc.GRU(2, 3), ((2,),), r"the input must be \(L, N, input_size\), or \(L, input_size\) without a batch; got \(2,\)"),
        (cc.GRU(2, 3), ((4, 3),), r"the last axis must equal input_size; got 3 in \(4, 3\), input_size=2"),
        (cc.GRU(2, 3), ((0, 2),), r"there must be at least one step; got \(0, 2\)"),
        (cc.GRU(2, 3), ((4, 1, 2), (1, 3)), r"h_0 must have 3 axes for an input of 3; got \(1, 3\), not \(1, 1, 3\)"),
        (cc.GRU(2, 3), ((4, 2), (1, 1, 3)), r"h_0 must have 2 axes for an input of 2"),
        (cc.LSTM(2, 3), ((4, 2), ((1, 3), (1, 1, 3))), r"c_0 must have 2 axes for an input of 2"),
        (cc.LSTM(2, 3), ((4, 2), ((1, 3), (1, 2))), r"c_0 must have the shape \(1, 3\); got \(1, 2\)"),
        (cc.GRUCell(2, 3), ((1, 1, 2),), r"the input must be \(N, input_size\), or \(input_size,\) without a batch"),
        (cc.GRUCell(2, 3), ((1, 3),), "the last axis must equal input_size; got 3"),
        (cc.GRUCell(2, 3), ((1, 2), (3,)), r"a state must have the shape \(1, 3\); got \(3,\)"),
        (cc.LSTMCell(2, 3), ((2,), ((3,), (2,))), r"a state must have the shape \(3,\); got \(2,\)"),
    ):
        with pytest.raises(cc.ShapeError, match=f"^{type(layer).__name__}: {rule}"):
            layer.output_shape(*inputs)


def test_a_projection_that_may_be_none_is_told_apart():
    """A formula for its size asks for 1 at least; where it is 0, torch goes on without a projection."""
    report = cc.analyze(cc.LSTM(2, 3, proj_size="P - 1"), (3, 1, 2))
    for size in range(5):
        outcome = torch_side.run(Case("LSTM", (2, 3), {"proj_size": size}, ((3, 1, 2),)))
        values = {"P": size + 1}
        assert all(requirement.holds(values) for requirement in report.conditions) == (outcome.stage == FINE)
        held = all(requirement.condition.holds(values) for requirement in report.conditions)
        assert held == (outcome.stage == FINE and size > 0)
        assert not held or put_in(report.output_shape, values) == outcome.shape


@pytest.mark.parametrize("first", [False, True])
def test_each_direction_reads_one_way(first):
    layer = cc.GRU(2, 3, bidirectional=True, batch_first=first)
    shape = (2, 4, 2) if first else (4, 2, 2)
    time = 1 if first else 0
    maps = layer.axes(shape)[0][0]
    for backwards in (False, True):
        for cell in product(*map(range, (*shape[:2], 3))):
            found = read(maps.one_way(backwards=backwards), tuple(1 << i for i in cell), torch.empty(shape))
            steps = range(cell[time], 4) if backwards else range(cell[time] + 1)
            every = product(*map(range, shape))
            assert found == {other for other in every if other[time] in steps and other[1 - time] == cell[1 - time]}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(("depth", "two_ways"), [(1, False), (1, True), (2, False), (2, True)])
def test_cells_of_layers_are_those_of_torchs_own_gradients(name, depth, two_ways):
    """Of inputs and first states, with every layout; the steps are enough to tell first, last and others apart."""
    torch.manual_seed(1)
    kinds = ({}, {"proj_size": 1}) if name == "LSTM" else ({},)
    for first, kind in product((False, True), kinds):
        for steps in (1, 3):
            arguments = {"num_layers": depth, "bidirectional": two_ways, "batch_first": first, **kind}
            count, width = depth * (2 if two_ways else 1), kind.get("proj_size", 2)
            batched = (2, steps, 2) if first else (steps, 2, 2)
            for shape, lead in (((steps, 2), ()), (batched, (2,))):
                state = with_state(name, (count, *lead, width), (count, *lead, 2))
                check_cells(Case(name, (2, 2), arguments, (shape, state)), as_it_is=True)
                check_cells(Case(name, (2, 2), arguments, (shape,)), as_it_is=True)


@pytest.mark.parametrize("name", CELLS)
def test_steps_are_taken_as_torch_takes_them(name):
    cases = [Case(name, (i, h), {}, ((1, 2),)) for i, h in product(SIZES, SIZES)]
    for key in ("input_size", "hidden_size"):
        given = {"input_size": 2, "hidden_size": 2}
        cases += [Case(name, (), given | {key: odd}, ((1, 2),), wrong_type=is_wrong_type(key, odd)) for odd in ODD]
    cases += [Case(name, (2, 2), {"bias": odd}, ((1, 2),)) for odd in ODD]
    if name == "RNNCell":
        cases += [Case(name, (2, 2), {"nonlinearity": kind}, ((1, 2),)) for kind in ("tanh", "relu", "x", None)]
    cases += [Case(name, (2, 3), {}, (shape,)) for shape in ((), (2,), (3,), (0, 2), (4, 2), (4, 3), (1, 4, 2), (1, 1, 1, 2))]
    for lead in ((), (2,), (0,)):
        fit = (*lead, 3)
        states = [(*fit[:axis], n, *fit[axis + 1 :]) for axis, m in enumerate(fit) for n in (m, m + 1, 2 * m + 2)]
        states += [fit[1:], (1, *fit)] if lead else []
        for state in states:
            cases.append(Case(name, (2, 3), {}, ((*lead, 2), with_state(name, fit, state))))
            cases.append(Case(name, (2, 3), {}, ((*lead, 2), with_state(name, state, fit))))
    check_layers(cases)
    check_symbols([Case(name, (2, 3), {}, (shape,)) for shape in ((2,), (4, 2), (4, 3), (1, 1, 2))])


@pytest.mark.parametrize("name", CELLS)
def test_cells_of_steps_are_those_of_torchs_own_gradients(name):
    torch.manual_seed(1)
    for lead in ((), (2,)):
        check_cells(Case(name, (3, 2), {}, ((*lead, 3),)), as_it_is=True)
        check_cells(Case(name, (3, 2), {}, ((*lead, 3), with_state(name, (*lead, 2)))), as_it_is=True)


def test_states_that_are_no_pair_are_refused():
    for name in ("LSTM", "LSTMCell"):
        shape, state = ((3, 2), (1, 2)) if name == "LSTM" else ((2,), (2,))
        layer = named(name)(2, 2)
        assert layer.output_shape(shape, None) == layer.output_shape(shape) == layer.output_shape(shape, (state, state))
        for other in (state, (state,), (state, state, state), (state, None)):
            with pytest.raises(cc.ShapeError, match="hx must be a pair of state and memory"):
                layer.output_shape(shape, other)


# -- arithmetic -------------------------------------------------------------------------------------------------


class Counting(torch.utils._python_dispatch.TorchDispatchMode):
    """The values that activations, and that sums and products, give."""

    KINDS = dict.fromkeys(("sigmoid", "tanh", "relu"), "activation") | dict.fromkeys(("add", "mul", "rsub", "sub"), "elementwise")

    def __init__(self):
        super().__init__()
        self.found = {"activation": 0, "elementwise": 0}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        """The call, counted."""
        output = function(*args, **(kwargs or {}))
        kind = self.KINDS.get(function.__name__.partition(".")[0])
        if kind:
            self.found[kind] += output.numel()
        return output


def one_step(name, product_of, x, h, c):
    """The equations in torch's documentation, without biases; `product_of` is a product with a weight."""
    sigmoid, tanh = torch.sigmoid, torch.tanh

    def gate():
        return product_of(x) + product_of(h)

    if name.startswith("RNN"):
        return tanh(gate())
    if name.startswith("GRU"):
        r, z = sigmoid(gate()), sigmoid(gate())
        n = tanh(product_of(x) + r * product_of(h))
        return (1 - z) * n + z * h
    i, f, g, o = sigmoid(gate()), sigmoid(gate()), tanh(gate()), sigmoid(gate())
    c = f * c + i * g
    return o * tanh(c)


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_arithmetic_is_that_of_the_equations(name):
    samples, hidden, steps = 3, 2, 1 if name in CELLS else 5
    with Counting() as counted:
        for _ in range(steps):
            state = torch.zeros(samples, hidden)
            one_step(name, lambda part: part[:, :1].expand(samples, hidden), torch.zeros(samples, 4), state, state)
    shape = (samples, 4) if name in CELLS else (steps, samples, 4)
    plain, biased = named(name)(4, hidden, bias=False), named(name)(4, hidden)
    assert plain.arithmetic(shape) == counted.found
    added = sum(p.numel() for key, p in getattr(torch.nn, name)(4, hidden).named_parameters() if "bias" in key)
    assert biased.arithmetic(shape) == counted.found | {"bias": samples * steps * added}
    if name in LAYERS:
        several = named(name)(4, hidden, num_layers=3, bidirectional=True, bias=False)
        assert several.arithmetic(shape) == {kind: 6 * number for kind, number in counted.found.items()}


@pytest.mark.parametrize("name", LAYERS)
def test_macs_are_each_weight_once_a_step(name):
    kinds = ({}, {"proj_size": 1}) if name == "LSTM" else ({},)
    for depth, two_ways, first, kind in product((1, 2, 3), (False, True), (False, True), kinds):
        given = {"num_layers": depth, "bidirectional": two_ways, "batch_first": first, **kind}
        weights = [p for key, p in getattr(torch.nn, name)(3, 2, **given).named_parameters() if "weight" in key]
        for shape in ((5, 3), (5, 4, 3)):
            expected = sum(weight.numel() for weight in weights) * (5 if len(shape) == 2 else 20)
            assert named(name)(3, 2, **given).macs(shape) == expected


@pytest.mark.parametrize("name", CELLS)
def test_macs_of_a_step_are_each_weight_once(name):
    weights = [p for key, p in getattr(torch.nn, name)(3, 2).named_parameters() if "weight" in key]
    for lead, samples in (((), 1), ((4,), 4), ((0,), 0)):
        assert named(name)(3, 2).macs((*lead, 3)) == samples * sum(weight.numel() for weight in weights)
