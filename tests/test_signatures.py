"""What a call's arguments are when they are left out: torch's own numbers, from its signatures and its schemas."""

from __future__ import annotations

import inspect

import pytest

from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named

torch = pytest.importorskip("torch")

#: A default that torch writes as an overload of its own, without the argument.
WITHOUT_ARGUMENT = {("round", "decimals"): 0, ("round_", "decimals"): 0}


def defaults(name):
    """Every default that torch has for an argument, by the argument's name, of a function and its variants."""
    found = {}
    places = (torch.nn.functional, torch, torch.Tensor)
    for variant in (name, f"{name}_with_indices"):
        for function in (getattr(place, variant, None) for place in places):
            try:
                parameters = inspect.signature(function).parameters if function else {}
            except ValueError:
                continue  # written in C++: the schema says it
            for argument, parameter in parameters.items():
                found.setdefault(argument, []).append(parameter.default)
    operator = getattr(torch.ops.aten, name, None)
    for overload in operator.overloads() if operator else ():
        for argument in getattr(operator, overload)._schema.arguments:
            if argument.has_default_value():
                found.setdefault(argument.name, []).append(argument.default_value)
    return found


def same(ours, theirs):
    """Whether two defaults are one, where torch may repeat it for each axis."""
    if isinstance(theirs, list) and theirs:
        return all(same(ours, one) for one in theirs)
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)


@pytest.mark.parametrize("name", sorted(FUNCTION_NAMES))
def test_numbers_that_are_left_out_are_torchs(name):
    function = named(name)
    theirs = defaults(function.torch_name)
    for argument, parameter in inspect.signature(function._first_fact()).parameters.items():
        if isinstance(parameter.default, (int, float)):
            known = WITHOUT_ARGUMENT.get((name, argument), parameter.empty)
            assert any(same(parameter.default, one) for one in (*theirs.get(argument, ()), known)), (argument, theirs)


@pytest.mark.parametrize("name", sorted(LAYER_NAMES))
def test_what_a_layers_call_leaves_out_is_torchs(name):
    theirs = inspect.signature(getattr(torch.nn, name).forward).parameters
    for argument, parameter in inspect.signature(named(name).output_shape).parameters.items():
        if argument in theirs:
            assert parameter.default in {parameter.empty, theirs[argument].default}


@pytest.mark.parametrize("name", sorted({*FUNCTION_NAMES, *LAYER_NAMES}))
def test_every_fact_takes_what_is_left_out_for_the_same(name):
    operation = named(name)
    kind = operation if isinstance(operation, type) else type(operation)
    first = inspect.signature(getattr(kind, "applied", kind.output_shape)).parameters
    for fact in ("macs", "axes", "arithmetic"):
        for argument, parameter in inspect.signature(getattr(kind, fact)).parameters.items():
            if argument in first and parameter.default is not parameter.empty:
                assert same(parameter.default, first[argument].default), (fact, argument)
