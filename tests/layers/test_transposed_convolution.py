"""Transposed convolutions against torch: every small argument beside every other, output sizes, groups, symbols."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch_side
from drawing.calls import Case

torch = pytest.importorskip("torch")

from known_differences import differs_on_purpose  # noqa: E402 - they need torch
from test_every_layer import check_answer  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.layers import named  # noqa: E402
from cnncalc.sizes import recording, substitute  # noqa: E402


def check(case):
    """Torch's answer, where we do not differ on purpose, and its tensors."""
    theirs = torch_side.run(case)
    if not differs_on_purpose(case, theirs.shape):
        check_answer(case, theirs)
    if theirs.module is not None and not case.wrong_type:
        ours = named(case.name)(*case.args, **case.kwargs)
        assert ours.parameters() == {key: tuple(p.shape) for key, p in theirs.module.named_parameters()}
        assert (ours.bias is None) == (theirs.module.bias is None)
    if theirs.stage == torch_side.FINE and not case.wrong_type:
        assert ours.macs(*case.inputs, **case.call) == counted(case)


def counted(case):
    """Each input value meets each weight of its channel."""
    module = torch_side.make(case)
    return prod(case.shape) * prod(module.weight.shape[1:])


def test_every_small_window():
    for k, s, p, d in product((1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2)):
        for o, n in product((0, 1, 2), (1, 2)):
            check(Case("ConvTranspose1d", (2, 3, k, s, p, o, 1, True, d), {}, (1, 2, n)))


@pytest.mark.parametrize(
    "argument", ["kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "in_channels", "out_channels"]
)
def test_each_argument_from_below_its_least(argument):
    values = (-1, 0, 1, 2, 3, (), (1,), (2,), (1, 1), (0, 2), (1, 2, 1), [1, 1], None, 1.5, "same")
    least = {"in_channels": 2, "out_channels": 2, "kernel_size": 2}
    shapes = (
        (1, 2, 3, 3), (2, 3, 3), (2, 0, 3), (2, 3, 0), (0, 2, 3, 3), (1, 2, 0, 3), (1, 0, 3, 3), (0, 2, 0, 3), (0, 2, 1, 1),
        (2, 3), (1, 1, 2, 3, 3), (0, 0, 3, 3),
    )  # fmt: skip
    for value, shape in product(values, shapes):
        wrong = any(type(part) is not int for part in (value if isinstance(value, (tuple, list)) else (value,)))
        check(Case("ConvTranspose2d", (), least | {argument: value}, shape, wrong_type=wrong))


def test_each_argument_where_no_sample_is_given():
    for k, s, p, o, d in product((0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 2), (0, 1, 2)):
        check(Case("ConvTranspose1d", (1, 1, k, s, p, o, 1, True, d), {}, (0, 1, 2)))


def test_channels_in_groups():
    for before, after, groups in product((0, 1, 2, 4), (0, 1, 2, 4), (0, 1, 2, 4, -1)):
        for shape, bias in product(((1, before, 3), (1, 2, 3), (before, 3), (0, before, 3)), (True, False)):
            case = Case("ConvTranspose1d", (before, after, 2), {"groups": groups, "bias": bias}, shape)
            check(case)


def test_what_is_refused_at_construction():
    for mode in ("zeros", "reflect", "circular", "replicate", "x", None, 0):
        check(Case("ConvTranspose2d", (2, 2, 2), {"padding_mode": mode}, (1, 2, 3, 3), wrong_type=not isinstance(mode, str)))
    for text in ("same", "valid", "p"):
        with pytest.raises(cc.ArgumentError, match="the padding of a transposed convolution is given as numbers"):
            cc.ConvTranspose2d(1, 1, 2, padding=text)
    with pytest.raises(cc.ArgumentError, match="a transposed convolution pads with zeros alone"):
        cc.ConvTranspose1d(1, 1, 2, padding_mode="reflect")


def test_output_sizes():
    """Of the spatial axes, or of all; from one short of the least to one beyond the most."""
    for k, s, p, d, n in product((1, 3), (1, 2, 3), (0, 1), (1, 2), (1, 3)):
        least = (n - 1) * s - 2 * p + d * (k - 1) + 1
        for wanted in range(least - 1, least + s + 2):
            for size in ([wanted], (wanted,)):
                check(Case("ConvTranspose1d", (2, 2, k, s, p), {"dilation": d}, (1, 2, n), call={"output_size": size}))
    for size in ((6,), (6, 6), (6, 7), (8, 6), (2, 6, 6), (1, 2, 6, 6), (9, 9, 6, 6), (1, 1, 2, 6, 6), (), [6, 6]):
        for shape in ((1, 2, 3, 3), (2, 3, 3), (0, 2, 3, 3)):
            check(Case("ConvTranspose2d", (2, 2, 2, 2), {}, shape, call={"output_size": size}))
    for name, value in product(("stride", "padding", "dilation", "output_padding", "kernel_size"), ((1,), (1, 1), (1, 1, 1))):
        kwargs = {"in_channels": 2, "out_channels": 2, "kernel_size": 2, name: value}
        for size in ((4, 4), (5, 5)):
            check(Case("ConvTranspose2d", (), kwargs, (1, 2, 3, 3), call={"output_size": size}))
    for size in (6, "x", 6.0, {6: 6}):
        with pytest.raises(cc.ShapeError, match="output_size must have 2 or 4 values"):
            cc.ConvTranspose2d(2, 2, 2, 2).output_shape((1, 2, 3, 3), size)
    layer = cc.ConvTranspose1d(1, 1, 3, 2)
    for size, word in ((6, "small"), (9, "large")):
        with pytest.raises(cc.ShapeError, match=f"output_size is too {word}; got {size} on an axis that takes 7 to 8"):
            layer.output_shape((1, 1, 3), (size,))


@pytest.mark.parametrize("groups", [1, 2])
def test_every_cell(groups):
    """Each output cell reads the cells that torch's gradient names, in the channels of its group."""
    for k, s, p, o, d in product((1, 2, 3), (1, 2, 3), (0, 1), (0, 1), (1, 2)):
        n, module = 3, torch.nn.ConvTranspose1d(2, 4, k, s, p, 0, groups, bias=False, dilation=d)
        layer = cc.ConvTranspose1d(2, 4, k, s, p, 0, groups, bias=False, dilation=d)
        call = {"output_size": [(n - 1) * s - 2 * p + d * (k - 1) + 1 + o]} if o and o < s else {}
        torch.nn.init.ones_(module.weight)
        for shape in ((1, 2, n), (2, n)):
            if (n - 1) * s - 2 * p + d * (k - 1) + 1 < 1:
                continue
            x = torch.ones(shape, requires_grad=True)
            output = module(x, **call)
            (maps,) = layer.axes(shape, **call)
            for cell in product(*map(range, output.shape)):
                (gradient,) = torch.autograd.grad(output[cell], x, retain_graph=True, allow_unused=True)
                found = {place for term in maps.reads(tuple(1 << i for i in cell), shape) for place in cells(term)}
                assert found == {tuple(place) for place in gradient.nonzero().tolist()}


def cells(term):
    """The cells of a term."""
    return product(*([place for place in range(bits.bit_length()) if bits >> place & 1] for bits in term))


@pytest.mark.parametrize("letters", ["n", "nk", "ns", "np", "no", "nd", "so", "kp", "c", "sd"])
def test_symbols_for_some_of_them(letters):
    """Where torch takes the numbers, the conditions hold and its lengths come out; where it does not, one is broken."""
    usual = {"n": 3, "k": 2, "s": 2, "p": 1, "o": 0, "d": 1, "c": 2}

    def given(values):
        v = usual | values
        return ((2, 3, v["k"], v["s"], v["p"], v["o"], 1, True, v["d"]), (1, v["c"], v["n"]))

    args, shape = given({name: cc.symbol(name, 0 if name in "po" else 1) for name in letters})
    with recording() as recorder:
        found = cc.ConvTranspose1d(*args).output_shape(shape)
    for numbers in product((0, 1, 2, 3), repeat=len(letters)):
        values = dict(zip(letters, numbers, strict=True))
        if any(not n and name not in "po" for name, n in values.items()):
            continue
        args, shape = given(values)
        theirs = torch_side.run(Case("ConvTranspose1d", args, {}, shape))
        held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
        assert held == (theirs.stage == torch_side.FINE), values
        if held:
            assert tuple(n if isinstance(n, int) else substitute(n, values) for n in found) == theirs.shape


def test_three_symbols_where_the_larger_of_two_is_not_known():
    s, o, d = map(cc.symbol, "sod")
    for stride, more, dilation in ((s, o, d), (2, o, d), (s, 1, d), (s, o, 2)):
        with pytest.raises(cc.UnsupportedError, match="whether output_padding is smaller than stride or dilation depends on"):
            cc.ConvTranspose1d(1, 1, 2, stride, 0, more, dilation=dilation).output_shape((1, 1, 3))
    assert cc.ConvTranspose1d(1, 1, 2, cc.symbol("s"), 0, 0, dilation=cc.symbol("d")).output_shape((1, 1, 3))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_lazy_ones(axes):
    for groups, bias, channels in product((1, 2, 3), (True, False), (2, 3, 4)):
        for shape in ((1, channels, *(3,) * axes), (channels, *(3,) * axes)):
            case = Case(f"LazyConvTranspose{axes}d", (4, 2), {"groups": groups, "bias": bias}, shape)
            theirs = torch_side.run(case)
            check_answer(case, theirs)
            if theirs.stage == torch_side.FINE:
                layer = named(case.name)(*case.args, **case.kwargs).materialized(shape)
                assert layer.parameters() == {key: tuple(p.shape) for key, p in theirs.module.named_parameters()}
    for kwargs in (
        {"padding_mode": "reflect"},
        {"padding": "same"},
        {"kernel_size": "x y"},
        {"out_channels": None},
        {"stride": 1.5},
        {"groups": None},
    ):
        case = Case(
            f"LazyConvTranspose{axes}d", (), {"out_channels": 2, "kernel_size": 2} | kwargs, (1, 2, *(3,) * axes), wrong_type=True
        )
        check_answer(case, torch_side.run(case))
        with pytest.raises(cc.ArgumentError, match=f"^LazyConvTranspose{axes}d"):
            named(case.name)(**case.kwargs)
