"""Layers and functions that work along one axis: the softmax family, gated halves, linear layers, resampling by old names."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import Case, FunctionCase, is_wrong_type

import cnncalc as cc
from cnncalc.layers import named

torch = pytest.importorskip("torch")

from torch_side import quiet  # noqa: E402 - where torch is missing, this can't be imported
from torch_tables import (  # noqa: E402
    check_cells,
    check_function_cells,
    check_functions,
    check_layers,
    check_owned,
    check_symbols,
)

SOFTMAX = ("Softmax", "LogSoftmax", "Softmin")
SHAPES = ((), (0,), (1,), (2,), (3,), (2, 0), (2, 3), (3, 2), (4, 3, 2), (2, 3, 4), (1, 2, 3, 4), (2, 2, 1, 2, 2), (1,) * 6)
ODD = (True, False, 1.0, "0", "n", (0,), b"1")


@pytest.mark.parametrize("name", [*SOFTMAX, "GLU"])
def test_an_axis_is_taken_as_torch_takes_it(name):
    dims = (*range(-6, 7), *([None] if name != "GLU" else []))
    cases = [Case(name, (dim,), {}, (shape,)) for dim, shape in product(dims, SHAPES)]
    cases += [Case(name, (), {}, (shape,)) for shape in SHAPES]
    check_layers(cases)
    check_layers(Case(name, (odd,), {}, ((2, 2),), wrong_type=is_wrong_type("dim", odd)) for odd in ODD if odd != "n")
    check_symbols(cases[::3])


def test_an_axis_is_no_symbol():
    for name in (*SOFTMAX, "GLU"):
        with pytest.raises(cc.CnncalcError, match=f"^{name}: dim counts axes and can't be a symbol; got dim=n"):
            named(name)("n")


def test_the_channels_of_an_image_are_taken_as_torch_takes_them():
    check_layers(Case("Softmax2d", (), {}, ((2,) * rank,)) for rank in range(6))
    check_layers([Case("Softmax2d", (1,), {}, ((2, 2, 2),)), Case("Softmax2d", (), {"dim": 1}, ((2, 2, 2),))])
    for shape in ((2, 3, 2), (2, 2, 1, 2)):
        check_cells(Case("Softmax2d", (), {}, (shape,)))


@pytest.mark.parametrize("name", [*SOFTMAX, "GLU"])
def test_cells_along_an_axis(name):
    dims = (0, 1, 2, -1, -3) if name == "GLU" else (0, 1, 2, -1, -3, None)
    for dim in dims:
        check_cells(Case(name, (dim,), {}, ((2, 4, 2),)))
    if name == "GLU":
        check_cells(Case(name, (), {}, ((6,),)))
    else:
        for shape in ((3,), (2, 3), (2, 2, 2), (2, 2, 1, 2)):
            check_cells(Case(name, (), {}, (shape,)))


def test_an_odd_axis_can_not_be_halved():
    with pytest.raises(cc.ShapeError, match=r"^GLU: the halved axis must have an even length; got 3 on axis 1 of \(2, 3\)"):
        cc.GLU().output_shape((2, 3))
    with pytest.raises(cc.ShapeError, match=r"^GLU: an input without axes can't be halved; got \(\)"):
        cc.GLU().output_shape(())


# -- linear -----------------------------------------------------------------------------------------------------


def test_linear_layers_are_taken_as_torch_takes_them():
    sizes = (-1, 0, 1, 2, 3, True, 2.0, None, "3", (2,))
    cases = [
        Case("Linear", (i, o), {}, ((2, 3),), wrong_type=is_wrong_type("in_features", i) or is_wrong_type("in_features", o))
        for i, o in product(sizes, repeat=2)
    ]
    cases += [Case("LazyLinear", (o,), {}, ((2, 3),)) for o in sizes]
    shapes = ((), (3,), (2,), (0, 3), (2, 3), (3, 2), (2, 0), (4, 0, 3), (1, 2, 2, 3))
    for shape, bias in product(shapes, (True, False, 0, 1, None, "x")):
        cases += [Case("Linear", (3, 2), {"bias": bias}, (shape,)), Case("LazyLinear", (2,), {"bias": bias}, (shape,))]
    check_layers(cases)
    check_owned(case for case in cases if not case.wrong_type)
    check_symbols(case for case in cases if not case.wrong_type)


def test_cells_and_products_of_linear_layers():
    for shape in ((3,), (2, 3), (2, 1, 3)):
        check_cells(Case("Linear", (3, 2), {}, (shape,)))
        check_cells(Case("LazyLinear", (2,), {}, (shape,)))
        positions = torch.empty(shape[:-1]).numel()
        for layer in (cc.Linear(3, 2), cc.LazyLinear(2)):
            assert layer.macs(shape) == positions * torch.nn.Linear(3, 2).weight.numel()
        assert cc.Linear(3, 2).arithmetic(shape) == {"bias": torch.nn.Linear(3, 2)(torch.zeros(shape)).numel()}
        assert cc.Linear(3, 2, bias=False).arithmetic(shape) == {}


def test_a_lazy_layer_speaks_of_itself():
    lazy = cc.LazyLinear(2)
    for ask in (lazy.output_shape, lazy.macs, lazy.axes, lazy.materialized):
        with pytest.raises(cc.ShapeError, match=r"^LazyLinear: the input must have at least one axis; got no axes"):
            ask(())
    with pytest.raises(cc.UnsupportedError, match=r"^LazyLinear: a lazy layer that has not run has no known shapes"):
        lazy.owned()
    with pytest.raises(cc.ArgumentError, match=r"^LazyLinear: out_features must not be negative"):
        cc.LazyLinear(-1).output_shape((2, 3))
    with pytest.raises(cc.ShapeError, match=r"^LazyBatchNorm2d: the input must be"):
        cc.LazyBatchNorm2d().output_shape((2, 3))
    made = cc.LazyLinear(2, bias=False, device="cpu", dtype="float32").materialized((2, 3))
    assert (type(made), made.arguments) == (cc.Linear, {"in_features": 3, "out_features": 2, "bias": False})


def test_identity_takes_anything():
    check_layers(Case("Identity", args, {"more": 1}, (shape,)) for args in ((), (1, "x", None)) for shape in SHAPES)


# -- resampling -------------------------------------------------------------------------------------------------

#: Calls of the function and its old names: a size, a scale, and what more each of them takes.
RESAMPLED = (
    *(("interpolate", mode, {"size": size}) for mode, size in product(("nearest", "linear", "area", "nearest-exact"), (5, (3,)))),
    *(("interpolate", mode, {"scale_factor": 1.5}) for mode in ("nearest", "linear", "area", "nearest-exact")),
    ("interpolate", "linear", {"size": 5, "align_corners": True}),
    ("interpolate", "linear", {"scale_factor": 1.6, "recompute_scale_factor": True}),
    ("interpolate", "linear", {"scale_factor": 1.6, "recompute_scale_factor": False}),
    ("upsample", "nearest", {"size": 5}),
    ("upsample", "linear", {"scale_factor": 2, "align_corners": True}),
    ("upsample", "linear", {"scale_factor": 2}),
)
IMAGES = (
    *(("interpolate", mode, {"size": (3, 5)}) for mode in ("bilinear", "bicubic", "area", "nearest")),
    *(("interpolate", mode, {"size": (2, 3), "antialias": True}) for mode in ("bilinear", "bicubic")),
    ("interpolate", "bicubic", {"size": (5, 6), "align_corners": True}),
    ("upsample", "bilinear", {"size": (3, 5), "align_corners": True}),
    ("upsample", "bilinear", {"scale_factor": 2}),
    ("upsample_nearest", None, {"size": 5}),
    ("upsample_nearest", None, {"scale_factor": 2}),
    ("upsample_bilinear", None, {"size": (3, 7)}),
    ("upsample_bilinear", None, {"scale_factor": 2}),
)


def resampled():
    """Each call, on the smallest image that tells the modes apart."""
    for calls, shape in ((RESAMPLED, (1, 1, 4)), (IMAGES, (1, 1, 3, 4))):
        for name, mode, call in calls:
            yield FunctionCase(name, (shape,), call if mode is None else {**call, "mode": mode})


def test_resampling_by_any_name_is_torchs():
    check_functions(resampled())
    for case in resampled():
        check_function_cells(case)


def test_resampling_reads_what_gradients_show():
    """Values that the output reads with a weight other than 0; nearest cells are only moved."""
    for case in resampled():
        if "nearest" in case.name or "nearest" in case.call.get("mode", "nearest" if case.name != "upsample_bilinear" else ""):
            assert named(case.name).arithmetic(*case.inputs, **case.call) == {}
            continue
        x = torch.rand(case.inputs[0], dtype=torch.float64, requires_grad=True)
        with quiet():
            cells = getattr(torch.nn.functional, case.name)(x, **case.call).flatten()
        read = sum(int((torch.autograd.grad(cell, x, retain_graph=True)[0].abs() > 1e-9).sum()) for cell in cells)
        (amount,) = named(case.name).arithmetic(*case.inputs, **case.call).values()
        assert amount == read, case
