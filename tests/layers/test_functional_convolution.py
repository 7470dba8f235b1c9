"""Convolutions with a given weight: every small argument, every shape beside a right one, and the cells of all three tensors."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import FunctionCase
from every_point import points, put
from function_side import counted, expected_of, ours, reading, torchs
from test_neighbours import shapes_beside

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

AXES = (1, 2, 3)
KINDS = ("conv", "conv_transpose")


def check(name, *inputs, **call):
    """Hold a call against torch."""
    case = FunctionCase(name, inputs, call)
    assert ours(case) == expected_of(case), case


def right(name, axes, groups=1):
    """Input, weight and bias with no two equal numbers of channels."""
    space, kernel = (7, 8, 9)[:axes], (2, 3, 1)[:axes]
    into, out = 2 * groups, 3 * groups
    weight = (into, out // groups) if "transpose" in name else (out, into // groups)
    return (2, into, *space), (*weight, *kernel), (out,)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("axes", AXES)
def test_shapes_beside_right_ones_are_torchs(name, axes):
    for groups in (1, 2):
        given = right(name, axes, groups)
        for tensors in (given, given[:2], (given[0][1:], *given[1:])):
            check(f"{name}{axes}d", *tensors, groups=groups)
        for place in range(3) if axes < 3 else (1, 2):
            for other in shapes_beside(given[place]):
                check(f"{name}{axes}d", *given[:place], other, *given[place + 1 :], groups=groups)


@pytest.mark.parametrize("name", KINDS)
def test_every_small_argument_is_torchs(name):
    for n, k in product((1, 2, 5), (0, 1, 2)):
        for call in points(stride=(0, 1, 2), padding=(-1, 0, 1), dilation=(0, 1, 2)):
            check(f"{name}1d", (1, 1, n), (1, 1, k), **call)
    for groups in (-1, 0, 1, 2, 3, True, 1.0):
        check(f"{name}1d", (1, 2, 4), (2, 1, 1), groups=groups)
        check(f"{name}1d", (1, 4, 4), (4, 2, 1), (2 * groups,) if groups == 2 else None, groups=groups)
    for padding in ("same", "valid", "full") if name == "conv" else range(-1, 3):
        word = "padding" if name == "conv" else "output_padding"
        check(f"{name}2d", (1, 1, 4, 5), (1, 1, 2, 3), **{word: padding})


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("axes", AXES)
def test_macs_are_torchs(name, axes):
    for groups in (1, 2):
        inputs = right(name, axes, groups)
        case = FunctionCase(f"{name}{axes}d", inputs, {"groups": groups})
        assert named(case.name).macs(*inputs, groups=groups) == counted(case)


CALLS = (
    ("conv1d", ((2, 1, 4), (2, 1, 2), (2,)), {}),
    ("conv1d", ((1, 4), (2, 1, 2), (2,)), {"padding": 2}),
    ("conv1d", ((1, 4, 4), (2, 2, 2)), {"groups": 2, "stride": 2, "padding": 1}),
    ("conv1d", ((1, 1, 6), (1, 1, 3), (1,)), {"dilation": 2, "padding": 3, "stride": 3}),
    ("conv1d", ((1, 1, 3), (1, 1, 4)), {"padding": "same"}),
    ("conv2d", ((1, 2, 3), (2, 1, 2, 2), (2,)), {"padding": (1, 0)}),
    ("conv2d", ((1, 2, 3, 4), (4, 1, 2, 1), (4,)), {"groups": 2, "stride": (1, 2)}),
    ("conv_transpose1d", ((2, 1, 3), (1, 2, 2), (2,)), {}),
    ("conv_transpose1d", ((1, 3), (1, 2, 2), (2,)), {"stride": 3}),
    ("conv_transpose1d", ((1, 4, 2), (4, 2, 3), (4,)), {"groups": 2, "padding": 1}),
    ("conv_transpose1d", ((1, 2, 2), (2, 1, 3)), {"groups": 2, "dilation": 2, "output_padding": 1, "stride": 2}),
    ("conv_transpose2d", ((2, 2, 3), (2, 1, 2, 2), (1,)), {"stride": (1, 2)}),
    ("conv_transpose2d", ((1, 2, 1, 2), (2, 2, 1, 2), (4,)), {"groups": 2}),
)


@pytest.mark.parametrize(("name", "inputs", "words"), CALLS)
def test_every_cell_reads_what_has_a_gradient(name, inputs, words):
    reading(FunctionCase(name, inputs, words)).check_all()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("axes", AXES)
def test_filters_go_with_channels_and_taps_with_space(name, axes):
    """Of a weight's axes, the filters lie on the output's channels, and each axis of the kernel on one of space."""
    inputs = right(name, axes)
    for lead in (1, 0):
        _, weight, bias = named(f"{name}{axes}d").axes(inputs[0][1 - lead :], *inputs[1:])
        goes_to = [place for place, _ in weight.routes]
        channels = [lead, None] if name == "conv" else [None, lead]
        assert goes_to == channels + [lead + 1 + axis for axis in range(axes)]
        assert [place for place, _ in bias.routes] == [lead]


@pytest.mark.parametrize("name", KINDS)
def test_symbols_ask_for_what_torch_asks(name):
    c, f, k, n, b = map(cc.symbol, "cfknb")
    weight = (f, 2, k) if name == "conv" else (c, 3, k)
    shapes = ((1, c, n), weight, (b,))
    with recording() as recorder:
        output = named(f"{name}1d").output_shape(*shapes)
    fine = 0
    for point in points(c=(1, 2, 3), f=(1, 3), k=(1, 2, 3), n=(1, 2), b=(1, 3)):
        taken = torchs(FunctionCase(f"{name}1d", put(shapes, point), {}))
        held = all(requirement.condition.holds(point) for requirement in recorder.requirements)
        assert held == (taken is not None), (point, recorder.requirements)
        fine += held
        assert not held or put(output, point) == taken
    assert fine


@pytest.mark.parametrize(
    ("rule", "name", "inputs", "words"),
    [
        ("the input must be a weight of 3 axes", "conv1d", ((1, 1, 4), (1, 1, 2, 2)), {}),
        ("the input must be a weight of 3 axes", "conv_transpose1d", ((1, 1, 4), (1, 1)), {}),
        ("the bias must have one axis", "conv1d", ((1, 1, 4), (1, 1, 2), (1, 1)), {}),
        ("the bias must have one axis", "conv_transpose1d", ((1, 1, 4), (1, 1, 2), ()), {}),
        ("the bias must have one value for each output channel", "conv1d", ((1, 1, 4), (2, 1, 2), (1,)), {}),
        ("the bias must have one value for each output channel", "conv_transpose1d", ((1, 2, 4), (2, 1, 2), (1,)), {"groups": 2}),
        ("groups must be a whole number", "conv1d", ((1, 1, 4), (1, 1, 2)), {"groups": 1.5}),
        ("the input's channels must equal in_channels", "conv1d", ((1, 2, 4), (1, 1, 2)), {}),
        ("the input's channels must equal in_channels", "conv_transpose1d", ((1, 2, 4), (1, 1, 2)), {}),
    ],
)
def test_refusals_say_which_rule(rule, name, inputs, words):
    assert torchs(FunctionCase(name, inputs, words)) is None
    for fact in (named(name).output_shape, named(name).axes):
        with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
            fact(*inputs, **words)
