"""What is remembered of equal layers and equal calls is what they would say anew, refusals included."""

from __future__ import annotations

import gc
import weakref
from contextlib import contextmanager, suppress
from copy import deepcopy
from unittest import mock

import pytest
import strategies
from drawing.functions import FUNCTION_SAMPLERS
from drawing.networks import networks
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import graph as tracing
from cnncalc.layers import FAMILIES, facts, layer, named, patterns
from cnncalc.layers.layer import Layer

LAYERS = [name for names in FAMILIES.values() for name in names]
WALK = settings(max_examples=settings.default.max_examples * 2)
#: A report says much, and is asked for again and again.
REPORTS = settings(max_examples=settings.default.max_examples // 2)


@contextmanager
def nothing_remembered():
    """Every layer is made, and every call worked out, by itself."""
    never = {"return_value": None}
    with mock.patch.object(tracing.remembered, "find", **never), mock.patch.object(layer, "pattern_of", **never):
        yield


def forget():
    """As in a new process."""
    patterns._made.cache_clear()
    facts.remembered.forget()


def anew(module):
    """A copy whose layers have nothing in common with other ones."""
    made = deepcopy(module)
    for part in made.modules():
        part.__dict__.pop("_pattern", None)
    return made


def said(module, *shapes):
    """All that a report says, or the error."""
    try:
        report = cc.analyze(module, *shapes)
    except cc.CnncalcError as error:
        return str(error)
    fields = [row.receptive_field and row.receptive_field.to_dict() for row in report]
    return report.to_dict(dtype="float32"), report.tensors, [str(c) for c in report.conditions], fields


@REPORTS
@given(networks(), networks())
def test_a_report_is_the_same_whatever_was_asked_before(network, other):
    with nothing_remembered():
        wanted = said(anew(network.module), network.shape)
    assert said(network.module, network.shape) == wanted
    said(other.module, other.shape)
    assert said(deepcopy(network.module), network.shape) == wanted
    assert said(network.module, network.shape) == wanted
    forget()
    assert said(network.module, network.shape) == wanted


@REPORTS
@given(networks(head=False), st.data())
def test_symbols_leave_their_conditions_each_time(network, data):
    """Numbers before symbols, symbols before numbers: the conditions are those of a first time."""
    lengths = [data.draw(st.sampled_from((n, symbol))) for n, symbol in zip(network.shape[2:], "DHW", strict=False)]
    shape = (*network.shape[:2], *lengths)
    with nothing_remembered():
        wanted = said(anew(network.module), shape)
    said(network.module, network.shape)
    assert said(network.module, shape) == wanted
    assert said(network.module, shape) == wanted


@WALK
@given(st.sampled_from(LAYERS).flatmap(lambda name: st.one_of(strategies.valid(name), strategies.wild(name))))
def test_equal_layers_answer_and_refuse_alike(case):
    def outcome():
        try:
            layer = named(case.name)(*case.args, **case.kwargs)
            network = Called(layer, case.call)
            report = cc.analyze(network, *case.inputs)
            kept = {name: repr(value) for name, value in vars(layer).items() if not name.startswith("_")}
            return report.to_dict(), kept, layer.owned(), [str(node.axes) for node in cc.trace(network, *case.inputs).nodes]
        except cc.CnncalcError as error:
            return str(error)

    with nothing_remembered():
        wanted = outcome()
    assert outcome() == wanted
    assert outcome() == wanted


@WALK
@given(
    st.sampled_from(sorted(FUNCTION_SAMPLERS)).flatmap(
        lambda name: st.one_of(FUNCTION_SAMPLERS[name](wild=False), FUNCTION_SAMPLERS[name](wild=True))
    )
)
def test_equal_calls_of_functions_answer_and_refuse_alike(case):
    def outcome():
        try:
            graph = cc.trace(Applied(case), *flat(case))
            return [(str(node), str(node.axes), str(node.facts.outputs), node.facts.macs) for node in graph.nodes]
        except cc.CnncalcError as error:
            return str(error)

    if not flat(case):
        return
    with nothing_remembered():
        wanted = outcome()
    assert outcome() == wanted
    assert outcome() == wanted


class Called(cc.Module):
    """One layer, called with named arguments too."""

    def __init__(self, layer, call):
        super().__init__()
        self.layer = layer
        self.call = call

    def forward(self, *tensors):
        """The call."""
        return self.layer(*tensors, **self.call)


class Applied(cc.Module):
    """One call of a function."""

    def __init__(self, case):
        super().__init__()
        self.case = case

    def forward(self, *tensors):
        """The call, with a tensor for each shape."""
        remaining = iter(tensors)
        inputs, call = swapped((self.case.inputs, self.case.call), lambda _: next(remaining))
        return named(self.case.name)(*inputs, **call)


def is_shape(item):
    """Whether an argument stands for a tensor: the samplers write shapes as tuples of whole numbers."""
    return type(item) is tuple and bool(item) and all(type(n) is int for n in item)


def swapped(nested, change):
    """Nested arguments with each shape replaced."""
    if is_shape(nested):
        return change(nested)
    if isinstance(nested, (tuple, list)):
        return type(nested)(swapped(item, change) for item in nested)
    if isinstance(nested, dict):
        return {key: swapped(item, change) for key, item in nested.items()}
    return nested


def flat(case):
    """The shapes of a case, in order."""
    found = []
    swapped((case.inputs, case.call), found.append)
    return found


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        (lambda: cc.Conv2d(1, 1, 1), lambda: cc.Conv2d(1, 1, 1.0)),
        (lambda: cc.Conv2d(1, 1, 1), lambda: cc.Conv2d(bool(1), 1, 1)),
        (lambda: cc.Conv2d(1, 1, (1, 1)), lambda: cc.Conv2d(1, 1, (1, 1.0))),
        (lambda: cc.Linear(2, 1), lambda: cc.Linear(2.0, 1)),
        (lambda: cc.MaxPool2d(2, ceil_mode=False), lambda: cc.MaxPool2d(2, ceil_mode=0)),
        (lambda: cc.analyze(Applied(Cat(1)), (1, 1)), lambda: cc.analyze(Applied(Cat(bool(1))), (1, 1))),
        (lambda: cc.analyze(Applied(Cat(1)), (1, 1)), lambda: cc.analyze(Applied(Cat(1.0)), (1, 1))),
    ],
)
def test_equal_numbers_of_another_type_are_other_arguments(accepted, refused):
    for _ in range(2):
        accepted()
        with pytest.raises(cc.CnncalcError):
            refused()


class Least(cc.Module):
    """The smaller of the input and something else."""

    def __init__(self, other, *, by_name):
        super().__init__()
        self.other = other
        self.by_name = by_name

    def forward(self, x):
        """What `other` makes of the input, or is itself, as the second argument."""
        other = x if self.other is None else self.other
        return named("minimum")(x, other=other) if self.by_name else named("minimum")(x, other)


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("empty", [{}, [], ()])
def test_what_is_empty_is_no_tensor_without_axes(empty, by_name):
    for _ in range(2):
        assert cc.analyze(Least(None, by_name=by_name), ()).output_shape == ()
        with pytest.raises(cc.ArgumentError, match="tensor"):
            cc.analyze(Least(empty, by_name=by_name), ())


class Cat:
    """A concatenation along an axis, of one tensor unless more are given, as a case."""

    name = "cat"

    def __init__(self, dim, shapes=((1, 1),)):
        self.inputs = (list(shapes), dim)
        self.call = {}


def test_equal_layers_are_two_layers():
    """Their tensors are their own: one is frozen, shared or added to without the other."""
    first, second = cc.Conv2d(3, 4, 3), cc.Conv2d(3, 4, 3)
    assert first._pattern is second._pattern
    first.requires_grad_(requires_grad=False)
    second.register_buffer("mask", (4,))
    assert first.weight is not second.weight
    report = cc.analyze(cc.Sequential(first, cc.Conv2d(4, 3, 1), second), (1, 3, 9, 9))
    assert [(report[name].trainable, report[name].buffers) for name in "012"] == [(0, 0), (15, 0), (112, 4)]
    third = cc.Conv2d(3, 4, 3)
    assert (third.frozen(), third.buffers(), "weight" in vars(third)) == (frozenset(), {}, False)


def test_a_shared_parameter_counts_once_beside_equal_layers():
    first, second, third = cc.Linear(3, 3), cc.Linear(3, 3), cc.Linear(3, 3)
    second.weight = first.weight
    report = cc.analyze(cc.Sequential(first, second, third), (1, 3))
    assert [report[name].params for name in ("0", "1", "2", "")] == [12, 3, 12, 27]


def test_a_users_subclass_keeps_facts_of_its_own():
    """Its facts may rest on anything: they are asked each time."""

    class Counting(cc.ReLU):
        factor = 1

        def macs(self, input):  # noqa: A002, ARG002 - as layers write it
            return self.factor

    layer = Counting()
    assert cc.analyze(layer, (1, 2)).macs == 1
    layer.__dict__["factor"] = 5
    assert cc.analyze(layer, (1, 2)).macs == 5
    assert layer._pattern is None


def test_layers_with_children_or_parameters_share_nothing():
    first, second = cc.MultiheadAttention(4, 2), cc.MultiheadAttention(4, 2)
    assert first._pattern is None
    assert first.out_proj is not second.out_proj
    assert cc.Conv2d("C", 4, 3)._pattern is None
    assert isinstance(first, Layer)


class Strange:
    """An argument that no layer takes, or that counts as any."""


@pytest.mark.parametrize("make", [cc.Identity, lambda given: cc.Conv2d(3, 3, given), lambda given: cc.ReLU(inplace=given)])
def test_what_can_not_be_shared_is_not_kept_alive(make):
    given = Strange()
    alive = weakref.ref(given)
    with suppress(cc.CnncalcError):
        make(given)
    del given
    gc.collect()
    assert alive() is None


def test_no_more_is_remembered_than_the_bound(monkeypatch):
    monkeypatch.setattr(facts, "MOST_TENSORS", 10)
    monkeypatch.setattr(facts, "MOST_OF_ONE", 5)
    forget()
    layer = cc.Conv1d(1, 1, 3)
    for n in range(3, 40):
        assert cc.analyze(layer, (1, 1, n)).output_shape == (1, 1, n - 2)
        assert facts.remembered.tensors == len(facts.remembered._calls) <= 10
    assert patterns._made.cache_info().maxsize == patterns.MOST_PATTERNS
    joined = ((1, 1),) * 5
    for more, kept in (((), True), (((1, 1),), False)):
        forget()
        assert cc.analyze(Applied(Cat(1, (*joined, *more))), *joined, *more).output_shape == (1, 5 + len(more))
        assert facts.remembered.tensors == 5 * kept
