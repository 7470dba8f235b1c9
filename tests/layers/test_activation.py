"""Activations and dropouts, as layers and functions: each number at the ends of what torch takes, each rank, each refusal."""

from __future__ import annotations

import inspect
from itertools import product
from math import inf, nan

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase
from every_point import check_calls, check_symbols, points
from function_side import ours, reading, torchs

import cnncalc as cc
from cnncalc.layers import FUNCTIONS, named

torch = pytest.importorskip("torch")

LARGEST = torch.finfo(torch.float32).max
NUMBERS = (0, 1, -1, 2, 0.5, -0.5, -0.0, 1e-9, -1e-9, inf, -inf, nan, LARGEST, True, np.float32(0.5))
SHAPES = ((), (0,), (3,), (1, 3), (2, 3), (2, 3, 2))
#: The arguments of each layer that are numbers.
WITH_NUMBERS = {
    "LeakyReLU": ("negative_slope",),
    "ELU": ("alpha",),
    "CELU": ("alpha",),
    "Softplus": ("beta", "threshold"),
    "Hardshrink": ("lambd",),
    "Softshrink": ("lambd",),
    "Hardtanh": ("min_val", "max_val", "min_value", "max_value"),
    "RReLU": ("lower", "upper"),
    "Threshold": ("threshold", "value"),
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"), ("p",)),
}
PLAIN = ("Sigmoid", "Tanh", "Softsign", "Tanhshrink", "LogSigmoid")
IN_PLACE = ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")


def test_a_shrinkage_takes_no_more_than_single_precision_holds():
    check_calls("Softshrink", ({"lambd": LARGEST * factor} for factor in (0.5, 1, 1 + 1e-15, 1 + 1e-7)), [(2,)])


@pytest.mark.parametrize("name", WITH_NUMBERS)
def test_every_number_is_torchs(name):
    base = {"threshold": 1, "value": 0} if name == "Threshold" else {}
    for argument, value in product(WITH_NUMBERS[name], NUMBERS):
        with torch_side.quiet():
            check_calls(name, [{**base, argument: value}], [(2, 3)])
    with_flag = "inplace" in inspect.signature(named(name).__init__).parameters
    for argument in (*base, *WITH_NUMBERS[name], *(("inplace",) if with_flag else ())):
        given = {**base, argument: argument == "inplace" or 0.5}
        with torch_side.quiet():
            ours_, theirs = named(name)(**given), getattr(torch.nn, name)(**given)
        for key in ("inplace", *WITH_NUMBERS[name]):
            if hasattr(theirs, key):
                assert getattr(ours_, key) == getattr(theirs, key), (key, given)


def test_two_bounds_are_torchs():
    few = (-1, 0, 0.5, 1, inf, -inf, nan)
    check_calls("RReLU", points(lower=few, upper=few, inplace=(False, True)), [(2,)])
    with torch_side.quiet():
        check_calls("Hardtanh", points(min_val=few, max_val=few), [(2,)])
        check_calls("Hardtanh", points(min_value=(None, -2, 2), max_value=(None, -2, 2)), [(2,)])
    for name in ("rrelu", "rrelu_", "hardtanh", "hardtanh_"):
        words = ("lower", "upper") if "rrelu" in name else ("min_val", "max_val")
        for low, high, training in product(few, few, (False, True)):
            call = {words[0]: low, words[1]: high} | ({"training": training} if "rrelu" in name else {})
            for inplace in (False, True) if name[-1] != "_" else (None,):
                case = FunctionCase(name, ((2,),), call | ({} if inplace is None else {"inplace": inplace}))
                assert ours(case) == torchs(case), case


@pytest.mark.parametrize("name", [*WITH_NUMBERS, *PLAIN, *IN_PLACE, "GELU"])
def test_every_rank_is_torchs(name):
    check_calls(name, [{"threshold": 1, "value": 0} if name == "Threshold" else {}], SHAPES)


@pytest.mark.parametrize("name", PLAIN)
def test_what_takes_no_arguments_refuses_any(name):
    for args, words in (((1,), {}), ((), {"inplace": True}), ((1,), {"a": 2})):
        with pytest.raises(TypeError):
            getattr(torch.nn, name)(*args, **words)
        with pytest.raises(cc.ArgumentError, match=f"^{name}: it takes no arguments"):
            named(name)(*args, **words)


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_flag_is_kept(name):
    assert [named(name)(flag).inplace for flag in (True, False)] == [True, False]
    assert named(name)().inplace == getattr(torch.nn, name)().inplace


def test_approximations_are_torchs():
    check_calls("GELU", ({"approximate": given} for given in ("none", "tanh", "erf", "")), [(2,)])
    assert cc.GELU("tanh").approximate == "tanh"


def test_every_small_number_of_slopes_is_torchs():
    check_calls("PReLU", points(num_parameters=range(-1, 4)), [*SHAPES, (2, 1), (2, 2), (2, 0), (1,), (2, 4, 2)])
    for shape in SHAPES:
        for weight in ((), (0,), (1,), (2,), (3,), (1, 1), (3, 1)):
            case = FunctionCase("prelu", (shape, weight), {})
            assert ours(case) == torchs(case), case
            if ours(case) and 0 not in shape:
                reading(case).check_all()
    # Without channels, a symbol must be 1.
    assert [goes_to for goes_to, _ in cc.prelu.axes((3,), ("s",))[1].routes] == [None]
    assert [goes_to for goes_to, _ in cc.prelu.axes((2, 3), ("s",))[1].routes] == [1]
    assert cc.PReLU(1, 0.5).init == torch.nn.PReLU(1, 0.5).init
    slopes, channels = cc.symbol("s"), cc.symbol("c")
    check_symbols(Case("PReLU", (slopes,), {}, (2, channels, 3)), points(s=(2, 3), c=(2, 3)), fine=2)


REFUSED = (
    ("alpha must not be 0", "CELU", {"alpha": 0}),
    ('approximate must be "none" or "tanh"', "GELU", {"approximate": "erf"}),
    ("lambd must not be negative, and a finite number", "Softshrink", {"lambd": -1}),
    ("lower must not be more than upper, and both finite", "RReLU", {"lower": 1, "upper": 0}),
    ("an input without axes allows one parameter", "PReLU", {"num_parameters": 2}),
)


@pytest.mark.parametrize(("rule", "name", "words"), REFUSED)
def test_refusals_of_a_call_say_which_rule(rule, name, words):
    assert torch_side.run(Case(name, (), words, ())).stage == torch_side.CALL
    with pytest.raises(cc.ShapeError, match=f"^{name}: {rule}"):
        named(name)(**words).output_shape(())


@pytest.mark.parametrize(
    ("rule", "name", "args"),
    [
        ("max_val must be more than min_val", "Hardtanh", (1, 1)),
        ("p must be a number from 0 to 1", "Dropout", ("0",)),
        ("p must be a number from 0 to 1", "Dropout", (None,)),
        ("p must lie in 0 … 1", "Dropout2d", (1.5,)),
        ("p must lie in 0 … 1", "AlphaDropout", (-0.5,)),
        *(
            (f"{argument} must be a number", name, ())
            for name, words in WITH_NUMBERS.items()
            for argument in words
            if argument != "p"
        ),
        ("init must be a number", "PReLU", ()),
    ],
)
def test_refusals_of_a_layer_say_which_rule(rule, name, args):
    argument = rule.split()[0]
    old_name = {"min_value": "min_val", "max_value": "max_val"}.get(argument, argument)
    words = {} if args else {"threshold": 1, "value": 0, argument: "1"} if name == "Threshold" else {argument: "1"}
    with pytest.raises(cc.ArgumentError, match=f"^{name}: {rule.replace(argument, old_name)}"):
        named(name)(*args, **words)


# -- functions --------------------------------------------------------------------------------------------------


def numbers_of(name):
    """The arguments of an activation or a dropout as a function that are numbers, with their defaults."""
    parameters = inspect.signature(named(name)._first_fact()).parameters
    return [
        key for key, one in parameters.items() if isinstance(one.default, float) or key in {"threshold", "value", "beta", "tau"}
    ]


FUNCTION_NAMES = [name for file in ("functional_activation", "functional_dropout") for name in FUNCTIONS[file]]


@pytest.mark.parametrize("name", [name for name in FUNCTION_NAMES if numbers_of(name)])
def test_every_number_of_a_function_is_torchs(name):
    base = {"threshold": 1, "value": 0} if name in {"threshold", "threshold_"} else {}
    for argument, value in product(numbers_of(name), (*NUMBERS, None, "1", (1,))):
        # Noise that is drawn by a temperature of nan has no largest cell; its eps is no longer looked at.
        if name != "gumbel_softmax" or argument == "tau":
            case = FunctionCase(name, ((2, 3),), {**base, argument: value})
            assert ours(case) == torchs(case), case


@pytest.mark.parametrize("name", FUNCTIONS["functional_dropout"])
def test_every_dropout_of_every_rank_is_torchs(name):
    for shape in (*SHAPES, (0, 2), (1, 1, 1, 1), (2, 1, 1, 1, 1), (1,) * 6):
        for p, training in product((0, 0.0, 0.5, 1, 1.0), (False, True, None)):
            case = FunctionCase(name, (shape,), {"p": p} | ({} if training is None else {"training": training}))
            assert ours(case) == torchs(case), case
    for training in (0, 1, None, "x"):
        with pytest.raises(cc.ArgumentError, match=f"^{name}: training must be True or False"):
            named(name).output_shape((2, 3), training=training)


@pytest.mark.parametrize("name", ["dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"])
def test_channels_are_dropped_of_two_axes_and_more(name):
    words = {"training": True}
    if name not in {"dropout1d", "dropout2d"}:
        assert torchs(FunctionCase(name, ((3,),), words)) == (None if name == "feature_alpha_dropout" else (3,))
    if name == "feature_alpha_dropout":
        with pytest.raises(cc.ShapeError, match=f"^{name}: to drop channels, the input must have at least two axes"):
            named(name).output_shape((3,), **words)


@pytest.mark.parametrize("name", [name for name in FUNCTION_NAMES if name[-1] == "_"])
def test_what_changes_its_input_says_so(name):
    args = (1, 0) if name == "threshold_" else ()

    class Changed(cc.Module):
        def forward(self, x):
            y = x * 2
            return named(name)(y, *args)

    node = cc.trace(Changed(), (2, 3)).nodes[-1]
    x = torch.ones(2, 3)
    function = next(getattr(place, name) for place in (torch.nn.functional, torch, torch.Tensor) if hasattr(place, name))
    assert node.facts.is_in_place == (function(x, *args).data_ptr() == x.data_ptr()) is True


@pytest.mark.parametrize(
    "words", [{"training": training, "inplace": inplace} for training, inplace in product((False, True), repeat=2)]
)
def test_a_random_slope_is_in_place_where_torchs_is(words):
    class Changed(cc.Module):
        def forward(self, x):
            return named("rrelu")(x * 2, **words)

    node = cc.trace(Changed(), (2, 3)).nodes[-1]
    x = torch.ones(2, 3)
    assert node.facts.is_in_place == (torch.nn.functional.rrelu(x, **words).data_ptr() == x.data_ptr())


@pytest.mark.parametrize("name", FUNCTIONS["functional_dropout"])
def test_a_dropout_that_drops_nothing_is_the_tensor_itself(name):
    x = torch.ones((2, 3, 1, 1, 1)[: {"1": 3, "2": 4}.get(name[-2], 5)])
    function = getattr(torch.nn.functional, name)
    assert named(name).is_view == (function(x, training=False).data_ptr() == x.data_ptr()) is True
    layer = "".join(part.capitalize() for part in name.split("_"))
    assert named(layer)().is_view == (getattr(torch.nn, layer)().eval()(x).data_ptr() == x.data_ptr()) is True


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin", "glu", "gumbel_softmax"])
def test_every_axis_is_torchs(name):
    for shape in (*SHAPES, (4,), (2, 4), (2, 0, 2)):
        for dim in (None, *range(-4, 4)):
            for words in ({}, {"hard": True}) if name == "gumbel_softmax" else ({},):
                case = FunctionCase(name, (shape,), {"dim": dim, **words})
                assert ours(case) == torchs(case), case
        case = FunctionCase(name, (shape,), {})
        assert ours(case) == torchs(case), case


def test_a_type_of_numbers_is_no_value():
    for name in ("softmax", "log_softmax", "softmin"):
        for dtype in (1, 1.0, True, 1j, "float32", b"f", (1,), [1], {}, slice(1), np.zeros(1)):
            with pytest.raises(cc.ArgumentError, match=f"^{name}: dtype must be a type of numbers"):
                named(name).output_shape((2, 3), 1, dtype=dtype)
        assert named(name).output_shape((2, 3), 1, dtype=None) == (2, 3)


def test_the_method_softmax_takes_a_type_in_the_third_place():
    class Soft(cc.Module):
        def __init__(self, *args):
            super().__init__()
            self.args = args

        def forward(self, x):
            return x.softmax(*self.args)

    for args in ((1,), (1, None)):
        assert torch.zeros(2, 3).softmax(*args).shape == cc.analyze(Soft(*args), (2, 3)).output_shape
        facts = cc.trace(Soft(*args), (2, 3)).nodes[-1].facts
        assert (facts.shapes, facts.call) == (((2, 3), 1), {"dtype": None} if len(args) > 1 else {})
    with pytest.raises(cc.ArgumentError, match="dtype must be a type of numbers"):
        cc.analyze(Soft(1, 3), (2, 3))


def test_refusals_of_functions_say_which_rule():
    for rule, name, args, words in (
        ("min_val must not be more than max_val", "hardtanh", (), {"min_val": 2}),
        ("min_val must be a number", "hardtanh_", (), {"min_val": "1"}),
        ("max_val must be a number", "hardtanh_", (), {"max_val": "1"}),
        ("weight must have one axis or none", "prelu", ((1, 1),), {}),
        ("dim must be a whole number; got dim=None", "gumbel_softmax", (), {"dim": None}),
        ("tau must be a number", "gumbel_softmax", (), {"tau": "1"}),
        ("training must be True or False", "rrelu", (), {"training": 1}),
        ("training must be True or False", "rrelu_", (), {"training": 1}),
    ):
        with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
            named(name).output_shape((2, 3), *args, **words)
