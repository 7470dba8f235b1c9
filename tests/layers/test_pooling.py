"""Pools with sliding windows, as layers and as functions: every small window on every short axis, and odd arguments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import Case, FunctionCase, is_wrong_type

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

from torch_side import FINE, run  # noqa: E402 - where torch is missing, this can't be imported
from torch_tables import check_cells, check_functions, check_layers, check_symbols, put_in  # noqa: E402

MAX, AVG, LP = ([f"{kind}Pool{axes}d" for axes in (1, 2, 3)] for kind in ("Max", "Avg", "LP"))
ODD = (True, False, None, 2.0, "3", (), (1,), [1], (1, 1), (2, 1, 1), (1,) * 4, np.int64(2), -1, 0, b"2", {})
ENDLESS = float("inf")


def windows(name):
    """Small windows: kernel, stride, and what else the class takes, by name."""
    for kernel, stride, ceil in product((1, 2, 3), (None, 1, 2, 3), (False, True)):
        plain = {"kernel_size": kernel, "stride": stride, "ceil_mode": ceil}
        if name in LP:
            yield from ({"norm_type": power} | plain for power in (2, ENDLESS))
        elif name in AVG:
            yield from (plain | {"padding": padding} for padding in (0, 1))
        else:
            yield from (plain | {"padding": p, "dilation": d} for p, d in product((0, 1), (1, 2)))


@pytest.mark.parametrize("name", [*MAX, *AVG, *LP])
def test_windows_on_axes_of_every_length(name):
    """The same window on each axis, one axis of every length and the others long enough."""
    axes = int(name[-2])
    shapes = [(1, 2, *(5,) * (axes - 1), n) for n in range(1, 8)] + [(1, 2, 1, *(5,) * (axes - 1)), (2, *(2,) * axes)]
    cases = [Case(name, (), window, shape) for window, shape in product(windows(name), shapes)]
    check_layers(cases)
    check_symbols(cases[:: 5 if axes == 1 else 17])


@pytest.mark.parametrize("name", [*MAX, *AVG, *LP])
def test_inputs_that_are_empty_or_of_another_number_of_axes(name):
    axes = int(name[-2])
    shapes = [(2,) * rank for rank in range(axes + 4)]
    shapes += [tuple(0 if place == axis else 3 for place in range(axes + more)) for more in (1, 2) for axis in range(axes + more)]
    first = (2,) if name in LP else ()
    check_layers(Case(name, (*first, 2), {}, shape) for shape in shapes)


@pytest.mark.parametrize("name", [*MAX, *AVG, *LP])
def test_arguments_of_every_kind(name):
    axes = int(name[-2])
    shape = (1, 2, *(5,) * axes)
    names = {"kernel_size": 2, "stride": 1, "ceil_mode": False}
    names |= {"norm_type": 2.0} if name in LP else {"padding": 0}
    names |= {"dilation": 1, "return_indices": False} if name in MAX else {}
    names |= {"count_include_pad": True} if name in AVG else {}
    names |= {"divisor_override": 2} if name in AVG[1:] else {}
    values = (*ODD, (2,) * axes, [2] * axes, (2, 1, 3)[:axes], (1,) * (axes + 1), 1, 2, 3)
    cases = [
        Case(name, (), names | {key: value}, shape, wrong_type=is_wrong_type(key, value)) for key, value in product(names, values)
    ]
    cases += [Case(name, (), {key: value for key, value in names.items() if key != gone}, shape) for gone in names]
    pairs = product((1, 2, 3, 4, 5), (-1, 0, 1, 2, 3))
    cases += [Case(name, (), names | {"kernel_size": k, "padding": p}, shape) for k, p in pairs if name not in LP]
    if name in LP:
        sizes = (2, (2,), (2,) * axes, [2] * axes, (2,) * (axes + 1), ())
        powers = (0, 0.0, 1, -1, 2.5, ENDLESS, -ENDLESS, "2", None, True, np.float32(2), (2,))
        cases += [Case(name, (power, size), {}, shape, wrong_type=is_no_number(power)) for power, size in product(powers, sizes)]
        cases += [Case(name, (2, 2, stride), {}, shape) for stride in ((), (1,), (1,) * axes, None)]
    check_layers(cases)


def is_no_number(power):
    """Whether it is of another type than torch documents."""
    return not isinstance(power, (int, float, np.number))


@pytest.mark.parametrize("name", ["AvgPool3d", "LPPool3d"])
def test_a_window_in_three_dimensions_fits_into_the_input_itself(name):
    """Torch's kernel for three dimensions asks more than the others."""
    for n, kernel, padding, ceil in product((1, 2, 3), (1, 2, 3), (0, 1), (False, True)):
        for axis in (0, 2):
            shape = (1, 1, *(n if place == axis else 4 for place in range(3)))
            if name == "AvgPool3d":
                cases = [Case(name, (kernel, 1, padding, ceil), {}, shape)]
            else:
                cases = [Case(name, (power, kernel, 1, ceil), {}, shape) for power in (2, ENDLESS)]
            check_layers(cases)
            check_symbols(cases)


@pytest.mark.parametrize("name", [*MAX, *AVG, *LP])
def test_arguments_that_are_symbols(name):
    """Kernel, stride, padding and dilation in symbols: the conditions hold where torch accepts."""
    axes = int(name[-2])
    first = {"norm_type": 2} if name in LP else {}
    layer = getattr(cc, name)
    more = {} if name in LP else {"padding": "p"}
    more |= {"dilation": "d"} if name in MAX else {}
    report = cc.analyze(layer(**first, kernel_size="k", stride="s", **more), (1, 1, *(6,) * axes))
    for values in product((1, 2, 3, 4, 7), (1, 3), (1, 2) if "padding" in more else (0,), (1, 2) if "dilation" in more else (1,)):
        given = dict(zip("kspd", values, strict=True))
        numbers = {key: given[value] for key, value in ({"kernel_size": "k", "stride": "s"} | more).items()}
        outcome = run(Case(name, (), first | numbers, (1, 1, *(6,) * axes)))
        held = all(requirement.condition.holds(given) for requirement in report.conditions)
        assert held == (outcome.stage == FINE), (given, report.conditions)
        assert not held or put_in(report.output_shape, given) == outcome.shape


@pytest.mark.parametrize("name", [*MAX, *AVG, *LP])
def test_cells_are_those_of_torchs_gradients(name):
    axes = int(name[-2])
    first = (2,) if name in LP else ()
    shape = (2, *((5,), (3, 4), (2, 3, 2))[axes - 1])
    check_cells(Case(name, (*first, 2, 1), {}, shape))
    check_cells(Case(name, (*first, 2), {}, (1, *shape)))
    if name in MAX:
        check_cells(Case(name, (), {"kernel_size": 2, "stride": 1, "padding": 1, "return_indices": True}, shape))
        check_cells(Case(name, (), {"kernel_size": (2, 1, 1)[:axes], "dilation": (2, 1, 1)[:axes]}, (1, 1, *(3, 2, 2)[:axes])))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_functions_are_called_as_torchs(axes):
    shape = (1, 2, *(5,) * axes)
    cases = [
        FunctionCase(f"max_pool{axes}d", (shape, 2, stride, p, d, ceil), {})
        for stride, p, d, ceil in product((None, 1, 2), (0, 1), (1, 2), (False, True))
    ]
    cases += [FunctionCase(f"max_pool{axes}d", (shape, 2), {"return_indices": both}) for both in (False, True)]
    cases += [
        FunctionCase(f"avg_pool{axes}d", (shape, 3, stride, p, ceil, count), {})
        for stride, p, ceil, count in product((None, 1, 2), (0, 1), (False, True), (False, True))
    ]
    cases += [
        FunctionCase(f"lp_pool{axes}d", (shape, power, 3, stride, ceil), {})
        for power, stride, ceil in product((2.0, ENDLESS), (None, 1, 2), (False, True))
    ]
    if axes > 1:
        cases += [FunctionCase(f"avg_pool{axes}d", (shape, 2), {"divisor_override": by}) for by in (None, 0, 1, -1, 2.0)]
    cases += [
        FunctionCase(f"adaptive_avg_pool{axes}d", (shape, size), {}) for size in (1, 3, (2,) * axes, (2,) * (axes + 1), 0, -1)
    ]
    cases += [
        FunctionCase(f"adaptive_max_pool{axes}d", (shape, size), {"return_indices": both})
        for size, both in product((1, 3, (2,) * axes), (False, True))
    ]
    cases += [
        FunctionCase(f"max_unpool{axes}d", (shape, shape, k, s, p), {"output_size": size})
        for k, s, p, size in product((2, 3), (None, 1, 2), (0, 1), (None, [10] * axes, [11] * axes))
    ]
    check_functions(cases)


@pytest.mark.parametrize("axes", [2, 3])
def test_fractional_pools_take_a_share(axes):
    name = f"fractional_max_pool{axes}d"
    shapes = [(1, 2, *(5,) * axes), (2, *(4,) * axes), (1, 2, *(5, 6, 7)[:axes])]
    ratios = (
        0.5,
        0.3,
        1,
        0.99,
        2,
        0,
        (0.5,) * axes,
        [0.6] * axes,
        (0.5,),
        None,
        "0.5",
        (0.3, 0.6, 0.9)[:axes],
        True,
    )
    cases = [FunctionCase(name, (shape, 2), {"output_ratio": ratio}) for shape, ratio in product(shapes, ratios)]
    cases += [
        FunctionCase(name, (shape, 2), {"output_size": size})
        for shape in shapes
        for size in (2, (2,) * axes, (3, 2, 2)[:axes], None)
    ]
    cases += [
        FunctionCase(name, (shapes[0], 2, 3), {"output_ratio": ratio, "return_indices": both})
        for ratio, both in product((0.5, None), (False, True))
    ]
    cases += [FunctionCase(name, (shape, 2), {"output_ratio": 0.5}) for shape in ((), (2,), (2, 2), (4, 4, 4))]
    check_functions(cases)
    for ratio, image in ((0.5, shapes[0]) if axes == 2 else ((0.5, 0.5), shapes[0]), ("x", shapes[0]), (None, shapes[0])):
        with pytest.raises(
            cc.ArgumentError, match=f"^{name}: the function takes an output_ratio of {axes} numbers; got output_ratio="
        ):
            named(name).output_shape(image, 2, output_ratio=ratio)
    for image in ((1, 2, *(5,) * (axes - 1), "W"), (2, "H", *(5,) * (axes - 1))):
        with pytest.raises(cc.UnsupportedError, match=f"^{name}: a share of a symbol is rounded"):
            named(name).output_shape(image, 2, output_ratio=(0.5,) * axes)
    assert named(name).output_shape(("N", 2, *(5,) * axes), 2, output_ratio=(0.5,) * axes)[1:] == (2, *(2,) * axes)


@pytest.mark.parametrize(
    ("layer", "shape", "rule"),
    [
        (cc.MaxPool1d(2), (2,), r"the input must be \(N, C, W\) or the same without N"),
        (cc.MaxPool2d(2), (2, 2), r"the input must be \(N, C, H, W\) or the same without N"),
        (cc.MaxPool3d(2), (2, 2), r"the input must be \(N, C, D, H, W\) or the same without N"),
        (cc.MaxPool3d(2), (2,), r"the input must be \(N, C, D, H, W\) or the same without N"),
        (cc.MaxPool2d(2), (), r"the input must be \(N, C, H, W\) or the same without N"),
        (cc.MaxPool2d(2), (1, 0, 4, 4), "only the batch may be empty"),
        (cc.MaxPool2d(5), (1, 1, 4, 4), "the window must not be larger than the padded input; got an output length of 0"),
        (cc.MaxPool2d(0), (1, 1, 4, 4), r"kernel_size must be at least 1; got kernel_size=\(0, 0\)"),
        (cc.MaxPool2d(2, 0), (1, 1, 4, 4), r"stride must be at least 1; got stride=\(0, 0\)"),
        (cc.MaxPool2d(2, dilation=0), (1, 1, 4, 4), r"dilation must be at least 1; got dilation=\(0, 0\)"),
        (cc.MaxPool2d(2, padding=-1), (1, 1, 4, 4), r"padding must not be negative; got padding=\(-1, -1\)"),
        (cc.MaxPool2d(2, padding=2), (1, 1, 4, 4), "padding must be at most half of kernel_size"),
        (cc.MaxPool2d((2, 2, 2)), (1, 1, 4, 4), "kernel_size must have one value, or one for each of 2 axes"),
        (cc.AvgPool2d(2, divisor_override=0), (1, 1, 4, 4), "divisor_override must not be 0"),
        (cc.AvgPool3d(3, padding=1), (1, 1, 2, 4, 4), "the window of a 3-D average must not be larger than the input"),
        (cc.LPPool2d(0, 2), (1, 1, 4, 4), "norm_type must not be 0"),
        (cc.LPPool1d(2, (2,)), (1, 1, 4), "kernel_size must be one whole number; got"),
        (cc.LPPool2d(2, (2,)), (1, 1, 4, 4), "kernel_size must be one whole number or 2; got"),
        (cc.LPPool3d(2, 3, ceil_mode=True), (1, 1, 2, 4, 4), "the window must not be larger than the input"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(layer, shape, rule):
    with pytest.raises(cc.ShapeError, match=f"^{type(layer).__name__}: {rule}"):
        layer.output_shape(shape)
