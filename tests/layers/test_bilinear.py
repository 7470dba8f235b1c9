"""Bilinear, and the functions linear and bilinear: every small size, every bias, the MACs, and the cells of every tensor."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import Case, FunctionCase
from every_point import check_calls, check_symbols, points, products_of_weight, put
from function_side import counted, expected_of, ours, reading, torchs
from test_neighbours import accepted_by_accident, inputs_beside

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

LEADS = ((), (1,), (2,), (0,), (2, 3))


def check(name, *inputs):
    """Hold a call against torch."""
    case = FunctionCase(name, inputs, {})
    assert accepted_by_accident(case) or ours(case) == expected_of(case), case


def test_every_small_layer_is_torchs():
    given = points(in1_features=range(-1, 3), in2_features=range(-1, 3), out_features=range(-1, 3), bias=(True, False))
    shapes = [((*lead, a), (*lead, b)) for lead in LEADS[1:4] for a, b in product((1, 2), repeat=2)]
    check_calls("Bilinear", given, shapes, products_of_weight)


def test_a_layer_beside_right_inputs_is_torchs():
    given = [{"in1_features": 3, "in2_features": 4, "out_features": 5, "bias": bias} for bias in (True, False)]
    for lead in LEADS:
        check_calls("Bilinear", given, [((*lead, 3), (*lead, 4)), *inputs_beside(((*lead, 3), (*lead, 4)))], products_of_weight)
    check_calls("Bilinear", given, [((), ())])


def test_symbols_of_a_layer_ask_for_what_torch_asks():
    a, b, f, n, m, x, y = map(cc.symbol, "abfnmxy")
    case = Case("Bilinear", (a, b, f), {}, ((n, x), (m, y)))
    grid = points(a=(1, 2), b=(1, 2), f=(3,), n=(1, 2), m=(1, 2), x=(1, 2), y=(1, 2))
    check_symbols(case, grid, products_of_weight, fine=8)


def biases(output):
    """Shapes that may be stretched to an output, and some that may not."""
    whole = (1, 1, *output)
    for axes in range(len(whole) + 1):
        for ones in product((False, True), repeat=axes):
            yield tuple(1 if one else n for one, n in zip(ones, whole[len(whole) - axes :], strict=True))
    yield from ((n,) for n in range(4))
    yield from ((2, *output), (*output, 2))


def test_every_bias_of_a_bilinear_function_is_torchs():
    for lead in LEADS[:3]:
        for out in (1, 2, 5):
            for bias in biases((*lead, out)):
                check("bilinear", (*lead, 3), (*lead, 4), (out, 3, 4), bias)


def test_bilinear_functions_beside_right_inputs_are_torchs():
    for sizes in product((0, 1, 2), repeat=3):
        for lead in LEADS:
            check("bilinear", (*lead, sizes[1]), (*lead, sizes[2]), sizes)
    for right in (((2, 3), (2, 4), (5, 3, 4)), ((2, 3), (2, 4), (5, 3, 4), (5,)), ((3,), (4,), (5, 3, 4))):
        for inputs in inputs_beside(right):
            check("bilinear", *inputs)


def test_linear_functions_beside_right_inputs_are_torchs():
    for right in (((2, 3), (5, 3)), ((2, 3), (5, 3), (5,)), ((3,), (5, 3), (5,)), ((2, 3), (3,)), ((3,), (3,), ())):
        for inputs in inputs_beside(right):
            check("linear", *inputs)


@pytest.mark.parametrize("lead", LEADS)
def test_macs_are_torchs(lead):
    for inputs in (((*lead, 3), (5, 3)), ((*lead, 3), (3,)), ((*lead, 3), (5, 3), (5,))):
        assert cc.linear.macs(*inputs) == counted(FunctionCase("linear", inputs, {}))
    positions = 1
    for n in lead:
        positions *= n
    # One product of three for each pair of features, of which torch's counter sees two matrix products.
    assert cc.bilinear.macs((*lead, 3), (*lead, 4), (5, 3, 4), (5,)) == positions * 5 * 3 * 4


@pytest.mark.parametrize("name", ["linear", "bilinear"])
def test_a_bias_is_added_to_each_value(name):
    inputs = ((2, 7, 3), (5, 3)) if name == "linear" else ((2, 7, 3), (2, 7, 4), (5, 3, 4))
    assert named(name).arithmetic(*inputs) == {}
    assert named(name).arithmetic(*inputs, (5,)) == {"bias": 2 * 7 * 5}
    with pytest.raises(cc.ShapeError, match=f"^{name}: the bias must have"):
        named(name).arithmetic(*inputs, (4,))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        *(("linear", ((2, 3), (4, 3), bias)) for bias in ((4,), (1,), (), (2, 4), (1, 4), (2, 1), (1, 2, 4))),
        *(("linear", ((3,), (4, 3), bias)) for bias in ((4,), (), (1, 4))),
        *(
            ("linear", inputs)
            for inputs in (((2, 3), (4, 3)), ((2, 2, 3), (4, 3), (4,)), ((2, 3), (3,)), ((3,), (3,)), ((3,), (4, 3)))
        ),
        *(("bilinear", ((2, 3), (2, 2), (4, 3, 2), *bias)) for bias in ((), ((4,),), ((2, 4),))),
        *(("bilinear", ((3,), (2,), (4, 3, 2), *bias)) for bias in ((), ((4,),))),
        ("bilinear", ((2, 1, 3), (2, 1, 2), (4, 3, 2), (4,))),
    ],
)
def test_every_cell_reads_what_has_a_gradient(name, inputs):
    case = FunctionCase(name, inputs, {})
    if torchs(case) is not None and ours(case) is not None:
        reading(case).check_all()
    else:
        with pytest.raises(cc.ShapeError):
            named(name).axes(*inputs)


def test_symbols_of_functions_ask_for_what_torch_asks():
    n, m, x, y, a, b, f, g = map(cc.symbol, "nmxyabfg")
    least = dict.fromkeys("nmxyabfg", 2)
    for name, shapes in (
        ("linear", ((n, x), (f, a), (g,))),
        ("linear", ((n, x), (f, a), (m, g))),
        ("linear", ((n, m, x), (f, a), (y, g))),
        ("bilinear", ((n, x), (m, y), (f, a, b), (g,))),
        ("bilinear", ((n, x), (m, y), (f, a, b), (n, g))),
    ):
        with recording() as recorder:
            output = named(name).output_shape(*shapes)
        for point in [least, *({**least, letter: 3} for letter in least), {**least, "x": 3, "a": 3}, {**least, "f": 3, "g": 3}]:
            taken = torchs(FunctionCase(name, put(shapes, point), {}))
            held = all(requirement.condition.holds(point) for requirement in recorder.requirements)
            assert held == (taken is not None), (name, shapes, point, recorder.requirements)
            assert not held or put(output, point) == taken


@pytest.mark.parametrize(
    ("name", "rule", "inputs"),
    [
        ("linear", "input and weight must have an axis", ((), (2, 2))),
        ("linear", "input and weight must have an axis", ((2,), ())),
        ("linear", "the weight must have two axes, or one", ((2,), (2, 2, 2))),
        ("linear", "the last axis must be as long as that of the weight", ((3,), (2, 2))),
        ("linear", "the bias must have the shape of the output, or broadcast to it", ((2,), (3, 2), (2,))),
        ("linear", "a bias with one axis longer than 1 is added to a matrix", ((3, 4, 2), (5, 2), (1, 1, 5))),
        ("linear", "a bias with one axis longer than 1 is added to a matrix", ((3, 4, 2), (5, 2), (4, 1))),
        ("bilinear", "the weight must have three axes", ((2,), (2,), (2, 2))),
        ("bilinear", "both inputs must have equally many axes, at least one", ((2,), (2, 2), (2, 2, 2))),
        ("bilinear", "both inputs must have equally many axes, at least one", ((), (), (2, 2, 2))),
        ("bilinear", "the leading axes of both inputs must agree", ((3, 2), (4, 2), (2, 2, 2))),
        ("bilinear", "the last axis of input1 must equal in1_features", ((3,), (2,), (2, 2, 2))),
        ("bilinear", "the last axis of input2 must equal in2_features", ((2,), (3,), (2, 2, 2))),
        ("bilinear", "in1_features must be at least 1", ((0,), (2,), (2, 0, 2))),
        ("bilinear", "in2_features must be at least 1", ((2,), (0,), (2, 2, 0))),
        (
            "bilinear",
            "the bias must have one value for each output feature; got a bias without axes",
            ((2,), (2,), (3, 2, 2), ()),
        ),
        ("bilinear", "the bias must have one value for each output feature", ((2,), (2,), (3, 2, 2), (2,))),
        ("bilinear", "the bias must have one value for each output feature", ((2,), (2,), (1, 2, 2), (1, 1))),
    ],
)
def test_refusals_say_which_rule(name, rule, inputs):
    case = FunctionCase(name, inputs, {})
    assert expected_of(case) is None
    with pytest.raises(cc.ShapeError, match=f"^{name}: {rule}"):
        named(name).output_shape(*inputs)


class Weighed(cc.Module):
    """A linear map whose weight and bias are inputs."""

    def forward(self, x, weight, bias):
        """The map."""
        return named("linear")(x, weight, bias)


@pytest.mark.parametrize("bias", [("a",), (1, "a"), ("a", 1)])
@pytest.mark.parametrize(("shape", "weight"), [((2, 3), (4, 3)), ((2, 3), (0, 3)), ((0, 0), (0, 0)), ((2, 3), (1, 3))])
def test_a_bias_of_symbolic_length_asks_for_what_torch_asks(shape, weight, bias):
    """Of one value it is stretched, whatever the output."""
    report = cc.analyze(Weighed(), shape, weight, bias)
    for a in range(1, 6):
        numbers = tuple(a if n == "a" else n for n in bias)
        try:
            torchs = tuple(torch.nn.functional.linear(*map(torch.zeros, (shape, weight, numbers))).shape)
        except RuntimeError:
            torchs = None
        assert all(condition.holds({"a": a}) for condition in report.conditions) == (torchs is not None), a
        assert torchs in {None, report.output_shape}


class Paired(cc.Module):
    """A bilinear map whose weight and bias are inputs."""

    def forward(self, x, y, weight, bias):
        """The map."""
        return named("bilinear")(x, y, weight, bias)


@pytest.mark.parametrize("outputs", [1, 4])
def test_a_bias_of_symbolic_length_of_a_bilinear_map_too(outputs):
    shapes = ((2, 3), (2, 5), (outputs, 3, 5))
    report = cc.analyze(Paired(), *shapes, ("a",))
    for a in range(1, 6):
        try:
            torchs = tuple(torch.nn.functional.bilinear(*map(torch.zeros, (*shapes, (a,)))).shape)
        except RuntimeError:
            torchs = None
        assert all(condition.holds({"a": a}) for condition in report.conditions) == (torchs is not None), a
        assert torchs in {None, report.output_shape}
