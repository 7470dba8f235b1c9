"""Resampling as functions: `interpolate` and its old names. Source: torch.nn.functional."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.layers.operation import Function
from cnncalc.layers.resampling import Resampling
from cnncalc.sizes import Shape, Size


class Interpolate(Function):
    """An image resampled to a given size or by a given scale. Source: torch.nn.functional.interpolate.

    Shapes (N, C, L), (N, C, H, W) or (N, C, D, H, W). The output's length is the size, or ⌊n·s⌋ in double precision.
    `recompute_scale_factor` has the cells follow from the two lengths in place of the scale; "area" is adaptive average
    pooling. The maps are those of `cnncalc.axis.resample`.
    """

    work = "resampling"
    torch_name = "interpolate"
    found_in = frozenset({"functional"})

    def output_shape(
        self,
        input: Shape,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
        antialias: bool = False,
    ) -> Shape:
        """(N, C, *lengths). Raises ShapeError where torch refuses the call."""
        return Resampling(size, scale_factor, mode, align_corners, recompute_scale_factor, antialias).output_shape(input)

    def axes(
        self,
        input: Shape,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
        antialias: bool = False,
    ) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell, a map of resampling on each spatial axis."""
        return Resampling(size, scale_factor, mode, align_corners, recompute_scale_factor, antialias).axes(input)

    def arithmetic(
        self,
        input: Shape,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
        antialias: bool = False,
    ) -> dict[str, Size]:
        """As `Resampling` has it."""
        return Resampling(size, scale_factor, mode, align_corners, recompute_scale_factor, antialias).arithmetic(input)


class UpsampleFunction(Function):
    """The old name of `interpolate`. Source: torch.nn.functional.upsample."""

    work = "resampling"
    torch_name = "upsample"
    found_in = frozenset({"functional"})

    def output_shape(
        self, input: Shape, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> Shape:
        """That of `interpolate`."""
        return Resampling(size, scale_factor, mode, align_corners).output_shape(input)

    def axes(
        self, input: Shape, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> tuple[AxisMaps, ...]:
        """Those of `interpolate`."""
        return Resampling(size, scale_factor, mode, align_corners).axes(input)

    def arithmetic(
        self, input: Shape, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> dict[str, Size]:
        """That of `interpolate`."""
        return Resampling(size, scale_factor, mode, align_corners).arithmetic(input)


class UpsampleNearest(Function):
    """Upsampling to the nearest cell, by its old name. Source: torch.nn.functional.upsample_nearest."""

    work = "resampling"
    torch_name = "upsample_nearest"
    found_in = frozenset({"functional"})

    def output_shape(self, input: Shape, size: Any = None, scale_factor: Any = None) -> Shape:
        """That of `interpolate`."""
        return Resampling(size, scale_factor).output_shape(input)

    def axes(self, input: Shape, size: Any = None, scale_factor: Any = None) -> tuple[AxisMaps, ...]:
        """Those of `interpolate`."""
        return Resampling(size, scale_factor).axes(input)

    def arithmetic(self, input: Shape, size: Any = None, scale_factor: Any = None) -> dict[str, Size]:
        """That of `interpolate`."""
        return Resampling(size, scale_factor).arithmetic(input)


class UpsampleBilinear(Function):
    """Bilinear upsampling with aligned corners, by its old name. Source: torch.nn.functional.upsample_bilinear."""

    work = "resampling"
    torch_name = "upsample_bilinear"
    found_in = frozenset({"functional"})

    def output_shape(self, input: Shape, size: Any = None, scale_factor: Any = None) -> Shape:
        """That of `interpolate`."""
        return Resampling(size, scale_factor, "bilinear", align_corners=True).output_shape(input)

    def axes(self, input: Shape, size: Any = None, scale_factor: Any = None) -> tuple[AxisMaps, ...]:
        """Those of `interpolate`."""
        return Resampling(size, scale_factor, "bilinear", align_corners=True).axes(input)

    def arithmetic(self, input: Shape, size: Any = None, scale_factor: Any = None) -> dict[str, Size]:
        """That of `interpolate`."""
        return Resampling(size, scale_factor, "bilinear", align_corners=True).arithmetic(input)


interpolate = Interpolate()
upsample = UpsampleFunction()
upsample_nearest = UpsampleNearest()
upsample_bilinear = UpsampleBilinear()
