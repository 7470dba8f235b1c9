"""Convolutions at every small number that an argument may have, with symbols for all of them, and each refusal by its rule."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch_side
from drawing.calls import Case
from every_point import check_calls, check_symbols, points, products_of_weight
from torch_tables import check_cells

import cnncalc as cc
from cnncalc.axis import Everything, Groups
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

MODES = ("zeros", "reflect", "replicate", "circular")
COPYING = MODES[1:]
ONE = {"in_channels": (1,), "out_channels": (1,)}


def test_every_small_window_is_torchs():
    given = points(**ONE, kernel_size=range(-1, 4), stride=range(-1, 3), padding=(*range(-1, 3), "same"), dilation=range(-1, 3))
    check_calls("Conv1d", given, [(1, 1, n) for n in range(5)], products_of_weight)


def test_every_small_padding_by_copies_is_torchs():
    given = points(
        **ONE,
        kernel_size=range(1, 4),
        stride=(1, 2),
        padding=(*range(-1, 4), "same", "valid"),
        dilation=range(3),
        padding_mode=COPYING,
    )
    check_calls("Conv1d", given, [(1, 1, n) for n in range(5)], products_of_weight)


def test_every_small_number_of_channels_is_torchs():
    given = points(in_channels=range(-1, 5), out_channels=range(-1, 5), kernel_size=(1,), groups=range(-1, 4), bias=(True, False))
    check_calls("Conv1d", given, [(2, n, 3) for n in range(5)], products_of_weight)


def test_empty_batches_and_channels_are_torchs():
    shapes = [(*lead, n) for lead in ((0, 1), (0, 0), (1, 0), (0,), (1,), (2, 1)) for n in range(4)]
    given = points(
        in_channels=(0, 1), out_channels=(0, 2), kernel_size=(1, 2), dilation=(0, 1), padding=(0, 1), padding_mode=MODES
    )
    check_calls("Conv1d", given, shapes, products_of_weight)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_tuples_and_inputs_of_every_length_are_torchs(axes):
    tuples = [(1,) * length for length in range(5)]
    base = {"in_channels": 2, "out_channels": 2, "kernel_size": 1}
    for name in ("kernel_size", "stride", "padding", "dilation"):
        given = points(**{key: (value,) for key, value in base.items()} | {name: tuples, "padding_mode": MODES})
        check_calls(f"Conv{axes}d", given, [(1, *(2,) * (axes + 1))])
    shapes = [(2,) * rank for rank in range(7)]
    check_calls(f"Conv{axes}d", [base, {**base, "padding": "same"}], shapes, products_of_weight)
    for given in ((1, 2, 3)[:axes], (3, 2, 1)[:axes]):
        unequal = {"kernel_size": given, "stride": given[::-1], "padding": given, "dilation": given[::-1]}
        check_calls(f"Conv{axes}d", [{**base, **unequal}], [(1, 2, 9, 8, 7)[: axes + 2]], products_of_weight)


def test_dilation_of_one_value_for_padding_by_copies():
    """Torch pads by the dilation as it was given: a tuple of one pads one axis."""
    for mode in MODES:
        given = points(
            in_channels=(1,), out_channels=(1,), kernel_size=((3, 2), 3, 2), padding=("same",), dilation=((2,), 2, (2, 1), (1, 2))
        )
        check_calls("Conv2d", ({**one, "padding_mode": mode} for one in given), [(1, 1, 6, 7), (1, 6, 7)], products_of_weight)


def test_one_value_for_padding_by_copies_is_refused():
    """Torch hands it on as it is, and pads one axis."""
    for mode in COPYING:
        with pytest.raises(cc.ShapeError, match=r"^Conv2d: padding must have 2 values; got padding=\(1,\)"):
            cc.Conv2d(1, 1, 1, padding=(1,), padding_mode=mode).output_shape((1, 1, 3, 3))


@pytest.mark.parametrize("kernel_size", [True, False, (True, 2), [2, False], np.int64(2), (np.int64(1), 2)])
def test_truth_values_are_numbers_in_a_kernel(kernel_size):
    check_calls("Conv2d", [{"in_channels": 1, "out_channels": 1, "kernel_size": kernel_size}], [(1, 1, 4, 4)], products_of_weight)


@pytest.mark.parametrize("mode", MODES)
def test_symbols_in_every_place_are_torchs(mode):
    """Conditions hold at those numbers that torch takes, of all that were drawn."""
    channels, filters, k, s, e, g, samples, given, height = map(cc.symbol, "CFksegNcH")
    words = {"stride": (s, 2), "padding": (cc.symbol("p", 0), 1), "dilation": (cc.symbol("d", 0), e), "groups": g}
    case = Case("Conv2d", (channels, filters, (k, 2)), {**words, "padding_mode": mode}, (samples, given, height, 6))
    random = Random(7)  # noqa: S311 - points, not secrets
    names = {"C": (2, 4), "F": (2, 3, 4), "k": (1, 2, 3), "s": (1, 2), "p": (0, 1, 2), "d": (0, 1, 2), "e": (1, 2, 5, 7, 8)}
    names |= {"g": (1, 2), "N": (1, 2), "c": (2, 2, 4), "H": (1, 2, 3, 4)}
    drawn = [{name: random.choice(values) for name, values in names.items()} for _ in range(300)]
    drawn = [{**point, "c": point["C"] if random.random() < 0.9 else point["c"]} for point in drawn]
    check_symbols(case, drawn, products_of_weight, fine=20)


@pytest.mark.parametrize("mode", MODES)
def test_symbols_keep_the_length_with_padding_same(mode):
    k, d, n = map(cc.symbol, "kdn")
    case = Case("Conv1d", (1, 1, k), {"padding": "same", "dilation": d, "padding_mode": mode}, (1, 1, n))
    check_symbols(case, points(k=range(1, 5), d=range(1, 4), n=range(1, 7)), products_of_weight, fine=20)


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation", "groups"])
def test_a_symbol_that_may_be_0_asks_for_what_torch_asks(name):
    arguments = {"in_channels": 2, "out_channels": 2, "kernel_size": 1, name: cc.symbol("a", 0)}
    for samples in (1, 0) if name != "kernel_size" else (1,):
        case = Case("Conv1d", (), arguments, (samples, 2, 3))
        check_symbols(case, [{"a": value} for value in range(4)], products_of_weight)


@pytest.mark.parametrize("shape", [(1, 4, 4), (2, 4, 3), (4, 4)])
@pytest.mark.parametrize(
    "words", [{}, {"groups": 2}, {"groups": 4, "padding": 1}, {"padding": "same", "padding_mode": "circular"}]
)
def test_every_cell_reads_what_has_a_gradient(shape, words):
    check_cells(Case("Conv1d", (4, 4, 2), words, shape))


def test_channels_are_dense_or_in_groups():
    for groups, kind in ((1, Everything), (2, Groups), ("g", Groups)):
        (maps,) = cc.Conv1d(4, 4, 1, groups=groups).axes((2, 4, 3))
        assert isinstance(maps.maps[1], kind)


REFUSED_WHEN_MADE = (
    ("in_channels must not be negative", (-1, 1, 1), {}),
    ("out_channels must not be negative", (1, -1, 1), {}),
    ("groups must be a positive whole number", (2, 2, 1), {"groups": 0}),
    ("groups must be a positive whole number", (2, 2, 1), {"groups": -2}),
    ("in_channels must be divisible by groups", (3, 2, 1), {"groups": 2}),
    ("out_channels must be divisible by groups", (2, 3, 1), {"groups": 2}),
    ('padding as text must be "same" or "valid"', (1, 1, 1), {"padding": "k"}),
    ('padding="same" needs stride 1', (1, 1, 1), {"padding": "same", "stride": 2}),
    ("padding_mode must be zeros, reflect, replicate or circular", (1, 1, 1), {"padding_mode": "ones"}),
    ("kernel_size must not be negative", (1, 1, -1), {}),
)
REFUSED_WHEN_CALLED = (
    ("kernel_size must have 1 values", (1, 1, (1, 1)), {}, (1, 1, 3)),
    ("stride must have one value, or one for each of 1 axes", (1, 1, 1), {"stride": (1, 1)}, (1, 1, 3)),
    ("dilation must have one value, or one for each of 1 axes", (1, 1, 1), {"dilation": (1, 1)}, (1, 1, 3)),
    ("padding must have one value, or one for each of 1 axes", (1, 1, 1), {"padding": (1, 1)}, (1, 1, 3)),
    ("kernel_size must be at least 1", (1, 1, 0), {}, (1, 1, 3)),
    ("stride must be at least 1", (1, 1, 1), {"stride": 0}, (1, 1, 3)),
    ("dilation must be at least 0", (1, 1, 1), {"dilation": -1}, (0, 1, 3)),
    ("dilation must be at least 1", (1, 1, 1), {"dilation": 0}, (1, 1, 3)),
    ("padding must not be negative", (1, 1, 1), {"padding": -1}, (1, 1, 3)),
    ("the input's channels must equal in_channels", (2, 1, 1), {}, (1, 1, 3)),
    ("out_channels must be at least 1", (1, 0, 1), {}, (1, 1, 3)),
    ("padding by copies needs at least one channel", (0, 1, 1), {"padding_mode": "reflect"}, (1, 0, 3)),
    ("an axis may be empty only where the batch or the channels are", (1, 1, 1), {"padding": 1}, (1, 1, 0)),
    ("the kernel must not be larger than the padded input", (1, 1, 4), {}, (1, 1, 3)),
    ("reflect padding must be less than the input", (1, 1, 1), {"padding": 3, "padding_mode": "reflect"}, (1, 1, 3)),
    ("circular padding must not be more than the input", (1, 1, 1), {"padding": 4, "padding_mode": "circular"}, (1, 1, 3)),
    ("padding by copies needs an axis that is not empty", (1, 1, 1), {"padding": 1, "padding_mode": "replicate"}, (0, 1, 0)),
    ("the padded input must not be empty", (1, 1, 1), {"padding": -2, "padding_mode": "replicate"}, (1, 1, 3)),
    (r"the input must be \(N, C, W\) or the same without N", (1, 1, 1), {}, (3,)),
)


@pytest.mark.parametrize(("rule", "args", "words"), REFUSED_WHEN_MADE)
def test_what_torch_refuses_to_make_is_refused_by_its_rule(rule, args, words):
    for name, given in (("Conv1d", args), ("LazyConv1d", args[1:])):
        if name == "LazyConv1d" and "channels" in rule:
            continue
        assert torch_side.run(Case(name, given, words, (1, 1, 3))).stage == torch_side.CONSTRUCTION
        with pytest.raises(cc.ArgumentError, match=rf"^{name}: {rule}"):
            named(name)(*given, **words)


@pytest.mark.parametrize(("rule", "args", "words", "shape"), REFUSED_WHEN_CALLED)
def test_what_torch_refuses_to_run_is_refused_by_its_rule(rule, args, words, shape):
    for name, given in (("Conv1d", args), ("LazyConv1d", args[1:])):
        if name == "LazyConv1d" and "in_channels" in rule:
            continue
        assert torch_side.run(Case(name, given, words, shape)).stage == torch_side.CALL
        layer = named(name)(*given, **words)
        with pytest.raises(cc.ShapeError, match=rf"^{name}: {rule}"):
            layer.output_shape(shape)


def test_the_working_groups_are_named():
    """Of 12 channels, by the definition of a divisor; of many, the first twelve."""
    with pytest.raises(cc.ArgumentError, match=r"choose groups among 1, 2, 3, 4, 6, 12$"):
        cc.Conv2d(12, 5, 1, groups=5)
    divisors = [g for g in range(1, 361) if 360 % g == 0]
    with pytest.raises(cc.ArgumentError, match=rf"choose groups among {', '.join(map(str, divisors[:12]))}$"):
        cc.Conv2d(360, 7, 1, groups=7)


def test_a_layer_answers_for_each_input_anew():
    layer, theirs = cc.Conv1d(1, 2, 3), torch.nn.Conv1d(1, 2, 3)
    shapes = [(1, 1, 5), (2, 1, 5), (1, 1, 7)]
    for shape in (shapes[0], shapes[0], shapes[1], shapes[2], shapes[0]):
        assert layer.output_shape(shape) == tuple(theirs(torch.zeros(shape)).shape)
    for _ in range(2):
        with recording() as recorder:
            layer.output_shape((1, 1, "n"))
        assert [str(requirement.condition) for requirement in recorder.requirements] == ["n ≥ 3"]


@pytest.mark.parametrize(
    "words",
    [
        {"kernel_size": "k", "stride": "s", "padding": cc.symbol("p", 0), "dilation": "d"},
        {"kernel_size": 3, "padding": cc.symbol("p", 0) - 1},
        {"kernel_size": 3, "padding": cc.symbol("p", 0) - 1, "padding_mode": "reflect"},
        {"kernel_size": cc.symbol("k", 0)},
        {name: cc.symbol(name[0], 0) for name in ("kernel_size", "stride", "padding", "dilation")},
        {"kernel_size": 1, "stride": cc.symbol("s", 0)},
        {"kernel_size": 1, "dilation": cc.symbol("d", 0) - 1},
    ],
)
def test_a_layer_with_symbols_asks_for_the_same_each_time(words):
    layer, asked = cc.Conv1d(1, 1, **words), []
    for _ in range(3):
        with recording() as recorder:
            layer.output_shape((1, 1, 9))
        asked.append([str(requirement.condition) for requirement in recorder.requirements])
    assert asked[0] == asked[1] == asked[2] != []


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_lazy_convolution_takes_the_channels_of_its_input(axes):
    given = points(out_channels=(0, 2), kernel_size=(1,), groups=(1, 2, 3))
    check_calls(f"LazyConv{axes}d", given, [(3,) * rank for rank in range(7)], products_of_weight)
    check_calls(f"LazyConv{axes}d", [{"out_channels": 2, "kernel_size": 1}], [(5, 4, 3, 3, 3)[: axes + 2], (4, 3, 3)[:axes]])
    with pytest.raises(cc.ArgumentError, match=f"^LazyConv{axes}d: out_channels must be a whole number"):
        named(f"LazyConv{axes}d")(None, 1)
