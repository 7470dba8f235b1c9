"""Padding and cropping: the Pad layers and the function `pad`. Source: torch.nn.ConstantPad1d … CircularPad3d, F.pad.

All of them are one rule: an even number of amounts, the last axis first, before and after; a negative amount takes cells
away. Output length n + before + after.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Chain, Pad
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import is_real, per_axis, ranks
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, Size, require

MODES = ("constant", "reflect", "replicate", "circular")


class PadFunction(Function):
    """Pad the last axes. Modes other than "constant" take 1, 2 or 3 axes of an input with one or two more."""

    work = "nothing"
    torch_name = "pad"
    found_in: ClassVar[frozenset[str]] = frozenset({"functional"})

    def output_shape(self, input: Shape, pad: Any, mode: str = "constant", value: Any = None) -> Shape:
        """(…, n + before + after, …). Raises ShapeError where torch refuses the amounts or the input."""
        if not isinstance(pad, (tuple, list)):
            raise ArgumentError("pad must be a tuple of whole numbers", got=f"pad={pad!r:.60}")
        return padded_shape(input, per_axis(pad, "pad", len(pad)), mode, value)

    def axes(self, input: Shape, pad: Any, mode: str = "constant", value: Any = None) -> tuple[AxisMaps, ...]:
        """A pad on each of the last axes, cell by cell on the others."""
        return padded_axes(input, per_axis(pad, "pad", len(pad)), mode)


def padded_shape(input: Shape, padding: tuple[Size, ...], mode: str, value: Any) -> Shape:
    """The shape that F.pad gives. Raises what torch refuses."""
    check_value(value)
    if mode not in MODES:
        raise ArgumentError("mode must be constant, reflect, replicate or circular", got=f"mode={mode!r:.60}")
    axes, odd = divmod(len(padding), 2)
    if odd or axes > len(input):
        raise ShapeError(
            "padding must have two values for each padded axis, the last axis first",
            got=f"{len(padding)} values for {len(input)} axes, {input}",
            remedy="give before and after of the last axis, then of the one before it",
        )
    if mode != "constant":
        _check_copies(input, axes, mode, value)
    output = list(input)
    for axis, before, after in _amounts(padding, len(input)):
        n = input[axis]
        output[axis] = n + before + after
        if mode == "reflect":
            for amount in (before, after):
                require(n >= amount + 1, "reflect padding must be less than the input", "padding {}, length {}", amount, n)
        elif mode == "circular":
            _check_wrapping(n, before, after)
        for left in _kept(n, before, after) if mode == "constant" else (output[axis],):
            require(
                left >= 0,
                "padding must not take away more than there is",
                "padding {} on length {}",
                (before, after),
                n,
                remedy="crop less",
            )
    if mode in {"reflect", "replicate"}:
        # As torch has it: one axis with cells is enough. None is negative, so that their sum says it.
        kept = sum(output[len(input) - axes :])
        require(kept >= 1, "padding must not take all cells away", "padding {} on {}", padding, input)
    return tuple(output)


def _kept(n: Size, before: Size, after: Size) -> tuple[Size, ...]:
    """What is left of an axis at each step of a constant padding, which crops both ends first and pads then."""
    if isinstance(before, int) and isinstance(after, int):
        return (n + min(before, 0) + min(after, 0),)
    return n + before, n + after, n + before + after


def padded_axes(input: Shape, padding: tuple[Size, ...], mode: str) -> tuple[AxisMaps, ...]:
    """The axis maps of F.pad."""
    maps: list[AxisMap] = [EACH] * len(input)
    for axis, before, after in _amounts(padding, len(input)):
        maps[axis] = _axis_map(before, after, "zeros" if mode == "constant" else mode)
    return (AxisMaps(*maps),)


def check_value(value: Any) -> None:
    """What a constant padding is filled with must be a number, or None for 0."""
    if value is not None and not is_real(value):
        raise ArgumentError("value must be a number", got=f"value={value!r:.60}")


def _axis_map(before: Size, after: Size, mode: str) -> AxisMap:
    """One axis. A circular padding that takes cells away at one end wraps around what is left, as torch does it."""
    if mode == "circular" and isinstance(before, int) and isinstance(after, int) and min(before, after) < 0 < max(before, after):
        return Chain(Pad(min(before, 0), min(after, 0)), Pad(max(before, 0), max(after, 0), mode))
    return Pad(before, after, mode)


def _amounts(padding: tuple[Size, ...], rank: int) -> list[tuple[int, Size, Size]]:
    """Axis, before and after for each padded axis."""
    return [(rank - 1 - i, padding[2 * i], padding[2 * i + 1]) for i in range(len(padding) // 2)]


def _check_copies(input: Shape, axes: int, mode: str, value: Any) -> None:
    """What torch asks of an input whose own cells are copied."""
    if value:
        raise ShapeError("only constant padding takes a value", got=f"mode={mode!r}, value={value}")
    if axes not in {1, 2, 3}:
        raise ShapeError("padding by copies works on 1, 2 or 3 axes", got=f"{2 * axes} values of padding")
    ranks(input, axes + 1, axes + 2, expects=f"of {axes + 1} or {axes + 2} axes, to pad {axes} of them by copies")
    if mode == "circular":
        return
    # A batch may be empty, and nothing else.
    for n in input[-axes - 1 :]:
        require(n >= 1, "padding by copies needs an input that is not empty", "{}", input)


def _check_wrapping(n: Size, before: Size, after: Size) -> None:
    """Circular padding must not be more than the input, nor, where one end is cropped, than what is left of it."""
    for amount, other in ((before, after), (after, before)):
        require(n >= amount, "circular padding must not be more than the input", "padding {}, length {}", amount, n)
        apart = (other >= 0, amount <= 0)
        if True not in [decided for decided in apart if isinstance(decided, bool)]:
            require(
                n + other >= amount,
                "circular padding must not be more than what cropping leaves",
                "padding {} on length {}",
                (before, after),
                n,
                remedy="crop first, in a layer of its own",
                otherwise=apart,
            )


class _Pad(Layer):
    """Padding of the last `dimensions` axes; a negative amount takes cells away.

    Output length n + before + after per axis. `padding` is one amount for every end, or a tuple with before and after of
    the last axis first. As in torch, a tuple of another even length pads as many axes as it speaks of.
    """

    work = "nothing"
    padded_axes: ClassVar[int]
    mode: ClassVar[str]
    padding: tuple[Size, ...]
    value: Any

    @constructor
    def __init__(self, padding: Any) -> None:
        """Take torch's argument."""
        self._keep(padding)

    def _keep(self, padding: Any) -> None:
        self.padding = per_axis(padding, "padding", 2 * self.padded_axes)

    def output_shape(self, input: Shape) -> Shape:
        """(…, n + before + after, …). Raises ShapeError where torch refuses the input."""
        return padded_shape(input, self.padding, self.mode, self.__dict__.get("value"))

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """A pad on each of the last axes, cell by cell on the others."""
        return padded_axes(input, self.padding, self.mode)


class _ConstantPad(_Pad):
    """Padding with a constant value, on an input of any number of axes."""

    saves = ()
    mode = "constant"

    @constructor
    def __init__(self, padding: Any, value: float) -> None:
        """Take torch's arguments."""
        self._keep(padding)
        self.value = value


class ConstantPad1d(_ConstantPad):
    """Padding of the last axis with a value. Source: torch.nn.ConstantPad1d."""

    padded_axes = 1


class ConstantPad2d(_ConstantPad):
    """Padding of the last two axes with a value. Source: torch.nn.ConstantPad2d."""

    padded_axes = 2


class ConstantPad3d(_ConstantPad):
    """Padding of the last three axes with a value. Source: torch.nn.ConstantPad3d."""

    padded_axes = 3


class _ZeroPad(_Pad):
    """Padding with zeros, on an input of any number of axes."""

    saves = ()
    mode = "constant"

    @constructor
    def __init__(self, padding: Any) -> None:
        """Take torch's argument."""
        self._keep(padding)
        self.value = 0.0


class ZeroPad1d(_ZeroPad):
    """Padding of the last axis with zeros. Source: torch.nn.ZeroPad1d."""

    padded_axes = 1


class ZeroPad2d(_ZeroPad):
    """Padding of the last two axes with zeros. Source: torch.nn.ZeroPad2d."""

    padded_axes = 2


class ZeroPad3d(_ZeroPad):
    """Padding of the last three axes with zeros. Source: torch.nn.ZeroPad3d."""

    padded_axes = 3


class ReflectionPad1d(_Pad):
    """Padding of (N, C, L) with its mirror image. Source: torch.nn.ReflectionPad1d."""

    padded_axes = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Padding of (N, C, H, W) with its mirror image. Source: torch.nn.ReflectionPad2d."""

    padded_axes = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Padding of (N, C, D, H, W) with its mirror image. Source: torch.nn.ReflectionPad3d."""

    padded_axes = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """Padding of (N, C, L) with its border cells. Source: torch.nn.ReplicationPad1d."""

    padded_axes = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """Padding of (N, C, H, W) with its border cells. Source: torch.nn.ReplicationPad2d."""

    padded_axes = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Padding of (N, C, D, H, W) with its border cells. Source: torch.nn.ReplicationPad3d."""

    padded_axes = 3
    mode = "replicate"


class _CircularPad(_Pad):
    """Padding with the cells of the other end. Torch asks for an input with channels, whatever the padding's length."""

    mode = "circular"

    def output_shape(self, input: Shape) -> Shape:
        """(…, n + before + after, …). Raises ShapeError where torch refuses the input."""
        axes = self.padded_axes
        ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        return super().output_shape(input)


class CircularPad1d(_CircularPad):
    """Padding of (N, C, L) with the cells of the other end. Source: torch.nn.CircularPad1d."""

    padded_axes = 1


class CircularPad2d(_CircularPad):
    """Padding of (N, C, H, W) with the cells of the other end. Source: torch.nn.CircularPad2d."""

    padded_axes = 2


class CircularPad3d(_CircularPad):
    """Padding of (N, C, D, H, W) with the cells of the other end. Source: torch.nn.CircularPad3d."""

    padded_axes = 3


pad = PadFunction()
