"""Resampling against torch: every mode beside every option and number of axes, every short length, each cell."""

from __future__ import annotations

from itertools import product
from math import nan

import numpy as np
import pytest
import torch_side
from drawing.calls import Case, FunctionCase, is_wrong_type

torch = pytest.importorskip("torch")

from function_tables import LEFT_OUT, calls  # noqa: E402
from test_every_layer import check_answer  # noqa: E402 - they need torch
from torch_tables import check_function_cells, check_functions  # noqa: E402

import cnncalc as cc  # noqa: E402
from cnncalc.sizes import recording  # noqa: E402

MODES = ("nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear", "lanczos", "cubic", "", None, 1)
SHAPES = ((4,), (2, 4), (1, 2, 4), (1, 2, 4, 3), (1, 1, 2, 3, 2), (1, 1, 2, 2, 2, 2))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_beside_every_option(mode):
    options = {"align_corners": (LEFT_OUT, None, True, False, 1, 0, "x"), "antialias": (LEFT_OUT, True, False)}
    for given in ({"size": (3,)}, {"scale_factor": (2,)}):
        check_functions(calls("interpolate", product(SHAPES), mode=(mode,), **options, **given))
    for shape, align_corners in product(SHAPES, (None, True, False, 1)):
        case = Case(
            "Upsample", (3,), {"mode": mode, "align_corners": align_corners}, shape, wrong_type=is_wrong_type("mode", mode)
        )
        check_answer(case, torch_side.run(case))


SIZES = (
    None,
    -1,
    0,
    1,
    3,
    True,
    2.0,
    "3",
    (),
    (3,),
    [3],
    (3, 2),
    (0, 2),
    (2, 0),
    (-1, 2),
    (1, 2, 3),
    (2.0, 2),
    (None, 2),
    {},
    np.int64(2),
)
SCALES = (
    None, 0, 0.0, 1, 2, 0.5, 0.29, -1.0, True, False, nan, 1e300, "2", "x", (), (2,), [2, 2], (2, 0.5), (2, "2"), (2, None), {},
    (1, 1, 1), np.float32(1.5), b"2",
)  # fmt: skip


@pytest.mark.parametrize("mode", ["nearest", "area", "bilinear"])
def test_a_size_or_a_scale(mode):
    for shape in ((1, 2, 4, 3), (0, 2, 4, 3), (1, 0, 4, 3), (1, 2, 0, 3), (1, 2, 3, 0), (1, 2, 4)):
        for size, scale in [
            *((size, LEFT_OUT) for size in SIZES),
            *((LEFT_OUT, scale) for scale in SCALES),
            (LEFT_OUT,) * 2,
            (2, 2),
            (2, None),
        ]:
            for again in (LEFT_OUT, True, False):
                kwargs = {"size": size, "scale_factor": scale, "mode": mode, "recompute_scale_factor": again}
                kwargs = {name: value for name, value in kwargs.items() if value is not LEFT_OUT}
                if not isinstance(scale, (str, bytes)) and repr(scale) != "(2, '2')":
                    check_functions([FunctionCase("interpolate", (shape,), kwargs)])
                case = Case(
                    "Upsample", (), kwargs, shape, wrong_type=any(is_wrong_type(name, value) for name, value in kwargs.items())
                )
                check_answer(case, torch_side.run(case))


@pytest.mark.parametrize("name", ["UpsamplingNearest2d", "UpsamplingBilinear2d"])
def test_layers_of_one_mode(name):
    for shape in SHAPES:
        for kwargs in [
            *({"size": size} for size in SIZES),
            *({"scale_factor": scale} for scale in SCALES),
            {},
            {"size": 2, "scale_factor": 2},
        ]:
            case = Case(name, (), kwargs, shape, wrong_type=any(is_wrong_type(key, value) for key, value in kwargs.items()))
            theirs = torch_side.run(case)
            check_answer(case, theirs)
            if theirs.stage == torch_side.FINE:
                for key in ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor"):
                    assert getattr(getattr(cc, name)(**kwargs), key) == getattr(theirs.module, key)


@pytest.mark.parametrize(("mode", "options"), [
    ("nearest", {}), ("nearest-exact", {}), ("area", {}), ("linear", {}), ("linear", {"align_corners": True}),
])  # fmt: skip
def test_every_cell_along_one_axis(mode, options):
    for n in range(1, 7):
        for given in [
            *({"size": m} for m in range(1, 10)),
            *({"scale_factor": s} for s in (0.5, 0.6, 1.0, 1.5, 2, 2.2, 3) if int(n * s)),
        ]:
            for again in ({}, {"recompute_scale_factor": True}) if "scale_factor" in given else ({},):
                case = FunctionCase("interpolate", ((1, 1, n),), {"mode": mode, **given, **options, **again})
                (pairs,) = check_function_cells(case)
                layer = cc.Upsample(**given, mode=mode, **options, **again)
                kind = {"area": "pooling", "linear": "resampling"}.get(mode)
                assert layer.arithmetic((1, 1, n)) == ({kind: pairs} if kind else {}), case
                assert cc.interpolate.arithmetic((1, 1, n), **case.call) == layer.arithmetic((1, 1, n))


@pytest.mark.parametrize("options", [
    {"mode": "bilinear"}, {"mode": "bicubic"}, {"mode": "bilinear", "align_corners": True},
    {"mode": "bicubic", "align_corners": True},
    {"mode": "bilinear", "antialias": True}, {"mode": "bicubic", "antialias": True}, {"mode": "nearest"}, {"mode": "area"},
    {"mode": "nearest-exact"}, {"mode": "lanczos", "antialias": True},
    {"mode": "bilinear", "antialias": True, "align_corners": True},
], ids=repr)  # fmt: skip
def test_every_cell_of_an_image(options):
    for shape, given in product(
        ((1, 1, 15, 2), (1, 2, 3, 4)), ({"size": (3, 5)}, {"size": (2, 2)}, {"scale_factor": (0.5, 1.5)}, {"scale_factor": 2})
    ):
        check_function_cells(FunctionCase("interpolate", (shape,), {**given, **options}))


def test_every_cell_of_a_volume():
    for mode in ("nearest", "area", "trilinear"):
        check_function_cells(FunctionCase("interpolate", ((1, 1, 2, 3, 2),), {"size": (3, 2, 1), "mode": mode}))
    check_function_cells(FunctionCase("interpolate", ((1, 1, 2, 3, 2),), {"scale_factor": (1.5, 1, 0.5), "mode": "trilinear"}))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_the_kernel_for_small_images(mode):
    """Up to 128 of height and width together torch rounds otherwise: both sides of the limit, and on other ranks."""
    differs = 0
    for n, more in product(range(1, 66), (0.9, 1 + 0.9)):
        scale = int(more) + 1 + (more % 1) / n
        height = int(n * scale)
        for width in (128 - height, 129 - height):
            if width < 1:
                continue
            image = torch.arange(n, dtype=torch.float32).view(1, 1, n, 1).expand(1, 1, n, width).contiguous()
            taken = torch.nn.functional.interpolate(image, scale_factor=(scale, 1.0), mode=mode)[0, 0, :, 0].long().tolist()
            wide = torch.nn.functional.interpolate(image[..., :1].expand(1, 1, n, 200), scale_factor=(scale, 1.0), mode=mode)
            (maps,) = cc.Upsample(scale_factor=(scale, 1.0), mode=mode).axes((1, 1, n, width))
            assert [maps.maps[2].reads(1 << i, n) for i in range(height)] == [1 << cell for cell in taken], (n, scale, width)
            differs += taken != wide[0, 0, :, 0].long().tolist()
    assert differs or mode == "nearest-exact"
    for axes, n in product((1, 3), (5, 50)):
        scale, shape = 1 + 0.9 / n, (n, 1, 1)[:axes]
        image = torch.arange(n, dtype=torch.float32).view(1, 1, *shape)
        taken = torch.nn.functional.interpolate(image, scale_factor=(scale, 1.0, 1.0)[:axes], mode=mode).flatten().long().tolist()
        (maps,) = cc.Upsample(scale_factor=(scale, 1.0, 1.0)[:axes], mode=mode).axes((1, 1, *shape))
        assert [maps.maps[2].reads(1 << i, n) for i in range(n)] == [1 << cell for cell in taken]


def test_a_scale_may_be_a_symbol():
    s = cc.symbol("s")
    with recording():
        for layer in (cc.Upsample(scale_factor=s), cc.Upsample(scale_factor=(s, 2)), cc.UpsamplingNearest2d(scale_factor=s)):
            height, width = layer.output_shape((1, 2, 3, "w"))[2:]
            assert str(height) == "3·s"
            assert str(width) in {"s·w", "w·s", "2·w"}
    assert [str(n) for n in cc.Upsample("m").output_shape((1, 2, 3, "w"))] == ["1", "2", "m", "m"]
    for shape in ((1, "c", "h", "w"), ("n", 2, "h", 3)):
        with recording() as recorder:
            found = cc.Upsample((4, "m")).output_shape(shape)
        assert [str(n) for n in found] == [str(n) for n in (*shape[:2], 4, "m")]
        assert all(requirement.condition.holds({"n": 1, "c": 1, "h": 1, "w": 1, "m": 1}) for requirement in recorder.requirements)


def test_a_refused_area_speaks_of_its_own_place():
    with pytest.raises(cc.ShapeError, match=r"^Upsample: "):
        cc.Upsample(2, mode="area").output_shape((1, 2, 0, 3))
    with pytest.raises(cc.ShapeError, match=r"^interpolate: "):
        cc.interpolate.output_shape((1, 2, 0, 3), 2, mode="area")
