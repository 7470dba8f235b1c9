"""Padding and cropping: every small amount at both ends, in every mode, on inputs of every number of axes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import Case, FunctionCase

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

from function_side import expected_of  # noqa: E402 - where torch is missing, this can't be imported
from torch_side import FINE, run  # noqa: E402
from torch_tables import check_cells, check_function_cells, check_functions, check_layers, check_symbols, put_in  # noqa: E402

MODES = ("constant", "reflect", "replicate", "circular")
AMOUNTS = (-3, -2, -1, 0, 1, 2, 3, 4)
ODD = (True, False, None, 2.0, 0, 0.0, 1, -1, "3", (1,), [1], 1j, np.float32(1), {})


@pytest.mark.parametrize("mode", MODES)
def test_both_ends_of_one_axis(mode):
    check_functions(
        FunctionCase("pad", ((1, 2, n), (before, after)), {"mode": mode})
        for n, before, after in product(range(5), AMOUNTS, AMOUNTS)
    )


@pytest.mark.parametrize("mode", MODES)
def test_several_axes_and_inputs_of_every_number_of_axes(mode):
    shapes = (
        (),
        (3,),
        (0,),
        (2, 3),
        (0, 3),
        (1, 2, 3),
        (0, 2, 3),
        (2, 0, 3),
        (1, 0, 0),
        (1, 2, 3, 3),
        (0, 1, 2, 3),
        (1, 0, 2, 3),
    )
    shapes += ((1, 1, 2, 2, 2), (0, 1, 2, 2, 2), (1, 0, 2, 2, 2), (1, 1, 2, 2, 0), (1, 1, 1, 2, 2, 2))
    amounts = [
        (),
        (1,),
        (1, 1, 1),
        (1, 0, 0, 1),
        (0, 0, 1, 1),
        (-1, 0, 0, 0),
        (-3, 0, 0, 0),
        (-3, 0, -3, 0),
        (-2, 0, -2, 0, -2, 0),
    ]
    amounts += [(1, 1), (0, 0, 0, 0, 1, 1), (1, 0, 1, 0, 1, 0), (1,) * 7, (1,) * 8, (0, 0, 0, 0, 0, 0, 0, 1), (-1, -1, 0, 0)]
    check_functions(FunctionCase("pad", (shape, list(amount)), {"mode": mode}) for shape, amount in product(shapes, amounts))


def test_values_modes_and_types():
    cases = [FunctionCase("pad", ((1, 2, 3), (1, 1)), {"mode": mode, "value": odd}) for mode, odd in product(MODES, ODD)]
    cases += [FunctionCase("pad", ((1, 2, 3), (1, 1), "constant", odd), {}) for odd in ODD]
    cases += [
        FunctionCase("pad", ((1, 2, 3), odd), {}) for odd in (*ODD, "12", (1, 2.0), (1, "2"), [1, 1], (1, None), range(2), {1: 2})
    ]
    cases += [FunctionCase("pad", ((1, 2, 3), (1, 1)), {"mode": odd}) for odd in ("zeros", "Constant", "", None, 1)]
    check_functions(cases)


def layers(kind):
    return [f"{kind}Pad{axes}d" for axes in (1, 2, 3)]


@pytest.mark.parametrize(
    "name", [name for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular") for name in layers(kind)]
)
def test_layers_are_taken_as_torch_takes_them(name):
    axes = int(name[-2])
    shapes = [(2,) * rank for rank in range(axes + 4)]
    shapes += [(0, *(2,) * (axes + 1)), (2, 0, *(2,) * axes), (2,) * (axes + 1) + (0,), (1, *(3,) * axes), (1, 1, *(3,) * axes)]
    given = [
        1,
        0,
        -1,
        2,
        3,
        *ODD,
        (1,) * (2 * axes),
        (1, 0) * axes,
        (-1, 1) + (0, 0) * (axes - 1),
        (1, 1),
        (1,) * 4,
        (1,) * 6,
        (2, 2.0),
    ]
    more = [(0.5,)] if name.startswith("Constant") else [()]
    cases = [
        Case(name, (amount, *rest), {}, shape, wrong_type=is_odd(amount)) for amount, rest, shape in product(given, more, shapes)
    ]
    if name.startswith("Constant"):
        cases += [Case(name, (1, odd), {}, (2,) * (axes + 2)) for odd in ODD]
    check_layers(cases)
    check_symbols(case for case in cases if not case.wrong_type)


def is_odd(amount):
    """Whether an amount is, or holds, something else than whole numbers."""
    items = amount if isinstance(amount, (tuple, list)) else (amount,)
    return any(type(item) is not int for item in items)


@pytest.mark.parametrize("mode", MODES)
def test_amounts_that_are_formulas_are_held_to_what_torch_refuses(mode):
    """Both ends p − 3 and q − 3: negative, none or positive, as the symbols are."""
    p, q = cc.symbol("p"), cc.symbol("q")
    for n in range(1, 5):
        for before, after in ((p - 3, q - 3), (p - 3, 2), (1, q - 3), (-1, q - 3), (p - 3, -2)):
            with recording() as recorder:
                try:
                    shape = named("pad").output_shape((1, 2, n), (before, after), mode)
                except cc.ShapeError:
                    shape = None  # whatever the symbols are
            for values in ({"p": i, "q": j} for i, j in product(range(1, 7), repeat=2)):
                ends = tuple(put_in((before, after), values))
                case = FunctionCase("pad", ((1, 2, n), ends), {"mode": mode})
                held = shape is not None and all(requirement.holds(values) for requirement in recorder.requirements)
                assert held == (expected_of(case) is not None), (case, recorder.requirements)
                assert not held or put_in(shape, values) == expected_of(case)


@pytest.mark.parametrize("mode", MODES)
def test_cells_are_those_of_torchs_gradients(mode):
    ends = [(2, 1), (0, 3), (3, 0), (-1, 2), (2, -1), (-1, -1), (-2, 0), (0, -2), (0, 0)]
    fitting = [pair for pair in ends if expected_of(FunctionCase("pad", ((1, 1, 4), pair), {"mode": mode}))]
    assert len(fitting) > 6
    for pair in fitting:
        check_function_cells(FunctionCase("pad", ((1, 2, 4), pair), {"mode": mode}))
    check_function_cells(FunctionCase("pad", ((1, 2, 3, 4), (1, 0, 2, 1)), {"mode": mode}))
    if mode == "constant":
        check_function_cells(FunctionCase("pad", ((1, 2, 3, 4), (0, 2)), {}))


@pytest.mark.parametrize("name", ["ConstantPad2d", "ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "CircularPad2d"])
def test_cells_of_layers_are_those_of_torchs_gradients(name):
    more = (0.5,) if name.startswith("Constant") else ()
    for amount in (1, (2, 0, 0, 1), (-1, 1, 0, 0)):
        check_cells(Case(name, (amount, *more), {}, (1, 2, 3, 3)))


def test_a_layers_value_is_torchs():
    assert cc.ZeroPad1d(1).value == torch.nn.ZeroPad1d(1).value
    assert cc.ConstantPad1d(1, 2.5).value == torch.nn.ConstantPad1d(1, 2.5).value
    assert cc.ReflectionPad2d(1).padding == torch.nn.ReflectionPad2d(1).padding


@pytest.mark.parametrize(
    ("name", "amounts", "lengths"),
    [
        ("CircularPad1d", (2, 0), [2]),
        ("CircularPad1d", (0, 2), [2]),
        ("CircularPad1d", (3, -1), [3, 4]),
        ("CircularPad1d", (-1, 2), [2, 3]),
        ("CircularPad1d", (-1, 0), []),
        ("CircularPad1d", (-2, 0), [2]),
        ("CircularPad1d", (0, 0), []),
        ("ReflectionPad1d", (2, 0), [3]),
        ("ReflectionPad1d", (2, -4), [3, 2]),
        ("ReplicationPad1d", (2, -4), [2, 3]),
        ("ZeroPad1d", (2, -4), [4]),
        ("ZeroPad1d", (2, 4), []),
    ],
)
def test_a_length_that_is_a_symbol_is_asked_for_each_rule_once(name, amounts, lengths):
    """One condition for each rule that asks more than 1 of it; all of them together are what torch asks."""
    asked = [requirement.condition for requirement in cc.analyze(getattr(cc, name)(amounts), (1, 1, "W")).conditions]
    assert [str(one) for one in asked] == [f"W ≥ {least}" for least in lengths]
    for w in range(1, 6):
        assert all(one.holds({"W": w}) for one in asked) == (run(Case(name, (amounts,), {}, (1, 1, w))).stage == FINE)


def test_a_crop_alone_wraps_nothing():
    (condition,) = cc.analyze(cc.CircularPad1d((-2, 0)), (1, 1, "W")).conditions
    assert str(condition) == "CircularPad1d: W ≥ 2, since padding must not take away more than there is"


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (((1, 2, 3), 1), "pad must be a tuple of whole numbers; got pad=1"),
        (((1, 2, 3), (1, 1), "x"), "mode must be constant, reflect, replicate or circular"),
        (((1, 2, 3), (1, 1), "constant", "x"), "value must be a number"),
        (((1, 2, 3), (1, 1), "reflect", 1), "only constant padding takes a value"),
        (((1, 2, 3), (1, 1, 1)), "padding must have two values for each padded axis"),
        (((3,), (1, 1, 1, 1)), "padding must have two values for each padded axis"),
        (((1, 2, 3), (), "reflect"), "padding by copies works on 1, 2 or 3 axes; got 0 values"),
        (((1,) * 6, (1,) * 8, "reflect"), "padding by copies works on 1, 2 or 3 axes; got 8 values"),
        (((3,), (1, 1), "circular"), "the input must be of 2 or 3 axes, to pad 1 of them by copies"),
        (((1, 0, 3), (1, 1), "reflect"), "padding by copies needs an input that is not empty"),
        (((1, 2, 3), (3, 0), "reflect"), "reflect padding must be less than the input; got padding 3, length 3"),
        (((1, 2, 3), (4, 0), "circular"), "circular padding must not be more than the input; got padding 4, length 3"),
        (((1, 2, 3), (-2, 2), "circular"), "circular padding must not be more than what cropping leaves"),
        (((1, 2, 3), (-4, 3)), "padding must not take away more than there is"),
        (((1, 2, 3), (-2, -1), "replicate"), "padding must not take all cells away"),
    ],
)
def test_a_refusal_says_what_is_wrong(call, rule):
    with pytest.raises(cc.CnncalcError, match=f"^pad: {rule}"):
        named("pad").output_shape(*call)
