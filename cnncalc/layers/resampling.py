"""Up- and downsampling to a given size or by a given scale. Source: torch.nn.Upsample and torch.nn.functional.interpolate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, equal_maps_shared
from cnncalc.axis.resample import Antialiased, Nearest, Scale, Weighted, scaled_length
from cnncalc.errors import ArgumentError, CnncalcError, ShapeError
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d
from cnncalc.layers.arguments import whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.work import values_read
from cnncalc.sizes import Expr, Shape, Size, require

#: The number of spatial axes that a mode works on; the others work on one, two or three.
AXES_OF_MODE = {"linear": 1, "bilinear": 2, "bicubic": 2, "lanczos": 2, "trilinear": 3}
#: Modes without weights, which take no align_corners.
PLAIN_MODES = ("nearest", "nearest-exact", "area")
#: How far each filter of antialiasing reaches.
SUPPORT = {"bilinear": 1, "bicubic": 2, "lanczos": 3}
#: Where the output's height and width are at most this together, torch has another kernel for the nearest cell.
SMALL = 128
AREA = (AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d)


@dataclass(slots=True)
class Resampling:
    """What torch's `interpolate` is asked for, under its names. It knows the output's shape and its axis maps."""

    size: Any = None
    scale_factor: Any = None
    mode: Any = "nearest"
    align_corners: Any = None
    recompute_scale_factor: Any = None
    antialias: Any = False

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *lengths). Raises ShapeError where torch refuses the call."""
        if self.mode == "area":
            shape: Shape = self._of_pool("output_shape", input)
            return shape
        lengths, _ = self._checked(input)
        for n, m in zip(input[2:], lengths, strict=True):
            require(n >= 1, "the resampled axes must not be empty", "{}", input)
            require(m >= 1, "the output must not be empty", "an output length of {} from length {}", m, n)
        require(input[1] >= 1, "only the batch may be empty", "{}", input)
        return (*input[:2], *lengths)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell, a map of resampling on each spatial axis."""
        if self.mode == "area":
            axes: tuple[AxisMaps, ...] = self._of_pool("axes", input)
            return axes
        lengths, scales = self._checked(input)
        small = len(lengths) == 2 and (lengths[0] + lengths[1] <= SMALL) is True  # noqa: PLR2004 - height and width
        maps = (
            self._map(m if scales is None else None, None if scales is None else scales[axis], small=small)
            for axis, m in enumerate(lengths)
        )
        return (AxisMaps(EACH, EACH, *equal_maps_shared(maps)),)

    def arithmetic(self, input: Shape) -> dict[str, Size]:
        """What is read with a weight; a nearest cell is only moved, and "area" is pooling."""
        if self.mode in {"nearest", "nearest-exact"}:
            return {}
        return {"pooling" if self.mode == "area" else "resampling": values_read(self.axes(input)[0], input)}

    def _map(self, size: Size | None, scale: Scale | None, *, small: bool) -> AxisMap:
        """The map of one axis, for a size or a scale."""
        align_corners = bool(self.align_corners)
        if self.antialias:
            return Antialiased(size, scale, align_corners=align_corners, support=SUPPORT[self.mode])
        if self.mode in PLAIN_MODES:
            return Nearest(size, scale, exact=self.mode == "nearest-exact", small=small)
        return Weighted(size, scale, align_corners=align_corners, cubic=self.mode == "bicubic")

    def _of_pool(self, fact: str, input: Shape) -> Any:
        """A fact of the adaptive average pool that resampling by area is."""
        lengths, _ = self._checked(input)
        try:
            return getattr(AREA[len(lengths) - 1](lengths), fact)(input)
        except CnncalcError as error:
            error.where = ""
            raise

    def _checked(self, input: Shape) -> tuple[tuple[Size, ...], tuple[Scale, ...] | None]:
        """The output's lengths, and the scales where the cells follow from them; checked but for lengths below 1."""
        axes = len(input) - 2
        self._check_mode(input, axes)
        if (self.size is None) == (self.scale_factor is None):
            raise ShapeError(
                "either size or scale_factor must be given, and not both",
                got=f"size={self.size!r:.40}, scale_factor={self.scale_factor!r:.40}",
            )
        if self.size is not None:
            if self.recompute_scale_factor:
                raise ShapeError("with a size there is no scale factor to recompute", got=f"size={self.size!r:.40}")
            return tuple(whole(m, "size") for m in _per_axis(self.size, "size", axes)), None
        scales = tuple(_scale(s) for s in _per_axis(self.scale_factor, "scale_factor", axes))
        lengths = tuple(scaled_length(n, s) for n, s in zip(input[2:], scales, strict=True))
        return lengths, None if self.recompute_scale_factor else scales

    def _check_mode(self, input: Shape, axes: int) -> None:
        """Refuse a mode that torch does not have for this input or with these options."""
        mode, align_corners, antialias = self.mode, self.align_corners, self.antialias
        known = isinstance(mode, str) and (mode in PLAIN_MODES or mode in AXES_OF_MODE)
        if not known or axes not in (1, 2, 3) or AXES_OF_MODE.get(mode, axes) != axes:
            raise ShapeError(
                "this mode does not take an input of that many axes" if known else "there is no mode of that name",
                got=f"mode={mode!r:.60} for {len(input)} axes, {input}",
                remedy="3 axes: nearest, nearest-exact, area or linear; 4: those three, bilinear or bicubic; 5: or trilinear",
            )
        if mode in PLAIN_MODES:
            if align_corners is not None:
                raise ShapeError(f'mode "{mode}" takes no align_corners', got=f"align_corners={align_corners!r:.60}")
        elif align_corners is not None and not isinstance(align_corners, bool):
            raise ShapeError("align_corners must be True, False or None", got=f"align_corners={align_corners!r:.60}")
        if antialias and mode not in SUPPORT:
            raise ShapeError("only bilinear, bicubic and lanczos have antialias", got=f'antialias={antialias}, mode="{mode}"')
        if mode == "lanczos" and (align_corners or not antialias):
            raise ShapeError(
                'mode "lanczos" takes antialias=True and no align_corners',
                got=f"antialias={antialias}, align_corners={align_corners}",
            )


def _per_axis(value: Any, name: str, axes: int) -> tuple[Any, ...]:
    """One value for every axis, or a tuple or list of exactly one for each."""
    if not isinstance(value, (tuple, list)):
        return (value,) * axes
    if len(value) != axes:
        raise ShapeError(f"{name} must have one value, or one for each of {axes} axes", got=f"{name}={value!r:.60}")
    return tuple(value)


def _scale(value: Any) -> Scale:
    """A number, or a symbol for a whole one."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, float)) or (hasattr(value, "__float__") and hasattr(value, "dtype")):
        scale: Scale = _number(value)
        return scale
    raise ShapeError("a scale factor is a number", got=f"scale_factor={value!r:.60}")


def _number(value: Any) -> Any:
    """A scale factor as a floating-point number; a symbol stays."""
    if isinstance(value, Expr):
        return value
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError("scale_factor must be a number, or a tuple of one per axis", got=f"{value!r:.60}") from None


class _Upsample(Layer):
    """What the layers of resampling share: torch's attributes, and the facts of `Resampling`."""

    saves = ()
    work = "resampling"
    name: str
    size: Any
    scale_factor: Any
    mode: str
    align_corners: bool | None
    recompute_scale_factor: bool | None

    def _keep(self, size: Any, scale_factor: Any, mode: str, align_corners: Any = None, recompute: Any = None) -> None:
        """Keep the arguments as torch does; what they come to is checked when the layer is called."""
        if size is not None:
            for item in size if isinstance(size, (tuple, list)) else (size,):
                whole(item, "size")
        if isinstance(scale_factor, tuple):
            scale_factor = tuple(_number(factor) for factor in scale_factor)
        elif not isinstance(scale_factor, Expr):
            scale_factor = _number(scale_factor) if scale_factor else None
        self.__dict__.update(
            name=type(self).__name__,
            size=size,
            scale_factor=scale_factor,
            mode=mode,
            align_corners=align_corners,
            recompute_scale_factor=recompute,
        )

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *lengths). Raises ShapeError where torch refuses the input."""
        return self._resampling().output_shape(input)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell, a map of resampling on each spatial axis."""
        return self._resampling().axes(input)

    def arithmetic(self, input: Shape) -> dict[str, Size]:
        """As `Resampling` has it."""
        return self._resampling().arithmetic(input)

    def _resampling(self) -> Resampling:
        """What the layer asks for."""
        return Resampling(self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)


class Upsample(_Upsample):
    """An image resampled to a given size or by a given scale, as by `interpolate`. Source: torch.nn.Upsample.

    Shapes (N, C, L), (N, C, H, W) or (N, C, D, H, W). Length: the size, or ⌊n·s⌋ in double precision.
    """

    @constructor
    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        """Take torch's arguments."""
        self._keep(size, scale_factor, mode, align_corners, recompute_scale_factor)


class UpsamplingNearest2d(_Upsample):
    """Upsampling to the nearest cell. Source: torch.nn.UpsamplingNearest2d, which takes 3 to 5 axes despite its name."""

    @constructor
    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        """Take torch's arguments."""
        self._keep(size, scale_factor, "nearest")


class UpsamplingBilinear2d(_Upsample):
    """Bilinear upsampling of (N, C, H, W) with aligned corners. Source: torch.nn.UpsamplingBilinear2d."""

    @constructor
    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        """Take torch's arguments."""
        self._keep(size, scale_factor, "bilinear", align_corners=True)
