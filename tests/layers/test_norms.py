"""Norms, as layers and as functions: small shapes of every number of axes, with all flags, and with tensors that do not fit."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import Case, FunctionCase, is_wrong_type

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

from torch_side import FINE, run  # noqa: E402 - where torch is missing, this can't be imported
from torch_tables import check_cells, check_function_cells, check_functions, check_layers, check_owned, check_symbols  # noqa: E402 - the same

BATCH = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
INSTANCE = ("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")
LAZY = tuple(f"Lazy{name}" for name in (*BATCH[:3], *INSTANCE))
PER_CHANNEL = (*BATCH, *INSTANCE, *LAZY)
FLAGS = ("affine", "track_running_stats", "bias")
ODD = (0, -1, 1, 2.0, True, None, "3", (1,), [2], np.int64(2), np.float32(1), {}, float("nan"))

#: Batches, channels and space that are empty, one cell, or more.
SHAPES = (
    (),
    (2,),
    *product((0, 1, 2), (0, 1, 2)),
    *product((0, 1, 2), (0, 1, 2), (0, 1, 3)),
    *product((0, 1, 2), (0, 1, 2), (1, 2), (0, 1)),
    *product((1, 2), (1, 2), (1,), (0, 1, 2), (1,)),
    (1, 2, 1, 1, 1, 1),
    (1, 2, *(1,) * 64),
    (2, 1, 1, 1, 1, 2),
)


def flags():
    """Each flag on and off, and left out."""
    return [dict(zip(FLAGS, values, strict=True)) for values in product((False, True), repeat=3)]


@pytest.mark.parametrize("name", PER_CHANNEL)
def test_norms_per_channel_take_the_shapes_that_torch_takes(name):
    features = [()] if name in LAZY else [(0,), (2,)]
    kinds = [kind for kind in flags() if kind["affine"] or kind["bias"]]
    shapes = [shape for shape in SHAPES if len(shape) < 5 or "3d" in name or name == "SyncBatchNorm"]
    check_layers(Case(name, number, kind, (shape,)) for number, kind, shape in product(features, kinds, shapes))


@pytest.mark.parametrize("name", PER_CHANNEL)
def test_norms_per_channel_own_what_torchs_own(name):
    shape = (2, 2, *(2,) * (2 if name == "SyncBatchNorm" else int(name[-2])))
    check_owned(Case(name, () if name in LAZY else (2,), kinds, (shape,)) for kinds in (*flags(), {}))


@pytest.mark.parametrize("name", PER_CHANNEL)
def test_arguments_of_norms_per_channel_are_taken_as_torch_takes_them(name):
    shape = (2, 2, *(2,) * (2 if name == "SyncBatchNorm" else int(name[-2])))
    given = {} if name in LAZY else {"num_features": 2}
    plain = {"affine": False, "track_running_stats": False}
    cases = []
    for key, kinds in product(
        ("num_features", "eps", "momentum", *FLAGS), ({}, plain, {"affine": False}, plain | {"affine": True})
    ):
        if key != "num_features" or name not in LAZY:
            cases += [given | kinds | {key: odd} for odd in ODD]
    cases += [given | kinds | {"eps": eps} for eps in (1e-5, 0, 0.0, -1e-9, -1.0, 1) for kinds in ({}, plain)]
    check_layers(Case(name, (), each, (shape,), wrong_type=any(is_wrong_type(*item) for item in each.items())) for each in cases)


@pytest.mark.parametrize("name", PER_CHANNEL)
def test_symbols_are_held_to_what_norms_per_channel_ask(name):
    axes = 2 if name == "SyncBatchNorm" else int(name[-2])
    shapes = [shape for shape in SHAPES if len(shape) in {axes + 1, axes + 2, 2} and shape[0] != 2]
    features = [()] if name in LAZY else [(2,)]
    kinds = [{"affine": one, "track_running_stats": other} for one, other in product((False, True), repeat=2)]
    check_symbols(Case(name, number, kind, (shape,)) for number, kind, shape in product(features, kinds, shapes))


@pytest.mark.parametrize("name", [*BATCH, *INSTANCE])
def test_cells_of_norms_per_channel(name):
    axes = 3 if name == "SyncBatchNorm" else int(name[-2])
    for tracked in (False, True):
        check_cells(Case(name, (2,), {"track_running_stats": tracked}, ((2, 2, *(2,) * axes),)))


# -- groups and last axes ---------------------------------------------------------------------------------------


def test_groups_are_taken_as_torch_takes_them():
    cases = [
        Case("GroupNorm", (groups, channels), {"affine": affine}, (shape,))
        for groups, channels, affine in product((-1, 0, 1, 2, 4), (-2, 0, 1, 2, 4), (False, True))
        for shape in (*((2, n, 2) for n in (0, 1, 2, 3, 4)), (0, 2), (1, 2), (1, 4), (1, 1, 1), (1, 4, 0), (1, 2, 1, 2))
    ]
    cases += [Case("GroupNorm", (1, 2), {}, (shape,)) for shape in SHAPES]
    for key, affine in product(("num_groups", "num_channels", "eps", "affine", "bias"), (False, True)):
        given = {"num_groups": 2, "num_channels": 2, "affine": affine}
        cases += [Case("GroupNorm", (), given | {key: odd}, ((2, 2, 2),), wrong_type=is_wrong_type(key, odd)) for odd in ODD]
    check_layers(cases)
    check_owned(Case("GroupNorm", (1, 2), {"affine": a, "bias": b}, ((2, 2),)) for a, b in product((False, True), repeat=2))
    check_owned([Case("GroupNorm", (1, 2), {}, ((2, 2),))])


def test_symbols_are_held_to_what_groups_ask():
    shapes = ((2, 2), (1, 2), (1, 1), (2, 3), (2, 4, 3), (1, 2, 1), (1, 4, 1, 1))
    check_symbols(
        Case("GroupNorm", (groups, channels), {"affine": affine}, (shape,))
        for (groups, channels), affine, shape in product(((1, 1), (1, 2), (2, 2), (2, 4), (4, 4)), (False, True), shapes)
    )
    report = cc.analyze(cc.GroupNorm("G", "C"), (2, "C", 3))
    for groups, channels in product((1, 2, 3), range(1, 7)):
        held = all(requirement.condition.holds({"G": groups, "C": channels}) for requirement in report.conditions)
        assert held == (run(Case("GroupNorm", (groups, channels), {}, ((2, channels, 3),))).stage == FINE)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_cells_of_groups(groups):
    check_cells(Case("GroupNorm", (groups, 4), {}, ((2, 4, 2),)))
    check_cells(Case("GroupNorm", (groups, 4), {"affine": False}, ((2, 8),)))


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm"])
def test_norms_over_last_axes_are_taken_as_torch_takes_them(name):
    over = (*ODD, (), (2,), [3], (3,), (2, 3), (0,), (-1,), (2.0,), (True,), torch.Size((3,)), (np.int64(3),), "3", b"3")
    shapes = ((), (3,), (2,), (0,), (2, 3), (3, 3), (2, 2, 3), (0, 3), (1, 2, 3, 0))
    cases = [
        Case(name, (each,), {"elementwise_affine": affine}, (shape,))
        for each, affine, shape in product(over, (False, True), shapes)
    ]
    cases = [Case(c.name, c.args, c.kwargs, c.shape, wrong_type=is_odd(c.args[0])) for c in cases]
    for key in ("eps", "elementwise_affine", *(["bias"] if name == "LayerNorm" else [])):
        cases += [Case(name, (3,), {key: odd}, ((2, 3),), wrong_type=is_wrong_type(key, odd)) for odd in ODD]
    check_layers(cases)
    kinds = [
        {"elementwise_affine": a, **({"bias": b} if name == "LayerNorm" else {})} for a, b in product((False, True), repeat=2)
    ]
    check_owned(Case(name, (3,), kind, ((2, 3),)) for kind in (*kinds, {}))
    check_symbols(Case(name, (each,), {}, (shape,)) for each, shape in product((3, (2, 3)), shapes))
    for rank in (1, 2):
        check_cells(Case(name, ((2, 3)[-rank:],), {}, ((2, 2, 3),)))


def is_odd(given):
    """Whether a length is, or is written with, something of another type than torch documents, or is a symbol."""
    items = given if isinstance(given, (tuple, list)) else (given,)
    return any(type(item) is not int for item in items)


# -- functions --------------------------------------------------------------------------------------------------

#: What may be given for a tensor of two channels, or of one.
PARTS = (None, (1,), (2,), (3,), (0,), (), (1, 2), (2, 1), (1, 1))
INPUTS = (
    (),
    (2,),
    (2, 2),
    (1, 2),
    (1, 2, 1),
    (1, 2, 2),
    (2, 1, 3),
    (0, 2, 2),
    (2, 0, 2),
    (1, 1, 0),
    (0, 1, 1),
    (0, 0),
    (1, 1, 1, 1),
)


def laid_over_nothing(case):
    """Whether a weight of several axes meets an input of nothing, where torch adds one row of it to whatever is there."""
    return 0 in case.inputs[0] and any(len(part or ()) > 1 for part in case.inputs[3:5])


@pytest.mark.parametrize("measured", [False, True])
def test_batch_norm_takes_the_tensors_that_torch_takes(measured):
    cases = []
    for shape in INPUTS:
        for mean, variance in product(PARTS, repeat=2):
            cases.append(FunctionCase("batch_norm", (shape, mean, variance), {"training": measured}))
        for weight, bias, statistics in product(PARTS, (None, (1,), (2,), (0,), (1, 2)), (None, (2,), (1,))):
            cases.append(FunctionCase("batch_norm", (shape, statistics, statistics, weight, bias, measured), {}))
            cases.append(FunctionCase("batch_norm", (shape, statistics, statistics, bias, weight, measured), {}))
    for shape, (key, values) in product(((2, 2), (0, 2)), (("eps", ODD), ("momentum", ODD), ("eps", (0.0, -1e-9, 1e-9)))):
        cases += [FunctionCase("batch_norm", (shape, (2,), (2,), None, None, measured), {key: odd}) for odd in values]
    cases += [FunctionCase("batch_norm", ((2, 2), (2,), (2,)), {"training": odd}) for odd in ODD]
    check_functions(case for case in cases if not laid_over_nothing(case))


@pytest.mark.parametrize("measured", [False, True])
def test_instance_norm_takes_the_tensors_that_torch_takes(measured):
    cases = []
    for shape in INPUTS:
        for mean, variance in product(PARTS, repeat=2):
            cases.append(FunctionCase("instance_norm", (shape, mean, variance), {"use_input_stats": measured}))
        for weight, bias, statistics in product(PARTS, (None, (1,), (2,), (0,), (1, 2)), (None, (2,), (1,))):
            cases.append(FunctionCase("instance_norm", (shape, statistics, statistics, weight, bias, measured), {}))
            cases.append(FunctionCase("instance_norm", (shape, statistics, statistics, bias, weight, measured), {}))
    for key, values in (("eps", ODD), ("momentum", ODD), ("eps", (0.0, -1e-9, 1e-9))):
        cases += [FunctionCase("instance_norm", ((2, 2, 2), (2,), (2,), None, None, measured), {key: odd}) for odd in values]
    cases += [FunctionCase("instance_norm", ((2, 2, 2), (2,), (2,)), {"use_input_stats": odd}) for odd in ODD]
    check_functions(cases)


def test_norms_over_last_axes_take_the_weights_that_torch_takes():
    cases = []
    weights = (None, (), (3,), (2,), (1,), (2, 3), (3, 2), (1, 3), (2, 2, 3))
    for shape, over in product(((3,), (2, 3), (2, 2, 3), ()), ((), (3,), (2, 3), (2, 2, 3), (3, 2))):
        for weight, bias in product(weights, (None, (3,), (2, 3), (2,))):
            cases.append(FunctionCase("layer_norm", (shape, over, weight, bias), {}))
            cases.append(FunctionCase("layer_norm", (shape, over, bias, weight), {}))
            cases.append(FunctionCase("rms_norm", (shape, over, weight), {}))
    cases += [
        FunctionCase(name, ((2, 3), over), {}) for name in ("layer_norm", "rms_norm") for over in (3, [3], (3.0,), "3", None)
    ]
    for name, odd in product(("layer_norm", "rms_norm"), ODD):
        if name == "layer_norm" or odd is not None:
            cases.append(FunctionCase(name, ((2, 3), (3,)), {"eps": odd}))
    check_functions(cases)


def test_group_norm_takes_the_weights_that_torch_takes():
    cases = []
    for shape, groups in product(((2,), (2, 2), (2, 4), (1, 2, 1), (1, 2, 2), (0, 2, 2), ()), (-1, 0, 1, 2, 4)):
        for weight, bias in product(PARTS, (None, (2,), (4,), (1,), (1, 2))):
            cases.append(FunctionCase("group_norm", (shape, groups, weight, bias), {}))
            cases.append(FunctionCase("group_norm", (shape, groups, bias, weight), {}))
    check_functions(cases)


def test_normalize_takes_the_axes_and_orders_that_torch_takes():
    axes = (None, (), [], 0, 1, 2, -1, -2, -3, (0,), (0, 1), (1, 0), (1, -1), (0, 1, 2), [0, 2], "0", 0.5, True, (2, 2))
    orders = (2, 2.0, 1, 0, -1, 0.5, float("inf"), -float("inf"), "fro", "nuc", None, True, "x")
    shapes = ((), (2,), (2, 3), (2, 0), (0, 2), (2, 3, 2), (0, 0), (2, 0, 1))
    check_functions(
        FunctionCase("normalize", (shape,), {"p": order, "dim": dim}) for order, dim, shape in product(orders, axes, shapes)
    )
    check_functions(FunctionCase("normalize", ((2, 3),), {"eps": odd}) for odd in ODD)
    with pytest.raises(cc.UnsupportedError, match="an output that is handed in is not known"):
        named("normalize").output_shape((2, 3), out=(2, 3))


def test_a_response_norm_of_nothing_looks_at_no_argument():
    sizes = (-1, 0, 1, 2, 3)
    shapes = ((2,), (1, 2), (1, 2, 3), (0, 2, 3), (1, 0, 3), (1, 2, 0), (1, 2, 2, 2), (1, 2, 2, 2, 2), (1,) * 6)
    check_functions(FunctionCase("local_response_norm", (shape, size), {}) for shape, size in product(shapes, sizes))
    for key, odd in product(("alpha", "beta", "k"), ("3", None, (1,), 2, 0.5, -1)):
        check_functions(FunctionCase("local_response_norm", (shape, 2), {key: odd}) for shape in ((1, 2, 3), (1, 2, 0)))


def test_a_function_without_a_weight_asks_nothing_of_its_length():
    """A layer with weights takes no symbol that may be 0; a function is handed its weights."""
    n = cc.symbol("n", 0)
    for name in ("layer_norm", "rms_norm"):
        assert named(name).output_shape((2, 3), (n,)) == (2, 3)
    assert named("group_norm").output_shape((2, 4, 2), n) == (2, 4, 2)
    for layer in (cc.LayerNorm, cc.RMSNorm):
        with pytest.raises(cc.ArgumentError, match="normalized_shape must be at least 1"):
            layer(n)
        assert layer(n, elementwise_affine=False).output_shape((2, 3)) == (2, 3)
    with pytest.raises(cc.ArgumentError, match="num_channels must be at least 1"):
        cc.GroupNorm(1, n)
    for layer in (cc.BatchNorm1d, cc.InstanceNorm1d):
        with pytest.raises(cc.ArgumentError, match="num_features must be at least 1"):
            layer(n, affine=True)


@pytest.mark.parametrize(
    ("layer", "shape", "rule"),
    [
        (cc.LayerNorm((2, 3)), (3,), r"the input must end in normalized_shape; got \(3,\)"),
        (cc.LayerNorm((2, 3)), (2, 2), "the input must end in normalized_shape"),
        (cc.LayerNorm(()), (2, 2), "normalized_shape must have at least one axis"),
        (cc.BatchNorm1d(2, eps=-1), (2, 2), "eps must not be negative; got eps=-1"),
        (cc.BatchNorm1d(2, eps=-1, track_running_stats=False), (2, 2), "eps must be more than 0 without running statistics"),
        (cc.BatchNorm1d(2, eps=0, track_running_stats=False), (2, 2), "eps must be more than 0 without running statistics"),
        (cc.BatchNorm1d(0), (0, 0), "without features, torch finds no weight to apply"),
        (cc.BatchNorm2d(2), (2, 2), r"the input must be \(N, C, H, W\)"),
        (cc.InstanceNorm1d(2), (2,), r"the input must be \(N, C, L\)|\(N, C, W\) or the same without N"),
        (cc.InstanceNorm2d(2), (2, 2), r"the input must be \(N, C, H, W\) or the same without N"),
        (cc.InstanceNorm3d(2), (2, 2), r"the input must be \(N, C, D, H, W\) or the same without N"),
        (cc.InstanceNorm1d(2, affine=True), (2, 3, 2), "the input's channels must equal num_features; got 3 channels"),
        (cc.InstanceNorm1d(0, affine=True), (2, 0, 2), "without samples or features, torch finds no weight to apply"),
        (cc.GroupNorm(1, 2), (2,), r"the input must be \(N, C, …\); got 1 axes"),
        (cc.GroupNorm(2, 4, affine=False), (2, 3), "the input's channels must be divisible by num_groups; got 3 channels"),
        (cc.GroupNorm(2, 2), (1, 2), "there must be more than one value per group"),
        (cc.GroupNorm(-1, 2), (2, 2), "num_groups must be at least 1; got num_groups=-1"),
    ],
)
def test_a_refusal_says_what_is_wrong(layer, shape, rule):
    with pytest.raises(cc.ShapeError, match=f"^{type(layer).__name__}: {rule}"):
        layer.output_shape(shape)


@pytest.mark.parametrize(
    ("name", "inputs", "call", "rule"),
    [
        ("batch_norm", ((2,), (2,), (2,)), {}, r"the input must be \(N, C, …\); got 1 axes"),
        ("batch_norm", ((2, 2), (2,), (2,)), {"eps": -1}, "eps must not be negative, and more than 0 in training"),
        ("batch_norm", ((2, 2), (2,), None), {}, "running_mean and running_var must both be given"),
        ("batch_norm", ((2, 2), (1, 2), (2,)), {}, "running_mean must have one axis"),
        ("batch_norm", ((2, 2), (2,), (1, 2)), {}, "running_var must have one axis"),
        ("batch_norm", ((2, 2), (2,), (2,), (3,)), {}, r"weight must have one value per channel; got \(3,\) for 2 channels"),
        ("batch_norm", ((1, 2), (2,), (2,)), {"training": True}, "in training there must be more than one value per channel"),
        ("batch_norm", ((0, 2), (2,), (2,), (0,)), {}, "weight must hold a value"),
        ("instance_norm", ((2,),), {}, r"there must be more than one cell of space|the input must be \(N, C, …\)"),
        ("instance_norm", ((2,),), {"use_input_stats": False}, r"the input must be \(N, C, …\); got 1 axes"),
        ("instance_norm", ((2, 2, 2),), {"use_input_stats": False}, "without statistics of the input, running_mean"),
        ("instance_norm", ((2, 2, 2), (2,), None), {}, "running_mean and running_var must both be given, or neither"),
        ("instance_norm", ((2, 2, 2), (1, 2), (2,)), {}, "running_mean must have one axis"),
        ("instance_norm", ((0, 2, 2), None, None, (2,)), {}, "without samples or features, torch finds no weight to apply"),
        ("layer_norm", ((2, 3), (3,), (3, 3)), {}, r"weight must have the shape normalized_shape; got weight \(3, 3\)"),
        ("layer_norm", ((2, 3), 3), {}, "normalized_shape must be a tuple or a list; got normalized_shape=3"),
        ("group_norm", ((2, 4), 2, (2, 2)), {}, "weight must have one axis"),
        ("normalize", ((2, 3),), {"dim": (0, 0)}, "an axis may be named once"),
        ("normalize", ((2, 3, 4),), {"dim": (0, 1, 2), "p": "fro"}, "the Frobenius norm takes at most two axes"),
        ("normalize", ((2, 0),), {"p": -1}, "the -1 norm of nothing has no value"),
    ],
)  # fmt: skip
def test_a_function_that_refuses_says_what_is_wrong(name, inputs, call, rule):
    with pytest.raises(cc.CnncalcError, match=f"^{name}: (?:{rule})"):
        named(name).output_shape(*inputs, **call)


def test_cells_of_a_weight_of_several_long_axes_are_refused():
    """Torch takes one with as many values as there are channels, however they are laid out."""
    call = ((2, 4), (4,), (4,), (2, 2))
    assert named("batch_norm").output_shape(*call) == (2, 4)
    with pytest.raises(
        cc.UnsupportedError, match=r"a weight of several long axes can't be laid out over the channels; got \(2, 2\)"
    ):
        named("batch_norm").axes(*call)


def test_cells_of_functions():
    """Each weight goes with the channels, however it is laid out; in training the statistics that are given are not read."""
    cases = [
        *(("batch_norm", ((2, 2, 2), (2,), (2,), part, (2,)), {"training": True}) for part in (None, (2,), (2, 1))),
        *(("batch_norm", ((2, 2, 2), (2,), (2,), part, (2,)), {}) for part in (None, (2,), (2, 1))),
        ("batch_norm", ((2, 2), None, None), {"training": True}),
        ("batch_norm", ((2, 1), (1,), (1,), (1, 1)), {}),
        *(("instance_norm", ((2, 2, 2), (2,), (2,), part, (2,)), {"use_input_stats": False}) for part in (None, (2,))),
        *(("instance_norm", ((2, 2, 2), (2,), (2,), part, (2,)), {}) for part in (None, (2,))),
        *(("layer_norm", ((2, 2, 3), over, over, over), {}) for over in ((3,), (2, 3), (2, 2, 3))),
        *(("rms_norm", ((2, 2, 3), over, over), {}) for over in ((3,), (2, 3))),
        ("layer_norm", ((2, 3), (3,), None, (3,)), {}),
        *(("group_norm", ((2, 4, 2), groups, (4,), (4,)), {}) for groups in (1, 2, 4)),
        ("group_norm", ((2, 4, 2), 2, None, (4,)), {}),
        *(("normalize", ((2, 2, 3),), {"dim": dim}) for dim in (0, 1, -1, (0, 2), None, ())),
    ]  # fmt: skip
    for case in cases:
        check_function_cells(FunctionCase(*case))
