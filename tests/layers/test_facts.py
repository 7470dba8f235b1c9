"""What a call comes to: told of inputs, layers and functions, worked out once, and remembered up to a limit."""

from __future__ import annotations

from itertools import product

import pytest

import cnncalc as cc
from cnncalc.layers import facts
from cnncalc.layers.facts import MOST_OF_ONE, MOST_TENSORS, Facts, Remembered, is_shape, output_shapes


class Network(cc.Module):
    """One call on one or two tensors."""

    def __init__(self, call):
        super().__init__()
        self.call = call

    def forward(self, *tensors):
        """The call."""
        return self.call(*tensors)


def called(call, *shapes):
    """The facts of a call in a network."""
    return cc.trace(Network(call), *(shapes or ((2, 4, 6),))).nodes[-1].facts


class OwnConvolution(cc.Conv1d):
    """A user's layer."""


def test_a_call_is_known_by_the_name_that_the_user_knows():
    graph = cc.trace(cc.Sequential(cc.Conv1d(4, 2, 1), OwnConvolution(2, 2, 1)), (1, 4, 3))
    assert [node.facts.kind for node in graph.nodes] == ["input", "Conv1d", "OwnConvolution"]
    assert called(lambda x: cc.cat([x, x])).kind == "cat"
    assert called(lambda x: x + x).kind == "add"


def test_an_input_costs_nothing_and_follows_from_nothing():
    found = Facts(None, (), {}, (2, 3))
    assert (found.kind, found.outputs, found.sizes, found.macs, found.axes) == ("input", ((2, 3),), (6,), 0, ())
    assert (found.kept, found.laid_along, found.takes_part, found.is_in_place) == (frozenset(), frozenset(), False, False)


@pytest.mark.parametrize(
    ("call", "in_place"),
    [
        (cc.ReLU(), False),
        (cc.ReLU(inplace=True), True),
        (cc.ReLU(inplace=1), False),
        (cc.relu, False),
        (lambda x: cc.relu(x, inplace=True), True),
        (lambda x: cc.relu(x, inplace=False), False),
        (cc.relu_, True),
        (lambda x: x + 1, False),
        (lambda x: x.add_(1), True),
    ],
)
def test_what_changes_its_input_says_so(call, in_place):
    assert called(lambda x: call(x * 2)).is_in_place is in_place


class Counting(type(cc.matmul)):
    """A product of matrices that counts how often it is asked."""

    def __init__(self):
        self.asked = []

    def axes(self, *shapes, **call):
        """Those of a product."""
        self.asked.append("axes")
        return super().axes(*shapes, **call)

    def macs(self, *shapes, **call):
        """Those of a product."""
        self.asked.append("macs")
        return super().macs(*shapes, **call)


def test_each_fact_is_worked_out_once():
    counting = Counting()
    found = Facts(counting, ((2, 3), (3, 4)), {}, (2, 4))
    for name, expected in (("macs", 24), ("sizes", (8,)), ("takes_part", False)):
        assert [getattr(found, name), getattr(found, name)] == [expected] * 2
    for name in ("axes", "sizes", "kept", "laid_along"):
        assert getattr(found, name) is getattr(found, name)
    assert sorted(counting.asked) == ["axes", "macs"]
    stored = called(cc.Conv1d(4, 2, 3))
    assert stored.storing is stored.storing


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        (cc.ReLU(), {0, 1, 2}),
        (cc.Conv1d(4, 2, 3), {0}),
        (cc.MaxPool1d(2), {0, 1}),
        (lambda x: x.transpose(1, 2), {0}),
        (lambda x: cc.cat([x, x], 1), {0, 2}),
        (lambda x: x.chunk(2, 1), set()),
    ],
)
def test_axes_that_stay_in_their_place_cell_by_cell_are_kept(call, kept):
    """Of several outputs, none is."""
    assert called(call).kept == kept


def test_an_axis_is_kept_where_every_input_keeps_it():
    assert called(lambda x, y: x + y, (2, 4, 6), (2, 1, 6)).kept == {0, 2}
    assert called(lambda x, y: x + y, (2, 4, 6), (2, 4, 6)).kept == {0, 1, 2}


def test_inputs_are_laid_along_the_axis_that_they_are_joined_on():
    for axis in range(3):
        assert called(lambda x, y, axis=axis: cc.cat([x, y], axis), (2, 4, 6), (2, 4, 6)).laid_along == {axis}
    assert called(lambda x, y: x + y, (2, 4, 6), (2, 4, 6)).laid_along == set()
    assert called(lambda x: x.chunk(2, 1)).laid_along == set()


def test_a_part_of_an_axis_is_taken_where_one_output_takes_one():
    assert called(lambda x: x[:, 1:]).takes_part
    assert called(lambda x: x.chunk(2, 1)).takes_part
    assert not called(cc.ReLU()).takes_part
    assert not called(cc.LSTM(6, 3)).takes_part


# -- what is remembered -----------------------------------------------------------------------------------------


def test_a_call_of_too_many_tensors_is_not_remembered():
    for tensors, known in ((MOST_OF_ONE - 1, True), (MOST_OF_ONE, True), (MOST_OF_ONE + 1, False)):
        memory = Remembered()
        memory.add("p", "k", "facts", tensors)
        assert (memory.find("p", "k") == "facts") is known
        assert memory.tensors == (tensors if known else 0)


def test_all_are_forgotten_when_there_are_too_many():
    memory = Remembered()
    calls = MOST_TENSORS // MOST_OF_ONE
    for number in range(calls):
        memory.add("p", number, number, MOST_OF_ONE)
    assert memory.tensors == MOST_TENSORS
    assert [memory.find("p", number) for number in range(calls)] == list(range(calls))
    memory.add("p", calls, calls, 1)
    assert [memory.find("p", number) for number in (0, calls - 1, calls)] == [None, None, calls]
    assert memory.tensors == 1
    memory.forget()
    assert (memory.find("p", calls), memory.tensors) == (None, 0)


def test_patterns_and_keys_are_told_apart():
    memory = Remembered()
    for pattern, key in product("pq", "kl"):
        memory.add(pattern, key, pattern + key, 1)
    assert [memory.find(pattern, key) for pattern, key in product("pq", "kl")] == ["pk", "pl", "qk", "ql"]
    assert facts.remembered.find("p", "nothing") is None


@pytest.mark.parametrize(
    ("output", "shapes"),
    [
        ((), [()]),
        ((2, 3), [(2, 3)]),
        (None, []),
        (((2, 3), None), [(2, 3)]),
        ((None, (2, 3)), [(2, 3)]),
        (((2,), ((3,), (4, 5))), [(2,), (3,), (4, 5)]),
        ([(2,), (3,)], [(2,), (3,)]),
        (((), (3,)), [(), (3,)]),
        ([], []),
        ([2, 3], None),
    ],
)
def test_shapes_are_found_however_they_are_nested(output, shapes):
    assert is_shape(output) is (shapes == [output])
    if shapes is not None:
        assert list(output_shapes(output)) == shapes
